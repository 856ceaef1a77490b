"""Opens the pages for a worker: one cheap look, or a whole run of selfcheck over one profile.

Laws:
1. A whole look is a run as `selfcheck run` makes it, with the fleet's moments in place of the data folder's.
   What it left out lately and how pages were built it knows from the looks of this machine.
2. Its folder is written beside, and moved to its place before the database names it. Without a session no
   folder is kept: only the verdict.
3. This machine (loopback) has no pace, as in every run.
"""

import asyncio
import shutil
import tempfile
from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping
from contextlib import ExitStack, asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Self

import psycopg
from psycopg.rows import dict_row

from selfcheck.browser.backoff import BackoffRegistry
from selfcheck.browser.kept_browsers import KeptBrowsers
from selfcheck.browser.pool import BrowserPool, PoolOptions, program_pool
from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, Purpose
from selfcheck.core.hosts import host_of, is_loopback
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.core.run import ExitCode
from selfcheck.core.times import plural
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.errors import FleetError
from selfcheck.fleet.database import home_of_fleet
from selfcheck.fleet.members import request_of
from selfcheck.fleet.queue import CLOSE, DEPART, DEPARTED, Departure, SlotJob
from selfcheck.fleet.stages import Look
from selfcheck.fleet.worker import CLOSING, PATIENCE_SECONDS, MomentFarError, Turns, Worker, WorkerOptions
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import home_of
from selfcheck.platforms.schema import Limits, Platform
from selfcheck.runs.environment import NoProgress, RunEnvironment
from selfcheck.runs.plan import fallback_pages, first_pages, program_pages, template_values
from selfcheck.runs.run import Finished, SharedResources, provide, run
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable, PageView, TurnKey

_PAGES_OF_A_RUN = 10
"""How many gaps a whole look takes, more or less: the next one is begun after it."""

_PATIENCE_GAPS = 20
"""How many gaps a run with an open browser waits for its next moment, while others leave before it."""


class FleetLimits(LimitsTable):
    """The table of limits of one run, whose moments and budget are the fleet's."""

    ends_turns_when_answered = True
    _fleet: psycopg.Connection[dict[str, Any]]
    _options: WorkerOptions
    _platform: str
    _limits: Limits
    _patience: float
    far: float | None = None  # for how many seconds no moment is free
    looked: bool = False  # whether a moment was given already
    _lost: psycopg.Error | None = None  # why the database was away

    @classmethod
    def of(cls, options: WorkerOptions, platform: str, limits: Limits, *, patience: float) -> Self:
        """Return the table of one look, which waits no longer than `patience` seconds for a moment."""
        table = cls.in_memory()
        table._fleet = psycopg.connect(options.dsn, autocommit=True, row_factory=dict_row)  # noqa: SLF001
        table._options, table._platform, table._limits = options, platform, limits  # noqa: SLF001
        table._patience = patience  # noqa: SLF001
        return table

    def close(self) -> None:
        """Close both tables."""
        self._fleet.close()
        super().close()

    def lock_turns(self, keys: Iterable[TurnKey]) -> ExitStack | None:
        """Reserve this moment for a page from these viewpoints; None where it is somebody else's.

        Raise MomentFarError where the next one is too far off for a run that is under way.
        """
        options, place = self._options, (self._platform, self._options.address)
        departure = Departure.of(place, self._limits, options.random, views=len(list(keys)))
        asked_at = options.clock()
        row = self._ask(DEPART, departure.asked(self._patience))
        if row["granted"]:
            held = ExitStack()
            held.callback(self._ask, DEPARTED, departure.gone())
            if not options.is_over(asked_at):
                self.looked = True
                return held
            held.close()
        elif row["seconds"] > self._patience:
            self.far = row["seconds"]
            raise MomentFarError(row["seconds"])
        return None

    def turns(
        self,
        keys: Collection[TurnKey],  # noqa: ARG002
    ) -> dict[TurnKey, tuple[float, bool]]:
        """Return nothing: a page that has the moment may leave."""
        return {}

    def write_turns(self, keys: Collection[TurnKey], next_at: float, *, under_way: bool) -> None:
        """Do nothing: the fleet has its own gap."""

    def take(self, view: PageView, at: float, *, most: int | None) -> bool:  # noqa: ARG002
        """Return True: the moment was counted when it was reserved."""
        return True

    def write_pause(self, platform: str, address: str, change: Callable[[str | None], str | None]) -> None:
        """Note that the platform asks to be left alone, at once for all workers too."""
        known = BackoffRegistry(table=self).known()
        super().write_pause(platform, address, change)
        for backoff in BackoffRegistry(table=self).known():
            if backoff not in known:
                pause = backoff.until - backoff.asked_at if backoff.told else None
                why = CLOSING[Outcome.RATE_LIMITED]
                self._ask(CLOSE, {"platform": self._platform, "pause": pause, "why": why})

    def is_alone(self) -> bool:
        """Return whether this is the only whole look at the platform from the address, as it stays then.

        Pages of one run follow each other at the platform's pace: two at once would be no faster, and a slow
        platform would fill the hands of all workers.
        """
        lock = f"whole {self._platform} {self._options.address}"
        return bool(
            self._ask("SELECT pg_try_advisory_lock(hashtextextended(%(lock)s, 1)) AS got", {"lock": lock})[
                "got"
            ]
        )

    def check(self) -> None:
        """Raise what ended a look within the pool and the run, which make results of errors."""
        if self.far is not None:
            raise MomentFarError(self.far, looked=self.looked)
        if self._lost is not None:
            raise self._lost

    def _ask(self, statement: str, values: Mapping[str, object]) -> dict[str, Any]:
        try:
            row = self._fleet.execute(statement.encode(), values).fetchone()
        except psycopg.OperationalError as error:
            self._lost = error
            raise
        return row or {}

    def views(self, platform: str, address: str, now: float) -> tuple[float, ...]:  # noqa: ARG002
        """Return nothing: what is left of the day is asked for with each moment."""
        return ()


def cheap_page(profile: ProfileRequest, platform: Platform) -> PageRequest:
    """Return the page of a triage, of the purpose PROGRAM_VIEW where plain HTTP will do.

    The platform file names it; else it is what the platform offers programs, else the profile.
    """
    pages = first_pages(profile, platform, signed_in=False)
    chosen, plain = pages[0], False
    if platform.cheap is not None:
        by_kind = [page for page in pages if page.kind == platform.cheap.page]
        named = [fallback for fallback in platform.fallbacks if fallback.id == platform.cheap.page]
        one = platform.model_copy(update={"fallbacks": tuple(named)})
        others = [other for page in pages for other in fallback_pages(profile, one, page)]
        chosen = next(iter([*by_kind, *others]), chosen)
        plain = platform.cheap.plain and chosen in [*by_kind, *others]
    elif offered := program_pages(profile, platform, chosen):
        chosen, plain = offered[0], True
    purpose = Purpose.PROGRAM_VIEW if plain else Purpose.PAGE
    return replace(chosen, viewpoints=(ANONYMOUS,), purpose=purpose)


@dataclass(frozen=True, kw_only=True)
class PageLooker:
    """Looks with the browser and the sessions of this machine."""

    options: RunOptions
    worker: WorkerOptions
    environment: RunEnvironment
    browsers: KeptBrowsers

    def limits(self, job: SlotJob) -> Limits:
        """Return the limits of the job's platform file."""
        return self._platform(job).limits

    def confirm_after(self, job: SlotJob) -> timedelta:
        """Return the platform file's wait before a second look."""
        return timedelta(seconds=self._platform(job).limits.second_look_seconds)

    async def triage(self, job: SlotJob, turns: Turns) -> Look:  # noqa: ARG002 — the pool takes its own
        """Ask for what the platform offers programs by plain HTTP, else open one page logged out."""
        profile, platform = request_of(job.request), self._platform(job)
        request = cheap_page(profile, platform)
        plain = request.purpose is Purpose.PROGRAM_VIEW
        with closing(self._table(job, patience=PATIENCE_SECONDS)) as table:
            home = home_of(profile, platform)
            async with (
                self._pool(table, plain=plain) as pool,
                pool.view(ANONYMOUS, platform, home, None, profile=profile.name) as view,
            ):
                try:
                    captures = await pool.fetch_all(request, {ANONYMOUS: view})
                except ExceptionGroup:  # of the pool's tasks
                    table.check()
                    raise
            look = observe(captures[ANONYMOUS], platform, template_values(profile, platform, request))
            how = "one page as programs are shown it, by plain HTTP" if plain else "one page, logged out"
            return Look(outcome=look.outcome, how=f"triage: {how}", closed_for=self._pause(table))

    async def whole(self, job: SlotJob, turns: Turns) -> Look:  # noqa: ARG002 — as above
        """Run selfcheck over this profile."""
        home = home_of_fleet(DataFolder(self.options.data_dir))
        (home / "beside").mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=home / "beside", prefix="look-"))
        options = replace(self.options, data_dir=beside, again=True)
        kept = home / "evidence" / job.profile  # a data folder of its own, for the next looks at it
        request = Request(profiles=(request_of(job.request),), options=options)
        try:
            platform = self._platform(job)
            limits = platform.limits
            patience = _PATIENCE_GAPS * (limits.gap_seconds + limits.jitter_seconds)
            with closing(self._table(job, patience=patience)) as table:
                if not is_loopback(host_of(home_of(request.profiles[0], platform))) and not table.is_alone():
                    wait = _PAGES_OF_A_RUN * limits.gap_seconds * (0.5 + self.worker.random.random())
                    raise MomentFarError(wait)
                shared = SharedResources(
                    table=table, earlier=DataFolder(kept), open_pool=self.browsers.open_pool
                )
                finished = await run(
                    request, environment=self.environment, progress=NoProgress(), shared=shared
                )
                table.check()
                pause = self._pause(table)
            if finished.result.exit_code == ExitCode.INTERRUPTED:  # a run makes a result of it
                raise asyncio.CancelledError
            if not finished.result.profiles:
                raise FleetError("; ".join(finished.result.failures) or "the profile was not checked")
            return self._look(finished, finished.result.profiles[0], job, pause)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    def _look(
        self, finished: Finished, verdict: ProfileVerdict, job: SlotJob, pause: timedelta | None
    ) -> Look:
        signed_in = any(AUTHOR in page.views for page in verdict.pages)
        first = next((page.views[ANONYMOUS] for page in verdict.pages if ANONYMOUS in page.views), None)
        views = "logged out and as the author" if signed_in else "logged out only, so `hidden` cannot be said"
        evidence = None
        if signed_in:
            home = home_of_fleet(DataFolder(self.options.data_dir))
            place = DataFolder(home / "evidence" / job.profile).runs / finished.folder.name
            place.parent.mkdir(parents=True, exist_ok=True)
            finished.folder.rename(place)
            evidence = str(place.relative_to(home))
        return Look(
            outcome=first.outcome if first else Outcome.UNREACHABLE,
            how=f"{job.stage}: {plural(len(verdict.pages), 'page')}, {views}",
            verdict=verdict.verdict,
            strength=verdict.strength,
            rules=verdict.rules,
            signed_in=signed_in,
            evidence=evidence,
            closed_for=pause,
            controls=len(verdict.controls),
            controls_ok=sum(control.ok for control in verdict.controls),
        )

    def _table(self, job: SlotJob, *, patience: float) -> FleetLimits:
        return FleetLimits.of(self.worker, job.platform, self.limits(job), patience=patience)

    @asynccontextmanager
    async def _pool(self, table: LimitsTable, *, plain: bool) -> AsyncIterator[BrowserPool]:
        """Use the worker's browser, or none where plain HTTP will do."""
        say = NoProgress().say
        options = PoolOptions(
            jobs=1, say=say, clock=self.environment.now, table=table, mode=self.options.mode
        )
        if plain:
            yield program_pool(options)
            return
        choice = await asyncio.to_thread(provide, self.options, say)
        async with self.browsers.open_pool(choice, options) as pool:
            yield pool

    def _pause(self, table: LimitsTable) -> timedelta | None:
        """Return how long the platform asked to be left alone within this look."""
        now = self.environment.now()
        pauses = [backoff.until - now for backoff in BackoffRegistry(table=table).known()]
        return max(pauses, default=None)

    def _platform(self, job: SlotJob) -> Platform:
        return load_platform(job.request["platform"])


async def work_with_browsers(
    options: RunOptions, worker: WorkerOptions, environment: RunEnvironment, say: Callable[[str], None]
) -> int:
    """Be a worker with the browser, the sessions and the data folder of this machine, until it ends.

    Return how many results it wrote.
    """
    async with KeptBrowsers() as browsers:
        looker = PageLooker(options=options, worker=worker, environment=environment, browsers=browsers)
        return await Worker(worker, looker, say).work()
