"""Rules of lists that the comparison leaves open: they are inconclusive, or visible as far as could be seen.

An empty list without an author's view, lists that share nothing, one that this page alone has lost: each may
be a suppression and may be none. A list that merely ends earlier, or could not be read, shows no absence.
"""

from functools import partial

from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind, Verdict
from selfcheck.judge.list_gaps import list_gap
from selfcheck.judge.list_omissions import LIST_KINDS, in_words, missed_stories, not_in_feed
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.rule import Layer, Rule


def _empty(evidence: PageEvidence) -> str | None:
    gap = list_gap(evidence)
    if not gap.empty or not gap.lacking or missed_stories(evidence):
        return None
    return (
        f"The list that logged-out visitors get is empty, the author's has {in_words(gap.lacking)}; whether "
        f"the public should find that is not known."
    )


def _learned_unsure(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or evidence.author_sees not in {None, Outcome.SHOWN}:
        return None
    if not evidence.is_learned or missed_stories(evidence):
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
        where = f"links to {in_words(lacking)}, the public's does not"
    elif lacking := not_in_feed(evidence):
        where = f"links to {in_words(lacking)}, the feed does not"
    if not lacking:
        return None
    return (
        f"No mark knows the {evidence.noun}. The author's view of it {where}; whether it should is not known."
    )


def _nothing_shared(evidence: PageEvidence) -> str | None:
    """Return what is unclear where two lists of one layout have no story in common."""
    gap = list_gap(evidence)
    if not gap.alike or gap.empty or gap.unread or not gap.lacking or missed_stories(evidence):
        return None
    assert evidence.both is not None
    authors = {story.key for story in evidence.both[1].stories or ()}
    if any(story.key in authors for look in evidence.looks() for story in look.stories or ()):
        return None
    return (
        f"The list that logged-out visitors get has none of the stories of the author's, which begins with "
        f"{in_words(gap.lacking[:1])}; it may be another part of it, or another account's."
    )


def _gone_for_public(evidence: PageEvidence) -> str | None:
    """Return what is missing where the public's page has no list, unless those of others have none either."""
    if evidence.public_sees is not Outcome.SHOWN or _read_once(evidence, ANONYMOUS):
        return None
    author, controls = evidence.author, evidence.live_controls
    if author is None or not author.stories or author.unread:
        return None
    others_have_one = any(control.listed for control in controls)
    if controls and not others_have_one:
        return None
    feeds = (page.anonymous for page in evidence.case.pages if page.visit.kind is PageKind.FEED)
    listed = {story.key for feed in feeds if feed is not None for story in feed.stories or ()}
    if any(story.key in listed for story in author.stories):
        return None
    beside = (
        "the same page of others has one for everybody"
        if others_have_one
        else "no page of another account shows whether it should"
    )
    return (
        f"Logged-out visitors see the {evidence.noun} without a list; the author's has "
        f"{in_words(author.stories)}, and {beside}."
    )


def _beyond_the_end(evidence: PageEvidence) -> str | None:
    gap = list_gap(evidence)
    if gap.empty or gap.unread or not gap.lacking or missed_stories(evidence):
        return None
    return (
        f"Logged-out visitors see the {evidence.noun}. Its list, as far as it was seen, does not have "
        f"{in_words(gap.lacking)}, which the author's has."
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


# -- the rows --------------------------------------------------------------------------------------------

_unclear = partial(
    Rule, layer=Layer.CONTENT, claims=Verdict.INCONCLUSIVE, kinds=LIST_KINDS, recheck=(ANONYMOUS,)
)
_shown = partial(Rule, layer=Layer.CONTENT, claims=Verdict.VISIBLE, kinds=LIST_KINDS, reserved=True)

LISTS_UNEXPLAINED: tuple[Rule, ...] = (
    _unclear(
        id="lists.empty",
        check=_empty,
        evidence="An empty list where the author's has stories is never as it should be without a reason.",
        looks_at="The public's list without a story, and the own pages of the author's.",
        false_positives="Nothing: it claims nothing.",
        would_change="A story in the public's list, or its own page saying when and for whom it is.",
    ),
    _unclear(
        id="lists.learned-unsure",
        check=_learned_unsure,
        evidence="A page that is only known by its likeness may have lost its list without a word.",
        looks_at="Links of the sort that live controls have of their own, in both views of the page.",
        false_positives="Nothing: it claims nothing.",
        would_change="The author's view, a list with the same links, or a platform file that reads the list.",
        next_step="Write a platform file that reads the list of stories; `{learn}` says how to draft one.",
    ),
    _unclear(
        id="lists.nothing-shared",
        check=_nothing_shared,
        evidence="Lists without a common story show neither where one ends nor that both are of one account.",
        looks_at="The stories of both lists, in the same layout.",
        false_positives="Nothing: it claims nothing.",
        would_change="A story that both lists have.",
    ),
    _unclear(
        id="lists.gone-for-public",
        check=_gone_for_public,
        evidence="A list that others have and that this page alone has lost may have been taken away.",
        looks_at="A list in the author's view and in those of live controls, none in the public's; the feed.",
        false_positives="Nothing: it claims nothing.",
        would_change="A list for the public, a feed that has one of the stories, or controls without one.",
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
