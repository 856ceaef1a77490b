"""A capture opened for reading: parsed once, asked many times."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.core.capture import Capture
from selfcheck.observe import states
from selfcheck.observe.folding import fold
from selfcheck.platforms import jsonpaths
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import Escape, as_it_is, fill_in, for_json_path, for_selector


class OpenedPage:
    """One capture, its platform, and the values that templates are filled with."""

    def __init__(self, capture: Capture, platform: Platform, values: Mapping[str, str]) -> None:
        self.capture = capture
        self.platform = platform
        self.values = values
        self._states: dict[str, tuple[Any, ...]] = {}
        self._found: dict[tuple[str, str], list[Any]] = {}

    @cached_property
    def tree(self) -> LexborHTMLParser:
        """The document without what no visitor with a browser has: `noscript` and `template`."""
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
        parts = urlsplit(final)
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        forms = [final, path]
        home = self.values.get("home", "")
        if home and final.startswith(home) and home != self.platform.home:
            forms.append(self.platform.home + (final[len(home) :] or "/"))
        return tuple(dict.fromkeys(forms))

    def filled(self, template: str, escape: Escape = as_it_is) -> str | None:
        """Return the template filled for this page, or None where a value is not known."""
        return fill_in(template, self.values, escape)

    def state(self, name: str) -> tuple[Any, ...]:
        """Return the JSON documents of a state that the platform file names."""
        if name not in self._states:
            capture = self.capture
            found = states.documents(
                self.platform.states[name], capture.html, capture.json_responses, lambda: self.tree
            )
            self._states[name] = found
        return self._states[name]

    def find(self, state: str, path: str) -> list[Any]:
        """Return every value but null that a JSONPath template finds in a state; asked once, kept."""
        if (state, path) not in self._found:
            self._found[state, path] = self._search(state, path)
        return self._found[state, path]

    def _search(self, state: str, path: str) -> list[Any]:
        filled = self.filled(path, for_json_path)
        if filled is None:
            return []
        fold_case = self.platform.handle.fold_case
        return [
            value
            for document in self.state(state)
            for value in jsonpaths.find(filled, document, fold_case=fold_case)
        ]

    def elements(self, selector: str) -> list[LexborNode]:
        """Return the elements that a CSS selector template finds."""
        filled = self.filled(selector, for_selector)
        return [] if filled is None else self.tree.css(filled)
