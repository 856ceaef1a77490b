"""`selfcheck init --github`: the workflow, with the repository's own minute and the user's profiles."""

import dataclasses
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from selfcheck.actions.render_workflow import EXAMPLE, Workflow, times_of, workflow_text
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import is_own_demo
from selfcheck.sessions.store import variable_of
from selfcheck.settings import read_configuration
from selfcheck.settings.places import names_only_demo
from selfcheck.storage.child_process import run_program
from selfcheck.storage.files import write_whole

PLACE = Path(".github") / "workflows" / "selfcheck.yml"
HERE = "./"

_PATIENCE_SECONDS = 60

_REPOSITORY = re.compile(r"[\w.-]+/[\w.-]+", re.ASCII)
_ORIGIN = re.compile(r"[:/](?P<repository>[\w.-]+/[\w.-]+?)(?:\.git)?/?\Z", re.ASCII)
_ACTION = re.compile(r"[\w.-]+/[\w.-]+@[0-9a-f]{40}", re.ASCII)


@dataclass(frozen=True, kw_only=True)
class WrittenWorkflow:
    """What was written, and what to do next."""

    path: Path
    times: str  # of the day, in words
    steps: tuple[str, ...]


def write_workflow(
    folder: Path,
    profiles_file: Path,
    *,
    repository: str | None,
    action: str | None,
    replace: bool,
    hints: CommandHints,
) -> WrittenWorkflow:
    """Write the workflow of the repository in this folder. Raise UsageError."""
    profiles = read_configuration(folder / profiles_file).profiles
    workflow = Workflow(
        repository=_repository(repository or _origin(folder)),
        action=_action(action, folder),
        profiles_file=profiles_file.as_posix(),
        profiles=tuple(profile.name for profile in profiles),
        sessions=_sessions(profiles),
        demo=names_only_demo(folder / profiles_file),
    )
    path, text = folder / PLACE, workflow_text(workflow)
    if path.exists() and not replace and not _is_ours(path.read_text("utf-8"), workflow):
        raise UsageError(
            f"{PLACE.as_posix()} exists and was changed by hand; it was not replaced.",
            next_step=lambda hints: (
                f"Save your changes elsewhere, then write it again: "
                f"{hints.command('init', '--github', '--replace')}"
            ),
        )
    write_whole(path, text.encode())
    return WrittenWorkflow(path=PLACE, times=times_of(workflow.repository), steps=_steps(workflow, hints))


def _sessions(profiles: Sequence[ProfileRequest]) -> tuple[str, ...]:
    """Return the sessions that the profiles use; the demo signs its accounts in by itself."""
    return tuple(
        profile.session
        for profile in profiles
        for platform in [load_platform(profile.platform)]
        if platform.sign_in is not None and not is_own_demo(profile, platform)
    )


def _is_ours(text: str, workflow: Workflow) -> bool:
    """Return whether the file is as this project ships it, or as it was written for this repository."""
    shipped = Workflow(
        repository=EXAMPLE,
        action=HERE,
        profiles_file="profiles.yaml",
        profiles=("demo-suspended", "demo-healthy"),
        sessions=(),
        demo=True,
    )
    earlier = dataclasses.replace(shipped, demo=False)  # as it was shipped before
    return text in {workflow_text(shipped), workflow_text(earlier), workflow_text(workflow)}


def _repository(repository: str) -> str:
    if not _REPOSITORY.fullmatch(repository):
        raise UsageError(
            "Cannot tell which GitHub repository to use.",
            next_step=lambda hints: (
                f"Name it: {hints.command('init', '--github', '--repository', 'OWNER/NAME')}"
            ),
        )
    return repository


def _origin(folder: Path) -> str:
    """Return the repository that `origin` leads to, or an empty text."""
    program = shutil.which("git")
    if program is None:
        return ""
    words = [program, "config", "--get", "remote.origin.url"]
    origin = _ORIGIN.search(run_program(words, seconds=_PATIENCE_SECONDS, folder=folder).text.strip())
    return origin["repository"] if origin else ""


def _action(action: str | None, folder: Path) -> str:
    if action is None and (folder / "action.yml").is_file():
        return HERE
    if action is None or not (action == HERE or _ACTION.fullmatch(action)):
        raise UsageError(
            "Cannot tell where the workflow should get selfcheck from.",
            cause="There is no action.yml here." if action is None else f"{action} does not name a commit.",
            next_step="Name the repository and a commit of it that you trust, with all 40 characters:"
            " --action OWNER/NAME@COMMIT",
        )
    return action


def _steps(workflow: Workflow, hints: CommandHints) -> tuple[str, ...]:
    secrets = [
        f"{hints.command('session', 'export', name)}, and save what it prints as the repository secret"
        f" {variable_of(name)}"
        for name in dict.fromkeys(workflow.sessions)
    ]
    key = f"{hints.command('session', 'key', '--show')}, and save it as the secret SELFCHECK_KEY"
    return (
        "Make sure that the repository is private.",
        *secrets,
        *((key,) if secrets else ()),
        f"git add {PLACE.as_posix()} {workflow.profiles_file} && git commit -m selfcheck && git push",
        "On GitHub: Actions, selfcheck, Run workflow.",
    )
