"""Small sites of software that no shipped platform file knows, and shipped platforms by their page cases.

`tests/scenarios/sites/` has one file per site, with a platform file as its user writes it;
`tests/scenarios/platforms/` one per shipped platform. A README in each tells their form.
"""

import re
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent
from typing import Any
from zlib import crc32

from quick_yaml import yaml_file
from saved_looks import CHANGES, Page, capture_of, failed

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, FailureKind, PageKind, Purpose
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.schema import Platform

FOLDER = Path(__file__).parents[1] / "scenarios"
PAGES = Path(__file__).parents[1] / "pages"
_KNOWN = ("status", "final_url", "content_type", "headers", "answers")


@cache
def site_data(name: str) -> dict[str, Any]:
    data: dict[str, Any] = yaml_file(_file(name))
    return data


def _file(name: str) -> Path:
    own = FOLDER / "sites" / f"{name}.yaml"
    return own if own.exists() else FOLDER / "platforms" / f"{name}.yaml"


@cache
def site_platform(name: str) -> Platform:
    """Return the site's platform file, read and checked as a user's file is, or the shipped one."""
    if "platform file" not in site_data(name):
        return load_platform(site_data(name)["platform"])
    text = _file(name).read_text(encoding="utf-8")
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
        name = visit.folder.rpartition("/")[2].partition("-")[0] + kind
    elif visit.purpose in {Purpose.FALLBACK, Purpose.PROGRAM_VIEW}:
        name = "fallback"
    elif visit.kind is PageKind.STORY and visit.url not in stories[:1]:
        name = "second story" if visit.url in stories else "listed story"
    return name if viewpoint == ANONYMOUS else f"{name} {viewpoint}"


@cache
def site_look(name: str, look: str, viewpoint: str, visit: PageRequest, home: str) -> Capture:
    """Return what this page load receives: an answer of the site or a kind of failure, then its changes."""
    head, *changes = look.split(" + ")
    if head in set(FailureKind):
        return failed(FailureKind(head), viewpoint, visit)
    data = site_data(name)
    answer = data["answers"][head] if "platform file" in data else _case(data, head, viewpoint, visit)
    body = answer["html"]
    if viewpoint != ANONYMOUS and "signed-out" not in changes:
        signed_in = data.get("signed in" if viewpoint == AUTHOR else f"signed in as {viewpoint}", {})
        for old, new in {**signed_in, **answer.get("author", {})}.items():
            body = body.replace(old, new)
    words = {"@handle@": visit.handle, "@id@": visit.subject, "@url@": visit.url, "@home@": home}
    page = Page(body=_filled(body, words), **{key: answer[key] for key in _KNOWN if key in answer})
    page = replace(page, final_url=_filled(page.final_url, words))
    for change in changes:
        kind, _, argument = _filled(change, words).removesuffix(")").partition("(")
        page = CHANGES[kind](page, argument)
    return capture_of(page, viewpoint, visit)


def _case(data: Mapping[str, Any], look: str, viewpoint: str, visit: PageRequest) -> dict[str, Any]:
    """Return a page case of a shipped platform as an answer, its account and story made those asked for."""
    case, own, html = _page_case(data["platform"], look, viewpoint)
    view = case["views"][own]
    words = {case.get("handle", "jane"): visit.handle, case.get("subject", "\0"): visit.subject}
    if visit.kind is PageKind.PROFILE and visit.handle != data.get("handle", "jane"):
        numbers = data.get("numbers of stories", ())
        words |= {number: str(int(number) + crc32(visit.handle.encode()) % 1000) for number in numbers}
    renamed = {"html": _renamed(html, words), "final_url": _renamed(view.get("final_url", ""), words)}
    fetched = view.get("answers", {}).items()
    answers = {_renamed(url, words): _renamed(answer, words) for url, answer in fetched}
    return {**view, **renamed, "answers": answers}


@cache
def _page_case(platform: str, look: str, viewpoint: str) -> tuple[dict[str, Any], str, str]:
    """Return a page case, the name of the view that this look gets, and that view's page."""
    folder_name, _, named = look.partition("/")
    folder = PAGES / platform / folder_name
    case = yaml_file(folder / "case.yaml")
    own = named or (viewpoint if viewpoint in case["views"] else next(iter(case["views"])))
    return case, own, (folder / f"{own}.html").read_text(encoding="utf-8")


def _renamed(text: str, words: Mapping[str, str]) -> str:
    """Return the text with each word, where it stands alone, replaced."""
    given = {word: other for word, other in words.items() if other}
    alone = "|".join(map(re.escape, given))
    return re.sub(rf"(?<![\w.-])(?:{alone})(?![\w-])", lambda match: given[match[0]], text) if given else text


def _filled(text: str, words: Mapping[str, str]) -> str:
    for place, value in words.items():
        text = text.replace(place, value)
    return text
