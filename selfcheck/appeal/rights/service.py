"""`selfcheck appeal rights`: the steps of an incident, the letter for one of them, and their dates as a file.

Laws:
1. Nothing is sent, and nothing is written but the letter and the calendar in the incident's own folder, and
   what the author answered about themselves into their own profiles file.
2. What the author says (told on a day, a step taken, an item found in the reply) is an event of the incident.
"""

import re
import stat
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, fields, replace
from datetime import date, datetime
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from selfcheck.appeal.model import Choice, FormText, Letter, StepLetter, TemplateSource
from selfcheck.appeal.render_letter import form_text
from selfcheck.appeal.rights.model import (
    ChecklistItem,
    Law,
    LetterText,
    Regions,
    RightsDate,
    RightsStep,
    Situation,
)
from selfcheck.appeal.rights.render_calendar import calendar_file
from selfcheck.appeal.rights.render_text import step_file
from selfcheck.appeal.rights.rules import rights_dates, rights_steps, situation
from selfcheck.appeal.service import (
    AppealRequest,
    account_letter,
    incident_pages,
    incident_platform,
    note_of,
    page_values,
)
from selfcheck.core.incident import Incident
from selfcheck.errors import ConfigurationError, SelfcheckError, UsageError, unknown_name
from selfcheck.platforms.page_urls import fill
from selfcheck.platforms.schema import Contact, Platform
from selfcheck.platforms.yamlfile import load_model
from selfcheck.settings import Preferences, read_configuration
from selfcheck.settings.preferences import AuthorSettings
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

_MOST_LINES = 3
"""Dates in one alert; `appeal rights` shows all."""


@lru_cache(maxsize=1)
def shipped_laws() -> tuple[Law, ...]:
    """Return the shipped laws. Raise ConfigurationError with every mistake in a file."""
    folder = Path(str(files("selfcheck.appeal.rights") / "data"))
    return tuple(read_law(path, folder) for path in sorted(folder.glob("[!_]*.yaml")))


def read_law(path: Path, folder: Path) -> Law:
    """Return a law's file. Raise ConfigurationError with every mistake in it."""
    law, _ = load_model(path, Law)
    regions, _ = load_model(folder / "_regions.yaml", Regions)
    countries = (country for name in law.countries for country in regions.regions.get(name, (name,)))
    return law.model_copy(update={"countries": tuple(countries)})


# -- an incident's steps -----------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class IncidentRights:
    """The steps of one incident."""

    choice: Choice
    platform: Platform
    where: Situation
    steps: tuple[RightsStep, ...]

    @property
    def dates(self) -> tuple[RightsDate, ...]:
        """Return the dates from today on, the earliest first."""
        return rights_dates(self.steps, self.where.today)


def incident_rights(
    data: DataFolder, choice: Choice, request: AppealRequest, *, now: datetime
) -> IncidentRights:
    """Return the steps that may be open for this incident, and those that are not. Raise UsageError."""
    platform = incident_platform(data, choice.incident, request.platform)
    preferences = request.preferences
    zones = (preferences.time_zone, platform.appeal.time_zone or preferences.time_zone)
    where = situation(
        choice.incident,
        platform=platform.platform,
        contacts=tuple(_contacts(platform, page_values(choice.incident, platform, request))),
        country=preferences.author.country,
        acts_as=preferences.author.acts_as,
        now=now,
        zones=tuple(map(ZoneInfo, zones)),
    )
    steps = rights_steps(shipped_laws(), where)
    return IncidentRights(choice=choice, platform=platform, where=where, steps=steps)


def incident_dates(
    data: DataFolder, incident: Incident, preferences: Preferences, *, now: datetime
) -> tuple[RightsDate, ...]:
    """Return an open incident's dates; none where it is over, or its platform is not known any more."""
    if incident.over:
        return ()
    request = AppealRequest(preferences=preferences, folder=data.path)
    try:
        return incident_rights(data, Choice(incident=incident), request, now=now).dates
    except SelfcheckError:
        return ()


def _contacts(platform: Platform, values: Mapping[str, str]) -> Iterator[Contact]:
    """Yield the platform's contacts with whole addresses; `form` and `mail` are the one for appeals."""
    appeal = platform.appeal
    usual: tuple[Contact, ...] = ()
    if appeal.form or appeal.mail:
        own = {"about": "appeal", "for": "users", "source": appeal.source or platform.title, "seen": ""}
        places = {"form": appeal.form, "mail": next(iter(appeal.mail), None), "limit": appeal.form_limit}
        usual = (Contact.model_validate({**own, **places}),)
    for contact in (*appeal.contacts, *usual):
        form = None
        with suppress(ValueError):  # an address that needs what is not known
            form = fill(contact.form, values) if contact.form else None
        if form or contact.mail:
            yield contact.model_copy(update={"form": form})


def date_lines(
    data: DataFolder, preferences: Preferences, incident: Incident, language: str, now: datetime
) -> tuple[str, ...]:
    """Return an open incident's dates as lines of an alert."""
    dates = incident_dates(data, incident, preferences, now=now)
    return tuple(each.words(language) for each in dates[:_MOST_LINES])


# -- what is written ---------------------------------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WrittenStep:
    """The letter of a step, as it was written."""

    path: Path
    step: RightsStep
    form: FormText


def write_step(data: DataFolder, rights: IncidentRights, name: str, request: AppealRequest) -> WrittenStep:
    """Write a step's letter into the incident's folder.

    Raise UsageError, EvidenceMissingError, StorageError.
    """
    step = named_step(rights, name)
    if not step.has_letter or step.remedy.letter is None or step.contact is None:
        raise UsageError(
            f"There is no letter for {name}.",
            cause=" ".join(step.reasons),
            next_step=lambda hints: (
                f"`{hints.command('appeal', 'rights', rights.choice.incident.id)}` shows all steps."
            ),
        )
    language = request.language or request.preferences.appeal.language
    pages = incident_pages(data, rights.choice.incident)
    note = note_of(data, rights.choice.incident) if request.note is None else request.note
    base = account_letter(rights.choice, pages, rights.platform, request, note)
    letter = step_letter(base, step.remedy.letter, language, rights.where.told)
    form = form_text(letter, TemplateSource(kind="rights", language=language), step.contact.limit)
    subject = step.remedy.letter.subject.in_language(language).replace("{handle}", base.account.handle)
    path = step_letter_path(data, rights, step)
    write_whole(path, step_file(step, form, subject=subject, language=language).encode())
    return WrittenStep(path=path, step=step, form=form)


def step_letter_path(data: DataFolder, rights: IncidentRights, step: RightsStep) -> Path:
    """Return where the letter of a step is, if it was written."""
    return data.appeal(rights.choice.incident.id) / f"rights-{step.remedy.id}.txt"


def step_letter(base: Letter, text: LetterText, language: str, told: date | None) -> StepLetter:
    """Return what a step's letter tells, in its language."""
    return StepLetter(
        **{field.name: getattr(base, field.name) for field in fields(base)},
        opening=text.opening.in_language(language),
        asks=tuple(ask.in_language(language) for ask in text.asks),
        told=str(told or ""),
    )


def named_step(rights: IncidentRights, name: str) -> RightsStep:
    """Return a step by its name. Raise UsageError where the incident's platform has none of it."""
    by_name = {step.remedy.id: step for step in rights.steps}
    if name not in by_name:
        raise unknown_name(f"There is no step called `{name}`.", name, by_name)
    return by_name[name]


def write_calendar(data: DataFolder, rights: IncidentRights, language: str, *, now: datetime) -> Path | None:
    """Write the dates as a calendar file into the incident's folder; None: there are none."""
    if not rights.dates:
        return None
    incident = rights.choice.incident.id
    path = data.appeal(incident) / "rights.ics"
    write_whole(path, calendar_file(rights.dates, incident=incident, language=language, now=now))
    return path


def checklist_items() -> tuple[ChecklistItem, ...]:
    """Return what a reply should hold, by the laws that have a checklist."""
    return tuple(item for law in shipped_laws() for remedy in law.remedies for item in remedy.checklist)


# -- who the author is -------------------------------------------------------------------------------------


def keep_author(profiles_file: Path, author: AuthorSettings) -> bool:
    """Write what the author answered below `settings:` of their profiles file, and nothing else.

    Return False, with the file as it was, where it would not read as before but for that: it has such an
    entry already, or is laid out in a way that a line cannot be put into. Raise StorageError.
    """
    text = profiles_file.read_bytes().decode()
    given = author.model_dump(exclude_none=True)
    entry = f"author: {{{', '.join(f'{name}: {value}' for name, value in given.items())}}}"
    if head := re.search(r"^settings:[ \t]*(?:#.*)?\n(?P<indent> +)(?=\w)", text, re.MULTILINE):
        after = f"{text[: head.end()]}{entry}\n{head['indent']}{text[head.end() :]}"
    else:
        after = f"{text.rstrip()}\n\nsettings:\n  {entry}\n"
    trial = profiles_file.with_name(f".{profiles_file.name}.new")
    before = read_configuration(profiles_file)
    mode = stat.S_IMODE(profiles_file.stat().st_mode)
    try:
        write_whole(trial, after.encode(), mode)
        same = replace(
            before, source=trial, preferences=before.preferences.model_copy(update={"author": author})
        )
        if read_configuration(trial) != same:
            return False
    except ConfigurationError:
        return False
    finally:
        trial.unlink(missing_ok=True)
    write_whole(profiles_file, after.encode(), mode)
    return True
