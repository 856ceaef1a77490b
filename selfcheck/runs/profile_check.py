"""Checks one profile: opens the pages that its investigation wants, and keeps what they answered.

Nothing is decided here: which page is opened next, how long to wait and when it is enough is the
investigation's business (`investigation`).
"""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from collections.abc import Set as AbstractSet
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import replace
from typing import Protocol

from selfcheck.artifacts.case_files import StoredPlatform, author_pages_json
from selfcheck.browser.pool import BrowserPool, ViewContext
from selfcheck.browser.redaction import AddressHiding, hiding_key, public_texts, values_in, with_addresses
from selfcheck.core.capture import Capture
from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Clearance, FailureKind
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.errors import SelfcheckError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import is_shipped, source_of
from selfcheck.platforms.knowledge import marks_seen
from selfcheck.platforms.page_urls import home_of
from selfcheck.runs.environment import ProgressReporter, RunEnvironment
from selfcheck.runs.investigation import Investigation
from selfcheck.runs.plan import Batch, WantedPage, template_values
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.runs.subjects import CheckSubject
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.sessions.clearances import Clearances

Observations = Mapping[str, Observation]  # by viewpoint


class Inquiry(Protocol):
    """What wants pages: the investigation of a profile, or the check of a session."""

    def wanted(self) -> Batch | None:
        """Return the pages to open next; None when there is nothing more to find out."""

    def take(self, page: WantedPage, observations: Observations) -> None:
        """Take what a wanted page says."""


class SharedPool:
    """The browsers of one run, and its controls: each is opened once, for every profile that wants it."""

    def __init__(self, pool: BrowserPool) -> None:
        self.pool = pool
        self._locks: defaultdict[tuple[str, str], asyncio.Lock] = defaultdict(asyncio.Lock)
        self._opened: dict[tuple[str, str], Observations] = {}

    async def observations(
        self, platform: str, url: str, open_page: Callable[[], Awaitable[Observations]]
    ) -> Observations:
        """Return what the page says; who asks first opens it, and the others wait for that."""
        key = platform, url
        async with self._locks[key]:  # held by who opens it; if that fails, the next one tries
            if key in self._opened:
                return self._opened[key]
            observations = await open_page()
            # That one profile has used up its page views says nothing to the others.
            if not any(map(_is_beyond_budget, observations.values())):
                self._opened[key] = observations
            return observations


def _is_beyond_budget(look: Observation) -> bool:
    return look.failure is not None and look.failure.kind is FailureKind.BUDGET_SPENT


class PageDriver:
    """Opens the pages that an inquiry about one profile wants."""

    def __init__(
        self,
        subject: CheckSubject,
        *,
        shared: SharedPool,
        environment: RunEnvironment,
        progress: ProgressReporter,
        recorder: RunRecorder | None = None,  # None: nothing is kept
        author_pages: AuthorPages | None = None,  # None: the user lets none be kept
    ) -> None:
        self._subject = subject
        self._shared = shared
        self._environment = environment
        self._progress = progress
        self._recorder = recorder
        self._author_pages = author_pages
        self._author_captures: list[Capture] = []  # without pictures
        self._signed_in: set[str] = set()  # viewpoints of which a page said so
        self._given: set[str] = set()  # what the public was given in addresses

    async def drive(self, inquiry: Inquiry) -> None:
        """Open pages until the inquiry wants no more; keep a session that the platform renewed meanwhile."""
        name = self._subject.profile.name
        async with AsyncExitStack() as stack:
            viewpoints = (ANONYMOUS, AUTHOR) if self._subject.session is not None else (ANONYMOUS,)
            views = {who: await stack.enter_async_context(self._view(who)) for who in viewpoints}
            while batch := inquiry.wanted():
                for who in {who for page in batch.pages for who in page.request.viewpoints} - set(views):
                    if who in self._subject.readers:
                        views[who] = await stack.enter_async_context(self._view(who))
                if batch.wait_seconds:
                    self._progress.looking(name, f"waiting {batch.wait_seconds:.0f} s for a second look")
                    await self._environment.sleep(batch.wait_seconds)
                await asyncio.gather(*(self._answer(inquiry, page, views) for page in batch.pages))
            await self._save_rotated(views)
            if self._subject.keeps_clearance:
                await self._keep_clearance(views[ANONYMOUS])
        await self._keep_author_pages()

    def _view(self, viewpoint: str) -> AbstractAsyncContextManager[ViewContext]:
        """Open a fresh context; the session is for the author's view only, a clearance for the public's."""
        subject = self._subject
        own = {AUTHOR: subject.session, ANONYMOUS: subject.clearance}
        state = {**own, **subject.readers}[viewpoint]
        home = home_of(subject.profile, subject.platform)
        return self._shared.pool.view(viewpoint, subject.platform, home, state, profile=subject.profile.name)

    async def _answer(self, inquiry: Inquiry, page: WantedPage, views: Mapping[str, ViewContext]) -> None:
        async def open_page() -> Observations:
            self._progress.looking(self._subject.profile.name, page.label)
            self._progress.opening(len(page.request.viewpoints))
            if not page.fresh:
                return await self._observe(page, views)
            async with AsyncExitStack() as stack:
                fresh = {}
                for who in page.request.viewpoints:
                    if who in views and views[who].clearance is Clearance.REUSED:
                        # A person passed a wall in it: a new context would meet that again.
                        fresh[who] = views[who]
                    else:
                        fresh[who] = await stack.enter_async_context(self._view(who))
                return await self._observe(page, fresh)

        if page.is_control and page.request.viewpoints == (ANONYMOUS,):
            platform = self._subject.profile.platform
            inquiry.take(page, await self._shared.observations(platform, page.request.url, open_page))
        else:
            inquiry.take(page, await open_page())

    async def _observe(self, page: WantedPage, views: Mapping[str, ViewContext]) -> Observations:
        subject, request = self._subject, page.request
        values = template_values(subject.profile, subject.platform, request)
        asked = {who: views[who] for who in request.viewpoints}
        captures = await self._shared.pool.fetch_all(request, asked)
        shown = self._shown(captures)
        observations = {}
        for who, capture in captures.items():
            observation = observe(capture, subject.platform, values)
            if self._recorder is not None and who in shown:
                screenshot = await asyncio.to_thread(self._recorder.keep, shown[who])
                observation = replace(observation, screenshot=screenshot)
            if who == AUTHOR and self._author_pages is not None:
                self._author_captures.append(replace(capture, screenshot=None))
            if observation.signed_in:
                self._signed_in.add(who)
            observations[who] = observation
        return observations

    def _shown(self, captures: Mapping[str, Capture]) -> Mapping[str, Capture]:
        """Return the captures as they may be written: the author's with hashes for what is private there.

        Of what a further account was shown only what was read of it is kept, and no page.
        """
        captures = {who: capture for who, capture in captures.items() if who in {ANONYMOUS, AUTHOR}}
        public = captures.get(ANONYMOUS)
        given = values_in(*(capture.visit.url for capture in captures.values()))
        if public is not None and AUTHOR in captures:
            given |= values_in(*public_texts(public))
        self._given |= given
        hiding = self._hiding(given)
        return {
            who: capture if who == ANONYMOUS else hiding.capture(capture, public)
            for who, capture in captures.items()
        }

    def _hiding(self, given: AbstractSet[str]) -> AddressHiding:
        return AddressHiding(key=hiding_key(self._subject.session), given=frozenset(given))

    def hidden_addresses(self, case: ProfileCase) -> Mapping[str, str]:
        """Return for each address that holds what only the author was given what stands for it."""
        looks = [(who, look) for page in case.pages for who, looks in page.looks.items() for look in looks]
        authors = tuple(look for who, look in looks if who != ANONYMOUS)
        controls = (look for each in case.reader_controls.values() for look in (each.live, each.absent))
        authors += tuple(look for page in case.pages for look in page.readers.values())
        authors += tuple(look for look in controls if look is not None)
        # What names a story in lists has to stay, or it could not be compared any more.
        ids = (story.id for _, look in looks for story in look.stories or ())
        addresses = (story.url for who, look in looks if who == ANONYMOUS for story in look.stories or ())
        finals = (look.final_url for who, look in looks if who == ANONYMOUS)
        return self._hiding(self._given | values_in(*ids, *addresses, *finals)).of(authors)

    async def _keep_clearance(self, public: ViewContext) -> None:
        """Keep what a wall remembers, with the user's consent; a store that refuses costs nothing else."""
        clearances = Clearances(self._environment.sessions)
        platform = self._subject.platform
        home = home_of(self._subject.profile, platform)
        try:
            clearances.keep(platform, home, await public.cookies(), self._environment.now())
        except SelfcheckError as error:
            self._progress.say(f"What the bot wall remembers was not kept: {error.what}")

    async def _keep_author_pages(self) -> None:
        """Keep the author's pages for a replay; a store that refuses costs nothing else."""
        if self._author_pages is None or self._recorder is None or not self._author_captures:
            return
        pages = author_pages_json(self._author_captures)
        keep, run_id = self._author_pages.keep, self._recorder.folder.path.name
        try:
            await asyncio.to_thread(
                keep, run_id, self._subject.profile.name, pages
            )  # a passphrase takes seconds
        except SelfcheckError as error:
            self._progress.say(f"Your own pages were not kept for a replay: {error.what}")

    async def _save_rotated(self, views: Mapping[str, ViewContext]) -> None:
        """Save sessions again where the platform changed their cookies, or the next run is signed out.

        A store that refuses costs nothing else: the verdict was reached by then.
        """
        profile, store = self._subject.profile, self._environment.sessions
        names = {reader.viewpoint: reader.session for reader in profile.readers}
        names |= {AUTHOR: profile.session} if self._subject.saved else {}
        for who, name in names.items():
            if who not in views or who not in self._signed_in or store.in_environment(name):
                continue
            state = await views[who].rotated()
            if state is None:
                continue
            try:
                store.save(name, state)
            except SelfcheckError as error:
                self._progress.say(f"The session that the platform renewed was not kept: {error.what}")


async def check_profile(
    investigation: Investigation, driver: PageDriver, recorder: RunRecorder, environment: RunEnvironment
) -> ProfileVerdict:
    """Carry an investigation through, keep its evidence, and return the verdict with its pictures."""
    await driver.drive(investigation)
    verdict, case = investigation.verdict, investigation.case
    assert verdict is not None
    assert case is not None
    question = investigation.question
    # Only now: whether a page is the one asked for, and where a listed story is, may be told by its address.
    hidden = driver.hidden_addresses(case)
    verdict, case = with_addresses(verdict, hidden), with_addresses(case, hidden)
    recorder.keep_case(case, environment.now(), home=home_of(question.profile, question.platform))
    verdict = replace(
        verdict,
        platform_file=source_of(question.profile.platform),
        marks_seen=marks_seen(question.platform),
    )
    kept = StoredPlatform(platform=question.platform, shipped=is_shipped(question.profile.platform))
    recorder.keep_platform(case, kept, environment.now())
    recorder.keep_learned(investigation.good_shapes, case, environment.now())
    return await recorder.keep_pictures(verdict, environment.now())
