"""What the public's list of a page lacks of the author's, and what the own pages of missing stories say."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from functools import partial

from selfcheck.core.enums import Outcome, PageKind
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.judge.list_comparison import expected, stories_missing
from selfcheck.judge.page_evidence import GONE, KEPT_BACK, PageEvidence, asked_once

OPENED = 3
"""How many missing stories are opened at most: each costs a page view of both viewpoints."""

FULL_PAGE = 5
"""A list as long as a live control's may be a full page; shorter ones are alike by chance."""

Stories = tuple[StoryRef, ...]
Lacking = Callable[[Stories], Stories]


class OwnPageState(Enum):
    """What the own page of a missing story says."""

    PUBLIC = "the public is shown it"
    GONE = "the author is shown it, the public is not"
    AUTHORS = "the author is shown it as published; what the public gets is not known"
    UNKNOWN = "not opened, or not answered"


@dataclass(frozen=True)
class ListGap:
    """What the public's list of a page lacks of the author's."""

    lacking: Stories = ()  # every expected story that no public list has
    before: Stories = ()  # those of them that stand before a later story that both lists have
    empty: bool = False  # the public's list has no story at all
    unread: bool = False  # the public's list could not be read
    alike: bool = True  # both lists are read from the same layout and can be compared

    @property
    def beyond(self) -> Stories:
        """Return the missing stories of which the public's list does not show that it passed them."""
        return tuple(story for story in self.lacking if story not in self.before)


def missing_stories(evidence: PageEvidence) -> Stories:
    """Return the stories to open because the public's list lacks them, those that weigh most first."""
    gap = list_gap(evidence)
    unopened = [story for story in (*gap.before, *gap.beyond) if not own_pages(evidence, story)]
    opened = sum(bool(own_pages(evidence, story)) for story in gap.lacking)
    return tuple(unopened[: max(0, OPENED - opened)])


@asked_once
def list_gap(evidence: PageEvidence) -> ListGap:
    """Return what the public's lists of this page lack, all of its page loads taken together."""
    if evidence.both is None or evidence.kind not in {PageKind.PROFILE, PageKind.PUBLICATION}:
        return ListGap()
    public, author = evidence.both
    published = published_stories(evidence, author)
    lists = [look.stories for look in evidence.looks() if look.outcome is Outcome.SHOWN]
    read = [listed for listed in lists if listed is not None]
    if not published or not read:
        return ListGap(lacking=published, unread=True)
    listed_ids = {story.key for listed in read for story in listed}
    lacking = tuple(story for story in published if story.key not in listed_ids)
    alike = author.mark == public.mark and not evidence.is_unread
    empty = not any(read)
    comparable = alike or (empty and not evidence.is_unread and author.is_learned is public.is_learned)
    before = lacking_always(evidence, partial(stories_missing, published)) if comparable else ()
    # A first story without a date may be new, and a pinned one may be old: neither was passed by the list.
    return ListGap(
        lacking=lacking,
        before=tuple(story for story in lacking if story in before),
        empty=empty,
        alike=alike,
    )


def lacking_always(evidence: PageEvidence, lacking: Lacking) -> Stories:
    """Return the stories that every list which the public got lacks; one whole list clears them all."""
    looks = evidence.looks()
    lists = [look.stories for look in looks if look.outcome is Outcome.SHOWN and look.stories is not None]
    if not lists:
        return ()
    always = {story.key for story in lacking(lists[0])}
    for listed in lists[1:]:
        always &= {story.key for story in lacking(listed)}
    return tuple(story for story in lacking(lists[0]) if story.key in always)


def told_by_missing(evidence: PageEvidence) -> bool:
    """Return whether the author is told on the own page of a missing story why the public lacks it."""
    return any(page.notice for story in list_gap(evidence).lacking for page in own_pages(evidence, story))


# -- the own pages of missing stories --------------------------------------------------------------------


def own_pages(evidence: PageEvidence, story: StoryRef) -> list[PageEvidence]:
    """Return this story's own page where the run opened it."""
    return [page for page in evidence.stories if story.is_at(page.page.visit.subject, page.page.visit.url)]


def state_of(evidence: PageEvidence, story: StoryRef) -> OwnPageState:
    """Return what the run learned of a missing story from its own page."""
    for page in own_pages(evidence, story):
        if page.public_sees is Outcome.SHOWN:
            return OwnPageState.PUBLIC
        if page.owners_signs_unread:
            return OwnPageState.UNKNOWN
        if page.author_sees is Outcome.SHOWN:
            if page.public_sees in {*GONE, Outcome.SUSPENDED, Outcome.RESTRICTED}:
                return OwnPageState.GONE
            knows = evidence.case.sureness.tells_kept(PageKind.STORY)
            return OwnPageState.AUTHORS if knows else OwnPageState.UNKNOWN
        if page.public_sees in {*GONE, Outcome.SUSPENDED} and page.author is not None:
            return OwnPageState.GONE
    return OwnPageState.UNKNOWN


def published_stories(evidence: PageEvidence, look: Observation | None) -> Stories:
    """Return the stories that the author's list shows and that the public should find by now."""
    if look is None or look.outcome is not Outcome.SHOWN or look.stories is None:
        return ()
    first_shown = next((look.made_at for look in evidence.looks() if look.outcome is Outcome.SHOWN), None)
    stories = [_dated_by_its_page(evidence, story) for story in look.stories]
    kept_back = {
        story.key for story in stories if any(page.sign(*KEPT_BACK) for page in own_pages(evidence, story))
    }
    return expected(stories, first_shown, kept_back=frozenset(kept_back))


def _dated_by_its_page(evidence: PageEvidence, story: StoryRef) -> StoryRef:
    """Return the story with the date of its own page: lists may round it, or give none."""
    looks = [look for page in own_pages(evidence, story) for look in page.every_look]
    date = next((look.published_at for look in looks if look.published_at), "")
    return replace(story, published_at=date) if date else story


# -- the end of a list -----------------------------------------------------------------------------------


def _longest(evidence: PageEvidence) -> int:
    return max((len(look.stories) for look in evidence.looks() if look.stories is not None), default=0)


def _page_size(evidence: PageEvidence) -> int | None:
    return evidence.case.sureness.page_sizes.get(evidence.kind)


def _lengths_of_controls(evidence: PageEvidence) -> list[int]:
    return [control.listed for control in evidence.live_controls if control.listed]


def end_unseen(evidence: PageEvidence) -> bool:
    """Return whether something shows that the public's list goes on where it was not opened."""
    if any(look.list_goes_on for look in evidence.looks()):
        return True
    longest, size = _longest(evidence), _page_size(evidence)
    if size is not None:
        return longest >= size
    return longest >= FULL_PAGE and max(_lengths_of_controls(evidence), default=0) == longest


def end_seen(evidence: PageEvidence) -> bool:
    """Return whether something shows that the public's list would be longer if it had more."""
    longest, size = _longest(evidence), _page_size(evidence)
    if size is not None and longest < size:
        return True
    return any(length > longest for length in _lengths_of_controls(evidence))


def missing_from_both(evidence: PageEvidence, beyond: Stories) -> Stories:
    """Return stories beyond the end of the public list that a feed with room for them lacks as well."""
    feed = next((page.anonymous for page in evidence.case.pages if page.visit.kind is PageKind.FEED), None)
    if evidence.kind is not PageKind.PROFILE or feed is None or feed.outcome is not Outcome.SHOWN:
        return ()
    if not feed.stories or not has_room(evidence, feed) or evidence.both is None:
        return ()
    in_feed = {story.key for story in feed.stories}
    if not in_feed & {story.key for story in published_stories(evidence, evidence.both[1])}:
        return ()  # the two share nothing, so they cannot be compared
    return tuple(story for story in beyond if story.key not in in_feed)


def has_room(evidence: PageEvidence, feed: Observation | None) -> bool:
    """Return whether the feed is known to hold more entries than it has."""
    limit = evidence.case.sureness.feed_limit
    return limit is not None and feed is not None and len(feed.stories or ()) < limit
