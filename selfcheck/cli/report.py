"""`selfcheck report`: the report over time, as a page that opens from disk."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from selfcheck.cli.common import data_option, gathered, offer_page, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.times import plural
from selfcheck.report.service import ReportRequest, build_report
from selfcheck.settings import read_preferences
from selfcheck.storage.data_folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class _Arguments:
    names: tuple[str, ...]
    profiles_file: Path
    data: DataFolder
    target: Path | None
    public: bool
    open_it: bool


@click.command("report")
@click.argument("names", nargs=-1, metavar="[PROFILE]...")
@profiles_option("The file whose `settings:` apply; it may be missing.")
@data_option()
@click.option(
    "--to",
    "target",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to write; default: `site` in the folder of the runs.",
)
@click.option(
    "--public", is_flag=True, help="Leave out the author's views, numbers and notes, to publish the page."
)
@click.option("--open", "open_it", is_flag=True, help="Open the page in your browser.")
@pass_hints
@gathered(_Arguments)
def command(hints: CommandHints, arguments: _Arguments) -> int:
    """Build one page over all runs: each PROFILE (all, if none is named) today and over time.

    It shows today's verdicts, a bar of days, followers and views as charts with incidents marked, the
    evidence of each incident, and badges. It opens from disk and loads nothing from elsewhere.
    """
    request = ReportRequest(
        preferences=read_preferences(arguments.profiles_file),
        now=datetime.now(UTC),
        names=arguments.names,
        target=arguments.target,
        public=arguments.public,
        hints=hints,
    )
    written = build_report(arguments.data, request)
    click.echo(f"The report over {plural(len(written.report.profiles), 'profile')} is in {written.index}")
    if not request.public:
        click.echo("It shows the author's own view. To publish one without: --public", err=True)
    offer_page(written.index, wanted=arguments.open_it)
    return 0
