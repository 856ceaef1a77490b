"""Rules that are reported beside a verdict and decide nothing: numbers over time, and a suspended control."""

from collections.abc import Sequence
from functools import partial
from statistics import median

from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import AUTHOR, ControlKind, MonitoringGap, Outcome, PageKind, Verdict
from selfcheck.core.handle import Handle
from selfcheck.core.observation import Observation
from selfcheck.judge.numbers import (
    DAY,
    Drop,
    Point,
    decline,
    fallen,
    hours_gone,
    platform_day,
    points,
    shared_by,
    shares_lost,
    unlikely_drop,
    whole_days,
    zero_day,
    zero_so_far,
)
from selfcheck.judge.page_evidence import PageEvidence
from selfcheck.judge.preconditions import CONTROLS_LATER
from selfcheck.judge.reduced_visibility import REDUCED_SUPPORT
from selfcheck.judge.rule import PAGES, Layer, Rule

VIEWS, VIEWS_TODAY, FOLLOWERS = "views", "views_today", "followers"

# -- views -----------------------------------------------------------------------------------------------


def _stats(evidence: PageEvidence) -> Observation | None:
    look = evidence.author
    return look if look is not None and look.outcome is Outcome.SHOWN else None


def _days(evidence: PageEvidence, look: Observation) -> list[int]:
    """Return the whole days of views up to yesterday; nothing where yesterday is not known."""
    if look.moment is None:
        return list(look.series.get(VIEWS, ()))
    days = whole_days(evidence.case, look, VIEWS)
    yesterday = platform_day(look.moment, evidence.case.sureness.day_starts) - DAY
    return list(days.values()) if days and max(days) == yesterday else []


def _views_zero_day(evidence: PageEvidence) -> str | None:
    look = _stats(evidence)
    return zero_day(_days(evidence, look)) if look else None


def _views_zero_today(evidence: PageEvidence) -> str | None:
    look, starts = _stats(evidence), evidence.case.sureness.day_starts
    if look is None or look.moment is None or starts is None or look.facts.get(VIEWS_TODAY) != 0:
        return None
    return zero_so_far(_days(evidence, look), hours_gone(look.moment, starts))


def _views_fell(evidence: PageEvidence) -> str | None:
    look = _stats(evidence)
    return fallen(_days(evidence, look)) if look else None


# -- followers -------------------------------------------------------------------------------------------


def _followers_dropped(evidence: PageEvidence) -> str | None:
    drop = unlikely_drop(points(evidence.case, FOLLOWERS))
    if drop is None or shared_by(shares := _control_shares(evidence.case, drop), drop.share):
        return None
    others = (
        "The control accounts kept theirs, so only this author is affected"
        if shares
        else "No control account's number is known from before, so a purge of the whole platform may be why"
    )
    return f"{_fall(drop)}, far more than the past makes likely. {others}."


def _followers_purged(evidence: PageEvidence) -> str | None:
    drop = unlikely_drop(points(evidence.case, FOLLOWERS))
    if drop is None or not shared_by(shares := _control_shares(evidence.case, drop), drop.share):
        return None
    return (
        f"{_fall(drop)}, and the control accounts lost {median(shares):.0%} as well: the platform removed "
        f"accounts everywhere, so this does not point to this author."
    )


def _fall(drop: Drop) -> str:
    return f"Followers fell from {drop.before.value:,} to {drop.after.value:,} ({drop.share:.0%})"


def _control_shares(case: ProfileCase, drop: Drop) -> list[float]:
    """Return what share of its followers each live control lost over the time of the drop; 0 for none.

    A run between may have read the control and not the author, when the purge was already over.
    """
    pairs = []
    for control in case.controls:
        if control.kind is ControlKind.LIVE and control.followers is not None:
            account = Handle(control.handle)
            earlier = (past.controls for past in case.past if past.taken_at <= drop.before.at)
            known = [value for past in earlier for name, value in past.items() if account.same_as(name)]
            before = next((value for value in reversed(known) if value is not None), None)
            pairs += [(before, control.followers)] if before else []
    return shares_lost(pairs)


# -- trends, and a suspended control ---------------------------------------------------------------------


def trends(case: ProfileCase) -> tuple[str, ...]:
    """Return slow declines in words: trends for the report, not alarms."""
    series = (("Followers", points(case, FOLLOWERS)), ("Daily views", _daily_points(case)))
    declines = ((name, decline(values)) for name, values in series)
    return tuple(
        f"{name} declined slowly, {words}: a trend, not an alarm." for name, words in declines if words
    )


def _daily_points(case: ProfileCase) -> Sequence[Point]:
    for page in case.pages:
        look = PageEvidence(case, page).author
        if page.visit.kind is PageKind.STATS and look is not None and look.moment is not None:
            days = whole_days(case, look, VIEWS)
            last = max(days, default=None)
            return [Point(at=look.moment - (last - day), value=days[day]) for day in days] if last else ()
    return ()


_OTHERWISE = frozenset({Outcome.SHOWN, Outcome.NOT_FOUND, Outcome.REMOVED, Outcome.UNRECOGNISED})


def _suspended_looks_otherwise(evidence: PageEvidence) -> str | None:
    for control in evidence.case.controls:
        if control.kind is ControlKind.SUSPENDED and control.outcome in _OTHERWISE:
            return (
                f"A page known to be suspended ({control.handle}) looked '{control.outcome.value}', so "
                f"suspensions on this platform may look like that now."
            )
    return None


def _read_by_likeness(evidence: PageEvidence) -> str | None:
    look = next((look for look in (evidence.anonymous, evidence.author) if look and look.is_learned), None)
    if look is None:
        return None
    who = "the author gets" if look.viewpoint == AUTHOR else "logged-out visitors get"
    like = "that are shown" if look.outcome is Outcome.SHOWN else "that do not exist"
    return (
        f"No mark knows the {evidence.noun} that {who}; it is built like pages {like}, "
        f"so this is likely at most."
    )


def _answers_changed(evidence: PageEvidence) -> str | None:
    *earlier, last = evidence.answers() or (None,)
    others = dict.fromkeys(answer for answer in earlier if answer is not last)
    if not others or earlier[-1] is not last:
        return None
    words = " and ".join(answer.replace("_", " ") for answer in others)
    return (
        f"An earlier logged-out page load of the {evidence.noun} had another answer ({words}) than the "
        f"last two. A cache may have held an old copy, so what is said of the {evidence.noun} is likely and "
        f"not confirmed."
    )


def _read_by_report(evidence: PageEvidence) -> str | None:
    marks = (look.mark for look in (evidence.anonymous, evidence.author) if look is not None and look.mark)
    mark = next((mark for mark in marks if mark in evidence.case.sureness.unconfirmed), None)
    if mark is None:
        return None
    return (
        f"How the {evidence.noun} was recognised ({mark}) is reported or guessed and not confirmed, so what "
        f"rests on it is likely at most."
    )


# -- the rows --------------------------------------------------------------------------------------------

_support = partial(Rule, layer=Layer.SUPPORT, claims=Verdict.INCONCLUSIVE)
_stats_row = partial(_support, kinds=(PageKind.STATS,), private=True)
_profile_row = partial(_support, kinds=(PageKind.PROFILE,))

SUPPORT: tuple[Rule, ...] = (
    _stats_row(
        id="stats.zero-day",
        check=_views_zero_day,
        evidence="Negative binomial views: below 1 chance in 1000; under some 27 views a day never.",
        looks_at="Whole days of views on the author's stats page, and those that earlier runs read.",
        false_positives="Statistics that come in late, or an author whose readers come on few days.",
        would_change="A view on that day, once the statistics are complete.",
    ),
    _stats_row(
        id="stats.zero-today",
        check=_views_zero_today,
        evidence="As stats.zero-day, for the part of the platform's day that is gone less its first quarter.",
        looks_at="Today's views on the author's stats page, and the hours gone of the platform's day.",
        false_positives="Statistics that lag behind, or a day that begins at another hour than stated.",
        would_change="One view today.",
    ),
    _stats_row(
        id="stats.views-fell",
        check=_views_fell,
        evidence="A one-sided CUSUM on daily views: at most one false alarm in ten years (simulated).",
        looks_at="The last 90 whole days of views, against the four weeks that open them.",
        false_positives="A season, or an author who stopped publishing.",
        would_change="Views that come back.",
    ),
    _profile_row(
        id="followers.dropped",
        check=_followers_dropped,
        evidence="Six times the noise of the past changes and twice the largest drop before.",
        looks_at="Followers in this run and the runs before, and those of the live controls.",
        false_positives="A purge in which no control lost any, or whose controls were not read before.",
        would_change="Controls that lost as large a share since.",
    ),
    _profile_row(
        id="followers.purge",
        check=_followers_purged,
        evidence="Control accounts lost at least half of the author's share over the same time.",
        looks_at="As followers.dropped.",
        false_positives="Controls that lost theirs for reasons of their own, or at another time.",
        would_change="Controls that kept their followers.",
    ),
    *REDUCED_SUPPORT,
    _support(
        id="looks.changed",
        kinds=(*PAGES, PageKind.FEED),
        check=_answers_changed,
        evidence="A cache may hold an old answer for minutes; two page loads in a row that agree are newer.",
        looks_at="Every logged-out load of the same page in this run.",
        false_positives="A page that was taken down or brought back during the run.",
        would_change="A run in which all page loads agree.",
    ),
    _support(
        id="page.learned",
        kinds=PAGES,
        check=_read_by_likeness,
        evidence="Likeness to control accounts' pages of the same run and to earlier good pages; measured.",
        looks_at="How the page is built, what it says, and where its subject's name stands.",
        false_positives="A new kind of page that is built like one that is shown, and names its subject.",
        would_change="A mark of the platform file that knows the page.",
    ),
    _support(
        id="page.unconfirmed-mark",
        kinds=(*PAGES, PageKind.FEED),
        check=_read_by_report,
        evidence="The platform file tags each mark: confirmed, reported, or a guess.",
        looks_at="The tags of the marks that recognised the page, in both views.",
        false_positives="Nothing: it says where the knowledge comes from.",
        would_change="A capture of such a page, or the platform's own code, in the platform file.",
    ),
    _profile_row(
        id="controls.suspended-looks-otherwise",
        check=_suspended_looks_otherwise,
        evidence="The platform file names the page as suspended; it may also have been restored.",
        looks_at="The control of the kind suspended, opened only where the other controls leave doubt.",
        false_positives="A suspension that was lifted meanwhile.",
        would_change="The page saying again that it is suspended.",
        next_step=CONTROLS_LATER,
        gap=MonitoringGap.CONTROLS,
    ),
)
