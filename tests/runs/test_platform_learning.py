"""The draft of a platform file: what is chosen from live pages and one that does not exist."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.errors import UsageError
from selfcheck.observe import observe
from selfcheck.observe.platform_draft import draft_platform
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.knowledge import weaknesses
from selfcheck.platforms.learn import learn_key
from selfcheck.platforms.saved_pages import title_of, visible_text
from selfcheck.runs.platform_learning import account_names

HOME = "https://blog.example"
AT = datetime(2026, 1, 2, tzinfo=UTC)


def capture(handle: str, body: str, status: int = 200) -> Capture:
    visit = PageRequest(
        profile="",
        kind=PageKind.PROFILE,
        url=f"{HOME}/@{handle}",
        viewpoints=(ANONYMOUS,),
        folder="",
        handle=handle,
    )
    return Capture(
        visit=visit,
        viewpoint=ANONYMOUS,
        started_at=AT,
        finished_at=AT,
        status=status,
        content_type="text/html",
        final_url=visit.url,
        title=title_of(LexborHTMLParser(body)),
        text=visible_text(body),
        html=body,
    )


def profile(handle: str, *, testid: str = "profile-head") -> Capture:
    return capture(
        handle,
        f'<html><head><title>{handle}</title><link rel="canonical" href="{HOME}/@{handle}"></head>'
        '<body class="site">'
        '<header>Blog</header><main id="person" class="css-1x2y3z page">'
        f'<h1 data-testid="{testid}">{handle}</h1>'
        '<article class="card">One</article></main></body></html>',
    )


ABSENT = capture(
    "q7x3v",
    '<html><head><title>Blog</title></head><body class="site"><header>Blog</header>'
    "<main><p>There is no such writer.</p><p>q7x3v</p></main></body></html>",
    404,
)
PLATFORM = load_platform(learn_key({"profile": f"{HOME}/@jane"}, "jane"))
LIVE = [profile(who) for who in ("jane", "zoe", "max")]


def test_a_draft_is_a_platform_file_that_tells_its_own_pages_apart(tmp_path: Path) -> None:
    draft = draft_platform(PLATFORM, LIVE, ABSENT, "2026-01-02")
    path = tmp_path / "draft.yaml"
    path.write_text(draft.text, encoding="utf-8")
    platform = load_platform(str(path))

    said = [observe(page, platform, {"home": HOME, "handle": page.visit.handle}) for page in (*LIVE, ABSENT)]

    assert [one.outcome for one in said] == [Outcome.SHOWN] * 3 + [Outcome.NOT_FOUND]
    assert [one.identified for one in said[:3]] == [True, True, True]
    assert platform.controls.live == ("zoe", "max")
    assert weaknesses(platform, date(2026, 2, 1)) == ()  # `platforms lint` has nothing against it
    assert [choice.chosen for choice in draft.choices] == [
        "[data-testid='profile-head']",
        "There is no such writer.",
        "canonical",
    ]


def test_a_selector_that_only_one_page_has_is_not_chosen() -> None:
    live = [profile("jane", testid="own-head"), *LIVE[1:]]
    assert draft_platform(PLATFORM, live, ABSENT, "2026-01-02").choices[0].chosen == "#person"


def test_where_nothing_tells_them_apart_nothing_is_chosen(tmp_path: Path) -> None:
    same = [capture(who, ABSENT.html) for who in ("jane", "zoe", "max")]
    draft = draft_platform(PLATFORM, same, ABSENT, "2026-01-02")
    assert [choice.chosen for choice in draft.choices] == ["", "", ""]


@pytest.mark.parametrize(
    ("addresses", "names"),
    [
        ((f"{HOME}/@jane", f"{HOME}/@zoe", f"{HOME}/@max"), ("jane", "zoe", "max")),
        (
            ("https://jane.blog.example/", "https://zoe.blog.example", "https://max.blog.example"),
            ("jane", "zoe", "max"),
        ),
        ((f"{HOME}/u?id=1", f"{HOME}/u?id=22", f"{HOME}/u?id=3"), ("1", "22", "3")),
        ((f"{HOME}/a/j.doe/posts", f"{HOME}/a/zoe/posts", f"{HOME}/a/m-x/posts"), ("j.doe", "zoe", "m-x")),
    ],
)
def test_the_accounts_are_where_the_addresses_differ(
    addresses: tuple[str, ...], names: tuple[str, ...]
) -> None:
    assert account_names(addresses) == names


@pytest.mark.parametrize(
    "addresses",
    [
        (f"{HOME}/@jane", f"{HOME}/@jane", f"{HOME}/@max"),
        (f"{HOME}/@jane", f"{HOME}/users/zoe/all", f"{HOME}/@max"),
        (f"{HOME}/@jane/1", f"{HOME}/@zoe/2", f"{HOME}/@max/3"),
    ],
)
def test_addresses_that_do_not_tell_the_account_are_refused(addresses: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        account_names(addresses)
