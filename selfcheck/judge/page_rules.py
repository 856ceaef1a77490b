"""Rules about a page that is there: restricted, kept back by its owner, shown."""

from selfcheck.core.enums import MonitoringGap, Outcome, PageKind, Verdict
from selfcheck.judge.gone_rules import STATS_UNREAD, content_rule, page_rule, quoted, session_unproven
from selfcheck.judge.identity_rules import IDENTITY_RULES
from selfcheck.judge.page_evidence import GONE, OWNERS_CHOICE, PageEvidence
from selfcheck.judge.rule import PAGES, Layer, Rule, with_signs


def _feed_gone(evidence: PageEvidence) -> str | None:
    if evidence.public_sees not in GONE:
        return None
    return "There is no feed. That alone proves nothing: it may be an old copy, or there are no stories yet."


def _restricted_by_owner(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.RESTRICTED or not (sign := evidence.sign(*OWNERS_CHOICE)):
        return None
    if evidence.author_sees not in {None, Outcome.SHOWN, Outcome.RESTRICTED}:
        return None
    choice = sign.meaning.value.replace("_", " ")
    return f"The {evidence.noun} is {choice} by its owner or a pay wall, which is not suppression."


def _restricted(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.RESTRICTED:
        return None
    return f"The {evidence.noun} is kept from this visitor for another reason{quoted(evidence.anonymous)}."


def _told_but_shown(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or not evidence.notice:
        return None
    return f"The author is told “{evidence.notice}”, while the public can still open the {evidence.noun}."


def _views_contradict(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or evidence.author_sees in {None, Outcome.SHOWN}:
        return None
    return (
        f"Logged-out visitors see the {evidence.noun}, but the author's view says '{evidence.author_sees}'."
    )


def _stats_read(evidence: PageEvidence) -> str | None:
    opened = evidence.author_sees is Outcome.SHOWN
    return "Only the author can open the stats page, and it opened." if opened else None


def _shown(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or evidence.author_sees not in {None, Outcome.SHOWN}:
        return None
    if evidence.author_expected and evidence.author is None:
        return None
    sees = f"Logged-out visitors see the {evidence.noun}."
    return sees if evidence.is_identified else f"{sees} Nothing on the page proves that it is this one."


def _partly_unread(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SHOWN or _shown(evidence) is None:
        return None
    looks = (("logged-out visitors get", evidence.anonymous), ("the author gets", evidence.author))
    unread = next((who for who, look in looks if look is not None and look.unread), None)
    if unread is None and evidence.author is not None and evidence.session_unread:
        return (
            f"Logged-out visitors see the {evidence.noun}. Whose session it was compared with is not known: "
            f"{STATS_UNREAD}."
        )
    if unread is None and not _lost_signs(evidence):
        return None
    what = f"that {unread}" if unread else "that logged-out visitors get"
    lacks = "holds nothing" if unread else "lacks some"
    return (
        f"Logged-out visitors see the {evidence.noun}. The data of the one {what} {lacks} of what the "
        f"platform file reads there, so the layout may have changed, and what stands only there is not known."
    )


def _lost_signs(evidence: PageEvidence) -> frozenset[str]:
    """Return signs whose member of the page's data other accounts have in the same layout, and this lacks."""
    look = evidence.anonymous
    assert look is not None
    alike = [control for control in evidence.live_controls if control.detail == look.mark]
    answered = [frozenset(control.answered) for control in alike]
    return frozenset.intersection(*answered) - set(look.answered) if answered else frozenset()


def _anything(evidence: PageEvidence) -> str:
    public, author = (sees or "not opened" for sees in (evidence.public_sees, evidence.author_sees))
    views = f"public: {public}, author: {author}"
    return f"No rule knows what these views of the {evidence.noun} mean together ({views})."


SESSION_UNPROVEN = page_rule(
    id="session.unproven",
    claims=Verdict.INCONCLUSIVE,
    fallback=True,
    check=session_unproven,
    evidence="Logged-out compared with logged-out says 'fine' to everything.",
    looks_at="Whether any page of the run has the platform file's sign of a signed-in visitor, where both "
    "views agree.",
    false_positives="A platform file whose sign does not stand on the pages that were opened.",
    would_change="A page of the run that shows the session signed in.",
    next_step="See whether the session still works: `{session_check}`. If it does, correct "
    "`sign_in: signed_in` in the platform file.",
    gap=MonitoringGap.UNRECOGNISED,
)

KEPT_BACK_RULES: tuple[Rule, ...] = (
    content_rule(
        id="feed.gone",
        claims=Verdict.MISSING,
        kinds=(PageKind.FEED,),
        check=_feed_gone,
        evidence="A 404 feed proves nothing: authors without stories have none (Medium).",
        looks_at="The feed's address, logged out.",
        false_positives="An author without stories, who may have no feed.",
        would_change="The feed being found.",
    ),
    page_rule(
        id="page.restricted-by-owner",
        claims=Verdict.VISIBLE,
        explicit=True,
        check=_restricted_by_owner,
        rests_on=with_signs(*OWNERS_CHOICE),
        by_owner=True,
        evidence="Members only, unlisted or private is the owner's choice.",
        looks_at="Signs in either view that a member wall or the owner keeps it back.",
        false_positives="A platform that calls its own measure 'members only'.",
        would_change="The page being kept back without such a sign.",
    ),
    content_rule(
        id="page.restricted",
        claims=Verdict.INCONCLUSIVE,
        check=_restricted,
        evidence="Legal and regional walls are not bans.",
        looks_at="The platform's mark for legal, regional and other walls.",
        false_positives="A wall that stands only where this page load came from.",
        would_change="A page load from another country, or the page being shown.",
    ),
    *IDENTITY_RULES,
    page_rule(
        id="author.told",
        limit="its author is told that it is suspended, while logged-out visitors still see it",
        claims=Verdict.LIMITED,
        explicit=True,
        without_author=True,
        by_own_words=True,
        check=_told_but_shown,
        rests_on=lambda evidence: (evidence.noticed_by,),
        evidence="The owner's notice on a page that logged-out visitors can still open.",
        looks_at="A notice of suspension in the author's own view, while the public is shown the page.",
        false_positives="A notice about something else in the same words, or an old one.",
        would_change="The notice being gone at a later run.",
    ),
    page_rule(
        id="page.views-contradict",
        claims=Verdict.INCONCLUSIVE,
        check=_views_contradict,
        evidence="Logged-out visitors see more than the author: one of the two is not right.",
        looks_at="Both views: logged-out visitors are shown it, the author is not.",
        false_positives="A session that is half signed out, or a page that is just coming back.",
        would_change="The author being shown it as well.",
    ),
)

SHOWN_RULES: tuple[Rule, ...] = (
    page_rule(
        id="page.partly-unread",
        claims=Verdict.VISIBLE,
        reserved=True,
        check=_partly_unread,
        evidence="A flag, a count or a list that stands only in data that cannot be read is not absent.",
        looks_at="Whether the data of the page, in each view, has anything that the platform file asks for, "
        "and the signs' members that the live control's has in the same layout.",
        false_positives="A page whose data never had what the file asks for.",
        would_change="A platform file that knows the page's data as it is now.",
    ),
    content_rule(
        id="stats.read",
        claims=Verdict.VISIBLE,
        kinds=(PageKind.STATS,),
        check=_stats_read,
        private=True,
        evidence="Only the author can open this page; it is read for its numbers.",
        looks_at="Whether the author's own stats page opened.",
        false_positives="Nothing that is known: it claims only that it opened.",
        would_change="Nothing: it says nothing about what logged-out visitors see.",
    ),
    content_rule(
        id="page.shown",
        claims=Verdict.VISIBLE,
        kinds=(*PAGES, PageKind.FEED),
        check=_shown,
        evidence="The page has the marks of one that is shown, in every view.",
        looks_at="The marks of a page that is shown, in both views.",
        false_positives="What is kept out of lists, feeds or search only; other rules look at those.",
        would_change="Logged-out visitors being shown less of it, or told anything else.",
    ),
)

LAST = Rule(
    id="page.no-rule",
    layer=Layer.REST,
    claims=Verdict.INCONCLUSIVE,
    check=_anything,
    evidence="What no rule knows is not taken for anything.",
    looks_at="What both views show, when no other rule holds.",
    false_positives="Nothing: it claims nothing.",
    would_change="A page load that one of the rules knows.",
)
"""The row that holds where no other does."""
