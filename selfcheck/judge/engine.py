"""The engine: walks the table for each page, asks for further looks, and folds the pages into a verdict.

The engine knows layers, claims and confirmation, and nothing of any platform or rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from selfcheck.core.case import (
    OUTAGES,
    AnotherControl,
    FallbackLook,
    LookAgain,
    PageCase,
    ProfileCase,
    SecondLook,
    Wanted,
)
from selfcheck.core.enums import ANONYMOUS, AUTHOR, BAD, ControlKind, Outcome, Strength, Verdict
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, RuleHit
from selfcheck.judge.aggregate import fold
from selfcheck.judge.page_evidence import GONE, WALLS, PageEvidence
from selfcheck.judge.rules import RULES, Layer, Rule

RULES_VERSION = "3"
"""Rises with every change of the table that can change a verdict."""

LOOKS_TO_CONFIRM = 2
"""How many looks from fresh contexts must say the same before "gone" is confirmed."""

MOST_LOOKS = 3
"""How many looks a viewpoint takes at one page at most: a third one settles two that disagree."""


@dataclass(frozen=True)
class _Finding:
    """The rule that decided a page, and all that fired."""

    rule: Rule
    firings: tuple[RuleHit, ...]


def judge(case: ProfileCase, rules: Sequence[Rule] = RULES) -> ProfileVerdict | LookAgain:
    """Return what the evidence means, or the looks that would help, while any may still be asked for.

    `rules` is the table in the order of judgement, its last row the one that catches all.
    """
    findings = {page.visit.folder: _find(PageEvidence(case, page), rules) for page in case.pages}
    if case.rounds_left > 0 and (wanted := _wanted(case, findings)):
        return LookAgain(wanted=wanted)
    pages = tuple(_page_verdict(PageEvidence(case, page), findings[page.visit.folder]) for page in case.pages)
    return fold(case, pages, _supporting(case, findings, rules))


def _supporting(
    case: ProfileCase, findings: dict[str, _Finding], rules: Sequence[Rule]
) -> tuple[RuleHit, ...]:
    """Return what is told beside the verdict; nothing of pages that a wall or another's session coloured."""
    sights = [
        PageEvidence(case, page)
        for page in sorted(case.pages, key=lambda page: page.visit.folder)
        if findings[page.visit.folder].rule.layer >= Layer.CONTROLS
    ]
    told = [
        RuleHit(rule=rule.id, reason=why)
        for rule in rules
        for sight in sights
        if rule.layer is Layer.SUPPORT and rule.applies(sight) and (why := rule.why(sight))
    ]
    return tuple({firing.rule: firing for firing in reversed(told)}.values())[::-1]


def _find(sight: PageEvidence, rules: Sequence[Rule]) -> _Finding:
    """Walk the table: the first layer with a rule that holds decides, its first rule names the verdict."""
    fired = [(rule, why) for rule in rules if rule.applies(sight) and (why := rule.why(sight))]
    before = [one for one in fired if one[0].layer < Layer.CONTROLS]
    content = [one for one in fired if one[0].layer is Layer.CONTENT]
    content = content or [one for one in fired if one[0].id == rules[-1].id]
    controls = [
        one for one in fired if one[0].layer is Layer.CONTROLS and content[0][0].claims in one[0].overturns
    ]
    deciding = before or controls + content
    firings = tuple(RuleHit(rule=rule.id, reason=why) for rule, why in _told(deciding))
    return _Finding(deciding[0][0], firings)


def _told(deciding: list[tuple[Rule, str]]) -> list[tuple[Rule, str]]:
    """Leave out "is shown" beside a rule that says in what way it is less than that."""
    first = deciding[0][0]
    return [one for one in deciding if one[0] is first or one[0].claims is not Verdict.VISIBLE]


def _wanted(case: ProfileCase, findings: dict[str, _Finding]) -> tuple[Wanted, ...]:
    wanted: list[Wanted] = []
    for page in case.pages:
        wanted += _looks_wanted(PageEvidence(case, page), findings[page.visit.folder].rule)
    doubted = any(finding.rule.layer is Layer.CONTROLS for finding in findings.values())
    if doubted and _live_control_at_fault(case):
        wanted.append(AnotherControl(kind=ControlKind.LIVE))
    elif _suspended_control_would_help(case, findings, doubted=doubted):
        wanted.append(AnotherControl(kind=ControlKind.SUSPENDED))
    return tuple(wanted)


def _suspended_control_would_help(case: ProfileCase, findings: dict[str, _Finding], *, doubted: bool) -> bool:
    """Return whether a page known to be suspended would settle what the other controls leave in doubt."""
    if not case.sureness.suspended_controls_left or _controls_pass(case):
        return False
    if any(one.kind is ControlKind.SUSPENDED or one.outcome in WALLS | OUTAGES for one in case.controls):
        return False
    # A limited page is shown, and a control says only whether shown and gone are told apart.
    return doubted or any(finding.rule.claims.worse_than(Verdict.LIMITED) for finding in findings.values())


def _looks_wanted(sight: PageEvidence, rule: Rule) -> list[Wanted]:
    folder = sight.page.visit.folder
    wanted: list[Wanted] = [
        SecondLook(folder=folder, viewpoint=viewpoint)
        for viewpoint in rule.again
        if _would_help(sight, rule, viewpoint)
    ]
    if rule.fallback and sight.case.sureness.has_fallback and _has_fallback_left(sight):
        wanted.append(FallbackLook(folder=folder))
    return wanted


def _would_help(sight: PageEvidence, rule: Rule, viewpoint: str) -> bool:
    """Return whether to look again: an outage where it happened, an answer that needs confirming once."""
    looks = sight.page.looks.get(viewpoint, ())
    answers = sight.answers(viewpoint)
    if not looks or len(looks) >= MOST_LOOKS:
        return False
    if rule.layer is Layer.TRANSPORT:
        return not answers and len(looks) < LOOKS_TO_CONFIRM
    return len(answers) < LOOKS_TO_CONFIRM or answers[-1] is not answers[-2]


def _has_fallback_left(sight: PageEvidence) -> bool:
    return not sight.page.fallbacks and sight.stranger_sees in {*GONE, Outcome.UNRECOGNISED}


def _live_control_at_fault(case: ProfileCase) -> bool:
    live = [one for one in case.controls if one.kind is ControlKind.LIVE]
    return bool(live) and not any(one.ok for one in live) and case.sureness.live_controls_left > 0


def _page_verdict(sight: PageEvidence, finding: _Finding) -> PageVerdict:
    page = sight.page
    counting = {viewpoint: look for viewpoint in page.looks if (look := _counting(page, viewpoint))}
    rest = tuple(look for look in sight.every_look if look not in counting.values())
    verdict = finding.rule.claims
    return PageVerdict(
        kind=sight.kind,
        url=page.visit.url,
        folder=page.visit.folder,
        subject=page.visit.subject,
        verdict=verdict,
        silent=_silent(sight, verdict),
        strength=_strength(sight, finding.rule),
        firings=finding.firings,
        views=counting,
        further=(*rest, *page.fallbacks),
        would_change=finding.rule.mind,
    )


def _counting(page: PageCase, viewpoint: str) -> Observation | None:
    return page.anonymous if viewpoint == ANONYMOUS else page.author


def _silent(sight: PageEvidence, verdict: Verdict) -> bool | None:
    """Return whether the author's own view gives no hint of it; None where nobody can know."""
    if verdict not in BAD or sight.author is None:
        return None
    if sight.told or sight.author_sees in GONE:
        return False
    return True if sight.author.signed_in else None


def _strength(sight: PageEvidence, rule: Rule) -> Strength:
    """Return how well this rule's claim is founded here."""
    answers = sight.answers()
    if rule.claims is Verdict.INCONCLUSIVE or not _controls_pass(sight.case) or len(set(answers)) > 1:
        return Strength.LIKELY
    if rule.explicit or rule.claims is Verdict.VISIBLE:
        return Strength.CONFIRMED
    if any(look.outcome is Outcome.SHOWN for look in sight.page.fallbacks):
        return Strength.LIKELY  # another page of the platform still shows it to strangers
    if rule.claims is Verdict.HIDDEN and not _signed_in_anywhere(sight.case):
        return Strength.LIKELY  # nothing proves that it was the author who was shown it
    both = sight.author_sees == sight.stranger_sees and sight.stranger_sees in GONE
    return Strength.CONFIRMED if both or len(answers) >= LOOKS_TO_CONFIRM else Strength.LIKELY


def _signed_in_anywhere(case: ProfileCase) -> bool:
    """Return whether any page of this run told that the author's session is signed in."""
    return any(look.signed_in for page in case.pages for look in page.looks.get(AUTHOR, ()))


def _controls_pass(case: ProfileCase) -> bool:
    """Return whether a control of each kind was looked at and at least one of each kind passed."""
    passed = {one.kind for one in case.controls if one.ok}
    return passed >= {ControlKind.LIVE, ControlKind.ABSENT}
