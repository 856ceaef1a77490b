"""What checking a run or an evidence.zip against its own lists found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProblemKind(StrEnum):
    """What is wrong. They stand in JSON: add, never rename."""

    CHANGED = "changed"  # another content than at the time of the run
    WRONG_SIZE = "wrong_size"  # so changed, and longer or shorter
    MISSING = "missing"
    EXTRA = "extra"  # no list names it
    UNREADABLE = "unreadable"
    ODD_NAME = "odd_name"  # it leads out of the folder, or stands twice
    LIST_DAMAGED = "list_damaged"  # a manifest, a seal: not readable, or not the one that was sealed
    LINK_BROKEN = "link_broken"  # the run before is not as this one names it
    STAMP_WRONG = "stamp_wrong"  # an authority's stamp is of something else, or by somebody else


@dataclass(frozen=True, kw_only=True)
class Problem:
    """One thing that is wrong, and exactly where."""

    kind: ProblemKind
    path: str  # the file, or the run for a link
    text: str  # one plain sentence


@dataclass(frozen=True, kw_only=True)
class StampCheck:
    """A stamp of an authority: whether it holds."""

    path: str
    holds: bool | None  # None: it could not be checked, `text` says why
    at: datetime | None = None  # by the authority's clock
    authority: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class LinkCheck:
    """A link of the chain: a run and the one before it."""

    run_id: str
    previous: str
    holds: bool | None  # None: the run before is not there to compare
    text: str


@dataclass(frozen=True, kw_only=True)
class Verification:
    """All that checking found."""

    target: str  # as the user would write it
    kind: str  # `run` or `evidence`
    runs: tuple[str, ...]  # the runs whose files were checked
    files: int = 0  # that were compared
    pruned: tuple[str, ...] = ()  # files that a rule removed, so that only their hashes are left
    problems: tuple[Problem, ...] = ()
    notes: tuple[str, ...] = ()  # what could not be checked or is worth knowing; nothing wrong
    links: tuple[LinkCheck, ...] = ()  # newest first: of the run after it, then of those before
    stamps: tuple[StampCheck, ...] = ()

    @property
    def sound(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.problems
