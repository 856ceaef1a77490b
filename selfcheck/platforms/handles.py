"""Handles as people give them: with or without `@`, or as the address of a profile."""

import re

from selfcheck.platforms.schema import Platform

_SCHEME = re.compile(r"^https?://", re.IGNORECASE)


def parse_handle(text: str, platform: Platform) -> str:
    """Return the handle without its `@`, from a handle or a profile's address.

    Raise ValueError, whose text says what was expected, where `text` is neither.
    """
    bare = text.strip()
    if _SCHEME.match(bare) or "/" in bare:
        found = handle_of_url(bare, platform)
    else:
        candidate = bare.removeprefix("@")
        found = candidate if re.fullmatch(platform.handle.pattern, candidate) else None
    if found is None:
        message = f"{expected(platform)}"
        raise ValueError(message)
    return found


def expected(platform: Platform) -> str:
    """Return what a handle of this platform may look like, for messages."""
    example = platform.handle.example.removeprefix("@")
    shown = platform.handle.show.replace("{handle}", example)
    # The demo's addresses are other ones in each run, so none can be typed.
    templates = () if platform.built_in_demo else platform.handle.from_urls
    urls = [template.replace("{handle}", example) for template in templates]
    return f"a handle of {platform.title} such as {' or '.join(dict.fromkeys([shown, *urls]))}"


def handle_of_url(url: str, platform: Platform) -> str | None:
    """Return the handle that an address of the platform names (a profile's, or what lies below it)."""
    for template in platform.handle.from_urls:
        found = re.match(_pattern_of(template, platform.handle.pattern), url.strip(), re.IGNORECASE)
        if found:
            return found["handle"]
    return None


def same_handle(one: str, other: str, platform: Platform) -> bool:
    """Return whether two handles are the same on this platform, a leading `@` aside."""
    one, other = one.removeprefix("@"), other.removeprefix("@")
    if platform.handle.fold_case:
        return one.casefold() == other.casefold()
    return one == other


def _pattern_of(template: str, handle: str) -> str:
    """Return the regular expression for addresses of this template: any scheme, `www.`, and what follows."""
    bare = _SCHEME.sub("", template).rstrip("/")
    before, _, after = bare.partition("{handle}")
    before = before.removeprefix("www.")
    return rf"^(?:https?://)?(?:www\.)?{re.escape(before)}(?P<handle>{handle}){re.escape(after)}(?:[/?#]|$)"
