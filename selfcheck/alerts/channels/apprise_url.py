"""Whatever Apprise can reach: chats, telephones, mail, by one address each.

Laws:
1. The text is sent first and by itself; only then the picture. So a picture that is too large, or that the
   service refuses, never loses the message.
2. Apprise logs addresses when something fails. Its log is read for the status alone and goes nowhere.
"""

import logging
import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from selfcheck.alerts.notice import AlertMessage, SentNotice
from selfcheck.errors import install_line

if TYPE_CHECKING:
    from pathlib import Path

INSTALL = f"Apprise is not installed: {install_line('alerts')}"
NOT_UNDERSTOOD = "its address is none that Apprise understands"

_MOST_BYTES = 8_000_000
_TALKATIVE = ("apprise", "urllib3", "requests")
_STATUS = re.compile(r"\berror=(\d{3})\b")


class AppriseChannel:
    """One address that Apprise understands."""

    def __init__(self, url: str) -> None:
        self._url = url

    def trouble(self) -> str | None:
        """Return whether Apprise is lacking, or does not understand the address."""
        try:
            with _unheard():
                return None if self._made() else NOT_UNDERSTOOD
        except ImportError:
            return INSTALL

    def send(self, message: AlertMessage) -> SentNotice:
        """Send the text, then the picture if there is one."""
        try:
            with _unheard() as heard:
                return self._send(message, heard)
        except ImportError:
            return SentNotice(ok=False, detail=INSTALL, again=False)

    def _send(self, message: AlertMessage, heard: list[str]) -> SentNotice:
        made = self._made()
        if not made:
            return SentNotice(ok=False, detail=NOT_UNDERSTOOD, again=False)
        if not _told(made, message.title, message.body):
            return SentNotice(ok=False, detail=_reason(heard))
        if message.picture is None or not all(one.attachment_support for one in made):
            return SentNotice(ok=True)
        return SentNotice(ok=True, detail=_with_picture(made, message.title, message.picture, heard))

    def _made(self) -> Any:
        """Return Apprise with the one address; one that it does not understand leaves it empty."""
        import apprise  # noqa: PLC0415 - a third of a second, and optional

        asset = apprise.AppriseAsset(app_id="selfcheck", app_desc="selfcheck", async_mode=False)
        made = apprise.Apprise(asset=asset)
        made.add(self._url)
        for service in made:
            if "overflow=" not in self._url:  # what is too long for a service comes in parts, not refused
                service.overflow_mode = apprise.OverflowMode.SPLIT
        return made


def _told(made: Any, title: str, body: str, **more: object) -> bool:
    try:
        return bool(made.notify(title=title, body=body, body_format="text", **more))
    except Exception:  # noqa: BLE001 - a plugin of somebody else's; its words may hold the address
        return False


def _with_picture(made: Any, title: str, picture: "Path", heard: list[str]) -> str:
    """Send the picture after the text; return why it did not arrive, or nothing."""
    try:
        size = picture.stat().st_size
    except OSError:
        return "the picture is not there any more"
    if size > _MOST_BYTES:
        return f"the picture is too large to be attached ({size:,} bytes)"
    heard.clear()
    told = _told(made, title, picture.name, attach=str(picture))
    return "" if told else f"the picture did not arrive ({_reason(heard)})"


def _reason(heard: list[str]) -> str:
    """Return why nothing arrived: the status if there was one, and never a word of the log itself."""
    found = [match.group(1) for line in heard for match in _STATUS.finditer(line)]
    return f"refused with HTTP {found[-1]}" if found else "no answer, or a refusal without a reason"


class _Listener(logging.Handler):
    """Keeps the lines that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(record.getMessage())


@contextmanager
def _unheard() -> Iterator[list[str]]:
    """Let nobody but us hear what Apprise and the libraries beneath it log and warn of."""
    listener, before = _Listener(), []
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        before.append((logger, logger.handlers, logger.propagate))
        logger.handlers, logger.propagate = [listener], False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old modules, and of hosts
            yield listener.lines
    finally:
        for logger, handlers, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
