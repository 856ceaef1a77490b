"""The options that many commands share, so that they are called and work alike everywhere."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from selfcheck.core.cli_hints import USUAL_PROFILES

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]


def data_option(told: str = "Where runs are kept.") -> Decorator:
    """Return `--data`, the folder in which everything is kept."""
    return click.option(
        "--data",
        "data_dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("selfcheck-data"),
        show_default=True,
        envvar="SELFCHECK_DATA",
        show_envvar=True,
        metavar="DIR",
        help=told,
    )


def profiles_option(told: str = "The file that names the profiles.") -> Decorator:
    """Return `--profiles`, the user's own file."""
    return click.option(
        "--profiles",
        "profiles_file",
        type=click.Path(path_type=Path),
        default=Path(USUAL_PROFILES),
        show_default=True,
        metavar="FILE",
        help=told,
    )
