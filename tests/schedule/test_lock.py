"""One at a time, whatever became of the one before: ended, killed, its number given out again, on another host."""

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

import pytest

from selfcheck.errors import StorageError
from selfcheck.schedule.lock import SILENCE, Lock, LockHeldError, Owner, holds
from selfcheck.storage import processes
from selfcheck.storage.processes import birth_of, own_birth

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
ROOT = Path(__file__).parents[2]


def owner(**more: object) -> Owner:
    return replace(Owner(pid=4711, birth="boot:100", host="desk", at=NOW), **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("written", "birth", "touched", "ours", "held"),
    [
        pytest.param(None, None, NOW, False, False, id="nobody stands in it"),
        pytest.param(owner(), "boot:100", NOW, False, True, id="its process is alive"),
        pytest.param(owner(), None, NOW, False, False, id="its process is gone"),
        pytest.param(owner(), "boot:200", NOW, False, False, id="its number was given out again"),
        pytest.param(owner(), "later-boot:100", NOW, False, False, id="the machine was started anew, and the number is in use"),
        pytest.param(owner(), "boot:100", NOW, True, False, id="it is this very process"),
        pytest.param(owner(), "boot:100", NOW - 30 * SILENCE, False, True, id="alive, and silent for long: a process decides, not the time"),
        pytest.param(owner(host="attic"), None, NOW - MINUTE, False, True, id="on another host, heard of a minute ago"),
        pytest.param(owner(host="attic"), None, NOW - SILENCE, False, False, id="on another host, not heard of for long"),
        pytest.param(owner(host="attic"), None, NOW + 2 * SILENCE, False, False, id="on another host, in the future: a clock was set"),
        pytest.param(owner(host="attic"), "boot:100", NOW - SILENCE, False, False, id="a number of another host means nothing here"),
    ],
)  # fmt: skip
def test_whether_an_owner_holds_the_lock(
    written: Owner | None, birth: str | None, touched: datetime, ours: bool, held: bool
) -> None:
    assert holds(written, here="desk", birth=birth, touched=touched, now=NOW, ours=ours) is held


def lock(path: Path, who: Owner | None = None) -> Lock:
    return Lock(path, name="default", owner=who or owner(pid=os.getpid(), birth=own_birth()), born=birth_of)


def test_it_is_taken_named_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "schedules" / "default.lock"
    with lock(path) as mine:
        assert mine.left_by is None
        assert json.loads(path.read_text())["pid"] == os.getpid()
        with pytest.raises(LockHeldError) as held, lock(path, owner(pid=1)):
            pass
        assert f"process {os.getpid()} on desk, since 2026-11-21 09:00 UTC" in held.value.what
        assert held.value.exit_code == 2
    assert path.read_text() == ""
    with lock(path):
        pass


@pytest.mark.skipif(os.name != "posix", reason="one process may lock twice there")
def test_the_kernels_lock_holds_while_nothing_stands_in_the_file_yet(tmp_path: Path) -> None:
    with lock(tmp_path / "l"):
        (tmp_path / "l").write_text("")
        with pytest.raises(LockHeldError, match="another process"), lock(tmp_path / "l", owner(pid=1)):
            pass


def test_it_is_given_back_after_a_failure(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), lock(tmp_path / "l"):
        raise ZeroDivisionError
    with lock(tmp_path / "l") as again:
        assert again.left_by is None


@pytest.mark.parametrize("text", ["", "{", "[]", '{"pid": "x"}', '{"pid": 1}', "\x00\xff", "null"])
def test_what_cannot_be_read_holds_nobody_up(tmp_path: Path, text: str) -> None:
    (tmp_path / "l").write_text(text)
    with lock(tmp_path / "l") as mine:
        assert mine.left_by is None


def test_an_owner_on_another_host_is_respected_until_it_is_silent(tmp_path: Path) -> None:
    path = tmp_path / "l"
    path.write_text(json.dumps({"pid": 1, "birth": "b", "host": "attic", "at": NOW.isoformat()}))
    os.utime(path, (NOW.timestamp(), (NOW - MINUTE).timestamp()))
    with pytest.raises(LockHeldError, match="on attic"), lock(path):
        pass
    os.utime(path, (NOW.timestamp(), (NOW - 2 * SILENCE).timestamp()))
    with lock(path) as mine:
        assert mine.left_by is not None
        assert mine.left_by.host == "attic"


def test_touching_tells_other_hosts_that_we_are_there(tmp_path: Path) -> None:
    path = tmp_path / "l"
    with lock(path) as mine:
        mine.touch(NOW + MINUTE)
        assert path.stat().st_mtime == (NOW + MINUTE).timestamp()


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"default\.lock"), lock(tmp_path / "file" / "default.lock"):
        pass


HOLDING = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from selfcheck.schedule.lock import Lock, Owner
from selfcheck.storage.processes import birth_of, own_birth
import os
owner = Owner(pid=os.getpid(), birth=own_birth(), host="desk", at=datetime.now(UTC))
with Lock(Path(sys.argv[1]), name="default", owner=owner, born=birth_of):
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
        process.kill()
        process.wait()
        with lock(path) as mine:
            assert mine.left_by is not None
            assert mine.left_by.pid == process.pid


def test_another_process_that_ends_well_leaves_nothing(tmp_path: Path) -> None:
    with holder(tmp_path / "l") as process:
        process.communicate("")
        assert process.returncode == 0
        with lock(tmp_path / "l") as mine:
            assert mine.left_by is None


@pytest.mark.skipif(os.name != "posix", reason="Windows has no such children")
def test_a_process_is_known_by_its_birth() -> None:
    mine = own_birth()
    assert mine
    assert birth_of(os.getpid()) == mine
    assert birth_of(-1) is None
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        birth = birth_of(child.pid)
        assert birth not in {None, mine}
        child.kill()
        os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # dead, and not yet buried
        assert birth_of(child.pid) is None
    assert birth_of(child.pid) is None


def test_processes_are_told_apart_on_systems_without_proc() -> None:
    assert processes._in_system(os.getpid())
    with subprocess.Popen([sys.executable, "-c", ""]) as child:
        child.wait()
    assert processes._in_system(child.pid) is None
