"""`platform: learn`: a site without a platform file, described by the addresses of one profile's pages.

Laws:
1. The whole description is one text, the key, so that all who know a profile's platform can load it.
2. The handle must stand in the profile's address: the controls' addresses are told from it.
"""

import json
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from selfcheck.core.enums import PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.hosts import split_address
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.yamlfile import read_document

LEARN = "learn"
"""How a profile names a platform without a file."""

KINDS = (PageKind.PROFILE, PageKind.FEED)
"""The kinds of page that can be learned: those that the controls have too."""

_PREFIX = f"{LEARN}:"
_HANDLE = "[A-Za-z0-9][A-Za-z0-9_.~-]{0,99}"


def is_learned(key: str) -> bool:
    """Return whether this is the key of a platform that is learned."""
    return key.startswith(_PREFIX)


def learn_key(
    pages: Mapping[str, str], handle: str, absent: str | None = None, publications: Sequence[str] = ()
) -> str:
    """Return the key of the platform that has these pages of this account.

    `absent` is a handle or an address that cannot exist; without it one is made up. `publications` are the
    address of one of the account's, then those of others' that the public is shown. Raise ValueError, whose
    text says what was expected.
    """
    name = Handle(handle).name
    templates = {kind: _template(url, name) for kind, url in pages.items()}
    profile = templates.get(PageKind.PROFILE)
    if not name or profile is None or "{handle}" not in profile:
        message = f"the address of the profile's page with the handle `{name}` in it in `pages: profile:`"
        raise ValueError(message)
    unknown = [kind for kind in templates if kind not in KINDS]
    if unknown:
        message = f"addresses of profile, feed, story and publication only, not of {unknown[0]}"
        raise ValueError(message)
    key: dict[str, Any] = {"pages": templates, "example": name, "absent": _absent(absent, profile)}
    if publications:
        key["publications"] = {"live": publications[1:], "absent": _absent_publication(publications[0])}
    return _PREFIX + json.dumps(key)


def _absent_publication(own: str) -> str | None:
    """Return the address with another end, or None where it is a host of its own."""
    path = split_address(own).path.strip("/")
    return re.sub(r"[^/=?&]+(?=/?$)", "{random}", own, count=1) if path else None


def _template(url: str, handle: str) -> str:
    """Return the address with `{handle}` where the handle stands, the last place in it."""
    scheme, separator, rest = url.partition("://")
    if not separator or scheme not in {"http", "https"}:
        message = "an address that begins with https:// or http://"
        raise ValueError(message)
    places = list(re.finditer(rf"(?<![\w-]){re.escape(handle)}(?![\w-])", rest, re.IGNORECASE))
    if handle and places:
        rest = f"{rest[: places[-1].start()]}{{handle}}{rest[places[-1].end() :]}"
    return f"{scheme}://{rest}"


def _absent(written: str | None, profile: str) -> str:
    if not written:
        return "zz{random}"
    before, _, after = profile.partition("{handle}")
    if written.startswith(before):
        return written.removeprefix(before).removesuffix(after).strip("/")
    return Handle(written).name


def site_platform(home: str) -> Platform:
    """Return a platform of which nothing is known but where it is, to be asked for a page or two."""
    platform = learned_platform(learn_key({PageKind.PROFILE: f"{home}/someone"}, "someone"))
    limits = platform.limits.model_copy(update={"gap_seconds": 2.0, "jitter_seconds": 1.0})
    return platform.model_copy(update={"limits": limits})


@lru_cache(maxsize=32)
def learned_platform(key: str) -> Platform:
    """Return the platform of a key, without walls."""
    given: dict[str, Any] = json.loads(key.removeprefix(_PREFIX))
    profile: str = given["pages"][PageKind.PROFILE]
    parts = split_address(profile)
    host = (parts.hostname or "").removeprefix("{handle}.")
    netloc = parts.netloc.removeprefix("{handle}.")
    home = f"{parts.scheme}://{netloc}"
    publications = given.get("publications")
    if publications:  # each is given as a whole address, so the template is never filled
        given["pages"][PageKind.PUBLICATION] = f"{home}/{{publication}}"
    common = read_document(Path(str(files("selfcheck.platforms") / "data" / "_learn.yaml"))).data
    return Platform.model_validate(
        {
            **common,
            "platform": re.sub(r"[^a-z0-9]+", "-", host.casefold()).strip("-") or LEARN,
            "title": host,
            "home": home,
            "hosts": (host, f"*.{host}"),
            "handle": {"pattern": _HANDLE, "example": given["example"], "from_urls": (profile,)},
            "pages": {
                kind: {
                    "url": url.replace(f"{home}/", "{home}/", 1),
                    "viewpoints": ("anonymous",) if kind == PageKind.FEED else ("anonymous", "author"),
                }
                for kind, url in given["pages"].items()
            },
            "controls": {
                "absent": given["absent"],
                "pages": {PageKind.PUBLICATION: publications} if publications else {},
            },
        }
    )
