"""`selfcheck appeal`: write an appeal, open it, send it after you confirm, and record what came of it."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from random import SystemRandom
from zoneinfo import ZoneInfo

import click

from selfcheck.appeal.author_input import appeal_request, author_events
from selfcheck.appeal.model import Choice, WrittenAppeal
from selfcheck.appeal.render_letter import with_spam_filter
from selfcheck.appeal.render_text import sending_text, status_text, written_text
from selfcheck.appeal.restored import ALL, mark_done, missing_text, restored_incidents, restored_text
from selfcheck.appeal.rights.render_text import dates_text
from selfcheck.appeal.rights.service import incident_dates
from selfcheck.appeal.rules import warnings
from selfcheck.appeal.send import SendContext, check_sendable, save_password, saved_password, send_appeal
from selfcheck.appeal.service import choose, note_of, open_appeals, record_events, write_appeal
from selfcheck.cli.appeal_rights import checklist, rights
from selfcheck.cli.common import (
    DefaultCommand,
    DefaultGroup,
    data_option,
    gathered,
    pass_hints,
    profiles_option,
    show,
)
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.incident import EventKind
from selfcheck.errors import UsageError
from selfcheck.settings import Preferences, read_preferences
from selfcheck.settings.preferences import MailServer
from selfcheck.storage.child_process import open_file
from selfcheck.storage.data_folder import DataFolder

_DATA = data_option()
_PROFILES = profiles_option("The file whose `settings:` say who writes; it may be missing.")


@dataclass(frozen=True, kw_only=True)
class _WriteArguments:
    word: str | None
    note: str | None
    language: str | None
    spam_filter: bool
    opened: bool
    sent: bool
    yes: bool
    profiles_file: Path
    data: DataFolder


@click.command(cls=DefaultCommand)
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option("--note", metavar="TEXT", help="Your own paragraph; it is kept for the next time.")
@click.option("--language", metavar="CODE", help="The letter's language, such as en or de.")
@click.option(
    "--spam-filter",
    is_flag=True,
    help="Say in your paragraph that you believe that a spam filter made a mistake; only you can know.",
)
@click.option("--open", "opened", is_flag=True, help="Open the draft in your mail program.")
@click.option("--send", "sent", is_flag=True, help="Show what would be sent, ask, and send it by SMTP.")
@click.option("--yes", is_flag=True, help="Write it despite a warning. --send still asks.")
@_PROFILES
@_DATA
@pass_hints
@gathered(_WriteArguments)
def _write(hints: CommandHints, arguments: _WriteArguments) -> int:
    if arguments.opened and arguments.sent:
        raise click.UsageError("Choose one of --open and --send.")
    choice = choose(arguments.data, arguments.word)
    _warn(choice, arguments)
    note = arguments.note
    if note is None and sys.stdin.isatty():
        note = _ask_for_note(note_of(arguments.data, choice.incident))
    request = appeal_request(choice, arguments.profiles_file, note, arguments.language, hints)
    if arguments.spam_filter:
        before = note_of(arguments.data, choice.incident) if note is None else note
        language = request.language or request.preferences.appeal.language
        request = replace(request, note=with_spam_filter(before, language))
    appeal = write_appeal(arguments.data, choice, request, now=datetime.now(UTC))
    show("\n".join(written_text(appeal)))
    if arguments.opened:
        _open(appeal, hints)
    elif arguments.sent:
        _send(arguments.data, appeal, request.preferences)
        show(f"Open and overdue appeals: {hints.command('appeal', 'status')}")
    else:
        show("Nothing has been sent.")
    return 0


def _warn(choice: Choice, arguments: _WriteArguments) -> None:
    """Show the warnings; without --yes, end there."""
    texts = warnings(choice, sending=arguments.sent)
    if texts and not arguments.yes:
        raise UsageError(
            texts[0], cause=" ".join(texts[1:]), next_step="To write it all the same, add --yes."
        )
    for text in texts:
        show(f"Warning: {text}", err=True)


def _ask_for_note(before: str) -> str:
    """Ask for the author's own paragraph; an empty answer keeps the one that there is."""
    if before:
        show(f"Your paragraph so far: {before}")
    show("Your own paragraph, for the people who read it (what you write, why it is a mistake).")
    prompt = "Enter keeps it as it is" if before else "Enter leaves it out"
    note: str = click.prompt(prompt, default="", show_default=False)
    return note.strip() or before


# -- opening and sending -----------------------------------------------------------------------------------


def _open(appeal: WrittenAppeal, hints: CommandHints) -> None:
    """Open the drafts in the default mail program."""
    for draft in appeal.drafts:
        if not open_file(draft.path.resolve()):
            raise UsageError(
                f"No program could be started for {draft.path}.",
                cause="This system has no program for .eml files, or no screen.",
                next_step="Open the file in your mail program yourself, or copy it to another machine.",
            )
    show("Opened. Nothing has been sent; when you have sent it, record it:")
    show(f"  {hints.command('appeal', 'status', appeal.choice.incident.id, '--sent')}")


def _send(data: DataFolder, appeal: WrittenAppeal, preferences: Preferences) -> None:
    server = check_sendable(preferences.appeal, appeal.drafts[0])
    mails = [(draft.envelope, draft.attachments) for draft in appeal.drafts]
    show(f"\n{sending_text(mails, server=server.label)}")
    _confirm()
    context = SendContext(
        server=server,
        password=_password(server),
        now=lambda: datetime.now(UTC),
        zone=ZoneInfo(preferences.time_zone),
        random_bits=SystemRandom().getrandbits,
    )
    for mail in send_appeal(data, appeal.choice, appeal.drafts, context):
        show(f"Sent at {mail.at:%Y-%m-%d %H:%M:%S} UTC as {mail.message_id}. The copy is {mail.copy}.")
        for refused in mail.refused:
            show(f"Warning: the server refused {refused}.", err=True)


def _confirm() -> None:
    """Ask whether to send; anything but a yes ends it, also without a terminal."""
    try:
        agreed = click.confirm("Send it now?", default=False)
    except click.Abort:
        show("\nNot sent; the draft is kept.")
        raise
    if not agreed:
        show("Not sent; the draft is kept.")
        raise click.exceptions.Exit(0)


def _password(server: MailServer) -> str | None:
    """Return the password from the environment or the keyring, else what the author types, once."""
    password = saved_password(server)
    if password is not None or server.user is None or not sys.stdin.isatty():
        return password
    typed: str = click.prompt(f"Password of {server.user} at {server.host}", hide_input=True)
    save = click.confirm("Save it in this machine's keyring?", default=False)
    if save and not save_password(server, typed):
        show("This machine has no keyring that takes it; it is used this once.", err=True)
    return typed


@click.group("appeal", cls=DefaultGroup, default=_write)
def command() -> None:
    """Write an appeal: a mail ready to send, a text for web forms, the evidence, and the next steps.

    PROFILE takes its open incident, INCIDENT the one that is named; with neither, the only one that is open.
    Nothing is sent unless you confirm it: --send shows everything and asks. An appeal for what is only
    likely, or is over, needs --yes.
    """


# -- appeal status -----------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class _StatusArguments:
    word: str | None
    sent: bool
    answered: bool
    case_number: str | None
    restored: bool
    note: str | None
    profiles_file: Path
    data: DataFolder

    def events(self) -> list[tuple[EventKind, str]]:
        """Return what the author records, in the order in which it happens."""
        note, case = (self.note or "").strip(), (self.case_number or "").strip()
        if self.case_number is not None and not case:
            raise click.UsageError("--case needs the number that they gave it.")
        if self.note is not None and not (self.sent or self.answered or self.restored):
            raise click.UsageError(
                "--note goes with --sent, --answered or --restored; `history note` notes anything else."
            )
        return author_events(
            sent=self.sent,
            answered=self.answered,
            restored=self.restored,
            case=None if self.case_number is None else case,
            note=note,
        )


@command.command("status")
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option("--sent", is_flag=True, help="You sent the appeal yourself: by mail program or form.")
@click.option("--answered", is_flag=True, help="They answered; --note keeps their words.")
@click.option("--case", "case_number", metavar="NUMBER", help="The case number that they gave you.")
@click.option("--restored", is_flag=True, help="It is back.")
@click.option("--note", metavar="TEXT", help="With one of the others: words to keep with it.")
@_PROFILES
@_DATA
@pass_hints
@gathered(_StatusArguments)
def status(hints: CommandHints, arguments: _StatusArguments) -> int:
    """Show which incidents are open, since when and when to ask again; or record what happened to one.

    What you record is kept with the incident, and quoted in the appeal if there is a next time.
    """
    preferences, now = read_preferences(arguments.profiles_file), datetime.now(UTC)
    if events := arguments.events():
        incident = record_events(
            arguments.data,
            choose(arguments.data, arguments.word),
            events,
            now=now,
        )
        case = f", case {incident.case_number}" if incident.case_number else ""
        show(f"Recorded for {incident.id}: {incident.state.value}{case}.")
        return 0
    appeals = open_appeals(arguments.data, arguments.word, preferences)
    text = status_text(appeals, zone=ZoneInfo(preferences.time_zone), now=now, hints=hints)
    show(text.removesuffix("\n"))
    for appeal in appeals:
        dates = incident_dates(arguments.data, appeal.incident, preferences, now=now)
        for line in dates_text(dates, appeal.incident, hints):
            show(line)
    missing = missing_text(restored_incidents(arguments.data, None), hints) if arguments.word is None else ""
    if missing:
        show(missing.removesuffix("\n"))
    return 0


# -- appeal restored ---------------------------------------------------------------------------------------


@command.command("restored")
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option(
    "--done", multiple=True, metavar="ITEM", help=f"You do not miss this item; `{ALL}`: none of them."
)
@_DATA
@pass_hints
def restored(hints: CommandHints, *, word: str | None, done: tuple[str, ...], data: DataFolder) -> int:
    """Show what is not back of an incident that is over, compared with the last good run before it.

    Compared are pages, public lists and feed, followers, marks of members-only pages, search engines and a
    custom domain. An item stays on the list, and in report, status and the alert of the recovery, until a
    run sees it back or you call it done.
    """
    restorations = restored_incidents(data, word)
    if done:
        if len(restorations) != 1:
            raise UsageError(
                "--done needs one incident.",
                cause=f"{len(restorations)} are over." if restorations else "None is over.",
                next_step="Name the profile or the incident.",
            )
        marked = mark_done(data, restorations[0], done, now=datetime.now(UTC))
        show(f"Called done: {', '.join(marked) or 'nothing new'}.")
        restorations = restored_incidents(data, restorations[0].incident.id)
    show(restored_text(restorations, hints).removesuffix("\n"))
    return 0


command.add_command(rights)
command.add_command(checklist)
