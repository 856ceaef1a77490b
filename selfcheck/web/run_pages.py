"""Run now: start a run, follow it, stop it, and see its result with both pictures."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import PlainTextResponse, Response, StreamingResponse

from selfcheck.artifacts.run_reader import BODIES, StoredRun
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome
from selfcheck.core.labels import (
    KIND_WORD,
    OUTCOME_TONE,
    OUTCOME_WORD,
    STRENGTH_WORD,
    VERDICT_TONE,
    VERDICT_WORD,
    Tone,
    verdict_headline,
)
from selfcheck.core.run_document import PageRecord, ProfileRecord, RunDocument
from selfcheck.core.times import duration_words
from selfcheck.errors import UsageError
from selfcheck.evidence.stored_pictures import stored_picture
from selfcheck.platforms.catalogue import load_platform
from selfcheck.storage.files import read_plain
from selfcheck.web.access import form_of
from selfcheck.web.page import Workspace, context_of, png, rendered, to, workspace_of
from selfcheck.web.run_jobs import BACKUP, IMPOSTORS, LOGIN, SESSION, RunJob
from selfcheck.web.session_pages import was_saved

_BETWEEN = 0.5  # seconds between two looks at a run's progress
_SIDE_BY_SIDE = "both"
_VIEWS = {ANONYMOUS: "As the public", AUTHOR: "As you"}


@dataclass(frozen=True, kw_only=True)
class ResultPage:
    """One page of a result: its place in the run, and what it shows."""

    number: int  # counted over the whole run; addresses name a page by it
    name: str
    record: PageRecord
    word: str
    tone: Tone
    views: tuple[tuple[str, str, str, Tone, bool], ...]  # viewpoint, its name, outcome, tone, has a picture
    has_text: bool  # what the public received is kept


@dataclass(frozen=True, kw_only=True)
class ResultProfile:
    """One profile of a result."""

    record: ProfileRecord
    headline: str
    word: str
    tone: Tone
    strength: str
    pages: tuple[ResultPage, ...]
    incident: str  # of its open incident; "": there is none
    walled: bool  # a robot check stood before a page; a person can pass it
    signed_out: bool  # the platform did not take the session


# -- start, follow, stop -----------------------------------------------------------------------------------


def start_run(request: WebRequest) -> Response:
    """Start a run of the profile that the form names, or of all, and lead to its progress."""
    context, workspace, form = context_of(request), workspace_of(request), form_of(request)
    configuration = workspace.configuration()
    if configuration is None:
        raise UsageError("There is no profile to check yet.", next_step="Add one under Start.")
    names = tuple(name for name in [form.get("profile", "")] if name)
    configuration.chosen(names)  # so that a name that is none is told here
    flags = {"assist": "--assist", "again": "--again", "anonymous_only": "--anonymous-only"}
    options = [flag for name, flag in flags.items() if form.get(name) == "yes"]
    alerts = not workspace.is_demo  # what is found of the demo's authors goes to no channel
    job = context.jobs.start(workspace.data, workspace.profiles_file, names, *options, alerts=alerts)
    return to(workspace, "progress", job)


def _job(request: WebRequest) -> RunJob:
    job = context_of(request).jobs.get(workspace_of(request).data, request.path_params["job"])
    if job is None:
        raise HTTPException(404)
    return job


def progress(request: WebRequest) -> Response:
    """Show how far a run is; of one that ended with a result, that."""
    job, workspace = _job(request), workspace_of(request)
    if not job.running and job.run_id in workspace.data.finished_runs():
        return to(workspace, "runs", job.run_id)
    context, name = context_of(request), next(iter(job.profiles), "")
    signed_in = job.command == LOGIN and was_saved(context, workspace, name, job.started_at)
    return rendered(
        request,
        "progress.html.j2",
        job=job,
        live=_live(job, context.now()),
        title=_title(job, signed_in=signed_in),
        profile=name,
        signed_in=signed_in,
        back=_BACK.get(job.command, ("/sessions", "the sessions")),
        waits=_waits(workspace, job) if job.is_run and job.running else (),
    )


def _waits(workspace: Workspace, job: RunJob) -> tuple[str, ...]:
    """Return why a run takes its time, for each platform that is looked at."""
    try:
        configuration = workspace.configuration()
        profiles = configuration.chosen(job.profiles) if configuration else ()
    except UsageError:  # the file was changed meanwhile; the run has what it needs
        return ()
    platforms = {profile.platform: load_platform(profile.platform) for profile in profiles}
    return tuple(
        f"{platform.title}: it waits {limits.gap_seconds:g} to {limits.gap_seconds + limits.jitter_seconds:g}"
        " seconds between two page views, so that it does not burden the site."
        for platform in platforms.values()
        if (limits := platform.limits).gap_seconds >= 1
    )


async def progress_events(request: WebRequest) -> Response:
    """Send how far a run is whenever that changes, until it has ended."""
    await asyncio.to_thread(_job, request)

    async def events() -> AsyncIterator[str]:
        sent = ""
        while True:
            job = await asyncio.to_thread(_job, request)
            text = json.dumps({"texts": _live(job, context_of(request).now()), "ended": not job.running})
            if text != sent:
                sent = text
                yield f"data: {text}\n\n"
            if not job.running:
                return
            await asyncio.sleep(_BETWEEN)

    return StreamingResponse(events(), media_type="text/event-stream")


def cancel_run(request: WebRequest) -> Response:
    """Stop a run; what it found until then is kept."""
    workspace = workspace_of(request)
    job = _job(request)
    context_of(request).jobs.cancel(workspace.data, job.id)
    return to(workspace, "progress", job.id)


def _title(job: RunJob, *, signed_in: bool) -> str:
    if job.command in _TITLES:
        now, then = _TITLES[job.command]
        return now if job.running else then
    if job.running:
        return "Checking now" if job.is_run else "Sign in, in the window that opened"
    if signed_in:
        return "You are signed in"
    if job.command == LOGIN:
        return "You are not signed in yet"
    return "The check was stopped" if job.exit_code is not None else "The check came to nothing"


def _live(job: RunJob, now: datetime) -> dict[str, str]:
    """Return the texts that change while a run goes on, by the elements that show them."""
    if not job.is_run:
        return {"count": _WAITING[job.command], "time": "", "doing": "", "messages": "\n".join(job.lines)}
    count = f"Page view {job.opened} of at most {job.expected}" if job.expected else "Getting ready"
    left = ""
    spent = now - job.started_at
    if job.expected and job.opened >= _ENOUGH and job.expected > job.opened:
        rest = spent / job.opened * (job.expected - job.opened)
        words = duration_words(rest)
        left = f"{words if rest < _MINUTE else f'about {words}'} left"
    doing = "\n".join(f"{name}: {text}" for name, text in job.doing.items())
    return {
        "count": count,
        "time": ", ".join(part for part in (f"{duration_words(spent)} so far", left) if part),
        "doing": doing,
        "messages": "\n".join(job.lines),
    }


_WAITING = {
    LOGIN: "Waiting until the platform shows that you are signed in",
    SESSION: "Opening one page",
    IMPOSTORS: "Opening your own page, then each account once, logged out, at the platform's pace",
    BACKUP: "Opening what is new or was not opened for a month, at the platform's pace",
}
_BACK = {BACKUP: ("/backup", "the backups"), IMPOSTORS: ("/impostors", "the comparisons")}
_TITLES = {
    SESSION: ("Trying the session", "The session was tried"),
    BACKUP: ("Copying your stories", "What came of the copy"),
    IMPOSTORS: ("Comparing the accounts", "What the comparison shows"),
}
_ENOUGH = 4
"""Page views from which on the time of the rest can be told."""
_MINUTE = timedelta(minutes=1)


# -- the result --------------------------------------------------------------------------------------------


def result(request: WebRequest) -> Response:
    """Show what a run found, page by page, with both pictures and the reasons."""
    workspace = workspace_of(request)
    run = _run(workspace, request.path_params["run"])
    document = run.result
    incidents = _open_incidents(workspace)
    numbers = iter(range(10_000))
    profiles = [_profile(run, record, numbers, incidents) for record in document.profiles]
    return rendered(request, "result.html.j2", run=document, profiles=profiles, title=_headline(document))


def _run(workspace: Workspace, run_id: str) -> StoredRun:
    """Return a run of those that exist. Raises HTTPException 404."""
    if run_id not in workspace.data.finished_runs():
        raise HTTPException(404)
    return StoredRun(workspace.data.run(run_id))


def _open_incidents(workspace: Workspace) -> dict[str, str]:
    from selfcheck.history.service import open_history  # noqa: PLC0415

    with open_history(workspace.data) as history:
        return {incident.profile: incident.id for incident in history.incidents(open_only=True)}


def _headline(document: RunDocument) -> str:
    words = [f"{profile.name}: {VERDICT_WORD[profile.verdict].lower()}" for profile in document.profiles]
    return "; ".join(words) or "No profile was finished"


def _profile(
    run: StoredRun, record: ProfileRecord, numbers: Iterator[int], incidents: dict[str, str]
) -> ResultProfile:
    return ResultProfile(
        record=record,
        headline=verdict_headline(record.verdict, silent=record.silent),
        word=VERDICT_WORD[record.verdict],
        tone=VERDICT_TONE[record.verdict],
        strength=STRENGTH_WORD[record.strength],
        pages=tuple(_page(run, page, next(numbers)) for page in record.pages),
        incident=incidents.get(record.name, ""),
        walled=any(
            look.outcome is Outcome.CHALLENGE for page in record.pages for look in page.views.values()
        ),
        signed_out=any(
            look is not None and look.signed_in is False and look.outcome is Outcome.LOGIN_WALL
            for look in (page.view(AUTHOR) for page in record.pages)
        ),
    )


def _page(run: StoredRun, page: PageRecord, number: int) -> ResultPage:
    return ResultPage(
        number=number,
        name=KIND_WORD[page.kind],
        record=page,
        word=VERDICT_WORD[page.verdict],
        tone=VERDICT_TONE[page.verdict],
        views=tuple(
            (
                who,
                _VIEWS.get(who, f"As {who}"),
                OUTCOME_WORD[view.outcome],
                OUTCOME_TONE[view.outcome],
                bool(view.screenshot),
            )
            for who, view in page.views.items()
        ),
        has_text=_document(run, page) is not None,
    )


def _document(run: StoredRun, page: PageRecord) -> bytes | None:
    """Return what the public received of a page, as it was kept; None where nothing was."""
    for ending in BODIES:
        try:
            return read_plain(run.path, f"{page.folder}/{ANONYMOUS}.{ending}")
        except (OSError, ValueError):
            continue
    return None


def _page_of(request: WebRequest) -> tuple[StoredRun, PageRecord]:
    """Return the page that the address names by its number in the run. Raises HTTPException 404."""
    run = _run(workspace_of(request), request.path_params["run"])
    pages = [page for profile in run.result.profiles for page in profile.pages]
    number = request.path_params["page"]
    if number >= len(pages):
        raise HTTPException(404)
    return run, pages[number]


def picture(request: WebRequest) -> Response:
    """Return a screenshot of a page, or the picture of both views; only what is a PNG."""
    run, page = _page_of(request)
    view = request.path_params["view"]
    if view == _SIDE_BY_SIDE:
        return png(lambda: stored_picture(run.path, page))
    record = page.view(view)
    if record is None or record.screenshot is None:
        raise HTTPException(404)
    screenshot = record.screenshot
    return png(lambda: read_plain(run.path, screenshot))


def received_text(request: WebRequest) -> Response:
    """Return what the platform sent to the public, as plain text: it is never rendered."""
    document = _document(*_page_of(request))
    if document is None:
        raise HTTPException(404)
    return PlainTextResponse(document.decode("utf-8", "replace"))
