"""The evidence about one page, as the rules ask for it.

Each viewpoint's evidence stands for itself: what is wrong with the author's view takes away what rests on it,
and nothing of what the public was told.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property, wraps
from typing import TypeVar

from selfcheck.core.case import OUTAGES, PageCase, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind, SignKind
from selfcheck.core.hosts import address_key
from selfcheck.core.labels import KIND_WORD
from selfcheck.core.observation import Observation, Sign
from selfcheck.core.verdict import ControlReading
from selfcheck.judge.text_comparison import TextComparison, compare_texts

GONE = frozenset({Outcome.NOT_FOUND, Outcome.REMOVED})
"""Outcomes that tell the visitor that the page does not exist."""

LOOKS_TO_CONFIRM = 2
"""How many page loads from fresh contexts must say the same before "gone" is confirmed."""

MOST_LOOKS = 3
"""How often a viewpoint loads one page at most: a third time settles two answers that disagree."""

WALLS = frozenset({Outcome.CHALLENGE, Outcome.RATE_LIMITED})

OWNERS_CHOICE = (SignKind.MEMBERS_ONLY, SignKind.UNLISTED, SignKind.UNPUBLISHED, SignKind.PRIVATE)
"""Signs that the owner, not the platform, keeps something from the public."""

KEPT_BACK = OWNERS_CHOICE[1:]
"""Signs that the owner keeps it out of lists and search engines; a member wall does not."""

_Answer = TypeVar("_Answer")


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
        return KIND_WORD[self.kind]

    @cached_property
    def anonymous(self) -> Observation | None:
        """Return the logged-out observation that counts."""
        return self.page.anonymous

    @cached_property
    def author(self) -> Observation | None:
        """Return the author's observation that counts, or None where it is not the author's working view."""
        look = self.page.author
        if look is None or look.shows_logged_out or look.outcome in OUTAGES:
            return None
        if any(load.outcome in WALLS for load in self.looks(AUTHOR)):
            return None
        doubted = self.session_ended and not look.signed_in
        return None if doubted or self.foreign_handle else look

    @property
    def public_sees(self) -> Outcome | None:
        """Return the outcome for logged-out visitors."""
        return self.anonymous.outcome if self.anonymous else None

    @cached_property
    def public_alone(self) -> "PageEvidence":
        """Return the evidence without the author's view, as if it had never been asked for."""
        looks = {who: looks for who, looks in self.page.looks.items() if who == ANONYMOUS}
        visit = replace(self.page.visit, viewpoints=(ANONYMOUS,))
        return PageEvidence(self.case, replace(self.page, visit=visit, looks=looks))

    @property
    def author_sees(self) -> Outcome | None:
        """Return the outcome for the author; None where there is no working view of the author's."""
        return self.author.outcome if self.author else None

    @property
    def both(self) -> tuple[Observation, Observation] | None:
        """Return what the public and the author got, where both were shown the page."""
        if self.anonymous is None or self.author is None:
            return None
        shown = self.anonymous.outcome is Outcome.SHOWN and self.author.outcome is Outcome.SHOWN
        return (self.anonymous, self.author) if shown else None

    @cached_property
    def texts(self) -> tuple[TextComparison, ...]:
        """Return how the text of each page load of the public compares with the author's."""
        author = self.author.body if self.both and self.author else None
        shown = [look.body for look in self.looks() if look.outcome is Outcome.SHOWN]
        return tuple(compare_texts(author, body) for body in shown if author and body)

    @property
    def is_identified(self) -> bool:
        """Return whether the public's page proves to be the one asked for; stats pages have no subject."""
        return self.kind is PageKind.STATS or self.anonymous is None or self.anonymous.identified is not False

    @property
    def author_expected(self) -> bool:
        """Return whether the author's view belongs to this page's evidence."""
        return self.case.author_expected and AUTHOR in self.page.visit.viewpoints

    @cached_property
    def account_controls(self) -> tuple[ControlReading, ...]:
        """Return the controls that are accounts: those of another kind of page speak for that kind alone."""
        return tuple(reading for reading in self.case.controls if reading.page is PageKind.PROFILE)

    @cached_property
    def live_controls(self) -> tuple[ControlReading, ...]:
        """Return the live controls of this page's own kind that were shown: others say nothing of it."""
        controls = self.case.controls
        return tuple(
            one for one in controls if one.page is self.kind and one.kind is ControlKind.LIVE and one.ok
        )

    @property
    def is_compared(self) -> bool:
        """Return whether a mark knows the page of a live control of this kind: likeness alone proves less."""
        return any(not (control.is_learned or control.unread) for control in self.live_controls)

    @property
    def may_be_compared(self) -> bool:
        """Return whether a live control of this kind was shown, or one can still be asked for."""
        left = self.case.sureness.page_controls_left.get(self.kind, ())
        return bool(self.live_controls) or (self.case.rounds_left > 0 and ControlKind.LIVE in left)

    @cached_property
    def stories(self) -> tuple["PageEvidence", ...]:
        """Return the evidence about each story that was opened."""
        pages = (page for page in self.case.pages if page.visit.kind is PageKind.STORY)
        return tuple(PageEvidence(self.case, page) for page in pages)

    @cached_property
    def every_look(self) -> tuple[Observation, ...]:
        """Return all observations of the page itself, the counting ones and the others."""
        return tuple(look for looks in self.page.looks.values() for look in looks)

    @property
    def is_learned(self) -> bool:
        """Return whether a view that counts is read by likeness, since no mark knows it."""
        return any(look is not None and look.is_learned for look in (self.anonymous, self.author))

    @cached_property
    def notice(self) -> str | None:
        """Return the notice of suspension in the author's own view, or None."""
        return self._notice[0]

    @property
    def noticed_by(self) -> str | None:
        """Return the id of the mark or sign that knows the notice."""
        return self._notice[1]

    @cached_property
    def _notice(self) -> tuple[str | None, str | None]:
        """Return the notice and what knows it.

        A notice above the stats page is about the account, so it counts as the profile's too.
        """
        looks = [self.author]
        if self.kind is PageKind.PROFILE:
            pages = (page for page in self.case.pages if page.visit.kind is PageKind.STATS)
            looks += [PageEvidence(self.case, page).author for page in pages]
        notices = (_notice(look) for look in looks if look is not None)
        return next((notice for notice in notices if notice[0]), (None, None))

    @property
    def could_be_kept(self) -> bool:
        """Return whether the page, which the public does not get, may be a draft of which no sign tells.

        A sign tells nothing where the author's page is not recognised: it may be built in another way.
        """
        if self.owners_signs_unread:
            return True
        if self.kind in self.case.sureness.owner_can_hide:
            return True  # at any time, so it does not matter whether it was public before
        kept_by_some = self.kind in {PageKind.STORY, PageKind.PUBLICATION}
        tells = self.case.sureness.tells_kept(self.kind) and self.author_sees is not Outcome.UNRECOGNISED
        return kept_by_some and not tells and not self.shown_before

    @property
    def owners_signs_unread(self) -> bool:
        """Return whether the author's page may say that its owner keeps it, in a way that could not be read.

        So it is where no mark knows the page, where its data changed, or where nothing shows who is signed
        in: what shows an owner may have changed with that, and the session may be somebody else's.
        """
        author, facts = self.author, self.case.sureness
        if author is None or author.outcome is not Outcome.SHOWN:
            return False
        if self.session_unread:
            return True
        if self.kind not in facts.signs_kept:
            return author.unread and author.signed_in_as is None  # nor whose session it is
        tells_no_visitor = facts.tells_signed_in and author.signed_in is None
        return author.is_learned or author.unread or (tells_no_visitor and not self.signed_in_somewhere)

    @property
    def session_unread(self) -> bool:
        """Return whether only a stats page could tell whose session it is, and it could not be read.

        A page that no mark knows may be what a dead session gets, unless another page shows it signed in.
        """
        looks = self.author_looks_anywhere
        stats = [look for look in looks if look.kind is PageKind.STATS]
        unknown = any(look.outcome is Outcome.UNRECOGNISED for look in stats)
        unread = any(look.unread for look in stats) or (unknown and not self.signed_in_somewhere)
        return unread and not any(look.signed_in_as for look in looks)

    @property
    def is_unread(self) -> bool:
        """Return whether the data of a view that counts is there, and the file finds nothing in it."""
        return any(look is not None and look.unread for look in (self.anonymous, self.author))

    @property
    def shown_before(self) -> bool:
        """Return whether the public was shown this page in an earlier run, or finds it in a list or feed."""
        return self.was_public(self.page.visit.subject, self.page.visit.url)

    def was_public(self, *names: str) -> bool:
        """Return whether the public was shown a page of this id or address before, or finds it listed."""
        looks = (page.anonymous for page in self.case.pages)
        listed = {
            name for look in looks if look for story in look.stories or () for name in (story.id, story.url)
        }
        public = {address_key(name) for name in listed | self.case.public_before} - {""}
        return any(address_key(name) in public for name in names)

    def sign(self, *meanings: SignKind) -> Sign | None:
        """Return the first sign with one of these meanings that any viewpoint got, or None."""
        looks = [look for look in (self.anonymous, self.author) if look]
        return next((sign for look in looks for meaning in meanings if (sign := look.means(meaning))), None)

    def answers(self, viewpoint: str = ANONYMOUS) -> tuple[Outcome, ...]:
        """Return the outcomes of this viewpoint's observations that reached the page, in order."""
        return tuple(look.outcome for look in self.looks(viewpoint) if look.outcome not in OUTAGES)

    def looks(self, viewpoint: str = ANONYMOUS) -> tuple[Observation, ...]:
        """Return this viewpoint's observations of the page itself, in order."""
        return self.page.looks.get(viewpoint, ())

    @property
    def can_look_again(self) -> bool:
        """Return whether the public may load the page once more: one load that is odd waits for it."""
        return self.case.rounds_left > 0 and len(self.looks()) < MOST_LOOKS

    # -- whose session it was; every page that is signed in to together counts --

    @cached_property
    def author_looks_anywhere(self) -> tuple[Observation, ...]:
        """Return what was got with this page's session: of this page, and of the others it holds for."""
        separate = self.case.sureness.separate_sessions
        pages = (
            page
            for page in self.case.pages
            if page.visit.kind is self.kind or not {page.visit.kind, self.kind} & set(separate)
        )
        return tuple(look for page in pages for look in page.looks.get(AUTHOR, ()))

    @cached_property
    def session_ended(self) -> bool:
        """Return whether a page showed that the session is not signed in (any more)."""
        return any(look.shows_session_ended for look in self.author_looks_anywhere)

    @cached_property
    def signed_in_somewhere(self) -> bool:
        """Return whether a page of this run showed that the session was signed in."""
        return any(look.signed_in for look in self.author_looks_anywhere)

    @cached_property
    def foreign_handle(self) -> str | None:
        """Return the account that the session belongs to if it is not this author's."""
        own = self.case.account
        names = {look.signed_in_as for look in self.author_looks_anywhere if look.signed_in_as}
        return next((name for name in sorted(names) if not own.same_as(name)), None)


def asked_once(question: Callable[[PageEvidence], _Answer]) -> Callable[[PageEvidence], _Answer]:
    """Keep a question's answer with the evidence, which never changes: several rules ask for the same."""
    name = f"_{question.__name__}"

    @wraps(question)
    def answer(evidence: PageEvidence) -> _Answer:
        kept = evidence.__dict__  # where cached properties are kept as well
        if name not in kept:
            kept[name] = question(evidence)
        value: _Answer = kept[name]
        return value

    return answer


def controls_pass(case: ProfileCase) -> bool:
    """Return whether at least one control of each kind passed by a mark: one that was learned proves less."""
    accounts = (control for control in case.controls if control.page is PageKind.PROFILE)
    passed = {control.kind for control in accounts if control.ok and not control.is_learned}
    return passed >= {ControlKind.LIVE, ControlKind.ABSENT}


def _notice(look: Observation) -> tuple[str | None, str | None]:
    if look.outcome is Outcome.SUSPENDED:
        return look.own_words or "this page is suspended", look.mark
    sign = look.means(SignKind.TOLD_SUSPENDED)
    return (sign.quote or sign.id, sign.id) if sign else (None, None)
