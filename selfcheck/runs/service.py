"""A run as the user means it: the profiles are checked, the history remembers it, and alerts are sent.

`run`, `watch` and the demo call `check_and_record`, and nothing else.

Laws:
1. What follows the check never costs its result nor changes its exit code: what failed is said in the answer.
2. No alerts are sent about a run that could not be recorded: the same would be sent after every run. The
   heartbeat fails then.
3. The result is shown before anything that may take its time: history, alerts, time stamps.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from loguru import logger

from selfcheck.alerts.configured_channels import Environment, configured_channels
from selfcheck.alerts.dispatch import DateLines, DispatchContext, DispatchResult, dispatch
from selfcheck.alerts.heartbeat import Beat, beat, beat_of, beat_of_failure
from selfcheck.alerts.rules import quiet_hours_ended
from selfcheck.backup.service import coverage_lines
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.history import IncidentChange
from selfcheck.core.request import Request
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import RunDocument
from selfcheck.errors import SelfcheckError, TooEarlyError
from selfcheck.evidence.stamps import stamp
from selfcheck.evidence.stored_pictures import written_picture
from selfcheck.history.service import open_history
from selfcheck.history.store import History
from selfcheck.runs.environment import ProgressReporter, RunEnvironment
from selfcheck.runs.run import Finished, run
from selfcheck.runs.run_recorder import bug
from selfcheck.settings import Configuration
from selfcheck.storage.data_folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class Alerting:
    """Who is alerted after a run, and by what means."""

    configuration: Configuration  # its channels, and all of its profiles: others are not alerted about
    environment: Environment
    date_lines: DateLines | None = None  # what else an alert says of an incident

    def context(self, data: DataFolder, now: datetime, hints: CommandHints) -> DispatchContext:
        """Return what the alerts of this moment are about."""
        return DispatchContext(
            data=data,
            preferences=self.configuration.preferences,
            now=now,
            profiles=tuple(profile.name for profile in self.configuration.profiles),
            source=self.configuration.source,
            make_picture=written_picture,
            date_lines=self.date_lines,
            hints=hints,
        )


@dataclass(frozen=True, kw_only=True)
class PostRun:
    """What came of recording a run and of alerting."""

    changes: tuple[IncidentChange, ...] = ()  # incidents that opened, changed or were restored
    alerts: DispatchResult = field(default_factory=DispatchResult)
    troubles: tuple[str, ...] = ()  # what could not be done, in words for the user
    coverage: tuple[str, ...] = ()  # how much of the author's work has a copy


class RunOutput(Protocol):
    """Shows a run's result."""

    def finished(self, finished: Finished) -> None:
        """Show the result, as soon as it stands."""

    def recorded(self, finished: Finished, post_run: PostRun | None) -> None:
        """Show what came of it afterwards; None where that was interrupted."""


def check_and_record(
    request: Request,
    environment: RunEnvironment,
    progress: ProgressReporter,
    output: RunOutput,
    *,
    alerting: Alerting | None = None,
    execute: Callable[[Coroutine[Any, Any, Finished]], Finished] = asyncio.run,
) -> Finished:
    """Do the run and all that follows it. Raise SelfcheckError where no run could be begun.

    Without `alerting` no alerts are sent, as after a run of the demo. `execute` runs the browser's part.
    """
    finished = _check(request, environment, progress, alerting, execute)
    try:
        output.finished(finished)
    finally:  # also where the reader of the output is gone
        post_run = None
        try:
            data = DataFolder(request.options.data_dir)
            post_run = record_and_alert(finished, data, environment, alerting)
        finally:
            output.recorded(finished, post_run)
        if alerting is not None:
            _stamp(finished, alerting)
    return finished


def _check(
    request: Request,
    environment: RunEnvironment,
    progress: ProgressReporter,
    alerting: Alerting | None,
    execute: Callable[[Coroutine[Any, Any, Finished]], Finished],
) -> Finished:
    """Check the profiles, with a heartbeat where the run begins and where it comes to nothing.

    A run that is refused as too early never began: the last one was a short time ago.
    """
    if alerting is None:
        return execute(run(request, environment=environment, progress=progress))

    def begun() -> None:
        if trouble := beat(alerting.environment, Beat.START):
            alerting.environment.say(trouble)

    try:
        return execute(run(request, environment=environment, progress=progress, begun=begun))
    except TooEarlyError:
        raise
    except Exception as error:  # whatever it was, the service that watches must hear that no run was made
        beat(alerting.environment, Beat.FAIL, beat_of_failure(error))
        raise


def record_and_alert(
    finished: Finished, data: DataFolder, environment: RunEnvironment, alerting: Alerting | None = None
) -> PostRun:
    """Record the run and send the alerts that are due; what fails is said in the answer, never raised."""
    document = RunDocument.of(finished.result)
    changes: tuple[IncidentChange, ...] = ()
    alerts, troubles = DispatchResult(), []
    try:
        with open_history(data, but_for=finished.result.run_id) as history:
            changes = history.record(document)
            if alerting is not None:
                context = alerting.context(data, environment.now(), environment.hints)
                try:
                    alerts = _dispatch(history, alerting, context)
                except Exception as error:  # noqa: BLE001 — a bug must not lose the run's result
                    troubles.append(_trouble("No alerts were sent", error, environment.hints))
    except Exception as error:  # noqa: BLE001 — as above
        troubles.append(_trouble("The run was not recorded in the history", error, environment.hints))
    if alerting is None:
        return PostRun(changes=changes, troubles=tuple(troubles))
    pulse = beat(alerting.environment, *beat_of(finished.result, alerts, troubles))
    troubles += [
        f"Alerts do not arrive on the channel {outage.channel}: {outage.detail}." for outage in alerts.dead
    ]
    return PostRun(
        changes=changes,
        alerts=alerts,
        troubles=(*troubles, *([pulse] if pulse else [])),
        coverage=_coverage(finished, data, environment),
    )


def _coverage(finished: Finished, data: DataFolder, environment: RunEnvironment) -> tuple[str, ...]:
    names = [profile.name for profile in finished.result.profiles]
    try:
        return coverage_lines(data, names, environment.now(), environment.hints)
    except SelfcheckError as error:
        return (error.what,)


def record(data: DataFolder, document: RunDocument) -> tuple[IncidentChange, ...]:
    """Record a run's document in the history and return what it changed about incidents.

    Raise StorageError, RunUnreadableError.
    """
    with open_history(data, but_for=document.run_id) as history:
        return history.record(document)


def alert_after_quiet_hours(
    data: DataFolder, alerting: Alerting, hints: CommandHints, *, before: datetime, now: datetime
) -> str | None:
    """Send what waited, if a channel's quiet hours have ended since `before`; return why it was not sent.

    For a watch, between two runs. The history is not opened while no quiet hours end.
    """
    preferences = alerting.configuration.preferences
    channels = [channel.settings for channel in configured_channels(preferences, alerting.environment)]
    ended = quiet_hours_ended(channels, before, now, ZoneInfo(preferences.time_zone))
    if not ended or not data.has_history():
        return None
    try:
        with open_history(data) as history:
            _dispatch(history, alerting, alerting.context(data, now, hints))
    except Exception as error:  # noqa: BLE001 — a bug must not end a watch
        return _trouble("No alerts were sent", error, hints)
    return None


def _dispatch(history: History, alerting: Alerting, context: DispatchContext) -> DispatchResult:
    channels = configured_channels(context.preferences, alerting.environment)
    return dispatch(history, channels, context, alerting.environment)


def _trouble(what: str, error: Exception, hints: CommandHints) -> str:
    if isinstance(error, SelfcheckError):
        return f"{what}: {' '.join(error.lines(hints))}"
    logger.opt(exception=error).debug("{}", what)
    return f"{what}: {bug('a fault of selfcheck prevented it', error)}"


def _stamp(finished: Finished, alerting: Alerting) -> None:
    """Have the run stamped by the authorities of the settings; an interrupted run ends without that."""
    authorities, say = alerting.configuration.preferences.evidence.timestamps, alerting.environment.say
    if not authorities:
        return
    if finished.result.exit_code == ExitCode.INTERRUPTED:
        say("The run was interrupted, so no time stamp was asked for.")
        return
    stamp(finished.folder, authorities, say=say)
