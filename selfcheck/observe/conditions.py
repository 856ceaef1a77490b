"""Whether a condition of a platform file holds on a page, and by which words of the page.

A condition that holds gives the quote that shows it, which may be empty (a length has no words); one that
does not hold gives None. Of several quotes the most telling one counts: sentences before addresses.
"""

from collections.abc import Callable
from typing import Any

from selectolax.lexbor import LexborNode

from selfcheck.observe.page import OpenedPage, fold, text_of
from selfcheck.platforms.page_reading import Condition, HeaderCondition, SelectorCondition, StateCondition
from selfcheck.platforms.patterns import search
from selfcheck.platforms.templates import for_pattern

Held = str | None

_LONGEST = 200  # characters of a quote
_WHOLE_PAGE = ("html", "head", "body", "script", "style")
"""Elements whose text is not read as one sentence."""


def holds(condition: Condition, page: OpenedPage) -> Held:
    """Return the most telling quote if all that the condition says holds, else None."""
    quotes: dict[str, str] = {}
    for name, check in _CHECKS.items():
        wanted = getattr(condition, name)
        if wanted is None:
            continue
        quote = check(page, wanted)
        if quote is None:
            return None
        quotes[name] = quote
    return next((quotes[name][:_LONGEST] for name in _MOST_TELLING if quotes.get(name)), "")


def words_of(condition: Condition, page: OpenedPage) -> Held:
    """Return the quote as `holds` does; where an element alone tells, its words if a person reads them."""
    quote = holds(condition, page)
    if quote or quote is None or condition.selector is None or condition.selector.exists is False:
        return quote
    node = next((node for node in page.elements(condition.selector.css) if node.tag not in _WHOLE_PAGE), None)
    words = text_of(node) if node is not None else ""
    return words if len(words) <= _LONGEST else ""


def _content_type(page: OpenedPage, wanted: tuple[str, ...]) -> Held:
    content_type = page.capture.content_type
    return content_type if content_type.casefold() in {name.casefold() for name in wanted} else None


def _any_of(page: OpenedPage, wanted: tuple[str, ...], fits: Callable[[str], bool]) -> str | None:
    """Return the first text, filled, that fits once it is folded."""
    texts = (page.filled(template) for template in wanted)
    return next((text for text in texts if text is not None and fits(fold(text))), None)


def _title_if(page: OpenedPage, wanted: tuple[str, ...], fits: Callable[[str], bool]) -> Held:
    return None if _any_of(page, wanted, fits) is None else page.capture.title.strip()


def _html(page: OpenedPage, wanted: tuple[str, ...]) -> Held:
    texts = (page.filled(template) for template in wanted)
    return next((text for text in texts if text and text in page.capture.html), None)


def _url(page: OpenedPage, wanted: tuple[str, ...]) -> Held:
    for template in wanted:
        pattern = page.filled(template, for_pattern)
        if pattern and any(search(pattern, address) for address in page.addresses):
            return page.capture.final_url
    return None


def _header(page: OpenedPage, wanted: HeaderCondition) -> Held:
    value = page.capture.headers.get(wanted.name.casefold())
    if value is None:
        return None
    if wanted.equals is not None and value.casefold() != wanted.equals.casefold():
        return None
    if wanted.contains is not None and wanted.contains.casefold() not in value.casefold():
        return None
    return f"{wanted.name}: {value}"


def _selector(page: OpenedPage, wanted: SelectorCondition) -> Held:
    quotes = (_element(page, node, wanted) for node in page.elements(wanted.css))
    first = next((quote for quote in quotes if quote is not None), None)
    if not wanted.exists:
        return "" if first is None else None
    return first


def _element(page: OpenedPage, node: LexborNode, wanted: SelectorCondition) -> Held:
    value = node.text(deep=True) if wanted.attribute is None else node.attributes.get(wanted.attribute)
    if value is None:
        return None
    if wanted.text is not None and not _within(page, wanted.text, node.text(deep=True)):
        return None
    if wanted.equals is not None and fold(value) != fold(page.filled(wanted.equals) or "\0"):
        return None
    if wanted.contains is not None and not _within(page, wanted.contains, value):
        return None
    return " ".join(value.split()) if wanted.text or wanted.attribute else ""


def _within(page: OpenedPage, template: str, value: str) -> bool:
    filled = page.filled(template)
    return filled is not None and fold(filled) in fold(value)


def _state(page: OpenedPage, wanted: StateCondition) -> Held:
    values = [value for value in page.find(wanted.of, wanted.path) if _value_fits(page, value, wanted)]
    if not wanted.exists:
        return None if values else ""
    return _shown(values[0]) if values else None


def _value_fits(page: OpenedPage, value: Any, wanted: StateCondition) -> bool:
    if wanted.equals is not None and not _equal(page, value, wanted.equals):
        return False
    if wanted.contains is None:
        return True
    part = page.filled(wanted.contains)
    return part is not None and isinstance(value, str) and part in value


def _equal(page: OpenedPage, value: Any, wanted: Any) -> bool:
    """Return whether the values are the same and of one type: true is not 1."""
    if isinstance(wanted, str):
        return isinstance(value, str) and page.equals(value, wanted)
    return isinstance(value, bool) is isinstance(wanted, bool) and bool(value == wanted)


def _shown(value: Any) -> str:
    """Return a JSON value as a quote: of an object its type's name, if it has one."""
    if isinstance(value, dict):
        name = value.get("__typename", "")
        return name if isinstance(name, str) else ""
    return "" if isinstance(value, list) else str(value)


def _any(page: OpenedPage, wanted: tuple[Condition, ...]) -> Held:
    quotes = (holds(condition, page) for condition in wanted)
    return next((quote for quote in quotes if quote is not None), None)


def _all(page: OpenedPage, wanted: tuple[Condition, ...]) -> Held:
    quotes = []
    for condition in wanted:
        if (quote := holds(condition, page)) is None:
            return None
        quotes.append(quote)
    return next((quote for quote in quotes if quote), "")


def _none(page: OpenedPage, wanted: tuple[Condition, ...]) -> Held:
    return "" if all(holds(condition, page) is None for condition in wanted) else None


# The cheap ones first: most marks fail by their status or title, and nothing need be parsed for them.
_CHECKS: dict[str, Callable[[OpenedPage, Any], Held]] = {
    "status": lambda page, wanted: f"status {page.capture.status}" if page.capture.status in wanted else None,
    "content_type": _content_type,
    "redirected": lambda page, wanted: "" if bool(page.capture.redirects) is wanted else None,
    "header": _header,
    "title": lambda page, wanted: _title_if(page, wanted, page.title.__eq__),
    "title_starts": lambda page, wanted: _title_if(page, wanted, page.title.startswith),
    "title_ends": lambda page, wanted: _title_if(page, wanted, page.title.endswith),
    "url": _url,
    "max_text": lambda page, wanted: "" if len(page.text) <= wanted else None,
    "text": lambda page, wanted: _any_of(page, wanted, page.text.__contains__),
    "html": _html,
    "state": _state,
    "selector": _selector,
    "none": _none,
    "all": _all,
    "any": _any,
}

_MOST_TELLING = (
    "text",
    "any",
    "all",
    "selector",
    "title",
    "title_starts",
    "title_ends",
    "state",
    "header",
    "url",
    "html",
    "content_type",
    "status",
)
