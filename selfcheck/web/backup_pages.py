"""Backup: how much of your stories has a copy, make one, take in a platform's own export, give it to another.

A copy is made by a process of its own, as a check is. An export for another platform is one file to save.
"""

import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from starlette.background import BackgroundTask
from starlette.requests import Request as WebRequest
from starlette.responses import FileResponse, Response

from selfcheck.backup.coverage import Coverage, coverage_sentences, read_coverage
from selfcheck.backup.exporters.job import ExportForm, ExportOptions
from selfcheck.backup.exporters.writer import write_export
from selfcheck.backup.importing import ImportOptions, import_export, import_lines
from selfcheck.backup.library import Library, is_library
from selfcheck.backup.render_text import check_lines
from selfcheck.backup.service import find_me, finish, library_folder, open_library
from selfcheck.backup.verify import verify_library
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.errors import SelfcheckError, UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.storage.child_process import open_file
from selfcheck.web.access import form_of, upload_of
from selfcheck.web.page import (
    AppContext,
    Workspace,
    context_of,
    error_lines,
    named_profile,
    own_workspace,
    rendered,
    to,
)

_FORMS = {
    ExportForm.WXR: "WordPress, and what takes its files (.xml)",
    ExportForm.GHOST: "Ghost",
    ExportForm.MARKDOWN: "Hugo, Jekyll, Eleventy and others that take Markdown",
    ExportForm.EPUB: "a book for e-book readers",
    ExportForm.HTML: "a web site of your own, for any host",
}


@dataclass(frozen=True, kw_only=True)
class ShownBackup:
    """The copy of one profile's stories as the page shows it."""

    name: str
    whose: str
    sentence: str  # when it was complete last, and what is lacking
    exists: bool
    can_copy: bool  # a session is there, without which nothing is copied
    hint: str  # where the platform's own export is; "": it is not known


def backup(request: WebRequest) -> Response:
    """Show the copy of each profile's stories, and what can be done with it."""
    return _shown(request, "", ())


def _shown(request: WebRequest, title: str, lines: tuple[str, ...]) -> Response:
    context, workspace = context_of(request), own_workspace(request)
    configuration = workspace.configuration()
    profiles = configuration.profiles if configuration else ()
    coverages, trouble = _coverages(workspace, profiles, context)
    return rendered(
        request,
        "backup.html.j2",
        title=title or "Backup",
        lines=lines,
        backups=[_backup(profile, coverages, context, workspace) for profile in profiles],
        trouble=trouble,
        forms=[(form.value, words) for form, words in _FORMS.items()],
        folder=str(workspace.data.backups),
    )


def _coverages(
    workspace: Workspace, profiles: tuple[ProfileRequest, ...], context: AppContext
) -> tuple[dict[str, Coverage | None], tuple[str, ...]]:
    """Return what is known of each copy, and why nothing is where one is damaged."""
    coverages: dict[str, Coverage | None] = {}
    trouble: list[str] = []
    for profile in profiles:
        try:
            coverages[profile.name] = read_coverage(
                profile.name, library_folder(workspace.data, profile.name)
            )
        except SelfcheckError as error:
            coverages[profile.name] = None
            trouble.extend(error_lines(error, context.hints))
    return coverages, tuple(trouble)


def _backup(
    profile: ProfileRequest, coverages: dict[str, Coverage | None], context: AppContext, workspace: Workspace
) -> ShownBackup:
    platform = load_platform(profile.platform)
    known = {name: coverage for name, coverage in coverages.items() if coverage is not None}
    said = list(coverage_sentences(known, context.now(), context.hints))
    sentence = said[list(known).index(profile.name)] if profile.name in known else "There is no copy yet."
    return ShownBackup(
        name=profile.name,
        whose=f"{platform.shown_handle(profile.handle)} on {platform.title}",
        sentence=sentence,
        exists=is_library(library_folder(workspace.data, profile.name)),
        can_copy=platform.built_in_demo or context.has_session(profile.session),
        hint=" ".join(platform.export.where.split()) if platform.export else "",
    )


def make(request: WebRequest) -> Response:
    """Copy what is due of a profile's stories, in a process of its own, and lead to what it says."""
    workspace, profile = named_profile(request)
    job = context_of(request).jobs.back_up(workspace.data, workspace.profiles_file, profile.name)
    return to(workspace, "progress", job)


def verify(request: WebRequest) -> Response:
    """Say whether a copy is as it was written; nothing is opened."""
    workspace, profile = named_profile(request)
    folder = library_folder(workspace.data, profile.name)
    check = verify_library(folder)
    title = "The copy is whole" if check.is_whole else "The copy is damaged"
    return _shown(request, title, check_lines(check, folder))


def open_copy(request: WebRequest) -> Response:
    """Open the index of a copy in this machine's own browser: it is a page of its own, not the app's."""
    workspace, profile = named_profile(request)
    index = library_folder(workspace.data, profile.name) / "index.html"
    if not index.is_file() or not open_file(index.resolve()):
        raise UsageError("The copy could not be opened here.", next_step=f"Open this file yourself: {index}")
    return to(workspace, "backup")


def take_in(request: WebRequest) -> Response:
    """Take a platform's own export into the copy of a profile; the file is never unpacked."""
    workspace, profile = named_profile(request)
    upload = upload_of(request)
    if upload is None:
        raise UsageError("No file was chosen.", next_step="Choose the file that you downloaded.")
    platform = load_platform(profile.platform)
    said: list[str] = []
    options = ImportOptions(
        say=said.append,
        site=form_of(request).get("site", "").strip() or profile.base_url,
        platform=platform.platform,
        engine=platform.extends,
    )
    folder = library_folder(workspace.data, profile.name)
    with open_library(folder) as library:
        try:
            result = import_export(upload, library, options)
        finally:
            finish(library, title=f"Stories of {profile.name}", author=profile.handle)
    return _shown(request, "The export was taken in", (*import_lines(result, folder), *said))


def export(request: WebRequest) -> Response:
    """Return a copy in the form that another platform takes, as one zip file."""
    (workspace, profile), form, context = named_profile(request), form_of(request), context_of(request)
    try:
        chosen = ExportForm(form.get("form", ""))
    except ValueError:
        raise UsageError("No form was chosen.", next_step="Choose what the other side takes.") from None
    source = library_folder(workspace.data, profile.name)
    if not is_library(source):
        raise UsageError("There is no copy to export.", next_step="Make one first, or take in an export.")
    configuration, now = workspace.configuration(), context.now()
    assert configuration is not None
    named = configuration.profiles if chosen is ExportForm.HTML else ()  # only a site tells readers
    places, notices = find_me(workspace.data, named, now)
    author = form.get("author", "").strip()
    options = ExportOptions(
        now=now,
        title=f"Stories of {author or profile.name}",
        author=author,
        with_private=form.get("with_private") == "yes",
        places=places,
        notices=notices,
    )
    name = f"{safe_name(profile.name)}-{chosen.value}"
    scratch = Path(tempfile.mkdtemp(prefix="selfcheck-"))
    gone = BackgroundTask(shutil.rmtree, scratch, ignore_errors=True)
    try:
        write_export(Library.open(source).stories, chosen, scratch / name, options)
        packed = shutil.make_archive(str(scratch / name), "zip", scratch, name)
    except BaseException:
        shutil.rmtree(scratch, ignore_errors=True)
        raise
    return FileResponse(packed, media_type="application/zip", filename=f"{name}.zip", background=gone)
