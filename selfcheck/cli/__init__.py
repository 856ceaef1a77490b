"""The command line: words in, exit code out.

Laws:
1. A command's module is imported only when that command runs, so `--help` and `--version` cost no more than
   click; `tests/cli` holds us to it.
2. A module `cli/<name>.py` has one `command`, which returns the exit code (None: 0). Errors are raised, and
   only `__main__` prints them.
"""

from importlib import import_module
from typing import NoReturn

import click

from selfcheck import __version__

COMMANDS = {
    "init": "Write a first profiles.yaml.",
    "login": "Sign in by hand in a visible browser and keep the session.",
    "run": "Check your pages as the public and as the author, and compare.",
    "app": "Do everything in your browser instead.",
    "watch": "Check again and again, in the foreground.",
    "schedule": "Let this machine start runs by itself.",
    "status": "Show when each profile was last checked, and what is overdue.",
    "alerts": "Test your alert channels, and send what is due.",
    "report": "Build one page from all runs: today, days, numbers, proof.",
    "history": "Show days, incidents and numbers over time; note and dismiss.",
    "appeal": "Write an appeal with its evidence, and send it after you confirm.",
    "backup": "Copy your own stories, drafts too, and verify the copy.",
    "impostors": "Compare accounts that you name with yours: name and picture.",
    "replay": "Judge a stored run again and print what changed.",
    "picture": "Make a picture of both views of a run's pages.",
    "verify": "Check that a run or an evidence.zip is unchanged.",
    "prune": "Remove pictures and pages of old good runs; incidents stay.",
    "schema": "Print the JSON Schema of a file, for editors and programs.",
    "explain": "Explain what a rule looks at and claims, and what can fool it.",
    "doctor": "Check that everything is in place, and say what to do if not.",
    "session": "List, check, move, encrypt and delete saved sessions.",
    "platforms": "List, show and test what is known about the platforms.",
    "fleet": "Check many profiles with many workers, as one polite guest.",
    "demo": "Start the demo site: a small blog platform on this machine.",
}
"""Each command and its short help, in the order of use; the module is `selfcheck.cli.<name>`."""

HIDDEN = frozenset({"action"})
"""Commands for programs, not for people: `action.yml` calls them."""


class LazyGroup(click.Group):
    """A group that knows its commands by name and imports each only when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return the commands in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        """Import and return a command, or None where there is none of this name."""
        if cmd_name not in COMMANDS and cmd_name not in HIDDEN:
            return None
        command = import_module(f"selfcheck.cli.{cmd_name}").command
        assert isinstance(command, click.Command)
        return command

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take `help` and the words after it as those words and `--help`."""
        if args[:1] == ["help"]:
            args = [*args[1:], "--help"]
        return super().parse_args(ctx, args)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that is meant; say which is nearest where there is none."""
        if args and args[0] not in COMMANDS and args[0] not in HIDDEN and not args[0].startswith("-"):
            _no_such_command(ctx, args[0])
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002
        """Write the commands with their short help, which needs no import of them."""
        with formatter.section("Commands"):
            formatter.write_dl(list(COMMANDS.items()))


def _no_such_command(ctx: click.Context, name: str) -> NoReturn:
    from selfcheck.core.suggestions import did_you_mean

    hint = did_you_mean(name, COMMANDS)
    message = f"There is no command `{name}`" + (f"; {hint}" if hint else ".")
    raise click.UsageError(message, ctx)


@click.group(
    cls=LazyGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Exit codes: 0 all visible, 1 something is hidden, suspended, limited or missing, 2 usage or "
    "configuration, 3 inconclusive, 4 selfcheck itself failed, 130 interrupted.",
)
@click.version_option(__version__, prog_name="selfcheck", message="%(prog)s %(version)s")
def cli() -> None:
    """Find out whether a platform hides your pages from everybody but you."""
