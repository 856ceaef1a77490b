"""What a backup says of itself. Pure."""

from selfcheck.backup.copying import CopyResult
from selfcheck.backup.service import FinishedBackup
from selfcheck.backup.verify import BackupCheck
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import long_date, plural
from selfcheck.platforms.schema import Platform

_NAMED = 10  # troubles that are listed


def export_hint(platform: Platform, profile: str, hints: CommandHints) -> tuple[str, ...]:
    """Return where the platform's own export is, which is the better copy and costs it one click."""
    if platform.export is None:
        return ()
    command = hints.command("backup", "import", "FILE", profile)
    return (
        f"{platform.title}'s own export is the best copy: {' '.join(platform.export.where.split())}",
        f"With the file, run `{command}`; the pages are copied meanwhile.",
    )


def backup_lines(done: FinishedBackup, name: str) -> tuple[str, ...]:
    """Return what came of a backup, the most important line first."""
    copy = done.copy
    news = (
        f"{name}: {plural(len(copy.added), 'new story', 'new stories')}, {copy.changed} updated,"
        f" {plural(done.check.stories, 'story', 'stories')} in all."
    )
    return (news, *_rest(copy), *_troubles(copy), *check_lines(done.check, done.folder))


def check_lines(check: BackupCheck, folder: object) -> tuple[str, ...]:
    """Return whether a backup is whole, and what is wrong with it."""
    if not check.is_whole:
        wrong = [f"  {one_line(line)}" for line in check.wrong[:_NAMED]]
        more = [f"  and {len(check.wrong) - _NAMED} more"] if len(check.wrong) > _NAMED else []
        return (f"{folder} is damaged:", *wrong, *more)
    whole = (
        f"Verified: {plural(check.stories, 'story', 'stories')} and {plural(check.pictures, 'picture')}"
        f" in {plural(check.files, 'file')} below {folder}."
    )
    if not check.unfetched:
        return (whole,)
    return (whole, f"{plural(check.unfetched, 'picture')} could not be fetched; the next backup tries again.")


def _rest(copy: CopyResult) -> tuple[str, ...]:
    if not copy.stopped or copy.ends is None:
        return ()
    waiting = plural(copy.waiting, "story is", "stories are")
    ends = f"with a backup each day it is complete on {long_date(copy.ends.date())}"
    return (f"It stopped here: {copy.stopped}. {waiting} still to be opened; {ends}.",)


def _troubles(copy: CopyResult) -> tuple[str, ...]:
    if not copy.troubles:
        return ()
    lines = [f"  {one_line(url, 90)}: {why}" for url, why in [*copy.troubles.items()][:_NAMED]]
    return (f"Not copied this time: {plural(len(copy.troubles), 'story', 'stories')}", *lines)
