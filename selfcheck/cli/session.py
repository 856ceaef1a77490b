"""`selfcheck session`: which sessions are saved, whether they work; move, encrypt, delete them."""

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path

import click

from selfcheck.browser.storage_state import StorageState, read_bytes
from selfcheck.cli.common import (
    PASSPHRASE,
    browser_option,
    data_option,
    open_store,
    pass_hints,
    profiles_option,
)
from selfcheck.cli.run import environment_of
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.core.suggestions import suggestion
from selfcheck.core.times import days_ago, plural
from selfcheck.errors import (
    SessionKeyMissingError,
    SessionKeyWrongError,
    SessionStoreError,
    UsageError,
)
from selfcheck.runs.session_check import read_sessions
from selfcheck.sessions import session_token
from selfcheck.sessions.author_pages import ALL_KEPT
from selfcheck.sessions.clearances import PREFIX
from selfcheck.sessions.importing import own_part, session_in
from selfcheck.sessions.saved_sessions import (
    SavedSession,
    also_kept,
    forget,
    platform_of,
    saved_sessions,
    session_users,
    trouble_of,
)
from selfcheck.sessions.store import SessionStore, variable_of
from selfcheck.settings import read_configuration
from selfcheck.storage.data_folder import DataFolder

_PROFILES = profiles_option("The file that says which platform a session is for; it may be missing.")


@click.group(name="session")
def command() -> None:
    """List, check, move, encrypt and delete saved sessions.

    A session is what a browser holds after you signed in. It is encrypted, in a folder that only you can
    read (SELFCHECK_SESSIONS moves it), and never in a run's folder.
    """


@command.command(name="list")
@_PROFILES
@pass_hints
def list_sessions(hints: CommandHints, profiles_file: Path) -> int:
    """List the saved sessions, their age, when they are expected to end, and whether they are encrypted.

    Nothing of their contents is shown, and no page is opened.
    """
    store, now = open_store(), datetime.now(UTC)
    sessions = saved_sessions(store, session_users(profiles_file), now)
    others = [f"{name}  {text}" if name else text for name, text in also_kept(store, now).items()]
    if not sessions and not others:
        login = _login(hints, None, profiles_file)
        click.echo(f"No session is saved in {store.folder}.\n`{login}` signs in and saves one.")
        return 0
    width = max((len(session.name) for session in sessions), default=0)
    for session in sessions:
        saved = session.saved_at
        age = (
            f"saved {saved:%Y-%m-%d %H:%M} UTC ({days_ago(saved, now)})"
            if saved
            else "given in the environment"
        )
        click.echo(f"{session.name:<{width}}  {age}")
        for line in _notes(session, hints, profiles_file):
            click.echo(f"{'':<{width}}  {line}")
    for line in others:
        click.echo(line)
    click.echo(f"They are in {store.folder}.", err=True)
    return 0


@command.command(name="check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_PROFILES
@browser_option("The browser to use; default: searched for.")
@data_option("Where runs are kept, and with them which platforms asked for a pause.")
@pass_hints
def check_sessions(
    hints: CommandHints, names: tuple[str, ...], profiles_file: Path, browser: str | None, data: DataFolder
) -> int:
    """Open one page with each session NAME (default: all that the profiles use) and say whose it is.

    While a platform asks for a pause (429), none of its pages is opened.

    Exit codes: 0 every one is signed in as its profile; 1 one is signed out or another account's; 2 there is
    no such session; 3 none of those, but one is inconclusive.
    """
    profiles = _to_check(names, profiles_file)
    environment = environment_of(hints)
    readings = asyncio.run(read_sessions(profiles, browser=browser, data=data, environment=environment))
    for profile, reading in zip(profiles, readings, strict=True):
        click.echo(f"{profile.session}  {reading.says}")
        if reading.result == 1:
            click.echo(f"To sign in again: {_login(hints, profile, profiles_file)}", err=True)
    codes = {int(reading.result) for reading in readings}
    return 1 if 1 in codes else max(codes, default=0)


@command.command(name="export")
@click.argument("name")
@_PROFILES
@pass_hints
def export_session(hints: CommandHints, name: str, profiles_file: Path) -> int:
    """Print the session NAME as one encrypted line of at most 48 KB, to use on another machine.

    Put the line into the environment variable that is named below it, and its key into SELFCHECK_KEY.
    """
    store = open_store()
    state = store.load(name)
    if state is None:
        raise _no_such(name, store)
    user = session_users(profiles_file).get(name)
    token = session_token.export(state, store.keys, platform=platform_of(user), now=datetime.now(UTC))
    click.echo(token.line)
    key = hints.command("session", "key", "--show")
    click.echo(f"Give this line to `run` as {variable_of(name)} ({len(token.line)} bytes).", err=True)
    if token.left_out:
        click.echo(f"Left out, so that it fits: {token.left_out}.", err=True)
    click.echo(f"It can only be opened with its key: `{key}` prints it, for SELFCHECK_KEY.", err=True)
    return 0


@command.command(name="import")
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))
@_PROFILES
@PASSPHRASE
@pass_hints
def import_session(
    hints: CommandHints, name: str, file: Path, profiles_file: Path, *, passphrase: bool
) -> int:
    """Save FILE, a session made elsewhere, as the session NAME; - reads standard input.

    FILE is a Playwright storage state, a cookies.txt, or a line that `session export` printed. NAME is a
    profile's name, or what its `session:` says. A session of this name is replaced.
    """
    store = open_store(new_passphrase=passphrase)
    source = "standard input" if str(file) == "-" else str(file)
    data = sys.stdin.buffer.read() if str(file) == "-" else read_bytes(file)
    state = session_in(data, source=source, keys=store.keys)
    user = session_users(profiles_file).get(name)
    platform = platform_of(user)
    if user is not None and platform is not None:
        state = own_part(state, user, platform, source=source)
    keep(store, name, state, user, profiles_file, hints=hints)
    if str(file) != "-":
        click.echo(f"{file} still contains the same secrets; delete it if nothing else needs it.", err=True)
    return 0


@command.command(name="encrypt")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@PASSPHRASE
def encrypt_sessions(names: tuple[str, ...], *, passphrase: bool) -> int:
    """Encrypt each saved session NAME (default: all) with the current key, or with a new passphrase.

    Sessions of earlier versions are not encrypted until then, or until they are next saved.
    """
    reading = open_store()
    writing = open_store(new_passphrase=True) if passphrase else reading
    for name in names or reading.names():
        if reading.path_of(name) is None:
            raise _no_such(name, reading)
        state = reading.load(name)
        assert state is not None
        writing.save(name, state)
        click.echo(f"Encrypted the session {name}.")
    _tell_key(writing)
    return 0


@command.command(name="key")
@click.option("--show", is_flag=True, help="Print the key itself. It is a secret.")
@click.option("--to-file", is_flag=True, help="Put the key into the key file, for scheduled runs.")
def show_key(*, show: bool, to_file: bool) -> int:
    """Show where the key of the saved sessions is.

    A scheduled run often cannot use the system's keyring, but it can always read a key file.
    """
    keys = open_store().keys
    if to_file:
        click.echo(f"The key is in {keys.to_file()}, which only you can read.", err=True)
    key = keys.current()
    if key is None:
        raise UsageError(
            "There is no key yet.",
            cause="No session was saved with one so far, or the keyring cannot be asked here.",
            next_step=lambda hints: f"`{hints.command('login', 'PROFILE')}` signs in, and makes one.",
        )
    click.echo(key.secret if show else f"The key is in {key.place}.")
    return 0


@command.command(name="forget")
@click.argument("name")
def forget_session(name: str) -> int:
    """Delete the saved session NAME, a bot wall's `clearance/…`, or `author-pages/all`, from this machine.

    The platform still accepts a session until you sign out there.
    """
    store = open_store()
    if not forget(store, name):
        raise _no_such(name, store)
    other = name.startswith(PREFIX) or name == ALL_KEPT
    click.echo(f"Deleted {name}." if other else f"Deleted the session {name}.")
    return 0


def keep(
    store: SessionStore,
    name: str,
    state: StorageState,
    user: ProfileRequest | None,
    profiles_file: Path,
    *,
    hints: CommandHints,
) -> None:
    """Save a session, and say what it is and what may be wrong with it."""
    replaced = store.saved_at(name) is not None
    store.save(name, state)
    cookies = len(state.get("cookies", []))
    held = plural(cookies, "cookie")
    click.echo(f"{'Replaced' if replaced else 'Saved'} the session {name} ({held}).")
    _tell_key(store)
    trouble = trouble_of(state, user, datetime.now(UTC))
    if trouble:
        click.echo(f"Warning: {trouble}. To sign in again: {_login(hints, user, profiles_file)}", err=True)
    if store.in_environment(name):
        click.echo(f"Warning: {variable_of(name)} is set, and takes precedence over what is saved.", err=True)


def _tell_key(store: SessionStore) -> None:
    if store.keys.notice:
        click.echo(store.keys.notice, err=True)


def _no_such(name: str, store: SessionStore) -> SessionStoreError:
    return SessionStoreError(
        f"No session `{name}` is saved.",
        cause=suggestion(name, store.names()),
        next_step=lambda hints: f"`{hints.command('session', 'list')}` shows those that are.",
    )


def _to_check(names: tuple[str, ...], profiles_file: Path) -> list[ProfileRequest]:
    """Return a profile for each session to be checked: those named, or all that are there."""
    store = open_store()
    users: dict[str, ProfileRequest] = {}
    for profile in read_configuration(profiles_file).profiles:
        users.setdefault(profile.session, profile)
    by_name = {**{profile.name: profile for profile in users.values()}, **users}
    saved = [name for name in users if store.in_environment(name) or store.path_of(name)]
    for name in names:
        if name not in by_name:
            raise UsageError(
                f"No profile in {profiles_file} uses the session `{name}`.",
                cause="The profile says which page to open.",
                next_step=f"Those that are used: {', '.join(users)}.",
            )
        if by_name[name].session not in saved:
            raise _no_such(by_name[name].session, store)
    if not saved:
        raise SessionStoreError(
            "None of the profiles has a saved session.",
            next_step=lambda hints: f"`{_login(hints, None, profiles_file)}` signs in and saves one.",
        )
    return [by_name[name] for name in names or saved]


def _notes(session: SavedSession, hints: CommandHints, profiles_file: Path) -> list[str]:
    """Return what is worth knowing of a saved session: what is wrong, its end, that it is not encrypted."""
    again = f"to sign in again: {_login(hints, session.profile, profiles_file)}"
    if (error := session.error) is not None:
        lost_key = isinstance(error, SessionKeyMissingError | SessionKeyWrongError)
        step = error.next_step_text(hints) if lost_key else again
        return [f"it cannot be used: {error.what.removesuffix('.')}; {step}"]
    lines = []
    if session.trouble:
        lines.append(f"{session.trouble}; {again}")
    elif session.end is not None:
        soon = f", which is soon; {again}" if session.ends_soon else ""
        lines.append(f"expected to end on {session.end:%Y-%m-%d}{soon}")
    if session.plain:
        lines.append(f"not encrypted; to encrypt it: {hints.command('session', 'encrypt', session.name)}")
    return lines


def _login(hints: CommandHints, user: ProfileRequest | None, profiles_file: Path) -> str:
    return hints.command("login", user.name if user else "PROFILE", profiles=profiles_file)
