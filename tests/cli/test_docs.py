"""The documents say what is so: commands, rules, words, links, counts, and an example that works."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from enum import StrEnum
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from random import Random
from threading import Thread

import click
import generate_docs
import pytest
import rotation
from click.testing import CliRunner
from pydantic import BaseModel

from selfcheck.cli import COMMANDS, cli
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, SignKind, Strength, Verdict
from selfcheck.core.request import ProfileRequest
from selfcheck.core.run import ExitCode
from selfcheck.judge.rules import RULES, Layer
from selfcheck.platforms import schema
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.templates import FIELDS
from selfcheck.runs.controls import drawn_controls
from selfcheck.runs.plan import first_pages, story_page

ROOT = generate_docs.ROOT
EXAMPLE = ROOT / "docs" / "examples" / "myblog.yaml"
MARKDOWN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


# -- generated parts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", generate_docs.DOCUMENTS)
def test_the_generated_parts_are_as_they_would_be_made_now(name: str) -> None:
    assert read(name) == generate_docs.generated(read(name)), "run: python tests/support/generate_docs.py"


def test_every_command_has_its_help_in_the_documents() -> None:
    parts = generate_docs.parts_of(read("docs/commands.md"))
    assert parts == tuple(" ".join(("help", *words)) for words in generate_docs.command_words())


def test_the_help_in_the_documents_is_what_a_terminal_shows() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "selfcheck", "session", "import", "--help"],
        capture_output=True,
        text=True,
        check=True,
        env={"COLUMNS": "80", "PATH": ""},
    )
    assert done.stdout.strip() in read("docs/commands.md")


def test_every_rule_that_can_fire_is_explained() -> None:
    text = read("docs/rules.md")
    assert generate_docs.parts_of(text) == tuple(f"rules {layer.name.lower()}" for layer in Layer)
    source = "".join(path.read_text("utf-8") for path in (ROOT / "selfcheck" / "judge").glob("*.py"))
    fired = {*re.findall(r'\b(?:rule|id)="([a-z-]+\.[a-z-]+)"', source), *(rule.id for rule in RULES)}
    assert "stats.zero-day" in fired
    assert [rule for rule in sorted(fired) if f"`{rule}`" not in text] == []


# -- what the texts name ---------------------------------------------------------------------------------


def named_commands(text: str) -> Iterator[list[str]]:
    """Yield the words of each `selfcheck …` and `python3 bootstrap.py …` in code."""
    text = re.sub(r"```text\n.*?```", "", text, flags=re.DOTALL)
    for code in re.findall(r"```(?:sh|yaml)?\n(.*?)```|`([^`\n]+)`", text, re.DOTALL):
        for line in "\n".join(code).splitlines():
            found = re.search(r"(?:^|&& |\s)(?:selfcheck|python3 bootstrap\.py) ([a-z][^#>|]*)", line)
            if found and not line.lstrip().startswith("#"):
                yield found.group(1).split()


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_commands_and_options_that_a_text_names_exist(path: Path) -> None:
    for words in named_commands(path.read_text("utf-8")):
        if words[0] == "test":  # bootstrap's own word
            continue
        assert words[0] in COMMANDS, words
        command = cli.get_command(click.Context(cli), words[0])
        subcommands = command.commands if isinstance(command, click.Group) else {}
        sub = words[: 2 if words[1:2] and words[1] in subcommands else 1]
        shown = CliRunner().invoke(cli, [*sub, "--help"])
        assert shown.exit_code == 0, words
        for option in (word for word in words if word.startswith("--")):
            assert option in shown.output, words


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_what_a_text_links_to_is_there(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text("utf-8"), flags=re.DOTALL)
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        linked = path.parent / name if name else path
        assert linked.exists(), target
        if anchor:
            heads = re.findall(r"^#+ (.+)$", linked.read_text("utf-8"), re.MULTILINE)
            assert anchor in {re.sub(r"[^\w -]", "", head).lower().replace(" ", "-") for head in heads}, (
                target
            )


@pytest.mark.parametrize("path", MARKDOWN, ids=lambda path: path.name)
def test_files_that_a_text_names_in_the_project_are_there(path: Path) -> None:
    named = re.findall(r"`((?:selfcheck|tests|docs)/[\w./-]+\.(?:py|yaml|json|md))`", path.read_text("utf-8"))
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_pictures_are_small_and_described() -> None:
    shown = re.findall(r"!\[([^\]]*)\]\(([^)]+)\)", read("README.md"))
    assert len(shown) == 3
    for words, name in shown:
        assert len(words) > 20, name
        assert (ROOT / name).stat().st_size < 150_000, name


def test_the_readme_is_short_and_leads_with_the_two_commands() -> None:
    lines = read("README.md").splitlines()
    assert len(lines) < 200
    assert len(read("README.md").split()) <= 1_200
    first = "\n".join(lines[:10])
    assert "python3 bootstrap.py run" in first
    assert "python3 bootstrap.py test" in first


@pytest.mark.parametrize(
    ("name", "words"),
    [
        pytest.param("README.md", Verdict, id="the verdicts are in the README"),
        pytest.param("docs/results.md", Verdict, id="the verdicts are in the document on results"),
        pytest.param("docs/ontology.md", Verdict, id="the verdicts are in the ontology"),
        pytest.param("docs/ontology.md", Outcome, id="the outcomes are in the ontology"),
        pytest.param("docs/platform-files.md", Outcome, id="the outcomes are in the reference"),
        pytest.param("docs/ontology.md", SignKind, id="the signs are in the ontology"),
        pytest.param("docs/platform-files.md", SignKind, id="the signs are in the reference"),
        pytest.param("docs/ontology.md", PageKind, id="the kinds of page are in the ontology"),
        pytest.param("docs/ontology.md", Strength, id="the strengths are in the ontology"),
    ],
)
def test_every_word_of_the_contract_is_explained(name: str, words: type[StrEnum]) -> None:
    text = read(name)
    assert [word for word in words if f"`{word.value}`" not in text] == []


def test_every_exit_code_is_explained() -> None:
    results, commands = read("docs/results.md"), read("docs/commands.md")
    for text in (read("README.md"), results):
        assert [code for code in ExitCode if f"`{code.value}` " not in text] == []
    assert [code for code in ExitCode if f"\n| {code.value} |" not in commands] == []


# -- page views ------------------------------------------------------------------------------------------


def views_of(profile: ProfileRequest) -> dict[str, int]:
    """Count the page views of a run on Medium in which nothing is looked at twice."""
    medium = load_platform("medium")
    visits = [*first_pages(profile, medium, signed_in=True)]
    visits += filter(None, (story_page(profile, medium, f"https://medium.com/p/{n:012x}") for n in range(5)))
    drawn = drawn_controls(profile, medium, Random(1))
    kinds = {(one.kind, one.page) for one in drawn}  # one of each kind is looked at, for each kind of page
    count = {who: sum(who in visit.viewpoints for visit in visits) for who in (ANONYMOUS, AUTHOR)}
    return {**count, ANONYMOUS: count[ANONYMOUS] + len(kinds)}


@pytest.mark.parametrize("name", ["README.md", "docs/polite-use.md"])
def test_the_page_views_of_a_run_are_counted_rightly(name: str) -> None:
    profile = ProfileRequest(name="jane", platform="medium", handle="jane", publications=("my-pub",))
    assert views_of(profile) == {ANONYMOUS: (1 + 5 + 2) + 3, AUTHOR: 1 + 5 + 2}
    text, limits = read(name), load_platform("medium").limits
    assert "makes 11 page views logged out and 8 as you" in text
    assert f"makes at most {rotation.MOST[ANONYMOUS]} and {rotation.MOST[AUTHOR]}," in text
    slowest = limits.gap_seconds + limits.jitter_seconds
    assert f"{limits.gap_seconds:g} to {slowest:g} seconds between two" in text
    assert f"stops at {limits.page_views} page views" in text
    assert f"stop at {limits.page_views_a_day} within 24 hours" in text


# -- platform files --------------------------------------------------------------------------------------

PARTS = [
    one
    for one in vars(schema).values()
    if isinstance(one, type) and issubclass(one, schema.Strict) and one is not schema.Strict
]


def keys_of(title: str) -> dict[str, bool]:
    """Return the keys that a section of the reference explains, and whether they must be there."""
    section = re.search(
        rf"^### {title}\n(.*?)(?=^### |\Z)", read("docs/platform-files.md"), re.DOTALL | re.MULTILINE
    )
    assert section is not None, title
    rows = re.findall(r"^\| (\*\*)?`([a-z_]+)`(?:\*\*)? \|", section.group(1), re.MULTILINE)
    return {key: bool(bold) for bold, key in rows}


@pytest.mark.parametrize("part", PARTS, ids=lambda part: part.__name__)
def test_the_reference_explains_every_key_of_a_platform_file(part: type[BaseModel]) -> None:
    with_provenance = issubclass(part, schema.Provenance) and part is not schema.Provenance
    elsewhere = set(schema.Provenance.model_fields) if with_provenance else set()
    fields = {one.alias or name: one for name, one in part.model_fields.items() if name not in elsewhere}
    own = {name: one.is_required() for name, one in fields.items()}
    assert keys_of(part.__name__) == own


def test_the_reference_explains_every_field_of_a_template() -> None:
    text = read("docs/platform-files.md")
    assert [name for name in FIELDS if f"`{{{name}}}`" not in text] == []


# -- the example -----------------------------------------------------------------------------------------

COOKIE = ("blog_session", "a-session-of-jane-0123456789")
PAGE = "<!doctype html><title>{title}</title><link rel=canonical href='https://blog.example.org{path}'>{body}"
LIST = "<article><h2><a href='/river/'>The river</a></h2></article>"
FEED = (
    "<?xml version='1.0'?><rss version='2.0'><channel><title>Blog</title>"
    "<generator>https://wordpress.org/?v=6.5</generator><item><title>The river</title>"
    "<link>https://blog.example.org/river/</link></item></channel></rss>"
)


def page_of(path: str, *, signed_in: bool) -> tuple[int, str]:
    """Return what the blog answers: it hides jane from the public, and shows everyone else."""
    more = "logged-in" if signed_in else ""
    pages = {
        "/author/editor/": (f"archive author author-editor {more}", LIST),
        "/river/": (f"single single-post {more}", "<h2 class='comments-title'>3 comments</h2>"),
        "/secret/": (f"single single-post {more}", "<form class='post-password-form'></form>"),
        **({"/author/jane/": (f"archive author author-jane {more}", LIST)} if signed_in else {}),
    }
    classes, inner = pages.get(path, (f"error404 {more}", "<h1>Nothing here</h1>"))
    body = f"<body class='{classes}'><main>{inner}</main></body>"
    return 200 if path in pages else 404, PAGE.format(title="My Blog", path=path, body=body)


class Blog(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        signed_in = "=".join(COOKIE) in (self.headers.get("Cookie") or "")
        status, text = page_of(self.path, signed_in=signed_in)
        kind = "text/html; charset=utf-8"
        if self.path == "/author/editor/feed/":
            status, text, kind = 200, FEED, "application/rss+xml; charset=utf-8"
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the library's own name
        pass


@pytest.fixture
def blog() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Blog)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


def test_the_example_recognises_the_pages_of_the_blog(tmp_path: Path) -> None:
    rows = [
        ("profile.shown", "/author/editor/"),
        ("profile.missing", "/author/nobody/"),
        ("story.shown", "/river/"),
        ("story.missing", "/lost/"),
    ]
    lines = ["file\tlabel\thttp_status"]
    for label, path in rows:
        status, html = page_of(path, signed_in=False)
        (tmp_path / f"{label}.html").write_text(html, encoding="utf-8")
        lines.append(f"{label}.html\tmyblog.{label}\t{status}")
    gone = "<!doctype html><title>Error</title><body id=error-page>This site has been archived or suspended."
    (tmp_path / "gone.html").write_text(gone, encoding="utf-8")
    (tmp_path / "index.tsv").write_text(
        "\n".join([*lines, "gone.html\tmyblog.profile.suspended\t410"]), encoding="utf-8"
    )
    done = CliRunner().invoke(cli, ["platforms", "test", str(EXAMPLE), "--pages", str(tmp_path)])
    assert "5 of 5 pages were recognised as their labels say." in done.output


def test_a_run_with_the_example_finds_the_author_that_the_blog_hides(
    blog: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    name, value = COOKIE
    cookie = {"name": name, "value": value, "domain": "127.0.0.1", "path": "/", "httpOnly": True}
    more = {"expires": -1, "secure": False, "sameSite": "Lax"}
    state = tmp_path / "state.json"
    state.write_text(json.dumps({"cookies": [{**cookie, **more}], "origins": []}), encoding="utf-8")
    text = f"{EXAMPLE.read_text('utf-8')}\nappeal: {{mail: [help@blog.example.org], follow_up_days: 3}}\n"
    (tmp_path / "myblog.yaml").write_text(text, encoding="utf-8")
    rows = [
        f"  - {{name: {who}, platform: ./myblog.yaml, handle: {who}, base_url: '{blog}', session: mine,"
        f" stories: ['https://blog.example.org/{story}/'], controls: {{live: [{control}]}}}}"
        for who, story, control in (("jane", "river", "editor"), ("editor", "secret", "editor"))
    ]
    (tmp_path / "profiles.yaml").write_text("\n".join(["profiles:", *rows]), encoding="utf-8")
    selfcheck(tmp_path, "session", "import", "mine", str(state))
    done = selfcheck(tmp_path, "run", "--format", "json")
    assert done.returncode == ExitCode.FOUND, done.stderr
    jane, editor = json.loads(done.stdout)["profiles"]
    assert (jane["platform_file"], jane["marks_seen"]) == ("own", "2020")
    assert (jane["verdict"], jane["silent"], jane["strength"]) == ("hidden", True, "confirmed")
    assert (editor["verdict"], {page["verdict"] for page in editor["pages"]}) == ("visible", {"visible"})
    _check_that_later_commands_need_no_platform_file(tmp_path)
    kept = [path for path in (tmp_path / "selfcheck-data").rglob("*") if path.is_file()]
    assert not any(value.encode() in path.read_bytes() for path in kept)


def _check_that_later_commands_need_no_platform_file(folder: Path) -> None:
    """What follows a run takes the platform from the run: the user's files may be gone or moved."""
    (folder / "myblog.yaml").unlink()
    (folder / "profiles.yaml").unlink()
    data = folder / "selfcheck-data"
    (run,) = (path for path in (data / "runs").iterdir() if path.is_dir())
    listed = {entry["path"] for entry in json.loads((run / "manifest.json").read_bytes())["files"]}
    assert {"jane/platform.json", "editor/platform.json"} <= listed

    def typed(*words: str) -> str:
        done = CliRunner().invoke(cli, [*words, "--data", str(data)], catch_exceptions=False)
        assert done.exit_code == 0, (words, done.output)
        return done.output

    assert "on My Blog" in typed("history")
    assert "jane" in typed("appeal", "status")
    written = typed("appeal", "jane", "--yes")
    assert "help@blog.example.org" in written
    assert "My Blog" in next(data.rglob("appeal.txt")).read_text("utf-8")
    typed("report")
    assert "My Blog" in (data / "site" / "index.html").read_text("utf-8")
    replayed = json.loads(typed("replay", run.name, "--format", "json"))
    assert [profile["notes"] for profile in replayed["profiles"]] == [[], []]
    assert not any(profile["changed"] for profile in replayed["profiles"])


def selfcheck(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "selfcheck", *words],
        cwd=folder,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=120,
    )
