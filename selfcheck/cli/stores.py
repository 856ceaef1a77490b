"""The session store as the command line opens it: able to ask for a passphrase, if anybody is there."""

import os
import sys
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from selfcheck.capture.keys import Ask
    from selfcheck.capture.sessions import SessionStore

PASSPHRASE = click.option(
    "--passphrase",
    is_flag=True,
    help="Encrypt the session with a passphrase that is asked for, rather than with a key.",
)


def open_store(*, new_passphrase: bool = False) -> "SessionStore":
    """Return the store of this user's sessions; with `new_passphrase`, one is asked for and used to save."""
    from selfcheck.capture.sessions import SessionStore, sessions_folder

    store = SessionStore(sessions_folder(os.environ), ask=asker())
    if new_passphrase:
        store.keys.use_passphrase(
            click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
        )
    return store


def asker() -> "Ask | None":
    """Return how to ask at a hidden prompt, or None where nobody sits at a terminal."""
    if not sys.stdin or not sys.stdin.isatty():
        return None
    return lambda text: str(click.prompt(text, hide_input=True, err=True))
