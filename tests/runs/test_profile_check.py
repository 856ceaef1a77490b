"""The check of a profile with a hand-made browser pool, clock and sleep: which pages, when, and how often."""

# ruff: noqa: E501 — a row of a table reads best as one line

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from types import SimpleNamespace
from typing import Any

import pytest

from selfcheck.artifacts.case_files import read_author_pages
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.core.capture import Capture, Failure, PageRequest
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    ControlKind,
    FailureKind,
    Outcome,
    PageKind,
    Purpose,
    Strength,
    Verdict,
)
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import ControlQueue, drawn_controls
from selfcheck.runs.environment import NoProgress, RunEnvironment
from selfcheck.runs.investigation import Investigation
from selfcheck.runs.plan import Settled
from selfcheck.runs.profile_check import PageDriver, SharedPool, check_profile
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.runs.subjects import CheckSubject
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.sessions.encryption import new_identity
from selfcheck.sessions.store import SessionStore
from selfcheck.storage.data_folder import DataFolder

PLATFORM = """
platform: plainblog
title: Plain Blog
home: http://plainblog.invalid
about: An ordinary blog, as a user would describe one.
hosts: [plainblog.invalid]
handle: {pattern: "[a-z0-9-]+", example: "@jane", show: "@{handle}"}
story_id: "/story/([a-z0-9]+)"
pages:
  profile: {url: "{home}/author/{handle}"}
  publication: {url: "{home}/pub/{publication}"}
  story: {url: "{home}/story/{story_id}"}
  feed: {url: "{home}/feed/{handle}", viewpoints: [anonymous]}
  stats: {url: "{home}/stats", viewpoints: [author]}
sign_in: {url: "{home}/login", signed_in: {selector: {css: "#adminbar"}}}
marks:
  - {id: plainblog.suspended, says: suspended, when: {status: [410], html: [x]}, tag: C, source: test, seen: "2026"}
  - {id: plainblog.wall, says: login_wall, when: {status: [401], html: [x]}, tag: C, source: test, seen: "2026"}
  - {id: plainblog.shown, says: shown, when: {status: [200], selector: {css: "main.page"}}, tag: C, source: test, seen: "2026"}
  - {id: plainblog.gone, says: not_found, when: {status: [404], html: [x]}, tag: C, source: test, seen: "2026"}
fallbacks:
  - {id: plainblog.card, instead_of: profile, url: "{home}/card/{handle}", tag: C, source: test, seen: "2026"}
controls: {live: ["@alive", "@aloft"], absent: "nobody-{random}", suspended: ["@banned"]}
limits: {gap_seconds: 0, jitter_seconds: 0, second_look_seconds: 42}
"""
START = datetime(2026, 5, 4, 12, tzinfo=UTC)
SHOWN, GONE, SUSPENDED, STRANGE = (
    (200, "<main class=page>words</main>"),
    (404, "x"),
    (410, "x"),
    (200, "<p>new</p>"),
)

Answer = tuple[int, str]
Site = Callable[[PageRequest, str], Answer]


@dataclass
class Clock:
    """A clock that only sleeping moves."""

    now: datetime = START
    slept: list[float] = field(default_factory=list)

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += timedelta(seconds=seconds)


class Pool:
    """A browser pool that gets what the site answers, and remembers from which context and when."""

    def __init__(self, site: Site, clock: Clock) -> None:
        self.site, self.clock = site, clock
        self.contexts = 0
        self.looks: list[
            tuple[str, str, Purpose, int, datetime]
        ] = []  # path, viewpoint, purpose, context, time

    @asynccontextmanager
    async def view(
        self, name: str, _platform: Platform, _home: str, _state: object, *, profile: str
    ) -> AsyncIterator[Any]:
        assert profile
        self.contexts += 1
        yield SimpleNamespace(name=name, context=self.contexts, clearance=None, rotated=self.rotated)

    async def rotated(self) -> Any:
        return {"cookies": [], "origins": []}

    async def fetch_all(self, visit: PageRequest, views: Mapping[str, Any]) -> dict[str, Capture]:
        return {who: self._capture(visit, view) for who, view in views.items()}

    def _capture(self, visit: PageRequest, view: Any) -> Capture:
        path = visit.url.removeprefix("http://plainblog.invalid")
        self.looks.append((path, view.name, visit.purpose, view.context, self.clock.now))
        status, html = self.site(visit, view.name)
        bar = "<div id=adminbar></div>" if view.name != ANONYMOUS else ""
        return Capture(
            visit=visit,
            viewpoint=view.name,
            started_at=self.clock.now,
            finished_at=self.clock.now,
            status=status or None,
            failure=None if status else Failure(kind=FailureKind.DNS, detail="no such host"),
            final_url=visit.url,
            html=html + bar,
            text="words",
            content_type="text/html",
        )


@dataclass
class Checked:
    verdicts: list[ProfileVerdict]
    pool: Pool
    clock: Clock
    folder: Path

    @property
    def verdict(self) -> ProfileVerdict:
        return self.verdicts[0]

    def looks_at(
        self, word: str, viewpoint: str = ANONYMOUS
    ) -> list[tuple[str, str, Purpose, int, datetime]]:
        return [look for look in self.pool.looks if word in look[0] and look[1] == viewpoint]


@pytest.fixture
def platform(tmp_path: Path) -> Platform:
    path = tmp_path / "plainblog.yaml"
    path.write_text(PLATFORM, encoding="utf-8")
    return load_platform(str(path))


def check(
    tmp_path: Path,
    platform: Platform,
    site: Site,
    *handles: str,
    signed_in: bool = True,
    settled: Settled | None = None,
    author_pages: AuthorPages | None = None,
    saved: bool = False,
    readers: Mapping[str, Any] | None = None,
    **asked: Any,
) -> Checked:
    clock = Clock()
    pool = Pool(site, clock)
    recorder = RunRecorder(RunFolder.create(DataFolder(tmp_path / "data"), "run"))
    keep: dict[str, Any] = {"now": lambda: clock.now, "sleep": clock.sleep, "random": Random(3)}
    environment = RunEnvironment(**keep, sessions=SessionStore(tmp_path / "sessions"))
    profiles = [
        ProfileRequest(name=handle, platform="plainblog", handle=handle, **asked)
        for handle in handles or ("jane",)
    ]
    shared = SharedPool(pool)  # type: ignore[arg-type]

    async def check_one(profile: ProfileRequest) -> ProfileVerdict:
        session: Any = {"cookies": [], "origins": []} if signed_in else None
        subject = CheckSubject(
            profile=profile, platform=platform, session=session, saved=saved, readers=readers or {}
        )
        driver = PageDriver(
            subject,
            shared=shared,
            environment=environment,
            progress=NoProgress(),
            recorder=recorder,
            author_pages=author_pages,
        )
        investigation = Investigation(subject.question(environment, seed=3, settled=settled or {}))
        return await check_profile(investigation, driver, recorder, environment)

    async def check_all() -> list[ProfileVerdict]:
        return [await check_one(profile) for profile in profiles]

    return Checked(asyncio.run(check_all()), pool, clock, recorder.folder.path)


def site(of_jane: Answer = SHOWN, **others: Answer) -> Site:
    """Answer `of_jane` to logged-out visitors on all pages of jane; others by a word of their address."""

    def answer(visit: PageRequest, viewpoint: str) -> Answer:
        for word, other in others.items():
            if word in visit.url:
                return other
        if "nobody-" in visit.url:
            return GONE
        if "banned" in visit.url:
            return SUSPENDED
        return of_jane if viewpoint == ANONYMOUS and visit.handle == "jane" else SHOWN

    return answer


def test_gone_is_confirmed_by_a_fresh_context_after_the_stated_wait_and_by_another_page(
    tmp_path: Path, platform: Platform
) -> None:
    checked = check(tmp_path, platform, site(GONE))
    first, second = checked.looks_at("/author/jane")
    (card,) = checked.looks_at("/card/jane")
    assert (checked.verdict.verdict, checked.verdict.strength) == (Verdict.HIDDEN, Strength.CONFIRMED)
    assert (second[2], card[2]) == (Purpose.SECOND_LOOK, Purpose.FALLBACK)
    assert len({first[3], second[3], card[3]}) == 3
    assert second[4] - first[4] >= timedelta(seconds=platform.limits.second_look_seconds)
    assert checked.clock.slept == [42.0]


def test_the_author_s_pages_are_kept_only_where_that_is_asked_for(tmp_path: Path, platform: Platform) -> None:
    sessions = SessionStore(tmp_path / "sessions", environ={"SELFCHECK_KEY": new_identity()})
    pages = AuthorPages(sessions)
    check(tmp_path / "off", platform, site(GONE))
    assert pages.run_ids() == ()
    check(tmp_path / "on", platform, site(GONE), author_pages=pages)
    kept = read_author_pages(pages.load("run", "jane") or b"", name="x")
    assert [(page.viewpoint, "adminbar" in page.html) for page in kept] == [(AUTHOR, True)] * len(kept)
    assert len(kept) > 1  # the second look too
    assert [
        path
        for path in (tmp_path / "on").rglob("*")
        if path.is_file() and b"<div id=adminbar" in path.read_bytes()
    ] == []


def test_pages_that_cannot_be_kept_cost_nothing_else(tmp_path: Path, platform: Platform) -> None:
    (tmp_path / "sessions").write_text("a file where the folder should be")
    pages = AuthorPages(SessionStore(tmp_path / "sessions", environ={"SELFCHECK_KEY": new_identity()}))
    assert check(tmp_path / "on", platform, site(GONE), author_pages=pages).verdict.verdict is Verdict.HIDDEN


@pytest.mark.parametrize(
    ("of_jane", "seen", "verdict"),
    [(GONE, Outcome.NOT_FOUND, Verdict.HIDDEN), (SHOWN, Outcome.SHOWN, Verdict.VISIBLE)],
)
def test_a_further_account_looks_behind_a_login_wall_with_controls_of_its_own_and_leaves_no_page(
    tmp_path: Path, platform: Platform, of_jane: Answer, seen: Outcome, verdict: Verdict
) -> None:
    def walled(visit: PageRequest, viewpoint: str) -> Answer:
        if viewpoint == ANONYMOUS:
            return (401, "x")
        jane = viewpoint == "reader" and visit.handle == "jane"
        return of_jane if jane else site()(visit, viewpoint)

    checked = check(tmp_path, platform, walled, readers={"reader": {"cookies": [], "origins": []}})
    opened = [look[0] for look in checked.looks_at("/", "reader")]
    assert opened[0] == "/author/jane"
    assert [path.startswith("/author/nobody-") for path in sorted(opened[1:])] == [False, True]
    page = checked.verdict.pages[0]
    assert {who: look.outcome for who, look in page.readers.items()} == {"reader": seen}
    assert set(page.views) == {ANONYMOUS, AUTHOR}
    assert (checked.verdict.verdict, checked.verdict.strength) == (verdict, Strength.LIKELY)
    assert [path for path in checked.folder.rglob("*") if "reader" in path.name] == []


def test_a_renewed_session_that_cannot_be_saved_costs_no_verdict(
    tmp_path: Path, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_KEY", new_identity())
    (tmp_path / "sessions").write_text("a file where the folder should be")
    assert check(tmp_path, platform, site(GONE), saved=True).verdict.verdict is Verdict.HIDDEN


def test_what_another_page_says_is_believed(tmp_path: Path, platform: Platform) -> None:
    checked = check(tmp_path, platform, site(GONE, card=SUSPENDED))
    assert (checked.verdict.verdict, checked.verdict.rules[0]) == (
        Verdict.SUSPENDED,
        "fallback.says-suspended",
    )


def test_an_old_copy_that_gives_way_is_visible(tmp_path: Path, platform: Platform) -> None:
    old = iter([GONE])

    def cached(visit: PageRequest, viewpoint: str) -> Answer:
        if "/author/jane" in visit.url and viewpoint == ANONYMOUS:
            return next(old, SHOWN)
        return site()(visit, viewpoint)

    assert check(tmp_path, platform, cached).verdict.verdict is Verdict.VISIBLE


def test_without_a_network_one_page_is_tried_twice_and_nothing_else(
    tmp_path: Path, platform: Platform
) -> None:
    checked = check(tmp_path, platform, lambda _visit, _viewpoint: (0, ""), publications=("pub",))
    assert (checked.verdict.verdict, checked.verdict.rules[0]) == (
        Verdict.INCONCLUSIVE,
        "transport.unreachable",
    )
    assert {look[0] for look in checked.pool.looks} == {"/author/jane"}
    assert len(checked.looks_at("")) == 2
    assert checked.clock.slept == [5.0]


def test_a_run_stops_at_a_wall(tmp_path: Path, platform: Platform) -> None:
    checked = check(tmp_path, platform, site((429, "")), publications=("pub",))
    assert checked.verdict.verdict is Verdict.INCONCLUSIVE
    assert len(checked.looks_at("")) == 1


def test_for_a_missing_account_the_next_steps_are_its_handle_and_signing_in_only_if_that_is_possible(
    tmp_path: Path, platform: Platform
) -> None:
    steps = check(tmp_path, platform, site(GONE), signed_in=False).verdict.next_steps
    assert "handle" in steps[0]
    assert not any("selfcheck login" in step for step in steps)


def test_a_visible_author_costs_eight_logged_out_page_views(tmp_path: Path, platform: Platform) -> None:
    addresses = tuple(f"http://plainblog.invalid/story/s{n}" for n in range(3))
    checked = check(tmp_path, platform, site(), publications=("pub",), stories=addresses)
    assert checked.verdict.verdict is Verdict.VISIBLE
    assert len(checked.looks_at("")) == 8
    assert checked.clock.slept == []


@pytest.mark.parametrize(
    ("others", "kinds", "verdict"),
    [
        pytest.param({}, ["absent", "live"], Verdict.SUSPENDED, id="controls that pass leave no doubt"),
        pytest.param({"alive": GONE, "aloft": GONE}, ["absent", "live", "live", "suspended"], Verdict.INCONCLUSIVE,
                     id="live controls that all look gone are doubtful"),
        pytest.param({"alive": (429, ""), "aloft": (429, "")}, ["absent", "live", "live"], Verdict.SUSPENDED,
                     id="a wall before the controls is no doubt that a further look would settle"),
    ],
)  # fmt: skip
def test_the_suspended_control_is_opened_only_in_doubt(
    tmp_path: Path, platform: Platform, others: dict[str, Answer], kinds: list[str], verdict: Verdict
) -> None:
    checked = check(tmp_path, platform, site(SUSPENDED, **others))
    assert sorted(one.kind.value for one in checked.verdict.controls) == kinds
    assert checked.verdict.verdict is verdict
    assert checked.verdict.strength is (Strength.LIKELY if others else Strength.CONFIRMED)


def test_a_suspended_control_adds_to_the_reason(tmp_path: Path, platform: Platform) -> None:
    checked = check(tmp_path, platform, site(SUSPENDED, alive=GONE, aloft=GONE))
    assert "(@banned) still says so" in checked.verdict.firings[0].reason


def test_a_platform_whose_controls_all_fail_is_out_of_date(tmp_path: Path, platform: Platform) -> None:
    new = dict.fromkeys(("alive", "aloft", "nobody", "banned", "author/jane"), STRANGE)
    checked = check(tmp_path, platform, site(STRANGE, **new))
    assert checked.verdict.rules[0] == "controls.all-failed"
    assert checked.verdict.verdict is Verdict.INCONCLUSIVE
    assert "out of date" in checked.verdict.summary
    assert any("selfcheck replay RUN --export" in step for step in checked.verdict.next_steps)


def test_a_changed_layout_is_inconclusive_and_its_page_is_saved(tmp_path: Path, platform: Platform) -> None:
    checked = check(tmp_path, platform, site(**{"author/jane": STRANGE}))
    assert (checked.verdict.verdict, checked.verdict.rules[0]) == (Verdict.INCONCLUSIVE, "page.unrecognised")
    assert "<p>new</p>" in (checked.folder / "jane" / "profile" / "anonymous.html").read_text("utf-8")


def test_profiles_of_one_platform_share_their_controls(tmp_path: Path, platform: Platform) -> None:
    checked = check(tmp_path, platform, site(), "jane", "june")
    assert len(checked.looks_at("/author/")) == 4
    assert checked.verdicts[0].controls == checked.verdicts[1].controls


def test_no_profile_is_its_own_control(tmp_path: Path, platform: Platform) -> None:
    checked = check(tmp_path, platform, site(), "jane", "alive", "aloft")
    for one in checked.verdicts:
        live = [control.handle for control in one.controls if control.kind is ControlKind.LIVE]
        assert live
        assert one.name not in live


def test_controls_are_drawn_by_the_runs_seed(platform: Platform) -> None:
    jane = ProfileRequest(name="jane", platform="plainblog", handle="jane")
    drawn = [
        [control.handle for control in drawn_controls(jane, platform, Random(seed))] for seed in (1, 1, 2)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_where_a_status_alone_tells_a_page_that_cannot_exist_is_asked_for_of_each_kind(
    tmp_path: Path,
) -> None:
    path = tmp_path / "bare.yaml"
    path.write_text(PLATFORM.replace(", html: [x]", ""), encoding="utf-8")
    elsewhere = site()

    def feeds_are_there_for_everybody(visit: PageRequest, viewpoint: str) -> Answer:
        return SHOWN if visit.kind is PageKind.FEED else elsewhere(visit, viewpoint)

    checked = check(
        tmp_path, load_platform(str(path)), feeds_are_there_for_everybody, publications=("notes",)
    )
    absent = {one.page: one.ok for one in checked.verdict.controls if one.kind is ControlKind.ABSENT}
    # no story is opened in this run, so none is asked for that cannot exist
    assert absent == {PageKind.PROFILE: True, PageKind.PUBLICATION: True, PageKind.FEED: False}
    verdicts = {page.kind: page.verdict for page in checked.verdict.pages}
    assert verdicts[PageKind.FEED] is Verdict.INCONCLUSIVE
    assert verdicts[PageKind.PROFILE] is verdicts[PageKind.PUBLICATION] is Verdict.VISIBLE
    asked = [look[0] for look in checked.pool.looks if look[2] is Purpose.CONTROL and "nobody-" in look[0]]
    assert sorted(path.split("/")[1] for path in asked) == ["author", "feed", "pub"]


@pytest.mark.parametrize(
    ("answer", "verdict", "author_looks"),
    [
        pytest.param(SHOWN, Verdict.VISIBLE, 0, id="shown as before: the author need not look"),
        pytest.param(GONE, Verdict.HIDDEN, 1, id="gone: the author looks, and it is told hidden"),
    ],
)
def test_a_settled_publication_is_opened_as_the_author_only_in_doubt(
    tmp_path: Path, platform: Platform, answer: Answer, verdict: Verdict, author_looks: int
) -> None:
    pages = platform.pages | {
        PageKind.PUBLICATION: platform.pages[PageKind.PUBLICATION].model_copy(
            update={"author_looks": "in_doubt"}
        )
    }
    sparing = platform.model_copy(update={"pages": pages})
    elsewhere = site()

    def answers(visit: PageRequest, viewpoint: str) -> Answer:
        if visit.kind is PageKind.PUBLICATION:
            return answer if viewpoint == ANONYMOUS else SHOWN
        return elsewhere(visit, viewpoint)

    settled = {"http://plainblog.invalid/pub/notes": ()}
    checked = check(tmp_path, sparing, answers, publications=("notes",), settled=settled)
    (page,) = (one for one in checked.verdict.pages if one.kind is PageKind.PUBLICATION)
    assert page.verdict is verdict
    assert len(checked.looks_at("/pub/notes", AUTHOR)) == author_looks


@pytest.mark.parametrize("late", [ControlKind.LIVE, ControlKind.ABSENT])
def test_the_controls_are_in_one_order_whichever_answers_first(platform: Platform, late: ControlKind) -> None:
    jane = ProfileRequest(name="jane", platform="plainblog", handle="jane")
    queue = ControlQueue(jane, platform, Random(3))
    shown = Observation(viewpoint=ANONYMOUS, kind=PageKind.PROFILE, url="", outcome=Outcome.SHOWN)
    controls = [queue.next(kind) for kind in (ControlKind.LIVE, ControlKind.ABSENT)]
    for control in sorted(filter(None, controls), key=lambda control: control.kind is late):
        queue.add(control, shown)
    assert [reading.kind for reading in queue.readings] == [ControlKind.LIVE, ControlKind.ABSENT]


def test_a_profile_that_is_itself_a_control_draws_the_others_in_the_same_order(platform: Platform) -> None:
    def drawn(handle: str) -> list[str]:
        profile = ProfileRequest(name=handle, platform="plainblog", handle=handle)
        return [control.handle for control in drawn_controls(profile, platform, Random(3))]

    assert drawn("alive") == [handle for handle in drawn("jane") if handle != "alive"]
