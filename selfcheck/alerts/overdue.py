"""Whether somebody still looks: when each profile was last seen well, and when it is to be seen again. Pure.

Only a look that could tell counts: runs that could not are no watch that is kept.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

from selfcheck.alerts.rules import founded
from selfcheck.alerts.watch_report import MonitoringStatus
from selfcheck.core.history import RunRow


def standing(
    profile: str, rows: Sequence[RunRow], *, every: timedelta, grace: timedelta, now: datetime
) -> MonitoringStatus:
    """Return how well a profile is watched; `rows` are its runs, oldest first."""
    last = rows[-1] if rows else None
    own = [row for row in rows if last is not None and row.account == last.account]
    good = next((row for row in reversed(own) if founded(row)), None)
    due = good.at + every if good else None
    return MonitoringStatus(
        profile=profile,
        last_good=good,
        last_run=last,
        missed=sum(good is None or row.at > good.at for row in own),
        every=every,
        due=due,
        overdue=due is None or now > due + grace,
    )
