"""Makes the backup of a profile for the commands that do: `backup`, and `--backup-on-incident` of others."""

from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.core.request import Request
    from selfcheck.runs.environment import RunEnvironment
    from selfcheck.runs.run import Finished
    from selfcheck.runs.subjects import CheckSubject

_INCOMPLETE = 3
_OFTEN_ENOUGH = timedelta(days=1)


@dataclass(frozen=True, kw_only=True)
class BackupTarget:
    """Where a backup goes, and what is done with it."""

    data: DataFolder
    to: Path | None = None
    browser: str | None = None
    git: bool = False
    with_private: bool = False
    quiet: bool = False  # standard output is another result's


def backup_folder(target: BackupTarget, profile: str, request: "Request") -> Path:
    """Return where a profile's copy is: the folder named, or one below it for several profiles."""
    from selfcheck.backup.service import library_folder
    from selfcheck.core.safe_filename import safe_name

    if target.to is None:
        return library_folder(target.data, profile)
    return target.to if len(request.profiles) == 1 else target.to / safe_name(profile)


def back_up_profile(
    subject: "CheckSubject",
    target: BackupTarget,
    request: "Request",
    environment: "RunEnvironment",
) -> int:
    """Make the backup of one profile, say what came of it, and return the exit code."""
    from selfcheck.backup.copying import CopySubject
    from selfcheck.backup.git_copy import commit
    from selfcheck.backup.render_text import backup_lines, export_hint
    from selfcheck.backup.service import BackupOptions, back_up
    from selfcheck.backup.subscribers import read_exports, subscriber_lists

    profile = subject.profile
    for line in (*subject.notes, *export_hint(subject.platform, profile.name, environment.hints)):
        click.echo(f"{profile.name}: {line}", err=True)
    options = BackupOptions(
        data=target.data,
        folder=backup_folder(target, profile.name, request),
        browser=target.browser,
        now=environment.now,
        say=lambda text: click.echo(f"{profile.name}: {text}", err=True),
    )
    done = back_up(CopySubject(profile=profile, platform=subject.platform, session=subject.session), options)
    if done.copy.session is not None and subject.saved:
        environment.sessions.save(profile.session, done.copy.session)
    click.echo("\n".join(backup_lines(done, profile.name)), err=target.quiet)
    for each in subscriber_lists({profile.name: subject.platform}, read_exports(target.data)):
        if each.is_due(environment.now().astimezone().date()):
            click.echo(each.reminder(environment.hints), err=True)
    if target.git:
        message = f"Back up {profile.name}, {environment.now():%Y-%m-%d}"
        changed = commit(done.folder, message, with_private=target.with_private)
        click.echo("Committed." if changed else "Nothing to commit.", err=True)
    if not done.check.is_whole:
        return 1
    return _INCOMPLETE if done.copy.stopped or done.copy.troubles else 0


def back_up_bad(request: "Request", environment: "RunEnvironment", finished: "Finished") -> None:
    """Copy the stories of the profiles that a run found hidden, suspended or limited.

    A copy that was complete less than a day ago is enough: a watch may run often, and an incident last for
    weeks. What fails is said on standard error; the run's exit code stays.
    """
    from dataclasses import replace

    from selfcheck.backup.service import last_complete_copy
    from selfcheck.core.enums import BAD, Verdict
    from selfcheck.errors import SelfcheckError
    from selfcheck.runs.subjects import subjects_of

    bad = {
        profile.name
        for profile in finished.result.profiles
        if profile.verdict in BAD and profile.verdict is not Verdict.MISSING
    }
    own = replace(request, profiles=tuple(each for each in request.profiles if each.name in bad))
    target = BackupTarget(
        data=DataFolder(request.options.data_dir), browser=request.options.browser, quiet=True
    )
    with subjects_of(own, environment) as subjects:
        for subject in subjects:
            last = last_complete_copy(target.data, subject.profile.name)
            if last is not None and environment.now() - last < _OFTEN_ENOUGH:
                click.echo(f"{subject.profile.name}: its stories were copied less than a day ago.", err=True)
                continue
            try:
                back_up_profile(subject, target, own, environment)
            except SelfcheckError as error:
                click.echo("\n".join(error.lines(environment.hints)), err=True)
