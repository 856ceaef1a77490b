"""`selfcheck backup`: copy the author's own stories, and check that the copy is whole."""

from dataclasses import dataclass
from pathlib import Path

import click

from selfcheck.cli.backup_moving import export_command, import_command, subscribers_command
from selfcheck.cli.backup_profile import BackupTarget, back_up_profile, backup_folder
from selfcheck.cli.common import (
    DefaultCommand,
    DefaultGroup,
    browser_option,
    data_option,
    gathered,
    pass_hints,
    profiles_option,
)
from selfcheck.core.cli_hints import CommandHints
from selfcheck.storage.data_folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class BackupArguments:
    """What the user typed after `selfcheck backup`."""

    profile: str | None
    to: Path | None
    verify: bool
    git: bool
    with_private: bool
    profiles_file: Path
    data: DataFolder
    browser: str | None


@click.command("backup", cls=DefaultCommand)
@click.argument("profile", required=False, metavar="[PROFILE]")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the copy goes; default: backups/PROFILE in the data folder.",
)
@click.option("--verify", is_flag=True, help="Open no page; check that the copy is as it was written.")
@click.option("--git", is_flag=True, help="Commit the copy in a git repository of its own; never pushed.")
@click.option("--with-private", is_flag=True, help="With --git: commit drafts and members-only stories too.")
@profiles_option()
@data_option()
@browser_option()
@pass_hints
@gathered(BackupArguments)
def make_backup(hints: CommandHints, arguments: BackupArguments) -> int:
    """Copy your own stories, published and drafts, as you see them when you are signed in.

    It works while the public cannot see your pages. A second backup opens only what is new, changed or was
    not opened for a month. It opens few pages a day, and says when it will be complete. Nothing that vanished
    is removed from the copy, and earlier texts are kept. PROFILE: default all of the file.

    Exit codes: 0 the copy is complete and whole; 1 it is damaged; 2 usage; 3 something is still to be copied;
    4 selfcheck itself failed.
    """
    from selfcheck.core.request import RunOptions
    from selfcheck.runs.subjects import subjects_of
    from selfcheck.settings import read_configuration

    if arguments.verify and arguments.to is not None:
        return _verify(arguments.to)
    configuration = read_configuration(arguments.profiles_file)
    options = RunOptions(data_dir=arguments.data.path, browser=arguments.browser)
    request = configuration.request((arguments.profile,) if arguments.profile else (), options)
    target = BackupTarget(
        data=arguments.data,
        to=arguments.to,
        browser=arguments.browser,
        git=arguments.git,
        with_private=arguments.with_private,
    )
    if arguments.verify:
        return max(_verify(backup_folder(target, profile.name, request)) for profile in request.profiles)
    from selfcheck.cli.run import environment_of

    environment = environment_of(hints)
    with subjects_of(request, environment) as subjects:
        codes = [back_up_profile(subject, target, request, environment) for subject in subjects]
    return max(codes, default=0)


def _verify(folder: Path) -> int:
    from selfcheck.backup.render_text import check_lines
    from selfcheck.backup.verify import verify_library

    check = verify_library(folder)
    click.echo("\n".join(check_lines(check, folder)))
    return 0 if check.is_whole else 1


command = DefaultGroup(name="backup", default=make_backup, help=make_backup.help)
command.add_command(import_command)
command.add_command(export_command)
command.add_command(subscribers_command)
