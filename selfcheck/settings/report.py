"""`report:` in the settings: how far back the report over time goes, and when a look is too old for today."""

from datetime import timedelta
from typing import Annotated

from pydantic import Field, StrictInt

from selfcheck.settings.section import Section


class ReportSettings(Section):
    """The settings of the report over time."""

    days: Annotated[StrictInt, Field(ge=7, le=366, description="how many days the report goes back")] = 90
    stale_hours: Annotated[
        StrictInt, Field(ge=1, le=8784, description="after how many hours a look says nothing of today")
    ] = 36

    @property
    def stale_after(self) -> timedelta:
        """Return the age from which on a look says nothing of today."""
        return timedelta(hours=self.stale_hours)
