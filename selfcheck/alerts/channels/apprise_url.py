"""Everything that Apprise can reach: chats, phones, mail, by one address each.

Laws:
1. The text is sent first and by itself, only then the picture: one that is too large, or that the service
   refuses, never loses the message.
2. Apprise logs addresses when something fails. Its log is read for the HTTP status alone and goes nowhere.
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
NOT_UNDERSTOOD = "Apprise does not understand its address"

_MOST_BYTES = 8_000_000
_TALKATIVE = ("apprise", "urllib3", "requests")
_STATUS = re.compile(r"\berror=(\d{3})\b")


class AppriseChannel:
    """One address that Apprise understands."""

    def __init__(self, url: str) -> None:
        self._url = url

    def trouble(self) -> str | None:
        """Return whether Apprise is missing, or does not understand the address."""
        try:
            with _captured_log():
                return None if self._apprise() else NOT_UNDERSTOOD
        except ImportError:
            return INSTALL

    def send(self, message: AlertMessage) -> SentNotice:
        """Send the text, then the picture if there is one."""
        try:
            with _captured_log() as log:
                return self._send(message, log)
        except ImportError:
            return SentNotice(ok=False, detail=INSTALL, again=False)

    def _send(self, message: AlertMessage, log: list[str]) -> SentNotice:
        services = self._apprise()
        if not services:
            return SentNotice(ok=False, detail=NOT_UNDERSTOOD, again=False)
        if not _notify(services, message.title, message.body):
            return SentNotice(ok=False, detail=_reason(log))
        if message.picture is None or not all(service.attachment_support for service in services):
            return SentNotice(ok=True)
        return SentNotice(ok=True, detail=_send_picture(services, message.title, message.picture, log))

    def _apprise(self) -> Any:
        """Return Apprise with the one address; one that it does not understand leaves it empty."""
        import apprise  # noqa: PLC0415 - a third of a second, and optional

        asset = apprise.AppriseAsset(app_id="selfcheck", app_desc="selfcheck", async_mode=False)
        services = apprise.Apprise(asset=asset)
        services.add(self._url)
        for service in services:
            if "overflow=" not in self._url:  # what is too long for a service is sent in parts, not refused
                service.overflow_mode = apprise.OverflowMode.SPLIT
        return services


def _notify(services: Any, title: str, body: str, **more: object) -> bool:
    try:
        return bool(services.notify(title=title, body=body, body_format="text", **more))
    except Exception:  # noqa: BLE001 - a plugin by others; its words may hold the address
        return False


def _send_picture(services: Any, title: str, picture: "Path", log: list[str]) -> str:
    """Send the picture after the text; return why it did not arrive, or nothing."""
    try:
        size = picture.stat().st_size
    except OSError:
        return "the picture does not exist any more"
    if size > _MOST_BYTES:
        return f"the picture is too large to be attached ({size:,} bytes)"
    log.clear()
    arrived = _notify(services, title, picture.name, attach=str(picture))
    return "" if arrived else f"the picture did not arrive ({_reason(log)})"


def _reason(log: list[str]) -> str:
    """Return why nothing arrived: the status if there was one, and never a word of the log itself."""
    statuses = [match.group(1) for line in log for match in _STATUS.finditer(line)]
    return f"refused with HTTP {statuses[-1]}" if statuses else "no answer, or a refusal without a reason"


class _LogLines(logging.Handler):
    """Keeps the lines that are logged."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the line."""
        self.lines.append(record.getMessage())


@contextmanager
def _captured_log() -> Iterator[list[str]]:
    """Keep what Apprise and its libraries log and warn of out of every other log."""
    lines, before = _LogLines(), []
    for name in _TALKATIVE:
        logger = logging.getLogger(name)
        before.append((logger, logger.handlers, logger.propagate))
        logger.handlers, logger.propagate = [lines], False
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of old modules, and of hosts
            yield lines.lines
    finally:
        for logger, handlers, propagate in before:
            logger.handlers, logger.propagate = handlers, propagate
