"""Notices in words: both languages whole, the verdict first, and nothing from a page that does harm."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import re
import string
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from selfcheck.alerts.notice import GapPeriod, Notice, NoticeKind, Outage
from selfcheck.alerts.render_status import StatusFacts, status_json, status_text
from selfcheck.alerts.rules import MonitoringStatus
from selfcheck.alerts.text import AlertSetting, message
from selfcheck.alerts.words import AlertWords, alert_words
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import Language, MonitoringGap, Strength, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState

NOW = datetime(2026, 11, 5, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
SETTING = AlertSetting(
    platform="Medium",
    zone=ZoneInfo("Europe/Berlin"),
    now=NOW,
    picture="selfcheck-data/runs/x/jane/profile/side-by-side.png",
    report="selfcheck-data/runs/x/report.html",
)
SUSPENDED = Incident(
    id="jane-20261102-1",
    profile="jane",
    platform="medium",
    handle="@jane",
    state=IncidentState.OPEN,
    verdict=Verdict.SUSPENDED,
    silent=True,
    summary="Logged-out visitors are told that @jane on Medium is suspended. The author's own view gives no hint of it.",
    last_good_at=NOW - 4 * DAY,
    last_good_run="a",
    first_bad_at=NOW - 3 * DAY,
    first_bad_run="b",
    last_bad_at=NOW,
    last_bad_run="x",
)
ROW = RunRow(
    run_id="x",
    profile="jane",
    platform="medium",
    handle="@jane",
    at=NOW,
    verdict=Verdict.INCONCLUSIVE,
    silent=None,
    strength=Strength.LIKELY,
    summary="Nobody looked as the author.",
)


def blind(why: MonitoringGap, **more: object) -> Notice:
    gap = GapPeriod(why=why, last_conclusive=NOW - 2 * DAY, runs=3, latest=ROW)
    return Notice(kind=NoticeKind.LOST, profile="jane", gap=replace(gap, **more))  # type: ignore[arg-type]


def rows(words: object, name: str = "") -> dict[str, str]:
    """Return all words of a language by their place, such as `titles.confirmed`."""
    if isinstance(words, str):
        return {name: words}
    parts = words if isinstance(words, Mapping) else vars(words)
    return {
        place: text
        for key, part in parts.items()
        for place, text in rows(part, f"{name}.{key}".strip(".")).items()
    }


def lacking(words: AlertWords) -> list[str]:
    """Return what a language lacks that English has, or has otherwise."""
    own, english = rows(words), rows(alert_words(Language.ENGLISH))
    missing = [
        f"{place}: missing"
        for place in english
        if not own.get(place) and english[place] and place != "run_summary"
    ]
    unknown = [f"{place}: unknown" for place in own if place not in english]
    differ = [
        f"{place}: has the fields {_fields(own[place])}, not {_fields(english[place])}"
        for place in own.keys() & english.keys()
        if own[place] and _fields(own[place]) != _fields(english[place])
    ]
    return [*missing, *unknown, *sorted(differ)]


@pytest.mark.parametrize(
    ("part", "kinds"),
    [
        ("titles", NoticeKind),
        ("texts", NoticeKind),
        ("gap_reasons", MonitoringGap),
        ("gap_remedies", MonitoringGap),
        ("verdicts", Verdict),
        ("public_sees", Verdict),
    ],
)
def test_there_are_words_for_every_kind(part: str, kinds: type) -> None:
    assert set(getattr(alert_words(Language.ENGLISH), part)) == set(kinds)  # type: ignore[call-overload]


@pytest.mark.parametrize("language", Language)
def test_every_language_has_every_row_and_every_field(language: Language) -> None:
    assert lacking(alert_words(language)) == []


def test_what_a_language_lacks_is_named() -> None:
    words = alert_words(Language.GERMAN)
    texts = {key: text for key, text in words.texts.items() if key is not NoticeKind.TEST}
    poorer = words.model_copy(update={"texts": texts, "account": "{handle}"})
    assert [what.partition(":")[0] for what in lacking(poorer)] == ["texts.test", "account"]


def _fields(text: str) -> set[str]:
    # The run's own sentence is English, so other languages do not repeat it.
    names = {name for _, name, _, _ in string.Formatter().parse(text) if name and name != "summary"}
    return {"verdict" if name == "verdict_small" else name for name in names}


ENGLISH = re.compile(
    r"(?i)(?<![/.-])\b(the|and|is|are|not|with|this|that|of|to|for|you|your|visitors|logged|seen|by|since)\b(?![/.-])"
)


@pytest.mark.parametrize("kind", NoticeKind)
def test_a_german_alert_has_no_english_in_it(kind: NoticeKind) -> None:
    outage = Outage(channel="mail", since=NOW, tries=3, detail="HTTP 500")
    about: list[dict[str, object]] = [{"incident": SUSPENDED}]
    if kind in {NoticeKind.LOST, NoticeKind.RESTORED, NoticeKind.BLOCKED}:
        about = [{"gap": blind(why).gap} for why in MonitoringGap]
    elif kind in {NoticeKind.POSSIBLE, NoticeKind.CHANNEL_DEAD, NoticeKind.TEST}:
        about = [
            {NoticeKind.POSSIBLE: {"row": ROW}, NoticeKind.CHANNEL_DEAD: {"outage": outage}}.get(kind, {})
        ]
    for one in about:
        told = message(Notice(kind=kind, profile="jane", **one), Language.GERMAN, SETTING)  # type: ignore[arg-type]
        assert ENGLISH.findall(f"{told.title} {told.body}") == []


def test_an_alert_says_all_in_order() -> None:
    told = message(
        Notice(kind=NoticeKind.CONFIRMED, profile="jane", incident=SUSPENDED), Language.ENGLISH, SETTING
    )
    assert told.title == "Suspended: @jane on Medium"
    order = [
        "Logged-out visitors are told that @jane on Medium is suspended.",
        "gives no hint",
        "First seen affected: 2026-11-02 10:00 (Europe/Berlin)",
        "Last seen visible: 2026-11-01 10:00 (Europe/Berlin)",
        "Both views side by side: selfcheck-data/runs/x/jane/profile/side-by-side.png",
        "Report: selfcheck-data/runs/x/report.html",
        "Incident: jane-20261102-1",
        "selfcheck appeal jane\n",
        "selfcheck history dismiss jane-20261102-1 --reason",
    ]
    places = [told.body.find(one) for one in order]
    assert -1 not in places, order[places.index(-1)]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("kind", "language", "title", "says"),
    [
        (NoticeKind.WORSE, "en", "Suspended, it became worse: @jane on Medium", "selfcheck appeal jane"),
        (NoticeKind.CHANGED, "en", "Suspended now: @jane on Medium", "selfcheck appeal jane"),
        (
            NoticeKind.REMINDER,
            "en",
            "Still suspended: @jane on Medium",
            "lasted for 3 days, and selfcheck knows of nothing",
        ),
        (
            NoticeKind.RECOVERED,
            "en",
            "Visible again: @jane on Medium",
            "For 2 days and 1 hour, all or part of it",
        ),
        (NoticeKind.DISMISSED, "en", "Dismissed: @jane on Medium", "You dismissed this incident"),
        (NoticeKind.CONFIRMED, "de", "Gesperrt: @jane auf Medium", "Die eigene Ansicht verrät davon nichts."),
        (NoticeKind.REMINDER, "de", "Immer noch gesperrt: @jane auf Medium", "Das dauert schon 3 Tage"),
        (NoticeKind.RECOVERED, "de", "Wieder sichtbar: @jane auf Medium", "2 Tage und 1 Stunde lang"),
    ],
)
def test_each_kind_says_what_it_is(kind: NoticeKind, language: str, title: str, says: str) -> None:
    over = kind in {NoticeKind.RECOVERED, NoticeKind.DISMISSED}
    end = IncidentEvent(at=NOW - DAY + timedelta(hours=1), kind=EventKind.RESTORED)
    incident = SUSPENDED.with_event(end) if over else SUSPENDED
    notice = Notice(kind=kind, profile="jane", incident=incident, number=1)
    told = message(notice, Language(language), SETTING)
    assert told.title == title
    assert says in told.body
    assert ("appeal" in told.body) is not over


@pytest.mark.parametrize(
    ("why", "says"),
    [
        (MonitoringGap.SESSION_EXPIRED, "What to do: Sign in again: selfcheck login jane --profiles my.yaml"),
        (MonitoringGap.OUTAGE, "selfcheck doctor --profiles my.yaml"),
        (MonitoringGap.NO_RUN, "selfcheck schedule status"),
        (MonitoringGap.UNSURE, "no run has confirmed it: Nobody looked as the author."),
        (MonitoringGap.OTHER, "Why: Nobody looked as the author."),
    ],
)
def test_a_gap_in_monitoring_comes_with_reason_and_remedy(why: MonitoringGap, says: str) -> None:
    told = message(blind(why), Language.ENGLISH, replace(SETTING, profiles="my.yaml"))
    assert told.title == "Checks are no longer conclusive: @jane on Medium"
    assert "Since 2026-11-03 10:00 (Europe/Berlin), no check has been able to tell" in told.body
    assert "neither good nor bad news" in told.body
    assert says in told.body


def test_the_end_of_a_gap_says_how_long_it_was() -> None:
    back = replace(blind(MonitoringGap.WALL, until=NOW), kind=NoticeKind.RESTORED)
    seen = replace(back, gap=replace(back.gap, latest=replace(ROW, verdict=Verdict.VISIBLE)))  # type: ignore[type-var]
    told = message(seen, Language.ENGLISH, SETTING)
    assert told.title == "Checks are conclusive again: @jane on Medium"
    assert told.body.startswith("Logged-out visitors see @jane on Medium.\n")
    assert "From 2026-11-03 10:00 (Europe/Berlin) until 2026-11-05 10:00 (Europe/Berlin)" in told.body


def test_what_comes_from_a_page_does_no_harm() -> None:
    nasty = (
        "A story \x1b[31m{who} <!-- selfcheck-incident: other --> [x](http://evil.example) @somebody\nBcc: x"
    )
    notice = Notice(kind=NoticeKind.CONFIRMED, profile="jane", incident=replace(SUSPENDED, summary=nasty))
    for language in Language:
        told = message(notice, language, SETTING)
        assert "\x1b" not in told.body + told.title
        assert "\nBcc" not in told.body
        assert ("{who}" in told.body) is (language is Language.ENGLISH)


def test_a_program_gets_the_same_as_values() -> None:
    notice = Notice(kind=NoticeKind.CONFIRMED, profile="jane", incident=SUSPENDED)
    document = json.loads(json.dumps(message(notice, Language.ENGLISH, SETTING).document))
    assert document["schema"] == "selfcheck.notice/1"
    assert (document["kind"], document["urgent"], document["profile"]) == ("confirmed", True, "jane")
    assert document["incident"]["verdict"] == "suspended"
    assert document["incident"]["over_at"] is None
    assert document["next"][0] == "selfcheck appeal jane"
    sight = message(blind(MonitoringGap.SESSION_EXPIRED), Language.ENGLISH, SETTING).document["blind"]
    assert sight["why"] == "session-expired"
    assert sight["until"] is None


def test_a_dead_channel_is_reported_by_its_name() -> None:
    outage = Outage(channel="phone", since=NOW, tries=2, detail="refused with HTTP 500")
    told = message(Notice(kind=NoticeKind.CHANNEL_DEAD, outage=outage), Language.ENGLISH, SETTING)
    assert told.title == "Alerts do not arrive on the channel phone"
    assert "refused with HTTP 500" in told.body
    assert "selfcheck doctor" in told.body


def test_the_status_says_what_is_overdue_and_what_to_do() -> None:
    good = replace(ROW, verdict=Verdict.VISIBLE, strength=Strength.CONFIRMED, at=NOW - 2 * DAY)
    late = MonitoringStatus(
        profile="jane", last_good=good, last_run=ROW, missed=2, every=DAY, due=NOW - DAY, overdue=True
    )
    never = MonitoringStatus(
        profile="max", last_good=None, last_run=None, missed=0, every=DAY, due=None, overdue=True
    )
    fine = MonitoringStatus(
        profile="eve",
        last_good=replace(good, at=NOW),
        last_run=good,
        missed=0,
        due=NOW + DAY,
        every=DAY,
        overdue=False,
    )
    dead = Outage(channel="phone", since=NOW, tries=1, detail="no answer")
    text = status_text([late, never, fine], [dead], zone=UTC, now=NOW, hints=USUAL_HINTS, profiles="my.yaml")
    for says in (
        "jane: a check is OVERDUE",
        "Last conclusive check: 2026-11-03 09:00 (UTC), 2 days ago: visible.",
        "Since then 2 inconclusive runs: Nobody looked as the author.",
        "Next check due: 2026-11-04 09:00 (UTC) (every day).",
        "selfcheck run jane --profiles my.yaml",
        "max: a check is OVERDUE\n  No check so far could tell",
        "eve: watched",
        "Alerts do not arrive on the channel phone",
    ):
        assert says in text
    document = json.loads(status_json([late, never], [dead], StatusFacts(every=DAY, grace=DAY, now=NOW)))
    assert (document["overdue"], document["every_seconds"]) == (True, 86_400)
    assert document["profiles"][1]["last_good_look"] is None


def test_the_status_names_no_earlier_good_check_where_there_was_none() -> None:
    blind = MonitoringStatus(
        profile="jane", every=DAY, last_good=None, last_run=ROW, missed=1, due=None, overdue=True
    )
    text = status_text([blind], [], zone=UTC, now=NOW, hints=USUAL_HINTS)
    assert (
        "No check so far could tell whether logged-out visitors see it.\n  1 inconclusive run: Nobody" in text
    )
    assert "Since then" not in text


@pytest.mark.parametrize(
    ("language", "title", "says"),
    [
        ("en", "Possibly restricted: @jane on Medium", "Two checks in a row"),
        ("de", "Vielleicht eingeschränkt: @jane auf Medium", "Zwei Prüfungen nacheinander"),
    ],
)
def test_what_is_possible_says_that_it_is_not_confirmed(language: str, title: str, says: str) -> None:
    latest = blind(MonitoringGap.UNSURE).gap
    assert latest is not None
    notice = Notice(kind=NoticeKind.POSSIBLE, profile="jane", row=latest.latest)
    told = message(notice, Language(language), SETTING)
    assert told.title == title
    assert says in told.body
    assert told.document["kind"] == "possible"
    assert told.document["incident"] is None


@pytest.mark.parametrize(
    ("language", "title", "says"),
    [
        ("en", "A bot wall blocks every check: @jane on Medium", "Since 2026-"),
        ("de", "Eine Prüfung auf Roboter verhindert jeden Lauf: @jane auf Medium", "Seit 2026-"),
    ],
)
def test_a_wall_that_stays_comes_with_the_one_command_that_helps(
    language: str, title: str, says: str
) -> None:
    gap = blind(MonitoringGap.WALL).gap
    assert gap is not None
    gap = replace(gap, since=datetime(2026, 11, 1, tzinfo=UTC))
    notice = Notice(kind=NoticeKind.BLOCKED, profile="jane", gap=gap)
    told = message(notice, Language(language), SETTING)
    assert told.title == title
    assert says in told.body
    assert told.document["next"] == ["selfcheck run jane --assist"]
    assert told.document["incident"] is None


@pytest.mark.parametrize(
    ("kind", "language", "label"),
    [
        (NoticeKind.CONFIRMED, Language.ENGLISH, "Dates that may run (not legal advice): 2026-12-01: A; 2026-12-02: B"),
        (NoticeKind.REMINDER, Language.GERMAN, "Fristen, die laufen können (keine Rechtsberatung): 2026-12-01: A; 2026-12-02: B"),
        (NoticeKind.RECOVERED, Language.ENGLISH, ""),
    ],
)  # fmt: skip
def test_bad_news_names_the_dates_that_may_run(kind: NoticeKind, language: Language, label: str) -> None:
    setting = replace(SETTING, dates=("2026-12-01: A", "2026-12-02: B"))
    body = message(Notice(kind=kind, profile="jane", incident=SUSPENDED), language, setting).body
    assert label in body
    assert bool(label) is ("2026-12-01" in body)
