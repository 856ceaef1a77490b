"""The workflow that runs selfcheck on GitHub, as a file for a repository. Pure.

Laws:
1. The times are the repository's own: a minute that many workflows share is the one in which GitHub is
   slowest. They come from the repository's name, so that they stay the same when the file is written again.
2. Never on the hour, nor in the minutes beside it.
3. No secret is in the file, only the names under which the repository keeps them.
"""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.schedule.triggers import own_minute
from selfcheck.sessions.store import variable_of

EXAMPLE = "selfcheck/selfcheck"
"""The repository for which the workflow of this project is written; a copy should have another."""

_FIRST_MINUTE, _MINUTES = 5, 50
_HOURS_BETWEEN = 12
_LAST_HOUR, _LAST_MINUTE = 23, 59
_DAILY = re.compile(r"(?P<minute>\d{1,2}) (?P<hours>\d{1,2}(?:,\d{1,2})*) \* \* \*", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class Workflow:
    """What the file says."""

    repository: str  # owner/name
    action: str  # what `uses:` names: `./`, or owner/name@commit
    profiles_file: str
    profiles: tuple[str, ...]
    sessions: tuple[str, ...]
    demo: bool = False  # only the demo's authors: nothing is checked by schedule


def cron_of(repository: str) -> str:
    """Return the cron line of this repository: twice a day, at a minute of its own."""
    hour, minute = _time(repository)
    return f"{minute} {hour},{hour + _HOURS_BETWEEN} * * *"


def times_of(repository: str) -> str:
    """Return the times of this repository in words."""
    hour, minute = _time(repository)
    return f"{hour:02}:{minute:02} and {hour + _HOURS_BETWEEN:02}:{minute:02} UTC every day"


def _time(repository: str) -> tuple[int, int]:
    place = own_minute(repository.casefold(), "github", _HOURS_BETWEEN * _MINUTES)
    hour, minute = divmod(place, _MINUTES)
    return hour, _FIRST_MINUTE + minute


def is_own_cron(cron: str, repository: str) -> bool:
    """Return whether a schedule's minute is not one that many share."""
    shared = {"0", "00", "*/5", "*/10", "*/15", "*/30", cron_of(EXAMPLE).partition(" ")[0]}
    return not cron or cron == cron_of(repository) or cron.partition(" ")[0] not in shared


def late_by(cron: str, now: datetime) -> timedelta | None:
    """Return how long ago the schedule's last time was; None where the line has another form than ours.

    A job that is later than the time between two of its times looks like an early one.
    """
    daily = _DAILY.fullmatch(cron)
    if daily is None:
        return None
    times = [(int(hour), int(daily["minute"])) for hour in daily["hours"].split(",")]
    if any(hour > _LAST_HOUR or minute > _LAST_MINUTE for hour, minute in times):
        return None
    today = [now.replace(hour=hour, minute=minute, second=0, microsecond=0) for hour, minute in times]
    return min(now - (time if time <= now else time - timedelta(days=1)) for time in today)


def workflow_text(workflow: Workflow) -> str:
    """Return the file."""
    from selfcheck.core.templating import environment  # noqa: PLC0415 - few jobs write a workflow

    return (
        environment("selfcheck.actions", square=True)
        .get_template("selfcheck.yml.j2")
        .render(
            workflow=workflow,
            cron=cron_of(workflow.repository),
            secrets=[(name, variable_of(name)) for name in dict.fromkeys(workflow.sessions)],
        )
    )
