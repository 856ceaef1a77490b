"""Serves a folder of saved pages under the platform's own paths, so that a run can check real pages.

Laws:
1. A page answers under the paths it had, as its own addresses and the patterns of the platform file tell; a
   profile, a gone page or a wall also under `/@<its file's name>`.
2. The public gets the page as it was saved. The author of a page that is gone gets a healthy saved profile
   with their handle, and every page has the platform's marks of a signed-in visitor, as in a silent
   suspension.
3. A wall stays a wall for everybody. Whatever is not known is the saved missing page.
4. No page loads anything from outside: its scripts and everything from elsewhere are blocked by policy.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import yaml

from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.hosts import split_address
from selfcheck.demo.loopback import LoopbackSite, Reply, SiteRequest
from selfcheck.platforms.page_urls import handle_of_url, is_own, page_url, story_id
from selfcheck.platforms.patterns import fullmatch, search
from selfcheck.platforms.saved_pages import SavedPage, own_addresses, read_pages
from selfcheck.platforms.schema import Platform

WALL = "wall"
SIGN_IN = "signin"
MISSING = "missing"
UNRECOGNISED = "unrecognised"
EXPORT = "export"
SHOWN = "shown"
_SOURCES = "default-src 'none'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; form-action 'none'"
POLICY = ("Content-Security-Policy", _SOURCES)
_ASSET = re.compile(r"\.(?:js|mjs|css|png|jpe?g|gif|svg|webp|ico|woff2?|map|json)$", re.IGNORECASE)
_PLACE = "HANDLE-PLACE"


@dataclass(frozen=True)
class ServedPage:
    """A saved page, and what a site needs to know of it: whose page it is, and under which paths it was."""

    saved: SavedPage
    platform: Platform

    @property
    def stem(self) -> str:
        """Return the file's name without its ending."""
        return Path(self.saved.file).stem

    @property
    def outcome(self) -> str:
        """Return the last word of the label: shown, suspended, missing, signin, or the kind of wall."""
        return self.saved.label.rsplit(".", maxsplit=1)[-1]

    @property
    def wall(self) -> bool:
        """Return whether it is a wall, or the sign-in page that can stand for one."""
        return self.saved.label.startswith(f"{WALL}.") or self.outcome == SIGN_IN

    @property
    def kind(self) -> PageKind | None:
        """Return the kind of page that the label names, or None."""
        return next((kind for kind in PageKind if kind.value in self.saved.label.split(".")[1:-1]), None)

    @property
    def content_type(self) -> str:
        """Return the media type that it is served with."""
        return f"text/{'xml' if self.saved.is_feed else 'html'}; charset=utf-8"

    @cached_property
    def address(self) -> str:
        """Return the address that the page gives as its own, or an empty string."""
        return next((url for url in own_addresses(self.saved.html) if is_own(url, self.platform)), "")

    @cached_property
    def handle(self) -> str | None:
        """Return whose page it is, or None if the page does not say."""
        if self.kind is PageKind.PUBLICATION or self.wall:
            return None
        if handle := handle_of_url(self.address, self.platform):
            return handle
        matches = (search(pattern, self.saved.html) for pattern in self.platform.saved_pages.handle)
        return next((match.group(1) for match in matches if match), None)

    @property
    def signed_in(self) -> bool:
        """Return whether it was saved by somebody who was signed in, so that it is not a public view."""
        return any(search(pattern, self.saved.html) for pattern in self.platform.saved_pages.signed_in)

    @cached_property
    def publication(self) -> str | None:
        """Return the name of a publication: its path, or its subdomain."""
        if self.kind is not PageKind.PUBLICATION or not self.address:
            return None
        parts = split_address(self.address)
        return parts.path.strip("/") or (parts.hostname or "").split(".")[0]

    @cached_property
    def paths(self) -> tuple[str, ...]:
        """Return every path of the platform that this page answers, the simplest first."""
        return tuple(dict.fromkeys(path for path in self._paths() if path not in {"", "/"}))

    def _paths(self) -> Iterator[str]:
        own = unquote(split_address(self.address).path).rstrip("/")
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
    """Return the path of a page of this kind; an empty string if the platform has none."""
    try:
        url = page_url(kind, platform, {"home": platform.home, **values})
    except ValueError:
        return ""
    return unquote(url.removeprefix(platform.home))


@dataclass(frozen=True, kw_only=True)
class SavedProfile:
    """A profile that can be run on the saved pages, and what the run must find."""

    name: str
    handle: str
    expected: Verdict
    without_session: Verdict
    publications: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()  # paths


@dataclass(frozen=True, kw_only=True)
class PageListing:
    """One saved page as it is served."""

    file: str
    label: str
    status: int
    paths: tuple[str, ...]


class PagesSite(LoopbackSite):
    """A folder of saved pages of one platform, served while the context lasts."""

    def __init__(self, folder: Path, platform: Platform) -> None:
        super().__init__()
        self.platform = platform
        ours = (f"{platform.platform}.", f"{WALL}.")
        self.pages = tuple(
            ServedPage(page, platform)
            for page in read_pages(folder, platform)
            if page.label.startswith(ours) and not page.label.endswith(f".{EXPORT}")
        )
        cookies = platform.sign_in.cookies if platform.sign_in else ()
        self.cookie = cookies[0] if cookies else "session"

    def answer(self, request: SiteRequest) -> Reply:
        """Return what the platform would have answered."""
        path, visitor = request.path.rstrip("/") or "/", self.visitor(request)
        if path == self._sign_in_path:
            return self._as_saved(self._page_of(SIGN_IN), None)
        if path == path_of(self.platform, PageKind.STATS):
            return self._stats(visitor)
        if profile := fullmatch(self._profile_path, path):
            return self._profile(profile["handle"], visitor)
        if page := self._by_path.get(self._folded(path)):
            return self._as_saved(page, visitor)
        if _ASSET.search(path):
            return Reply(status=404, content_type="text/plain", body=b"not saved")
        return self._as_saved(self._page_of(MISSING), None)

    def listing(self) -> tuple[PageListing, ...]:
        """Return every page with the paths that it answers."""
        return tuple(
            PageListing(
                file=page.saved.file,
                label=page.saved.label,
                status=page.saved.status,
                paths=self._paths_of(page),
            )
            for page in self.pages
        )

    def profiles(self) -> tuple[SavedProfile, ...]:
        """Return the profiles that can be run: every author of a saved page, and every gone page and wall."""
        handles = {self._folded(handle): handle for handle in self._authors}
        first = next(iter(handles), "")
        authors = (self._author(handle, with_publications=key == first) for key, handle in handles.items())
        others = (page for page in self.pages if self._has_alias(page) and page.outcome != SHOWN)
        return (*authors, *map(_without_page, others))

    def profiles_yaml(self) -> str:
        """Return a `profiles.yaml` for all of these; each needs its session (see `storage_state`)."""
        rows = [
            {
                "name": profile.name,
                "platform": self.platform.platform,
                "handle": f"@{profile.handle}",
                "base_url": self.url,
                **({"publications": list(profile.publications)} if profile.publications else {}),
                **({"stories": [self.url + path for path in profile.stories]} if profile.stories else {}),
                "session": profile.name,
                "controls": {"live": [f"@{self._healthy.handle if self._healthy else ''}"]},
            }
            for profile in self.profiles()
        ]
        return yaml.safe_dump({"profiles": rows}, sort_keys=False, allow_unicode=True)

    # What is where.

    @cached_property
    def _profile_path(self) -> str:
        path = re.escape(path_of(self.platform, PageKind.PROFILE, handle=_PLACE))
        return path.replace(re.escape(_PLACE), f"(?P<handle>{self.platform.handle.pattern})")

    @cached_property
    def _sign_in_path(self) -> str:
        sign_in = self.platform.sign_in
        return sign_in.url.replace("{home}", "") if sign_in else ""

    @cached_property
    def _by_path(self) -> dict[str, ServedPage]:
        return {self._folded(path): page for page in reversed(self.pages) for path in page.paths}

    @cached_property
    def _by_handle(self) -> dict[str, ServedPage]:
        aliases = {self._folded(page.stem): page for page in self.pages if self._has_alias(page)}
        profiles = [page for page in self.pages if page.handle and page.kind is PageKind.PROFILE]
        return {**aliases, **{self._folded(page.handle or ""): page for page in profiles}}

    @cached_property
    def _authors(self) -> tuple[str, ...]:
        """Return who wrote the pages that are shown; their profiles are served even if none was saved."""
        shown = [page for page in self.pages if page.outcome == SHOWN and page.handle]
        shown.sort(key=lambda page: page.kind is not PageKind.PROFILE)
        return tuple(page.handle for page in shown if page.handle)

    @cached_property
    def _healthy(self) -> ServedPage | None:
        shown = [page for page in self.pages if page.outcome == SHOWN and page.kind is PageKind.PROFILE]
        return min(
            (page for page in shown if page.handle), key=lambda page: len(page.saved.html), default=None
        )

    def _has_alias(self, page: ServedPage) -> bool:
        gone = page.outcome != SHOWN and page.kind in {None, PageKind.PROFILE}
        return gone or (page.outcome == SHOWN and page.kind is PageKind.PROFILE)

    def _paths_of(self, page: ServedPage) -> tuple[str, ...]:
        alias = path_of(self.platform, PageKind.PROFILE, handle=page.stem) if self._has_alias(page) else ""
        sign_in = self._sign_in_path if page.outcome == SIGN_IN else ""
        return tuple(dict.fromkeys(path for path in (*page.paths, alias, sign_in) if path))

    def _page_of(self, outcome: str) -> ServedPage | None:
        return next((page for page in self.pages if page.outcome == outcome), None)

    def _folded(self, text: str) -> str:
        return text.casefold() if self.platform.handle.fold_case else text

    # What is answered.

    def _profile(self, handle: str, visitor: str | None) -> Reply:
        page = self._by_handle.get(self._folded(handle))
        if page and page.wall:
            return self._as_saved(page, None)
        gone = page is not None and page.outcome != SHOWN
        own = visitor is not None and self._folded(visitor) == self._folded(handle)
        if (gone and own) or (page is None and self._folded(handle) in self._known):
            page = self._healthy
        return self._as_saved(page or self._page_of(MISSING), visitor, handle=handle)

    @cached_property
    def _known(self) -> frozenset[str]:
        live = (self.platform.handle_of(handle).name for handle in self.platform.controls.live)
        return frozenset(self._folded(handle) for handle in (*self._authors, *live))

    def _stats(self, visitor: str | None) -> Reply:
        if visitor is None:
            return Reply(status=302, headers=(("Location", self._sign_in_path),))
        saved = self.platform.saved_pages
        page = saved.stats_html or f"<title>{self.platform.title}</title>{saved.signed_in_html}"
        return Reply(body=page.replace("{handle}", visitor).encode(), headers=(POLICY,))

    def _as_saved(self, page: ServedPage | None, visitor: str | None, *, handle: str = "") -> Reply:
        """Return a saved page with the requested handle and the marks of who is signed in."""
        if page is None:
            return Reply(status=404, body=b"<title>Not saved</title>No such page was saved.")
        text = page.saved.html
        if page.handle and handle and handle != page.handle:
            whole = rf"(?<![\w.-]){re.escape(page.handle)}(?![\w-])"
            text = re.sub(whole, lambda _: handle, text)
        if visitor and not page.saved.is_feed:
            text = self._signed_in(text, visitor)
        return Reply(
            body=text.encode(), status=page.saved.status, content_type=page.content_type, headers=(POLICY,)
        )

    def _signed_in(self, text: str, visitor: str) -> str:
        saved = self.platform.saved_pages
        for old, new in saved.signed_in_instead.items():
            text = text.replace(old, new.replace("{handle}", visitor))
        before, end, after = text.rpartition("</body>")
        mark = saved.signed_in_html.replace("{handle}", visitor)
        return f"{before}{mark}{end}{after}" if end else f"{text}{mark}"

    # What a run must find.

    def _author(self, handle: str, *, with_publications: bool) -> SavedProfile:
        shown = (page.publication for page in self.pages if page.outcome == SHOWN and page.publication)
        publications = tuple(shown) if with_publications else ()
        return SavedProfile(
            name=_name(handle),
            handle=handle,
            expected=Verdict.VISIBLE,
            without_session=Verdict.VISIBLE,
            publications=publications,
            stories=tuple(self._stories(handle, strays=with_publications)),
        )

    def _stories(self, handle: str, *, strays: bool) -> Iterator[str]:
        """Yield the paths of the stories by this author; stories without an author belong to the first."""
        for page in self.pages:
            if page.kind is PageKind.STORY and page.outcome == SHOWN and page.paths and not page.signed_in:
                by = self._folded(page.handle) if page.handle else None
                if by == self._folded(handle) or (by is None and strays):
                    yield page.paths[0]


def _verdicts(page: ServedPage) -> tuple[Verdict, Verdict]:
    """Return what a gone page or a wall means with a healthy author's view, and without one."""
    if page.wall or page.outcome == UNRECOGNISED:
        return Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE
    if page.outcome == MISSING:
        return Verdict.HIDDEN, Verdict.MISSING
    return Verdict.SUSPENDED, Verdict.SUSPENDED


def _without_page(page: ServedPage) -> SavedProfile:
    """Return the profile that a gone page or a wall stands for."""
    expected, without_session = _verdicts(page)
    return SavedProfile(
        name=_name(page.stem),
        handle=page.handle or page.stem,
        expected=expected,
        without_session=without_session,
    )


def _name(text: str) -> str:
    """Return a name that can be used in `profiles.yaml` and as a folder."""
    return re.sub(r"[^a-z0-9]+", "-", text.casefold()).strip("-")
