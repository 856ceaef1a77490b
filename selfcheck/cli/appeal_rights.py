"""`selfcheck appeal rights` and `checklist`: which steps may be open, their letters, and a reply's items."""

import sys
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import click

from selfcheck.appeal.author_input import appeal_request
from selfcheck.appeal.model import Choice
from selfcheck.appeal.rights.render_text import NO_ADVICE, checklist_text, rights_text, ticked_items
from selfcheck.appeal.rights.service import (
    checklist_items,
    incident_rights,
    keep_author,
    named_step,
    write_calendar,
    write_step,
)
from selfcheck.appeal.service import AppealRequest, choose, record_events
from selfcheck.cli.common import data_option, gathered, pass_hints, profiles_option, show
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.incident import EventKind
from selfcheck.errors import UsageError, unknown_name
from selfcheck.settings.preferences import AuthorSettings, country_code
from selfcheck.storage.data_folder import DataFolder

_TWO_LETTERS = "a country has two letters, such as DE, GB (for the United Kingdom) or IN."
_DATA = data_option()
_PROFILES = profiles_option("The file whose `settings: author:` say who you are; it may be missing.")


@dataclass(frozen=True, kw_only=True)
class _RightsArguments:
    word: str | None
    step: str | None
    sent: str | None
    told: datetime | None
    country: str | None
    acts_as: str | None
    language: str | None
    details: bool
    profiles_file: Path
    data: DataFolder


def _country(_context: click.Context, _option: click.Parameter, text: str | None) -> str | None:
    try:
        return country_code(text) if text is not None else None
    except ValueError:
        raise click.BadParameter(_TWO_LETTERS) from None


@click.command("rights")
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option("--step", metavar="NAME", help="Write the letter of this step, such as dsa-17.")
@click.option("--sent", metavar="NAME", help="Record that you took this step today.")
@click.option(
    "--told",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="Record the day on which the platform told you of its decision, such as 2026-11-21.",
)
@click.option("--country", callback=_country, metavar="CODE", help="Your country, such as DE; else settings.")
@click.option("--as", "acts_as", type=click.Choice(["consumer", "business"]), help="As what you write.")
@click.option("--language", metavar="CODE", help="The letter's language, such as en or de.")
@click.option("--details", is_flag=True, help="Also whom each step binds, bodies, and all sources.")
@_PROFILES
@_DATA
@pass_hints
@gathered(_RightsArguments)
def rights(hints: CommandHints, arguments: _RightsArguments) -> int:
    """Show which steps may be open to you, by when, and at what cost; or write the letter of one.

    Steps come from laws and from the platform's own terms, each with its source; the shortest deadline comes
    first. Dates also go into the calendar file rights.ics in the incident's folder. Nothing is sent. This is
    not legal advice.
    """
    data, now = arguments.data, datetime.now(UTC)
    choice = choose(data, arguments.word)
    for warning in choice.warnings:
        show(f"Note: {warning}", err=True)
    request = _request(choice, arguments, hints)
    view = incident_rights(data, choice, request, now=now)
    if arguments.sent is not None:
        named_step(view, arguments.sent)
    today = now.astimezone(ZoneInfo(request.preferences.time_zone)).date()
    if events := _events(arguments, today):
        incident = record_events(data, choice, events, now=now)
        show(f"Recorded for {incident.id}.")
        view = incident_rights(data, replace(choice, incident=incident), request, now=now)
    if arguments.step is not None:
        written = write_step(data, view, arguments.step, request)
        show(f"The letter is in {written.path}. Nothing has been sent.\n{NO_ADVICE}")
        sent = hints.command("appeal", "rights", choice.incident.id, "--sent", arguments.step)
        show(f"When you have sent it: {sent}")
    elif not events:
        text = rights_text(view.choice.incident, view.where, view.steps, hints, details=arguments.details)
        show(text.removesuffix("\n"))
    calendar = write_calendar(data, view, _language(request), now=now)
    if calendar is not None:
        show(f"Dates for your calendar: {calendar}")
    return 0


def _request(choice: Choice, arguments: _RightsArguments, hints: CommandHints) -> AppealRequest:
    request = appeal_request(choice, arguments.profiles_file, None, arguments.language, hints)
    given = {"country": arguments.country, "acts_as": arguments.acts_as}
    options = {name: value for name, value in given.items() if value is not None}
    author = request.preferences.author.model_copy(update=options)
    if not options and arguments.profiles_file.exists() and sys.stdin.isatty():
        author = _asked(author, arguments.profiles_file)
    return replace(request, preferences=request.preferences.model_copy(update={"author": author}))


def _asked(author: AuthorSettings, profiles_file: Path) -> AuthorSettings:
    """Ask for what the settings do not say of the author, and keep it there."""
    answers: dict[str, str] = {}
    if author.country is None:
        text = "Laws depend on where you are. Your country by its two letters, such as DE (Enter skips it)"
        answers["country"] = click.prompt(text, default="", show_default=False, value_proc=_answered_country)
    if author.acts_as is None:
        kinds = click.Choice(["consumer", "business", ""])
        text = "Do you act as a consumer or a business (Enter skips it)"
        answers["acts_as"] = click.prompt(
            text, type=kinds, default="", show_default=False, show_choices=False
        )
    answers = {name: answer for name, answer in answers.items() if answer}
    if not answers:
        return author
    answered = author.model_copy(update=answers)
    kept = keep_author(profiles_file, answered)
    show(f"{'Kept in' if kept else 'To keep it, write it below `settings:` in'} {profiles_file}.")
    return answered


def _answered_country(text: str) -> str:
    try:
        return country_code(text) if text else ""
    except ValueError:
        raise click.UsageError(_TWO_LETTERS) from None


def _language(request: AppealRequest) -> str:
    return request.language or request.preferences.appeal.language


def _events(arguments: _RightsArguments, today: date) -> list[tuple[EventKind, str]]:
    """Return what the author records."""
    events = []
    if arguments.told is not None:
        told = arguments.told.date()
        if told > today:
            raise click.UsageError(f"--told takes a day that is over: {told} is in the future.")
        events.append((EventKind.TOLD, told.isoformat()))
    if arguments.sent is not None:
        events.append((EventKind.STEP, arguments.sent))
    return events


@click.command("checklist")
@click.argument("word", required=False, metavar="[PROFILE|INCIDENT]")
@click.option("--tick", multiple=True, metavar="ITEM", help="You find this item in their reply.")
@click.option("--untick", multiple=True, metavar="ITEM", help="You do not.")
@_DATA
@pass_hints
def checklist(
    hints: CommandHints, *, word: str | None, tick: tuple[str, ...], untick: tuple[str, ...], data: DataFolder
) -> int:
    """Show the platform's reply beside what Article 17(3) of the EU's Digital Services Act asks of one.

    You tick what you find in it; selfcheck judges nothing. This is not legal advice.
    """
    choice, items = choose(data, word), checklist_items()
    ids = [item.id for item in items]
    for name in (*tick, *untick):
        if name not in ids:
            raise unknown_name(f"There is no item called `{name}`.", name, ids)
    incident = choice.incident
    if both := set(tick) & set(untick):
        raise UsageError(f"{', '.join(sorted(both))}: either --tick or --untick.")
    if tick or untick:
        ticked = (ticked_items(incident) | set(tick)) - set(untick)
        text = ",".join(name for name in ids if name in ticked)
        incident = record_events(data, choice, [(EventKind.TICKED, text)], now=datetime.now(UTC))
    show(checklist_text(items, incident, hints).removesuffix("\n"))
    return 0
