"""How well a profile is watched."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.core.history import RunRow


@dataclass(frozen=True, kw_only=True)
class MonitoringStatus:
    """How well a profile is watched."""

    profile: str
    last_good: RunRow | None  # the last look that could tell; None: there was none
    last_run: RunRow | None
    missed: int  # runs since then that could not tell
    every: timedelta  # how often a look is due
    due: datetime | None  # when the next look is due; None: there was none yet, so now
    overdue: bool
