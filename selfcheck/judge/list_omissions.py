"""Reasons that stories are absent from lists where they should be: profile, publication and feed.

Each function returns the reason in words a writer understands, or None where it does not hold.
"""

from collections.abc import Callable
from datetime import datetime

from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.judge.lists import expected, stories_missing, whole_list_lacks
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.reduced_visibility import KEPT_BACK

NAMED = 3
"""How many stories a reason names before it only counts them."""

Stories = tuple[StoryRef, ...]
Lacking = Callable[[Stories], Stories]


def list_lacks(sight: PageEvidence) -> str | None:
    """Hold when strangers' list leaves out stories that the author's list of the same page has.

    Both pages must be known by the same mark: lists of different layouts are read in different ways.
    """
    if sight.author is None or sight.anonymous is None or sight.author.mark != sight.anonymous.mark:
        return None
    published = _published(sight, sight.author)
    lacking = _lacking_always(sight, lambda listed: _missing_from_list(sight, published, listed))
    return f"The list that strangers get lacks {_some(lacking)}." if lacking else None


def feed_lacks(sight: PageEvidence) -> str | None:
    """Hold when the feed lacks stories of the author's list that it should have."""
    published = _published(sight, _authors_profile(sight))
    lacking = _lacking_always(sight, lambda listed: _missing_from_feed(sight, published, listed))
    return f"The feed lacks {_some(lacking)}, although {_reach(sight)}." if lacking else None


def _reach(sight: PageEvidence) -> str:
    if sight.anonymous is not None and not sight.anonymous.stories:
        return "the author's list has them"
    return "it has room for more" if _has_room(sight, sight.anonymous) else "it goes on beyond"


def _published(sight: PageEvidence, look: Observation | None) -> Stories:
    """Return the stories that the author's list shows and that strangers should find by now."""
    if look is None or look.outcome is not Outcome.SHOWN or look.stories is None:
        return ()
    return expected(look.stories, _at(sight), kept_back=_kept_back(sight))


def _at(sight: PageEvidence) -> datetime | None:
    """Return when strangers were first shown the list."""
    looks = sight.page.looks.get(ANONYMOUS, ())
    return next((look.moment for look in looks if look.outcome is Outcome.SHOWN), None)


def _kept_back(sight: PageEvidence) -> frozenset[str]:
    """Return the ids of stories whose own pages say that their owner keeps them out of lists."""
    stories = [page for page in sight.case.pages if page.visit.kind is PageKind.STORY]
    return frozenset(
        page.visit.subject for page in stories if PageEvidence(sight.case, page).sign(*KEPT_BACK)
    )


def _missing_from_list(sight: PageEvidence, published: Stories, listed: Stories) -> Stories:
    missing = stories_missing(published, listed)
    if missing or sight.kind is not PageKind.PROFILE:
        return missing
    return _missing_from_both(sight, published, listed)


def _missing_from_both(sight: PageEvidence, published: Stories, listed: Stories) -> Stories:
    """Return stories beyond the end of strangers' list that a feed with room for them lacks as well.

    The end of a list alone proves nothing: it may be cut earlier for strangers.
    """
    feed = next((page.anonymous for page in sight.case.pages if page.visit.kind is PageKind.FEED), None)
    if feed is None or feed.outcome is not Outcome.SHOWN or not feed.stories or not _has_room(sight, feed):
        return ()
    in_feed = {story.id for story in feed.stories}
    beyond = whole_list_lacks(published, listed)
    return tuple(story for story in beyond if story.id not in in_feed) if _meet(published, feed) else ()


def _meet(published: Stories, feed: Observation) -> bool:
    return bool({story.id for story in published} & {story.id for story in feed.stories or ()})


def _missing_from_feed(sight: PageEvidence, published: Stories, listed: Stories) -> Stories:
    limit = sight.case.sureness.feed_limit
    if limit is not None and len(listed) < limit:
        return whole_list_lacks(published[:limit], listed)
    return stories_missing(published, listed)


def _has_room(sight: PageEvidence, feed: Observation | None) -> bool:
    limit = sight.case.sureness.feed_limit
    return limit is not None and feed is not None and len(feed.stories or ()) < limit


def _lacking_always(sight: PageEvidence, lacking: Lacking) -> Stories:
    """Return the stories that every list which strangers got lacks; one whole list clears them all."""
    looks = sight.page.looks.get(ANONYMOUS, ())
    lists = [look.stories for look in looks if look.outcome is Outcome.SHOWN and look.stories is not None]
    if not lists:
        return ()
    always = {story.id for story in lacking(lists[0])}
    for listed in lists[1:]:
        always &= {story.id for story in lacking(listed)}
    return tuple(story for story in lacking(lists[0]) if story.id in always)


def _authors_profile(sight: PageEvidence) -> Observation | None:
    return next((page.author for page in sight.case.pages if page.visit.kind is PageKind.PROFILE), None)


def _some(stories: Stories) -> str:
    names = [f"“{story.title or story.id}”" for story in stories[:NAMED]]
    more = f" and {len(stories) - NAMED} more" if len(stories) > NAMED else ""
    return ", ".join(names) + more
