"""Runs a process to its end and tells how long it took, and how much memory it and its children held."""

import subprocess
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass

import psutil

_SAMPLE_SECONDS = 0.1
_MOST_SECONDS = 1200
_MB = 1_000_000


class FailedRunError(Exception):
    """A contestant did not do what it was asked."""


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What one process cost."""

    seconds: float  # wall time from its start to its end
    peak_mb: float | None  # of the whole tree; None: not asked for
    processor_seconds: float | None  # of the whole tree, user and system, as sampled with the memory
    output: str


def measure(command: list[str], *, env: Mapping[str, str], memory: bool, accept: tuple[int, ...]) -> Measured:
    """Run a command; FailedRunError where its exit code is not accepted.

    Memory is asked for apart from time, since asking ten times a second takes time itself.
    """
    started = time.perf_counter()
    process = subprocess.Popen(command, env=dict(env), stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sampler = _Sampler(process.pid) if memory else None
    try:
        output, _ = process.communicate(timeout=_MOST_SECONDS)
    except BaseException:
        process.kill()
        raise
    finally:
        if sampler:
            sampler.stop()
    seconds = time.perf_counter() - started
    text = output.decode(errors="replace")
    if process.returncode not in accept:
        raise FailedRunError(f"{command[:4]} ended with {process.returncode}:\n{text[-2000:]}")
    return Measured(
        seconds=seconds,
        peak_mb=sampler.peak_mb if sampler else None,
        processor_seconds=sum(sampler.processor_seconds.values()) if sampler else None,
        output=text,
    )


class _Sampler:
    """Asks again and again how much memory a tree of processes holds and what time it took, until stopped.

    A browser's processes are not all waited for, so the system's own sum for children lacks some. What a
    process does after it was last asked is not counted: a tenth of a second for each, of all contestants.
    """

    def __init__(self, pid: int) -> None:
        self.peak_mb = 0.0
        self.processor_seconds: dict[psutil.Process, float] = {}
        self._root = psutil.Process(pid)
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        self._done.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._done.wait(_SAMPLE_SECONDS):
            try:
                tree = [self._root, *self._root.children(recursive=True)]
            except psutil.NoSuchProcess:
                return
            self.peak_mb = max(self.peak_mb, sum(map(_held, tree)) / _MB)
            self.processor_seconds |= {process: taken for process in tree if (taken := _took(process))}


def _took(process: psutil.Process) -> float:
    try:
        times = process.cpu_times()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    return float(times.user + times.system)


def _held(process: psutil.Process) -> int:
    """Return a process's share of memory in bytes: PSS, so that shared pages count once; elsewhere USS."""
    try:
        info = process.memory_full_info()
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return 0
    return int(getattr(info, "pss", info.uss))
