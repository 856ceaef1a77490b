"""Files that runs have alike are stored once: as hard links, where the file system has them.

Laws:
1. A run's folder stays readable by itself: each file has its name there, and removing one run's takes nothing
   from another's.
2. A file takes the place of another only after its bytes were compared with the hash of what was written. An
   earlier run that was changed gives nothing to a later one.
3. Where a link cannot be made the copy stays; that is not a failure.

Nothing of selfcheck writes into a file that is there, so two names of one file are as safe as two files,
unless a person edits one of them in place: then `verify` reports both runs.
"""

import os
import secrets
import stat
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from selfcheck.artifacts.manifests import Entry, sha256

SMALLEST = 4096
"""Bytes, of a block on most disks: below it a link saves nothing."""


def share(folder: Path, entries: Iterable[Entry], earlier: Iterable[tuple[Path, Iterable[Entry]]]) -> int:
    """Replace files of a run with links to equal ones, of itself or of the earlier runs; return the bytes.

    `earlier` has each run's folder with what its list says, the newest first.
    """
    known: dict[str, Path] = {}
    for run, listed in earlier:
        for entry in listed:
            known.setdefault(entry.sha256, run / entry.path)
    saved = 0
    for entry in entries:
        own = folder / entry.path
        other = known.setdefault(entry.sha256, own)
        if entry.size >= SMALLEST and other != own and _link(other, own, entry):
            saved += entry.size
    return saved


def _link(other: Path, own: Path, entry: Entry) -> bool:
    """Make `own` a second name of `other` in one step; return whether that could be done."""
    beside = own.with_name(f".{secrets.token_hex(6)}.part")
    try:
        status = other.lstat()
        if not stat.S_ISREG(status.st_mode) or status.st_size != entry.size:
            return False
        if sha256(other.read_bytes()) != entry.sha256:
            return False
        os.link(other, beside)
        beside.replace(own)
    except (OSError, NotImplementedError):  # removed meanwhile, another disk, too many links, no links at all
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        return False
    return True
