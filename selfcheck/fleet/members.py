"""Who is in a fleet: profiles, each with the basis on which it is checked; added and forgotten."""

import csv
import json
import shutil
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import yaml
from psycopg.types.json import Jsonb
from pydantic import TypeAdapter

from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import ConfigIssue, ConfigurationError, UsageError, unknown_name
from selfcheck.fleet.database import Connection, home_of_fleet
from selfcheck.platforms.catalogue import is_path, load_platform
from selfcheck.platforms.page_urls import is_another_site
from selfcheck.runs.allowance import site_of
from selfcheck.settings import read_configuration
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_whole

BASES = ("own", "consent")
_LISTS = ("stories", "publications")  # of which a cell of a CSV file holds several, with spaces between

_REQUEST = TypeAdapter(ProfileRequest)


@dataclass(frozen=True, kw_only=True)
class FleetMember:
    """A profile that may be checked."""

    request: ProfileRequest
    basis: str  # own or consent
    basis_on: date

    @property
    def platform(self) -> str:
        """Return what its looks are counted under: the platform, and for a self-hosted one its host."""
        return platform_key(self.request)


def platform_key(request: ProfileRequest) -> str:
    """Return under which name a profile's looks share a pace, a budget and closures."""
    platform = load_platform(request.platform)
    name, host = site_of(request, platform)
    return f"{name} {host}" if is_another_site(request, platform) else name


def read_members(path: Path) -> tuple[FleetMember, ...]:
    """Read a CSV file with a header, or a YAML file in the form of `profiles.yaml`.

    Each profile has besides a `basis` and a `basis_date`. Raise ConfigurationError with
    every mistake in it, UsageError where it is missing.
    """
    if not path.exists():
        raise UsageError(f"There is no file {path}.", next_step="Its form is shown in docs/fleet.md.")
    is_csv = path.suffix.lower() == ".csv"
    entries = _csv_entries(path) if is_csv else _yaml_entries(path)
    bases, issues = _bases(path, entries)
    requests = _requests(path, entries, is_csv=is_csv, others=issues)
    return tuple(
        FleetMember(request=request, basis=basis, basis_on=on)
        for request, (basis, on) in zip(requests, bases, strict=True)
    )


def add_members(connection: Connection, members: Iterable[FleetMember]) -> int:
    """Write the members down; those with a known name are replaced. Return how many there are now."""
    rows = [
        (
            member.request.name,
            member.platform,
            Jsonb(asdict(member.request)),
            member.basis,
            member.basis_on,
        )
        for member in members
    ]
    with connection.transaction(), connection.cursor() as cursor:
        cursor.executemany(
            """INSERT INTO fleet.profiles (name, platform, request, basis, basis_on)
            VALUES (%s, %s, %s, %s, %s)
            ON CONFLICT (name) DO UPDATE SET platform = excluded.platform, request = excluded.request,
                basis = excluded.basis, basis_on = excluded.basis_on""",
            rows,
        )
    row = connection.execute("SELECT count(*) AS number FROM fleet.profiles").fetchone()
    return row["number"] if row else 0


def permit(connection: Connection, platform: str, given_by: str, on: date) -> None:
    """Record that a platform whose rules forbid programs has permitted this fleet."""
    connection.execute(
        """INSERT INTO fleet.permissions VALUES (%s, %s, %s)
        ON CONFLICT (platform) DO UPDATE SET given_by = excluded.given_by, given_on = excluded.given_on""",
        (platform, given_by, on),
    )


def without_permission(connection: Connection) -> tuple[str, ...]:
    """Return the fleet's platforms whose rules forbid programs, and that have given no permission."""
    rows = connection.execute(
        "SELECT DISTINCT ON (platform) platform, request FROM fleet.profiles"
        " WHERE platform NOT IN (SELECT platform FROM fleet.permissions) ORDER BY platform"
    )
    return tuple(
        row["platform"]
        for row in rows
        if load_platform(row["request"]["platform"]).limits.programs == "forbidden"
    )


def forget(connection: Connection, data: DataFolder, name: str) -> None:
    """Delete all that is known of a profile: in the database, and its evidence on this machine.

    Raise UsageError where neither knows it: on a further machine only the evidence is left.
    """
    evidence = home_of_fleet(data) / "evidence" / name
    has_evidence = is_safe_name(name) and evidence.is_dir()
    with connection.transaction():
        connection.execute("DELETE FROM procrastinate_jobs WHERE args->>'profile' = %s", (name,))
        gone = connection.execute("DELETE FROM fleet.profiles WHERE name = %s", (name,)).rowcount
        if not gone and not has_evidence:
            names = [row["name"] for row in connection.execute("SELECT name FROM fleet.profiles")]
            raise unknown_name(f"The fleet has no profile called `{name}`.", name, names[:1000])
    if has_evidence:
        shutil.rmtree(evidence)


def request_of(document: Mapping[str, Any]) -> ProfileRequest:
    """Return the profile that a row of the database holds."""
    return _REQUEST.validate_python(document)


def _csv_entries(path: Path) -> list[dict[str, Any]]:
    lines = read_whole(path).decode("utf-8-sig").splitlines()
    entries = []
    for row in csv.DictReader(lines):
        cells = {key: value.strip() for key, value in row.items() if key and value and value.strip()}
        entries.append({key: value.split() if key in _LISTS else value for key, value in cells.items()})
    return entries


def _yaml_entries(path: Path) -> list[dict[str, Any]]:
    try:
        document = yaml.safe_load(read_whole(path))
    except yaml.YAMLError as error:
        raise UsageError(f"{path} is not YAML.", cause=str(error)) from error
    entries = document.get("profiles") if isinstance(document, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise UsageError(f"{path} has no list `profiles`.", next_step="Its form is shown in docs/fleet.md.")
    return entries


def _bases(
    path: Path, entries: list[dict[str, Any]]
) -> tuple[list[tuple[str, date]], tuple[ConfigIssue, ...]]:
    """Take the basis out of each entry and return them, with what is wrong."""
    bases, issues = [], []

    def wrong(number: int, key: str, actual: object, expected: str) -> None:
        where = f"profiles[{number}].{key}"
        said = "nothing" if actual is None else repr(actual)
        issues.append(ConfigIssue(file=str(path), line=None, where=where, actual=said, expected=expected))

    for number, entry in enumerate(entries):
        basis, on = entry.pop("basis", None), entry.pop("basis_date", None)
        if basis not in BASES:
            wrong(number, "basis", basis, "own (the account is yours) or consent (its author agreed)")
        try:
            day = on if isinstance(on, date) else date.fromisoformat(str(on))
        except ValueError:
            wrong(number, "basis_date", on, "the date since when, such as 2026-05-01")
            day = date.min
        bases.append((str(basis), day))
    return bases, tuple(issues)


def _requests(
    path: Path, entries: list[dict[str, Any]], *, is_csv: bool, others: tuple[ConfigIssue, ...]
) -> tuple[ProfileRequest, ...]:
    """Check the entries as those of a profiles file, one a line: a row of a CSV file keeps its number."""
    for entry in entries:
        if isinstance(name := entry.get("platform"), str) and is_path(name):
            entry["platform"] = str((path.parent / name).resolve())
    with tempfile.TemporaryDirectory(prefix="selfcheck-") as folder:
        plain = Path(folder) / "profiles.yaml"
        text = "".join(f"- {json.dumps(entry, default=str)}\n" for entry in entries)
        plain.write_text(f"profiles:\n{text}" if entries else "profiles: []\n", encoding="utf-8")
        try:
            requests = read_configuration(plain).profiles
        except ConfigurationError as error:
            issues = (
                replace(issue, file=str(path), line=issue.line if is_csv else None)
                for issue in error.mistakes
            )
            raise ConfigurationError((*others, *issues)) from None
    if others:
        raise ConfigurationError(others)
    return requests
