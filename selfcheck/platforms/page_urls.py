"""Where a platform's pages are, for one profile, and on another address where `base_url` says so."""

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from selfcheck.core.enums import PageKind
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import FIELDS, Escape, as_it_is, fields_of, fill_in

_WHOLE = ("home", "story")  # addresses by themselves
_ABSOLUTE = re.compile(r"^https?://", re.IGNORECASE)


def values_of(profile: ProfileRequest, platform: Platform, **more: str) -> dict[str, str]:
    """Return what the platform's templates are filled with: home and handle, and `more` as given."""
    return {"home": profile.base_url or platform.home, "handle": profile.handle, **more}


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the address that a template gives. Raise ValueError that names a field without a value."""
    missing = [name for name in fields_of(template) if name in FIELDS and not values.get(name)]
    if missing:
        message = f"a value for {', '.join(missing)} in {template}"
        raise ValueError(message)
    in_address = {name: _in_address(name)(value) for name, value in values.items()}
    filled = fill_in(template, in_address, as_it_is)
    assert filled is not None
    return filled


def _in_address(name: str) -> Escape:
    return as_it_is if name in _WHOLE else _quoted


def _quoted(value: str) -> str:
    return quote(value, safe="@:~.-_!$'()*,+")


def page_url(kind: PageKind, platform: Platform, values: Mapping[str, str]) -> str:
    """Return the address of a page. Raise ValueError where the platform has none or a value is missing.

    A publication that is given as an address (a custom domain) is its own page.
    """
    publication = values.get("publication", "")
    if kind is PageKind.PUBLICATION and _ABSOLUTE.match(publication):
        return publication
    page = platform.pages.get(kind)
    if page is None:
        message = f"a platform that has a page of the kind {kind}"
        raise ValueError(message)
    return fill(page.url, values)


def is_own(url: str, platform: Platform) -> bool:
    """Return whether the address is on one of the platform's own sites."""
    host = (urlsplit(url).hostname or "").casefold()
    return any(_matches(host, pattern.casefold()) for pattern in platform.hosts)


def same_handle(one: str, other: str, platform: Platform) -> bool:
    """Return whether two handles are the same account's; a leading @ is of no account."""
    one, other = one.lstrip("@"), other.lstrip("@")
    return one.casefold() == other.casefold() if platform.handle.fold_case else one == other


def _matches(host: str, pattern: str) -> bool:
    if pattern.startswith("*."):
        return host.endswith(pattern[1:])
    return host == pattern


def rebase(url: str, platform: Platform, base_url: str | None) -> str:
    """Return an address of the platform re-pointed to `base_url`, its path and query kept.

    Other addresses, and every address where there is no `base_url`, are returned as they are.
    """
    if not base_url or not is_own(url, platform):
        return url
    parts, base = urlsplit(url), urlsplit(base_url)
    return urlunsplit((base.scheme, base.netloc, base.path.rstrip("/") + parts.path, parts.query, ""))


def story_id(url: str, platform: Platform) -> str | None:
    """Return the platform's id of the story at this address, or None where the address has none."""
    if platform.story_id is None:
        return None
    found = re.search(platform.story_id, url)
    return found.group(1) if found else None
