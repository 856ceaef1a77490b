"""`selfcheck platforms check NAME --live`: opens the controls of a file, and says which marks still hold.

Its page views count like those of every other command: gap, day's limit and pauses are of the data folder.
"""

import asyncio
from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random

from selfcheck.browser.backoff import BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.browser.discovery import provide_browser
from selfcheck.browser.pool import BrowserPool, PoolOptions, open_pool
from selfcheck.core.case import OUTAGES
from selfcheck.core.enums import ANONYMOUS, ControlKind, Outcome
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ControlReading
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import known_names, load_platform
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import Control, drawn_controls, reading_of
from selfcheck.runs.environment import ProgressReporter
from selfcheck.runs.limits import is_limited
from selfcheck.runs.plan import template_values
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable

_NOT_TOLD = OUTAGES | {Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.LOGIN_WALL}


@dataclass(frozen=True, kw_only=True)
class CheckedControl:
    """A control that was opened: what it must look like, and what it looked like."""

    reading: ControlReading
    marks: tuple[str, ...]  # ids of the mark and the signs that its page has

    @property
    def state(self) -> str:
        """Return `ok`, `FAILED`, or `no answer` where a wall or an outage stood before it."""
        if self.reading.ok:
            return "ok"
        return "no answer" if self.reading.outcome in _NOT_TOLD else "FAILED"


def names_to_check() -> tuple[str, ...]:
    """Return the platforms whose controls may be asked for by a program, as far as is known."""
    platforms = {name: load_platform(name) for name in known_names()}
    return tuple(
        name
        for name, platform in platforms.items()
        if not platform.built_in_demo
        and not platform.login_wall
        and platform.limits.programs != "forbidden"
        and platform.controls.live
    )


async def check_controls(
    name: str, *, browser: str | None, data: DataFolder, progress: ProgressReporter
) -> tuple[CheckedControl, ...]:
    """Open every control of a platform file once, logged out, at its pace and within its limits."""
    platform = load_platform(name)
    profile = ProfileRequest(name="check", platform=name, handle="selfcheck", session="check")
    random = Random(datetime.now(UTC).isoformat())  # noqa: S311 - an order, no secret
    controls = drawn_controls(profile, platform, random)
    limited = is_limited([profile])  # a site on this machine is not
    with closing(LimitsTable.open(data) if limited else LimitsTable.in_memory()) as table:
        backoffs = BackoffRegistry(read_backoffs(data) if limited else (), table)
        choice = await asyncio.to_thread(provide_browser, browser, headed=False, say=progress.say)
        options = PoolOptions(jobs=1, say=progress.say, clock=_now, table=table, backoffs=backoffs)
        async with open_pool(choice, options) as pool:
            checked = tuple([await _checked(pool, profile, platform, control) for control in controls])
        if limited and backoffs.changed:
            write_backoffs(data, backoffs.known(), _now())
    return checked


async def _checked(
    pool: BrowserPool, profile: ProfileRequest, platform: Platform, control: Control
) -> CheckedControl:
    async with pool.view(ANONYMOUS, platform, platform.home, None, profile=profile.name) as view:
        capture = (await pool.fetch_all(control.request, {ANONYMOUS: view}))[ANONYMOUS]
    look = observe(capture, platform, template_values(profile, platform, control.request))
    return CheckedControl(reading=reading_of(control.kind, control.handle, look), marks=_marks(look))


def _marks(look: Observation) -> tuple[str, ...]:
    return (*((look.mark,) if look.mark else ()), *(sign.id for sign in look.signs))


def marks_that_hold(checked: Iterable[CheckedControl]) -> tuple[str, ...]:
    """Return the ids of marks and signs that a control met as it must, in order."""
    held = (mark for one in checked if one.reading.ok for mark in one.marks)
    return tuple(dict.fromkeys(held))


def expected_of(kind: ControlKind) -> str:
    """Return what a control of this kind must look like, in a word."""
    return {ControlKind.LIVE: "shown", ControlKind.SUSPENDED: "suspended"}.get(kind, "not there")


def _now() -> datetime:
    return datetime.now(UTC)
