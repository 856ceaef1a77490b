"""Every parser of foreign input, with inputs near to real ones: what may happen is an answer or an error that
tells a user what is wrong (`SelfcheckError`, or what the parser's docstring names)."""

import asyncio
import io
import json
import tempfile
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache, cached_property
from pathlib import Path
from random import Random
from typing import Any
from zlib import crc32
from zoneinfo import ZoneInfo

import yaml
from authority import Authority
from mutations import (
    ODD_TEXTS,
    as_bytes,
    changed_bytes,
    changed_json,
    changed_text,
    json_text,
)
from PIL import Image
from rfc3161_client import TimestampRequestBuilder
from sample_runs import everything
from selectolax.lexbor import LexborHTMLParser

from selfcheck.alerts.github import IssueTracker
from selfcheck.appeal.model import Envelope
from selfcheck.appeal.render_letter import plain_text
from selfcheck.appeal.render_mail import MailBody, draft_bytes, letter_html, mail, message_id, to_be_sent
from selfcheck.artifacts.archive_reader import UnreadableError, ZipSource
from selfcheck.artifacts.case_files import (
    StoredPlatform,
    platform_json,
    read_author_pages,
    read_case,
    read_look,
    read_platform,
)
from selfcheck.artifacts.case_files import capture_of as stored_capture
from selfcheck.artifacts.learned_file import _read as read_learned
from selfcheck.artifacts.learned_file import learned_json
from selfcheck.artifacts.manifests import EvidenceManifest, Manifest, Part, Seal, list_bytes, read_list
from selfcheck.artifacts.wacz import archived_page
from selfcheck.browser.addresses import addresses_within, spellings
from selfcheck.browser.backoff import read_backoffs, retry_after
from selfcheck.browser.graphql import address_only_queries, may_act, only_queries
from selfcheck.browser.proxy.heads import HeadError, head_of, offers_http2
from selfcheck.browser.proxy.network import UserProxy
from selfcheck.browser.proxy.rules import Endpoint
from selfcheck.browser.proxy.upstream import Upstream, UpstreamError, through_user_proxy
from selfcheck.browser.redaction import clean_url, public_texts, redact
from selfcheck.browser.request_policy import OutgoingRequest, PagePolicy, block_reason
from selfcheck.browser.secret_finder import SecretFinder
from selfcheck.browser.session_secrets import secrets_of
from selfcheck.browser.storage_state import storage_state_of
from selfcheck.core.capture import Capture, JsonResponse, PageRequest, Redirect
from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind
from selfcheck.core.hosts import address_key, ascii_host, is_of_site, is_opened, is_private, matches
from selfcheck.core.schedule import next_due, parse_schedule, parse_time
from selfcheck.core.terminal_text import terminal_text
from selfcheck.core.text_safety import ascii_address, ascii_text, is_link, markdown_text, one_line
from selfcheck.core.times import compact_duration, duration_words, parse_duration
from selfcheck.errors import SelfcheckError
from selfcheck.evidence.png import chunks, cut, size_of, without_text
from selfcheck.evidence.render_text import headers_text
from selfcheck.evidence.stamps import check_stamp
from selfcheck.evidence.verify import verify_evidence
from selfcheck.history.journal import read_journal
from selfcheck.impostors.names import compare_names
from selfcheck.impostors.pictures import UnreadablePictureError, compare_pictures, read_picture
from selfcheck.observe import observe
from selfcheck.observe.account import read_account
from selfcheck.observe.page_shapes import shape_of
from selfcheck.platforms.catalogue import load_platform, platform_text
from selfcheck.platforms.jsonpaths import find, mistake_in
from selfcheck.platforms.page_urls import handle_of_url, own_address, parse_handle, rebase, story_id
from selfcheck.platforms.saved_pages import own_addresses, title_of, visible_text
from selfcheck.replay.anonymise import Pseudonyms, people_of
from selfcheck.replay.sanitise import Sanitiser
from selfcheck.runs.render_github import annotations, summary
from selfcheck.runs.render_junit import junit
from selfcheck.schedule.render_crontab import MarksDoNotPairError, block, block_of, with_block, without_block
from selfcheck.schedule.state import ScheduleRegistry, read_state
from selfcheck.sessions.importing import session_in, session_of_header
from selfcheck.sessions.keys import SessionKeys
from selfcheck.sessions.session_token import PREFIX, import_
from selfcheck.settings.browser import browser_address
from selfcheck.settings.hosted import read_job, read_secrets
from selfcheck.settings.profiles import read_configuration
from selfcheck.settings.secrets import variables
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.stored_json import read_run

TESTS = Path(__file__).parents[1]
CASES = sorted((TESTS / "pages").glob("*/*/case.yaml"))
BODIES_OF_CASES = sorted((TESTS / "pages").glob("*/*/*.html"))
RUNS = sorted((TESTS / "samples" / "runs").glob("*/*"))
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Target:
    """One parser: how an input for it is made, and what reads it."""

    name: str
    make: Callable[[Random], Any]
    read: Callable[[Any, Path], object]  # the input, and a folder of its own
    errors: tuple[type[Exception], ...] = ()  # beside SelfcheckError

    def check(self, seed: int, folder: Path) -> None:
        """Read the input of this seed. Raises what no user should meet."""
        given = self.make(Random(f"{self.name} {seed}"))
        with suppress(SelfcheckError, *self.errors):
            self.read(given, folder)

    @cached_property
    def slug(self) -> str:
        """The name as a command takes it."""
        return self.name.replace(" ", "-")


TARGETS: list[Target] = []


def target(name: str, make: Callable[[Random], Any], *errors: type[Exception]) -> Callable[[Any], Any]:
    """Add what is decorated, which reads an input, to the targets."""

    def add(read: Any) -> Any:
        TARGETS.append(Target(name, make, read, errors))
        return read

    return add


@cache
def text_of(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@cache
def json_of(path: Path) -> Any:
    return json.loads(text_of(path))


@cache
def case_of(path: Path) -> dict[str, Any]:
    return dict(yaml.safe_load(text_of(path)))


def one_of(*values: str) -> Callable[[Random], str]:
    """Return what makes a changed form of one of the texts."""
    return lambda rng: changed_text(rng, rng.choice(values))


def changed_file(pattern: str) -> Callable[[Random], bytes]:
    """Return what makes a changed form of a file of the sample runs."""
    files = [path for run in RUNS for path in sorted(run.glob(pattern))]
    return lambda rng: as_bytes(json_text(rng, json_of(rng.choice(files))))


def stored(folder: Path, name: str, data: bytes) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


# -- pages: HTML, embedded state, feeds, lists, dates, headers ------------------------------------------

ADDRESSES = (
    "https://medium.com/@jane",
    "https://medium.com/@jane/a-story-0123456789ab?source=rss#top",
    "https://jane.medium.com/feed",
    "http://127.0.0.1:8123/p/0123456789ab",
    "https://[::1]:443/x;y=z?a=b&c",
    "https://user:pass@example.org/%2e%2e/graphql?query=%7Ba%7D",
)
DATES = (
    "Sat, 28 Nov 2026 19:00:00 GMT",
    "2026-11-28T19:00:00+01:00",
    "2026-11-28",
    "1764356400000",
    "3600",
)
HEADERS = ("date", "age", "x-robots-tag", "retry-after", "cf-mitigated", "server")


def page_of(rng: Random) -> tuple[Capture, str]:
    """Return one of our page cases with its HTML, JSON answers, headers or addresses changed."""
    path = rng.choice(CASES)
    case = case_of(path)
    viewpoint = rng.choice(list(case["views"]))
    view, body = case["views"][viewpoint], text_of(path.parent / f"{viewpoint}.html")
    other = text_of(rng.choice(BODIES_OF_CASES)) if rng.random() < 0.1 else ""
    html = changed_text(rng, body + other)
    content_type = view.get("content_type", "text/html")
    final = view.get("final_url", case["url"])
    headers = dict(view.get("headers", {}))
    if rng.random() < 0.5:
        headers[rng.choice(HEADERS)] = changed_text(rng, rng.choice((*DATES, "noindex", "otherbot: none")))
    is_html = content_type == "text/html"
    visit = PageRequest(
        profile="fuzz",
        kind=rng.choice(list(PageKind)) if rng.random() < 0.2 else PageKind(case["kind"]),
        url=changed_text(rng, case["url"]) if rng.random() < 0.2 else case["url"],
        viewpoints=(viewpoint,),
        folder="fuzz",
        handle="jane" if rng.random() < 0.8 else rng.choice(ODD_TEXTS),
        subject=case.get("subject", "") if rng.random() < 0.8 else rng.choice(ODD_TEXTS),
    )
    answers = view.get("answers", {})
    capture = Capture(
        visit=visit,
        viewpoint=viewpoint,
        started_at=NOW,
        finished_at=NOW,
        status=rng.choice((view["status"], view["status"], 200, 404, 429, 599, None)),
        headers=headers,
        content_type=content_type
        if rng.random() < 0.9
        else rng.choice(("application/rss+xml", "text/xml", "")),
        redirects=() if rng.random() < 0.8 else (Redirect(url=case["url"], status=302, location=final),),
        final_url=changed_text(rng, final) if rng.random() < 0.2 else final,
        title=title_of(LexborHTMLParser(html)) if is_html else "",
        text=visible_text(html) if is_html else html,
        html=html,
        json_responses=tuple(
            JsonResponse(
                url=url,
                status=200,
                body=changed_text(rng, answer if isinstance(answer, str) else str(answer)),
            )
            for url, answer in answers.items()
        ),
        truncated=rng.random() < 0.1,
    )
    return capture, rng.choice((path.parent.parent.name, path.parent.parent.name, "demo"))


@target("page", page_of)
def _(given: tuple[Capture, str], _folder: Path) -> None:
    capture, name = given
    platform = load_platform(name)
    observe(capture, platform, {"home": platform.home, "handle": "jane"})
    read_account(capture, platform, {"home": platform.home, "handle": "jane"})


FEED = """<?xml version="1.0"?><rss version="2.0"><channel><title>Jane</title><link>https://medium.com/@jane</link>
<item><title>One</title><link>https://medium.com/@jane/one-0123456789ab?source=rss</link>
<guid isPermaLink="false">https://medium.com/p/0123456789ab</guid>
<pubDate>Sat, 28 Nov 2026 19:00:00 GMT</pubDate></item></channel></rss>"""
ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:base="https://medium.com/"><entry><title>One</title>
<link href="/@jane/one-0123456789ab"/><id>tag:x</id><updated>2026-11-28T19:00:00Z</updated></entry></feed>"""


@target("feed", one_of(FEED, ATOM))
def _(body: str, _folder: Path) -> None:
    visit = PageRequest(
        profile="fuzz",
        kind=PageKind.FEED,
        url="https://medium.com/feed/@jane",
        viewpoints=(ANONYMOUS,),
        folder="fuzz",
        handle="jane",
    )
    capture = Capture(
        visit=visit,
        viewpoint=ANONYMOUS,
        started_at=NOW,
        finished_at=NOW,
        status=200,
        content_type="application/rss+xml",
        final_url=visit.url,
        text=body,
        html=body,
    )
    platform = load_platform("medium")
    observe(capture, platform, {"home": platform.home, "handle": "jane"})


STATE = (
    "<html><head><title>Jane</title></head><body><script>window.__APOLLO_STATE__ = {}</script>"
    '<article><a href="/@jane/x-0123456789ab">x</a></article></body></html>'
)
APOLLO: dict[str, Any] = {
    "ROOT_QUERY": {
        'userResult({"username":"jane"})': {"__ref": "User:1"},
        'postResult({"id":"0123456789ab"})': {"__ref": "Post:0123456789ab", "__typename": "Post"},
    },
    "User:1": {"__typename": "User", "id": "1", "username": "jane", "socialStats": {"followerCount": 12}},
    "Post:0123456789ab": {
        "__typename": "Post",
        "id": "0123456789ab",
        "mediumUrl": "https://medium.com/@jane/x-0123456789ab",
        "title": "x",
        "firstPublishedAt": 1764356400000,
        "visibility": "PUBLIC",
        "creator": {"__ref": "User:1"},
    },
}


@target("page state", lambda rng: (rng.choice((PageKind.PROFILE, PageKind.STORY)), json_text(rng, APOLLO)))
def _(given: tuple[PageKind, str], _folder: Path) -> None:
    kind, state = given
    html = STATE.replace("{}", state, 1)
    visit = PageRequest(
        profile="fuzz",
        kind=kind,
        url="https://medium.com/@jane",
        viewpoints=(AUTHOR,),
        folder="fuzz",
        handle="jane",
        subject="0123456789ab",
    )
    capture = Capture(
        visit=visit,
        viewpoint=AUTHOR,
        started_at=NOW,
        finished_at=NOW,
        status=200,
        content_type="text/html",
        final_url=visit.url,
        text=visible_text(html),
        html=html,
    )
    platform = load_platform("medium")
    observe(capture, platform, {"home": platform.home, "handle": "jane"})


PATHS = (
    "$.ROOT_QUERY[?startswith(#, 'postResult(') && search(#, '{story_id}') && @.__typename == 'Post']",
    "$..[?same_handle(@.username, 'jane')]",
    "$['Post:0123456789ab'].title",
    "$..*[?among(@.__ref, $..id)]",
    "$[?search(@.id, '(a+)+$')]",
)


@target("json path", lambda rng: (one_of(*PATHS)(rng), changed_json(rng, APOLLO)))
def _(given: tuple[str, Any], _folder: Path) -> None:
    path, document = given
    if mistake_in(path) is None:
        find(path, document, fold_case=True)


@target("export", lambda rng: page_of(rng)[0].html)
def _(html: str, _folder: Path) -> None:
    people = people_of(html, "jane", title_is_name=True)
    homes = {"https://jane.example": "https://medium.com"}
    Sanitiser(people, homes=homes, ids=("0123456789ab",), mail_hosts=("medium.com",)).text(html)


@target("redaction", page_of)
def _(given: tuple[Capture, str], _folder: Path) -> None:
    capture, _ = given
    finder = SecretFinder(secrets_of(storage_state_of(json.dumps(SESSION).encode(), source="the session")))
    public = finder.public(public_texts(replace(capture, html=capture.html[: len(capture.html) // 2])))
    redact(capture, finder, public=public, keep=("jane",), mails=True)


@target("saved page", lambda rng: page_of(rng)[0].html)
def _(html: str, _folder: Path) -> None:
    list(own_addresses(html))
    people = people_of(html, "jane", title_is_name=True)
    Pseudonyms(people)


# -- addresses -------------------------------------------------------------------------------------------


@target("address", one_of(*ADDRESSES))
def _(url: str, _folder: Path) -> None:
    platform = load_platform("medium")
    for read in (address_key, ascii_host, is_opened, is_private, ascii_address, is_link, clean_url):
        read(url)
    list(spellings(url))
    list(addresses_within(url))
    matches(url, "*medium.com/*")
    is_of_site(url, "medium.com")
    own_address(url)
    rebase(url, platform, "http://127.0.0.1:1/")
    story_id(url, platform)
    handle_of_url(url, platform)
    with suppress(ValueError):
        parse_handle(url, platform)


BODIES = (
    "query { a }",
    "mutation { b }",
    '{"operationName":"A","query":"query A($x: ID!) { user(id: $x) { name @include(if: true) } }"}',
    '[{"query":"subscription { a }"}]',
    '"""block""" query { a(s: "\\u006dutation") }',
)


@target("graphql", one_of(*BODIES))
def _(body: str, _folder: Path) -> None:
    only_queries(body, "application/json")
    only_queries(body)
    address = f"https://medium.com/graphql?query={body}"
    address_only_queries(address)
    may_act(address)


def request_of(rng: Random) -> OutgoingRequest:
    return OutgoingRequest(
        url=changed_text(rng, rng.choice(ADDRESSES)),
        method=rng.choice(("GET", "POST", "HEAD", "get", "")),
        kind=rng.choice(("Document", "XHR", "Fetch", "Image", "Other", "Ping", "")),
        referrer=rng.choice(("", *ADDRESSES)),
        body=rng.choice((None, changed_text(rng, rng.choice(BODIES)))),
        content_type=rng.choice(("", "application/json", "text/plain;charset=x")),
        overrides=rng.random() < 0.1,
    )


@target("request policy", request_of)
def _(request: OutgoingRequest, _folder: Path) -> None:
    platform = load_platform("medium")
    for author in (False, True):
        policy = PagePolicy(
            page_host="medium.com", author=author, own_hosts=platform.hosts, blocked=("*ads*",)
        )
        block_reason(request, policy)


HEAD = b"CONNECT medium.com:443 HTTP/1.1\r\nHost: medium.com:443\r\nProxy-Connection: keep-alive\r\n\r\n"
GET = b"GET http://example.org:80/a?b HTTP/1.1\r\nHost: example.org\r\nContent-Length: 3\r\n\r\n"


@target("proxy head", lambda rng: changed_bytes(rng, rng.choice((HEAD, GET))), HeadError)
def _(data: bytes, _folder: Path) -> None:
    head_of(data)


HELLO = (
    bytes.fromhex("16030100610100005d0303")
    + b"\x11" * 32
    + bytes.fromhex(
        "00000213010100003200100 00e000c02683208687474702f312e31000d00040002040300 2b0003020304".replace(
            " ", ""
        )
    )
    + b"\0" * 16
)


@target("client hello", lambda rng: changed_bytes(rng, HELLO))
def _(data: bytes, _folder: Path) -> None:
    offers_http2(data)


ANSWERS = (
    b"HTTP/1.1 200 OK\r\n\r\n",
    b"\x05\x02\x01\x00\x05\x00\x00\x01\x7f\x00\x00\x01\x00\x50",
    b"\x05\x02\x01\x00\x05\x00\x00\x03\x02ab\x00\x50",
)


@target(
    "user's proxy",
    lambda rng: (rng.choice(("http", "socks5")), changed_bytes(rng, rng.choice(ANSWERS))),
    UpstreamError,
)
def _(given: tuple[str, bytes], _folder: Path) -> None:
    scheme, answer = given
    upstream = Upstream()
    upstream.data_received(answer)
    upstream.connection_lost(None)
    proxy = UserProxy.of(f"{scheme}://u:w@proxy.example:1")
    assert proxy is not None
    asyncio.run(_asked(upstream, proxy))


async def _asked(upstream: Upstream, proxy: UserProxy) -> None:
    upstream.write = lambda _data: None  # type: ignore[method-assign]
    upstream.hang_up = lambda: None  # type: ignore[method-assign]
    await through_user_proxy(upstream, proxy, Endpoint("medium.com", 443), tunnel=True)


@target(
    "browser's address", one_of("wss://user:pass@browser.example:3000/x?token=a", "http://127.0.0.1:9222")
)
def _(text: str, _folder: Path) -> None:
    with suppress(ValueError):
        browser_address(text)


# -- settings --------------------------------------------------------------------------------------------

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
PROFILES = """settings:
  time_zone: Europe/Berlin
  watch: {every: 12h}
  alerts:
    reminder: 3d
    quiet: 22:00-07:00
    channels:
      - {kind: command, name: say, command: [echo, hi]}
  appeal: {name: Jane, from: jane@example.org}
profiles:
  - name: jane
    platform: medium
    handle: "@jane"
    story: https://medium.com/@jane/x-0123456789ab
"""


@target("profiles file", one_of(PROFILES, BOMB, PROFILES + BOMB))
def _(text: str, folder: Path) -> None:
    read_configuration(stored(folder, "profiles.yaml", as_bytes(text)))


@target("platform file", one_of(platform_text("demo"), platform_text("medium"), BOMB))
def _(text: str, folder: Path) -> None:
    data = as_bytes(text)
    load_platform(str(stored(folder, f"p{crc32(data)}.yaml", data)))


@target("secrets file", one_of('export A=b\nC="d"\n# x\nINPUT=1', "A=b\n"))
def _(text: str, _folder: Path) -> None:
    variables(text, source="secrets.env")


HOSTED = {
    "GITHUB_REPOSITORY": "jane/watch",
    "GITHUB_SERVER_URL": "https://github.com",
    "INPUT_PROFILES": "profiles.yaml",
    "INPUT_PROFILE": "all",
    "INPUT_FAIL_ON": "suspended, hidden",
    "INPUT_HISTORY": "branch",
    "INPUT_DATA_BRANCH": "selfcheck-data",
    "INPUT_ISSUES": "true",
    "INPUT_RETENTION": "30",
    "INPUT_SESSIONS": "jane = selfcheck-session-1:abc",
}


@target(
    "hosted job", lambda rng: {**HOSTED, (key := rng.choice(list(HOSTED))): changed_text(rng, HOSTED[key])}
)
def _(environ: dict[str, str], _folder: Path) -> None:
    with suppress(SelfcheckError):
        read_secrets(environ)
    read_job(environ, cron="", public=True)


# -- sessions --------------------------------------------------------------------------------------------

COOKIE = {
    "name": "sid",
    "value": "1:abc",
    "domain": ".medium.com",
    "path": "/",
    "expires": 1790000000.5,
    "httpOnly": True,
    "secure": True,
    "sameSite": "Lax",
}
SESSION = {
    "cookies": [COOKIE, {**COOKIE, "name": "uid"}],
    "origins": [{"origin": "https://medium.com", "localStorage": [{"name": "a", "value": "b"}]}],
}
COOKIES_TXT = (
    "# Netscape HTTP Cookie File\n.medium.com\tTRUE\t/\tTRUE\t1790000000\tsid\t1:abc\n"
    "#HttpOnly_medium.com\tFALSE\t/\tFALSE\t0\tuid\tx\n"
)


@target("storage state", lambda rng: as_bytes(json_text(rng, SESSION)))
def _(data: bytes, _folder: Path) -> None:
    storage_state_of(data, source="the session")


@cache
def keys() -> SessionKeys:
    folder = Path(tempfile.gettempdir()) / "selfcheck-fuzz-no-such-folder"
    return SessionKeys({}, file=folder / "key", ask=None)


LINE = PREFIX + "YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBh"


@target("session file", one_of(json.dumps(SESSION), COOKIES_TXT, LINE))
def _(text: str, _folder: Path) -> None:
    session_in(as_bytes(text), source="a file", keys=keys())


@target("cookies.txt", one_of(COOKIES_TXT))
def _(text: str, _folder: Path) -> None:
    session_in(as_bytes(COOKIES_TXT[:28] + text), source="cookies.txt", keys=keys())


@target("session in the environment", one_of(LINE))
def _(text: str, _folder: Path) -> None:
    import_(text, keys(), what="The session in SELFCHECK_SESSION_JANE")


@target("cookie header", one_of("Cookie: sid=1:abc; uid=x; a=", "sid=1"))
def _(header: str, folder: Path) -> None:
    profile = _configuration().profiles[0]
    session_of_header(header, profile, load_platform("medium"))


@cache
def _configuration() -> Any:
    with tempfile.TemporaryDirectory() as folder:
        return read_configuration(stored(Path(folder), "profiles.yaml", PROFILES.encode()))


# -- what was stored -------------------------------------------------------------------------------------


@target("run.json", changed_file("run.json"))
def _(data: bytes, _folder: Path) -> None:
    read_run(data, name="run.json")


@target("case file", changed_file("*/case.json"))
def _(data: bytes, _folder: Path) -> None:
    read_case(data, name="case.json")


@target("look file", changed_file("*/*/anonymous.look.json"))
def _(data: bytes, _folder: Path) -> None:
    look = read_look(data, name="look.json")
    stored_capture(look, "<p>x</p>", folder="a")
    headers_text(look)
    archived_page(look, b"<p>x</p>")


PLATFORM = json.loads(platform_json(StoredPlatform(platform=load_platform("demo"), shipped=False)))


@target("platform data", lambda rng: as_bytes(json_text(rng, PLATFORM)))
def _(data: bytes, _folder: Path) -> None:
    read_platform(data, name="platform.json").today()


@target("manifest", changed_file("**/manifest.json"))
def _(data: bytes, folder: Path) -> None:
    list_bytes(stored(folder, "manifest.json", data))
    for form in (Manifest, Part, Seal, EvidenceManifest):
        with suppress(SelfcheckError):
            read_list(form, data, name="manifest.json")


LOOKS = [path for run in RUNS for path in sorted(run.glob("*/*/anonymous.look.json"))]


def author_pages(rng: Random) -> bytes:
    pages = [{"look": json_of(rng.choice(LOOKS)), "html": "<p>x</p>"}]
    return as_bytes(json_text(rng, {"schema": "selfcheck.author-pages/1", "pages": pages}))


@target("author pages", author_pages)
def _(data: bytes, _folder: Path) -> None:
    read_author_pages(data, name="author.json")


A_SHAPE = next(shape for seed in range(99) if (shape := shape_of(page_of(Random(seed))[0])) is not None)
LEARNED = json.loads(learned_json({"https://medium.com/@jane": A_SHAPE}))


@target("learned.json", lambda rng: as_bytes(json_text(rng, LEARNED)))
def _(data: bytes, folder: Path) -> None:
    stored(folder, "learned.json", data)
    read_learned(folder, "learned.json")


SAID = {
    "schema": "selfcheck.journal/1",
    "what": "said",
    "incident": "jane-20261121-1",
    "profile": "jane",
    "first_bad_run": "20261121T075458Z-mexctn",
    "at": "2026-11-28T19:00:00.000000Z",
    "kind": "answered",
    "text": "x",
    "message_id": None,
}
SENT = {
    **SAID,
    "what": "delivery",
    "channel": "mail",
    "ok": True,
    "detail": "",
}


@target("journal", lambda rng: "\n".join(json_text(rng, rng.choice((SAID, SENT))) for _ in range(3)))
def _(text: str, folder: Path) -> None:
    read_journal(stored(folder, "journal.jsonl", as_bytes(text)))


SCHEDULE = {
    "schema": "selfcheck.turn/1",
    "rhythm": "every 12h",
    "since": "2026-11-28T19:00:00+00:00",
    "last_started": "2026-11-28T19:00:00+00:00",
    "last_ended": None,
    "last_exit_code": 0,
    "next_due": "2026-11-28T19:00:00+00:00",
    "runs": 3,
}


@target("schedule state", lambda rng: as_bytes(json_text(rng, SCHEDULE)))
def _(data: bytes, folder: Path) -> None:
    data_folder = DataFolder(folder)
    stored(folder, data_folder.schedule_state("a").relative_to(folder).as_posix(), data)
    read_state(data_folder, "a")


INSTALLED = {
    "schema": "selfcheck.schedule/1",
    "name": "a",
    "manager": "cron",
    "rhythm": ["--at", "08:15"],
    "time_zone": "Europe/Berlin",
    "times": ["08:15"],
    "zone": "UTC",
    "jitter": 0,
    "data": "/x",
    "words": ["selfcheck"],
    "files": [],
    "at": "2026-11-28T19:00:00+00:00",
}


@target("installed schedule", lambda rng: as_bytes(json_text(rng, INSTALLED)))
def _(data: bytes, folder: Path) -> None:
    registry = ScheduleRegistry(folder)
    stored(folder, registry._path("a").relative_to(folder).as_posix(), data)
    registry.get("a")


PAUSED = {"platform": "medium", "host": "medium.com", "until": DATES[1], "asked_at": DATES[1], "times": 1}
BACKOFF = {"schema": "selfcheck.backoff/1", "platforms": [PAUSED]}


@target("backoff", lambda rng: as_bytes(json_text(rng, BACKOFF)))
def _(data: bytes, folder: Path) -> None:
    stored(folder, DataFolder(folder).backoff.relative_to(folder).as_posix(), data)
    read_backoffs(DataFolder(folder))


def zip_of(rng: Random) -> bytes:
    """Return an evidence ZIP with odd names, changed lists and changed bytes."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(RUNS[0].glob("**/manifest.json")):
            name = path.relative_to(RUNS[0].parent).as_posix()
            if rng.random() < 0.1:
                name = changed_text(rng, name).replace("\ud800", "").replace("\udcff", "")[:200]
            archive.writestr(zipfile.ZipInfo(name or "x"), as_bytes(json_text(rng, json_of(path))))
        manifest = {"schema": "selfcheck.evidence/1", "incident": {}, "tool": {}, "runs": [], "files": []}
        archive.writestr(zipfile.ZipInfo("manifest.json"), as_bytes(json_text(rng, manifest)))
    data = packed.getvalue()
    return changed_bytes(rng, data) if rng.random() < 0.7 else data


@target("evidence zip", zip_of, UnreadableError)
def _(data: bytes, folder: Path) -> None:
    source = ZipSource(stored(folder, "evidence.zip", data))
    try:
        verify_evidence(source, target="evidence.zip")
    finally:
        source.close()


PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010802000000907753de0000000c49444154789c63f8cfc000000301"
    "010018dd8db00000000049454e44ae426082"
)


def small_pictures() -> tuple[bytes, ...]:
    """Return a picture in each form that is compared."""
    pictures = []
    for form in ("PNG", "JPEG", "GIF", "WEBP", "BMP"):
        held = io.BytesIO()
        Image.linear_gradient("L").resize((30, 40)).convert("RGB").save(held, form)
        pictures.append(held.getvalue())
    return tuple(pictures)


ACCOUNT_PICTURES = small_pictures()


@target(
    "account picture", lambda rng: changed_bytes(rng, rng.choice(ACCOUNT_PICTURES)), UnreadablePictureError
)
def _(data: bytes, _folder: Path) -> None:
    picture = read_picture(data)
    compare_pictures(picture, picture)


@target(
    "account name",
    lambda rng: (
        one_of("Jane Harrow", "jane_h4rrow", "\u0419\u0430\u043d\u0430")(rng),
        changed_text(rng, "Jane"),
    ),
)
def _(given: tuple[str, str], _folder: Path) -> None:
    compare_names(*given)
    compare_names(*reversed(given))


@target("picture", lambda rng: changed_bytes(rng, PIXEL), ValueError, OSError)
def _(data: bytes, _folder: Path) -> None:
    size_of(data)
    list(chunks(data))
    without_text(data)
    cut(data, 1)


@cache
def stamp() -> tuple[bytes, Any]:
    """Return an answer of an authority, and its root. Its keys are others in each process."""
    authority = Authority()
    request = TimestampRequestBuilder().data(b"seal").build().as_bytes()
    return authority.answer(request), authority.root


@target("time stamp", lambda rng: changed_bytes(rng, stamp()[0]))
def _(data: bytes, _folder: Path) -> None:
    check_stamp("seal.1.tsr", data, b"seal", (stamp()[1],))


# -- other programs' answers -----------------------------------------------------------------------------

ISSUE = {
    "number": 1,
    "html_url": "https://github.com/jane/watch/issues/1",
    "state": "open",
    "body": "<!-- selfcheck-incident: jane-20261121-1 -->",
    "user": {"type": "Bot"},
    "author_association": "OWNER",
    "comments": 1,
}


@target("github answer", lambda rng: json_text(rng, [ISSUE]) + rng.choice(("", "[]", "{")))
def _(text: str, _folder: Path) -> None:
    tracker = IssueTracker("jane/watch", lambda *_: text)
    tracker.find("jane-20261121-1")


CRONTAB = b"0 8 * * * /bin/true\n" + block("jane", ("15 8 * * * selfcheck watch",)) + b"MAILTO=x\n"


@target("crontab", lambda rng: changed_bytes(rng, CRONTAB), MarksDoNotPairError)
def _(crontab: bytes, _folder: Path) -> None:
    block_of(crontab, "jane")
    assert block_of(without_block(with_block(crontab, "tom", ("x",)), "tom"), "tom") is None


@target("date header", one_of(*DATES))
def _(text: str, _folder: Path) -> None:
    retry_after(text, NOW)


# -- what is rendered ------------------------------------------------------------------------------------

LETTERS = ("Dear support,\n\n[picture: my page]\n\nhttps://medium.com/@jane is gone.\n- one\n- two\n",)


@target("mail", lambda rng: (one_of(*LETTERS)(rng), one_of("jane@example.org", "Jane <j@x.org>")(rng)))
def _(given: tuple[str, str], _folder: Path) -> None:
    text, sender = given
    plain_text(text)
    body = MailBody(text=text, language="en")
    letter_html(body, title=text)
    draft = mail(Envelope(to=("help@medium.com",), subject=text, sender=sender, reply_to=sender), body)
    draft_bytes(draft)
    sent = to_be_sent(draft, at=NOW, message_id=message_id("jane@example.org", "i", "r"))
    draft_bytes(sent)


@cache
def run_document() -> Any:
    return everything()


@target("run formats", lambda rng: tuple(changed_text(rng, rng.choice(LETTERS)) for _ in range(3)))
def _(texts: tuple[str, ...], _folder: Path) -> None:
    run = run_document()
    odd = tuple(
        replace(profile, summary=texts[0], handle=texts[1], notes=texts, next_steps=texts)
        for profile in run.profiles
    )
    result = replace(run, profiles=odd, failures=texts)
    junit(result).encode("utf-8")
    annotations(result)
    summary(result)
    for text in texts:
        markdown_text(text)
        terminal_text([one_line(text)], width=80, colour=True).encode("utf-8")
        ascii_text(text)


# -- times -----------------------------------------------------------------------------------------------


@target("duration", one_of("12h", "1d12h", "90 m", "3w"), ValueError)
def _(text: str, _folder: Path) -> None:
    span = parse_duration(text)
    compact_duration(span)
    duration_words(span)


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "UTC")


def moment_of(rng: Random) -> tuple[str, str, datetime]:
    at = (
        changed_text(rng, "02:30") if rng.random() < 0.5 else f"{rng.randrange(24):02}:{rng.randrange(60):02}"
    )
    return (
        at,
        rng.choice(ZONES),
        datetime(2020, 1, 1, tzinfo=UTC) + timedelta(minutes=rng.randrange(12 * 525_600)),
    )


@target("schedule", moment_of, ValueError)
def _(given: tuple[str, str, datetime], _folder: Path) -> None:
    at, zone, moment = given
    parse_time(at)
    schedule = parse_schedule(every=None, at=(at,), zone=zone)
    later = next_due(schedule, due=moment, started=moment, ended=moment + timedelta(minutes=3))
    assert moment < later <= moment + timedelta(days=3), (given, later)
    later.astimezone(ZoneInfo("Europe/Berlin"))
