"""What a channel is to be told, from the history and from what it was told before."""

# ruff: noqa: E501 — a row of a table reads best as one line

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from selfcheck.alerts.notice import HELD, AlertHistory, Notice, NoticeKind
from selfcheck.alerts.rules import (
    due,
    held_back,
    monitoring_status,
    outages,
    outages_to_tell,
    quiet_hours_ended,
)
from selfcheck.core.enums import BAD, MonitoringGap, Strength, Verdict
from selfcheck.core.history import Delivery, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.core.schedule import QuietHours
from selfcheck.history.rules import after_run
from selfcheck.settings.alerts import Alerts, ChannelSettings

FIRST = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
LETTERS = {
    "v": Verdict.VISIBLE,
    "l": Verdict.LIMITED,
    "h": Verdict.HIDDEN,
    "s": Verdict.SUSPENDED,
    "m": Verdict.MISSING,
    "?": Verdict.INCONCLUSIVE,
}
PHONE = ChannelSettings(name="phone", kind="terminal")
RECORD = ChannelSettings(name="repo", kind="github-issue")
RULES = Alerts()


def phone(**settings: object) -> ChannelSettings:
    """The telephone, set in another way."""
    return PHONE.model_copy(update=settings)


def row(letter: str, at: datetime, *rules: str, handle: str = "@jane") -> RunRow:
    """A run's row: a capital is confirmed, a small letter only likely, `x` a failure of selfcheck's own."""
    failed = letter == "x"
    return RunRow(
        run_id=f"{at:%Y%m%dT%H%M%SZ}-aaaaaa",
        profile="jane",
        platform="demo",
        handle=handle,
        at=at,
        verdict=Verdict.INCONCLUSIVE if failed else LETTERS[letter.lower()],
        silent=True,
        strength=Strength.CONFIRMED if letter.isupper() else Strength.LIKELY,
        summary=f"It is {letter}.",
        rules=rules,
        failed=failed,
    )


def past(letters: str, *, rule: str = "wall.challenge", gap: timedelta = DAY) -> AlertHistory:
    """A past with a run a day; `.` is a day without one, `!` an appeal on that day, `-` a dismissal."""
    rows: list[RunRow] = []
    incidents: list[Incident] = []
    for place, letter in enumerate(letters):
        at = FIRST + place * gap
        if letter in "!-":
            kind = EventKind.APPEALED if letter == "!" else EventKind.DISMISSED
            incidents[-1] = incidents[-1].with_event(IncidentEvent(at=at, kind=kind))
        elif letter != ".":
            rows.append(row(letter, at, rule))
            good = next((one for one in reversed(rows) if one.verdict is Verdict.VISIBLE), None)
            after = after_run(rows[-1], earlier=incidents, last_good=good)
            if after is not None:
                incidents = [*(one for one in incidents if one.id != after.id), after]
    return AlertHistory(profile="jane", rows=tuple(rows), incidents=tuple(incidents))


def played(
    letters: str,
    channel: ChannelSettings = PHONE,
    *,
    rules: Alerts = RULES,
    dead: Sequence[int] = (),
    gap: timedelta = DAY,
    **more: str,
) -> str:
    """Play the days and return what the channel was told: `day kind:verdict`, in order.

    On the days in `dead` the channel does not answer; in quiet hours notices are held back.
    """
    deliveries: list[Delivery] = []
    for day in range(len(letters)):
        now = FIRST + day * gap + timedelta(minutes=5)
        for notice in due(channel, rules, past(letters[: day + 1], gap=gap, **more), deliveries, now):
            held = held_back(channel, notice, now, UTC)
            deliveries.append(
                Delivery(
                    at=now,
                    channel=channel.name,
                    kind=HELD if held else str(notice.mark),
                    profile=notice.profile,
                    incident=notice.incident.id if notice.incident else None,
                    ok=held or day not in dead,
                )
            )
    told = (one for one in deliveries if one.ok and one.kind != HELD)
    return ", ".join(f"{(one.at - FIRST) // gap} {one.kind}" for one in told)


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        pytest.param("VVVV", "", id="what was always visible is not told"),
        pytest.param("VSSS", "1 confirmed:suspended", id="a suspension is told once, not for every run"),
        pytest.param("VhV", "", id="what is only likely, and soon gone, is not told"),
        pytest.param("VhHH", "2 confirmed:hidden", id="it is told when it is confirmed"),
        pytest.param(
            "VLLHHS", "1 confirmed:limited, 3 worse:hidden, 5 worse:suspended", id="each worsening is told"
        ),
        pytest.param("VSHSH", "1 confirmed:suspended", id="to and fro below the worst is not told"),
        pytest.param("VSVV", "1 confirmed:suspended, 2 recovered:suspended", id="recovery is told once"),
        pytest.param(
            "VSVS",
            "1 confirmed:suspended, 2 recovered:suspended, 3 confirmed:suspended",
            id="a second incident is told as the first was",
        ),
        pytest.param(
            "V?SV", "2 confirmed:suspended, 3 recovered:suspended", id="an inconclusive run changes nothing"
        ),
        pytest.param("VS?S", "1 confirmed:suspended", id="an inconclusive run in between does not repeat it"),
        pytest.param("VS-SS", "1 confirmed:suspended", id="a dismissed incident is not told again"),
        pytest.param(
            "VH-S",
            "1 confirmed:hidden, 3 confirmed:suspended",
            id="what was dismissed and became worse is told",
        ),
    ],
)
def test_an_incident_is_reported_once_for_each_change(letters: str, told: str) -> None:
    assert played(letters, gap=timedelta(hours=6)) == told


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        pytest.param(
            "VSSSSSSSSSSSSSSS",
            "1 confirmed:suspended, 4 reminder:suspended, 7 reminder:suspended, 10 reminder:suspended",
            id="every three days, three times, and then no more",
        ),
        pytest.param("VS!SSSSSS", "1 confirmed:suspended", id="an appeal ends the reminders"),
        pytest.param("VSSVVVV", "1 confirmed:suspended, 3 recovered:suspended", id="none after recovery"),
        pytest.param(
            "VLLHSSSS",
            "1 confirmed:limited, 3 worse:hidden, 4 worse:suspended, 7 reminder:suspended",
            id="they count from what was told last",
        ),
        pytest.param(
            "VS....S", "1 confirmed:suspended, 4 reminder:suspended", id="they come between runs, too"
        ),
    ],
)
def test_a_reminder_comes_while_nothing_has_been_done(letters: str, told: str) -> None:
    assert played(letters, phone(verdicts=BAD)) == told


def test_reminders_can_be_turned_off() -> None:
    assert played("VSSSSSSSS", rules=Alerts(reminders=0)) == "1 confirmed:suspended"


@pytest.mark.parametrize(
    ("letters", "gap", "told"),
    [
        pytest.param("V??", 6, "", id="two inconclusive runs are not reported"),
        pytest.param("V???????", 6, "3 blind", id="three in a row are told, once"),
        pytest.param("V???V", 6, "3 blind, 4 sight", id="the end of the gap is told"),
        pytest.param("V???VVV", 6, "3 blind, 4 sight", id="and told once"),
        pytest.param("V??V??V", 6, "", id="one conclusive run in between restarts the count"),
        pytest.param("V???V???", 6, "3 blind, 4 sight, 7 blind", id="the next time is told as the first"),
        pytest.param(
            "V??", 24, "2 blind", id="two days without a conclusive run are told before the third run"
        ),
        pytest.param("V....", 24, "2 blind", id="no run at all for two days is told, too"),
        pytest.param("V...V", 24, "2 blind, 4 sight", id="and that runs are made again"),
        pytest.param("???", 6, "2 blind", id="a profile without any conclusive run is told"),
        pytest.param("Vxxx", 6, "3 blind", id="failures of selfcheck count as inconclusive"),
        pytest.param(
            "Vhhh",
            6,
            "2 possible:hidden, 3 blind",
            id="bad verdicts that nothing confirms count as inconclusive",
        ),
        pytest.param("Vvvv", 6, "", id="likely visible is conclusive enough"),
        pytest.param(
            "VS???S", 6, "1 confirmed:suspended, 4 blind, 5 sight", id="in an incident, too, and it goes on"
        ),
        pytest.param(
            "VS???V",
            6,
            "1 confirmed:suspended, 4 blind, 5 sight, 5 recovered:suspended",
            id="the end of the gap comes before what is found",
        ),
    ],
)
def test_a_gap_in_monitoring_is_reported_after_a_while_and_once(letters: str, gap: int, told: str) -> None:
    assert played(letters, gap=timedelta(hours=gap)) == told


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("session.expired", MonitoringGap.SESSION_EXPIRED),
        ("session.other-account", MonitoringGap.OTHER_ACCOUNT),
        ("wall.challenge", MonitoringGap.WALL),
        ("wall.rate-limited", MonitoringGap.RATE_LIMITED),
        ("transport.unreachable", MonitoringGap.OUTAGE),
        ("controls.live-gone", MonitoringGap.CONTROLS),
        ("page.unrecognised", MonitoringGap.UNRECOGNISED),
        ("looks.disagree", MonitoringGap.OTHER),
    ],
)
def test_the_reason_is_that_of_the_last_run(rule: str, why: MonitoringGap) -> None:
    (notice,) = due(PHONE, RULES, past("V???", rule=rule), (), FIRST + 3 * DAY)
    assert notice.gap is not None
    assert (notice.gap.why, notice.gap.runs, notice.gap.last_conclusive) == (why, 3, FIRST)


@pytest.mark.parametrize(
    ("letters", "why"),
    [("Vxxx", MonitoringGap.FAILED), ("Vhhh", MonitoringGap.UNSURE), ("V", MonitoringGap.NO_RUN)],
)
def test_the_reason_without_a_rule(letters: str, why: MonitoringGap) -> None:
    notices = due(PHONE, RULES, past(letters), (), FIRST + 4 * DAY)
    assert [notice.gap.why for notice in notices if notice.gap is not None] == [why]


def test_another_account_starts_from_the_beginning() -> None:
    renamed = row("?", FIRST + 3 * DAY, "wall.challenge", handle="@janet")
    before = past("V??")
    assert due(PHONE, RULES, replace(before, rows=(*before.rows, renamed)), (), FIRST + 3 * DAY) == ()


# -- channels --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "dead", "told"),
    [
        pytest.param("VSSS", [1, 2], "3 confirmed:suspended", id="it hears later what it missed"),
        pytest.param("VLSS", [1], "2 confirmed:suspended", id="it hears how it stands, not each step"),
        pytest.param(
            "VSVV", [1, 2], "3 recovered:suspended", id="of what is over it hears that, with its length"
        ),
        pytest.param(
            "VSVV", [2], "1 confirmed:suspended, 3 recovered:suspended", id="a recovery is not lost"
        ),
        pytest.param("V???V", [3], "", id="a gap that is over before it can be told is not news"),
    ],
)
def test_a_dead_channel_gets_its_notices_later(letters: str, dead: list[int], told: str) -> None:
    assert played(letters, dead=dead, gap=timedelta(hours=6)) == told


def test_a_new_channel_is_told_what_goes_on_and_not_what_is_over() -> None:
    now = FIRST + 5 * DAY
    assert due(PHONE, RULES, past("VSVV"), (), FIRST + 3 * DAY) == ()
    assert [str(one.mark) for one in due(PHONE, RULES, past("VSVVSS"), (), now)] == ["confirmed:suspended"]


def test_what_one_channel_was_told_does_not_count_for_another() -> None:
    told = Delivery(
        at=FIRST + DAY,
        channel="mail",
        kind="confirmed:suspended",
        profile="jane",
        incident=past("VS").incidents[0].id,
        ok=True,
    )
    assert [str(one.mark) for one in due(PHONE, RULES, past("VS"), [told], FIRST + DAY)] == [
        "confirmed:suspended"
    ]
    assert due(phone(name="mail"), RULES, past("VS"), [told], FIRST + DAY) == ()


@pytest.mark.parametrize(
    ("channel", "letters", "told"),
    [
        pytest.param(phone(profiles=("max",)), "VSV", "", id="a channel of other profiles"),
        pytest.param(
            phone(profiles=("jane",)), "VSV", "1 confirmed:suspended, 2 recovered:suspended", id="of this one"
        ),
        pytest.param(
            phone(verdicts=(Verdict.SUSPENDED,)), "VLLSV", "3 confirmed:suspended, 4 recovered:suspended",
            id="a channel of suspensions hears when it comes to that",
        ),
        pytest.param(phone(verdicts=(Verdict.SUSPENDED,)), "VLLV", "", id="and nothing of what it is not for"),
        pytest.param(phone(verdicts=(Verdict.SUSPENDED,)), "V???V", "", id="nor of gaps"),
        pytest.param(
            RECORD, "VSHHSV",
            "1 confirmed:suspended, 2 changed:hidden, 4 changed:suspended, 5 recovered:suspended",
            id="a record hears of every change",
        ),
        pytest.param(RECORD, "VSSSSSSSS", "1 confirmed:suspended", id="a record is not reminded"),
        pytest.param(RECORD, "VS-", "1 confirmed:suspended, 2 dismissed:suspended", id="a record hears of dismissal"),
    ],
)  # fmt: skip
def test_each_channel_is_told_what_it_is_for(channel: ChannelSettings, letters: str, told: str) -> None:
    assert played(letters, channel, gap=timedelta(hours=6)) == told


BERLIN, NIGHT = ZoneInfo("Europe/Berlin"), QuietHours(start=time(22), end=time(7))


@pytest.mark.parametrize(
    ("clock", "quiet"),
    [("20:59", False), ("21:00", True), ("23:30", True), ("05:59", True), ("06:00", False), ("12:00", False)],
)
def test_quiet_hours_are_those_of_the_users_clock_and_pass_midnight(clock: str, quiet: bool) -> None:
    hour, minute = map(int, clock.split(":"))
    moment = datetime(2026, 1, 15, hour, minute, tzinfo=UTC)  # an hour behind Berlin in winter
    assert NIGHT.covers(moment, BERLIN) is quiet
    assert QuietHours(start=time(9), end=time(10)).covers(moment, BERLIN) is False


@pytest.mark.parametrize(
    ("hours", "quiet"),
    [
        pytest.param(
            (time(2, 30), time(3, 30)), "01:00 01:29", id="they begin at a time that the clock leaves out"
        ),
        pytest.param((time(1), time(2, 30)), "00:00 00:59", id="they end at one"),
        pytest.param((time(2, 10), time(2, 50)), "", id="the clock leaves out all of them"),
    ],
)
def test_quiet_hours_on_the_night_on_which_the_clock_is_put_forward(
    hours: tuple[time, time], quiet: str
) -> None:
    begin = datetime(2026, 3, 29, 0, tzinfo=UTC)  # 01:00 in Berlin; at 01:00 UTC it is 03:00 there
    night = [begin + timedelta(minutes=minute) for minute in range(180)]
    held = [f"{at:%H:%M}" for at in night if QuietHours(start=hours[0], end=hours[1]).covers(at, BERLIN)]
    assert " ".join(held[:1] + held[-1:]) == quiet


def test_quiet_hours_that_the_clock_shows_twice_are_quiet_twice_and_end_each_time() -> None:
    begin = datetime(2026, 10, 25, 0, tzinfo=UTC)  # 02:00 in Berlin, and again an hour later
    channel = phone(quiet=QuietHours(start=time(2, 15), end=time(2, 45)))
    night = [begin + timedelta(minutes=minute) for minute in range(180)]
    ended = [
        f"{at:%H:%M}" for at in night if quiet_hours_ended([channel], at - timedelta(minutes=1), at, BERLIN)
    ]
    assert ended == ["00:45", "01:45"]


@pytest.mark.parametrize(
    ("kind", "passes", "held"),
    [
        pytest.param(NoticeKind.CONFIRMED, False, True, id="all is held back"),
        pytest.param(NoticeKind.CONFIRMED, True, False, id="unless urgent ones pass"),
        pytest.param(NoticeKind.WORSE, True, False, id="a worsening is urgent"),
        pytest.param(NoticeKind.RECOVERED, True, True, id="a recovery is not"),
        pytest.param(NoticeKind.LOST, True, True, id="a gap is not"),
        pytest.param(NoticeKind.REMINDER, True, True, id="a reminder is not"),
    ],
)
def test_quiet_hours_hold_notices_back(kind: NoticeKind, passes: bool, held: bool) -> None:
    channel = phone(quiet=NIGHT, urgent_passes=passes)
    midnight = datetime(2026, 1, 15, 0, 0, tzinfo=UTC)
    assert held_back(channel, Notice(kind=kind, profile="jane"), midnight, BERLIN) is held
    assert (
        held_back(channel, Notice(kind=kind, profile="jane"), midnight + timedelta(hours=12), BERLIN) is False
    )


@pytest.mark.parametrize(
    ("letters", "told"),
    [  # a run every 6 hours from 9:00 UTC: places 2 and 3 (21:00 and 3:00) are quiet
        pytest.param("VVSSSS", "4 confirmed:suspended", id="it is sent after them"),
        pytest.param("VVSVVV", "4 recovered:suspended", id="what came and went at night is told as over"),
        pytest.param("VLSSSS", "1 confirmed:limited, 4 worse:suspended", id="a worsening waits, too"),
    ],
)
def test_what_was_held_back_is_told_after_the_quiet_hours(letters: str, told: str) -> None:
    quiet = QuietHours(start=time(21), end=time(7))
    assert played(letters, phone(quiet=quiet), gap=timedelta(hours=6)) == told


def test_a_dead_channel_is_told_on_the_others_once_until_it_has_worked_again() -> None:
    def tried(day: int, name: str, *, ok: bool, kind: str = "confirmed:hidden") -> Delivery:
        at = FIRST + day * DAY
        return Delivery(
            at=at, channel=name, kind=kind, profile="jane", incident="x", ok=ok, detail="HTTP 500"
        )

    known = [tried(1, "phone", ok=True), tried(2, "phone", ok=False), tried(3, "phone", ok=False)]
    (outage,) = outages(["phone", "mail"], known)
    assert (outage.channel, outage.since, outage.tries) == ("phone", FIRST + 2 * DAY, 2)
    mail = phone(name="mail")
    assert [str(one.mark) for one in outages_to_tell(mail, [outage], known)] == ["channel-dead:phone"]
    assert list(outages_to_tell(PHONE, [outage], known)) == []
    assert list(outages_to_tell(RECORD, [outage], known)) == []
    told = [*known, tried(3, "mail", ok=True, kind="channel-dead:phone")]
    assert list(outages_to_tell(mail, outages(["phone", "mail"], told), told)) == []
    assert outages(["phone"], [*told, tried(4, "phone", ok=True)]) == ()
    again = [*told, tried(4, "phone", ok=True), tried(5, "phone", ok=False)]
    (second,) = outages(["phone"], again)
    assert [str(one.mark) for one in outages_to_tell(mail, [second], again)] == ["channel-dead:phone"]


def test_what_is_held_back_or_of_a_later_version_is_not_an_outage() -> None:
    held = Delivery(at=FIRST, channel="phone", kind=HELD, profile="jane", incident="x", ok=True)
    later = replace(held, kind="something-new:suspended", at=FIRST + DAY)
    assert outages(["phone"], [held, later]) == ()
    assert due(PHONE, RULES, past("V"), [held, later], FIRST) == ()


# -- overdue ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("letters", "hours", "overdue", "missed"),
    [
        pytest.param("V", 23, False, 0, id="checked yesterday"),
        pytest.param("V", 29, False, 0, id="late, within the grace"),
        pytest.param("V", 31, True, 0, id="too late"),
        pytest.param("S", 23, False, 0, id="a suspension is conclusive, too"),
        pytest.param("V??", 49, True, 2, id="inconclusive runs do not count"),
        pytest.param("?", 1, True, 1, id="no run was ever conclusive"),
        pytest.param("", 1, True, 0, id="there never was a run"),
    ],
)
def test_a_check_is_overdue_when_none_was_conclusive_in_time(
    letters: str, hours: int, overdue: bool, missed: int
) -> None:
    now = FIRST + timedelta(hours=hours)
    found = monitoring_status("jane", past(letters).rows, every=DAY, grace=timedelta(hours=6), now=now)
    assert (found.overdue, found.missed) == (overdue, missed)
    assert found.due == (FIRST + DAY if letters[:1] in {"V", "S"} else None)


@pytest.mark.parametrize(
    ("letters", "told"),
    [
        pytest.param("Vh", "", id="one likely run is not told"),
        pytest.param("Vhh", "2 possible:hidden", id="the same in two runs is"),
        pytest.param("Vhhhh", "2 possible:hidden, 3 blind", id="once, and then that nothing is conclusive"),
        pytest.param("Vhs", "", id="two that differ are not"),
        pytest.param("Vh?h", "3 blind", id="nor two with another between"),
        pytest.param("Vhxh", "3 blind", id="nor with a failure between"),
        pytest.param("VhhVhh", "2 possible:hidden, 5 possible:hidden", id="again after a conclusive run"),
        pytest.param(
            "VhhH", "2 possible:hidden, 3 confirmed:hidden", id="and an incident when it is confirmed"
        ),
        pytest.param("VHhh", "1 confirmed:hidden", id="nothing of it while an incident goes on"),
    ],
)
def test_the_same_likely_verdict_twice_is_told_once_as_possible(letters: str, told: str) -> None:
    assert played(letters, gap=timedelta(hours=6)) == told
    assert past(letters).incidents == () or "H" in letters


def test_what_is_possible_is_not_recorded_as_an_issue() -> None:
    assert played("Vhh", RECORD, gap=timedelta(hours=6)) == ""


@pytest.mark.parametrize(
    ("letters", "hours", "rule", "told"),
    [
        pytest.param("V???", 24, "wall.challenge", "2 blind", id="a wall of two days may go away"),
        pytest.param("V????", 24, "wall.challenge", "2 blind, 4 blocked", id="one of three days is told"),
        pytest.param("V????????", 24, "wall.challenge", "2 blind, 4 blocked", id="once"),
        pytest.param("V??????", 6, "wall.challenge", "3 blind", id="many runs of one day are not three days"),
        pytest.param("V?..?", 24, "wall.challenge", "2 blind", id="nor are two runs enough"),
        pytest.param("V????", 24, "wall.login", "2 blind", id="where everybody has to sign in it does not help"),
        pytest.param("V????", 24, "transport.unreachable", "2 blind", id="nor in an outage"),
        pytest.param("V??x??", 24, "wall.challenge", "2 blind", id="only a wall before every run"),
        pytest.param("V????V????", 24, "wall.challenge", "2 blind, 4 blocked, 5 sight, 7 blind, 9 blocked", id="the next wall is told as the first"),
    ],
)  # fmt: skip
def test_a_wall_before_every_run_for_days_is_told_once(
    letters: str, hours: int, rule: str, told: str
) -> None:
    assert played(letters, rule=rule, gap=timedelta(hours=hours)) == told
    assert past(letters, rule=rule).incidents == ()
