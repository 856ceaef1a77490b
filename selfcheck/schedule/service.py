"""`selfcheck schedule`: hand a job to the machine's scheduler, tell its status, take it out again.

Laws:
1. Only our own files and lines are ever overwritten or taken away: they have a mark.
2. What a scheduler refuses leaves the machine as it was.
3. Installing the same twice changes nothing; a schedule of the same name is replaced.
"""

import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

from selfcheck.errors import SchedulerError, StorageError, UsageError, unknown_name
from selfcheck.schedule import render_crontab as crontab
from selfcheck.schedule.host import NOT_FOUND, CommandRunner, HostPaths
from selfcheck.schedule.jobs import Job
from selfcheck.schedule.render_units import (
    MARK,
    Command,
    ManagerCommands,
    TextFile,
    manager_commands,
    manager_files,
)
from selfcheck.schedule.state import (
    InstalledSchedule,
    Manager,
    ScheduleRegistry,
    ScheduleState,
    read_state,
    write_state,
)
from selfcheck.schedule.triggers import LocalClock, next_start
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import storage_error, write_whole

_HEAD = 400  # bytes of a file in which our mark is
_NOTHING_LEFT = "Nothing was left behind. `--with` names another scheduler, and `watch` needs none."
_NO_CRONTAB = ("no crontab for", "can't open")  # what crons say to a user who has none yet


@dataclass(frozen=True, kw_only=True)
class InstallOutcome:
    """What an installation did."""

    installed: InstalledSchedule
    changed: bool


@dataclass(frozen=True, kw_only=True)
class InstalledStatus:
    """Whether an installed schedule will run, and how its runs went."""

    installed: InstalledSchedule
    known: bool  # the machine's scheduler has it
    trouble: str  # why it may not run as it was installed; "" where nothing speaks against it
    state: ScheduleState | None
    next_due: datetime | None


class ScheduleService:
    """The schedules of this user on this machine."""

    def __init__(self, paths: HostPaths, run: CommandRunner) -> None:
        self._paths = paths
        self._run = run
        self._registry = ScheduleRegistry(paths.register)

    def usual_manager(self, platform: str = sys.platform) -> Manager:
        """Return what starts programs by itself on this machine. Raise SchedulerError where nothing does."""
        if platform == "darwin":
            return Manager.LAUNCHD
        if platform == "win32":
            return Manager.WINDOWS
        if self._run(("systemctl", "--user", "show-environment")).code == 0:
            return Manager.SYSTEMD
        if self._run(("crontab", "-l")).code != NOT_FOUND:
            return Manager.CRON
        raise SchedulerError(
            "Nothing on this machine starts programs by itself: there is no systemd for users and no cron.",
            next_step=lambda hints: (
                f"Install cron, or let this run: {hints.command('watch', '--every', '12h')}"
            ),
        )

    def preview(self, job: Job, manager: Manager) -> tuple[tuple[str, str], ...]:
        """Return what would be written, as names and texts; nothing is."""
        if manager is Manager.CRON:
            return (("crontab", crontab.block(job.name, _cron_lines(job)).decode()),)
        return tuple((file.path, _text(file.data)) for file in self._files(job, manager))

    def install(self, job: Job, manager: Manager, *, data: DataFolder, now: datetime) -> InstallOutcome:
        """Hand the job to the machine. Raise SelfcheckError where that failed; then nothing has changed."""
        before = self._registry.get(job.name)
        files: tuple[TextFile, ...] = ()
        if manager is Manager.CRON:
            changed = self._edit_crontab(lambda table: crontab.with_block(table, job.name, _cron_lines(job)))
        else:
            files, commands = self._files(job, manager), self._commands(job.name, manager)
            changed = self._put(files, commands, ours=before is not None and before.manager is manager)
        if before is not None and before.manager is not manager:
            self._take_out(before)  # only now: until the new one is there, the old one is better than none
        installed = InstalledSchedule(
            name=job.name, manager=manager, schedule=job.schedule, times=job.times, zone=job.zone,
            jitter=job.jitter, data=data, words=job.words,
            files=tuple(Path(file.path) for file in files), at=before.at if before else now,
        )  # fmt: skip
        self._registry.put(installed)
        if read_state(data, job.name) is None:
            write_state(data, ScheduleState(name=job.name, rhythm=str(job.schedule), since=now))
        return InstallOutcome(installed=installed, changed=changed or before != installed)

    def remove(self, name: str) -> InstalledSchedule:
        """Take a schedule out of the machine, and forget it. Raise UsageError where there is none."""
        installed = self._registry.get(name)
        if installed is None:
            names = [schedule.name for schedule in self._registry.all()]
            raise unknown_name(f"No schedule `{name}` is installed.", name, names)
        self._take_out(installed)
        self._registry.forget(name)
        return installed

    def statuses(self, now: datetime, name: str | None = None) -> tuple[InstalledStatus, ...]:
        """Return the status of every schedule, or of this one."""
        return tuple(
            self._status(installed, now)
            for installed in self._registry.all()
            if name is None or installed.name == name
        )

    # -- files and commands of systemd, launchd and the Task Scheduler ------------------------------------

    def _place(self, manager: Manager) -> Callable[[str], str]:
        folder = {
            Manager.SYSTEMD: self._paths.units,
            Manager.LAUNCHD: self._paths.agents,
            Manager.WINDOWS: self._paths.register,
        }[manager]
        return lambda name: str(folder / name)

    def _files(self, job: Job, manager: Manager) -> tuple[TextFile, ...]:
        return manager_files(manager, job, place=self._place(manager))

    def _commands(self, name: str, manager: Manager) -> ManagerCommands:
        return manager_commands(manager, name, place=self._place(manager), user=self._paths.user)

    def _put(self, files: tuple[TextFile, ...], commands: ManagerCommands, *, ours: bool) -> bool:
        """Write the files and make them known; return whether anything was to be done."""
        before = {file.path: _read(Path(file.path)) for file in files}
        for path, data in before.items():
            if data is not None and not _is_ours(data):
                raise _not_ours(path)
        is_installed = self._run(commands.ask).code == 0
        if is_installed and not ours and not any(before.values()):
            raise _not_ours(" ".join(commands.ask))
        if is_installed and all(before[file.path] == file.data for file in files):
            return False
        try:
            if is_installed:
                self._run_all(commands.stop, _NOTHING_LEFT)
            for file in files:
                write_whole(Path(file.path), file.data)
            self._run_all(commands.start, _NOTHING_LEFT)
        except (SchedulerError, StorageError):
            self._restore(commands, before, known=is_installed)
            raise
        return True

    def _restore(self, commands: ManagerCommands, before: dict[str, bytes | None], *, known: bool) -> None:
        """Put back what was there; the error that led here is the one that the user sees."""
        for command in commands.stop:
            self._run(command)
        for path, data in before.items():
            if data is None:
                Path(path).unlink(missing_ok=True)
            else:
                write_whole(Path(path), data)
        for command in commands.start if known else commands.after:
            self._run(command)

    def _run_all(self, commands: Iterable[Command], next_step: str) -> None:
        for command in commands:
            answer = self._run(command)
            if answer.code:
                message = answer.err or answer.text.strip()
                raise SchedulerError(
                    f"`{' '.join(command)}` failed.",
                    cause=message or f"It ended with {answer.code} and printed nothing.",
                    next_step=next_step,
                )

    def _take_out(self, installed: InstalledSchedule) -> None:
        if installed.manager is Manager.CRON:
            self._edit_crontab(lambda table: crontab.without_block(table, installed.name))
            return
        commands = self._commands(installed.name, installed.manager)
        if self._run(commands.ask).code == 0:
            self._run_all(commands.stop, "It is still there. Fix that, and remove it again.")
        for path in installed.files:
            data = _read(path)
            if data is not None and _is_ours(data):
                try:
                    path.unlink(missing_ok=True)
                except OSError as error:
                    raise storage_error(path, error) from error
        for command in commands.after:
            self._run(command)

    # -- cron ----------------------------------------------------------------------------------------

    def _crontab(self) -> bytes:
        answer = self._run(("crontab", "-l"))
        if answer.code == NOT_FOUND:
            raise SchedulerError("There is no cron on this machine.", next_step="Install it, or use --with.")
        if answer.code and not any(words in answer.err.lower() for words in _NO_CRONTAB):
            raise SchedulerError("Your crontab could not be read, so it was left as it is.", cause=answer.err)
        return b"" if answer.code else answer.out

    def _edit_crontab(self, edit: Callable[[bytes], bytes]) -> bool:
        """Change the user's crontab; return whether anything was to be done."""
        before = self._crontab()
        try:
            after = edit(before)
        except crontab.MarksDoNotPairError as error:
            raise UsageError(
                f"The marks around the lines of `{error}` in your crontab do not pair, so it was left as it"
                " is.",
                cause="They were edited by hand.",
                next_step="Remove the lines with `selfcheck schedule` by hand (crontab -e), and try again.",
            ) from error
        if after == before:
            return False
        answer = self._run(("crontab", "-"), after)
        if answer.code:
            raise SchedulerError(
                "Cron refused the new crontab; the old one is still in place.", cause=answer.err
            )
        if self._crontab() != after:
            raise SchedulerError(
                "Cron accepted your crontab, but shows a different one.",
                next_step="It may have been changed at the same moment. Look at it with: crontab -l",
            )
        return True

    # -- status --------------------------------------------------------------------------------------

    def _status(self, installed: InstalledSchedule, now: datetime) -> InstalledStatus:
        is_installed, trouble = self._known(installed)
        if is_installed:
            trouble = _missing(installed)
        state = read_state(installed.data, installed.name)
        clock = self._paths.clock if installed.zone is None else LocalClock(zone=ZoneInfo(installed.zone))
        due = next_start(
            installed.schedule,
            installed.times,
            now=now,
            clock=clock,
            last=state.last_started if state else None,
            since=state.since if state else installed.at,
        )
        return InstalledStatus(
            installed=installed,
            known=is_installed,
            trouble=trouble,
            state=state,
            next_due=due if is_installed else None,
        )

    def _known(self, installed: InstalledSchedule) -> tuple[bool, str]:
        """Return whether the machine's scheduler has it, and why not."""
        if installed.manager is Manager.CRON:
            answer = self._run(("crontab", "-l"))
            try:
                lines = crontab.block_of(answer.out, installed.name) if answer.code == 0 else None
            except crontab.MarksDoNotPairError:
                return False, "the marks around its lines in the crontab are damaged"
            return lines is not None, "" if lines else "it is not in the crontab"
        gone = [path.name for path in installed.files if not path.exists()]
        if gone:
            return False, f"{gone[0]} is gone"
        answer = self._run(self._commands(installed.name, installed.manager).ask)
        return answer.code == 0, "" if answer.code == 0 else f"{installed.manager} does not know it"


def _cron_lines(job: Job) -> tuple[str, ...]:
    lines = crontab.crontab_lines(job)
    longest = max(len(line.encode()) for line in lines)
    if longest > crontab.LONGEST_LINE:
        raise UsageError(
            f"The line for cron has {longest} bytes; more than {crontab.LONGEST_LINE} are cut off.",
            next_step="Use shorter paths, or another scheduler with --with.",
        )
    return lines


def _missing(installed: InstalledSchedule) -> str:
    """Return what the schedule needs and what is gone; "" where all is there."""
    words = installed.words
    program = [word for word in words[: words.index("watch")] if Path(word).is_absolute()]
    needed = [*program, *(path for option, path in pairwise(words) if option == "--profiles")]
    missing = [path for path in needed if not Path(path).exists()]
    return f"{missing[0]} is gone" if missing else ""


def _not_ours(what: str) -> UsageError:
    return UsageError(
        f"{what} already exists and was not written by selfcheck, so it was left as it is.",
        next_step="Give this schedule another name, with --name.",
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(path, error) from error


def _is_ours(data: bytes) -> bool:
    return MARK in _text(data[:_HEAD])


def _text(data: bytes) -> str:
    """Return the text of one of our files, in either encoding."""
    return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "replace")
