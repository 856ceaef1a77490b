"""`selfcheck app`: serves the app to this machine alone, until Ctrl-C."""

import os
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from random import SystemRandom
from secrets import token_urlsafe
from threading import Lock
from time import monotonic, sleep

import uvicorn

from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import UsageError
from selfcheck.schedule.host import host_paths, run_scheduler
from selfcheck.sessions.store import SessionStore, sessions_folder
from selfcheck.settings.secrets import usual_secrets
from selfcheck.storage.data_folder import DataFolder
from selfcheck.web.access import Keys
from selfcheck.web.page import DEMO, MINE, AppContext, Workspace
from selfcheck.web.routes import app
from selfcheck.web.run_jobs import RunJobs

_HOST = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class AppRequest:
    """What the user asked for."""

    data: DataFolder
    demo: DataFolder  # for the demo's authors, so that nothing of theirs is taken for the user's
    profiles_file: Path
    port: int = 0  # 0: one that is free
    hints: CommandHints


def workspaces(request: AppRequest) -> Mapping[str, Workspace]:
    """Return the user's own profiles and data, and the demo's, which never mix."""
    demo = Workspace(key=DEMO, data=request.demo, profiles_file=request.demo.path / "profiles.yaml")
    return {MINE: Workspace(key=MINE, data=request.data, profiles_file=request.profiles_file), DEMO: demo}


def serve(request: AppRequest, opened: Callable[[str], object]) -> None:
    """Serve the app until the process is interrupted; `opened` is given the address once it answers.

    Raises UsageError where the port is taken.
    """
    with listening(request.port) as listener:
        now = partial(datetime.now, UTC)
        keys = Keys(listener.getsockname()[1], secret=partial(token_urlsafe, 32), seconds=monotonic)
        context = AppContext(
            workspaces=workspaces(request),
            jobs=RunJobs(now=now, random=SystemRandom()),
            sessions=SessionStore(sessions_folder(os.environ)),
            environ=os.environ,
            secrets=usual_secrets(),
            machine=host_paths(os.environ),
            run_scheduler=run_scheduler,
            now=now,
            random=SystemRandom(),
            sending=Lock(),
            looking=Lock(),
            sleep=sleep,
            hints=request.hints,
        )
        opened(keys.address)  # the socket listens already: a browser that comes early waits a moment
        web_server(context, keys).run(sockets=[listener])


@contextmanager
def listening(port: int) -> Iterator[socket.socket]:
    """Listen on this machine alone; 0 takes a port that is free. Raises UsageError where it is taken."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as listener:
        try:
            listener.bind((_HOST, port))
            listener.listen()
        except OSError as error:
            raise UsageError(
                f"Port {port} of this machine cannot be used: {error.strerror}.",
                cause="Another program, perhaps another `selfcheck app`, uses it.",
                next_step="Leave --port out, and a free one is taken.",
            ) from error
        yield listener


def web_server(context: AppContext, keys: Keys) -> uvicorn.Server:
    """Return the server of the app; it prints nothing, and an open page does not keep it from ending."""
    config = uvicorn.Config(
        app(context, keys),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        log_level="critical",  # it would say on the terminal that an open page was cut off
        timeout_graceful_shutdown=1,
    )
    return uvicorn.Server(config)
