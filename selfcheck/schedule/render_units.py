"""A schedule as the files and commands that a machine's scheduler wants.

Laws:
1. Nothing is done here: a recipe says what is to be written and which commands make it known.
2. Every file says in its first lines that it is ours (`MARK`), so that nobody else's is ever overwritten.
3. The same job gives the same bytes: installing twice changes nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import groupby

from jinja2 import Environment

from selfcheck.core.templating import environment
from selfcheck.schedule import quoting
from selfcheck.schedule.spec import Job, Manager

MARK = "Written by selfcheck schedule install"

Command = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file of a schedule."""

    path: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """What is written, and which commands make it known, take it out, and tell whether it is known."""

    files: tuple[TextFile, ...]
    start: tuple[Command, ...]  # after the files are written; each must succeed
    ask: Command  # succeeds where the machine knows the schedule
    stop: tuple[Command, ...]  # before the files are taken away, where it is known; each must succeed
    after: tuple[Command, ...] = ()  # after they were taken away; they may fail


def recipe(manager: Manager, job: Job, *, place: Callable[[str], str], user: int) -> Recipe:
    """Return how a manager that has files of its own starts the job; `place` gives a file's whole path."""
    makers = {Manager.SYSTEMD: _systemd, Manager.WINDOWS: _windows}
    if manager is Manager.LAUNCHD:
        return _launchd(job, place, user)
    return makers[manager](job, place)


def _systemd(job: Job, place: Callable[[str], str]) -> Recipe:
    unit = f"selfcheck-{job.name}"
    timer = f"{unit}.timer"
    control = ("systemctl", "--user")
    return Recipe(
        files=(_file(job, place(f"{unit}.service"), "selfcheck.service.j2"),
               _file(job, place(timer), "selfcheck.timer.j2")),
        start=((*control, "daemon-reload"), (*control, "enable", "--now", timer)),
        ask=(*control, "is-active", "--quiet", timer),
        stop=((*control, "disable", "--now", timer),),
        after=((*control, "daemon-reload"),),
    )  # fmt: skip


def _launchd(job: Job, place: Callable[[str], str], user: int) -> Recipe:
    label = launchd_label(job.name)
    path, domain = place(f"{label}.plist"), f"gui/{user}"
    return Recipe(
        files=(_file(job, path, "launchd.plist.j2"),),
        start=(("launchctl", "bootstrap", domain, path),),
        ask=("launchctl", "print", f"{domain}/{label}"),
        stop=(("launchctl", "bootout", f"{domain}/{label}"),),
    )


def _windows(job: Job, place: Callable[[str], str]) -> Recipe:
    path, task = place(f"{job.name}.task.xml"), f"selfcheck\\{job.name}"
    return Recipe(
        files=(_file(job, path, "task.xml.j2", encoding="utf-16"),),
        start=(("schtasks", "/Create", "/TN", task, "/XML", path, "/F"),),
        ask=("schtasks", "/Query", "/TN", task),
        stop=(("schtasks", "/Delete", "/TN", task, "/F"),),
    )


def launchd_label(name: str) -> str:
    """Return what launchd calls a schedule."""
    return f"selfcheck.{name}"


def crontab_lines(job: Job) -> tuple[str, ...]:
    """Return the crontab's lines of a job: one for each minute of the hour at which it starts."""
    variables = (f"{name}={value}" for name, value in job.environment.items())
    words = ("env", *variables, *job.words) if job.environment else job.words
    command = f"{quoting.cron_words(('cd', job.folder))} && {quoting.cron_words(words)}"
    return tuple(f"{minute} {hours} * * * {command}" for minute, hours in _cron_times(job))


def _cron_times(job: Job) -> list[tuple[int, str]]:
    by_minute = sorted(job.times, key=lambda one: (one.minute, one.hour))
    grouped = (
        (minute, [one.hour for one in group]) for minute, group in groupby(by_minute, lambda one: one.minute)
    )
    return [
        (minute, "*" if len(hours) == _EVERY_HOUR else ",".join(map(str, hours))) for minute, hours in grouped
    ]


_EVERY_HOUR = 24


def _file(job: Job, path: str, template: str, *, encoding: str = "utf-8") -> TextFile:
    text = _templates().get_template(template).render(job=job, mark=MARK, label=launchd_label(job.name))
    return TextFile(path=path, data=text.encode(encoding))


@cache
def _templates() -> Environment:
    return environment(
        "selfcheck.schedule",
        quoting.systemd_words,
        quoting.systemd_variable,
        quoting.systemd_path,
        quoting.windows_words,
    )
