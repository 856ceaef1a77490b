"""One page over all profiles of a fleet, with search, filters and paging. Pure.

The rows are data, of which the page shows a hundred at a time: ten thousand profiles open at once.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

COLUMNS = ("name", "platform", "verdict", "strength", "before", "how", "due")


def site_html(rows: Sequence[Mapping[str, Any]], template: str) -> str:
    """Return the page; it loads nothing from elsewhere."""
    table = [[row[column] or "" for column in COLUMNS] for row in rows]
    # What would end the script, or begin another, cannot stand in it.
    data = json.dumps(table, ensure_ascii=True).replace("<", "\\u003c")
    return template.replace("/*ROWS*/[]", data)
