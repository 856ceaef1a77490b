"""What several commands share: options, groups that do something themselves, hints, the session store."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

import click

from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints, fit
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.core.request import ProfileRequest
    from selfcheck.sessions.keys import Ask
    from selfcheck.sessions.store import SessionStore
    from selfcheck.settings.places import CommandPlaces

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

pass_hints = click.make_pass_decorator(CommandHints, ensure=True)
"""Hands a command, as its first argument, the hints that its messages name commands with."""

_PLACES = "selfcheck.places"

# -- options -----------------------------------------------------------------------------------------------


def data_option(text: str = "Where runs are kept.") -> Decorator:
    """Return `--data`, the folder in which everything is kept."""
    option = click.option(
        "--data",
        "data",
        type=click.Path(path_type=Path, file_okay=False),
        show_default="your own, or selfcheck-data beside ./profiles.yaml",
        envvar="SELFCHECK_DATA",
        show_envvar=True,
        metavar="DIR",
        help=text,
    )
    return lambda function: option(_placed(function))


def profiles_option(text: str = "The file that names the profiles.") -> Decorator:
    """Return `--profiles`, the user's own file."""
    option = click.option(
        "--profiles",
        "profiles_file",
        type=click.Path(path_type=Path),
        show_default="./profiles.yaml, or your own",
        envvar="SELFCHECK_PROFILES",
        show_envvar=True,
        metavar="FILE",
        help=text,
    )
    return lambda function: option(_placed(function))


def _placed(function: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command its profiles file and data folder, and hints that name them, where none is named."""

    @wraps(function)
    def command(*given: Any, **typed: Any) -> Any:
        places = places_of(click.get_current_context())
        if "profiles_file" in typed:
            typed["profiles_file"] = places.profiles
        if "data" in typed:
            typed["data"] = DataFolder(places.data)
        return function(*given, **typed)

    return command


def places_of(context: click.Context) -> "CommandPlaces":
    """Return where this command's profiles and data are: found once, and said where none are named."""
    from selfcheck.settings.places import OwnFolders, find_places, searched_folder

    if (known := context.meta.get(_PLACES)) is not None:
        return cast("CommandPlaces", known)
    own, here = OwnFolders.of(os.environ), searched_folder(os.environ)
    profiles, data = context.params.get("profiles_file"), context.params.get("data")
    places = find_places(own, here, profiles=profiles, data=data, takes_demo=context.info_name == "run")
    if context.info_name == "demo":
        places = replace(places, profiles=places.own.profiles, data=data or own.demo, demo=True)
    unnamed = find_places(
        own,
        here,
        profiles=_path(os.environ.get("SELFCHECK_PROFILES")),
        data=_path(os.environ.get("SELFCHECK_DATA")),
    )
    context.meta[_PLACES] = places
    if not os.environ.get("GITHUB_ACTIONS"):  # a runner's folders are gone before anybody types anything
        _name_places(context, places, unnamed)
    for line in _said(context, places):
        show(line, err=True)
    return places


def _name_places(context: click.Context, places: "CommandPlaces", unnamed: "CommandPlaces") -> None:
    """Let each command that a message names from now on find what this one found."""
    hints = context.find_object(CommandHints) or USUAL_HINTS
    hints = replace(
        hints,
        data=None if _same(places.data, unnamed.data) else str(places.data),
        profiles=None if _same(places.profiles, unnamed.profiles) else str(places.profiles),
        default_profiles=str(unnamed.profiles),
    )
    above: click.Context | None = context
    while above is not None:  # the top prints errors with the outermost context's
        above.obj, above = hints, above.parent


def demo_apart(
    hints: CommandHints, data: DataFolder, profiles: "Iterable[ProfileRequest]"
) -> tuple[DataFolder, CommandHints]:
    """Return where a run's results go, and the hints that name it: with only the demo's authors, apart."""
    from selfcheck.settings.places import is_demo_author

    context = click.get_current_context()
    places: CommandPlaces = context.meta[_PLACES]
    if context.params["data"] is not None or places.demo or not all(map(is_demo_author, profiles)):
        return data, hints
    click.echo(f"The demo's results go to {places.own.demo}.", err=True)
    return DataFolder(places.own.demo), replace(hints, data=str(places.own.demo))


def _said(context: click.Context, places: "CommandPlaces") -> Iterator[str]:
    """Yield in a line what is used where none is named, and what is passed over."""
    unnamed = {name for name in ("profiles_file", "data") if context.params.get(name, "") is None}
    if context.info_name == "init":
        return
    if "profiles_file" in unnamed and places.passed_over:
        yield f"{places.passed_over} names only the demo's authors, so it is passed over here."
    used = [
        f"{what} {path}"
        for name, what, path in (
            ("profiles_file", "profiles", places.profiles),
            ("data", "data", places.data),
        )
        if name in unnamed
    ]
    why = ""
    if places.demo:
        why = " (the demo's own"
        why += ", since you have no profiles file of your own yet)" if "profiles_file" in unnamed else ")"
    if used:
        yield f"Using {' and '.join(used)}{why}."


def _same(path: Path, other: Path) -> bool:
    return path.absolute() == other.absolute()


def _path(text: str | None) -> Path | None:
    return Path(text) if text else None


def browser_option(text: str = "A browser's path, or a channel such as chrome or msedge.") -> Decorator:
    """Return `--browser`, without which a browser is searched for."""
    return click.option(
        "--browser", envvar="SELFCHECK_BROWSER", show_envvar=True, metavar="PATH|CHANNEL", help=text
    )


def backup_option() -> Decorator:
    """Return `--backup-on-incident`."""
    return click.option(
        "--backup-on-incident",
        is_flag=True,
        help="After a run, copy the stories of each profile that is hidden, suspended or limited.",
    )


def format_option(*formats: str) -> Decorator:
    """Return `--format`; the first one is for people."""
    return click.option("--format", "form", type=click.Choice(formats), default=formats[0], show_default=True)


RUN_FORMATS = ("text", "json", "junit", "github")
"""How the result of a run can be shown; `cli.run` calls what renders each."""

PASSPHRASE = click.option(
    "--passphrase",
    is_flag=True,
    help="Encrypt the session with a passphrase that is asked for, rather than with a key.",
)


class WholeNumber(click.IntRange):
    """A whole number in a range, refused in plain words where it is something else."""

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the number; fail on anything else."""
        try:
            number = int(str(value))
        except ValueError:
            self.fail(f"{value!r} is not a whole number.", param, ctx)
        return int(super().convert(number, param, ctx))


def gathered(form: type[Any]) -> Decorator:
    """Hand a command all that the user typed as one frozen value: `form` has a field for each argument."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(function)
        def command(*given: Any, **typed: Any) -> Any:
            return function(*given, form(**typed))

        return command

    return decorate


# -- groups ------------------------------------------------------------------------------------------------


class DefaultGroup(click.Group):
    """A group whose first word is a subcommand or, where it is none, what the group itself does.

    So a PROFILE may stand where a subcommand may; one that is called like a subcommand is written after `--`.
    """

    def __init__(self, *args: Any, default: "DefaultCommand", **more: Any) -> None:
        super().__init__(*args, **more)
        self.default = default

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Take what does not begin with a subcommand, or a wish for help, as words for the group itself."""
        if args[:1] and (args[0] in self.commands or args[0] in ctx.help_option_names):
            return super().parse_args(ctx, args)
        return super().parse_args(ctx, ["", *args])

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return a subcommand, or what the group itself does."""
        return super().get_command(ctx, cmd_name) if cmd_name else self.default

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write both ways to use it."""
        formatter.write_usage(ctx.command_path, " ".join(self.default.collect_usage_pieces(ctx)))
        formatter.write_usage(ctx.command_path, "COMMAND [ARGS]...", prefix="       ")

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of the group itself, and the subcommands."""
        self.default.format_options(ctx, formatter)
        self.format_commands(ctx, formatter)


class DefaultCommand(click.Command):
    """What a group itself does; its messages call it by the group's name."""

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make its context in the place of the group's."""
        above = parent.parent if parent else None
        name = parent.info_name if parent else info_name
        return super().make_context(name, args, parent=above, **extra)


# -- sessions ----------------------------------------------------------------------------------------------


def open_store(*, new_passphrase: bool = False) -> "SessionStore":
    """Return the store of this user's sessions; with `new_passphrase`, one is asked for and used to save."""
    from selfcheck.sessions.store import SessionStore, sessions_folder

    store = SessionStore(sessions_folder(os.environ), ask=asker())
    if new_passphrase:
        store.keys.use_passphrase(
            click.prompt("New passphrase", hide_input=True, confirmation_prompt=True, err=True)
        )
    return store


def unattended_store(
    profiles: "Iterable[ProfileRequest]", *, say: Callable[[str], object], hints: CommandHints = USUAL_HINTS
) -> "SessionStore":
    """Return the store for scheduled runs: a passphrase that is needed is asked for now, and never later."""
    from selfcheck.errors import SelfcheckError

    store = open_store()
    if store.keys.can_ask:
        for name in dict.fromkeys(profile.session for profile in profiles):
            try:
                store.load(name)
            except SelfcheckError as error:
                say(" ".join(error.lines(hints)))
    store.keys.ask_no_more()
    return store


def take_secrets(path: Path | None = None) -> None:
    """Put what a file of secrets says into the environment, as scheduled runs do; None: the usual file.

    What the environment has already stays. Raises UsageError where the file cannot be read or is not private.
    """
    from selfcheck.settings.secrets import read_secrets, usual_secrets

    usual = usual_secrets()
    if path is None and not usual.exists():
        return
    for name, value in read_secrets(path or usual).items():
        os.environ.setdefault(name, value)


_NARROWEST, _WIDEST = 40, 100  # columns


def terminal_width(*, err: bool = False) -> int | None:
    """Return how many columns text for people may take; None where it is not shown at a terminal."""
    from shutil import get_terminal_size

    stream = sys.stderr if err else sys.stdout
    if stream is None or not stream.isatty():
        return None
    return max(_NARROWEST, min(get_terminal_size((80, 24)).columns, _WIDEST))


def show(text: str, *, err: bool = False) -> None:
    """Print text for people: at a terminal no line of it is wider than that is."""
    width = terminal_width(err=err)
    click.echo(text if width is None else fit(text, width), err=err)


def at_terminal() -> bool:
    """Return whether somebody sees a question on standard error and can answer it."""
    return all(stream is not None and stream.isatty() for stream in (sys.stdin, sys.stderr))


def offer_page(page: Path, *, wanted: bool | None) -> None:
    """Open a report in the user's browser if they want it; None: ask, where all is at a terminal."""
    from selfcheck.storage.child_process import open_page

    if wanted is None and at_terminal() and sys.stdout.isatty():
        try:
            wanted = click.confirm("Open the report in your browser?", err=True)
        except click.Abort:  # Ctrl-C is a no: what came before is done, and its exit code stands
            click.echo(err=True)
    if wanted and not open_page(page.resolve().as_uri()):
        click.echo("No browser could be started; open the file yourself.", err=True)


def asker() -> "Ask | None":
    """Return how to ask at a hidden prompt, or None without a terminal."""
    if not sys.stdin or not sys.stdin.isatty():
        return None
    return lambda text: str(click.prompt(text, hide_input=True, err=True))
