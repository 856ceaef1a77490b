"""A command that a message tells to type names the data folder that the user named."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from selfcheck.__main__ import main

PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: elena-marsh}\n"


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("GITHUB_ACTIONS", raising=False)
    return tmp_path


@pytest.mark.parametrize("data", [("--data", "my runs"), ("--data=my runs",)], ids=["two words", "one word"])
@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("status",), "selfcheck run jane --data 'my runs'"),
        (("history",), "selfcheck run --data 'my runs'"),
        (("report",), "selfcheck run --data 'my runs'"),
    ],
    ids=["status", "history", "report"],
)
def test_the_folder_is_named(
    data: Sequence[str], words: Sequence[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main([*words, *data])
    assert says in "".join(capsys.readouterr())


@pytest.mark.parametrize("data", [(), ("--data", "selfcheck-data")], ids=["none", "the usual one"])
def test_the_usual_folder_is_not(data: Sequence[str], capsys: pytest.CaptureFixture[str]) -> None:
    main(["status", *data])
    assert "selfcheck run jane\n" in capsys.readouterr().out


def test_a_hosted_runners_folder_is_not(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    main(["status", "--data", "elsewhere"])
    assert "selfcheck run jane\n" in capsys.readouterr().out
