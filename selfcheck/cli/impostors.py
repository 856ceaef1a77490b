"""`selfcheck impostors`: compare accounts that the user names with the author's own."""

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import (
    at_terminal,
    browser_option,
    data_option,
    format_option,
    gathered,
    pass_hints,
    profiles_option,
)
from selfcheck.core.cli_hints import CommandHints
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.core.request import ProfileRequest, RunOptions
    from selfcheck.impostors.model import Comparison
    from selfcheck.impostors.service import Looked
    from selfcheck.runs.environment import RunEnvironment
    from selfcheck.runs.subjects import CheckSubject

_ALIKE = 1
_UNKNOWN = 3


@dataclass(frozen=True, kw_only=True)
class ImpostorsArguments:
    """What the user typed after `selfcheck impostors`."""

    profile: str
    accounts: tuple[str, ...]
    keep: bool
    page: Path | None
    form: str
    profiles_file: Path
    data: DataFolder
    browser: str | None


@click.command("impostors")
@click.argument("profile")
@click.argument("accounts", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--keep", is_flag=True, help="Keep pages, pictures and result as evidence; else nothing is.")
@click.option(
    "--page",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Write the page that shows the accounts side by side.",
)
@format_option("text", "json")
@profiles_option()
@data_option()
@browser_option()
@pass_hints
@gathered(ImpostorsArguments)
def command(hints: CommandHints, arguments: ImpostorsArguments) -> int:
    """Compare other accounts with yours: whether name and picture look alike.

    PROFILE is yours: its session has to prove that, or nothing is looked at. Each ADDRESS is an account that
    you name, by its address or as a handle on the same platform. It is opened once, logged out. Nothing is
    searched for, and nothing is sent. Your other accounts in the profiles file are recognised and not
    opened. What is found is likeness: who made an account, selfcheck cannot know.

    Exit codes: 0 none looks alike; 1 at least one does; 2 usage; 3 none does, but one could not be compared,
    or the session was not proved; 4 selfcheck itself failed.
    """
    from selfcheck.cli.run import environment_of
    from selfcheck.core.request import RunOptions
    from selfcheck.runs.subjects import subjects_of
    from selfcheck.settings import read_configuration

    configuration = read_configuration(arguments.profiles_file)
    options = RunOptions(data_dir=arguments.data.path, browser=arguments.browser)
    request = configuration.request((arguments.profile,), options)
    environment = environment_of(hints)
    with subjects_of(request, environment) as subjects:
        looked = _looked(subjects[0], configuration.profiles, arguments, request.options, environment)
        if looked.session is not None and subjects[0].saved:
            environment.sessions.save(subjects[0].profile.session, looked.session)
    _show(looked.comparison, arguments)
    if looked.comparison.is_proven:
        _keep(looked.comparison, arguments, environment)
    return _exit_code(looked.comparison)


def _looked(
    subject: "CheckSubject",
    profiles: "tuple[ProfileRequest, ...]",
    arguments: ImpostorsArguments,
    run: "RunOptions",
    environment: "RunEnvironment",
) -> "Looked":
    import asyncio

    from selfcheck.errors import ExtraMissingError

    try:
        from selfcheck.impostors.addresses import named_pages
        from selfcheck.impostors.service import LookOptions, compare_accounts, refuse_what_cannot_be_proved
    except ImportError:
        raise ExtraMissingError.of("impostors", "Comparing names and pictures") from None
    refuse_what_cannot_be_proved(subject, environment.hints)
    own = tuple(_as_looked_at(profile, subject) for profile in profiles)
    pages = named_pages(arguments.accounts, (subject.profile, *own))
    options = LookOptions(
        data=arguments.data,
        run=run,
        now=environment.now,
        say=lambda text: click.echo(f"{subject.profile.name}: {text}", err=True),
    )
    return asyncio.run(compare_accounts(subject, pages, own, options))


def _as_looked_at(profile: "ProfileRequest", subject: "CheckSubject") -> "ProfileRequest":
    """Return a profile of the built-in demo with the address at which the demo runs now."""
    from selfcheck.platforms.page_urls import is_own_demo

    is_there = subject.platform.built_in_demo and profile.platform == subject.profile.platform
    if is_there and is_own_demo(profile, subject.platform):
        return replace(profile, base_url=subject.profile.base_url)
    return profile


def _show(comparison: "Comparison", arguments: ImpostorsArguments) -> None:
    from selfcheck.impostors.render_text import comparison_json, comparison_text

    if arguments.form == "json":
        click.echo(comparison_json(comparison), nl=False)
    else:
        click.echo(comparison_text(comparison))


def _keep(comparison: "Comparison", arguments: ImpostorsArguments, environment: "RunEnvironment") -> None:
    """Keep what the user wants kept; at a terminal they are asked once they could look."""
    from selfcheck.impostors.keeping import keep_comparison
    from selfcheck.impostors.render_page import page_html
    from selfcheck.storage.files import write_whole

    if arguments.page is not None:
        write_whole(arguments.page, page_html(comparison).encode())
        click.echo(f"The page: {arguments.page}", err=True)
    opened = any(compared.capture is not None for compared in comparison.accounts)
    if arguments.keep or (
        opened and arguments.form == "text" and at_terminal() and _wants_it_kept(comparison)
    ):
        folder = keep_comparison(comparison, arguments.data, environment.now(), environment.random)
        click.echo(
            f"Kept in {folder}; to check it: {environment.hints.command('verify', str(folder))}", err=True
        )
    elif arguments.page is None:
        click.echo("Nothing was kept. --keep keeps it as evidence, --page FILE writes the page.", err=True)


def _wants_it_kept(comparison: "Comparison") -> bool:
    """Show the page from a folder that is gone afterwards, and ask."""
    from selfcheck.impostors.render_page import page_html

    with tempfile.TemporaryDirectory(prefix="selfcheck-") as folder:
        page = Path(folder) / "side-by-side.html"
        page.write_text(page_html(comparison), encoding="utf-8")
        click.echo(f"Side by side, until you answer: {page.as_uri()}", err=True)
        return click.confirm("Keep pages, pictures and result as evidence?", default=False, err=True)


def _exit_code(comparison: "Comparison") -> int:
    from selfcheck.impostors.model import LikenessFinding

    found = {compared.finding for compared in comparison.accounts}
    if any(finding.is_alike for finding in found):
        return _ALIKE
    return _UNKNOWN if not comparison.is_proven or LikenessFinding.UNKNOWN in found else 0
