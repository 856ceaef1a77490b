"""Our lines in a crontab that belongs to somebody.

Laws:
1. Only what stands between our own two marks of one schedule is ever touched; the rest stays byte for byte.
2. Marks that do not pair are somebody's edit: refused, never guessed at.
3. To put in and to take out again gives the crontab as it was.
"""

from collections.abc import Iterable

_BEGIN = "# >>> selfcheck schedule {name} >>> written by selfcheck: change nothing between these two lines"
_END = "# <<< selfcheck schedule {name} <<<"
LONGEST_LINE = 990
"""Bytes of a command that every cron takes; the oldest that is still in use cuts off at 1,000."""


class MarksDoNotPairError(ValueError):
    """Our marks in a crontab do not come in pairs, so nobody can tell what is ours."""


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
