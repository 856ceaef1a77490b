"""`selfcheck demo`: a blog platform on this machine, to see what a silent suspension looks like."""

import json
import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import click

from selfcheck.cli.common import RUN_FORMATS, browser_option, data_option, format_option, gathered, pass_hints
from selfcheck.cli.demo_story import tell
from selfcheck.cli.run import environment_of, run_in_terminal
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.core.suggestions import did_you_mean
from selfcheck.demo.saved_site import PagesSite
from selfcheck.demo.site import PASSWORD, DemoSite
from selfcheck.demo.states import STATES, DemoState
from selfcheck.errors import StorageError, UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.settings import default_jobs
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import make_private_folder, write_private

FIRST = ("silently-suspended", "healthy")
"""The states that are run when none is named."""


@dataclass(frozen=True, kw_only=True)
class _Arguments:
    names: tuple[str, ...]
    listed: bool
    keep: bool
    story: bool
    pages: Path | None
    platform: str
    write: Path | None
    data: DataFolder
    form: str
    browser: str | None
    headed: bool


@click.command("demo")
@click.option(
    "--state",
    "names",
    multiple=True,
    metavar="NAME",
    help="Check the account in this state (see --list); may be given several times.",
)
@click.option("--list", "listed", is_flag=True, help="List the states and the verdict that each must get.")
@click.option(
    "--keep", is_flag=True, help="Check nothing; keep the site running for your browser until Ctrl-C."
)
@click.option(
    "--story",
    is_flag=True,
    help="Check nothing; keep the site running while an account is suspended and restored, step by step.",
)
@click.option(
    "--pages",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Serve this folder of saved pages (with its index.tsv) until Ctrl-C.",
)
@click.option(
    "--platform",
    default="medium",
    show_default=True,
    metavar="NAME",
    help="With --pages: the platform of the pages.",
)
@click.option(
    "--write",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="With --pages or --story: write a ready profiles.yaml and the authors' sessions into this folder.",
)
@data_option("Where the run is kept.")
@format_option(*RUN_FORMATS)
@browser_option()
@click.option("--headed", is_flag=True, help="Show the browser's window.")
@pass_hints
@gathered(_Arguments)
def command(hints: CommandHints, arguments: _Arguments) -> int:
    """Start a small blog platform on this machine and check a silently suspended author and a healthy one.

    The site is not on the web, and it is gone when the command ends. The exit codes are those of `run`.
    """
    if arguments.listed:
        return _list_states()
    if arguments.pages is not None:
        return _serve_pages(arguments.pages, arguments.platform, arguments.write, hints)
    if arguments.story:
        return _tell_story(arguments.write, hints)
    if arguments.write is not None:
        raise click.UsageError("--write goes with --pages or --story.")
    states = _states(arguments.names or FIRST)
    if arguments.keep:
        return _keep(states)

    run_options = RunOptions(
        data_dir=arguments.data.path, browser=arguments.browser, headed=arguments.headed, jobs=default_jobs()
    )
    request = Request(profiles=tuple(map(state_profile, states)), options=run_options)
    return run_in_terminal(request, environment_of(hints), form=arguments.form)


def state_profile(state: DemoState) -> ProfileRequest:
    """Return the request for the account in this state, with what its owner would name in profiles.yaml."""
    home = load_platform("demo").home
    return ProfileRequest(
        name=state.name,
        platform="demo",
        handle=state.handle,
        publications=state.publications,
        stories=tuple(home + path for path in state.stories),
        latest_stories=2,
        session=state.name,
    )


def _states(names: tuple[str, ...]) -> tuple[DemoState, ...]:
    by_name = {state.name: state for state in STATES}
    for name in names:
        if name not in by_name:
            hint = did_you_mean(name, by_name)
            raise UsageError(
                f"The demo site has no state `{name}`" + (f"; {hint}" if hint else "."),
                next_step=lambda hints: f"`{hints.command('demo', '--list')}` names them all.",
            )
    return tuple(by_name[name] for name in dict.fromkeys(names))


def _list_states() -> int:
    width = max(len(state.name) for state in STATES)
    for state in STATES:
        verdict = " or ".join(state.verdicts)
        click.echo(f"{state.name:<{width}}  {state.shows}")
        click.echo(f"{'':<{width}}  {verdict}: {state.because}.")
    return 0


def _keep(states: tuple[DemoState, ...]) -> int:
    with _until_ctrl_c(), DemoSite() as site:
        click.echo(f"Inkwell, the demo site, runs at {site.url} until you press Ctrl-C.")
        for line in _addresses(site, states):
            click.echo(line)
        click.echo(
            f"To see a page as its author, sign in at {site.url}/signin with the password “{PASSWORD}”;"
        )
        click.echo("to see it logged out, use a private window.")
        _wait()
    return 0


def _addresses(site: DemoSite, states: tuple[DemoState, ...]) -> Iterator[str]:
    for state in states:
        yield f"\n{state.name}: {state.shows}"
        yield f"  profile      {site.url}/@{state.handle}"
        yield from (f"  publication  {site.url}/pub/{slug}" for slug in state.publications)
        yield from (f"  story        {site.url}{path}" for path in state.stories)
        yield f"  feed         {site.url}/feed/@{state.handle}"
        yield f"  handle       {state.handle}\n"


def _tell_story(folder: Path | None, hints: CommandHints) -> int:
    if folder is None:
        raise click.UsageError("--story needs --write DIR: a folder for its profiles.yaml and session.")
    with _until_ctrl_c():
        tell(folder, hints, wait=lambda: click.prompt("Enter goes on", default="", show_default=False))
        click.echo("The story ends here.")
    return 0


def _serve_pages(folder: Path, platform: str, write: Path | None, hints: CommandHints) -> int:
    with _until_ctrl_c(), PagesSite(folder, load_platform(platform)) as site:
        click.echo(f"{len(site.pages)} saved pages of {platform} run at {site.url} until you press Ctrl-C.")
        for page in site.listing():
            click.echo(f"\n{page.label} ({page.file}, {page.status})")
            for path in page.paths:
                click.echo(f"  {site.url}{path}")
        if write is not None:
            _write(site, write, hints)
        _wait()
    return 0


def _write(site: PagesSite, folder: Path, hints: CommandHints) -> None:
    """Write the profiles file and a session for each of its profiles, and say how to run them."""
    sessions = folder / "sessions"
    try:
        make_private_folder(sessions)
        for profile in site.profiles():
            session = json.dumps(site.storage_state(profile.handle))
            write_private(sessions / f"{profile.name}.json", session.encode())
        write_private(folder / "profiles.yaml", site.profiles_yaml().encode())
    except OSError as error:
        raise StorageError(
            f"{error.filename or folder} could not be written: {error.strerror}.",
            next_step="Give --write a folder that you may write to.",
        ) from error
    profiles = folder / "profiles.yaml"
    run = replace(hints, data=None).command("run", profiles=profiles)
    click.echo(f"\nWritten: {profiles} and {len(site.profiles())} sessions. In another terminal:")
    click.echo(f"  SELFCHECK_SESSIONS={shlex.quote(str(sessions))} {run}")


@contextmanager
def _until_ctrl_c() -> Iterator[None]:
    """End at Ctrl-C, which is how a site that keeps running is stopped."""
    try:
        yield
    except KeyboardInterrupt:
        click.echo("\nThe site has stopped.")


def _wait() -> None:
    threading.Event().wait()
