"""What the author reads about their rights: the steps, a step's letter as a file, the checklist. Pure.

Laws:
1. Everything says that it is not legal advice, and where it comes from.
2. A step "may be open", and an item of a reply is "ticked" or "not ticked": no text here judges a platform.
"""

from collections.abc import Iterator, Sequence

from selfcheck.appeal.model import FormText
from selfcheck.appeal.rights.model import ChecklistItem, RightsDate, RightsStep, Situation
from selfcheck.core.cli_hints import CommandHints, fit
from selfcheck.core.incident import EventKind, Incident
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import listed
from selfcheck.platforms.schema import Contact

NO_ADVICE = (
    "This is not legal advice, and no lawyer has checked it. It says what may be open; other dates, such as"
    " those of courts, run on beside these."
)
_WIDTH = 90


def rights_text(
    incident: Incident,
    where: Situation,
    steps: Sequence[RightsStep],
    hints: CommandHints,
    *,
    details: bool = False,
) -> str:
    """Return all steps of an incident: what may be open, by when, at what cost, and what is not and why."""
    blocks = [[f"Steps that may be open to you for {incident.id}, the shortest deadline first.", NO_ADVICE]]
    blocks.append([_author(where)])
    blocks += [
        [*_step(step, where), *(_details(step, where) if details else ()), *_commands(step, incident, hints)]
        for step in steps
        if step.may_be_open
    ]
    if closed := [step for step in steps if not step.may_be_open]:
        blocks.append(["Not open, as far as is known:", *map(_closed, closed)])
    if where.told is None:
        told = hints.command("appeal", "rights", incident.id, "--told", "YYYY-MM-DD")
        blocks.append([f"Did the platform tell you of its decision? Record the day: {told}"])
    if not details:
        more = hints.command("appeal", "rights", incident.id, "--details")
        blocks.append([f"Whom each binds, what a letter has to hold, bodies and all sources: {more}"])
    return "\n\n".join("\n".join(fit(line, _WIDTH) for line in block) for block in blocks) + "\n"


def _author(where: Situation) -> str:
    if where.country and where.acts_as:
        return f"You: {where.country}, {where.acts_as}."
    missing = [
        name for name, value in (("country", where.country), ("acts_as", where.acts_as)) if value is None
    ]
    return (
        f"Not set: {listed(missing)}, so what holds for either is shown. To set it, write"
        " `author: {country: DE, acts_as: consumer}` (or business) below `settings:` in profiles.yaml, or use"
        " --country and --as."
    )


def _step(step: RightsStep, where: Situation) -> Iterator[str]:
    remedy, law = step.remedy, step.law
    article = f"article {remedy.article}" if remedy.article[0].isdigit() else remedy.article
    yield f"{remedy.id}: {remedy.title.en} ({law.name}, {article})"
    if step.only_if:
        yield f"  Only if {listed(condition.en for condition in step.only_if)}."
    yield f"  {remedy.gives}"
    yield from (f"  {line}" for line in date_sentences(step, where))
    yield f"  Cost: {remedy.cost}."
    yield f"  Not for: {' '.join(remedy.not_for)}"
    yield from (f"  {reason}" for reason in step.reasons)
    yield f"  Source: {remedy.sources[0].url}, checked {law.checked}."


def _details(step: RightsStep, where: Situation) -> Iterator[str]:
    remedy, law = step.remedy, step.law
    yield f"  Binds: {remedy.binds}"
    if remedy.must_hold:
        yield f"  It has to hold: {'; '.join(remedy.must_hold)}."
    for body in remedy.bodies:
        note = f"; languages: {body.languages}; cost: {body.cost}"
        yield f"  - {body.name} ({body.country}): {body.covers}{note}"
    for country, authority in sorted(remedy.authorities.items()):
        if where.country in {None, country}:
            yield f"  - {country}: {authority.name}{f', {authority.address}' if authority.address else ''}"
    if remedy.authorities and where.country and where.country not in remedy.authorities:
        yield f"  - {where.country}: its coordinator was not seen in a source; the Commission lists them all."
    sources = "; ".join(
        f"{source.url} (words of: {source.words}, read {source.read})" for source in remedy.sources
    )
    yield f"  Sources: {sources}. They hold here until {law.stale_after.after(law.checked)}."


def _commands(step: RightsStep, incident: Incident, hints: CommandHints) -> Iterator[str]:
    name = step.remedy.id
    if step.contact is not None:
        yield f"  To: {contact_words(step.contact)}"
    if step.has_letter:
        yield f"  Letter: {hints.command('appeal', 'rights', incident.id, '--step', name)}"
    if not step.sent:
        yield f"  Once you have taken it: {hints.command('appeal', 'rights', incident.id, '--sent', name)}"


def date_sentences(step: RightsStep, where: Situation) -> Iterator[str]:
    """Yield by when a step has to be taken or answered, and how each reading of a deadline counts."""
    clock = step.remedy.clock
    if step.sent is not None:
        yield f"You took this step on {step.sent}."
    if step.answer_due is not None and (due := step.remedy.answer_due) is not None:
        yield f"An answer is due by {step.answer_due}{f' ({due.note})' if due.note else ''}."
    if clock is None:
        yield "No deadline of yours was seen in its source."
        return
    if step.keep is not None:
        over = step.keep < where.today
        kept = "By the earliest reading it ended on" if over else "Keep this date:"
        yield f"{kept} {step.keep} ({clock.within}). {clock.note}".rstrip()
    for reading in step.readings:
        begins = f", {reading.start}: until {reading.end}" if reading.start else ""
        yield f"  Counted from {reading.since}{begins}."


def _closed(step: RightsStep) -> str:
    return f"- {step.remedy.id}: {step.remedy.title.en}. {' '.join(step.reasons)}"


def contact_words(contact: Contact) -> str:
    """Return where a letter goes, in which languages, and on whose word."""
    places = " or ".join(filter(None, (contact.form, contact.mail)))
    languages = f"; answers in {', '.join(contact.languages)}" if contact.languages else ""
    return f"{places}{languages} ({one_line(contact.source)})"


def step_file(step: RightsStep, form: FormText, *, subject: str, language: str) -> str:
    """Return a step's letter, and below a line that is not part of it where it goes and what to know."""
    assert step.contact is not None
    limit = f" of at most {form.limit}" if form.limit else "; the form's limit is not known"
    lines = [
        f"To: {contact_words(step.contact)}",
        f"Subject: {subject}",
        f"{form.length}{limit} characters.",
    ]
    if step.contact.languages and language not in step.contact.languages:
        lines.append(f"They say that they answer in {', '.join(step.contact.languages)}; --language sets it.")
    if form.over:
        lines.append("Shorten it by hand before you paste it.")
    if form.shortened:
        lines.append(f"To fit, it was shortened: {'; '.join(form.shortened)}.")
    lines += [
        "The screenshots and evidence.zip of `selfcheck appeal` belong to it where files can be attached.",
        "Read it and change what you like. Send it once; the same text again and again does not help.",
        NO_ADVICE,
    ]
    return f"{form.text}\n-------- not part of the letter: --------\n" + "\n".join(lines) + "\n"


def dates_text(dates: Sequence[RightsDate], incident: Incident, hints: CommandHints) -> Iterator[str]:
    """Yield the dates of an incident as `status` shows them; nothing where there is none."""
    if dates:
        yield f"{incident.id}: dates that may run (not legal advice):"
        yield from (f"  {each.words('en')}" for each in dates)
        yield f"  {hints.command('appeal', 'rights', incident.id)}"


def checklist_text(items: Sequence[ChecklistItem], incident: Incident, hints: CommandHints) -> str:
    """Return the platform's last reply beside what Article 17 asks of one, and what the author ticked."""
    replies = [event for event in incident.events if event.kind is EventKind.ANSWERED and event.text]
    ticked = ticked_items(incident)
    status = hints.command("appeal", "status", incident.id, "--answered", "--note", "THEIR WORDS")
    reply = f"“{one_line(replies[-1].text)}”" if replies else f"none is recorded. To record it: `{status}`"
    lines = [f"Their reply: {reply}", "", "What Article 17 of the Digital Services Act asks of a statement:"]
    for item in items:
        mark = "ticked" if item.id in ticked else "item not ticked"
        lines.append(f"  [{'x' if item.id in ticked else ' '}] {item.id} ({item.article}): {item.question}")
        lines.append(f"      {mark}")
    tick = hints.command("appeal", "checklist", incident.id, "--tick", "ITEM")
    lines += ["", f"Tick what you find in it: `{tick}` (or --untick).", "", _LIMITS]
    return "\n".join(fit(line, _WIDTH) for line in lines) + "\n"


_LIMITS = (
    "Several items are owed only where they apply, so one that is not ticked says nothing about the law. The"
    f" article is not for every restriction and every service. {NO_ADVICE}"
)


def ticked_items(incident: Incident) -> frozenset[str]:
    """Return what the author last ticked."""
    latest = next((event.text for event in reversed(incident.events) if event.kind is EventKind.TICKED), "")
    return frozenset(filter(None, latest.split(",")))
