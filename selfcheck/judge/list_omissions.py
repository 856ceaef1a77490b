"""Rules of stories that the author's list has and that a public list lacks.

Stories that a public list lacks are opened from both viewpoints, up to three, and dated by their own page:
- kept back by its owner, or younger than an hour: not missed (caches and feeds follow within that time);
- gone for the public: the story's own page says so, and where all are gone the account is hidden;
- open to the public, and missing before a later story that both lists have: the list is limited;
- open to the public, and beyond the end of the public's list: the list is limited too, unless something shows
  that the end was not seen (a page that is full, a next page, a loader).

Of a page that no mark knows, the list is what its links suggest. It is limited only where the public was
shown the story of this author's that it passes over. `lists_unexplained` has what is left open.
"""

from functools import partial

from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind, Verdict
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.times import plural
from selfcheck.judge.list_comparison import stories_missing, whole_list_lacks
from selfcheck.judge.list_gaps import (
    OPENED,
    OwnPageState,
    Stories,
    end_seen,
    end_unseen,
    has_room,
    lacking_always,
    list_gap,
    missing_from_both,
    own_pages,
    published_stories,
    state_of,
)
from selfcheck.judge.page_evidence import GONE, PageEvidence
from selfcheck.judge.rule import Layer, Rule, both_marks

NAMED = 3
"""How many stories a reason names before it only counts them."""

# -- lists -----------------------------------------------------------------------------------------------


def missed_stories(evidence: PageEvidence) -> Stories:
    """Return the stories whose absence from the public's list is a suppression."""
    gap = list_gap(evidence)
    missed = gap.before
    if gap.alike and not (gap.unread or gap.empty or evidence.is_learned):
        opened = [story for story in gap.beyond if state_of(evidence, story) is not OwnPageState.UNKNOWN]
        beyond = missing_from_both(evidence, gap.beyond) or (() if end_unseen(evidence) else opened)
        missed = (*missed, *(story for story in beyond if _comparable(evidence, story)))
    return tuple(
        story for story in missed if not _may_be_kept(evidence, story) and _is_known(evidence, story)
    )


def _is_known(evidence: PageEvidence, story: StoryRef) -> bool:
    """Return whether the missing link is surely a story of this author's: a learned list only suggests it."""
    if not evidence.is_learned:
        return True
    public = state_of(evidence, story) is OwnPageState.PUBLIC or evidence.was_public(story.id, story.url)
    return public and _names_author(evidence, story)


def _names_author(evidence: PageEvidence, story: StoryRef) -> bool:
    return evidence.case.account.name.casefold() in story.url.casefold()


def _may_be_kept(evidence: PageEvidence, story: StoryRef) -> bool:
    """Return whether the missing story may be a draft, since no sign of one is known or could be read."""
    if evidence.was_public(story.id, story.url) or state_of(evidence, story) is OwnPageState.PUBLIC:
        return False
    pages, facts = own_pages(evidence, story), evidence.case.sureness
    if any(_author_unseen(page) or page.owners_signs_unread for page in pages):
        return True
    author = _lists_author(evidence)
    if author is not None and author.unread:
        return not (facts.tells_kept(PageKind.STORY) and pages)
    of = PageKind.PROFILE if evidence.kind is PageKind.FEED else evidence.kind
    return not (facts.tells_kept(PageKind.STORY) or facts.list_tells_kept(of))


def _lists_author(evidence: PageEvidence) -> Observation | None:
    """Return the author's view of the list that another list is compared with: for a feed, the profile's."""
    if evidence.kind is not PageKind.FEED:
        return evidence.author
    pages = (page for page in evidence.case.pages if page.visit.kind is PageKind.PROFILE)
    return next((PageEvidence(evidence.case, page).author for page in pages), None)


def _author_unseen(story: PageEvidence) -> bool:
    """Return whether the author's view of a story that is not public was asked for and cannot be read."""
    unread = story.author_sees in {None, Outcome.UNRECOGNISED}
    return story.author_expected and unread and story.public_sees is not Outcome.SHOWN


def _comparable(evidence: PageEvidence, story: StoryRef) -> bool:
    """Return whether the two lists share stories in the same order, and this one stands behind them."""
    assert evidence.both is not None
    published = published_stories(evidence, evidence.both[1])
    return story in lacking_always(evidence, partial(whole_list_lacks, published))


def _list_lacks(evidence: PageEvidence) -> str | None:
    missed = missed_stories(evidence)
    if not missed:
        return None
    if list_gap(evidence).empty:
        return f"The list that logged-out visitors get is empty; the author's has {in_words(missed)}."
    return f"The list that logged-out visitors get lacks {in_words(missed)}."


def _unproven(evidence: PageEvidence) -> bool:
    """Return whether no own page shows that a missing story is published, or only the list's end tells."""
    missed = missed_stories(evidence)
    tells = evidence.case.sureness.list_tells_kept(evidence.kind)
    proven = [story for story in missed if tells or state_of(evidence, story) is not OwnPageState.UNKNOWN]
    if not proven:
        return True
    gap = list_gap(evidence)
    passed = gap.empty or any(story in gap.before for story in proven)
    return not passed and not end_seen(evidence) and not missing_from_both(evidence, gap.beyond)


def _all_gone(evidence: PageEvidence) -> str | None:
    if evidence.kind is not PageKind.PROFILE or evidence.both is None or evidence.both[1].unread:
        return None
    gap, published = list_gap(evidence), published_stories(evidence, evidence.both[1])
    if not published or len(gap.lacking) < len(published) or _feed_may_list_any(evidence, published):
        return None
    opened = [story for story in published if own_pages(evidence, story)]
    gone = [story for story in opened if state_of(evidence, story) is OwnPageState.GONE]
    if len(gone) < len(opened) or len(gone) < min(OPENED, len(published)):
        return None
    if any(page.could_be_kept for story in gone for page in own_pages(evidence, story)):
        return None
    sight = (
        f"see none of your {len(published)} stories" if len(published) > 1 else "do not see your one story"
    )
    return f"Your profile page stays, but visitors {sight}."


def _feed_may_list_any(evidence: PageEvidence, published: Stories) -> bool:
    """Return whether the feed names one of the stories, or could not be read behind a wall or an outage."""
    feeds = [page.anonymous for page in evidence.case.pages if page.visit.kind is PageKind.FEED]
    if any(feed is not None and feed.outcome not in {Outcome.SHOWN, *GONE} for feed in feeds):
        return True
    listed = {story.key for feed in feeds if feed is not None for story in feed.stories or ()}
    return any(story.key in listed for story in published)


# -- feeds -----------------------------------------------------------------------------------------------


def _feed_lacks(evidence: PageEvidence) -> str | None:
    if any(control.listed == 0 for control in evidence.live_controls) and not any(
        look.stories for look in evidence.looks()
    ):
        return None  # feeds are empty for everybody
    author = _lists_author(evidence)
    if author is not None and author.unread:
        return None  # which of its stories the owner keeps out of feeds stands in data that cannot be read
    lacking = _feeds_gap(evidence, author)
    if author is not None and author.is_learned:
        lacking = tuple(story for story in lacking if _names_author(evidence, story))
    if not lacking:
        return None
    if evidence.anonymous is not None and not evidence.anonymous.stories:
        why = "the author's list has them"
    else:
        why = "it has room for more" if has_room(evidence, evidence.anonymous) else "it continues beyond them"
    return f"The feed lacks {in_words(lacking)}, although {why}."


def _feeds_gap(evidence: PageEvidence, author: Observation | None) -> Stories:
    """Return what every feed that the public got passes over of the author's list, and no owner may keep."""
    published = published_stories(evidence, author)
    published = tuple(story for story in published if not _may_be_kept(evidence, story))
    return lacking_always(evidence, lambda listed: _missing_from_feed(evidence, published, listed))


def not_in_feed(profile: PageEvidence) -> Stories:
    """Return what the profile's feed passes over of the author's learned list: stories, or other links."""
    if profile.kind is not PageKind.PROFILE or profile.author is None or not profile.author.is_learned:
        return ()
    pages = (page for page in profile.case.pages if page.visit.kind is PageKind.FEED)
    feeds = (PageEvidence(profile.case, page) for page in pages)
    return next((gap for feed in feeds if (gap := _feeds_gap(feed, profile.author))), ())


def _missing_from_feed(evidence: PageEvidence, published: Stories, listed: Stories) -> Stories:
    limit = evidence.case.sureness.feed_limit
    if limit is not None and len(listed) < limit:
        return whole_list_lacks(published[:limit], listed)
    return stories_missing(published, listed)


def in_words(stories: Stories) -> str:
    """Return the titles of the first `NAMED` stories, and how many more there are."""
    names = [f"“{story.title or story.id}”" for story in stories[:NAMED]]
    more = f" and {plural(len(stories) - NAMED, 'other')}" if len(stories) > NAMED else ""
    return ", ".join(names) + more


def _by_lists(evidence: PageEvidence) -> tuple[str | None, ...]:
    return (*both_marks(evidence), f"stories.{evidence.kind}")


# -- the rows --------------------------------------------------------------------------------------------

LIST_KINDS = (PageKind.PROFILE, PageKind.PUBLICATION)
_lacks = partial(
    Rule,
    layer=Layer.CONTENT,
    claims=Verdict.LIMITED,
    recheck=(ANONYMOUS,),
    rests_on_control=True,
    rests_on=_by_lists,
    would_change="One public list that has the stories, or the author keeping them back.",
)
LIST_RULES: tuple[Rule, ...] = (
    _lacks(
        id="lists.all-hidden",
        claims=Verdict.HIDDEN,
        kinds=(PageKind.PROFILE,),
        check=_all_gone,
        evidence="Each missing story that was opened is shown to its author and not to the public.",
        looks_at="The author's list, the public's, the feed, and the own pages of up to three stories.",
        false_positives="Drafts that their author's list shows without a sign that they are drafts.",
        would_change="One of the stories being shown to logged-out visitors, or listed for them.",
    ),
    _lacks(
        id="lists.stories-missing",
        limit="the list that logged-out visitors get lacks stories",
        kinds=LIST_KINDS,
        check=_list_lacks,
        likely_where=_unproven,
        evidence="Both views load the same list at the same moment, and missing stories are opened.",
        looks_at="The stories of one list as the author and logged-out visitors get it in the same layout; "
        "pinned, young, unlisted and unpublished ones and an end that was not seen are left out.",
        false_positives="A list made differently for each visitor in the same order, twice.",
    ),
    _lacks(
        id="feed.stories-missing",
        limit="it lacks stories",
        kinds=(PageKind.FEED,),
        check=_feed_lacks,
        evidence="The feed goes on beyond a story that it lacks, has room for it, or is empty.",
        looks_at="The feed beside the author's own list: its limit of entries and the stories' age.",
        false_positives="A feed kept for more than an hour, or one that leaves out some stories by design.",
    ),
)
