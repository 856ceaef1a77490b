"""`selfcheck schedule`: hand a job to the machine's scheduler, say how it stands, take it out again.

Laws:
1. Nobody else's file or line is ever overwritten or taken away: ours bear a mark.
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

from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import SchedulerError, StorageError, UsageError
from selfcheck.schedule import render_crontab as crontab
from selfcheck.schedule.host import CommandRunner, HostPaths
from selfcheck.schedule.render_units import MARK, Command, Recipe, crontab_lines, recipe
from selfcheck.schedule.schedule_registry import InstalledSchedule, ScheduleRegistry
from selfcheck.schedule.schedule_state import read_turn, write_turn
from selfcheck.schedule.spec import Job, Manager, ScheduleState
from selfcheck.schedule.triggers import LocalClock, next_start
from selfcheck.storage.files import storage_error, write_whole

_HEAD = 400  # bytes of a file in which our mark stands
_NOTHING_LEFT = "Nothing was left behind. `--with` names another scheduler, and `watch` needs none."
_NO_CRONTAB = ("no crontab for", "can't open")  # what crons say to somebody who has none yet


@dataclass(frozen=True, kw_only=True)
class InstallOutcome:
    """What an installation did."""

    installed: InstalledSchedule
    changed: bool


@dataclass(frozen=True, kw_only=True)
class InstalledStatus:
    """How an installed schedule stands."""

    installed: InstalledSchedule
    known: bool  # the machine's scheduler has it
    trouble: str  # why it may not run as it was installed; "" where nothing speaks so
    turn: ScheduleState | None
    next_due: datetime | None


class Scheduling:
    """The schedules of this user on this machine."""

    def __init__(self, places: HostPaths, run: CommandRunner) -> None:
        self._places = places
        self._run = run
        self._register = ScheduleRegistry(places.register)

    def usual_manager(self, platform: str = sys.platform) -> Manager:
        """Return who starts programs by itself on this machine. Raises SchedulerError where nobody does."""
        if platform == "darwin":
            return Manager.LAUNCHD
        if platform == "win32":
            return Manager.WINDOWS
        if self._run(("systemctl", "--user", "show-environment")).code == 0:
            return Manager.SYSTEMD
        if not self._run(("crontab", "-l")).missing:
            return Manager.CRON
        raise SchedulerError(
            "Nothing on this machine starts programs by itself: there is no systemd for users and no cron.",
            next_step=lambda hints: (
                f"Install cron, or let this run: {hints.command('watch', '--every', '12h')}"
            ),
        )

    def shown(self, job: Job, manager: Manager) -> tuple[tuple[str, str], ...]:
        """Return what would be written, as names and texts; nothing is."""
        if manager is Manager.CRON:
            return (("crontab", crontab.block(job.name, self._lines(job)).decode()),)
        return tuple((file.path, _text(file.data)) for file in self._recipe(job, manager).files)

    def install(self, job: Job, manager: Manager, *, data_dir: Path, now: datetime) -> InstallOutcome:
        """Hand the job to the machine. Raises SelfcheckError where that failed; then nothing has changed."""
        before = self._register.get(job.name)
        if manager is Manager.CRON:
            changed, files = self._into_crontab(job), tuple[Path, ...]()
        else:
            made = self._recipe(job, manager)
            changed = self._put(made, ours=before is not None and before.manager is manager)
            files = tuple(Path(file.path) for file in made.files)
        if before is not None and before.manager is not manager:
            self._take_out(before)  # only now: until the new one stands, the old one is better than none
        installed = InstalledSchedule(
            name=job.name, manager=manager, rhythm=job.rhythm, times=job.times, zone=job.zone,
            jitter=job.jitter, data_dir=data_dir, words=job.words, files=files,
            at=before.at if before else now,
        )  # fmt: skip
        changed = changed or before != installed
        self._register.put(installed)
        if read_turn(data_dir, job.name) is None:
            write_turn(data_dir, ScheduleState(name=job.name, rhythm=str(job.rhythm), since=now))
        return InstallOutcome(installed=installed, changed=changed)

    def remove(self, name: str) -> InstalledSchedule:
        """Take a schedule out of the machine, and forget it. Raises UsageError where there is none."""
        installed = self._register.get(name)
        if installed is None:
            names = [one.name for one in self._register.all()]
            raise UsageError(
                f"No schedule `{name}` is installed.",
                cause=did_you_mean(name, names).capitalize(),
                next_step=f"There are: {', '.join(names)}." if names else "There is none at all.",
            )
        self._take_out(installed)
        self._register.forget(name)
        return installed

    def standings(self, now: datetime, name: str | None = None) -> tuple[InstalledStatus, ...]:
        """Return how every schedule stands, or this one."""
        every = (one for one in self._register.all() if name is None or one.name == name)
        return tuple(self._standing(one, now) for one in every)

    # -- what a manager's files are ------------------------------------------------------------------

    def _recipe(self, job: Job, manager: Manager) -> Recipe:
        folder = {
            Manager.SYSTEMD: self._places.units,
            Manager.LAUNCHD: self._places.agents,
            Manager.WINDOWS: self._places.register,
        }[manager]
        return recipe(manager, job, place=lambda name: str(folder / name), user=self._places.user)

    def _put(self, made: Recipe, *, ours: bool) -> bool:
        """Write the files and make them known; return whether anything was to be done."""
        before = {file.path: _read(Path(file.path)) for file in made.files}
        for path, data in before.items():
            if data is not None and MARK not in _text(data[:_HEAD]):
                raise _somebody_elses(path)
        known = self._run(made.ask).code == 0
        if known and not ours and not any(before.values()):
            raise _somebody_elses(" ".join(made.ask))
        if known and all(before[file.path] == file.data for file in made.files):
            return False
        try:
            if known:
                self._all(made.stop, _NOTHING_LEFT)
            for file in made.files:
                write_whole(Path(file.path), file.data)
            self._all(made.start, _NOTHING_LEFT)
        except (SchedulerError, StorageError):
            self._restore(made, before, known=known)
            raise
        return True

    def _restore(self, made: Recipe, before: dict[str, bytes | None], *, known: bool) -> None:
        """Put back what stood there; the error that led here is the one that is told."""
        for command in made.stop:
            self._run(command)
        for path, data in before.items():
            if data is None:
                Path(path).unlink(missing_ok=True)
            else:
                write_whole(Path(path), data)
        for command in made.start if known else made.after:
            self._run(command)

    def _all(self, commands: Iterable[Command], next_step: str) -> None:
        for command in commands:
            answer = self._run(command)
            if answer.code:
                said = answer.err or answer.out.decode("utf-8", "replace").strip()
                raise SchedulerError(
                    f"`{' '.join(command)}` failed.",
                    cause=said or f"It ended with {answer.code} and said nothing.",
                    next_step=next_step,
                )

    def _take_out(self, installed: InstalledSchedule) -> None:
        if installed.manager is Manager.CRON:
            self._out_of_crontab(installed.name)
            return
        made = self._recipe(_bare_job(installed), installed.manager)
        if self._run(made.ask).code == 0:
            self._all(made.stop, "It is still there. Mend that, and remove it again.")
        for path in installed.files:
            data = _read(path)
            if data is not None and MARK in _text(data[:_HEAD]):
                _delete(path)
        for command in made.after:
            self._run(command)

    # -- cron ----------------------------------------------------------------------------------------

    def _lines(self, job: Job) -> tuple[str, ...]:
        lines = crontab_lines(job)
        longest = max(len(line.encode()) for line in lines)
        if longest > crontab.LONGEST_LINE:
            raise UsageError(
                f"The line for cron has {longest} bytes; more than {crontab.LONGEST_LINE} are cut off.",
                next_step="Use shorter paths, or another scheduler with --with.",
            )
        return lines

    def _crontab(self) -> bytes:
        answer = self._run(("crontab", "-l"))
        if answer.missing:
            raise SchedulerError("There is no cron on this machine.", next_step="Install it, or use --with.")
        if answer.code and not any(words in answer.err.lower() for words in _NO_CRONTAB):
            raise SchedulerError("Your crontab could not be read, so it was left as it is.", cause=answer.err)
        return b"" if answer.code else answer.out

    def _into_crontab(self, job: Job) -> bool:
        lines, before = self._lines(job), self._crontab()
        return self._write_crontab(before, _edited(lambda: crontab.with_block(before, job.name, lines)))

    def _out_of_crontab(self, name: str) -> None:
        before = self._crontab()
        self._write_crontab(before, _edited(lambda: crontab.without_block(before, name)))

    def _write_crontab(self, before: bytes, after: bytes) -> bool:
        if after == before:
            return False
        self._all_given(("crontab", "-"), after)
        if self._crontab() != after:
            raise SchedulerError(
                "Cron took your crontab and shows another one than it was given.",
                next_step="Somebody may have changed it at the same moment. Look at it with: crontab -l",
            )
        return True

    def _all_given(self, command: Command, data: bytes) -> None:
        answer = self._run(command, data)
        if answer.code:
            raise SchedulerError("Cron refused the new crontab; the old one stands.", cause=answer.err)

    # -- how it stands -------------------------------------------------------------------------------

    def _standing(self, one: InstalledSchedule, now: datetime) -> InstalledStatus:
        known, trouble = self._known(one)
        if known:
            trouble = _gone(one)
        turn = read_turn(one.data_dir, one.name)
        here = self._places.here if one.zone is None else LocalClock(zone=ZoneInfo(one.zone))
        due = next_start(
            one.rhythm,
            one.times,
            now=now,
            here=here,
            last=turn.last_started if turn else None,
            since=turn.since if turn else one.at,
        )
        return InstalledStatus(
            installed=one, known=known, trouble=trouble, turn=turn, next_due=due if known else None
        )

    def _known(self, one: InstalledSchedule) -> tuple[bool, str]:
        if one.manager is Manager.CRON:
            answer = self._run(("crontab", "-l"))
            try:
                found = crontab.block_of(answer.out, one.name) if answer.code == 0 else None
            except crontab.MarksDoNotPairError:
                return False, "the marks around its lines in the crontab are damaged"
            return found is not None, "" if found else "it is not in the crontab"
        made = self._recipe(_bare_job(one), one.manager)
        gone = [path.name for path in one.files if not path.exists()]
        if gone:
            return False, f"{gone[0]} is gone"
        answer = self._run(made.ask)
        return answer.code == 0, "" if answer.code == 0 else f"{one.manager} does not know it"


def _gone(one: InstalledSchedule) -> str:
    """Return what the schedule needs and does not find any more; "" where all is there."""
    words = one.words
    program = [word for word in words[: words.index("watch")] if Path(word).is_absolute()]
    needed = [*program, *(path for option, path in pairwise(words) if option == "--profiles")]
    missing = [path for path in needed if not Path(path).exists()]
    return f"{missing[0]} is gone" if missing else ""


def _edited(edit: Callable[[], bytes]) -> bytes:
    try:
        return edit()
    except crontab.MarksDoNotPairError as error:
        raise UsageError(
            f"The marks around the lines of `{error}` in your crontab do not pair, so it was left as it is.",
            cause="Somebody has edited between them.",
            next_step="Take the lines with `selfcheck schedule` out by hand (crontab -e), and try again.",
        ) from error


def _bare_job(one: InstalledSchedule) -> Job:
    """Return a job that names the same files and commands; what the files say does not matter."""
    return Job(
        name=one.name, rhythm=one.rhythm, times=one.times, zone=one.zone, jitter=one.jitter,
        words=one.words, folder="/",
    )  # fmt: skip


def _somebody_elses(what: str) -> UsageError:
    return UsageError(
        f"{what} is there already and was not written by selfcheck, so it was left as it is.",
        next_step="Give this schedule another name, with --name.",
    )


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise storage_error(path, error) from error


def _delete(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(path, error) from error


def _text(data: bytes) -> str:
    """Return the text of a file of ours, in either encoding."""
    return data.decode("utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8", "replace")
