"""Learned marks: what "shown" and "not found" look like now, learned from pages of which that is known.

Laws:
1. Examples are the live and absent controls of the same run and the profile's own earlier good pages. An
   example that is doubtful teaches nothing: two live controls that no mark knows must be alike, and each must
   name itself; an absent control counts only with status 404 or 410, or words that say "not found".
2. A page is shown when it is built like the live examples with a margin, led to the same form of address, and
   names its own subject in a place where those name theirs and a page that is gone does not.
3. A page is not found when it is built like the absent control with a margin, has its status, says nothing
   that the absent control does not say, and does not name its subject. A suspension may look alike: its
   sentence tells it apart, and makes it unrecognised.
4. A page with a line that may keep something from the visitor, or a field for a password, which no live
   example has, is not shown.
5. Everything else stays unrecognised, and so does a page that any mark of the platform file knows: this is
   asked only of the rest.

The thresholds are measured: see docs/learned-marks.md and `benchmarks/likeness.py`.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from selfcheck.core.enums import Outcome, PageKind
from selfcheck.core.observation import LEARNED, StoryRef
from selfcheck.core.page_shape import FEATURES, MOST_FEATURES, Features, PageLink, PageShape
from selfcheck.observe.page_shapes import ADDRESS_PLACES

LEARNED_MARKS = {Outcome.SHOWN: f"{LEARNED}shown", Outcome.NOT_FOUND: f"{LEARNED}not-found"}
"""The ids by which a run names what was learned."""


@dataclass(frozen=True, kw_only=True)
class Thresholds:
    """How like the examples a page must be; the defaults are those that are used."""

    likeness: float = 0.45  # with a live example
    margin: float = 0.15  # more like one kind of example than like the other
    gone: float = 0.8  # with the absent control: pages that say "gone" differ in little

    def __str__(self) -> str:
        return f"{self.likeness:.2f}, {self.margin:.2f}, {self.gone:.2f}"


_USUAL = Thresholds()

_GONE_STATUS = (404, 410)
_SUCCESS = range(200, 300)
_LEAST_UNION = 3  # a family with fewer features in both pages together says nothing


@dataclass(frozen=True, kw_only=True)
class Example:
    """A page of which it is known, or declared, what it is."""

    kind: PageKind
    shape: PageShape
    by_mark: bool  # a mark of the platform file says what it is


@dataclass(frozen=True, kw_only=True)
class LearnedMarks:
    """What the pages of one kind look like now."""

    shown: tuple[PageShape, ...] = ()
    gone: tuple[PageShape, ...] = ()
    gone_of_another_kind: tuple[PageShape, ...] = ()  # enough to keep a margin from, not to be like

    @property
    def _places(self) -> frozenset[str]:
        """Where all that are shown name their subject, and none that is gone does."""
        shared = (
            frozenset.intersection(*(shape.places for shape in self.shown)) if self.shown else frozenset()
        )
        return shared.difference(*(shape.places for shape in (*self.gone, *self.gone_of_another_kind)))

    def outcome(
        self, shape: PageShape, thresholds: Thresholds = _USUAL, *, as_author: bool = False
    ) -> Outcome | None:
        """Return SHOWN or NOT_FOUND, or None where the page is like neither.

        The examples are logged-out views: `as_author` allows lines and parts that greet who is signed in.
        """
        like_shown = max((likeness(shape, example) for example in self.shown), default=0.0)
        gone = (*self.gone, *self.gone_of_another_kind)
        like_gone = max((likeness(shape, example) for example in gone), default=0.0)
        if like_shown >= thresholds.likeness and like_shown - like_gone >= thresholds.margin:
            return Outcome.SHOWN if self._is_shown(shape) else None
        least = thresholds.likeness if as_author else thresholds.gone
        if like_gone >= least and like_gone - like_shown >= thresholds.margin:
            return Outcome.NOT_FOUND if self._is_gone(shape, as_author=as_author) else None
        return None

    def _is_shown(self, shape: PageShape) -> bool:
        usual = frozenset[int]().union(*(example.denials for example in self.shown))
        asks = shape.asks_password and not any(example.asks_password for example in self.shown)
        return (
            shape.status in _SUCCESS
            and shape.address in {example.address for example in self.shown}
            and names_its_subject(shape, self._places)
            and shape.denials <= usual
            and not asks
        )

    def _is_gone(self, shape: PageShape, *, as_author: bool) -> bool:
        says = _says_at_least if as_author else _says_the_same
        return not (shape.places & self._places) and any(
            shape.status == example.status and says(shape, example) for example in self.gone
        )


def names_its_subject(shape: PageShape, places: frozenset[str]) -> bool:
    """Return whether the subject's name stands where it must: in an address for programs, else in a text.

    A text counts only where no place for programs is known.
    """
    addresses = {place for place in places if place.split(" ", 1)[0] in ADDRESS_PLACES}
    return bool(shape.places & (addresses or places))


def learn(
    kind: PageKind, live: Iterable[Example], absent: Iterable[Example], earlier: Iterable[PageShape] = ()
) -> LearnedMarks:
    """Return what pages of this kind look like, by the examples that can be trusted.

    `earlier` are shapes of this very page from runs that found it visible by a mark.
    """
    gone = [
        example
        for example in absent
        if example.by_mark
        or example.shape.status in _GONE_STATUS
        or (example.shape.status in _SUCCESS and example.shape.says_gone)
    ]
    known = tuple(earlier)
    candidates = [example for example in live if example.kind is kind and _may_be_shown(example.shape, gone)]
    trusted = [example.shape for example in candidates if example.by_mark]
    doubtful = [example.shape for example in candidates if not example.by_mark]
    backed = [shape for shape in doubtful if _is_backed(shape, [*trusted, *doubtful, *known])]
    return LearnedMarks(
        shown=(*trusted, *backed, *known),
        gone=tuple(example.shape for example in gone if example.kind is kind),
        gone_of_another_kind=tuple(example.shape for example in gone if example.kind is not kind),
    )


def _may_be_shown(shape: PageShape, gone: Sequence[Example]) -> bool:
    """Return whether a live control may teach: a success that names itself and is unlike what is gone."""
    own = shape.places.difference(*(example.shape.places for example in gone))
    alike = max((likeness(shape, example.shape) for example in gone), default=0.0)
    return shape.status in _SUCCESS and bool(own) and not shape.asks_password and alike < 1 - _USUAL.margin


def _is_backed(shape: PageShape, others: Sequence[PageShape]) -> bool:
    return any(
        other is not shape and likeness(shape, other) >= _USUAL.likeness and shape.places & other.places
        for other in others
    )


def _says_the_same(shape: PageShape, example: PageShape) -> bool:
    """Return whether the page says what the example says, and nothing besides."""
    return bool(shape.sentences) and shape.sentences == example.sentences


def _says_at_least(shape: PageShape, example: PageShape) -> bool:
    """Return whether the page says all that the example says, and no more that may keep something back."""
    same = example.denials == shape.denials
    return same and bool(example.sentences) and example.sentences <= shape.sentences


# -- likeness --------------------------------------------------------------------------------------------


def likeness(left: PageShape, right: PageShape) -> float:
    """Return how alike two pages are built, 0 to 1: the mean of the families' Jaccard coefficients."""
    parts = [
        _jaccard(ours, theirs)
        for family in FEATURES
        if len((ours := left.features.get(family, _NONE)) | (theirs := right.features.get(family, _NONE)))
        >= _LEAST_UNION
    ]
    return sum(parts) / len(parts) if parts else 0.0


_NONE: Features = frozenset()


def _jaccard(left: Features, right: Features) -> float:
    """Return the share of features that both have; of sketches, the estimate from the union's smallest."""
    union = left | right
    if max(len(left), len(right)) >= MOST_FEATURES:
        union = frozenset(sorted(union)[:MOST_FEATURES])
    return len(union & left & right) / len(union)


# -- which links are stories -----------------------------------------------------------------------------


@dataclass(frozen=True)
class LearnedList:
    """Which links of a page are the stories that it lists.

    A link is of the page's own only if the absent control's page does not have it, and no two live ones do.
    One sort of link is taken for stories: the one that most live pages have of their own, headlines and
    addresses with the account's name before others. Where live pages tell none, every link whose address
    looks like that of a text is taken: too many rather than too few, since they are only compared. An address
    that has no part which looks like a title or a number is of the page, not of a text.
    """

    common: frozenset[str]  # forms of links that every page has
    pattern: str | None  # of the links to stories; None: no live page has any
    headlines: bool = False  # only headlines: where live pages head their stories so, a menu's link is none

    def links(self, shape: PageShape) -> tuple[PageLink, ...]:
        """Return the page's links to stories, in its order."""
        own = (link for link in shape.links if link.form not in self.common)
        if self.pattern is not None:
            of_it = tuple(link for link in own if link.pattern == self.pattern)
            return tuple(link for link in of_it if link.headline) if self.headlines else of_it
        return tuple(link for link in own if _is_of_a_text(link.pattern))

    def stories(self, shape: PageShape, name_of: Callable[[str], str]) -> tuple[StoryRef, ...]:
        """Return the stories that the page lists; `name_of` gives the id of an address."""
        return tuple(
            StoryRef(id=name_of(link.url), url=link.url, title=link.title) for link in self.links(shape)
        )


def learn_list(live: Sequence[PageShape], gone: Iterable[PageShape]) -> LearnedList:
    """Return which links live pages have of their own, beside pages that are gone."""
    forms = Counter(
        form
        for shape in live
        for form in {link.form for link in shape.links if not _is_a_text_of_its_own(link)}
    )
    shared = {form for form, pages in forms.items() if pages > 1}
    common = frozenset(shared.union(link.form for shape in gone for link in shape.links))
    own = [
        [link for link in shape.links if link.form not in common and _is_of_a_text(link.pattern)]
        for shape in live
    ]

    def weight(pattern: str) -> tuple[bool, bool, int, int, int]:
        of_it = [[link for link in links if link.pattern == pattern] for links in own]
        headline = any(link.headline for links in of_it for link in links)
        plain = -pattern.count("=")  # what hides or shares a story names it among other parameters
        return headline, "{}" in pattern, sum(map(bool, of_it)), plain, sum(map(len, of_it))

    patterns = sorted({link.pattern for links in own for link in links})
    chosen = max(patterns, key=weight, default=None)
    headlines = any(link.headline and link.pattern == chosen for links in own for link in links)
    return LearnedList(common=common, pattern=chosen, headlines=headlines)


def _is_a_text_of_its_own(link: PageLink) -> bool:
    """Return whether it is a headline below the account's name: two accounts may have a `hello-world`."""
    return link.headline and "{}" in link.form and _is_of_a_text(link.pattern)


def _is_of_a_text(pattern: str) -> bool:
    return any(sign in pattern for sign in ("/*", "/#", "=*", "=#"))
