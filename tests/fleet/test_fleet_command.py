"""`selfcheck fleet` as it is typed; what workers do is tested elsewhere."""

import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from psycopg.conninfo import conninfo_to_dict

from selfcheck.cli import cli
from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.fleet.database import Fleet
from selfcheck.fleet.members import read_members
from selfcheck.fleet.server import EmbeddedServer, embedded_server

ROOT = Path(__file__).parents[2]
CSV = """name,platform,handle,stories,basis,basis_date
jane,matters,@jane,https://matters.town/a/1a2b3c4d5e6f,own,2026-05-01
sam,matters,@sam,,consent,2026-06-15
"""
YAML = """profiles:
  - {name: jane, platform: matters, handle: "@jane", basis: own, basis_date: 2026-05-01}
"""


@pytest.fixture
def typed(tmp_path: Path) -> Callable[..., Result]:
    def run(*words: str) -> Result:
        return CliRunner().invoke(cli, ["fleet", *words, "--data", str(tmp_path / "data")])

    return run


def test_a_fleet_from_its_first_command_to_its_last(
    fleet: Fleet, tmp_path: Path, typed: Callable[..., Result]
) -> None:
    members = tmp_path / "members.csv"
    members.write_text(CSV, encoding="utf-8")
    assert isinstance(typed("status").exception, UsageError)
    assert "in the database that you named" in typed("init", fleet.dsn).output
    assert typed("add", str(members)).output == "2 profiles added; the fleet has 2.\n"
    assert typed("add", str(members)).output == "2 profiles added; the fleet has 2.\n"
    assert "2 profiles added" in typed("plan", "--every", "24h").output
    assert "0 profiles added" in typed("plan", "--every", "24h").output
    assert json.loads(typed("status", "--format", "json").output)["due"] == 2
    assert "late" in typed("status").output
    assert typed("forget", "sam").exit_code == 0
    assert "1 profile in" in typed("collect", "--to", str(tmp_path / "all")).output
    assert typed("drain").exit_code == 0
    assert "have ended" in typed("stop").output
    assert (tmp_path / "data" / "fleet" / "address").stat().st_mode & 0o077 == 0


def test_a_platform_that_forbids_programs_needs_a_permission(
    fleet: Fleet, tmp_path: Path, typed: Callable[..., Result]
) -> None:
    members = tmp_path / "members.csv"
    members.write_text(CSV.replace("matters,@sam", "linkedin,sam"), encoding="utf-8")
    typed("init", fleet.dsn)
    assert "The rules of linkedin forbid programs" in typed("add", str(members)).output
    refused = typed("work", "--until-empty").exception
    assert isinstance(refused, UsageError)
    assert "no page of theirs is opened" in refused.what
    permission = "linkedin=Ann of LinkedIn, 2026-05-01"
    assert "forbid" not in typed("add", str(members), "--permission", permission).output
    assert typed("add", str(members), "--permission", "linkedin=Ann").exit_code == 2


@pytest.mark.parametrize(
    ("name", "text", "issue"),
    [
        pytest.param("a.csv", CSV.replace("consent", ""), "profiles[1].basis: found nothing", id="no basis"),
        pytest.param("a.csv", CSV.replace("2026-06-15", "June"), "profiles[1].basis_date", id="no date"),
        pytest.param("a.csv", CSV.replace("@sam", "@"), "a.csv:3: profiles[1].handle", id="a row's number"),
        pytest.param("a.csv", CSV.replace("sam,", "jane,"), "profiles[1].name", id="a name twice"),
        pytest.param("a.yaml", YAML.replace("basis: own, ", ""), "profiles[0].basis", id="YAML"),
    ],
)
def test_every_profile_needs_a_basis_and_no_mistake(tmp_path: Path, name: str, text: str, issue: str) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ConfigurationError) as raised:
        read_members(path)
    assert issue in "\n".join(raised.value.lines())


@pytest.mark.parametrize(("name", "text", "number"), [("a.csv", CSV, 2), ("a.yaml", YAML, 1)])
def test_members_are_read_from_csv_and_yaml(tmp_path: Path, name: str, text: str, number: int) -> None:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    members = read_members(path)
    assert len(members) == number
    assert (members[0].request.handle, members[0].basis, str(members[0].basis_on)) == (
        "jane",
        "own",
        "2026-05-01",
    )


def test_a_folder_that_the_system_user_cannot_enter_is_refused(tmp_path: Path) -> None:
    locked = tmp_path / "root"
    locked.mkdir(mode=0o700)
    with pytest.raises(UsageError, match="cannot enter"):
        EmbeddedServer(folder=locked / "data" / "postgres", user=os.geteuid() + 54321).start()
    assert not (locked / "data").exists()


def test_a_server_that_lost_its_socket_is_started_again(server: Fleet) -> None:
    assert server.server is not None
    socket = Path(conninfo_to_dict(server.dsn)["host"]) / ".s.PGSQL.5432"  # type: ignore[arg-type]
    socket.unlink()
    assert server.server.start() == server.dsn
    with server.connect() as connection:
        assert connection.execute("SELECT 1 AS one").fetchone() == {"one": 1}


def test_the_documented_members_are_read(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "fleet.md").read_text(encoding="utf-8")
    path = tmp_path / "members.csv"
    path.write_text(text.partition("```text\n")[2].partition("```")[0], encoding="utf-8")
    assert [(member.request.name, member.platform) for member in read_members(path)] == [
        ("jane", "matters"),
        ("sam", "ghost sam.example"),
    ]


def test_root_and_windows_get_an_embedded_database_only_as_far_as_they_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    with pytest.raises(UsageError, match="does not run as root"):
        embedded_server(tmp_path, asked_for=False)
    monkeypatch.setattr("sys.platform", "win32")
    with pytest.raises(UsageError, match="for Windows"):
        embedded_server(tmp_path, asked_for=True)
