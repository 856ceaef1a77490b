"""The draft of a platform file, from live pages and one that does not exist: which selectors tell them apart.

Laws:
1. A selector is taken only if every live page has it, few times each, and the absent one does not.
2. What people wrote for programs comes before what style sheets need: `data-testid`, `og:type`, `itemprop`,
   id, class. Names that look generated are left out: they change with every build.
3. It is a draft. Each choice says how it was made, and everything in it is tagged as a guess.
"""

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture
from selfcheck.observe.page import fold
from selfcheck.observe.page_shapes import GONE_WORDS, shape_of
from selfcheck.platforms.schema import Platform

_MOST_TIMES = 3  # a selector that finds more elements of a live page is of its list rather than of the page
_ATTRIBUTES = ("data-testid", "data-test", "itemprop", "id", "class")
_PLAIN_NAME = re.compile(r"[A-Za-z][A-Za-z_-]{2,40}")
_NAMES = (
    ("canonical", "link[rel='canonical']", "href"),
    ("og:url", "meta[property='og:url']", "content"),
    ("username", "meta[property='profile:username']", "content"),
)


@dataclass(frozen=True, kw_only=True)
class DraftedPart:
    """A part of the draft, and how it was chosen."""

    part: str
    chosen: str  # "": nothing was found
    how: str


@dataclass(frozen=True, kw_only=True)
class PlatformDraft:
    """A platform file in YAML, and how its parts were chosen."""

    text: str
    choices: tuple[DraftedPart, ...]


def draft_platform(platform: Platform, live: Sequence[Capture], absent: Capture, day: str) -> PlatformDraft:
    """Return a draft for the site of this learned platform, whose pages were opened on this day."""
    selectors = list(_selectors(live, absent))
    gone = _gone_line(live, absent)
    names = _names(live, absent)
    choices = (
        DraftedPart(
            part="a profile that is shown",
            chosen=selectors[0] if selectors else "",
            how=f"it is on each of {len(live)} live pages, not on the absent one; the first of "
            f"{len(selectors)} such selectors by how lasting its kind is",
        ),
        DraftedPart(
            part="a profile that does not exist",
            chosen=gone,
            how=f"the absent page has status {absent.status} and this line, which no live page has",
        ),
        DraftedPart(
            part="whose page it is",
            chosen=", ".join(name for name, _, _ in names),
            how="each live page names its own account there, and the absent one does not",
        ),
    )
    marks = _marks(platform.platform, selectors[:1], (absent.status, gone), day)
    handles = [page.visit.handle for page in live[1:]]
    return PlatformDraft(text=_yaml(platform, names, marks, handles, day), choices=choices)


def _selectors(live: Sequence[Capture], absent: Capture) -> Iterator[str]:
    """Yield the selectors that tell live pages from the absent one, the most lasting kind first."""
    trees = [LexborHTMLParser(page.html) for page in live]
    gone = LexborHTMLParser(absent.html)
    candidates = [selector for tree in trees[:1] for selector in _candidates(tree)]
    for selector in dict.fromkeys(candidates):
        if not gone.css(selector) and all(1 <= len(tree.css(selector)) <= _MOST_TIMES for tree in trees):
            yield selector


def _candidates(tree: LexborHTMLParser) -> Iterable[str]:
    for attribute in _ATTRIBUTES:
        if attribute == "itemprop":
            kinds = (node.attributes.get("content") or "" for node in tree.css("meta[property='og:type']"))
            yield from (
                f"meta[property='og:type'][content='{kind}']" for kind in kinds if _PLAIN_NAME.fullmatch(kind)
            )
        for node in tree.css(f"[{attribute}]"):
            for word in (node.attributes.get(attribute) or "").split():
                if _PLAIN_NAME.fullmatch(word):
                    yield {"id": f"#{word}", "class": f".{word}"}.get(attribute, f"[{attribute}='{word}']")


def _gone_line(live: Sequence[Capture], absent: Capture) -> str:
    """Return the line of the absent page that says best that it does not exist; "" where it has none."""
    usual = {fold(line) for page in live for line in page.text.splitlines()}
    name = fold(absent.visit.handle)
    own = [line.strip() for line in absent.text.splitlines() if line.strip() and fold(line) not in usual]
    own = [line for line in own if name not in fold(line)]
    denials = [line for line in own if GONE_WORDS.search(fold(line))]
    return max(denials or own, key=len, default="")[:200]


def _names(live: Sequence[Capture], absent: Capture) -> list[tuple[str, str, str]]:
    shapes = [shape for page in live if (shape := shape_of(page)) is not None]
    gone = shape_of(absent)
    shared = frozenset.intersection(*(shape.places for shape in shapes)) if shapes else frozenset()
    places = {place.split(" ", 1)[0] for place in shared - (gone.places if gone else frozenset())}
    return [row for row in _NAMES if row[0] in places]


def _marks(name: str, selectors: Sequence[str], gone: tuple[int | None, str], day: str) -> str:
    provenance = (
        f"    tag: R\n    source: A draft by `selfcheck platforms learn`.\n    seen: {json.dumps(day)}\n"
    )
    status, line = gone
    not_found = (
        f"  - id: {name}.not-found\n    says: not_found\n"
        f"    when: {{status: [{status}], text: [{json.dumps(line)}]}}\n{provenance}"
    )
    shown = [
        f"  - id: {name}.profile-shown\n    says: shown\n    on: [profile]\n"
        f"    when: {{status: [200], selector: {{css: {json.dumps(selector)}}}}}\n{provenance}"
        for selector in selectors
    ]
    marks = "".join([not_found, *shown] if line else shown)
    return f"marks:\n{marks}" if marks else "marks: []\n"


def _yaml(
    platform: Platform, names: Sequence[tuple[str, str, str]], marks: str, live: Sequence[str], day: str
) -> str:
    quoted = json.dumps  # a JSON string is one of YAML too
    pages = "\n".join(f"  {kind}: {{url: {quoted(page.url)}}}" for kind, page in platform.pages.items())
    identity = "".join(f"      - {{selector: {quoted(css)}, attribute: {name}}}\n" for _, css, name in names)
    return (
        "# A draft by `selfcheck platforms learn`. Check each part, add what it lacks: how a suspension,\n"
        "# a draft and a private page look, signs of who is signed in, lists, limits; see\n"
        "# docs/platform-files.md.\n"
        f"platform: {platform.platform}\ntitle: {quoted(platform.title)}\nhome: {quoted(platform.home)}\n"
        f"about: A draft from pages of {day}.\nhosts: {quoted(list(platform.hosts))}\n\n"
        f"handle:\n  pattern: {quoted(platform.handle.pattern)}\n"
        f"  example: {quoted(platform.handle.example)}\n"
        f"  from_urls: {quoted(list(platform.handle.from_urls))}\n\npages:\n{pages}\n\n"
        + (f"identity:\n  profile:\n    names:\n{identity}\n" if identity else "")
        + marks
        + f"\ncontrols:\n  live: {quoted(list(live))}\n  absent: {quoted(platform.controls.absent)}\n"
    )
