"""`settings.alerts`: whom to alert, about what, when and in which language.

Laws:
1. No secret stands in a profiles file. The address of a channel is a secret: the file names the environment
   variable that holds it, and what looks like an address in its place is refused without being repeated.
2. A channel's name is what the history knows it by: renamed, it is another channel.
"""

import re
from contextlib import suppress
from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StrictBool,
    StrictInt,
    WithJsonSchema,
    model_validator,
)

from selfcheck.core.enums import BAD, Language, Verdict
from selfcheck.core.schedule import QuietHours, parse_time
from selfcheck.core.times import parse_duration
from selfcheck.platforms.config_issues import matching, refuse

SIMPLE = "SELFCHECK_ALERT_URLS"
"""The environment variable that alone is enough: addresses with spaces or line breaks between them."""


def _duration(value: Any) -> timedelta:
    if isinstance(value, timedelta):
        return value
    try:
        return parse_duration(value if isinstance(value, str) else "")
    except ValueError:
        raise refuse("a length of time such as 12h, 90m or 3d, of at most 31 days") from None


def _quiet(value: Any) -> QuietHours:
    if isinstance(value, QuietHours):
        return value
    start, _, end = (value if isinstance(value, str) else "").partition("-")
    hours: QuietHours | None = None
    with suppress(ValueError):
        hours = QuietHours(start=parse_time(start), end=parse_time(end))
    if hours is None or hours.start == hours.end:
        raise refuse('two times of the day in quotes, such as "22:00-07:00"')
    return hours


def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    if not words or not words[0].strip():
        raise refuse('a program and its words in a list, such as ["./tell.sh", "--loud"]')
    return words


Duration = Annotated[timedelta, BeforeValidator(_duration)]
Hours = Annotated[
    QuietHours,
    BeforeValidator(_quiet),
    WithJsonSchema(
        {"type": "string", "description": 'two times of the day in quotes, such as "22:00-07:00"'}
    ),
]
ChannelName = Annotated[
    str,
    AfterValidator(
        matching(
            re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}", re.ASCII),
            "a name of letters, digits, `-`, `_` and `.`, at most 40, with a letter or digit first",
        )
    ),
]
Variable = Annotated[
    str,
    AfterValidator(
        matching(
            re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}", re.ASCII),
            "the name of an environment variable that holds the address, such as SELFCHECK_ALERT_PHONE",
            hint="take the address itself out of this file: anybody who reads it can write to you",
            actual="something else",
        )
    ),
]
Repository = Annotated[
    str,
    AfterValidator(
        matching(
            re.compile(r"(?:[\w.-]+/)?[\w.-]+/[\w.-]+", re.ASCII),
            "a repository as GitHub calls it, such as jane/watch",
            actual="something else",
        )
    ),
]


class Section(BaseModel):
    """A frozen section of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ChannelSettings(Section):
    """One channel; every kind has the same keys, except for those that say where it leads."""

    name: Annotated[ChannelName, Field(description="a name of your own choice for this channel")]
    kind: Literal["apprise", "terminal", "github-issue", "command"] = "apprise"
    url_env: Variable | None = None
    command: Annotated[tuple[str, ...], AfterValidator(_words)] | None = None
    repository: Repository | None = None
    timeout: Duration = timedelta(seconds=30)
    profiles: tuple[str, ...] = ()
    verdicts: tuple[Verdict, ...] | None = None
    language: Language | None = None
    quiet: Hours | None = None
    urgent_passes: StrictBool = False
    picture: StrictBool = True

    @model_validator(mode="after")
    def _fits(self) -> Self:
        """Refuse a channel that leads nowhere, or has what another kind has."""
        has = {"url_env": self.url_env, "command": self.command, "repository": self.repository}
        needs = {"apprise": "url_env", "command": "command"}.get(self.kind)
        takes = "repository" if self.kind == "github-issue" else needs
        if needs and has[needs] is None:
            raise refuse(f"`{needs}` in a channel of kind {self.kind}", actual="none")
        strange = [key for key, value in has.items() if value is not None and key != takes]
        if strange:
            raise refuse(f"a channel of kind {self.kind} without it", actual=f"`{strange[0]}`")
        if Verdict.VISIBLE in (self.verdicts or ()):
            raise refuse("verdicts other than visible: recovery is reported wherever the incident was")
        if self.kind == "github-issue" and Verdict.INCONCLUSIVE in (self.verdicts or ()):
            raise refuse("verdicts other than inconclusive: issues are for incidents, and that is not one")
        return self

    @property
    def keeps_record(self) -> bool:
        """Return whether it keeps a record of incidents: it gets every change, and no reminders."""
        return self.kind == "github-issue"

    def reports(self, verdict: Verdict) -> bool:
        """Return whether this verdict is reported here; `inconclusive` stands for a monitoring gap."""
        if self.verdicts is not None:
            return verdict in self.verdicts
        return verdict in BAD or (verdict is Verdict.INCONCLUSIVE and not self.keeps_record)


def _own_names(channels: tuple[ChannelSettings, ...]) -> tuple[ChannelSettings, ...]:
    names = [channel.name.casefold() for channel in channels]
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice:
        raise refuse("a name of its own for each channel", actual=f'"{twice}" a second time')
    return channels


class Alerts(Section):
    """When and whom to alert."""

    language: Language = Language.ENGLISH
    remind_after: Duration = timedelta(days=3)
    reminders: Annotated[StrictInt, Field(ge=0, le=100)] = 3
    blind_after_runs: Annotated[StrictInt, Field(ge=1, le=1000)] = 3
    blind_after: Duration = timedelta(hours=48)
    channels: Annotated[tuple[ChannelSettings, ...], AfterValidator(_own_names)] = ()

    def language_of(self, channel: ChannelSettings) -> Language:
        """Return the language in which this channel gets its alerts."""
        return channel.language or self.language
