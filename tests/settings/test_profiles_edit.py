"""Changes to profiles.yaml: comments stay, and nothing else changes."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.platforms.yamlfile import parse_document
from selfcheck.settings import read_configuration
from selfcheck.settings.profiles_edit import add_profile, edit, edited, removed

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


SECTIONS = """\
profiles:
  - {name: jane, platform: medium, handle: "@jane"}
  # and tom
  - name: tom  # not mine
    platform: medium
    handle: "@tom"
# how
settings:
  # when I sleep
  time_zone: Europe/Berlin  # summer too
  # whom
  alerts:
    channels:
      # first
      - name: phone
        url_env: A
      # second
      - name: mail
        url_env: B
    # the end
  appeal: {from: jane@example.org, smtp: {host: smtp.example.org}}
"""


@pytest.mark.parametrize(
    ("location", "lost"),
    [
        pytest.param(("settings", "time_zone"), ["  time_zone: Europe/Berlin  # summer too"], id="a value"),
        pytest.param(
            ("settings", "alerts", "channels", 0),
            ["      - name: phone", "        url_env: A"],
            id="entry",
        ),
        pytest.param(
            ("settings", "alerts", "channels", 1, "url_env"),
            ["        url_env: B"],
            id="a key",
        ),
        pytest.param(("profiles", 0), [SECTIONS.splitlines()[1]], id="an entry on one line"),
        pytest.param(("settings", "appeal", "from"), [SECTIONS.splitlines()[-1]], id="a part of a line"),
        pytest.param(("settings", "appeal", "smtp", "host"), [SECTIONS.splitlines()[-1]], id="emptied"),
    ],
)
def test_a_value_is_removed_with_its_own_lines_and_no_comment_of_others(
    location: tuple[str | int, ...], lost: list[str]
) -> None:
    text = removed(SECTIONS, location)
    assert [line for line in SECTIONS.splitlines() if line not in text.splitlines()] == lost
    assert "host" not in text or location[-1] != "host"
    added = [line for line in text.splitlines() if line not in SECTIONS.splitlines()]
    assert len(added) == (1 if "appeal" in location else 0)


@pytest.mark.parametrize(
    "value", ["on", "22:00-07:00", "0123", "2026-11-20", "1_000", "~", "a: b", "#x", "", "12h"]
)
def test_text_stays_text_for_every_reader(value: str) -> None:
    def change(document: Any) -> None:
        document["settings"]["appeal"]["name"] = value

    text = edited(SECTIONS, change)
    assert yaml.safe_load(text)["settings"]["appeal"]["name"] == value
    assert parse_document(text, "x").data["settings"]["appeal"]["name"] == value
