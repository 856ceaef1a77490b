"""`selfcheck platforms`: what is known about the platforms, and whether it holds for saved pages."""

import asyncio
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from difflib import unified_diff
from pathlib import Path

import click

from selfcheck.cli.common import browser_option, data_option
from selfcheck.core.observation import Observation
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import plural
from selfcheck.errors import UsageError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import (
    add_platform,
    known_names,
    load_platform,
    platform_text,
    source_of,
)
from selfcheck.platforms.field_types import PLATFORM_NAME
from selfcheck.platforms.knowledge import HEADS, marks_seen, table_row, weaknesses
from selfcheck.platforms.saved_pages import SavedPage, capture_of, read_pages
from selfcheck.platforms.schema import Mark, Platform, SignMark
from selfcheck.runs.environment import NoProgress
from selfcheck.runs.platform_learning import learn_site
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

_MISMATCH = 1
_UNKNOWN = 3
_LIVE_TO_LEARN = 2
_GAP = "  "
_TAGS = {"C": "confirmed", "R": "reported", "G": "a guess"}


@click.group(name="platforms")
def command() -> None:
    """List, show and test what is known about the platforms.

    NAME is a shipped platform, or the path of a platform file such as ./myblog.yaml.
    """


@command.command(name="list")
def list_platforms() -> int:
    """List the known platforms: what can be told of each, on whose word, and when that was last seen."""
    platforms = [load_platform(name) for name in known_names()]
    heads = ("name", *HEADS, "marks seen", "file", "home")
    rows = [
        (name, *table_row(platform), marks_seen(platform), source_of(name), platform.home)
        for name, platform in zip(known_names(), platforms, strict=True)
    ]
    click.echo(_table(tuple(head.upper() for head in heads), rows))
    click.echo(
        "\nconfirmed: seen in a capture, the platform's own code or documents. Every other word makes a"
    )
    click.echo("verdict likely at most.")
    for platform in platforms:
        click.echo("\n".join(_part(f"Cannot be told of {platform.title}", platform.cannot_tell)), nl=False)
        click.echo("\n" if platform.cannot_tell else "", nl=False)
    return 0


@command.command(name="lint")
@click.argument("names", nargs=-1, metavar="[NAME]...")
def lint_platforms(names: tuple[str, ...]) -> int:
    """Say what is weak in platform files; without NAME in all that are known.

    Exit codes: 0 nothing is weak, or the file says why it is so; 1 something is.
    """
    today, warnings = datetime.now(UTC).date(), 0
    for name in names or known_names():
        weak = weaknesses(load_platform(name), today)
        unstated = [weakness for weakness in weak if not weakness.stated]
        warnings += len(unstated)
        click.echo(f"{name}: {plural(len(unstated), 'warning')}" if unstated else f"{name}: ok")
        for weakness in weak:
            click.echo(f"  {weakness.sort}: {weakness.text}")
            if weakness.stated:
                click.echo(f"    The file says why: {weakness.stated}")
    return _MISMATCH if warnings else 0


@command.command(name="check")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--live", is_flag=True, required=True, help="Open pages of the real site.")
@browser_option()
@data_option("Where runs are kept, and with them when each platform was opened.")
def check_platforms(names: tuple[str, ...], browser: str | None, data: DataFolder, *, live: bool) -> int:
    """Open the control accounts of a platform file, and say which of its marks still hold.

    Each is opened once, logged out, at the pace and within the limits of the file, of which runs have their
    share. Without NAME all platforms
    are checked whose rules, as far as is known, do not forbid programs, and that do not ask for a sign-in.

    Exit codes: 0 every control looked as it must; 1 at least one did not; 3 some could not be opened.
    """
    from selfcheck.runs.platform_check import check_controls, expected_of, marks_that_hold, names_to_check

    assert live
    states: set[str] = set()
    for name in names or names_to_check():
        platform = load_platform(name)
        if platform.home.endswith(".invalid"):  # no site has such an address (RFC 2606)
            raise UsageError(
                f"{platform.title} ({name}) has no site of its own whose accounts could be opened.",
                next_step=lambda hints: (
                    f"`{hints.command('run')}` opens the controls of a profile at its own site."
                ),
            )
        checked = asyncio.run(check_controls(name, browser=browser, data=data, progress=NoProgress()))
        rows = [
            (
                one.state,
                f"{one.reading.kind.value} {one.reading.page.value}",
                one.reading.handle,
                f"{one.reading.outcome.value} (must be {expected_of(one.reading.kind)})",
                ", ".join(one.marks) or "-",
            )
            for one in checked
        ]
        states.update(one.state for one in checked)
        own = {*(mark.id for mark in platform.marks), *(sign.id for sign in platform.signs)}
        held = marks_that_hold(checked)
        click.echo(f"{platform.title} ({name}), {platform.home}")
        click.echo(_table(("", "CONTROL", "ACCOUNT", "OUTCOME", "MARKS"), rows))
        click.echo(f"Still hold: {', '.join(held) or 'none was met'}.")
        click.echo(f"Not met by any control: {len(own.difference(held))} of {len(own)} marks and signs.\n")
    return _MISMATCH if "FAILED" in states else _UNKNOWN if "no answer" in states else 0


@command.command(name="add")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--yes", is_flag=True, help="Do not ask.")
def add_own_platform(file: Path, *, yes: bool) -> int:
    """Use a newer or an own platform file under its name, in place of a shipped one of that name.

    The file is checked, and shown as a difference to the one that is used now. It is copied into your config
    folder; it is data, and nothing in it is executed.
    """
    platform = load_platform(str(file.absolute()) if file.suffix else f"./{file}")
    name, new = platform.platform, file.read_text(encoding="utf-8-sig")
    now = platform_text(name) if name in known_names() else ""
    used = f"{name}, {source_of(name)}" if now else ""
    lines = unified_diff(now.splitlines(), new.splitlines(), used, str(file), lineterm="")
    shown = "\n".join(line if line.isprintable() else one_line(line) for line in lines)
    if now and not shown:
        click.echo(f"{name}: this is the file that is used already.")
        return 0
    click.echo(shown)
    click.echo(f"\n{name}: marks seen {marks_seen(platform)}.")
    if not yes and not click.confirm(f"Use this file for `platform: {name}`?"):
        return _MISMATCH
    path = add_platform(name, new)
    click.echo(f"Written to {path}. Delete it to go back.")
    return 0


@command.command(name="show")
@click.argument("name")
@click.option(
    "--yaml", "as_written", is_flag=True, help="Print the whole file, to copy from or to start your own with."
)
def show_platform(name: str, *, as_written: bool) -> int:
    """Show what a platform file says: pages, marks with their sources, controls, appeals, limits."""
    if as_written:
        click.echo(platform_text(name), nl=False)
    else:
        click.echo("\n".join(_shown(load_platform(name))))
    return 0


@command.command(name="learn")
@click.argument("address")
@click.option(
    "--live",
    "live",
    multiple=True,
    required=True,
    metavar="ADDRESS",
    help="Another profile that is shown; twice.",
)
@click.option("--out", "out", metavar="FILE", type=click.Path(path_type=Path), help="Write the draft there.")
@browser_option()
def learn_platform(address: str, live: tuple[str, ...], out: Path | None, browser: str | None) -> int:
    """Write the draft of a platform file, from the pages of three profiles and one that does not exist.

    ADDRESS is the page of your own profile; --live, given twice, those of two other accounts. Four pages are
    opened, logged out. How each part was chosen goes to standard error.
    """
    if len(live) < _LIVE_TO_LEARN:
        raise UsageError("`--live` must be given twice.", next_step="One page alone teaches nothing.")
    if out is not None and out.exists():
        raise UsageError(f"{out} is there already.", next_step="Give another file to `--out`.")
    name = out.stem.lower() if out else None  # what the file will be known by; else the host gives its name
    named = name if name and re.fullmatch(PLATFORM_NAME, name) else None
    draft = asyncio.run(learn_site(address, live, named=named, browser=browser, progress=NoProgress()))
    for choice in draft.choices:
        click.echo(f"{choice.part}: {choice.chosen or 'nothing was found'}", err=True)
        if choice.chosen:
            click.echo(f"  {choice.how}", err=True)
    if out is None:
        click.echo(draft.text, nl=False)
    else:
        write_whole(out, draft.text.encode())
        click.echo(f"Written to {out}. Read it, then: platform: {out}", err=True)
    return 0


@command.command(name="test")
@click.argument("name")
@click.option(
    "--pages",
    "folder",
    required=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="A folder of saved pages with an index.tsv (file, label, http_status).",
)
def test_platform(name: str, folder: Path) -> int:
    """Run a platform's marks over saved pages, offline.

    Exit codes: 0 every page was recognised as its label says; 1 at least one was not.
    """
    platform = load_platform(name)
    pages = read_pages(folder, platform)
    observations = [observe(capture_of(page), platform, page.values(platform)) for page in pages]
    rows = [_compared(page, observation) for page, observation in zip(pages, observations, strict=True)]
    wrong = sum(
        observation.outcome not in page.expected
        for page, observation in zip(pages, observations, strict=True)
    )
    click.echo(_table(("", "FILE", "LABEL", "OUTCOME", "MARK"), rows))
    click.echo(f"\n{len(pages) - wrong} of {len(pages)} pages were recognised as their labels say.")
    return _MISMATCH if wrong else 0


def _compared(page: SavedPage, observation: Observation) -> tuple[str, ...]:
    right = observation.outcome in page.expected
    wanted = "" if right else f" (expected {' or '.join(sorted(page.expected))})"
    return (
        "ok" if right else "WRONG",
        page.file,
        page.label,
        observation.outcome + wanted,
        observation.mark or "-",
    )


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return rows in columns as wide as their longest value; nothing is cut, so programs can read it."""
    lines = [heads, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(heads))]
    padded = ([value.ljust(width) for value, width in zip(line, widths, strict=True)] for line in lines)
    return "\n".join(_GAP.join(values).rstrip() for values in padded)


# -- show --------------------------------------------------------------------------------------------------


def _shown(platform: Platform) -> Iterator[str]:
    yield f"{platform.title} ({platform.platform}), {platform.home}"
    yield platform.about
    if platform.caution:
        yield f"Caution: {platform.caution}"
    yield from _part("Cannot be told", platform.cannot_tell)
    yield from _part("Pages", (f"{kind}: {page.url}" for kind, page in platform.pages.items()))
    yield from _part("Marks, in their order", (_mark(mark, mark.says) for mark in platform.marks))
    yield from _part("Signs beside the outcome", (_mark(sign, sign.means) for sign in platform.signs))
    yield from _part(
        "Facts that are read", (f"{name} ({', '.join(fact.on)})" for name, fact in platform.facts.items())
    )
    yield from _part("Other pages that may tell", (f"{page.id}: {page.url}" for page in platform.fallbacks))
    yield from _part("Controls", _controls(platform))
    yield from _part("Appeals", _appeals(platform))
    yield from _part("Reports of impersonation", _impersonation(platform))
    if platform.export is not None:
        yield from _part("A copy of the work", (platform.export.where,))
    yield from _part("Limits", _limits(platform))


def _part(title: str, lines: Iterable[str]) -> Iterator[str]:
    shown = [f"  {line}" for line in lines]
    if shown:
        yield f"\n{title}:"
        yield from shown


def _mark(mark: Mark | SignMark, says: str) -> str:
    return f"{mark.id}: {says} — {_TAGS[mark.tag]}, seen {mark.seen}. {mark.source}"


def _controls(platform: Platform) -> Iterator[str]:
    if platform.controls.live:
        yield f"should be shown: {', '.join(platform.controls.live)}"
    if platform.controls.absent:
        yield f"cannot exist: {platform.handle.show.replace('{handle}', platform.controls.absent)}"
    if platform.controls.suspended:
        yield f"known to be suspended: {', '.join(platform.controls.suspended)}"


def _impersonation(platform: Platform) -> Iterator[str]:
    if (facts := platform.impersonation) is not None:
        yield f"{facts.url or facts.mail}: {facts.says}"
        yield f"{_TAGS[facts.tag]}, seen {facts.seen}. {facts.source}"


def _appeals(platform: Platform) -> Iterator[str]:
    appeal = platform.appeal
    if appeal.form:
        yield f"form: {appeal.form}"
    if appeal.mail:
        yield f"mail: {', '.join(appeal.mail)}"
    yield from (f"asks for: {item}" for item in appeal.asks_for)
    if appeal.answers_in:
        yield f"answers: {appeal.answers_in}"
    for contact in appeal.contacts:
        places = " or ".join(filter(None, (contact.form, contact.mail)))
        yield f"{contact.about}, for {contact.reader}: {places} ({contact.source}, {contact.seen})"


def _limits(platform: Platform) -> Iterator[str]:
    limits = platform.limits
    if limits.programs != "unknown":
        yield f"programs: {limits.programs}"
    if limits.rules:
        yield f"{limits.rules.says} ({limits.rules.url}, {limits.rules.checked})"
    yield f"{limits.gap_seconds:g} to {limits.gap_seconds + limits.jitter_seconds:g} s between page views"
    yield f"at most {limits.page_views} page views per profile, run and viewpoint"
    yield f"at most {limits.page_views_a_day} page views in 24 hours, of all runs"
    yield f"at least {limits.least_interval_hours:g} hours between runs"
