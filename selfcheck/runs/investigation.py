"""The investigation of one profile: which pages it wants next, and at last the verdict. Pure.

Laws:
1. It opens nothing, waits for nothing and reads no clock. Its driver opens the pages of `wanted()`, hands
   back what each of them says with `take()`, and goes on until `wanted()` returns None.
2. The order in which the pages of one batch answer changes nothing.
3. First looks follow the plan: one page alone, which shows whether the others can be opened at all; then the
   rest together with the controls; then the author's view where the public's leaves a doubt; then the latest
   stories that the lists name.
4. Where all was well in the last run, some stories and the feed are left out by turns (`rotation`). They are
   opened after all as soon as the judge, of the rest, says anything but visible and confirmed, or a public
   list has lost one of them; not where a wall, no network or a spent limit stands in the way.
5. Then the judge decides, or says which further looks would help: second looks from fresh contexts after a
   wait, other pages that say whether this one is there, another control. It may ask three times.
6. Every profile has controls of its own; pages of the same address are opened once per run by the driver.
"""

from collections.abc import Callable, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random

from selfcheck.core.capture import PageRequest
from selfcheck.core.case import (
    AnotherControl,
    FallbackLook,
    LookAgain,
    PageCase,
    PastLooks,
    PastNumbers,
    ProfileCase,
    ReaderControls,
    SecondLook,
    StoryLooks,
)
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    ControlKind,
    FailureKind,
    Outcome,
    PageKind,
    Purpose,
)
from selfcheck.core.hosts import host_of, is_loopback
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.page_shape import PageShape
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import is_all_well, judge
from selfcheck.platforms.learn import is_learned
from selfcheck.platforms.page_urls import home_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import Control, ControlQueue
from selfcheck.runs.learning import Earlier, Lessons, is_unknown, story_controls, worth_keeping
from selfcheck.runs.plan import (
    Answers,
    Batch,
    Settled,
    WantedPage,
    asked,
    doubtful_pages,
    fallback_pages,
    first_pages,
    is_beyond_limits,
    latest_story_pages,
    program_pages,
    second_look,
    story_pages,
    words_of,
)
from selfcheck.runs.platform_facts import with_platform
from selfcheck.runs.reader_look import ReaderLook
from selfcheck.runs.rotation import Rotation

UNCONNECTED = (FailureKind.DNS, FailureKind.OFFLINE, FailureKind.BACKING_OFF)  # no server was reached

OUTAGE_SECONDS = 5.0
"""How long to wait before a second look where nothing answered: no cache can hold an old answer."""

ROUNDS = 3
"""How often the judge may ask for further looks: an outage, a confirmation, another control."""

Judge = Callable[[ProfileCase], ProfileVerdict | LookAgain]


@dataclass(frozen=True, kw_only=True)
class Question:
    """What is to be found out about one profile, and all that is known before the first page is opened."""

    profile: ProfileRequest
    platform: Platform
    signed_in: bool  # whether pages can be opened as the author, too
    seed: int | str = ""  # which controls are drawn, and in which order
    past: tuple[PastNumbers, ...] = ()  # what earlier runs read, oldest first
    settled: Settled = field(default_factory=dict)  # pages of which the author's view may wait for a doubt
    looks: PastLooks = field(default_factory=PastLooks)  # what the latest runs saw, if all was well
    earlier: Earlier = field(default_factory=dict)  # how the pages were built when they were fine
    notes: tuple[str, ...] = ()  # what the user should know besides, such as why no session is used
    readers: tuple[str, ...] = ()  # viewpoints of further accounts that can look past a login wall
    sign_in_with: str = ""  # the command that signs the author in
    hints: CommandHints = USUAL_HINTS


_Steps = Generator[Batch, Answers, "ProfileVerdict"]
_Asking = Generator[Batch, Answers, None]


class Investigation:
    """One profile's investigation, from the first page to the verdict."""

    def __init__(self, question: Question, *, judge: Judge = judge) -> None:
        self.question = question
        self.verdict: ProfileVerdict | None = None  # set when `wanted` returns None
        self.case: ProfileCase | None = None  # the evidence that the verdict rests on
        self._judge = judge
        self._chance = Random(question.seed)  # noqa: S311 — the drawing of controls is not secret
        self._controls = ControlQueue(question.profile, question.platform, self._chance)
        self._tried: set[str] = set()  # folders of stories that a list lacks, opened or left out
        self._pages: dict[str, PageCase] = {}  # by folder, in the order of the plan
        self._reader_controls: dict[str, ReaderControls] = {}
        self._rotation, self._settled = Rotation(), question.settled
        self._answers: dict[PageRequest, Mapping[str, Observation]] = {}
        self._steps = self._investigate()
        self._batch: Batch | None = None
        self._go_on(None)

    def wanted(self) -> Batch | None:
        """Return the pages that are still to be opened before it can go on; None when it has its verdict."""
        if self._batch is None:
            return None
        left = tuple(page for page in self._batch.pages if page.request not in self._answers)
        return replace(self._batch, pages=left)

    def take(self, page: WantedPage, observations: Mapping[str, Observation]) -> None:
        """Take what a wanted page says, by viewpoint. With the last page of its batch it goes on."""
        batch = self._batch
        assert batch is not None
        assert page in batch.pages
        self._answers[page.request] = observations
        if len(self._answers) == len(batch.pages):
            answers, self._answers = self._answers, {}
            self._go_on(answers)

    @property
    def good_shapes(self) -> dict[str, PageShape]:
        """Return how the pages that were found visible are built, by address, for later runs."""
        return worth_keeping(self.verdict, self._pages.values()) if self.verdict else {}

    def _go_on(self, answers: Answers | None) -> None:
        try:
            self._batch = next(self._steps) if answers is None else self._steps.send(answers)
        except StopIteration as end:
            self._batch, self.verdict = None, end.value

    def _investigate(self) -> _Steps:
        """Say what is done, from the first page to the verdict; each `yield` waits for a batch's answers."""
        question = self.question
        profile, platform, signed_in = question.profile, question.platform, question.signed_in
        planned = self._planned()
        if not self._is_loopback:  # pages of one host follow each other anyway, so this costs no time
            yield from self._open(planned[:1])
            planned = planned[1:]
        if not self._is_door_closed():
            first = [self._controls.next(kind) for kind in (ControlKind.LIVE, ControlKind.ABSENT)]
            kinds = {page.kind for page in planned} - {PageKind.PROFILE}
            kinds |= {PageKind.STORY} if profile.latest_stories else set()
            first += [self._controls.next(ControlKind.ABSENT, kind) for kind in sorted(kinds)]
            yield from self._open(planned, [control for control in first if control])
            yield from self._open_second_example()
            stories = [page.visit for page in self._pages.values() if page.visit.kind is PageKind.STORY]
            yield from self._open_story_examples(stories)
            if signed_in:
                yield from self._open_where_in_doubt()
            if profile.latest_stories:
                latest = latest_story_pages(profile, platform, list(self._looks()), signed_in=signed_in)
                latest = tuple(page for page in latest if page.folder not in self._pages)
                yield from self._open(self._rotation.without_resting(latest))
            yield from self._open_resting(self._rotation.unlisted(self._looks()))
            yield from self._open_as_readers()
        yield from self._open_for_programs()
        for rounds_left in reversed(range(ROUNDS + 1)):
            self.case = self._evidence(rounds_left)
            answer = self._judge(self.case)
            if self._rotation.resting and not is_all_well(answer):
                yield from self._open_resting(self._rotation.resting)
                self.case = self._evidence(rounds_left)
                answer = self._judge(self.case)
            if isinstance(answer, ProfileVerdict):
                return answer
            yield from self._look_further(answer)
        raise AssertionError  # without rounds left the judge cannot ask

    # -- pages that were fine lately --

    def _planned(self) -> Sequence[PageRequest]:
        """Return the first pages without those that may rest. This machine needs no sparing: none rests."""
        question = self.question
        of = (question.profile, question.platform)
        if not self._is_loopback:
            self._rotation = Rotation(question.looks, first_pages(*of, signed_in=question.signed_in))
        if self._rotation.has_room:
            self._settled = {}
        pages = first_pages(*of, signed_in=question.signed_in, settled=self._settled)
        return self._rotation.without_resting(pages)

    def _open_resting(self, pages: Sequence[PageRequest]) -> _Asking:
        if self._is_door_closed() or any(map(is_beyond_limits, self._looks())):
            return  # they would not be answered, or do harm
        self._rotation.wake(pages)
        kinds = sorted({page.kind for page in pages})
        controls = [self._controls.next(ControlKind.ABSENT, kind) for kind in kinds]
        yield from self._open(pages, [control for control in controls if control])

    def _open_as_readers(self) -> _Asking:
        """Open as further accounts what everybody is asked to sign in for, with controls of their own."""
        for who in (question := self.question).readers:
            reading = ReaderLook(who, question.profile, question.platform, question.seed)
            answers = yield from asked(reading.wanted(self._pages.values()))
            self._pages |= reading.pages(self._pages, answers)
            self._reader_controls |= reading.controls(answers)

    def _open_for_programs(self) -> _Asking:
        """Where a wall stood before a page, ask once for what the platform offers programs instead."""
        question = self.question
        for folder, page in self._pages.items():
            looks = page.looks.get(ANONYMOUS, ())
            requests = program_pages(question.profile, question.platform, page.visit)[:1]
            if requests and any(look.outcome is Outcome.CHALLENGE for look in looks):
                label = f"{words_of(page.visit)}, as programs are shown it"
                answers = yield from asked([WantedPage(request=requests[0], label=label)])
                views = tuple(answers[requests[0]].values())
                self._pages[folder] = replace(page, program_views=views)
                return

    @property
    def _is_loopback(self) -> bool:
        return is_loopback(host_of(home_of(self.question.profile, self.question.platform)))

    def _looks(self) -> Iterable[Observation]:
        return (look for page in self._pages.values() for looks in page.looks.values() for look in looks)

    def _is_door_closed(self) -> bool:
        """Return whether the first page shows that no other page can be opened now.

        Without a network each further page would only wait; behind a wall it would make things worse.
        """
        looks = list(self._looks())
        offline = [look.failure is not None and look.failure.kind in UNCONNECTED for look in looks]
        walled = [look.outcome in {Outcome.CHALLENGE, Outcome.RATE_LIMITED} for look in looks]
        return bool(looks) and (all(offline) or any(walled))

    # -- first looks --

    def _open(self, requests: Sequence[PageRequest], controls: Sequence[Control] = ()) -> _Asking:
        pages = [WantedPage(request=request, label=words_of(request)) for request in requests]
        answers = yield from asked([*pages, *(control.wanted for control in controls)])
        for request in requests:
            looks = {who: (look,) for who, look in answers[request].items()}
            self._pages[request.folder] = PageCase(visit=request, looks=looks)
        self._take_controls(controls, answers)

    def _take_controls(self, controls: Sequence[Control], answers: Answers) -> None:
        for control in controls:
            look = answers[control.request][ANONYMOUS]
            # What the limits left out of the further controls says nothing of the site.
            if control.page is PageKind.PROFILE or not is_beyond_limits(look):
                self._controls.add(control, look)

    def _open_where_in_doubt(self) -> _Asking:
        """Open as the author what was left to the public's view, where that leaves a doubt."""
        opened = [(page.visit, page.looks.get(ANONYMOUS, ())) for page in self._pages.values()]
        doubtful = doubtful_pages(self.question.platform, opened, self._settled)
        requests = {page.folder: replace(page, viewpoints=(AUTHOR,)) for page in doubtful}
        wanted = [WantedPage(request=request, label=words_of(request)) for request in requests.values()]
        answers = yield from asked(wanted)
        for page in doubtful:
            author = answers[requests[page.folder]][AUTHOR]
            looks = {**self._pages[page.folder].looks, AUTHOR: (author,)}
            self._pages[page.folder] = PageCase(visit=page, looks=looks)

    def _open_second_example(self) -> _Asking:
        """Open another live control where no mark knows the first: one alone teaches nothing."""
        live = [is_unknown(page) for kind, page in self._controls.looks if kind is ControlKind.LIVE]
        unknown = {look.kind for look in self._looks() if look.viewpoint == ANONYMOUS and is_unknown(look)}
        more = [self._controls.next(ControlKind.LIVE)] if unknown and live and all(live) else []
        if PageKind.PUBLICATION in unknown:
            more += [self._controls.next(ControlKind.LIVE, PageKind.PUBLICATION) for _ in range(2)]
        yield from self._open((), [control for control in more if control])

    def _open_story_examples(self, stories: Sequence[PageRequest]) -> _Asking:
        """Open stories of the live controls and one that cannot exist, where no file knows a story."""
        opened = any(page.kind is PageKind.STORY for _, page in self._controls.looks)
        if stories and not opened and is_learned(self.question.profile.platform):
            yield from self._open((), story_controls(self._lessons, stories[0], self._chance))

    # -- what the judge asks for besides --

    def _look_further(self, answer: LookAgain) -> _Asking:
        wanted_of: list[tuple[str, WantedPage]] = []  # with the folder of the page that each adds to
        controls: list[Control] = []
        stories: list[PageRequest] = []
        for wanted in answer.wanted:
            match wanted:
                case SecondLook(folder=folder, viewpoint=viewpoint):
                    page = self._pages[folder]
                    number = len(page.looks[viewpoint]) + 1
                    wanted_of.append((folder, second_look(page.visit, viewpoint, number)))
                case FallbackLook(folder=folder):
                    wanted_of += [(folder, page) for page in self._fallback_pages(folder)]
                case StoryLooks(stories=listed):
                    stories += self._story_pages(listed)
                case AnotherControl(kind=kind, page=of):
                    controls += [control] if (control := self._controls.next(kind, of)) else []
        second = [wanted for wanted in answer.wanted if isinstance(wanted, SecondLook)]
        opened = [WantedPage(request=request, label=words_of(request)) for request in stories]
        pages = [*(page for _, page in wanted_of), *opened, *(control.wanted for control in controls)]
        answers = yield from asked(pages, wait_seconds=self._wait_before(second))
        for folder, asked_page in wanted_of:
            page = self._pages[folder]
            for who, look in answers[asked_page.request].items():
                if asked_page.request.purpose is Purpose.FALLBACK:
                    page = replace(page, fallbacks=(*page.fallbacks, look))
                else:
                    page = replace(page, looks={**page.looks, who: (*page.looks[who], look)})
            self._pages[folder] = page
        self._take_stories(stories, answers)
        yield from self._open_story_examples(stories)
        self._take_controls(controls, answers)

    def _take_stories(self, stories: Sequence[PageRequest], answers: Answers) -> None:
        """Add the pages of missing stories; what the limits left out says nothing, and was not planned."""
        for request in stories:
            looks = {who: (look,) for who, look in answers[request].items()}
            if not any(map(is_beyond_limits, answers[request].values())):
                self._pages[request.folder] = PageCase(visit=request, looks=looks)

    def _story_pages(self, stories: Sequence[StoryRef]) -> list[PageRequest]:
        """Return the own pages of these stories, each asked for once."""
        question = self.question
        pages = story_pages(question.profile, question.platform, stories, signed_in=question.signed_in)
        new = [page for page in pages if page.folder not in {*self._pages, *self._tried}]
        self._tried |= {page.folder for page in new}
        return new

    def _wait_before(self, second: Sequence[SecondLook]) -> float:
        """Return how long to wait, so that a second look is not answered from a cache of the first.

        There is nothing to wait for on this machine, and where nothing is opened because the platform asked
        to be left alone.
        """
        backing_off = any(
            look.failure is not None and look.failure.kind is FailureKind.BACKING_OFF
            for look in self._looks()
        )
        if not second or self._is_loopback or backing_off:
            return 0.0
        usual = self.question.platform.limits.second_look_seconds
        answered = any(self._pages[look.folder].answered(look.viewpoint) for look in second)
        return usual if answered else min(OUTAGE_SECONDS, usual)

    def _fallback_pages(self, folder: str) -> list[WantedPage]:
        page = self._pages[folder].visit
        requests = fallback_pages(self.question.profile, self.question.platform, page)
        return [
            WantedPage(request=request, label=f"{words_of(request)}, by another page", fresh=True)
            for request in requests
        ]

    @property
    def _lessons(self) -> Lessons:
        return Lessons(
            controls=self._controls.looks,
            earlier=self.question.earlier,
            has_marks=not is_learned(self.question.profile.platform),
            platform=self.question.platform,
        )

    def _evidence(self, rounds_left: int) -> ProfileCase:
        question, controls, lessons = self.question, self._controls, self._lessons
        pages = lessons.read(tuple(self._pages.values()))
        return ProfileCase(
            name=question.profile.name,
            platform=question.platform.platform,
            handle=question.platform.shown_handle(question.profile.handle),
            sureness=with_platform(controls.facts, question.platform),
            author_expected=question.signed_in,
            pages=pages,
            controls=lessons.read_controls(controls.readings, pages),
            rounds_left=rounds_left,
            hints=question.hints,
            notes=question.notes,
            past=question.past,
            public_before=frozenset(question.earlier).union(
                question.settled, *question.settled.values(), question.looks.looks
            ),
            not_opened=self._rotation.unopened(page.visit.url for page in self._pages.values()),
            sign_in_with=question.sign_in_with,
            reader_controls=self._reader_controls,
        )
