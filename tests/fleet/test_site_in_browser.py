"""The page over all profiles of a fleet, in a browser."""

from importlib import resources
from pathlib import Path

from pagechecks import faults, poor_contrast, sticks_out
from playwright.sync_api import Page, expect

from selfcheck.fleet.collecting import site_html

VERDICTS = ["visible"] * 238 + ["suspended", "hidden", None]


def test_a_page_of_many_profiles_is_searched_filtered_and_turned(page: Page, tmp_path: Path) -> None:
    rows = [
        {
            "name": f"author-{number:03}",
            "platform": f"p{number % 2}",
            "verdict": verdict,
            "strength": verdict and "likely",
            "before": None,
            "how": verdict and "whole: 3 pages, logged out and as the author",
            "due": verdict and "2026-11-28 00:00",
        }
        for number, verdict in enumerate(VERDICTS)
    ]
    template = resources.files("selfcheck.fleet") / "templates" / "site.html"
    path = tmp_path / "fleet.html"
    path.write_text(site_html(rows, template.read_text(encoding="utf-8")), encoding="utf-8")
    page.goto(path.as_uri())
    names, count, place = page.locator("tbody td:first-child"), page.locator("#count"), page.locator("#place")
    expect(count).to_have_text("241 of 241 profiles")
    expect(names).to_have_count(100)
    assert names.all_text_contents()[:3] == [
        "author-238",
        "author-239",
        "author-000",
    ]  # what is not well first
    page.get_by_role("button", name="Next").click()
    page.get_by_role("button", name="Next").click()
    expect(place).to_have_text("3 of 3")
    expect(names).to_have_count(41)
    page.get_by_label("Search").fill("AUTHOR-23 hidden")
    expect(names).to_have_text(["author-239"])
    expect(place).to_have_text("1 of 1")
    page.get_by_label("Search").fill("")
    page.get_by_label("Verdict").select_option(label="not checked yet")
    page.get_by_label("Platform").select_option("p0")
    expect(names).to_have_text(["author-240"])
    page.get_by_label("Platform").select_option("p1")
    expect(count).to_have_text("0 of 241 profiles")
    page.get_by_label("Verdict").select_option("")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        page.set_viewport_size({"width": 360, "height": 800})
        assert [*faults(page), *poor_contrast(page), *sticks_out(page)] == []
