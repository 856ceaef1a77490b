"""The app in a real browser, by keyboard alone: from an empty folder to an account that is back."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from app_client import served
from axe_playwright_python.sync_playwright import Axe
from exports import substack_export
from kept_runs import FIRST, bad_run, keep_run
from pagechecks import poor_contrast, sticks_out
from playwright.sync_api import Browser, Page, expect
from site_history import NOW, fill

from selfcheck.demo.site import DemoSite
from selfcheck.platforms.recognition import NamedAccount
from selfcheck.runs.service import record
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run
from selfcheck.web import start_pages

DEMO = "profiles:\n  - {name: demo-suspended, platform: demo, handle: '@jonah-vey'}\n"
MINE = """\
profiles:
  - {name: jane, platform: medium, handle: '@jane'}
settings: {appeal: {from: jane@example.org, smtp: {host: smtp.example.org}}}
"""
AXE = Axe()


def check(page: Page) -> None:
    """Hold a page to what every page of ours is held to, on a desk by day and on a phone in the dark."""
    page.wait_for_load_state()  # after a click, which does not wait for the stylesheet
    for width, scheme in ((1280, "light"), (390, "dark")):
        page.set_viewport_size({"width": width, "height": 900})
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert sticks_out(page) == [], (page.url, width)
        assert poor_contrast(page) == [], (page.url, scheme)
    found = AXE.run(page).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"]) for one in found] == [], page.url


def press(page: Page, name: str) -> None:
    """Go to the control of this name with Tab, press Enter on it, and wait for the page that it leads to."""
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.textContent").strip().startswith(name):
            with page.expect_navigation():
                page.keyboard.press("Enter")
            return
    pytest.fail(f"no Tab leads to {name} on {page.url}")


@pytest.fixture
def page_with_console(browser: Browser) -> Iterator[tuple[Page, list[str]]]:
    """A page, and what its console says: a refused style or script would stand there."""
    said: list[str] = []
    with browser.new_context(locale="en-GB") as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        yield page, said


def test_the_whole_story_by_keyboard_with_the_app_killed_in_the_middle_of_a_run(
    page_with_console: tuple[Page, list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    (tmp_path / "data-demo").mkdir()
    (tmp_path / "data-demo" / "profiles.yaml").write_text(DEMO, "utf-8")
    page, said = page_with_console
    with served(tmp_path) as address:
        page.goto(address)
        assert "token" not in page.url
        press(page, "Start")
        press(page, "Try it with the demo author")
        expect(page.get_by_role("heading", level=1)).to_have_text("Checking now")
        check(page)
        progress = page.url.partition("/demo/")[2]
    said.clear()  # the page lost its server
    with served(tmp_path) as address:  # started again; the run goes on meanwhile
        page.goto(address)
        add_a_page(page)
        with DemoSite(today=date(2026, 11, 28)) as site:
            say_that_it_is_me(page, site, monkeypatch)
        page.goto(f"{address.partition('/open')[0]}/demo/{progress}")
        with page.context.new_page() as tab:
            tab.goto(page.url)
            for each in (page, tab):
                each.wait_for_url("**/demo/runs/*", timeout=60_000)
        see_the_result(page)
        press(page, "Write the appeal")
        write_and_send(page)
        assert said == []


def add_a_page(page: Page) -> None:
    expect(page).to_have_title("Nothing has been checked yet - selfcheck")
    check(page)
    press(page, "Alerts")
    check(page)
    press(page, "Start")
    check(page)
    page.get_by_label("Address of your page").fill("https://medium.com/@jane")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("@jane on Medium")
    check(page)


def say_that_it_is_me(page: Page, site: DemoSite, monkeypatch: pytest.MonkeyPatch) -> None:
    """Look once at a page of a site on this machine, which is asked nothing, and add it."""
    account = NamedAccount(platform="demo", handle="elena-marsh", base_url=site.url)
    monkeypatch.setattr(start_pages, "account_on_known_site", lambda _address: account)
    press(page, "Start")
    page.get_by_label("Address of your page").fill(f"{site.url}/@elena-marsh")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    press(page, "Look once")
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this you?")
    expect(page.get_by_text("The Lighthouse Keeper")).to_be_visible()
    assert page.locator("img").evaluate("one => one.naturalWidth") > 0
    check(page)
    press(page, "Yes, this is me")
    press(page, "Home")
    expect(page.get_by_role("heading", name="Next steps")).to_be_visible()
    check(page)


def see_the_result(page: Page) -> None:
    expect(page.get_by_role("heading", level=2)).to_have_text("Suspended, and you were not told")
    pictures = page.locator("img").all()
    assert len(pictures) > 1
    for picture in pictures:
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("one => one.naturalWidth") > 0
    check(page)


def write_and_send(page: Page) -> None:
    press(page, "Write the letter and pack the evidence")
    letter, length = page.get_by_label("Your letter"), page.locator("#letter-length")
    before = int(length.inner_text().split()[0])
    letter.focus()
    page.keyboard.type("ok")
    expect(length).to_have_text(f"{before + 2} of at most 2000 characters")
    page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")  # rights
    check(page)
    press(page, "Save my changes")
    assert "ok" in letter.input_value()
    for what in ("I sent the appeal", "They answered", "It is back"):
        page.get_by_label(what).focus()
        page.keyboard.press("Space")
        press(page, "Record it")
    expect(page.locator(".verdict .pill").first).to_have_text("Restored")


def test_home_over_time_stands_out_and_breaks_no_rule(page: Page, tmp_path: Path) -> None:
    fill(tmp_path / "data")
    with served(tmp_path, NOW) as address:
        page.goto(address)
        expect(page.get_by_role("heading", level=1)).to_contain_text("1 of 3 profiles is limited")
        check(page)


def test_every_change_works_without_javascript_and_the_pages_that_are_filled_by_it_break_no_rule(
    browser: Browser, tmp_path: Path
) -> None:
    data = DataFolder(tmp_path / "data")
    folder = keep_run(data.path, bad_run(FIRST))
    record(data, read_run((folder / "run.json").read_bytes(), name="run.json"))
    (tmp_path / "profiles.yaml").write_text(MINE, "utf-8")
    with served(tmp_path, bad_run(FIRST).finished_at) as address:
        with browser.new_context(java_script_enabled=False) as context:
            page = context.new_page()
            page.goto(address)
            incident = appeal_without_script(page)
            settings_without_script(page)
            backup_without_script(page)
            cookies = context.cookies()
        with browser.new_context() as context:  # axe itself needs JavaScript
            context.add_cookies(cookies)
            see_the_filled_pages(context.new_page(), address.partition("/open")[0], incident)


def see_the_filled_pages(page: Page, home: str, incident: str) -> None:
    page.goto(f"{incident}/send")
    check(page)
    for name in ("start", "sessions", "backup", "impostors"):
        page.goto(f"{home}/mine/{name}")
        page.evaluate("for (const one of document.querySelectorAll('details')) one.open = true")
        check(page)
    page.goto(f"{home}/mine/schedule")
    check(page)
    page.get_by_role("button", name="Show what would be installed").click()
    check(page)
    page.goto(f"{home}/mine/alerts")
    page.get_by_text("E-mail, through your own mail server").click()
    page.get_by_role("button", name="Show the change").locator("visible=true").click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("aria-invalid", "true")
    check(page)
    page.goto(f"{home}/mine/settings")
    page.get_by_label("Account", exact=True).fill("no handle")
    page.get_by_role("button", name="Check it and show the change").click()
    expect(page.get_by_label("Account", exact=True)).to_have_attribute("aria-invalid", "true")
    check(page)
    page.get_by_label("Account", exact=True).fill("@tom")
    page.get_by_role("button", name="Check it and show the change").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Is this what you mean?")
    check(page)


def appeal_without_script(page: Page) -> str:
    """Write the letter and look at what would be sent; return the incident's address."""
    page.get_by_role("link", name="Open the incident").click()
    page.get_by_role("button", name="Write the letter").click()
    page.get_by_label("Your letter").fill("In my own words.")
    page.get_by_role("button", name="Save my changes").click()
    expect(page.locator("#letter-length")).to_have_text("16 of at most 2000 characters")
    page.get_by_role("link", name="Send it through smtp.example.org").click()
    expect(page.get_by_text("In my own words.")).to_be_visible()
    page.get_by_role("link", name="Back, without sending").click()
    return page.url


def backup_without_script(page: Page) -> None:
    """Take in an export, which is sent as a file, and check the page with a copy."""
    page.get_by_role("link", name="Backup").click()
    page.get_by_text("Take in the platform's own export").click()
    file = {"name": "export.zip", "mimeType": "application/zip", "buffer": substack_export()}
    page.get_by_label("The file that you downloaded").set_input_files(file)  # type: ignore[arg-type]
    page.get_by_role("button", name="Take it in").click()
    expect(page.get_by_text("2 stories read: 2 new")).to_be_visible()
    page.get_by_text("Take it elsewhere").click()
    page.get_by_label("a book for e-book readers").check()
    with page.expect_download() as download:
        page.get_by_role("button", name="Save it as a file").click()
    assert download.value.suggested_filename == "jane-epub.zip"


def settings_without_script(page: Page) -> None:
    page.get_by_role("link", name="Alerts").click()
    page.get_by_text("Your phone, with the free app ntfy").click()
    page.get_by_label("Topic").fill("jane-7h3k9q")
    page.get_by_role("button", name="Show the change").locator("visible=true").click()
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_role("heading", name="phone", exact=True)).to_be_visible()
    page.get_by_role("link", name="Schedule").click()
    page.get_by_role("button", name="Show what would be installed").click()
    page.get_by_role("button", name="Install it").click()
    expect(page.get_by_text("systemd knows it.")).to_be_visible()
    page.get_by_role("link", name="Settings").click()
    page.get_by_text("You", exact=True).click()
    page.get_by_label("Time zone").fill("Europe/Berlin")
    page.get_by_role("button", name="Check it and show the change").click()
    page.get_by_role("button", name="Save it").click()
    expect(page.get_by_label("Time zone")).to_have_value("Europe/Berlin")
