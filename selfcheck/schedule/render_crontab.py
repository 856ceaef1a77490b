"""A job's lines for cron, and their place in a crontab that belongs to the user.

Laws:
1. Only what is between our own two marks of one schedule is ever changed; the rest stays byte for byte.
2. Marks that do not pair were edited by hand: that is refused, never guessed at.
3. To put in and to take out again gives the crontab as it was.
"""

import shlex
from collections.abc import Iterable
from itertools import groupby

from selfcheck.schedule.jobs import Job

_BEGIN = "# >>> selfcheck schedule {name} >>> written by selfcheck: change nothing between these two lines"
_END = "# <<< selfcheck schedule {name} <<<"
_EVERY_HOUR = 24
LONGEST_LINE = 990
"""Bytes of a command that every cron takes; the oldest that is still in use cuts off at 1,000."""


class MarksDoNotPairError(ValueError):
    """Our marks in a crontab do not come in pairs, so it is unclear what is ours."""


def crontab_lines(job: Job) -> tuple[str, ...]:
    """Return the crontab's lines of a job: one for each minute of the hour at which it starts."""
    variables = (f"{name}={value}" for name, value in job.environment.items())
    words = ("env", *variables, *job.words) if job.environment else job.words
    command = f"{cron_words(('cd', job.folder))} && {cron_words(words)}"
    by_minute = sorted(job.times, key=lambda time: (time.minute, time.hour))
    lines = []
    for minute, times in groupby(by_minute, lambda time: time.minute):
        hours = [time.hour for time in times]
        listed = "*" if len(hours) == _EVERY_HOUR else ",".join(map(str, hours))
        lines.append(f"{minute} {listed} * * * {command}")
    return tuple(lines)


def cron_words(words: Iterable[str]) -> str:
    r"""Return the words as the command of a crontab's line: quoted for the shell, each `%` escaped for cron.

    Cron takes `\%` for `%` only where no backslash is before it; so a backslash of the word's own ends its
    quotes first.
    """
    return shlex.join(words).replace("\\%", "\\''%").replace("%", "\\%")


def block(name: str, lines: Iterable[str]) -> bytes:
    """Return the lines of a schedule with our marks around them."""
    text = (_BEGIN.format(name=name), *lines, _END.format(name=name))
    return "".join(f"{line}\n" for line in text).encode()


def with_block(crontab: bytes, name: str, lines: Iterable[str]) -> bytes:
    """Return the crontab with these lines as the schedule's; they stay where it has some already."""
    ours = block(name, lines)
    place = _place(crontab, name)
    if place is not None:
        return crontab[: place[0]] + ours + crontab[place[1] :]
    ends_well = not crontab or crontab.endswith(b"\n")
    return crontab + (b"" if ends_well else b"\n") + ours


def without_block(crontab: bytes, name: str) -> bytes:
    """Return the crontab without the schedule's lines and marks."""
    place = _place(crontab, name)
    return crontab if place is None else crontab[: place[0]] + crontab[place[1] :]


def block_of(crontab: bytes, name: str) -> bytes | None:
    """Return the schedule's lines with their marks, or None where it has none."""
    place = _place(crontab, name)
    return None if place is None else crontab[place[0] : place[1]]


def _place(crontab: bytes, name: str) -> tuple[int, int] | None:
    """Return where the schedule's block begins and ends."""
    begin_mark = _BEGIN.format(name=name).partition(" written")[0].encode()
    begins, ends, position = [], [], 0
    for line in crontab.splitlines(keepends=True):
        if line.startswith(begin_mark):
            begins.append(position)
        position += len(line)
        if line.rstrip(b"\r\n") == _END.format(name=name).encode():
            ends.append(position)
    if not begins and not ends:
        return None
    if len(begins) != 1 or len(ends) != 1 or begins[0] >= ends[0]:
        raise MarksDoNotPairError(name)
    return begins[0], ends[0]
