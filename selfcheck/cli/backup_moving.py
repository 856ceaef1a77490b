"""`selfcheck backup import`, `export` and `subscribers`: from a platform, and to another one."""

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from selfcheck.cli.common import data_option, gathered, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.errors import UsageError
from selfcheck.storage.data_folder import DataFolder

if TYPE_CHECKING:
    from selfcheck.backup.exporters.find_me import AccountNotice, NewPlace
    from selfcheck.core.request import ProfileRequest

_FORMS = ("wxr", "ghost", "markdown", "epub", "html")


@dataclass(frozen=True, kw_only=True)
class ImportArguments:
    """What the user typed after `selfcheck backup import`."""

    file: Path
    profile: str | None
    to: Path | None
    site: str | None
    profiles_file: Path
    data: DataFolder


@dataclass(frozen=True, kw_only=True)
class ExportArguments:
    """What the user typed after `selfcheck backup export`."""

    profile: str | None
    form: str
    source: Path | None
    to: Path | None
    title: str | None
    author: str
    site: str | None
    places: tuple[str, ...]
    with_private: bool
    canonical: bool
    profiles_file: Path
    data: DataFolder


@click.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True), metavar="FILE")
@click.argument("profile", required=False, metavar="[PROFILE]")
@click.option("--to", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help="Another backup.")
@click.option("--site", metavar="URL", help="The publication's address, if the export does not name it.")
@profiles_option()
@data_option()
@gathered(ImportArguments)
def import_command(arguments: ImportArguments) -> int:
    """Take a platform's own export into the backup of PROFILE.

    FILE is what you downloaded: Medium, Substack, WordPress (WXR), Ghost (JSON or zip), Blogger or X. It is
    never unpacked. Messages, other people's comments and lists of subscribers stay closed; what could do harm
    is refused and named, and the rest is taken. Where there is a copy already, the better one is listed and
    the other one kept.
    """
    from selfcheck.backup.importing import ImportOptions, import_export, import_lines
    from selfcheck.backup.service import finish, library_folder, open_library
    from selfcheck.platforms.catalogue import load_platform

    profile = None if arguments.to else _one_profile(arguments.profile, arguments.profiles_file)
    platform = load_platform(profile.platform) if profile else None
    options = ImportOptions(
        say=lambda text: click.echo(text, err=True),
        site=arguments.site or (profile.base_url if profile else None),
        platform=platform.platform if platform else None,
        engine=platform.extends if platform else None,
    )
    folder = arguments.to or library_folder(arguments.data, profile.name if profile else "")
    with open_library(folder) as library:
        try:
            result = import_export(arguments.file, library, options)
        finally:
            name = profile.name if profile else folder.name
            finish(library, title=f"Stories of {name}", author=profile.handle if profile else name)
    click.echo("\n".join(import_lines(result, folder)))
    return 0


@click.command("export")
@click.argument("profile", required=False, metavar="[PROFILE]")
@click.option("--as", "form", type=click.Choice(_FORMS), required=True, help="What the other side takes.")
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="The backup; default: that of PROFILE.",
)
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="The folder to write; default: PROFILE-FORM here.",
)
@click.option("--title", metavar="TEXT", help="What the site or book is called.")
@click.option("--author", default="", metavar="NAME", help="Your name, as readers know it.")
@click.option("--site", metavar="URL", help="Where the html export is, or will be.")
@click.option("--find-me", "places", multiple=True, metavar="LABEL=URL", help="With html: where you are now.")
@click.option("--with-private", is_flag=True, help="Drafts and members-only stories too.")
@click.option("--canonical/--no-canonical", default=True, help="Name the old addresses as the originals.")
@profiles_option()
@data_option()
@gathered(ExportArguments)
def export_command(arguments: ExportArguments) -> int:
    """Write the backup of PROFILE as files that another platform takes.

    wxr is for WordPress, ghost for Ghost, markdown for Hugo, Jekyll and Eleventy, epub for e-book readers,
    html a static site for any host, with a page that tells readers where to find you and, while an incident
    is open, what was seen. Pictures, dates, tags and canonical links come along, and links between your own
    stories lead to the new place.
    """
    from selfcheck.backup.exporters.job import ExportForm, ExportOptions
    from selfcheck.backup.exporters.writer import write_export
    from selfcheck.backup.library import Library, is_library
    from selfcheck.backup.service import find_me, library_folder
    from selfcheck.core.safe_filename import safe_name
    from selfcheck.core.times import plural
    from selfcheck.settings import read_configuration

    profile = None if arguments.source else _one_profile(arguments.profile, arguments.profiles_file)
    name = profile.name if profile else (arguments.source or Path()).resolve().name
    source = arguments.source or library_folder(arguments.data, name)
    if not is_library(source):
        raise UsageError(
            f"There is no backup in {source}.",
            next_step=lambda hints: f"Make one: `{hints.command('backup')}`, or `backup import FILE`.",
        )
    now = datetime.now(UTC)
    places: tuple[NewPlace, ...] = tuple(map(_place, arguments.places))
    notices: tuple[AccountNotice, ...] = ()
    if arguments.form == ExportForm.HTML and arguments.profiles_file.is_file():
        profiles = read_configuration(arguments.profiles_file).profiles
        places, notices = find_me(arguments.data, profiles, now, places)
    options = ExportOptions(
        now=now,
        title=arguments.title or f"Stories of {arguments.author or name}",
        author=arguments.author,
        site=arguments.site,
        with_private=arguments.with_private,
        keep_canonical=arguments.canonical,
        places=places,
        notices=notices,
    )
    library = Library.open(source)
    folder = arguments.to or Path(f"{safe_name(name)}-{arguments.form}")
    result = write_export(library.stories, ExportForm(arguments.form), folder, options)
    pictures = plural(len(result.pictures), "picture")
    click.echo(f"{plural(result.stories, 'story', 'stories')} and {pictures} are in {folder}.")
    for note in result.notes:
        click.echo(note)
    return 0


@click.command("subscribers")
@click.argument("profile", required=False, metavar="[PROFILE]")
@click.option("--exported", is_flag=True, help="Note that you exported the list today.")
@profiles_option()
@data_option()
@pass_hints
def subscribers_command(
    hints: CommandHints, *, profile: str | None, exported: bool, profiles_file: Path, data: DataFolder
) -> int:
    """Say whose list of subscribers is to be exported again, or note that you did.

    Your readers' addresses are the one thing that no backup of pages has. Once a month is enough. The list
    itself is never read or stored here, only the day.
    """
    from selfcheck.backup.subscribers import note_export, read_exports, subscriber_lists
    from selfcheck.core.times import long_date
    from selfcheck.platforms.catalogue import load_platform
    from selfcheck.settings import read_configuration

    today = datetime.now().astimezone().date()
    if exported:
        note_export(data, _one_profile(profile, profiles_file).name, today)
    profiles = read_configuration(profiles_file).profiles
    platforms = {one.name: load_platform(one.platform) for one in profiles if profile in {None, one.name}}
    lists = {each.profile: each for each in subscriber_lists(platforms, read_exports(data))}
    for name in platforms:
        known = lists.get(name)
        if known is not None and known.is_due(today):
            click.echo(known.reminder(hints))
        elif known is not None and known.exported is not None:
            click.echo(f"{name}: exported on {long_date(known.exported)}.")
        else:
            click.echo(f"{name}: nothing is due.")
    return 0


def _one_profile(name: str | None, profiles_file: Path) -> "ProfileRequest":
    from selfcheck.errors import unknown_name
    from selfcheck.settings import read_configuration

    profiles = {profile.name: profile for profile in read_configuration(profiles_file).profiles}
    if name is None and len(profiles) == 1:
        return next(iter(profiles.values()))
    if name is None:
        raise UsageError("Several profiles have a backup.", next_step=f"Name one: {', '.join(profiles)}.")
    if name not in profiles:
        raise unknown_name(f"There is no profile `{name}`.", name, profiles)
    return profiles[name]


def _place(text: str) -> "NewPlace":
    from selfcheck.backup.exporters.find_me import NewPlace
    from selfcheck.core.text_safety import is_link

    label, sign, address = text.partition("=")
    if not sign or not label.strip() or not is_link(address.strip()):
        raise UsageError(
            f"{text!r} is not LABEL=URL.", next_step='Such as --find-me "My blog=https://jane.example".'
        )
    return NewPlace(label=label.strip(), address=address.strip())
