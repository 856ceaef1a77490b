"""`selfcheck prune`: remove pictures and pages of old good runs, as the settings say."""

import json
from collections.abc import Iterator
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import click

from selfcheck.cli.common import data_option, format_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import plural
from selfcheck.evidence.prune import Pruning, prune
from selfcheck.settings import read_preferences
from selfcheck.storage.data_folder import DataFolder

SCHEMA = "selfcheck.prune/1"
_LEFT_ALONE = 1
_MOST_LINES = 20


@click.command("prune")
@data_option()
@profiles_option("The file whose settings say what is kept (`keep`).")
@click.option("--dry-run", "dry", is_flag=True, help="Only say what would be removed.")
@format_option("text", "json")
@pass_hints
def command(hints: CommandHints, *, data: DataFolder, profiles_file: Path, dry: bool, form: str) -> int:
    """Remove the pictures and pages of good runs that are older than the settings say (30 days).

    What a run found stays, with the hashes of all its files and a small picture a week. Nothing of an
    incident is removed, nor of the latest good run of a profile. `watch` and schedules do this after each
    run.

    Exit codes: 0 done; 1 a run was left alone since it is not as it was written; 2 usage or configuration.
    """
    keep = read_preferences(profiles_file).keep
    pruning = prune(data, keep, now=datetime.now(UTC), dry=dry, hints=hints)
    click.echo(prune_json(pruning) if form == "json" else prune_text(pruning), nl=False)
    return _LEFT_ALONE if pruning.troubles else 0


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
