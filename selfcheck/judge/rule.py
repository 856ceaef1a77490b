"""What a rule is: a frozen row, the layer in which it is asked, and its reason."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from selfcheck.core.enums import BAD, PageKind, Verdict
from selfcheck.judge.page_evidence import PageEvidence

Why = Callable[[PageEvidence], str | None]

PAGES = (PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY)


class Layer(IntEnum):
    """The order of judgement."""

    TRANSPORT = 1
    WALL = 2
    SESSION = 3
    CONTROLS = 4
    CONTENT = 5
    SUPPORT = 6  # told beside a verdict, and decides nothing
    REST = 7  # where no other row holds


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One row of the table."""

    id: str
    layer: Layer
    claims: Verdict
    why: Why
    evidence: str  # where the rule comes from and how far it carries
    kinds: tuple[PageKind, ...] = ()  # empty: every kind
    explicit: bool = False  # it rests on what the page says in so many words, so one look is enough
    again: tuple[str, ...] = ()  # viewpoints whose second look would confirm or mend it
    fallback: bool = False  # another page that says whether this one is there would help
    overturns: frozenset[Verdict] = frozenset()  # controls only: the claims that cannot stand beside it
    looks_at: str = ""  # what it reads, in one plain sentence
    fooled_by: str = ""  # what could make it hold wrongly
    mind: str = ""  # what would change this verdict, in words for the writer

    def applies(self, sight: PageEvidence) -> bool:
        """Return whether the rule is about this kind of page."""
        return not self.kinds or sight.kind in self.kinds

    def told(self) -> tuple[tuple[str, str], ...]:
        """Return all that the table says of the rule, each part with its label."""
        where = ", ".join(kind.value for kind in self.kinds) or "every page"
        return (
            ("Rule", self.id),
            ("Asked", f"{self.layer.name.lower()}, of {where}"),
            ("Looks at", self.looks_at),
            ("Claims", self.claim),
            ("Source", self.evidence),
            ("Can be fooled by", self.fooled_by),
            ("What would change it", self.mind),
        )

    @property
    def verdict(self) -> str:
        """Return in one word what the rule claims: a verdict, or that it only supports one."""
        return "support" if self.layer is Layer.SUPPORT else self.claims.value

    @property
    def claim(self) -> str:
        """Return what the rule claims, and how far one look carries it."""
        if self.layer is Layer.SUPPORT:
            return "nothing by itself; it is told beside the verdict"
        if self.claims not in BAD:
            return self.claims.value
        carries = "one look is enough" if self.explicit else "likely at first, confirmed by another look"
        return f"{self.claims.value}; {carries}"
