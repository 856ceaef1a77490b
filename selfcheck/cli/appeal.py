"""`selfcheck appeal`: write an appeal, open it, send it after a yes, and remember what came of it."""

import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import click

from selfcheck.cli.common import DefaultCommand, DefaultGroup, data_option, pass_hints, profiles_option
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.incident import EventKind
from selfcheck.errors import UsageError

if TYPE_CHECKING:
    from selfcheck.appeal.render_steps import Waiting
    from selfcheck.appeal.rules import Choice
    from selfcheck.appeal.service import Wish, WrittenAppeal
    from selfcheck.core.incident import Incident
    from selfcheck.settings.preferences import MailServer, Preferences

_MOST_NOTES = 2
_A_MOMENT = 2.0  # seconds
_DATA = data_option()
_PROFILES = profiles_option("The file whose `settings:` say who writes; it may be missing.")


@click.command(cls=DefaultCommand)
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option("--note", metavar="TEXT", help="Your own paragraph; it is kept for the next time.")
@click.option("--language", metavar="CODE", help="The letter's language, such as en or de.")
@click.option("--open", "opened", is_flag=True, help="Open the draft in your mail program.")
@click.option("--send", "sent", is_flag=True, help="Show what would be sent, ask, and send it by SMTP.")
@click.option("--yes", is_flag=True, help="Write it in spite of a warning. --send asks all the same.")
@_PROFILES
@_DATA
@pass_hints
def _write(
    hints: CommandHints,
    *,
    word: str | None,
    note: str | None,
    language: str | None,
    opened: bool,
    sent: bool,
    yes: bool,
    profiles_file: Path,
    data_dir: Path,
) -> int:
    from selfcheck.appeal.service import choose, note_of, write_appeal

    if opened and sent:
        raise click.UsageError("--open and --send are two ways; choose one.")
    choice, earlier = choose(data_dir, word)
    _warn(choice, sent=sent, yes=yes)
    if note is None and sys.stdin.isatty():
        note = _asked(note_of(data_dir, choice.incident))
    wish = replace(_wish(profiles_file, choice, note, language), hints=hints)
    done = write_appeal(data_dir, choice, earlier, wish, now=datetime.now(UTC))
    for line in _told(done):
        click.echo(line)
    if opened:
        return _open(done, hints)
    if sent:
        _send(data_dir, done, wish.preferences)
        click.echo(f"What waits, and what is due: {hints.command('appeal', 'status')}")
        return 0
    click.echo("Nothing has been sent.")
    return 0


def _wish(profiles_file: Path, choice: "Choice", note: str | None, language: str | None) -> "Wish":
    from selfcheck.appeal.service import Wish
    from selfcheck.settings import Preferences, read_configuration

    name = choice.incident.profile
    configuration = read_configuration(profiles_file) if profiles_file.exists() else None
    known = configuration.profiles if configuration else ()
    return Wish(
        preferences=configuration.preferences if configuration else Preferences(),
        folder=profiles_file.parent,
        request=next((one for one in known if one.name == name), None),
        note=note,
        language=language,
    )


def _asked(before: str) -> str:
    """Ask for the author's own paragraph; an empty answer keeps the one that there is."""
    if before:
        click.echo(f"Your paragraph so far: {before}")
    click.echo("Your own paragraph, for the people who read it (what you write, why it is a mistake).")
    said: str = click.prompt(
        "Enter keeps it as it is" if before else "Enter leaves it out", default="", show_default=False
    )
    return said.strip() or before


def _warn(choice: "Choice", *, sent: bool, yes: bool) -> None:
    """Say what speaks against it; without --yes it ends there."""
    from selfcheck.appeal.rules import sent_before

    warnings = [*choice.warnings, *([again] if sent and (again := sent_before(choice.incident)) else [])]
    if warnings and not yes:
        raise UsageError(
            warnings[0], cause=" ".join(warnings[1:]), next_step="With --yes it is written all the same."
        )
    for warning in warnings:
        click.echo(f"Warning: {warning}", err=True)


def _told(done: "WrittenAppeal") -> Iterator[str]:
    from selfcheck.appeal.render_steps import size

    incident, envelope = done.choice.incident, done.drafts[0].envelope
    yield f"The appeal for {incident.id} is in {done.folder}:"
    to = ", ".join(envelope.to) or "(no address is known)"
    for draft in done.drafts:
        yield f"  {draft.path.name:<16} the draft of a mail to {to}: {draft.envelope.subject}"
    yield f"  {'appeal.txt':<16} for a web form: {_length(done)}"
    yield f"  {'evidence.zip':<16} {len(done.evidence.names)} files, {size(done.evidence.size)}"
    yield f"  {'next-steps.txt':<16} where it goes, what is asked for, when to ask again"
    if envelope.sender is None:
        yield "`from:` in the settings' section `appeal` would fill in who writes."
    notes = done.evidence.notes
    yield from (f"Note: {note}" for note in notes[:_MOST_NOTES])
    if more := notes[_MOST_NOTES:]:
        yield f"Note: {len(more)} more like it; next-steps.txt tells all."


def _length(done: "WrittenAppeal") -> str:
    form = done.form
    if form.limit is None:
        return f"{form.length} characters; how many the form takes is not known"
    if form.over:
        return f"{form.length} characters, {form.over} too many for the form"
    shortened = ", shortened to fit" if form.shortened else ""
    return f"{form.length} of {form.limit} characters{shortened}"


def _open(done: "WrittenAppeal", hints: CommandHints) -> int:
    """Open the drafts in the default mail program."""
    for draft in done.drafts:
        if not _opened(draft.path.resolve()):
            raise UsageError(
                f"No program could be started for {draft.path}.",
                cause="This system has no program for .eml files, or no screen.",
                next_step="Open the file in your mail program yourself, or copy it to another machine.",
            )
    click.echo("Opened. Nothing has been sent; when you have sent it, say so:")
    click.echo(f"  {hints.command('appeal', 'status', done.choice.incident.id, '--sent')}")
    return 0


def _opened(draft: Path) -> bool:
    """Return whether a program took the file, as far as a moment tells.

    On Linux `xdg-open` ends at once where there is no program or no screen, and may live as long as the
    program that it found.
    """
    if sys.platform != "linux":
        return click.launch(str(draft)) == 0
    import os
    import subprocess

    from selfcheck.core.secret_text import child_environment

    try:
        opener = subprocess.Popen(  # noqa: S603 - our own words and a path of ours
            ["xdg-open", str(draft)],  # noqa: S607 - where the user's system has it
            env=child_environment(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        return opener.wait(timeout=_A_MOMENT) == 0
    except OSError:
        return False
    except subprocess.TimeoutExpired:
        return True


def _send(data_dir: Path, done: "WrittenAppeal", preferences: "Preferences") -> None:
    from random import SystemRandom

    from selfcheck.appeal.render_steps import sending_text
    from selfcheck.appeal.send import check_sendable, mail_server, send_appeal

    server = mail_server(preferences.appeal)
    check_sendable(done)
    shown = [(draft.envelope, draft.attachments) for draft in done.drafts]
    click.echo(f"\n{sending_text(shown, server=server.label)}")
    _ask_for_a_yes()
    sent = send_appeal(
        data_dir,
        done,
        server,
        _password(server),
        now=lambda: datetime.now(UTC),
        zone=ZoneInfo(preferences.time_zone),
        chance=SystemRandom(),
    )
    for one in sent:
        click.echo(
            f"Sent at {one.at:%Y-%m-%d %H:%M:%S} UTC with the id {one.message_id}. A copy is {one.copy}."
        )
        for refused in one.refused:
            click.echo(f"Warning: the server refused {refused}.", err=True)


def _ask_for_a_yes() -> None:
    """Ask whether to send; anything but a yes ends it, also where nobody is there to answer."""
    try:
        agreed = click.confirm("Send it now?", default=False)
    except click.Abort:
        click.echo("\nNot sent; the draft is kept.")
        raise
    if not agreed:
        click.echo("Not sent; the draft is kept.")
        raise click.exceptions.Exit(0)


def _password(server: "MailServer") -> str | None:
    """Return the password from the environment or the keyring, else what the author types, once."""
    from selfcheck.appeal.smtp import save_password, saved_password

    found = saved_password(server)
    if found is not None or server.user is None or not sys.stdin.isatty():
        return found
    typed: str = click.prompt(f"Password of {server.user} at {server.host}", hide_input=True)
    if click.confirm("Keep it in this machine's keyring?", default=False) and not save_password(
        server, typed
    ):
        click.echo("This machine has no keyring that takes it; it is used this once.", err=True)
    return typed


@click.group("appeal", cls=DefaultGroup, default=_write)
def command() -> None:
    """Write an appeal: a mail ready to send, a text for web forms, the evidence, and the next steps.

    PROFILE takes its incident that is open, INCIDENT the one that is named; with neither, the one that waits.
    Nothing is sent by itself: --send shows everything and asks. An appeal for what is only likely, or is
    over, wants --yes.
    """


@command.command("status")
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option("--sent", is_flag=True, help="You sent the appeal yourself: by mail program or form.")
@click.option("--answered", is_flag=True, help="They answered; --note keeps their words.")
@click.option("--case", "case_number", metavar="NUMBER", help="The number that they gave it.")
@click.option("--restored", is_flag=True, help="It is back.")
@click.option("--note", metavar="TEXT", help="With one of the others: words to keep with it.")
@_PROFILES
@_DATA
@pass_hints
def status(
    hints: CommandHints,
    *,
    word: str | None,
    sent: bool,
    answered: bool,
    case_number: str | None,
    restored: bool,
    note: str | None,
    profiles_file: Path,
    data_dir: Path,
) -> int:
    """Show which incidents wait, since when and when to ask again; or say what happened to one.

    What you say is kept with the incident, and quoted in the appeal if there is a next time.
    """
    from selfcheck.settings import read_preferences

    preferences, now = read_preferences(profiles_file), datetime.now(UTC)
    said = _said(sent=sent, case_number=case_number, answered=answered, restored=restored)
    if note is not None and not {kind for kind, _ in said} - {EventKind.CASE}:
        raise click.UsageError(
            "--note goes with --sent, --answered or --restored; `selfcheck history note` notes anything else."
        )
    if said:
        return _say(data_dir, word, said, (note or "").strip(), now)
    _show(data_dir, word, preferences, now, hints)
    return 0


def _said(
    *, sent: bool, case_number: str | None, answered: bool, restored: bool
) -> list[tuple[EventKind, str]]:
    """Return what the author says, in the order in which it happens."""
    if case_number is not None and not case_number.strip():
        raise click.UsageError("--case wants the number that they gave it.")
    every = (
        (sent, EventKind.APPEALED, "by its author"),
        (case_number is not None, EventKind.CASE, (case_number or "").strip()),
        (answered, EventKind.ANSWERED, ""),
        (restored, EventKind.RESTORED, ""),
    )
    return [(kind, text) for wanted, kind, text in every if wanted]


def _say(
    data_dir: Path, word: str | None, said: list[tuple[EventKind, str]], note: str, now: datetime
) -> int:
    from selfcheck.appeal.service import choose
    from selfcheck.history.service import add_author_event

    choice, _ = choose(data_dir, word)
    if choice.likely:
        raise UsageError(
            choice.warnings[0],
            cause="Nothing can be kept with what is no incident yet.",
            next_step=lambda hints: (
                f"`{hints.command('run', choice.incident.profile)}` looks again and may confirm it."
            ),
        )
    after = choice.incident
    if after.over and any(kind is EventKind.RESTORED for kind, _ in said):
        raise UsageError(f"{after.id} is over already ({after.state.value}).")
    for kind, text in said:
        kept = text if kind is EventKind.CASE or not note else note
        after = add_author_event(data_dir, after.id, kind, kept, now=now)
    case = f", case {after.case_number}" if after.case_number else ""
    click.echo(f"Kept for {after.id}: {after.state.value}{case}.")
    return 0


def _show(
    data_dir: Path, word: str | None, preferences: "Preferences", now: datetime, hints: CommandHints
) -> None:
    from selfcheck.appeal.render_steps import status_text
    from selfcheck.history.service import open_history
    from selfcheck.storage.data_folder import DataFolder

    zone = ZoneInfo(preferences.time_zone)
    found: tuple[Incident, ...] = ()
    if DataFolder(data_dir).has_history():
        with open_history(data_dir) as history:
            profile = word if word in history.profiles() else None
            found = history.incidents(profile, open_only=True)
            if word is not None and profile is None:
                found = (history.incident(word),)
    click.echo(
        status_text([_waiting(one, preferences, zone) for one in found], zone=zone, now=now, hints=hints),
        nl=False,
    )


def _waiting(incident: "Incident", preferences: "Preferences", zone: ZoneInfo) -> "Waiting":
    from selfcheck.appeal.render_steps import USUAL_FOLLOW_UP_DAYS, waiting
    from selfcheck.appeal.service import follow_up_days
    from selfcheck.platforms.catalogue import load_platform

    days = preferences.appeal.follow_up_days or USUAL_FOLLOW_UP_DAYS
    with suppress(UsageError):  # a platform file that is not there any more
        days = follow_up_days(preferences, load_platform(incident.platform))
    return waiting(incident, follow_up_days=days, zone=zone)
