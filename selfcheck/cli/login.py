"""`selfcheck login`: the user signs in by hand in a visible browser, and the session is kept."""

import os
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue

import click

from selfcheck.browser.discovery import find_for_login, provide_browser
from selfcheck.browser.storage_state import StorageState, read_bytes
from selfcheck.cli.common import PASSPHRASE, browser_option, gathered, open_store, pass_hints, profiles_option
from selfcheck.cli.session import keep
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import UsageError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import is_own_demo, values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.session_check import check_url
from selfcheck.sessions.importing import own_part, session_in, session_of_header
from selfcheck.sessions.login import SignInTarget, refuse_without_display, sign_in, take_over
from selfcheck.settings import read_configuration

_MINUTES = 10.0  # to find a password, and a second factor
_MINUTE = 60.0  # seconds


@dataclass(frozen=True, kw_only=True)
class LoginArguments:
    """What the user typed after `selfcheck login`."""

    profile: str
    profiles_file: Path
    browser: str | None
    minutes: float
    mail_link: bool
    file: Path | None
    cookie_header: bool
    cdp: str | None
    passphrase: bool


@click.command(name="login")
@click.argument("profile")
@profiles_option("The file that names the profile.")
@browser_option("The browser to use; default: this machine's Chrome, Edge or Chromium.")
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
@gathered(LoginArguments)
def command(hints: CommandHints, arguments: LoginArguments) -> int:
    """Sign in to PROFILE's platform by hand, in a visible browser, and keep the session.

    selfcheck never sees your password: it waits until the platform shows that you are signed in, and then
    saves what the browser holds of this platform, encrypted, where only you can read it.
    """
    ways = (
        arguments.file is not None,
        arguments.cookie_header,
        arguments.cdp is not None,
        arguments.mail_link,
    )
    if sum(ways) > 1:
        raise UsageError(
            "Use only one of --import, --cookie-header, --cdp and --mail-link.",
            next_step="Choose one of them.",
        )
    profile, platform = _profile(arguments)
    store = open_store(new_passphrase=arguments.passphrase)
    if arguments.file is not None or arguments.cookie_header:
        state = _given_state(arguments.file, profile, platform)
        keep(store, profile.session, state, profile, arguments.profiles_file, hints=hints)
        check = hints.command("session", "check", profile.session, profiles=arguments.profiles_file)
        click.echo(f"The account name was not checked; `{check}` opens one page and shows it.", err=True)
        return 0
    target = _target(profile, platform, arguments)
    if arguments.cdp:
        signed_in = take_over(arguments.cdp, target)
    else:
        choice = find_for_login(arguments.browser)
        refuse_without_display(profile, arguments.profiles_file, environ=os.environ)
        browser = choice or provide_browser(arguments.browser, headed=True, say=_say)
        signed_in = sign_in(browser, target)
    keep(store, profile.session, signed_in.state, profile, arguments.profiles_file, hints=hints)
    _say_whose(signed_in.handle, profile, platform, arguments.profiles_file, hints)
    run = hints.command("run", profile.name, profiles=arguments.profiles_file)
    click.echo(f"`{run}` uses it from now on.")
    return 0


def _profile(arguments: LoginArguments) -> tuple[ProfileRequest, Platform]:
    """Return the profile and its platform. Raise UsageError where there is no sign-in."""
    (profile,) = read_configuration(arguments.profiles_file).chosen((arguments.profile,))
    platform = load_platform(profile.platform)
    if platform.sign_in is None:
        raise UsageError(
            f"The platform file of {platform.title} does not say how to sign in.",
            next_step="Without it the profile is checked only as the public sees it.",
        )
    if is_own_demo(profile, platform):
        raise UsageError(
            "The demo's authors need no sign-in: selfcheck makes their sessions itself, for each run.",
            next_step=lambda hints: hints.command("run", profiles=arguments.profiles_file),
        )
    return profile, platform


def _given_state(file: Path | None, profile: ProfileRequest, platform: Platform) -> StorageState:
    """Return the session in the file, or in a cookie header that the user pastes."""
    if file is None:
        header = click.prompt("Cookie header (not shown)", hide_input=True, err=True)
        return session_of_header(str(header), profile, platform)
    state = session_in(read_bytes(file), source=str(file), keys=open_store().keys)
    click.echo(f"{file} still contains the same secrets; delete it if nothing else needs it.", err=True)
    return own_part(state, profile, platform, source=str(file))


def _target(profile: ProfileRequest, platform: Platform, arguments: LoginArguments) -> SignInTarget:
    values = values_of(profile, platform)
    return SignInTarget(
        platform=platform,
        home=values["home"],
        check_url=check_url(profile, platform),
        observe=partial(observe, platform=platform, values=values),
        say=_say,
        deadline=arguments.minutes * _MINUTE,
        pasted=pasted_lines() if arguments.mail_link else lambda: None,
    )


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
    profiles_file: Path,
    hints: CommandHints,
) -> None:
    """Say whose account it is, and warn where it is not the profile's."""
    if handle is None:
        check = hints.command("session", "check", request.session, profiles=profiles_file)
        click.echo(f"The account name could not be read; `{check}` tries again.", err=True)
        return
    signed_in, own = platform.handle_of(handle), platform.handle_of(request.handle)
    shown = signed_in.shown(platform.handle.show)
    if signed_in == own:
        click.echo(f"You are signed in as {shown}.")
        return
    again = hints.command("login", request.name, profiles=profiles_file)
    click.echo(
        f"Warning: you are signed in as {shown}, but the profile {request.name} is {own}. With this session a"
        f" run cannot check {own}. Sign in as {own}: {again}",
        err=True,
    )


def _say(text: str) -> None:
    click.echo(text, err=True)
