"""Reads a folder of saved pages: what each page is, whose it is, and under which paths it was served.

Laws:
1. The folder's index says what a page is (see `platforms.savedpages`); only here it matters where it was.
2. Where a page was is read from the page itself: its own addresses, then the patterns of the platform file.
3. Copying tools rewrite a page's canonical address to a file's name; only absolute addresses count.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote, urlsplit

from selfcheck.core.enums import PageKind
from selfcheck.platforms.page_urls import handle_of_url, is_own, page_url, story_id
from selfcheck.platforms.saved_pages import read_pages
from selfcheck.platforms.schema import Platform

WALL = "wall"
SIGN_IN = "signin"
MISSING = "missing"
UNRECOGNISED = "unrecognised"
EXPORT = "export"
SHOWN = "shown"

_TAG = re.compile(r"<(?:meta|link)\b[^>]*>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([\w:-]+)\s*=\s*(?:"([^"]*)"|'([^']*)')""")
_OWN_ADDRESS = ("al:web:url", "og:url")
_FEED_LINK = re.compile(r"<channel>.*?<link>([^<]+)</link>", re.DOTALL)
_FEEDS = (".xml", ".rss", ".atom")


@dataclass(frozen=True)
class ServedPage:
    """One page of the folder."""

    file: str
    label: str
    status: int
    text: str
    platform: Platform

    @property
    def stem(self) -> str:
        """Return the file's name without its ending."""
        return Path(self.file).stem

    @property
    def outcome(self) -> str:
        """Return the last word of the label: shown, suspended, missing, signin, or what sort of wall."""
        return self.label.rsplit(".", maxsplit=1)[-1]

    @property
    def wall(self) -> bool:
        """Return whether it is a wall, or the sign-in page that can stand for one."""
        return self.label.startswith(f"{WALL}.") or self.outcome == SIGN_IN

    @property
    def kind(self) -> PageKind | None:
        """Return the kind of page that the label names, or None."""
        return next((kind for kind in PageKind if kind.value in self.label.split(".")[1:-1]), None)

    @property
    def content_type(self) -> str:
        """Return the media type that it is served with."""
        return "text/xml; charset=utf-8" if self.file.endswith(_FEEDS) else "text/html; charset=utf-8"

    @cached_property
    def address(self) -> str:
        """Return the address that the page gives as its own, or an empty string."""
        if self.kind is PageKind.FEED:
            found = _FEED_LINK.search(self.text)
            return found.group(1).strip() if found else ""
        return next((url for url in self._addresses() if is_own(url, self.platform)), "")

    def _addresses(self) -> Iterator[str]:
        tags = [_attributes(tag) for tag in _TAG.findall(self.text)]
        for name in _OWN_ADDRESS:
            yield from (
                tag.get("content", "") for tag in tags if name in (tag.get("property"), tag.get("name"))
            )
        yield from (tag.get("href", "") for tag in tags if tag.get("rel") == "canonical")

    @cached_property
    def handle(self) -> str | None:
        """Return whose page it is, or None where the page does not tell."""
        if self.kind is PageKind.PUBLICATION or self.wall:
            return None
        if found := handle_of_url(self.address, self.platform):
            return found
        matches = (re.search(pattern, self.text) for pattern in self.platform.saved_pages.handle)
        return next((match.group(1) for match in matches if match), None)

    @property
    def signed_in(self) -> bool:
        """Return whether it was saved by somebody who was signed in, so that it is nobody else's view."""
        return any(re.search(pattern, self.text) for pattern in self.platform.saved_pages.signed_in)

    @cached_property
    def publication(self) -> str | None:
        """Return the name of a publication: its path, or its subdomain."""
        if self.kind is not PageKind.PUBLICATION or not self.address:
            return None
        parts = urlsplit(self.address)
        return parts.path.strip("/") or (parts.hostname or "").split(".")[0]

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return every path of the platform that this page answers, the plainest first."""
        return tuple(dict.fromkeys(path for path in self._paths() if path not in {"", "/"}))

    def _paths(self) -> Iterator[str]:
        own = unquote(urlsplit(self.address).path).rstrip("/")
        if self.kind is PageKind.STORY:
            yield from self._story_paths(own)
        elif self.kind is PageKind.PUBLICATION and self.publication:
            yield path_of(self.platform, PageKind.PUBLICATION, publication=self.publication)
        elif self.handle and self.kind in {PageKind.PROFILE, PageKind.FEED}:
            yield path_of(self.platform, self.kind, handle=self.handle)
        elif self.outcome != MISSING:
            yield own

    def _story_paths(self, own: str) -> Iterator[str]:
        yield own
        if self.handle and not handle_of_url(f"{self.platform.home}{own}", self.platform):
            yield path_of(self.platform, PageKind.PROFILE, handle=self.handle) + own
        if id_ := story_id(self.address, self.platform):
            yield path_of(self.platform, PageKind.STORY, story_id=id_, story=own, handle=self.handle or "")


def path_of(platform: Platform, kind: PageKind, **values: str) -> str:
    """Return the path of a page of this kind; an empty string where the platform has none."""
    try:
        url = page_url(kind, platform, {"home": platform.home, **values})
    except ValueError:
        return ""
    return unquote(url.removeprefix(platform.home))


def read_saved_pages(folder: Path, platform: Platform) -> tuple[ServedPage, ...]:
    """Return the folder's pages of this platform, and its walls; UsageError as `read_pages` has it."""
    ours = (f"{platform.platform}.", f"{WALL}.")
    return tuple(
        ServedPage(page.file, page.label, page.status, page.html, platform)
        for page in read_pages(folder, platform)
        if page.label.startswith(ours) and not page.label.endswith(f".{EXPORT}")
    )


def _attributes(tag: str) -> dict[str, str]:
    return {name.lower(): double or single for name, double, single in _ATTRIBUTE.findall(tag)}
