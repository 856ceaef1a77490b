"""`selfcheck init`: a first profiles.yaml with comments, or further accounts in one that is there."""

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from selfcheck.actions.workflow_file import write_workflow
from selfcheck.cli.common import at_terminal, gathered, pass_hints, profiles_option
from selfcheck.core.cli_hints import USUAL_PROFILES, CommandHints
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import is_path, load_platform
from selfcheck.platforms.page_urls import parse_handle
from selfcheck.platforms.recognition import NamedAccount
from selfcheck.platforms.schema import Platform
from selfcheck.runs.new_profile import (
    NewProfile,
    account_of_address,
    demo_file,
    example_of_init,
    own_file,
    refuse_page,
    unused_name,
    what_can_be_known,
)
from selfcheck.settings.places import OwnFolders, names_only_demo
from selfcheck.settings.profiles import read_configuration
from selfcheck.settings.profiles_edit import add_profiles
from selfcheck.settings.profiles_schema import SCHEMA_FILE, with_editor_schema

_SCHEMA_NOTE = f"Beside it, {SCHEMA_FILE} helps editors to complete keys and find mistakes."


@dataclass(frozen=True, kw_only=True)
class InitArguments:
    """What the user typed after `selfcheck init`."""

    handles: tuple[str, ...]
    platform: str | None
    profiles_file: Path
    github: bool
    repository: str | None
    action: str | None
    replace: bool


@click.command(name="init")
@click.argument("handles", metavar="[HANDLE]...", nargs=-1)
@click.option("--platform", metavar="NAME", help="A shipped platform, or the path of a platform file.")
@profiles_option("The file to write.")
@click.option("--github", is_flag=True, help="Write the workflow that runs selfcheck on GitHub instead.")
@click.option(
    "--repository", metavar="OWNER/NAME", help="With --github: the repository; default: where `origin` leads."
)
@click.option(
    "--action",
    metavar="OWNER/NAME@COMMIT",
    help="With --github: where selfcheck is, if not in the same repository.",
)
@click.option("--replace", is_flag=True, help="With --github: replace a workflow that was changed by hand.")
@pass_hints
@gathered(InitArguments)
def command(hints: CommandHints, arguments: InitArguments) -> int:
    """Write a first profiles.yaml, or with --github the workflow that runs selfcheck there.

    HANDLE is yours on the platform, such as @jane, or the address of your page, which names the platform too;
    there may be several. A file that is there gets them added at its end, its comments kept.
    A site of somebody's own is asked which software it runs: its page, and a few small addresses.
    Without HANDLE you are asked at a terminal; elsewhere the file names the demo author, for `selfcheck run`
    to show what selfcheck does.
    """
    if not arguments.handles and not arguments.github and at_terminal():
        arguments = _asked(arguments)
    path, handles, platform = arguments.profiles_file, arguments.handles, arguments.platform
    if (arguments.github or not handles) and click.get_current_context().params["profiles_file"] is None:
        path = Path(USUAL_PROFILES)  # in the repository; and the demo is not the user's own
    if arguments.github:
        return _workflow(replace(arguments, profiles_file=path), hints)
    if not handles and platform not in {None, "demo"}:
        raise UsageError(
            f"Who are you on {platform}?", next_step=lambda hints: example_of_init(hints, platform)
        )
    if handles:
        return _own_accounts(handles, platform, path, hints)
    with_schema = _create(path, demo_file(hints))
    click.echo(f"Wrote {path}. Next:")
    click.echo(f"  Try it:    {hints.command('run', profiles=path)}")
    if with_schema:
        click.echo(_SCHEMA_NOTE)
    return 0


def _asked(arguments: InitArguments) -> InitArguments:
    """Ask who the user is; an empty answer leaves it at the demo's author."""
    question = "Your handle, or the address of your page (Enter: only the demo's author)"
    handle = click.prompt(question, default="", show_default=False, err=True).strip()
    platform = arguments.platform
    if handle and platform is None and "/" not in handle and "." not in handle:
        platform = click.prompt("On which platform", err=True).strip().lower()
    return replace(arguments, handles=(handle,) if handle else (), platform=platform)


def _workflow(arguments: InitArguments, hints: CommandHints) -> int:
    written = write_workflow(
        Path.cwd(),
        arguments.profiles_file,
        repository=arguments.repository,
        action=arguments.action,
        replace=arguments.replace,
        hints=hints,
    )
    click.echo(f"Wrote {written.path}: it runs at {written.times}. Next:")
    for number, step in enumerate(written.steps, start=1):
        click.echo(f"  {number}. {step}")
    return 0


def _own_accounts(
    handles: tuple[str, ...], platform: str | None, profiles_file: Path, hints: CommandHints
) -> int:
    """Write the file for these accounts, or add those that it lacks; nothing where one is not recognised."""
    there = read_configuration(profiles_file).profiles if profiles_file.exists() else None
    taken = {profile.name for profile in there or ()}
    new: list[NewProfile] = []
    platforms: dict[str, tuple[Platform, str | None]] = {}
    for handle in dict.fromkeys(handles):
        account, loaded = _account(handle, platform)
        if known := _already(account, there or (), loaded):
            click.echo(f"{profiles_file} has {handle} already, as `{known}`.", err=True)
            continue
        chosen = account.platform
        name = unused_name(account.handle, chosen, taken)
        taken.add(name)
        platforms[name] = (loaded, account.base_url)
        reference = _relative(Path(chosen), profiles_file) if is_path(chosen) else chosen
        shown = loaded.shown_handle(account.handle)
        new.append(NewProfile(name=name, platform=reference, handle=shown, base_url=account.base_url))
    if not new:
        raise UsageError(
            f"Nothing was added to {profiles_file}; it was left as it is.",
            next_step=lambda hints: f"Check what it has: {hints.command('run', profiles=profiles_file)}",
        )
    with_schema = False
    if there is None:
        with_schema = _create(profiles_file, own_file(*new, hints=hints))
        click.echo(f"Wrote {profiles_file}. Next:")
    else:
        add_profiles(profiles_file, [profile.entry for profile in new])
        names = ", ".join(f"`{profile.name}` ({platforms[profile.name][0].title})" for profile in new)
        click.echo(f"Added {names} to {profiles_file}. Next:")
    click.echo("\n".join(f"  {line}".rstrip() for line in _next_steps(platforms, profiles_file, hints)))
    if with_schema:
        click.echo(_SCHEMA_NOTE)
    return 0


def _account(handle: str, platform: str | None) -> tuple[NamedAccount, Platform]:
    """Return the account that this names, and its platform. Raise UsageError where it names none."""
    if not handle.strip():
        raise UsageError(
            "The handle is empty.", next_step=lambda hints: example_of_init(hints, platform or "medium")
        )
    if platform is None:
        account = account_of_address(handle, ask=partial(click.echo, err=True))
        return account, load_platform(account.platform)
    loaded = load_platform(platform)
    try:
        return NamedAccount(platform=platform, handle=parse_handle(handle, loaded)), loaded
    except ValueError as error:
        refuse_page(handle, loaded, platform)
        raise UsageError(f"{handle} is not {error}.", next_step="Give it in that form.") from None


def _already(account: NamedAccount, there: Iterable[ProfileRequest], loaded: Platform) -> str | None:
    """Return the name of the profile that is this account's, if there is one."""
    chosen = (
        str(Path(account.platform).expanduser().resolve()) if is_path(account.platform) else account.platform
    )
    fold = str.casefold if loaded.handle.fold_case else str
    for profile in there:
        is_same = (profile.platform, fold(profile.handle)) == (chosen, fold(account.handle))
        if is_same and profile.base_url == account.base_url:
            return profile.name
    return None


def _next_steps(
    platforms: Mapping[str, tuple[Platform, str | None]], profiles_file: Path, hints: CommandHints
) -> Iterator[str]:
    """Yield what to do next, and then what can be known of each of the platforms."""
    for name, (platform, _) in platforms.items():
        if platform.sign_in:
            login = hints.command("login", name, profiles=profiles_file)
            yield f"Sign in:   {login}   (by hand, once)"
    yield f"Check it:  {hints.command('run', profiles=profiles_file)}"
    if any(platform.sign_in for platform, _ in platforms.values()):
        yield f"In doubt:  {hints.command('doctor', profiles=profiles_file)}"
    told: set[tuple[str, bool]] = set()
    for platform, base_url in platforms.values():
        if (platform.platform, base_url is None) not in told:
            told.add((platform.platform, base_url is None))
            yield ""
            yield from what_can_be_known(platform, base_url)


def _relative(platform_file: Path, profiles_file: Path) -> str:
    """Return a platform file as the profiles file must name it: relative to its own folder."""
    relative = os.path.relpath(platform_file.expanduser().resolve(), profiles_file.resolve().parent)
    return Path(relative).as_posix() if os.sep in relative else f"./{relative}"


def _create(path: Path, text: str) -> bool:
    """Create the file whole, or leave what is there alone; return whether its schema is beside it."""
    try:
        if path == OwnFolders.of(os.environ).profiles:
            path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8", newline="\n") as file:
            whole = with_editor_schema(path, text)
            file.write(whole)
    except FileExistsError:
        raise UsageError(
            f"{path} already exists; it was left as it is.",
            next_step=lambda hints: (
                f"For an account of your own, name it: {example_of_init(hints, 'medium')}"
                if names_only_demo(path)
                else "Edit it, or write another with --profiles FILE."
            ),
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.",
            next_step="Choose another place with --profiles FILE.",
        ) from error
    return whole != text
