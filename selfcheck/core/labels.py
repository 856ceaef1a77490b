"""Plain words for verdicts and looks, shared by the terminal, the report, the pictures and the CI formats.

Laws:
1. A writer who has never heard of a shadow ban understands every sentence.
2. What could not be told is said to be unknown; it never sounds like good news.
3. What logged-out visitors see comes first, then what the author sees.
4. A word always goes with a colour; no meaning rests on colour alone.
"""

from collections.abc import Callable
from enum import StrEnum

from selfcheck.core.capture import Failure
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    WORST_FIRST,
    BrowserMode,
    FailureKind,
    LedTo,
    Outcome,
    PageKind,
    SignKind,
    Strength,
    Verdict,
)
from selfcheck.core.observation import Observation
from selfcheck.core.run import ExitCode, HostFootprint, RunResult
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import listed, plural
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, UnopenedPage

LoginCommand = Callable[[str], str]
"""Returns the command that signs the author of a profile in, by the profile's name."""


class Tone(StrEnum):
    """How a word is coloured."""

    GOOD = "good"
    BAD = "bad"
    WARN = "warn"
    UNCLEAR = "unclear"


VERDICT_WORD = {
    Verdict.VISIBLE: "Visible",
    Verdict.LIMITED: "Limited",
    Verdict.HIDDEN: "Hidden",
    Verdict.SUSPENDED: "Suspended",
    Verdict.MISSING: "Missing",
    Verdict.INCONCLUSIVE: "Could not tell",
}

VERDICT_TONE = {
    Verdict.VISIBLE: Tone.GOOD,
    Verdict.LIMITED: Tone.WARN,
    Verdict.HIDDEN: Tone.BAD,
    Verdict.SUSPENDED: Tone.BAD,
    Verdict.MISSING: Tone.BAD,
    Verdict.INCONCLUSIVE: Tone.UNCLEAR,
}

_HEADLINES: dict[tuple[Verdict, bool | None], str] = {
    (Verdict.SUSPENDED, True): "Suspended, and you were not told",
    (Verdict.SUSPENDED, False): "Suspended; your own view is affected too",
    (Verdict.SUSPENDED, None): "Suspended; whether your own page says so is not known",
    (Verdict.HIDDEN, True): "Hidden from everybody but you, and you were not told",
    (Verdict.HIDDEN, False): "Hidden from everybody but you; your own page gives a hint",
    (Verdict.HIDDEN, None): "Hidden from everybody but you",
    (Verdict.LIMITED, True): "Limited, and you were not told",
    (Verdict.LIMITED, False): "Limited; your own page gives a hint",
    (Verdict.LIMITED, None): "Limited",
}
_HEADLINE = {
    Verdict.VISIBLE: "Visible",
    Verdict.MISSING: "Missing: logged-out visitors do not find it",
    Verdict.INCONCLUSIVE: "Could not tell this time",
}

KIND_WORD = {
    PageKind.PROFILE: "profile page",
    PageKind.PUBLICATION: "publication",
    PageKind.STORY: "story",
    PageKind.FEED: "feed",
    PageKind.STATS: "stats page",
}

OUTCOME_WORD = {
    Outcome.SHOWN: "Shown",
    Outcome.SUSPENDED: "Says: suspended",
    Outcome.NOT_FOUND: "Says: not found",
    Outcome.REMOVED: "Says: removed",
    Outcome.RESTRICTED: "Restricted",
    Outcome.LOGIN_WALL: "Asks to sign in",
    Outcome.CHALLENGE: "Bot check",
    Outcome.RATE_LIMITED: "Too many requests",
    Outcome.SERVER_ERROR: "Server error",
    Outcome.UNREACHABLE: "No answer",
    Outcome.UNRECOGNISED: "Not recognised",
}

OUTCOME_TONE = {
    Outcome.SHOWN: Tone.GOOD,
    Outcome.SUSPENDED: Tone.BAD,
    Outcome.NOT_FOUND: Tone.BAD,
    Outcome.REMOVED: Tone.BAD,
    Outcome.RESTRICTED: Tone.WARN,
    Outcome.LOGIN_WALL: Tone.UNCLEAR,
    Outcome.CHALLENGE: Tone.UNCLEAR,
    Outcome.RATE_LIMITED: Tone.UNCLEAR,
    Outcome.SERVER_ERROR: Tone.UNCLEAR,
    Outcome.UNREACHABLE: Tone.UNCLEAR,
    Outcome.UNRECOGNISED: Tone.UNCLEAR,
}

_OUTCOME_SENTENCE = {
    Outcome.SHOWN: "the page itself",
    Outcome.SUSPENDED: "a notice that it is suspended",
    Outcome.NOT_FOUND: "a notice that there is no such page",
    Outcome.REMOVED: "a notice that its owner removed it",
    Outcome.RESTRICTED: "a page that is not open to everyone (members only, private or unlisted)",
    Outcome.LOGIN_WALL: "a request to sign in instead of the page",
    Outcome.CHALLENGE: "a check for robots instead of the page",
    Outcome.RATE_LIMITED: "a refusal, because too many requests came from this address",
    Outcome.SERVER_ERROR: "an error of the platform's own server",
    Outcome.UNREACHABLE: "nothing, because no answer came",
    Outcome.UNRECOGNISED: "a page that selfcheck does not recognise",
}

_SIGN_PHRASE = {
    SignKind.TOLD_SUSPENDED: "with a notice of suspension",
    SignKind.MEMBERS_ONLY: "for members only",
    SignKind.UNLISTED: "unlisted by its owner",
    SignKind.NOINDEX_BY_OWNER: "which its owner keeps out of search engines",
    SignKind.NOINDEX_BY_PLATFORM: "which the platform keeps out of search engines",
    SignKind.EXCERPT: "as an excerpt",
    SignKind.BLURRED: "with its text blurred or cut",
    SignKind.FLAGGED: "though the page's own data says suspended or limited",
    SignKind.RESPONSES_HIDDEN: "without its responses",
    SignKind.EMPTY_LIST: "with an empty list of stories",
    SignKind.CONSENT: "with a question for consent",
    SignKind.EXISTS: "in data that names the account as existing",
}

BROWSER_MODE_WORDS = {
    BrowserMode.HEADLESS: "without a window",
    BrowserMode.WINDOW: "with a window",
    BrowserMode.XVFB: "with a window on a display without a screen (Xvfb)",
    BrowserMode.REMOTE: "on another machine, named in the settings",
}

FAILURE_WORD = {
    FailureKind.DNS: "the address could not be found (DNS)",
    FailureKind.TLS: "the connection could not be secured",
    FailureKind.TIMEOUT: "the page took too long",
    FailureKind.REFUSED: "the connection was refused",
    FailureKind.TOO_MANY_REDIRECTS: "the page kept redirecting",
    FailureKind.OFFLINE: "this machine is offline",
    FailureKind.CRASHED: "the page crashed the browser twice",
    FailureKind.NO_ANSWER: "the answer was empty or broken",
    FailureKind.BLOCKED_ADDRESS: "the address is one that selfcheck does not open",
    FailureKind.BUDGET_SPENT: "the limit of page views was reached",
    FailureKind.BACKING_OFF: "the platform asked to be left alone for a while",
}

_SAID_BY_US = {FailureKind.BLOCKED_ADDRESS, FailureKind.BUDGET_SPENT, FailureKind.BACKING_OFF}
"""Failures whose details selfcheck itself worded, unless they begin with the browser's code."""


def failure_words(failure: Failure) -> str:
    """Return why no answer came, in plain words; `failure.detail` keeps the browser's own for the record."""
    if failure.kind in _SAID_BY_US and not failure.detail.startswith("net::"):
        return failure.detail
    return FAILURE_WORD[failure.kind]


LED_TO_PHRASE = {
    LedTo.HOME: "the front page",
    LedTo.LIST: "a list",
    LedTo.SEARCH: "a search page",
    LedTo.SIGN_IN: "the sign-in page",
    LedTo.ANOTHER_SUBJECT: "the page of somebody or something else",
    LedTo.ANOTHER_PAGE: "another page of the platform",
    LedTo.ANOTHER_SITE: "another site",
}

_EXIT_SENTENCE = {
    ExitCode.ALL_VISIBLE: "every profile is visible to logged-out visitors.",
    ExitCode.FOUND: "at least one profile is hidden, suspended, limited or missing.",
    ExitCode.INCONCLUSIVE: "nothing bad was found, but at least one profile could not be judged.",
    ExitCode.TOOL_FAILED: "selfcheck itself failed; what was found until then has been kept.",
    ExitCode.INTERRUPTED: "the run was interrupted; what was finished has been kept.",
}

STRENGTH_WORD = {
    Strength.CONFIRMED: "confirmed",
    Strength.LIKELY: "likely, not yet confirmed",
}


def verdict_headline(verdict: Verdict, *, silent: bool | None) -> str:
    """Return a headline that is true of every page with this verdict, where its looks are not at hand."""
    return _HEADLINE.get(verdict) or _HEADLINES[verdict, silent]


def seen_by(look: Observation | None, *, viewpoint: str) -> str:
    """Return what this viewpoint sees on a page, as a phrase that follows "sees"."""
    if look is None:
        return "not opened" if viewpoint == ANONYMOUS else "not known: the page was not opened signed in"
    if look.outcome is Outcome.LOGIN_WALL and viewpoint == AUTHOR:
        return "a request to sign in: the saved session is no longer signed in"
    phrase = ", ".join([_OUTCOME_SENTENCE[look.outcome], *_besides(look)])
    if look.failure is not None:
        phrase = f"{phrase} ({FAILURE_WORD[look.failure.kind]})"
    if look.led_to is not None and look.outcome is Outcome.UNRECOGNISED:
        phrase = f"another page: it led to {LED_TO_PHRASE[look.led_to]}"
    telling = {Outcome.SUSPENDED, Outcome.NOT_FOUND, Outcome.REMOVED, Outcome.RESTRICTED}
    if look.outcome in telling and look.own_words:
        phrase = f"{phrase}: “{one_line(look.own_words, 160)}”"
    if look.status is None or look.outcome is Outcome.SHOWN:
        return phrase
    return f"{phrase} (HTTP {look.status})"


def _besides(look: Observation) -> list[str]:
    """Return what a shown page lacks or says beside being shown."""
    if look.outcome is not Outcome.SHOWN:
        return []
    signs = list(
        dict.fromkeys(_SIGN_PHRASE[sign.meaning] for sign in look.signs if sign.meaning in _SIGN_PHRASE)
    )
    return [*signs, *(["with a request to search engines to leave it out"] if look.noindex else [])]


def look_word(page: PageVerdict, viewpoint: str) -> tuple[str, Tone]:
    """Return in two words what a viewpoint was shown, and its tone; less than the page is not just “shown”.

    What a healthy page's owner keeps back is not coloured as an accusation.
    """
    look = page.views.get(viewpoint)
    if look is None:
        return "Not opened", Tone.UNCLEAR
    if look.outcome is not Outcome.SHOWN:
        word, tone = OUTCOME_WORD[look.outcome], OUTCOME_TONE[look.outcome]
        own = page.verdict is Verdict.VISIBLE and tone is Tone.BAD
        led = look.led_to is not None and look.outcome is Outcome.UNRECOGNISED
        return "Led elsewhere" if led else word, Tone.UNCLEAR if own else tone
    return _shown_word(page, look) or (OUTCOME_WORD[look.outcome], OUTCOME_TONE[look.outcome])


def _shown_word(page: PageVerdict, look: Observation) -> tuple[str, Tone] | None:
    """Return how a look that was shown the page says less than that, or None."""
    if look.viewpoint == AUTHOR and look.signed_in is False:
        return "Not signed in", Tone.UNCLEAR
    if look.means(SignKind.TOLD_SUSPENDED):
        return "Shown, with a notice", Tone.WARN
    if look.viewpoint != ANONYMOUS:
        return None
    if page.verdict is Verdict.LIMITED and page.silent is not False:
        return "Shown, but limited", Tone.WARN
    part = any(map(look.means, (SignKind.MEMBERS_ONLY, SignKind.EXCERPT, SignKind.BLURRED)))
    return ("Shown in part", Tone.UNCLEAR) if part else None


def page_name(page: PageVerdict | UnopenedPage) -> str:
    """Return what the page is, in words: `profile page`, `publication my-pub`, `story “One”`."""
    subject = f"“{one_line(page.title, 60)}”" if page.title else one_line(page.subject, 60)
    return f"{KIND_WORD[page.kind]} {subject}".strip()


def unopened_words(page: UnopenedPage) -> str:
    """Return that the page was not opened, and when it was fine."""
    return f"not opened in this run; fine on {page.last_looked:%Y-%m-%d %H:%M} UTC"


def page_word(page: PageVerdict) -> tuple[str, Tone]:
    """Return the page's verdict in a word or two, and its tone.

    Only its author can open a stats page, and what its owner keeps back or deleted is called that.
    """
    tone = VERDICT_TONE[page.verdict]
    if page.verdict is Verdict.VISIBLE:
        if page.kind is PageKind.STATS:
            return "Opened", tone
        public = page.views.get(ANONYMOUS)
        if public is not None and public.outcome is not Outcome.SHOWN:
            return "Not public", Tone.UNCLEAR
    if page.verdict is Verdict.MISSING and any(
        look.outcome is Outcome.REMOVED for look in page.views.values()
    ):
        return "Deleted", tone
    return VERDICT_WORD[page.verdict], tone


def whose(profile: ProfileVerdict) -> str:
    """Return the handle and the platform's name, both as people write them."""
    return f"{one_line(profile.handle)} on {one_line(profile.platform_title or profile.platform)}"


def usual_login(profile: str) -> str:
    """Return the command that signs in, for texts that are kept or read by others than who ran selfcheck."""
    return USUAL_HINTS.command("login", profile)


def session_trouble(profile: ProfileVerdict, login: LoginCommand = usual_login) -> str | None:
    """Return what is wrong with the author's session, or None if nothing is known to be."""
    looks = [page.views[AUTHOR] for page in profile.pages if AUTHOR in page.views]
    if not any(look.shows_session_ended for look in looks):
        return None
    ended = "is no longer signed in, so selfcheck could not see what the author sees"
    if any(look.signed_in for look in looks):
        ended = "was not signed in on every page, so selfcheck could not see all that the author sees"
    return f"The saved session for “{profile.name}” {ended}. Sign in again: {login(profile.name)}"


def tally(result: RunResult) -> str:
    """Return how many profiles have which verdict: `1 suspended, 2 visible`."""
    verdicts = [profile.verdict for profile in result.profiles]
    parts = [f"{verdicts.count(verdict)} {verdict.value}" for verdict in WORST_FIRST if verdict in verdicts]
    return ", ".join(parts) or "no profile was finished"


def exit_sentence(result: RunResult) -> str:
    """Return what the exit code means: the last line of the terminal's text."""
    code = ExitCode(result.exit_code)
    if code is ExitCode.ALL_VISIBLE and {profile.verdict for profile in result.profiles} - {Verdict.VISIBLE}:
        return f"Exit code {code.value}: nothing was found that `--fail-on` counts as a failure."
    if code is ExitCode.INCONCLUSIVE and result.not_checked:
        return f"Exit code {code.value}: not every profile was checked; the next run goes on with the others."
    return f"Exit code {code.value}: {_EXIT_SENTENCE[code]}"


def waiting_sentence(result: RunResult) -> str:
    """Return which profiles this run left to the next one, in a sentence; "" where it checked all."""
    if not result.not_checked:
        return ""
    return f"Not checked in this run: {listed(result.not_checked)}. The next run goes on with them."


_COUNTED = frozenset({"document", "script", "stylesheet", "image", "font"})


def footprint(host: HostFootprint) -> str:
    """Return in words what a host was asked for: pages, requests by kind, and what was held back."""
    parts = []
    if host.page_views:
        parts.append(plural(host.page_views, "page view"))
    sent, held = sum(host.requests.values()), sum(host.refused.values())
    if sent:
        counted = sorted(host.requests.items(), key=lambda kind: (-kind[1], kind[0]))
        kinds = ", ".join(
            f"{count} {kind}{'s' if count > 1 and kind in _COUNTED else ''}" for kind, count in counted
        )
        parts.append(f"{plural(sent, 'request')} ({kinds})")
    if held:
        parts.append(f"{held} blocked")
    if host.least_gap_seconds is not None:
        parts.append(f"at least {host.least_gap_seconds:.1f} s apart")
    return "; ".join(parts)
