"""Which of a page's requests may leave the browser. Pure: the guard asks, this answers.

Laws:
1. Read-only: GET and HEAD, and beyond them only what the platform file calls harmless, and that only
   for a frame that is known to be the page itself. A GraphQL body is read: only queries go.
2. No way leads from a public page to this machine or a private network, not by a redirect either.
3. A request that cannot be placed (another frame, a worker) is held to the strictest rules.
4. Where the author looks, less goes: documents, scripts, styles, fonts and pictures; data only from the
   platform's own sites. What is fetched ahead of a click is a page view that nobody asked for.
"""

import json
import re
from dataclasses import dataclass

from selfcheck.browser.graphql import address_only_queries, only_queries
from selfcheck.browser.storage_state import is_of
from selfcheck.core.hosts import host_of, is_opened, matches, may_reach
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
    overrides: bool = False  # a header tells the server to take it for another method


@dataclass(frozen=True, kw_only=True)
class PagePolicy:
    """What one page may ask for."""

    page_host: str
    blocked: tuple[str, ...] = ()  # address patterns that are not loaded
    harmless: tuple[HarmlessRead, ...] = ()
    responses: tuple[str, ...] = ()  # address patterns of the JSON answers to keep
    author: bool = False  # the author looks: signed in, so a request could do something in their name
    own_hosts: tuple[str, ...] = ()  # the platform's own sites

    def is_own(self, url: str) -> bool:
        """Return whether an address is the page's own host or one of the platform's."""
        host = host_of(url)
        return host == self.page_host or any(is_of(host, one) for one in self.own_hosts)


def block_reason(
    asked: OutgoingRequest,
    rules: PagePolicy | None,
    *,
    blocked: tuple[str, ...] = (),
    authors: tuple[PagePolicy, ...] = (),
) -> str | None:
    """Return why a request is refused, or None where it may go.

    `rules` are those of the page that asks, None where that is not known. Then `blocked` is used, and where
    an author looks in this browser, `authors` are the rules of their pages.
    """
    reasons = (
        (asked.kind in _NEVER, f"{asked.kind} is not loaded"),
        (not is_opened(asked.url), "only http and https are opened"),
        (_is_blocked(asked, rules.blocked if rules else blocked), "the platform file blocks it"),
        (_leads_within(asked, rules), "a private address, asked for by a page that is not on it"),
        (not _only_reads(asked, rules), f"{asked.method} could change something"),
        (not _is_for_authors(asked, rules, authors), "not needed to see the page as its author"),
        (_acts_by_graphql(asked, rules), "GraphQL that is not seen to be a query"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _is_blocked(asked: OutgoingRequest, blocked: tuple[str, ...]) -> bool:
    return any(matches(asked.url, pattern) for pattern in blocked)


def _leads_within(asked: OutgoingRequest, rules: PagePolicy | None) -> bool:
    page_host = rules.page_host if rules else host_of(asked.referrer)
    return not may_reach(host_of(asked.url), page_host=page_host)


def _only_reads(asked: OutgoingRequest, rules: PagePolicy | None) -> bool:
    if asked.overrides:
        return False
    if asked.method in _READS or asked.kind == "Preflight":
        return True
    return (
        rules is not None
        and asked.kind in _DATA
        and any(_is_harmless(asked, read) for read in rules.harmless)
    )


def _is_harmless(asked: OutgoingRequest, read: HarmlessRead) -> bool:
    if asked.method != read.method or re.search(read.url, asked.url) is None:
        return False
    if read.graphql:
        return "?" not in asked.url and only_queries(asked.body)
    if read.refuse_body is None:
        return True
    return asked.body is not None and not any(
        re.search(read.refuse_body, text) for text in _spellings(asked.body)
    )


def _spellings(body: str) -> tuple[str, ...]:
    """Return a body as it is sent and as a reader of JSON understands it, without escapes."""
    try:
        return body, json.dumps(json.loads(body), ensure_ascii=False)
    except (ValueError, RecursionError):
        return (body,)


def _is_for_authors(
    asked: OutgoingRequest, rules: PagePolicy | None, authors: tuple[PagePolicy, ...]
) -> bool:
    """Return whether an author's page needs it; what strangers' pages ask for is not limited so."""
    if rules is not None:
        authors = (rules,) if rules.author else ()
    if not authors or asked.kind in _SHOWN or asked.kind == "Preflight":
        return True
    return asked.kind in _OWN_ONLY and any(one.is_own(asked.url) for one in authors)


def _acts_by_graphql(asked: OutgoingRequest, rules: PagePolicy | None) -> bool:
    """Return whether an author's GET asks a GraphQL endpoint for what is not seen to be a query."""
    if rules is None or not rules.author or asked.method not in _READS or "?" not in asked.url:
        return False
    plain = asked.url.split("?", maxsplit=1)[0]
    endpoints = [read for read in rules.harmless if read.graphql and re.search(read.url, plain)]
    return bool(endpoints) and not address_only_queries(asked.url)
