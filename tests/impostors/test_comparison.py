"""What is opened, and what follows from it: against the demo site, without a browser."""

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from backup_worker import NOW, PlainPool
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import ANONYMOUS
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.demo.site import DemoSite
from selfcheck.demo.states import LOOKALIKE
from selfcheck.errors import SelfcheckError, UsageError
from selfcheck.impostors.addresses import NamedPage, named_pages
from selfcheck.impostors.model import Comparison, LikenessFinding
from selfcheck.impostors.render_text import comparison_text
from selfcheck.impostors.service import Comparer, LookOptions, refuse_what_cannot_be_proved
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.subjects import CheckSubject
from selfcheck.storage.data_folder import DataFolder


class TwoViews(PlainPool):
    """Answers the author's requests with a session, the public's without one."""

    version = "none"

    async def fetch_all(self, request: PageRequest, views: Mapping[str, object]) -> dict[str, Capture]:
        cookie = self._cookie
        if ANONYMOUS in views:
            self._cookie = ""
        answers = await super().fetch_all(request, views)
        self._cookie = cookie
        return {who: _as_seen(capture) for who, capture in answers.items()}


def _as_seen(capture: Capture) -> Capture:
    tree = LexborHTMLParser(capture.html)
    title, body = tree.css_first("title"), tree.body
    return replace(
        capture, title=title.text() if title else "", text=body.text(separator=" ") if body else ""
    )


@pytest.fixture(scope="module")
def site() -> Iterator[DemoSite]:
    with DemoSite(today=date(2026, 11, 28)) as running:
        yield running


def profile(site: DemoSite, handle: str, name: str = "elena") -> ProfileRequest:
    return ProfileRequest(name=name, platform="demo", handle=handle, base_url=site.url)


def compared(
    site: DemoSite,
    *written: str,
    handle: str = "elena-marsh",
    signed_in: str = "",
    others: tuple[str, ...] = (),
) -> tuple[Comparison, TwoViews]:
    """Compare as the author of `handle`, with the session of `signed_in`, who has `others` too."""
    own = (profile(site, handle), *(profile(site, other, f"my {other}") for other in others))
    (cookie,) = site.storage_state(signed_in or handle)["cookies"]
    pool = TwoViews(f"{cookie['name']}={cookie['value']}")
    subject = CheckSubject(profile=own[0], platform=load_platform("demo"), session={"cookies": []})
    options = LookOptions(
        data=DataFolder.__new__(DataFolder),
        run=RunOptions(data_dir=Path()),
        now=lambda: NOW,
        say=lambda _: None,
    )
    pages = named_pages(written, own)
    looked = asyncio.run(Comparer(subject, own, pool, options).compare(pages))  # type: ignore[arg-type]
    return looked.comparison, pool


@pytest.mark.parametrize(
    ("written", "finding", "why"),
    [
        pytest.param(f"@{LOOKALIKE}", LikenessFinding.NAME_AND_PICTURE, "", id="the same name and picture"),
        pytest.param("@margaret-vale", LikenessFinding.NEITHER, "", id="somebody else"),
        pytest.param(
            "@priya-nandan", LikenessFinding.UNKNOWN, "account is suspended", id="a suspended account"
        ),
        pytest.param("@nobody-at-all", LikenessFinding.UNKNOWN, "no such account", id="no account"),
        pytest.param("@ruth-calder", LikenessFinding.UNKNOWN, "bot check", id="a bot wall"),
        pytest.param(
            "@clara-winslow", LikenessFinding.UNKNOWN, "to sign in", id="a wall that asks to sign in"
        ),
        pytest.param(
            "@karl-nystrom", LikenessFinding.UNKNOWN, "not one that selfcheck recognises", id="another layout"
        ),
        pytest.param("@elena-marsh", LikenessFinding.ITSELF, "", id="the account itself"),
        pytest.param(
            "@tomas-lindqvist", LikenessFinding.OWN, "my tomas-lindqvist", id="another one of the user's"
        ),
    ],
)
def test_each_account_has_its_finding(
    site: DemoSite, written: str, finding: LikenessFinding, why: str
) -> None:
    comparison, pool = compared(site, written, others=("tomas-lindqvist",))
    (account,) = comparison.accounts
    assert account.finding is finding
    assert why in account.why
    theirs = [url for url in pool.opened if url.endswith(written)]
    assert len(theirs) == (
        0 if finding is LikenessFinding.OWN else 1
    )  # one's own page is opened as the author
    text = comparison_text(comparison)
    assert "impostor" not in text.casefold()
    nobody_there = why in {"account is suspended", "no such account"}
    reportable = finding.is_alike or (finding is LikenessFinding.UNKNOWN and not nobody_there)
    assert ("report it to Inkwell" in text) is reportable


@pytest.mark.parametrize(
    ("handle", "signed_in", "says"),
    [
        pytest.param(
            "elena-marsh", "margaret-vale", "signed in as @margaret-vale", id="another account's session"
        ),
        pytest.param("hannah-frost", "", "not signed in any more", id="an expired session"),
    ],
)
def test_nothing_is_looked_at_unless_the_session_is_proved(
    site: DemoSite, handle: str, signed_in: str, says: str
) -> None:
    comparison, pool = compared(site, f"@{LOOKALIKE}", handle=handle, signed_in=signed_in)
    assert (comparison.is_proven, comparison.accounts) == (False, ())
    assert says in comparison_text(comparison)
    assert not any(LOOKALIKE in url for url in pool.opened)
    assert pool.pictures == []


def test_one_page_and_one_picture_of_each_account_are_asked_for(site: DemoSite) -> None:
    _, pool = compared(site, f"@{LOOKALIKE}", f"{site.url}/@{LOOKALIKE}?source=feed", "@margaret-vale")
    paths = [url.removeprefix(site.url) for url in pool.opened]
    assert paths == ["/me/stats", "/@elena-marsh", f"/@{LOOKALIKE}", "/@margaret-vale"]
    pictures = [url.removeprefix(site.url) for url in pool.pictures]
    assert pictures == [
        "/img/face/elena-marsh.png",
        "/img/face/margaret-vale.png",
    ]  # of a copy, the same file


@pytest.mark.parametrize(
    ("platform", "session", "says"),
    [
        pytest.param(
            "substack", {"cookies": []}, "cannot tell whose session", id="no mark of whose session it is"
        ),
        pytest.param("medium", None, "no saved session", id="no session"),
    ],
)
def test_what_cannot_be_proved_is_refused_before_a_browser_starts(
    platform: str, session: dict[str, list[object]] | None, says: str
) -> None:
    own = ProfileRequest(name="jane", platform=platform, handle="jane")
    subject = CheckSubject(profile=own, platform=load_platform(platform), session=session)  # type: ignore[arg-type]
    with pytest.raises(SelfcheckError, match=says):
        refuse_what_cannot_be_proved(subject, USUAL_HINTS)


@pytest.mark.parametrize(
    ("written", "platform", "handle", "url"),
    [
        pytest.param("@jame", "medium", "jame", "https://medium.com/@jame", id="a handle of one's platform"),
        pytest.param(
            "https://jame.medium.com/a-story-0123456789ab",
            "medium",
            "jame",
            "https://medium.com/@jame",
            id="a page below an account",
        ),
        pytest.param(
            "x.com/jame", "x", "jame", "https://x.com/jame", id="another platform, without a scheme"
        ),
        pytest.param(
            "https://tide.example/@jame",
            "mastodon",
            "jame",
            "https://tide.example/@jame",
            id="the server of another profile",
        ),
        pytest.param(
            "https://jame.example/me",
            "jame-example",
            "",
            "https://jame.example/me",
            id="a site that no file knows",
        ),
    ],
)
def test_handles_and_addresses_name_accounts(written: str, platform: str, handle: str, url: str) -> None:
    jane = ProfileRequest(name="jane", platform="medium", handle="jane")
    tide = ProfileRequest(name="t", platform="mastodon", handle="j", base_url="https://tide.example")
    (page,) = named_pages([written], (jane, tide))
    assert (page.platform.platform, page.profile.handle, page.url) == (platform, handle, url)
    assert page.site_known is bool(handle)


@pytest.mark.parametrize("written", ["@not a handle", "ftp://x.example/@jame", "https:///", ""])
def test_what_names_no_account_is_refused(written: str) -> None:
    jane = ProfileRequest(name="jane", platform="medium", handle="jane")
    with pytest.raises(UsageError, match="does not name an account"):
        named_pages([written], (jane,))


def test_an_account_of_the_same_handle_elsewhere_is_another_one() -> None:
    jane = ProfileRequest(name="jane", platform="mastodon", handle="jane", base_url="https://tide.example")
    here, there = named_pages(["https://tide.example/@Jane", "https://other.example/@jane"], (jane,))
    assert isinstance(here, NamedPage)
    assert (here.is_of(jane), there.is_of(jane)) == (True, False)
