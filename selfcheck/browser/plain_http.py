"""One request without a browser: for the view that a platform offers to programs, and for pictures.

Laws:
1. One GET, no redirect is followed, nothing is sent with it: no cookie, no session.
2. It says what it is: `selfcheck` and its version. Pace, page limits, backoff and redaction are the pool's,
   and `request_policy` decides whether it goes, as for every page. Nothing else asks platforms without a
   browser.
3. It goes through a filtering proxy with the rules of its viewpoint, as the pages do.
4. Trouble is a `Failure`, as it is of a page load.
"""

import asyncio
import ssl
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException
from urllib.parse import quote

from selfcheck import __version__
from selfcheck.browser.context import ViewContext
from selfcheck.browser.failures import failure_of
from selfcheck.browser.interceptor import FulfilledResponse, NavigationLog
from selfcheck.browser.page_load import LoadResult
from selfcheck.browser.proxy.rules import endpoint_of
from selfcheck.browser.proxy.server import ProxyLog
from selfcheck.browser.request_policy import OutgoingRequest, block_reason
from selfcheck.core.capture import Failure
from selfcheck.core.enums import FailureKind
from selfcheck.core.hosts import ascii_host, split_address

USER_AGENT = f"selfcheck/{__version__}"
_MOST_BYTES = 5_000_000
_MOST_FILE_BYTES = 50_000_000
_AS_IT_IS = "%/:=&?~+!$,;'@()*[]"
"""What stays in an address beside letters and digits; browsers escape the rest."""


@dataclass(frozen=True, kw_only=True)
class FetchedFile:
    """What an address answered: a picture, or a page that says why there is none."""

    status: int
    headers: Mapping[str, str]  # names in lower case
    data: bytes
    server: str = ""  # the server's address, where it is known


async def load_plain(view: ViewContext, url: str, seconds: float) -> tuple[NavigationLog, LoadResult]:
    """Ask for an address once and return what it answered, in the form of a page load."""
    log = NavigationLog(policy=view.policy_for(url))
    answer = await _ask(view, url, seconds, most=_MOST_BYTES)
    if isinstance(answer, Failure):
        return log, LoadResult(failure=answer)
    headers = dict(answer.headers)
    log.responses.append(FulfilledResponse(url=url, status=answer.status, headers=headers, redirect=False))
    log.body = answer.data.decode("utf-8", errors="replace")
    return log, LoadResult(truncated=len(answer.data) == _MOST_BYTES, server_address=answer.server)


async def load_file(view: ViewContext, url: str, seconds: float) -> FetchedFile | Failure:
    """Ask for an address once and return the bytes that it answered; one that is too large is a failure."""
    answer = await _ask(view, url, seconds, most=_MOST_FILE_BYTES, is_page=False)
    if isinstance(answer, FetchedFile) and len(answer.data) == _MOST_FILE_BYTES:
        return Failure(kind=FailureKind.NO_ANSWER, detail=f"larger than {_MOST_FILE_BYTES:,} bytes")
    return answer


async def _ask(
    view: ViewContext, url: str, seconds: float, *, most: int, is_page: bool = True
) -> FetchedFile | Failure:
    """Ask for an address; a page may be on a private address, a file only where the view's home is."""
    policy = view.policy_for(url if is_page else view.home)
    asked = OutgoingRequest(url=url, method="GET", kind="Document" if is_page else "Image")
    if reason := block_reason(asked, policy):
        return Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=reason)
    sent, proxy = _as_sent(url), view.program_proxy(url if is_page else view.home)
    try:
        place = await proxy.start()
        async with asyncio.timeout(seconds):
            status, headers, data = await asyncio.to_thread(_get, sent, place, seconds, most)
    except TimeoutError:
        return Failure(kind=FailureKind.TIMEOUT, detail=f"not finished after {seconds:g} seconds")
    except (OSError, HTTPException) as error:
        return _failure(error, sent, proxy.log)
    finally:
        # This hangs up on a thread that still reads, too: a server that sends a byte now and then would
        # keep the process from ending.
        proxy.close()
    return FetchedFile(status=status, headers=headers, data=data, server=proxy.log.server(sent))


def _as_sent(url: str) -> str:
    """Return an address as browsers send it: in ASCII, without a user and a fragment."""
    parts = split_address(url)
    netloc = ascii_host(parts.netloc.rpartition("@")[2])
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    return f"{parts.scheme}://{netloc}{quote(target, safe=_AS_IT_IS)}"


def _get(url: str, proxy: str, seconds: float, most: int) -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body of the answer that comes through this proxy."""
    scheme, _, netloc, path = url.split("/", 3)
    with closing(_connection(url, proxy, seconds)) as connection:
        headers = {"Host": netloc, "User-Agent": USER_AGENT, "Accept": "*/*"}
        # A proxy is given whole addresses; through a tunnel the server itself is asked.
        connection.request("GET", f"/{path}" if scheme == "https:" else url, headers=headers)
        answer = connection.getresponse()
        received = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, received, answer.read(most)


def _connection(url: str, proxy: str, seconds: float) -> HTTPConnection:
    """Return a connection to the proxy, and for https a tunnel to the server.

    Not with http.client's own means, whose requests for a tunnel are of HTTP/1.0 before Python 3.12.
    """
    proxy_at, asked = endpoint_of(proxy), endpoint_of(url)
    assert proxy_at is not None
    assert asked is not None
    connection = HTTPConnection(*proxy_at, timeout=seconds)
    connection.connect()
    if url.startswith("https:"):
        connection.sock.sendall(f"CONNECT {asked.with_port} HTTP/1.1\r\n\r\n".encode("ascii"))
        if b" 200 " not in connection.sock.recv(1024):
            connection.close()
            raise ConnectionRefusedError
        connection.sock = ssl.create_default_context().wrap_socket(
            connection.sock, server_hostname=asked.host
        )
    return connection


def _failure(error: Exception, url: str, connections: ProxyLog) -> Failure:
    if reason := connections.refusal(url):
        return Failure(kind=FailureKind.BLOCKED_ADDRESS, detail=reason)
    if isinstance(error, ssl.SSLError):
        return Failure(kind=FailureKind.TLS, detail=f"no encrypted connection ({error.reason})")
    if message := connections.message(url, "ERR_EMPTY_RESPONSE").partition("net::")[2]:
        return failure_of(f"net::{message}")
    if isinstance(error, OSError):
        return Failure(kind=FailureKind.REFUSED, detail=error.strerror or "no connection")
    return Failure(kind=FailureKind.NO_ANSWER, detail="no answer")
