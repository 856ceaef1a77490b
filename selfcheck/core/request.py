"""What the user asks for, after every mistake in it has been found."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from selfcheck.core.enums import BAD, BrowserMode, Verdict


@dataclass(frozen=True, kw_only=True)
class Reader:
    """A further viewpoint: another account of the user's, which looks where everybody is asked to sign in."""

    viewpoint: str  # its name in results; neither `anonymous` nor `author`
    session: str  # the saved session's name


@dataclass(frozen=True, kw_only=True)
class ProfileRequest:
    """One profile to be checked, as `profiles.yaml` names it."""

    name: str  # unique; names folders, sessions, history
    platform: str  # a shipped platform's name, or the resolved path of a platform file
    handle: str  # without the leading @, in the platform's own form
    base_url: str | None = None  # replaces the platform's own address; no trailing slash
    publications: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()  # addresses, in the user's order
    latest_stories: int = 0  # besides `stories`: how many of the latest to take from the lists
    session: str = ""  # the saved session's name
    live_controls: tuple[str, ...] | None = None  # None: the platform's own
    readers: tuple[Reader, ...] = ()


@dataclass(frozen=True, kw_only=True)
class RunOptions:
    """How a run is done; everything the command line and the environment settle."""

    data_dir: Path
    browser: str | None = None  # a path or a channel; None: searched for
    headed: bool = False
    virtual_display: bool = False  # the window opens on a display of its own (Xvfb)
    connect: str | None = None  # the address of a browser on another machine; it may hold a token
    assist: bool = False  # a person passes walls by hand
    keep_clearance: bool = False  # the user lets the walls' own cookies be kept for later runs
    keep_author_pages: timedelta | None = None  # how long the author's pages are kept, encrypted; None: not
    anonymous_only: bool = False
    again: bool = False  # run even where a platform's minimum interval has not passed
    jobs: int = 4  # looks at once
    fail_on: tuple[Verdict, ...] = BAD

    @property
    def mode(self) -> BrowserMode:
        """Return with what kind of browser the run looks."""
        if self.connect:
            return BrowserMode.REMOTE
        if self.virtual_display:
            return BrowserMode.XVFB
        return BrowserMode.WINDOW if self.headed else BrowserMode.HEADLESS


@dataclass(frozen=True, kw_only=True)
class Request:
    """A whole run: the profiles, and how to check them."""

    profiles: tuple[ProfileRequest, ...]
    options: RunOptions
    source: Path | None = field(default=None)  # the profiles file, for messages
    names: tuple[str, ...] = ()  # the profiles as the user named them; none: all of the file
