"""The world of `fleet.py` and of the fleet's tests: sites that log who asks, and workers that ask.

`python fleet_world.py sites LOG [trouble]` serves all platforms on one port, which it prints, and writes a
line to LOG for each request: seconds, platform, address, profile, stage.
`python fleet_world.py work SETTING` is a worker, whose looks are requests without a browser, but for the
profiles that have a platform file of their own (`fleet_browser`). SETTING is JSON.
"""

import asyncio
import json
import sys
import time
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from loguru import logger

from selfcheck.core.enums import Outcome, Strength, Verdict
from selfcheck.demo.states import STATES, DemoState
from selfcheck.fleet.queue import SlotJob
from selfcheck.fleet.stages import (
    Further,
    KnownProfile,
    Look,
    Rhythm,
    SlotResult,
    Stage,
    after_triage,
    after_whole,
)
from selfcheck.fleet.worker import Looker, Turns, Worker, WorkerOptions
from selfcheck.platforms.catalogue import is_path
from selfcheck.platforms.schema import Limits

GAP, JITTER = 0.1, 0.03
PAGE = "page"  # the stage in a line of the log that a browser caused
BROWSER_PLATFORM, BROWSER_GAP = "p39", 0.5
_BROWSER_PROFILES = (39, 119)  # of each 200, at p39: 1 % of all, where there are 40 platforms
PLENTY = 1_000_000
CLOSING_AT, CLOSED_SECONDS = 5, 2
"""Platform `p01` answers its fifth request with 429 and asks to be left alone so long."""

ACCOUNTS = tuple(row for row in STATES if row.name in {"healthy", "hidden", "suspended"})

_EPOCH = datetime(2026, 1, 1, tzinfo=UTC)
_OUTCOMES = {
    Verdict.VISIBLE: Outcome.SHOWN,
    Verdict.HIDDEN: Outcome.NOT_FOUND,
    Verdict.SUSPENDED: Outcome.SUSPENDED,
}


def truth(profile: str) -> Verdict:
    """Return how a profile is: 3 % are suspended, 3 % hidden."""
    number = sha256(profile.encode()).digest()[0]
    return Verdict.SUSPENDED if number < 8 else Verdict.HIDDEN if number < 16 else Verdict.VISIBLE


def look_at(verdict: Verdict, stage: Stage) -> Look:
    """Return what a look at a profile finds."""
    outcome = _OUTCOMES[verdict]
    if stage is Stage.TRIAGE:
        return Look(outcome=outcome, how="triage: a stand-in")
    return Look(
        outcome=outcome,
        how=f"{stage}: a stand-in",
        verdict=verdict,
        strength=Strength.CONFIRMED,
        controls=2,
        controls_ok=2,
        signed_in=True,
    )


def number_of(profile: str) -> int:
    """Return the number in a profile's name."""
    return int(profile.rpartition("-")[2])


def account_of(number: int) -> DemoState | None:
    """Return the demo's account that a profile is, of those that are looked at with a browser."""
    return ACCOUNTS[number // 40 % len(ACCOUNTS)] if number % 200 in _BROWSER_PROFILES else None


def sequential(profile: str, *, browser: bool = False) -> SlotResult:
    """Return a profile's result as one process finds it that looks at everything in turn.

    Of an account of the demo that is what the demo says that a run must say.
    """
    account = account_of(number_of(profile)) if browser else None
    verdict = account.verdict if account else truth(profile)
    rhythm, known = Rhythm(), KnownProfile()
    follows: Further | SlotResult
    follows = after_triage(look_at(verdict, Stage.TRIAGE), known, now=_EPOCH, rhythm=rhythm)
    while isinstance(follows, Further):
        look = look_at(verdict, follows.stage)
        follows = after_whole(look, follows.stage, follows.progress, known, rhythm=rhythm)
    return follows


def limits_of(platform: str, budgets: dict[str, int], *, browser: bool) -> Limits:
    """Return the limits of a platform; one that a browser looks at is given more time for each page."""
    with_browser = browser and platform == BROWSER_PLATFORM
    return Limits(
        gap_seconds=BROWSER_GAP if with_browser else GAP,
        jitter_seconds=0 if with_browser else JITTER,
        page_views_a_day=budgets.get(platform, PLENTY),
    )


@dataclass
class StandIn:
    """Looks by one request over HTTP/1.0 each."""

    port: int
    budgets: dict[str, int]
    browser: Looker | None = None  # for the profiles that have a platform file of their own

    def limits(self, job: SlotJob) -> Limits:
        """Return the limits of a platform."""
        return limits_of(job.platform, self.budgets, browser=self.browser is not None)

    def confirm_after(self, job: SlotJob) -> timedelta:  # noqa: ARG002 — the same for all
        """Return a short wait."""
        return timedelta(seconds=1)

    async def triage(self, job: SlotJob, turns: Turns) -> Look:
        """Ask once."""
        if self.browser and is_path(job.request["platform"]):
            return await self.browser.triage(job, turns)
        return await self._look(job, turns)

    async def whole(self, job: SlotJob, turns: Turns) -> Look:
        """Ask once, too: what is under test is who asks when."""
        if self.browser and is_path(job.request["platform"]):
            return await self.browser.whole(job, turns)
        return await self._look(job, turns)

    async def _look(self, job: SlotJob, turns: Turns) -> Look:
        async with turns.turn(job.platform, self.limits(job)):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            words = (job.platform, turns.options.address, job.profile, job.stage)
            writer.write(f"GET /{'/'.join(words)} HTTP/1.0\r\n\r\n".encode())
            await writer.drain()
            # Only then is it in the site's log, which may lag behind on a busy machine.
            head = await reader.readline()
        answer = (head + await reader.read()).decode()
        writer.close()
        if " 429 " in answer:
            pause = timedelta(seconds=CLOSED_SECONDS)
            verdict = None if job.stage is Stage.TRIAGE else Verdict.INCONCLUSIVE
            return Look(outcome=Outcome.RATE_LIMITED, how="a stand-in", closed_for=pause, verdict=verdict)
        return look_at(Verdict(answer.rpartition("\n")[2]), job.stage)


async def serve(log: Path, *, trouble: bool) -> None:
    """Serve the platforms until the process ends."""
    asked: dict[str, int] = {}
    with log.open("a", encoding="utf-8", buffering=1) as lines:

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            line = await reader.readline()
            now = time.time()
            if line:
                platform, address, profile, stage = line.split()[1].decode()[1:].split("/")
                lines.write(f"{now:.4f} {platform} {address} {profile} {stage}\n")
                asked[platform] = asked.get(platform, 0) + 1
                closing = trouble and platform == "p01" and asked[platform] == CLOSING_AT
                head = "429 Too Many" if closing else "200 OK"
                writer.write(f"HTTP/1.0 {head}\r\n\r\n{truth(profile)}".encode())
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


async def work(setting: dict[str, Any]) -> None:
    """Work until no slot is left."""
    options = WorkerOptions(
        dsn=setting["dsn"],
        address=setting["address"],
        jobs=setting["jobs"],
        until_empty=True,
        stalled_seconds=setting["stalled_seconds"],
    )
    looker = StandIn(setting["port"], setting["budgets"])
    async with AsyncExitStack() as stack:
        if setting["browser"]:
            from fleet_browser import looker_of  # noqa: PLC0415 — a worker without one stays small

            looker.browser = await stack.enter_async_context(looker_of(Path(setting["browser"]), options))
        await Worker(options, looker, lambda text: print(text, file=sys.stderr)).work()


def main(words: list[str]) -> None:
    if words[0] == "sites":
        asyncio.run(serve(Path(words[1]), trouble="trouble" in words))
        return
    logger.remove()
    asyncio.run(work(json.loads(words[1])))


if __name__ == "__main__":
    main(sys.argv[1:])
