"""`selfcheck app`: the web app, on this machine alone."""

from dataclasses import dataclass
from pathlib import Path

import click

from selfcheck.cli.common import data_option, gathered, pass_hints, places_of, profiles_option, take_secrets
from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import ExtraMissingError
from selfcheck.storage.data_folder import DataFolder


@dataclass(frozen=True, kw_only=True)
class _Arguments:
    port: int
    no_open: bool
    profiles_file: Path
    data: DataFolder


@click.command("app")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=0,
    metavar="N",
    help="The port of this machine to serve on; default: one that is free.",
)
@click.option("--no-open", is_flag=True, help="Only print the address; open no browser.")
@profiles_option()
@data_option()
@pass_hints
@gathered(_Arguments)
def command(hints: CommandHints, arguments: _Arguments) -> int:
    """Do everything in your browser instead: add profiles, check them, follow incidents, write appeals.

    The app answers this machine alone, and only the browser that opens the printed address; that works once,
    within a minute. Ctrl-C ends it. Runs that it started go on, and it finds them again.
    """
    try:
        from selfcheck.web.server import AppRequest, serve
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("selfcheck"):
            raise
        raise ExtraMissingError.of("app", "The web app") from error
    from selfcheck.storage.child_process import open_page

    take_secrets()

    def opened(address: str) -> None:
        click.echo(f"The app is at {address}\nThis address works once, within a minute. Ctrl-C ends the app.")
        if not arguments.no_open and not open_page(address):
            click.echo("No browser could be started; open the address yourself.", err=True)

    request = AppRequest(
        data=arguments.data,
        demo=_demo(arguments.data),
        profiles_file=arguments.profiles_file,
        port=arguments.port,
        hints=hints,
    )
    try:
        serve(request, opened)
    except KeyboardInterrupt:
        click.echo("\nThe app has stopped.")
    return 0


def _demo(data: DataFolder) -> DataFolder:
    """Return the demo's own folder: that of `selfcheck demo`, or one beside a folder that --data names."""
    context = click.get_current_context()
    if context.params["data"] is None:
        return DataFolder(places_of(context).own.demo)
    whole = data.path.resolve()
    return DataFolder(whole.with_name(f"{whole.name}-demo"))
