"""What every page shares: what one start of the app was given, the layout, and errors in words."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from random import Random
from threading import Lock
from typing import TYPE_CHECKING

from loguru import logger
from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import HTMLResponse, RedirectResponse, Response

from selfcheck.appeal.model import Choice
from selfcheck.appeal.service import choose
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.core.templating import environment, template_source
from selfcheck.errors import (
    ConfigurationError,
    IncidentUnknownError,
    RunUnreadableError,
    SelfcheckError,
    UsageError,
)
from selfcheck.schedule.host import CommandRunner, HostPaths
from selfcheck.sessions.store import SessionStore
from selfcheck.settings import Configuration, Preferences, read_configuration
from selfcheck.storage.data_folder import DataFolder
from selfcheck.web.access import form_of

if TYPE_CHECKING:
    from selfcheck.web.run_jobs import RunJobs

_PACKAGE = "selfcheck.web"
_PNG = b"\x89PNG\r\n\x1a\n"
STATIC: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "app.css": ("text/css", "selfcheck.report", ("base.css", "report.css")),
    "app.js": ("text/javascript", _PACKAGE, ()),
    "icon.svg": ("image/svg+xml", _PACKAGE, ()),
}
"""The files that pages load, by name: type, and which shared stylesheets stand before our own file."""


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """A profiles file with its data folder: the user's own, or the demo's, which never mix."""

    key: str  # in addresses
    data: DataFolder
    profiles_file: Path

    @property
    def is_demo(self) -> bool:
        """Whether it is the demo's."""
        return self.key == DEMO

    def configuration(self) -> Configuration | None:
        """Return what the profiles file says; None where there is no file. Raises ConfigurationError."""
        return read_configuration(self.profiles_file) if self.profiles_file.exists() else None


MINE, DEMO = "mine", "demo"


@dataclass(frozen=True, kw_only=True)
class AppContext:
    """What one start of the app was given."""

    workspaces: Mapping[str, Workspace]  # by their keys
    jobs: "RunJobs"
    sessions: SessionStore  # asked whose each is and when it ends; no session is ever shown
    environ: MutableMapping[str, str]  # of this process, with what the file of secrets says
    secrets: Path  # the file of secrets, which may be missing
    machine: HostPaths
    run_scheduler: CommandRunner
    now: Callable[[], datetime]  # aware, UTC
    random: Random  # makes a mail's id the only one
    sending: Lock  # so that one click sends one mail
    looking: Lock  # so that one click opens one page
    sleep: Callable[[float], None]  # seconds, between two tries of a message
    hints: CommandHints

    def has_session(self, name: str) -> bool:
        """Return whether a session of this name is saved or given, whether or not it works."""
        return self.sessions.in_environment(name) or self.sessions.path_of(name) is not None


def context_of(request: WebRequest) -> AppContext:
    """Return what this start of the app was given."""
    context = request.app.state.context
    assert isinstance(context, AppContext)
    return context


def workspace_of(request: WebRequest) -> Workspace:
    """Return the workspace that the address names. Raises HTTPException 404."""
    workspace = context_of(request).workspaces.get(request.path_params["space"])
    if workspace is None:
        raise HTTPException(404)
    return workspace


def own_workspace(request: WebRequest) -> Workspace:
    """Return the user's own workspace; the demo's has nothing of this kind. Raises HTTPException 404."""
    workspace = workspace_of(request)
    if workspace.is_demo:
        raise HTTPException(404)
    return workspace


def chosen_incident(request: WebRequest) -> tuple[Workspace, Choice]:
    """Return the incident that the address names by its whole id. Raises HTTPException 404."""
    workspace, wanted = workspace_of(request), request.path_params["incident"]
    try:
        choice = choose(workspace.data, wanted)
    except (IncidentUnknownError, UsageError) as error:
        raise HTTPException(404) from error
    if choice.incident.id != wanted:
        raise HTTPException(404)
    return workspace, choice


def named_profile(request: WebRequest) -> tuple[Workspace, ProfileRequest]:
    """Return the profile that the form names. Raises UsageError where there is none."""
    workspace = own_workspace(request)
    configuration = workspace.configuration()
    if configuration is None:
        raise UsageError("There is no profile yet.", next_step="Add one under Start.")
    (profile,) = configuration.chosen((form_of(request).get("profile", ""),))
    return workspace, profile


def preferences_of(workspace: Workspace) -> Preferences:
    """Return how the user wants things done; the usual way where the file is missing or has mistakes."""
    try:
        configuration = workspace.configuration()
    except SelfcheckError:
        return Preferences()
    return configuration.preferences if configuration else Preferences()


def rendered(request: WebRequest, template: str, *, status: int = 200, **values: object) -> HTMLResponse:
    """Return a page; templates know the workspace (None outside), its address and the form token."""
    context = context_of(request)
    workspace = context.workspaces.get(request.path_params.get("space", ""))
    text = (
        environment(_PACKAGE)
        .get_template(template)
        .render(
            workspace=workspace,
            at=f"/{workspace.key}" if workspace else f"/{MINE}",
            form_token=request.scope.get("state", {}).get("form_token", ""),
            path=request.url.path,
            **values,
        )
    )
    return HTMLResponse(text.encode(errors="replace"), status)  # YAML and JSON can name half a letter


def to(workspace: Workspace, *parts: str) -> RedirectResponse:
    """Return the answer to a POST: go and look at this page. Each part is our own word or checked."""
    return RedirectResponse(f"/{'/'.join((workspace.key, *parts))}", 303)


def static_file(request: WebRequest) -> Response:
    """Return one of the files that pages load."""
    name = request.path_params["name"]
    if name not in STATIC:
        raise HTTPException(404)
    media_type, package, shared = STATIC[name]
    text = "".join(template_source(package, before) for before in shared) + template_source(_PACKAGE, name)
    return Response(text, media_type=media_type)


def png(read: Callable[[], bytes]) -> Response:
    """Return a stored picture, and nothing that is not a PNG. Raises HTTPException 404."""
    try:
        data = read()
    except (OSError, ValueError, RunUnreadableError) as error:
        raise HTTPException(404) from error
    if not data.startswith(_PNG):
        raise HTTPException(404)
    return Response(data, media_type="image/png")


# -- errors ------------------------------------------------------------------------------------------------


def failed(request: WebRequest, error: Exception) -> Response:
    """Return what went wrong as a page: what happened, why, and what to do next."""
    hints = context_of(request).hints
    if isinstance(error, HTTPException):
        text = "There is no such page." if error.status_code == 404 else error.detail  # noqa: PLR2004
        return _error(request, error.status_code, (text,))
    if isinstance(error, SelfcheckError):
        mistaken = isinstance(error, ConfigurationError)
        return _error(request, 400, error_lines(error, hints), in_settings=mistaken)
    logger.opt(exception=error).debug("the page {} failed", request.url.path)
    return _error(
        request,
        500,
        (
            f"selfcheck itself failed ({type(error).__name__}).",
            "This is a bug in selfcheck; it says nothing about your account.",
        ),
    )


def error_lines(error: SelfcheckError, hints: CommandHints) -> tuple[str, ...]:
    """Return an error as the lines that a page shows."""
    if isinstance(error, ConfigurationError):
        return (error.what, *(str(mistake) for mistake in error.mistakes))
    return error.lines(hints)


def _error(
    request: WebRequest, status: int, lines: tuple[str, ...], *, in_settings: bool = False
) -> Response:
    return rendered(
        request, "error.html.j2", status=status, title=lines[0], lines=lines[1:], in_settings=in_settings
    )
