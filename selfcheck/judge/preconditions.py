"""Rules about what lies outside the account: sessions and controls, after what stands before the page.

While one of the first three layers holds, the page's content is not judged at all.
"""

from functools import partial

from selfcheck.core.case import OUTAGES
from selfcheck.core.enums import (
    BAD,
    ControlKind,
    MonitoringGap,
    Outcome,
    PageKind,
    Verdict,
)
from selfcheck.core.verdict import ControlReading
from selfcheck.judge.access_rules import ACCESS_RULES, WAYS_PAST_A_WALL, unknown
from selfcheck.judge.page_evidence import WALLS, PageEvidence, controls_pass
from selfcheck.judge.reader_rules import READER_UNUSABLE
from selfcheck.judge.rule import Layer, Rule

_NO_ANSWER = WALLS | OUTAGES | {Outcome.LOGIN_WALL}
"""Outcomes that say nothing about an account, and so nothing about our marks."""

_WALLED = _NO_ANSWER - OUTAGES

_NOT_TOLD = _NO_ANSWER | {Outcome.RESTRICTED}

_SEVERAL = 2


# -- sessions --------------------------------------------------------------------------------------------
# Every page of the run counts: a later wall does not take back whose session it was.


def _session_expired(evidence: PageEvidence) -> str | None:
    look = evidence.page.author
    # A page that shows the author signed in is the author's view, whatever another page showed.
    if not evidence.author_expected or not evidence.session_ended or (look is not None and look.signed_in):
        return None
    nothing = "so there is no author's view to compare with"
    if evidence.signed_in_somewhere:
        return (
            f"The saved session was signed in on other pages of this run, and not on the {evidence.noun}, "
            f"{nothing}."
        )
    return f"The saved session is no longer signed in, {nothing}."


def _view_logged_out(evidence: PageEvidence) -> str | None:
    look = evidence.page.author
    if not evidence.author_expected or look is None or evidence.session_ended:
        return None
    if not look.shows_logged_out or look.outcome in WALLS | OUTAGES:
        return None
    return (
        f"What was opened of the {evidence.noun} with the saved session looks as it does to logged-out "
        f"visitors ({look.outcome.value}), so it does not count as the author's view."
    )


def _other_account(evidence: PageEvidence) -> str | None:
    if not evidence.author_expected or (other := evidence.foreign_handle) is None:
        return None
    return f"The saved session is signed in as {other}, not as {evidence.case.handle}."


# -- controls --------------------------------------------------------------------------------------------


def _failed(evidence: PageEvidence, kind: ControlKind) -> tuple[ControlReading, ...]:
    """Return the failed controls of this kind, or none as soon as one of them passed.

    They are those of accounts, and those of this page's own kind, each by itself. A live story or publication
    that met a wall, or that its owner restricted, was not compared; it does not stand against the others.
    """
    failed: tuple[ControlReading, ...] = ()
    for page in dict.fromkeys((PageKind.PROFILE, evidence.kind)):
        spared = _NOT_TOLD if kind is ControlKind.LIVE and page is not PageKind.PROFILE else ()
        of_page = (one for one in evidence.case.controls if (one.kind, one.page) == (kind, page))
        readings = tuple(control for control in of_page if control.outcome not in spared)
        failed += () if any(reading.ok for reading in readings) else readings
    return failed


def _behind_a_wall(evidence: PageEvidence) -> ControlReading | None:
    """Return the control that met a wall, where no control passed and an absent one looked otherwise.

    An absent account that looks live was not caused by a wall.
    """
    accounts = evidence.account_controls
    wall = next((reading for reading in accounts if reading.outcome in _WALLED), None)
    absent = [reading.outcome for reading in accounts if reading.kind is ControlKind.ABSENT]
    answered = [outcome for outcome in absent if outcome not in _NO_ANSWER]
    if any(reading.ok for reading in accounts) or Outcome.SHOWN in absent or not answered:
        return None
    return wall


def _walled(evidence: PageEvidence) -> str | None:
    wall = _behind_a_wall(evidence)
    if wall is None:
        return None
    others = ", ".join(
        f"{reading.handle}: {reading.outcome.value}"
        for reading in evidence.account_controls
        if reading.outcome not in _NO_ANSWER
    )
    return (
        f"The control account {wall.handle} met a wall ({wall.outcome.value}), and no other one looked right "
        f"({others}), so a wall may stand before every page, and nothing can be compared."
    )


def _all_controls_failed(evidence: PageEvidence) -> str | None:
    controls = evidence.account_controls
    answered = [reading for reading in controls if reading.outcome not in _NO_ANSWER]
    if any(reading.ok for reading in controls) or len({reading.kind for reading in answered}) < _SEVERAL:
        return None
    if _behind_a_wall(evidence):
        return None
    outcomes = ", ".join(f"{reading.handle}: {reading.outcome.value}" for reading in answered)
    return (
        f"Every control account looked wrong ({outcomes}) although the platform answered, so what selfcheck "
        f"knows about this platform is out of date."
    )


def _suspended_control(evidence: PageEvidence) -> str:
    """Return what a page known to be suspended adds to the other controls."""
    for reading in evidence.case.controls:
        if reading.kind is ControlKind.SUSPENDED and reading.outcome not in _NO_ANSWER:
            still = "still says so" if reading.ok else "does not say so either"
            return f" A page known to be suspended ({reading.handle}) {still}."
    return ""


def _a_page(reading: ControlReading) -> str:
    """Return what a control's page is of, at the beginning of a sentence."""
    return "An account" if reading.page is PageKind.PROFILE else f"A {reading.page.value}"


def _absent_shown(evidence: PageEvidence) -> str | None:
    if evidence.kind is PageKind.STATS or _behind_a_wall(evidence):
        return None
    for reading in _failed(evidence, ControlKind.ABSENT):
        if reading.outcome not in _NO_ANSWER:
            return (
                f"{_a_page(reading)} that cannot exist ({reading.handle}) looked '{reading.outcome.value}' "
                f"and not 'not_found', so what selfcheck knows about this platform is out of date."
                f"{_suspended_control(evidence)}"
            )
    return None


def _live_gone(evidence: PageEvidence) -> str | None:
    failed = _failed(evidence, ControlKind.LIVE)
    wall = next((reading for reading in failed if reading.outcome in _WALLED), None)
    for reading in failed:
        if reading.outcome not in _NO_ANSWER:
            cause = (
                f"and {wall.handle} met a wall ({wall.outcome.value}), so one may stand before every page."
                if wall
                else "so the platform, or what selfcheck knows about it, is at fault."
            )
            return (
                f"{_a_page(reading)} that everyone should see ({reading.handle}) looked "
                f"'{reading.outcome.value}' in the same run, {cause}{_suspended_control(evidence)}"
            )
    return None


def _controls_walled(evidence: PageEvidence) -> str | None:
    for kind in (ControlKind.LIVE, ControlKind.ABSENT):
        for reading in _failed(evidence, kind):
            if reading.outcome in _NO_ANSWER:
                met = f"{reading.handle} met '{reading.outcome.value}'"
                return f"The control account {met}, so nothing can be compared."
    return None


def _wall_unproven(evidence: PageEvidence) -> str | None:
    """Return why plain words do not stand where everybody is asked to sign in."""
    told = evidence.public_sees in {Outcome.SUSPENDED, Outcome.REMOVED}
    if not evidence.case.sureness.login_wall or not told or controls_pass(evidence.case):
        return None
    return (
        "This platform asks every visitor to sign in, and no control account of this run proves that what "
        "logged-out visitors are told is about this account."
    )


# -- the rows --------------------------------------------------------------------------------------------

_control = partial(unknown, layer=Layer.CONTROLS, gap=MonitoringGap.CONTROLS)

CONTROLS_LATER = (
    "Run again later; if the result stays the same, the platform file is out of date. "
    "`{doctor}` says from when its marks are."
)
PRECONDITIONS: tuple[Rule, ...] = (
    *ACCESS_RULES,
    READER_UNUSABLE,
    unknown(
        id="session.expired",
        layer=Layer.SESSION,
        check=_session_expired,
        evidence="Anonymous compared with anonymous says 'fine' (changedetection.io 3690, 1836).",
        looks_at="The author's views of this run: signs that the visitor is signed out.",
        false_positives="A new layout whose sign of being signed in is not known.",
        would_change="Signing in again, and a run that shows it.",
        next_step="Sign in again: `{login}` (or run with --anonymous-only)",
        gap=MonitoringGap.SESSION_EXPIRED,
        voids_author_view=True,
    ),
    unknown(
        id="session.view-logged-out",
        layer=Layer.SESSION,
        check=_view_logged_out,
        evidence="Error pages are often the same for everybody, so they say nothing of the session.",
        looks_at="This page's author view: signs of a logged-out visitor, where no page shows that the "
        "session ended.",
        false_positives="A sign of logged-out visitors that stands on pages of signed-in ones too.",
        would_change="A page load with the session that shows no sign of a logged-out visitor.",
        next_step="Run again later. If it stays so, see whether the session still works: `{session_check}`",
    ),
    unknown(
        id="session.other-account",
        layer=Layer.SESSION,
        check=_other_account,
        evidence="Another account's view is not the author's.",
        looks_at="Whose name the author's views show.",
        false_positives="An author with several accounts in one session.",
        would_change="A session that is signed in as this author.",
        next_step="Sign in as {handle}: `{login}` (or, if the account was renamed, correct its handle in "
        "your profiles file)",
        gap=MonitoringGap.OTHER_ACCOUNT,
        voids_author_view=True,
        private=True,
    ),
    _control(
        id="controls.walled",
        by_walls_alone=True,
        check=_walled,
        overturns=frozenset({*BAD, Verdict.VISIBLE}),
        evidence="A wall that no mark knows looks like a changed page; a known one gives it away.",
        looks_at="Whether a control account met a wall while no control looked right.",
        false_positives="A platform that changed its pages on the day on which it put up a wall.",
        would_change="One control that looks as it must.",
        next_step=WAYS_PAST_A_WALL,
    ),
    _control(
        id="controls.all-failed",
        check=_all_controls_failed,
        overturns=frozenset(Verdict),
        evidence="Live and absent accounts answered and both looked wrong: the marks are out of date.",
        looks_at="The control accounts of this run, walls and outages left out.",
        false_positives="A platform that shows one and the same page to everyone for an hour.",
        would_change="One control that looks as it must.",
        next_step="The platform file is out of date. To report it: `{export}`, "
        "check what the folder contains, and attach it to a bug report.",
    ),
    _control(
        id="controls.absent-shown",
        check=_absent_shown,
        overturns=frozenset({*BAD, Verdict.VISIBLE}),
        evidence="When an account that cannot exist looks live, marks prove nothing (WhatsMyName).",
        looks_at="The page of an account that cannot exist, with a handle made up for this run.",
        false_positives="A handle that somebody has taken after all.",
        would_change="An account that cannot exist being reported as not found.",
        next_step=CONTROLS_LATER,
    ),
    _control(
        id="controls.live-gone",
        check=_live_gone,
        overturns=frozenset(BAD),
        evidence="When a live account looks gone, the fault is not this account's.",
        looks_at="The logged-out pages of well-known accounts in this run.",
        false_positives="A well-known account that was closed meanwhile; another is tried first.",
        would_change="A well-known account being shown in the same run.",
        next_step=CONTROLS_LATER,
    ),
    _control(
        id="controls.login-wall",
        by_walls_alone=True,
        check=_wall_unproven,
        overturns=frozenset(BAD),
        evidence="Pages that ask everybody to sign in carry words of other pages (X, LinkedIn, Instagram).",
        looks_at="The platform file's `login_wall`, and a live and an absent control beside plain words.",
        false_positives="A suspension that the platform tells on a day when the controls meet its wall.",
        would_change="A live and an absent control that look as they must in the same run.",
        next_step="Ask a friend who is signed in there to open the page.",
    ),
    _control(
        id="controls.no-answer",
        by_walls_alone=True,
        check=_controls_walled,
        overturns=frozenset(BAD),
        spares_own_words=True,
        evidence="A wall or outage before the controls stands before the account too.",
        looks_at="Whether the control accounts met a wall or an outage.",
        false_positives="A wall that stood for one moment only. What the public is told in so many words "
        "stands beside it, as likely.",
        would_change="Controls that are answered in the same run.",
        next_step=CONTROLS_LATER,
    ),
)
