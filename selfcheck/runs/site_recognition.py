"""`selfcheck init ADDRESS`: asks a site that no shipped platform is at which software it runs."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime

from selfcheck.browser.pool import BrowserPool, PoolOptions, ViewContext, program_pool
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, PageKind, Purpose
from selfcheck.core.hosts import host_of, join_address, split_address
from selfcheck.platforms.catalogue import PlatformHead, shipped_heads
from selfcheck.platforms.learn import site_platform
from selfcheck.platforms.recognition import (
    Answer,
    NamedAccount,
    engine_of_page,
    possible_accounts,
    questions,
    says_yes,
)

_MOST_REDIRECTS = 2


def recognise_site(address: str, *, say: Callable[[str], None]) -> NamedAccount | None:
    """Return the account of an address on a site that runs a known engine; None where nothing tells.

    At most the page itself and one small address for each engine are asked for, by plain HTTP, without a
    session, at the pace of a run.
    """
    heads = shipped_heads()
    accounts = possible_accounts(address, heads)
    if not accounts:
        return None
    say(f"Asking {host_of(address)} which software it runs ...")
    return asyncio.run(_asked(address, accounts, heads))


async def _asked(
    address: str, accounts: dict[str, NamedAccount], heads: tuple[PlatformHead, ...]
) -> NamedAccount | None:
    parts = split_address(address)
    home = f"{parts.scheme}://{parts.netloc}"
    pool = program_pool(PoolOptions(jobs=1, say=lambda _text: None, clock=_now))
    async with pool.view(ANONYMOUS, site_platform(home), home, None) as view:
        page = await _page(pool, view, address)
        if name := engine_of_page(page.html, heads):
            return accounts.get(name)
        for name, question in questions(accounts, heads):
            capture = await _get(pool, view, f"{home}{question.path}")
            answer = Answer(status=capture.status, content_type=capture.content_type, text=capture.html)
            if says_yes(question, answer):
                return accounts[name]
            if capture.failure is not None:
                return None  # it would fail for each of them
    return None


async def _page(pool: BrowserPool, view: ViewContext, address: str) -> Capture:
    """Return the page, after redirects within its own site: a slash at the end, http to https."""
    capture = await _get(pool, view, address)
    for _ in range(_MOST_REDIRECTS):
        target = join_address(address, capture.headers.get("location", ""))
        if not capture.headers.get("location") or host_of(target) != host_of(address):
            break
        capture = await _get(pool, view, target)
    return capture


async def _get(pool: BrowserPool, view: ViewContext, url: str) -> Capture:
    request = PageRequest(
        profile="",
        kind=PageKind.PROFILE,
        url=url,
        viewpoints=(ANONYMOUS,),
        folder="",
        purpose=Purpose.PROGRAM_VIEW,
        picture=False,
    )
    return (await pool.fetch_all(request, {ANONYMOUS: view}))[ANONYMOUS]


def _now() -> datetime:
    return datetime.now(UTC)
