"""`selfcheck session`: which sessions are saved; take one saved elsewhere; forget one."""

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.errors import SelfcheckError, SessionStoreError
from selfcheck.model.commands import command_line

if TYPE_CHECKING:
    from selfcheck.capture.sessions import SessionStore, StorageState
    from selfcheck.model.request import ProfileRequest

_PROFILES = click.option(
    "--profiles",
    "profiles_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path("profiles.yaml"),
    show_default=True,
    help="The file that says which platform a session is for; it may be missing.",
)


@click.group(name="session")
def command() -> None:
    """List, import and forget saved sessions.

    A session is what a browser holds after you signed in. It lies in a folder that only you can read
    (SELFCHECK_SESSIONS moves it), and never in a run's folder.
    """


@command.command(name="list")
@_PROFILES
def list_sessions(profiles_path: Path) -> int:
    """List the saved sessions, their age, and whether they have expired; nothing of their contents."""
    store, now = _store(), datetime.now(UTC)
    names = store.names()
    if not names:
        login = _login(None, profiles_path)
        click.echo(f"No session is saved in {store.folder}.\n`{login}` signs in and saves one.")
        return 0
    width, users = max(len(name) for name in names), _users(profiles_path)
    for name in names:
        click.echo(f"{name:<{width}}  {_age(store.saved_at(name), now)}")
        trouble = _trouble_with(name, store, users.get(name), now)
        if trouble:
            again = _login(users.get(name), profiles_path)
            click.echo(f"{'':<{width}}  {trouble}; to sign in again: {again}")
    click.echo(f"They lie in {store.folder}.", err=True)
    return 0


@command.command(name="import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_PROFILES
def import_session(name: str, file: Path, profiles_path: Path) -> int:
    """Save FILE, a Playwright storage state made elsewhere, as the session NAME.

    NAME is a profile's name, or what its `session:` says. A session of this name is replaced.
    """
    from selfcheck.capture.sessions import read_storage_state

    store = _store()
    state = read_storage_state(file)
    replaced = store.saved_at(name) is not None
    store.save(name, state)
    cookies = len(state.get("cookies", []))
    held = f"{cookies} cookie{'' if cookies == 1 else 's'}"
    click.echo(f"{'Replaced' if replaced else 'Saved'} the session {name} ({held}).")
    user = _users(profiles_path).get(name)
    trouble = _trouble(state, user, datetime.now(UTC))
    if trouble:
        click.echo(f"Warning: {trouble}. To sign in again: {_login(user, profiles_path)}", err=True)
    click.echo(f"{file} still holds the same secrets; delete it if nothing else needs it.", err=True)
    return 0


@command.command(name="forget")
@click.argument("name")
def forget_session(name: str) -> int:
    """Delete the saved session NAME from this machine.

    The platform still knows it, until you sign out there.
    """
    from selfcheck.platforms.nearest import did_you_mean

    store = _store()
    if not store.forget(name):
        raise SessionStoreError(
            f"No session `{name}` is saved.",
            cause=did_you_mean(name, store.names()).capitalize(),
            next_step=f"`{command_line('session', 'list')}` shows those that are.",
        )
    click.echo(f"Forgot the session {name}.")
    return 0


def _store() -> "SessionStore":
    from selfcheck.capture.sessions import SessionStore, sessions_folder

    return SessionStore(sessions_folder(os.environ))


def _users(profiles_path: Path) -> "dict[str, ProfileRequest]":
    """Return the profile that uses each session; none where there is no file that can be followed."""
    from selfcheck.settings import read_profiles

    if not profiles_path.exists():
        return {}
    try:
        profiles = read_profiles(profiles_path)
    except SelfcheckError:  # `selfcheck doctor` tells its mistakes; the sessions are there all the same
        return {}
    return {profile.session: profile for profile in reversed(profiles)}


def _trouble_with(name: str, store: "SessionStore", user: "ProfileRequest | None", now: datetime) -> str:
    """Return why a saved session cannot be used or signs nobody in; "" where nothing speaks so."""
    try:
        state = store.load(name)
    except SelfcheckError as error:
        return f"it cannot be used: {error.what.removesuffix('.')}"
    return _trouble(state, user, now) if state is not None else ""


def _trouble(state: "StorageState", user: "ProfileRequest | None", now: datetime) -> str:
    from selfcheck.capture.freshness import session_trouble
    from selfcheck.platforms.catalogue import load_platform

    if user is None:
        return session_trouble(state, now)
    return session_trouble(state, now, platform=load_platform(user.platform), base_url=user.base_url)


def _login(user: "ProfileRequest | None", profiles_path: Path) -> str:
    return command_line("login", user.name if user else "PROFILE", profiles=profiles_path)


def _age(saved: datetime | None, now: datetime) -> str:
    """Return when a session was saved and how long ago, in words."""
    from selfcheck.checkup import ago

    return "gone" if saved is None else f"saved {saved:%Y-%m-%d %H:%M} UTC ({ago(saved, now)})"
