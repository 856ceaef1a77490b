"""An incident on the page over time, in words."""

from datetime import UTC, datetime, timedelta

import pytest

from selfcheck.core.account_report import ReportIncident, ReportOverTime
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.report.render_page import shown_incident

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def how_long(since_good: timedelta | None, since_bad: timedelta, *, over: bool) -> str:
    incident = Incident(
        id="jane-20261121-1",
        profile="jane",
        platform="medium",
        handle="@jane",
        state=IncidentState.RESTORED if over else IncidentState.OPEN,
        verdict=Verdict.SUSPENDED,
        silent=True,
        summary="Logged-out visitors are told that it is suspended.",
        last_good_at=NOW - since_good if since_good else None,
        last_good_run="a" if since_good else None,
        first_bad_at=NOW - since_bad,
        first_bad_run="b",
        last_bad_at=NOW - since_bad,
        last_bad_run="b",
        over_at=NOW if over else None,
    )
    site = ReportOverTime(
        made_at=NOW, zone=UTC, zone_name="UTC", stale_after=timedelta(hours=36), profiles=(), public=False
    )
    return dict(shown_incident(ReportIncident(incident=incident, number=1), site).facts)["How long"]


@pytest.mark.parametrize(
    ("good", "bad", "over", "says"),
    [
        pytest.param(
            timedelta(hours=60),
            timedelta(hours=50),
            False,
            "2 days and 2 hours, at most 2 days and 12 hours, ongoing",
            id="open",
        ),
        pytest.param(None, timedelta(minutes=5), True, "5 minutes", id="never seen good"),
        pytest.param(
            timedelta(minutes=9),
            timedelta(seconds=9),
            True,
            "less than a minute, at most 9 minutes",
            id="soon over",
        ),
        pytest.param(
            timedelta(seconds=30),
            timedelta(seconds=9),
            False,
            "less than a minute, ongoing",
            id="just now",
        ),
    ],
)
def test_how_long_it_lasted(good: timedelta | None, bad: timedelta, over: bool, says: str) -> None:
    assert how_long(good, bad, over=over) == says
