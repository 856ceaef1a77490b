"""Every page case of `tests/pages/<platform>/<case>`, found by listing; see CONTRIBUTING for their form."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from quick_yaml import yaml_file, yaml_text
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, JsonResponse, PageRequest, Redirect
from selfcheck.core.enums import Outcome, PageKind
from selfcheck.core.observation import Observation
from selfcheck.observe import observe
from selfcheck.observe.conditions import holds
from selfcheck.observe.page import OpenedPage, fold
from selfcheck.platforms.catalogue import load_platform, platform_text
from selfcheck.platforms.saved_pages import title_of, visible_text
from selfcheck.platforms.schema import Mark

PAGES = Path(__file__).parents[1] / "pages"
AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HANDLE = "jane"


def cases() -> list[Any]:
    return list(_cases())


def _cases() -> Iterator[Any]:
    for case in sorted(PAGES.glob("*/*/case.yaml")):
        folder = case.parent
        for html in sorted(folder.glob("*.html")):
            name = f"{folder.parent.name}: {folder.name}, {html.stem}"
            yield pytest.param(folder, html.stem, id=name)


def capture(case: dict[str, Any], viewpoint: str, body: str) -> Capture:
    view = case["views"][viewpoint]
    final_url = view.get("final_url", case["url"])
    content_type = view.get("content_type", "text/html")
    is_html = content_type == "text/html"
    redirect = Redirect(url=case["url"], status=302, location=final_url)
    return Capture(
        visit=PageRequest(
            profile="case",
            kind=PageKind(case["kind"]),
            url=case["url"],
            viewpoints=(viewpoint,),
            folder="case",
            handle=case.get("handle", HANDLE),
            subject=case.get("subject", ""),
        ),
        viewpoint=viewpoint,
        started_at=AT,
        finished_at=AT,
        status=view["status"],
        headers=view.get("headers", {}),
        content_type=content_type,
        redirects=() if final_url == case["url"] else (redirect,),
        final_url=final_url,
        title=title_of(LexborHTMLParser(body)) if is_html else "",
        text=visible_text(body) if is_html else body,
        html=body,
        json_responses=tuple(
            JsonResponse(url=url, status=200, body=answer) for url, answer in view.get("answers", {}).items()
        ),
    )


def told(said: Observation) -> dict[str, Any]:
    """What an expectation may name, in the form of JSON."""
    return {
        "outcome": said.outcome.value,
        "mark": said.mark,
        "quote": said.quote,
        "signed_in": said.signed_in,
        "signed_in_as": said.signed_in_as,
        "noindex": said.noindex,
        "signs": [sign.meaning.value for sign in said.signs],
        "facts": dict(said.facts),
        "series": {name: list(numbers) for name, numbers in said.series.items()},
        "story_facts": {story: dict(numbers) for story, numbers in said.story_facts.items()},
        "led_to": said.led_to,
        "identified": said.identified,
        "stories": None if said.stories is None else [story.id for story in said.stories],
    }


@pytest.mark.parametrize(("folder", "viewpoint"), cases())
def test_a_page_says_what_is_expected(folder: Path, viewpoint: str) -> None:
    case = yaml_file(folder / "case.yaml")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[viewpoint]
    platform = load_platform(folder.parent.name)
    body = (folder / f"{viewpoint}.html").read_text(encoding="utf-8")

    said = observe(
        capture(case, viewpoint, body),
        platform,
        {"home": platform.home, "handle": case.get("handle", HANDLE)},
    )

    assert {name: told(said)[name] for name in expected} == expected


@pytest.mark.parametrize(("folder", "viewpoint"), cases())
def test_a_page_says_the_same_on_another_address(folder: Path, viewpoint: str) -> None:
    """`base_url` re-points every page; no mark may hang on the platform's own host."""
    case = yaml_file(folder / "case.yaml")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[viewpoint]
    platform = load_platform(folder.parent.name)
    body = (folder / f"{viewpoint}.html").read_text(encoding="utf-8")
    home = "http://127.0.0.1:8123"
    moved = json.loads(json.dumps(case).replace(platform.home, home))

    said = observe(
        capture(moved, viewpoint, body), platform, {"home": home, "handle": case.get("handle", HANDLE)}
    )

    wanted = ("outcome", "mark", "signed_in", "signs")
    assert {name: told(said)[name] for name in wanted if name in expected} == {
        name: expected[name] for name in wanted if name in expected
    }


@pytest.mark.parametrize("platform", sorted(path.name for path in PAGES.iterdir() if path.is_dir()))
def test_every_mark_of_the_platform_has_a_case(platform: str) -> None:
    """A mark that no case reaches may be broken without anybody noticing."""
    expected = [json.loads(path.read_text()) for path in sorted((PAGES / platform).glob("*/expected.json"))]
    reached = {view["mark"] for case in expected for view in case.values()}
    written = yaml_text(platform_text(platform)).get("marks", ())  # inherited ones have their cases there
    assert {mark["id"] for mark in written} <= reached


def test_each_case_expects_something_of_each_of_its_views() -> None:
    for path in PAGES.glob("*/*/case.yaml"):
        views = set(yaml_file(path)["views"])
        expected = set(json.loads((path.parent / "expected.json").read_text(encoding="utf-8")))
        assert views == expected == {page.stem for page in path.parent.glob("*.html")}, path


# -- the marks of a platform and the pages of all others: they say nothing, or what is true ---------------

AS_GOOD_AS_UNKNOWN = {Outcome.SHOWN, Outcome.LOGIN_WALL, Outcome.CHALLENGE, Outcome.RATE_LIMITED}
"""What may be said of a page that its own platform does not recognise: no accusation."""


@dataclass(frozen=True, kw_only=True)
class Known:
    """A page case, parsed once, and what its own platform says of it."""

    name: str
    platform: str
    capture: Capture
    handle: str
    outcome: Outcome
    parsed: dict[str, Any]


@pytest.fixture(scope="module")
def known() -> list[Known]:
    return list(_known())


def _known() -> Iterator[Known]:
    for path in sorted(PAGES.glob("*/*/case.yaml")):
        case = yaml_file(path)
        expected = json.loads((path.parent / "expected.json").read_text(encoding="utf-8"))
        for viewpoint in case["views"]:
            page = capture(case, viewpoint, (path.parent / f"{viewpoint}.html").read_text(encoding="utf-8"))
            tree = LexborHTMLParser(page.html)
            tree.strip_tags(["noscript", "template"], recursive=True)
            yield Known(
                name=f"{path.parent.parent.name}: {path.parent.name}, {viewpoint}",
                platform=path.parent.parent.name,
                capture=page,
                handle=case.get("handle", HANDLE),
                outcome=Outcome(expected[viewpoint]["outcome"]),
                parsed={"tree": tree, "text": fold(page.text), "title": fold(page.title)},
            )


def _first_mark(known: Known, platform_name: str) -> Mark | None:
    """Return the first of the platform's own marks that holds on the page."""
    platform = load_platform(platform_name)
    visit, viewpoint = known.capture.visit, known.capture.viewpoint
    values = {"home": platform.home, "handle": known.handle, visit.kind.value: visit.subject}
    page = OpenedPage(known.capture, platform, {name: value for name, value in values.items() if value})
    page.__dict__.update(known.parsed)  # parsed once for all platforms
    for mark in platform.marks:
        concerned = (not mark.on or visit.kind in mark.on) and (
            not mark.viewpoints or viewpoint in mark.viewpoints
        )
        if not mark.id.startswith("wall.") and concerned and holds(mark.when, page) is not None:
            return mark
    return None


@pytest.mark.parametrize("platform", sorted(path.name for path in PAGES.iterdir() if path.is_dir()))
def test_no_mark_says_anything_wrong_of_another_platforms_page(known: list[Known], platform: str) -> None:
    others = [page for page in known if page.platform != platform]
    said = [(page, mark) for page in others if (mark := _first_mark(page, platform)) is not None]
    wrong = [
        f"{mark.id} says {mark.says} of {page.name}, which is {page.outcome}"
        for page, mark in said
        if mark.says is not page.outcome
        and not (page.outcome is Outcome.UNRECOGNISED and mark.says in AS_GOOD_AS_UNKNOWN)
    ]
    assert not wrong
