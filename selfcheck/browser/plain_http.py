"""One request without a browser, for the view that a platform offers to programs.

Laws:
1. One GET, no redirect is followed, nothing is sent with it: no cookie, no session.
2. It says what it is: `selfcheck` and its version. Pace, page limits, backoff and redaction are the pool's,
   and `request_policy` decides whether it goes, as for every page. Nothing else asks platforms without a
   browser.
3. Trouble is a `Failure`, as it is of a page load.
"""

import asyncio
import ssl
from http.client import HTTPException, HTTPResponse
from urllib.error import URLError
from urllib.request import HTTPErrorProcessor, Request, build_opener

from selfcheck import __version__
from selfcheck.browser.interceptor import FulfilledResponse, NavigationLog
from selfcheck.browser.page_load import LoadResult
from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason
from selfcheck.core.capture import Failure
from selfcheck.core.enums import FailureKind

USER_AGENT = f"selfcheck/{__version__}"
_MOST_BYTES = 5_000_000


async def load_plain(url: str, policy: PagePolicy, seconds: float) -> tuple[NavigationLog, LoadResult]:
    """Ask for an address once and return what it answered, in the form of a page load."""
    log = NavigationLog(policy=policy)
    if reason := block_reason(OutgoingRequest(url=url, method="GET", kind="Document"), policy):
        return log, LoadResult(failure=Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=reason))
    try:
        async with asyncio.timeout(seconds):
            response, body = await asyncio.to_thread(_get, url, seconds)
    except TimeoutError:
        detail = f"not finished after {seconds:g} seconds"
        return log, LoadResult(failure=Failure(kind=FailureKind.TIMEOUT, detail=detail))
    except (OSError, HTTPException) as error:
        return log, LoadResult(failure=_failure(error))
    log.responses.append(response)
    log.body = body.decode("utf-8", errors="replace")
    return log, LoadResult(truncated=len(body) == _MOST_BYTES)


class _AsItCame(HTTPErrorProcessor):
    """Follows no redirect and takes an error for an answer like any other."""

    def http_response(self, request: Request, response: HTTPResponse) -> HTTPResponse:  # noqa: ARG002
        return response

    https_response = http_response


def _get(url: str, seconds: float) -> tuple[FulfilledResponse, bytes]:
    request = Request(url, headers={"User-Agent": USER_AGENT, "Accept": "*/*"})  # noqa: S310 - checked above
    with build_opener(_AsItCame).open(request, timeout=seconds) as answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        response = FulfilledResponse(url=url, status=answer.status, headers=headers, redirect=False)
        return response, answer.read(_MOST_BYTES)


def _failure(error: Exception) -> Failure:
    reason = error.reason if isinstance(error, URLError) else error
    if isinstance(reason, ssl.SSLError):
        return Failure(kind=FailureKind.TLS, detail=f"no encrypted connection ({reason.reason})")
    if isinstance(reason, OSError) and not isinstance(reason, TimeoutError):
        return Failure(kind=FailureKind.REFUSED, detail=reason.strerror or "no connection")
    kind = FailureKind.TIMEOUT if isinstance(reason, TimeoutError) else FailureKind.NO_ANSWER
    return Failure(kind=kind, detail="no answer")
