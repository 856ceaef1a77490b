"""The history of a profile for the terminal: a strip of days, its incidents, and its numbers.

Laws:
1. No meaning in the colour alone: each day is a letter, and only the letters that occur are explained.
2. A day without a run looks different from one with an inconclusive run, and both from a good one.
3. Every moment is in the user's time zone, which is named.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, tzinfo
from itertools import groupby
from operator import itemgetter
from textwrap import wrap

from rich.text import Text

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import AccountHistory, IncidentChange, ProfileDay
from selfcheck.core.incident import EventKind, Incident
from selfcheck.core.labels import KIND_WORD, STRENGTH_WORD, VERDICT_TONE, VERDICT_WORD
from selfcheck.core.terminal_text import TONE_STYLE, terminal_text
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
    EventKind.TOLD: "told by the platform",
    EventKind.STEP: "step taken",
    EventKind.TICKED: "found in the reply",
    EventKind.ITEM_DONE: "called done",
}
Line = Text | str


def history_text(
    accounts: Iterable[AccountHistory],
    *,
    zone: tzinfo,
    now: datetime,
    titles: Mapping[str, str] | None = None,
    colour: bool = False,
) -> str:
    """Return the histories as text for people; `titles` has the platforms' names as people write them."""

    def lines() -> Iterator[Line]:
        for position, account in enumerate(accounts):
            if position:
                yield ""
            title = (titles or {}).get(account.platform, account.platform)
            former = "" if account.current else ", no longer checked"
            whose = f"{account.profile}: {one_line(account.handle)} on {one_line(title)}"
            yield Text(f"{whose}{former}", style="bold")
            yield from _lines(account, zone, now)

    return terminal_text(lines(), width=_WIDTH, colour=colour)


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
        EventKind.RESTORED: "is over: the public sees it again",
    }[change.event.kind]
    return f"{change.profile}: the incident {incident.id} {what}."


def _lines(account: AccountHistory, zone: tzinfo, now: datetime) -> Iterator[Line]:
    row = account.last_run
    sure = f" ({STRENGTH_WORD[row.strength]})" if row.verdict is not Verdict.INCONCLUSIVE else ""
    word = "selfcheck itself failed" if row.failed else f"{VERDICT_WORD[row.verdict]}{sure}"
    yield Text(f"  Last run {_moment(row.at, zone)}: ").append(word, style=_style(row.verdict))
    yield ""
    yield from _strip(account.days, zone)
    yield ""
    yield from _incidents(account, zone, now)
    yield ""
    yield from _numbers(account.recent)


def _style(verdict: Verdict | None) -> str:
    return TONE_STYLE[VERDICT_TONE[verdict]] if verdict is not None else "dim"


def _moment(moment: datetime, zone: tzinfo) -> str:
    return f"{moment.astimezone(zone):%Y-%m-%d %H:%M}"


def _wrapped(text: str, indent: str) -> list[str]:
    return wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent)


# -- the strip -------------------------------------------------------------------------------------------


def _strip(days: Sequence[ProfileDay], zone: tzinfo) -> Iterator[Line]:
    yield f"  Days, in the time zone {zone}"
    yield "            1      8      15     22     29"
    for (year, month), group in groupby(days, key=lambda day: (day.day.year, day.day.month)):
        of_month = list(group)
        line = Text(f"    {year}-{month:02d} ").append(" " * (of_month[0].day.day - 1))
        for day in of_month:
            line.append(day_letter(day), style=_style(day.verdict))
        yield line
    yield from _legend(days)
    yield from _wrapped(_tally(days), "    ")


def _legend(days: Sequence[ProfileDay]) -> Iterator[Line]:
    letters = {day_letter(day) for day in days}
    meanings = [
        f"{letter} {VERDICT_WORD[verdict].lower()}{' (only likely)' if letter.islower() else ''}"
        for verdict, capital in _LETTERS.items()
        for letter in dict.fromkeys((capital, capital.lower()))
        if letter in letters
    ]
    meanings += [f"{_GAP} no run"] if _GAP in letters else []
    unbroken = " | ".join(meaning.replace(" ", _HARD_SPACE) for meaning in meanings)
    yield from (line.replace(_HARD_SPACE, " ") for line in _wrapped(unbroken, "    "))


def _tally(days: Sequence[ProfileDay]) -> str:
    conclusive = [day for day in days if day.conclusive]
    good = sum(day.verdict is Verdict.VISIBLE for day in conclusive)
    unknown = sum(bool(day.runs) and not day.conclusive for day in days)
    gaps = sum(day.gap for day in days)
    visible = f"Visible on {good} of {plural(len(conclusive), 'day')} with a conclusive run"
    return (
        f"{visible if conclusive else 'No day has a conclusive run'}; unknown on {unknown}, no run on {gaps}."
    )


# -- incidents -------------------------------------------------------------------------------------------


def _incidents(account: AccountHistory, zone: tzinfo, now: datetime) -> Iterator[Line]:
    if not account.incidents:
        yield "  No incident."
        return
    yield "  Incidents, the latest first"
    for incident in account.incidents:
        yield from _incident(incident, zone, now)
        pages = account.pages.get(incident.last_bad_run, ())
        counts = Counter(f"{KIND_WORD[page.kind]} {VERDICT_WORD[page.verdict].lower()}" for page in pages)
        parts = (f"{count} x {what}" if count > 1 else what for what, count in counts.items())
        yield from _wrapped(", ".join(parts), "      ")
        entries = [(event.at, _EVENT[event.kind], event.text) for event in incident.events]
        for delivery in account.deliveries:
            if delivery.incident == incident.id:
                sent = "alert sent by" if delivery.ok else "alert not sent by"
                entries.append((delivery.at, f"{sent} {one_line(delivery.channel)}", delivery.detail))
        for at, what, detail in sorted(entries, key=itemgetter(0)):
            yield f"      {_moment(at, zone)}  {what}{f': {one_line(detail)}' if detail else ''}"


def _incident(incident: Incident, zone: tzinfo, now: datetime) -> Iterator[Line]:
    state, lasted = incident.state.value, duration_words((incident.over_at or now) - incident.first_bad_at)
    line = Text(f"    {incident.id}  ")
    line.append(VERDICT_WORD[incident.verdict].lower(), style=_style(incident.verdict))
    yield line.append(f", {state} after {lasted}" if incident.over else f", {state}, for {lasted} so far")
    good = _moment(incident.last_good_at, zone) if incident.last_good_at else "never"
    yield f"      last seen good {good}, first seen affected {_moment(incident.first_bad_at, zone)}"
    ended = f", over {_moment(incident.over_at, zone)}" if incident.over_at else ""
    yield f"      last seen affected {_moment(incident.last_bad_at, zone)}{ended}"
    if incident.case_number:
        yield f"      case number {one_line(incident.case_number)}"


# -- numbers ---------------------------------------------------------------------------------------------


def _numbers(days: Sequence[ProfileDay]) -> Iterator[Line]:
    last = "the last day" if len(days) == 1 else f"the last {plural(len(days), 'day')}"
    if all(day.followers is None and day.views is None for day in days):
        yield f"  No followers and views were read in {last}."
        return
    yield f"  Numbers of {last}; - where none was read"
    yield f"    {'day':<10}  {'found':<14}  {'followers':>9}  {'views':>7}"
    most = max((day.views or 0 for day in days), default=0)
    for day in days:
        verdict = "no run" if day.verdict is None else VERDICT_WORD[day.verdict].lower()
        line = Text(f"    {day.day.isoformat()}  ").append(f"{verdict:<14}", style=_style(day.verdict))
        bar = "#" * (round(day.views / most * _BAR) if day.views and most else 0)
        yield line.append(f"  {_number(day.followers):>9}  {_number(day.views):>7}  {bar}".rstrip())


def _number(value: int | None) -> str:
    return "-" if value is None else f"{value:,}"
