"""The report over time in a real browser: from disk, by keyboard, on a phone, in the dark, on paper."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from pagechecks import faults, poor_contrast, sticks_out
from playwright.sync_api import Browser, Page, expect
from site_history import NOW, at, fill

from selfcheck.report.service import ReportRequest, build_report
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The report of the sample history, and beside it its public edition."""
    data = fill(tmp_path_factory.mktemp("data"))
    for public in (False, True):
        target = data / ("public" if public else "site")
        build_report(
            DataFolder(data), ReportRequest(preferences=Preferences(), now=NOW, target=target, public=public)
        )
    return data


def opened(page: Page, folder: Path, *, now: datetime = NOW, edition: str = "site") -> Page:
    page.clock.set_fixed_time(now)
    page.goto((folder / edition / "index.html").as_uri())
    return page


def section(page: Page, name: str) -> object:
    return page.locator("section", has=page.locator(".who", has_text=re.compile(rf"^{name}\b")))


def test_it_asks_for_nothing_but_its_own_pictures_and_breaks_no_rule_of_its_own(
    page: Page, folder: Path
) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    opened(page, folder)
    for picture in page.locator("img").all():
        picture.scroll_into_view_if_needed()
        expect(picture).to_have_js_property("complete", value=True)
        assert picture.evaluate("one => one.naturalWidth") > 0
    home = (folder / "site").as_uri()
    assert [url for url in asked if not url.startswith((home, "data:"))] == []
    assert said == []


def test_the_current_status_comes_first_and_only_what_is_known_today_is_good(
    page: Page, folder: Path
) -> None:
    opened(page, folder)
    expect(page.get_by_role("heading", level=1)).to_have_text("1 of 3 profiles is limited; 1 not known today")
    cards = page.get_by_role("navigation", name="Profiles").get_by_role("link")
    expect(cards).to_have_text([re.compile("janeVisible"), re.compile("tomLimited"), re.compile("Not known")])
    assert page.locator(".card.good").count() == 1
    expect(page.locator(".alert:visible", has_text="Stale")).to_have_count(1)


def test_a_page_that_is_opened_days_later_says_that_it_is_stale(page: Page, folder: Path) -> None:
    opened(page, folder, now=NOW + timedelta(days=5))
    assert page.locator(".card.good, .verdict.good").count() == 0
    expect(page.locator(".alert:visible", has_text="Stale")).to_have_count(3)
    expect(page.get_by_role("heading", level=1)).to_contain_text("When this page was made")
    expect(page.locator(".made")).to_contain_text("5 days ago")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_and_every_line_stands_out_and_nothing_sticks_out_on_a_phone(
    scheme: str, page: Page, folder: Path
) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    opened(page, folder)
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert poor_contrast(page) == []
    for width in (360, 320, 760):
        page.set_viewport_size({"width": width, "height": 800})
        assert sticks_out(page) == []
    sizes = page.locator(".chart text").evaluate_all(
        "all => all.map(one => parseFloat(getComputedStyle(one).fontSize))"
    )
    assert min(sizes) >= 11


@pytest.mark.parametrize("edition", ["site", "public"])
def test_a_screen_reader_finds_its_way(edition: str, page: Page, folder: Path) -> None:
    opened(page, folder, edition=edition)
    assert faults(page) == []
    for landmark in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(landmark)).to_have_count(1)  # type: ignore[arg-type]
    strip = page.get_by_role("img", name="jane, day by day")
    expect(strip).to_have_accessible_name(re.compile("Visible on 48 of 56 conclusive days"))


def test_the_table_has_what_the_charts_show_and_gaps_are_no_zeros(page: Page, folder: Path) -> None:
    opened(page, folder)
    page.get_by_text("Every day and its numbers as a table").first.press("Enter")
    table = page.get_by_role("table").first
    row = table.get_by_role("row").filter(
        has=page.get_by_role("rowheader", name="3 October 2024", exact=True)
    )
    expect(row.get_by_role("cell").first).to_have_text("no run")
    expect(row.get_by_role("cell").nth(1)).to_have_text("not known")
    expect(row.get_by_role("cell").nth(2)).to_have_text(re.compile(r"^\d+$"))  # a later run told of that day
    chart = page.get_by_role("img", name="Followers of jane Followers")
    expect(chart).to_have_accessible_name(re.compile("days not known.*Incident 1: suspended"))


def test_a_day_is_picked_by_keyboard_and_by_pointing(page: Page, folder: Path) -> None:
    opened(page, folder)
    slider = page.get_by_role("slider", name="Pick a day").first
    slider.focus()
    page.keyboard.press("Home")
    told = page.locator("output").first
    expect(told).to_contain_text("22 September 2024: visible, followers 1,180")
    page.keyboard.press("ArrowRight")
    expect(slider).to_have_attribute("aria-valuetext", re.compile("^23 September 2024: visible"))
    plot = page.locator(".plot").first
    box = plot.bounding_box()
    assert box is not None
    place = (at(36).date() - at(0).date()).days
    plot.hover(position={"x": box["width"] * (place + 0.5) / 60, "y": 20})
    expect(told).to_contain_text("28 October 2024: suspended, followers not known, views 0")
    assert page.locator("#profile-1 .cursor").count() == page.locator("#profile-1 .plot").count()


def test_the_keyboard_reaches_all_and_skips_to_the_results(page: Page, folder: Path) -> None:
    opened(page, folder)
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the results")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("slider").first).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.locator("summary").first).to_be_focused()
    outline = page.locator("summary").first.evaluate("one => getComputedStyle(one).outlineWidth")
    assert outline == "3px"


def test_it_prints_without_what_only_a_screen_can_use_and_says_all_without_its_script(
    browser: Browser, folder: Path
) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((folder / "site" / "index.html").as_uri())
    expect(page.locator(".picker:visible")).to_have_count(0)
    expect(page.locator(".chart:visible")).to_have_count(5)
    page.emulate_media(media="print")
    expect(page.locator("nav:visible, .picker:visible, .skip:visible, .numbers:visible")).to_have_count(0)
    expect(page.locator(".chart:visible, .strip:visible")).to_have_count(8)
    expect(page.locator(".proof img:visible").first).to_be_visible()
    assert page.pdf().count(b"/Type /Page\n") <= 9
    context.close()
