"""`selfcheck prune`: remove pictures and pages of old good runs, as the settings say."""

from datetime import UTC, datetime
from pathlib import Path

import click

from selfcheck.cli.common import data_option, format_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.evidence.prune import prune
from selfcheck.evidence.render_prune import prune_json, prune_text
from selfcheck.settings import read_preferences
from selfcheck.storage.data_folder import DataFolder

_LEFT_ALONE = 1


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
