"""What `selfcheck prune` did, or would do, for people and as JSON."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from selfcheck.core.text_safety import one_line
from selfcheck.core.times import plural
from selfcheck.evidence.prune import Pruning

SCHEMA = "selfcheck.prune/1"
_MOST_LINES = 20


def prune_text(pruning: Pruning) -> str:
    """Return what was removed as text."""
    return "\n".join(_lines(pruning)) + "\n"


def prune_json(pruning: Pruning) -> str:
    """Return what was removed as indented JSON."""
    return json.dumps({"schema": SCHEMA, **asdict(pruning)}, ensure_ascii=False, indent=2) + "\n"


def _lines(pruning: Pruning) -> Iterator[str]:
    yield f"Rule: {pruning.rule}."
    if not pruning.runs:
        yield "Nothing is to be removed."
    else:
        files, size = sum(run.files for run in pruning.runs), sum(run.size for run in pruning.runs)
        verb = "Would remove" if pruning.dry else "Removed"
        of = plural(len(pruning.runs), "good run")
        yield f"{verb} {plural(files, 'file')} of {of}, {size / 1e6:.1f} MB:"
        for run in pruning.runs[:_MOST_LINES]:
            yield f"  {run.run_id}: {plural(run.files, 'file')}, {run.size / 1e6:.1f} MB"
        if len(pruning.runs) > _MOST_LINES:
            yield f"  … and {len(pruning.runs) - _MOST_LINES} more"
        yield "What these runs found, and the hashes of all their files, stay."
    if pruning.of_incidents:
        yield f"{plural(pruning.of_incidents, 'old run')} of incidents stay whole."
    yield from (f"Left alone: {one_line(trouble, 300)}" for trouble in pruning.troubles)
