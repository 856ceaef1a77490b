"""Secrets come from a file that only its owner can read, and from nowhere else; no value is ever repeated."""

import os
from pathlib import Path

import pytest

from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.settings.secrets import put_secret, read_secrets, remove_secret, variables
from selfcheck.storage.files import open_log


def secret_file(folder: Path, text: str, mode: int = 0o600) -> Path:
    path = folder / "secrets.env"
    path.touch(mode=mode)
    path.chmod(mode)
    path.write_text(text, encoding="utf-8")
    return path


def test_lines_are_read_and_comments_are_not(tmp_path: Path) -> None:
    text = "# mine\n\nSELFCHECK_KEY=AGE=1 \nexport A='b c'\n  B=\"d\"\nC=\nD=it's\n"
    expected = {"SELFCHECK_KEY": "AGE=1", "A": "b c", "B": "d", "C": "", "D": "it's"}
    assert read_secrets(secret_file(tmp_path, text)) == expected


def test_every_mistake_is_reported_and_no_value_with_it() -> None:
    with pytest.raises(ConfigurationError) as refused:
        variables("KEY: s3cret\nA=1\n2B=s3cret\n", source="secrets.env")
    said = "\n".join(refused.value.lines())
    assert "secrets.env:1" in said
    assert "secrets.env:3" in said
    assert "s3cret" not in said


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are not of Windows")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644])
def test_a_file_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(UsageError) as refused:
        read_secrets(secret_file(tmp_path, "A=s3cret", mode))
    assert "chmod 600" in refused.value.next_step_text()
    assert "s3cret" not in "".join(refused.value.lines())


def test_a_file_that_is_missing_or_not_text_is_reported(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be read"):
        read_secrets(tmp_path / "no")
    path = secret_file(tmp_path, "")
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UsageError) as refused:
        read_secrets(path)
    assert refused.value.cause == "It is not text."


def test_what_no_environment_takes_is_neither_kept_nor_read(tmp_path: Path) -> None:
    path = secret_file(tmp_path, "A=1\n")
    with pytest.raises(UsageError, match="must be one line of text"):
        put_secret(path, "B", "s3cret\0")
    assert path.read_text("utf-8") == "A=1\n"
    with pytest.raises(ConfigurationError) as refused:
        read_secrets(secret_file(tmp_path, "A=1\nB=s3cret\0\n"))
    assert "secrets.env:2" in "".join(refused.value.lines())


def test_a_log_does_not_grow_forever(tmp_path: Path) -> None:
    path = tmp_path / "schedules" / "default.log"
    with open_log(path) as log:
        log.write("a line\n" * 200_000)
    with open_log(path) as log:
        log.write("the last\n")
    text = path.read_text(encoding="utf-8")
    assert len(text) < 600_000
    assert text.startswith("a line\n")
    assert text.endswith("a line\nthe last\n")


@pytest.mark.parametrize("value", ["plain", 'a\'b"c"d', '"', "", " edges ", "a=b#c", "\\n", "ü€"])
def test_one_secret_is_set_and_removed_and_no_other_line_changes(tmp_path: Path, value: str) -> None:
    path = secret_file(tmp_path, "# mine\nexport A='b c'\n\nB=1\nB=2\n")
    put_secret(path, "B", value)
    assert path.read_text("utf-8").startswith("# mine\nexport A='b c'\n\nB=")
    assert read_secrets(path) == {"A": "b c", "B": value}
    assert remove_secret(path, "B")
    assert path.read_text("utf-8") == "# mine\nexport A='b c'\n\n"
    assert not remove_secret(path, "B")


def test_the_file_is_made_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "config" / "secrets.env"
    assert not remove_secret(path, "A")
    put_secret(path, "A", "s3cret")
    assert read_secrets(path) == {"A": "s3cret"}  # which refuses a file that others can read


@pytest.mark.parametrize("value", ["a\nB=2", "a\rb", "a\x0bb", "a\u2028b"])
def test_a_secret_of_several_lines_is_refused_and_not_repeated(tmp_path: Path, value: str) -> None:
    path = secret_file(tmp_path, "A=1\n")
    with pytest.raises(UsageError) as refused:
        put_secret(path, "A", value)
    assert "B=2" not in "".join(refused.value.lines())
    assert read_secrets(path) == {"A": "1"}


@pytest.mark.skipif(os.name != "posix", reason="permissions of this kind are not of Windows")
def test_a_file_that_others_can_read_is_not_written_to(tmp_path: Path) -> None:
    path = secret_file(tmp_path, "A=1\n", 0o644)
    with pytest.raises(UsageError):
        put_secret(path, "B", "s3cret")
    assert path.read_text("utf-8") == "A=1\n"
