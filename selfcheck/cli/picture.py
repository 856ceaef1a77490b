"""`selfcheck picture`: both views of a stored run's pages in one picture, made now if need be."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import click

from selfcheck.artifacts.manifests import is_safe_path
from selfcheck.artifacts.run_reader import StoredRun, find_run
from selfcheck.cli.common import data_option, gathered
from selfcheck.core.run_document import PageRecord, RunDocument
from selfcheck.errors import RunUnreadableError, unknown_name
from selfcheck.evidence.stored_pictures import picture_path, stored_picture
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole


@dataclass(frozen=True, kw_only=True)
class PictureArguments:
    """What the user typed after `selfcheck picture`."""

    run: str
    data: DataFolder
    profile: str | None
    page: str | None
    out: Path | None


@click.command("picture")
@click.argument("run")
@data_option()
@click.option("--profile", metavar="NAME", help="Only the pages of this profile.")
@click.option("--page", metavar="FOLDER", help="Only this page, by its folder in the run.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    metavar="DIR",
    help="Where the pictures are written.  [default: pictures/ID of the run, in the data folder]",
)
@gathered(PictureArguments)
def command(arguments: PictureArguments) -> int:
    """Make a picture of both views of each page of RUN (its id or its folder).

    A run itself makes the pictures of a profile that is not visible, and of pages whose views differ. The
    others are made here, from the screenshots that the run stored; they are the same as if the run had made
    them. Prints where each one is. Look at them before you share them: the right half is what you see.

    Exit codes: 0 all pictures were written; 1 some pages have none; 2 usage, or the run cannot be read.
    """
    folder = find_run(arguments.run, arguments.data)
    pages = tuple(_pages(StoredRun(folder).result, arguments))
    out = arguments.out or arguments.data.pictures(folder.resolve().name)
    troubles = [trouble for page in pages if (trouble := _write(folder, page, out))]
    for trouble in troubles:
        click.echo(trouble, err=True)
    return 1 if troubles or not pages else 0


def _write(folder: Path, page: PageRecord, out: Path) -> str:
    """Write one picture and print its path; return why there is none, or ""."""
    if not is_safe_path(page.folder):
        return f"{page.folder!r} is not a page's folder."
    try:
        data = stored_picture(folder, page)
    except RunUnreadableError as error:
        return " ".join(error.lines())
    path = picture_path(out, page)
    write_whole(path, data)
    click.echo(str(path))
    return ""


def _pages(result: RunDocument, arguments: PictureArguments) -> Iterator[PageRecord]:
    """Yield the pages that are asked for. Raises UsageError where there is no such profile or page."""
    names = [profile.name for profile in result.profiles]
    if arguments.profile is not None and arguments.profile not in names:
        raise unknown_name(f"The run has no profile {arguments.profile}.", arguments.profile, names)
    pages = [
        page
        for profile in result.profiles
        if arguments.profile in {None, profile.name}
        for page in profile.pages
    ]
    folders = [page.folder for page in pages]
    if arguments.page is not None and arguments.page not in folders:
        raise unknown_name(f"The run has no page {arguments.page}.", arguments.page, folders)
    if arguments.page is not None:
        yield from (page for page in pages if page.folder == arguments.page)
        return
    # Of a feed, for instance, no screenshot is ever taken.
    yield from (page for page in pages if any(view.screenshot for view in page.views.values()))
