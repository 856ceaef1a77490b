"""Rules of stories that the author's list has and that a public list lacks.

Stories that a public list lacks are opened from both viewpoints, up to three, and dated by their own page:
- kept back by its owner, or younger than an hour: not missed (caches and feeds follow within that time);
- gone for the public: the story's own page says so, and where all are gone the account is hidden;
- open to the public, and missing before a later story that both lists have: the list is limited;
- open to the public, and beyond the end of the public's list: the list is limited too, unless something shows
  that the end was not seen (a page that is full, a next page, a loader).

Of a page that no mark knows, the list is what its links suggest. It is limited only where the public was
shown the story of this author's that it passes over; anything else that it lacks, and an empty list without
an author's view, is inconclusive.
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


def _missed(evidence: PageEvidence) -> Stories:
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
    missed = _missed(evidence)
    if not missed:
        return None
    if list_gap(evidence).empty:
        return f"The list that logged-out visitors get is empty; the author's has {_some(missed)}."
    return f"The list that logged-out visitors get lacks {_some(missed)}."


def _unproven(evidence: PageEvidence) -> bool:
    """Return whether no own page shows that a missing story is published, or only the list's end tells."""
    missed = _missed(evidence)
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


def _empty(evidence: PageEvidence) -> str | None:
    gap = list_gap(evidence)
    if not gap.empty or not gap.lacking or _missed(evidence):
        return None
    return (
        f"The list that logged-out visitors get is empty, the author's has {_some(gap.lacking)}; whether the "
        f"public should find that is not known."
    )


def _learned_unsure(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or evidence.author_sees not in {None, Outcome.SHOWN}:
        return None
    if not evidence.is_learned or _missed(evidence):
        return None
    public, author = evidence.anonymous, evidence.author
    assert public is not None
    if author is None or author.stories is None:
        if public.stories:
            return None
        return (
            f"The {evidence.noun} that logged-out visitors see lists nothing, and there is no author's view "
            f"that shows whether it should."
        )
    if lacking := list_gap(evidence).lacking:
        where = f"links to {_some(lacking)}, the public's does not"
    elif lacking := _not_in_feed(evidence):
        where = f"links to {_some(lacking)}, the feed does not"
    if not lacking:
        return None
    return (
        f"No mark knows the {evidence.noun}. The author's view of it {where}; whether it should is not known."
    )


def _nothing_shared(evidence: PageEvidence) -> str | None:
    """Return what is unclear where two lists of one layout have no story in common."""
    gap = list_gap(evidence)
    if not gap.alike or gap.empty or gap.unread or not gap.lacking or _missed(evidence):
        return None
    assert evidence.both is not None
    authors = {story.key for story in evidence.both[1].stories or ()}
    if any(story.key in authors for look in evidence.looks() for story in look.stories or ()):
        return None
    return (
        f"The list that logged-out visitors get has none of the stories of the author's, which begins with "
        f"{_some(gap.lacking[:1])}; it may be another part of it, or another account's."
    )


def _beyond_the_end(evidence: PageEvidence) -> str | None:
    gap = list_gap(evidence)
    if gap.empty or gap.unread or not gap.lacking or _missed(evidence):
        return None
    return (
        f"Logged-out visitors see the {evidence.noun}. Its list, as far as it was seen, does not have "
        f"{_some(gap.lacking)}, which the author's has."
    )


def _unread(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or evidence.author_sees not in {None, Outcome.SHOWN}:
        return None
    if evidence.author_expected and evidence.author is None:
        return None
    if evidence.kind not in evidence.case.sureness.reads_lists:
        return None
    if _read_once(evidence, ANONYMOUS) and (evidence.author is None or evidence.author.stories is not None):
        return None
    whose = "the author's view" if _read_once(evidence, ANONYMOUS) else "logged-out visitors"
    return f"Logged-out visitors see the {evidence.noun}; the list of stories for {whose} could not be read."


def _read_once(evidence: PageEvidence, viewpoint: str) -> bool:
    return any(look.stories is not None for look in evidence.looks(viewpoint))


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
    return f"The feed lacks {_some(lacking)}, although {why}."


def _feeds_gap(evidence: PageEvidence, author: Observation | None) -> Stories:
    """Return what every feed that the public got passes over of the author's list, and no owner may keep."""
    published = published_stories(evidence, author)
    published = tuple(story for story in published if not _may_be_kept(evidence, story))
    return lacking_always(evidence, lambda listed: _missing_from_feed(evidence, published, listed))


def _not_in_feed(profile: PageEvidence) -> Stories:
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


def _some(stories: Stories) -> str:
    names = [f"“{story.title or story.id}”" for story in stories[:NAMED]]
    more = f" and {plural(len(stories) - NAMED, 'other')}" if len(stories) > NAMED else ""
    return ", ".join(names) + more


def _by_lists(evidence: PageEvidence) -> tuple[str | None, ...]:
    return (*both_marks(evidence), f"stories.{evidence.kind}")


# -- the rows --------------------------------------------------------------------------------------------

_LISTS = (PageKind.PROFILE, PageKind.PUBLICATION)
_lacks = partial(
    Rule,
    layer=Layer.CONTENT,
    claims=Verdict.LIMITED,
    recheck=(ANONYMOUS,),
    rests_on_control=True,
    rests_on=_by_lists,
    would_change="One public list that has the stories, or the author keeping them back.",
)
_shown = partial(Rule, layer=Layer.CONTENT, claims=Verdict.VISIBLE, kinds=_LISTS, reserved=True)

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
        kinds=_LISTS,
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

LISTS_UNEXPLAINED: tuple[Rule, ...] = (
    Rule(
        id="lists.empty",
        layer=Layer.CONTENT,
        claims=Verdict.INCONCLUSIVE,
        kinds=_LISTS,
        recheck=(ANONYMOUS,),
        check=_empty,
        evidence="An empty list where the author's has stories is never as it should be without a reason.",
        looks_at="The public's list without a story, and the own pages of the author's.",
        false_positives="Nothing: it claims nothing.",
        would_change="A story in the public's list, or its own page saying when and for whom it is.",
    ),
    Rule(
        id="lists.learned-unsure",
        layer=Layer.CONTENT,
        claims=Verdict.INCONCLUSIVE,
        kinds=_LISTS,
        recheck=(ANONYMOUS,),
        check=_learned_unsure,
        evidence="A page that is only known by its likeness may have lost its list without a word.",
        looks_at="Links of the sort that live controls have of their own, in both views of the page.",
        false_positives="Nothing: it claims nothing.",
        would_change="The author's view, a list with the same links, or a platform file that reads the list.",
        next_step="Write a platform file that reads the list of stories; `{learn}` says how to draft one.",
    ),
    Rule(
        id="lists.nothing-shared",
        layer=Layer.CONTENT,
        claims=Verdict.INCONCLUSIVE,
        kinds=_LISTS,
        recheck=(ANONYMOUS,),
        check=_nothing_shared,
        evidence="Lists without a common story show neither where one ends nor that both are of one account.",
        looks_at="The stories of both lists, in the same layout.",
        false_positives="Nothing: it claims nothing.",
        would_change="A story that both lists have.",
    ),
    _shown(
        id="lists.beyond-end",
        check=_beyond_the_end,
        evidence="A list that goes on elsewhere, or that is made otherwise for the author, shows no absence.",
        looks_at="A full page, a next page or a loader in the public's list; the order of both lists.",
        false_positives="Stories that are kept out of a part of the list that was not opened.",
        would_change="The public's list reaching those stories, or passing them.",
    ),
    _shown(
        id="lists.unread",
        check=_unread,
        evidence="A list that cannot be read is neither a list without stories nor a whole one.",
        looks_at="Whether the lists that the platform file describes are found, in both views.",
        false_positives="A page without a list, such as that of a new account.",
        would_change="A platform file that can read the list.",
    ),
)
"""Rows that claim no suppression, so they stand behind all that do."""
