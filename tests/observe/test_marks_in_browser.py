"""The marks hold for what a real browser makes of a page, not only for the HTML in a file."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route
from quick_yaml import yaml_file

from selfcheck.core.capture import Capture, PageRequest, Redirect
from selfcheck.core.enums import PageKind
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform

PAGES = Path(__file__).parents[1] / "pages"
HOME = "http://pages.test"
AT = datetime(2026, 1, 2, tzinfo=UTC)


def _cases() -> Iterator[Any]:
    """Yield the cases of one platform: how a browser makes text and title of HTML is the same for all."""
    for path in sorted(PAGES.glob("medium/*/case.yaml")):
        case = yaml_file(path)
        for viewpoint, view in case["views"].items():
            if view.get("content_type", "text/html") == "text/html":
                yield pytest.param(path.parent, viewpoint, id=f"{path.parent.name}, {viewpoint}")


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    """One page for all cases; each is a navigation of its own and leaves nothing behind."""
    context = browser.new_context()
    yield context.new_page()
    context.close()


def show(page: Page, url: str, status: int, body: str) -> None:
    """Open an address at which the browser gets this body; everything else it asks for is refused."""

    def answer(route: Route) -> None:
        if route.request.is_navigation_request() and route.request.url.startswith(HOME):
            route.fulfill(status=status, content_type="text/html; charset=utf-8", body=body)
        else:
            route.abort()

    page.unroute_all()
    page.route("**/*", answer)
    page.goto(url, wait_until="domcontentloaded")


@pytest.mark.parametrize(("folder", "viewpoint"), list(_cases()))
def test_a_rendered_page_says_what_the_file_says(page: Page, folder: Path, viewpoint: str) -> None:
    platform = load_platform(folder.parent.name)
    case = yaml_file(folder / "case.yaml")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))[viewpoint]
    view = case["views"][viewpoint]
    asked = case["url"].replace(platform.home, HOME)
    final = view.get("final_url", case["url"]).replace(platform.home, HOME)
    final = final if final.startswith(HOME) else asked
    show(page, final, view["status"], (folder / f"{viewpoint}.html").read_text(encoding="utf-8"))
    visit = PageRequest(
        profile="case",
        kind=PageKind(case["kind"]),
        url=asked,
        viewpoints=(viewpoint,),
        folder="case",
        handle="jane",
        subject=case.get("subject", ""),
    )
    capture = Capture(
        visit=visit,
        viewpoint=viewpoint,
        started_at=AT,
        finished_at=AT,
        status=view["status"],
        headers=view.get("headers", {}),
        content_type="text/html",
        redirects=() if final == asked else (Redirect(url=asked, status=302, location=final),),
        final_url=page.url,
        title=page.title(),
        text=page.evaluate("document.body.innerText"),
        html=page.content(),
    )

    said = observe(capture, platform, {"home": HOME, "handle": "jane"})

    assert (said.outcome.value, said.mark) == (expected["outcome"], expected["mark"])
    if "signs" in expected:
        assert [sign.meaning.value for sign in said.signs] == expected["signs"]
