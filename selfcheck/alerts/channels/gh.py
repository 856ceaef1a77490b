"""GitHub's own `gh`: asked in a process of its own, with the token that the environment holds."""

import os
import shutil
import subprocess
from collections.abc import Sequence

from selfcheck.core.secret_text import child_environment
from selfcheck.errors import HostingError

_PATIENCE_SECONDS = 120
_CAUSES = (
    (
        "401",
        "The token is missing or no longer valid.",
        "Give GH_TOKEN; in a workflow that is the input `token`.",
    ),
    (
        "403",
        "The token may not do that, or GitHub wants fewer requests.",
        "Allow it in the workflow: `permissions: issues: write`.",
    ),
    (
        "404",
        "There is no such repository for this token.",
        "Check its name, and what the token may see.",
    ),
    (
        "410",
        "Issues are switched off in this repository.",
        "Switch them on in its settings, or set the input `issues` to false.",
    ),
)


def gh(arguments: Sequence[str], given: str | None = None) -> str:
    """Return what `gh` with these arguments printed; `given` is its standard input. Raise HostingError."""
    program = shutil.which("gh")
    if program is None:
        raise HostingError(
            "GitHub could not be asked: there is no `gh` on this machine.",
            cause="Runners of GitHub's have it; one of your own may not.",
            next_step="Install it from https://cli.github.com.",
        )
    try:
        done = subprocess.run(  # noqa: S603 - our own words; what others wrote goes by standard input
            [program, *arguments],
            input=given,
            capture_output=True,
            env=child_environment(os.environ),
            text=True,
            encoding="utf-8",
            errors="replace",
            check=False,
            timeout=_PATIENCE_SECONDS,
        )
    except subprocess.TimeoutExpired:
        raise HostingError("GitHub did not answer in two minutes.", next_step="Try again later.") from None
    except OSError as error:
        raise HostingError(f"`gh` could not be started: {error.strerror or error}.") from error
    if done.returncode:
        raise _refused(done.stderr)
    return done.stdout


def _refused(told: str) -> HostingError:
    lines = [line.strip() for line in told.splitlines() if line.strip()]
    line = lines[-1][:300] if lines else "it did not say why"
    for status, cause, next_step in _CAUSES:
        if f"HTTP {status}" in told:
            return HostingError(f"GitHub refused: {line}", cause=cause, next_step=next_step)
    return HostingError(f"GitHub refused: {line}", next_step="Try again later.")
