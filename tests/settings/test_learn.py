"""`platform: learn`: what a profile without a platform file must say, and what becomes of it."""

from pathlib import Path
from random import Random

import pytest

from selfcheck.core.enums import PageKind
from selfcheck.errors import ConfigurationError, PlatformUnknownError
from selfcheck.platforms.catalogue import is_path, is_shipped, load_platform
from selfcheck.platforms.learn import learn_key
from selfcheck.platforms.page_urls import page_url, values_of
from selfcheck.runs.controls import drawn_controls
from selfcheck.runs.plan import first_pages
from selfcheck.settings.profiles import read_configuration

WHOLE = """\
profiles:
  - name: jane
    platform: learn
    handle: "@jane"
    pages: {profile: "https://blog.example/author/jane", feed: "https://blog.example/author/jane/feed"}
    controls: {live: ["https://blog.example/author/zoe", max], absent: "https://blog.example/author/not-there"}
    session: jane
"""


def read(folder: Path, text: str):  # noqa: ANN201 — whatever the settings are
    path = folder / "profiles.yaml"
    path.write_text(text, encoding="utf-8")
    return read_configuration(path)


def test_a_profile_without_a_file_has_pages_and_controls(tmp_path: Path) -> None:
    (profile,) = read(tmp_path, WHOLE).profiles
    platform = load_platform(profile.platform)
    values = values_of(profile, platform)

    assert platform.platform == "blog-example"
    assert page_url(PageKind.PROFILE, platform, values) == "https://blog.example/author/jane"
    assert page_url(PageKind.FEED, platform, values) == "https://blog.example/author/jane/feed"
    assert [control.request.url for control in drawn_controls(profile, platform, Random(1))] == [
        "https://blog.example/author/max",
        "https://blog.example/author/zoe",
        "https://blog.example/author/not-there",
        "https://blog.example/author/not-there/feed",  # a feed that is gone is told by its status alone
    ]
    assert not is_path(profile.platform)
    assert not is_shipped(profile.platform)
    assert any(mark.id.startswith("wall.") for mark in platform.marks)


def test_a_story_among_the_pages_is_one_of_the_profiles(tmp_path: Path) -> None:
    story = "https://blog.example/2024/05/hello"
    text = WHOLE.replace("pages: {", f'stories: ["{story}-again"]\n    pages: {{story: "{story}", ')
    (profile,) = read(tmp_path, text).profiles
    assert profile.stories == (story, f"{story}-again")


PUBLICATION = "https://blog.example/p/field-notes"
OTHERS = '"https://blog.example/p/tide", "https://blog.example/p/mill"'


def test_publications_are_addresses_and_have_controls_of_their_own(tmp_path: Path) -> None:
    text = WHOLE.replace(
        "pages: {", f'publications: ["{PUBLICATION}-2"]\n    pages: {{publication: "{PUBLICATION}", '
    )
    (profile,) = read(tmp_path, text.replace("live: [", f"publications: [{OTHERS}], live: [")).profiles
    platform = load_platform(profile.platform)
    planned = [page.url for page in first_pages(profile, platform, signed_in=True)]
    assert planned[1:3] == [PUBLICATION, f"{PUBLICATION}-2"]
    drawn = [
        one.request
        for one in drawn_controls(profile, platform, Random(1))
        if one.page is PageKind.PUBLICATION
    ]
    live, absent = {page.url for page in drawn[:2]}, drawn[2].url
    assert live == {"https://blog.example/p/tide", "https://blog.example/p/mill"}
    assert absent.startswith("https://blog.example/p/")
    assert "field-notes" not in absent


def test_learn_is_not_taken_for_a_platform_file() -> None:
    with pytest.raises(PlatformUnknownError) as error:
        load_platform("learn")
    assert "platforms learn --help" in "\n".join(error.value.lines())


@pytest.mark.parametrize(
    ("url", "handle", "control"),
    [
        ("https://blog.example/@jane", "jane", "https://blog.example/@zoe"),
        ("https://jane.blog.example/", "jane", "https://zoe.blog.example/"),
        ("https://blog.example/u?id=13", "13", "https://blog.example/u?id=zoe"),
        ("http://127.0.0.1:8123/jane/jane", "jane", "http://127.0.0.1:8123/jane/zoe"),
    ],
)
def test_the_handle_is_found_in_the_address(url: str, handle: str, control: str) -> None:
    platform = load_platform(learn_key({"profile": url}, handle))
    assert page_url(PageKind.PROFILE, platform, {"home": platform.home, "handle": "zoe"}) == control
    assert "{random}" in (platform.controls.absent or "")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (
            'pages: {profile: "https://blog.example/author/jane"',
            'pages: {profile: "https://blog.example/13"',
            "with the handle `jane` in it",
        ),
        ("    pages:", "    x-pages:", "pages: {profile: ADDRESS}"),
        (", max]", "]", "one alone teaches nothing"),
        (", max]", ', "@jane"]', "one alone teaches nothing"),
        (
            "pages: {profile",
            'stories: {latest: 2}\n    pages: {story: "https://b.example/s", profile',
            "not both",
        ),
        (
            "pages: {profile",
            "publications: [field-notes]\n    pages: {profile",
            "nothing says where `field-notes`",
        ),
        ("pages: {profile", f'pages: {{publication: "{PUBLICATION}", profile', "two publications of others"),
        ("pages: {profile", 'pages: {stats: "https://b.example/s", profile', "not of stats"),
        ("platform: learn", "platform: medium", "only with `platform: learn`"),
    ],
)
def test_what_is_missing_is_said_by_its_line(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, WHOLE.replace(old, new))
    assert said in "\n".join(error.value.lines())
    assert "{" not in (error.value.lines()[0])
