"""What keeps a page out of search engines: robots meta elements and the `X-Robots-Tag` header."""

from collections.abc import Iterator

from selfcheck.observe.opened import OpenedPage

_FOR = ("robots", "googlebot")  # all bots, and the one that matters most to writers
_KEEPS_OUT = {"noindex", "none"}


def noindex(page: OpenedPage) -> str | None:
    """Return the directive that keeps the page out of search engines, as it is written, or None."""
    return next((one for one in _directives(page) if _keeps_out(one)), None)


def _directives(page: OpenedPage) -> Iterator[str]:
    if page.capture.robots_meta:
        yield page.capture.robots_meta
    for node in page.tree.css("meta[name][content]"):
        name = (node.attributes.get("name") or "").strip().casefold()
        if name in _FOR:
            yield node.attributes.get("content") or ""
    yield from _in_header(page.capture.robots_header or "")


def _in_header(header: str) -> Iterator[str]:
    """Return the header's directives for all bots or Google's; `otherbot: noindex` is for another one."""
    concerns_us = True
    for part in header.replace("\n", ",").split(","):
        name, colon, directive = part.partition(":")
        if colon and name.strip().casefold() != "unavailable_after" and "-" not in name:
            concerns_us = name.strip().casefold() in _FOR
            part = directive  # noqa: PLW2901 - the rest of the part is what is read
        if concerns_us:
            yield part.strip()


def _keeps_out(directives: str) -> bool:
    return any(one.strip().casefold() in _KEEPS_OUT for one in directives.split(","))
