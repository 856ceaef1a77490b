"""The backup as a git repository of its own: one commit after each backup, if the user wants it.

Laws:
1. No remote is added and nothing is pushed; that is for the author to decide.
2. The private part is ignored, unless the user says otherwise.
"""

import shutil
from pathlib import Path

from selfcheck.backup.library import PRIVATE
from selfcheck.errors import StorageError, UsageError
from selfcheck.storage.child_process import run_program
from selfcheck.storage.files import write_whole

_SECONDS = 300.0
_IGNORED = ".*.part\n*.lock\n"
# The author's hooks, and settings that would sign or convert, have nothing to do with a copy.
_OURS = ("-c", "core.hooksPath=/dev/null", "-c", "commit.gpgSign=false", "-c", "core.autocrlf=false")
_SOMEBODY = ("-c", "user.name=selfcheck", "-c", "user.email=selfcheck@localhost")


def commit(folder: Path, message: str, *, with_private: bool) -> bool:
    """Commit what changed in a library; return whether anything did. Raises UsageError, StorageError."""
    if shutil.which("git") is None:
        raise UsageError(
            "The backup was made, but not committed: `git` is not installed.",
            next_step="Install git, or leave out --git.",
        )
    if not (folder / ".git").exists():
        _git(folder, "init", "--quiet", "--template=")
    ignored = _IGNORED if with_private else f"{_IGNORED}/{PRIVATE}/\n"
    write_whole(folder / ".gitignore", ignored.encode())
    if not with_private:
        _git(folder, "rm", "-r", "--cached", "--quiet", "--ignore-unmatch", PRIVATE)
    _git(folder, "add", "--all", ".")
    if not _git(folder, "status", "--porcelain"):
        return False
    _git(folder, "commit", "--quiet", "--message", message)
    return True


def _git(folder: Path, *words: str) -> str:
    named = run_program(["git", "config", "user.email"], seconds=_SECONDS, folder=folder).code == 0
    program = ["git", *_OURS, *(() if named else _SOMEBODY), *words]
    try:
        done = run_program(program, seconds=_SECONDS, folder=folder)
    except TimeoutError as error:
        raise StorageError(f"git {words[0]} did not finish within five minutes.") from error
    if done.code != 0:
        raise StorageError(f"git {words[0]} failed in {folder}: {done.err.strip()[:300]}")
    return done.text.strip()
