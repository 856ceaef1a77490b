"""`selfcheck demo --story`: the demo site stays up, and one account goes through what happens to writers."""

import json
import shlex
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.model.commands import command_line

if TYPE_CHECKING:
    from selfcheck.demo.site import DemoSite

HANDLE, NAME = "elena-marsh", "elena"


@dataclass(frozen=True, kw_only=True)
class Chapter:
    """A time in the life of the account, and what to type in it."""

    state: str  # of the demo site
    says: str
    words: tuple[tuple[str, ...], ...]


STORY = (
    Chapter(state="healthy", says="All is well.", words=(("run",),)),
    Chapter(
        state="silently-suspended",
        says="The account was suspended; its author was not told.",
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


def tell(folder: Path, *, wait: Callable[[], object]) -> None:
    """Keep the site up for all chapters, and go on to the next when `wait` returns."""
    from selfcheck.demo.site import DemoSite

    with DemoSite() as site:
        write(site, folder)
        sessions = shlex.quote(str((folder / "sessions").resolve()))
        click.echo(f"Inkwell, the demo site, is up at {site.url} until you press Ctrl-C.")
        click.echo("In another terminal, where the sessions of this story are known:\n")
        click.echo(f"  cd {shlex.quote(str(folder.resolve()))}\n  export SELFCHECK_SESSIONS={sessions}")
        for number, chapter in enumerate(STORY, 1):
            site.set_state(HANDLE, chapter.state)
            click.echo(f"\n{number}. {chapter.says}")
            for words in chapter.words:
                click.echo(f"  {command_line(*words)}")
            wait()


def write(site: "DemoSite", folder: Path) -> None:
    """Write the story's profiles file, and the author's session, which only the user can read."""
    from selfcheck.store.files import write_whole

    (folder / "sessions").mkdir(mode=0o700, parents=True, exist_ok=True)
    session = json.dumps(site.storage_state(HANDLE)).encode()
    write_whole(folder / "sessions" / f"{NAME}.json", session, mode=0o600)
    profile = f'profiles:\n  - {{name: {NAME}, platform: demo, handle: {HANDLE}, base_url: "{site.url}"}}\n'
    write_whole(folder / "profiles.yaml", profile.encode())
