"""Every failure a user can meet, with its exit code and what to do about it.

Laws:
1. Only `__main__` prints an error and exits; everything else raises one of these.
2. A message says what happened, its likely cause, and the next step. No traceback reaches a user.
3. The exit codes are the Contract's: 2 usage or configuration, 4 the tool itself failed.
   (0, 1, 3 and 130 are how a run ended, not failures; see `core.run.ExitCode`.)
"""

import json
import shlex
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from shutil import which
from urllib.parse import unquote

from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.suggestions import suggestion
from selfcheck.core.times import plural

NextStep = str | Callable[[CommandHints], str]
"""What to do now; a function where it names a command of selfcheck, which only the top can write."""


class SelfcheckError(Exception):
    """A failure that the user can understand and act on.

    `what` says what happened, `cause` the likely reason, `next_step` what to do now. Where that names a
    command: `next_step=lambda hints: f"Run `{hints.command('doctor')}`."`.
    """

    exit_code = 4

    def __init__(self, what: str, *, cause: str = "", next_step: NextStep = "") -> None:
        super().__init__(what)
        self.what = what
        self.cause = cause
        self.next_step = next_step

    def next_step_text(self, hints: CommandHints = USUAL_HINTS) -> str:
        """Return the next step as it is shown to the user."""
        return self.next_step if isinstance(self.next_step, str) else self.next_step(hints)

    def lines(self, hints: CommandHints = USUAL_HINTS) -> tuple[str, ...]:
        """Return the message as the lines that are shown to the user, first what happened."""
        return tuple(line for line in (self.what, self.cause, self.next_step_text(hints)) if line)


@dataclass(frozen=True, kw_only=True)
class ConfigIssue:
    """One mistake in a file that a user wrote."""

    file: str
    line: int | None  # 1-based; None where the file has no such line (a missing file, an empty one)
    where: str  # the key's path, such as `profiles[2].handle`
    actual: str
    expected: str
    hint: str = ""  # "did you mean …", or empty

    def __str__(self) -> str:
        """Return the mistake as one line: place, what was found, what was expected, hint."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        where = f"{self.where}: " if self.where else ""
        hint = f" — {self.hint}" if self.hint else ""
        return f"{place}: {where}found {self.actual}, expected {self.expected}{hint}"


class UsageError(SelfcheckError):
    """The command line, the settings or the environment cannot be followed."""

    exit_code = 2


def unknown_name(what: str, name: str, names: Iterable[str]) -> UsageError:
    """Return the error for a name that does not exist, with the nearest one and all that do."""
    every = tuple(names)
    there = f"There are: {', '.join(every)}." if every else "There is none at all."
    return UsageError(what, cause=suggestion(name, every), next_step=there)


class ConfigurationError(UsageError):
    """A user's file has mistakes; all of them are carried, not only the first."""

    def __init__(self, mistakes: tuple[ConfigIssue, ...]) -> None:
        files = ", ".join(dict.fromkeys(mistake.file for mistake in mistakes))
        super().__init__(
            f"{plural(len(mistakes), 'mistake')} in {files}:",
            next_step="Nothing was opened. Correct these and run the command again.",
        )
        self.mistakes = mistakes

    def lines(self, hints: CommandHints = USUAL_HINTS) -> tuple[str, ...]:
        """Return the headline, one line for each mistake, and the next step."""
        return (self.what, *(f"  {mistake}" for mistake in self.mistakes), self.next_step_text(hints))


class BrowserMissingError(UsageError):
    """No browser could be found, started or installed."""


class SessionStoreError(UsageError):
    """A saved session is missing, unreadable, or of a form that is not known."""


class SessionKeyMissingError(SessionStoreError):
    """A saved session is encrypted, and no key or passphrase was found to open it with."""


class SessionKeyWrongError(SessionStoreError):
    """A saved session is encrypted with another key or passphrase than those found."""


class SessionDamagedError(SessionStoreError):
    """An encrypted session was cut or changed."""


class SessionTooLargeError(SessionStoreError):
    """A session does not fit into a repository secret, even with all left out that it can do without."""


class TooEarlyError(UsageError):
    """A platform would be visited more often than its file allows."""


class RunUnreadableError(UsageError):
    """A stored run is missing, damaged, or of a form that a later version wrote."""


class LoginFailedError(UsageError):
    """The user closed the window, or the platform file never saw a signed-in page."""


class StorageError(SelfcheckError):
    """A file of the data folder could not be written or read (full disk, permissions)."""


class HistoryUnreadableError(StorageError):
    """`history.db` is damaged, or a later version wrote it."""


class IncidentUnknownError(UsageError):
    """No incident has this id."""


class HostingError(SelfcheckError):
    """GitHub, or the repository that keeps the history, refused or did not answer."""


class SchedulerError(UsageError):
    """The machine's scheduler is not there, or refused what it was asked."""


class PlatformUnknownError(UsageError):
    """No shipped platform and no platform file has this name."""


class PatternTooSlowError(UsageError):
    """A regular expression of a platform file took too long for a text."""


class EvidenceMissingError(UsageError):
    """The runs of an incident are not kept any more, or cannot be read."""


class AppealTemplateError(UsageError):
    """A letter's template has a mistake, or asks for what a template may not have."""


class MailNotSentError(SelfcheckError):
    """The mail server could not be reached, or refused the mail; the draft is kept."""


class FleetError(SelfcheckError):
    """The fleet's database could not be started or reached."""


class ExtraMissingError(UsageError):
    """Something was asked for that needs a library which is not installed."""

    @classmethod
    def of(cls, extra: str, what: str) -> "ExtraMissingError":
        """Return the error that says which extra `what` needs."""
        return cls(
            f"{what} needs libraries that are not installed.",
            cause=f"They belong to the extra `{extra}`, which is not installed by itself.",
            next_step=f"Install them: {install_line(extra)}",
        )


def install_line(extra: str) -> str:
    """Return the command that installs the libraries of an extra beside this selfcheck.

    selfcheck is installed from its own folder or a wheel's file, never by its name from a registry, where the
    name may belong to another project.
    """
    source = Path(__file__).resolve().parents[1]
    uv = which("uv", path=str(Path(sys.executable).parent)) or "uv"  # no shell finds the one of bootstrap.py
    by_uv = (uv, "pip", "install", "--python", sys.executable)  # such an environment has no pip of its own
    pip = (sys.executable, "-m", "pip", "install") if find_spec("pip") else by_uv
    return install_words(extra, Path(sys.prefix), source, pip, _installed_from())


def _installed_from() -> Path | None:
    """Return the wheel or folder that this selfcheck was installed from, where it is still there."""
    from importlib.metadata import PackageNotFoundError, distribution  # noqa: PLC0415 - for this advice alone

    try:
        url = json.loads(distribution("selfcheck").read_text("direct_url.json") or "{}").get("url", "")
    except (PackageNotFoundError, ValueError):
        return None
    path = Path(unquote(url.removeprefix("file://")))
    return path if url.startswith("file:///") and path.exists() else None


def install_words(extra: str, prefix: Path, source: Path, pip: tuple[str, ...], origin: Path | None) -> str:
    """Return the command for an environment at `prefix`, with the package's parent folder `source`.

    `pip` are the words that install there, and `origin` what it was installed from; None: that is not known.
    """
    match installed_with(prefix, source):
        case "bootstrap.py" | "its source":
            return shlex.join((*pip, "-e", f"{source}[{extra}]"))
        case ("uv tool" | "pipx") as program:
            pip = (*program.split(), "install", "--force")
    command = shlex.join((*pip, f"{origin or 'FILE'}[{extra}]"))
    return command if origin else f"{command}, where FILE is the wheel or folder that it came from"


def installed_with(prefix: Path, source: Path) -> str:
    """Return what installed an environment at `prefix`, with the package's parent folder `source`."""
    if "uv" in prefix.parts and "tools" in prefix.parts:
        return "uv tool"
    if "pipx" in prefix.parts:
        return "pipx"
    if not (source / "pyproject.toml").is_file():
        return "a wheel"
    return "bootstrap.py" if prefix == source / ".venv" else "its source"
