"""A week of simulated time: suspension, worsening, recovery, an expired session and a dead channel.

The runs are recorded in a real history, and each round of telling is the one that follows a run; only the clock
and the channels' far ends are made up.
"""

# ruff: noqa: E501 — a row of a table reads best as one line

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest
from channels import Inbox, channel_to, clock, outside
from histories import document, judged, record_runs

from selfcheck.alerts.channels.base import ATTEMPTS
from selfcheck.alerts.configured_channels import ConfiguredChannel
from selfcheck.alerts.dispatch import DispatchContext, DispatchResult, dispatch
from selfcheck.alerts.notice import HELD, AlertMessage, SentNotice
from selfcheck.core.enums import Language, Verdict
from selfcheck.core.incident import EventKind, IncidentEvent
from selfcheck.core.schedule import QuietHours
from selfcheck.core.verdict import RuleHit
from selfcheck.errors import StorageError
from selfcheck.history.service import open_history, rebuild_history
from selfcheck.history.store import History
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.lock import exclusive_lock

MONDAY = datetime(2026, 11, 2, 2, 0, tzinfo=UTC)
SIX_HOURS = timedelta(hours=6)
PROFILES = ("jane", "max")

# A run every six hours: at 2:00, 8:00, 14:00 and 20:00, of two profiles.
#        Mon   Tue   Wed   Thu   Fri   Sat   Sun
JANE = ("VVVV  VVLL  SSSS  SSSS  SSSV  VVVV  VVVV").replace(" ", "")
MAX = ("VVVV  VVV?  ????  ?VVV  V??V  VVVV  VVVV").replace(" ", "")
DEAD = range(9, 15)  # the telephone does not answer from Wednesday 8:00 until Thursday 14:00

EXPECTED = {
    "phone": [
        "Tue 14:00 jane confirmed:limited",
        "Thu 20:00 jane worse:suspended",  # due since Wednesday 2:00; then quiet hours, then it was dead
        "Fri 20:00 jane recovered:suspended",
        # max: blind since Wednesday 8:00, and back before the telephone was
    ],
    "mail": [
        "Tue 14:00 jane confirmed:limited",
        "Wed 02:00 jane worse:suspended",
        "Wed 08:00 max blind",
        "Wed 08:00 None channel-dead:phone",
        "Thu 08:00 max sight",
        "Fri 02:00 jane reminder:suspended",
        "Fri 20:00 jane recovered:suspended",
    ],
    "jane-only": [
        "Wed 02:00 jane confirmed:suspended",
        "Wed 08:00 None channel-dead:phone",
        "Fri 02:00 jane reminder:suspended",
        "Fri 20:00 jane recovered:suspended",
    ],
}


def judgement(name: str, letter: str) -> object:
    if letter == "?":
        why = RuleHit(rule="session.expired", reason="The saved session is not signed in any more.")
        return judged("?", name=name, handle=name, firings=(why,), summary="Nobody looked as the author.")
    return judged(letter, name=name, handle=name)


class Week:
    """The channels, and a history that grows run by run."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.preferences = Preferences.model_validate({"alerts": {"remind_after": "2d", "reminders": 1}})
        self.inboxes = {name: Inbox() for name in EXPECTED}
        self.told: list[DispatchResult] = []
        self.heard: list[str] = []

    def channels(self) -> tuple[ConfiguredChannel, ...]:
        night, inboxes = QuietHours(start=time(22), end=time(7)), self.inboxes
        only = {"profiles": ("jane",), "verdicts": (Verdict.SUSPENDED,)}
        return (
            channel_to(inboxes["phone"], "phone", quiet=night),
            channel_to(inboxes["mail"], "mail", language=Language.GERMAN),
            channel_to(inboxes["jane-only"], "jane-only", **only),
        )

    def run(self, place: int) -> None:
        """Make the run of this place, and tell what is due after it."""
        at = MONDAY + place * SIX_HOURS
        self.inboxes["phone"].dead = "refused with HTTP 500" if place in DEAD else ""
        profiles = [judgement("jane", JANE[place]), judgement("max", MAX[place])]
        record_runs(self.data_dir, document(at, *profiles))  # type: ignore[arg-type]
        self.round(at + timedelta(minutes=1))

    def round(self, now: datetime) -> None:
        occasion = DispatchContext(
            data=DataFolder(self.data_dir), preferences=self.preferences, now=now, profiles=PROFILES
        )
        with open_history(DataFolder(self.data_dir)) as history:
            told = dispatch(history, self.channels(), occasion, outside())
        self.told.append(told)
        at = now - timedelta(minutes=1)
        self.heard += [
            f"{one.channel}: {clock(at)} {one.profile} {one.kind}"
            for one in told.deliveries
            if one.ok and one.kind != HELD
        ]

    def of(self, name: str) -> list[str]:
        return [one.partition(": ")[2] for one in self.heard if one.startswith(f"{name}: ")]


def whole_week(folder: Path) -> Week:
    week = Week(folder)
    for place in range(len(JANE)):
        week.run(place)
    return week


def test_a_week_yields_exactly_the_expected_alerts(tmp_path: Path) -> None:
    assert len(JANE) == len(MAX) == 28
    week = whole_week(tmp_path)
    assert {name: week.of(name) for name in EXPECTED} == EXPECTED
    assert {name: len(inbox.messages) for name, inbox in week.inboxes.items()} == {
        name: len(told) for name, told in EXPECTED.items()
    }


def test_the_alerts_of_the_week_say_what_to_do(tmp_path: Path) -> None:
    week = whole_week(tmp_path)
    titles = {name: [one.title for one in inbox.messages] for name, inbox in week.inboxes.items()}
    assert titles["phone"] == [
        "Limited: @jane on Inkwell",
        "Suspended, it became worse: @jane on Inkwell",
        "Visible again: @jane on Inkwell",
    ]
    blind = next(one for one in week.inboxes["mail"].messages if "@max" in one.title)
    assert "Neu anmelden: selfcheck login max" in blind.body
    assert "3 days and 6 hours" in week.inboxes["phone"].messages[-1].body
    assert "selfcheck appeal jane" in week.inboxes["jane-only"].messages[0].body


def test_a_dead_channel_is_tried_some_times_in_each_round_and_known_in_all(tmp_path: Path) -> None:
    week = whole_week(tmp_path)
    rounds = [place for place, told in enumerate(week.told) if told.dead]
    assert rounds == list(DEAD)
    assert {one.channel for told in week.told for one in told.dead} == {"phone"}
    awake = [place for place in DEAD if place % 4]  # at 2:00 it is not to be woken
    assert week.inboxes["phone"].tries == len(EXPECTED["phone"]) + ATTEMPTS * len(awake)


def test_a_second_round_without_a_run_sends_nothing_twice(tmp_path: Path) -> None:
    week = Week(tmp_path)
    for place in range(10):
        week.run(place)
        before = len(week.heard)
        week.round(MONDAY + place * SIX_HOURS + timedelta(minutes=2))
        assert len(week.heard) == before


def test_a_history_rebuilt_in_the_middle_of_the_week_changes_nothing(tmp_path: Path) -> None:
    week = Week(tmp_path)
    for place in range(len(JANE)):
        week.run(place)
        if place == 15:
            rebuild_history(DataFolder(tmp_path))
    assert {name: week.of(name) for name in EXPECTED} == EXPECTED


def incident_of(history: History) -> str:
    return history.incidents("jane")[0].id


def test_an_appeal_ends_the_reminders_and_a_reminder_stands_beside_the_incident(tmp_path: Path) -> None:
    week, appealed = Week(tmp_path / "a"), Week(tmp_path / "b")
    for place in range(17):
        week.run(place)
        appealed.run(place)
        if place == 10:
            with open_history(DataFolder(appealed.data_dir)) as history:
                said = IncidentEvent(at=MONDAY + place * SIX_HOURS, kind=EventKind.APPEALED)
                history.add_event(incident_of(history), said)
    assert "Fri 02:00 jane reminder:suspended" in week.of("jane-only")
    assert not [one for one in appealed.heard if "reminder" in one]
    with open_history(DataFolder(week.data_dir)) as history:
        kinds = [one.kind for one in history.incident(incident_of(history)).events]
    assert kinds.count(EventKind.REMINDED) == 1


def test_a_profile_that_the_file_no_longer_names_is_not_reported(tmp_path: Path) -> None:
    week = Week(tmp_path)
    occasion = DispatchContext(
        data=DataFolder(tmp_path), preferences=week.preferences, now=MONDAY + 2 * SIX_HOURS, profiles=("max",)
    )
    record_runs(tmp_path, document(MONDAY, judged("S")))
    with open_history(DataFolder(tmp_path)) as history:
        assert dispatch(history, week.channels(), occasion, outside()).deliveries == ()
        everybody = replace(occasion, profiles=None)
        assert {
            one.channel for one in dispatch(history, week.channels(), everybody, outside()).deliveries
        } == {
            "phone",
            "mail",
            "jane-only",
        }


def test_two_rounds_never_run_at_once(tmp_path: Path) -> None:
    record_runs(tmp_path, document(MONDAY, judged("S")))
    week, said = Week(tmp_path), []
    another_round = exclusive_lock(DataFolder(tmp_path).alert_lock, seconds=0, next_step="")
    inbox = week.inboxes["mail"]

    def send(message: AlertMessage) -> SentNotice:
        """While the first round sends, another one wants to begin."""
        with pytest.raises(StorageError, match="could not be locked"), another_round:
            raise AssertionError
        said.append(message.title)
        return SentNotice(ok=True)

    inbox.send = send  # type: ignore[method-assign]
    week.round(MONDAY + timedelta(minutes=1))
    assert len(said) == 1
    with exclusive_lock(DataFolder(tmp_path).alert_lock, seconds=0, next_step=""):
        pass
