"""The profiles of a run, each with its platform and session, and notes on what is lacking.

Laws:
1. A session that is missing or cannot be used is a note in the result, never an error: the public's view is
   checked all the same.
2. The demo's site is up as long as its profiles are checked, and signs its own authors in.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime

from selfcheck.browser.backoff import BackoffRegistry
from selfcheck.core.case import PastLooks, PastNumbers
from selfcheck.core.enums import BrowserMode
from selfcheck.core.hosts import host_of
from selfcheck.core.request import ProfileRequest, Request
from selfcheck.demo.site import DemoSite
from selfcheck.errors import SelfcheckError, SessionKeyMissingError, SessionKeyWrongError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import home_of, is_own_demo
from selfcheck.platforms.schema import Platform
from selfcheck.runs.environment import RunEnvironment
from selfcheck.runs.investigation import Question
from selfcheck.runs.learning import Earlier
from selfcheck.runs.plan import Settled
from selfcheck.sessions.clearances import Clearances
from selfcheck.sessions.session_expiry import expected_end, expiry_foreseen
from selfcheck.sessions.store import StorageState

ANONYMOUS_ONLY = "Only the public view was checked, as asked."
REMOTE_ONLY = (
    "Only the public view was checked, because the browser is on another machine: a session never leaves this"
    " one. To compare it with yours, run without `connect`."
)
_ONE_VIEW = "only the public view was checked"
_KEY_TROUBLE = (SessionKeyMissingError, SessionKeyWrongError)


@dataclass(frozen=True, kw_only=True)
class CheckSubject:
    """One profile with all that is needed to open its pages."""

    profile: ProfileRequest
    platform: Platform
    session: StorageState | None
    saved: bool = False  # the session lies in the store, so it is saved again when the platform rotates it
    notes: tuple[str, ...] = ()
    sign_in_with: str = ""  # the command that signs the author in
    keeps_clearance: bool = False  # the user lets a wall's own cookie be kept
    readers: Mapping[str, StorageState] = field(
        default_factory=dict
    )  # other accounts' sessions, by viewpoint
    clearance: StorageState | None = None  # what a wall remembers of the logged-out viewpoint

    def question(
        self,
        environment: RunEnvironment,
        *,
        seed: int,
        past: tuple[PastNumbers, ...] = (),
        settled: Settled,
        looks: PastLooks | None = None,
        earlier: Earlier | None = None,
    ) -> Question:
        """Return what is to be found out; the run's seed decides which controls are drawn."""
        return Question(
            profile=self.profile,
            platform=self.platform,
            signed_in=self.session is not None,
            seed=f"{seed} {self.platform.platform}",
            past=past,
            settled=settled,
            looks=looks or PastLooks(),
            earlier=earlier or {},
            notes=self.notes,
            readers=tuple(self.readers),
            sign_in_with=self.sign_in_with,
            hints=environment.hints,
        )


@contextmanager
def subjects_of(request: Request, environment: RunEnvironment) -> Iterator[tuple[CheckSubject, ...]]:
    """Give every profile with its platform and session; the demo site is up while the block runs."""
    with ExitStack() as stack:
        site: list[DemoSite] = []

        def demo_site() -> DemoSite:
            if not site:
                site.append(stack.enter_context(DemoSite()))
            return site[0]

        subjects = [_subject(profile, request, environment, demo_site) for profile in request.profiles]
        if request.options.keep_clearance and request.options.mode is not BrowserMode.REMOTE:
            subjects = [_with_clearance(subject, environment) for subject in subjects]
        yield tuple(subjects)


def _subject(
    profile: ProfileRequest, request: Request, environment: RunEnvironment, demo_site: Callable[[], DemoSite]
) -> CheckSubject:
    platform = load_platform(profile.platform)
    is_demo = is_own_demo(profile, platform)
    if is_demo:
        profile = replace(profile, base_url=demo_site().url)
    if request.options.anonymous_only:
        return _without_session(profile, platform, ANONYMOUS_ONLY)
    if request.options.mode is BrowserMode.REMOTE:
        return _without_session(profile, platform, REMOTE_ONLY)
    if is_demo:
        try:
            state = demo_site().storage_state(profile.handle)
        except LookupError as error:
            return _without_session(profile, platform, f"Only the public view was checked: {error}.")
        return CheckSubject(profile=profile, platform=platform, session=state)
    login = environment.hints.command("login", profile.name, profiles=request.source)
    subject = _with_saved_session(profile, platform, environment, login)
    return _with_readers(replace(subject, sign_in_with=login), environment)


def _without_session(profile: ProfileRequest, platform: Platform, note: str) -> CheckSubject:
    return CheckSubject(profile=profile, platform=platform, session=None, notes=(note,))


def _with_saved_session(
    profile: ProfileRequest, platform: Platform, environment: RunEnvironment, login: str
) -> CheckSubject:
    if platform.sign_in is None:
        note = f"The platform file of {platform.title} knows no sign-in, so {_ONE_VIEW}."
        return _without_session(profile, platform, note)
    try:
        state = environment.sessions.load(profile.session)
    except SelfcheckError as error:
        why = error.what.removesuffix(".")
        step = (
            error.next_step_text(environment.hints)
            if isinstance(error, _KEY_TROUBLE)
            else f"To sign in again: {login}"
        )
        note = f"The saved session could not be used ({why}), so {_ONE_VIEW}. {step}"
        return _without_session(profile, platform, note)
    if state is None:
        note = f"No saved session, so {_ONE_VIEW}. To compare it with yours: {login}"
        return _without_session(profile, platform, note)
    end = expected_end(state, platform=platform, base_url=profile.base_url)
    soon = expiry_foreseen(end, environment.now())
    return CheckSubject(
        profile=profile,
        platform=platform,
        session=state,
        saved=not environment.sessions.in_environment(profile.session),
        notes=(f"{soon[:1].upper()}{soon[1:]}. To sign in again before: {login}",) if soon else (),
    )


def _with_readers(subject: CheckSubject, environment: RunEnvironment) -> CheckSubject:
    """Give the sessions of further accounts, where the user named any and they can be used."""
    readers, notes = {}, list(subject.notes)
    for reader in subject.profile.readers if subject.platform.sign_in is not None else ():
        why = "there is no saved session of this name"
        try:
            state = environment.sessions.load(reader.session)
        except SelfcheckError as error:
            state, why = None, error.what.removesuffix(".")
        if state is None:
            notes.append(
                f"The account of `readers: {reader.viewpoint}` did not look ({reader.session}: {why})."
            )
        else:
            readers[reader.viewpoint] = state
    return replace(subject, readers=readers, notes=tuple(notes))


def _with_clearance(subject: CheckSubject, environment: RunEnvironment) -> CheckSubject:
    subject = replace(subject, keeps_clearance=True)
    home = home_of(subject.profile, subject.platform)
    try:
        clearance = Clearances(environment.sessions).load(subject.platform, home, environment.now())
    except SelfcheckError as error:
        note = f"What a bot wall was told earlier could not be used ({error.what.removesuffix('.')})."
        return replace(subject, notes=(*subject.notes, note))
    return replace(subject, clearance=clearance)


def with_backoff_note(subject: CheckSubject, backoffs: BackoffRegistry, now: datetime) -> CheckSubject:
    """Return the subject with a note where its platform asked to be left alone until later."""
    backoff = backoffs.active(
        subject.platform.platform, host_of(home_of(subject.profile, subject.platform)), now
    )
    if backoff is None:
        return subject
    answer = "asked to be left alone" if backoff.told else "answered that there were too many requests"
    note = (
        f"{subject.platform.title} {answer} (429, {backoff.asked_at:%Y-%m-%d %H:%M} UTC), so no page of it is"
        f" opened until {backoff.until:%Y-%m-%d %H:%M} UTC."
    )
    return replace(subject, notes=(*subject.notes, note))
