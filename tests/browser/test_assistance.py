"""A person who passes a wall by hand: only walls wait, the run goes on by itself, and nothing else changes."""

# ruff: noqa: E501 — a row of a table reads best as one line

import asyncio
from datetime import UTC, datetime
from typing import Any

import pytest

from selfcheck.browser.assistance import Assistance
from selfcheck.browser.discovery import BrowserChoice
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason
from selfcheck.core.capture import Capture
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Clearance, Purpose
from selfcheck.platforms.catalogue import walls

from .conftest import Handler, Site, World, look_with, platform_of

CHECKS = walls().checks
WALL = """<title>Just a moment...</title><p>Verify you are human<script>
const ask = async () => (await fetch('/passed')).ok
  ? (document.cookie = 'cf_clearance=passed-by-hand-0123456789', location.reload()) : setTimeout(ask, 30);
ask();</script>"""


def is_wall(capture: Capture) -> bool:
    return "Verify you are human" in capture.text


class WalledSite:
    """A site behind a wall that a person passes: `passes` is what they do when they are told of it."""

    def __init__(self, site: Site) -> None:
        self.site, self.passed, self.told = site, False, []
        site.route("/passed", lambda handler: handler.answer(status=200 if self.passed else 404))
        site.route("/page", self._page)

    def _page(self, handler: Handler) -> None:
        if "cf_clearance=passed" in handler.headers.get("Cookie", ""):
            handler.answer("<title>There</title><p>Words of the page")
        else:
            handler.answer(WALL, status=403, headers=(("cf-mitigated", "challenge"),))

    def passes(self, message: str) -> None:
        self.told.append(message)
        self.passed = True

    async def looks(
        self, choice: BrowserChoice, assistance: Assistance | None, purposes: Any
    ) -> list[Capture]:
        options = PoolOptions(jobs=2, say=print, clock=_clock, assistance=assistance)
        async with (
            open_pool(choice, options) as pool,
            pool.view(ANONYMOUS, platform_of(), self.site.url, None) as view,
        ):
            url = f"{self.site.url}/page"
            return [await look_with(pool, view, url, purpose=purpose) for purpose in purposes]


def _clock() -> Any:
    return datetime.now(UTC)


def test_the_run_goes_on_by_itself_when_a_person_has_passed_the_wall(
    site: Site, world: World, choice: BrowserChoice
) -> None:
    walled = WalledSite(site)
    assistance = Assistance(is_wall=is_wall, say=walled.passes, every=0.02)
    purposes = (Purpose.PAGE, Purpose.SECOND_LOOK)
    first, second = world.do(walled.looks(choice, assistance, purposes))
    assert [(look.status, look.title, look.clearance) for look in (first, second)] == [
        (200, "There", Clearance.BY_HAND),
        (200, "There", Clearance.REUSED),
    ]
    assert first.screenshot is not None
    assert len(walled.told) == 1
    assert "by itself" in walled.told[0]
    assert site.count("/page") == 3  # the wall, the page behind it, and the second look: not from a cache
    assert "passed-by-hand" not in f"{first}{second}"


def test_a_wall_that_is_not_passed_waits_once_and_stays_a_wall(
    site: Site, world: World, choice: BrowserChoice
) -> None:
    walled = WalledSite(site)
    assistance = Assistance(is_wall=is_wall, say=walled.told.append, seconds=0.1, every=0.02)
    looks = world.do(walled.looks(choice, assistance, (Purpose.PAGE, Purpose.PAGE)))
    assert [(look.status, look.clearance) for look in looks] == [(403, None), (403, None)]
    assert len(walled.told) == 2  # please pass it; it was not passed
    assert site.count("/page") == 2


def test_a_page_that_is_no_wall_waits_for_nobody(site: Site, world: World, choice: BrowserChoice) -> None:
    walled = WalledSite(site)
    site.page("/page", "<title>There</title><p>Words of the page")
    assistance = Assistance(is_wall=is_wall, say=walled.told.append)
    (look,) = world.do(walled.looks(choice, assistance, (Purpose.PAGE,)))
    assert (look.status, look.clearance, walled.told) == (200, None, [])


def test_ctrl_c_ends_the_waiting(site: Site, world: World, choice: BrowserChoice) -> None:
    async def interrupted() -> None:
        reached = asyncio.Event()
        assistance = Assistance(is_wall=is_wall, say=lambda _: reached.set(), every=0.02)
        task = asyncio.create_task(WalledSite(site).looks(choice, assistance, (Purpose.PAGE,)))
        await reached.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    world.do(interrupted())


def author(**more: Any) -> PagePolicy:
    return PagePolicy(
        page_host="blog.example", author=True, own_hosts=("blog.example",), checks=CHECKS, **more
    )


TURNSTILE = "https://challenges.cloudflare.com/turnstile/flow"
FLOW = "https://blog.example/cdn-cgi/challenge-platform/h/b/flow/1"
SENT = "https://blog.example/@jane?a=1&__cf_chl_f_tk=abc"


@pytest.mark.parametrize(
    ("url", "kind", "policy", "goes"),
    [
        pytest.param(TURNSTILE, "XHR", None, True, id="the check in its own frame"),
        pytest.param(FLOW, "XHR", author(), True, id="the check on the platform's host"),
        pytest.param(SENT, "Document", author(), True, id="the page that sends it in"),
        pytest.param(SENT, "Document", None, False, id="not from a frame that is not known"),
        pytest.param("https://other.example/x?__cf_chl_f_tk=abc", "Document", author(), False, id="nor to another host"),
        pytest.param("https://blog.example/api/delete?to=/cdn-cgi/challenge-platform/", "XHR", author(), False, id="nor what only mentions it"),
        pytest.param("https://challenges.cloudflare.com.evil.example/", "XHR", author(), False, id="nor a lookalike"),
        pytest.param("https://blog.example/api/follow", "XHR", author(), False, id="nor anything of the platform"),
        pytest.param(FLOW, "Ping", author(), False, id="nor a beacon"),
    ],
)  # fmt: skip
def test_only_the_walls_own_questions_may_be_answered(
    url: str, kind: str, policy: PagePolicy | None, *, goes: bool
) -> None:
    request = OutgoingRequest(url=url, method="POST", kind=kind)
    authors = (author(),)
    assert (block_reason(request, policy, authors=authors, checks=CHECKS) is None) is goes
    usual = None if policy is None else PagePolicy(page_host="blog.example", author=True)
    assert block_reason(request, usual, authors=authors) is not None  # in every other run


@pytest.mark.parametrize("viewpoint", [ANONYMOUS, AUTHOR])
def test_without_a_person_no_check_is_answered(viewpoint: str, world: World) -> None:
    async def policy() -> PagePolicy:
        async with world.pool.view(viewpoint, platform_of(), "http://127.0.0.1", None) as view:
            return view.policy_for("http://127.0.0.1/page")

    assert world.do(policy()).checks == ()
