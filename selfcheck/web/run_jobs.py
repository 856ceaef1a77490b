"""The runs that the app starts: processes of their own, which go on when the app ends and are found again.

Laws:
1. What is known of a run lies in its folder: what was asked for, its progress line by line, what it printed.
   Nothing about it is only in this process.
2. Whether it still runs is told by a lock that the run's process holds: it ends with the process, however
   that ends, so no number of a process has to be trusted.
3. A run is stopped as by Ctrl-C, and keeps what it has.
"""

import json
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any

from selfcheck.core.run import ExitCode
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.core.text_safety import one_line
from selfcheck.errors import UsageError
from selfcheck.runs.run import new_run_id
from selfcheck.storage.child_process import start_selfcheck
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import read_plain, storage_error, write_whole
from selfcheck.storage.lock import lock_if_free

if TYPE_CHECKING:
    import subprocess

PROGRESS = "progress.jsonl"
RUN, LOGIN, SESSION, BACKUP, IMPOSTORS = "run", "login", "session", "backup", "impostors"
"""What is started: a check, a window to sign in, one page to try a session, a copy, a comparison."""
_ASKED, _OUTPUT, _MESSAGES = "asked.json", "result.json", "messages.txt"
_LARGEST = 5_000_000  # bytes of a file that is read
_TO_START = timedelta(seconds=20)
"""How long a process may need until it holds its lock; Python and the libraries load meanwhile."""
_LINES = 12
_MOST_LINES = {IMPOSTORS: 100}  # its result is told in words alone
_LATEST = 5


@dataclass(frozen=True, kw_only=True)
class RunJob:
    """A run that the app started, as far as it has come."""

    id: str
    profiles: tuple[str, ...]  # none: all
    started_at: datetime
    running: bool
    command: str = RUN
    doing: Mapping[str, str] = field(default_factory=dict)  # profile -> what is done for it, or its verdict
    lines: tuple[str, ...] = ()  # messages about the run as a whole, oldest first
    opened: int = 0  # page views that began
    expected: int | None = None  # page views at most; None: not known yet
    exit_code: int | None = None  # None: it has not ended, or ended without a word
    run_id: str = ""  # of its result; "": there is none (yet)
    trouble: tuple[str, ...] = ()  # why there is no result, as it printed it

    @property
    def is_run(self) -> bool:
        """Return whether it is a check."""
        return self.command == RUN


class RunJobs:
    """Starts runs, and finds those that were started."""

    def __init__(self, *, now: Callable[[], datetime], random: Random) -> None:
        self._now = now
        self._random = random
        self._children: dict[str, subprocess.Popen[bytes]] = {}

    def start(
        self,
        data: DataFolder,
        profiles_file: Path,
        profiles: Sequence[str],
        *options: str,
        alerts: bool = True,
    ) -> str:
        """Start a run of these profiles (none: all) and return its id; of one that is running, that one's.

        Without `alerts` no channel and no sign of life that the environment names is used.
        Raises StorageError where its folder cannot be written.
        """
        if (job := self.running(data)) is not None:
            return job.id
        words = [RUN, "--profiles", str(profiles_file.resolve()), "--data", str(data.path.resolve())]
        words += ["--format", "json", *options, "--", *profiles]
        return self._start(data, words, profiles, alerts=alerts)

    def sign_in(self, data: DataFolder, profiles_file: Path, profile: str) -> str:
        """Open a window in which the author signs in by hand, and return the id of what waits for it."""
        words = [LOGIN, "--profiles", str(profiles_file.resolve()), "--", profile]
        return self._start(data, words, (profile,))

    def check_session(self, data: DataFolder, profiles_file: Path, profile: str) -> str:
        """Open one page with a profile's session, and return the id of what says whether it works."""
        named = ["--profiles", str(profiles_file.resolve()), "--data", str(data.path.resolve())]
        return self._start(data, [SESSION, "check", *named, "--", profile], (profile,))

    def back_up(self, data: DataFolder, profiles_file: Path, profile: str) -> str:
        """Copy what is due of a profile's stories, and return the id of what says how it goes."""
        named = ["--profiles", str(profiles_file.resolve()), "--data", str(data.path.resolve())]
        return self._start(data, [BACKUP, *named, "--", profile], (profile,))

    def compare(
        self, data: DataFolder, profiles_file: Path, profile: str, accounts: Sequence[str], *, keep: bool
    ) -> str:
        """Compare accounts with a profile's, and return the id of what says how alike they are."""
        named = ["--profiles", str(profiles_file.resolve()), "--data", str(data.path.resolve())]
        words = [IMPOSTORS, *named, *(["--keep"] if keep else []), "--", profile, *accounts]
        return self._start(data, words, (profile,))

    def _start(
        self, data: DataFolder, words: Sequence[str], profiles: Sequence[str], *, alerts: bool = True
    ) -> str:
        job_id = new_run_id(self._now(), self._random)
        folder = data.app_run(job_id).resolve()
        started = self._now().isoformat()
        asked = {"command": words[0], "profiles": [*profiles], "started_at": started}
        write_whole(folder / _ASKED, json.dumps(asked).encode())
        followed = ["--progress-file", str(folder / PROGRESS)] if words[0] == RUN else []
        try:
            self._children[job_id] = start_selfcheck(
                [words[0], *followed, *words[1:]],
                folder=Path.cwd(),
                output=folder / _OUTPUT,
                messages=folder / _MESSAGES,
                environ={name: value for name, value in os.environ.items() if alerts or not _is_alert(name)},
            )
        except OSError as error:
            raise storage_error(folder, error) from error
        return job_id

    def all(self, data: DataFolder) -> tuple[str, ...]:
        """Return the ids of all runs that were started here, the latest first."""
        with suppress(OSError):
            names = (path.name for path in data.app_runs.iterdir() if path.is_dir())
            return tuple(sorted((name for name in names if is_safe_name(name)), reverse=True))
        return ()

    def running(self, data: DataFolder) -> RunJob | None:
        """Return the latest check if it has not ended."""
        for job_id in self.all(data)[:_LATEST]:
            job = self.get(data, job_id)
            if job is not None and job.running and job.is_run:
                return job
        return None

    def get(self, data: DataFolder, job_id: str) -> RunJob | None:
        """Return a run as far as it has come; None where there is none of this id."""
        if job_id not in self.all(data):
            return None
        folder = data.app_run(job_id)
        is_running = self._is_running(folder, job_id)  # asked first: what ends after it is read whole below
        asked = next(_objects(folder, _ASKED), {})
        state = _State()
        for event in _objects(folder, PROGRESS):
            state.take(event)
        command = str(asked.get("command", RUN))
        lost = not is_running and state.exit_code is None
        return RunJob(
            id=job_id,
            profiles=tuple(str(name) for name in asked.get("profiles", ())),
            started_at=_time(asked.get("started_at")),
            running=is_running and state.exit_code is None,
            command=command,
            doing=state.doing,
            lines=tuple(state.lines[-_LINES:])
            if command == RUN
            else _last_words(folder, _OUTPUT, _MESSAGES, most=_MOST_LINES.get(command, _LINES)),
            opened=state.opened,
            expected=state.expected,
            exit_code=state.exit_code,
            run_id=state.run_id,
            trouble=_last_words(folder, _MESSAGES) if lost else (),
        )

    def cancel(self, data: DataFolder, job_id: str) -> None:
        """Stop a run as Ctrl-C does; what it found until then is kept. One that has ended stays as it is."""
        folder = data.app_run(job_id)
        if self.get(data, job_id) is None or not _is_locked(folder):
            return
        begun = next((event for event in _objects(folder, PROGRESS) if event.get("event") == "begun"), {})
        pid = begun.get("pid")
        if not isinstance(pid, int) or pid <= 1:
            raise UsageError(f"The run {job_id} cannot be stopped.", next_step="Wait until it ends.")
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)

    def _is_running(self, folder: Path, job_id: str) -> bool:
        child = self._children.get(job_id)
        if child is not None:
            return child.poll() is None
        if _is_locked(folder):
            return True
        started = _time(next(_objects(folder, _ASKED), {}).get("started_at"))
        return not (folder / PROGRESS).exists() and self._now() - started < _TO_START


def _is_alert(variable: str) -> bool:
    return variable.startswith(("SELFCHECK_ALERT", "SELFCHECK_HEARTBEAT"))


class _State:
    """What the lines of progress add up to."""

    def __init__(self) -> None:
        self.doing: dict[str, str] = {}
        self.lines: list[str] = []
        self.opened = 0
        self.expected: int | None = None
        self.exit_code: int | None = None
        self.run_id = ""

    def take(self, event: Mapping[str, Any]) -> None:
        kind, text = event.get("event"), one_line(str(event.get("text", "")), 300)
        if kind == "say":
            self.lines.append(text)
        elif kind in {"looking", "done", "failed"}:
            self.doing[one_line(str(event.get("profile", "")))] = text
        elif kind in {"expected", "opening"} and isinstance(views := event.get("views"), int):
            if kind == "opening":
                self.opened += views
            else:
                self.expected = views
        elif kind == "ended":
            self.run_id = str(event.get("run_id", ""))
            with suppress(ValueError, TypeError, KeyError):
                self.exit_code = ExitCode(int(event["exit_code"])).value


def _is_locked(folder: Path) -> bool:
    lock = folder / f"{PROGRESS}.lock"
    if not lock.exists():
        return False
    taken = lock_if_free(lock)
    if taken is None:
        return True
    with taken:
        return False


def _objects(folder: Path, name: str) -> Iterator[dict[str, Any]]:
    """Yield the JSON objects of a file's lines; a line that is being written is left for the next time."""
    with suppress(OSError):
        for line in read_plain(folder, name, _LARGEST).splitlines():
            with suppress(ValueError):
                if isinstance(value := json.loads(line), dict):
                    yield value


def _last_words(folder: Path, *names: str, most: int = _LINES) -> tuple[str, ...]:
    texts = []
    for name in names:
        with suppress(OSError):
            texts.append(read_plain(folder, name, _LARGEST).decode("utf-8", "replace"))
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return tuple(one_line(line, 400) for line in lines)[-most:]


def _time(text: object) -> datetime:
    with suppress(ValueError):
        return datetime.fromisoformat(str(text)).astimezone(UTC)
    return datetime.fromtimestamp(0, UTC)
