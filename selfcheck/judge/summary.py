"""The verdict in one plain sentence, and what the author should do next."""

from collections.abc import Sequence

from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    MonitoringGap,
    Outcome,
    PageKind,
    SignKind,
    Strength,
    Verdict,
)
from selfcheck.core.headlines import GONE, TOLD, by_reader, owners_words, shown_whole, visitors_get
from selfcheck.core.labels import KIND_WORD, LED_TO_PHRASE
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import listed, long_date, plural
from selfcheck.core.verdict import PageVerdict, RuleHit
from selfcheck.judge.rules import Layer, rule_of

BUT_NOTE = " Also worth knowing: "
"""What follows it in a summary may compare numbers that only the author is shown."""


AS_IT_SHOULD = " as it should."


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
        aside = f"{BUT_NOTE}{_lower(supporting[0].reason)}" if supporting else ""
        seen = _visible(who, pages, aside=bool(aside))
        if case.not_opened and seen.endswith(AS_IT_SHOULD):
            seen = f"{seen.removesuffix('.')}, in all that was opened."
        return f"{seen}{_left_out(case)}{aside}"
    # What is wrong with the author's view is said too, where the verdict rests on the public's alone.
    troubles = [hit.reason for hit in deciding.firings if rule_of(hit.rule).layer < Layer.CONTROLS]
    return " ".join((_accusation(who, verdict, deciding, pages), *troubles))


def _accusation(who: str, verdict: Verdict, deciding: PageVerdict, pages: Sequence[PageVerdict]) -> str:
    reason = _lower(deciding.firings[0].reason)
    if deciding.kind is not PageKind.PROFILE:
        profile = any(page.kind is PageKind.PROFILE and _shown(page, ANONYMOUS) for page in pages)
        begin = f"The public sees the profile of {who}" if profile else f"{who} is public only in part"
        name = _named(deciding)
        return f"{begin}, but not all of it: {reason if reason.startswith(name) else f'{name} — {reason}'}"
    if verdict is Verdict.MISSING:
        return _missing(who, deciding)
    return f"{_account(who, verdict, deciding, reason)}{_silence(deciding)}"


def _shown(page: PageVerdict, viewpoint: str) -> bool:
    look = page.views.get(viewpoint)
    return look is not None and look.outcome is Outcome.SHOWN


def _kept_back(page: PageVerdict) -> bool:
    public = page.views.get(ANONYMOUS)
    if by_reader(page):  # the platform asks everybody to sign in: no choice of the owner
        return False
    return not _shown(page, ANONYMOUS) or (
        public is not None and public.means(SignKind.MEMBERS_ONLY) is not None
    )


def _account(who: str, verdict: Verdict, deciding: PageVerdict, reason: str) -> str:
    public = deciding.views.get(ANONYMOUS)
    if by_reader(deciding):
        return f"{who} is {verdict.value}: {reason}"
    told = TOLD.get(public.outcome) if public else None
    if verdict is Verdict.HIDDEN and told:
        return f"Logged-out visitors are told that {who} {told}, while the author sees it."
    if verdict is Verdict.HIDDEN and public is not None and public.led_to is not None:
        where = LED_TO_PHRASE[public.led_to]
        return f"Logged-out visitors who open {who} are led to {where}; the author sees it."
    if verdict is Verdict.SUSPENDED and public is not None and public.outcome is Outcome.SUSPENDED:
        return f"Logged-out visitors are told that {who} is suspended."
    return f"{who} is {verdict.value}: {reason}"


def _silence(deciding: PageVerdict) -> str:
    """Return whether the author's own view says so, unless the reason has said it."""
    author = deciding.views.get(AUTHOR)
    if deciding.silent is None or author is None:
        return ""
    if deciding.silent:
        return " The author's own view gives no hint of it."
    if author.outcome in GONE:
        return " The author does not find it either."
    public = deciding.views.get(ANONYMOUS)
    repeated = public is None or public.outcome is not Outcome.SUSPENDED
    return "" if repeated else " The author's own view says so too."


def _missing(who: str, deciding: PageVerdict) -> str:
    if rule_of(deciding.rules[0]).by_owner:
        return f"{who} is gone: {_lower(deciding.firings[0].reason)}"
    if AUTHOR in deciding.views:
        return f"{who} is not found, not even by the author: deleted, renamed or mistyped."
    return f"The public does not find {who}; only the author's view can tell hidden from deleted."


def _visible(who: str, pages: Sequence[PageVerdict], *, aside: bool) -> str:
    """Return what the public sees of an account of which nothing bad is known."""
    profile = next((page for page in pages if page.kind is PageKind.PROFILE), None)
    own = [page for page in pages if page.kind not in {PageKind.FEED, PageKind.STATS}]
    if profile is not None and not _shown(profile, ANONYMOUS) and profile.verdict is Verdict.VISIBLE:
        kept_words = f"{owners_words(profile) or 'kept from the public'}, as its owner chose"
        shown = f"shown to an account that is signed in; {visitors_get(profile)}"
        return f"{who} is {shown if by_reader(profile) else kept_words}."
    kept = [page for page in own if page.verdict is Verdict.VISIBLE and _kept_back(page)]
    owners = [f"{_named(page)} was deleted by its owner" for page in own if page.verdict is Verdict.MISSING]
    owners += [f"{_named(page)} is {owners_words(page) or 'kept back'}, as its owner chose" for page in kept]
    if owners:
        return f"The public sees {who}; {'; '.join(owners)}."
    unsure = [KIND_WORD[page.kind] for page in pages if page.verdict is Verdict.INCONCLUSIVE]
    if unsure:
        return f"The public sees {who}. Could not tell: {', '.join(dict.fromkeys(unsure))}."
    reserved = [page.firings[0].reason for page in pages if rule_of(page.rules[0]).reserved]
    if reserved:
        return f"The public sees {who}, as far as could be told. {reserved[0]}"
    if any(page.kind is PageKind.FEED and page.verdict is Verdict.MISSING for page in pages):
        return f"The public sees {who}. There is no feed, which proves nothing by itself."
    whole = (
        not aside
        and all(shown_whole(page) for page in own)
        and (profile is None or profile.strength is Strength.CONFIRMED)
    )
    return f"The public sees {who}{AS_IT_SHOULD if whole else '.'}"


def _left_out(case: ProfileCase) -> str:
    """Return which pages were not opened, and since when each of them has been looked at."""
    kinds = [page.kind for page in case.not_opened]
    if not kinds:
        return ""
    stories = kinds.count(PageKind.STORY)
    names = [plural(stories, "story", "stories")] if stories else []
    names += [f"the {KIND_WORD[kind]}" for kind in kinds if kind is not PageKind.STORY]
    since = long_date(min(page.last_looked for page in case.not_opened).date())
    each = "it was fine when it was" if len(kinds) == 1 else "each was fine when it was"
    return f" Not opened in this run: {listed(names)}; {each} opened last, on {since} or later."


def _named(page: PageVerdict) -> str:
    """Return what the page is and its name: a story's title where it is known."""
    address = page.url if page.kind is PageKind.STORY else ""
    name = f"“{one_line(page.title, 80)}”" if page.title else page.subject or address
    return f"the {KIND_WORD[page.kind]} {name}".strip()


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


def next_steps(
    case: ProfileCase, verdict: Verdict, *, silent: bool | None, firings: Sequence[RuleHit]
) -> tuple[str, ...]:
    """Return what to do now, the most urgent first; each command stands in backticks."""
    if verdict is Verdict.VISIBLE:
        return ()
    if verdict is Verdict.INCONCLUSIVE:
        return _steps_by_rule(case, firings) or ("Run again in an hour.",)
    about_session = _steps_by_rule(case, [hit for hit in firings if rule_of(hit.rule).voids_author_view])
    if verdict is Verdict.MISSING:
        check = "Check that the handle in your profiles file is right and that the account was not renamed."
        if silent is None and case.sign_in_with and not about_session:
            about_session = (f"Sign in so that the author's view can be compared: `{case.sign_in_with}`",)
        return (check, *about_session)
    appeal = case.hints.command("appeal", case.name)
    backup = case.hints.command("backup", case.name)
    return (
        f"Make a copy of your stories first, while you can still sign in: `{backup}`",
        f"Look at the side-by-side screenshot. If it is right, ask the platform to fix it: `{appeal}`",
        "Do not post in a hurry and do not open a second account: platforms treat both as evasion.",
        *about_session,
    )


def _steps_by_rule(case: ProfileCase, firings: Sequence[RuleHit]) -> tuple[str, ...]:
    rules = [rule for firing in firings if (rule := rule_of(firing.rule)).next_step]
    about_controls = [rule for rule in rules if rule.gap is MonitoringGap.CONTROLS]
    # Failed controls have one cause, so one of their steps is enough, after what the page itself asks for.
    steps = [rule.next_step for rule in rules if rule not in about_controls]
    steps += [rule.next_step for rule in about_controls[:1]]
    command = case.hints.command
    commands = {
        "login": case.sign_in_with or command("login", case.name),
        "assist": command("run", case.name, "--assist"),
        "session_check": command("session", "check"),
        "doctor": command("doctor"),
        "export": command("replay", "RUN", "--export", "FOLDER"),
        "learn": command("platforms", "learn", "--help"),
    }
    return tuple(dict.fromkeys(step.format(handle=case.handle, **commands) for step in steps))
