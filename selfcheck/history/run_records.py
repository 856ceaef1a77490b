"""A run's document (`run.json`) as the history keeps it: what was found, page by page, and the numbers.

Laws:
1. A document that is no run's is refused; a part that is not as expected is left out, never guessed.
2. A number that was not found is None. What was read while the session was signed out, or another account's,
   is not the author's number.
3. Of a series only whole days count; a day is the platform's.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind, Strength, Verdict
from selfcheck.core.history import PageRow, account_of
from selfcheck.core.run import SCHEMA
from selfcheck.errors import RunUnreadableError, SelfcheckError
from selfcheck.platforms.catalogue import load_platform

DAYS = "days"
"""Who told the last whole day of a series; no viewpoint and no handle is called so."""

RECORD_FORM = 1
"""What this reader takes from a run's document. Raise it with every new part: runs are then read again."""

_NOT_THE_AUTHORS = "session."
_LARGEST = 2**63


@dataclass(frozen=True, kw_only=True)
class NumberRecord:
    """A number that was looked for in a run."""

    who: str  # the viewpoint, a live control's handle, or `days`
    fact: str
    value: int | None
    day: date | None = None  # of a series: the last whole day


@dataclass(frozen=True, kw_only=True)
class DayRecord:
    """What a run tells of one whole day."""

    fact: str
    day: date
    value: int


@dataclass(frozen=True, kw_only=True)
class PageCheckRecord(PageRow):
    """A page in a run."""

    reached: bool  # the platform answered, whatever it said
    listed: tuple[str, ...] | None  # the stories in the public list, if both views were shown the page


@dataclass(frozen=True, kw_only=True)
class CheckRecord:
    """A profile in a run."""

    profile: str
    platform: str
    handle: str
    verdict: Verdict
    silent: bool | None
    strength: Strength
    summary: str
    rules: tuple[str, ...] = ()
    pages: tuple[PageCheckRecord, ...] = ()
    numbers: tuple[NumberRecord, ...] = ()
    days: tuple[DayRecord, ...] = ()
    series: Mapping[str, tuple[int, ...]] = field(default_factory=dict)  # whole days, oldest first
    series_at: datetime | None = None  # when the series was read
    failed: bool = False

    @property
    def account(self) -> str:
        """Return the account that was looked at."""
        return account_of(self.platform, self.handle)


@dataclass(frozen=True, kw_only=True)
class RunRecord:
    """A run."""

    run_id: str
    at: datetime
    finished_at: datetime
    exit_code: int
    version: str
    rules_version: str
    checks: tuple[CheckRecord, ...]
    failures: Mapping[str, str]  # the profile that selfcheck itself failed on -> why, in words


def read_record(document: object) -> RunRecord:
    """Return what the history keeps of a run's document. Raise RunUnreadableError where it is none."""
    if not isinstance(document, Mapping) or document.get("schema") != SCHEMA:
        raise RunUnreadableError(f"It is no run's document of the form {SCHEMA}.")
    run_id, at = document.get("run_id"), _moment(document.get("started_at"))
    if not isinstance(run_id, str) or not run_id or at is None:
        raise RunUnreadableError("It does not say which run it is of, or when that began.")
    tool = document.get("tool")
    made_by = tool if isinstance(tool, Mapping) else {}
    exit_code = document.get("exit_code")
    checks = [_check(one, at) for one in _objects(document.get("profiles"))]
    return RunRecord(
        run_id=run_id,
        at=at,
        finished_at=_moment(document.get("finished_at")) or at,
        exit_code=exit_code if isinstance(exit_code, int) else 4,
        version=_text(made_by.get("version", "")),
        rules_version=_text(made_by.get("rules_version", "")),
        checks=tuple({one.profile: one for one in checks}.values()),
        failures=dict(_failures(document.get("failures"))),
    )


def _failures(found: object) -> Iterator[tuple[str, str]]:
    """Yield the profiles that selfcheck failed on; what failed besides names none that anybody knows."""
    for text in found if isinstance(found, list) else ():
        name, colon, why = _text(text).partition(": ")
        if colon:
            yield name, why


def _check(profile: Mapping[str, Any], at: datetime) -> CheckRecord:
    try:
        verdict, strength = Verdict(profile["verdict"]), Strength(profile["strength"])
        name, platform, handle = (_text(profile[key]) for key in ("name", "platform", "handle"))
        pages = tuple(_page(page) for page in _objects(profile.get("pages")))
    except (KeyError, ValueError) as error:
        raise RunUnreadableError(f"A profile in it is damaged: {error}.") from None
    series, series_at = _series(profile)
    dated = tuple(_dated(series, (series_at or at) - timedelta(minutes=_day_starts(platform))))
    return CheckRecord(
        profile=name,
        platform=platform,
        handle=handle,
        verdict=verdict,
        silent=_flag(profile.get("silent")),
        strength=strength,
        summary=_text(profile.get("summary", "")),
        rules=_words(profile.get("rules")),
        pages=pages,
        numbers=(*_facts(profile), *_controls(profile), *_last_days(dated)),
        days=dated,
        series=series,
        series_at=series_at,
    )


def _page(page: Mapping[str, Any]) -> PageCheckRecord:
    views = page.get("views")
    views = views if isinstance(views, Mapping) else {}
    looks = {who: view for who, view in views.items() if isinstance(view, Mapping)}
    both = [looks.get(who, {}) for who in (ANONYMOUS, AUTHOR)]
    shown = all(view.get("outcome") == Outcome.SHOWN.value for view in both)
    stories = tuple(_text(story.get("id")) for story in _objects(both[0].get("stories")))
    return PageCheckRecord(
        reached=any(view.get("status") is not None for view in looks.values()),
        listed=stories if shown else None,
        kind=PageKind(page["kind"]),
        url=_text(page["url"]),
        verdict=Verdict(page["verdict"]),
        silent=_flag(page.get("silent")),
        strength=Strength(page["strength"]),
        rules=_words(page.get("rules")),
    )


def _authors(profile: Mapping[str, Any]) -> bool:
    """Return whether what the author's view told is the author's."""
    return not any(rule.startswith(_NOT_THE_AUTHORS) for rule in _words(profile.get("rules")))


def _facts(profile: Mapping[str, Any]) -> Iterator[NumberRecord]:
    facts, authors = profile.get("facts"), _authors(profile)
    for fact, values in facts.items() if isinstance(facts, Mapping) else ():
        for who, value in values.items() if isinstance(values, Mapping) else ():
            if authors or who != AUTHOR:
                yield NumberRecord(who=_text(who), fact=_text(fact), value=_number(value))


def _controls(profile: Mapping[str, Any]) -> Iterator[NumberRecord]:
    """Yield the followers of the live controls, each once."""
    found = {
        _text(one.get("handle")): _number(one.get("followers"))
        for one in _objects(profile.get("controls"))
        if one.get("kind") == ControlKind.LIVE.value
    }
    for handle, followers in found.items():
        yield NumberRecord(who=f"@{handle.lstrip('@')}", fact="followers", value=followers)


def _series(profile: Mapping[str, Any]) -> tuple[Mapping[str, tuple[int, ...]], datetime | None]:
    """Return the series of the author's stats page, and when it was read. A gap would shift the days."""
    for page in _objects(profile.get("pages")) if _authors(profile) else ():
        views = page.get("views")
        look = views.get(AUTHOR) if isinstance(views, Mapping) else None
        if page.get("kind") == PageKind.STATS.value and isinstance(look, Mapping):
            series = look.get("series")
            whole = {
                _text(name): tuple(values)
                for name, values in (series.items() if isinstance(series, Mapping) else ())
                if isinstance(values, list) and values and all(_number(one) is not None for one in values)
            }
            return whole, _moment(look.get("taken_at"))
    return {}, None


def _dated(series: Mapping[str, tuple[int, ...]], today: datetime) -> Iterator[DayRecord]:
    for fact, values in series.items():
        for age, value in enumerate(reversed(values), start=1):
            yield DayRecord(fact=fact, day=today.date() - timedelta(days=age), value=value)


def _last_days(dated: tuple[DayRecord, ...]) -> Iterator[NumberRecord]:
    latest: dict[str, DayRecord] = {}
    for one in dated:
        latest.setdefault(one.fact, one)
    for one in latest.values():
        yield NumberRecord(who=DAYS, fact=one.fact, value=one.value, day=one.day)


def _day_starts(platform: str) -> int:
    """Return at how many minutes after midnight UTC the platform's day begins; 0 where nobody knows."""
    try:
        return load_platform(platform).day_starts_minutes or 0
    except (SelfcheckError, OSError):  # a platform file of the user's own that is no longer there
        return 0


def _objects(found: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in found if isinstance(one, Mapping)) if isinstance(found, list) else iter(())


def _words(found: object) -> tuple[str, ...]:
    return tuple(_text(one) for one in found) if isinstance(found, list) else ()


def _text(found: object) -> str:
    """Return the text as it can be written; half a character, as a page may send it, cannot."""
    return str(found).encode("utf-8", "replace").decode()


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo is not None else None
