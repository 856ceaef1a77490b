"""`selfcheck init`: a first profiles.yaml with comments; an existing one is never overwritten."""

import os
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import click

from selfcheck.actions.workflow_file import write_workflow
from selfcheck.cli.common import at_terminal, gathered, pass_hints, profiles_option
from selfcheck.core.cli_hints import USUAL_PROFILES, CommandHints
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import is_path, load_platform
from selfcheck.platforms.page_urls import parse_handle
from selfcheck.runs.new_profile import (
    account_of_address,
    demo_file,
    example_of_init,
    own_file,
    refuse_page,
    what_can_be_known,
)
from selfcheck.settings.places import OwnFolders
from selfcheck.settings.profiles_schema import SCHEMA_FILE, with_editor_schema


@dataclass(frozen=True, kw_only=True)
class InitArguments:
    """What the user typed after `selfcheck init`."""

    handle: str | None
    platform: str | None
    profiles_file: Path
    github: bool
    repository: str | None
    action: str | None
    replace: bool


@click.command(name="init")
@click.argument("handle", required=False)
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

    HANDLE is yours on the platform, such as @jane, or the address of your page, which names the platform too.
    A site of somebody's own is asked which software it runs: its page, and a few small addresses.
    Without it you are asked at a terminal; elsewhere the file names the demo author, for `selfcheck run` to
    show what selfcheck does.
    """
    if arguments.handle is None and not arguments.github and at_terminal():
        arguments = _asked(arguments)
    path, handle, platform = arguments.profiles_file, arguments.handle, arguments.platform
    if (arguments.github or handle is None) and click.get_current_context().params["profiles_file"] is None:
        path = Path(USUAL_PROFILES)  # in the repository; and the demo is not the user's own
    if arguments.github:
        return _workflow(replace(arguments, profiles_file=path), hints)
    if handle is None and platform not in {None, "demo"}:
        raise UsageError(
            f"Who are you on {platform}?", next_step=lambda hints: example_of_init(hints, platform)
        )
    if handle is None:
        text = demo_file()
        steps: tuple[str, ...] = (f"Try it:    {hints.command('run', profiles=path)}",)
    else:
        text, steps = _own_file(handle, platform, path, hints)
    with_schema = _create(path, text)
    click.echo(f"Wrote {path}. Next:")
    click.echo("\n".join(f"  {step}".rstrip() for step in steps))
    if with_schema:
        click.echo(f"Beside it, {SCHEMA_FILE} helps editors to complete keys and find mistakes.")
    return 0


def _asked(arguments: InitArguments) -> InitArguments:
    """Ask who the user is; an empty answer leaves it at the demo's author."""
    question = "Your handle, or the address of your page (Enter: only the demo's author)"
    handle = click.prompt(question, default="", show_default=False, err=True).strip()
    platform = arguments.platform
    if handle and platform is None and "/" not in handle and "." not in handle:
        platform = click.prompt("On which platform", err=True).strip().lower()
    return replace(arguments, handle=handle or None, platform=platform)


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


def _own_file(
    handle: str, platform: str | None, profiles_file: Path, hints: CommandHints
) -> tuple[str, tuple[str, ...]]:
    """Return the file for this account, and what to do next."""
    if not handle.strip():
        raise UsageError(
            "The handle is empty.", next_step=lambda hints: example_of_init(hints, platform or "medium")
        )
    account = account_of_address(handle, ask=partial(click.echo, err=True)) if platform is None else None
    chosen = account.platform if account else str(platform)
    loaded = load_platform(chosen)
    try:
        bare = account.handle if account else parse_handle(handle, loaded)
    except ValueError as error:
        refuse_page(handle, loaded, chosen)
        raise UsageError(f"{handle} is not {error}.", next_step="Give it in that form.") from None
    shown = loaded.handle.show.replace("{handle}", bare)
    reference = _relative(Path(chosen), profiles_file) if is_path(chosen) else chosen
    name = safe_name(bare).lstrip("_@") or "me"
    sign_in = f"Sign in:   {hints.command('login', name, profiles=profiles_file)}   (by hand, once)"
    check = f"Check it:  {hints.command('run', profiles=profiles_file)}"
    doubt = f"In doubt:  {hints.command('doctor', profiles=profiles_file)}"
    steps = (sign_in, check, doubt) if loaded.sign_in else (check,)
    base_url = account.base_url if account else None
    text = own_file(name=name, platform=reference, handle=shown, base_url=base_url)
    return text, (*steps, "", *what_can_be_known(loaded, base_url))


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
            next_step="Edit it, or write another with --profiles FILE.",
        ) from None
    except OSError as error:
        raise UsageError(
            f"{path} cannot be written: {error.strerror}.",
            next_step="Choose another place with --profiles FILE.",
        ) from error
    return whole != text
