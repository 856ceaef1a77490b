"""The fleet's database: where it is, how it is made, and connections to it."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from selfcheck.errors import ExtraMissingError, FleetError, UsageError
from selfcheck.fleet.server import EmbeddedServer, embedded_server
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_whole, write_private

try:
    import psycopg
    from procrastinate.schema import SchemaManager
    from psycopg.rows import dict_row
except ImportError as error:
    raise ExtraMissingError.of("fleet", "A fleet") from error

VERSION = 1

Connection = psycopg.Connection[dict[str, Any]]
"""A connection whose rows are dictionaries; every statement is a transaction of its own."""


@dataclass(frozen=True, kw_only=True)
class Fleet:
    """A fleet's database, as a data folder names it."""

    dsn: str
    server: EmbeddedServer | None = None  # None: it is somebody else's to start and stop

    def connect(self) -> Connection:
        """Return a connection. Raise FleetError where the database does not answer."""
        try:
            return psycopg.connect(self.dsn, autocommit=True, row_factory=dict_row)
        except psycopg.OperationalError as error:
            raise FleetError(
                "The fleet's database does not answer.",
                cause=str(error).strip(),
                next_step="Check the address that `fleet init` was given, and that it is running.",
            ) from error


def home_of_fleet(data: DataFolder) -> Path:
    """Return the folder in which a fleet's address, embedded database and evidence are."""
    return data.path / "fleet"


def found_fleet(data: DataFolder, dsn: str | None, *, embedded: bool) -> Fleet:
    """Make the database's tables where there are none, and note its address in the data folder."""
    home = home_of_fleet(data)
    home.mkdir(parents=True, exist_ok=True)
    server = None if dsn else embedded_server(home / "postgres", asked_for=embedded)
    fleet = Fleet(dsn=dsn or (server.start() if server else ""), server=server)
    with fleet.connect() as connection:
        make_tables(connection)
    # It may hold a password. The embedded server's address is looked up each time.
    write_private(home / "address", (dsn or "embedded").encode())
    return fleet


def open_fleet(data: DataFolder) -> Fleet:
    """Return the fleet of a data folder; an embedded database is started where it does not run."""
    address = home_of_fleet(data) / "address"
    if not address.exists():
        raise UsageError(
            f"There is no fleet in {data}.",
            next_step=lambda hints: f"`{hints.command('fleet', 'init')}` makes one.",
        )
    dsn = read_whole(address).decode().strip()
    if dsn != "embedded":
        return Fleet(dsn=dsn)
    # That one was made says that it was asked for.
    server = embedded_server(home_of_fleet(data) / "postgres", asked_for=True)
    return Fleet(dsn=server.start(), server=server)


def make_tables(connection: Connection) -> None:
    """Make the tables where there are none; twice at once is once."""
    with connection.transaction():
        connection.execute("SELECT pg_advisory_xact_lock(hashtext('selfcheck fleet init'))")
        made = connection.execute("SELECT to_regclass('fleet.settings') AS settings").fetchone()
        if made and made["settings"]:
            row = connection.execute("SELECT version FROM fleet.settings").fetchone()
            if row and row["version"] > VERSION:
                raise FleetError(
                    "A later version of selfcheck made this fleet's database.",
                    next_step="Use that version, or another database.",
                )
            return
        queue = connection.execute("SELECT to_regclass('procrastinate_jobs') AS jobs").fetchone()
        if queue and not queue["jobs"]:
            connection.execute(SchemaManager.get_schema())
        schema = resources.files("selfcheck.fleet") / "data" / "schema.sql"
        connection.execute(schema.read_text(encoding="utf-8").encode())
