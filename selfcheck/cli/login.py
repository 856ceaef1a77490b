"""`selfcheck login`: the user signs in by hand in a visible browser, and the session is kept."""

import os
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import click

from selfcheck.browser.discovery import find_for_login, provide_browser
from selfcheck.browser.storage_state import StorageState, read_bytes
from selfcheck.cli.common import PASSPHRASE, open_store, pass_hints
from selfcheck.cli.session import keep
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import LoginFailedError, UsageError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.session_check import check_url
from selfcheck.sessions.importing import own_part, session_in, session_of_header
from selfcheck.sessions.login import SignedIn, SignInTarget, sign_in, take_over
from selfcheck.settings import read_configuration

_MINUTES = 10.0  # to find a password, and a second factor
_MINUTE = 60.0  # seconds


@click.command(name="login")
@click.argument("profile")
@click.option(
    "--profiles",
    "profiles_path",
    metavar="FILE",
    type=click.Path(path_type=Path),
    default=Path("profiles.yaml"),
    show_default=True,
    help="The file that names the profile.",
)
@click.option(
    "--browser",
    metavar="PATH|CHANNEL",
    envvar="SELFCHECK_BROWSER",
    help="The browser to use; default: this machine's Chrome, Edge or Chromium.",
)
@click.option(
    "--minutes",
    type=click.FloatRange(min=0.1, max=120),
    default=_MINUTES,
    show_default=True,
    help="How long to wait for you.",
)
@click.option(
    "--mail-link",
    is_flag=True,
    help="For platforms that send a sign-in link by mail: paste it here, and it opens in the window.",
)
@click.option(
    "--import",
    "file",
    metavar="FILE",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Open no window; take the session from a storage state (JSON) or a cookies.txt.",
)
@click.option(
    "--cookie-header",
    is_flag=True,
    help="Open no window; take the session from a cookie header, pasted at a hidden prompt.",
)
@click.option(
    "--cdp",
    metavar="URL",
    help="Take the session from a browser that you started with a debugging port on this machine.",
)
@PASSPHRASE
@pass_hints
def command(
    hints: CommandHints,
    *,
    profile: str,
    profiles_path: Path,
    browser: str | None,
    minutes: float,
    mail_link: bool,
    file: Path | None,
    cookie_header: bool,
    cdp: str | None,
    passphrase: bool,
) -> int:
    """Sign in to PROFILE's platform by hand, in a visible browser, and keep the session.

    selfcheck never sees your password: it waits until the platform shows that you are signed in, and then
    saves what the browser holds of this platform, encrypted, where only you can read it.
    """
    if sum((file is not None, cookie_header, cdp is not None, mail_link)) > 1:
        raise UsageError(
            "Only one of --import, --cookie-header, --cdp and --mail-link can be followed.",
            next_step="Leave out all but one.",
        )
    request, platform = _signing_in(profile, profiles_path)
    store = open_store(new_passphrase=passphrase)
    if file is not None or cookie_header:
        state = _from_file(file, request, platform) if file else _from_header(request, platform)
        keep(store, request.session, state, request, profiles_path, hints=hints)
        check = hints.command("session", "check", request.session, profiles=profiles_path)
        click.echo(f"Whose it is was not looked up; `{check}` opens one page and says so.", err=True)
        return 0
    target = _target(request, platform, minutes, links=mail_link)
    signed_in = _over_port(cdp, target) if cdp else _in_a_window(browser, request, profiles_path, target)
    keep(store, request.session, signed_in.state, request, profiles_path, hints=hints)
    _say_whose(signed_in.handle, request, platform, profiles_path, hints)
    look = hints.command("run", profile, profiles=profiles_path)
    click.echo(f"`{look}` uses it from now on.")
    return 0


def _signing_in(profile: str, profiles_path: Path) -> tuple[ProfileRequest, Platform]:
    """Return the profile and its platform; UsageError where one does not sign in there."""
    (request,) = read_configuration(profiles_path).chosen((profile,))
    platform = load_platform(request.platform)
    if platform.sign_in is None:
        raise UsageError(
            f"The platform file of {platform.title} does not say how to sign in.",
            next_step="Without it the profile is looked at as a stranger only.",
        )
    if platform.built_in_demo and request.base_url is None:
        raise UsageError(
            "The demo's authors need no sign-in: selfcheck makes their sessions itself, for each run.",
            next_step=lambda hints: hints.command("run", profiles=profiles_path),
        )
    return request, platform


def _from_file(file: Path, request: ProfileRequest, platform: Platform) -> StorageState:

    state = session_in(read_bytes(file), source=str(file), keys=open_store().keys)
    click.echo(f"{file} still holds the same secrets; delete it if nothing else needs it.", err=True)
    return own_part(state, request, platform, source=str(file))


def _from_header(request: ProfileRequest, platform: Platform) -> StorageState:

    header = click.prompt("Cookie header (not shown)", hide_input=True, err=True)
    return session_of_header(str(header), request, platform)


def _target(request: ProfileRequest, platform: Platform, minutes: float, *, links: bool) -> SignInTarget:

    values = values_of(request, platform)
    return SignInTarget(
        platform=platform,
        home=values["home"],
        check_url=check_url(request, platform),
        observe=partial(observe, platform=platform, values=values),
        say=_say,
        deadline=minutes * _MINUTE,
        pasted=pasted_lines() if links else _nothing_pasted,
    )


def _in_a_window(
    browser: str | None, request: ProfileRequest, profiles_path: Path, target: SignInTarget
) -> SignedIn:

    found = find_for_login(browser)
    refuse_without_display(sys.platform, dict(os.environ), request, profiles_path)
    return sign_in(found or provide_browser(browser, headed=True, say=_say), target)


def _over_port(endpoint: str, target: SignInTarget) -> SignedIn:

    return take_over(endpoint, target)


def _nothing_pasted() -> None:
    return None


def pasted_lines() -> Callable[[], str | None]:
    """Return what gives each line that the user types or pastes, and None while there is none."""
    lines: SimpleQueue[str] = SimpleQueue()

    def listen() -> None:
        for line in sys.stdin:
            lines.put(line.strip())

    threading.Thread(target=listen, daemon=True, name="pasted links").start()
    _say("When the mail has come: copy the link in it, paste it here and press Enter.")

    def next_line() -> str | None:
        try:
            return lines.get_nowait()
        except Empty:
            return None

    return next_line


def _say_whose(
    handle: str | None,
    request: ProfileRequest,
    platform: Platform,
    profiles_path: Path,
    hints: CommandHints,
) -> None:
    """Say whose account it is, and warn where it is not the profile's."""
    if handle is None:
        check = hints.command("session", "check", request.session, profiles=profiles_path)
        click.echo(f"Whose account it is could not be seen; `{check}` looks again.", err=True)
        return
    signed_in, own = platform.handle_of(handle), platform.handle_of(request.handle)
    shown = signed_in.shown(platform.handle.show)
    if signed_in == own:
        click.echo(f"You are signed in as {shown}.")
        return
    again = hints.command("login", request.name, profiles=profiles_path)
    click.echo(
        f"Warning: you are signed in as {shown}, but the profile {request.name} is {own}. With this session a"
        f" run can tell nothing about {own}. Sign in as {own}: {again}",
        err=True,
    )


def refuse_without_display(
    system: str, environ: dict[str, str], profile: ProfileRequest, profiles_path: Path
) -> None:
    """Raise LoginFailedError where no window can be opened: on Linux without a display."""
    if system != "linux" or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return
    raise LoginFailedError(
        "A window is needed to sign in by hand, and this machine has no display.",
        cause="Neither DISPLAY nor WAYLAND_DISPLAY is set: a server, a container or a plain SSH session.",
        next_step=lambda hints: (
            f"Run `{hints.command('login', profile.name, profiles=profiles_path)}` on a"
            f" machine with a screen, then `{hints.command('session', 'export', profile.session)}` there; put"
            " the line that it prints into a file here (with the key in SELFCHECK_KEY), and run"
            f" `{hints.command('session', 'import', profile.session, 'FILE', profiles=profiles_path)}`."
        ),
    )


def _say(text: str) -> None:
    click.echo(text, err=True)
