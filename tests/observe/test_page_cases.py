"""Every page case of `tests/pages/<platform>/<case>`, found by listing; see CONTRIBUTING for their form."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, JsonResponse, PageRequest, Redirect
from selfcheck.core.enums import PageKind
from selfcheck.core.observation import Observation
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.saved_pages import title_of, visible_text

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
            handle=HANDLE,
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
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[viewpoint]
    platform = load_platform(folder.parent.name)
    body = (folder / f"{viewpoint}.html").read_text(encoding="utf-8")

    said = observe(capture(case, viewpoint, body), platform, {"home": platform.home, "handle": HANDLE})

    assert {name: told(said)[name] for name in expected} == expected


@pytest.mark.parametrize(("folder", "viewpoint"), cases())
def test_a_page_says_the_same_on_another_address(folder: Path, viewpoint: str) -> None:
    """`base_url` re-points every page; no mark may hang on the platform's own host."""
    case = yaml.safe_load((folder / "case.yaml").read_text(encoding="utf-8"))
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[viewpoint]
    platform = load_platform(folder.parent.name)
    body = (folder / f"{viewpoint}.html").read_text(encoding="utf-8")
    home = "http://127.0.0.1:8123"
    moved = json.loads(json.dumps(case).replace(platform.home, home))

    said = observe(capture(moved, viewpoint, body), platform, {"home": home, "handle": HANDLE})

    wanted = ("outcome", "mark", "signed_in", "signs")
    assert {name: told(said)[name] for name in wanted if name in expected} == {
        name: expected[name] for name in wanted if name in expected
    }


@pytest.mark.parametrize("platform", sorted(path.name for path in PAGES.iterdir() if path.is_dir()))
def test_every_mark_of_the_platform_has_a_case(platform: str) -> None:
    """A mark that no case reaches may be broken without anybody noticing."""
    expected = [json.loads(path.read_text()) for path in sorted((PAGES / platform).glob("*/expected.json"))]
    reached = {view["mark"] for case in expected for view in case.values()}
    own = {mark.id for mark in load_platform(platform).marks if not mark.id.startswith("wall.")}
    assert own <= reached


def test_each_case_expects_something_of_each_of_its_views() -> None:
    for path in PAGES.glob("*/*/case.yaml"):
        views = set(yaml.safe_load(path.read_text(encoding="utf-8"))["views"])
        expected = set(json.loads((path.parent / "expected.json").read_text(encoding="utf-8")))
        assert views == expected == {page.stem for page in path.parent.glob("*.html")}, path
