"""Writing an export in one of the forms."""

from collections.abc import Callable
from pathlib import Path

from selfcheck.backup.exporters.epub import write_epub
from selfcheck.backup.exporters.folder import ExportFolder
from selfcheck.backup.exporters.ghost import write_ghost
from selfcheck.backup.exporters.job import ExportForm, ExportJob, ExportOptions, ExportResult, Stories
from selfcheck.backup.exporters.markdown import write_markdown
from selfcheck.backup.exporters.moving import Places
from selfcheck.backup.exporters.site import write_site
from selfcheck.backup.exporters.wxr import write_wxr
from selfcheck.core.times import plural

_WRITERS: dict[ExportForm, Callable[[ExportJob], None]] = {
    ExportForm.WXR: write_wxr,
    ExportForm.GHOST: write_ghost,
    ExportForm.MARKDOWN: write_markdown,
    ExportForm.EPUB: write_epub,
    ExportForm.HTML: write_site,
}


def write_export(stories: Stories, form: ExportForm, folder: Path, options: ExportOptions) -> ExportResult:
    """Write the stories to a folder in a form, and say what is in it and what to do with it.

    Raises UsageError for a folder that has other files, StorageError where it cannot be written, or where a
    picture of the library is damaged.
    """
    job = ExportJob(
        stories=stories,
        places=Places.of(stories(), with_private=options.with_private),
        folder=ExportFolder(folder, form.value, private=options.with_private),
        options=options,
        result=ExportResult(folder=folder, form=form),
    )
    _WRITERS[form](job)
    result, places = job.result, job.places
    result.left_out = places.left_out
    if places.left_out:
        result.notes.append(
            f"{plural(places.left_out, 'story', 'stories')} that not everybody may read: left out; "
            "--with-private takes them too."
        )
    if places.moved_by_seconds:
        result.notes.append(
            f"{plural(places.moved_by_seconds, 'date')} moved by a second, since importers take two stories "
            "of one title and date for one."
        )
    if result.missing_pictures:
        result.notes.append(
            f"{plural(len(result.missing_pictures), 'picture')} not in the backup: the old address stays."
        )
    if form is not ExportForm.HTML:
        job.folder.write("README.txt", "\n\n".join([*result.notes, ""]).encode())
    job.folder.finish()
    return result
