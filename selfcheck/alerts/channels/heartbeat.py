"""A sign of life after every run, to a service that notices when none comes: healthchecks.io and its like.

Laws:
1. The address is a secret: whoever has it can pretend to be alive. It stands in no answer and no error.
2. That it cannot be reached never fails a run.
"""

from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from selfcheck.core.notice import SentNotice

VARIABLE = "SELFCHECK_HEARTBEAT_URL"

_SECONDS = 10.0
_LONGEST = 10_000  # bytes of the body that such services keep


class Beat(StrEnum):
    """What is told, as the end of the address says it."""

    START = "start"
    SUCCESS = ""
    FAIL = "fail"


class Heartbeat:
    """One address to send signs of life to."""

    def __init__(self, url: str) -> None:
        self._url = url.strip()

    def trouble(self) -> str | None:
        """Return whether the address can be none."""
        try:
            parts = urlsplit(self._url)
            fine = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            fine = False
        return None if fine else f"{VARIABLE} holds no address that begins with https://"

    def send(self, beat: Beat, summary: str = "") -> SentNotice:
        """Send a sign of life once, with a summary for whoever looks at it there."""
        from http.client import HTTPException  # noqa: PLC0415 - few runs have a heartbeat
        from urllib.error import HTTPError  # noqa: PLC0415
        from urllib.request import Request, urlopen  # noqa: PLC0415

        trouble = self.trouble()
        if trouble:
            return SentNotice(ok=False, detail=trouble, again=False)
        body = summary.encode("utf-8", "replace")[:_LONGEST]
        headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "selfcheck"}
        try:
            request = Request(self._address(beat), data=body, headers=headers, method="POST")  # noqa: S310 - http only
            with urlopen(request, timeout=_SECONDS):  # noqa: S310 - see above
                return SentNotice(ok=True)
        except HTTPError as error:
            return SentNotice(ok=False, detail=f"it was refused with HTTP {error.code}")
        except (OSError, HTTPException, ValueError) as error:
            return SentNotice(ok=False, detail=f"nobody answered ({type(error).__name__})")

    def _address(self, beat: Beat) -> str:
        parts = urlsplit(self._url)
        path = parts.path.rstrip("/") + (f"/{beat}" if beat.value else "")
        return urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
