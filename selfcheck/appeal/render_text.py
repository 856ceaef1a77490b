"""What the author is told about an appeal: the next steps, what is open, and what is about to be sent.

Laws:
1. How long a platform takes to answer is told as others report it, never as a promise.
2. Nothing here says that a thing was sent unless it was.
"""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta, tzinfo

from selfcheck.appeal.model import EVIDENCE_ZIP, Attachment, Envelope, FormText, OpenAppeal, WrittenAppeal
from selfcheck.core.cli_hints import CommandHints, wrapped
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import days_ago, plural
from selfcheck.evidence.disclosure import platform_name

_WIDTH = 78
_KILO = 1000
_MOST_NOTES = 2
_IF_RECEIVED = (
    "If it opens as a received mail: in Apple Mail, Message > Send Again; in Thunderbird, Message > Edit As"
    " New Message."
)


def _of(incident: Incident, platform: str) -> str:
    return f"{incident.id}: {one_line(incident.handle)} on {platform}"


# -- appeal status -----------------------------------------------------------------------------------------


def status_text(appeals: Sequence[OpenAppeal], *, zone: tzinfo, now: datetime, hints: CommandHints) -> str:
    """Return which incidents are open, since when, and whether to ask again."""
    if not appeals:
        return "No incident is open.\n"
    return "\n\n".join("\n".join(_status(appeal, zone, now, hints)) for appeal in appeals) + "\n"


def _status(appeal: OpenAppeal, zone: tzinfo, now: datetime, hints: CommandHints) -> Iterator[str]:
    incident = appeal.incident
    since = incident.first_bad_at.astimezone(zone)
    case = f", case {one_line(incident.case_number)}" if incident.case_number else ""
    yield _of(incident, appeal.title or platform_name(incident.platform))
    yield f"  {incident.verdict.value} since {since:%Y-%m-%d %H:%M} ({days_ago(since, now)}){case}"
    if incident.over:
        over = f" on {incident.over_at.astimezone(zone):%Y-%m-%d}" if incident.over_at else ""
        yield f"  Over: {incident.state.value}{over}."
        return
    if appeal.contact is None:
        yield f"  No appeal yet: {hints.command('appeal', incident.id)}"
        return
    answered = incident.state is IncidentState.ANSWERED
    what = "Answered" if answered else "Appealed"
    rest = "the profile is not back yet" if answered else "no answer yet"
    at = appeal.contact.astimezone(zone)
    yield f"  {what} on {at:%Y-%m-%d} ({days_ago(at, now)}); {rest}."
    if appeal.due(now.astimezone(zone).date()):
        yield f"  Follow-up due since {appeal.follow_up}: ask again, and quote the first mail."
    else:
        yield f"  Follow up on {appeal.follow_up} if there is no answer by then."


# -- what was written --------------------------------------------------------------------------------------


def written_text(appeal: WrittenAppeal) -> Iterator[str]:
    """Yield the lines that say what lies in the appeal's folder."""
    envelope = appeal.drafts[0].envelope
    yield f"The appeal for {appeal.choice.incident.id} is in {appeal.folder}:"
    to = ", ".join(envelope.to) or "(no address is known)"
    for draft in appeal.drafts:
        yield f"  {draft.path.name:<16} the draft of a mail to {to}: {draft.envelope.subject}"
    yield f"  {'appeal.txt':<16} for a web form: {_length(appeal.form)}"
    zip_ = appeal.evidence
    yield f"  {EVIDENCE_ZIP:<16} {plural(len(zip_.names), 'file')}, {file_size(zip_.size)}"
    yield f"  {'next-steps.txt':<16} where to send it, what they ask for, when to ask again"
    if envelope.sender is None:
        yield "To fill in the sender, set `from:` in the section `appeal` of `settings:`."
    yield from (f"Note: {note}" for note in zip_.notes[:_MOST_NOTES])
    if more := zip_.notes[_MOST_NOTES:]:
        yield f"Note: next-steps.txt lists {len(more)} more like it."


def _length(form: FormText) -> str:
    if form.limit is None:
        return f"{form.length} characters; the form's limit is not known"
    if form.over:
        return f"{form.length} characters, {form.over} more than the form's limit of {form.limit}"
    return f"{form.length} of at most {form.limit} characters{', shortened to fit' if form.shortened else ''}"


NOT_FOR_THE_FORM = "-------- not for the form: --------"


def appeal_txt(form: FormText) -> str:
    """Return the text for a web form, and below a line that is not meant for it how long it is."""
    return f"{form.text}\n{NOT_FOR_THE_FORM}\n" + "\n".join(_form_notes(form)) + "\n"


def _form_notes(form: FormText) -> Iterator[str]:
    yield f"{_length(form)}."
    if form.over:
        yield "Shorten it by hand before you paste it."
    if form.shortened:
        yield f"To fit, it was shortened: {'; '.join(form.shortened)}."


# -- next-steps.txt ----------------------------------------------------------------------------------------


def next_steps(appeal: WrittenAppeal, *, today: date, hints: CommandHints) -> str:
    """Return next-steps.txt: a numbered list in which every command can be copied as a whole line."""
    incident, route = appeal.choice.incident, appeal.route
    steps = (
        ["Read the letter and change what you like. Nothing has been sent."],
        list(_send(appeal, hints)),
        list(_report_back(incident, hints)),
        list(_wait(appeal, today, hints)),
    )
    commands = f"{hints.program} "
    lines = [f"Next steps for {_of(incident, route.title)}", ""]
    for number, (head, *rest) in enumerate(steps, 1):
        lines += [_wrapped(f"{number}. {head}", 3)]
        for line in rest:
            command = line.lstrip().startswith(commands)
            lines.append(f"     {line.lstrip()}" if command else _wrapped(f"   {line}", 5))
        lines += [""]
    if appeal.notes:
        lines += ["About the evidence:", *(_wrapped(f"- {note}", 2) for note in appeal.notes), ""]
    if route.appeal.source:
        lines += [_wrapped(f"Source: {one_line(route.appeal.source)}"), ""]
    return "\n".join(lines)


def _wrapped(line: str, indent: int = 0) -> str:
    return "\n".join(wrapped(line, _WIDTH, indent=" " * indent))


def _send(appeal: WrittenAppeal, hints: CommandHints) -> Iterator[str]:
    route, to, mails = appeal.route, appeal.drafts[0].envelope.to, len(appeal.drafts)
    incident = appeal.choice.incident.id
    yield "Send it once, by the form or by mail:" if route.form and to else "Send it once:"
    if route.form:
        files = ", ".join((*(picture.name for picture in appeal.pictures), EVIDENCE_ZIP))
        yield f"- Form: {route.form}"
        yield f"  Paste appeal.txt. {' '.join(_form_notes(appeal.form))}"
        if route.appeal.asks_for:
            yield f"  It asks for: {'; '.join(map(one_line, route.appeal.asks_for))}."
        yield f"  If you can attach files: {files}."
    if to:
        more = f", and appeal-2.eml to appeal-{mails}.eml with further pictures" if mails > 1 else ""
        yield f"- Mail: appeal.eml, to {', '.join(to)}{more}."
        yield "  Open it in your mail program, or send it from here after you confirm:"
        yield f"  {hints.command('appeal', incident, '--open')}"
        yield f"  {hints.command('appeal', incident, '--send')}"
        yield f"  {_IF_RECEIVED}"
        if others := route.appeal.mail[1:]:
            yield f"  Other known addresses: {', '.join(others)}."
    if not route.form and not to:
        yield f"- It is not known where {route.title} takes appeals; its help pages may say. Use appeal.txt."


def _report_back(incident: Incident, hints: CommandHints) -> Iterator[str]:
    status = ("appeal", "status", incident.id)
    yield "Record what happens; it is quoted in the appeal if there is a next time:"
    yield "- You sent it yourself:"
    yield f"  {hints.command(*status, '--sent')}"
    yield "- They gave you a case number:"
    yield f"  {hints.command(*status, '--case', 'NUMBER')}"
    yield "- They answered:"
    yield f"  {hints.command(*status, '--answered', '--note', 'THEIR WORDS')}"
    yield "- It is back (the first command checks that, the second records it without a check):"
    yield f"  {hints.command('run', incident.profile)}"
    yield f"  {hints.command(*status, '--restored')}"


def _wait(appeal: WrittenAppeal, today: date, hints: CommandHints) -> Iterator[str]:
    days, answers_in = appeal.route.follow_up_days, appeal.route.appeal.answers_in
    yield "Wait, and do not send a second appeal before that."
    if answers_in:
        yield f"Time to an answer, as others report it: {one_line(answers_in)}"
    else:
        yield "How long an answer takes is not known."
    due = today + timedelta(days=days)
    yield f"Without an answer, ask again after {plural(days, 'day')}: on {due}, if you send it today."
    yield "To see open and overdue appeals:"
    yield hints.command("appeal", "status")
    yield "Other steps that may be open to you, some with a date (not legal advice):"
    yield hints.command("appeal", "rights", appeal.choice.incident.id)


# -- before it is sent -------------------------------------------------------------------------------------


def sending_text(mails: Sequence[tuple[Envelope, Sequence[Attachment]]], *, server: str) -> str:
    """Return what is about to be sent: to whom, about what, with which files."""
    lines = [line for envelope, attachments in mails for line in _about(envelope, attachments)]
    return "\n".join((*lines, f"  Through:     {server}\n"))


def _about(envelope: Envelope, attachments: Sequence[Attachment]) -> Iterator[str]:
    yield f"  From:        {envelope.sender}"
    if envelope.reply_to:
        yield f"  Reply-To:    {envelope.reply_to}"
    yield f"  To:          {', '.join(envelope.to)}"
    yield f"  Subject:     {envelope.subject}"
    for number, file in enumerate(attachments):
        yield f"  {'' if number else 'Attachments:':<12} {file.name} ({file_size(len(file.data))})"


def file_size(amount: int) -> str:
    """Return a file's size in words: `70 kB`."""
    if amount < _KILO:
        return plural(amount, "byte")
    return f"{amount / _KILO:.0f} kB" if amount < _KILO**2 else f"{amount / _KILO**2:.1f} MB"
