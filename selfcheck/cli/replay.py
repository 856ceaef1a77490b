"""`selfcheck replay`: judge a stored run again, or write one of its pages as a case for a bug report."""

from dataclasses import dataclass
from pathlib import Path

import click

from selfcheck.artifacts.run_reader import find_run
from selfcheck.cli.common import data_option, format_option, gathered, open_store, pass_hints
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.times import plural
from selfcheck.replay.fixture_export import export
from selfcheck.replay.render_text import replay_json, replay_text
from selfcheck.replay.service import replay
from selfcheck.sessions.author_pages import AuthorPages
from selfcheck.storage.data_folder import DataFolder

_CHANGED = 1


@dataclass(frozen=True, kw_only=True)
class ReplayArguments:
    """What the user typed after `selfcheck replay`."""

    run: str
    data: DataFolder
    rules: str  # there is one choice so far; scripts name it anyway
    platform_file: Path | None
    form: str
    case_dir: Path | None
    profile: str | None
    page: str | None


@click.command("replay")
@click.argument("run")
@data_option()
@click.option(
    "--rules",
    type=click.Choice(["current"]),
    default="current",
    show_default=True,
    help="Which rules and marks to use: those of this version.",
)
@click.option(
    "--platform",
    "platform_file",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="A platform file of your own to read the pages with.",
)
@format_option("text", "json")
@click.option(
    "--export",
    "case_dir",
    type=click.Path(path_type=Path),
    metavar="CASE_DIR",
    help="Write one page, without names and secrets, as a case for a bug report.",
)
@click.option("--profile", metavar="NAME", help="With --export: of which profile.")
@click.option("--page", metavar="FOLDER", help="With --export: which page, by its folder in the run.")
@pass_hints
@gathered(ReplayArguments)
def command(hints: CommandHints, arguments: ReplayArguments) -> int:
    """Judge RUN (its id or its folder) again from what it stored, offline, and print what changed.

    Your own view is read again only where its pages were kept (`keep_author_pages` in profiles.yaml); else
    what the run read of it stands.

    Exit codes: 0 no verdict changed; 1 a verdict, its silence or its strength did; 2 usage, or the run
    cannot be read.
    """
    if arguments.case_dir is None and (arguments.profile or arguments.page):
        raise click.UsageError("--profile and --page say what to export; give --export CASE_DIR with them.")
    folder = find_run(arguments.run, arguments.data)
    if arguments.case_dir is not None:
        return _export(folder, arguments.case_dir, arguments)
    _warn_of_changes(folder, arguments, hints)
    replayed = replay(folder, platform_file=arguments.platform_file, author_pages=AuthorPages(open_store()))
    click.echo(replay_json(replayed) if arguments.form == "json" else replay_text(replayed), nl=False)
    return _CHANGED if replayed.changed else 0


def _warn_of_changes(folder: Path, arguments: ReplayArguments, hints: CommandHints) -> None:
    """Say where files of the run are not those that it wrote: then what is judged is not what it found."""
    from selfcheck.artifacts.verification import ProblemKind
    from selfcheck.evidence.verify_command import verify

    altered = {ProblemKind.CHANGED, ProblemKind.WRONG_SIZE}
    checked = verify(str(folder), arguments.data)[0]
    count = len({problem.path for problem in checked.problems if problem.kind in altered})
    if count:
        command = hints.command("verify", str(arguments.run))
        click.echo(
            f"Warning: {plural(count, 'file')} of this run changed since it was made, so what follows is not"
            f" what it found. `{command}` names them.",
            err=True,
        )


def _export(folder: Path, case_dir: Path, arguments: ReplayArguments) -> int:
    exported = export(
        folder,
        case_dir,
        profile=arguments.profile,
        page=arguments.page,
        platform_file=arguments.platform_file,
    )
    click.echo(f"Wrote {exported.page} without names and secrets to {exported.folder}.")
    click.echo(f"It says `{exported.says.outcome}` by {exported.says.mark or 'no mark'}.")
    if not exported.same:
        click.echo(
            f"As stored it says `{exported.said.outcome}` by {exported.said.mark or 'no mark'}: a name or an"
            f" id that was replaced matters to the marks.",
            err=True,
        )
    click.echo("Read it through before you attach it: titles and texts are as the public saw them.")
    return 0
