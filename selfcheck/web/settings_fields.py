"""The settings as fields of a form: which there are, what stands in each, and what a changed form means.

Laws:
1. A field shows what the file says, also where that is a mistake, and each mistake stands at its field.
2. Only what was changed in the form is changed in the file. An empty field takes its key out of the file.
3. What has no field here (lists such as the alert channels, single stories) is changed in the text.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from selfcheck.errors import ConfigIssue, UsageError
from selfcheck.platforms.config_issues import Location, where
from selfcheck.settings.profiles_edit import edited, removed

_YES_NO = ("true", "false")


@dataclass(frozen=True, kw_only=True)
class SettingField:
    """One value of the profiles file."""

    location: Location  # the keys and indexes that lead to it
    label: str
    hint: str = ""
    choices: tuple[str, ...] = ()  # none: any text
    is_number: bool = False
    is_list: bool = False  # a value on each line

    @property
    def name(self) -> str:
        """Return its name in the form: the place that a mistake names, such as `settings.appeal.from`."""
        return where(self.location)


@dataclass(frozen=True, kw_only=True)
class FieldGroup:
    """Fields that belong together."""

    heading: str
    fields: tuple[SettingField, ...]


def _field(keys: str, label: str, hint: str = "", **more: Any) -> SettingField:
    return SettingField(location=("settings", *keys.split(".")), label=label, hint=hint, **more)


_SETTINGS = (
    FieldGroup(
        heading="You",
        fields=(
            _field("time_zone", "Time zone", "Such as Europe/Berlin; empty: UTC."),
            _field("author.country", "Country", "Two letters, such as DE: laws depend on it."),
            _field("author.acts_as", "You write as", "Laws depend on it.", choices=("consumer", "business")),
        ),
    ),
    FieldGroup(
        heading="Appeals and the mail that they go by",
        fields=(
            _field("appeal.from", "Your mail address", "Such as Jane Doe <jane@example.org>."),
            _field("appeal.name", "Your name below the letter", "Empty: the name before your mail address."),
            _field("appeal.reply_to", "Answers go to", "Empty: your mail address."),
            _field("appeal.account_mail", "The account's mail address", "Where the platform asks for it."),
            _field("appeal.language", "Language of the letter", "Empty: en."),
            _field("appeal.template", "A letter of your own", "A file, by its path from the profiles file."),
            _field("appeal.follow_up_days", "Ask again after", "Days.", is_number=True),
            _field("appeal.smtp.host", "Your mail server", "Such as smtp.example.org."),
            _field("appeal.smtp.security", "Encryption", "Empty: starttls.", choices=("starttls", "tls")),
            _field("appeal.smtp.port", "Port", "Empty: 587, or 465 with tls.", is_number=True),
            _field("appeal.smtp.user", "User at the mail server", "The password is asked for when you send."),
        ),
    ),
    FieldGroup(
        heading="Alerts",
        fields=(
            _field("alerts.language", "Language of alerts", "Empty: en.", choices=("en", "de")),
            _field("alerts.remind_after", "Remind me after", "While nothing has been done; empty: 3d."),
            _field("alerts.reminders", "Reminders at most", "Empty: 3; 0: none.", is_number=True),
            _field(
                "alerts.blind_after_runs", "Checks in a row without an answer", "Empty: 3.", is_number=True
            ),
            _field("alerts.blind_after", "Or time without an answer", "Empty: 48h."),
        ),
    ),
    FieldGroup(
        heading="Checks",
        fields=(
            _field("watch.every", "A check is due every", "Empty: as the schedule says, else 1d."),
            _field("watch.grace", "It may be late by", "Empty: 6h."),
            _field("browser.window", "Check in an ordinary window", "Empty: false.", choices=_YES_NO),
            _field("browser.display", "On a display of its own", "Needs Xvfb.", choices=("xvfb",)),
            _field(
                "browser.connect", "A browser on another machine", "Its address, unless it holds a token."
            ),
            _field(
                "browser.keep_clearance",
                "Keep what a robot check gives",
                "Empty: it is asked.",
                choices=_YES_NO,
            ),
        ),
    ),
    FieldGroup(
        heading="What is kept",
        fields=(
            _field("keep.good_runs", "Everything of good checks", "Such as 30d or forever; empty: 30d."),
            _field(
                "keep.small_picture",
                "Then a small picture every",
                "Empty: week.",
                choices=("week", "month", "never"),
            ),
            _field("keep_author_pages", "My own pages, encrypted", "Such as 7d; empty: not kept."),
            _field(
                "evidence.mail_megabytes", "Pictures in one mail", "Megabytes; empty: 10.", is_number=True
            ),
            _field("evidence.wacz", "A web archive in the evidence", "Empty: false.", choices=_YES_NO),
            _field(
                "evidence.stats_pictures", "My statistics in the evidence", "Empty: false.", choices=_YES_NO
            ),
            _field("report.days", "Days that the report goes back", "Empty: 90.", is_number=True),
            _field("report.stale_hours", "Hours until a check is too old", "Empty: 36.", is_number=True),
        ),
    ),
)


def groups(data: Any) -> tuple[FieldGroup, ...]:
    """Return the fields of a file that holds this."""
    return (*_profiles(data), *_SETTINGS)


def _profiles(data: Any) -> Iterator[FieldGroup]:
    entries = data.get("profiles") if isinstance(data, dict) else None
    for place, entry in enumerate(entries if isinstance(entries, list) else ()):
        if isinstance(entry, dict):
            at = ("profiles", place)
            yield FieldGroup(
                heading=f"Profile {entry.get('name', place + 1)}",
                fields=(
                    SettingField(location=(*at, "handle"), label="Account", hint="Such as @jane."),
                    SettingField(location=(*at, "base_url"), label="Address of a site of its own"),
                    SettingField(
                        location=(*at, "session"), label="Session", hint="Empty: the profile's name."
                    ),
                    SettingField(
                        location=(*at, "publications"),
                        label="Publications",
                        hint="One on each line.",
                        is_list=True,
                    ),
                ),
            )


def shown_values(data: Any, fields: Iterable[SettingField]) -> dict[str, str]:
    """Return what each field shows: what the file holds, as it is written there."""
    return {field.name: _shown(_held(data, field.location), field) for field in fields}


def _held(data: Any, location: Location) -> Any:
    for part in location:
        if isinstance(data, list) and isinstance(part, int) and part < len(data):
            data = data[part]
        else:
            data = data.get(part) if isinstance(data, dict) else None
    return data


def _shown(value: Any, field: SettingField) -> str:
    if field.is_list and isinstance(value, list):
        text = "\n".join(str(one) for one in value)
    else:
        text = "" if value is None else str(value).lower() if isinstance(value, bool) else str(value)
    return text.encode(errors="replace").decode()  # as the page shows half a letter, and its form sends it


def changed_text(text: str, data: Any, fields: Sequence[SettingField], form: Mapping[str, str]) -> str:
    """Return the file with what the form changes. Raises UsageError where it cannot be written so."""
    before = shown_values(data, fields)
    changed = [field for field in fields if _of(form, field, before) != before[field.name].strip()]
    setting = {field.location: _meant(_of(form, field, before), field) for field in changed}
    new = {location: value for location, value in setting.items() if value not in ("", [])}
    if new:

        def change(document: Any) -> None:
            for location, value in new.items():
                _set(document, location, value)

        text = edited(text, change)
    for location in setting:
        if location not in new:
            text = removed(text, location)
    return text


def _of(form: Mapping[str, str], field: SettingField, before: Mapping[str, str]) -> str:
    """Return what the form says, line breaks as a file has them; a field that is not in it is unchanged."""
    return form.get(field.name, before[field.name]).replace("\r\n", "\n").strip()


def _meant(text: str, field: SettingField) -> object:
    """Return the value that is written; text in place of a number stays text, and the check says so."""
    if field.is_list:
        return [line.strip() for line in text.splitlines() if line.strip()]
    if field.is_number and re.fullmatch(r"-?\d{1,9}", text):
        return int(text)
    if field.is_number and re.fullmatch(r"-?\d{1,9}\.\d{1,9}", text):
        return float(text)
    return text == "true" if field.choices == _YES_NO and text in _YES_NO else text


def _set(document: Any, location: Location, value: object) -> None:
    for place, part in enumerate(location):
        kind: Any = list if isinstance(part, int) else dict
        if not isinstance(document, kind):
            section = where(location[:place]) or "profiles.yaml"
            raise UsageError(
                f"`{section}` is not a section with keys, so nothing can be set in it here.",
                next_step="Correct it in the text of the file first.",
            )
        if place == len(location) - 1:
            document[part] = value
        elif isinstance(part, str) and document.get(part) is None:
            document[part] = {}
        document = document[part]


def by_field(
    mistakes: Iterable[ConfigIssue], fields: Iterable[SettingField]
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Return the mistakes by the fields that they are in, and those that are in none, as lines."""
    names = {field.name for field in fields}
    at_field: dict[str, str] = {}
    others = []
    for issue in mistakes:
        of_list = re.sub(r"\[\d+\]$", "", issue.where)
        name = issue.where if issue.where in names else of_list
        if name in names:
            hint = f" ({issue.hint})" if issue.hint else ""
            at_field.setdefault(name, f"Found {issue.actual}, expected {issue.expected}{hint}.")
        else:
            others.append(str(issue))
    return at_field, tuple(others)
