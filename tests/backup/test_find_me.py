from datetime import UTC, datetime, timedelta

import pytest
from kept_runs import incident

from selfcheck.backup.exporters.find_me import AccountNotice, account_notices
from selfcheck.backup.subscribers import SubscriberExports, subscriber_lists
from selfcheck.core.enums import Verdict
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.platforms.catalogue import load_platform

NOW = datetime(2026, 2, 10, tzinfo=UTC)
HERE = " You can read my stories here."
OVER = {"state": IncidentState.RESTORED, "over_at": NOW - timedelta(days=3)}


@pytest.mark.parametrize(
    ("incidents", "texts"),
    [
        ([], []),
        (
            [incident()],
            ["Since 3 February 2026 my account @jane on Demo has been suspended." + HERE],
        ),
        (
            [incident(verdict=Verdict.HIDDEN, state=IncidentState.APPEALED)],
            ["Since 3 February 2026 the public has not been able to see my account @jane on Demo." + HERE],
        ),
        (
            [incident(verdict=Verdict.LIMITED)],
            ["Since 3 February 2026 the public has not been shown all of my account @jane on Demo." + HERE],
        ),
        (
            [incident(**OVER)],
            ["My account @jane on Demo is visible to the public again since 7 February 2026."],
        ),
        ([incident(state=IncidentState.RESTORED, over_at=NOW - timedelta(days=31))], []),
        ([incident(state=IncidentState.DISMISSED, over_at=NOW)], []),
        (
            [incident(first_bad_at=NOW - timedelta(days=90)), incident(**OVER)],
            ["My account @jane on Demo is visible to the public again since 7 February 2026."],
        ),
    ],
    ids=[
        "none",
        "suspended",
        "hidden, appealed",
        "limited",
        "over",
        "long over",
        "a mistake",
        "only the latest",
    ],
)
def test_readers_are_told_what_was_seen_of_each_account(incidents: list[Incident], texts: list[str]) -> None:
    notices = account_notices(incidents, NOW, {"demo": "Demo"})
    assert [notice.text for notice in notices] == texts
    assert all(isinstance(notice, AccountNotice) for notice in notices)


@pytest.mark.parametrize(
    ("name", "days", "due"),
    [("substack", None, True), ("substack", 29, False), ("substack", 30, True), ("wordpress", None, False)],
)
def test_a_list_of_subscribers_is_due_after_a_month(name: str, days: int | None, due: bool) -> None:
    exported = NOW.date() - timedelta(days=days) if days is not None else None
    noted = SubscriberExports(exported={"jane": exported} if exported else {})
    lists = subscriber_lists({"jane": load_platform(name)}, noted)
    assert [each.is_due(NOW.date()) for each in lists] == ([] if name == "wordpress" else [due])
