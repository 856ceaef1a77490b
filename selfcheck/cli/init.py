"""`selfcheck init`: a first profiles.yaml with comments; an existing one is never overwritten."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import click

from selfcheck.actions.workflow_file import write_workflow
from selfcheck.cli.common import gathered, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import is_path, load_platform, shipped_heads, shipped_names
from selfcheck.platforms.knowledge import Ability, abilities, told_in_words
from selfcheck.platforms.page_urls import is_own, parse_handle, story_id
from selfcheck.platforms.recognition import NamedAccount, known_account, whole_address
from selfcheck.platforms.schema import Platform


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
    Without it the file names the demo author, so that `selfcheck run` shows what selfcheck does.
    """
    path, handle, platform = arguments.profiles_file, arguments.handle, arguments.platform
    if arguments.github:
        return _workflow(arguments, hints)
    if handle is None and platform not in {None, "demo"}:
        raise UsageError(f"Who are you on {platform}?", next_step=lambda hints: _example(hints, platform))
    if handle is None:
        text = demo_file()
        steps: tuple[str, ...] = (f"Try it:    {hints.command('run', profiles=path)}",)
    else:
        text, steps = _own_file(handle, platform, path, hints)
    _create(path, text)
    click.echo("\n".join((f"Wrote {path}. Next:", *(f"  {step}".rstrip() for step in steps))))
    return 0


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
            "The handle is empty.", next_step=lambda hints: _example(hints, platform or "medium")
        )
    account = _account(handle) if platform is None else None
    chosen = account.platform if account else str(platform)
    loaded = load_platform(chosen)
    try:
        bare = account.handle if account else parse_handle(handle, loaded)
    except ValueError as error:
        _refuse_page(handle, loaded, chosen)
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


def _account(handle: str) -> NamedAccount:
    """Return the account that an address names. Raise UsageError where no platform is known for it."""
    names = shipped_names()
    if "/" not in handle and "." not in handle:
        raise UsageError(
            f"Which platform is {handle} on?",
            next_step=f"Add --platform with one of {', '.join(names)}, or give your page's address.",
        )
    address = whole_address(handle)
    account = known_account(address, shipped_heads())
    if account is None:
        for head in shipped_heads():
            if is_own(address, head):
                _refuse_page(handle, load_platform(head.name), head.name)
        from selfcheck.runs.site_recognition import recognise_site

        account = recognise_site(address, say=lambda text: click.echo(text, err=True))
    if account is None:
        raise UsageError(
            f"No shipped platform has addresses such as {handle}.",
            cause="The site does not say that it runs software that is known here, or the address is not of "
            "an author's page.",
            next_step=f"Add --platform with one of {', '.join(names)}, or with a platform file of your own. "
            "Without a file, profiles.yaml takes `platform: learn` (docs/learned-marks.md).",
        )
    return account


def what_can_be_known(platform: Platform, base_url: str | None = None) -> tuple[str, ...]:
    """Return in lines what a check of this platform can tell, and what it cannot."""
    told = {ability: known for ability, known in abilities(platform).items() if known}
    lines = [f"{ability}: {known}" for ability, known in told.items()]
    if words := told_in_words(platform):
        lines.insert(0, f"a suspension that the public is told of: {words}")
    lines = lines or ["nothing for sure"]
    cannot = [f"no {ability}" for ability in Ability if ability not in told]
    if platform.login_wall:
        cannot.append("Visitors are asked to sign in, so most checks end inconclusive.")
    says: tuple[str, ...] = ()
    if rules := platform.limits.rules:
        where = f"({rules.url}, read {rules.checked})"
        says = (
            f"What {platform.title} says about programs ({platform.limits.programs}): {rules.says} {where}",
        )
    site = ("Name two accounts of that site in `controls: live`, to compare with.",) if base_url else ()
    return (
        f"What can be known on {platform.title}:",
        *(f"  {line}" for line in lines),
        "What cannot:",
        *(f"  {line}" for line in (*cannot, *platform.cannot_tell)),
        *says,
        *site,
    )


def _refuse_page(text: str, platform: Platform, name: str) -> None:
    """Raise UsageError where this is the address of one of the platform's pages, but of no author's."""
    address = text if "://" in text else f"https://{text}"
    if "/" not in text or not is_own(address, platform):
        return
    if story_id(address, platform):
        raise UsageError(
            f"{text} is the address of a story, which does not name its author.",
            next_step=lambda hints: f"Give your handle, and the story in the file: {_example(hints, name)}",
        )
    raise UsageError(
        f"{text} is an address of {platform.title}, but not of an author's page.",
        next_step=lambda hints: f"Give your handle: {_example(hints, name)}",
    )


def _example(hints: CommandHints, platform: str) -> str:
    return hints.command("init", "@yourname", "--platform", platform)


def _relative(platform_file: Path, profiles_file: Path) -> str:
    """Return a platform file as the profiles file must name it: relative to its own folder."""
    relative = os.path.relpath(platform_file.expanduser().resolve(), profiles_file.resolve().parent)
    return Path(relative).as_posix() if os.sep in relative else f"./{relative}"


def _create(path: Path, text: str) -> None:
    """Create the file whole, or leave what is there alone."""
    try:
        with path.open("x", encoding="utf-8", newline="\n") as file:
            file.write(text)
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


_HEAD = """\
# The profiles that selfcheck checks. `selfcheck doctor` checks this file and everything that it needs.
# Every mistake in it is reported with its line, before anything is opened.

profiles:
"""

_OWN = """\
  - name: {name}  # your choice of a-z, A-Z, 0-9 and - _ . ; it names folders and the session
    platform: {platform}
    handle: {handle}  # in quotes, since YAML does not let a value begin with @
    # publications: [my-publication]     # their short names or their addresses
    # stories: {{latest: 5}}               # or a list of addresses
    # session: {name}                    # a saved session of another name
    # controls: {{live: ["@someone"]}}     # accounts that everybody can see
"""

_DEMO = """\
  # The demo author: an account on a small blog platform that selfcheck starts on this machine for the run.
  # It is suspended, and its author was not told. This is what selfcheck is for.
  - name: demo-suspended
    platform: demo
    handle: "@jonah-vey"
    stories: {latest: 2}

  # A healthy account beside it, to compare.
  - name: demo-healthy
    platform: demo
    handle: "@elena-marsh"
    stories: {latest: 2}
"""

_EXAMPLES = """\

  # You, on Medium. Take the `#` away and put your own handle in; then `selfcheck login me` once.
  # - name: me                         # your choice of a-z, A-Z, 0-9 and - _ .
  #   platform: medium
  #   handle: "@jane"                    # or the address of your page
  #   publications: [my-publication]     # their short names or their addresses
  #   stories: {latest: 5}               # or a list of addresses

  # A blog of your own: a platform file says what its pages look like, base_url where they are.
  # - name: my-blog
  #   platform: ./myblog.yaml            # `selfcheck platforms show demo` is one to start from
  #   base_url: https://blog.example.org
  #   handle: jane
  #   controls: {live: [someone]}       # an account there that everybody can see
"""


def own_file(*, name: str, platform: str, handle: str, base_url: str | None = None) -> str:
    """Return the text of a profiles file for one account."""
    own = _OWN.format(name=name, platform=_quoted(platform), handle=_quoted(handle, always=True))
    if base_url:
        own = own.replace(
            "    # publications", f"    base_url: {_quoted(base_url, always=True)}\n    # publications"
        )
    return _HEAD + own


def demo_file() -> str:
    """Return the text of a profiles file that names the demo's accounts, with examples in comments."""
    return _HEAD + _DEMO + _EXAMPLES


def _quoted(text: str, *, always: bool = False) -> str:
    return json.dumps(text, ensure_ascii=False) if always or not text.isidentifier() else text
