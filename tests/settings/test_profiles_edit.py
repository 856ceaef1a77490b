"""Changes to profiles.yaml: comments stay, and nothing else changes."""

from pathlib import Path

import pytest

from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.settings import read_configuration
from selfcheck.settings.profiles_edit import add_profile, edit

FILE = """\
# Mine.
profiles:
  - name: jane  # the first
    platform: medium
    handle: "@jane"
    # publications: [x]
settings:
  # when I sleep
  time_zone: 'Europe/Berlin'
"""
ENTRY = {"name": "tom", "platform": "medium", "handle": "@tom"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(FILE, id="as init writes it"),
        pytest.param(
            FILE.replace("  - name", "- name").replace("    ", "  "), id="a list that is not indented"
        ),
        pytest.param("profiles: [{name: jane, platform: medium, handle: '@jane'}]\n", id="in one line"),
    ],
)
def test_a_profile_is_added_and_every_line_that_was_there_stays(tmp_path: Path, text: str) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(text, "utf-8")
    add_profile(path, ENTRY, new_file="")
    assert [profile.name for profile in read_configuration(path).profiles] == ["jane", "tom"]
    if text.startswith("#"):
        assert [line for line in text.splitlines() if line not in path.read_text("utf-8").splitlines()] == []
    assert [entry.name for entry in tmp_path.iterdir()] == ["profiles.yaml"]


@pytest.mark.parametrize(
    ("entry", "error"),
    [
        pytest.param({**ENTRY, "name": "jane"}, UsageError, id="the name is taken"),
        pytest.param({**ENTRY, "name": "../x"}, ConfigurationError, id="a name that leads out"),
        pytest.param({**ENTRY, "handle": "no handle"}, ConfigurationError, id="a handle that is none"),
    ],
)
def test_a_mistake_leaves_the_file_as_it_was(
    tmp_path: Path, entry: dict[str, str], error: type[Exception]
) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(FILE, "utf-8")
    with pytest.raises(error) as raised:
        add_profile(path, entry, new_file="")
    assert "profiles.yaml" in str(raised.value)
    assert path.read_text("utf-8") == FILE
    assert [one.name for one in tmp_path.iterdir()] == ["profiles.yaml"]


def test_a_file_that_changed_meanwhile_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(FILE, "utf-8")

    def change(document: object) -> None:
        path.write_text(f"{FILE}# mine again\n", "utf-8")

    with pytest.raises(UsageError, match="changed meanwhile"):
        edit(path, change)
    assert path.read_text("utf-8").endswith("# mine again\n")
