"""The chain of runs: which one a new run names as the run before it, and whether links hold.

Laws:
1. Runs are one chain, also where two end at the same moment: the run that looks for the end holds the lock
   until its own list is written.
2. A run that is damaged, unfinished or deleted is skipped; it never stops a new run.
3. The end of the chain is the newest run that no other names.
4. A link to a deleted run is reported and is not a problem: runs may be deleted. A link to a run whose list
   has changed is broken.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from itertools import islice
from pathlib import Path

from selfcheck.artifacts.manifests import (
    MANIFEST,
    SEAL,
    ChainLink,
    Manifest,
    Seal,
    list_bytes,
    read_list,
    sha256,
)
from selfcheck.artifacts.verification import LinkCheck
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import RunUnreadableError
from selfcheck.storage.data_folder import RESULT
from selfcheck.storage.lock import best_effort_lock

MOST_RUNS = 32
"""So many of the newest runs may end at the same time, or be damaged, before the chain starts again."""


def chain_lock(runs: Path) -> AbstractContextManager[None]:
    """Hold this while the end of the chain is looked for and a new run is joined to it."""
    return best_effort_lock(runs / ".chain.lock")


def end_of_chain(runs: Path, *, but: str) -> ChainLink | None:
    """Return the run that a new one follows, or None where there is none; `but` is the new one's own id."""
    newest = dict(_newest(runs, but=but))
    named = {manifest.previous.run_id for manifest, _ in newest.values() if manifest.previous}
    end = max((run_id for run_id in newest if run_id not in named), default=None)
    return ChainLink(run_id=end, sha256=newest[end][1]) if end else None


def newest_lists(runs: Path, *, but: str, most: int) -> Iterator[tuple[Path, Manifest]]:
    """Yield the newest runs with a sound list, newest first, with their folders; `but` is not among them."""
    for run_id, (manifest, _) in islice(_newest(runs, but=but), most):
        yield runs / run_id, manifest


def _newest(runs: Path, *, but: str) -> Iterator[tuple[str, tuple[Manifest, str]]]:
    """Yield the newest runs with a sound list, by their names, which begin with the time; and its hash."""
    try:
        folders = sorted((folder for folder in runs.iterdir() if folder.name != but), reverse=True)
    except OSError:
        return
    finished = (folder for folder in folders if (folder / MANIFEST).is_file() and (folder / RESULT).is_file())
    for folder in islice(finished, MOST_RUNS):
        manifest = _sound(folder)
        if manifest is not None:
            yield folder.name, manifest


def _sound(folder: Path) -> tuple[Manifest, str] | None:
    """Return a run's list and its hash; None where it is damaged, or not what its own seal says."""
    try:
        data = list_bytes(folder / MANIFEST)
        manifest = read_list(Manifest, data, name=MANIFEST)
        digest = sha256(data)
        sealed = (
            manifest.seal is None or read_list(Seal, list_bytes(folder / SEAL), name=SEAL).manifest == digest
        )
    except (OSError, RunUnreadableError):
        return None
    return (manifest, digest) if sealed and manifest.run_id == folder.name else None


def chain_links(folder: Path) -> Iterator[LinkCheck]:
    """Yield the links from this run back as far as there are runs, newest first."""
    passed: set[str] = set()
    here: Path | None = folder
    while here is not None and here.name not in passed:
        passed.add(here.name)
        manifest = _readable(here)
        if manifest is None or manifest.previous is None:
            return
        before = folder.parent / manifest.previous.run_id
        yield _link(here.name, manifest.previous, before)
        here = before if is_safe_name(before.name) else None


def links_to(folder: Path) -> Iterator[LinkCheck]:
    """Yield the links of the runs that follow this one; they stand near it in the order of names."""
    try:
        names = sorted(run.name for run in folder.parent.iterdir() if (run / MANIFEST).is_file())
        place = names.index(folder.name)
    except (OSError, ValueError):
        return
    near = names[max(0, place - MOST_RUNS) : place + MOST_RUNS + 1]
    for name in near:
        manifest = _readable(folder.parent / name) if name != folder.name else None
        if manifest is not None and manifest.previous and manifest.previous.run_id == folder.name:
            yield _link(name, manifest.previous, folder)


def _readable(folder: Path) -> Manifest | None:
    try:
        return read_list(Manifest, list_bytes(folder / MANIFEST), name=MANIFEST)
    except (OSError, RunUnreadableError):
        return None


def _link(run_id: str, link: ChainLink, before: Path) -> LinkCheck:
    """Return whether the run before is as the link says."""
    if not is_safe_name(link.run_id):
        return _checked(
            run_id, link, holds=False, text=f"{run_id} names {link.run_id!r}, which is not a run."
        )
    try:
        digest = sha256(list_bytes(before / MANIFEST))
    except FileNotFoundError:
        text = f"{run_id} follows {link.run_id}, which was deleted or moved: not compared."
        return _checked(run_id, link, holds=None, text=text)
    except OSError as error:
        text = f"{run_id} follows {link.run_id}, whose list cannot be read: {error.strerror or error}."
        return _checked(run_id, link, holds=False, text=text)
    if digest != link.sha256:
        text = f"{run_id} follows {link.run_id}, whose {MANIFEST} was different then."
        return _checked(run_id, link, holds=False, text=text)
    return _checked(run_id, link, holds=True, text=f"{run_id} follows {link.run_id}.")


def _checked(run_id: str, link: ChainLink, *, holds: bool | None, text: str) -> LinkCheck:
    return LinkCheck(run_id=run_id, previous=link.run_id, holds=holds, text=text)
