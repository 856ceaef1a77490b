"""The JSON that a page carries: after some characters in its HTML, in an element, as a whole, or fetched."""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import JsonResponse
from selfcheck.platforms.schema import StateSource

_MOST_TRIES = 8  # places where the characters may stand before the one that JSON follows
_HEX_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\x([0-9a-fA-F]{2})")
_DECODER = json.JSONDecoder()


def documents(
    source: StateSource,
    html: str,
    responses: tuple[JsonResponse, ...],
    tree: Callable[[], LexborHTMLParser],
) -> tuple[Any, ...]:
    """Return every JSON value that this source finds on a page; none where it cannot be read."""
    if source.after is not None:
        return _after(source.after, html)
    if source.whole:
        texts = [_whole(html, source.guard, tree)]
    elif source.selector is not None:
        texts = [node.text(deep=True) for node in tree().css(source.selector)]
    else:
        texts = [one.body for one in responses if (source.response or "") in one.url]
    return tuple(_decoded(texts, source.guard))


def _after(words: str, html: str) -> tuple[Any, ...]:
    """Return the JSON value after the first of these places that has one; scripts may name them before."""
    start = html.find(words)
    for _ in range(_MOST_TRIES):
        if start < 0:
            break
        begin = start + len(words)
        value = _first_value(html[begin:])
        if value is not None:
            return (value,)
        start = html.find(words, begin)
    return ()


def _first_value(text: str) -> Any:
    """Return the JSON value that the text begins with, or None; scripts' own escapes are understood."""
    text = text.lstrip()
    for candidate in _spellings(text):
        try:
            return _DECODER.raw_decode(candidate)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _spellings(text: str) -> Iterator[str]:
    if text[:1] not in ("{", "["):
        return
    yield text
    if "\\x" in text:
        yield _HEX_ESCAPE.sub(r"\1\\u00\2", text)


def _whole(html: str, guard: str, tree: Callable[[], LexborHTMLParser]) -> str:
    """Return the body of a JSON answer, also where a browser has wrapped it in a page of its own."""
    text = html.lstrip("\ufeff \t\r\n")
    if text.startswith("<") and not (guard and text.startswith(guard)):
        wrapped = tree().css_first("body > pre")
        return wrapped.text(deep=True) if wrapped is not None else ""
    return text


def _decoded(texts: list[str], guard: str) -> Iterator[Any]:
    for text in texts:
        try:
            yield json.loads(text.strip().removeprefix(guard))
        except (ValueError, RecursionError):
            continue
