"""What a run asked of others: the trace that it leaves in their logs."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class HostFootprint:
    """What one host was asked for from one viewpoint."""

    host: str
    viewpoint: str
    page_views: int  # pages that selfcheck opened
    requests: Mapping[str, int] = field(default_factory=dict)  # kind -> how many left the browser, at most
    refused: Mapping[str, int] = field(default_factory=dict)  # kind -> how many the pages tried in vain
    least_gap_seconds: float | None = None  # between the starts of two page views; None: there were not two
