"""A person who passes walls by hand, in the window, while the run waits.

Laws:
1. Chosen before the run (`--assist`), and nothing else changes by it: same pages, same pace, same limits.
2. selfcheck only watches. It presses nothing, fills in nothing and answers no check.
3. Only a page that is a wall waits, and not for ever: once a wait has been in vain, no later page waits.
"""

import asyncio
from collections.abc import Awaitable, Callable

from selfcheck.core.capture import Capture

MINUTES = 5
"""How long a wall waits for a person: time to come back to the desk, and not the whole evening. Ours."""


class Assistance:
    """The help of a person in one run; `is_wall` says of a page whether it checks for robots."""

    def __init__(
        self,
        *,
        is_wall: Callable[[Capture], bool],
        say: Callable[[str], None],
        seconds: float = MINUTES * 60,
        every: float = 0.5,  # seconds between two readings of the page
    ) -> None:
        self.is_wall = is_wall
        self._say = say
        self._seconds = seconds
        self._every = every
        self._in_vain = False

    async def wait(self, page: str, is_passed: Callable[[], Awaitable[bool]]) -> bool:
        """Wait until the wall before this page is passed, and return whether it was."""
        if self._in_vain:
            return False
        self._say(
            f"The platform wants to know whether a person is there (window with the {page}). Please pass its"
            f" check in that window; the run goes on by itself. It waits {self._seconds / 60:.0f} minutes."
        )
        try:
            async with asyncio.timeout(self._seconds):
                while not await is_passed():  # noqa: ASYNC110 - a page is only known by reading it
                    await asyncio.sleep(self._every)
        except TimeoutError:
            self._in_vain = True
            self._say("The check was not passed in that time. The run goes on and waits at no other.")
            return False
        return True
