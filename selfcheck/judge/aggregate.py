"""Folds the verdicts of a profile's pages into the profile's own.

The profile's page speaks for the account. A publication or a story that is suspended, hidden, missing or
limited makes the account `limited`, and the summary says which. A feed supports and never accuses the
account of being gone; the stats page is read for its numbers only.
"""

from collections.abc import Mapping
from dataclasses import replace

from selfcheck.core.case import LookAgain, ProfileCase
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind, Strength, Verdict
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, RuleHit, UnopenedPage
from selfcheck.judge.rules import rule_of
from selfcheck.judge.summary import next_steps, summarise
from selfcheck.judge.support import trends

SILENCE = (True, False, None)
"""Which page is named first of two that are equally bad: the one of which its author knows nothing."""


def fold(
    case: ProfileCase, pages: tuple[PageVerdict, ...], supporting: tuple[RuleHit, ...]
) -> ProfileVerdict:
    """Return the profile's verdict: the worst well-founded one of its pages, with every rule that fired.

    `supporting` is reported beside it and changes nothing.
    """
    pages = _with_titles(pages)
    # A feed only supports: it never stands in for a profile page that a wall or an outage hid.
    unknown = any(page.kind is PageKind.PROFILE and _is_unknown(page) for page in pages)
    speaking = [page for page in pages if not (unknown and page.kind is PageKind.FEED)]
    weighed = [(weight, page) for page in speaking if (weight := account_verdict(page)) is not None]
    weighed.sort(key=_weight)
    verdict, deciding = weighed[0] if weighed else (Verdict.INCONCLUSIVE, None)
    silent = deciding.silent if deciding else None
    firings = (*_firings(pages, deciding), *supporting)
    starts = case.sureness.day_starts  # minutes after midnight; platform files and run.json write a clock
    return ProfileVerdict(
        name=case.name,
        platform=case.platform,
        handle=case.handle,
        verdict=verdict,
        silent=silent,
        strength=_strength(verdict, deciding, pages),
        summary=summarise(case, verdict, deciding=deciding, pages=pages, supporting=supporting),
        next_steps=next_steps(case, verdict, silent=silent, firings=firings),
        firings=firings,
        controls=case.controls,
        pages=pages,
        facts=_facts(pages),
        notes=(*case.notes, *trends(case)),
        would_change=deciding.would_change if deciding else "",
        platform_title=case.sureness.title,
        day_starts=None if starts is None else f"{starts // 60:02}:{starts % 60:02}",
        not_opened=tuple(replace(page, title=_listed_title(page, pages)) for page in case.not_opened),
    )


def is_all_well(verdict: ProfileVerdict | LookAgain) -> bool:
    """Return whether all that was opened is visible beyond doubt, and no rule says anything else."""
    if isinstance(verdict, LookAgain):
        return False
    good = all(rule_of(hit.rule).claims is Verdict.VISIBLE for hit in verdict.firings)
    parts = [(page.verdict, page.strength) for page in verdict.pages] + [(verdict.verdict, verdict.strength)]
    return good and set(parts) == {(Verdict.VISIBLE, Strength.CONFIRMED)}


def _with_titles(pages: tuple[PageVerdict, ...]) -> tuple[PageVerdict, ...]:
    """Give each story its title: a list's, since its own page's often names author and site as well."""

    def title(page: PageVerdict) -> str:
        if page.kind is not PageKind.STORY:
            return ""
        own = (look.title for look in page.views.values() if look.outcome is Outcome.SHOWN and look.title)
        return _listed_title(page, pages) or next(own, "")

    return tuple(replace(page, title=title(page)) for page in pages)


def _listed_title(page: PageVerdict | UnopenedPage, pages: tuple[PageVerdict, ...]) -> str:
    """Return a story's title as a list has it; "" where none does."""
    looks = (look for other in pages for look in other.views.values())
    titled = (story for look in looks for story in look.stories or () if story.title)
    is_story = page.kind is PageKind.STORY
    return next((story.title for story in titled if is_story and story.is_at(page.subject, page.url)), "")


def _strength(verdict: Verdict, deciding: PageVerdict | None, pages: tuple[PageVerdict, ...]) -> Strength:
    """Return the deciding page's strength; a reservation about one page holds for the account too."""
    reserved = any(rule_of(page.rules[0]).reserved or _is_unidentified(page) for page in pages)
    if deciding is None or (verdict is Verdict.VISIBLE and reserved):
        return Strength.LIKELY
    return deciding.strength


def _is_unidentified(page: PageVerdict) -> bool:
    """Return whether nothing proves that what the public was shown is this story or publication."""
    public = page.views.get(ANONYMOUS)
    shown = public is not None and public.outcome is Outcome.SHOWN and public.identified is False
    return shown and page.kind in {PageKind.STORY, PageKind.PUBLICATION}


def _is_unknown(page: PageVerdict) -> bool:
    """Return whether it could not be told what the public gets of the page."""
    public = page.views.get(ANONYMOUS)
    shown = public is not None and public.outcome is Outcome.SHOWN
    return page.verdict is Verdict.INCONCLUSIVE and not shown


def _weight(weighed: tuple[Verdict, PageVerdict]) -> tuple[object, ...]:
    """Order by what the page makes of the account, then by what it is itself and how well founded that is.

    The order in which the pages came makes no difference.
    """
    verdict, page = weighed
    place = (list(PageKind).index(page.kind), page.folder)
    if verdict is Verdict.VISIBLE:
        return (verdict.rank, *place)
    founded = (page.strength is not Strength.CONFIRMED, SILENCE.index(page.silent))
    return (verdict.rank, page.verdict.rank, *founded, *place)


def account_verdict(page: PageVerdict) -> Verdict | None:
    """Return what this page's verdict makes of the account; None where it says nothing of it."""
    if page.kind is PageKind.PROFILE:
        return page.verdict
    if page.kind is PageKind.STATS:
        return None
    if page.verdict is Verdict.VISIBLE or any(rule_of(rule).by_owner for rule in page.rules[:1]):
        return Verdict.VISIBLE
    if page.kind is PageKind.FEED and page.verdict in {Verdict.MISSING, Verdict.INCONCLUSIVE}:
        return None
    return Verdict.INCONCLUSIVE if page.verdict is Verdict.INCONCLUSIVE else Verdict.LIMITED


def _firings(pages: tuple[PageVerdict, ...], deciding: PageVerdict | None) -> tuple[RuleHit, ...]:
    """Return every rule that fired, once, the deciding page's first."""
    ordered = sorted(pages, key=lambda page: page is not deciding)
    worse = [
        page
        for page in ordered
        if page is deciding or page.verdict is not Verdict.VISIBLE or rule_of(page.rules[0]).reserved
    ]
    by_rule: dict[str, RuleHit] = {}
    for page in worse:
        for firing in page.firings:
            by_rule.setdefault(firing.rule, firing)
    firings = list(by_rule.values())
    if deciding is not None and deciding.verdict is Verdict.INCONCLUSIVE:
        firings.sort(key=lambda firing: not rule_of(firing.rule).voids_author_view)
    return tuple(firings)


def _facts(pages: tuple[PageVerdict, ...]) -> Mapping[str, Mapping[str, int | None]]:
    """Return each number that a page gave, by viewpoint; null where that viewpoint was not shown it."""
    merged: dict[str, dict[str, int | None]] = {}
    for page in pages:
        if page.kind in {PageKind.PROFILE, PageKind.STATS}:
            for name in sorted({name for look in page.views.values() for name in look.facts}):
                by_viewpoint = merged.setdefault(name, {})
                for viewpoint, look in page.views.items():
                    if by_viewpoint.get(viewpoint) is None:
                        by_viewpoint[viewpoint] = look.facts.get(name)
    return merged
