"""A page made fit for a bug report: planted secrets and names are gone, in every form in which they stood."""

import base64
import importlib.util
import json
import random
import re
import shutil
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from urllib.parse import quote

import pytest
from quick_yaml import yaml_file

from selfcheck.errors import StorageError, UsageError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.replay.anonymise import People, people_of
from selfcheck.replay.fixture_export import export, sanitised_capture
from selfcheck.replay.sanitise import Sanitiser

SAMPLES = Path(__file__).parents[1] / "samples" / "runs"
RUN = max(SAMPLES.glob("*/*"))

HANDLE, NAME = "zdenkalukic", "Zdenka Lukić"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ6ZGVua2EifQ.s1gn4tur3"
IDENT = "b2c3d4e5f6a1"
LINK = quote(f"https://medium.com/@{HANDLE}?name={NAME}", safe="")
TWICE = quote(quote(f"/@{HANDLE} {NAME}"))
STATE = {
    "session": {"xsrf": "xs1234rf", "user": {"id": "lo_5e1f0c0ffee5", "email": "zdenka@lukic.example"}},
    "viewer": {"username": "ZdenkaLukic", "name": NAME, "twitterScreenName": "zedlu_writes"},
    "reader": {"__typename": "User", "username": "other.reader", "name": "Otto Renz"},
    "token": JWT,
    "story": {"id": "b2c3d4e5f6a1", "csrfToken": "c5rf-value", "address": "203.0.113.77"},
}
PAGE = f"""<!doctype html><html><head><title>{NAME} \u2013 Medium</title>
<meta name="csrf-token" content="plant3d-meta"><meta name="author" content="{NAME}">
<script nonce="plant3dn0nce">document.cookie = "sid=plant3d-cookie; path=/";</script>
<script>window.__STATE__ = {json.dumps(STATE)}; var inner = {json.dumps(json.dumps(STATE))};</script>
</head><body><h1>{NAME.upper()}</h1><a href="/@{HANDLE}">Zdenka Luki&#263;</a>
<a href="/redirect?to={LINK}&amp;access_token=plant3d-param">x</a>
<a href="/@{HANDLE.upper()}/what-zdenka-lukic-said-b2c3d4e5f6a1">What Zdenka said</a>
<a href="/@other.reader">Otto Renz</a>
<input type="hidden" name="authenticity_token" value="plant3d-input">
<p>Write to zdenka.l+news@mail.example or {quote("zdenka@lukic.example", safe="")}, your IP 203.0.113.77 or
2a02:810d:8a40:1c2b:91ff:23aa:1111:2222; ray 8f1e2d3c4b5a6978. Lukić wrote it, trust@medium.com answers.</p>
<p>Authorization: Bearer plant3d.bearer.value and key AKIA9x8Yv7Uz6Tq5Rw4Kp3Jm2 at {TWICE}</p>
<script>var f = "\\u002FAbc9Def8Ghi7Jkl6Mno5Pqr4 \\u002Fzdenka@mail.example \\n{HANDLE} %2F{IDENT}";</script>
<img src="data:image/png;base64,{base64.b64encode(bytes(range(90))).decode()}">
</body></html>"""

PLANTED = [
    "plant3d",
    "xs1234rf",
    "c5rf-value",
    JWT[:20],
    "5e1f0c0ffee5",
    "b2c3d4e5f6a1",
    "8f1e2d3c4b5a6978",
    "AKIA9x8Yv7",
    "203.0.113.77",
    "2a02:810d",
    "lukic.example",
    "mail.example",
    "zedlu_writes",
    "other.reader",
    "Otto Renz",
    "zdenka",
    "lukic",
    "lukić",
    quote("Lukić"),
    "luki\\u0107",
    "luki\\\\u0107",
    "luki&#263;",
    quote(quote("Lukić")),
    "AAECAwQFBg",
    "Abc9Def8",
]


def sanitised(page: str = PAGE) -> str:
    people = people_of(page, HANDLE, title_is_name=True)
    keep = ("Medium", "medium")
    homes = {"http://127.0.0.1:9": "https://medium.com"}
    return Sanitiser(people, homes=homes, keep=keep, mail_hosts=["medium.com"]).text(page)


@pytest.mark.parametrize("planted", PLANTED)
def test_nothing_that_was_planted_is_left(planted: str) -> None:
    assert planted.lower() in PAGE.lower(), "not planted"
    assert planted.lower() not in sanitised().lower()


def test_pseudonyms_keep_case_and_form_and_are_consistent() -> None:
    clean = sanitised()
    assert "<title>Jane Example \N{EN DASH} Medium</title>" in clean
    assert "<h1>JANE EXAMPLE</h1>" in clean
    assert re.search(r'href="/@JANE/what-jane-example-said-[0-9a-f]{12}"', clean)
    (story,) = set(re.findall(r"said-([0-9a-f]{12})", clean))
    assert f'"story": {{"id": "{story}"' in clean


def test_what_the_page_says_of_itself_stays() -> None:
    clean = sanitised()
    assert "trust@medium.com answers" in clean
    assert '"__typename": "User"' in clean
    state = json.loads(clean.split("window.__STATE__ = ")[1].split("; var inner")[0])
    assert state["session"]["xsrf"] == "removed"
    assert state["viewer"]["username"] == "Jane"
    assert json.loads(json.loads(clean.split("var inner = ")[1].split(";</script>")[0])) == state


def test_an_escape_before_a_secret_stays_whole() -> None:
    far = sanitised().split("var f = ")[1].split(";</script>")[0]
    assert re.fullmatch(r"/[0-9a-f]{24} /mail@example\.org \njane %2F[0-9a-f]{12}", json.loads(far))


def test_a_page_is_sanitised_alike_twice() -> None:
    assert sanitised() == sanitised()


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"author": {"role": "x"}}', id="an author is no authorisation"),
        pytest.param('{"xsrf": ""}', id="an empty token tells nothing"),
        pytest.param("at 12:34:56 on 2026-11-21T07:36:09Z", id="a time is no address"),
        pytest.param("/static/homepagePostsConnection.min.js", id="a long word is no token"),
        pytest.param("a-very-long-slug-that-a-person-wrote-in-2026", id="a slug is no token"),
        pytest.param("1604696400000", id="a moment in milliseconds is no id"),
        pytest.param(
            "https://cdn.example/npm/pkg@1.2.3/dist.js", id="a package's version is no mail address"
        ),
        pytest.param("listening on 127.0.0.1", id="the machine's own address is not private"),
    ],
)
def test_what_is_not_a_secret_stays(text: str) -> None:
    assert sanitised(text) == text


NUMBERS = random.Random(7)
GROWING = {  # parts of which a hostile page is made again and again
    "ids": lambda: f"{NUMBERS.getrandbits(128):032x} ",
    "tokens": lambda: "token" * 500,
    "halves of a JWT": lambda: "eyJ" * 500,
    "tags without an end": lambda: "<input name=" * 500,
    "names in a tag without an end": lambda: "<input name='token' " * 500,
    "backslashes": lambda: "\\" * 500,
    "quotes without an end": lambda: 'token:"' + "\\" * 500,
    "brackets without an end": lambda: '<script>{"a":' * 500,
}


@pytest.mark.parametrize("part", GROWING.values(), ids=GROWING)
def test_a_hostile_page_takes_no_more_time_than_its_size(part: Callable[[], str]) -> None:
    """Some took minutes when they were read again from every letter; each takes a twentieth of the limit."""
    text = ""
    while len(text) < 50_000:
        text += part()
    begun = time.process_time()
    people_of(text, "jane", title_is_name=True)
    Sanitiser(People(handle="jane"), homes={}).text(text)
    assert time.process_time() - begun < 3.0


def page_case_checks() -> ModuleType:
    """The tests of the page cases, as a module of their own, so that they can check a case elsewhere."""
    path = Path(__file__).parents[1] / "observe" / "test_page_cases.py"
    spec = importlib.util.spec_from_file_location("page_case_checks", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


CHECKS = page_case_checks()


@pytest.mark.parametrize(("folder", "viewpoint"), CHECKS.cases())
def test_what_the_marks_look_at_stays(folder: Path, viewpoint: str) -> None:
    """No page case says anything else once names, ids and secrets are replaced."""
    case = yaml_file(folder / "case.yaml")
    platform = load_platform(folder.parent.name)
    html = (folder / f"{viewpoint}.html").read_text(encoding="utf-8")
    handle = case.get("handle", CHECKS.HANDLE)
    values = {"home": platform.home, "handle": handle}
    # The answers that a page fetched are never exported.
    before = replace(CHECKS.capture(case, viewpoint, html), json_responses=())
    names = people_of(html, handle, title_is_name=case["kind"] == "profile")
    names = names if observe(before, platform, values).outcome == "shown" else People(handle=handle)
    after = sanitised_capture(before, platform, platform.home, names)

    told = [CHECKS.told(observe(one, platform, values)) for one in (before, after)]

    wanted = ("outcome", "mark", "signed_in", "signs", "noindex", "facts")
    assert {name: told[1][name] for name in wanted} == {name: told[0][name] for name in wanted}


# -- exported from a run ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "page"),
    [
        pytest.param("healthy", "profile", id="a healthy profile"),
        pytest.param("healthy", "feed", id="a feed"),
        pytest.param("silently-suspended", None, id="the page that decided"),
        pytest.param("story-removed", "story-f857096d61d8", id="a story that was removed"),
        pytest.param("story-blurred", None, id="a blurred story"),
        pytest.param("hidden", "profile/look-2", id="a second look"),
        pytest.param("cached-flip", "profile/demo.profile-json", id="a fallback that is JSON"),
        pytest.param("bot-wall", None, id="a bot wall"),
    ],
)
def test_an_exported_page_can_be_dropped_among_the_page_cases(
    tmp_path: Path, profile: str, page: str | None
) -> None:
    folder = tmp_path / "pages" / "demo" / "exported"
    done = export(RUN, folder, profile=profile, page=page, platform_file=None)
    assert done.same

    CHECKS.test_a_page_says_what_is_expected(folder, "anonymous")
    CHECKS.test_a_page_says_the_same_on_another_address(folder, "anonymous")
    case = yaml_file(folder / "case.yaml")
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    assert set(case["views"]) == set(expected) == {one.stem for one in folder.glob("*.html")}


@pytest.mark.parametrize("profile", ["healthy", "silently-suspended", "hidden", "story-blurred"])
def test_no_handle_name_or_address_of_the_run_is_left_in_a_case(tmp_path: Path, profile: str) -> None:
    result = json.loads((RUN / "run.json").read_bytes())
    one = next(row for row in result["profiles"] if row["name"] == profile)
    handle = one["handle"].removeprefix("@")
    pages = [row["folder"] for row in one["pages"] if (RUN / row["folder"] / "anonymous.html").is_file()]
    for number, page in enumerate(pages):
        export(RUN, tmp_path / str(number), profile=profile, page=page, platform_file=None)
    written = "".join(path.read_text(encoding="utf-8") for path in tmp_path.rglob("*.*")).lower()
    names = {handle, handle.replace("-", " "), *handle.split("-")}
    assert len(pages) > 1
    assert [word for word in (*names, "127.0.0.1") if re.search(rf"\b{re.escape(word)}\b", written)] == []


def test_a_case_is_not_written_over_another(tmp_path: Path) -> None:
    (tmp_path / "case.yaml").write_text("mine")
    with pytest.raises(StorageError, match="not empty"):
        export(RUN, tmp_path, profile="healthy", page="profile", platform_file=None)
    assert (tmp_path / "case.yaml").read_text() == "mine"


@pytest.mark.parametrize(
    ("profile", "page", "words"),
    [
        pytest.param(None, None, "several profiles", id="of several profiles one must be named"),
        pytest.param("nobody", None, "no profile nobody", id="a profile that is not there"),
        pytest.param(
            "healthy", "story-x", "no logged-out page load in story-x", id="a page that is not there"
        ),
        pytest.param(
            "healthy", "stats", "no logged-out page load in stats", id="the author's pages are not stored"
        ),
    ],
)
def test_what_cannot_be_exported_is_reported(
    tmp_path: Path, profile: str | None, page: str | None, words: str
) -> None:
    with pytest.raises(UsageError, match=words):
        export(RUN, tmp_path / "new", profile=profile, page=page, platform_file=None)
    assert not (tmp_path / "new").exists()


def test_a_mark_that_needs_what_was_replaced_is_noticed(tmp_path: Path) -> None:
    """A suspended page whose sentence is broken by a name that is a word of it."""
    run = Path(shutil.copytree(RUN, tmp_path / "run"))
    path = run / "silently-suspended" / "profile" / "anonymous.html"
    page = path.read_text(encoding="utf-8")
    mark = '<script>var x = {"author": {"username": "jonah-vey", "name": "Violation Rules"}}</script>'
    path.write_text(page.replace("</head>", f"{mark}</head>"), encoding="utf-8")
    look = path.with_name("anonymous.look.json")
    document = json.loads(look.read_bytes())
    look.write_text(json.dumps({**document, "status": 200, "title": "x"}), encoding="utf-8")
    done = export(run, tmp_path / "case", profile="silently-suspended", page="profile", platform_file=None)
    assert "violation" not in (tmp_path / "case" / "anonymous.html").read_text(encoding="utf-8").lower()
    assert done.says.outcome in {done.said.outcome, "unrecognised"}
