"""`settings.watch`: how often somebody is to look, so that it can be told when nobody did."""

from datetime import timedelta

from selfcheck.settings.alerts import Duration
from selfcheck.settings.section import Section


class Watching(Section):
    """How often a look is due. Whoever looks (a schedule, a workflow, a person) does not matter."""

    every: Duration | None = None  # None: as the installed schedule says, else once a day
    grace: Duration = timedelta(hours=6)  # how late a look may be before it is overdue
