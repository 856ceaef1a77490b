"""What every channel can do, the simplest of them, and the patience with one that does not answer."""

from collections.abc import Callable
from typing import Protocol

from selfcheck.alerts.notice import AlertMessage, SentNotice

ATTEMPTS = 3
"""How often a message is tried in one round, over some 12 seconds; after that it waits for the next run."""


class Channel(Protocol):
    """A way to reach somebody."""

    def trouble(self) -> str | None:
        """Return what is known to be wrong without sending anything, in words without a secret."""

    def send(self, message: AlertMessage) -> SentNotice:
        """Send the message once."""


class UnusableChannel:
    """A channel that cannot be used as it is set; it says why."""

    def __init__(self, trouble: str) -> None:
        self._trouble = trouble

    def trouble(self) -> str:
        """Return why."""
        return self._trouble

    def send(self, message: AlertMessage) -> SentNotice:  # noqa: ARG002 - nothing is sent
        """Return why it is not sent."""
        return SentNotice(ok=False, detail=self._trouble, again=False)


class Terminal:
    """The terminal as a channel: messages appear in full where the run prints its progress."""

    def __init__(self, say: Callable[[str], None]) -> None:
        self._say = say

    def trouble(self) -> None:
        """Return nothing: there is always somewhere to write to."""

    def send(self, message: AlertMessage) -> SentNotice:
        """Write the message, its title above a line."""
        try:
            self._say(f"\n{message.title}\n{'-' * min(len(message.title), 80)}\n{message.body}")
        except OSError as error:
            return SentNotice(ok=False, detail=f"the terminal is gone ({type(error).__name__})", again=False)
        return SentNotice(ok=True)


def send_patiently(send: Callable[[], SentNotice], *, sleep: Callable[[float], None]) -> SentNotice:
    """Send, and try again for some seconds where that may help; return what came of the last try."""
    from tenacity import Retrying, retry_if_result, stop_after_attempt, wait_exponential  # noqa: PLC0415

    retrying = Retrying(
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_exponential(multiplier=2, exp_base=5),
        retry=retry_if_result(lambda sent: not sent.ok and sent.again),
        retry_error_callback=lambda state: state.outcome.result() if state.outcome else None,
        sleep=sleep,
    )
    sent: SentNotice = retrying(send)
    return sent
