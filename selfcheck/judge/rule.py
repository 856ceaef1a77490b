"""What a rule is: a frozen row that holds its check, its reasons, and everything that follows from it."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import IntEnum

from selfcheck.core.enums import BAD, MonitoringGap, Outcome, PageKind, SignKind, Verdict
from selfcheck.judge.page_evidence import PageEvidence

Check = Callable[[PageEvidence], str | None]
"""Returns the reason in words that a writer understands, or None where the rule does not hold."""

RestsOn = Callable[[PageEvidence], Iterable[str | None]]
"""Returns what of the platform file a claim rests on, as `PlatformFacts.unconfirmed` names it."""

PAGES = (PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY)


def public_mark(evidence: PageEvidence) -> tuple[str | None, ...]:
    """Return the mark that says what the public got."""
    return (evidence.anonymous.mark if evidence.anonymous else None,)


def both_marks(evidence: PageEvidence) -> tuple[str | None, ...]:
    """Return the marks that say what the public and the author got."""
    return (*public_mark(evidence), evidence.author.mark if evidence.author else None)


def with_signs(*meanings: SignKind) -> RestsOn:
    """Return that a claim rests on the first of these signs, and on what both views got."""

    def rests_on(evidence: PageEvidence) -> tuple[str | None, ...]:
        sign = evidence.sign(*meanings)
        return (*both_marks(evidence), sign.id if sign else None)

    return rests_on


def fallback_mark(evidence: PageEvidence) -> tuple[str | None, ...]:
    """Return the mark by which another page of the platform says that it is suspended."""
    return tuple(look.mark for look in evidence.page.fallbacks if look.outcome is Outcome.SUSPENDED)[:1]


def notice_mark(evidence: PageEvidence) -> tuple[str | None, ...]:
    """Return the public's mark, and the mark or sign of the notice in the author's own view."""
    return (*public_mark(evidence), evidence.noticed_by)


def removal_mark(evidence: PageEvidence) -> tuple[str | None, ...]:
    """Return the mark by which a view says that the owner deleted it."""
    removed = evidence.anonymous if evidence.public_sees is Outcome.REMOVED else evidence.author
    return (removed.mark if removed else None,)


def with_facts(*names: str) -> RestsOn:
    """Return that a claim rests on those of these numbers that the author was told, and on both views."""

    def rests_on(evidence: PageEvidence) -> tuple[str | None, ...]:
        known = evidence.author.facts if evidence.author else {}
        return (*both_marks(evidence), *(f"facts.{name}" for name in names if name in known))

    return rests_on


class Layer(IntEnum):
    """The order of judgement."""

    TRANSPORT = 1
    WALL = 2
    SESSION = 3
    CONTROLS = 4
    CONTENT = 5
    SUPPORT = 6  # reported beside a verdict, and decides nothing
    REST = 7  # where no other row holds


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the table.

    No other module asks for a rule by its id: code that has an id from a run asks
    `rules.rule_of` for the row, and the row for the field that it needs.
    """

    id: str
    layer: Layer
    claims: Verdict
    check: Check
    kinds: tuple[PageKind, ...] = ()  # empty: every kind
    explicit: bool = False  # the page says it in so many words, so one page load is enough
    likely_only: bool = False  # no further page load confirms it
    likely_where: Callable[[PageEvidence], bool] = lambda _: False  # the evidence carries no more than that
    rests_on: RestsOn = public_mark  # all of it must be confirmed for the claim to be
    reserved: bool = False  # visible with a reservation, which holds for the account too; never confirmed
    without_author: bool = False  # it stands where this page has no working view of the author's
    by_own_words: bool = False  # the page's words leave no other cause: they stand beside walled controls
    past_walls: bool = False  # it stands though a bot wall stood before the page itself
    own_controls: bool = False  # it was checked with controls of its own: those that met a wall say nothing
    by_walls_alone: bool = False  # controls only: they met a wall, and none of them looked wrong
    recheck: tuple[str, ...] = ()  # viewpoints whose second page load would confirm or correct it
    rests_on_control: bool = False  # what a live control of the same kind of page shows would decide it
    fallback: bool = False  # another page that says whether this one exists would help
    overturns: frozenset[Verdict] = frozenset()  # controls only: the claims that cannot stand beside it
    spares_own_words: bool = False  # controls only: a claim `by_own_words` stands, only less certain

    # What `explain` and docs/rules.md say of it, each in one plain sentence.
    evidence: str  # where the rule comes from and how far it carries
    looks_at: str = ""
    false_positives: str = ""  # what could make it hold wrongly
    would_change: str = ""  # what would change this verdict, in words for the author
    limit: str = ""  # in what way the page is limited, as a headline says it after “limited: ”

    # What else follows from it.
    next_step: str = ""  # what to do after an inconclusive verdict; {handle} and commands are filled in
    gap: MonitoringGap = MonitoringGap.OTHER  # what alerts call it when it keeps checks inconclusive
    voids_author_view: bool = False  # the view is not the author's: history keeps none of its numbers
    private: bool = False  # it reveals what only the author may know: left out of all that others get
    by_owner: bool = False  # the owner did it, so the missing page does not count against the account

    def applies(self, kind: PageKind) -> bool:
        """Return whether the rule is about this kind of page."""
        return not self.kinds or kind in self.kinds

    def described(self) -> tuple[tuple[str, str], ...]:
        """Return all that the table says of the rule, each part with its label."""
        where = ", ".join(kind.value for kind in self.kinds) or "every page"
        return (
            ("Rule", self.id),
            ("Asked", f"{self.layer.name.lower()}, of {where}"),
            ("Looks at", self.looks_at),
            ("Claims", self.claim),
            ("Source", self.evidence),
            ("Can be fooled by", self.false_positives),
            ("What would change it", self.would_change),
        )

    @property
    def verdict(self) -> str:
        """Return in one word what the rule claims: a verdict, or that it only supports one."""
        return "support" if self.layer is Layer.SUPPORT else self.claims.value

    @property
    def claim(self) -> str:
        """Return what the rule claims, and how far one page load carries it."""
        if self.layer is Layer.SUPPORT:
            return "nothing by itself; it is reported beside the verdict"
        if self.claims not in BAD:
            return self.claims.value
        carries = "likely at first, confirmed by another page load"
        if self.explicit or self.likely_only:
            carries = "one page load is enough" if self.explicit else "likely, however often it is seen"
        return f"{self.claims.value}; {carries}"
