"""What is done after a run: it is recorded in the history.

A failure of what is done here is told, and never costs the run's result nor changes its exit code.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from loguru import logger

from selfcheck.app.keeping import bug
from selfcheck.app.remembering import open_history
from selfcheck.app.run import Finished
from selfcheck.compose.json_format import run_document
from selfcheck.errors import SelfcheckError
from selfcheck.judge.incidents import after_run
from selfcheck.model.history import IncidentChange
from selfcheck.settings import Preferences


@dataclass(frozen=True, kw_only=True)
class Afterwards:
    """What came of it."""

    changes: tuple[IncidentChange, ...] = ()  # incidents that opened, changed or were restored
    troubles: tuple[str, ...] = ()  # what could not be done, in words for standard error


def afterwards(
    finished: Finished,
    *,
    data_dir: Path,
    preferences: Preferences,  # noqa: ARG001 - whom to tell stands there
    now: datetime,  # noqa: ARG001 - when they are told
) -> Afterwards:
    """Record the run. Whatever fails is told in the answer; nothing is raised."""
    try:
        return Afterwards(changes=record(data_dir, run_document(finished.result)))
    except SelfcheckError as error:
        told = " ".join(error.lines())
    except Exception as error:  # noqa: BLE001 - a fault of ours must not lose the run's result
        logger.opt(exception=error).debug("not recorded")
        told = bug("a fault of selfcheck's kept it out", error)
    return Afterwards(troubles=(f"The run was not recorded in the history: {told}",))


def record(data_dir: Path, document: Mapping[str, Any]) -> tuple[IncidentChange, ...]:
    """Record a run's document in the history and return what it changed about incidents.

    Raise StorageError, RunUnreadableError.
    """
    with open_history(data_dir, but_for=str(document.get("run_id"))) as history:
        return history.record(document, after_run)
