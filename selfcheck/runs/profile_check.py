"""Checks one profile: gathers looks, asks the judge, and gathers what the judge asks for besides."""

import asyncio
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from selfcheck.browser.pool import BrowserPool, ViewContext
from selfcheck.core.case import (
    AnotherControl,
    FallbackLook,
    LookAgain,
    PageCase,
    PastNumbers,
    PlatformFacts,
    ProfileCase,
    SecondLook,
    Wanted,
)
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, FailureKind, Outcome, PageKind, Purpose
from selfcheck.core.hosts import is_loopback
from selfcheck.core.observation import Observation
from selfcheck.core.page_request import PageRequest
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge
from selfcheck.observe import observe
from selfcheck.platforms.page_urls import values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import ControlPool
from selfcheck.runs.environment import ProgressReporter, RunEnvironment
from selfcheck.runs.plan import (
    Control,
    Settled,
    doubtful_visits,
    fallback_visits,
    first_visits,
    latest_story_visits,
)
from selfcheck.runs.platform_facts import with_platform
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.sessions.store import StorageState

UNCONNECTED = (FailureKind.DNS, FailureKind.OFFLINE, FailureKind.BACKING_OFF)
"""Failures before any server was reached."""

OUTAGE_SECONDS = 5.0
"""How long to wait before looking again where nothing answered: no cache can hold an old answer."""

ROUNDS = 3
"""How often the judge may ask for further looks: an outage, a confirmation, another control."""


@dataclass(frozen=True, kw_only=True)
class CheckSubject:
    """One profile with all that is needed to look at it."""

    profile: ProfileRequest
    platform: Platform
    session: StorageState | None
    saved: bool = False  # the session lies in the store, so it is saved again when the platform rotates it
    notes: tuple[str, ...] = ()
    sign_in_with: str = ""  # the command that signs the author in

    @property
    def home(self) -> str:
        """Return the address that the platform's pages are taken from."""
        return self.profile.base_url or self.platform.home

    @property
    def handle(self) -> str:
        """Return the handle as people of this platform write it."""
        return self.platform.handle.show.format(handle=self.profile.handle)


class ProfileCheck:
    """The check of one profile within a run."""

    def __init__(
        self,
        subject: CheckSubject,
        *,
        eyes: BrowserPool,
        keeper: RunRecorder,
        desk: ControlPool,
        world: RunEnvironment,
        watcher: ProgressReporter,
        past: tuple[PastNumbers, ...] = (),
        settled: Settled | None = None,
    ) -> None:
        self._subject = subject
        self._eyes = eyes
        self._keeper = keeper
        self._desk = desk
        self._world = world
        self._watcher = watcher
        self._past = past
        self._settled = settled or {}
        self._handle = subject.profile.handle
        self._pages: dict[str, PageCase] = {}
        self._values = values_of(subject.profile, subject.platform)
        self._host = urlsplit(subject.home).hostname or ""

    async def verdict(self) -> ProfileVerdict:
        """Look, ask the judge, look again as often as it may ask, and keep the evidence."""
        async with AsyncExitStack() as stack:
            views = await self._open_views(stack)
            await self._first_looks(views)
            judged = await self._judged()
            await self._keep_rotated(views)
        pages = await asyncio.gather(
            *(self._keeper.side_by_side(page, self._world.now()) for page in judged.pages)
        )
        return replace(judged, pages=tuple(pages))

    async def _open_views(self, stack: AsyncExitStack) -> dict[str, ViewContext]:
        states: dict[str, StorageState | None] = {ANONYMOUS: None}
        if self._subject.session is not None:
            states[AUTHOR] = self._subject.session
        return {
            name: await stack.enter_async_context(self._view(name, state)) for name, state in states.items()
        }

    def _view(self, name: str, state: StorageState | None) -> AbstractAsyncContextManager[ViewContext]:
        return self._eyes.view(name, self._subject.platform, self._subject.home, state)

    async def _first_looks(self, views: dict[str, ViewContext]) -> None:
        subject = self._subject
        signed_in = AUTHOR in views
        planned = first_visits(subject.profile, subject.platform, signed_in=signed_in, settled=self._settled)
        if not is_loopback(self._host):  # looks at one host follow each other anyway, so this costs no time
            await self._look_at(planned[:1], views)
            if self._at_a_closed_door():
                return
            planned = planned[1:]
        await asyncio.gather(
            self._look_at(planned, views), self._desk.first(self._look_at_control, self._handle)
        )
        if signed_in:
            await self._look_where_in_doubt(views)
        if subject.profile.latest_stories:
            looks = [look for page in self._pages.values() for seen in page.looks.values() for look in seen]
            latest = latest_story_visits(subject.profile, subject.platform, looks, signed_in=signed_in)
            await self._look_at([visit for visit in latest if visit.folder not in self._pages], views)

    async def _look_where_in_doubt(self, views: dict[str, ViewContext]) -> None:
        looked = [(page.visit, page.looks.get(ANONYMOUS, ())) for page in self._pages.values()]
        for visit in doubtful_visits(self._subject.platform, looked, self._settled):
            seen = await self._look(replace(visit, viewpoints=(AUTHOR,)), views)
            looks = {**self._pages[visit.folder].looks, AUTHOR: (seen[AUTHOR],)}
            self._pages[visit.folder] = PageCase(visit=visit, looks=looks)

    def _at_a_closed_door(self) -> bool:
        """Return whether the first page shows that no other page can be looked at now.

        Without a network each further look would only wait; behind a wall it would make things worse.
        """
        looks = [look for page in self._pages.values() for seen in page.looks.values() for look in seen]
        offline = [look.failure is not None and look.failure.kind in UNCONNECTED for look in looks]
        walled = [look.outcome in {Outcome.CHALLENGE, Outcome.RATE_LIMITED} for look in looks]
        return all(offline) or any(walled)

    async def _look_at(self, visits: Sequence[PageRequest], views: dict[str, ViewContext]) -> None:
        for visit in visits:  # in the order of the plan, whatever order the answers come in
            self._pages[visit.folder] = PageCase(visit=visit, looks={})
        await asyncio.gather(*(self._first_look(visit, views) for visit in visits))

    async def _first_look(self, visit: PageRequest, views: dict[str, ViewContext]) -> None:
        self._watcher.looking(self._subject.profile.name, _told(visit))
        looks = await self._look(visit, views)
        self._pages[visit.folder] = PageCase(visit=visit, looks={who: (seen,) for who, seen in looks.items()})

    async def _look(self, visit: PageRequest, views: dict[str, ViewContext]) -> dict[str, Observation]:
        captures = await self._eyes.look_together(visit, {who: views[who] for who in visit.viewpoints})
        seen = {}
        for who, capture in captures.items():
            observation = observe(capture, self._subject.platform, self._values_for(visit))
            picture = await asyncio.to_thread(self._keeper.keep, capture)
            seen[who] = replace(observation, screenshot=picture)
        return seen

    def _values_for(self, visit: PageRequest) -> dict[str, str]:
        more = {"handle": visit.handle}
        if visit.kind is PageKind.PUBLICATION:
            more["publication"] = visit.subject
        if visit.kind is PageKind.STORY:
            more["story_id"] = visit.subject
        return {**self._values, **more}

    async def _look_at_control(self, control: Control) -> Observation:
        self._watcher.looking(self._subject.profile.name, f"control {control.handle}")
        async with self._view(ANONYMOUS, None) as view:
            return (await self._look(control.visit, {ANONYMOUS: view}))[ANONYMOUS]

    async def _judged(self) -> ProfileVerdict:
        for left in reversed(range(ROUNDS + 1)):
            case = self._case(rounds_left=left)
            answer = judge(case)
            if isinstance(answer, ProfileVerdict):
                self._keeper.keep_case(case, self._world.now(), home=self._subject.home)
                return answer
            await self._obey(answer)
        raise AssertionError

    def _case(self, *, rounds_left: int) -> ProfileCase:
        subject, platform, desk = self._subject, self._subject.platform, self._desk
        return ProfileCase(
            name=subject.profile.name,
            platform=platform.platform,
            handle=subject.handle,
            sureness=with_platform(
                PlatformFacts(
                    title=platform.title,
                    live_controls_left=desk.left(ControlKind.LIVE),
                    has_live_controls=desk.has_live,
                    has_absent_control=desk.has_absent,
                    suspended_controls_left=desk.left(ControlKind.SUSPENDED),
                ),
                platform,
            ),
            author_expected=subject.session is not None,
            pages=tuple(self._pages.values()),
            controls=desk.readings(self._handle),
            rounds_left=rounds_left,
            hints=self._world.hints,
            notes=subject.notes,
            past=self._past,
            sign_in_with=subject.sign_in_with,
        )

    async def _obey(self, answer: LookAgain) -> None:
        again = [one for one in answer.wanted if isinstance(one, SecondLook)]
        if again and not is_loopback(self._host) and not self._is_left_alone():
            answered = any(self._pages[one.folder].answered(one.viewpoint) for one in again)
            limits = self._subject.platform.limits
            wait = limits.second_look_seconds if answered else min(OUTAGE_SECONDS, limits.second_look_seconds)
            self._watcher.looking(self._subject.profile.name, f"waiting {wait:.0f} s for a second look")
            await self._world.sleep(wait)
        await asyncio.gather(*(self._obey_one(one) for one in answer.wanted))

    def _is_left_alone(self) -> bool:
        """Return whether nothing is opened anyway, so that there is nothing to wait for."""
        looks = [look for page in self._pages.values() for seen in page.looks.values() for look in seen]
        return any(one.failure is not None and one.failure.kind is FailureKind.BACKING_OFF for one in looks)

    async def _obey_one(self, wanted: Wanted) -> None:
        match wanted:
            case SecondLook():
                await self._second_look(wanted)
            case FallbackLook():
                await self._fall_back(self._pages[wanted.folder])
            case AnotherControl():
                await self._desk.another(wanted.kind, self._look_at_control, self._handle)

    async def _second_look(self, wanted: SecondLook) -> None:
        """Look from a new context: nothing of the first look, no cookie and no cache, can colour it."""
        page, who = self._pages[wanted.folder], wanted.viewpoint
        number = len(page.looks[who]) + 1
        visit = replace(
            page.visit,
            viewpoints=(who,),
            folder=f"{page.visit.folder}/look-{number}",
            purpose=Purpose.SECOND_LOOK,
        )
        self._watcher.looking(self._subject.profile.name, f"{_told(visit)}, look {number} as {who}")
        async with self._view(who, self._subject.session if who == AUTHOR else None) as view:
            seen = (await self._look(visit, {who: view}))[who]
        page = self._pages[wanted.folder]
        looks = {**page.looks, who: (*page.looks[who], seen)}
        self._pages[wanted.folder] = replace(page, looks=looks)

    async def _fall_back(self, page: PageCase) -> None:
        visits = fallback_visits(self._subject.profile, self._subject.platform, page.visit)
        async with self._view(ANONYMOUS, None) as view:
            for visit in visits:
                self._watcher.looking(self._subject.profile.name, f"{_told(visit)}, by another page")
                seen = (await self._look(visit, {ANONYMOUS: view}))[ANONYMOUS]
                page = self._pages[page.visit.folder]
                self._pages[page.visit.folder] = replace(page, fallbacks=(*page.fallbacks, seen))

    async def _keep_rotated(self, views: dict[str, ViewContext]) -> None:
        """Save the session again where the platform changed its cookies, lest the next run be signed out."""
        author = views.get(AUTHOR)
        if author is None or not self._subject.saved:
            return
        signed_in = any(page.author and page.author.signed_in for page in self._pages.values())
        state = await author.rotated() if signed_in else None
        if state is not None:
            self._world.sessions.save(self._subject.profile.session, state)


def _told(visit: PageRequest) -> str:
    return f"{visit.kind.value} {visit.subject}".strip()
