"""Reasons that are told beside a verdict and decide nothing: numbers over time, and the cross of controls.

Each function returns the reason in words a writer understands, or None where it does not hold.
"""

from collections.abc import Sequence
from statistics import median

from selfcheck.core.case import PastNumbers, ProfileCase
from selfcheck.core.enums import ControlKind, Outcome, PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.observation import Observation
from selfcheck.judge.changepoint import fallen
from selfcheck.judge.numbers import (
    Drop,
    decline,
    shared_by,
    shares_lost,
    unlikely_drop,
    zero_day,
    zero_so_far,
)
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.series import DAY, Point, hours_gone, platform_day, points, whole_days

VIEWS, VIEWS_TODAY, FOLLOWERS = "views", "views_today", "followers"


def _stats(sight: PageEvidence) -> Observation | None:
    look = sight.author
    return look if look is not None and look.outcome is Outcome.SHOWN else None


def _days(sight: PageEvidence, look: Observation) -> list[int]:
    """Return the whole days of views up to yesterday; nothing where yesterday is not known."""
    if look.moment is None:
        return list(look.series.get(VIEWS, ()))
    days = whole_days(sight.case, look, VIEWS)
    yesterday = platform_day(look.moment, sight.case.sureness.day_starts) - DAY
    return list(days.values()) if days and max(days) == yesterday else []


def views_zero_day(sight: PageEvidence) -> str | None:
    """Hold when the last whole day had no views and the past makes that improbable."""
    look = _stats(sight)
    return zero_day(_days(sight, look)) if look else None


def views_zero_today(sight: PageEvidence) -> str | None:
    """Hold when today has no views so far and the past makes that improbable for the hours gone."""
    look, starts = _stats(sight), sight.case.sureness.day_starts
    if look is None or look.moment is None or starts is None or look.facts.get(VIEWS_TODAY) != 0:
        return None
    return zero_so_far(_days(sight, look), hours_gone(look.moment, starts))


def views_fell(sight: PageEvidence) -> str | None:
    """Hold when daily views fell and stay low."""
    look = _stats(sight)
    return fallen(_days(sight, look)) if look else None


def followers_dropped(sight: PageEvidence) -> str | None:
    """Hold when followers fell beyond what the past makes likely, and controls did not fall as well."""
    drop = unlikely_drop(points(sight.case, FOLLOWERS))
    if drop is None or _purged(sight.case, drop):
        return None
    shares = _control_shares(sight.case, drop)
    others = (
        "The control accounts kept theirs, so it is this author's alone"
        if shares
        else "No control account's number is known from before, so a purge of the whole platform may be why"
    )
    return f"{_told(drop)}, far more than the past makes likely. {others}."


def followers_purged(sight: PageEvidence) -> str | None:
    """Hold when followers fell beyond what the past makes likely, and the controls' fell as well."""
    drop = unlikely_drop(points(sight.case, FOLLOWERS))
    if drop is None or not _purged(sight.case, drop):
        return None
    theirs = median(_control_shares(sight.case, drop))
    return (
        f"{_told(drop)}, and the control accounts lost {theirs:.0%} as well: the platform removed accounts "
        f"everywhere, so this is no sign against this author."
    )


def _told(drop: Drop) -> str:
    return f"Followers fell from {drop.before.value:,} to {drop.after.value:,} ({drop.share:.0%})"


def _purged(case: ProfileCase, drop: Drop) -> bool:
    return shared_by(_control_shares(case, drop), drop.share)


def _control_shares(case: ProfileCase, drop: Drop) -> list[float]:
    """Return what share of its followers each live control lost over the time of the drop; 0 for none.

    A run between may have read the control and not the author, when the purge was already over.
    """
    return shares_lost(
        (before, control.followers)
        for control in case.controls
        if control.kind is ControlKind.LIVE
        and control.followers is not None
        and (before := _known_before(case, control.handle, drop))
    )


def _known_before(case: ProfileCase, handle: str, drop: Drop) -> int | None:
    known = [
        value
        for one in case.past
        if one.taken_at <= drop.before.at and (value := _of_control(one, handle)) is not None
    ]
    return known[-1] if known else None


def _of_control(past: PastNumbers, handle: str) -> int | None:
    known = (value for name, value in past.controls.items() if Handle(name).same_as(handle))
    return next(known, None)


def trends(case: ProfileCase) -> tuple[str, ...]:
    """Return slow declines in words: trends for the report, no alarm."""
    notes = []
    if told := decline(points(case, FOLLOWERS)):
        notes.append(f"Followers declined slowly, {told}: a trend, no alarm.")
    if told := decline(_daily_points(case)):
        notes.append(f"Daily views declined slowly, {told}: a trend, no alarm.")
    return tuple(notes)


def _daily_points(case: ProfileCase) -> Sequence[Point]:
    for page in case.pages:
        look = page.author
        if page.visit.kind is PageKind.STATS and look is not None and look.moment is not None:
            days = whole_days(case, look, VIEWS)
            last = max(days, default=None)
            return [Point(at=look.moment - (last - day), value=days[day]) for day in days] if last else ()
    return ()


def suspended_looks_otherwise(sight: PageEvidence) -> str | None:
    """Hold when a page known to be suspended does not say so any more."""
    for one in sight.case.controls:
        if one.kind is ControlKind.SUSPENDED and one.outcome in {
            Outcome.SHOWN,
            Outcome.NOT_FOUND,
            Outcome.REMOVED,
            Outcome.UNRECOGNISED,
        }:
            return (
                f"A page known to be suspended ({one.handle}) looked '{one.outcome.value}', so suspensions "
                f"of this platform may look so now."
            )
    return None
