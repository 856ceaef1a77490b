"""Beside the letter of an incident: which steps may be open and by when, a reply's items, what is not back.

Nothing is sent from here: letters are written to be read and sent by their author.
"""

from dataclasses import dataclass
from datetime import date
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import PlainTextResponse, Response

from selfcheck.appeal.author_input import appeal_request
from selfcheck.appeal.model import Choice
from selfcheck.appeal.restored import mark_done, restored_incidents
from selfcheck.appeal.rights.model import ChecklistItem, RightsDate, RightsStep, Situation
from selfcheck.appeal.rights.render_calendar import calendar_file
from selfcheck.appeal.rights.render_text import contact_words, date_sentences, ticked_items
from selfcheck.appeal.rights.service import (
    IncidentRights,
    checklist_items,
    incident_rights,
    named_step,
    step_letter_path,
    write_step,
)
from selfcheck.appeal.service import AppealRequest, record_events
from selfcheck.core.incident import EventKind
from selfcheck.errors import SelfcheckError, UsageError
from selfcheck.history.restoration import Restoration
from selfcheck.storage.files import read_plain
from selfcheck.web.access import form_of
from selfcheck.web.page import AppContext, Workspace, chosen_incident, context_of, to


@dataclass(frozen=True, kw_only=True)
class LadderStep:
    """A step that may be open, as the page shows it."""

    step: RightsStep
    dates: tuple[str, ...]
    to: str  # where its letter goes; "": that is not known
    letter: str  # as it was written; "": it was not


@dataclass(frozen=True, kw_only=True)
class ShownRights:
    """The author's rights as the incident's page shows them."""

    where: Situation
    dates: tuple[RightsDate, ...]  # the earliest first
    steps: tuple[LadderStep, ...]
    closed: tuple[RightsStep, ...]
    checklist: tuple[ChecklistItem, ...]
    ticked: frozenset[str]  # ids of its items


def shown_rights(context: AppContext, workspace: Workspace, choice: Choice) -> ShownRights | None:
    """Return the steps of an incident; None where its platform file is gone or the profiles file is wrong."""
    try:
        rights, _ = _rights(context, workspace, choice)
    except SelfcheckError:
        return None
    steps = [
        LadderStep(
            step=step,
            dates=tuple(line.strip() for line in date_sentences(step, rights.where)),
            to=contact_words(step.contact) if step.contact else "",
            letter=_letter(workspace, rights, step),
        )
        for step in rights.steps
        if step.may_be_open
    ]
    return ShownRights(
        where=rights.where,
        dates=rights.dates,
        steps=tuple(steps),
        closed=tuple(step for step in rights.steps if not step.may_be_open),
        checklist=checklist_items(),
        ticked=ticked_items(choice.incident),
    )


def restoration_of(workspace: Workspace, choice: Choice) -> Restoration | None:
    """Return what came back of the incident; None while it goes on, or where a later one came."""
    if choice.likely or not choice.incident.over:
        return None
    try:
        found = restored_incidents(workspace.data, choice.incident.id)
    except SelfcheckError:
        return None
    return next((one for one in found if one.incident.id == choice.incident.id), None)


def _rights(
    context: AppContext, workspace: Workspace, choice: Choice
) -> tuple[IncidentRights, AppealRequest]:
    request = appeal_request(choice, workspace.profiles_file, None, None, context.hints)
    return incident_rights(workspace.data, choice, request, now=context.now()), request


def _letter(workspace: Workspace, rights: IncidentRights, step: RightsStep) -> str:
    path = step_letter_path(workspace.data, rights, step)
    try:
        return read_plain(path.parent, path.name).decode("utf-8", "replace")
    except OSError:
        return ""


def write_letter(request: WebRequest) -> Response:
    """Write the letter of a step; nothing is sent."""
    workspace, choice = chosen_incident(request)
    rights, asked = _rights(context_of(request), workspace, choice)
    write_step(workspace.data, rights, form_of(request).get("step", ""), asked)
    return to(workspace, "incidents", choice.incident.id)


def record(request: WebRequest) -> Response:
    """Record the day on which the platform told the author, or that the author took a step today."""
    (workspace, choice), form, context = chosen_incident(request), form_of(request), context_of(request)
    rights, asked = _rights(context, workspace, choice)
    if step := form.get("step", ""):
        named_step(rights, step)
        event = (EventKind.STEP, step)
    else:
        today = context.now().astimezone(ZoneInfo(asked.preferences.time_zone)).date()
        event = (EventKind.TOLD, _past_day(form.get("told", ""), today).isoformat())
    record_events(workspace.data, choice, [event], now=context.now())
    return to(workspace, "incidents", choice.incident.id)


def _past_day(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        raise UsageError("That is not a day.", next_step="Give it such as 2026-11-21.") from None
    if day > today:
        raise UsageError(f"{day} is in the future.", next_step="Give the day on which they told you.")
    return day


def tick(request: WebRequest) -> Response:
    """Record which items the author finds in the platform's reply."""
    (workspace, choice), form = chosen_incident(request), form_of(request)
    ticked = [item.id for item in checklist_items() if form.get(f"item-{item.id}") == "yes"]
    if ticked_items(choice.incident) != set(ticked):
        event = (EventKind.TICKED, ",".join(ticked))
        record_events(workspace.data, choice, [event], now=context_of(request).now())
    return to(workspace, "incidents", choice.incident.id)


def call_done(request: WebRequest) -> Response:
    """Record which things the author does not miss."""
    workspace, choice = chosen_incident(request)
    restored = restoration_of(workspace, choice)
    prefix = "item-"
    names = [name.removeprefix(prefix) for name in form_of(request) if name.startswith(prefix)]
    if restored is None or not names:
        raise UsageError("Nothing was chosen.", next_step="Tick what you do not miss.")
    mark_done(workspace.data, restored, names, now=context_of(request).now())
    return to(workspace, "incidents", choice.incident.id)


def calendar(request: WebRequest) -> Response:
    """Return the dates as a file that calendar programs take. Raises HTTPException 404."""
    (workspace, choice), context = chosen_incident(request), context_of(request)
    rights, asked = _rights(context, workspace, choice)
    if not rights.dates:
        raise HTTPException(404)
    data = calendar_file(
        rights.dates,
        incident=choice.incident.id,
        language=asked.preferences.appeal.language,
        now=context.now(),
    )
    disposition = {"Content-Disposition": 'attachment; filename="rights.ics"'}
    return Response(data, media_type="text/calendar", headers=disposition)


def step_text(request: WebRequest) -> Response:
    """Return a step's letter as it was written, to be saved. Raises HTTPException 404."""
    workspace, choice = chosen_incident(request)
    rights, _ = _rights(context_of(request), workspace, choice)
    name = request.path_params["step"]
    step = next((one for one in rights.steps if one.remedy.id == name), None)
    text = _letter(workspace, rights, step) if step else ""
    if step is None or not text:
        raise HTTPException(404)
    disposition = {"Content-Disposition": f'attachment; filename="rights-{step.remedy.id}.txt"'}
    return PlainTextResponse(text, headers=disposition)
