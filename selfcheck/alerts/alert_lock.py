"""One teller at a time: two rounds at once would both see that a notice is due, and send it twice.

SQLite's own lock on an empty file does it: it holds on every system, and ends with its process, however
that ends.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from selfcheck.errors import StorageError

LOCK = "telling.lock"
PATIENCE = 120.0
"""Seconds to wait for another round: some dead channels make it as long."""


@contextmanager
def one_teller(data_dir: Path, *, patience: float = PATIENCE) -> Iterator[None]:
    """Wait until nobody else tells, and keep others from it meanwhile. Raise StorageError."""
    try:
        connection = sqlite3.connect(data_dir / LOCK, timeout=patience, isolation_level=None)
    except sqlite3.Error as error:
        raise _not_held(data_dir, error) from error
    with closing(connection):
        try:
            connection.execute("BEGIN EXCLUSIVE")
        except sqlite3.Error as error:
            raise _not_held(data_dir, error) from error
        yield


def _not_held(data_dir: Path, error: sqlite3.Error) -> StorageError:
    return StorageError(
        f"{data_dir / LOCK} could not be locked.",
        cause=f"Another selfcheck is telling, or the folder cannot be written to ({error}).",
        next_step="What is due is told after the next run.",
    )
