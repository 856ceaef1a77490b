"""Rules about a page that says it is suspended, removed or not there."""

from functools import partial

from selfcheck.core.enums import ANONYMOUS, MonitoringGap, Outcome, PageKind, SignKind, Verdict
from selfcheck.core.headlines import TOLD
from selfcheck.core.observation import Observation
from selfcheck.judge.page_evidence import GONE, PageEvidence
from selfcheck.judge.reader_rules import LOGIN_RULES
from selfcheck.judge.rule import (
    PAGES,
    Layer,
    Rule,
    both_marks,
    fallback_mark,
    notice_mark,
    removal_mark,
    with_signs,
)


def quoted(look: Observation | None) -> str:
    """Return how the page put it: the status and its own words."""
    if look is None:
        return ""
    status = f"{look.status}: " if look.status else ""
    words = look.own_words or look.title
    return f" ({status}“{words}”)" if words else f" (HTTP {look.status})" if look.status else ""


STATS_UNREAD = "the stats page, which would tell, could not be read"
"""Why it is not known whose session it is."""


def _looks_disagree(evidence: PageEvidence) -> str | None:
    answers = dict.fromkeys(evidence.answers()[-2:])
    if len(answers) <= 1:
        return None
    both = " and ".join(answers)
    return f"Two logged-out page loads disagree ({both}), so the {evidence.noun} may be changing right now."


def _says_suspended(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.SUSPENDED:
        return None
    return f"Logged-out visitors are told that the {evidence.noun} is suspended{quoted(evidence.anonymous)}."


def _author_told_and_gone(evidence: PageEvidence) -> str | None:
    if evidence.public_sees not in GONE or not evidence.notice:
        return None
    return f"Logged-out visitors find nothing, and the author is told: “{evidence.notice}”."


def _fallback_suspended(evidence: PageEvidence) -> str | None:
    if evidence.public_sees not in {*GONE, Outcome.UNRECOGNISED}:
        return None
    words = TOLD.get(evidence.public_sees or Outcome.UNRECOGNISED)
    here = f"are told that it {words}" if words else "get a page that selfcheck does not recognise"
    for look in evidence.page.fallbacks:
        if look.outcome is Outcome.SUSPENDED:
            return (
                f"Another page of the platform says that it is suspended{quoted(look)}; "
                f"on the {evidence.noun} itself logged-out visitors {here}."
            )
    return None


def _told_to_programs(evidence: PageEvidence, outcome: Outcome) -> str | None:
    """Return what the platform says in so many words where it speaks to programs, and a wall stood here."""
    if evidence.public_sees is not Outcome.CHALLENGE:
        return None
    for look in evidence.page.program_views:
        if look.outcome is outcome and look.own_words and not look.is_learned:
            return (
                f"A bot wall stood before the {evidence.noun}, but what the platform offers programs "
                f"says so{quoted(look)}."
            )
    return None


def _kept_by_owner(evidence: PageEvidence) -> str | None:
    author = evidence.author
    if evidence.public_sees not in GONE or author is None or author.outcome is not Outcome.SHOWN:
        return None
    for meaning, state in ((SignKind.UNPUBLISHED, "not published yet"), (SignKind.PRIVATE, "private")):
        if author.means(meaning):
            return f"Its owner keeps the {evidence.noun} {state}, so no one else should find it."
    return None


def _gone_for_public(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.NOT_FOUND or evidence.author_sees is not Outcome.SHOWN:
        return None
    if evidence.could_be_kept:
        return None
    return (
        f"Logged-out visitors are told that the {evidence.noun} does not exist{quoted(evidence.anonymous)}; "
        f"the author sees it."
    )


def _could_be_a_draft(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.NOT_FOUND or evidence.author_sees is not Outcome.SHOWN:
        return None
    if not evidence.could_be_kept or evidence.owners_signs_unread:
        return None
    kept = (
        "be a draft"
        if evidence.kind not in evidence.case.sureness.owner_can_hide
        else "be hidden by its owner"
    )
    return f"Only its author sees the {evidence.noun}; it could {kept}: the file cannot tell."


def _owner_unread(evidence: PageEvidence) -> str | None:
    if evidence.public_sees not in GONE or not evidence.owners_signs_unread:
        return None
    if evidence.session_unread:
        return (
            f"Only the saved session sees the {evidence.noun}, and it is not known whose session it is: "
            f"{STATS_UNREAD}."
        )
    return (
        f"Only its author sees the {evidence.noun}, and the author's page could not be read in full, since "
        f"its layout is not the one that the platform file knows; so its owner may keep it private."
    )


def _removed_for_public(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.REMOVED or evidence.author_sees is not Outcome.SHOWN:
        return None
    if evidence.owners_signs_unread:
        return None
    return (
        f"Logged-out visitors are told that the {evidence.noun} was deleted{quoted(evidence.anonymous)}; "
        f"the author still sees it."
    )


def _removed(evidence: PageEvidence) -> str | None:
    public, author = evidence.public_sees, evidence.author_sees
    if Outcome.REMOVED not in {public, author} or author is Outcome.SHOWN or public not in GONE:
        return None
    look = evidence.anonymous if public is Outcome.REMOVED else evidence.author
    return f"The {evidence.noun} says that its owner deleted it{quoted(look)}."


def _hidden_from_all(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.NOT_FOUND or evidence.author_sees is Outcome.SHOWN:
        return None
    look = next((look for look in evidence.page.fallbacks if look.means(SignKind.EXISTS)), None)
    if look is None or look.outcome is not Outcome.SHOWN:
        return None
    return (
        f"Logged-out visitors are told that the {evidence.noun} does not exist{quoted(evidence.anonymous)}, "
        f"while the platform's own data names the account as existing."
    )


def _gone_for_all(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.NOT_FOUND or evidence.author_sees is not Outcome.NOT_FOUND:
        return None
    if session_unproven(evidence):
        return None
    return f"The {evidence.noun} is not found, not even by the author: deleted, renamed or mistyped."


def session_unproven(evidence: PageEvidence) -> str | None:
    """Return why two views that agree prove nothing: the second may be a logged-out visitor's as well."""
    agree = evidence.public_sees is evidence.author_sees
    if not agree or evidence.public_sees not in {Outcome.SHOWN, Outcome.NOT_FOUND}:
        return None
    if not evidence.case.sureness.tells_signed_in or evidence.signed_in_somewhere:
        return None
    return (
        f"No page of this run shows that the saved session is signed in, so the author's view of the "
        f"{evidence.noun} may be what every visitor gets."
    )


def _gone_no_author(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is not Outcome.NOT_FOUND or evidence.author_expected:
        return None
    return (
        f"Logged-out visitors do not find the {evidence.noun}{quoted(evidence.anonymous)}, and there is no "
        f"author's view to compare with."
    )


content_rule = partial(Rule, layer=Layer.CONTENT)
page_rule = partial(content_rule, kinds=PAGES)

_programs_told = partial(
    content_rule,
    likely_only=True,
    past_walls=True,
    without_author=True,
    by_own_words=True,
    evidence="The platform's own words, where it speaks to programs; one request confirms nothing.",
    looks_at="The words of the machine-readable view that the platform file names, asked for once where the "
    "browser met a bot wall.",
    false_positives="An old copy of that view.",
    would_change="A page load that meets no wall.",
)

GONE_RULES: tuple[Rule, ...] = (
    _programs_told(
        id="programs.told-suspended",
        claims=Verdict.SUSPENDED,
        check=partial(_told_to_programs, outcome=Outcome.SUSPENDED),
    ),
    _programs_told(
        id="programs.told-removed",
        claims=Verdict.MISSING,
        check=partial(_told_to_programs, outcome=Outcome.REMOVED),
    ),
    content_rule(
        id="looks.disagree",
        claims=Verdict.INCONCLUSIVE,
        check=_looks_disagree,
        recheck=(ANONYMOUS,),
        evidence="A cache may hold an old answer for minutes (Mastodon's 410: three).",
        looks_at="The last two logged-out loads of the same page, each from a fresh context.",
        false_positives="A platform that is just taking the page down or bringing it back.",
        would_change="Two page loads in a row that agree.",
        next_step="Run again in half an hour; the platform may still serve an old copy.",
    ),
    *(
        content_rule(
            id=rule_id,
            claims=Verdict.SUSPENDED,
            kinds=(kind,),
            explicit=True,
            without_author=True,
            by_own_words=True,
            check=_says_suspended,
            evidence="The page says so in so many words.",
            looks_at="What logged-out visitors get: the platform's own mark for a suspension, word for word.",
            false_positives="A page that quotes the sentence; so status, title or state must agree.",
            would_change="Logged-out visitors being shown the page, or told anything else.",
        )
        for kind in (*PAGES, PageKind.FEED)
        for rule_id in (f"{kind.value}.says-suspended",)
    ),
    page_rule(
        id="author.says-suspended",
        claims=Verdict.SUSPENDED,
        explicit=True,
        without_author=True,
        by_own_words=True,
        check=_author_told_and_gone,
        rests_on=notice_mark,
        evidence="The author's own view says so and logged-out visitors find nothing.",
        looks_at="The notice in the author's own view, and that logged-out visitors find nothing.",
        false_positives="An old notice that was never taken down.",
        would_change="Logged-out visitors finding it, or the notice gone.",
    ),
    page_rule(
        id="fallback.says-suspended",
        claims=Verdict.SUSPENDED,
        explicit=True,
        without_author=True,
        by_own_words=True,
        check=_fallback_suspended,
        rests_on=fallback_mark,
        evidence="Another page of the platform says so (Medium: ?format=json).",
        looks_at="Other pages of the platform about the same account, such as its data as JSON.",
        false_positives="An old copy of the other page.",
        would_change="The other page not saying so any more.",
    ),
    page_rule(
        id="page.kept-by-owner",
        claims=Verdict.VISIBLE,
        explicit=True,
        check=_kept_by_owner,
        rests_on=with_signs(SignKind.UNPUBLISHED, SignKind.PRIVATE),
        by_owner=True,
        evidence="Only their owner can see drafts, scheduled and private pages.",
        looks_at="The author's own view: a sign that it is unpublished or private.",
        false_positives="A page that the platform itself made private.",
        would_change="The author publishing it while logged-out visitors still find nothing.",
    ),
    *LOGIN_RULES,
    *(
        content_rule(
            id=rule_id,
            claims=Verdict.HIDDEN,
            kinds=(kind,),
            recheck=(ANONYMOUS,),
            rests_on_control=True,
            fallback=True,
            check=_gone_for_public,
            rests_on=both_marks,
            evidence="The author sees it, logged-out visitors get 'not found' (Medium 2018, GitHub, Reddit).",
            looks_at="The logged-out and the author's view of the same address at the same moment.",
            false_positives="An old copy, or a regional wall that looks like 'not found'.",
            would_change="Logged-out visitors being shown it, the author not finding it either, or a control "
            "failing.",
        )
        for kind in PAGES
        for rule_id in (f"{kind.value}.gone-for-strangers",)
    ),
    content_rule(
        id="page.could-be-draft",
        claims=Verdict.INCONCLUSIVE,
        kinds=PAGES,
        recheck=(ANONYMOUS,),
        fallback=True,
        check=_could_be_a_draft,
        evidence="A draft and a page that its owner switched off look just like a hidden one to the public.",
        looks_at="Both views, the platform file's signs of drafts, and whether the public was shown the page "
        "or found it in a list before.",
        false_positives="Nothing: it claims nothing.",
        would_change="A platform file that knows drafts, or the page having been public in an earlier run.",
        next_step="Give the platform file signs of what you keep for yourself (means: unpublished, private), "
        "or `always_public`.",
    ),
    page_rule(
        id="page.owner-unread",
        claims=Verdict.INCONCLUSIVE,
        recheck=(ANONYMOUS,),
        fallback=True,
        check=_owner_unread,
        evidence="What its owner keeps private looks like a hidden page, but for signs in the owner's view.",
        looks_at="Whether a mark knows the author's page, whether its data and that of the stats page hold "
        "what the file asks for, and whether any page shows who is signed in.",
        false_positives="Nothing: it claims nothing.",
        would_change="A platform file that knows the author's page as it is now.",
        next_step="Open the author's page. If it is not private, the platform file needs an update: "
        "`{export}` makes a case of it for a bug report.",
        gap=MonitoringGap.UNRECOGNISED,
    ),
    page_rule(
        id="page.removed-for-strangers",
        claims=Verdict.HIDDEN,
        recheck=(ANONYMOUS,),
        check=_removed_for_public,
        rests_on=both_marks,
        evidence="Logged-out visitors are told that its owner deleted it, and the owner still sees it.",
        looks_at="The logged-out view, which says 'deleted', and the author's, which shows it.",
        false_positives="A page that was deleted between the two page loads.",
        would_change="The author's view saying 'deleted', too.",
    ),
    page_rule(
        id="page.removed-by-owner",
        claims=Verdict.MISSING,
        explicit=True,
        without_author=True,
        by_own_words=True,
        check=_removed,
        # The author got a page that no mark knows: it may be the page itself, in another layout.
        likely_where=lambda evidence: evidence.author_sees is Outcome.UNRECOGNISED,
        rests_on=removal_mark,
        by_owner=True,
        evidence="The page says that its owner deleted it.",
        looks_at="The platform's own mark for what its owner deleted.",
        false_positives="A platform that uses the same words for what it removed itself.",
        would_change="The author still seeing it, or logged-out visitors being shown it.",
    ),
    content_rule(
        id="profile.hidden-from-all",
        claims=Verdict.HIDDEN,
        kinds=(PageKind.PROFILE,),
        likely_only=True,
        without_author=True,
        recheck=(ANONYMOUS,),
        check=_hidden_from_all,
        evidence="The page of a hidden account is not found by anybody, its author included, while data that "
        "does not ask for the reason names it (Forem's role `spam`).",
        looks_at="The logged-out view, and data of the platform that hides nothing, as its file says.",
        false_positives="A cached copy of the page or of the data, within minutes of a change.",
        would_change="Logged-out visitors being shown it, or the data no longer naming the account.",
    ),
    page_rule(
        id="page.gone-for-all",
        claims=Verdict.MISSING,
        check=_gone_for_all,
        rests_on=both_marks,
        likely_where=lambda evidence: evidence.session_unread,
        fallback=True,
        evidence="Deleted, renamed or mistyped: not found from any viewpoint.",
        looks_at="Both views: neither the author nor logged-out visitors find it.",
        false_positives="A handle that was mistyped or renamed, which looks the same as a deletion.",
        would_change="Any viewpoint being shown it at this or at a new address.",
    ),
    page_rule(
        id="page.gone-no-author",
        claims=Verdict.MISSING,
        recheck=(ANONYMOUS,),
        rests_on_control=True,
        fallback=True,
        check=_gone_no_author,
        evidence="Without the author's view, gone and hidden look the same.",
        looks_at="The logged-out view alone, as there was no author's.",
        false_positives="Everything that looks like 'not found': mistyped, renamed, deleted or hidden.",
        would_change="A page load as the author: it tells hidden from gone.",
    ),
)
