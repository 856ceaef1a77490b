"""An incident: what happened, the letter with its evidence, what came of it. Nothing is sent from here."""

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.appeal.author_input import (
    appeal_request,
    author_events,
    refuse_after_sending,
    was_sent,
    written_file,
    written_files,
    written_letter,
)
from selfcheck.appeal.model import DRAFT
from selfcheck.appeal.render_letter import browser_length, languages
from selfcheck.appeal.rights.render_text import NO_ADVICE
from selfcheck.appeal.rules import warnings
from selfcheck.appeal.service import incident_platform, note_of, record_events, write_appeal
from selfcheck.core.account_report import ReportIncident
from selfcheck.core.text_safety import one_line
from selfcheck.errors import SelfcheckError, UsageError
from selfcheck.report.render_page import shown_incident
from selfcheck.report.service import ReportRequest, empty_report
from selfcheck.storage.child_process import open_file
from selfcheck.web import rights_pages
from selfcheck.web.access import form_of
from selfcheck.web.page import chosen_incident, context_of, preferences_of, rendered, to

_LONGEST_LETTER = 50_000  # letters


def incident(request: WebRequest) -> Response:
    """Show the incident and its letter as far as it is written."""
    workspace, choice = chosen_incident(request)
    context, one, preferences = context_of(request), choice.incident, preferences_of(workspace)
    report = empty_report(ReportRequest(preferences=preferences, now=context.now()))
    number = len(choice.earlier) or 1
    shown = shown_incident(ReportIncident(incident=one, number=number), report)
    letter = written_letter(workspace.data, one)
    limit, form_address = None, ""
    try:
        platform = incident_platform(workspace.data, one, None)
        limit, form_address = platform.appeal.form_limit, platform.appeal.form or ""
    except SelfcheckError:
        pass  # a file of the user's own is gone; the letter is shown without the form's limit
    return rendered(
        request,
        "incident.html.j2",
        title=f"{one_line(one.profile)}: {shown.headline}",
        choice=choice,
        incident=one,
        shown=shown,
        warnings=warnings(choice, sending=False),
        letter=letter,
        length=browser_length(letter) if letter else 0,
        limit=limit,
        form_address=form_address if "{" not in form_address else "",
        files=written_files(workspace.data, one),
        note=note_of(workspace.data, one),
        languages=languages(),
        language=preferences.appeal.language,
        was_sent=was_sent(one),
        mail_server=preferences.appeal.smtp,
        runs=workspace.data.finished_runs(),
        no_advice=NO_ADVICE,
        rights=rights_pages.shown_rights(context, workspace, choice),
        restoration=rights_pages.restoration_of(workspace, choice),
    )


def write_letter(request: WebRequest) -> Response:
    """Write the letter, the mail and the evidence: from the template, or with the author's own changes."""
    (workspace, choice), form, context = chosen_incident(request), form_of(request), context_of(request)
    refuse_after_sending(choice.incident)
    if warnings(choice, sending=False) and form.get("despite") != "yes":
        raise UsageError(
            "The warnings on the page speak against writing it.",
            next_step="Tick the box there to write it anyway.",
        )
    note, language = form.get("note"), form.get("language") or None
    if language is not None and language not in languages():
        raise UsageError(f"There is no letter in the language {one_line(language, 20)}.")
    asked = appeal_request(choice, workspace.profiles_file, note, language, context.hints)
    if "letter" in form:
        text = form["letter"].replace("\r\n", "\n").strip("\n")
        if not text.strip() or len(text) > _LONGEST_LETTER:
            raise UsageError("The letter is empty or far too long.", next_step="Go back and change it.")
        asked = replace(asked, text=text)
    write_appeal(workspace.data, choice, asked, now=context.now())
    return to(workspace, "incidents", choice.incident.id)


def mark(request: WebRequest) -> Response:
    """Record what the author says happened: sent, answered, restored, or the case number that they got."""
    (workspace, choice), form = chosen_incident(request), form_of(request)
    what, case = form.get("what", ""), form.get("case", "").strip()
    events = author_events(
        sent=what == "sent",
        answered=what == "answered",
        restored=what == "restored",
        case=case or None,
        note=form.get("note", "").strip(),
    )
    if not events:
        raise UsageError("Nothing was chosen.", next_step="Choose what happened, or give the case number.")
    record_events(workspace.data, choice, events, now=context_of(request).now())
    return to(workspace, "incidents", choice.incident.id)


def download(request: WebRequest) -> Response:
    """Return one of the files that were written, to be saved."""
    workspace, choice = chosen_incident(request)
    name = request.path_params["name"]
    try:
        data = written_file(workspace.data, choice.incident, name)
    except OSError as error:
        raise HTTPException(404) from error
    media_type = written_files(workspace.data, choice.incident)[name]
    return Response(
        data, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def open_in_mail(request: WebRequest) -> Response:
    """Open the draft in the mail program of this machine; it is not sent."""
    workspace, choice = chosen_incident(request)
    if DRAFT not in written_files(workspace.data, choice.incident):
        raise UsageError("There is no draft yet.", next_step="Write the letter first.")
    if not open_file((workspace.data.appeal(choice.incident.id) / DRAFT).resolve()):
        raise UsageError(
            "No mail program could be started.",
            cause="This system has no program for .eml files, or no screen.",
            next_step="Download the draft and open it in your mail program yourself.",
        )
    return to(workspace, "incidents", choice.incident.id)
