"""Moments as machines read them."""

from datetime import UTC, datetime


def utc(moment: datetime) -> str:
    """Return the moment as ISO 8601 in UTC to the millisecond, such as `2026-02-03T04:05:06.789Z`."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
