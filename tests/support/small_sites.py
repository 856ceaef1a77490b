"""Small sites of software that no shipped platform file knows, with platform files as their users write them.

`tests/scenarios/sites/` has one file per site; its README tells their form.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any

import yaml
from saved_looks import CHANGES, Page, capture_of, failed

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import AUTHOR, FailureKind, PageKind, Purpose
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform

FOLDER = Path(__file__).parents[1] / "scenarios" / "sites"
_KNOWN = ("status", "final_url", "content_type", "headers")


@cache
def site_data(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml.safe_load((FOLDER / f"{name}.yaml").read_text(encoding="utf-8"))
    return data


@cache
def site_platform(name: str) -> Platform:
    """Return the site's platform file, read and checked as a user's file is."""
    text = (FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    own = re.search(r"^platform file:\n((?:[ ]{2}.*\n|\n)+)", text, re.MULTILINE)
    assert own is not None, f"{name}.yaml has no platform file"
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.yaml"
        path.write_text(dedent(own[1]), encoding="utf-8")
        return load_platform(str(path))


def site_page_named(visit: PageRequest, viewpoint: str, stories: tuple[str, ...]) -> str:
    """Return the name under which a scenario says what this page load gets."""
    name = visit.kind.value
    if visit.purpose is Purpose.CONTROL:
        kind = "" if visit.kind is PageKind.PROFILE else f" {name}"
        name = ("absent" if "/absent-" in visit.folder else "live") + kind
    elif visit.purpose is Purpose.FALLBACK:
        name = "fallback"
    elif visit.kind is PageKind.STORY and visit.url not in stories[:1]:
        name = "second story" if visit.url in stories else "listed story"
    return f"{name} author" if viewpoint == AUTHOR else name


def site_look(name: str, look: str, viewpoint: str, visit: PageRequest, home: str) -> Capture:
    """Return what this page load receives: an answer of the site or a kind of failure, then its changes."""
    head, *changes = look.split(" + ")
    if head in set(FailureKind):
        return failed(FailureKind(head), viewpoint, visit)
    data = site_data(name)
    answer = data["answers"][head]
    body = answer["html"]
    if viewpoint == AUTHOR and "signed-out" not in changes:
        for old, new in {**data.get("signed in", {}), **answer.get("author", {})}.items():
            body = body.replace(old, new)
    words = {"@handle@": visit.handle, "@id@": visit.subject, "@url@": visit.url, "@home@": home}
    page = Page(body=_filled(body, words), **{key: answer[key] for key in _KNOWN if key in answer})
    page = replace(page, final_url=_filled(page.final_url, words))
    for change in changes:
        kind, _, argument = _filled(change, words).removesuffix(")").partition("(")
        page = CHANGES[kind](page, argument)
    return capture_of(page, viewpoint, visit)


def _filled(text: str, words: Mapping[str, str]) -> str:
    for place, value in words.items():
        text = text.replace(place, value)
    return text
