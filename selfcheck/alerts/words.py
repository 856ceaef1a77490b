"""The words of alerts in every language: `data/words.<language>.yaml`, read when they are needed.

Laws:
1. Every language says the same: a test holds that each has every row and every field.
2. What is not known is said to be so, in every language.
"""

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from selfcheck.alerts.notice import NoticeKind
from selfcheck.core.enums import Language, MonitoringGap, Verdict
from selfcheck.core.incident import EventKind
from selfcheck.core.times import ENGLISH_TIME, GERMAN_TIME


class _Words(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class IssueWords(_Words):
    """The words of an incident's issue."""

    profile: str
    verdict: str
    told: str
    silent: str
    not_silent: str
    unknown: str
    last_good: str
    first_found: str
    incident: str
    when: str
    evidence: str
    lasted: str
    found: str
    appeal: str
    footer: str
    events: Mapping[EventKind, str]  # what is commented; nothing is, about any other event


class AlertWords(_Words):
    """All words of one language."""

    account: str  # an account on a platform
    verdicts: Mapping[Verdict, str]
    public_sees: Mapping[Verdict, str]
    author_view: Mapping[bool, str]
    run_summary: str
    titles: Mapping[NoticeKind, str]
    texts: Mapping[NoticeKind, str]
    gap_reasons: Mapping[MonitoringGap, str]
    gap_remedies: Mapping[MonitoringGap, str]
    first_run: str
    labels: Mapping[str, str]
    steps: Mapping[str, str]
    issue: IssueWords


TIME_WORDS = {Language.ENGLISH: ENGLISH_TIME, Language.GERMAN: GERMAN_TIME}


@cache
def alert_words(language: Language) -> AlertWords:
    """Return the words of a language."""
    import yaml  # noqa: PLC0415 - most runs have nothing to tell

    text = files("selfcheck.alerts").joinpath("data", f"words.{language}.yaml").read_text("utf-8")
    return AlertWords.model_validate(yaml.safe_load(text))
