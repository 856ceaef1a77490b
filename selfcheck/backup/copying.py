"""Copies the author's stories live: lists, then pages, then pictures, as far as the day's budget reaches.

Laws:
1. Pages are opened as the author, through the browser and its limits, from a budget of the backup's own.
   Pictures are asked for without a session.
2. What is due is decided by `due_stories` alone: what has no copy first, then what has only a feed's, then
   what changed, then what was not looked at for a month.
3. A story is marked as gone only where its own page says so. Nothing is removed.
"""

import math
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from selfcheck.backup.copy_journal import CopyJournal, CopyState, ListedStory
from selfcheck.backup.library import Library, Merge
from selfcheck.backup.model import Origin, Picture, Story, StoryState
from selfcheck.backup.reading import listed_stories, read_feed, read_page
from selfcheck.backup.records import media_type_of
from selfcheck.backup.wanted_lists import WantedList, reads_links, wanted_lists
from selfcheck.browser.pool import BrowserPool
from selfcheck.browser.storage_state import StorageState
from selfcheck.core.capture import Capture, Failure, PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, FailureKind, Outcome, PageKind
from selfcheck.core.labels import failure_words
from selfcheck.core.observation import StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.observe import observe
from selfcheck.platforms.page_urls import home_of, page_url, rebase, story_id, values_of
from selfcheck.platforms.schema import Platform

BUDGET = "backup"
_LOOK_AGAIN = timedelta(days=30)
_MOST_PAGES_OF_A_LIST = 200
_GOOD = 200
_ENDS = (_GOOD, 404)  # what a page after the last one answers
_BY_USER = "profiles.yaml"
_STOPS = (FailureKind.BUDGET_SPENT, FailureKind.BACKING_OFF)


@dataclass(frozen=True, kw_only=True)
class CopySubject:
    """Whose stories are copied."""

    profile: ProfileRequest
    platform: Platform
    session: StorageState | None

    @property
    def values(self) -> dict[str, str]:
        """Return what the platform file's templates are filled with."""
        return values_of(self.profile, self.platform)


@dataclass(kw_only=True)
class CopyResult:
    """What a live copy did."""

    added: set[str] = field(default_factory=set)  # the addresses of new stories
    changed: int = 0
    waiting: int = 0  # stories whose pages are still to be opened
    stopped: str = ""  # why it stopped before the end
    ends: datetime | None = None  # when it will be complete, at a run a day
    troubles: dict[str, str] = field(default_factory=dict)  # by address: why there is no copy
    unfetched: int = 0  # pictures that could not be fetched
    session: StorageState | None = None  # the session, where the platform renewed it

    def count(self, story: Story, merge: Merge) -> None:
        """Count what the library did with a story; one that the page gave more of after the feed is new."""
        if merge is Merge.ADDED:
            self.added.add(story.url)
        self.changed += merge is Merge.BETTER and story.url not in self.added


class _StoppedError(Exception):
    """The day's budget is spent, or the platform asked to be left alone."""


def due_stories(state: CopyState, library: Library, platform: str, now: datetime) -> tuple[ListedStory, ...]:
    """Return the listed stories whose pages are to be opened in this round, in this order."""

    def rank(listed: ListedStory) -> int | None:
        key = listed.ref.key
        if key in state.tried:
            return None
        name = library.find_listed(platform, listed.ref.id, listed.ref.url)
        if name is None:
            return 0
        if key not in state.copied:
            return 1 if library.record(name).origin is Origin.FEED else 2
        if key in state.changed:
            return 3
        return 4 if now - state.copied[key] >= _LOOK_AGAIN else None

    ranked = [(order, listed) for listed in state.listed.values() if (order := rank(listed)) is not None]
    return tuple(listed for _, listed in sorted(ranked, key=lambda pair: pair[0]))


def end_of_copy(waiting: int, a_day: int, now: datetime) -> datetime:
    """Return when so many page views are done, at most so many a day, the first of them tomorrow."""
    return now + timedelta(days=math.ceil(waiting / a_day))


def with_limits(platform: Platform, *, pictures: bool) -> Platform:
    """Return the platform with the backup's own limits, for its pages or its pictures."""
    own = platform.limits.backup
    most = own.pictures_a_day if pictures else own.page_views_a_day
    changed: dict[str, object] = {"page_views": most, "page_views_a_day": most}
    if pictures:
        changed |= {"gap_seconds": own.picture_gap_seconds, "jitter_seconds": own.picture_gap_seconds / 2}
    return platform.model_copy(update={"limits": platform.limits.model_copy(update=changed)})


class Copier:
    """One run of a live copy into a library."""

    def __init__(
        self,
        subject: CopySubject,
        library: Library,
        journal: CopyJournal,
        *,
        now: Callable[[], datetime],
        say: Callable[[str], None],
    ) -> None:
        self._subject = subject
        self._library = library
        self._journal = journal
        self._now = now
        self._say = say
        self._result = CopyResult()
        self._viewpoint = AUTHOR if subject.session is not None else ANONYMOUS

    async def copy(self, pool: BrowserPool) -> CopyResult:
        """Copy what is due, and say what is still to be done."""
        subject = self._subject
        home, name = home_of(subject.profile, subject.platform), subject.profile.name
        pages = with_limits(subject.platform, pictures=False)
        pictures = with_limits(subject.platform, pictures=True)
        async with (
            pool.view(self._viewpoint, pages, home, subject.session, profile=name, budget=BUDGET) as view,
            pool.view(ANONYMOUS, pictures, home, None, profile=name, budget=f"{BUDGET} pictures") as plain,
        ):
            self._pool, self._view, self._plain = pool, view, plain
            try:
                await self._round()
            except _StoppedError as stopped:
                self._note_rest(str(stopped))
            if subject.session is not None:
                self._result.session = await view.rotated()
        return self._result

    # -- a round --

    async def _round(self) -> None:
        state = self._journal.state
        if not state.round_is_open:
            self._journal.begin_round(self._now())
        for each in wanted_lists(self._subject.profile, self._subject.platform):
            if each.url not in state.lists and not (each.author_only and self._viewpoint != AUTHOR):
                await self._read_list(each)
        if (named := self._named_by_user()) and _BY_USER not in state.lists:
            self._journal.note_list(_BY_USER, named, complete=False, at=self._now())
        due = due_stories(state, self._library, self._subject.platform.platform, self._now())
        for number, listed in enumerate(due, 1):
            self._say(f"story {number} of {len(due)}: {listed.ref.title or listed.ref.url}")
            await self._copy_story(listed)
        await self._look_for_gone()
        await self._fetch_left_pictures()
        self._result.troubles = {
            state.listed[key].ref.url: why for key, why in state.troubles.items() if key in state.listed
        }
        self._journal.end_round(self._now())

    def _note_rest(self, why: str) -> None:
        state, now = self._journal.state, self._now()
        self._result.stopped = why
        self._result.waiting = len(due_stories(state, self._library, self._subject.platform.platform, now))
        a_day = self._subject.platform.limits.backup.page_views_a_day
        self._result.ends = end_of_copy(max(1, self._result.waiting), a_day, now)

    # -- lists --

    async def _read_list(self, wanted: WantedList) -> None:
        refs: dict[str, ListedStory] = {}
        changed: set[str] = set()
        complete = False
        async for capture in self._pages_of_list(wanted):
            if wanted.kind is PageKind.FEED:
                changed |= self._merge_feed(capture, with_private=wanted.with_private)
            listed = self._listed(capture, wanted)
            fresh = {ref.key: ListedStory(ref=ref, state=wanted.state) for ref in listed if ref.url}
            if not fresh.keys() - refs.keys():
                complete = bool(refs) and wanted.goes_on and capture.status in _ENDS
                break
            refs = {**fresh, **refs}
            if not wanted.goes_on:
                observation = observe(capture, self._subject.platform, self._subject.values)
                complete = wanted.kind is not PageKind.FEED and not observation.list_goes_on
                break
        self._journal.note_list(wanted.url, refs.values(), changed=changed, complete=complete, at=self._now())

    def _named_by_user(self) -> list[ListedStory]:
        """Return the stories that the profiles file names."""
        platform = self._subject.platform
        urls = self._subject.profile.stories
        return [ListedStory(ref=StoryRef(id=story_id(url, platform) or url, url=url)) for url in urls]

    async def _pages_of_list(self, wanted: WantedList) -> AsyncIterator[Capture]:
        offset = 0
        for page in range(1, _MOST_PAGES_OF_A_LIST + 1):
            address = wanted.url.replace("{page}", str(page)).replace("{offset}", str(offset))
            capture = await self._open(address, wanted.kind, subject=wanted.publication)
            yield capture
            offset += len(self._listed(capture, wanted))

    def _listed(self, capture: Capture, wanted: WantedList) -> tuple[StoryRef, ...]:
        platform = reads_links(self._subject.platform, wanted)
        return listed_stories(capture, platform, self._subject.values) or ()

    def _merge_feed(self, capture: Capture, *, with_private: bool) -> set[str]:
        """Take the stories of a feed; return the keys of those whose text the library had otherwise.

        Where private ones may be among them, one is private until its own page says who may read it.
        """
        changed = set()
        for story in read_feed(capture, self._subject.platform):
            if with_private and self._viewpoint == AUTHOR:
                known = self._library.find(story)
                state = self._library.record(known).state if known else StoryState.UNLISTED
                story = replace(story, state=state)  # noqa: PLW2901 - what is known of it besides
            merge = self._library.merge(story)
            self._result.count(story, merge)
            if merge in {Merge.KEPT_OTHER, Merge.BETTER}:
                changed.add(StoryRef(id=story.id, url=story.url).key)
        return changed

    # -- stories --

    async def _copy_story(self, listed: ListedStory) -> None:
        ref, platform = listed.ref, self._subject.platform
        capture = await self._open(self._address(listed), PageKind.STORY, subject=ref.id)
        reading = read_page(capture, platform, self._subject.values, ref, as_author=self._viewpoint == AUTHOR)
        if reading.story is None:
            self._journal.note_trouble(ref.key, reading.trouble, self._now())
            return
        story = reading.story
        if listed.state:
            story = replace(story, state=StoryState(listed.state))
        story = await self._with_pictures(story)
        self._result.count(story, self._library.merge(story))
        self._journal.note_copied(ref.key, self._now())

    def _address(self, listed: ListedStory) -> str:
        """Return where a story is opened: a draft by its id, since its link may lead into an editor."""
        platform, ref = self._subject.platform, listed.ref
        page = platform.pages.get(PageKind.STORY)
        by_id = bool(listed.state) or (page is not None and page.by_template)
        name = story_id(ref.url, platform)
        if by_id and name and page is not None and "{story_id}" in page.url:
            url = page_url(PageKind.STORY, platform, {**self._subject.values, "story_id": name})
        else:
            url = ref.url
        return rebase(url, platform, self._subject.profile.base_url)

    async def _look_for_gone(self) -> None:
        """Open the pages of stories that no complete list has any more, and mark those that are gone."""
        state = self._journal.state
        if not state.listed or not any(state.lists.values()):
            return
        platform = self._subject.platform.platform
        refs = [each.ref for each in state.listed.values()]
        names = {self._library.find_listed(platform, ref.id, ref.url) for ref in refs}
        for name in self._library.names():
            record = self._library.record(name)
            if name in names:
                if name in state.gone:
                    self._journal.note_presence(name, self._now(), gone=False)
            elif record.platform == platform and record.url and name not in state.gone:
                url = rebase(record.url, self._subject.platform, self._subject.profile.base_url)
                capture = await self._open(url, PageKind.STORY, subject=record.id)
                outcome = observe(capture, self._subject.platform, self._subject.values).outcome
                if outcome in {Outcome.NOT_FOUND, Outcome.REMOVED}:
                    self._journal.note_presence(name, self._now(), gone=True)

    # -- pictures --

    async def _with_pictures(self, story: Story) -> Story:
        pictures = [await self._with_bytes(picture, story.state) for picture in story.pictures]
        return replace(story, pictures=tuple(pictures))

    async def _with_bytes(self, picture: Picture, state: StoryState) -> Picture:
        """Fetch a picture in full size, or as it is given; one that cannot be had stays an address."""
        if picture.sha256 or self._library.has_picture(picture.url):
            return picture
        full = self._subject.platform.backup.full_address(picture.url)
        for url in dict.fromkeys((full, picture.url)):
            answer = await self._pool.fetch_file(
                rebase(url, self._subject.platform, self._subject.profile.base_url), self._plain
            )
            if isinstance(answer, Failure):
                if answer.kind in _STOPS:
                    break
                continue
            if answer.status == _GOOD and media_type_of(answer.data) is not None:
                return self._library.store_picture(
                    replace(picture, data=answer.data), private=state.is_private
                )
        self._result.unfetched += 1
        return picture

    async def _fetch_left_pictures(self) -> None:
        """Fetch what earlier runs could not, and the pictures of stories that are known by the feed alone."""
        self._result.unfetched = 0
        for name in self._library.names():
            if any(picture.sha256 is None for picture in self._library.record(name).pictures):
                self._library.merge(await self._with_pictures(self._library.read(name)))

    # -- pages --

    async def _open(self, url: str, kind: PageKind, *, subject: str = "") -> Capture:
        request = PageRequest(
            profile=self._subject.profile.name,
            kind=kind,
            url=url,
            viewpoints=(self._viewpoint,),
            folder="",
            handle=self._subject.profile.handle,
            subject=subject,
            picture=False,
        )
        captures = await self._pool.fetch_all(request, {self._viewpoint: self._view})
        capture = captures[self._viewpoint]
        if capture.failure is not None and capture.failure.kind in _STOPS:
            raise _StoppedError(failure_words(capture.failure))
        return capture
