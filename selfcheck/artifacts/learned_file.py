"""`learned.json`: how a profile's pages were built when they were fine, in hashes, for later runs.

Only the public's views are in it, and no word of them. A file that cannot be read teaches nothing.
"""

import json
from collections.abc import Mapping
from pathlib import Path

from selfcheck.core.page_shape import PageShape, read_shape
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import StorageError
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_plain

SCHEMA = "selfcheck.learned/1"
LEARNED_FILE = "learned.json"

_MOST_RUNS = 20  # folders that are looked through, the newest ones
_MOST_EXAMPLES = 2  # of one page: the newest ones, since layouts change
_LARGEST = 4_000_000  # bytes


def learned_json(shapes: Mapping[str, PageShape]) -> bytes:
    """Return the shapes of pages, by their addresses, as JSON."""
    pages = {url: shape.to_json() for url, shape in shapes.items()}
    return json.dumps({"schema": SCHEMA, "pages": pages}, separators=(",", ":")).encode()


def earlier_shapes(data: DataFolder, profile: str) -> dict[str, tuple[PageShape, ...]]:
    """Return what earlier runs kept of this profile's pages, by address, the newest first."""
    shapes: dict[str, tuple[PageShape, ...]] = {}
    try:
        run_ids = data.run_ids()[:_MOST_RUNS]
    except StorageError:
        return {}
    for run_id in run_ids:
        for url, shape in _read(data.run(run_id), f"{safe_name(profile)}/{LEARNED_FILE}").items():
            shapes[url] = (*shapes.get(url, ()), shape)[:_MOST_EXAMPLES]
    return shapes


def _read(run: Path, relative: str) -> dict[str, PageShape]:
    try:
        document = json.loads(read_plain(run, relative, _LARGEST))
        pages = document["pages"] if document["schema"] == SCHEMA else {}
        shapes = {str(url): read_shape(value) for url, value in pages.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return {}
    return {url: shape for url, shape in shapes.items() if shape is not None}
