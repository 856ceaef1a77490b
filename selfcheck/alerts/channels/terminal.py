"""The terminal as a channel: what is told appears where the run speaks."""

from collections.abc import Callable

from selfcheck.core.notice import AlertMessage, SentNotice


class Terminal:
    """Writes each message in full."""

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
