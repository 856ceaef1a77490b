"""What is remembered of a profile, for the terminal: a strip of days, its incidents, and its numbers.

Laws:
1. No meaning in the colour alone: each day is a letter, and only the letters that occur are explained.
2. A day without a run is told apart from one on which the run could not tell, and both from a good one.
3. Every moment is in the user's time zone, which is named.
"""

import io
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from textwrap import wrap

from rich.console import Console
from rich.text import Text

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import AccountHistory, Delivery, IncidentChange, PageRow, ProfileDay
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.core.labels import KIND_WORD, STRENGTH_WORD, VERDICT_TONE, VERDICT_WORD, Tone
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words, plural

_GAP = "."
_LETTERS = {
    Verdict.VISIBLE: "V",
    Verdict.LIMITED: "L",
    Verdict.HIDDEN: "H",
    Verdict.SUSPENDED: "S",
    Verdict.MISSING: "M",
    Verdict.INCONCLUSIVE: "?",
}
_STYLE = {
    Tone.GOOD: "bold green",
    Tone.BAD: "bold red",
    Tone.WARN: "bold yellow",
    Tone.UNCLEAR: "bold magenta",
}
_WIDTH = 80
_HARD_SPACE = "\u00a0"
_BAR = 24  # columns of the longest bar
_EVENT = {
    EventKind.OPENED: "opened",
    EventKind.CHANGED: "became",
    EventKind.NOTED: "note",
    EventKind.APPEALED: "appealed",
    EventKind.ANSWERED: "answered",
    EventKind.CASE: "case number",
    EventKind.RESTORED: "restored",
    EventKind.DISMISSED: "dismissed",
    EventKind.REMINDED: "reminded",
}
Line = Text | str


def history_text(
    accounts: Iterable[AccountHistory], *, zone: tzinfo, now: datetime, colour: bool = False
) -> str:
    """Return the histories as text for people."""
    console = Console(
        file=io.StringIO(),
        width=_WIDTH,
        force_terminal=colour,
        color_system="standard" if colour else None,
        no_color=not colour,
        highlight=False,
        emoji=False,
        markup=False,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as captured:
        for place, account in enumerate(accounts):
            for line in ("",) * bool(place), _lines(account, zone, now):
                for one in line:
                    console.print(one, soft_wrap=True)
    return captured.get()


def day_letter(day: ProfileDay) -> str:
    """Return the letter of a day: a capital is confirmed, a small one only likely."""
    if day.verdict is None:
        return _GAP
    letter = _LETTERS[day.verdict]
    return letter if day.strength is Strength.CONFIRMED else letter.lower()


def change_line(change: IncidentChange) -> str:
    """Return in one line what a run changed about an incident."""
    incident = change.incident
    what = {
        EventKind.OPENED: f"has opened ({incident.verdict.value})",
        EventKind.CHANGED: f"has become {incident.verdict.value}",
        EventKind.RESTORED: "is over: strangers see it again",
    }[change.event.kind]
    return f"{change.profile}: the incident {incident.id} {what}."


def _lines(account: AccountHistory, zone: tzinfo, now: datetime) -> Iterator[Line]:
    former = "" if account.current else ", no longer looked at"
    yield Text(f"{account.profile}: {one_line(account.handle)} on {account.platform}{former}", style="bold")
    yield from _latest(account, zone)
    yield ""
    yield from _strip(account.days, zone)
    yield ""
    yield from _incidents(account, zone, now)
    yield ""
    yield from _numbers(account.recent)


def _latest(account: AccountHistory, zone: tzinfo) -> Iterator[Line]:
    row = account.last_run
    sure = f" ({STRENGTH_WORD[row.strength]})" if row.verdict is not Verdict.INCONCLUSIVE else ""
    word = "selfcheck itself failed" if row.failed else f"{VERDICT_WORD[row.verdict]}{sure}"
    line = Text(f"  Last run {_moment(row.at, zone)}: ")
    yield line.append(word, style=_STYLE[VERDICT_TONE[row.verdict]])


# -- the strip -------------------------------------------------------------------------------------------


def _strip(days: Sequence[ProfileDay], zone: tzinfo) -> Iterator[Line]:
    yield f"  Days, in the time zone {zone}"
    yield "            1      8      15     22     29"
    for month, found in groupby(days, key=lambda day: (day.day.year, day.day.month)):
        in_month = list(found)
        line = Text(f"    {month[0]}-{month[1]:02d} ").append(" " * (in_month[0].day.day - 1))
        for day in in_month:
            line.append(day_letter(day), style=_style(day.verdict))
        yield line
    yield from _legend(days)
    yield from _wrapped(_tally(days), "    ")


def _style(verdict: Verdict | None) -> str:
    return _STYLE[VERDICT_TONE[verdict]] if verdict is not None else "dim"


def _legend(days: Sequence[ProfileDay]) -> Iterator[Line]:
    letters = {day_letter(day) for day in days}
    told = [
        f"{letter} {VERDICT_WORD[verdict].lower()}{' (only likely)' if letter.islower() else ''}"
        for verdict, capital in _LETTERS.items()
        for letter in dict.fromkeys((capital, capital.lower()))
        if letter in letters
    ]
    told += [f"{_GAP} no run"] if _GAP in letters else []
    whole = " | ".join(each.replace(" ", _HARD_SPACE) for each in told)
    yield from (line.replace(_HARD_SPACE, " ") for line in _wrapped(whole, "    "))


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


def _tally(days: Sequence[ProfileDay]) -> str:
    told = [day for day in days if day.told]
    good = sum(day.verdict is Verdict.VISIBLE for day in told)
    unknown = sum(bool(day.runs) and not day.told for day in days)
    gaps = sum(day.gap for day in days)
    seen = f"Visible on {good} of the {plural(len(told), 'day')} of which a run could tell"
    return f"{seen if told else 'No run could tell on any day'}; unknown on {unknown}, no run on {gaps}."


# -- incidents -------------------------------------------------------------------------------------------


def _incidents(account: AccountHistory, zone: tzinfo, now: datetime) -> Iterator[Line]:
    if not account.incidents:
        yield "  No incident."
        return
    yield "  Incidents, the latest first"
    for one in account.incidents:
        yield from _incident(one, zone, now)
        yield from _pages(account.pages.get(one.last_bad_run, ()))
        told = [(event.at, _event(event)) for event in one.events]
        told += [(sent.at, _delivery(sent)) for sent in account.deliveries if sent.incident == one.id]
        yield from (f"      {_moment(at, zone)}  {said}" for at, said in sorted(told, key=itemgetter(0)))


def _pages(pages: Sequence[PageRow]) -> Iterator[Line]:
    """Say of how many pages it is told, by kind and verdict."""
    told = Counter(f"{KIND_WORD[page.kind]} {VERDICT_WORD[page.verdict].lower()}" for page in pages)
    parts = (f"{count} x {what}" if count > 1 else what for what, count in told.items())
    yield from _wrapped(", ".join(parts), "      ")


def _incident(one: Incident, zone: tzinfo, now: datetime) -> Iterator[Line]:
    lasted = duration_words((one.over_at or now) - one.first_bad_at)
    how = f"{one.state.value} after {lasted}" if one.over else f"{one.state.value}, for {lasted} so far"
    line = Text(f"    {one.id}  ").append(VERDICT_WORD[one.verdict].lower(), style=_style(one.verdict))
    yield line.append(f", {how}")
    good = _moment(one.last_good_at, zone) if one.last_good_at else "never"
    yield f"      last seen good {good}, first seen bad {_moment(one.first_bad_at, zone)}"
    ended = f", over {_moment(one.over_at, zone)}" if one.over_at else ""
    yield f"      last seen bad {_moment(one.last_bad_at, zone)}{ended}"
    yield from ([f"      case number {one_line(one.case_number)}"] if one.case_number else [])


def _event(event: IncidentEvent) -> str:
    return _EVENT[event.kind] + (f": {one_line(event.text)}" if event.text else "")


def _delivery(sent: Delivery) -> str:
    what = (
        f"told by {one_line(sent.channel)}" if sent.ok else f"could not be told by {one_line(sent.channel)}"
    )
    return what + (f": {one_line(sent.detail)}" if sent.detail else "")


def _moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


# -- numbers ---------------------------------------------------------------------------------------------


def _numbers(days: Sequence[ProfileDay]) -> Iterator[Line]:
    if all(day.followers is None and day.views is None for day in days):
        yield f"  No followers and views were read in the last {plural(len(days), 'day')}."
        return
    yield f"  Numbers of the last {plural(len(days), 'day')}; - where none was read"
    yield f"    {'day':<10}  {'found':<14}  {'followers':>9}  {'views':>7}"
    most = max((day.views or 0 for day in days), default=0)
    yield from (_number_line(day, most) for day in days)


def _number_line(day: ProfileDay, most: int) -> Line:
    found = "no run" if day.verdict is None else VERDICT_WORD[day.verdict].lower()
    line = Text(f"    {_iso(day.day)}  ").append(f"{found:<14}", style=_style(day.verdict))
    bar = "#" * (round(day.views / most * _BAR) if day.views and most else 0)
    return line.append(f"  {_number(day.followers):>9}  {_number(day.views):>7}  {bar}".rstrip())


def _iso(day: date) -> str:
    return day.isoformat()


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
