"""One embedded PostgreSQL for the tests of a process, which runs as `nobody` where root starts it."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import count

import pytest

if sys.platform == "win32":
    pytest.skip("there is no embedded PostgreSQL for Windows", allow_module_level=True)

import fleet_trial
from psycopg.conninfo import make_conninfo

from selfcheck.fleet.database import Fleet, make_tables

_NUMBERS = count()


@pytest.fixture(scope="session")
def server() -> Iterator[Fleet]:
    with ExitStack() as stack:
        try:
            fleet = stack.enter_context(fleet_trial.database(durable=False))
        except (
            PermissionError
        ):  # only root runs it as somebody else, who may not enter every folder of root's
            pytest.skip("the user `nobody` cannot run the programs of this environment")
        yield fleet


@pytest.fixture
def fleet(server: Fleet) -> Fleet:
    """A database of the test's own."""
    name = f"fleet_{next(_NUMBERS)}"
    with server.connect() as connection:
        connection.execute(f"CREATE DATABASE {name}")
    fleet = Fleet(dsn=make_conninfo(server.dsn, dbname=name))
    with fleet.connect() as connection:
        make_tables(connection)
    return fleet
