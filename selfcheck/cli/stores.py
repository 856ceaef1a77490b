"""The session store as the command line opens it: able to ask for a passphrase, if anybody is there."""

import os
import sys
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfcheck.core.request import ProfileRequest
    from selfcheck.sessions.keys import Ask
    from selfcheck.sessions.store import SessionStore

PASSPHRASE = click.option(
    "--passphrase",
    is_flag=True,
    help="Encrypt the session with a passphrase that is asked for, rather than with a key.",
)


def open_store(*, new_passphrase: bool = False) -> "SessionStore":
    """Return the store of this user's sessions; with `new_passphrase`, one is asked for and used to save."""
    from selfcheck.sessions.store import SessionStore, sessions_folder

    store = SessionStore(sessions_folder(os.environ), ask=asker())
    if new_passphrase:
        store.keys.use_passphrase(
            click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
        )
    return store


def unattended_store(profiles: "Iterable[ProfileRequest]", *, say: Callable[[str], object]) -> "SessionStore":
    """Return the store for runs that nobody watches: what must be asked is asked now, and never again."""
    from selfcheck.errors import SelfcheckError

    store = open_store()
    if store.keys.can_ask:
        for name in dict.fromkeys(one.session for one in profiles):
            try:
                store.load(name)
            except SelfcheckError as error:
                say(" ".join(error.lines()))
    store.keys.ask_no_more()
    return store


def asker() -> "Ask | None":
    """Return how to ask at a hidden prompt, or None where nobody sits at a terminal."""
    if not sys.stdin or not sys.stdin.isatty():
        return None
    return lambda text: str(click.prompt(text, hide_input=True, err=True))
