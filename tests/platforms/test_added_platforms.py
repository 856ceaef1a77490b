"""`platforms add`: a file in the user's config folder is used in place of a shipped one of its name."""

from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from selfcheck.cli import cli
from selfcheck.errors import ConfigurationError, PlatformUnknownError
from selfcheck.platforms import catalogue
from selfcheck.platforms.catalogue import is_shipped, known_names, load_platform, platform_text, source_of
from selfcheck.platforms.recognition import NamedAccount
from selfcheck.runs.new_profile import account_on_known_site

NEWER = platform_text("demo").replace("title: Inkwell", "title: Newer Inkwell")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(catalogue.FOLDER, str(tmp_path / "added"))
    return tmp_path / "added"


def add(tmp_path: Path, text: str, *words: str, answer: str = "") -> Result:
    file = tmp_path / "new.yaml"
    file.write_text(text, encoding="utf-8")
    command = ["platforms", "add", str(file), *words]
    return CliRunner().invoke(cli, command, input=answer, standalone_mode=False)


def test_a_newer_file_takes_the_place_of_the_shipped_one(tmp_path: Path, folder: Path) -> None:
    assert source_of("demo") == "shipped"
    shown = add(tmp_path, NEWER, answer="y\n")
    assert shown.return_value == 0, shown.output
    assert "-title: Inkwell\n+title: Newer Inkwell\n" in shown.output
    assert "marks seen 2026" in shown.output
    assert (load_platform("demo").title, source_of("demo"), is_shipped("demo")) == (
        "Newer Inkwell",
        "added",
        False,
    )
    listed = CliRunner().invoke(cli, ["platforms", "list"]).output
    assert next(line for line in listed.splitlines() if line.startswith("demo ")).split()[-2] == "added"
    assert "already" in add(tmp_path, NEWER, "--yes").output
    (folder / "demo.yaml").unlink()
    assert load_platform("demo").title == "Inkwell"


def test_a_file_of_a_new_name_becomes_known(tmp_path: Path, folder: Path) -> None:
    assert (
        add(tmp_path, "platform: ours\nextends: demo\nhome: https://o.example\n", "--yes").return_value == 0
    )
    assert "ours" in known_names()
    assert load_platform("ours").home == "https://o.example"
    own = NamedAccount(platform="ours", handle="jane")
    assert account_on_known_site("https://o.example/@jane") == own  # so `init` takes its address
    (folder / "broken.yaml").write_text("platform: [", encoding="utf-8")
    assert account_on_known_site("https://o.example/@jane") == own
    with pytest.raises(PlatformUnknownError, match=r"known are .*, ours,"):
        load_platform("our")


def test_nothing_is_written_without_a_yes(tmp_path: Path, folder: Path) -> None:
    assert add(tmp_path, NEWER, answer="n\n").return_value == 1
    assert not folder.exists()


def test_a_file_with_a_mistake_is_not_added(tmp_path: Path, folder: Path) -> None:
    wrong = add(tmp_path, NEWER.replace("says: suspended", "says: suspendet"), "--yes")
    assert isinstance(wrong.exception, ConfigurationError)
    assert not folder.exists()
