"""Leaving a platform alone when it says that there were too many requests (429). Pure: time is passed in.

Laws:
1. A time that the platform names is kept to: at least a minute, at most a week.
2. Where it names none, it is left alone for an hour, and twice as long each time in a row, up to a day.
3. It holds for all of the platform at that address and for every viewpoint, in this run and in later ones.
4. This machine (loopback) is never left alone.
"""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from selfcheck.core.backoff import BackOff
from selfcheck.core.hosts import is_loopback

TOO_MANY_REQUESTS = 429

_LEAST, _MOST = timedelta(minutes=1), timedelta(days=7)
_FIRST, _LONGEST = timedelta(hours=1), timedelta(days=1)
_IN_A_ROW = timedelta(days=1)
_MOST_DOUBLINGS = 5


def retry_after(header: str | None, now: datetime) -> datetime | None:
    """Return the time that a Retry-After header names, in seconds or as a date; None where it names none."""
    text = (header or "").strip()
    if text.isascii() and text.isdigit():
        return now + timedelta(seconds=min(int(text[:9]), _MOST.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except (TypeError, ValueError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def backed_off(
    platform: str, host: str, header: str | None, now: datetime, *, before: BackOff | None
) -> BackOff:
    """Return until when to leave a platform alone that has answered 429; `before` is what it said earlier."""
    row = before.times + 1 if before and now - before.until < _IN_A_ROW else 1
    asked = retry_after(header, now)
    wait = _FIRST * 2 ** min(row - 1, _MOST_DOUBLINGS) if asked is None else asked - now
    bounded = min(wait, _LONGEST) if asked is None else min(max(wait, _LEAST), _MOST)
    return BackOff(
        platform=platform, host=host, until=now + bounded, asked_at=now, times=row, told=asked is not None
    )


class BackoffRegistry:
    """Which platforms are to be left alone now, by what earlier runs and this one were told."""

    def __init__(self, known: Iterable[BackOff] = ()) -> None:
        self._known = {(one.platform, one.host): one for one in known}
        self.changed = False

    def closed(self, platform: str, host: str, now: datetime) -> BackOff | None:
        """Return the wish to be left alone that holds now, or None."""
        found = self._known.get((platform, host))
        return found if found and now < found.until and not is_loopback(host) else None

    def told(self, platform: str, host: str, header: str | None, now: datetime) -> None:
        """Note that a platform answered 429; several answers to looks at one moment are one."""
        if is_loopback(host) or self.closed(platform, host, now):
            return
        before = self._known.get((platform, host))
        self._known[platform, host] = backed_off(platform, host, header, now, before=before)
        self.changed = True

    def known(self) -> tuple[BackOff, ...]:
        """Return all that is to be remembered."""
        return tuple(self._known.values())
