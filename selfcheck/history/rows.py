"""Rows of `history.db` as values, and values as rows."""

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime

from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind, Strength, Verdict
from selfcheck.core.history import Delivery, PageRow, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.history.journal import moment_text
from selfcheck.history.run_records import DAYS, CheckRecord, NumberRecord, RunRecord

Numbers = Mapping[tuple[str, str], tuple[int | None, str | None]]
"""Who and what -> the value and its day."""


def run_row(row: sqlite3.Row, numbers: Numbers) -> RunRow:
    """Return what one run found of one profile."""
    views, views_day = numbers.get((DAYS, "views"), (None, None))
    by = next((who for who in (AUTHOR, ANONYMOUS) if _value(numbers, who, "followers") is not None), None)
    return RunRow(
        run_id=row["run_id"],
        profile=row["profile"],
        platform=row["platform"],
        handle=row["handle"],
        at=_moment(row["at"]),
        verdict=Verdict(row["verdict"]),
        silent=_flag(row["silent"]),
        strength=Strength(row["strength"]),
        summary=row["summary"],
        rules=tuple(json.loads(row["rules"])),
        followers=_value(numbers, by, "followers") if by else None,
        followers_by=by,
        views=views,
        views_day=date.fromisoformat(views_day) if views_day else None,
        reads=_value(numbers, DAYS, "reads"),
        stories=_first(_value(numbers, who, "stories") for who in (AUTHOR, ANONYMOUS)),
        controls={who: value for (who, _), (value, _) in numbers.items() if who.startswith("@")},
        failed=bool(row["failed"]),
    )


def _value(numbers: Numbers, who: str, fact: str) -> int | None:
    return numbers.get((who, fact), (None, None))[0]


def _first(values: Iterable[int | None]) -> int | None:
    return next((one for one in values if one is not None), None)


def run_values(record: RunRecord) -> tuple[object, ...]:
    """Return a run as the columns of `runs`."""
    return (
        record.run_id,
        moment_text(record.at),
        moment_text(record.finished_at),
        record.exit_code,
        record.version,
        record.rules_version,
    )


def check_values(record: RunRecord, check: CheckRecord) -> tuple[object, ...]:
    """Return a profile in a run as the columns of `checks`."""
    return (
        record.run_id,
        check.profile,
        moment_text(record.at),
        check.platform,
        check.handle,
        check.account,
        check.verdict.value,
        check.silent,
        check.strength.value,
        check.summary,
        json.dumps(check.rules),
        check.failed,
    )


def page_values(page: PageRow) -> tuple[object, ...]:
    """Return a page in a run as the last columns of `pages`."""
    kind, verdict, strength = page.kind.value, page.verdict.value, page.strength.value
    return (kind, page.url, verdict, page.silent, strength, json.dumps(page.rules))


def page_row(row: sqlite3.Row) -> PageRow:
    """Return what one run found of one page."""
    return PageRow(
        kind=PageKind(row["kind"]),
        url=row["url"],
        verdict=Verdict(row["verdict"]),
        silent=_flag(row["silent"]),
        strength=Strength(row["strength"]),
        rules=tuple(json.loads(row["rules"])),
    )


def number_values(number: NumberRecord) -> tuple[object, ...]:
    """Return a number as the last columns of `numbers`."""
    return (number.who, number.fact, number.value, number.day.isoformat() if number.day else None)


_INCIDENT = tuple(one.name for one in fields(Incident) if one.name != "events")
INCIDENT_COLUMNS = ", ".join(_INCIDENT)
INCIDENT_MARKS = ", ".join("?" for _ in _INCIDENT)
INCIDENT_CHANGES = ", ".join(f"{name} = excluded.{name}" for name in _INCIDENT[1:])


def incident_values(incident: Incident) -> tuple[object, ...]:
    """Return an incident as the columns of `incidents`."""
    return tuple(_plain(getattr(incident, name)) for name in _INCIDENT)


def _plain(value: object) -> object:
    return moment_text(value) if isinstance(value, datetime) else getattr(value, "value", value)


def incident(row: sqlite3.Row, events: Sequence[IncidentEvent]) -> Incident:
    """Return an incident with its events, oldest first."""
    return Incident(
        id=row["id"],
        profile=row["profile"],
        platform=row["platform"],
        handle=row["handle"],
        state=IncidentState(row["state"]),
        verdict=Verdict(row["verdict"]),
        silent=_flag(row["silent"]),
        summary=row["summary"],
        last_good_at=_moment(row["last_good_at"]) if row["last_good_at"] else None,
        last_good_run=row["last_good_run"],
        first_bad_at=_moment(row["first_bad_at"]),
        first_bad_run=row["first_bad_run"],
        last_bad_at=_moment(row["last_bad_at"]),
        last_bad_run=row["last_bad_run"],
        over_at=_moment(row["over_at"]) if row["over_at"] else None,
        over_run=row["over_run"],
        case_number=row["case_number"],
        events=tuple(events),
    )


def event_values(incident_id: str, event: IncidentEvent) -> tuple[object, ...]:
    """Return an event as the columns of `events`."""
    at, kind = moment_text(event.at), event.kind.value
    return (incident_id, at, kind, event.text, event.run_id, event.message_id)


def event(row: sqlite3.Row) -> IncidentEvent:
    """Return one thing that happened to an incident."""
    return IncidentEvent(
        at=_moment(row["at"]),
        kind=EventKind(row["kind"]),
        text=row["text"],
        run_id=row["run_id"],
        message_id=row["message_id"],
    )


def delivery_values(delivery: Delivery) -> tuple[object, ...]:
    """Return what was sent as the columns of `deliveries`."""
    return tuple(_plain(getattr(delivery, one.name)) for one in fields(Delivery))


def delivery(row: sqlite3.Row) -> Delivery:
    """Return what was sent."""
    return Delivery(
        at=_moment(row["at"]),
        channel=row["channel"],
        kind=row["kind"],
        profile=row["profile"],
        incident=row["incident"],
        ok=bool(row["ok"]),
        detail=row["detail"],
    )


def _moment(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _flag(value: int | None) -> bool | None:
    return None if value is None else bool(value)
