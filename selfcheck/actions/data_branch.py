"""A branch of a git repository that keeps a folder: fetched into one, and grown by one commit at a time.

Laws:
1. Nothing is ever forced: a branch that moved meanwhile is fetched again, what is new is put beside what is
   there now, and the push is tried again. So two jobs that write at once lose nothing.
2. A commit is whole or absent; whatever happens before the push leaves the branch as it was.
3. The token is in no command line, no file and no error: git gets it by its environment.
4. The user's own repository, configuration and hooks are not touched: all happens in a folder of its own.
"""

import base64
import os
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from selfcheck.errors import HostingError
from selfcheck.storage.child_process import CommandResult, run_program

_ATTEMPTS = 6
_PATIENCE_SECONDS = 300
_NO_SUCH_BRANCH = 2
_AUTHOR = ("selfcheck", "41898282+github-actions[bot]@users.noreply.github.com")
_SETTINGS = {
    "commit.gpgsign": "false",
    "core.autocrlf": "false",
    "core.hooksPath": os.devnull,
    "core.symlinks": "false",  # a link on the branch would lead what is read and published out of the copy
    "gc.auto": "0",
    "init.defaultBranch": "main",
    "protocol.version": "2",
}
_FOREVER = (
    "returned error: 403",
    "returned error: 401",
    "authentication failed",
    "repository not found",
    "does not appear to be a git repository",
    "protected branch",
    "permission to ",
    "could not read username",
)
_NOT_OURS = frozenset({"GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_NAMESPACE", "GIT_OBJECT_DIRECTORY"})


@dataclass(frozen=True, kw_only=True)
class Remote:
    """A branch of a repository, and what opens it."""

    url: str
    branch: str
    token: str = ""

    @property
    def ref(self) -> str:
        """Return the branch as git names it in full."""
        return f"refs/heads/{self.branch}"


class DataBranch:
    """The branch; `scratch` is a folder for copies of it, `pause` waits before an attempt of this number."""

    def __init__(self, remote: Remote, *, scratch: Path, pause: Callable[[int], None]) -> None:
        self._remote = remote
        self._scratch = scratch
        self._pause = pause

    def fetch_into(self, folder: Path) -> bool:
        """Put the branch's files into the folder; return False where the branch does not exist.

        Raise HostingError.
        """
        copy = self._copy()
        if copy is None:
            return False
        shutil.copytree(copy, folder, dirs_exist_ok=True, ignore=shutil.ignore_patterns(".git"))
        return True

    def grow(self, put: Callable[[Path], str]) -> bool:
        """Let `put` add to a copy of the branch and return the commit's message; push it.

        `put` is called again, with a new copy, whenever the branch moved meanwhile. Return False where it
        added nothing. Raise HostingError.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            copy = self._copy() or self._empty()
            message = put(copy)
            self._git(copy, "add", "--all", "--force", ".")
            if not self._git(copy, "status", "--porcelain").strip():
                return False
            self._git(copy, "commit", "--quiet", "--file", "-", given=message)
            refusal = self._push(copy)
            if refusal is None:
                return True
            if attempt < _ATTEMPTS:
                self._pause(attempt)
        raise _moved(self._remote.branch, refusal or "")

    def _copy(self) -> Path | None:
        """Return a new folder with the branch as it is now, None where there is no such branch."""
        self._scratch.mkdir(parents=True, exist_ok=True)
        for attempt in range(1, _ATTEMPTS + 1):
            answer = self._try(None, "ls-remote", "--exit-code", self._remote.url, self._remote.ref)
            if answer.code == _NO_SUCH_BRANCH:
                return None
            if answer.code == 0:
                copy = self._empty()
                fetched = self._try(copy, "fetch", "--quiet", "--depth=1", self._remote.url, self._remote.ref)
                if fetched.code == 0:
                    self._git(copy, "reset", "--quiet", "--hard", "FETCH_HEAD")
                    return copy
                answer = fetched
            _stop_at_refusals(answer.err)
            if attempt < _ATTEMPTS:
                self._pause(attempt)
        raise HostingError(f"The branch `{self._remote.branch}` cannot be read: {_last(answer.err)}")

    def _empty(self) -> Path:
        """Return a new repository of ours, without a commit."""
        copy = self._scratch / "branch"
        if copy.exists():
            shutil.rmtree(copy)
        copy.mkdir(parents=True)
        self._git(copy, "init", "--quiet", "--template=")
        return copy

    def _push(self, copy: Path) -> str | None:
        """Push the commit; return why it was refused, None where it was taken."""
        done = self._try(copy, "push", "--quiet", self._remote.url, f"HEAD:{self._remote.ref}")
        if done.code == 0:
            return None
        _stop_at_refusals(done.err)
        return _last(done.err)

    def _git(self, folder: Path, *words: str, given: str | None = None) -> str:
        done = self._try(folder, *words, given=given)
        if done.code:
            raise HostingError(f"git {words[0]} failed: {_last(done.err)}")
        return done.text

    def _try(self, folder: Path | None, *words: str, given: str | None = None) -> CommandResult:
        program = shutil.which("git")
        if program is None:
            raise HostingError(
                "The history cannot be fetched: `git` is not installed.",
                next_step="Install git, or set the input `history` to cache.",
            )
        try:
            return run_program(
                [program, *words],
                seconds=_PATIENCE_SECONDS,
                given=None if given is None else given.encode(),
                folder=folder or self._scratch,
                environ=_environment(os.environ, self._remote.token),
            )
        except TimeoutError:
            raise HostingError(f"git {words[0]} did not finish within five minutes.") from None


def _environment(environ: Mapping[str, str], token: str) -> dict[str, str]:
    """Return git's environment: our settings before all others, and the token in none of git's files."""
    settings = dict(_SETTINGS)
    if token:
        settings["http.extraHeader"] = f"AUTHORIZATION: basic {basic(token)}"
    numbered = {
        f"GIT_CONFIG_{part}_{number}": text
        for number, pair in enumerate(settings.items())
        for part, text in zip(("KEY", "VALUE"), pair, strict=True)
    }
    name, email = _AUTHOR
    author = {
        f"GIT_{role}_{part}": text
        for role in ("AUTHOR", "COMMITTER")
        for part, text in (("NAME", name), ("EMAIL", email))
    }
    inherited = {
        name: value
        for name, value in environ.items()
        if name not in _NOT_OURS and not name.startswith("GIT_CONFIG")
    }
    return {
        **inherited,
        **numbered,
        **author,
        "GIT_CONFIG_COUNT": str(len(settings)),
        "GIT_TERMINAL_PROMPT": "0",
        "LC_ALL": "C",
    }


def basic(token: str) -> str:
    """Return the token as git hands it to GitHub."""
    return base64.b64encode(f"x-access-token:{token}".encode()).decode()


def _last(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    reason = next((line for line in lines if line.startswith(("remote: error", "fatal", "error"))), "")
    return (reason or (lines[-1] if lines else "git did not say why"))[:300]


def _stop_at_refusals(stderr: str) -> None:
    """Raise HostingError where trying again cannot help."""
    words = stderr.casefold()
    if any(refusal in words for refusal in _FOREVER):
        raise HostingError(
            f"The repository refused: {_last(stderr)}",
            cause="The token may not write to it, or a rule protects the branch.",
            next_step="Allow it in the workflow (`permissions: contents: write`), or set the input `history`"
            " to cache.",
        )


def _moved(branch: str, refusal: str) -> HostingError:
    return HostingError(
        f"The run could not be added to the branch `{branch}`: {refusal}",
        cause="Something else writes to it at the same time, again and again.",
        next_step="Give the workflow a `concurrency` group, so that two jobs never write at once. This run's"
        " files are in the job's artifact.",
    )
