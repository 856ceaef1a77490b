"""What is done after a run: it is recorded in the history, and people are told what is due.

Laws:
1. A failure of what is done here is told, and never costs the run's result nor changes its exit code.
2. Nobody is alerted of a run that could not be recorded: it would be told again after every run. The
   heartbeat fails then, and the run says so.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

from loguru import logger

from selfcheck.alerts.configured_channels import Environment, configured_channels
from selfcheck.alerts.dispatch import DispatchContext, DispatchResult, dispatch
from selfcheck.alerts.heartbeat import beat, beat_of
from selfcheck.alerts.rules import quiet_hours_ended
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.history import IncidentChange
from selfcheck.core.run_document import RunDocument
from selfcheck.errors import SelfcheckError
from selfcheck.history.service import open_history
from selfcheck.runs.run import Finished
from selfcheck.runs.run_recorder import bug
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """What came of it."""

    changes: tuple[IncidentChange, ...] = ()  # incidents that opened, changed or were restored
    told: DispatchResult = field(default_factory=DispatchResult)
    troubles: tuple[str, ...] = ()  # what could not be done, in words for standard error


@dataclass(frozen=True, kw_only=True)
class Telling:
    """Whom to tell after a run, and by what means."""

    outside: Environment
    profiles: tuple[str, ...]  # all that the profiles file names
    source: Path | None
    hints: CommandHints = USUAL_HINTS


def afterwards(
    finished: Finished,
    *,
    data_dir: Path,
    preferences: Preferences,
    now: datetime,
    telling: Telling | None = None,
) -> Afterwards:
    """Record the run and tell what is due. Whatever fails is told in the answer; nothing is raised.

    Without `telling` nobody is told anything, as after a run of the demo.
    """
    changes, trouble = _tried(
        "The run was not recorded in the history",
        lambda: record(data_dir, RunDocument.of(finished.result)),
    )
    troubles = [trouble] if trouble else []
    if telling is None:
        return Afterwards(changes=changes or (), troubles=tuple(troubles))
    told = DispatchResult()
    if changes is not None:
        occasion = DispatchContext(
            data_dir=data_dir,
            preferences=preferences,
            now=now,
            profiles=telling.profiles,
            source=telling.source,
            hints=telling.hints,
        )
        found, trouble = _tried("Nobody was alerted", lambda: _tell(occasion, telling.outside))
        told, troubles = found or told, [*troubles, *([trouble] if trouble else [])]
    pulse = beat(telling.outside, *beat_of(finished.result, told, troubles))
    dead = [f"Alerts do not arrive on the channel {one.channel}: {one.detail}." for one in told.dead]
    return Afterwards(
        changes=changes or (), told=told, troubles=(*troubles, *dead, *([pulse] if pulse else []))
    )


def after_quiet_hours(
    before: datetime, *, data_dir: Path, preferences: Preferences, now: datetime, telling: Telling
) -> tuple[str, ...]:
    """Tell what waited, if a channel's quiet hours have ended since `before`; return what could not be done.

    For whoever goes on between two runs. Nothing is opened while no quiet hours end.
    """
    channels = [channel.settings for channel in configured_channels(preferences, telling.outside)]
    ended = quiet_hours_ended(channels, before, now, ZoneInfo(preferences.time_zone))
    if not ended or not DataFolder(data_dir).has_history():
        return ()
    occasion = DispatchContext(
        data_dir=data_dir,
        preferences=preferences,
        now=now,
        profiles=telling.profiles,
        source=telling.source,
        hints=telling.hints,
    )
    _, trouble = _tried("Nobody was alerted", lambda: _tell(occasion, telling.outside))
    return (trouble,) if trouble else ()


def _tried(what: str, work: Callable[[], T]) -> tuple[T | None, str | None]:
    """Do the work and return what it returns, or why it failed, in words."""
    try:
        return work(), None
    except SelfcheckError as error:
        return None, f"{what}: {' '.join(error.lines())}"
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the run's result
        logger.opt(exception=error).debug("{}", what)
        return None, f"{what}: {bug('a fault of selfcheck prevented it', error)}"


def _tell(occasion: DispatchContext, outside: Environment) -> DispatchResult:
    lines = configured_channels(occasion.preferences, outside)
    with open_history(occasion.data_dir) as history:
        return dispatch(history, lines, occasion, outside)


def record(data_dir: Path, run: RunDocument) -> tuple[IncidentChange, ...]:
    """Record a run's document in the history and return what it changed about incidents.

    Raise StorageError, RunUnreadableError.
    """
    with open_history(data_dir, but_for=run.run_id) as history:
        return history.record(run)
