"""A job as the files of systemd, launchd and the Task Scheduler, and the commands that make them known.

Laws:
1. Nothing is done here: values say what is to be written and which commands make it known.
2. Every file says in its first lines that it is ours (`MARK`), so that no other file is ever overwritten.
3. The same job gives the same bytes: installing twice changes nothing.
4. A word arrives as it is, whatever it contains: spaces, quotes, `%`, `$` and backslashes are escaped. What
   no scheduler's file can hold is refused before (`jobs`).
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from selfcheck.core.templating import environment
from selfcheck.schedule.jobs import Job
from selfcheck.schedule.state import Manager

MARK = "Written by selfcheck schedule install"

Command = tuple[str, ...]
_PLAIN = re.compile(r"[\w@+=:,./-]+", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class TextFile:
    """A file of a schedule."""

    path: str
    data: bytes


@dataclass(frozen=True, kw_only=True)
class ManagerCommands:
    """The commands that make a schedule known, take it out, and tell whether it is known."""

    start: tuple[Command, ...]  # after the files are written; each must succeed
    ask: Command  # succeeds where the machine knows the schedule
    stop: tuple[Command, ...]  # before the files are taken away, where it is known; each must succeed
    after: tuple[Command, ...] = ()  # after they were taken away; they may fail


def manager_commands(
    manager: Manager, name: str, *, place: Callable[[str], str], user: int
) -> ManagerCommands:
    """Return the commands for a schedule's name; `place` gives a file's whole path."""
    if manager is Manager.SYSTEMD:
        control, timer = ("systemctl", "--user"), f"selfcheck-{name}.timer"
        return ManagerCommands(
            start=((*control, "daemon-reload"), (*control, "enable", "--now", timer)),
            ask=(*control, "is-active", "--quiet", timer),
            stop=((*control, "disable", "--now", timer),),
            after=((*control, "daemon-reload"),),
        )
    if manager is Manager.LAUNCHD:
        label, domain = launchd_label(name), f"gui/{user}"
        return ManagerCommands(
            start=(("launchctl", "bootstrap", domain, place(f"{label}.plist")),),
            ask=("launchctl", "print", f"{domain}/{label}"),
            stop=(("launchctl", "bootout", f"{domain}/{label}"),),
        )
    task = f"selfcheck\\{name}"
    return ManagerCommands(
        start=(("schtasks", "/Create", "/TN", task, "/XML", place(f"{name}.task.xml"), "/F"),),
        ask=("schtasks", "/Query", "/TN", task),
        stop=(("schtasks", "/Delete", "/TN", task, "/F"),),
    )


def manager_files(manager: Manager, job: Job, *, place: Callable[[str], str]) -> tuple[TextFile, ...]:
    """Return the files that a manager starts the job by."""
    names = {
        Manager.SYSTEMD: (
            (f"selfcheck-{job.name}.service", "selfcheck.service.j2"),
            (f"selfcheck-{job.name}.timer", "selfcheck.timer.j2"),
        ),
        Manager.LAUNCHD: ((f"{launchd_label(job.name)}.plist", "launchd.plist.j2"),),
        Manager.WINDOWS: ((f"{job.name}.task.xml", "task.xml.j2"),),
    }[manager]
    encoding = "utf-16" if manager is Manager.WINDOWS else "utf-8"
    label = launchd_label(job.name)
    templates = environment(
        "selfcheck.schedule", systemd_words, systemd_variable, systemd_path, windows_words
    )
    return tuple(
        TextFile(
            path=place(name),
            data=templates.get_template(template).render(job=job, mark=MARK, label=label).encode(encoding),
        )
        for name, template in names
    )


def launchd_label(name: str) -> str:
    """Return what launchd calls a schedule."""
    return f"selfcheck.{name}"


def systemd_words(words: Iterable[str]) -> str:
    """Return the words for `ExecStart=`, where `%` is a specifier and `$` a variable.

    In the path of the program itself `$` is none and cannot be escaped; so such a one goes through env.
    """
    all_words = tuple(words)
    if "$" in all_words[0]:
        all_words = ("/usr/bin/env", *all_words)
    return " ".join(_systemd_word(word).replace("$", "$$") for word in all_words)


def systemd_variable(name: str, value: str) -> str:
    """Return a variable for `Environment=`."""
    return _systemd_word(f"{name}={value}")


def systemd_path(path: str) -> str:
    """Return a path for a setting that takes one to the end of the line."""
    return path.replace("%", "%%")


def _systemd_word(word: str) -> str:
    escaped = word.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return word if _PLAIN.fullmatch(word) else f'"{escaped}"'


def windows_words(words: Iterable[str]) -> str:
    """Return the words as one command line, as programs on Windows take theirs apart."""
    return " ".join(map(_windows_word, words))


def _windows_word(word: str) -> str:
    """Quote a word: backslashes count double where they are before a quote, the closing one too."""
    escaped = re.sub(r'(\\*)"', r'\1\1\\"', word)
    if escaped and not re.search(r"[ \t]", escaped):
        return escaped
    return '"' + re.sub(r"(\\+)$", r"\1\1", escaped) + '"'
