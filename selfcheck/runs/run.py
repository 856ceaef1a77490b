"""`selfcheck run`: look twice, judge once, keep the proof."""

import asyncio
import platform as system
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

from loguru import logger

from selfcheck import __version__
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.browser.backoff import BackoffRegistry
from selfcheck.browser.backoff_store import read_backoffs, write_backoffs
from selfcheck.browser.discovery import provide_browser
from selfcheck.browser.pool import BrowserPool, open_pool
from selfcheck.core.hosts import is_loopback
from selfcheck.core.request import ProfileRequest, Request
from selfcheck.core.run import ExitCode, RunResult, ToolInfo, exit_code
from selfcheck.core.run_document import RunDocument
from selfcheck.demo.site import DemoSite
from selfcheck.errors import SelfcheckError, SessionKeyMissingError, SessionKeyWrongError, StorageError
from selfcheck.history.previous_runs import SETTLED_FOR, PastRuns
from selfcheck.judge import RULES_VERSION
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import ControlPool
from selfcheck.runs.environment import ProgressReporter, RunEnvironment
from selfcheck.runs.limits import refuse_too_early, with_notes
from selfcheck.runs.profile_check import CheckSubject, ProfileCheck
from selfcheck.runs.render_html import report_html
from selfcheck.runs.run_recorder import RunRecorder, bug
from selfcheck.sessions.session_expiry import expected_end, expiry_foreseen

if TYPE_CHECKING:
    from selfcheck.core.footprint import HostFootprint
    from selfcheck.core.verdict import ProfileVerdict

LARGEST_SEED = 2**53
"""Every JSON reader takes whole numbers below it exactly."""

RUN_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is mistaken for another when somebody reads a run's id aloud."""


@dataclass(frozen=True, kw_only=True)
class Finished:
    """A run's result and where its files lie."""

    result: RunResult
    folder: Path
    written: frozenset[str]  # the files in the folder, by their paths within it


def new_run_id(now: datetime, random: Random) -> str:
    """Return an id that sorts by time and that two runs of the same second do not share."""
    return f"{now:%Y%m%dT%H%M%SZ}-{''.join(random.choices(RUN_ID_LETTERS, k=6))}"


async def run(
    request: Request,
    *,
    world: RunEnvironment,
    watcher: ProgressReporter,
    begun: Callable[[], None] = lambda: None,
) -> Finished:
    """Check every profile of the request and keep the evidence. Not refused, it calls `begun` first.

    An interruption (cancellation) ends the looking at once; the verdicts that were reached are kept and
    returned with exit code 130. Raises SelfcheckError where nothing could be begun.
    """
    options = request.options
    past = await asyncio.to_thread(PastRuns.read, options.data_dir)
    refuse_too_early(request, past.last_looks(left_out=is_loopback), world.now())
    await asyncio.to_thread(begun)
    doors = BackoffRegistry(read_backoffs(options.data_dir))
    choice = await asyncio.to_thread(provide_browser, options.browser, headed=options.headed, say=watcher.say)
    folder = RunFolder.create(options.data_dir, new_run_id(world.now(), world.random))
    keeper = RunRecorder(folder)
    logger.debug("run {} with {}", folder.path.name, choice)
    started = world.now()
    with subjects_of(request, world) as at_first:
        subjects = with_notes(at_first, doors, started)
        looking = _Run(subjects, keeper=keeper, world=world, watcher=watcher, past=past)
        version, interrupted = "unknown", False
        try:
            async with open_pool(
                choice,
                headed=options.headed,
                jobs=options.jobs,
                say=watcher.say,
                clock=world.now,
                doors=doors,
            ) as eyes:
                version = eyes.version
                await looking.all(eyes)
        except asyncio.CancelledError:
            interrupted = True
        result = looking.result(request, folder.path.name, started, version, interrupted=interrupted)
    remember(doors, options.data_dir, keeper, world.now())
    result = kept(result, keeper, world.now())
    return Finished(result=result, folder=folder.path, written=folder.names)


def remember(doors: BackoffRegistry, data_dir: Path, keeper: RunRecorder, now: datetime) -> None:
    """Keep what platforms said of being left alone, for the next run; a disk that refuses is said."""
    if not doors.changed:
        return
    try:
        write_backoffs(data_dir, doors.known(), now)
    except StorageError as error:
        keeper.refused(error)


@contextmanager
def subjects_of(request: Request, world: RunEnvironment) -> Iterator[tuple[CheckSubject, ...]]:
    """Give every profile with its platform and session; the demo site is up while they are looked at."""
    with ExitStack() as stack:
        site: list[DemoSite] = []

        def demo_site() -> DemoSite:
            if not site:
                site.append(stack.enter_context(DemoSite()))
            return site[0]

        yield tuple(_subject(profile, request, world, demo_site) for profile in request.profiles)


def _subject(
    profile: ProfileRequest, request: Request, world: RunEnvironment, demo_site: Callable[[], DemoSite]
) -> CheckSubject:
    platform = load_platform(profile.platform)
    if platform.built_in_demo and profile.base_url is None:
        at_home = replace(profile, base_url=demo_site().url)
        if request.options.anonymous_only:
            return CheckSubject(profile=at_home, platform=platform, session=None, notes=(ANONYMOUS_ONLY,))
        return _signed_in_on(demo_site(), at_home, platform)
    if request.options.anonymous_only:
        return CheckSubject(profile=profile, platform=platform, session=None, notes=(ANONYMOUS_ONLY,))
    login = world.hints.command("login", profile.name, profiles=request.source)
    return replace(_with_session(profile, platform, world, login), sign_in_with=login)


def _signed_in_on(site: DemoSite, profile: ProfileRequest, platform: Platform) -> CheckSubject:
    try:
        state = site.storage_state(profile.handle)
    except LookupError as error:
        note = f"Only the strangers' view was looked at: {error}."
        return CheckSubject(profile=profile, platform=platform, session=None, notes=(note,))
    return CheckSubject(profile=profile, platform=platform, session=state)


ANONYMOUS_ONLY = "Only the strangers' view was looked at, as asked."
_ONE_VIEW = "only the strangers' view was looked at"
_KEY_TROUBLE = (SessionKeyMissingError, SessionKeyWrongError)


def _with_session(
    profile: ProfileRequest, platform: Platform, world: RunEnvironment, login: str
) -> CheckSubject:
    if platform.sign_in is None:
        note = f"The platform file of {platform.title} knows no sign-in, so {_ONE_VIEW}."
        return CheckSubject(profile=profile, platform=platform, session=None, notes=(note,))
    try:
        state = world.sessions.load(profile.session)
    except SelfcheckError as error:
        why = error.what.removesuffix(".")
        mend = (
            error.next_step_text(world.hints)
            if isinstance(error, _KEY_TROUBLE)
            else f"To sign in again: {login}"
        )
        note = f"The saved session could not be used ({why}), so {_ONE_VIEW}. {mend}"
        return CheckSubject(profile=profile, platform=platform, session=None, notes=(note,))
    if state is None:
        note = f"No saved session, so {_ONE_VIEW}. To compare it with yours: {login}"
        return CheckSubject(profile=profile, platform=platform, session=None, notes=(note,))
    end = expected_end(state, platform=platform, base_url=profile.base_url)
    soon = expiry_foreseen(end, world.now())
    return CheckSubject(
        profile=profile,
        platform=platform,
        session=state,
        saved=not world.sessions.in_environment(profile.session),
        notes=(f"{soon[:1].upper()}{soon[1:]}. To sign in again before: {login}",) if soon else (),
    )


class _Run:
    """The checks of one run and what came of them."""

    def __init__(
        self,
        subjects: tuple[CheckSubject, ...],
        *,
        keeper: RunRecorder,
        world: RunEnvironment,
        watcher: ProgressReporter,
        past: PastRuns,
    ) -> None:
        self._subjects = subjects
        self._keeper = keeper
        self._world = world
        self._watcher = watcher
        self._past = past
        self._seed = world.random.randrange(LARGEST_SEED)
        self._verdicts: dict[str, ProfileVerdict] = {}
        self._failures: dict[str, str] = {}
        self._page_views: dict[str, int] = {}
        self._footprint: tuple[HostFootprint, ...] = ()

    async def all(self, eyes: BrowserPool) -> None:
        """Check every profile; one that fails leaves the others alone."""
        desks: dict[tuple[str, str, tuple[str, ...] | None], ControlPool] = {}
        try:
            async with asyncio.TaskGroup() as group:
                for subject in self._subjects:
                    profile = subject.profile
                    key = (profile.platform, subject.home, profile.live_controls)
                    chance = Random(f"{self._seed} {subject.platform.platform}")  # noqa: S311  which control, no secret
                    desk = desks.setdefault(key, ControlPool(profile, subject.platform, chance))
                    group.create_task(self._one(subject, eyes, desk))
        finally:
            self._page_views = dict(eyes.page_views)
            self._footprint = eyes.footprint

    async def _one(self, subject: CheckSubject, eyes: BrowserPool, desk: ControlPool) -> None:
        name = subject.profile.name
        check = ProfileCheck(
            subject,
            eyes=eyes,
            keeper=self._keeper,
            desk=desk,
            world=self._world,
            watcher=self._watcher,
            past=self._past.of(name, subject.platform.platform, subject.handle),
            settled=self._past.settled(
                name, subject.platform.platform, subject.handle, since=self._world.now() - SETTLED_FOR
            ),
        )
        try:
            verdict = await check.verdict()
        except SelfcheckError as error:
            self._failed(name, " ".join(error.lines()))
        except Exception as error:  # noqa: BLE001 — a bug in one profile must not lose another's result
            logger.opt(exception=error).debug("profile {} failed", name)
            self._failed(name, bug("this profile met a fault of selfcheck's", error))
        else:
            self._verdicts[name] = verdict
            self._watcher.done(verdict)

    def _failed(self, name: str, text: str) -> None:
        self._failures[name] = text
        self._watcher.failed(name, text)

    def result(
        self, request: Request, run_id: str, started: datetime, browser: str, *, interrupted: bool
    ) -> RunResult:
        """Return the run's result in the order of the request."""
        names = [subject.profile.name for subject in self._subjects]
        verdicts = tuple(self._verdicts[name] for name in names if name in self._verdicts)
        failures = [f"{name}: {self._failures[name]}" for name in names if name in self._failures]
        return RunResult(
            run_id=run_id,
            started_at=started,
            finished_at=self._world.now(),
            tool=tool_info(browser),
            profiles=verdicts,
            exit_code=exit_code(
                tuple(one.verdict for one in verdicts),
                fail_on=request.options.fail_on,
                interrupted=interrupted,
                failed=bool(failures),
            ),
            page_views=self._page_views,
            footprint=self._footprint,
            failures=tuple(failures),
            seed=self._seed,
        )


def tool_info(browser: str) -> ToolInfo:
    """Return what made the run: our version, the rules, the browser and the machine's system."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return ToolInfo(
        version=__version__,
        rules_version=RULES_VERSION,
        browser=browser,
        platform=f"{system.system()} {system.release()}, Python {python}",
    )


def kept(result: RunResult, keeper: RunRecorder, now: datetime) -> RunResult:
    """Write the result, the report and the manifest; say in the result where the disk refused."""
    result = _with_trouble(result, keeper)
    try:
        report = report_html(result, keeper.previews)
    except Exception as error:  # noqa: BLE001 — a report that cannot be made must not lose the verdicts
        logger.opt(exception=error).debug("no report")
        keeper.trouble = keeper.trouble or bug("the report could not be made", error)
    else:
        keeper.write("report.html", report.encode(), how="report", at=now)
    result = _with_trouble(result, keeper)
    keeper.write("run.json", RunDocument.of(result).to_json().encode(), how="result", at=now)
    keeper.keep_extracts(result, now)
    try:
        keeper.folder.finish(result.tool)
    except StorageError as error:
        keeper.refused(error)
    return _with_trouble(result, keeper)


def _with_trouble(result: RunResult, keeper: RunRecorder) -> RunResult:
    """Return the result with what could not be kept told in it; that is a failure of the tool."""
    if keeper.trouble is None or keeper.trouble in result.failures:
        return result
    code = result.exit_code
    if code in {ExitCode.ALL_VISIBLE, ExitCode.INCONCLUSIVE}:
        code = ExitCode.TOOL_FAILED
    return replace(result, failures=(*result.failures, keeper.trouble), exit_code=code)
