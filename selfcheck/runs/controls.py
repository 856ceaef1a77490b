"""The control accounts that one profile's verdict rests on: drawn, opened one by one, and read. Pure.

Laws:
1. Profiles of one platform at one address draw the same controls in the same order, so that a run opens
   each control once for all of them.
2. A profile is never its own control.
3. A story is compared with stories: those that the file names, then one that a live control's own list names;
   publications and feeds likewise. Such pages are opened only where a verdict rests on them.
4. Readings are listed by kind, not by which page answered first, so that two runs can be compared.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random
from string import ascii_lowercase, digits

from selfcheck.core.capture import PageRequest
from selfcheck.core.case import PlatformFacts
from selfcheck.core.enums import ANONYMOUS, ControlKind, Outcome, PageKind, Purpose
from selfcheck.core.handle import Handle
from selfcheck.core.labels import failure_words
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.verdict import ControlReading
from selfcheck.platforms.page_reading import Condition
from selfcheck.platforms.page_urls import (
    fill,
    handle_of_url,
    is_another_site,
    own_address,
    page_url,
    rebase,
    story_id,
    values_of,
)
from selfcheck.platforms.schema import Controls, Platform
from selfcheck.runs.plan import WantedPage, story_pages

RANDOM_HANDLE_LENGTH = 12
"""As many letters and digits as make a handle that no account has: 36^11 chances to one."""

_ORDER = tuple(ControlKind)
_PAGES = tuple(PageKind)
_OTHER_PAGES = (PageKind.PUBLICATION, PageKind.STORY, PageKind.FEED)
_SHOWN_ACCOUNT = (ControlKind.LIVE, PageKind.PROFILE, Outcome.SHOWN)
_TELLING = {Outcome.SHOWN, Outcome.NOT_FOUND, Outcome.REMOVED, Outcome.SUSPENDED}
"""Outcomes that say whether the page is there."""


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control account and the page load that checks it."""

    kind: ControlKind
    handle: str
    request: PageRequest

    @property
    def page(self) -> PageKind:
        """Return of which kind its page is: absent ones may be asked for by other pages than a profile."""
        return self.request.kind

    @property
    def wanted(self) -> WantedPage:
        """Return the page load that checks it."""
        return WantedPage(request=self.request, label=f"control {self.handle}", fresh=True)


class ControlQueue:
    """The controls that one investigation may open, and what those that it opened show."""

    def __init__(self, profile: ProfileRequest, platform: Platform, random: Random) -> None:
        self._platform = platform
        self._waiting = list(drawn_controls(profile, platform, random))
        self._readings: list[ControlReading] = []
        self._looks: list[tuple[ControlKind, Observation]] = []
        self._profile = profile
        self.has_live = self.left(ControlKind.LIVE) > 0
        self.has_absent = self.left(ControlKind.ABSENT) > 0

    def left(self, kind: ControlKind) -> int:
        """Return how many control accounts of this kind have not been opened."""
        return sum((control.kind, control.page) == (kind, PageKind.PROFILE) for control in self._waiting)

    @property
    def facts(self) -> PlatformFacts:
        """Return which controls there are, and which of them were not opened yet."""
        return PlatformFacts(
            title=self._platform.title,
            live_controls_left=self.left(ControlKind.LIVE),
            has_live_controls=self.has_live,
            has_absent_control=self.has_absent,
            suspended_controls_left=self.left(ControlKind.SUSPENDED),
            page_controls_left=self.pages_left,
        )

    @property
    def pages_left(self) -> dict[PageKind, tuple[ControlKind, ...]]:
        """Return which controls of other kinds of page than the profile's have not been opened."""
        left = {
            page: tuple(dict.fromkeys(control.kind for control in self._waiting if control.page is page))
            for page in _OTHER_PAGES
        }
        return {page: kinds for page, kinds in left.items() if kinds}

    def next(self, kind: ControlKind, page: PageKind = PageKind.PROFILE) -> Control | None:
        """Take the next control of this kind, with this kind of page, off the queue; None: none is left."""
        fitting = (control for control in self._waiting if (control.kind, control.page) == (kind, page))
        control = next(fitting, None)
        if control is not None:
            self._waiting.remove(control)
        return control

    def add(self, control: Control, observation: Observation) -> None:
        """Take in what the page of a control shows."""
        name = control.handle
        if control.page is PageKind.PROFILE:
            name = self._platform.shown_handle(name)
        self._readings.append(reading_of(control.kind, name, observation))
        self._looks.append((control.kind, observation))
        if (control.kind, control.page, observation.outcome) == _SHOWN_ACCOUNT:
            self._waiting += self._pages_of(control, observation)

    def _pages_of(self, account: Control, observation: Observation) -> Iterator[Control]:
        """Yield pages of a live control that the profile's own can be compared with."""
        profile, platform = self._profile, self._platform
        story = next((story for story in observation.stories or () if not story.kept_back), None)
        for page in story_pages(profile, platform, (story,) if story else (), signed_in=False):
            yield from _page_control(profile, platform, ControlKind.LIVE, page.kind, page.url)
        yield from _page_control(profile, platform, ControlKind.LIVE, PageKind.FEED, account.handle)

    @property
    def looks(self) -> tuple[tuple[ControlKind, Observation], ...]:
        """Return the pages themselves, in the order in which they were opened."""
        return tuple(self._looks)

    @property
    def readings(self) -> tuple[ControlReading, ...]:
        """Return what was read so far."""
        return tuple(
            sorted(
                self._readings,
                key=lambda reading: (_ORDER.index(reading.kind), _PAGES.index(reading.page)),
            )
        )


def reading_of(kind: ControlKind, handle: str, observation: Observation) -> ControlReading:
    """Return what the page of a control says about it; `handle` as the platform shows it."""
    return ControlReading(
        kind=kind,
        handle=handle,
        outcome=observation.outcome,
        url=observation.url,
        led_to=observation.led_to,
        detail=observation.mark or (failure_words(observation.failure) if observation.failure else ""),
        followers=observation.facts.get("followers"),
        noindex=observation.noindex,
        signs=tuple(sign.id for sign in observation.signs),
        facts=observation.facts,
        listed=None if observation.stories is None else len(observation.stories),
        page=observation.kind,
        unread=observation.unread,
        answered=observation.answered,
    )


def rests_on_status(platform: Platform, kind: PageKind) -> bool:
    """Return whether the status alone tells the public that a page of this kind is there, or is not.

    A site may answer so to everybody, so a page of this kind that cannot exist is asked for as well.
    """
    return any(
        mark.says in _TELLING
        and (not mark.on or kind in mark.on)
        and (not mark.viewpoints or ANONYMOUS in mark.viewpoints)
        and not _asks_more(mark.when)
        for mark in platform.marks
    )


def _asks_more(condition: Condition) -> bool:
    """Return whether something of the page has to be there, beside the status."""
    return (
        bool(condition.model_fields_set - {"status", "max_text", "none", "any", "all"})
        or any(_asks_more(each) for each in condition.all or ())
        or (bool(condition.any) and all(_asks_more(each) for each in condition.any or ()))
    )


def drawn_controls(profile: ProfileRequest, platform: Platform, random: Random) -> tuple[Control, ...]:
    """Return the controls of each kind in the order in which they are opened, drawn by the run's seed."""
    # Accounts that the file names are of its own site: another server of the same software has others.
    accounts = Controls() if is_another_site(profile, platform) else platform.controls
    live = accounts.live if profile.live_controls is None else profile.live_controls
    drawn = []
    for kind, written in ((ControlKind.LIVE, live), (ControlKind.SUSPENDED, accounts.suspended)):
        handles = [Handle(handle).name for handle in written]
        random.shuffle(handles)  # before the profile's own is left out: others must draw in the same order
        own = platform.handle_of(profile.handle)
        drawn += [_control(profile, platform, kind, handle) for handle in handles if not own.same_as(handle)]
    drawn += _named_pages(profile, platform, random)
    if platform.controls.absent:
        letters = "".join(random.choices(ascii_lowercase + digits, k=RANDOM_HANDLE_LENGTH - 1))
        absent = fill(platform.controls.absent, {"random": random.choice(ascii_lowercase) + letters})
        name = Handle(absent).name
        drawn.append(_control(profile, platform, ControlKind.ABSENT, name))
        for page in _OTHER_PAGES:
            named = any((control.kind, control.page) == (ControlKind.ABSENT, page) for control in drawn)
            if not named and page in platform.pages and rests_on_status(platform, page):
                with suppress(ValueError):  # its address needs what cannot be made up
                    drawn.append(_control(profile, platform, ControlKind.ABSENT, name, page))
    return tuple(drawn)


def _named_pages(profile: ProfileRequest, platform: Platform, random: Random) -> Iterator[Control]:
    """Yield the controls that the file names for other kinds of page than the profile's."""
    for page, named in platform.controls.pages.items():
        for kind, written in ((ControlKind.LIVE, named.live), (ControlKind.SUSPENDED, named.suspended)):
            names = list(written)
            random.shuffle(names)
            for name in names:
                # A profile that names its own controls is on another site, where only an address leads.
                elsewhere = profile.live_controls is not None or is_another_site(profile, platform)
                if not elsewhere or _is_address(name):
                    yield from _page_control(profile, platform, kind, page, name)
        if named.absent:
            letters = "".join(random.choices(ascii_lowercase, k=RANDOM_HANDLE_LENGTH))
            absent = fill(named.absent, {"random": letters})
            yield from _page_control(profile, platform, ControlKind.ABSENT, page, absent)


def _is_address(name: str) -> bool:
    return name.startswith(("http://", "https://"))


def _page_control(
    profile: ProfileRequest, platform: Platform, kind: ControlKind, page: PageKind, name: str
) -> Iterator[Control]:
    """Yield the control of this name or address, unless no page has it or it is the profile's own."""
    url, whose = name, ""
    if not _is_address(name):
        name = Handle(name).name
        values = {**values_of(profile, platform, publication=name, story_id=name), "handle": name}
        try:
            url = rebase(page_url(page, platform, values), platform, profile.base_url)
        except ValueError:
            return
        whose = name if page is PageKind.FEED else ""
    whose = whose or handle_of_url(url, platform) or ""
    subject = "" if page is PageKind.FEED else own_address(url).rstrip("/").rpartition("/")[2]
    if page is PageKind.STORY:
        subject = story_id(url, platform) or subject
    own = {*profile.publications, *profile.stories, *(story_id(story, platform) for story in profile.stories)}
    if {url, subject} & own or platform.handle_of(profile.handle).same_as(whose):
        return
    shown = subject or whose or url
    request = _request(platform, kind, page, url, name=shown)
    yield Control(kind=kind, handle=shown, request=replace(request, handle=whose, subject=subject))


def _control(
    profile: ProfileRequest,
    platform: Platform,
    kind: ControlKind,
    handle: str,
    page: PageKind = PageKind.PROFILE,
) -> Control:
    made_up = {} if page is PageKind.PROFILE else {"publication": handle, "story_id": handle}
    values = {**values_of(profile, platform, **made_up), "handle": handle}
    url = rebase(page_url(page, platform, values), platform, profile.base_url)
    request = _request(platform, kind, page, url, name=handle)
    subject = "" if page in {PageKind.PROFILE, PageKind.FEED} else handle
    return Control(kind=kind, handle=handle, request=replace(request, handle=handle, subject=subject))


def _request(platform: Platform, kind: ControlKind, page: PageKind, url: str, *, name: str) -> PageRequest:
    of = kind.value if page is PageKind.PROFILE else f"{kind.value}-{page.value}"
    return PageRequest(
        profile="",
        kind=page,
        url=url,
        viewpoints=(ANONYMOUS,),
        folder=f"controls/{platform.platform}/{safe_name(f'{of}-{name}')}",
        purpose=Purpose.CONTROL,
        picture=False,
    )
