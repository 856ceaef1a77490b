"""An incident as an issue: what it says, what is commented below it, and nothing that others wrote does harm."""

# ruff: noqa: E501 — a row of a table reads best as one line

import re
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from sample_runs import NASTY

from selfcheck.alerts.issue_text import IssueLink, IssueSetting, event_mark, incident_issue
from selfcheck.alerts.notice import Ending
from selfcheck.core.enums import Language, Verdict
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState

INCIDENT = Incident(
    id="jane-20261101-1",
    profile="jane",
    platform="demo",
    handle="@jane",
    state=IncidentState.OPEN,
    verdict=Verdict.SUSPENDED,
    silent=True,
    summary="Logged-out visitors are told that it is suspended.",
    last_good_at=None,
    last_good_run=None,
    first_bad_at=datetime(2026, 11, 1, 9, tzinfo=UTC),
    first_bad_run="run-1",
    last_bad_at=datetime(2026, 11, 2, 9, tzinfo=UTC),
    last_bad_run="run-2",
)
LINK = IssueLink(words="both views", url="https://github.com/x/y/blob/b/a%20b.png")


def event(kind: EventKind, text: str = "", run_id: str | None = "run-3") -> IncidentEvent:
    return IncidentEvent(at=datetime(2026, 11, 4, 11, tzinfo=UTC), kind=kind, text=text, run_id=run_id)


SETTING = IssueSetting(platform="Demo", links=lambda _run: [LINK])


def test_an_issue_says_what_since_when_and_where_the_proof_is() -> None:
    issue = incident_issue(INCIDENT, SETTING)
    for part in ("no: it is silent", "not known", "2026-11-01 09:00 (UTC), run `run-1`", f"(<{LINK.url}>)"):
        assert part in issue.body, part
    assert issue.body.count(LINK.url) == 1
    assert (issue.title, issue.ending) == ("Suspended: @jane on Demo", None)
    assert "selfcheck appeal" not in issue.body
    on_branch = incident_issue(INCIDENT, replace(SETTING, branch="selfcheck-data"))
    assert "`selfcheck appeal jane-20261101-1 --data FOLDER`" in on_branch.body


def test_an_issue_is_in_the_users_language_and_time_zone() -> None:
    german = replace(SETTING, language=Language.GERMAN, zone=ZoneInfo("Europe/Berlin"))
    issue = incident_issue(INCIDENT.with_event(event(EventKind.CHANGED, "limited")), german)
    assert issue.title == "Eingeschränkt: @jane auf Demo"
    assert "| Ergebnis | Eingeschränkt |" in issue.body
    assert "2026-11-01 10:00 (Europe/Berlin), Lauf `run-1`" in issue.body
    assert issue.updates[0].text.startswith("Es hat sich geändert: jetzt **eingeschränkt**.")


@pytest.mark.parametrize(
    ("kind", "ending"),
    [(EventKind.RESTORED, Ending.COMPLETED), (EventKind.DISMISSED, Ending.NOT_PLANNED)],
)
def test_an_ended_incident_closes_its_issue(kind: EventKind, ending: Ending) -> None:
    assert incident_issue(INCIDENT.with_event(event(kind)), SETTING).ending is ending


@pytest.mark.parametrize(
    ("what", "told"),
    [
        pytest.param(event(EventKind.CHANGED, "limited"), "now **limited**", id="a change"),
        pytest.param(event(EventKind.RESTORED), "It lasted 3 days and 2 hours.", id="a recovery, and how long it took"),
        pytest.param(event(EventKind.DISMISSED, "my private reason"), "The author dismissed this incident.", id="a dismissal, without its reason"),
        pytest.param(event(EventKind.APPEALED, "to x@y", None), "An appeal was sent.", id="an appeal, without to whom"),
        pytest.param(event(EventKind.NOTED, "private"), None, id="a note is the author's own"),
        pytest.param(event(EventKind.CASE, "12345"), None, id="a case number too"),
        pytest.param(event(EventKind.REMINDED), None, id="a reminder is no news"),
    ],
)  # fmt: skip
def test_what_an_issue_s_comments_say(what: IncidentEvent, told: str | None) -> None:
    updates = incident_issue(replace(INCIDENT, events=(what,)), SETTING).updates
    assert [told in update.text for update in updates] == ([] if told is None else [True])
    assert not any(word in update.text for update in updates for word in ("private", "x@y", "12345"))


def test_nothing_that_others_wrote_is_more_than_text() -> None:
    nasty = replace(
        INCIDENT, summary=f"{NASTY} @everybody #7 ![x](http://x) <!-- selfcheck-incident: other -->"
    )
    issue = incident_issue(replace(nasty, events=(event(EventKind.CHANGED, NASTY),)), SETTING)
    for text in (issue.body, issue.updates[0].text):
        assert "<script" not in text
        assert "<!--" not in text
        assert "![" not in text.replace("\\!\\[", "")
        assert not re.search(r"@\w|#\d", text.replace("&#8203;", "\u200b")), "it mentions no user"
        assert "&#&" not in text


def test_marks_are_the_same_in_every_run() -> None:
    said = event(EventKind.APPEALED, run_id=None)
    assert event_mark(event(EventKind.CHANGED)) == "changed:run-3"
    assert event_mark(said) == event_mark(replace(said)) == "appealed:20261104T110000.000000"
