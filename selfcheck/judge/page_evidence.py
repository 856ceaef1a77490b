"""The evidence about one page, as the rules ask for it."""

from dataclasses import dataclass
from functools import cached_property

from selfcheck.core.case import OUTAGES, PageCase, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, SignKind
from selfcheck.core.handle import Handle
from selfcheck.core.observation import Observation, Sign

GONE = frozenset({Outcome.NOT_FOUND, Outcome.REMOVED})
"""Outcomes that tell the visitor that the page is not there."""

WALLS = frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED})

OWNERS_CHOICE = (SignKind.MEMBERS_ONLY, SignKind.UNLISTED, SignKind.UNPUBLISHED, SignKind.PRIVATE)
"""Signs that the owner, not the platform, keeps something from strangers."""

OWNERS_DELETION = "page.removed-by-owner"
"""The rule of a page that says its owner deleted it."""

NOUNS = {
    PageKind.PROFILE: "profile",
    PageKind.PUBLICATION: "publication",
    PageKind.STORY: "story",
    PageKind.FEED: "feed",
    PageKind.STATS: "stats page",
}


@dataclass(frozen=True)
class PageEvidence:
    """One page within its profile's case."""

    case: ProfileCase
    page: PageCase

    @property
    def kind(self) -> PageKind:
        """Return what sort of page it is."""
        return self.page.visit.kind

    @property
    def noun(self) -> str:
        """Return what people call this sort of page."""
        return NOUNS[self.kind]

    @cached_property
    def anonymous(self) -> Observation | None:
        """Return the stranger's look that counts."""
        return self.page.anonymous

    @cached_property
    def author(self) -> Observation | None:
        """Return the author's look that counts."""
        return self.page.author

    @property
    def stranger_sees(self) -> Outcome | None:
        """Return the outcome of the stranger's look."""
        return self.anonymous.outcome if self.anonymous else None

    @property
    def author_sees(self) -> Outcome | None:
        """Return the outcome of the author's look; None when nobody looked as the author."""
        return self.author.outcome if self.author else None

    @property
    def author_expected(self) -> bool:
        """Return whether the author's look belongs to this page's evidence."""
        return self.case.author_expected and AUTHOR in self.page.visit.viewpoints

    @cached_property
    def every_look(self) -> tuple[Observation, ...]:
        """Return all looks at the page itself, the counting ones and the others."""
        return tuple(look for looks in self.page.looks.values() for look in looks)

    @cached_property
    def told(self) -> str | None:
        """Return the notice of suspension in the author's own view, or None.

        A notice above the stats page is of the account, so it counts as the profile's too.
        """
        looks = [self.author]
        if self.kind is PageKind.PROFILE:
            looks += [page.author for page in self.case.pages if page.visit.kind is PageKind.STATS]
        return next((said for look in looks if look is not None and (said := _notice(look))), None)

    def sign(self, *meanings: SignKind) -> Sign | None:
        """Return the first sign with one of these meanings that any viewpoint bears, or None."""
        looks = [look for look in (self.anonymous, self.author) if look]
        return next((found for look in looks for one in meanings if (found := look.means(one))), None)

    def answers(self, viewpoint: str = ANONYMOUS) -> tuple[Outcome, ...]:
        """Return the outcomes of this viewpoint's looks that reached the page, in order."""
        return tuple(
            look.outcome for look in self.page.looks.get(viewpoint, ()) if look.outcome not in OUTAGES
        )


def _notice(look: Observation) -> str | None:
    if look.outcome is Outcome.SUSPENDED:
        return look.own_words or "this page is suspended"
    sign = look.means(SignKind.TOLD_SUSPENDED)
    return (sign.quote or sign.id) if sign else None


def address_owner(case: ProfileCase, handle: str | None) -> bool:
    """Return whether this handle is the profile's; an unknown handle is given the benefit of the doubt."""
    if handle is None:
        return True
    return Handle(case.handle, case.sureness.fold_case).same_as(handle)
