"""A job on a machine of GitHub's, or on a runner of one's own: what it was asked, and what came of it."""

from dataclasses import dataclass
from enum import StrEnum

from selfcheck.core.enums import Verdict


class HistoryStorage(StrEnum):
    """Where the history lies between two jobs."""

    BRANCH = "branch"  # a branch of the repository
    CACHE = "cache"  # the cache of Actions, which GitHub empties after some idle days
    NONE = "none"


@dataclass(frozen=True, kw_only=True)
class HostedJob:
    """What a job was asked, without any secret; one step writes it down for the next."""

    repository: str  # owner/name
    server: str  # where GitHub is, such as https://github.com
    run_url: str  # the job's own page
    cron: str  # the line of the schedule that started it; empty where something else did
    public: bool  # whether everybody can read the repository, its logs and artifacts; also where nobody told
    profiles_file: str
    profiles: tuple[str, ...]  # empty: all
    fail_on: tuple[Verdict, ...]  # which verdicts make the job fail; inconclusive may be one of them
    keeping: HistoryStorage
    branch: str
    issues: bool
    publish_author_view: bool
    retention_days: int  # of artifacts
    again: bool
    known_runs: tuple[str, ...] = ()  # the runs that the history held before

    @property
    def keeps_author_view(self) -> bool:
        """Return whether what the author sees may leave the machine."""
        return not self.public or self.publish_author_view


class Ended(StrEnum):
    """How the looking ended."""

    DONE = "done"
    TOO_EARLY = "too early"  # the platform was looked at a short while ago; nothing was opened
    STOPPED = "stopped"  # by a signal, or it never came to its end


@dataclass(frozen=True, kw_only=True)
class RunOutcome:
    """What came of the looking; one step writes it down for the next."""

    ended: Ended
    exit_code: int
    run_id: str | None = None  # None: no run came to its end
    verdict: Verdict | None = None  # the worst of the profiles
    report: str | None = None  # its path
    note: str = ""  # why nothing was looked at, in words
