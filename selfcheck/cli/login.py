"""`selfcheck login`: the user signs in by hand in a visible browser, and the session is kept."""

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.errors import LoginFailedError, UsageError
from selfcheck.model.commands import command_line

if TYPE_CHECKING:
    from selfcheck.model.request import ProfileRequest

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
def command(profile: str, profiles_path: Path, browser: str | None, minutes: float) -> int:
    """Sign in to PROFILE's platform by hand, in a visible browser, and keep the session.

    selfcheck never sees your password: it waits until the platform shows that you are signed in, and then
    saves what the browser holds, where only you can read it.
    """
    from selfcheck.capture.finding import find_for_login, provide_browser
    from selfcheck.capture.login import sign_in
    from selfcheck.capture.sessions import SessionStore, sessions_folder
    from selfcheck.model.capture import Capture
    from selfcheck.observe import observe
    from selfcheck.platforms.addresses import values_of
    from selfcheck.platforms.catalogue import load_platform
    from selfcheck.settings import chosen_profiles, read_profiles

    (request,) = chosen_profiles(read_profiles(profiles_path), (profile,), source=str(profiles_path))
    platform = load_platform(request.platform)
    if platform.sign_in is None:
        raise UsageError(
            f"The platform file of {platform.title} does not say how to sign in.",
            next_step="Without it the profile is looked at as a stranger only.",
        )
    if platform.built_in_demo and request.base_url is None:
        raise UsageError(
            "The demo's authors need no sign-in: selfcheck makes their sessions itself, for each run.",
            next_step=command_line("run", profiles=profiles_path),
        )
    found = find_for_login(browser)
    refuse_without_display(sys.platform, dict(os.environ), request, profiles_path)
    choice = found or provide_browser(browser, headed=True, say=_say)
    values = values_of(request, platform)

    def is_signed_in(capture: Capture) -> bool:
        return observe(capture, platform, values).signed_in is True

    state = sign_in(
        choice, platform, values["home"], is_signed_in=is_signed_in, say=_say, deadline=minutes * _MINUTE
    )
    SessionStore(sessions_folder(os.environ)).save(request.session, state)
    look = command_line("run", profile, profiles=profiles_path)
    click.echo(f"Saved the session {request.session}. `{look}` uses it from now on.")
    return 0


def refuse_without_display(
    system: str, environ: dict[str, str], profile: "ProfileRequest", profiles_path: Path
) -> None:
    """Raise LoginFailedError where no window can be opened: on Linux without a display."""
    if system != "linux" or environ.get("DISPLAY") or environ.get("WAYLAND_DISPLAY"):
        return
    login = command_line("login", profile.name, profiles=profiles_path)
    take = command_line("session", "import", profile.session, "FILE", profiles=profiles_path)
    raise LoginFailedError(
        "A window is needed to sign in by hand, and this machine has no display.",
        cause="Neither DISPLAY nor WAYLAND_DISPLAY is set: a server, a container or a plain SSH session.",
        next_step=f"Run `{login}` on a machine with a screen, copy the session's file here (it is a secret),"
        f" and run `{take}`.",
    )


def _say(text: str) -> None:
    click.echo(text, err=True)
