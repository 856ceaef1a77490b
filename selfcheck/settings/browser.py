"""`settings.browser`: with which browser pages are opened. Chosen beforehand: no wall changes it."""

import os
from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, StrictBool, ValidationInfo

from selfcheck.core.hosts import host_of, is_private
from selfcheck.core.request import RunOptions
from selfcheck.errors import UsageError
from selfcheck.platforms.config_issues import refuse
from selfcheck.settings.alerts import Section

CONNECT = "SELFCHECK_CONNECT"
"""The environment variable that goes before `connect`, for an address that holds a token."""

_SCHEMES = {"ws": False, "http": False, "wss": True, "https": True}  # whether it is encrypted


def browser_address(text: str) -> str:
    """Return the address of a browser elsewhere; over the public internet only encrypted.

    Anyone who can reach or read such a connection controls that browser. Raise ValueError that says what was
    expected and does not repeat the address: it may hold a token.
    """
    hidden = "an address that is not shown"
    try:
        parts = urlsplit(text)
        encrypted = _SCHEMES.get(parts.scheme) if parts.port != 0 else None
    except ValueError:
        encrypted = None
    host = host_of(text)
    if encrypted is None or not host or text != text.strip():
        raise refuse(
            "the address of a browser: http://HOST:PORT of a Chromium with a debugging port, or ws://HOST:PORT/…"
            " of a Playwright server",
            actual=hidden,
        )
    if not encrypted and not (is_private(host) or "." not in host or host.endswith(".ts.net")):
        raise refuse(
            "wss:// or https://, or a host in a private network by its number or a name such as pc.local: an"
            " unencrypted connection over the internet would let others steer that browser",
            actual=hidden,
        )
    return text


def _xvfb_needs_window(value: str | None, info: ValidationInfo) -> str | None:
    if value is not None and info.data.get("window") is False:
        raise refuse("`window: true` beside it")
    return value


def _connect(text: str | None, info: ValidationInfo) -> str | None:
    if text is not None and info.data.get("window"):
        raise refuse("either `window` or `connect`, not both", actual="both")
    return text if text is None else browser_address(text)


class BrowserSettings(Section):
    """`browser`: a window or none, on which display, or a browser on another machine."""

    window: StrictBool = False  # an ordinary window rather than a browser without one
    display: Annotated[
        Literal["xvfb"] | None, AfterValidator(_xvfb_needs_window), Field(description="`xvfb`")
    ] = None
    connect: Annotated[
        str | None, AfterValidator(_connect), Field(description="the address of a browser")
    ] = None

    # consent: a wall's own cookie is kept until it expires; None: `run --assist` asks at a terminal
    keep_clearance: StrictBool | None = None

    def with_environment(self, environ: Mapping[str, str]) -> Self:
        """Return the settings with the address that the environment gives. Raise UsageError."""
        given = environ.get(CONNECT, "").strip()
        if not given:
            return self
        try:
            return self.model_copy(update={"connect": browser_address(given)})
        except ValueError as error:
            raise UsageError(
                f"{CONNECT} is not an address that can be connected to.",
                cause="It begins with wss:// or https://, or with ws:// or http:// and names a host in a"
                " private network.",
                next_step=f"Correct {CONNECT}.",
            ) from error

    def applied_to(self, options: RunOptions, environ: Mapping[str, str] | None = None) -> RunOptions:
        """Return a run's options with what is set here; what the command line says goes before it."""
        settings = self.with_environment(os.environ if environ is None else environ)
        virtual = settings.display == "xvfb" and not options.headed
        headed = options.headed or (settings.window and not virtual and not settings.connect)
        return replace(
            options,
            headed=headed,
            virtual_display=virtual and not settings.connect,
            connect=None if headed else settings.connect,
            keep_clearance=options.keep_clearance or bool(settings.keep_clearance),
        )
