"""`selfcheck run`: open each page from both viewpoints, judge once, keep the evidence.

An interruption ends the page loads at once; the verdicts that were reached by then are kept.
"""

import asyncio
import platform as system
import sys
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager, closing, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from random import Random

from loguru import logger

from selfcheck import __version__
from selfcheck.artifacts.learned_file import earlier_shapes
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.browser.assistance import Assistance
from selfcheck.browser.backoff import BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.browser.discovery import BrowserChoice, provide_browser
from selfcheck.browser.display import check_display
from selfcheck.browser.launcher import RemoteBrowser
from selfcheck.browser.pool import BrowserPool, PoolOptions, open_pool
from selfcheck.core.capture import Capture
from selfcheck.core.enums import BrowserMode, Outcome
from selfcheck.core.hosts import is_loopback
from selfcheck.core.request import Request, RunOptions
from selfcheck.core.run import ExitCode, HostFootprint, RefusedRequest, RunResult, ToolInfo, exit_code
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.errors import SelfcheckError, SessionStoreError, StorageError
from selfcheck.history.previous_runs import PastRuns
from selfcheck.history.service import past_runs, past_runs_of_folders, taken_in_words
from selfcheck.judge import RULES_VERSION
from selfcheck.observe import observe
from selfcheck.runs.allowance import announcement, refuse_a_spent_day
from selfcheck.runs.environment import ProgressReporter, RunEnvironment
from selfcheck.runs.investigation import Investigation, Question
from selfcheck.runs.limits import goes_on_with, is_limited
from selfcheck.runs.plan import planned_lines, template_values
from selfcheck.runs.profile_check import PageDriver, SharedPool, check_profile
from selfcheck.runs.render_html import report_html
from selfcheck.runs.run_allowance import RunAllowance
from selfcheck.runs.run_recorder import RunRecorder, bug
from selfcheck.runs.subjects import CheckSubject, subjects_of, with_backoff_note
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.storage.data_folder import RESULT, RUN_REPORT, DataFolder
from selfcheck.storage.limits_table import LimitsTable

LARGEST_SEED = 2**53
"""Every JSON reader takes whole numbers below it exactly."""

RUN_ID_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"
"""No letter that is mistaken for another when somebody reads a run's id aloud."""


@dataclass(frozen=True, kw_only=True)
class SharedResources:
    """What a run has from a process that makes many, in place of what the data folder and it itself have."""

    table: LimitsTable
    earlier: DataFolder  # whose folders are the earlier runs; it has no history of its own
    open_pool: Callable[
        [BrowserChoice | RemoteBrowser, PoolOptions], AbstractAsyncContextManager[BrowserPool]
    ] = open_pool


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
    environment: RunEnvironment,
    progress: ProgressReporter,
    begun: Callable[[], None] = lambda: None,
    shared: SharedResources | None = None,
) -> Finished:
    """Check every profile of the request and keep the evidence. Not refused, it calls `begun` first.

    An interruption (cancellation) is a result with exit code 130. Raises SelfcheckError where nothing could
    be begun.
    """
    data = DataFolder(request.options.data_dir)
    earlier = shared.earlier if shared else data
    past = await asyncio.to_thread(past_runs_of_folders if shared else past_runs, earlier)
    if past.taken_in:
        progress.say(taken_in_words(past.taken_in))
    with nullcontext(shared.table) if shared else closing(table_of(request, data)) as table:
        looks = past.last_looks(left_out=is_loopback)
        request = goes_on_with(request, looks, environment.now(), table.waiting())
        with subjects_of(request, environment) as subjects:
            backoffs = BackoffRegistry(read_backoffs(data), table)
            allowance = RunAllowance(subjects, table, environment.now)
            refuse_a_spent_day(allowance.plans(), allowance.expected, environment.now())
            await asyncio.to_thread(begun)
            choice = await asyncio.to_thread(provide, request.options, progress.say)
            folder = RunFolder.create(data, new_run_id(environment.now(), environment.random))
            logger.debug("run {} with {}", folder.path.name, choice)
            checks = _Checks(
                subjects=tuple(
                    with_backoff_note(subject, backoffs, environment.now()) for subject in subjects
                ),
                recorder=RunRecorder(folder),
                environment=environment,
                progress=progress,
                past=past,
                earlier=earlier,
                options=request.options,
                allowance=allowance,
                seed=environment.random.randrange(LARGEST_SEED),
            )
            pools = partial(shared.open_pool if shared else open_pool, choice)
            return await _run(request, checks, pools, table, backoffs)


def table_of(request: Request, data: DataFolder) -> LimitsTable:
    """Return the table that a run shares with all others; a run on this machine alone shares nothing."""
    return LimitsTable.open(data) if is_limited(request.profiles) else LimitsTable.in_memory()


async def _run(
    request: Request,
    checks: "_Checks",
    pools: Callable[[PoolOptions], AbstractAsyncContextManager[BrowserPool]],
    table: LimitsTable,
    backoffs: BackoffRegistry,
) -> Finished:
    options, recorder, progress = request.options, checks.recorder, checks.progress
    folder, now = recorder.folder, checks.environment.now
    started = now()
    for line in announcement(checks.allowance.plans(), started):
        progress.say(line)
    progress.expect(sum(expected.total for expected in checks.allowance.expected))
    checks.allowance.begin()
    with folder:
        try:
            pool_options = PoolOptions(
                mode=options.mode,
                jobs=options.jobs,
                say=progress.say,
                clock=now,
                table=table,
                backoffs=backoffs,
                assistance=assistance_for(checks.subjects, progress.say) if options.assist else None,
            )
            async with pools(pool_options) as pool:
                await checks.run_all(pool)
        except asyncio.CancelledError:
            checks.interrupted = True
        result = checks.result(request, folder.path.name, started)
    keep_backoffs(backoffs, DataFolder(options.data_dir), recorder, now())
    if table.trouble:
        progress.say(table.trouble)
    result = kept(result, recorder, now())
    return Finished(result=result, folder=folder.path, written=folder.names)


def dry_run(request: Request, environment: RunEnvironment) -> tuple[str, ...]:
    """Return in words what a run would open now, and how long it takes. Raise TooEarlyError as a run does."""
    data, now = DataFolder(request.options.data_dir), environment.now()
    with closing(table_of(request, data)) as table:
        looks = past_runs(data).last_looks(left_out=is_loopback)
        request = goes_on_with(request, looks, now, table.waiting())
        with subjects_of(request, environment) as subjects:
            allowance = RunAllowance(subjects, table, environment.now)
    lines: list[str] = []
    for one, subject in ((one, subject) for one in allowance.expected for subject in subjects):
        if subject.profile.name == one.profile:
            pages = planned_lines(subject.profile, subject.platform, signed_in=subject.session is not None)
            lines += (one.in_words(), *pages)
    return (*lines, *announcement(allowance.plans(), now), "Nothing was opened.")


def keep_backoffs(backoffs: BackoffRegistry, data: DataFolder, recorder: RunRecorder, now: datetime) -> None:
    """Remember for the next run which platforms asked to be left alone; a disk that refuses is recorded."""
    if not backoffs.changed:
        return
    try:
        write_backoffs(data, backoffs.known(), now)
    except StorageError as error:
        recorder.refused(error)


@dataclass(kw_only=True)
class _Checks:
    """The checks of one run and what came of them."""

    subjects: tuple[CheckSubject, ...]
    recorder: RunRecorder
    environment: RunEnvironment
    progress: ProgressReporter
    past: PastRuns
    earlier: DataFolder  # where the earlier runs' folders are
    options: RunOptions
    allowance: RunAllowance
    seed: int
    interrupted: bool = False
    verdicts: dict[str, ProfileVerdict] = field(default_factory=dict)  # by the profile's name
    failures: dict[str, str] = field(default_factory=dict)
    not_checked: set[str] = field(default_factory=set)  # for the day's page views ended meanwhile
    browser: str = "unknown"
    page_views: dict[str, int] = field(default_factory=dict)
    footprint: tuple[HostFootprint, ...] = ()
    refused_requests: tuple[RefusedRequest, ...] = ()

    async def run_all(self, pool: BrowserPool) -> None:
        """Check every profile; one that fails leaves the others alone."""
        self.browser = pool.version
        subjects = {subject.profile.name: subject for subject in self.subjects}
        shared, author_pages = SharedPool(pool), _author_pages(self.options, self.environment)
        try:
            async with asyncio.TaskGroup() as group:
                for expected in self.allowance.expected:
                    subject = subjects[expected.profile]
                    group.create_task(self._in_turn(subject, shared, author_pages))
        finally:
            self.not_checked = {name for name in subjects if pool.was_cut_short(name)}
            self.page_views = dict(pool.page_views)
            self.footprint = pool.footprint
            self.refused_requests = pool.refused_requests

    async def _in_turn(
        self, subject: CheckSubject, shared: SharedPool, author_pages: AuthorPages | None
    ) -> None:
        name, pool = subject.profile.name, shared.pool
        async with self.allowance.turn(name, pool.page_views_of) as may_begin:
            if may_begin:
                await self._check(subject, shared, author_pages)
                if not pool.was_cut_short(name):
                    self.allowance.finished(name)

    async def _check(
        self, subject: CheckSubject, shared: SharedPool, author_pages: AuthorPages | None
    ) -> None:
        name = subject.profile.name
        try:
            driver = PageDriver(
                subject,
                shared=shared,
                environment=self.environment,
                progress=self.progress,
                recorder=self.recorder,
                author_pages=author_pages,
            )
            investigation = Investigation(self._question(subject))
            verdict = await check_profile(investigation, driver, self.recorder, self.environment)
        except SelfcheckError as error:
            self._failed(name, " ".join(error.lines(self.environment.hints)))
        except Exception as error:  # noqa: BLE001 — a bug in one profile must not lose another's result
            logger.opt(exception=error).debug("profile {} failed", name)
            self._failed(name, bug("selfcheck itself failed on this profile", error))
        else:
            self.verdicts[name] = verdict
            self.progress.done(verdict)

    def _question(self, subject: CheckSubject) -> Question:
        handle = subject.platform.shown_handle(subject.profile.handle)
        who = subject.profile.name, subject.platform.platform, handle
        now = self.environment.now()
        return subject.question(
            self.environment,
            seed=self.seed,
            past=self.past.of(*who),
            settled=self.past.settled(*who, now=now),
            looks=self.past.past_looks(*who, now=now, rules_version=RULES_VERSION),
            earlier=earlier_shapes(self.earlier, subject.profile.name),
        )

    def _failed(self, name: str, text: str) -> None:
        self.failures[name] = text
        self.progress.failed(name, text)

    def result(self, request: Request, run_id: str, started: datetime) -> RunResult:
        """Return the run's result in the order of the request."""
        names = [subject.profile.name for subject in self.subjects]
        verdicts = tuple(self.verdicts[name] for name in names if name in self.verdicts)
        not_checked = tuple(
            name for name in names if name in self.not_checked or name not in {*self.verdicts, *self.failures}
        )
        failures = [f"{name}: {self.failures[name]}" for name in names if name in self.failures]
        return RunResult(
            run_id=run_id,
            started_at=started,
            finished_at=self.environment.now(),
            tool=tool_info(self.browser),
            profiles=verdicts,
            exit_code=exit_code(
                tuple(profile.verdict for profile in verdicts),
                fail_on=request.options.fail_on,
                interrupted=self.interrupted,
                failed=bool(failures),
                unfinished=bool(not_checked),
            ),
            page_views=self.page_views,
            footprint=self.footprint,
            refused_requests=self.refused_requests,
            failures=tuple(failures),
            not_checked=not_checked,
            seed=self.seed,
            browser_mode=request.options.mode,
        )


def _author_pages(options: RunOptions, environment: RunEnvironment) -> AuthorPages | None:
    """Return where the author's pages are kept, rid of those whose time is over; None: none are kept."""
    if options.keep_author_pages is None:
        return None
    pages = AuthorPages(environment.sessions)
    with suppress(SessionStoreError):  # where nothing can be deleted nothing can be kept, which is said then
        pages.delete_before(environment.now() - options.keep_author_pages)
    return pages


def provide(options: RunOptions, say: Callable[[str], None]) -> BrowserChoice | RemoteBrowser:
    """Return the browser that these options ask for. Raise BrowserMissingError where there is none."""
    if options.connect:
        return RemoteBrowser(options.connect)
    check_display(options.mode)
    return provide_browser(options.browser, headed=options.mode is not BrowserMode.HEADLESS, say=say)


def assistance_for(subjects: tuple[CheckSubject, ...], say: Callable[[str], None]) -> Assistance:
    """Return the help of a person with the walls that these subjects' platform files know."""
    platforms = {subject.profile.name: subject for subject in subjects}
    any_subject = subjects[0]

    def is_wall(capture: Capture) -> bool:
        # A control belongs to no profile; walls look the same for all.
        subject = platforms.get(capture.visit.profile, any_subject)
        values = template_values(subject.profile, subject.platform, capture.visit)
        return observe(capture, subject.platform, values).outcome is Outcome.CHALLENGE

    return Assistance(is_wall=is_wall, say=say)


def tool_info(browser: str) -> ToolInfo:
    """Return what made the run: our version, the rules, the browser and the machine's system."""
    python = ".".join(str(part) for part in sys.version_info[:3])
    return ToolInfo(
        version=__version__,
        rules_version=RULES_VERSION,
        browser=browser,
        platform=f"{system.system()} {system.release()}, Python {python}",
    )


def kept(result: RunResult, recorder: RunRecorder, now: datetime) -> RunResult:
    """Write the report, the manifest and the result; say in the result where the disk refused."""
    result = _with_trouble(result, recorder)
    try:
        report = report_html(result, recorder.previews)
    except Exception as error:  # noqa: BLE001 — a report that cannot be made must not lose the verdicts
        logger.opt(exception=error).debug("no report")
        recorder.trouble = recorder.trouble or bug("the report could not be made", error)
    else:
        recorder.write(RUN_REPORT, report.encode(), how="report", at=now)
    recorder.pack_pictures(result)
    recorder.keep_extracts(result, now)
    result = _with_trouble(result, recorder)
    try:
        recorder.folder.finish(result.tool, result=_document(result), at=now)
    except StorageError as error:
        recorder.refused(error)
        result = _with_trouble(result, recorder)
        # A verdict that cannot be proved is one still.
        recorder.write(RESULT, _document(result), how="result", at=now)
    return _with_trouble(result, recorder)


def _document(result: RunResult) -> bytes:
    return RunDocument.of(result).to_json().encode()


def _with_trouble(result: RunResult, recorder: RunRecorder) -> RunResult:
    """Return the result with what could not be kept told in it; that is a failure of the tool."""
    if recorder.trouble is None or recorder.trouble in result.failures:
        return result
    code = result.exit_code
    if code in {ExitCode.ALL_VISIBLE, ExitCode.INCONCLUSIVE}:
        code = ExitCode.TOOL_FAILED
    return replace(result, failures=(*result.failures, recorder.trouble), exit_code=code)
