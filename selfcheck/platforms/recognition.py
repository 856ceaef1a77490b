"""Which platform an address is of, and which software a site of somebody's own runs. Pure.

Laws:
1. An address of a shipped platform's own site needs no question to anybody.
2. Of another site only its own words count: the page's generator, then the addresses that a file names under
   `engine: well_known`. An engine is only asked about where the address has the form of its profiles.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.hosts import split_address
from selfcheck.platforms.catalogue import PlatformHead
from selfcheck.platforms.page_urls import handle_of_url
from selfcheck.platforms.patterns import search
from selfcheck.platforms.schema import WellKnown

_SUCCESS = range(200, 300)


@dataclass(frozen=True, kw_only=True)
class NamedAccount:
    """An account whose platform is known."""

    platform: str  # the shipped platform's name
    handle: str
    base_url: str | None = None  # of a site of somebody's own


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a site answered to a question about its software."""

    status: int | None
    content_type: str
    text: str


def whole_address(text: str) -> str:
    """Return an address with its scheme, https where none was written."""
    return text.strip() if "://" in text else f"https://{text.strip()}"


def known_account(address: str, heads: Iterable[PlatformHead]) -> NamedAccount | None:
    """Return the account that an address on a shipped platform's own site names."""
    handles = ((head.name, handle_of_url(address, head)) for head in heads)
    return next((NamedAccount(platform=name, handle=handle) for name, handle in handles if handle), None)


def possible_accounts(address: str, heads: Iterable[PlatformHead]) -> dict[str, NamedAccount]:
    """Return which account an address would name on each engine whose profiles have such addresses."""
    parts = split_address(address)
    root = f"{parts.scheme}://{parts.netloc}"
    accounts = {}
    for head in heads:
        if head.engine is not None and (handle := handle_of_url(address, _moved(head, root))):
            accounts[head.name] = NamedAccount(platform=head.name, handle=handle, base_url=root)
    return accounts


def _moved(head: PlatformHead, root: str) -> PlatformHead:
    urls = tuple(
        url.replace(head.home, root, 1) for url in head.handle.from_urls if url.startswith(head.home)
    )
    handle = head.handle.model_copy(update={"from_urls": urls})
    return PlatformHead(
        name=head.name, title=head.title, home=root, hosts=head.hosts, handle=handle, engine=head.engine
    )


def engine_of_page(html: str, heads: Iterable[PlatformHead]) -> str | None:
    """Return the platform whose software the page names as its generator, or None."""
    metas = LexborHTMLParser(html).css("meta[name='generator' i]")
    generators = [meta.attributes.get("content") or "" for meta in metas]
    for head in heads:
        pattern = head.engine.generator if head.engine else None
        if pattern and any(search(pattern, name, ignore_case=True) for name in generators):
            return head.name
    return None


def questions(names: Iterable[str], heads: Iterable[PlatformHead]) -> tuple[tuple[str, WellKnown], ...]:
    """Return the addresses that tell whether a site runs one of these engines, in the order to be asked."""
    by_name: Mapping[str, PlatformHead] = {head.name: head for head in heads}
    asked = []
    for name in names:
        engine = by_name[name].engine
        entries = engine.well_known if engine else ()
        asked += [(name, WellKnown(path=one) if isinstance(one, str) else one) for one in entries]
    return tuple(asked)


def says_yes(question: WellKnown, answer: Answer) -> bool:
    """Return whether this answer is that of the engine whose question it was."""
    if answer.status not in _SUCCESS:
        return False
    if question.pattern is None:
        return answer.content_type.endswith("json")
    return search(question.pattern, answer.text, ignore_case=True) is not None
