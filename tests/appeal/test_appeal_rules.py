"""Which incident an appeal is about, what speaks against it, and what waits for an answer."""

# ruff: noqa: E501 — a row of a table reads best as one line

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from kept_runs import incident

from selfcheck.appeal.model import Choice
from selfcheck.appeal.render_text import status_text
from selfcheck.appeal.rules import choose_incident, open_appeal, warnings
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.errors import UsageError

NOW = datetime(2026, 2, 10, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")


def row(
    day: int, verdict: Verdict = Verdict.SUSPENDED, *, sure: bool = True, profile: str = "jane"
) -> RunRow:
    return RunRow(
        run_id=f"202602{day:02}T040506Z-aaaaaa",
        profile=profile,
        platform="demo",
        handle=profile,
        at=datetime(2026, 2, day, 4, 5, 6, tzinfo=UTC),
        verdict=verdict,
        silent=True,
        strength=Strength.CONFIRMED if sure else Strength.LIKELY,
        summary="One sentence.",
    )


OPEN = incident()
OVER = incident(
    id="jane-20250101-1", state=IncidentState.RESTORED, over_at=NOW, first_bad_at=NOW - timedelta(days=99)
)
DISMISSED = replace(OVER, state=IncidentState.DISMISSED)
JOE = incident(id="joe-20260203-1", profile="joe", handle="joe")
RUNS = (row(2, Verdict.VISIBLE), row(3), row(4))
BOTH = (*RUNS, row(4, profile="joe"))


@pytest.mark.parametrize(
    ("word", "incidents", "runs", "expected"),
    [
        pytest.param(None, (OPEN,), RUNS, OPEN, id="no word: the one that waits"),
        pytest.param(None, (OPEN, OVER), RUNS, OPEN, id="what waits goes before what is over"),
        pytest.param("jane", (JOE, OPEN), BOTH, OPEN, id="a profile's name"),
        pytest.param("jane", (OVER,), RUNS, OVER, id="a profile of which nothing waits"),
        pytest.param(OVER.id, (OPEN, OVER), RUNS, OVER, id="an incident's id"),
        pytest.param("joe-2", (OPEN, JOE), BOTH, JOE, id="the beginning of an id"),
    ],
)
def test_what_is_meant(
    word: str | None, incidents: tuple[Incident, ...], runs: tuple[RunRow, ...], expected: Incident
) -> None:
    found = choose_incident(word, incidents, runs)
    assert (found.incident, found.likely) == (expected, False)


@pytest.mark.parametrize(
    ("word", "incidents", "runs", "expected"),
    [
        pytest.param(None, (), (), "nothing to appeal", id="nothing was ever found"),
        pytest.param(None, (OVER,), RUNS[:1], "nothing to appeal", id="all is over"),
        pytest.param("jane", (), RUNS[:1], "nothing to appeal: no incident of jane", id="the profile is well"),
        pytest.param(None, (OPEN, JOE), BOTH, "Several incidents are open: jane-20260203-1, joe-20260203-1", id="two wait"),
        pytest.param("jnae", (OPEN,), RUNS, "did you mean `jane`", id="a slip is answered with the nearest"),
        pytest.param("jane-2", (OPEN, OVER), RUNS, "no profile and no incident called `jane-2`", id="two begin so"),
    ],
)  # fmt: skip
def test_what_is_not_clear_is_asked(
    word: str | None, incidents: tuple[Incident, ...], runs: tuple[RunRow, ...], expected: str
) -> None:
    with pytest.raises(UsageError) as error:
        choose_incident(word, incidents, runs)
    assert expected.lower() in " ".join(error.value.lines()).lower()


@pytest.mark.parametrize(
    ("incidents", "runs", "warning"),
    [
        pytest.param((OPEN,), RUNS, "", id="confirmed and going on: none"),
        pytest.param((OPEN,), (*RUNS, row(5, sure=False)), "", id="found again, though not for sure: none"),
        pytest.param((OPEN,), (*RUNS, row(5, Verdict.INCONCLUSIVE)), "", id="not to know is no news: none"),
        pytest.param((OPEN,), (*RUNS, row(5, Verdict.VISIBLE, sure=False)), "found it visible, though that is only likely", id="a later run found otherwise"),
        pytest.param((OVER,), RUNS[:1], "the profile was restored on 2026-02-10", id="restored"),
        pytest.param((DISMISSED,), RUNS[:1], "you dismissed it on 2026-02-10", id="dismissed"),
        pytest.param((), (*RUNS[:1], row(3, sure=False)), "It is only likely that jane is suspended: no run has confirmed it", id="only likely"),
    ],
)  # fmt: skip
def test_reasons_against_an_appeal_are_reported(
    incidents: tuple[Incident, ...], runs: tuple[RunRow, ...], warning: str
) -> None:
    texts = warnings(choose_incident("jane", incidents, runs), sending=False)
    assert warning in " ".join(texts)
    assert bool(texts) is bool(warning)


def likely(*more: RunRow) -> Choice:
    return choose_incident("jane", (), (*RUNS[:1], row(3, sure=False), *more))


def test_what_is_only_likely_is_shown_as_an_incident_that_the_history_does_not_have() -> None:
    found = likely()
    assert (found.likely, found.incident.id) == (True, "jane-20260203-likely")
    assert (found.incident.last_good_at, found.incident.first_bad_run) == (RUNS[0].at, row(3).run_id)
    assert choose_incident(found.incident.id, (), (*RUNS[:1], row(3, sure=False))) == found


def test_what_was_likely_is_forgotten_when_a_later_run_finds_it_well() -> None:
    with pytest.raises(UsageError):
        likely(row(4, Verdict.VISIBLE))
    assert likely(row(4, Verdict.INCONCLUSIVE)).likely


def test_a_second_appeal_gets_a_warning_with_the_day_of_the_first() -> None:
    assert warnings(Choice(incident=OPEN), sending=True) == ()
    again = OPEN.with_event(IncidentEvent(at=NOW, kind=EventKind.APPEALED))
    assert "was sent on 2026-02-10" in warnings(Choice(incident=again), sending=True)[0]
    assert warnings(Choice(incident=again), sending=False) == ()


def status(*events: tuple[EventKind, int]) -> str:
    one = OPEN
    for kind, days in events:
        text = "4711" if kind is EventKind.CASE else ""
        one = one.with_event(IncidentEvent(at=NOW - timedelta(days=days), kind=kind, text=text))
    return status_text(
        [open_appeal(one, follow_up_days=5, zone=BERLIN)], zone=BERLIN, now=NOW, hints=USUAL_HINTS
    )


A, W, C, R = EventKind.APPEALED, EventKind.ANSWERED, EventKind.CASE, EventKind.RESTORED
M = EventKind.REMINDED


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        pytest.param((), "No appeal yet: selfcheck appeal jane-20260203-1", id="no appeal yet"),
        pytest.param(((M, 1),), "No appeal yet", id="the author was reminded: still none"),
        pytest.param(((A, 6), (M, 1)), "Follow-up due since 2026-02-10", id="nor does a reminder put off when it is due"),
        pytest.param(((A, 1),), "Appealed on 2026-02-10 (yesterday); no answer yet.\n  Follow up on 2026-02-15", id="sent yesterday, by the author's days"),
        pytest.param(((A, 5),), "Follow-up due since 2026-02-11", id="due today"),
        pytest.param(((A, 6),), "Follow-up due since 2026-02-10", id="due since yesterday"),
        pytest.param(((A, 6), (C, 6)), "suspended since 2026-02-03 05:05 (8 days ago), case 4711", id="with a case number"),
        pytest.param(((A, 6), (W, 2)), "Answered on 2026-02-09 (2 days ago); the profile is not back yet.\n  Follow up on 2026-02-14", id="answered"),
        pytest.param(((A, 6), (R, 0)), "Over: restored on 2026-02-11.", id="over"),
    ],
)  # fmt: skip
def test_open_appeals_are_listed_with_when_to_ask_again(
    events: tuple[tuple[EventKind, int], ...], expected: str
) -> None:
    assert expected in status(*events)


def test_nothing_waits() -> None:
    assert status_text([], zone=BERLIN, now=NOW, hints=USUAL_HINTS) == "No incident is open.\n"
