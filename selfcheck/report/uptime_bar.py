"""The bar of days: one mark a day, so that a year of checks is seen at a glance. Pure.

Laws:
1. A day without a run is a gap, and a day on which no run was conclusive is not a good day; both are told
   apart without colour: visible is a whole mark, limited a lower one, bad a taller one with caps,
   inconclusive an open box, no run a dash.
2. The same days are listed in words beside it, as stretches of equal days.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from markupsafe import Markup, escape

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import ProfileDay
from selfcheck.core.labels import VERDICT_TONE, VERDICT_WORD, Tone
from selfcheck.core.times import long_date, plural

HEIGHT = 44
_SHAPES = {Tone.GOOD: (6, 32), Tone.WARN: (18, 20), Tone.BAD: (2, 40), Tone.UNCLEAR: (15, 14)}
_NO_RUN = (20, 4)
_WIDTH = 0.74  # of a day's share
_MANY = 120  # from so many days on there is no room between two


@dataclass(frozen=True, kw_only=True)
class Stretch:
    """Days in a row that were found alike."""

    first: date
    last: date
    days: int
    word: str
    tone: Tone | None  # None: no run


def uptime_svg(days: Sequence[ProfileDay], *, identity: str, title: str, begun: date) -> Markup:
    """Return the bar as an SVG element for a page."""
    bars = "".join(_bars(days, begun))
    about = escape(tally_words(days, begun))
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg class="strip" role="img" width="100%" height="{HEIGHT}" '
        f'aria-labelledby="{identity}-title {identity}-about"><title id="{identity}-title">{escape(title)}'
        f'</title><desc id="{identity}-about">{about}</desc>{bars}</svg>'
    )


def _bars(days: Sequence[ProfileDay], begun: date) -> Iterator[str]:
    room, part = 100 / max(1, len(days)), _WIDTH if len(days) < _MANY else 1
    for place, day in enumerate(days):
        if day.day < begun:
            continue
        left, width = room * (place + (1 - part) / 2), room * part
        top, height = _NO_RUN if day.verdict is None else _SHAPES[VERDICT_TONE[day.verdict]]
        yield (
            f'<g><title>{day_label(day)}</title><rect class="day {mark_class(day)}" x="{left:.3f}%" '
            f'y="{top}" width="{width:.3f}%" height="{height}"/>{_caps(day, left, width)}</g>'
        )


def _caps(day: ProfileDay, left: float, width: float) -> str:
    """Return a dark line above and below a day that is confirmed bad."""
    if mark_class(day) != "bad":
        return ""
    return "".join(
        f'<rect class="cap" x="{left:.3f}%" y="{y}" width="{width:.3f}%" height="4"/>'
        for y in (0, HEIGHT - 4)
    )


def mark_class(day: ProfileDay) -> str:
    """Return the CSS class of a day's mark."""
    if day.verdict is None:
        return "none"
    tone = VERDICT_TONE[day.verdict]
    likely = day.strength is Strength.LIKELY and tone in {Tone.BAD, Tone.WARN}
    return f"{tone} likely" if likely else str(tone)


def day_word(day: ProfileDay) -> str:
    """Return what was found on a day in a few words."""
    if day.verdict is None:
        return "no run"
    sure = day.strength is not Strength.LIKELY or day.verdict in {Verdict.VISIBLE, Verdict.INCONCLUSIVE}
    return VERDICT_WORD[day.verdict].lower() + ("" if sure else ", likely")


def day_label(day: ProfileDay) -> str:
    """Return a day and what was found on it: `Saturday 3 October 2026: suspended`."""
    return f"{day.day:%A} {long_date(day.day)}: {day_word(day)}"


def tally_words(days: Sequence[ProfileDay], begun: date) -> str:
    """Return how many days were what; the share of visible days is of the conclusive ones only."""
    since = [day for day in days if day.day >= begun]
    conclusive = [day for day in since if day.verdict not in {None, Verdict.INCONCLUSIVE}]
    visible = sum(day.verdict is Verdict.VISIBLE for day in conclusive)
    inconclusive = sum(day.verdict is Verdict.INCONCLUSIVE for day in since)
    gaps = sum(day.verdict is None for day in since)
    if not conclusive:
        parts = ["No day was conclusive"]
    elif len(conclusive) == 1:
        parts = [f"{'Visible' if visible else 'Not visible'} on the one conclusive day"]
    else:
        parts = [f"Visible on {visible} of {len(conclusive)} conclusive days"]
    parts += [f"{plural(inconclusive, 'inconclusive day')}"] if inconclusive else []
    parts += [f"{plural(gaps, 'day')} without a run"] if gaps else []
    return f"{'; '.join(parts)}."


def day_stretches(days: Sequence[ProfileDay], begun: date) -> tuple[Stretch, ...]:
    """Return the days as stretches of equal ones, newest first."""
    since = [day for day in days if day.day >= begun]
    groups = [list(group) for _, group in groupby(since, key=day_word)]
    return tuple(
        Stretch(
            first=group[0].day,
            last=group[-1].day,
            days=len(group),
            word=day_word(group[0]),
            tone=None if group[0].verdict is None else VERDICT_TONE[group[0].verdict],
        )
        for group in reversed(groups)
    )


def legend(days: Sequence[ProfileDay], begun: date) -> tuple[ProfileDay, ...]:
    """Return one day of each kind that the bar shows, the good first, for its legend."""
    order = ["good", "warn", "warn likely", "bad", "bad likely", "unclear", "none"]
    kinds = {(mark_class(day), day_word(day)): day for day in days if day.day >= begun}
    return tuple(kinds[key] for key in sorted(kinds, key=lambda kind: (order.index(kind[0]), kind[1])))
