"""A run as a whole: what is written to `run.json` and shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntEnum
from typing import Annotated

from pydantic import Field

from selfcheck.core.enums import BrowserMode, Verdict
from selfcheck.core.verdict import ProfileVerdict

SCHEMA = "selfcheck.run/1"

Requests = Annotated[
    Mapping[str, Annotated[int, Field(ge=1)]],
    Field(description="how many, by the browser's kind of request: document, script, image, fetch, ..."),
]


class ExitCode(IntEnum):
    """The exit codes of `selfcheck run` (Contract)."""

    ALL_VISIBLE = 0
    FOUND = 1
    USAGE = 2
    INCONCLUSIVE = 3
    TOOL_FAILED = 4
    INTERRUPTED = 130


@dataclass(frozen=True, kw_only=True)
class ToolInfo:
    """What made the run, so that it can be judged and checked later."""

    version: str
    rules_version: str
    browser: str  # name and version
    platform: str  # operating system and Python


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
        Field(description="the minimum time between the starts of two page views; null: there were not two"),
    ]


@dataclass(frozen=True, kw_only=True)
class RefusedRequest:
    """What a page asked for in vain: what a platform file may call harmless stands among these."""

    viewpoint: Annotated[str, Field(min_length=1)]
    kind: Annotated[str, Field(min_length=1)]  # the browser's kind of request: fetch, ping, image, ...
    method: Annotated[str, Field(min_length=1)]
    url: Annotated[str, Field(min_length=1, description="without its query")]
    times: Annotated[int, Field(ge=1)]


@dataclass(frozen=True, kw_only=True)
class DayBudget:
    """What is left of a platform's page views of 24 hours, for all runs on a data folder."""

    platform: str
    title: str
    address: str  # the host of its home, or of a profile's base_url
    most: int
    left: int
    next_free: datetime | None  # when the oldest page view is a day old (UTC); None: there was none


@dataclass(frozen=True, kw_only=True)
class RunResult:
    """All that a run found."""

    run_id: str
    started_at: datetime
    finished_at: datetime
    tool: ToolInfo
    profiles: tuple[ProfileVerdict, ...]
    exit_code: int
    page_views: dict[str, int] = field(default_factory=dict)  # viewpoint -> main documents asked for
    footprint: tuple[HostFootprint, ...] = ()
    refused_requests: tuple[RefusedRequest, ...] = ()  # the most frequent first
    failures: tuple[str, ...] = ()  # profiles the tool itself failed on, in words
    not_checked: tuple[str, ...] = ()  # names of profiles that the next run goes on with
    seed: int | None = None  # of the run's own randomness: which controls were drawn
    browser_mode: BrowserMode = BrowserMode.HEADLESS  # the same for every page of the run


def exit_code(
    verdicts: tuple[Verdict, ...],
    *,
    fail_on: tuple[Verdict, ...],
    interrupted: bool = False,
    failed: bool = False,
    unfinished: bool = False,
) -> int:
    """Return the Contract's exit code for these profile verdicts.

    A found suspension outranks everything but an interruption: it is what the user must hear of. A run that
    left profiles for the next one counts like one with an inconclusive profile.
    """
    if interrupted:
        return ExitCode.INTERRUPTED
    if any(verdict in fail_on for verdict in verdicts):
        return ExitCode.FOUND
    if failed:
        return ExitCode.TOOL_FAILED
    if unfinished or any(verdict is Verdict.INCONCLUSIVE for verdict in verdicts):
        return ExitCode.INCONCLUSIVE
    return ExitCode.ALL_VISIBLE
