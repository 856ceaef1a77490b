"""What runs and the author's events mean for incidents: tables, without a file."""

from dataclasses import replace
from datetime import timedelta

import pytest
from histories import FIRST, LETTERS

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import AuthorEvent, EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.history.rules import after_run, derived

EVENTS = {
    "d": EventKind.DISMISSED,
    "a": EventKind.APPEALED,
    "w": EventKind.ANSWERED,
    "r": EventKind.RESTORED,
    "n": EventKind.NOTED,
}


def row(letter: str, day: int, *, handle: str = "@jane", failed: bool = False) -> RunRow:
    return RunRow(
        run_id=f"run-{day}",
        profile="jane",
        platform="demo",
        handle=handle,
        at=FIRST + timedelta(days=day),
        verdict=LETTERS[letter.lower()],
        silent=True,
        strength=Strength.CONFIRMED if letter.isupper() else Strength.LIKELY,
        summary=f"day {day}",
        failed=failed,
    )


def incidents_of(story: str) -> tuple[Incident, ...]:
    """The incidents of a story: a run for each letter, `/` for another handle from then, `!x` for an event.

    A sign takes a day, whatever it means. An event is the author's, about the latest incident.
    """
    rows: list[RunRow] = []
    events: list[AuthorEvent] = []
    handle, letters = "@jane", iter(story)
    for day, letter in enumerate(letters, start=1):
        if letter == "/":
            handle = "@june" if handle == "@jane" else "@jane"
        elif letter == "!":
            incident = derived(rows, events)[0][-1]
            event = IncidentEvent(at=FIRST + timedelta(days=day), kind=EVENTS[next(letters)], text="said")
            events.append(about(incident, event))
        elif letter != ".":
            rows.append(row(letter, day, handle=handle))
    incidents, unplaced = derived(rows, events)
    assert unplaced == ()
    return incidents


def about(incident: Incident, event: IncidentEvent) -> AuthorEvent:
    return AuthorEvent(
        incident=incident.id, profile=incident.profile, first_bad_run=incident.first_bad_run, event=event
    )


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param("VVV", "", id="a visible profile has none"),
        pytest.param("???", "", id="a profile without a conclusive run has none"),
        pytest.param("Vsss", "", id="a likely verdict opens none"),
        pytest.param("Vhlm", "", id="whatever it is likely to be"),
        pytest.param("S", "suspended open", id="the first run may open one"),
        pytest.param("VL", "limited open", id="limited opens one"),
        pytest.param("VH", "hidden open", id="hidden opens one"),
        pytest.param("VM", "missing open", id="missing opens one"),
        pytest.param("VS", "suspended open", id="suspended opens one"),
        pytest.param("VSSSS", "suspended open", id="it goes on through later runs"),
        pytest.param("VS..S", "suspended open", id="it goes on over days without a run"),
        pytest.param("VS???S", "suspended open", id="an inconclusive run says nothing"),
        pytest.param("VSv", "suspended open", id="a visible that is only likely does not end it"),
        pytest.param("VS?", "suspended open", id="an inconclusive run does not end it"),
        pytest.param("VSl", "suspended open", id="a likely other verdict does not change it"),
        pytest.param("VSV", "suspended restored", id="a confirmed visible restores it"),
        pytest.param("VSVV", "suspended restored", id="once"),
        pytest.param("VLS", "suspended open", id="it becomes worse"),
        pytest.param("VSL", "limited open", id="it becomes milder"),
        pytest.param("VSVS", "suspended restored, suspended open", id="a second one opens after it"),
        pytest.param("VS?V?S", "suspended restored, suspended open", id="whatever was inconclusive between"),
        pytest.param("VS!aS", "suspended appealed", id="an appealed one goes on as appealed"),
        pytest.param("VS!a!wS", "suspended answered", id="an answered one as answered"),
        pytest.param("VS!a!w!a", "suspended appealed", id="a second appeal after an answer"),
        pytest.param("VS!aL", "limited appealed", id="a change leaves it appealed"),
        pytest.param("VS!aV", "suspended restored", id="an appealed one is restored"),
        pytest.param("VS!n", "suspended open", id="a note changes no state"),
        pytest.param("VS!dSSS", "suspended dismissed", id="the same verdict does not reopen a dismissed one"),
        pytest.param("VS!d?S", "suspended dismissed", id="nor after an inconclusive run"),
        pytest.param("VS!dsvS", "suspended dismissed", id="nor after one that was only likely"),
        pytest.param("VS!dL", "suspended dismissed", id="nor by a milder verdict"),
        pytest.param("VS!dLS", "suspended dismissed", id="nor by the same after a milder one"),
        pytest.param("VL!dS", "limited dismissed, suspended open", id="but by a worse one"),
        pytest.param("VL!dSL", "limited dismissed, limited open", id="which then goes on by itself"),
        pytest.param("VS!dVS", "suspended dismissed, suspended open", id="or if it was visible in between"),
        pytest.param("VS!dV", "suspended dismissed", id="visible leaves a dismissed one dismissed"),
        pytest.param("VSV!dS", "suspended dismissed, suspended open", id="dismissed when it was over"),
        pytest.param("VS!rS", "suspended restored, suspended open", id="the author can end one"),
        pytest.param("VS!r!a", "suspended restored", id="an appeal does not reopen what is over"),
        pytest.param("VS/VV", "suspended open", id="another handle does not restore it"),
        pytest.param("VS/S", "suspended open, suspended open", id="another handle has its own"),
        pytest.param("VS/V/V", "suspended restored", id="and the first one again restores it"),
        pytest.param("VS!d/S", "suspended dismissed, suspended open", id="nor is it dismissed for another"),
    ],
)
def test_what_runs_and_people_mean_for_incidents(story: str, expected: str) -> None:
    assert ", ".join(f"{incident.verdict} {incident.state}" for incident in incidents_of(story)) == expected


def test_an_incident_has_when_it_was_last_good_and_first_and_last_bad() -> None:
    (one,) = incidents_of("VVv?SS?S")
    assert (one.last_good_run, one.first_bad_run, one.last_bad_run) == ("run-2", "run-5", "run-8")
    assert (one.first_bad_at, one.last_bad_at) == (FIRST + timedelta(days=5), FIRST + timedelta(days=8))
    assert one.summary == "day 8"
    assert (one.over_at, one.over_run) == (None, None)


def test_an_incident_that_was_never_good_says_so() -> None:
    (one,) = incidents_of("?sS")
    assert (one.last_good_at, one.last_good_run) == (None, None)


def test_a_good_run_of_the_other_account_does_not_count() -> None:
    assert incidents_of("VV/S")[0].last_good_run is None


def test_events_are_in_order() -> None:
    (one,) = incidents_of("VLS!a!nV")
    assert [event.kind.value for event in one.events] == [
        "opened",
        "changed",
        "appealed",
        "noted",
        "restored",
    ]
    assert [event.text for event in one.events] == ["limited", "suspended", "said", "said", ""]
    assert one.over_run == "run-6"


def test_ids_have_the_profile_the_day_and_a_number() -> None:
    assert [one.id for one in incidents_of("VSVS")] == ["jane-20261103-1", "jane-20261105-1"]
    first = incidents_of("S")
    again = after_run(row("S", 1, handle="@other"), earlier=first, last_good=None)
    assert again is not None
    assert (first[0].id, again.id) == ("jane-20261102-1", "jane-20261102-2")


def test_a_failed_check_changes_nothing() -> None:
    earlier = incidents_of("VS")
    assert after_run(row("?", 9, failed=True), earlier=earlier, last_good=None) is None


def test_the_latest_case_number_counts() -> None:
    (one,) = incidents_of("VS")
    for number in ("A-1", "A-2"):
        one = one.with_event(IncidentEvent(at=FIRST, kind=EventKind.CASE, text=number))
    assert (one.case_number, one.state) == ("A-2", IncidentState.OPEN)


def test_dismissing_what_is_over_keeps_when_it_ended() -> None:
    (restored,) = incidents_of("VSV")
    dismissed = restored.with_event(IncidentEvent(at=FIRST + timedelta(days=60), kind=EventKind.DISMISSED))
    assert (dismissed.state, dismissed.over_at) == (IncidentState.DISMISSED, restored.over_at)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (Verdict.SUSPENDED, Verdict.HIDDEN),
        (Verdict.HIDDEN, Verdict.MISSING),
        (Verdict.MISSING, Verdict.LIMITED),
    ],
)
def test_which_verdict_is_worse(one: Verdict, other: Verdict) -> None:
    assert one.worse_than(other)
    assert not other.worse_than(one)
    assert not one.worse_than(one)


def test_an_event_finds_its_incident_by_the_run_that_opened_it() -> None:
    rows = [row("V", 1), row("S", 2)]
    (incident,) = derived(rows, ())[0]
    note = about(incident, IncidentEvent(at=FIRST + timedelta(days=3), kind=EventKind.NOTED, text="heard"))
    earlier = replace(row("S", 2, handle="@june"), run_id="run-1b", at=FIRST + timedelta(days=1, hours=20))
    incidents, unplaced = derived([rows[0], earlier, rows[1]], [note])
    assert [(one.handle, one.events[-1].text) for one in incidents] == [
        ("@june", "suspended"),
        ("@jane", "heard"),
    ]
    assert unplaced == ()


def test_an_event_whose_incident_does_not_exist_is_given_back() -> None:
    (incident,) = incidents_of("VS")
    note = about(incident, IncidentEvent(at=FIRST + timedelta(days=3), kind=EventKind.NOTED))
    assert derived([row("V", 1)], [note]) == ((), (note,))
