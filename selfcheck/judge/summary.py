"""The verdict in one plain sentence, and what the writer should do next."""

from collections.abc import Iterable, Mapping, Sequence

from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Verdict
from selfcheck.core.observation import StoryRef
from selfcheck.core.verdict import PageVerdict, RuleHit
from selfcheck.judge.page_evidence import NOUNS, OWNERS_DELETION


def summarise(
    case: ProfileCase,
    verdict: Verdict,
    *,
    silent: bool | None,
    deciding: PageVerdict | None,
    pages: Sequence[PageVerdict],
    told: Sequence[RuleHit] = (),
) -> str:
    """Return one plain sentence that a writer understands, two where there is more to mind.

    `told` is what supports and decides nothing; beside good news its first reason is said at once.
    """
    who = f"{case.handle} on {case.sureness.title}"
    if deciding is None:
        return f"It could not be told whether strangers see {who}: no page was looked at."
    if verdict is Verdict.INCONCLUSIVE:
        return _unknown(who, deciding)
    if verdict is Verdict.VISIBLE:
        more = f" But mind: {_lower(told[0].reason)}" if told else ""
        return f"{_visible(who, pages)}{more}"
    if deciding.kind is not PageKind.PROFILE:
        return _part(who, deciding)
    if verdict is Verdict.MISSING:
        return _missing(who, deciding)
    return f"{_account(who, verdict, deciding)}{_silence(silent=silent)}"


def _account(who: str, verdict: Verdict, deciding: PageVerdict) -> str:
    if verdict is Verdict.SUSPENDED:
        return f"Strangers are told that {who} is suspended."
    if verdict is Verdict.HIDDEN:
        return f"Strangers are told that {who} does not exist, while the author sees everything."
    return f"Strangers see less of {who} than they should: {_lower(deciding.firings[0].reason)}"


def _missing(who: str, deciding: PageVerdict) -> str:
    if deciding.rules[0] == OWNERS_DELETION:
        return f"{who} is gone: {_lower(deciding.firings[0].reason)}"
    if AUTHOR in deciding.views:
        return f"Nobody finds {who}, not even the author: deleted, renamed or mistyped."
    return f"Strangers do not find {who}; without the author's view nobody can tell hidden from deleted."


def _silence(*, silent: bool | None) -> str:
    if silent is True:
        return " The author's own view gives no hint of it."
    return " The author's own view says so too." if silent is False else ""


def _part(who: str, deciding: PageVerdict) -> str:
    noun = NOUNS[deciding.kind]
    name = f"{noun} {deciding.subject}" if deciding.subject else noun
    return (
        f"The account of {who} can be seen, but not all of it: {name} — {_lower(deciding.firings[0].reason)}"
    )


def _visible(who: str, pages: Sequence[PageVerdict]) -> str:
    gone = [page for page in pages if page.verdict is Verdict.MISSING and page.kind is not PageKind.FEED]
    if gone:
        titles = {one.id: one.title for page in pages for one in _listed(page) if one.title}
        return f"Strangers see {who}; {_deleted([_called(page, titles) for page in gone])}."
    unsure = [NOUNS[page.kind] for page in pages if page.verdict is Verdict.INCONCLUSIVE]
    if unsure:
        return f"Strangers see {who}. Not told: {', '.join(dict.fromkeys(unsure))}."
    return f"Strangers see {who} as they should."


def _listed(page: PageVerdict) -> Iterable[StoryRef]:
    return (story for look in page.views.values() for story in look.stories or ())


def _called(page: PageVerdict, titles: Mapping[str, str]) -> str:
    """Return what the page is and its name: by its title where a list still tells it."""
    title = titles.get(page.subject)
    return f"the {NOUNS[page.kind]} {f'“{title}”' if title else page.subject or page.url}"


def _deleted(names: Sequence[str]) -> str:
    if len(names) == 1:
        return f"{names[0]} was deleted by its owner"
    return f"{', '.join(names[:-1])} and {names[-1]} were deleted by their owner"


def _unknown(who: str, deciding: PageVerdict) -> str:
    reason = deciding.firings[0].reason
    sentence = f"It could not be told whether strangers see {who}: {_lower(reason)}"
    look = deciding.views.get(ANONYMOUS)
    if look is not None and look.outcome is Outcome.SUSPENDED:
        sentence += " What strangers got does say that it is suspended, so look at the pictures."
    return sentence


def _lower(sentence: str) -> str:
    return sentence[:1].lower() + sentence[1:]


_REPORT = (
    "The platform file is out of date. To report it: {selfcheck} replay RUN --export FOLDER, look through "
    "the folder, and attach it to a bug report."
)

_AFTER_UNKNOWN = {
    "session.expired": "Sign in again: {login}   (or run with --anonymous-only)",
    "session.other-account": "Sign in as {handle}: {login}",
    "wall.challenge": "Run again later, and from your own network if this one is a data centre's.",
    "wall.rate-limited": "Wait some hours before the next run; the platform asks for fewer requests.",
    "wall.login": "Nothing to mend: this platform shows strangers nothing. Ask a friend to look.",
    "transport.unreachable": "See whether this computer is online and the address opens in your own browser.",
    "transport.server-error": "The platform has trouble of its own. Run again in an hour.",
    "page.unrecognised": "Look at the saved page. If it looks right, the platform file needs an update: "
    "{selfcheck} replay RUN --export FOLDER makes a case of it for a bug report.",
    "looks.disagree": "Run again in half an hour; an old copy may still be handed out.",
}


def next_steps(
    case: ProfileCase, verdict: Verdict, *, silent: bool | None, firings: Sequence[RuleHit]
) -> tuple[str, ...]:
    """Return what to do now, the most urgent first."""
    if verdict is Verdict.VISIBLE:
        return ()
    if verdict is Verdict.INCONCLUSIVE:
        return _unknown_steps(case, firings)
    if verdict is Verdict.MISSING:
        return _missing_steps(case, silent=silent)
    return _after_bad(case)


def _after_bad(case: ProfileCase) -> tuple[str, ...]:
    appeal = case.hints.command("appeal", case.name)
    return (
        f"Look at the side-by-side picture. If it is right, ask the platform to mend it: {appeal}",
        "Do not post in a hurry and do not open a second account: both are read as evasion.",
    )


def _missing_steps(case: ProfileCase, *, silent: bool | None) -> tuple[str, ...]:
    check = "See whether the handle in your profiles file is right and whether the account was renamed."
    if silent is None and case.sign_in_with:
        return (check, f"Sign in so that the author's view can be compared: {case.sign_in_with}")
    return (check,)


def _unknown_steps(case: ProfileCase, firings: Sequence[RuleHit]) -> tuple[str, ...]:
    steps = [_AFTER_UNKNOWN[firing.rule] for firing in firings if firing.rule in _AFTER_UNKNOWN]
    if any(firing.rule == "controls.all-failed" for firing in firings):
        steps.append(_REPORT)
    elif any(firing.rule.startswith("controls.") for firing in firings):
        steps.append(
            "Run again later; if it stays so, the platform file is out of date: {selfcheck} platforms show."
        )
    filled = [
        step.format(login=_login(case), handle=case.handle, selfcheck=case.hints.program) for step in steps
    ]
    return tuple(dict.fromkeys(filled)) or ("Run again in an hour.",)


def _login(case: ProfileCase) -> str:
    return case.sign_in_with or case.hints.command("login", case.name)
