"""The control accounts that one profile's verdict rests on: drawn, opened one by one, and read. Pure.

Laws:
1. Profiles of one platform at one address draw the same controls in the same order, so that a run opens
   each control once for all of them.
2. A profile is never its own control.
3. Readings are listed by kind, not by which page answered first, so that two runs can be compared.
"""

from dataclasses import dataclass
from random import Random
from string import ascii_lowercase, digits

from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import ANONYMOUS, ControlKind, PageKind, Purpose
from selfcheck.core.handle import Handle
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.verdict import ControlReading
from selfcheck.platforms.page_urls import fill, page_url, rebase, values_of
from selfcheck.platforms.schema import Platform

RANDOM_HANDLE_LENGTH = 12
"""As many letters and digits as make a handle that no account has: 36^11 chances to one."""

_ORDER = tuple(ControlKind)


@dataclass(frozen=True, kw_only=True)
class Control:
    """A control account and the page load that checks it."""

    kind: ControlKind
    handle: str
    request: PageRequest


class ControlQueue:
    """The controls that one investigation may open, and what those that it opened show."""

    def __init__(self, profile: ProfileRequest, platform: Platform, random: Random) -> None:
        self._platform = platform
        self._waiting = list(drawn_controls(profile, platform, random))
        self._readings: list[ControlReading] = []
        self._looks: list[tuple[ControlKind, Observation]] = []
        self.has_live = self.left(ControlKind.LIVE) > 0
        self.has_absent = self.left(ControlKind.ABSENT) > 0

    def left(self, kind: ControlKind) -> int:
        """Return how many controls of this kind have not been opened."""
        return sum(control.kind is kind for control in self._waiting)

    def next(self, kind: ControlKind) -> Control | None:
        """Take the next control of this kind off the queue; None where none is left."""
        control = next((control for control in self._waiting if control.kind is kind), None)
        if control is not None:
            self._waiting.remove(control)
        return control

    def add(self, control: Control, observation: Observation) -> None:
        """Take in what the page of a control shows."""
        handle = self._platform.handle_of(control.handle).shown(self._platform.handle.show)
        self._readings.append(reading_of(control.kind, handle, observation))
        self._looks.append((control.kind, observation))

    @property
    def looks(self) -> tuple[tuple[ControlKind, Observation], ...]:
        """Return the pages themselves, in the order in which they were opened."""
        return tuple(self._looks)

    @property
    def readings(self) -> tuple[ControlReading, ...]:
        """Return what was read so far."""
        return tuple(sorted(self._readings, key=lambda reading: _ORDER.index(reading.kind)))


def reading_of(kind: ControlKind, handle: str, observation: Observation) -> ControlReading:
    """Return what the page of a control says about it; `handle` as the platform shows it."""
    return ControlReading(
        kind=kind,
        handle=handle,
        outcome=observation.outcome,
        url=observation.url,
        led_to=observation.led_to,
        detail=observation.mark or (observation.failure.detail if observation.failure else ""),
        followers=observation.facts.get("followers"),
        noindex=observation.noindex,
        signs=tuple(sign.id for sign in observation.signs),
        facts=observation.facts,
    )


def drawn_controls(profile: ProfileRequest, platform: Platform, random: Random) -> tuple[Control, ...]:
    """Return the controls of each kind in the order in which they are opened, drawn by the run's seed."""
    live = platform.controls.live if profile.live_controls is None else profile.live_controls
    drawn = []
    for kind, written in (
        (ControlKind.LIVE, live),
        (ControlKind.SUSPENDED, platform.controls.suspended),
    ):
        handles = [Handle(handle).name for handle in written]
        random.shuffle(handles)  # before the profile's own is left out: others must draw in the same order
        own = platform.handle_of(profile.handle)
        drawn += [_control(profile, platform, kind, handle) for handle in handles if not own.same_as(handle)]
    if platform.controls.absent:
        letters = "".join(random.choices(ascii_lowercase + digits, k=RANDOM_HANDLE_LENGTH - 1))
        absent = fill(platform.controls.absent, {"random": random.choice(ascii_lowercase) + letters})
        drawn.append(_control(profile, platform, ControlKind.ABSENT, Handle(absent).name))
    return tuple(drawn)


def _control(profile: ProfileRequest, platform: Platform, kind: ControlKind, handle: str) -> Control:
    values = {**values_of(profile, platform), "handle": handle}
    url = rebase(page_url(PageKind.PROFILE, platform, values), platform, profile.base_url)
    request = PageRequest(
        profile="",
        kind=PageKind.PROFILE,
        url=url,
        viewpoints=(ANONYMOUS,),
        folder=f"controls/{platform.platform}/{safe_name(f'{kind.value}-{handle}')}",
        purpose=Purpose.CONTROL,
        handle=handle,
        picture=False,
    )
    return Control(kind=kind, handle=handle, request=request)
