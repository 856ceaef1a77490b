"""Rules about what stands before a page: no answer, an error, a bot wall, a limit, a wall to sign in at.

While one of them holds, the page's content is not judged; only plain words that the platform has for programs
stand beside a bot wall (`gone_rules`).
"""

from functools import partial

from selfcheck.core.enums import ANONYMOUS, AUTHOR, MonitoringGap, Outcome, Verdict
from selfcheck.core.labels import FAILURE_WORD
from selfcheck.core.observation import Observation
from selfcheck.core.times import plural
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.rule import PAGES, Layer, Rule


def _view_of(look: Observation) -> str:
    return "the author's view" if look.viewpoint == AUTHOR else "the logged-out view"


def _with_outcome(evidence: PageEvidence, outcome: Outcome) -> Observation | None:
    """Return the first observation that counts and has this outcome."""
    looks = (evidence.page.anonymous, evidence.page.author)
    return next((look for look in looks if look is not None and look.outcome is outcome), None)


def _unreachable(evidence: PageEvidence) -> str | None:
    look = _with_outcome(evidence, Outcome.UNREACHABLE)
    if look is None:
        return None
    failure = FAILURE_WORD[look.failure.kind] if look.failure else "no answer came"
    return f"The {evidence.noun} could not be opened for {_view_of(look)}: {failure}."


def _server_error(evidence: PageEvidence) -> str | None:
    look = _with_outcome(evidence, Outcome.SERVER_ERROR)
    if look is None:
        return None
    code = f" ({look.status})" if look.status else ""
    return f"The platform answered {_view_of(look)} of the {evidence.noun} with a server error{code}."


def _challenge(evidence: PageEvidence) -> str | None:
    # Any observation counts, not only the last: behind a wall anything may lie.
    for look in evidence.every_look:
        if look.outcome is Outcome.CHALLENGE:
            return f"A bot wall blocked {_view_of(look)} of the {evidence.noun}; selfcheck bypasses none."
    return None


def _program_view(evidence: PageEvidence) -> str | None:
    if _challenge(evidence) is None or not evidence.page.program_views:
        return None
    look = evidence.page.program_views[0]
    listed = "" if look.stories is None else f", with {plural(len(look.stories), 'story', 'stories')}"
    return (
        f"What the platform offers programs was asked for once by plain HTTP: {look.outcome.value}{listed}. "
        "By itself that says nothing of the page."
    )


def _rate_limited(evidence: PageEvidence) -> str | None:
    for look in evidence.every_look:
        if look.outcome is Outcome.RATE_LIMITED:
            return f"The platform refused {_view_of(look)} of the {evidence.noun}: too many requests."
    return None


def _login_wall(evidence: PageEvidence) -> str | None:
    if evidence.public_sees is Outcome.LOGIN_WALL:
        return f"The platform asks every visitor to sign in before it shows the {evidence.noun}."
    return None


def _login_first(evidence: PageEvidence) -> str | None:
    if not evidence.case.sureness.login_wall or evidence.public_sees is not Outcome.NOT_FOUND:
        return None
    return (
        f"Logged-out visitors are told that the {evidence.noun} does not exist, "
        f"but this platform shows most pages only to people who are signed in."
    )


unknown = partial(Rule, claims=Verdict.INCONCLUSIVE)

WAYS_PAST_A_WALL = (
    "selfcheck does not pass such checks. What can help: run later or less often; run from your own network "
    "if this one belongs to a data centre, or look through one there (settings: browser: connect); pass "
    "the check yourself while the run waits: `{assist}`. "
    "Until then, look yourself in a private window, signed out."
)
ACCESS_RULES: tuple[Rule, ...] = (
    unknown(
        id="transport.unreachable",
        layer=Layer.TRANSPORT,
        check=_unreachable,
        recheck=(ANONYMOUS, AUTHOR),
        evidence="An address that did not answer says nothing about the account.",
        looks_at="Whether any answer came: DNS, TLS, time, refused connections, crashes.",
        false_positives="A network that blocks this one site and nothing else.",
        would_change="An answer from the platform, whatever it says.",
        next_step="Check that this computer is online and that the address opens in your own browser.",
        gap=MonitoringGap.OUTAGE,
    ),
    unknown(
        id="transport.server-error",
        layer=Layer.TRANSPORT,
        check=_server_error,
        recheck=(ANONYMOUS, AUTHOR),
        evidence="5xx says nothing about suspension (reported 2026, Medium).",
        looks_at="The status of the answer: 500 and above, unless a bot wall sent it.",
        false_positives="A platform that answers 5xx for accounts that it hides (none is known).",
        would_change="An answer below 500 to a later page load.",
        next_step="The platform has a problem of its own. Run again in an hour.",
        gap=MonitoringGap.OUTAGE,
    ),
    unknown(
        id="wall.challenge",
        layer=Layer.WALL,
        check=_challenge,
        evidence="Some 30 % of 'not found' from a datacentre address are bot walls (Adler).",
        looks_at="The marks of bot walls in status, headers, title and text of every page load.",
        false_positives="A page that has a wall's own marks; single words do not count.",
        would_change="A page load that meets no wall, for instance from another network.",
        next_step=WAYS_PAST_A_WALL,
        gap=MonitoringGap.WALL,
    ),
    unknown(
        id="wall.program-view",
        layer=Layer.WALL,
        check=_program_view,
        evidence="A feed that is there or not proves nothing of the page (Medium: no stories, no feed).",
        looks_at="The machine-readable view that the platform file names, asked for once at a bot wall.",
        false_positives="Nothing that is known: it claims nothing.",
        would_change="A page load that meets no wall.",
        next_step=WAYS_PAST_A_WALL,
        gap=MonitoringGap.WALL,
    ),
    unknown(
        id="wall.rate-limited",
        layer=Layer.WALL,
        check=_rate_limited,
        evidence="HTTP 429 (RFC 6585): too many requests.",
        looks_at="The status 429 and the platform's own sentence for it.",
        false_positives="Another visitor behind the same address who sends too many requests.",
        would_change="A page load that is answered, some hours later.",
        next_step="Wait some hours before the next run; the platform asks for fewer requests.",
        gap=MonitoringGap.RATE_LIMITED,
    ),
    unknown(
        id="wall.login",
        layer=Layer.WALL,
        check=_login_wall,
        evidence="A page that wants every visitor to sign in shows nothing of the account.",
        looks_at="What logged-out visitors get: the page that asks everyone to sign in.",
        false_positives="A platform that asks only some logged-out visitors to sign in.",
        would_change="A logged-out page load that gets the page itself.",
        next_step="Nothing to fix: this platform shows nothing without signing in. Ask a friend to look.",
        gap=MonitoringGap.SIGN_IN_WALL,
    ),
)

LOGIN_FIRST = unknown(
    id="page.login-first",
    layer=Layer.CONTENT,
    kinds=PAGES,
    check=_login_first,
    fallback=True,
    evidence="Where everybody is asked to sign in, 'not found' without a session says little.",
    looks_at="The platform file's `login_wall`, and whether the public was told more than 'not found'.",
    false_positives="Nothing: it claims nothing.",
    would_change="The page being shown to logged-out visitors, or saying in so many words what it is.",
    next_step="Ask a friend who is signed in there to open the page.",
    gap=MonitoringGap.SIGN_IN_WALL,
)
