"""The history as days, as text, as JSON and as CSV: pure, in tables."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, tzinfo
from zoneinfo import ZoneInfo

import pytest
from histories import FIRST, LETTERS

from selfcheck.core.enums import PageKind, Strength, Verdict
from selfcheck.core.history import AccountHistory, Delivery, IncidentChange, PageRow, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.history.days import ProfileHistory, account_histories, profile_days
from selfcheck.history.render_formats import COLUMNS, history_csv, history_json
from selfcheck.history.render_text import change_line, day_letter, history_text
from selfcheck.history.rules import after_run

BERLIN = ZoneInfo("Europe/Berlin")
AUCKLAND = ZoneInfo("Pacific/Auckland")


def row(letter: str, at: datetime, **more: object) -> RunRow:
    base = RunRow(
        run_id=f"run-{at:%d-%H%M}",
        profile="jane",
        platform="demo",
        handle="@jane",
        at=at,
        verdict=LETTERS[letter.lower()],
        silent=None,
        strength=Strength.CONFIRMED if letter.isupper() else Strength.LIKELY,
        summary="",
        rules=("profile.rule",),
    )
    return replace(base, **more)  # type: ignore[arg-type]


def rows(letters: str, first: datetime = FIRST, **more: object) -> list[RunRow]:
    days = enumerate(letters)
    return [row(letter, first + timedelta(days=day), **more) for day, letter in days if letter != "."]


def incidents_of(runs: list[RunRow]) -> list[Incident]:
    known: dict[str, Incident] = {}
    good: RunRow | None = None
    for one in runs:
        after = after_run(one, earlier=tuple(known.values()), last_good=good)
        known |= {after.id: after} if after else {}
        good = one if one.confirmed and one.verdict is Verdict.VISIBLE else good
    return list(reversed(known.values()))


def account(letters: str, *, today: int = 0, most_days: int | None = None, **more: object) -> AccountHistory:
    runs = rows(letters, **more)
    day = (FIRST + timedelta(days=today or len(letters) - 1)).date()
    history = ProfileHistory(runs=runs, incidents=incidents_of(runs))
    (one,) = account_histories(history, zone=UTC, today=day, most_days=most_days)
    return one


def strip(runs: list[RunRow], *, zone: tzinfo = UTC, first: date, last: date) -> str:
    return "".join(day_letter(day) for day in profile_days(runs, (), {}, zone=zone, first=first, last=last))


# -- days ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("hours", "expected"),
    [
        pytest.param("", ".", id="a day without a run is a gap"),
        pytest.param("?", "?", id="a day without a conclusive run is unknown"),
        pytest.param("???", "?", id="however many they were"),
        pytest.param("V", "V", id="visible"),
        pytest.param("v", "v", id="likely visible looks different"),
        pytest.param("?V", "V", id="one conclusive run is enough"),
        pytest.param("V?", "V", id="before or after"),
        pytest.param("VS", "S", id="the worst that was confirmed"),
        pytest.param("SV", "S", id="though it was visible later"),
        pytest.param("LSH", "S", id="of several"),
        pytest.param("Vs", "V", id="what is confirmed goes before what is likely"),
        pytest.param("vs?", "s", id="where nothing is confirmed, the worst that is likely"),
        pytest.param("?l", "l", id="and that goes before inconclusive"),
    ],
)
def test_the_verdict_of_a_day(hours: str, expected: str) -> None:
    runs = [row(letter, FIRST + timedelta(hours=hour)) for hour, letter in enumerate(hours)]
    assert strip(runs, first=FIRST.date(), last=FIRST.date()) == expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        pytest.param(UTC, "VS", id="in UTC on the day itself"),
        pytest.param(BERLIN, ".V", id="in Berlin a day later"),
        pytest.param(ZoneInfo("America/New_York"), "VS", id="in New York on the day itself"),
    ],
)
def test_days_are_those_of_the_users_time_zone(zone: tzinfo, expected: str) -> None:
    runs = rows("VS", datetime(2026, 11, 1, 23, 30, tzinfo=UTC))
    assert strip(runs, zone=zone, first=date(2026, 11, 1), last=date(2026, 11, 2)) == expected


@pytest.mark.parametrize("zone", [BERLIN, AUCKLAND, ZoneInfo("America/Los_Angeles")], ids=str)
def test_a_change_of_the_clocks_loses_no_day(zone: tzinfo) -> None:
    noons = [datetime(2026, month, day, 12, tzinfo=zone) for month in (3, 10) for day in range(20, 31)]
    runs = [row("V", noon.astimezone(UTC)) for noon in noons]
    for month in (3, 10):
        assert strip(runs, zone=zone, first=date(2026, month, 20), last=date(2026, month, 30)) == "V" * 11


def test_days_go_from_the_first_run_to_today() -> None:
    one = account("V..S", today=6)
    assert [day.day.day for day in one.days] == [1, 2, 3, 4, 5, 6, 7]
    assert [day.gap for day in one.days] == [False, True, True, False, True, True, True]


def test_the_number_of_days_can_be_limited() -> None:
    assert [day.day.day for day in account("V..S", today=6, most_days=2).days] == [6, 7]


def test_a_day_has_the_last_number_read_on_it_and_never_one_of_another_day() -> None:
    runs = [
        row("V", FIRST, followers=10),
        row("V", FIRST + timedelta(hours=2), followers=12),
        row("V", FIRST + timedelta(hours=3)),
        row("V", FIRST + timedelta(days=1)),
        row("V", FIRST + timedelta(days=2), followers=0),
    ]
    views = {"views": {date(2026, 11, 2): 7}}
    days = profile_days(runs, (), views, zone=UTC, first=FIRST.date(), last=date(2026, 11, 3))
    assert [day.followers for day in days] == [12, None, 0]
    assert [day.views for day in days] == [None, 7, None]


def test_a_day_names_the_incidents_that_went_on() -> None:
    days = account("VSSVV", today=5).days
    assert [bool(day.incidents) for day in days] == [False, True, True, True, False, False]


def test_another_handle_is_another_account_and_ends_with_its_last_run() -> None:
    runs = [*rows("VS"), *rows("VV", FIRST + timedelta(days=5), handle="@june")]
    history = ProfileHistory(runs=runs, incidents=incidents_of(runs))
    new, old = account_histories(history, zone=UTC, today=date(2026, 11, 9))
    assert (new.handle, new.current, len(new.days), new.incidents) == ("@june", True, 4, ())
    assert (old.handle, old.current, len(old.days), len(old.incidents)) == ("@jane", False, 2, 1)


# -- text ------------------------------------------------------------------------------------------------


def text(one: AccountHistory, *, days: int = 30, zone: tzinfo = UTC, colour: bool = False) -> str:
    return history_text([one], zone=zone, now=FIRST + timedelta(days=days), colour=colour)


def test_the_strip_is_a_line_for_each_month_with_each_day_in_its_column() -> None:
    lines = text(account("VV?.S" + "S" * 27 + "V")).splitlines()
    scale = next(line for line in lines if "22" in line)
    november, december = (next(line for line in lines if f"2026-{month} " in line) for month in (11, 12))
    assert november == "    2026-11 VV?.SSSSSSSSSSSSSSSSSSSSSSSSSS"
    assert december == "    2026-12 SSV"
    assert [november[scale.index(day)] for day in ("1 ", "8", "22")] == ["V", "S", "S"]


def test_only_what_occurs_is_explained() -> None:
    shown = text(account("Vs?."))
    assert "    V visible | s suspended (only likely) | ? could not tell | . no run\n" in shown
    assert "hidden" not in shown


def test_unknown_days_are_counted_apart_from_good_ones() -> None:
    shown = " ".join(text(account("VV?.S?")).split())
    assert "Visible on 2 of 3 days with a conclusive run; unknown on 2, no run on 1." in shown


def test_days_without_a_conclusive_run_are_not_counted_as_good_or_bad() -> None:
    shown = " ".join(text(account("??.")).split())
    assert "No day has a conclusive run; unknown on 2, no run on 1." in shown
    assert "Visible on" not in shown


def test_an_incident_shows_when_and_how_long() -> None:
    shown = text(account("V?SSSV"), zone=BERLIN)
    assert "jane-20261103-1  suspended, restored after 3 days\n" in shown
    assert "last seen good 2026-11-01 10:00, first seen affected 2026-11-03 10:00\n" in shown
    assert "last seen affected 2026-11-05 10:00, over 2026-11-06 10:00\n" in shown
    assert "2026-11-03 10:00  opened: suspended\n" in shown
    assert "Europe/Berlin" in shown


def test_an_incident_that_goes_on_says_for_how_long_so_far() -> None:
    assert "suspended, open, for 29 days so far" in text(account("VS"))


def test_an_incident_that_was_never_good_says_never() -> None:
    assert "last seen good never" in text(account("?S"))


def test_author_events_are_shown_with_their_incident_and_escaped() -> None:
    one = account("VS")
    note = IncidentEvent(at=FIRST + timedelta(days=3), kind=EventKind.NOTED, text="asked\nthem \x1b[31mred")
    case = IncidentEvent(at=FIRST + timedelta(days=4), kind=EventKind.CASE, text="T-77")
    incident = one.incidents[0].with_event(note).with_event(case)
    shown = text(replace(one, incidents=(incident,)))
    assert "2026-11-04 09:00  note: asked them [31mred\n" in shown
    assert "case number T-77\n" in shown
    assert "\x1b" not in shown


def test_an_incident_shows_its_pages() -> None:
    one = account("VS")
    seen = [(PageKind.PROFILE, Verdict.SUSPENDED), *[(PageKind.STORY, Verdict.HIDDEN)] * 2]
    pages = tuple(
        PageRow(kind=kind, url="", verdict=verdict, silent=None, strength=Strength.CONFIRMED)
        for kind, verdict in seen
    )
    shown = text(replace(one, pages={one.runs[-1].run_id: pages}))
    assert "      profile page suspended, 2 x story hidden\n" in shown


def test_alerts_are_shown_among_the_events() -> None:
    one = account("VSS")
    sent = Delivery(
        at=FIRST + timedelta(days=1, minutes=1),
        channel="mail",
        kind="opened",
        profile="jane",
        incident=one.incidents[0].id,
        ok=True,
    )
    failed = replace(sent, at=sent.at + timedelta(minutes=1), channel="phone", ok=False, detail="no answer")
    lines = text(replace(one, deliveries=(sent, failed))).splitlines()
    at = lines.index("      2026-11-02 09:00  opened: suspended")
    assert lines[at + 1 : at + 3] == [
        "      2026-11-02 09:01  alert sent by mail",
        "      2026-11-02 09:02  alert not sent by phone: no answer",
    ]


def test_numbers_have_gaps_and_zeros_and_begin_with_the_first_day_that_is_known() -> None:
    runs = rows("V?.V", followers=1200)
    views = {date(2026, 10, 30): 30, date(2026, 11, 1): 40, date(2026, 11, 3): 20, date(2026, 11, 4): 0}
    history = ProfileHistory(runs=runs, series={runs[0].account: {"views": views}})
    (one,) = account_histories(history, zone=UTC, today=date(2026, 11, 4))
    assert text(one).splitlines()[-6:] == [
        "    2026-10-30  no run                  -       30  ##################",
        "    2026-10-31  no run                  -        -",
        "    2026-11-01  visible             1,200       40  ########################",
        "    2026-11-02  could not tell      1,200        -",
        "    2026-11-03  no run                  -       20  ############",
        "    2026-11-04  visible             1,200        0",
    ]


def test_a_profile_without_numbers_says_so() -> None:
    assert "No followers and views were read in the last 2 days." in text(account("VV"))


def test_a_failure_of_selfcheck_is_not_a_verdict_of_the_profile() -> None:
    assert "Last run 2026-11-01 09:00: selfcheck itself failed\n" in text(account("?", failed=True))


def test_there_is_colour_only_if_asked_for() -> None:
    one = account("VS")
    assert "\x1b[" not in text(one)
    assert "\x1b[" in text(one, colour=True)


def test_lines_fit_a_terminal() -> None:
    shown = text(account("VvLlHhSsMm?." * 8), days=200)
    assert [line for line in shown.splitlines() if len(line) > 80] == []


def test_what_a_run_changed_is_one_line() -> None:
    incident = account("VS").incidents[0]
    events = [
        IncidentEvent(at=FIRST, kind=kind)
        for kind in (EventKind.OPENED, EventKind.CHANGED, EventKind.RESTORED)
    ]
    lines = [change_line(IncidentChange(incident=incident, event=event, before=None)) for event in events]
    assert lines == [
        "jane: the incident jane-20261102-1 has opened (suspended).",
        "jane: the incident jane-20261102-1 has become suspended.",
        "jane: the incident jane-20261102-1 is over: the public sees it again.",
    ]


# -- for programs ----------------------------------------------------------------------------------------


def test_json_has_gaps_unknown_days_and_unknown_numbers_as_null() -> None:
    now = datetime(2026, 11, 9, tzinfo=UTC)
    document = json.loads(history_json([account("V.?S", followers=None)], zone=BERLIN, now=now))
    assert (document["schema"], document["time_zone"]) == ("selfcheck.history/1", "Europe/Berlin")
    (profile,) = document["profiles"]
    assert [day["verdict"] for day in profile["days"]] == ["visible", None, "inconclusive", "suspended"]
    assert [day["runs"] for day in profile["days"]] == [1, 0, 1, 1]
    assert [day["told"] for day in profile["days"]] == [1, 0, 0, 1]
    assert profile["runs"][0]["followers"] is None
    (incident,) = profile["incidents"]
    assert (incident["state"], incident["seconds"], incident["first_bad_at"]) == (
        "open",
        None,
        "2026-11-04T09:00:00.000Z",
    )


def test_csv_has_a_line_for_each_run_and_none_for_a_gap() -> None:
    one = account("V.SV", followers=1200)
    lines = list(csv.DictReader(io.StringIO(history_csv([one], zone=AUCKLAND))))
    assert tuple(lines[0]) == COLUMNS
    assert [line["verdict"] for line in lines] == ["visible", "suspended", "visible"]
    assert [line["day"] for line in lines] == ["2026-11-01", "2026-11-03", "2026-11-04"]
    assert [line["incident"] for line in lines] == ["", "jane-20261103-1", ""]
    assert (lines[0]["handle"], lines[0]["followers"], lines[0]["views"]) == ("jane", "1200", "")
    assert (lines[0]["silent"], lines[0]["failed"]) == ("", "false")


@pytest.mark.parametrize("handle", ["=cmd()", "+1", "-1", "@@x"])
def test_no_cell_is_taken_for_a_formula(handle: str) -> None:
    (line,) = csv.DictReader(io.StringIO(history_csv([account("V", handle=handle)], zone=UTC)))
    assert line["handle"][0] not in "=+-@"


def test_an_empty_history_is_an_empty_document() -> None:
    assert json.loads(history_json([], zone=UTC, now=FIRST))["profiles"] == []
    assert history_csv([], zone=UTC) == ",".join(COLUMNS) + "\r\n"
