"""Where a platform's pages are, and which account an address or a written handle names."""

import re
from collections.abc import Collection, Mapping
from typing import Protocol
from urllib.parse import parse_qsl, quote, urlencode, urlunsplit

from selfcheck.core.enums import PageKind
from selfcheck.core.hosts import host_of, is_loopback, is_of_site, split_address
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.patterns import fullmatch, search
from selfcheck.platforms.schema import HandleForm, Platform
from selfcheck.platforms.templates import FIELDS, as_it_is, fields_of, fill_in

_WHOLE = ("home", "story")  # addresses by themselves
_SCHEME = re.compile(r"^https?://", re.IGNORECASE)


class Addressed(Protocol):
    """What addresses are told by: a whole platform file, or its head."""

    @property
    def handle(self) -> HandleForm:
        """Return the form of its handles, and where profiles are."""

    @property
    def hosts(self) -> tuple[str, ...]:
        """Return its own sites."""


def home_of(profile: ProfileRequest, platform: Platform) -> str:
    """Return the address that the profile's pages are below: of its own instance, or of the platform."""
    return profile.base_url or platform.home


def is_own_demo(profile: ProfileRequest, platform: Platform) -> bool:
    """Return whether the profile is on the demo site that selfcheck itself starts for the run."""
    return platform.built_in_demo and profile.base_url is None


def is_local(profile: ProfileRequest, platform: Platform) -> bool:
    """Return whether the profile is on this machine, where no limit holds: our own demo, or loopback."""
    return is_own_demo(profile, platform) or is_loopback(host_of(home_of(profile, platform)))


def is_another_site(profile: ProfileRequest, platform: Platform) -> bool:
    """Return whether `base_url` leads to a site that the file does not name: other accounts are there."""
    elsewhere = profile.base_url is not None and not is_own(profile.base_url, platform)
    return elsewhere and not is_local(profile, platform)


def values_of(profile: ProfileRequest, platform: Platform, **more: str) -> dict[str, str]:
    """Return what the platform's templates are filled with: home and handle, and `more` as given."""
    return {"home": home_of(profile, platform), "handle": profile.handle, **more}


def fill(template: str, values: Mapping[str, str]) -> str:
    """Return the address that a template gives. Raise ValueError that names a field without a value."""
    missing = [name for name in fields_of(template) if name in FIELDS and not values.get(name)]
    if missing:
        message = f"a value for {', '.join(missing)} in {template}"
        raise ValueError(message)
    in_address = {
        name: value if name in _WHOLE else quote(value, safe="@:~.-_!$'()*,+", errors="replace")
        for name, value in values.items()
    }
    filled = fill_in(template, in_address, as_it_is)
    assert filled is not None
    return filled


def page_url(kind: PageKind, platform: Platform, values: Mapping[str, str]) -> str:
    """Return the address of a page. Raise ValueError where the platform has none or a value is missing.

    A publication that is given as an address (a custom domain) is its own page.
    """
    publication = values.get("publication", "")
    if kind is PageKind.PUBLICATION and _SCHEME.match(publication):
        return publication
    page = platform.pages.get(kind)
    if page is None:
        message = f"a platform that has a page of the kind {kind}"
        raise ValueError(message)
    return fill(page.url, values)


def is_own(url: str, platform: Addressed) -> bool:
    """Return whether the address is on one of the platform's own sites."""
    return any(is_of_site(host_of(url), site) for site in platform.hosts)


def rebase(url: str, platform: Platform, base_url: str | None) -> str:
    """Return an address of the platform re-pointed to `base_url`, its path from the home on and query kept.

    Other addresses, and every address where there is no `base_url`, are returned as they are.
    """
    if not base_url or not is_own(url, platform):
        return url
    parts, base = split_address(url), split_address(base_url)
    path, folder = parts.path, base.path.rstrip("/")
    for home in (base, split_address(platform.home)):  # what is at `base_url` already stays there
        above = home.path.rstrip("/")
        if parts.netloc.casefold() == home.netloc.casefold() and f"{path}/".startswith(f"{above}/"):
            path = path.removeprefix(above)
            break
    return urlunsplit((base.scheme, base.netloc, folder + path, parts.query, ""))


def story_id(url: str, platform: Platform) -> str | None:
    """Return the platform's id of the story at this address, or None where the address has none."""
    if platform.story_id is None:
        return None
    match = search(platform.story_id, url)
    return match.group(1) if match else None


_COUNTS_VISITS = re.compile(
    r"^(?:utm_\w+|source|ref|referrer|ref_src|from|share|sk|[fg]clid|msclkid|mc_[ce]id)$", re.IGNORECASE
)
"""Parameters that tell where a reader came from, and not what the page is."""


def own_address(url: str, query: Collection[str] | None = None) -> str:
    """Return an address without its fragment and without what does not name its page.

    `query` are the parameters that name it; where they are not known, all but those that count visits do.
    """
    parts = split_address(url)
    kept = [
        (name, value)
        for name, value in parse_qsl(parts.query, keep_blank_values=True)
        if (not _COUNTS_VISITS.match(name) if query is None else name in query)
    ]
    return urlunsplit((parts.scheme, parts.netloc, parts.path, urlencode(kept, errors="replace"), ""))


def parse_handle(text: str, platform: Platform) -> str:
    """Return the handle without its `@`, from a handle, as people write it there, or a profile's address.

    Raise ValueError, whose text says what was expected, where `text` is neither.
    """
    bare = text.strip()
    if _SCHEME.match(bare) or "/" in bare:
        handle = handle_of_url(bare, platform)
    else:
        after = platform.handle.show.partition("{handle}")[2]  # such as `.wordpress.com`
        written = bare[: -len(after)] if after and bare.lower().endswith(after) else bare
        candidate = platform.handle_of(written).name
        handle = candidate if fullmatch(platform.handle.pattern, candidate) else None
    if handle is None:
        raise ValueError(expected_handle(platform))
    return handle


def expected_handle(platform: Platform) -> str:
    """Return what a handle of this platform may look like, for messages."""
    example = platform.handle_of(platform.handle.example)
    # The demo's addresses are other ones in each run, so none can be typed.
    templates = () if platform.built_in_demo else platform.handle.from_urls
    ways = dict.fromkeys(example.shown(form) for form in (platform.handle.show, *templates))
    return f"a handle of {platform.title} such as {' or '.join(ways)}"


def handle_of_url(url: str, platform: Addressed) -> str | None:
    """Return the handle that an address of the platform names (a profile's, or what lies below it).

    The longest form is tried first: `/blog/jane` is not the profile of `blog`.
    """
    for template in sorted(platform.handle.from_urls, key=len, reverse=True):
        match = search(_pattern_of(template, platform.handle.pattern), url.strip(), ignore_case=True)
        if match:
            return match["handle"]
    return None


def _pattern_of(template: str, handle: str) -> str:
    """Return the regular expression for addresses of this template: any scheme, `www.`, and what follows."""
    bare = _SCHEME.sub("", template).rstrip("/")
    before, _, after = bare.partition("{handle}")
    before = before.removeprefix("www.")
    return rf"^(?:https?://)?(?:www\.)?{re.escape(before)}(?P<handle>{handle}){re.escape(after)}(?:[/?#]|$)"
