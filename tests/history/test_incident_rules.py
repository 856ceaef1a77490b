"""What runs, and what people say, mean for incidents: tables, without a file."""

from datetime import timedelta

import pytest
from histories import FIRST, LETTERS

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.history.incident_rules import after_run

SAID = {
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


def told(story: str) -> list[Incident]:
    """Tell a story: a run for each letter, `/` for another handle from then on, `!x` for what a person says.

    A sign takes a day, whatever it means.
    """
    incidents: list[Incident] = []
    good: dict[str, RunRow] = {}
    handle, letters = "@jane", iter(story)
    for day, letter in enumerate(letters, start=1):
        if letter == "/":
            handle = "@june" if handle == "@jane" else "@jane"
        elif letter == "!":
            event = IncidentEvent(at=FIRST + timedelta(days=day), kind=SAID[next(letters)], text="said")
            incidents[-1] = incidents[-1].with_event(event)
        elif letter != ".":
            one = row(letter, day, handle=handle)
            after = after_run(one, earlier=incidents, last_good=good.get(one.account))
            incidents = [each for each in incidents if after is None or each.id != after.id]
            incidents += [after] if after else []
            incidents.sort(key=lambda each: each.first_bad_at)
            if letter == "V":
                good[one.account] = one
    return incidents


@pytest.mark.parametrize(
    ("story", "expected"),
    [
        pytest.param("VVV", "", id="a visible profile has none"),
        pytest.param("???", "", id="a profile that nobody could tell of has none"),
        pytest.param("Vsss", "", id="what is only likely opens none"),
        pytest.param("Vhlm", "", id="whatever it is likely to be"),
        pytest.param("S", "suspended open", id="the first run may open one"),
        pytest.param("VL", "limited open", id="limited opens one"),
        pytest.param("VH", "hidden open", id="hidden opens one"),
        pytest.param("VM", "missing open", id="missing opens one"),
        pytest.param("VS", "suspended open", id="suspended opens one"),
        pytest.param("VSSSS", "suspended open", id="it goes on through later runs"),
        pytest.param("VS..S", "suspended open", id="it goes on over days without a run"),
        pytest.param("VS???S", "suspended open", id="not to know is no news"),
        pytest.param("VSv", "suspended open", id="a visible that is only likely does not end it"),
        pytest.param("VS?", "suspended open", id="an inconclusive run does not end it"),
        pytest.param("VSl", "suspended open", id="a likely other verdict does not change it"),
        pytest.param("VSV", "suspended restored", id="a confirmed visible restores it"),
        pytest.param("VSVV", "suspended restored", id="once"),
        pytest.param("VLS", "suspended open", id="it becomes worse"),
        pytest.param("VSL", "limited open", id="it becomes milder"),
        pytest.param("VSVS", "suspended restored, suspended open", id="a second one opens after it"),
        pytest.param("VS?V?S", "suspended restored, suspended open", id="whatever could not be told between"),
        pytest.param("VS!aS", "suspended appealed", id="an appealed one goes on as appealed"),
        pytest.param("VS!a!wS", "suspended answered", id="an answered one as answered"),
        pytest.param("VS!a!w!a", "suspended appealed", id="a second appeal after an answer"),
        pytest.param("VS!aL", "limited appealed", id="a change leaves it appealed"),
        pytest.param("VS!aV", "suspended restored", id="an appealed one is restored"),
        pytest.param("VS!n", "suspended open", id="a note changes no state"),
        pytest.param("VS!dSSS", "suspended dismissed", id="a dismissed one is not opened again by the same"),
        pytest.param("VS!d?S", "suspended dismissed", id="nor after a run that could not tell"),
        pytest.param("VS!dsvS", "suspended dismissed", id="nor after one that was only likely"),
        pytest.param("VS!dL", "suspended dismissed", id="nor by a milder verdict"),
        pytest.param("VS!dLS", "suspended dismissed", id="nor by the same after a milder one"),
        pytest.param("VL!dS", "limited dismissed, suspended open", id="but by a worse one"),
        pytest.param("VL!dSL", "limited dismissed, limited open", id="which then goes on by itself"),
        pytest.param("VS!dVS", "suspended dismissed, suspended open", id="or if it was visible in between"),
        pytest.param("VS!dV", "suspended dismissed", id="visible leaves a dismissed one dismissed"),
        pytest.param("VSV!dS", "suspended dismissed, suspended open", id="dismissed when it was over"),
        pytest.param("VS!rS", "suspended restored, suspended open", id="the author's word ends one"),
        pytest.param("VS!r!a", "suspended restored", id="nothing is appealed that is over"),
        pytest.param("VS/VV", "suspended open", id="another handle does not restore it"),
        pytest.param("VS/S", "suspended open, suspended open", id="another handle has its own"),
        pytest.param("VS/V/V", "suspended restored", id="and the first one again restores it"),
        pytest.param("VS!d/S", "suspended dismissed, suspended open", id="nor is it dismissed for another"),
    ],
)
def test_what_runs_and_people_mean_for_incidents(story: str, expected: str) -> None:
    assert ", ".join(f"{one.verdict} {one.state}" for one in told(story)) == expected


def test_an_incident_remembers_last_seen_good_and_first_and_last_seen_bad() -> None:
    (one,) = told("VVv?SS?S")
    assert (one.last_good_run, one.first_bad_run, one.last_bad_run) == ("run-2", "run-5", "run-8")
    assert (one.first_bad_at, one.last_bad_at) == (FIRST + timedelta(days=5), FIRST + timedelta(days=8))
    assert one.summary == "day 8"
    assert (one.over_at, one.over_run) == (None, None)


def test_an_incident_never_seen_good_says_so() -> None:
    (one,) = told("?sS")
    assert (one.last_good_at, one.last_good_run) == (None, None)


def test_the_other_account_of_a_profile_lends_it_no_good_run() -> None:
    assert told("VV/S")[0].last_good_run is None


def test_what_happened_is_told_in_order() -> None:
    (one,) = told("VLS!a!nV")
    assert [event.kind.value for event in one.events] == [
        "opened",
        "changed",
        "appealed",
        "noted",
        "restored",
    ]
    assert [event.text for event in one.events] == ["limited", "suspended", "said", "said", ""]
    assert one.over_run == "run-6"


def test_ids_say_whose_and_since_when_and_are_counted() -> None:
    assert [one.id for one in told("VSVS")] == ["jane-20261103-1", "jane-20261105-1"]
    first = told("S")
    again = after_run(row("S", 1, handle="@other"), earlier=first, last_good=None)
    assert again is not None
    assert (first[0].id, again.id) == ("jane-20261102-1", "jane-20261102-2")


def test_a_failed_check_is_no_news() -> None:
    earlier = told("VS")
    assert after_run(row("?", 9, failed=True), earlier=earlier, last_good=None) is None


def test_a_case_number_is_the_latest_told() -> None:
    (one,) = told("VS")
    for number in ("A-1", "A-2"):
        one = one.with_event(IncidentEvent(at=FIRST, kind=EventKind.CASE, text=number))
    assert (one.case_number, one.state) == ("A-2", IncidentState.OPEN)


def test_dismissing_what_was_over_keeps_when_it_ended() -> None:
    (restored,) = told("VSV")
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
def test_the_order_of_what_is_worse(one: Verdict, other: Verdict) -> None:
    assert one.worse_than(other)
    assert not other.worse_than(one)
    assert not one.worse_than(one)
