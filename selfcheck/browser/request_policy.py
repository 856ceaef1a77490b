"""Which of a page's requests may leave the browser. Pure: the interceptor asks, this answers.

Laws:
1. Read-only: GET and HEAD, and beyond them only what the platform file calls harmless, and that only
   for a frame that is known to be the page itself. A GraphQL body is read: only queries go.
2. No way leads from a public page to this machine or a private network, not by a redirect either.
3. A request that cannot be placed (another frame, a worker) is held to the strictest policy.
4. From the author's viewpoint less goes: documents, scripts, styles, fonts and images; data only from the
   platform's own sites. What is fetched ahead of a click would be a page view that was not asked for.
5. GraphQL is read wherever it stands: in a body, and as the author in every address, in whatever spelling and
   whatever asks for it.
6. In a run with a person who passes walls, a wall's own questions may be answered, at the wall's own
   addresses (`_walls.yaml`); to the platform itself nothing more goes.
"""

import json
from dataclasses import dataclass

from selfcheck.browser.addresses import addresses_within, spellings
from selfcheck.browser.graphql import address_only_queries, may_act, only_queries
from selfcheck.core.hosts import host_of, is_of_site, is_opened, matches, may_reach
from selfcheck.errors import PatternTooSlowError
from selfcheck.platforms.patterns import search
from selfcheck.platforms.schema import HarmlessRead

_READS = frozenset({"GET", "HEAD"})
_NEVER = frozenset({"Media", "Ping", "CSPViolationReport", "Prefetch"})
_SHOWN = frozenset({"Document", "Script", "Stylesheet", "Image", "Font"})
_DATA = frozenset({"XHR", "Fetch"})
_OWN_ONLY = _DATA | {"Other", "Manifest"}


@dataclass(frozen=True, kw_only=True)
class OutgoingRequest:
    """A request that is about to leave the browser."""

    url: str
    method: str
    kind: str  # the browser's resource type: Document, XHR, Ping, …
    referrer: str = ""
    body: str | None = None  # None: none, or not readable
    content_type: str = ""  # of the body
    overrides: bool = False  # a header tells the server to take it for another method


@dataclass(frozen=True, kw_only=True)
class PagePolicy:
    """What one page may ask for."""

    page_host: str
    blocked: tuple[str, ...] = ()  # address patterns that are not loaded
    harmless: tuple[HarmlessRead, ...] = ()
    responses: tuple[str, ...] = ()  # address patterns of the JSON answers to keep
    author: bool = False  # signed in as the author, so a request could do something in their name
    own_hosts: tuple[str, ...] = ()  # the platform's own sites
    checks: tuple[str, ...] = ()  # regular expressions: a wall's own addresses, where a person passes it

    def is_own(self, url: str) -> bool:
        """Return whether an address is the page's own host or one of the platform's."""
        host = host_of(url)
        return host == self.page_host or any(is_of_site(host, own) for own in self.own_hosts)


def block_reason(
    request: OutgoingRequest,
    policy: PagePolicy | None,
    *,
    blocked: tuple[str, ...] = (),
    authors: tuple[PagePolicy, ...] = (),
    checks: tuple[str, ...] = (),
) -> str | None:
    """Return why a request is refused, or None where it may go.

    `policy` is that of the page that asks, None where that is not known. Then `blocked` is used, and
    `authors` are the policies of all authors' pages in this browser, `checks` the walls' own addresses.
    """
    blocked = policy.blocked if policy else blocked
    page_host = policy.page_host if policy else host_of(request.referrer)
    try:
        is_check = _is_check(request, policy, policy.checks if policy else checks)
        only_reads = _only_reads(request, policy)
        acts = _acts_by_graphql(request, policy, authors)
    except PatternTooSlowError:
        return "a pattern of the platform file takes too long for it"
    reasons = (
        (request.kind in _NEVER, f"{request.kind} is not loaded"),
        (not is_opened(request.url), "only http and https are opened"),
        (_is_blocked(request.url, blocked), "the platform file blocks it"),
        (
            not may_reach(host_of(request.url), page_host=page_host),
            "a private address, asked for by a page that is not on it",
        ),
        (not (is_check or only_reads), f"{request.method} could change something"),
        (
            not (is_check or _is_for_authors(request, policy, authors)),
            "not needed to see the page as its author",
        ),
        (acts, "GraphQL that is not clearly a query"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def reads_graphql(
    request: OutgoingRequest, policy: PagePolicy | None, authors: tuple[PagePolicy, ...]
) -> bool:
    """Return whether GraphQL may have to be parsed to decide on this request, which takes its time."""
    policies = (policy,) if policy else authors
    holds = request.body is not None or "?" in request.url
    return holds and any(read.graphql for each in policies for read in each.harmless)


def _is_blocked(url: str, blocked: tuple[str, ...]) -> bool:
    return bool(blocked) and any(matches(form, pattern) for form in spellings(url) for pattern in blocked)


def _is_check(request: OutgoingRequest, policy: PagePolicy | None, checks: tuple[str, ...]) -> bool:
    """Return whether a wall asks its visitor something; a whole page is only sent to the page's own host."""
    if request.overrides or not any(search(pattern, request.url) for pattern in checks):
        return False
    if request.kind == "Document" and request.method not in _READS:
        return policy is not None and host_of(request.url) == policy.page_host
    return True


def _only_reads(request: OutgoingRequest, policy: PagePolicy | None) -> bool:
    if request.overrides:
        return False
    if request.method in _READS or request.kind == "Preflight":
        return True
    return (
        policy is not None
        and request.kind in _DATA
        and any(_is_harmless(request, read) for read in policy.harmless)
    )


def _is_harmless(request: OutgoingRequest, read: HarmlessRead) -> bool:
    if request.method != read.method or search(read.url, request.url) is None:
        return False
    if read.graphql:
        return "?" not in request.url and only_queries(request.body, request.content_type)
    if read.refuse_body is None:
        return True
    return request.body is not None and not any(
        search(read.refuse_body, text) for text in _spellings(request.body)
    )


def _spellings(body: str) -> tuple[str, ...]:
    """Return a body as it is sent and as a reader of JSON understands it, without escapes."""
    try:
        return body, json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return (body,)


def _is_for_authors(
    request: OutgoingRequest, policy: PagePolicy | None, authors: tuple[PagePolicy, ...]
) -> bool:
    """Return whether an author's page needs it; what public pages ask for is not limited so."""
    if policy is not None:
        authors = (policy,) if policy.author else ()
    if not authors or request.kind in _SHOWN or request.kind == "Preflight":
        return True
    return request.kind in _OWN_ONLY and any(author.is_own(request.url) for author in authors)


def _acts_by_graphql(
    request: OutgoingRequest, policy: PagePolicy | None, authors: tuple[PagePolicy, ...]
) -> bool:
    """Return whether an author's GET may carry GraphQL that cannot be seen to be a query."""
    if policy is not None:
        authors = (policy,) if policy.author else ()
    if not authors or request.method not in _READS:
        return False
    plain = request.url.split("?", maxsplit=1)[0]
    reads = [read.url for author in authors for read in author.harmless if read.graphql]
    if any(search(read, plain) for read in reads):
        return plain != request.url and not address_only_queries(request.url)
    # The endpoint in another spelling, or something below it: no page that means well writes it so.
    around = addresses_within(request.url) if reads else ()
    return may_act(request.url) or any(
        search(read, url, ignore_case=True) for read in reads for url in around
    )
