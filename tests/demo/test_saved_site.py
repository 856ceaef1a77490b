"""Saved pages served under the platform's own paths, to the public and to their author."""

import http.client
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from selfcheck.core.enums import Verdict
from selfcheck.demo.saved_site import PagesSite
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import load_platform

HEALTHY = """<html><head><title>Ada Quill</title><link rel="canonical" href="%40ada.html">
<meta property="og:url" content="https://medium.com/@ada"></head><body>Ada, @ada, adamant
<script>window.__APOLLO_STATE__ = {"ROOT_QUERY":{"viewer":null},
"User:1":{"__typename":"User","username":"ada","name":"Ada Quill"}}</script>
<script src="https://cdn.example.invalid/main.js"></script></body></html>"""
SUBDOMAIN = (
    HEALTHY.replace("https://medium.com/@ada", "https://bo.medium.com").replace("ada", "bo") + "x" * 400
)
STORY = '<html><head><meta property="og:url" content="https://bo.medium.com/tide-0123456789ab"></head></html>'
STRAY = (
    '<html><head><meta property="og:url" content="https://medium.com/pub/sand-1123456789ab"></head></html>'
)
PUBLICATION = '<html><head><meta property="og:url" content="https://coast.medium.com"></head></html>'
SUSPENDED = r"""<html><body>410<script>window.__APOLLO_STATE__ = {"ROOT_QUERY":{"viewer":null,
"userResult({\"id\":null,\"username\":\"@cleo\"})":{"__typename":"AccountSuspended"}}}</script></body></html>"""
FEED = "<rss><channel><title>x</title><link>https://medium.com/@dee?source=rss</link></channel></rss>"
PAGES = (
    ("healthy.html", "medium.profile.shown", "200", HEALTHY),
    ("sub.html", "medium.profile.shown", "", SUBDOMAIN),
    ("story.html", "medium.story.shown", "", STORY),
    ("stray.html", "medium.story.shown", "", STRAY),
    ("coast.html", "medium.publication.shown", "", PUBLICATION),
    ("suspended.html", "medium.profile.suspended", "410", SUSPENDED),
    ("gone.html", "medium.missing", "404", "<html><body>PAGE NOT FOUND</body></html>"),
    ("wall.html", "wall.challenge", "403", "<title>Just a moment...</title>"),
    ("enter.html", "medium.signin", "200", "<title>Medium</title>enter"),
    ("feed.xml", "medium.feed.shown", "", FEED),
    ("export.html", "medium.export", "", "an export is no page"),
)


def folder_of(place: Path, rows: tuple[tuple[str, str, str, str], ...] = PAGES) -> Path:
    index = ["file\tlabel\thttp_status"]
    for name, label, status, text in rows:
        (place / name).write_text(text, encoding="utf-8")
        index.append(f"{name}\t{label}\t{status}")
    (place / "index.tsv").write_text("\n".join(index) + "\n", encoding="utf-8")
    return place


@pytest.fixture
def site(tmp_path: Path) -> Iterator[PagesSite]:
    with PagesSite(folder_of(tmp_path), load_platform("medium")) as site:
        yield site


def ask(site: PagesSite, path: str, by: str = "") -> tuple[int, str, dict[str, str]]:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    saved: dict[str, Any] = site.storage_state(by)["cookies"][0] if by else {}
    connection.request("GET", path, headers={"Cookie": f"{saved['name']}={saved['value']}"} if by else {})
    answer = connection.getresponse()
    received = answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()}
    connection.close()
    return received


@pytest.mark.parametrize(
    ("path", "status", "holds"),
    [
        pytest.param(
            "/@ada", 200, "Ada Quill", id="a profile at its own path, the copying tool's canonical aside"
        ),
        pytest.param("/@ADA", 200, "Ada Quill", id="a handle in other letters"),
        pytest.param(
            "/@healthy", 200, '"username":"healthy"', id="a profile by its file's name has that handle"
        ),
        pytest.param("/@bo", 200, '"username":"bo"', id="a profile on a subdomain"),
        pytest.param(
            "/tide-0123456789ab", 200, "tide", id="a story on a subdomain, as its address is re-pointed"
        ),
        pytest.param("/@bo/tide-0123456789ab", 200, "tide", id="the same story below its author"),
        pytest.param("/p/0123456789ab", 200, "tide", id="the same story by its id"),
        pytest.param("/pub/sand-1123456789ab", 200, "sand", id="a story in a publication"),
        pytest.param("/coast", 200, "coast", id="a publication on a subdomain"),
        pytest.param("/@cleo", 410, "AccountSuspended", id="a suspended account by the handle in its state"),
        pytest.param("/@suspended", 410, "@suspended", id="a suspended account by its file's name"),
        pytest.param("/@gone", 404, "PAGE NOT FOUND", id="a missing page by its file's name"),
        pytest.param("/@wall", 403, "Just a moment", id="a wall by its file's name"),
        pytest.param("/@enter", 200, "enter", id="the sign-in page by its file's name"),
        pytest.param("/m/signin?next=x", 200, "enter", id="the sign-in page at its own path"),
        pytest.param("/feed/@dee", 200, "<rss>", id="a feed"),
        pytest.param("/@dee", 200, '"username":"dee"', id="the author of a saved feed has a healthy profile"),
        pytest.param("/@zulie", 200, '"username":"zulie"', id="the platform's live control is healthy"),
        pytest.param("/@k2j3h4k5j6", 404, "PAGE NOT FOUND", id="a handle that is not taken"),
        pytest.param("/feed/@nobody", 404, "PAGE NOT FOUND", id="nobody's feed"),
        pytest.param("/static/main.js", 404, "not saved", id="a script that was not saved"),
        pytest.param("/export", 404, "PAGE NOT FOUND", id="an export is not served"),
    ],
)
def test_the_public_gets_the_saved_page(site: PagesSite, path: str, status: int, holds: str) -> None:
    answered, text, _ = ask(site, path)
    assert (answered, holds in text) == (status, True), text


@pytest.mark.parametrize("handle", ["cleo", "suspended", "gone", "ada", "dee"])
def test_an_author_sees_a_healthy_profile_of_their_own_and_is_signed_in(site: PagesSite, handle: str) -> None:
    status, text, _ = ask(site, f"/@{handle}", by=handle)
    assert status == 200
    assert f'"User:1":{{"__typename":"User","username":"{handle}"' in text
    assert f'"viewer":{{"__typename":"User","username":"{handle}"' in text
    assert 'data-testid="headerNotificationButton"' in text


def test_another_handle_is_put_in_whole_words_only(site: PagesSite) -> None:
    assert "@gone, adamant" in ask(site, "/@gone", by="gone")[1]


def test_a_session_opens_no_other_gone_account(site: PagesSite) -> None:
    assert ask(site, "/@cleo", by="ada")[0] == 410


@pytest.mark.parametrize("handle", ["wall", "enter"])
def test_a_wall_stays_a_wall_for_its_author(site: PagesSite, handle: str) -> None:
    assert ask(site, f"/@{handle}", by=handle)[1] == ask(site, f"/@{handle}")[1]


def test_the_stats_page_is_for_who_is_signed_in(site: PagesSite) -> None:
    status, _, headers = ask(site, "/me/stats")
    assert (status, headers["location"]) == (302, "/m/signin")
    status, text, _ = ask(site, "/me/stats", by="ada")
    assert (status, "headerNotificationButton" in text) == (200, True)


def test_nothing_from_outside_may_be_fetched(site: PagesSite) -> None:
    assert ask(site, "/@ada")[2]["content-security-policy"].startswith("default-src 'none'")


def test_a_feed_is_xml(site: PagesSite) -> None:
    assert ask(site, "/feed/@dee")[2]["content-type"].startswith("text/xml")


def test_the_profiles_say_what_a_run_must_find(site: PagesSite) -> None:
    expected = {one.handle: (one.expected, one.without_session) for one in site.profiles()}
    assert expected == {
        **dict.fromkeys(("ada", "bo", "dee"), (Verdict.VISIBLE, Verdict.VISIBLE)),
        "cleo": (Verdict.SUSPENDED, Verdict.SUSPENDED),
        "gone": (Verdict.HIDDEN, Verdict.MISSING),
        "wall": (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
        "enter": (Verdict.INCONCLUSIVE, Verdict.INCONCLUSIVE),
    }


def test_the_profiles_file_names_every_page(site: PagesSite) -> None:
    rows = {row["handle"]: row for row in yaml.safe_load(site.profiles_yaml())["profiles"]}
    assert rows["@ada"]["publications"] == ["coast"]
    assert rows["@ada"]["stories"] == [f"{site.url}/pub/sand-1123456789ab"]
    assert rows["@bo"]["stories"] == [f"{site.url}/tide-0123456789ab"]
    assert {row["base_url"] for row in rows.values()} == {site.url}


@pytest.mark.parametrize(
    "rows",
    [
        pytest.param((("a.html", "medium.missing", "soon", "x"),), id="a status that is no number"),
        pytest.param((("a.html", "medium.profile.odd", "200", "x"),), id="a label without a meaning"),
    ],
)
def test_a_mistake_in_the_index_is_reported(
    tmp_path: Path, rows: tuple[tuple[str, str, str, str], ...]
) -> None:
    with pytest.raises(UsageError):
        PagesSite(folder_of(tmp_path, rows), load_platform("medium"))


def test_a_folder_without_an_index_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"index\.tsv"):
        PagesSite(tmp_path, load_platform("medium"))


@pytest.fixture
def captures() -> Path:
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "captures"
    folder = Path(os.environ.get("SELFCHECK_CAPTURES") or beside)
    if not folder.is_dir():
        pytest.skip("the captured pages are not on this machine")
    return folder


def test_every_captured_page_has_a_path_and_its_status(captures: Path) -> None:
    with PagesSite(captures, load_platform("medium")) as site:
        assert [one.file for one in site.listing() if not one.paths] == []
        for one in site.listing():
            assert {ask(site, path)[0] for path in one.paths} == {one.status}, one


def test_the_captured_pages_make_profiles_of_every_verdict(captures: Path) -> None:
    with PagesSite(captures, load_platform("medium")) as site:
        assert {one.expected for one in site.profiles()} == {
            Verdict.VISIBLE,
            Verdict.SUSPENDED,
            Verdict.HIDDEN,
            Verdict.INCONCLUSIVE,
        }
        assert len({one.name for one in site.profiles()}) == len(site.profiles())
