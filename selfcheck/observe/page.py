"""A capture opened for reading: its text made comparable, its HTML and JSON parsed once, asked many times."""

import json
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.core.capture import Capture
from selfcheck.core.hosts import split_address
from selfcheck.platforms.jsonpaths import find
from selfcheck.platforms.page_reading import StateSource
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import Escape, as_it_is, fill_in, for_json_path, for_selector

_PLAIN = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a", "'"),
        **dict.fromkeys("\u201c\u201d\u201e", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2212", "-"),
        "\u2026": "...",
        **dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff"),  # invisible, so left out
        **dict.fromkeys("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"),
    }
)


def fold(text: str) -> str:
    """Return the text in lower case, composed, white space folded, quotes, dashes and dots made plain.

    Case goes because a browser's visible text has what style sheets make of it (`text-transform`).
    """
    return unicodedata.normalize("NFC", " ".join(text.translate(_PLAIN).split()).casefold())


def text_of(node: LexborNode) -> str:
    """Return all text within an element, seen or not, with white space folded."""
    return " ".join(node.text(deep=True).split())


_NAMES_HANDLE = re.compile(r"""(=\s*(["'])(?:(?!\2).)*\{handle\}(?:(?!\2).)*\2)\s*\]""")
"""The end of an attribute selector whose value names the handle."""


class OpenedPage:
    """One capture, its platform, and the values that templates are filled with."""

    def __init__(self, capture: Capture, platform: Platform, values: Mapping[str, str]) -> None:
        self.capture = capture
        self.platform = platform
        self.values = values
        self._states: dict[str, tuple[Any, ...]] = {}
        self._matches: dict[tuple[str, str], list[Any]] = {}

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The document without what a visitor with a browser never sees: `noscript` and `template`."""
        tree = LexborHTMLParser(self.capture.html)
        tree.strip_tags(["noscript", "template"], recursive=True)
        return tree

    @cached_property
    def text(self) -> str:
        """The visible text, folded."""
        return fold(self.capture.text)

    @cached_property
    def title(self) -> str:
        """The title, folded."""
        return fold(self.capture.title)

    @cached_property
    def addresses(self) -> tuple[str, ...]:
        """The final address in each form that a mark may name it: whole, path and query, on the own home."""
        final = self.capture.final_url or self.capture.visit.url
        parts = split_address(final)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        forms = [final, path]
        home = self.values.get("home", "")
        if home and final.startswith(home) and home != self.platform.home:
            forms.append(self.platform.home + (final[len(home) :] or "/"))
        return tuple(dict.fromkeys((*forms, *map(unquote, forms))))

    def filled(self, template: str, escape: Escape = as_it_is) -> str | None:
        """Return the template filled for this page, or None where a value is not known."""
        return fill_in(template, self.values, escape)

    def state(self, name: str) -> tuple[Any, ...]:
        """Return the JSON documents of a state that the platform file names."""
        if name not in self._states:
            self._states[name] = _documents(self.platform.states[name], self)
        return self._states[name]

    def find(self, state: str, path: str) -> list[Any]:
        """Return every value but null that a JSONPath template finds in a state; asked once, kept."""
        if (state, path) not in self._matches:
            filled, fold_case = self.filled(path, for_json_path), self.platform.handle.fold_case
            documents = self.state(state) if filled is not None else ()
            self._matches[state, path] = [
                value for document in documents for value in find(filled or "", document, fold_case=fold_case)
            ]
        return self._matches[state, path]

    def elements(self, selector: str) -> list[LexborNode]:
        """Return the elements that a CSS selector template finds."""
        by_form = (self.tree.css(form) for form in self.selectors(selector))
        return next((nodes for nodes in by_form if nodes), [])

    def selectors(self, template: str) -> tuple[str, ...]:
        """Return the forms of a CSS selector template to try: as written, then without regard to case.

        The second is for templates that name the handle, where the platform does not tell its case.
        """
        filled = self.filled(template, for_selector)
        if filled is None:
            return ()
        if not self.platform.handle.fold_case or "{handle}" not in template:
            return (filled,)
        values = {**self.values, "handle": self.values["handle"].casefold()}
        any_case = fill_in(_NAMES_HANDLE.sub(r"\1 i]", template), values, for_selector)
        return (filled, any_case or filled)

    def equals(self, text: str, template: str) -> bool:
        """Return whether a text is exactly what a template gives; a handle in it may be in any case."""
        filled = self.filled(template)
        if filled is None or not self.platform.handle.fold_case or "{handle}" not in template:
            return text == filled
        return fold(text) == fold(filled)


# -- the JSON that a page carries: after some characters, in an element, as a whole, or fetched -----------

_MOST_TRIES = 8  # places where the characters may stand before the one that JSON follows
_HEX_ESCAPE = re.compile(r"(?<!\\)((?:\\\\)*)\\x([0-9a-fA-F]{2})")
_DECODER = json.JSONDecoder()


def _documents(source: StateSource, page: OpenedPage) -> tuple[Any, ...]:
    """Return every JSON value that this source has on a page; none where it cannot be read."""
    if source.after is not None:
        return _after(source.after, page.capture.html)
    if source.whole:
        texts = [_whole(page, source.guard)]
    elif source.selector is not None:
        texts = [node.text(deep=True) for node in page.tree.css(source.selector)]
    else:
        texts = [
            answer.body for answer in page.capture.json_responses if (source.response or "") in answer.url
        ]
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
    if not text.startswith(("{", "[")):
        return None
    for escaped in (False, True):
        try:
            return _DECODER.raw_decode(_HEX_ESCAPE.sub(r"\1\\u00\2", text) if escaped else text)[0]
        except (ValueError, RecursionError):
            continue
    return None


def _whole(page: OpenedPage, guard: str) -> str:
    """Return the body of a JSON answer, also where a browser has wrapped it in a page of its own."""
    text = page.capture.html.lstrip("\ufeff \t\r\n")
    if text.startswith("<") and not (guard and text.startswith(guard)):
        wrapped = page.tree.css_first("body > pre")
        return wrapped.text(deep=True) if wrapped is not None else ""
    return text


def _decoded(texts: list[str], guard: str) -> Iterator[Any]:
    for text in texts:
        try:
            yield json.loads(text.strip().removeprefix(guard))
        except (ValueError, RecursionError):
            continue
