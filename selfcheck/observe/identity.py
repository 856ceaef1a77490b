"""Whether a page is the one that was asked for: by the names it gives its subject, and by where it led.

Laws:
1. One matching name is enough. Only another subject of the same platform contradicts: a canonical address on
   another site belongs to a story that was imported or cross-posted.
2. Addresses are compared after what does not tell subjects apart is gone: scheme, `www.` and mobile hosts,
   `base_url`, a language at the front of the path, a slash or index file at its end, a story's slug. The case
   of a handle is not told apart where the platform does not; that of a story's id always is.
3. A page that led to another place of the platform is not the page, whatever names its state carries.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from urllib.parse import SplitResult, parse_qsl, unquote

from selfcheck.core.enums import LedTo, PageKind
from selfcheck.core.hosts import ascii_host, join_address, split_address
from selfcheck.observe.page import OpenedPage
from selfcheck.observe.readings import values
from selfcheck.platforms.page_urls import handle_of_url, is_own, own_address, page_url, story_id
from selfcheck.platforms.patterns import fullmatch, search
from selfcheck.platforms.schema import Identity, Naming, Platform
from selfcheck.platforms.templates import as_it_is, fill_in, for_pattern

_HTTP = re.compile(r"^(?:https?:)?//", re.IGNORECASE)
_HOST_ALIAS = re.compile(r"^(?:www\d?|m|mobile|amp|touch)\.")
_LANGUAGE = re.compile(
    r"^/(?:ar|bg|bn|ca|cs|da|de|el|en|es|et|eu|fa|fi|fr|gl|he|hi|hr|hu|id|it|ja|ko|lt|lv|ms|nb|nl|no|pl|pt|ro"
    r"|ru|sk|sl|sr|sv|ta|th|tr|uk|ur|vi|zh)(?:[-_][a-z]{2,4})?(?=/.)",
    re.IGNORECASE,
)
_ENDING = re.compile(r"(?:/index\.(?:html?|php)|/amp|/)+$", re.IGNORECASE)
_SEARCH_PATH = re.compile(r"^/search(?:/|$)", re.IGNORECASE)
_SEARCH_QUERY = frozenset({"s", "q", "query", "search"})
_LIST_PATH = re.compile(
    r"^/(?:tags?|tagged|topics?|category|categories)(?:/|$)|^/(?:explore|discover|trending|popular|latest|all"
    r"|archive|posts|stories|articles|authors|users|members|directory)$",
    re.IGNORECASE,
)
_PRESENTATION = frozenset({"lang", "hl", "locale", "print", "page", "view"})
"""Parameters that name the same page in another form."""
_ELSEWHERE = frozenset({LedTo.HOME, LedTo.SEARCH, LedTo.SIGN_IN, LedTo.ANOTHER_SUBJECT})
"""Places that are not the page, whatever names stand there; others may be the page under another address."""

_BY_HEAD = (
    Naming(selector="link[rel='canonical']", attribute="href"),
    Naming(selector="meta[property='og:url']", attribute="content"),
)
"""Where almost every page says what it is; for a file without `identity` it can only contradict."""


@dataclass(frozen=True, kw_only=True)
class Identified:
    """What is known of a page's identity."""

    proven: bool = False  # it names the subject that was asked for
    led_to: LedTo | None = None  # it is another page, or lies where it cannot be told to be this one
    words: str = ""  # the address or name that tells


UNIDENTIFIED = Identified()


def identify(page: OpenedPage) -> Identified:
    """Return whether the page names its subject, and where it led instead."""
    subject = _Subject(page)
    names = tuple(subject.names())
    proof = [name for _, name in names if subject.is_named_by(name)]
    led_to = subject.led_to
    # A list names many authors in its state, and none of them as its own address.
    listed = led_to is LedTo.LIST and not any(_is_address(name) for name in proof)
    if led_to in _ELSEWHERE or listed or (led_to is not None and not proof):
        return Identified(led_to=led_to, words=page.capture.final_url)
    other = None if proof else next((name for way, name in names if subject.is_denied_by(way, name)), None)
    if other is not None:
        return Identified(led_to=LedTo.ANOTHER_SUBJECT, words=other)
    return Identified(proven=bool(proof))


class _Subject:
    """What a page was asked for: an account, a publication or a story."""

    def __init__(self, page: OpenedPage) -> None:
        self.page = page
        self.platform = page.platform
        self.kind = page.capture.visit.kind
        self.asked = _Address.of(page.capture.visit.url, page)
        final = _Address.of(page.capture.final_url, page)
        # A platform that leads to the same address in another case says itself that both are one page.
        self._written = final if page.capture.final_url and self.asked.same_as(final) else self.asked

    @property
    def _identity(self) -> Identity:
        return self.platform.identity.get(self.kind, Identity())

    def names(self) -> Iterator[tuple[Naming, str]]:
        """Yield every name that the page gives its subject, with the way it was read."""
        if self.kind is PageKind.STATS:
            return
        for way in self._identity.names:
            for value in values(self.page, way):
                if isinstance(value, str | int) and str(value).strip():
                    yield way, str(value).strip()

    def is_named_by(self, name: str) -> bool:
        """Return whether this name is the subject's."""
        return self._says(name) is True

    def is_denied_by(self, way: Naming, name: str) -> bool:
        """Return whether this name is another subject's of the same platform."""
        return way.contradicts and self._says(name) is False

    @cached_property
    def led_to(self) -> LedTo | None:
        """Return where the page led if its final address is not one that the subject may have."""
        final = _Address.of(self.page.capture.final_url, self.page)
        if not self.page.capture.final_url or self.asked.same_as(final) or self._at(final) is True:
            return self._denied_by_head
        return self._place_of(final)

    def _place_of(self, final: "_Address") -> LedTo:
        """Return what lies at an address that is not the subject's."""
        places = {
            LedTo.ANOTHER_SITE: not final.own,
            LedTo.SIGN_IN: self._is_sign_in(final),
            LedTo.SEARCH: bool(
                _SEARCH_PATH.search(final.path) or (final.is_home and _SEARCH_QUERY & final.query.keys())
            ),
            LedTo.HOME: final.is_home,
            LedTo.ANOTHER_SUBJECT: self._at(final) is False,
            LedTo.LIST: bool(_LIST_PATH.search(final.path)),
        }
        return next((place for place, holds in places.items() if holds), LedTo.ANOTHER_PAGE)

    @property
    def _denied_by_head(self) -> LedTo | None:
        """Return `another_subject` where a file without identity meets a head that names another one."""
        if self._identity.names or self.kind in {PageKind.STATS, PageKind.PUBLICATION}:
            return None
        says = [self._says(str(name)) for way in _BY_HEAD for name in values(self.page, way) if name]
        return LedTo.ANOTHER_SUBJECT if False in says and True not in says else None

    def _is_sign_in(self, final: "_Address") -> bool:
        sign_in = self.platform.sign_in
        if sign_in is None:
            return False
        filled = self.page.filled(sign_in.url)
        return filled is not None and _Address.of(filled, self.page).same_as(final)

    def _says(self, name: str) -> bool | None:
        """Return whether a name is this subject's, another's, or tells neither."""
        if _is_address(name):
            return self._at(_Address.of(name, self.page))
        if self.kind is PageKind.STORY:
            wanted = self._story_id
            return None if not wanted or " " in name else name == wanted
        if self.kind is PageKind.PUBLICATION:
            wanted = self.page.values.get("publication", "").casefold()
            return None if not wanted or _HTTP.match(wanted) or " " in name else name.casefold() == wanted
        handle = self.platform.handle_of(self.page.values.get("handle", ""))
        if handle.same_as(name):
            return True
        return False if fullmatch(self.platform.handle.pattern, name.removeprefix("@")) else None

    @cached_property
    def _story_id(self) -> str:
        asked, written = (
            self.page.values.get("story_id", ""),
            story_id(self._written.url, self.platform) or "",
        )
        return written if written.casefold() == asked.casefold() else asked

    def _at(self, address: "_Address") -> bool | None:
        """Return whether this subject is at an address, another one is, or neither can be told."""
        if self.kind is PageKind.STORY:
            return self._story_at(address)
        if self.asked.same_as(address) or self._is_allowed(address):
            return True
        if self.kind is PageKind.PUBLICATION:
            return self._publication_at(address)
        handle = address.handle
        if handle is None or not address.own or self.kind is PageKind.STATS:
            return None
        if not self.platform.handle_of(handle).same_as(self.page.values.get("handle", "")):
            return False
        return True if self.kind is PageKind.FEED or address.is_a_profile else None

    def _differs_in_case(self, address: "_Address") -> bool:
        """Return whether an address has this story's id (its end, where there are no ids) in another case."""
        mine, theirs = self._story_id, story_id(address.url, self.platform)
        if not (mine and theirs):
            mine, theirs = self._written.end, address.end
        return mine != theirs and mine.casefold() == theirs.casefold()

    def _story_at(self, address: "_Address") -> bool | None:
        asked_id, shown_id = self._story_id, story_id(address.url, self.platform)
        if self._differs_in_case(address):
            return False if asked_id and shown_id else None
        if self.asked.same_as(address) or self._is_allowed(address):
            return True
        if asked_id and shown_id:
            return shown_id == asked_id
        if self.platform.story_id is not None or address.is_home:
            return None
        slug = address.path.rpartition("/")[2]
        if slug and slug == self.asked.path.rpartition("/")[2]:
            return self._at_same_slug(address)
        asked, named = (self._story_by_template(place) for place in (self.asked, address))
        return False if asked and named and asked != named else None

    def _at_same_slug(self, address: "_Address") -> bool | None:
        """Return whether an address that ends with this story's slug, and has no id, may be this story's.

        A parameter that both have tells numbered stories apart; a writer or a date, stories of one slug.
        """
        folders, other_folders = (place.path.split("/")[:-1] for place in (self.asked, address))
        asked = dict(parse_qsl(split_address(own_address(self.asked.url)).query))
        shared = asked.keys() & address.query.keys() - _PRESENTATION
        if any(asked[name] != address.query[name] for name in shared) or self._is_of_another(address):
            return False if address.own else None
        if asked.keys() - _PRESENTATION and not shared:
            return None
        whose = self.page.values.get("handle", "").casefold()
        if whose in map(str.casefold, folders) and whose not in map(str.casefold, other_folders):
            return None
        dates, other_dates = (list(filter(str.isdigit, parts)) for parts in (folders, other_folders))
        return None if dates and other_dates and dates != other_dates else True

    def _is_of_another(self, address: "_Address") -> bool:
        """Return whether both addresses name an account, each its own."""
        mine, theirs = self.asked.handle, address.handle
        return bool(mine and theirs) and not self.platform.handle_of(mine or "").same_as(theirs or "")

    def _story_by_template(self, address: "_Address") -> str | None:
        """Return which story the address names by the form that `pages` gives stories."""
        story = self.platform.pages.get(PageKind.STORY)
        if story is None or "{story_id}" not in story.url or not address.on_home:
            return None
        form = self.page.filled(story.url.replace("{story_id}", "\0"), as_it_is)
        if form is None:
            return None
        path, query = _Address.of(form, self.page).path, split_address(form).query
        before, _, after = (path if "\0" in path else query).partition("\0")
        where = address.path if "\0" in path else split_address(address.url).query
        match = re.fullmatch(f"{re.escape(before)}([^/]+){re.escape(after)}", where)
        return match[1] if match else None

    def _publication_at(self, address: "_Address") -> bool | None:
        name = self.page.values.get("publication", "")
        if not address.own or address.is_home or _HTTP.match(name):
            return None
        try:
            own = page_url(PageKind.PUBLICATION, self.platform, self.page.values)
        except ValueError:
            return None
        return _Address.of(own, self.page).same_as(address)

    def _is_allowed(self, address: "_Address") -> bool:
        """Return whether the file says that the subject may be at this address too."""
        patterns = (self.page.filled(template, for_pattern) for template in self._identity.addresses)
        # The address may be written with any scheme, and as it would be on the platform's own home.
        return any(
            search(pattern, url, ignore_case=True)
            for pattern in patterns
            if pattern
            for url in (address.url, unquote(address.url), address.at_home)
        )


@dataclass(frozen=True, kw_only=True)
class _Address:
    """An address with all that does not tell subjects apart taken away."""

    url: str
    host: str
    path: str  # from the home on, decoded, without a slash at its end; case is kept where handles keep it
    end: str  # the last part of the path as it is written
    query: dict[str, str]
    own: bool  # on the platform's own sites, or on the home of this profile
    on_home: bool
    on_alias: bool  # on the home, or on another host that the file names for all accounts
    page: OpenedPage

    @classmethod
    def of(cls, url: str, page: OpenedPage) -> "_Address":
        """Return an address, written in full or as the page would write it."""
        whole = join_address(page.capture.final_url or page.capture.visit.url, url)
        parts = split_address(whole)
        host = _plain_host(parts.netloc)
        on_home = host in {_plain_host(home.netloc) for home in _homes(page)}
        path = _below_home(unicodedata.normalize("NFC", unquote(parts.path)), host, page)
        path = _ENDING.sub("", path)
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        if page.platform.handle.fold_case and page.capture.visit.kind is not PageKind.STORY:
            query = {name: value.casefold() for name, value in query.items()}
        return cls(
            url=whole,
            host=host,
            path=path.casefold() if page.platform.handle.fold_case else path,
            end=path.rpartition("/")[2],
            query=query,
            own=on_home or is_own(whole, page.platform),
            on_home=on_home,
            on_alias=on_home or host in _hosts_of_all(page.platform),
            page=page,
        )

    @property
    def is_home(self) -> bool:
        """Return whether it is the platform's front page, in whatever language."""
        return self.on_home and not _LANGUAGE.sub("", f"{self.path}/.").removesuffix("/.").strip("/")

    @property
    def at_home(self) -> str:
        """Return the address as it would be on the platform's own home."""
        return self.page.platform.home + unquote(self._path_as_written) if self.on_alias else self.url

    @property
    def _path_as_written(self) -> str:
        parts = split_address(self.url)
        path = _below_home(parts.path, self.host, self.page)
        return _LANGUAGE.sub("", path) + (f"?{parts.query}" if parts.query else "")

    @cached_property
    def handle(self) -> str | None:
        """Return the account that the address names: by its profile's address or one below it."""
        return handle_of_url(self.at_home, self.page.platform) or self._handle_by_page

    @property
    def _handle_by_page(self) -> str | None:
        """Return the handle by the address that `pages` gives profiles, for files without `from_urls`."""
        profile = self.page.platform.pages.get(PageKind.PROFILE)
        template = profile.url if profile is not None else ""
        if "{handle}" not in template:
            return None
        home = {"home": self.page.platform.home}
        before, _, after = (fill_in(template.replace("{handle}", "\0"), home, as_it_is) or "").partition("\0")
        pattern = f"^{re.escape(before)}({self.page.platform.handle.pattern}){re.escape(after.rstrip('/'))}"
        match = search(pattern + r"(?:[/?#]|$)", self.at_home, ignore_case=True)
        return match.group(1) if match else None

    @property
    def is_a_profile(self) -> bool:
        """Return whether the address ends with the handle that it names: nothing of theirs lies below."""
        handle = (self.handle or "").casefold()
        whole = self.path.casefold() or self.host
        return whole.endswith(handle) or (not self.path and self.host.startswith(f"{handle}."))

    def same_as(self, other: "_Address") -> bool:
        """Return whether the other address is this one's page; the other may carry more of a query."""
        one_site = self.host == other.host or (self.on_home and other.on_home)
        if not one_site and not (self.on_alias and other.on_alias and self.path.strip("/")):
            return False
        return bool(self.paths & other.paths) and self.query.items() <= other.query.items()

    @property
    def paths(self) -> frozenset[str]:
        """Return the path as it is written and without a language in front."""
        return frozenset({self.path, _LANGUAGE.sub("", self.path)})


def _is_address(name: str) -> bool:
    return bool(_HTTP.match(name)) or name.startswith("/")


def _plain_host(netloc: str) -> str:
    return _HOST_ALIAS.sub("", ascii_host(netloc.rpartition("@")[2]))


def _homes(page: OpenedPage) -> tuple[SplitResult, ...]:
    """Return where the profile's platform is: at `base_url`, and at the home that the file names."""
    return tuple(split_address(home) for home in (page.values.get("home", ""), page.platform.home) if home)


def _below_home(path: str, host: str, page: OpenedPage) -> str:
    """Return a path from the home on; a home may itself be a folder, such as https://site.example/blog."""
    folders = {home.path.rstrip("/") for home in _homes(page) if _plain_host(home.netloc) == host}
    folder = max((each for each in folders if f"{path}/".startswith(f"{each}/")), key=len, default="")
    return path.removeprefix(folder)


def _hosts_of_all(platform: Platform) -> frozenset[str]:
    """Return the platform's hosts by name; none where each account has a host of its own."""
    profile = platform.pages.get(PageKind.PROFILE)
    if profile is not None and "{handle}" in profile.url.partition("://")[2].partition("/")[0]:
        return frozenset()
    return frozenset(_plain_host(host) for host in platform.hosts if not host.startswith("*."))
