"""What a run asked of others: the trace that it leaves in their logs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

Requests = Annotated[
    Mapping[str, Annotated[int, Field(ge=1)]],
    Field(description="how many, by the browser's kind of request: document, script, image, fetch, ..."),
]


@dataclass(frozen=True, kw_only=True)
class HostFootprint:
    """What one host was asked for from one viewpoint."""

    host: Annotated[str, Field(min_length=1)]
    viewpoint: Annotated[str, Field(min_length=1)]
    page_views: Annotated[int, Field(ge=0)]  # pages that selfcheck opened
    requests: Requests  # that left the browser, at most
    refused: Requests  # that the pages tried in vain
    least_gap_seconds: Annotated[
        float | None,
        Field(description="the least time between the starts of two page views; null: there were not two"),
    ]
