"""What the history keeps of a run's document, as rows of its tables.

Laws:
1. A number that was not found is None. What was read while the session was signed out, or another account's,
   is not the author's number.
2. Of a series only whole days count, and only without a gap, which would shift the days. A day is the
   platform's own.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta

from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind, Strength, Verdict
from selfcheck.core.handle import Handle, account_of
from selfcheck.core.run_document import PageRecord, ProfileRecord, RunDocument
from selfcheck.errors import SelfcheckError
from selfcheck.judge.rules import rule_of
from selfcheck.platforms.catalogue import load_platform

DAYS = "days"
"""Whose number the last whole day of a series is; no viewpoint and no handle is called so."""

RECORD_FORM = 1
"""What is kept of a run. Raise it with every new part: recent runs are then read again from their folders."""


Row = Mapping[str, object]


def run_row(run: RunDocument) -> Row:
    """Return the run's row of `runs`."""
    return {
        "run_id": run.run_id,
        "at": run.started_at,
        "finished_at": run.finished_at,
        "exit_code": int(run.exit_code),
        "version": run.tool.version,
        "rules_version": run.tool.rules_version,
        "form": RECORD_FORM,
    }


def check_row(run: RunDocument, profile: ProfileRecord) -> Row:
    """Return a profile's row of `checks`, with the series that its own run read."""
    series, series_at = _series(profile)
    return {
        "run_id": run.run_id,
        "profile": profile.name,
        "at": run.started_at,
        "platform": profile.platform,
        "handle": profile.handle,
        "account": account_of(profile.platform, profile.handle),
        "verdict": profile.verdict,
        "silent": profile.silent,
        "strength": profile.strength,
        "summary": profile.summary,
        "rules": profile.rules,
        "failed": False,
        "series": series,
        "series_at": series_at,
    }


def failed_row(run: RunDocument, profile: str, reason: str, *, platform: str, handle: str) -> Row:
    """Return the row of `checks` of a profile that selfcheck itself failed on."""
    return {
        "run_id": run.run_id,
        "profile": profile,
        "at": run.started_at,
        "platform": platform,
        "handle": handle,
        "account": account_of(platform, handle),
        "verdict": Verdict.INCONCLUSIVE,
        "silent": None,
        "strength": Strength.LIKELY,
        "summary": reason,
        "rules": (),
        "failed": True,
    }


def failures(run: RunDocument) -> Mapping[str, str]:
    """Return the profiles that selfcheck failed on, and why; a failure of something else names none."""
    parts = (text.partition(": ") for text in run.failures)
    checked = {profile.name for profile in run.profiles}
    return {name: reason for name, colon, reason in parts if colon and name not in checked}


def page_rows(profile: ProfileRecord) -> Iterator[Row]:
    """Yield the profile's rows of `pages`."""
    for position, page in enumerate(profile.pages):
        yield {
            "position": position,
            "kind": page.kind,
            "url": page.url,
            "verdict": page.verdict,
            "silent": page.silent,
            "strength": page.strength,
            "rules": page.rules,
            "reached": any(view.status is not None for view in page.views.values()),
            "listed": _listed_to_both(page),
        }


def _listed_to_both(page: PageRecord) -> tuple[str, ...] | None:
    """Return the stories in the public list, if the public and the author were shown the page."""
    public, author = page.view(ANONYMOUS), page.view(AUTHOR)
    if public is None or author is None or {public.outcome, author.outcome} != {Outcome.SHOWN}:
        return None
    return tuple(story.id for story in public.stories or ())


def number_rows(run: RunDocument, profile: ProfileRecord) -> Iterator[Row]:
    """Yield the profile's rows of `numbers`: its facts, its live controls' followers, the last whole days."""
    for fact, values in profile.facts.items():
        for viewpoint, value in values.items():
            if viewpoint != AUTHOR or _is_authors(profile):
                yield {"who": viewpoint, "fact": fact, "value": value}
    for control in profile.controls:
        if control.kind is ControlKind.LIVE and control.page is PageKind.PROFILE:
            yield {"who": Handle(control.handle).shown(), "fact": "followers", "value": control.followers}
    latest = {fact: (day, value) for fact, day, value in _days(run, profile)}
    for fact, (day, value) in latest.items():
        yield {"who": DAYS, "fact": fact, "value": value, "day": day}


def day_rows(run: RunDocument, profile: ProfileRecord) -> Iterator[Row]:
    """Yield the profile's rows of `days`: every whole day that the run knows of."""
    for fact, day, value in _days(run, profile):
        yield {"fact": fact, "day": day, "value": value}


def _is_authors(profile: ProfileRecord) -> bool:
    """Return whether what the author's view told is the author's."""
    return not any(rule_of(rule).voids_author_view for rule in profile.rules)


def _series(profile: ProfileRecord) -> tuple[Mapping[str, tuple[int | None, ...]], datetime | None]:
    """Return the series of the author's stats page, and when it was read."""
    for page in profile.pages if _is_authors(profile) else ():
        view = page.view(AUTHOR)
        if page.kind is PageKind.STATS and view is not None:
            whole = {name: values for name, values in view.series.items() if values and None not in values}
            return whole, view.taken_at
    return {}, None


def _days(run: RunDocument, profile: ProfileRecord) -> Iterator[tuple[str, date, int | None]]:
    """Yield each whole day of each series, oldest first."""
    series, series_at = _series(profile)
    today = ((series_at or run.started_at) - timedelta(minutes=_day_starts(profile))).date()
    for fact, values in series.items():
        for age, value in zip(range(len(values), 0, -1), values, strict=True):
            yield fact, today - timedelta(days=age), value


def _day_starts(profile: ProfileRecord) -> int:
    """Return at how many minutes after midnight UTC the platform's day begins; 0 where it is unknown."""
    if "day_starts" in profile.model_fields_set:
        hours, _, minutes = (profile.day_starts or "00:00").partition(":")
        return 60 * int(hours) + int(minutes)
    try:  # an earlier version wrote the run
        return load_platform(profile.platform).day_starts_minutes or 0
    except (SelfcheckError, OSError):  # a platform file of the user's own that is no longer there
        return 0
