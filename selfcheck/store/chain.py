"""Which run a new one names as the run before it.

Laws:
1. Runs are one chain, also where two end at the same moment: who chooses holds the lock until its own list is
   written.
2. A run that is damaged, unfinished or not there is passed over; it never stops a new run.
3. The end of the chain is the newest run that no other names.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from selfcheck.errors import RunUnreadableError
from selfcheck.store.locks import locked
from selfcheck.store.manifests import MANIFEST, SEAL, Link, Manifest, read_manifest, read_seal, sha256

MOST_LOOKED_AT = 32
"""So many of the newest runs may end at the same time, or be damaged, before the chain begins anew."""

LARGEST_LIST = 50_000_000  # bytes


def chain_lock(runs: Path) -> AbstractContextManager[None]:
    """Hold this while the end of the chain is looked for and a new run is joined to it."""
    return locked(runs / ".chain.lock")


def end_of_chain(runs: Path, *, but: str) -> Link | None:
    """Return the run that a new one follows, or None where there is none; `but` is the new one's own id."""
    found = dict(_newest(runs, but=but))
    named = {manifest.previous.run_id for manifest, _ in found.values() if manifest.previous}
    ends = sorted((run_id for run_id in found if run_id not in named), reverse=True)
    return Link(run_id=ends[0], sha256=found[ends[0]][1]) if ends else None


def _newest(runs: Path, *, but: str) -> Iterator[tuple[str, tuple[Manifest, str]]]:
    """Yield the newest runs with a sound list, by their names, which begin with the time; and its hash."""
    try:
        folders = sorted((one for one in runs.iterdir() if one.name != but), reverse=True)
    except OSError:
        return
    finished = (one for one in folders if (one / MANIFEST).is_file())
    for _, folder in zip(range(MOST_LOOKED_AT), finished, strict=False):
        manifest = _sound(folder)
        if manifest is not None:
            yield folder.name, manifest


def _sound(folder: Path) -> tuple[Manifest, str] | None:
    """Return a run's list and its hash; None where it is damaged, or not what its own seal says."""
    try:
        data = list_bytes(folder / MANIFEST)
        manifest = read_manifest(data, name=MANIFEST)
        digest = sha256(data)
        sealed = manifest.seal is None or read_seal(list_bytes(folder / SEAL), name=SEAL).manifest == digest
    except (OSError, RunUnreadableError):
        return None
    return (manifest, digest) if sealed and manifest.run_id == folder.name else None


def list_bytes(path: Path) -> bytes:
    """Return a list's bytes. Raises OSError, also where it is too large to be one."""
    if path.stat().st_size > LARGEST_LIST:
        message = f"{path.name} is too large to be a run's"
        raise OSError(message)
    return path.read_bytes()
