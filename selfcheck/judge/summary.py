"""The verdict in one plain sentence, and what the author should do next."""

from collections.abc import Sequence

from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, LedTo, MonitoringGap, Outcome, PageKind, Verdict
from selfcheck.core.labels import KIND_WORD, LED_TO_PHRASE
from selfcheck.core.verdict import PageVerdict, RuleHit
from selfcheck.judge.rules import rule_of

BUT_NOTE = " But note: "
"""What follows it in a summary may compare numbers that only the author is shown."""


def summarise(
    case: ProfileCase,
    verdict: Verdict,
    *,
    deciding: PageVerdict | None,
    pages: Sequence[PageVerdict],
    supporting: Sequence[RuleHit] = (),
) -> str:
    """Return one plain sentence that an author understands, two where there is more to say.

    `supporting` decides nothing; beside good news its first reason is reported at once.
    """
    who = f"{case.handle} on {case.sureness.title}"
    if deciding is None:
        return f"Could not tell whether the public sees {who}: no page was opened."
    reason = _lower(deciding.firings[0].reason)
    if verdict is Verdict.INCONCLUSIVE:
        look = deciding.views.get(ANONYMOUS)
        claimed = look is not None and look.outcome is Outcome.SUSPENDED
        more = (
            " The logged-out page does say that it is suspended, so check the screenshots." if claimed else ""
        )
        return f"Could not tell whether the public sees {who}: {reason}{more}"
    if verdict is Verdict.VISIBLE:
        more = f"{BUT_NOTE}{_lower(supporting[0].reason)}" if supporting else ""
        return f"{_visible(who, pages)}{more}"
    if deciding.kind is not PageKind.PROFILE:
        page = f"{KIND_WORD[deciding.kind]} {deciding.subject}".strip()
        return f"The public sees the account of {who}, but not all of it: {page} — {reason}"
    if verdict is Verdict.MISSING:
        return _missing(who, deciding)
    look = deciding.views.get(ANONYMOUS)
    led_to = look.led_to if look is not None else None
    return f"{_account(who, verdict, reason, led_to)}{_SILENCE[deciding.silent]}"


def _account(who: str, verdict: Verdict, reason: str, led_to: LedTo | None) -> str:
    if verdict is Verdict.SUSPENDED:
        return f"Logged-out visitors are told that {who} is suspended."
    if verdict is Verdict.HIDDEN and led_to is not None:
        return f"Logged-out visitors who open {who} are led to {LED_TO_PHRASE[led_to]}; the author sees it."
    if verdict is Verdict.HIDDEN:
        return f"Logged-out visitors are told that {who} does not exist, while the author sees everything."
    return f"The public sees less of {who} than it should: {reason}"


_SILENCE = {
    True: " The author's own view gives no hint of it.",
    False: " The author's own view says so too.",
    None: "",
}


def _missing(who: str, deciding: PageVerdict) -> str:
    if rule_of(deciding.rules[0]).by_owner:
        return f"{who} is gone: {_lower(deciding.firings[0].reason)}"
    if AUTHOR in deciding.views:
        return f"{who} is not found, not even by the author: deleted, renamed or mistyped."
    return f"The public does not find {who}; only the author's view can tell hidden from deleted."


def _visible(who: str, pages: Sequence[PageVerdict]) -> str:
    gone = [page for page in pages if page.verdict is Verdict.MISSING and page.kind is not PageKind.FEED]
    if gone:
        looks = [look for page in pages for look in page.views.values()]
        titles = {story.id: story.title for look in looks for story in look.stories or () if story.title}
        names = [_named(page, titles.get(page.subject)) for page in gone]
        if len(names) == 1:
            return f"The public sees {who}; {names[0]} was deleted by its owner."
        return f"The public sees {who}; {', '.join(names[:-1])} and {names[-1]} were deleted by their owner."
    unsure = [KIND_WORD[page.kind] for page in pages if page.verdict is Verdict.INCONCLUSIVE]
    if unsure:
        return f"The public sees {who}. Could not tell: {', '.join(dict.fromkeys(unsure))}."
    return f"The public sees {who} as it should."


def _named(page: PageVerdict, title: str | None) -> str:
    """Return what the page is and its name: by its title where a list still has it."""
    return f"the {KIND_WORD[page.kind]} {f'“{title}”' if title else page.subject or page.url}"


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def next_steps(
    case: ProfileCase, verdict: Verdict, *, silent: bool | None, firings: Sequence[RuleHit]
) -> tuple[str, ...]:
    """Return what to do now, the most urgent first."""
    if verdict is Verdict.VISIBLE:
        return ()
    if verdict is Verdict.INCONCLUSIVE:
        return _steps_by_rule(case, firings)
    if verdict is Verdict.MISSING:
        check = "Check that the handle in your profiles file is right and that the account was not renamed."
        if silent is None and case.sign_in_with:
            return (check, f"Sign in so that the author's view can be compared: {case.sign_in_with}")
        return (check,)
    appeal = case.hints.command("appeal", case.name)
    return (
        f"Look at the side-by-side screenshot. If it is right, ask the platform to fix it: {appeal}",
        "Do not post in a hurry and do not open a second account: platforms treat both as evasion.",
    )


def _steps_by_rule(case: ProfileCase, firings: Sequence[RuleHit]) -> tuple[str, ...]:
    rules = [rule for firing in firings if (rule := rule_of(firing.rule)).next_step]
    about_controls = [rule for rule in rules if rule.gap is MonitoringGap.CONTROLS]
    # Failed controls have one cause, so one of their steps is enough, after what the page itself asks for.
    steps = [rule.next_step for rule in rules if rule not in about_controls]
    steps += [rule.next_step for rule in about_controls[:1]]
    login = case.sign_in_with or case.hints.command("login", case.name)
    filled = [step.format(login=login, handle=case.handle, selfcheck=case.hints.program) for step in steps]
    return tuple(dict.fromkeys(filled)) or ("Run again in an hour.",)
