"""The `settings:` of `profiles.yaml`: how the user wants things done, all of it optional.

Each part of the tool that can be set has a section of its own, in a module of its own beside this one.
"""

from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field

from selfcheck.platforms.config_issues import refuse
from selfcheck.settings.alerts import Alerts
from selfcheck.settings.appeal import AppealSettings
from selfcheck.settings.evidence import EvidenceSettings
from selfcheck.settings.report import ReportSettings
from selfcheck.settings.section import Section
from selfcheck.settings.watching import Watching


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise refuse("a time zone by its name, such as Europe/Berlin or UTC") from None
    return name


class Preferences(Section):
    """All settings; each has a default that does what most users want."""

    time_zone: Annotated[
        str, AfterValidator(_time_zone), Field(description="a time zone by its name, such as Europe/Berlin")
    ] = "UTC"
    watch: Watching = Watching()
    alerts: Alerts = Alerts()
    report: Annotated[ReportSettings, Field(description="the report over time")] = ReportSettings()
    evidence: Annotated[
        EvidenceSettings, Field(description="time stamps, and how large a mail's pictures may be")
    ] = EvidenceSettings()
    appeal: Annotated[
        AppealSettings, Field(description="who writes an appeal, in which language, and through which server")
    ] = AppealSettings()
