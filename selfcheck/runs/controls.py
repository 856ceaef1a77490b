"""Looks at the control accounts, once for all profiles of one platform at one address."""

import asyncio
from collections.abc import Awaitable, Callable
from random import Random

from selfcheck.core.enums import ControlKind
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ControlReading
from selfcheck.platforms.schema import Platform
from selfcheck.runs.plan import Control, controls

_ORDER = tuple(ControlKind)
Look = Callable[[Control], Awaitable[Observation]]


class ControlPool:
    """The controls of one platform at one address, within one run."""

    def __init__(self, profile: ProfileRequest, platform: Platform, random: Random) -> None:
        planned = controls(profile, platform, random)
        self._queues = {kind: [one for one in planned if one.kind is kind] for kind in ControlKind}
        self._platform = platform
        self._readings: list[ControlReading] = []
        self._lock = asyncio.Lock()
        self._begun = False
        self.has_live = bool(self._queues[ControlKind.LIVE])
        self.has_absent = bool(self._queues[ControlKind.ABSENT])

    def left(self, kind: ControlKind) -> int:
        """Return how many controls of this kind have not been looked at."""
        return len(self._queues[kind])

    def readings(self, handle: str) -> tuple[ControlReading, ...]:
        """Return what was read, less a reading of this account: nobody is their own control.

        They stand by kind, not by which answered first, so that two runs can be compared.
        """
        own = self._platform.handle_of(self._shown(handle))
        others = [one for one in self._readings if not own.same_as(one.handle)]
        return tuple(sorted(others, key=lambda one: _ORDER.index(one.kind)))

    async def first(self, look: Look, handle: str) -> None:
        """Look at a live and an absent control, unless another profile of the run did so."""
        async with self._lock:
            if not self._begun:
                self._begun = True
                await asyncio.gather(
                    *(self._next(kind, look) for kind in (ControlKind.LIVE, ControlKind.ABSENT))
                )
            if not any(one.kind is ControlKind.LIVE for one in self.readings(handle)):
                await self._next(ControlKind.LIVE, look)

    async def another(self, kind: ControlKind, look: Look, handle: str) -> None:
        """Look at one more control of this kind, where there is one and none has passed meanwhile."""
        async with self._lock:
            if not any(one.ok for one in self.readings(handle) if one.kind is kind):
                await self._next(kind, look)

    async def _next(self, kind: ControlKind, look: Look) -> None:
        if not self._queues[kind]:
            return
        control = self._queues[kind].pop(0)
        seen = await look(control)
        self._readings.append(reading_of(control.kind, self._shown(control.handle), seen))

    def _shown(self, handle: str) -> str:
        return self._platform.handle_of(handle).shown(self._platform.handle.show)


def reading_of(kind: ControlKind, handle: str, seen: Observation) -> ControlReading:
    """Return what a look at a control says of it."""
    return ControlReading(
        kind=kind,
        handle=handle,
        outcome=seen.outcome,
        url=seen.url,
        detail=seen.mark or (seen.failure.detail if seen.failure else ""),
        followers=seen.facts.get("followers"),
        noindex=seen.noindex,
        signs=tuple(sign.id for sign in seen.signs),
        facts=seen.facts,
    )
