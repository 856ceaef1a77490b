"""A data folder that cannot be asked for is told as what it is, not as an empty one, and not as a bug."""

from pathlib import Path

import pytest

from selfcheck.__main__ import main

PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: elena-marsh}\n"
COMMANDS = (
    ("status",),
    ("history",),
    ("report",),
    ("appeal", "jane"),
    ("appeal", "status"),
    ("verify", "a-run"),
    ("replay", "a-run"),
)


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_a_folder_that_cannot_be_asked_for_is_reported(
    words: tuple[str, ...],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    code = main([*words, "--data", str(tmp_path / ("a" * 300) / "data")])
    out, err = capsys.readouterr()
    assert (code, out) == (4, "")
    assert err.startswith("Error: Could not read ")
    assert "The path is too long for this system.\nChoose a shorter folder with --data.\n" in err
