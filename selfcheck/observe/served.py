"""When a page was handed out, by the clock of the server that did."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime


def served_at(headers: Mapping[str, str]) -> datetime | None:
    """Return the moment in UTC, or None where the answer does not tell.

    `Date` is when the answer was made and `Age` how many seconds a cache has held it (RFC 9110, RFC 9111).
    """
    try:
        made = parsedate_to_datetime(headers.get("date", ""))
    except ValueError:
        return None
    if made.tzinfo is None:
        made = made.replace(tzinfo=UTC)
    age = headers.get("age", "").strip()
    seconds = int(age) if re.fullmatch(r"[0-9]{1,7}", age) else 0
    return made.astimezone(UTC) + timedelta(seconds=seconds)
