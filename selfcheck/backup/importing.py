"""A platform's own export into a library: each story is merged with the copies that are there."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from selfcheck.backup.importers.reader import read_export
from selfcheck.backup.library import Library, Merge
from selfcheck.backup.model import Story
from selfcheck.core.times import plural


@dataclass(frozen=True, kw_only=True)
class ImportOptions:
    """How an export is taken in."""

    say: Callable[[str], None]
    site: str | None = None  # the publication's address, which some exports do not name
    platform: str | None = None  # the profile's; an export of its engine is one of it
    engine: str | None = None  # the platform that it is a variant of


@dataclass(frozen=True)
class ImportResult:
    """What became of the stories of an export."""

    merges: Counter[Merge]
    private: int  # how many are not public at the platform
    missing_pictures: int  # that the export does not have


def import_export(path: Path, library: Library, options: ImportOptions) -> ImportResult:
    """Merge an export into a library, one story at a time. Raises UsageError, StorageError."""
    merges: Counter[Merge] = Counter()
    private = missing = 0
    for story in read_export(path, options.say, site=options.site):
        own = _of_profile(story, options)
        merges[library.merge(own)] += 1
        private += own.state.is_private
        missing += sum(
            picture.data is None and not library.has_picture(picture.url) for picture in own.pictures
        )
    return ImportResult(merges, private, missing)


def import_lines(result: ImportResult, folder: Path) -> tuple[str, ...]:
    """Return what came of an import, the most important line first."""
    merges = result.merges
    new, better = merges[Merge.ADDED], merges[Merge.BETTER]
    news = (
        f"{plural(merges.total(), 'story', 'stories')} read: {new} new, {better} better than the copy before"
        f" (which is kept), {merges[Merge.KEPT_OTHER]} kept beside a better copy, {merges[Merge.UNCHANGED]}"
        " unchanged."
    )
    lines = [news, f"The backup is in {folder}."]
    if result.private:
        are = "is" if result.private == 1 else "are"
        lines.append(f"{result.private} of them {are} not public, and {are} in private/.")
    if result.missing_pictures:
        lines.append(f"{plural(result.missing_pictures, 'picture')} not in it; the next backup fetches them.")
    return tuple(lines)


def _of_profile(story: Story, options: ImportOptions) -> Story:
    """Return the story as one of the profile's platform, where the export is one of its engine."""
    if options.platform and options.engine == story.platform:
        return replace(story, platform=options.platform)
    return story
