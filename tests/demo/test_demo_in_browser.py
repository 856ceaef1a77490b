"""The demo site in a real browser: signing in, the consent dialog, pictures, and nothing from outside."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Request, expect

from selfcheck.demo.site import DemoSite


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


def test_signing_in_by_the_form_shows_the_authors_own_view(page: Page, site: DemoSite) -> None:
    assert page.goto(f"{site.url}/@jonah-vey")
    expect(page.get_by_role("heading", name="This account is not available")).to_be_visible()
    page.get_by_test_id("signin-link").click()
    page.get_by_label("Handle").fill("jonah-vey")
    page.get_by_label("Password").fill("inkwell")
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Your stats")).to_be_visible()
    page.get_by_test_id("me-menu").click()
    expect(page.get_by_role("heading", name="Jonah Vey")).to_be_visible()
    assert page.evaluate("window.__INKWELL_STATE__.viewer.handle") == "jonah-vey"
    assert page.evaluate("document.cookie") == ""


def test_a_saved_session_signs_in_a_new_context(browser: Browser, site: DemoSite) -> None:
    context = browser.new_context(storage_state=site.storage_state("jonah-vey"))  # type: ignore[arg-type]
    page = context.new_page()
    page.goto(f"{site.url}/me/stats")
    expect(page.get_by_test_id("me-menu")).to_contain_text("Jonah Vey")
    expect(page.locator("svg.chart rect")).to_have_count(15)
    context.close()


def test_rejecting_cookies_takes_the_dialog_away_for_good(page: Page, site: DemoSite) -> None:
    page.goto(f"{site.url}/@elena-marsh")
    page.get_by_test_id("consent").get_by_role("button", name="Reject").click()
    expect(page.get_by_test_id("consent")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", name="Elena Marsh")).to_be_visible()
    expect(page.get_by_test_id("consent")).to_have_count(0)


def test_a_story_shows_its_pictures_and_requests_nothing_else(page: Page, site: DemoSite) -> None:
    asked: list[str] = []
    mistakes: list[str] = []

    def keep(request: Request) -> None:
        asked.append(request.url)

    page.on("request", keep)
    page.on("console", lambda message: mistakes.append(message.text) if message.type == "error" else None)
    page.goto(f"{site.url}/@elena-marsh")
    page.get_by_role("heading", name="The Lighthouse Keeper").click()
    expect(page.get_by_test_id("story-body")).to_be_visible()
    page.wait_for_function("[...document.images].every(image => image.complete && image.naturalWidth > 0)")
    assert [url for url in asked if not url.startswith(site.url)] == []
    assert mistakes == []
