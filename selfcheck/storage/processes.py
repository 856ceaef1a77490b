"""Which process a number means: numbers are given out again, so each process is told by when it began too."""

import os
import sys
from pathlib import Path

_STATE, _STARTED = 0, 19  # fields of /proc/<pid>/stat after the name in brackets
_DEAD = ("Z", "X", "x")


def birth_of(pid: int) -> str | None:
    """Return what tells the running process of this number from every other; None where there is none.

    On Linux it is the boot and the ticks since then, which no change of the clock moves; elsewhere the system
    keeps the time at which the process began.
    """
    if pid <= 0:
        return None
    return _in_proc(pid) if sys.platform == "linux" else _in_system(pid)


def _in_system(pid: int) -> str | None:
    import psutil  # noqa: PLC0415 - only where a lock is taken

    try:
        process = psutil.Process(pid)
        dead = process.status() == psutil.STATUS_ZOMBIE
        return None if dead else f"{process.create_time():.3f}"
    except psutil.NoSuchProcess:
        return None
    except psutil.AccessDenied:
        return "another user's"


def own_birth() -> str:
    """Return the same of this process."""
    return birth_of(os.getpid()) or ""


def _in_proc(pid: int) -> str | None:
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    after_name = stat.rpartition(")")[2].split()  # the name itself may hold brackets and spaces
    return None if after_name[_STATE] in _DEAD else f"{boot}:{after_name[_STARTED]}"
