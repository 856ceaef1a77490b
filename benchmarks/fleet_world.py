"""The world of `fleet.py` and of the fleet's tests: sites that log who asks, and workers that ask.

`python fleet_world.py sites LOG` serves all platforms on one port, which it prints, and writes a line to LOG
for each request: seconds, platform, address, profile, stage.
`python fleet_world.py work DSN PORT ADDRESS JOBS STALLED [PLATFORM=BUDGET…]` is a worker, whose looks are
requests without a browser.
"""

import asyncio
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

from loguru import logger

from selfcheck.core.enums import Outcome, Strength, Verdict
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
from selfcheck.fleet.worker import Turns, Worker, WorkerOptions
from selfcheck.platforms.schema import Limits

GAP, JITTER = 0.1, 0.03
PLENTY = 1_000_000
CLOSING_AT, CLOSED_SECONDS = 5, 2
"""Platform `p01` answers its fifth request with 429 and asks to be left alone so long."""

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


def sequential(profile: str) -> SlotResult:
    """Return a profile's result as one process finds it that looks at everything in turn."""
    rhythm, known = Rhythm(), KnownProfile()
    follows: Further | SlotResult
    follows = after_triage(look_at(truth(profile), Stage.TRIAGE), known, now=_EPOCH, rhythm=rhythm)
    while isinstance(follows, Further):
        look = look_at(truth(profile), follows.stage)
        follows = after_whole(look, follows.stage, follows.progress, known, rhythm=rhythm)
    return follows


@dataclass
class StandIn:
    """Looks by one request over HTTP/1.0 each."""

    port: int
    budgets: dict[str, int]

    def limits(self, job: SlotJob) -> Limits:
        """Return the limits of a platform."""
        most = self.budgets.get(job.platform, PLENTY)
        return Limits(gap_seconds=GAP, jitter_seconds=JITTER, page_views_a_day=most)

    def confirm_after(self, job: SlotJob) -> timedelta:  # noqa: ARG002 — the same for all
        """Return a short wait."""
        return timedelta(seconds=1)

    async def triage(self, job: SlotJob, turns: Turns) -> Look:
        """Ask once."""
        return await self._look(job, turns)

    async def whole(self, job: SlotJob, turns: Turns) -> Look:
        """Ask once, too: what is under test is who asks when."""
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


async def serve(log: Path) -> None:
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
                closing = platform == "p01" and asked[platform] == CLOSING_AT
                head = "429 Too Many" if closing else "200 OK"
                writer.write(f"HTTP/1.0 {head}\r\n\r\n{truth(profile)}".encode())
            writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0, backlog=1000)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()


def main(words: list[str]) -> None:
    if words[0] == "sites":
        asyncio.run(serve(Path(words[1])))
        return
    logger.remove()
    _, dsn, port, address, jobs, stalled, *budgets = words
    looker = StandIn(
        int(port), {name: int(most) for name, _, most in (one.partition("=") for one in budgets)}
    )
    options = WorkerOptions(
        dsn=dsn, address=address, jobs=int(jobs), until_empty=True, stalled_seconds=float(stalled)
    )
    asyncio.run(Worker(options, looker, lambda text: print(text, file=sys.stderr)).work())


if __name__ == "__main__":
    main(sys.argv[1:])
