"""The command line: what is imported, what is said, and the exit codes."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from playwright.sync_api import Page

from selfcheck import __version__
from selfcheck.__main__ import main
from selfcheck.cli import COMMANDS, cli
from selfcheck.errors import StorageError, UsageError
from selfcheck.runs.new_profile import demo_file
from selfcheck.sessions.store import SessionStore
from selfcheck.settings import read_configuration

HEAVY = {
    "playwright",
    "pydantic",
    "rich",
    "jinja2",
    "PIL",
    "yaml",
    "selectolax",
    "loguru",
    "asyncio",
    "sqlite3",
}


@pytest.fixture
def at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder, with sessions and logs of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(tmp_path / "sessions"))
    monkeypatch.setenv("SELFCHECK_LOGS", str(tmp_path / "logs"))
    monkeypatch.delenv("SELFCHECK_DEBUG", raising=False)
    return tmp_path


def outcome(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """Return the exit code, standard output and standard error of a command."""
    code = main(words)
    said = capsys.readouterr()
    return code, said.out, said.err


def python(*arguments: str, **more: Any) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "PYTHONWARNINGS": "error", **more.pop("env", {})}
    return subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, check=False, env=environ, **more
    )


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], [], ["run", "--help"], ["history", "--help"], ["rnu"]]
)
def test_help_and_version_import_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys; from selfcheck.__main__ import main; main(sys.argv[1:]);"
        "print('|'.join(sorted({name.split('.')[0] for name in sys.modules})))"
    )
    done = python("-c", code, *words)
    imported = set(done.stdout.strip().splitlines()[-1].split("|"))
    allowed = {"asyncio"} if words[:1] == ["run"] else set()
    assert imported & (HEAVY - allowed) == set()


def test_the_version_is_the_packages() -> None:
    done = python("-m", "selfcheck", "--version")
    assert done.stdout == f"selfcheck {__version__}\n"


def test_every_command_of_the_table_is_there_and_explained() -> None:
    for name in COMMANDS:
        shown = CliRunner().invoke(cli, [name, "--help"])
        assert shown.exit_code == 0, name
        assert f"Usage: cli {name}" in shown.output


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["rnu"], "did you mean `run`?", id="a mistyped command"),
        pytest.param(["dcotor"], "did you mean `doctor`?", id="another one"),
        pytest.param(["zzz"], "no command `zzz`", id="a command like none"),
        pytest.param(["run", "--bogus"], "--bogus", id="an option that is not there"),
        pytest.param(["run", "--jobs", "x"], "'x' is not a whole number", id="a value of another type"),
        pytest.param(["run", "--jobs", "0"], "0 is not in the range", id="a value out of its range"),
        pytest.param(["help", "rnu"], "did you mean `run`?", id="help for a mistyped command"),
        pytest.param(["--bogus"], "--bogus", id="an option before the command"),
        pytest.param(["session", "import"], "NAME", id="a missing argument"),
    ],
)
def test_wrong_words_are_reported_with_exit_code_2(
    at_home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    code, out, err = outcome(capsys, *words)
    assert code == 2
    assert said in err
    assert out == ""


@pytest.mark.parametrize(
    ("words", "same"),
    [
        pytest.param(["help"], ["--help"], id="the help of all"),
        pytest.param(["help", "run"], ["run", "--help"], id="of a command"),
        pytest.param(["help", "session", "import"], ["session", "import", "--help"], id="of a subcommand"),
    ],
)
def test_help_is_a_word_too(capsys: pytest.CaptureFixture[str], words: list[str], same: list[str]) -> None:
    assert outcome(capsys, *words) == outcome(capsys, *same)
    assert outcome(capsys, *words)[0] == 0


def test_the_help_says_that_verdicts_left_out_do_not_count(capsys: pytest.CaptureFixture[str]) -> None:
    assert "those left out do not count" in " ".join(outcome(capsys, "run", "--help")[1].split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_can_complete_commands(
    shell: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = "COMP_CWORD", "al" if shell == "fish" else "1"
    for name, value in (("_SELFCHECK_COMPLETE", f"{shell}_complete"), ("COMP_WORDS", "selfcheck al"), asked):
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit):
        main([])
    assert "alerts" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        pytest.param(["--help"], "Usage: python3 bootstrap.py [OPTIONS]", id="the usage line"),
        pytest.param(["run", "--help"], "Usage: python3 bootstrap.py run", id="a command's usage line"),
        pytest.param(["run"], "`python3 bootstrap.py init @yourname", id="an error's next step"),
        pytest.param(["demo", "--state", "x"], "`python3 bootstrap.py demo --list`", id="another one's"),
        pytest.param(["explain", "zzz"], "`python3 bootstrap.py explain`", id="a usage error's"),
        pytest.param(["session", "list"], "`python3 bootstrap.py login PROFILE`", id="a note's"),
        pytest.param(["init"], "python3 bootstrap.py run", id="what to do next"),
    ],
)
def test_messages_name_commands_as_the_user_types_them(
    at_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    words: list[str],
    said: str,
) -> None:
    monkeypatch.setenv("SELFCHECK_CALLED", "python3 bootstrap.py")
    _, out, err = outcome(capsys, *words)
    assert said in out + err
    monkeypatch.delenv("SELFCHECK_CALLED")
    outcome(capsys, "--version")  # the next test is called as usual


def test_a_missing_profiles_file_is_reported_with_exit_code_2(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code, _, err = outcome(capsys, "run")
    assert code == 2
    assert "selfcheck init" in err


def test_five_mistakes_are_five_lines_and_nothing_is_opened(
    at_home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (at_home / "profiles.yaml").write_text(
        """\
profiles:
  - name: jane
    platform: meduim
    handle: @jane
    storys: []
  - name: jane
    platform: medium
    handle: "@not a handle"
""",
        encoding="utf-8",
    )
    code, out, err = outcome(capsys, "run")
    assert code == 2
    assert out == ""
    lines = [line for line in err.splitlines() if line.startswith("  profiles.yaml:")]
    assert [line.split(":")[1] for line in lines] == ["3", "4", "5", "6", "8"]
    assert err.startswith("Error: 5 mistakes in profiles.yaml:")
    assert [path.name for path in at_home.iterdir()] == ["profiles.yaml"]


class TestFailures:
    @pytest.fixture
    def failing(self, monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
        """Let `selfcheck session list` fail with this."""

        def fail_with(error: BaseException) -> None:
            def fail() -> None:
                raise error

            monkeypatch.setattr("selfcheck.cli.session.open_store", fail)

        return fail_with

    def test_a_bug_is_reported_in_words_and_kept_in_a_log(
        self,
        at_home: Path,
        capsys: pytest.CaptureFixture[str],
        failing: Callable[[BaseException], None],
    ) -> None:
        failing(ZeroDivisionError("secret detail"))
        code, out, err = outcome(capsys, "session", "list")
        assert (code, out) == (4, "")
        assert "This is a bug in selfcheck" in err
        assert "Traceback" not in err
        (log,) = (at_home / "logs").iterdir()
        assert str(log) in err
        assert "secret detail" in log.read_text(encoding="utf-8")
        if os.name == "posix":
            assert log.stat().st_mode & 0o077 == 0

    def test_a_bug_is_shown_whole_where_that_is_asked_for(
        self,
        at_home: Path,
        monkeypatch: pytest.MonkeyPatch,
        failing: Callable[[BaseException], None],
    ) -> None:
        monkeypatch.setenv("SELFCHECK_DEBUG", "1")
        failing(ZeroDivisionError())
        with pytest.raises(ZeroDivisionError):
            main(["session", "list"])

    def test_the_first_failure_is_shown_where_that_is_asked_for(
        self,
        at_home: Path,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
        failing: Callable[[BaseException], None],
    ) -> None:
        error = UsageError("The browser could not be started.")
        error.__cause__ = RuntimeError("Target page has been closed")
        failing(error)
        assert "Target page" not in outcome(capsys, "session", "list")[2]
        monkeypatch.setenv("SELFCHECK_DEBUG", "1")
        assert "Target page has been closed" in outcome(capsys, "session", "list")[2]

    def test_ctrl_c_is_130(
        self,
        at_home: Path,
        capsys: pytest.CaptureFixture[str],
        failing: Callable[[BaseException], None],
    ) -> None:
        failing(KeyboardInterrupt())
        assert outcome(capsys, "session", "list")[0] == 130

    def test_an_error_within_a_group_of_tasks_keeps_its_words(
        self,
        at_home: Path,
        capsys: pytest.CaptureFixture[str],
        failing: Callable[[BaseException], None],
    ) -> None:
        failing(ExceptionGroup("tasks", [StorageError("The disk is full.", next_step="Free some space.")]))
        code, _, err = outcome(capsys, "session", "list")
        assert (code, err) == (4, "Error: The disk is full.\nFree some space.\n")


@pytest.mark.skipif(os.name != "posix", reason="a closed pipe is told in another way on Windows")
def test_a_reader_that_goes_away_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(
        [sys.executable, "-m", "selfcheck", "--help"], stdout=writing, stderr=subprocess.PIPE, check=False
    )
    os.close(writing)
    assert (done.returncode, done.stderr) == (141, b"")


class TestInit:
    def test_the_first_file_names_the_demo_and_works(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        assert outcome(capsys, "init")[0] == 0
        assert {profile.platform for profile in read_configuration(Path("profiles.yaml")).profiles} == {
            "demo"
        }

    def test_the_projects_own_file_is_the_one_that_init_writes(self) -> None:
        project = Path(__file__).parents[2] / "profiles.yaml"
        assert project.read_text(encoding="utf-8") == demo_file()

    def test_its_examples_are_right_when_they_are_taken_out_of_their_comments(self, at_home: Path) -> None:
        shipped = Path(__file__).parents[2] / "selfcheck" / "platforms" / "data" / "demo.yaml"
        Path("myblog.yaml").write_bytes(shipped.read_bytes())
        lines = demo_file().splitlines()
        taken = [line.replace("# ", "", 1) if "# - " in line or "#   " in line else line for line in lines]
        Path("profiles.yaml").write_text("\n".join(taken), encoding="utf-8")
        names = [profile.name for profile in read_configuration(Path("profiles.yaml")).profiles]
        assert names == ["demo-suspended", "demo-healthy", "me", "my-blog"]

    @pytest.mark.parametrize(
        "words",
        [
            pytest.param(["@jane", "--platform", "medium"], id="a handle and a platform"),
            pytest.param(["https://medium.com/@jane"], id="an address tells the platform"),
            pytest.param(["https://jane.medium.com/"], id="a subdomain too"),
        ],
    )
    def test_an_account_of_ones_own_is_written(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], words: list[str]
    ) -> None:
        code, out, _ = outcome(capsys, "init", *words)
        assert code == 0
        assert "selfcheck login jane" in out
        (profile,) = read_configuration(Path("profiles.yaml")).profiles
        assert (profile.name, profile.platform, profile.handle) == ("jane", "medium", "jane")

    def test_what_can_be_known_and_what_not_is_said_beforehand(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        _, out, _ = outcome(capsys, "init", "https://x.com/jane")
        known, cannot = out.split("What can be known on X:")[1].split("What cannot:")
        assert "a suspension that the public is told of: confirmed" in known
        assert "no silent suspension" in cannot
        assert "Visitors are asked to sign in" in cannot
        assert "(forbidden)" in cannot

    def test_several_addresses_are_several_profiles(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        pages = ("https://medium.com/@jane", "https://dev.to/jane", "https://jane.wordpress.com")
        code, out, _ = outcome(capsys, "init", *pages)
        assert code == 0
        assert [line for line in out.splitlines() if "Sign in:" in line and "login jane-dev.to" in line]
        assert all(
            f"What can be known on {title}:" in out for title in ("Medium", "DEV Community", "WordPress.com")
        )
        profiles = read_configuration(Path("profiles.yaml")).profiles
        assert [(one.name, one.platform, one.handle) for one in profiles] == [
            ("jane", "medium", "jane"),
            ("jane-dev.to", "dev.to", "jane"),
            ("jane-wordpress.com", "wordpress.com", "jane"),
        ]

    def test_a_further_account_is_added_to_a_file_and_its_comments_stay(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        outcome(capsys, "init", "@jane", "--platform", "medium")
        file = Path("profiles.yaml")
        before = file.read_text(encoding="utf-8").replace("    # session:", "    # mine\n    # session:")
        file.write_text(before, encoding="utf-8")
        code, out, err = outcome(capsys, "init", "https://medium.com/@Jane", "https://x.com/jane")
        assert (code, out.splitlines()[0]) == (0, "Added `jane-x` (X) to profiles.yaml. Next:")
        assert "profiles.yaml has https://medium.com/@Jane already, as `jane`." in err
        after = file.read_text(encoding="utf-8")
        assert after.startswith(before.rstrip())
        assert [one.name for one in read_configuration(file).profiles] == ["jane", "jane-x"]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            pytest.param(["https://medium.com/@jane"], "Nothing was added", id="an account that is there"),
            pytest.param(
                ["https://x.com/jane", "https://medium.com/p/a1b2c3d4e5f6"], "a story", id="one is no account"
            ),
            pytest.param(
                ["https://x.com/jane", "a b", "--platform", "medium"], "is not", id="one is no handle"
            ),
        ],
    )
    def test_nothing_is_added_where_one_of_them_cannot_be(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
    ) -> None:
        outcome(capsys, "init", "@jane", "--platform", "medium")
        before = Path("profiles.yaml").read_bytes()
        code, _, err = outcome(capsys, "init", *words)
        assert code == 2
        assert said in err
        assert Path("profiles.yaml").read_bytes() == before

    def test_a_file_that_exists_is_left_as_it_is(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        Path("profiles.yaml").write_text("mine", encoding="utf-8")
        code, _, err = outcome(capsys, "init")
        assert code == 2
        assert "it was left as it is" in err
        assert Path("profiles.yaml").read_text(encoding="utf-8") == "mine"

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            pytest.param(["@jane"], "Which platform", id="no platform"),
            pytest.param(["--platform", "medium"], "Who are you", id="no handle"),
            pytest.param(
                ["@jane", "--platform", "meduim"], "Did you mean `medium`?", id="a mistyped platform"
            ),
            pytest.param(["@a b", "--platform", "medium"], "such as", id="no handle of that platform"),
            pytest.param(["http://127.0.0.1:9/jane"], "No known platform", id="an address of none"),
            pytest.param(
                ["https://medium.com/p/123456789abc"], "is the address of a story", id="a story's address"
            ),
            pytest.param(
                ["medium.com/p/123456789abc", "--platform", "medium"],
                "init @yourname --platform medium",
                id="a story's address on a named platform",
            ),
            pytest.param(["https://medium.com/"], "not of an author's page", id="the platform's home"),
            pytest.param([""], "The handle is empty", id="an empty handle"),
            pytest.param([" ", "--platform", "medium"], "The handle is empty", id="a handle of a space"),
            pytest.param(
                ["a b", "--platform", "demo"],
                "a b is not a handle of Inkwell such as @jonah-vey.",
                id="the demo has no address to give",
            ),
            pytest.param(["--profiles", "no/such/p.yaml"], "cannot be written", id="no such folder"),
        ],
    )
    def test_what_is_mistaken_is_reported_and_nothing_is_written(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
    ) -> None:
        code, _, err = outcome(capsys, "init", *words)
        assert code == 2
        assert said in err
        assert list(at_home.iterdir()) == []

    def test_a_platform_file_is_named_as_seen_from_the_profiles(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        shipped = Path(__file__).parents[2] / "selfcheck" / "platforms" / "data" / "demo.yaml"
        Path("mine.yaml").write_bytes(shipped.read_bytes())
        Path("sub").mkdir()
        words = ("init", "jane", "--platform", "./mine.yaml", "--profiles", "sub/p.yaml")
        assert outcome(capsys, *words)[0] == 0
        (profile,) = read_configuration(Path("sub/p.yaml")).profiles
        assert Path(profile.platform) == (at_home / "mine.yaml").resolve()


class TestSession:
    STATE = {  # noqa: RUF012 - a value for all tests of the class
        "cookies": [{"name": "sid", "value": "s3cret", "domain": "medium.com", "path": "/"}],
        "origins": [],
    }

    def test_a_session_is_imported_listed_and_forgotten(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (at_home / "state.json").write_text(json.dumps(self.STATE), encoding="utf-8")
        said = [outcome(capsys, "session", "import", "jane", "state.json")]
        if os.name == "posix":
            assert (at_home / "sessions" / "jane.age").stat().st_mode & 0o077 == 0
        said.append(outcome(capsys, "session", "list"))
        said.append(outcome(capsys, "session", "forget", "jane"))
        said.append(outcome(capsys, "session", "list"))
        assert [code for code, _, _ in said] == [0, 0, 0, 0]
        assert said[1][1].startswith("jane  saved ")
        assert said[3][1].startswith("No session")
        assert "s3cret" not in repr(said)

    @pytest.mark.parametrize(
        "content",
        [
            "{",
            "[]",
            '{"cookies": [{"value": "s3cret"}]}',
            '{"cookies": [{"name": "sid", "value": "s3cret", "domain": "x.org", "path": "/"}]}',
        ],
    )
    def test_what_is_not_a_session_is_refused_without_its_values(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], content: str
    ) -> None:
        outcome(capsys, "init", "@jane", "--platform", "medium")
        (at_home / "state.json").write_text(content, encoding="utf-8")
        code, _, err = outcome(capsys, "session", "import", "jane", "state.json")
        assert code == 2
        assert "s3cret" not in err
        assert not (at_home / "sessions" / "jane.age").exists()

    @pytest.mark.parametrize(
        ("profiles", "cookie", "said"),
        [
            pytest.param(True, {}, "", id="a session that lasts"),
            pytest.param(False, {}, "", id="one of no profile"),
            pytest.param(True, {"expires": 1e9}, "it expired on 2001-09-09", id="one that expired"),
            pytest.param(
                False, {"expires": 1e9}, "it expired on 2001-09-09", id="one of no profile that did"
            ),
            pytest.param(True, {"name": "_ga"}, "it contains no sign-in of Medium", id="no sign-in at all"),
        ],
    )
    def test_a_session_that_does_not_sign_in_is_reported(
        self,
        at_home: Path,
        capsys: pytest.CaptureFixture[str],
        profiles: bool,
        cookie: dict[str, Any],
        said: str,
    ) -> None:
        if profiles:
            outcome(capsys, "init", "@jane", "--platform", "medium")
        state = {"cookies": [{**self.STATE["cookies"][0], **cookie}], "origins": []}
        (at_home / "state.json").write_text(json.dumps(state), encoding="utf-8")
        code, out, err = outcome(capsys, "session", "import", "jane", "state.json")
        listed = outcome(capsys, "session", "list")
        assert (code, listed[0]) == (0, 0)
        login = f"To sign in again: selfcheck login {'jane' if profiles else 'PROFILE'}"
        assert (f"Warning: {said}. {login}" in err) is bool(said)
        assert (said + "; " + login[0].lower() + login[1:] in listed[1]) is bool(said)
        assert "s3cret" not in out + err + repr(listed)

    def test_a_broken_session_is_listed_as_one(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (at_home / "sessions").mkdir(mode=0o700)
        (at_home / "sessions" / "jane.json").write_text("{", encoding="utf-8")
        code, out, _ = outcome(capsys, "session", "list")
        assert code == 0
        assert "it cannot be used" in out
        assert "selfcheck login PROFILE" in out

    def test_a_session_that_is_not_there_cannot_be_forgotten(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        code, _, err = outcome(capsys, "session", "forget", "jane")
        assert code == 2
        assert "No session `jane`" in err


class TestLogin:
    def test_without_a_display_it_says_what_to_do_instead(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setattr(sys, "platform", "linux")
        outcome(capsys, "init", "@jane", "--platform", "medium")
        code, _, err = outcome(capsys, "login", "jane")
        assert code == 2
        assert "selfcheck session import jane FILE" in err

    def test_the_hint_without_a_display_names_the_profiles_file(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        monkeypatch.setattr(sys, "platform", "linux")
        outcome(capsys, "init", "@jane", "--platform", "medium", "--profiles", "me.yaml")
        _, _, err = outcome(capsys, "login", "jane", "--profiles", "me.yaml")
        assert "`selfcheck login jane --profiles me.yaml`" in err
        assert "`selfcheck session import jane FILE --profiles me.yaml`" in err

    def test_a_browser_that_is_not_there_is_reported_before_the_display(
        self, at_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.delenv("DISPLAY", raising=False)
        monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)
        outcome(capsys, "init", "@jane", "--platform", "medium")
        code, _, err = outcome(capsys, "login", "jane", "--browser", "nonsense")
        assert code == 2
        assert "nonsense" in err
        assert "display" not in err

    def test_the_demo_needs_no_sign_in(self, at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        outcome(capsys, "init")
        code, _, err = outcome(capsys, "login", "demo-suspended")
        assert code == 2
        assert "need no sign-in" in err


class TestDoctor:
    def test_all_in_place_is_exit_code_0(self, at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        outcome(capsys, "init")
        code, out, _ = outcome(capsys, "doctor")
        assert (code, out.splitlines()[-1]) == (0, "A run can start.")
        assert {path.name for path in at_home.iterdir()} == {"profiles.yaml", "profiles.schema.json"}
        assert max(len(line) for line in out.splitlines()) <= 80

    def test_a_page_of_another_test_does_not_stand_in_its_way(
        self, page: Page, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        page.set_content("<p>An event loop runs now</p>")
        outcome(capsys, "init")
        assert outcome(capsys, "doctor")[0] == 0

    def test_a_broken_profiles_file_and_a_missing_browser_are_both_reported(
        self, at_home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        (at_home / "profiles.yaml").write_text("profiles: []", encoding="utf-8")
        code, out, _ = outcome(capsys, "doctor", "--browser", str(at_home / "no-such-browser"))
        failed = [line.split()[1] for line in out.splitlines() if line.startswith("FAIL")]
        assert (code, failed) == (2, ["Browser", "Profiles"])

    def test_nothing_of_a_session_is_shown(self, at_home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        (at_home / "profiles.yaml").write_text(
            "profiles: [{name: jane, platform: demo, handle: jane, base_url: 'http://127.0.0.1:9'}]",
            encoding="utf-8",
        )
        SessionStore(at_home / "sessions").save("jane", TestSession.STATE)
        code, out, _ = outcome(capsys, "doctor")
        assert code == 0
        assert "saved today, but it contains nothing of 127.0.0.1" in " ".join(out.split())
        assert "s3cret" not in out
