"""Which of a page's requests may leave the browser. Pure: the guard asks, this answers.

Laws:
1. Read-only: GET and HEAD, and beyond them only what the platform file calls harmless, and that only
   for a frame that is known to be the page itself.
2. No way leads from a public page to this machine or a private network, not by a redirect either.
3. A request that cannot be placed (another frame, a worker) is held to the strictest rules.
"""

import re
from dataclasses import dataclass

from selfcheck.capture.addresses import host_of, is_opened, matches, may_reach
from selfcheck.platforms.schema import HarmlessRead

_READS = frozenset({"GET", "HEAD"})
_NEVER = frozenset({"Media", "Ping", "CSPViolationReport"})


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A request that is about to leave the browser."""

    url: str
    method: str
    kind: str  # the browser's resource type: Document, XHR, Ping, …
    referrer: str = ""
    body: str | None = None  # None: none, or not readable


@dataclass(frozen=True, kw_only=True)
class Rules:
    """What one page may ask for."""

    page_host: str
    blocked: tuple[str, ...] = ()  # address patterns that are not loaded
    harmless: tuple[HarmlessRead, ...] = ()
    responses: tuple[str, ...] = ()  # address patterns of the JSON answers to keep


def refusal(asked: Asked, rules: Rules | None, *, blocked: tuple[str, ...] = ()) -> str | None:
    """Return why a request is refused, or None where it may go.

    `rules` are those of the page that asks, None where that is not known; `blocked` is used then.
    """
    reasons = (
        (asked.kind in _NEVER, f"{asked.kind} is not loaded"),
        (not is_opened(asked.url), "only http and https are opened"),
        (_is_blocked(asked, rules.blocked if rules else blocked), "the platform file blocks it"),
        (_leads_within(asked, rules), "a private address, asked for by a page that is not on it"),
        (not _only_reads(asked, rules), f"{asked.method} could change something"),
    )
    return next((reason for holds, reason in reasons if holds), None)


def _is_blocked(asked: Asked, blocked: tuple[str, ...]) -> bool:
    return any(matches(asked.url, pattern) for pattern in blocked)


def _leads_within(asked: Asked, rules: Rules | None) -> bool:
    page_host = rules.page_host if rules else host_of(asked.referrer)
    return not may_reach(host_of(asked.url), page_host=page_host)


def _only_reads(asked: Asked, rules: Rules | None) -> bool:
    if asked.method in _READS or asked.kind == "Preflight":
        return True
    return rules is not None and any(_is_harmless(asked, read) for read in rules.harmless)


def _is_harmless(asked: Asked, read: HarmlessRead) -> bool:
    if asked.method != read.method or re.search(read.url, asked.url) is None:
        return False
    if read.refuse_body is None:
        return True
    return asked.body is not None and re.search(read.refuse_body, asked.body) is None
