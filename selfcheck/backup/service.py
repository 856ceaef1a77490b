"""A backup as the user means it: what is due is copied, the index is made again, and all of it is verified.

Laws:
1. One process writes to a library at a time.
2. However the copy ends, the library that is left is whole: its index, feed and checksums are made again.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing, contextmanager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from selfcheck.backup.cleaning import clean_html
from selfcheck.backup.contents import IndexEntry, entry_of, render_feed, render_index
from selfcheck.backup.copy_journal import CopyJournal
from selfcheck.backup.copying import Copier, CopyResult, CopySubject
from selfcheck.backup.coverage import coverage_sentences, read_coverage, write_coverage
from selfcheck.backup.exporters.find_me import AccountNotice, NewPlace, account_notices
from selfcheck.backup.library import PRIVATE, Library
from selfcheck.backup.model import Story
from selfcheck.backup.render_markdown import markdown_of
from selfcheck.backup.verify import BackupCheck, verify_library, write_checksums
from selfcheck.browser.backoff import BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.browser.discovery import provide_browser
from selfcheck.browser.pool import PoolOptions, open_pool
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import PageKind
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.history.service import open_history
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import page_url, values_of
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole
from selfcheck.storage.limits_table import LimitsTable
from selfcheck.storage.lock import exclusive_lock

if TYPE_CHECKING:
    from selfcheck.core.incident import Incident

_LATEST = 50  # stories in the feed
_LOCK = ".backup.lock"


@dataclass(frozen=True, kw_only=True)
class BackupOptions:
    """Where a backup goes, and by what it is made."""

    data: DataFolder
    folder: Path
    browser: str | None
    now: Callable[[], datetime]
    say: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class FinishedBackup:
    """What came of a backup."""

    folder: Path
    copy: CopyResult
    check: BackupCheck


def check_installed() -> None:
    """Raise ExtraMissingError where the extra `backup` is missing, before anything is opened for a backup."""
    markdown_of(clean_html(""))


def library_folder(data: DataFolder, profile: str) -> Path:
    """Return where a profile's backup is, unless the user names another folder."""
    return data.backups / safe_name(profile)


def coverage_lines(
    data: DataFolder, profiles: Iterable[str], now: datetime, hints: CommandHints
) -> tuple[str, ...]:
    """Return how much of these profiles' stories has a copy in the data folder. Raises StorageError."""
    coverages = {name: read_coverage(name, library_folder(data, name)) for name in profiles}
    return tuple(coverage_sentences(coverages, now, hints))


def last_complete_copy(data: DataFolder, profile: str) -> datetime | None:
    """Return when all that was due of a profile's stories was copied last. Raises StorageError."""
    return journal_of(library_folder(data, profile)).state.last_complete


def journal_of(folder: Path) -> CopyJournal:
    """Return the journal of a library's live copies."""
    return CopyJournal(folder / PRIVATE / "journal.jsonl")


def back_up(subject: CopySubject, options: BackupOptions) -> FinishedBackup:
    """Copy what is due of the subject's stories, and verify the whole. Raises SelfcheckError."""
    check_installed()
    with open_library(options.folder) as library:
        journal = journal_of(options.folder)
        copier = Copier(subject, library, journal, now=options.now, say=options.say)
        try:
            result = asyncio.run(_copy(copier, options))
        finally:
            finish(library, title=f"Stories of {subject.profile.name}", author=subject.profile.handle)
        return FinishedBackup(folder=options.folder, copy=result, check=verify_library(options.folder))


async def _copy(copier: Copier, options: BackupOptions) -> CopyResult:
    data = options.data
    with closing(LimitsTable.open(data)) as table:
        backoffs = BackoffRegistry(read_backoffs(data), table)
        choice = await asyncio.to_thread(provide_browser, options.browser, headed=False, say=options.say)
        pool_options = PoolOptions(jobs=1, say=options.say, clock=options.now, table=table, backoffs=backoffs)
        async with open_pool(choice, pool_options) as pool:
            result = await copier.copy(pool)
        if backoffs.changed:
            write_backoffs(data, backoffs.known(), options.now())
    return result


@contextmanager
def open_library(folder: Path) -> Iterator[Library]:
    """Open a library for writing, alone. Raises StorageError while another process writes to it."""
    folder.mkdir(parents=True, exist_ok=True)
    again = "Wait until the other backup has ended, then run the command again."
    with exclusive_lock(folder / _LOCK, seconds=1, next_step=again):
        for part in sorted(folder.rglob(".*.part")):  # half files of a process that was killed
            part.unlink(missing_ok=True)
        yield Library.open(folder)


def finish(library: Library, *, title: str, author: str) -> None:
    """Write the index, the feed and the checksums of a library after stories came in. Raises StorageError."""
    gone = journal_of(library.folder).state.gone
    entries: dict[bool, list[IndexEntry]] = {False: [], True: []}
    for name in library.names():
        library.repair(name)
        entry = entry_of(library.read(name), f"stories/{name}.html", gone.get(name))
        entries[library.is_private(name)].append(entry)
    for private, listed in entries.items():
        root = library.folder / PRIVATE if private else library.folder
        page = render_index(title, listed, private=private).encode("utf-8", "replace")
        write_whole(root / "index.html", page, mode=0o600 if private else 0o644)
    write_coverage(library, journal_of(library.folder))
    feed = render_feed(title, author, islice(_latest(library), _LATEST))
    write_whole(library.folder / "feed.xml", feed)
    write_checksums(library.folder)


def _latest(library: Library) -> Iterator[tuple[Story, str]]:
    """Yield the public stories, the latest first."""
    names = [name for name in library.names() if not library.is_private(name)]
    for name in sorted(names, key=library.published_of, reverse=True):
        yield library.read(name), f"stories/{name}.html"


def find_me(
    data: DataFolder, profiles: Iterable[ProfileRequest], now: datetime, places: Iterable[NewPlace] = ()
) -> tuple[tuple[NewPlace, ...], tuple[AccountNotice, ...]]:
    """Return where readers find the author, and what they are told of the accounts' incidents.

    The accounts without an open incident are places to be found at, after those that are given.
    """
    incidents: list[Incident] = []
    labels, found = {}, list(places)
    with open_history(data) if data.has_history() else nullcontext() as history:
        for profile in profiles:
            platform = load_platform(profile.platform)
            labels[platform.platform] = platform.title
            own = history.incidents(profile.name) if history else ()
            incidents += own
            if all(incident.over for incident in own) and PageKind.PROFILE in platform.pages:
                address = page_url(PageKind.PROFILE, platform, values_of(profile, platform))
                label = f"{platform.title}: {platform.shown_handle(profile.handle)}"
                found.append(NewPlace(label=label, address=address))
    return tuple(found), account_notices(incidents, now, labels)
