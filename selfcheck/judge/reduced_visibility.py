"""Rules of quiet suppression: logged-out visitors see the page, but less of it than they should.

All of them claim `limited`. What the owner chose (members only, unlisted, unpublished, private) is never a
reason, and neither is what a live control shows as well: that is how the platform treats everyone.
"""

from functools import partial

from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind, SignKind, Verdict
from selfcheck.judge.page_evidence import KEPT_BACK, LOOKS_TO_CONFIRM, OWNERS_CHOICE, PageEvidence
from selfcheck.judge.rule import PAGES, Layer, Rule, with_facts, with_signs

LEAST_COUNT = 10
"""Smaller counts are not compared: platforms leave small ones out, and one reader is a tenth of them."""

COLLAPSED = 0.5
"""A public count at or below this share of the author's is not rounding and not an old copy."""

ROUNDING = 0.1
"""What may lie between two views of one count: 1.2K stands for 1200 to 1299 (8 %), and one of the two may
be a copy some hours old."""

COUNTS = ("followers", "subscribers")
"""The counts that both viewpoints should be told alike."""

CUT = 0.5  # a public text of at most this share of the author's is reported as cut
LEAST_TEXT = 1000  # characters of the author's view from which two lengths are compared at all


def _flagged(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or not (sign := evidence.sign(SignKind.FLAGGED)):
        return None
    if any(sign.id in control.signs for control in evidence.live_controls):
        return None
    by_data = any(sign.id in look.answered for look in evidence.every_look)
    if by_data and any(control.unread for control in evidence.live_controls):
        return None  # the control's data may flag it too
    return f"The page's own data marks the {evidence.noun} as suspended or limited ({sign.quote or sign.id})."


# -- search engines --------------------------------------------------------------------------------------


def _kept_from_search(evidence: PageEvidence) -> str | None:
    """Return the directive that keeps it out of search engines, or None where it is explained."""
    look = evidence.anonymous
    if look is None or look.outcome is not Outcome.SHOWN or not look.noindex:
        return None
    by_platform = evidence.sign(SignKind.NOINDEX_BY_PLATFORM)
    if not by_platform and not evidence.case.sureness.platform_sets_robots_on(evidence.kind):
        return None
    if evidence.sign(*KEPT_BACK) or _owner_asked_for_it(evidence):
        return None
    return None if any(control.noindex for control in evidence.live_controls) else look.noindex


def _owner_asked_for_it(evidence: PageEvidence) -> bool:
    """Return whether this page says so, or the profile, whose setting holds for all pages of the account."""
    profiles = (page for page in evidence.case.pages if page.visit.kind is PageKind.PROFILE)
    pages = (evidence, *(PageEvidence(evidence.case, page) for page in profiles))
    return any(page.sign(SignKind.NOINDEX_BY_OWNER) for page in pages)


def _may_be_unlisted(evidence: PageEvidence) -> bool:
    """Return whether the owner may have unlisted the story, which shows no member wall.

    Either its page could not be read, or no list names it.
    """
    if evidence.kind is not PageKind.STORY or not evidence.case.sureness.knows_unlisted:
        return False
    if evidence.sign(SignKind.MEMBERS_ONLY, SignKind.NOINDEX_BY_PLATFORM):
        return False
    if _choice_unread(evidence):
        return True
    looks = [look for page in evidence.case.pages for looks in page.looks.values() for look in looks]
    if any(PageEvidence(evidence.case, page).is_unread for page in evidence.case.pages):
        looks = [look for look in looks if look.viewpoint == ANONYMOUS]  # what is kept could not be read
    listed = [story for look in looks for story in look.stories or () if not story.kept_back]
    visit = evidence.page.visit
    return not any(story.is_at(visit.subject, visit.url) for story in listed)


def _choice_unread(evidence: PageEvidence) -> bool:
    """Return whether the public's page may say "unlisted" in data or a layout that could not be read."""
    look = evidence.anonymous
    return look is not None and (look.unread or look.is_learned)


def _noindex(evidence: PageEvidence) -> str | None:
    directive = _kept_from_search(evidence)
    if directive is None or _may_be_unlisted(evidence):
        return None
    return f"Search engines are told to leave the {evidence.noun} out ({directive}), not by its author."


def _noindex_unexplained(evidence: PageEvidence) -> str | None:
    directive = _kept_from_search(evidence)
    if directive is None or not _may_be_unlisted(evidence):
        return None
    unknown = "neither the page nor any list shows whether its author unlisted it"
    if _choice_unread(evidence):
        unknown = "whether its author unlisted it may stand in a part of the page that could not be read"
    return f"Search engines are told to leave the story out ({directive}), and {unknown}."


# -- texts and responses ---------------------------------------------------------------------------------


def _blurred(evidence: PageEvidence) -> str | None:
    look = evidence.anonymous
    if look is None or look.outcome is not Outcome.SHOWN or not look.means(SignKind.BLURRED):
        return None
    if evidence.sign(*OWNERS_CHOICE) or (evidence.author and evidence.author.means(SignKind.BLURRED)):
        return None
    return f"The public gets the story blurred or cut{_lengths(evidence)}, and no member wall explains it."


def _lengths(evidence: PageEvidence) -> str:
    public, author = evidence.anonymous, evidence.author
    if public is None or author is None or not 0 < public.text_length < author.text_length:
        return ""
    return f" ({public.text_length:,} of {author.text_length:,} characters)"


_IN_PART = (*OWNERS_CHOICE, SignKind.BLURRED, SignKind.EXCERPT)
"""Signs that say in words of their own that not all of a text is there for everybody."""


def _story_cut(evidence: PageEvidence) -> str | None:
    texts = evidence.texts
    if not texts or evidence.sign(*_IN_PART) or not all(text.is_cut for text in texts):
        return None
    if len(texts) < LOOKS_TO_CONFIRM and not evidence.can_look_again:
        return None  # a second page load was not to be had, and one alone may have stopped loading
    least = min(texts, key=lambda text: text.missing)
    return (
        f"Logged-out visitors get only a part of the story: {least.missing:,} of the {least.total:,} "
        f"characters that its author gets are missing ({least.missing / least.total:.0%}), and nothing on "
        f"the page says why."
    )


def _story_not_compared(evidence: PageEvidence) -> str | None:
    texts = evidence.texts
    if all(text.is_whole for text in texts) or evidence.sign(*OWNERS_CHOICE) or _story_cut(evidence):
        return None
    doubt = next((text.doubt for text in texts if text.doubt), "")
    if evidence.sign(SignKind.EXCERPT):
        doubt = "the page says that it is an excerpt"
    elif not doubt:
        several = len(texts) >= LOOKS_TO_CONFIRM
        doubt = "one page load got less of it than another" if several else "it was opened only once"
    return (
        f"Logged-out visitors see the story, but whether they get all of its text could not be told: {doubt}."
    )


def _text_cut(evidence: PageEvidence) -> str | None:
    if evidence.both is None or evidence.sign(*OWNERS_CHOICE) or not (lengths := _lengths(evidence)):
        return None
    if evidence.texts:
        return None  # the texts themselves were compared
    public, author = evidence.both
    if author.text_length < LEAST_TEXT or public.text_length > CUT * author.text_length:
        return None
    return f"Logged-out visitors get much less text of the {evidence.noun} than the author{lengths}."


def _responses_hidden(evidence: PageEvidence) -> str | None:
    if evidence.both is None:
        return None
    public, author = evidence.both
    if public.mark != author.mark or evidence.is_unread:
        return None  # two layouts: the author's may say it elsewhere
    if not public.means(SignKind.RESPONSES_HIDDEN) or author.means(SignKind.RESPONSES_HIDDEN):
        return None
    return "Responses are hidden from logged-out visitors while the author sees them."


def _responses_hidden_openly(evidence: PageEvidence) -> str | None:
    if not evidence.sign(SignKind.RESPONSES_HIDDEN) or _responses_hidden(evidence):
        return None
    return "The page says that a response is hidden; the author of the story that it answers can do that too."


# -- counts ----------------------------------------------------------------------------------------------


def _counts_hidden(evidence: PageEvidence) -> str | None:
    if evidence.both is None or evidence.is_unread:
        return None
    look, theirs, mine = evidence.both[0], evidence.both[0].facts, evidence.both[1].facts
    hidden = [
        name
        for name, value in mine.items()
        if value is not None and value >= LEAST_COUNT and name in theirs and theirs[name] is None
    ]
    # Only a control known by the same mark, whose data was read, counts: another layout may write the number
    # elsewhere.
    alike = [
        control
        for control in evidence.live_controls
        if control.detail == (look.mark or "") and not control.unread
    ]
    shown_elsewhere = [name for name in hidden if any(control.facts.get(name) for control in alike)]
    if not shown_elsewhere:
        return None
    numbers = ", ".join(f"{name} ({mine[name]:,})" for name in shown_elsewhere)
    return f"Only the author is shown {numbers}. Of other accounts, logged-out visitors are shown it too."


def _counts(evidence: PageEvidence) -> list[tuple[str, int, int]]:
    """Return each count that both were told: its name, the public's and the author's."""
    if evidence.both is None:
        return []
    public, author = evidence.both
    pairs = [(name, public.facts.get(name), author.facts.get(name)) for name in COUNTS]
    return [(name, theirs, mine) for name, theirs, mine in pairs if theirs is not None and mine is not None]


def _counts_collapsed(evidence: PageEvidence) -> str | None:
    for name, theirs, mine in _counts(evidence):
        values = [value for look in evidence.looks() if (value := look.facts.get(name)) is not None]
        always = all(value <= COLLAPSED * mine for value in (theirs, *values))
        if mine >= LEAST_COUNT and always:
            return f"Logged-out visitors are told {theirs:,} {name}, the author {mine:,}."
    return None


def _counts_differ(evidence: PageEvidence) -> str | None:
    for name, theirs, mine in _counts(evidence):
        gap, larger = abs(theirs - mine), max(theirs, mine)
        if gap > max(LEAST_COUNT, ROUNDING * larger) and not _counts_collapsed(evidence):
            return (
                f"Logged-out visitors are told {theirs:,} {name}, the author {mine:,}: too large a "
                f"difference for rounding or caching."
            )
    return None


# -- the rows --------------------------------------------------------------------------------------------

_limited = partial(Rule, layer=Layer.CONTENT, claims=Verdict.LIMITED)
_support = partial(Rule, layer=Layer.SUPPORT, claims=Verdict.INCONCLUSIVE)

REDUCED_RULES: tuple[Rule, ...] = (
    _limited(
        id="page.flagged",
        limit="its own data marks it as suspended or limited",
        kinds=PAGES,
        explicit=True,
        without_author=True,
        rests_on_control=True,
        likely_where=lambda evidence: not evidence.is_compared,
        check=_flagged,
        rests_on=with_signs(SignKind.FLAGGED),
        evidence="The page's own state says suspended or limited (Medium 2021).",
        looks_at="The page's embedded state, by the platform file's signs that mean `flagged`.",
        false_positives="A platform that sets the same member on every account; a live control that has it "
        "too clears it.",
        would_change="The flag gone from the page's state, or also on an account that everyone can see.",
    ),
    _limited(
        id="page.noindex",
        limit="search engines are told to leave it out",
        kinds=PAGES,
        explicit=True,
        without_author=True,
        rests_on_control=True,
        likely_where=lambda evidence: not evidence.is_compared,
        check=_noindex,
        rests_on=with_signs(SignKind.NOINDEX_BY_PLATFORM),
        evidence="Robots noindex that the platform sets (Medium 2021: flagged, limited).",
        looks_at="The robots meta elements and the X-Robots-Tag header that logged-out visitors get.",
        false_positives="An owner's own choice that the page does not show; unlisted, unpublished and "
        "private pages are excepted, and so is a platform that keeps live controls out as well.",
        would_change="The directive gone, the story unlisted by its author, or on a live control too.",
    ),
    _limited(
        id="story.blurred",
        limit="logged-out visitors get its text blurred or cut",
        kinds=(PageKind.STORY,),
        explicit=True,
        without_author=True,
        check=_blurred,
        rests_on=with_signs(SignKind.BLURRED),
        evidence="isLimitedState blurs the body for all but the author (Medium 2021).",
        looks_at="The sign of a blurred or cut body in the logged-out view; the lengths of text support it.",
        false_positives="A member wall that has no mark.",
        would_change="The whole story shown to logged-out visitors, or a member wall that explains it.",
    ),
    _limited(
        id="story.text-cut",
        limit="logged-out visitors get only a part of its text",
        kinds=(PageKind.STORY,),
        recheck=(ANONYMOUS,),
        likely_only=True,
        check=_story_cut,
        evidence="Each page load of the public lacks 30 % and 200 characters or more of the author's text.",
        looks_at="The sentences of both texts, in order: the public's must be the author's with some left "
        "out, from the same elements, and no line may say where to read on.",
        false_positives="A member wall or an excerpt without a sign, in words that are not known; tools of "
        "the author's among the paragraphs.",
        would_change="The whole text shown to logged-out visitors, or a sign that says why it is not.",
    ),
    _limited(
        id="story.responses-hidden",
        limit="logged-out visitors do not see its responses",
        kinds=(PageKind.STORY,),
        recheck=(ANONYMOUS,),
        check=_responses_hidden,
        rests_on=with_signs(SignKind.RESPONSES_HIDDEN),
        evidence="Medium's own code of 2021 can hide responses from all but some visitors.",
        looks_at="The sign of hidden responses, in both views.",
        false_positives="A page that loads responses for signed-in visitors only.",
        would_change="The responses shown to logged-out visitors, or hidden from the author as well.",
    ),
    _limited(
        id="page.counts-hidden",
        limit="logged-out visitors are not told a number that other accounts show",
        kinds=(PageKind.PROFILE,),
        recheck=(ANONYMOUS,),
        check=_counts_hidden,
        rests_on=with_facts(*COUNTS),
        evidence="The live control proves that logged-out visitors are told this number of other accounts.",
        looks_at="Numbers that the author is told and logged-out visitors are not, on the profile's page.",
        false_positives="A layout that the public gets of some accounts, known by the same mark as the "
        "control's, and that shows the number elsewhere; numbers below ten are not compared.",
        would_change="The number shown to logged-out visitors, or hidden of live controls too.",
    ),
    _limited(
        id="page.counts-collapsed",
        limit="logged-out visitors are told a much smaller number than its author",
        kinds=(PageKind.PROFILE, PageKind.PUBLICATION),
        recheck=(ANONYMOUS,),
        check=_counts_collapsed,
        rests_on=with_facts(*COUNTS),
        evidence="Half or less is beyond rounding (1.2K: 8 %) and beyond a copy some hours old.",
        looks_at="Followers and subscribers, in both views at the same moment.",
        false_positives="A number that means another thing to the author (followers with readers by mail).",
        would_change="Logged-out visitors told about the same number as the author.",
    ),
)

NOINDEX_UNEXPLAINED = Rule(
    id="story.noindex-unexplained",
    layer=Layer.CONTENT,
    claims=Verdict.INCONCLUSIVE,
    kinds=(PageKind.STORY,),
    rests_on_control=True,
    check=_noindex_unexplained,
    evidence="Medium 2021 sets the same noindex for unlisted stories and for suppressed ones.",
    looks_at="As page.noindex, where no list names the story and the page shows no visibility.",
    false_positives="Nothing: it claims nothing.",
    would_change="The story in a public list, or its page saying that it is public or unlisted.",
)

TEXT_NOT_COMPARED = Rule(
    id="story.text-not-compared",
    layer=Layer.CONTENT,
    claims=Verdict.VISIBLE,
    kinds=(PageKind.STORY,),
    reserved=True,
    check=_story_not_compared,
    evidence="A text that cannot be compared with the author's is neither whole nor cut.",
    looks_at="As story.text-cut; much is missing and something else may explain it, or no text is found.",
    false_positives="Nothing: it claims no more than that the page is there.",
    would_change="A `body` in the platform file that holds the text in both views, or the whole text shown.",
)

REDUCED_SUPPORT: tuple[Rule, ...] = (
    _support(
        id="page.text-cut",
        kinds=PAGES,
        check=_text_cut,
        evidence="Half of the author's text or less, of 1000 characters and more; a length proves nothing.",
        looks_at="The length of the page's own content in both views, where the texts were not compared.",
        false_positives="Drafts, notes and tools that only the author's view has, or a wall without a mark.",
        would_change="A sign that says why it is cut.",
    ),
    _support(
        id="page.counts-differ",
        kinds=(PageKind.PROFILE, PageKind.PUBLICATION),
        check=_counts_differ,
        evidence="More than 10 % apart: rounding makes 8 % at most (1.2K), an old copy little more.",
        looks_at="Followers and subscribers, in both views at the same moment.",
        false_positives="A copy of the page from before a purge.",
        would_change="The two numbers alike.",
    ),
    _support(
        id="story.responses-hidden-openly",
        kinds=(PageKind.STORY,),
        check=_responses_hidden_openly,
        evidence="Medium's state shows when a response was hidden; authors can do that too.",
        looks_at="The sign of hidden responses in any view.",
        false_positives="Nothing: it claims nothing.",
        would_change="The sign gone.",
    ),
)
