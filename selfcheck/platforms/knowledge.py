"""What a platform file can tell, on whose word and how old that is, and what is weak in it. Pure.

Laws:
1. What can be told follows from the file alone: no platform is named here.
2. The best word counts: a thing that one confirmed mark tells is confirmed, whatever others report.
3. A weakness is a sentence about one place of the file, with what to do about it; none is an error.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.platforms.page_reading import Condition, Provenance
from selfcheck.platforms.schema import Mark, Platform, SignMark, WeaknessSort

_WORDS = {"C": "confirmed", "R": "reported", "G": "a guess"}
_KEPT = {SignKind.UNPUBLISHED, SignKind.PRIVATE}
_YEAR = 366  # days
_LIVE = 2


class Ability(StrEnum):
    """What can be told of a platform."""

    SUSPENSION = "silent suspension"
    STORY = "hidden story"
    NOINDEX = "noindex"
    LISTS = "list gaps"
    NUMBERS = "numbers"


@dataclass(frozen=True, kw_only=True)
class Known:
    """One thing that a platform file can tell: on whose word, and when that was last seen."""

    tag: str  # C, R or G
    seen: str  # a year, a month or a day; "never" for a guess

    def __str__(self) -> str:
        """Return both as the table shows them, such as `confirmed 2021-03`."""
        return _WORDS[self.tag] if self.tag == "G" else f"{_WORDS[self.tag]} {self.seen}"


def abilities(platform: Platform) -> dict[Ability, Known | None]:
    """Return what the file can tell; None: not this."""
    return {
        Ability.SUSPENSION: None
        if platform.silent_by_design is False
        else _stronger(_silent_words(platform, PageKind.PROFILE), _compared(platform, PageKind.PROFILE)),
        Ability.STORY: _stronger(
            _silent_words(platform, PageKind.STORY),
            _compared(platform, PageKind.STORY) if _knows_kept(platform) else None,
        ),
        Ability.NOINDEX: _best(_noindex(platform)),
        Ability.LISTS: _best(platform.stories) if platform.sign_in else None,
        Ability.NUMBERS: _best(platform.facts.values()),
    }


def told_in_words(platform: Platform) -> Known | None:
    """Return on whose word a suspension is known of which the public is told in so many words."""
    return _best(_says(platform, PageKind.PROFILE, Outcome.SUSPENDED))


def oldest_and_newest(platform: Platform) -> tuple[str, str]:
    """Return when the first and the last of a file's own confirmed or reported marks were seen."""
    seen = sorted(one.seen for one in _own(platform) if re.match(r"\d", one.seen))
    return (seen[0], seen[-1]) if seen else ("never", "never")


def marks_seen(platform: Platform) -> str:
    """Return when a file's own marks were seen, first and last, such as `2018-09 to 2026-08`."""
    return " to ".join(dict.fromkeys(oldest_and_newest(platform)))


def _own(platform: Platform) -> tuple[Mark | SignMark, ...]:
    marks = (mark for mark in platform.marks if not mark.id.startswith("wall."))
    return (*marks, *platform.signs)


def _says(platform: Platform, kind: PageKind, *outcomes: Outcome) -> list[Mark]:
    if kind not in platform.pages:
        return []
    on_kind = (mark for mark in platform.marks if not mark.on or kind in mark.on)
    return [mark for mark in on_kind if mark.says in outcomes and not mark.id.startswith("wall.")]


def _noindex(platform: Platform) -> Iterator[Mark | SignMark]:
    yield from (sign for sign in platform.signs if sign.means is SignKind.NOINDEX_BY_PLATFORM)
    by = platform.robots_by
    kinds = (
        PageKind
        if by == "platform"
        else [kind for kind in PageKind if not isinstance(by, str) and by.get(kind) == "platform"]
    )
    for kind in kinds:
        yield from _says(platform, kind, Outcome.SHOWN)


def _knows_kept(platform: Platform) -> bool:
    signs = any(sign.means in _KEPT and (not sign.on or PageKind.STORY in sign.on) for sign in platform.signs)
    return signs or PageKind.STORY in platform.always_public


def _best(statements: Iterable[Provenance]) -> Known | None:
    """Return the best word of several: confirmed before reported, then the latest."""
    ranked = sorted(statements, key=lambda one: ("GRC".index(one.tag), one.seen if one.tag != "G" else ""))
    return Known(tag=ranked[-1].tag, seen=ranked[-1].seen) if ranked else None


def _silent_words(platform: Platform, kind: PageKind) -> Known | None:
    """Return on whose word the public is told of a suspension of which the author's view gives no hint.

    Of the silence the file has no source, so it is never more than reported.
    """
    marks = _says(platform, kind, Outcome.SUSPENDED) if platform.silent_by_design else []
    known = _best(mark for mark in marks if mark.on or kind is PageKind.PROFILE)
    return Known(tag="R", seen=known.seen) if known and known.tag == "C" else known


def _compared(platform: Platform, kind: PageKind) -> Known | None:
    """Return on whose word the public's "not found" beside the author's page is known: the weaker of both.

    Data beside the pages that says in words why a page is gone is enough by itself.
    """
    if platform.sign_in is None or platform.login_wall:
        return None
    gone = [Outcome.SUSPENDED] if kind in platform.owner_can_hide else [Outcome.NOT_FOUND, Outcome.SUSPENDED]
    own, beside = _apart(platform, _says(platform, kind, *gone))
    told = _best(own)
    shown = _best(_apart(platform, _says(platform, kind, Outcome.SHOWN))[0])
    words = _best(mark for mark in beside if mark.says is Outcome.SUSPENDED)
    return _stronger(words, min(told, shown, key=_rank) if told and shown else None)


def _apart(platform: Platform, marks: Iterable[Mark]) -> tuple[list[Mark], list[Mark]]:
    """Return the marks of pages that people see, and those of data that is a page of its own beside them."""
    own: list[Mark] = []
    beside: list[Mark] = []
    for mark in marks:
        conditions = (mark.when, *(mark.when.all or ()))
        states = [platform.states[one.state.of] for one in conditions if one.state]
        (beside if platform.fallbacks and any(state.whole for state in states) else own).append(mark)
    return own, beside


def _stronger(left: Known | None, right: Known | None) -> Known | None:
    return max((known for known in (left, right) if known), key=_rank, default=None)


def _rank(known: Known) -> tuple[int, str]:
    return "GRC".index(known.tag), known.seen


# -- the table -------------------------------------------------------------------------------------------

HEADS = ("Platform", *(ability.value for ability in Ability))


def table_row(platform: Platform) -> tuple[str, ...]:
    """Return a platform's row under `HEADS`, `no` for what cannot be told."""
    told = abilities(platform)
    return (platform.title, *(str(told[ability] or "no") for ability in Ability))


# -- lint ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Weakness:
    """One weak place of a platform file."""

    sort: WeaknessSort
    text: str
    stated: str = ""  # why it is so, where the file says that: no warning then


def weaknesses(platform: Platform, today: date) -> tuple[Weakness, ...]:
    """Return what is weak in a platform file, the marks of walls left out."""
    parts: tuple[tuple[WeaknessSort, Iterator[str]], ...] = (
        ("identity", _identity_missing(platform)),
        ("kept", _no_kept_sign(platform)),
        ("status", _bare_statuses(platform)),
        ("words", _words_of_the_body(platform)),
        ("source", _unsourced(platform)),
        ("old", _old(platform, today)),
        ("controls", _controls_missing(platform)),
    )
    stated = platform.weaknesses
    return tuple(
        Weakness(sort=sort, text=text, stated=stated.get(sort, "")) for sort, texts in parts for text in texts
    )


def _identity_missing(platform: Platform) -> Iterator[str]:
    for kind in platform.pages:
        if kind not in platform.identity and kind is not PageKind.STATS:
            yield (
                f"Nothing says how a {kind} names itself, so it is visible only likely. "
                f"Add `identity: {kind}:`."
            )


def _no_kept_sign(platform: Platform) -> Iterator[str]:
    if PageKind.STORY in platform.pages and platform.sign_in and not _knows_kept(platform):
        yield (
            "No sign means `unpublished` or `private`, so a draft and a hidden story look alike. "
            "Add one, or `always_public: [story]`."
        )


def _bare_statuses(platform: Platform) -> Iterator[str]:
    for mark in _own(platform):
        if isinstance(mark, Mark) and set(mark.when.model_fields_set) <= {"status", "redirected"}:
            feed = mark.on == (PageKind.FEED,)
            if not feed and mark.says is not Outcome.RESTRICTED:
                yield f"{mark.id}: it rests on the status alone, which a wall or an outage may have as well."


def _words_of_the_body(platform: Platform) -> Iterator[str]:
    for mark in _own(platform):
        if isinstance(mark, Mark) and mark.says is not Outcome.SHOWN and _is_bare_text(mark.when):
            yield f"{mark.id}: it rests on words alone, which a story may quote. Add a status or `max_text`."


def _is_bare_text(condition: Condition) -> bool:
    """Return whether words of the page are all that is asked, in one of the ways in which it can hold."""
    given = set(condition.model_fields_set)
    if given <= {"text", "html"}:
        return True
    if given == {"any"}:
        return any(_is_bare_text(part) for part in condition.any or ())
    return False


def _unsourced(platform: Platform) -> Iterator[str]:
    for one in _own(platform):
        if not one.source.strip():
            yield f"{one.id}: no source."
        if one.tag == "G" and one.seen != "never":
            yield f"{one.id}: a guess was never seen, so write `seen: never`, or tag it."
        if one.tag != "G" and not re.match(r"\d{4}|undated", one.seen):
            yield f"{one.id}: `seen` must be a year, a month or a day, or `undated`."
    rules = platform.limits.rules
    if platform.limits.programs != "unknown" and rules is None:
        yield "`programs` without `rules`, which say where that is written."


def _old(platform: Platform, today: date) -> Iterator[str]:
    old = [one for one in _own(platform) if one.tag != "G" and _age(one.seen, today) > _YEAR]
    if old:
        oldest = oldest_and_newest(platform)[0]
        yield (
            f"{len(old)} of {len(_own(platform))} marks and signs were last seen more than a year ago, "
            f"the oldest {oldest}: {_named(old)}."
        )


def _named(marks: Sequence[Mark | SignMark]) -> str:
    names = [mark.id for mark in marks[:3]]
    return ", ".join(names) + (f" and {len(marks) - 3} more" if len(marks) > 3 else "")  # noqa: PLR2004


def _age(seen: str, today: date) -> int:
    """Return the days since this year, month or day, counted from its end."""
    match = re.match(r"(\d{4})(?:-(\d{2}))?(?:-(\d{2}))?", seen)
    if not match:
        return _YEAR + 1 if seen == "undated" else 0
    year, month, day = int(match[1]), int(match[2] or 12), int(match[3] or 28)
    try:
        return (today - date(year, month, day)).days
    except ValueError:
        return 0


def _controls_missing(platform: Platform) -> Iterator[str]:
    if len(platform.controls.live) < _LIVE:
        yield "Fewer than two live accounts, so one that closes costs every confirmed verdict."
    if not platform.controls.absent:
        yield "No `absent`, so no verdict is better than likely."
