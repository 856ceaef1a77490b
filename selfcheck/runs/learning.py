"""What a run learns from its controls and from earlier runs, to read the pages that no mark knows. Pure.

Laws:
1. Only a page that no mark knows, and that led nowhere else, is read by likeness; see `observe.learned`.
2. No number is read from it, and it never counts as confirmed: the engine asks `is_learned`. Its list of
   stories is read from its links, so that one that was emptied in silence is not taken for a whole one.
3. Only what a mark found shown to the public, on a page that was judged visible, is kept for later runs.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from string import ascii_lowercase

from selfcheck.core.capture import PageRequest
from selfcheck.core.case import PageCase
from selfcheck.core.enums import ANONYMOUS, ControlKind, Outcome, PageKind, Purpose, Verdict
from selfcheck.core.hosts import split_address
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.page_shape import PageShape
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.observe.learned import LEARNED_MARKS, Example, LearnedList, LearnedMarks, learn, learn_list
from selfcheck.platforms.page_urls import own_address, story_id
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import RANDOM_HANDLE_LENGTH, Control

Earlier = Mapping[str, tuple[PageShape, ...]]
"""Shapes of the profile's own pages from earlier good runs, by address."""

_TEACHES = {
    ControlKind.LIVE: Outcome.SHOWN,
    ControlKind.ABSENT: Outcome.NOT_FOUND,
}
"""What a control of this kind teaches; one that is suspended may look like anything."""


_WITH_LIST = (PageKind.PROFILE, PageKind.PUBLICATION)


@dataclass(frozen=True, kw_only=True)
class Lessons:
    """The examples of one investigation: the pages of its controls, and those of earlier runs."""

    controls: tuple[tuple[ControlKind, Observation], ...] = ()
    earlier: Earlier = field(default_factory=dict)
    has_marks: bool = True  # the platform file has marks of profiles that are shown
    platform: Platform | None = None  # how stories are named

    def marks(self, kind: PageKind, url: str = "") -> LearnedMarks:
        """Return what was learned of this kind of page; with an address, from its earlier pages too."""
        return learn(
            kind,
            self._examples(ControlKind.LIVE),
            self._examples(ControlKind.ABSENT),
            self.earlier.get(url, ()),
        )

    def _examples(self, kind: ControlKind) -> Iterable[Example]:
        for control, page in self.controls:
            known = page.outcome is _TEACHES.get(control)
            if control is kind and page.shape is not None and (known or is_unknown(page)):
                yield Example(kind=page.kind, shape=page.shape, by_mark=known)

    def list_of(self, kind: PageKind) -> LearnedList:
        """Return which links of this kind of page are its stories."""
        marks = self.marks(kind)
        return learn_list(marks.shown, (*marks.gone, *marks.gone_of_another_kind))

    def read(self, pages: Sequence[PageCase]) -> tuple[PageCase, ...]:
        """Return the pages with every look that no mark knows read by likeness, and no shapes any more."""
        return tuple(
            replace(
                page,
                looks={
                    who: tuple(self._read(look, page) for look in looks) for who, looks in page.looks.items()
                },
                fallbacks=tuple(replace(look, shape=None) for look in page.fallbacks),
            )
            for page in pages
        )

    def _read(self, look: Observation, page: PageCase) -> Observation:
        if not is_unknown(look) or look.shape is None:
            return replace(look, shape=None)
        as_author = look.viewpoint != ANONYMOUS
        outcome = self.marks(look.kind, page.visit.url).outcome(look.shape, as_author=as_author)
        if outcome is not Outcome.SHOWN:
            return replace(_as_learned(look, outcome), shape=None, body=None)
        signed_in = look.signed_in
        if as_author and signed_in is None and not self.has_marks and _has_more_tools(look.shape, page):
            signed_in = True
        stories = self._stories(look.kind, look.shape)
        return replace(_as_learned(look, outcome), shape=None, stories=stories, signed_in=signed_in)

    def _stories(self, kind: PageKind, shape: PageShape) -> tuple[StoryRef, ...] | None:
        if kind not in _WITH_LIST:
            return None
        platform = self.platform
        return self.list_of(kind).stories(
            shape, lambda url: (story_id(url, platform) if platform else None) or own_address(url)
        )

    def read_controls(
        self, readings: Sequence[ControlReading], pages: Iterable[PageCase]
    ) -> tuple[ControlReading, ...]:
        """Return the readings with the outcome of each control that no mark knew and that could teach.

        Only beside a page that was read by likeness, or where there are no marks to know one: what marks say
        of a page is not borne out by controls that no mark knows.
        """
        looks = (look for page in pages for of_one in page.looks.values() for look in of_one)
        if self.has_marks and not any(look.is_learned for look in looks):
            return tuple(readings)
        by_url = {page.url: page for _, page in self.controls}
        return tuple(self._read_control(reading, by_url.get(reading.url)) for reading in readings)

    def _read_control(self, reading: ControlReading, page: Observation | None) -> ControlReading:
        outcome = _TEACHES.get(reading.kind)
        if page is None or outcome is None or page.shape is None or not is_unknown(page):
            return reading
        marks = self.marks(page.kind)
        taught = marks.shown if outcome is Outcome.SHOWN else marks.gone if marks.shown else ()
        if page.shape not in taught:
            return reading
        return replace(reading, outcome=outcome, detail=LEARNED_MARKS[outcome])


def story_controls(lessons: Lessons, own: PageRequest, random: Random) -> tuple[Control, ...]:
    """Return stories of the live controls, one each, and one that cannot exist, to learn stories from.

    `own` is one of the profile's own stories: what does not exist is its address with another end.
    """
    shown = lessons.marks(PageKind.PROFILE).shown
    listed = lessons.list_of(PageKind.PROFILE)
    pages = [page for kind, page in lessons.controls if kind is ControlKind.LIVE and page.shape in shown]
    firsts = [
        (page.handle, links[0].url) for page in pages if page.shape and (links := listed.links(page.shape))
    ]
    made_up = "".join(random.choices(ascii_lowercase, k=RANDOM_HANDLE_LENGTH))
    end = re.compile(r"[^/=?&]+(?=/?$)")
    absent = end.sub(made_up, own_address(own.url), count=1)
    wanted = [(ControlKind.LIVE, handle, url) for handle, url in firsts]
    wanted.append((ControlKind.ABSENT, own.handle, absent))
    return tuple(
        Control(kind=kind, handle=handle, request=_as_control(own, kind, handle, url))
        for kind, handle, url in wanted
    )


def _as_control(own: PageRequest, kind: ControlKind, handle: str, url: str) -> PageRequest:
    name = safe_name(f"{kind.value}-story-{handle}")
    return replace(
        own,
        profile="",
        url=url,
        viewpoints=(ANONYMOUS,),
        folder=f"controls/{split_address(url).hostname}/{name}",
        purpose=Purpose.CONTROL,
        handle=handle,
        subject=own_address(url).rstrip("/").rsplit("/", maxsplit=1)[-1],
        picture=False,
    )


def _has_more_tools(shape: PageShape, page: PageCase) -> bool:
    """Return whether a view links to tools for who is signed in that no public view of the same page has.

    A dead session gets the public's view, so such a link alone would show nothing.
    """
    public = [look.shape for look in page.looks.get(ANONYMOUS, ()) if look.shape is not None]
    return bool(public) and bool(shape.tools.difference(*(of_public.tools for of_public in public)))


def is_unknown(look: Observation) -> bool:
    """Return whether no mark knows the page, and it is where it was asked for."""
    return look.outcome is Outcome.UNRECOGNISED and look.led_to is None


def _as_learned(look: Observation, outcome: Outcome | None) -> Observation:
    if outcome is None:
        return look
    named = outcome is Outcome.SHOWN
    return replace(look, outcome=outcome, mark=LEARNED_MARKS[outcome], identified=named)


def as_learned_then(then: Observation, now: Observation) -> Observation:
    """Return a look that is read again with what was learned of it in its run, where no mark knows it today.

    The examples were pages of that run; what was read by them then stands.
    """
    if not (then.is_learned and is_unknown(now)):
        return now
    signed_in = then.signed_in if now.signed_in is None else now.signed_in
    return replace(_as_learned(now, then.outcome), stories=then.stories, signed_in=signed_in)


def worth_keeping(verdict: ProfileVerdict, pages: Iterable[PageCase]) -> dict[str, PageShape]:
    """Return the shapes of the pages that were found visible by a mark, by their addresses."""
    visible = {page.folder for page in verdict.pages if page.verdict is Verdict.VISIBLE}
    looks = ((page.visit, page.looks.get(ANONYMOUS, ())) for page in pages if page.visit.folder in visible)
    return {
        visit.url: of_public[-1].shape
        for visit, of_public in looks
        if of_public and of_public[-1].outcome is Outcome.SHOWN and of_public[-1].shape is not None
    }
