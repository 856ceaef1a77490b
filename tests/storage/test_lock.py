"""One at a time, whatever happened to the one before: ended, killed, or at work on another machine."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import filelock
import pytest

from selfcheck.errors import StorageError
from selfcheck.storage.lock import SILENCE, LockHeldError, OwnedLock, Owner, exclusive_lock, still_holds

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[2]


def owner(**more: object) -> Owner:
    return replace(Owner(pid=4711, host="desk", at=NOW), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "touched", "locked", "held"),
    [
        pytest.param(None, NOW, True, False, id="no owner is written down"),
        pytest.param(owner(), NOW, True, False, id="on this machine, where the system gave us its lock: it has ended"),
        pytest.param(owner(pid=1), NOW - MINUTE, True, False, id="the same, whatever its process number is used for now"),
        pytest.param(owner(pid=1), NOW - MINUTE, False, True, id="on this machine, in a folder without locks, heard of a minute ago"),
        pytest.param(owner(pid=1), NOW - SILENCE, False, False, id="on this machine, in a folder without locks, silent for long"),
        pytest.param(owner(), NOW, False, False, id="it is this very process"),
        pytest.param(owner(host="attic"), NOW - MINUTE, True, True, id="on another machine, heard of a minute ago"),
        pytest.param(owner(host="attic"), NOW - SILENCE, True, False, id="on another machine, not heard of for long"),
        pytest.param(owner(host="attic"), NOW + 2 * SILENCE, True, False, id="on another machine, in the future: a clock was set"),
        pytest.param(owner(host="attic", pid=4711), NOW - MINUTE, False, True, id="our number on another machine means nothing here"),
    ],
)  # fmt: skip
def test_whether_an_owner_still_holds_the_lock(
    written: Owner | None, touched: datetime, locked: bool, held: bool
) -> None:
    assert still_holds(written, us=owner(), locked=locked, touched=touched) is held


def lock(path: Path, **more: object) -> OwnedLock:
    us = owner(pid=os.getpid(), **more)
    return OwnedLock(path, owner=us, what="The schedule `default`", next_step="Wait for it.")


def owner_file(path: Path) -> Path:
    return path.with_name(f"{path.name}.owner")


def test_it_is_taken_named_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "schedules" / "default.lock"
    with lock(path) as mine:
        assert mine.left_by is None
        assert json.loads(owner_file(path).read_text())["pid"] == os.getpid()
        with pytest.raises(LockHeldError) as held, lock(path):
            pass
        assert held.value.what == (
            f"The schedule `default` is already running: process {os.getpid()} on desk, since 2026-11-21 09:00 UTC."
        )
        assert held.value.exit_code == 2
    assert not owner_file(path).exists()
    with lock(path):
        pass


def test_the_systems_lock_holds_while_no_owner_is_written_down_yet(tmp_path: Path) -> None:
    with lock(tmp_path / "l"):
        owner_file(tmp_path / "l").unlink()
        with pytest.raises(LockHeldError, match="another process"), lock(tmp_path / "l"):
            pass


def test_it_is_given_back_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(tmp_path / "l"):
        raise ZeroDivisionError
    with lock(tmp_path / "l") as again:
        assert again.left_by is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', "\x00\xff", "null"])
def test_an_owner_that_cannot_be_read_does_not_block(tmp_path: Path, text: str) -> None:
    owner_file(tmp_path / "l").write_text(text)
    with lock(tmp_path / "l") as mine:
        assert mine.left_by is None


def test_the_lock_of_an_earlier_version_does_not_block(tmp_path: Path) -> None:
    (tmp_path / "l").write_text(json.dumps({"pid": 1, "birth": "b", "host": "desk", "at": NOW.isoformat()}))
    with lock(tmp_path / "l"):
        pass


def left_on_another_machine(path: Path, silent_for: timedelta) -> None:
    file = owner_file(path)
    file.write_text(json.dumps({"pid": 1, "host": "attic", "at": NOW.isoformat()}))
    os.utime(file, (NOW.timestamp(), (NOW - silent_for).timestamp()))


def test_an_owner_on_another_machine_keeps_the_lock_until_it_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "l"
    left_on_another_machine(path, MINUTE)
    with pytest.raises(LockHeldError, match="on attic"), lock(path):
        pass
    left_on_another_machine(path, 2 * SILENCE)
    with lock(path) as mine:
        assert mine.left_by is not None
        assert mine.left_by.host == "attic"


def test_touching_shows_other_machines_that_we_are_there(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with lock(path) as mine:
        mine.touch(NOW + MINUTE)
        assert owner_file(path).stat().st_mtime == (NOW + MINUTE).timestamp()


def test_a_folder_that_cannot_be_written_to_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"default\.lock"), lock(tmp_path / "file" / "default.lock"):
        pass
    with (
        pytest.raises(StorageError, match="could not be locked"),
        exclusive_lock(tmp_path / "file" / "l", seconds=0, next_step=""),
    ):
        pass


def test_in_a_folder_without_locks_the_owner_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class NoLocks(filelock.FileLock):  # type: ignore[misc, valid-type]  # an alias that depends on the system
        def _acquire(self) -> None:
            raise OSError(95, "Operation not supported")

    monkeypatch.setattr(filelock, "FileLock", NoLocks)
    path = tmp_path / "l"
    with lock(path) as mine:
        mine.touch(NOW)
        us = OwnedLock(path, owner=owner(pid=1), what="It", next_step="")
        with pytest.raises(LockHeldError, match=f"process {os.getpid()} "), us:
            pass
    with OwnedLock(path, owner=owner(pid=1), what="It", next_step="") as free:
        assert free.left_by is None


HOLDING = """
import os, sys
from datetime import UTC, datetime
from pathlib import Path
from selfcheck.storage.lock import OwnedLock, Owner
owner = Owner(pid=os.getpid(), host="desk", at=datetime.now(UTC))
with OwnedLock(Path(sys.argv[1]), owner=owner, what="It", next_step=""):
    print("held", flush=True)
    sys.stdin.read()
"""


@contextmanager
def holder(path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process that holds the lock until its standard input ends."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLDING, str(path)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
    ) as process:  # fmt: skip
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        try:
            yield process
        finally:
            process.kill()


def test_another_process_holds_it_until_it_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with holder(path) as process:
        with pytest.raises(LockHeldError, match=f"process {process.pid} "), lock(path):
            pass
        with (
            pytest.raises(StorageError, match="could not be locked"),
            exclusive_lock(path, seconds=0, next_step=""),
        ):
            pass
        process.kill()
        process.wait()
        with exclusive_lock(path, seconds=0, next_step=""):
            pass
        with lock(path) as mine:
            assert mine.left_by is not None
            assert mine.left_by.pid == process.pid


def test_another_process_that_ends_properly_leaves_nothing(tmp_path: Path) -> None:
    with holder(tmp_path / "l") as process:
        process.communicate("")
        assert process.returncode == 0
        with lock(tmp_path / "l") as mine:
            assert mine.left_by is None
