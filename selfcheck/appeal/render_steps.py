"""What the author is told about an appeal: the next steps, what waits, and what is about to be sent.

Laws:
1. Times that a platform takes to answer are told as what others report, never as a promise.
2. Nothing here says that a thing was sent unless it was.
"""

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from selfcheck.appeal.model import Attachment, Envelope, FormText
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.incident import EventKind, Incident, IncidentState
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import days_ago
from selfcheck.evidence.extract import platform_name
from selfcheck.platforms.schema import Appeal

USUAL_FOLLOW_UP_DAYS = 7
_CONTACT = frozenset({EventKind.APPEALED, EventKind.ANSWERED})  # a reminder was to the author
_WIDTH = 78
_KILO = 1000
_IF_RECEIVED = (
    "If it opens as a mail that was received: in Apple Mail, Message > Send Again; in Thunderbird, Message >"
    " Edit As New Message."
)


@dataclass(frozen=True, kw_only=True)
class Route:
    """Where an appeal goes."""

    title: str  # the platform's name as people write it
    form: str  # its address; "": there is none
    appeal: Appeal
    follow_up_days: int


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """An incident that is not over, and what it waits for."""

    incident: Incident
    contact: datetime | None  # the last appeal or answer; None: no appeal yet
    follow_up: date | None  # when to ask again, by the author's days; None: no appeal yet

    def due(self, today: date) -> bool:
        """Return whether it is time to ask again."""
        return self.follow_up is not None and self.follow_up <= today


def waiting(incident: Incident, *, follow_up_days: int, zone: tzinfo) -> Waiting:
    """Return what the incident waits for."""
    contacts = [event.at for event in incident.events if event.kind in _CONTACT]
    last = max(contacts, default=None)
    due = (last.astimezone(zone) + timedelta(days=follow_up_days)).date() if last else None
    return Waiting(incident=incident, contact=last, follow_up=due)


def status_text(every: Sequence[Waiting], *, zone: tzinfo, now: datetime, hints: CommandHints) -> str:
    """Return which incidents wait, since when, and whether to ask again."""
    if not every:
        return "No incident waits: none is open, appealed or answered.\n"
    blocks = ("\n".join(_status(one, zone, now, hints)) for one in every)
    return "\n\n".join(blocks) + "\n"


def _status(one: Waiting, zone: tzinfo, now: datetime, hints: CommandHints) -> Iterator[str]:
    incident = one.incident
    since = incident.first_bad_at.astimezone(zone)
    case = f", case {one_line(incident.case_number)}" if incident.case_number else ""
    yield f"{incident.id}: {_handle(incident)} on {platform_name(incident.platform)}"
    yield f"  {incident.verdict.value} since {since:%Y-%m-%d %H:%M} ({days_ago(since, now)}){case}"
    if incident.over:
        over = f" on {incident.over_at.astimezone(zone):%Y-%m-%d}" if incident.over_at else ""
        yield f"  Over: {incident.state.value}{over}."
        return
    if one.contact is None or one.follow_up is None:
        yield f"  No appeal yet: {hints.command('appeal', incident.id)}"
        return
    answered = incident.state is IncidentState.ANSWERED
    what = "Answered" if answered else "Appealed"
    rest = "the profile is not back yet" if answered else "no answer yet"
    at = one.contact.astimezone(zone)
    yield f"  {what} on {at:%Y-%m-%d} ({days_ago(at, now)}); {rest}."
    today = now.astimezone(zone).date()
    if one.due(today):
        yield f"  Follow-up is due since {one.follow_up}: ask again, and quote the first mail."
    else:
        yield f"  Follow up on {one.follow_up}, if nothing comes before."


def _handle(incident: Incident) -> str:
    handle = one_line(incident.handle)
    return handle if handle.startswith("@") else f"@{handle}"


# -- files -------------------------------------------------------------------------------------------------


def appeal_txt(form: FormText) -> str:
    """Return the text for a web form, and below a line that is not meant for it how long it is."""
    return f"{form.text}\n-------- not for the form: --------\n" + "\n".join(_count(form)) + "\n"


def _count(form: FormText) -> Iterator[str]:
    if form.limit is None:
        yield f"{form.length} characters. How many the form takes is not known."
        return
    if form.over:
        yield f"{form.length} characters: {form.over} more than the {form.limit} that the form takes."
        yield "Leave something out by hand before you paste it."
    else:
        yield f"{form.length} characters; the form takes {form.limit}."
    if form.shortened:
        yield f"To fit, it was shortened: {'; '.join(form.shortened)}."


def next_steps(
    incident: Incident,
    route: Route,
    form: FormText,
    envelope: Envelope,
    *,
    files: Sequence[str],
    mails: int,
    today: date,
    notes: Sequence[str] = (),
    hints: CommandHints,
) -> str:
    """Return next-steps.txt; `files` are the pictures and the zip, `mails` how many drafts there are."""
    steps = (
        ["Read the letter, and change what you like. It is yours; nothing has been sent."],
        list(_send(incident, route, form, envelope, files=files, mails=mails, hints=hints)),
        list(_tell(incident, hints)),
        list(_wait(route, today, hints)),
    )
    lines = [f"Next steps for {incident.id}: {_handle(incident)} on {route.title}", ""]
    for number, step in enumerate(steps, 1):
        lines += [_fill(f"{number}. {step[0]}", 3), *(_fill(f"   {line}", 5, hints) for line in step[1:]), ""]
    if notes:
        lines += ["What you should know of the evidence:", *(_fill(f"- {note}", 2) for note in notes), ""]
    if route.appeal.source:
        lines += [_fill(f"Where this comes from: {one_line(route.appeal.source)}"), ""]
    return "\n".join(lines)


def _send(
    incident: Incident,
    route: Route,
    form: FormText,
    envelope: Envelope,
    *,
    files: Sequence[str],
    mails: int,
    hints: CommandHints,
) -> Iterator[str]:
    both = bool(route.form and envelope.to)
    yield "Send it once, by the form or by mail:" if both else "Send it once:"
    if route.form:
        yield f"- Form: {route.form}"
        yield f"  Paste appeal.txt. {' '.join(_count(form))}"
        if route.appeal.asks_for:
            yield f"  It asks for: {'; '.join(one_line(one) for one in route.appeal.asks_for)}."
        yield f"  Attach, where it lets you: {', '.join(files)}."
    if envelope.to:
        yield f"- Mail: appeal.eml, to {', '.join(envelope.to)}{_and_more(mails)}."
        yield "  Open it in your mail program, or send it from here after a yes:"
        yield f"  {hints.command('appeal', incident.id, '--open')}"
        yield f"  {hints.command('appeal', incident.id, '--send')}"
        yield f"  {_IF_RECEIVED}"
        if others := route.appeal.mail[1:]:
            yield f"  Other addresses that are known: {', '.join(others)}."
    if not route.form and not envelope.to:
        yield f"- Where {route.title} takes appeals is not known; its help may say. appeal.txt is the text."


def _and_more(mails: int) -> str:
    return f", and appeal-2.eml to appeal-{mails}.eml with further pictures" if mails > 1 else ""


def _tell(incident: Incident, hints: CommandHints) -> Iterator[str]:
    status = ("appeal", "status", incident.id)
    yield "Say what happened, so that it is remembered and can be quoted if there is a next time:"
    yield "- You sent it yourself:"
    yield f"  {hints.command(*status, '--sent')}"
    yield "- They gave it a number:"
    yield f"  {hints.command(*status, '--case', 'NUMBER')}"
    yield "- They answered:"
    yield f"  {hints.command(*status, '--answered', '--note', 'THEIR WORDS')}"
    yield "- It is back; the first of these finds that out, the second says so:"
    yield f"  {hints.command('run', incident.profile)}"
    yield f"  {hints.command(*status, '--restored')}"


def _wait(route: Route, today: date, hints: CommandHints) -> Iterator[str]:
    yield "Wait, and do not send a second appeal before."
    if route.appeal.answers_in:
        yield f"Time to an answer, as others report it: {one_line(route.appeal.answers_in)}"
    else:
        yield "How long an answer takes is not known."
    due = today + timedelta(days=route.follow_up_days)
    yield f"Without an answer, ask again after {route.follow_up_days} days; sent today, that is {due}."
    yield "What waits, and what is due:"
    yield hints.command("appeal", "status")


def _fill(line: str, indent: int = 0, hints: CommandHints = USUAL_HINTS) -> str:
    """Return the line in several where it is long; a command stays whole, so that it can be copied."""
    if line.lstrip().startswith(f"{hints.program} "):
        return line
    return textwrap.fill(
        line,
        _WIDTH,
        subsequent_indent=" " * indent,
        break_long_words=False,
        break_on_hyphens=False,
    )


# -- before it is sent -------------------------------------------------------------------------------------


def sending_text(envelopes: Sequence[tuple[Envelope, Sequence[Attachment]]], *, server: str) -> str:
    """Return what is about to be sent: to whom, about what, with which files."""
    return "\n".join(line for one in envelopes for line in _about(*one)) + f"\n  Through:     {server}\n"


def _about(envelope: Envelope, attachments: Sequence[Attachment]) -> Iterator[str]:
    yield f"  From:        {envelope.sender}"
    if envelope.reply_to:
        yield f"  Reply-To:    {envelope.reply_to}"
    yield f"  To:          {', '.join(envelope.to)}"
    yield f"  Subject:     {envelope.subject}"
    for number, one in enumerate(attachments):
        yield f"  {'Attachments:' if number == 0 else '':<12} {one.name} ({size(len(one.data))})"


def size(amount: int) -> str:
    """Return a file's size in words."""
    if amount < _KILO:
        return f"{amount} bytes"
    return f"{amount / _KILO:.0f} kB" if amount < _KILO**2 else f"{amount / _KILO**2:.1f} MB"
