"""One place for what is the user's: which file and folder a command takes, and that messages name them."""

# ruff: noqa: E501 — a row of a table reads best as one line

import html
import re
import shlex
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import pytest
from kept_runs import FIRST, bad_run, keep_run

from selfcheck.__main__ import main
from selfcheck.cli import cli
from selfcheck.cli.common import places_of
from selfcheck.core.run_document import RunDocument
from selfcheck.runs.service import record
from selfcheck.settings import read_configuration
from selfcheck.settings.places import OwnFolders, find_places, names_only_demo
from selfcheck.storage.data_folder import DataFolder

MINE = "profiles:\n  - {name: jane, platform: medium, handle: '@jane'}\n"
DEMO = "profiles:\n  - {name: jane, platform: demo, handle: jonah-vey}\n"
STORY = DEMO.replace("jonah-vey", "jonah-vey, base_url: 'http://127.0.0.1:9'")


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, beside a home that is empty too; nothing is named."""
    for name in ("SELFCHECK_PROFILES", "SELFCHECK_DATA", "SELFCHECK_CALLED", "GITHUB_ACTIONS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("SELFCHECK_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    return tmp_path / "home"


def write(path: Path, text: str) -> None:
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


@pytest.mark.parametrize(
    ("files", "for_run", "for_others"),
    [
        pytest.param(("", "", ""), "OWN OWNDATA", "OWN OWNDATA", id="nothing is there"),
        pytest.param(("", MINE, ""), "OWN OWNDATA", "OWN OWNDATA", id="the user's own"),
        pytest.param((MINE, MINE, ""), "HERE HEREDATA", "HERE HEREDATA", id="one in this folder goes first"),
        pytest.param(
            (STORY, MINE, ""), "HERE HEREDATA", "HERE HEREDATA", id="a demo site elsewhere is no demo"
        ),
        pytest.param(
            (DEMO, "", ""), "HERE DEMO", "OWN OWNDATA", id="only the demo, and nothing of one's own"
        ),
        pytest.param((DEMO, MINE, ""), "OWN OWNDATA", "OWN OWNDATA", id="the demo never hides one's own"),
        pytest.param(
            ("profiles: [", "", ""), "HERE HEREDATA", "HERE HEREDATA", id="a mistaken one is reported"
        ),
        pytest.param((MINE, MINE, DEMO), "NAMED DEMO", "NAMED DEMO", id="the demo by name"),
        pytest.param((MINE, MINE, MINE), "NAMED HEREDATA", "NAMED HEREDATA", id="another by name"),
    ],
)
def test_what_a_command_takes(home: Path, files: tuple[str, str, str], for_run: str, for_others: str) -> None:
    here, own, named = files
    folders = OwnFolders.of({"SELFCHECK_HOME": str(home)})
    words = {
        folders.profiles: "OWN",
        folders.data: "OWNDATA",
        folders.demo: "DEMO",
        Path("profiles.yaml"): "HERE",
        Path("selfcheck-data"): "HEREDATA",
        Path("me.yaml"): "NAMED",
    }
    for path, text in ((Path("profiles.yaml"), here), (folders.profiles, own), (Path("me.yaml"), named)):
        if text:
            write(path, text)
    for takes_demo, expected in ((True, for_run), (False, for_others)):
        profiles = Path("me.yaml") if named else None
        places = find_places(folders, Path.cwd(), profiles=profiles, takes_demo=takes_demo)
        assert f"{words[places.profiles]} {words[places.data]}" == expected
        assert find_places(folders, Path.cwd(), data=Path("x"), takes_demo=takes_demo).data == Path("x")


def test_a_folder_that_an_earlier_version_filled_is_still_read(home: Path) -> None:
    Path("selfcheck-data").mkdir()
    folders = OwnFolders.of({"SELFCHECK_HOME": str(home)})
    assert find_places(folders, Path.cwd()).data == Path("selfcheck-data")
    write(folders.profiles, MINE)
    assert find_places(folders, Path.cwd()).data == folders.data


def test_without_a_setting_it_is_where_the_system_keeps_such_things() -> None:
    folders = OwnFolders.of({})
    assert folders.profiles.name == "profiles.yaml"
    assert "selfcheck" in folders.profiles.parts
    assert (folders.data.name, folders.demo.name) == ("data", "demo")


def test_it_is_said_in_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(home / "profiles.yaml", MINE)
    main(["history"])
    own = home / "profiles.yaml"
    assert capsys.readouterr().err.splitlines() == [f"Using profiles {own} and data {home / 'data'}."]
    write(Path("profiles.yaml"), DEMO)
    main(["status", "--data", "x"])
    assert capsys.readouterr().err.splitlines() == [f"Using profiles {own}."]
    own.unlink()
    main(["status", "--data", "x"])
    assert capsys.readouterr().err.splitlines()[:2] == [
        "profiles.yaml names only the demo's authors, so it is passed over here.",
        f"Using profiles {own}.",
    ]
    main(["run", "--dry-run"])
    says = "(the demo's own, since you have no profiles file of your own yet)"
    assert capsys.readouterr().err.splitlines() == [
        f"Using profiles profiles.yaml and data {home / 'demo'} {says}."
    ]


def test_init_without_a_handle_beside_the_demos_file_asks_for_one(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(Path("profiles.yaml"), DEMO)
    assert main(["init"]) == 2
    says = "For an account of your own, name it: selfcheck init @yourname --platform medium"
    assert says in capsys.readouterr().err
    write(Path("profiles.yaml"), MINE)
    assert main(["init"]) == 2
    assert "Edit it, or write another" in capsys.readouterr().err


def test_the_demos_author_beside_ones_own_is_kept_apart(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(Path("profiles.yaml"), MINE + "  - {name: demo, platform: demo, handle: jonah-vey}\n")
    main(["run", "demo", "--dry-run"])
    assert f"The demo's results go to {home / 'demo'}." in capsys.readouterr().err
    main(["run", "--dry-run"])
    assert "The demo's" not in capsys.readouterr().err


# -- printed commands --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Situation:
    profiles: Path
    data: Path
    options: tuple[str, ...]
    data_options: tuple[str, ...]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder in which jane was found suspended."""
    data = tmp_path_factory.mktemp("kept")
    keep_run(data, bad_run(FIRST))
    record(DataFolder(data), RunDocument.of(bad_run(FIRST)))
    return data


def situation(name: str, home: Path, kept: Path) -> Situation:
    """Lay out the user's files as they are named so."""
    both = {
        "own": (home / "profiles.yaml", home / "data", MINE, (), ()),
        "named": (
            *(Path("my files.yaml"), Path("my runs"), MINE),
            *(("--profiles", "my files.yaml"), ("--data", "my runs")),
        ),
        "one word": (Path("me.yaml"), Path("x"), MINE, ("--profiles=me.yaml",), ("--data=x",)),
        "demo": (
            *(Path("profiles.yaml"), home / "demo", DEMO),
            *(("--profiles", "profiles.yaml"), ("--data", str(home / "demo"))),
        ),
    }
    profiles, data, text, options, data_options = both[name]
    write(profiles, text)
    shutil.copytree(kept, data)
    return Situation(profiles, data, options, data_options)


def leaf(words: Sequence[str]) -> click.Context:
    """Return the context of the command that these words call, as click reads them."""
    context = cli.make_context("selfcheck", list(words))
    while isinstance(context.command, click.Group):
        name, command, rest = context.command.resolve_command(
            context, [*context._protected_args, *context.args]
        )
        assert command is not None
        context = command.make_context(name, rest, parent=context)
    return context


def written(data: Path, words: tuple[str, ...]) -> Iterator[str]:
    """Yield the texts that a command wrote for people to read: the steps of an appeal, a report as it shows."""
    if words == ("appeal", "jane"):
        yield from (path.read_text("utf-8") for path in data.rglob("next-steps.txt"))
    if words == ("report",):
        page = (data / "site" / "index.html").read_text("utf-8")
        yield from (
            f"\n{html.unescape(code)}" for code in re.findall(r"<code>(selfcheck [^<]+)</code>", page)
        )


def printed(text: str) -> Iterator[list[str]]:
    """Yield the words of each command in a text: on a line of its own, after a label, or in backticks."""
    for match in re.finditer(
        r"(?:`|^ *(?:[A-Z][^:`]*: +)?)selfcheck ([^`\n]+?)(?:`|   |\.$|$)", text, re.MULTILINE
    ):
        yield shlex.split(
            match[1].replace("YYYY-MM-DD", "2026-02-03")
        )  # the one place that a form is checked in


COMMANDS = (
    ("status",), ("history",), ("report",), ("appeal", "jane"), ("appeal", "status", "jane"), ("verify", FIRST),
    ("history", "note", "jane-20260203-1", "x"), ("prune",), ("run", "nobody"), ("appeal", "nobody"), ("verify", "no"),
    ("appeal", "checklist", "jane"), ("session", "list"), ("login", "nobody"), ("alerts", "test"),
    ("appeal", "rights", "jane"), ("appeal", "restored"), ("alerts", "send"), ("backup", "subscribers"), ("replay", FIRST),
    ("platforms", "show", "learn"), ("schedule", "status"), ("fleet", "status"), ("run", "--dry-run"), ("picture", "no"),
)  # fmt: skip


@pytest.mark.parametrize("name", ["own", "named", "one word", "demo"])
def test_every_printed_command_works_when_it_is_typed_in_the_same_folder(
    name: str, home: Path, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    where = situation(name, home, kept)
    typed = 0
    for words in COMMANDS:
        params = {one.name for one in leaf(words).command.params}
        options = where.options if "profiles_file" in params else ()
        data_options = where.data_options if "data" in params else ()
        main([*words, *options, *data_options])
        text = "".join(capsys.readouterr())
        text += "".join(written(where.data, words))
        for command in printed(text):
            if "--help" in command:
                continue
            with leaf(command) as context:
                places = places_of(context)
                capsys.readouterr()
            if "data" in context.params and options + data_options:
                assert places.data.absolute() == where.data.absolute(), (words, command)
            if "profiles_file" in context.params and (options or not where.options):
                assert places.profiles.absolute() == where.profiles.absolute(), (words, command)
            typed += 1
    assert typed > 12


def test_replaying_a_run_that_was_changed_says_so(
    home: Path, kept: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.copytree(kept, home / "data")
    main(["replay", FIRST])
    assert "Warning" not in capsys.readouterr().err
    page = next((home / "data").rglob("anonymous.html"))
    page.write_text("<p>something else</p>", encoding="utf-8")
    main(["replay", FIRST])
    assert (
        f"1 file of this run changed since it was made, so what follows is not what it found. `selfcheck verify {FIRST}`"
        in capsys.readouterr().err
    )


def test_init_writes_the_users_own_file_and_every_step_that_it_names_finds_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    write(Path("profiles.yaml"), DEMO)  # as in the project's folder
    assert main(["init", "@jane", "--platform", "medium"]) == 0
    out = capsys.readouterr().out
    assert f"Wrote {home / 'profiles.yaml'}" in out
    commands = list(printed(out))
    assert len(commands) >= 3
    for command in commands:
        with leaf(command) as context:
            assert places_of(context).profiles == home / "profiles.yaml"
    assert names_only_demo(Path("profiles.yaml"))
    assert read_configuration(home / "profiles.yaml").profiles[0].name == "jane"


def test_init_asks_at_a_terminal(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter(["@jane", "Medium"])
    monkeypatch.setattr("selfcheck.cli.init.at_terminal", lambda: True)
    monkeypatch.setattr(click, "prompt", lambda *_, **__: next(answers))
    assert main(["init"]) == 0
    (profile,) = read_configuration(home / "profiles.yaml").profiles
    assert (profile.platform, profile.handle) == ("medium", "jane")


def test_a_missing_file_names_the_command_that_writes_it(
    home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["status"]) == 2
    says = capsys.readouterr().err
    assert f"There is no file {home / 'profiles.yaml'}." in says
    assert "`selfcheck init`" not in says  # without a handle it writes the demo's authors


@pytest.mark.parametrize(
    ("hosted", "named"),
    [pytest.param("", " --data elsewhere", id="here"), pytest.param("true", "", id="hosted")],
)
def test_a_hosted_runners_folder_is_not_named(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], hosted: str, named: str
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", hosted)
    write(Path("profiles.yaml"), MINE)
    main(["status", "--data", "elsewhere"])
    assert f"selfcheck run jane{named}\n" in capsys.readouterr().out
