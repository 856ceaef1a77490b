"""The report in a real browser: from disk, by keyboard, on a phone, and against hostile pages."""

import io
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from pagechecks import poor_contrast
from PIL import Image
from playwright.sync_api import Browser, Page, expect
from sample_runs import (
    NASTY,
    NON_LATIN,
    everything,
    healthy,
    hostile,
    profile,
    run,
    stats,
    suspended,
    unreachable,
    without_author,
)

from selfcheck.core.enums import PageKind
from selfcheck.core.run import RunResult
from selfcheck.runs.render_html import report_html

Show = Callable[[RunResult], Page]


def picture(form: str, colour: str, size: tuple[int, int]) -> bytes:
    with io.BytesIO() as buffer:
        Image.new("RGB", size, colour).save(buffer, form)
        return buffer.getvalue()


def previews(result: RunResult) -> dict[str, bytes]:
    looks = [look for one in result.profiles for page in one.pages for look in page.views.values()]
    return {one.screenshot: picture("JPEG", "#88aaff", (584, 900)) for one in looks if one.screenshot}


@pytest.fixture
def show(page: Page, tmp_path: Path) -> Show:
    """Write the report of a run to disk and open it; whatever it asks for is noted on the page."""

    def opened(result: RunResult) -> Page:
        report = tmp_path / "report.html"
        report.write_text(report_html(result, previews(result)), encoding="utf-8")
        page.goto(report.as_uri())
        return page

    return opened


def test_the_verdict_comes_first(show: Show) -> None:
    page = show(run(suspended()))
    expect(page.get_by_role("heading", level=2).first).to_have_text("Suspended, and you were not told")
    assert page.title() == "jane: Suspended, and you were not told - selfcheck"


def test_a_next_step_is_a_button_that_copies_and_a_link_to_the_picture(show: Show, page: Page) -> None:
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    show(run(suspended()))
    first, second = (
        page.get_by_role("heading", name="What to do next").locator("..").get_by_role("listitem").all()
    )
    assert first.locator("code").inner_text() == "selfcheck appeal jane"
    assert "selfcheck" not in first.locator(":scope > :not(.command)").first.inner_text()
    first.get_by_role("button", name="Copy").click()
    expect(first.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "selfcheck appeal jane"
    link = first.get_by_role("link", name="side-by-side screenshot")
    assert link.get_attribute("href") == "./jane/profile/side-by-side.png"
    expect(second).to_contain_text("If it does, correct `sign_in:`.")


def test_several_profiles_are_counted_and_linked(show: Show) -> None:
    page = show(everything())
    expect(page.get_by_role("heading", level=1)).to_contain_text("7 profiles: 1 suspended")
    links = page.get_by_role("navigation", name="Profiles").get_by_role("link")
    expect(links).to_have_count(7)
    links.nth(1).click()
    expect(page.locator("#profile-2")).to_be_in_viewport()


def test_it_asks_for_nothing_and_breaks_no_rule_of_its_own(show: Show, page: Page) -> None:
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    show(everything())
    page.locator(".wipe summary").first.click()
    assert [url for url in asked if not url.startswith("data:")] == [page.url]
    assert said == []


def test_a_script_from_elsewhere_would_not_run(show: Show) -> None:
    page = show(run(healthy()))
    page.evaluate("""() => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'owned'";
        document.body.append(script);
    }""")
    assert "owned" not in page.title()


def test_hostile_titles_are_text_and_hostile_addresses_are_no_links(show: Show) -> None:
    page = show(run(hostile()))
    assert page.locator("script").count() == 1
    assert "owned" not in page.title().replace(NASTY, "")
    assert page.locator("a[href^='javascript']").count() == 0
    hrefs = page.locator("a").evaluate_all("all => all.map(one => one.getAttribute('href'))")
    assert all(href.startswith(("./", "#", "http://", "https://")) for href in hrefs)
    expect(page.locator(".summary")).to_contain_text('<script>document.title="owned"</script>')


def test_other_scripts_are_shown(show: Show) -> None:
    page = show(run(healthy()))
    page.get_by_text("What each view shows").first.click()
    expect(page.locator("table").first).to_contain_text(NON_LATIN)


def test_rows_that_differ_say_so_in_words(show: Show) -> None:
    page = show(run(suspended()))
    page.get_by_text("What each view shows").first.click()
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="HTTP status")).first
    expect(row).to_contain_text("differs")
    expect(row.get_by_role("cell").nth(0)).to_have_text("410")


def test_an_unknown_number_is_not_called_a_difference_or_zero(show: Show) -> None:
    page = show(run(suspended()))
    row = page.get_by_role("row").filter(has=page.get_by_role("rowheader", name="Followers"))
    expect(row).to_contain_text("not known1,234")
    expect(row).not_to_contain_text("differs")


def test_a_picture_is_enlarged_and_closed_by_keyboard_and_the_focus_comes_back(show: Show) -> None:
    page = show(run(suspended()))
    picture_button = page.get_by_role("button", name="Screenshot of what the public sees").first
    picture_button.focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog", name="What the public sees: profile page")
    expect(dialog).to_be_visible()
    page.get_by_role("button", name="Show the other view").click()
    expect(page.get_by_role("dialog", name="What the author sees: profile page")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).not_to_be_visible()
    expect(picture_button).to_be_focused()


def test_the_enlarged_picture_is_the_original_where_it_lies_beside_the_report(
    show: Show, tmp_path: Path
) -> None:
    result = run(suspended())
    original = tmp_path / "jane" / "profile" / "anonymous.png"
    original.parent.mkdir(parents=True)
    original.write_bytes(picture("PNG", "#ffffff", (1024, 3000)))
    page = show(result)
    page.locator(".zoom").first.click()
    page.wait_for_function("() => document.querySelector('dialog img').naturalWidth === 1024")


def test_the_wipe_is_moved_by_keyboard_and_tells_where_it_is(show: Show) -> None:
    page = show(run(suspended()))
    page.locator(".wipe summary").first.press("Enter")
    slider = page.get_by_role("slider").first
    slider.focus()
    page.keyboard.press("End")
    expect(slider).to_have_attribute("aria-valuetext", "100 % public view")
    assert page.locator(".stage").first.evaluate("one => one.style.getPropertyValue('--at')") == "100%"


def test_no_wipe_is_offered_where_a_picture_is_missing(show: Show) -> None:
    page = show(run(without_author(), unreachable()))
    expect(page.locator(".wipe:visible")).to_have_count(0)
    expect(page.get_by_text("The author's view was not opened.")).to_be_visible()
    expect(page.get_by_text("No picture: the page took too long.").first).to_be_visible()


def test_it_says_all_without_its_script(browser: Browser, tmp_path: Path) -> None:
    result = run(suspended())
    (tmp_path / "report.html").write_text(report_html(result, previews(result)), encoding="utf-8")
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto((tmp_path / "report.html").as_uri())
    expect(page.locator(".zoom img").first).to_be_visible()
    expect(page.locator(".wipe:visible")).to_have_count(0)
    assert page.locator(".zoom").first.get_attribute("href") == "./jane/profile/anonymous.png"
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_nothing_sticks_out_at_any_width(scheme: str, width: int, show: Show, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    page.set_viewport_size({"width": width, "height": 800})
    show(everything())
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_word_stands_out_from_its_background(scheme: str, show: Show, page: Page) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    show(everything())
    page.locator("details.told").evaluate_all("all => all.forEach(one => { one.open = true; })")
    assert poor_contrast(page) == []


def test_a_screen_reader_finds_its_way(show: Show) -> None:
    page = show(everything())
    for landmark in ("banner", "main", "contentinfo"):
        expect(page.get_by_role(landmark)).to_have_count(1)  # type: ignore[arg-type]
    assert page.locator("img:not([alt]), a:not([href]), table:not(:has(caption))").count() == 0
    levels = page.locator("h1, h2, h3, h4").evaluate_all(
        "all => all.filter(one => one.checkVisibility()).map(one => Number(one.tagName[1]))"
    )
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    identities = page.locator("[id]").evaluate_all("all => all.map(one => one.id)")
    assert len(identities) == len(set(identities))


def test_it_prints_without_what_only_a_screen_can_use(show: Show, page: Page) -> None:
    show(run(suspended()))
    page.emulate_media(media="print")
    expect(page.locator(".wipe:visible, .hint:visible, nav:visible")).to_have_count(0)
    expect(page.locator(".zoom img").first).to_be_visible()


def test_a_name_is_not_broken_while_there_is_room(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 1200, "height": 900})
    result = everything()
    long = replace(result.profiles[0], name="the-quarterly-review-of-letters")
    show(replace(result, profiles=(long, *result.profiles[1:])))
    name = page.locator(".card .name").first
    assert name.evaluate("one => one.getClientRects().length") == 1


def test_a_long_cell_breaks_no_heading_of_its_table(show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 1100, "height": 900})
    show(run(suspended()))
    page.locator("details").evaluate_all("all => all.forEach(one => { one.open = true; })")
    long = "td[data-label='The public'], td[data-label='The author']"
    page.locator(long).evaluate_all("all => all.forEach(one => { one.textContent = 'words '.repeat(40); })")
    headings = page.locator(".told thead th").get_by_text("Compared", exact=True)
    heights = headings.evaluate_all("all => all.map(one => one.clientHeight)")
    assert heights
    assert max(heights) < 45  # one line, with its padding


@pytest.mark.parametrize("caption", ["Control accounts", "Numbers on the pages"])
def test_a_table_stacks_on_a_phone(caption: str, show: Show, page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 900})
    show(run(suspended()))
    table = page.get_by_role("table", name=caption)
    assert table.evaluate("one => one.scrollWidth <= one.parentElement.clientWidth")
    lefts = table.get_by_role("cell").evaluate_all("all => all.map(one => one.getBoundingClientRect().left)")
    assert len(set(lefts)) == 1
    expect(table.get_by_role("row").first).to_be_attached()


def test_pages_without_a_finding_are_closed_but_for_the_one_that_tells_most(show: Show) -> None:
    fine = healthy().pages[0]
    page = show(run(profile("jane", fine, replace(fine, folder="jane/feed", kind=PageKind.FEED), stats())))
    opened = page.locator("article > details").evaluate_all("all => all.map(one => one.open)")
    assert opened == [True, False, False]
    page = show(run(suspended()))
    opened = page.locator("article > details").evaluate_all("all => all.map(one => one.open)")
    assert opened == [True, True]


def test_a_page_without_any_picture_is_a_compact_row(show: Show) -> None:
    page = show(run(unreachable()))
    box = page.locator(".pair").first.bounding_box()
    assert box is not None
    assert box["height"] < 150


def test_an_address_of_this_machine_is_text(show: Show) -> None:
    here = replace(healthy().pages[0], url="http://127.0.0.1:8099/@jane")
    page = show(run(profile("jane", here)))
    expect(page.get_by_text("http://127.0.0.1:8099/@jane").first).to_be_visible()
    assert page.locator("a[href*='127.0.0.1']").count() == 0


def test_the_stats_page_is_said_to_be_the_author_s_alone(show: Show) -> None:
    page = show(run(profile("jane", *healthy().pages, stats())))
    head = page.locator("summary.page-head").last
    expect(head).to_contain_text("Opened")
    head.click()
    expect(page.get_by_text("Only the author can open this page.")).to_be_visible()


def test_the_picture_of_the_stats_page_is_not_offered_for_an_appeal(show: Show) -> None:
    numbers = replace(stats(), side_by_side="jane/stats/side-by-side.png")
    page = show(run(profile("jane", numbers)))
    expect(page.get_by_text("ready to attach to an appeal")).to_have_count(0)
