"""`selfcheck demo --story`: the demo site keeps running while one account is suspended and restored."""

import json
import os
import shlex
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from selfcheck.core.cli_hints import CommandHints
from selfcheck.demo.site import DemoSite
from selfcheck.errors import StorageError
from selfcheck.storage.files import make_private_folder, write_private, write_whole

HANDLE, NAME = "elena-marsh", "elena"


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A stage of the story, and what to type in it."""

    state: str  # of the demo site
    says: str
    words: tuple[tuple[str, ...], ...]


STORY = (
    Chapter(state="healthy", says="All is well.", words=(("run",),)),
    Chapter(
        state="silently-suspended",
        says="The account was suspended; its author was not notified.",
        words=(
            ("run",),
            ("appeal", NAME, "--note", "I write about lighthouses."),
            ("appeal", "status", NAME, "--sent", "--case", "4711"),
        ),
    ),
    Chapter(
        state="healthy",
        says="They answered: it was a mistake. The account is back.",
        words=(
            ("appeal", "status", NAME, "--answered", "--note", "We are sorry, our filter was wrong."),
            ("run",),
        ),
    ),
    Chapter(
        state="silently-suspended",
        says="It happened again. The second appeal quotes the first.",
        words=(("run",), ("appeal", NAME), ("history", NAME)),
    ),
)


def tell(folder: Path, hints: CommandHints, *, wait: Callable[[], object]) -> None:
    """Keep the site running for all chapters, and go on to the next when `wait` returns."""
    elsewhere = CommandHints(_from_anywhere(hints.program, Path.cwd()))
    with DemoSite() as site:
        write(site, folder)
        sessions = shlex.quote(str((folder / "sessions").resolve()))
        click.echo(f"Inkwell, the demo site, runs at {site.url} until you press Ctrl-C.")
        click.echo("In another terminal, where the sessions of this story are known:\n")
        click.echo(f"  cd {shlex.quote(str(folder.resolve()))}\n  export SELFCHECK_SESSIONS={sessions}")
        for number, chapter in enumerate(STORY, 1):
            site.set_state(HANDLE, chapter.state)
            click.echo(f"\n{number}. {chapter.says}")
            for words in chapter.words:
                click.echo(f"  {elsewhere.command(*words)}")
            wait()


def _from_anywhere(called: str, folder: Path) -> str:
    """Return how selfcheck, called so in this folder, is called in another one."""
    windows = os.name == "nt"
    first, *rest = (word.strip('"') if windows else word for word in shlex.split(called, posix=not windows))
    words = [first, *(str(folder / word) for word in rest)]
    return subprocess.list2cmdline(words) if windows else shlex.join(words)


def write(site: DemoSite, folder: Path) -> None:
    """Write the story's profiles file, and the author's session, which only the user can read."""
    try:
        make_private_folder(folder / "sessions")
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder} could not be written: {error.strerror}.",
            next_step="Give --write a folder that you may write to.",
        ) from error
    session = json.dumps(site.storage_state(HANDLE)).encode()
    write_private(folder / "sessions" / f"{NAME}.json", session)
    profile = f'profiles:\n  - {{name: {NAME}, platform: demo, handle: {HANDLE}, base_url: "{site.url}"}}\n'
    write_whole(folder / "profiles.yaml", profile.encode())
