"""What the demo site answers, asked by plain HTTP: each state as its row says, from both sides."""

import http.client
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode, urlsplit

import feedparser
import pytest

from selfcheck.demo.loopback import LoopbackSite, Reply, SiteRequest
from selfcheck.demo.pages import GUARD
from selfcheck.demo.site import DemoSite
from selfcheck.demo.states import LIVE_CONTROLS, STATES, state_named, story_path

TODAY = date(2026, 3, 15)


@dataclass(frozen=True)
class Answered:
    status: int
    body: str
    headers: dict[str, str]

    @property
    def state(self) -> dict[str, object]:
        found = re.search(r"window\.__INKWELL_STATE__ = (\{.*?\});</script>", self.body)
        assert found
        loaded: dict[str, object] = json.loads(found.group(1))
        return loaded


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite(today=TODAY, slow_seconds=0) as site:
        yield site


def ask(
    site: LoopbackSite,
    path: str,
    *,
    by: str | None = None,
    form: dict[str, str] | None = None,
    cookie: str = "",
) -> Answered:
    connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
    if by:
        saved = site.storage_state(by)["cookies"][0]
        cookie = f"{saved['name']}={saved['value']}"
    headers = {"Cookie": cookie} if cookie else {}
    if form is not None:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    body = urlencode(form) if form is not None else None
    connection.request("GET" if form is None else "POST", path, body=body, headers=headers)
    answer = connection.getresponse()
    received = Answered(answer.status, answer.read().decode(), {k.lower(): v for k, v in answer.getheaders()})
    connection.close()
    return received


# state: profile to the public and to its author, then its lead story to both
STATUSES = {
    "healthy": (200, 200, 200, 200),
    "silently-suspended": (410, 200, 410, 200),
    "suspended-told": (410, 200, 410, 200),
    "hidden": (404, 200, 404, 200),
    "not-found-200": (200, 200, 200, 200),
    "story-removed": (200, 200, 410, 410),
    "story-suspended": (200, 200, 410, 200),
    "publication-suspended": (200, 200, 200, 200),
    "story-blurred": (200, 200, 200, 200),
    "noindex": (200, 200, 200, 200),
    "missing-from-lists": (200, 200, 200, 200),
    "deleted": (410, 410, 410, 410),
    "renamed": (404, 404, 404, 404),
    "members-only": (200, 200, 200, 200),
    "unlisted": (200, 200, 200, 200),
    "bot-wall": (403, 200, 403, 200),
    "bot-wall-author": (200, 403, 200, 403),
    "rate-limit": (200, 200, 429, 200),
    "server-error": (503, 503, 503, 503),
    "slow": (200, 200, 200, 200),
    "session-expired": (200, 200, 200, 200),
    "zero-views": (200, 200, 200, 200),
    "cached-flip": (404, 200, 404, 200),
    "unrecognised": (200, 200, 200, 200),
    "login-wall": (302, 200, 302, 200),
}


def lead_path(name: str) -> str:
    state = state_named(name)
    return story_path(state.handle, state.lead)


@pytest.mark.parametrize("name", STATUSES)
def test_each_state_answers_the_public_and_its_author_with_its_status(site: DemoSite, name: str) -> None:
    handle, lead = state_named(name).handle, lead_path(name)
    asked = [(f"/@{handle}", None), (f"/@{handle}", handle), (lead, None), (lead, handle)]
    assert tuple(ask(site, path, by=by).status for path, by in asked) == STATUSES[name]


def test_the_table_of_statuses_leaves_out_only_what_it_cannot_hold() -> None:
    without = {"never-existed", "hanging", "empty-profile"}  # no author; no answer; no story
    assert {state.name for state in STATES} - set(STATUSES) == without


def test_states_have_names_handles_and_leads_of_their_own() -> None:
    for values in ([s.name for s in STATES], [s.handle for s in STATES], [s.lead for s in STATES]):
        assert len(values) == len(set(values))
    assert not set(LIVE_CONTROLS) & {state.handle for state in STATES}


@pytest.mark.parametrize("handle", LIVE_CONTROLS)
def test_a_live_control_is_shown(site: DemoSite, handle: str) -> None:
    assert ask(site, f"/@{handle}").status == 200


def test_a_handle_that_is_not_taken_is_not_found(site: DemoSite) -> None:
    answered = ask(site, "/@selfcheck-k3j2h1")
    assert answered.status == 404
    assert answered.state["error"] == {"reason": "NotFound", "code": 404}


def test_an_account_that_never_existed_has_no_session(site: DemoSite) -> None:
    with pytest.raises(LookupError, match="wren-holis"):
        site.storage_state("wren-holis")


def test_a_suspended_author_is_notified_only_where_the_state_says_so(site: DemoSite) -> None:
    silent, told = ask(site, "/@jonah-vey", by="jonah-vey"), ask(site, "/@priya-nandan", by="priya-nandan")
    assert "under investigation" not in silent.body
    assert "This account is under investigation or was found in violation of the Inkwell Rules." in told.body
    assert told.state["viewer"] == {"handle": "priya-nandan", "name": "Priya Nandan", "isSuspended": True}


def test_not_found_with_200_says_the_same_as_with_404(site: DemoSite) -> None:
    assert "Page not found" in ask(site, "/@beth-avery").body
    assert "Page not found" not in ask(site, "/@beth-avery", by="beth-avery").body


def test_the_public_lists_lack_two_stories(site: DemoSite) -> None:
    def ids(by: str | None) -> list[str]:
        stories = ask(site, "/@sofia-brandt", by=by).state["stories"]
        assert isinstance(stories, list)
        return [story["id"] for story in stories]

    mine, theirs = ids("sofia-brandt"), ids(None)
    assert len(mine) == 4
    assert theirs == [mine[0], mine[3]]
    assert len(feedparser.parse(ask(site, "/feed/@sofia-brandt").body).entries) == 2


def test_a_blurred_story_is_blurred_to_public_only(site: DemoSite) -> None:
    path = lead_path("story-blurred")
    assert 'class="body blurred"' in ask(site, path).body
    assert 'class="body blurred"' not in ask(site, path, by="lucia-ferro").body


def test_a_members_story_is_shortened_for_the_public_and_whole_for_its_author(site: DemoSite) -> None:
    path = lead_path("members-only")
    public, author = ask(site, path), ask(site, path, by="daniel-okafor")
    assert "available to Inkwell members only." in public.body
    assert "available to Inkwell members only." not in author.body
    assert public.body.count("<p>") < author.body.count("<p>")


@pytest.mark.parametrize(
    ("path", "robots"),
    [
        pytest.param("/@owen-pryce", "noindex,follow", id="the platform's own noindex stands on the profile"),
        pytest.param(lead_path("unlisted"), "noindex,follow", id="an unlisted story has noindex"),
        pytest.param(lead_path("healthy"), "index,follow", id="a healthy story is for search engines"),
    ],
)
def test_the_robots_directive_is_as_the_state_says(site: DemoSite, path: str, robots: str) -> None:
    assert f'<meta name="robots" content="{robots}">' in ask(site, path).body


def test_an_unlisted_story_is_in_no_list(site: DemoSite) -> None:
    title = "Notes for My Sister"
    assert title not in ask(site, "/@mei-tanaka").body
    assert title not in ask(site, "/@mei-tanaka", by="mei-tanaka").body


def test_a_publication_can_be_suspended_alone(site: DemoSite) -> None:
    asked = ask(site, "/pub/night-ledger"), ask(site, "/pub/night-ledger", by="isaac-thorne")
    assert [one.status for one in asked] == [410, 200]


def test_the_rate_limit_comes_after_one_page_and_is_forgotten_by_reset(site: DemoSite) -> None:
    def three_looks() -> list[int]:
        return [ask(site, "/@grace-whitlock").status for _ in range(3)]

    assert three_looks() == [200, 429, 429]
    site.reset()
    assert three_looks() == [200, 429, 429]


def test_each_page_of_the_flipping_account_is_gone_once(site: DemoSite) -> None:
    path = lead_path("cached-flip")
    looks = [ask(site, one).status for one in ("/@yara-mendes", path, "/@yara-mendes", path)]
    assert looks == [404, 404, 200, 200]


def test_an_expired_session_is_logged_out_until_the_next_sign_in(site: DemoSite) -> None:
    assert ask(site, "/me/stats", by="hannah-frost").headers["location"] == "/signin?next=/me/stats"
    form = {"handle": "@Hannah-Frost", "password": "inkwell", "next": "/me/stats"}
    answered = ask(site, "/signin", form=form)
    fresh = answered.headers["set-cookie"].split(";")[0]
    assert answered.status == 303
    assert ask(site, "/me/stats", cookie=fresh).status == 200


def test_the_session_cookie_is_kept_from_scripts_and_other_sites(site: DemoSite) -> None:
    answered = ask(site, "/signin", form={"handle": "elena-marsh", "password": "inkwell"})
    assert {"HttpOnly", "SameSite=Lax"} <= set(answered.headers["set-cookie"].split("; "))
    kept = site.storage_state("elena-marsh")["cookies"][0]
    assert (kept["httpOnly"], kept["sameSite"]) == (True, "Lax")


@pytest.mark.parametrize(
    "form",
    [
        pytest.param({"handle": "elena-marsh", "password": "wrong"}, id="a wrong password"),
        pytest.param({"handle": "wren-holis", "password": "inkwell"}, id="a handle that is not taken"),
        pytest.param({}, id="an empty form"),
    ],
)
def test_signing_in_is_refused_with_words(site: DemoSite, form: dict[str, str]) -> None:
    answered = ask(site, "/signin", form=form)
    assert answered.status == 401
    assert "do not belong together" in answered.body


@pytest.mark.parametrize(
    "target",
    ["//evil.invalid", "https://evil.invalid", "/\\evil.invalid", "", "/a b", "/x\r\nSet-Cookie: a=b"],
)
def test_signing_in_never_leads_off_the_site(site: DemoSite, target: str) -> None:
    form = {"handle": "elena-marsh", "password": "inkwell", "next": target}
    answered = ask(site, "/signin", form=form)
    assert answered.headers["location"] == "/me/stats"
    assert answered.headers["set-cookie"].startswith("ink_session=elena-marsh.")


def test_a_forged_session_is_logged_out(site: DemoSite) -> None:
    forged = "ink_session=elena-marsh.0.0123456789abcdef0123456789abcdef"
    assert ask(site, "/@elena-marsh", cookie=forged).state["viewer"] is None


def test_the_stats_show_a_day_of_zero_against_a_usual_number(site: DemoSite) -> None:
    stats = ask(site, "/me/stats", by="dylan-roarke").state["stats"]
    assert isinstance(stats, dict)
    views = [day["views"] for day in stats["before"]]
    assert stats["today"] == 0
    assert views[-1] == 0
    assert min(views[:-1]) > 20
    assert stats["before"][-1]["date"] == "2026-03-14"


@pytest.mark.parametrize(
    ("handle", "status", "success"),
    [
        ("elena-marsh", 200, True),
        ("jonah-vey", 410, False),
        ("tomas-lindqvist", 404, False),
        ("nobody", 404, False),
    ],
)
def test_the_json_view_stands_behind_its_guard(
    site: DemoSite, handle: str, status: int, *, success: bool
) -> None:
    answered = ask(site, f"/@{handle}?format=json")
    assert answered.status == status
    assert answered.headers["content-type"] == "application/json"
    assert answered.body.startswith(GUARD)
    assert json.loads(answered.body.removeprefix(GUARD))["success"] is success


def test_feeds_are_well_formed_and_link_to_stories_that_are_there(site: DemoSite) -> None:
    answered = ask(site, "/feed/@elena-marsh")
    feed = feedparser.parse(answered.body)
    assert not feed.bozo
    assert feed.feed.title == "Stories by Elena Marsh on Inkwell"
    assert len(feed.entries) == 4
    assert [ask(site, urlsplit(entry.link).path).status for entry in feed.entries] == [200] * 4
    assert "<p>" in feed.entries[0].content[0].value


def test_an_account_without_stories_has_a_profile_and_no_feed(site: DemoSite) -> None:
    assert "has not published any stories yet" in ask(site, "/@noah-sinclair").body
    assert ask(site, "/feed/@noah-sinclair").status == 404


def test_short_addresses_lead_to_stories(site: DemoSite) -> None:
    path = lead_path("healthy")
    answered = ask(site, f"/p/{path[-12:]}")
    assert (answered.status, answered.headers["location"]) == (302, path)


def test_everything_that_a_page_needs_is_on_the_site(site: DemoSite) -> None:
    for page in ("/", "/@elena-marsh", lead_path("healthy"), "/pub/field-notes", "/signin", "/help/appeals"):
        needed = re.findall(r'(?:src|href)="([^"]+)"', ask(site, page).body)
        outside = [url for url in needed if not url.startswith(("/", site.url))]
        gone = [url for url in needed if ask(site, url.removeprefix(site.url)).status >= 400]
        assert (outside, gone) == ([], [])


def test_the_log_says_who_asked_for_what(site: DemoSite) -> None:
    ask(site, "/@jonah-vey")
    ask(site, "/@jonah-vey", by="jonah-vey")
    assert [(one.method, one.path, one.viewpoint, one.handle, one.status) for one in site.log] == [
        ("GET", "/@jonah-vey", "anonymous", None, 410),
        ("GET", "/@jonah-vey", "author", "jonah-vey", 200),
    ]


def test_an_account_can_be_suspended_and_restored_between_runs(site: DemoSite) -> None:
    statuses = []
    for state in ("silently-suspended", "healthy", "hidden", "empty-profile"):
        site.set_state("elena-marsh", state)
        statuses.append(ask(site, "/@elena-marsh").status)
    assert statuses == [410, 200, 404, 200]
    assert ask(site, "/@elena-marsh").state["stories"] == []
    site.set_state("wren-holis", "healthy")
    assert ask(site, "/@wren-holis", by="wren-holis").status == 200


@pytest.mark.parametrize(("handle", "state"), [("nobody", "healthy"), ("elena-marsh", "no-such-state")])
def test_an_unknown_handle_or_state_is_refused(site: DemoSite, handle: str, state: str) -> None:
    with pytest.raises(LookupError):
        site.set_state(handle, state)


def test_a_hanging_page_ends_when_the_site_closes() -> None:
    with DemoSite() as site:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        connection.request("GET", "/@leo-marchetti")
    with pytest.raises((ConnectionError, http.client.HTTPException)):
        connection.getresponse()
    connection.close()


def test_the_site_is_gone_afterwards() -> None:
    with DemoSite() as site:
        port = site.port
    with pytest.raises(RuntimeError, match="not running"):
        _ = site.url
    with pytest.raises(ConnectionRefusedError):
        http.client.HTTPConnection("127.0.0.1", port, timeout=5).request("GET", "/")


class _Echo(LoopbackSite):
    def answer(self, asked: SiteRequest) -> Reply:
        return Reply(body=f"{asked.method} {asked.path} {asked.query.get('a')}".encode(), status=418)


def test_a_head_request_gets_the_head_alone() -> None:
    with _Echo() as site:
        connection = http.client.HTTPConnection("127.0.0.1", site.port, timeout=20)
        connection.request("HEAD", "/x%20y?a=b")
        answer = connection.getresponse()
        assert (answer.status, answer.read(), answer.getheader("Content-Length")) == (
            418,
            b"",
            str(len("GET /x y b")),
        )
        connection.close()
