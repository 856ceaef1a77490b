"""Has a finished run's seal stamped by the authorities of the settings."""

from collections.abc import Callable
from pathlib import Path

from selfcheck.evidence.stamping import Stamped, stamp_run
from selfcheck.settings.preferences import EvidenceSettings


def stamp(folder: Path, settings: EvidenceSettings, *, say: Callable[[str], None]) -> tuple[Stamped, ...]:
    """Ask every authority for a stamp of the run in this folder; say what came of each. Never raises."""
    found = stamp_run(folder, settings.timestamps)
    for one in found:
        if one.trouble:
            say(f"No time stamp from {one.url}: {one.trouble}. The run is kept without it.")
        else:
            say(f"Time stamp from {one.url}: {one.path}.")
    return found
