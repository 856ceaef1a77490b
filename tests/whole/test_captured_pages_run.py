"""The main job on real saved pages: served on loopback, seen by a real browser, judged as they must be."""

import os
from pathlib import Path

import pytest
from runs import environment, finish, without_screenshots

from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.request import ProfileRequest
from selfcheck.demo.saved_site import PagesSite, SavedProfile
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.run import Finished

BESIDE = Path(__file__).resolve().parents[2].parent / "shared" / "captures"
CAPTURES = Path(os.environ.get("SELFCHECK_CAPTURES") or BESIDE)

pytestmark = pytest.mark.skipif(
    not CAPTURES.is_dir(), reason="the captured pages are not part of the project"
)


@pytest.fixture(scope="module", params=[False, True], ids=["with sessions", "anonymous only"])
def run_on_captures(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Finished, tuple[SavedProfile, ...], bool]:
    folder = tmp_path_factory.mktemp("captures")
    here = environment(folder)
    with PagesSite(CAPTURES, load_platform("medium")) as site:
        saved = site.profiles()
        for one in saved:
            here.sessions.save(one.name, site.storage_state(one.handle))
        profiles = [_request(one, site.url) for one in saved]
        with without_screenshots(except_of=() if request.param else pictured(saved)):
            done = finish(folder, *profiles, in_environment=here, anonymous_only=request.param)
    return done, saved, request.param


def pictured(saved: tuple[SavedProfile, ...]) -> set[str]:
    """Name the profiles of which screenshots are taken: the first of each verdict."""
    return set({one.expected: one.name for one in reversed(saved)}.values())


def _request(one: SavedProfile, url: str) -> ProfileRequest:
    return ProfileRequest(
        name=one.name,
        platform="medium",
        handle=one.handle,
        base_url=url,
        publications=one.publications,
        stories=tuple(url + path for path in one.stories),
        session=one.name,
    )


def test_every_profile_gets_the_verdict_of_its_label(
    run_on_captures: tuple[Finished, tuple[SavedProfile, ...], bool],
) -> None:
    done, saved, anonymous_only = run_on_captures
    found = {one.name: one.verdict for one in done.result.profiles}
    assert found == {one.name: one.without_session if anonymous_only else one.expected for one in saved}
    assert set(found.values()) >= {Verdict.SUSPENDED, Verdict.INCONCLUSIVE, Verdict.VISIBLE}
    assert (Verdict.MISSING if anonymous_only else Verdict.HIDDEN) in found.values()
    assert done.result.failures == ()


def test_every_healthy_publication_and_story_is_visible(
    run_on_captures: tuple[Finished, tuple[SavedProfile, ...], bool],
) -> None:
    done, _, _ = run_on_captures
    pages = [
        page
        for one in done.result.profiles
        if one.verdict is Verdict.VISIBLE
        for page in one.pages
        if page.kind in {PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY}
    ]
    assert {page.kind for page in pages} == {PageKind.PROFILE, PageKind.PUBLICATION, PageKind.STORY}
    assert [page.url for page in pages if page.verdict is not Verdict.VISIBLE] == []


def test_a_profile_of_each_verdict_has_its_screenshots(
    run_on_captures: tuple[Finished, tuple[SavedProfile, ...], bool],
) -> None:
    done, saved, anonymous_only = run_on_captures
    found = {
        one.name
        for one in done.result.profiles
        for page in one.pages
        for look in page.views.values()
        if look.screenshot
    }
    assert found == (set() if anonymous_only else pictured(saved))
