"""The engine: walks the table for each page, asks for more page loads, and folds the pages into a verdict.

The engine knows layers, claims and confirmation, and nothing of any platform or rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from selfcheck.core.case import (
    OUTAGES,
    AnotherControl,
    FallbackLook,
    LookAgain,
    ProfileCase,
    SecondLook,
    StoryLooks,
    Wanted,
)
from selfcheck.core.enums import ANONYMOUS, AUTHOR, BAD, ControlKind, Outcome, PageKind, Strength, Verdict
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, RuleHit
from selfcheck.judge.aggregate import fold
from selfcheck.judge.list_gaps import missing_stories, told_by_missing
from selfcheck.judge.page_evidence import (
    GONE,
    LOOKS_TO_CONFIRM,
    MOST_LOOKS,
    WALLS,
    PageEvidence,
    controls_pass,
)
from selfcheck.judge.rules import RULES, Layer, Rule

RULES_VERSION = "6"
"""Rises with every change of the table that can change a verdict."""


@dataclass(frozen=True)
class _Finding:
    """The rule that decided a page, and all that fired with their reasons, the deciding one first."""

    fired: tuple[tuple[Rule, str], ...]

    @property
    def rule(self) -> Rule:
        return self.fired[0][0]

    @property
    def firings(self) -> tuple[RuleHit, ...]:
        return tuple(
            RuleHit(rule=rule.id, reason=reason)
            for rule, reason in self.fired
            # "Is shown" is left out beside a rule that says in what way it is less than that.
            if rule is self.rule or rule.claims is not Verdict.VISIBLE
        )

    def any_in(self, layer: Layer) -> bool:
        return any(rule.layer is layer for rule, _ in self.fired)


def judge(case: ProfileCase, rules: Sequence[Rule] = RULES) -> ProfileVerdict | LookAgain:
    """Return what the evidence means, or the page loads that would help, while any may still be asked for.

    `rules` is the table in the order of judgement, its last row the one that catches all.
    """
    evidences = [PageEvidence(case, page) for page in case.pages]
    findings = {evidence.page.visit.folder: _find(evidence, rules) for evidence in evidences}
    if case.rounds_left > 0 and (wanted := _wanted(case, evidences, findings)):
        return LookAgain(wanted=wanted)
    pages = tuple(_page_verdict(evidence, findings[evidence.page.visit.folder]) for evidence in evidences)
    return fold(case, pages, _supporting(evidences, findings, rules))


def conclude(case: ProfileCase) -> tuple[ProfileVerdict, bool]:
    """Return the verdict on this evidence alone, and whether the judge would rather have had more.

    A replay opens no pages: what an investigation would go on to want, it can only say.
    """
    answer = judge(case)
    if isinstance(answer, ProfileVerdict):
        return answer, False
    verdict = judge(replace(case, rounds_left=0))
    assert isinstance(verdict, ProfileVerdict)  # without rounds left the judge cannot ask
    return verdict, True


def _supporting(
    evidences: Sequence[PageEvidence], findings: dict[str, _Finding], rules: Sequence[Rule]
) -> tuple[RuleHit, ...]:
    """Return what is reported beside the verdict; nothing of pages that a wall or a session affected."""
    judged = [
        evidence
        for evidence in sorted(evidences, key=lambda evidence: evidence.page.visit.folder)
        if findings[evidence.page.visit.folder].rule.layer >= Layer.CONTROLS
    ]
    hits = [
        RuleHit(rule=rule.id, reason=reason)
        for rule in rules
        if rule.layer is Layer.SUPPORT
        for evidence in judged
        if rule.applies(evidence.kind) and (reason := rule.check(evidence))
    ]
    return tuple({hit.rule: hit for hit in reversed(hits)}.values())[::-1]


def _find(evidence: PageEvidence, rules: Sequence[Rule]) -> _Finding:
    """Walk the table: the first layer with a rule that holds decides, its first rule names the verdict.

    What is wrong with the author's view alone leaves standing what rests on the public's.
    """
    kind = evidence.kind
    fired = [
        (rule, reason)
        for rule in rules
        if rule.layer is not Layer.SUPPORT and rule.applies(kind) and (reason := rule.check(evidence))
    ]
    before = [hit for hit in fired if hit[0].layer < Layer.CONTROLS]
    content = [hit for hit in fired if hit[0].layer is Layer.CONTENT]
    content = content or [hit for hit in fired if hit[0].id == rules[-1].id]
    claimed = content[0][0]
    blocking = [hit for hit in before if not (claimed.past_walls and hit[0].layer is Layer.WALL)]
    of_the_public = [rule for rule, _ in blocking if rule.check(evidence.public_alone)]
    if blocking and (of_the_public or not claimed.without_author):
        return _Finding(tuple(before))
    controls = [hit for hit in fired if claimed.claims in hit[0].overturns]
    if claimed.own_controls:
        controls = [hit for hit in controls if not hit[0].by_walls_alone]
    spared = [hit for hit in controls if claimed.by_own_words and hit[0].spares_own_words]
    overturning = [hit for hit in controls if hit not in spared]
    return _Finding((*overturning, *content, *spared, *before))


def _wanted(
    case: ProfileCase, evidences: Sequence[PageEvidence], findings: dict[str, _Finding]
) -> tuple[Wanted, ...]:
    wanted: list[Wanted] = []
    for evidence in evidences:
        finding = findings[evidence.page.visit.folder]
        wanted += _looks_wanted(evidence, finding)
        if finding.rule.layer >= Layer.CONTROLS and (missing := missing_stories(evidence)):
            wanted.append(StoryLooks(stories=missing))
    doubted = any(finding.any_in(Layer.CONTROLS) for finding in findings.values())
    if doubted and _live_failed(case, PageKind.PROFILE) and case.sureness.live_controls_left > 0:
        wanted.append(AnotherControl(kind=ControlKind.LIVE))
    elif _suspended_control_would_help(case, findings, doubted=doubted):
        wanted.append(AnotherControl(kind=ControlKind.SUSPENDED))
    for kind, left in case.sureness.page_controls_left.items():
        of_kind = [findings[page.visit.folder] for page in case.pages if page.visit.kind is kind]
        would_help = _page_controls_wanted(case, kind, of_kind)
        wanted += [AnotherControl(kind=control, page=kind) for control in left if control in would_help]
    return tuple(wanted)


def _live_failed(case: ProfileCase, kind: PageKind) -> bool:
    """Return whether live controls of this kind of page were opened, and none of them was shown."""
    live = [one for one in case.controls if one.page is kind and one.kind is ControlKind.LIVE]
    return bool(live) and not any(control.ok for control in live)


def _page_controls_wanted(
    case: ProfileCase, kind: PageKind, findings: Sequence[_Finding]
) -> frozenset[ControlKind]:
    """Return the controls of this kind of page that what was found of such pages would be compared with."""
    read = {
        one.kind for one in case.controls if one.page is kind and (one.ok or one.kind is not ControlKind.LIVE)
    }
    rests = any(rule.rests_on_control for finding in findings for rule, _ in finding.fired)
    failed = _live_failed(case, kind)
    wanted = {ControlKind.LIVE, ControlKind.ABSENT} if rests else set()
    return frozenset(wanted | ({ControlKind.SUSPENDED} if rests and failed else set())) - read


def _suspended_control_would_help(case: ProfileCase, findings: dict[str, _Finding], *, doubted: bool) -> bool:
    """Return whether a page known to be suspended would settle what the other controls leave in doubt."""
    if not case.sureness.suspended_controls_left or controls_pass(case):
        return False
    accounts = [control for control in case.controls if control.page is PageKind.PROFILE]
    if any(
        control.kind is ControlKind.SUSPENDED or control.outcome in WALLS | OUTAGES for control in accounts
    ):
        return False
    # A limited page is shown, and a control says only whether shown and gone are told apart.
    return doubted or any(
        finding.rule.claims.worse_than(Verdict.LIMITED) and not finding.any_in(Layer.WALL)
        for finding in findings.values()
    )


def _looks_wanted(evidence: PageEvidence, finding: _Finding) -> list[Wanted]:
    folder, rule = evidence.page.visit.folder, finding.rule
    # An outage that stands beside the deciding rule is looked at again as well: it may pass.
    asking = [rule, *(other for other, _ in finding.fired[1:] if other.layer is Layer.TRANSPORT)]
    again = dict.fromkeys(
        viewpoint for row in asking for viewpoint in row.recheck if _would_help(evidence, row, viewpoint)
    )
    wanted: list[Wanted] = [SecondLook(folder=folder, viewpoint=viewpoint) for viewpoint in again]
    # Another page may say in so many words what a bare "not found" without the author's view does not.
    fallback = (rule.fallback or rule.layer is Layer.SESSION) and evidence.case.sureness.has_fallback
    if fallback and not evidence.page.fallbacks and evidence.public_sees in {*GONE, Outcome.UNRECOGNISED}:
        wanted.append(FallbackLook(folder=folder))
    return wanted


def _would_help(evidence: PageEvidence, rule: Rule, viewpoint: str) -> bool:
    """Return whether to load the page again: after an outage, or to confirm an answer once."""
    looks = evidence.page.looks.get(viewpoint, ())
    answers = evidence.answers(viewpoint)
    if not looks or len(looks) >= MOST_LOOKS:
        return False
    if rule.layer is Layer.TRANSPORT:
        return not answers and len(looks) < LOOKS_TO_CONFIRM
    return len(answers) < LOOKS_TO_CONFIRM or answers[-1] is not answers[-2]


def _page_verdict(evidence: PageEvidence, finding: _Finding) -> PageVerdict:
    page = evidence.page
    both = {ANONYMOUS: page.anonymous, AUTHOR: page.author}
    counting = {viewpoint: look for viewpoint, look in both.items() if look is not None}
    rest = tuple(look for look in evidence.every_look if look not in counting.values())
    verdict = finding.rule.claims
    return PageVerdict(
        kind=evidence.kind,
        url=page.visit.url,
        folder=page.visit.folder,
        subject=page.visit.subject,
        verdict=verdict,
        silent=_silent(evidence, verdict),
        strength=_strength(evidence, finding.rule),
        firings=finding.firings,
        views=counting,
        further=(*rest, *page.fallbacks, *page.program_views),
        readers={who: replace(look, signed_in_as=None) for who, look in page.readers.items()},
        would_change=finding.rule.would_change,
        limit=finding.rule.limit,
    )


def _silent(evidence: PageEvidence, verdict: Verdict) -> bool | None:
    """Return whether the author's own view gives no hint of it; None where it cannot be known."""
    if verdict not in BAD:
        return None
    if evidence.notice or evidence.author_sees in GONE or told_by_missing(evidence):
        return False
    return True if evidence.author is not None and evidence.author.signed_in else None


def _strength(evidence: PageEvidence, rule: Rule) -> Strength:
    """Return how well this rule's claim is founded here."""
    answers = evidence.answers()
    hearsay = not evidence.case.sureness.unconfirmed.isdisjoint(rule.rests_on(evidence))
    reserved = rule.likely_only or rule.reserved or hearsay or rule.likely_where(evidence)
    never_confirmed = rule.claims is Verdict.INCONCLUSIVE or reserved or evidence.is_learned
    passed = controls_pass(evidence.case) and not _live_failed(evidence.case, evidence.kind)
    if never_confirmed or not passed or len(set(answers)) > 1:
        return Strength.LIKELY
    if rule.claims is Verdict.VISIBLE and evidence.public_sees is Outcome.SHOWN:
        return Strength.CONFIRMED if evidence.is_identified else Strength.LIKELY
    if rule.claims is Verdict.LIMITED and evidence.author_expected and evidence.author is None:
        return Strength.LIKELY  # the author's view might have told that it is the owner's choice
    if rule.explicit or rule.claims is Verdict.VISIBLE:
        return Strength.CONFIRMED
    there = {Outcome.SHOWN, Outcome.RESTRICTED}  # a page of an unknown account is neither
    there_elsewhere = any(look.outcome in there for look in evidence.page.fallbacks)
    if there_elsewhere or (rule.claims is Verdict.HIDDEN and not evidence.signed_in_somewhere):
        return Strength.LIKELY  # another page still knows it, or nothing proves that the author was
    agree = evidence.author_sees == evidence.public_sees and evidence.public_sees in GONE
    return Strength.CONFIRMED if agree or len(answers) >= LOOKS_TO_CONFIRM else Strength.LIKELY
