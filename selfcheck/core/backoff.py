"""A platform's wish to be left alone until a time."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, kw_only=True)
class BackOff:
    """Until when a platform at an address is not to be asked again."""

    platform: str
    host: str  # of its home, or of the profile's base_url
    until: datetime  # UTC
    asked_at: datetime  # UTC: when it answered 429
    times: int = 1  # how often in a row it did, without a whole day between
    told: bool = False  # it named the time itself, with Retry-After
