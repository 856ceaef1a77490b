"""How late a suppression is found although a run leaves out pages, and how many page views it costs. Pure.

    python benchmarks/rotation.py [WEEKS]

A usual Medium profile (a publication, five stories, the feed, the stats page) is checked twice a day by the
real investigation, judge and rotation, on pages that are made up: no browser, no clock, no file. In each of
1,000 weeks one suppression of a random kind begins at a random moment, and stays until a run has found it.
Exits 1 where a kind is found later than at the third run, where a run in which all is well makes more than
7 page views logged out or 4 as the author, or where such a run finds anything.
"""

import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from random import Random

from selfcheck.core.capture import PageRequest
from selfcheck.core.case import PastNumbers, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Purpose, SignKind, Strength, Verdict
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.history.previous_runs import PastCheck, PastPage, PastRuns
from selfcheck.judge import RULES_VERSION, is_all_well
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.investigation import Investigation, Question

MOST = {ANONYMOUS: 7, AUTHOR: 4}
LATEST_RUN = 3
"""The run after its beginning at which each suppression has to be found."""

RUN_EVERY = timedelta(hours=12)
RUNS_A_WEEK = 14
MEDIUM = load_platform("medium")
_LISTS = (PageKind.PROFILE, PageKind.PUBLICATION, PageKind.FEED)
IDS = tuple(f"{number:012x}" for number in range(0xA0, 0xA8))
"""The stories in the lists, the newest first; the five newest are checked."""

NEW = "0000000000ff"
JANE = ProfileRequest(
    name="jane", platform="medium", handle="@jane", publications=("notes",), latest_stories=5, session="jane"
)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A page as a viewpoint would be shown it."""

    request: PageRequest
    viewpoint: str
    stories: tuple[str, ...] = ()
    outcome: Outcome = Outcome.SHOWN
    signs: tuple[Sign, ...] = ()
    noindex: str | None = None
    followers: int = 480

    @property
    def is_public(self) -> bool:
        """Return whether it is the logged-out view."""
        return self.viewpoint == ANONYMOUS

    def is_of(self, kind: PageKind) -> bool:
        """Return whether it is the public's view of the profile's own page of this kind."""
        own = self.request.purpose is not Purpose.CONTROL
        return own and self.is_public and self.request.kind is kind


Change = Callable[[Page, str], Page]
"""What a suppression does to a page; the second argument is the id of the story that it may be of."""


def no_change(page: Page, _: str) -> Page:
    """Return the page as it is."""
    return page


def of_page(kind: PageKind, **changes: object) -> Change:
    """Return a suppression of the page of this kind."""
    return lambda page, _: replace(page, **changes) if page.is_of(kind) else page  # type: ignore[arg-type]


def of_story(**changes: object) -> Change:
    """Return a suppression of one story's own page alone."""

    def change(page: Page, story: str) -> Page:
        is_it = page.is_of(PageKind.STORY) and page.request.subject == story
        return replace(page, **changes) if is_it else page  # type: ignore[arg-type]

    return change


def from_lists(*kinds: PageKind) -> Change:
    """Return a suppression that takes a story out of the public lists on these pages."""

    def change(page: Page, story: str) -> Page:
        left = tuple(one for one in page.stories if one != story)
        return replace(page, stories=left) if any(map(page.is_of, kinds)) else page

    return change


def everywhere(page: Page, _: str) -> Page:
    """Return the public's pages of a suspended account: every one of them says so."""
    own = page.request.purpose is not Purpose.CONTROL
    return replace(page, outcome=Outcome.SUSPENDED) if own and page.is_public else page


def new_story_unlisted(page: Page, _: str) -> Page:
    """Return the publication as its author is shown it, with a new story at the top; the public is not."""
    own = page.request.purpose is not Purpose.CONTROL and page.request.kind is PageKind.PUBLICATION
    return page if page.is_public or not own else replace(page, stories=(NEW, *page.stories))


def hidden_everywhere(page: Page, story: str) -> Page:
    """Return the pages of a story that the public neither finds nor is listed."""
    page = of_story(outcome=Outcome.NOT_FOUND)(page, story)
    return from_lists(PageKind.PROFILE, PageKind.FEED, PageKind.PUBLICATION)(page, story)


_FLAGGED = (Sign(id="medium.flagged", meaning=SignKind.FLAGGED, quote="suspended"),)
_BLURRED = (Sign(id="medium.blurred", meaning=SignKind.BLURRED, quote="limited"),)

KINDS: dict[str, Change] = {
    "account suspended": everywhere,
    "account hidden": of_page(PageKind.PROFILE, outcome=Outcome.NOT_FOUND),
    "account flagged in its data": of_page(PageKind.PROFILE, signs=_FLAGGED),
    "account kept from search engines": of_page(PageKind.PROFILE, noindex="noindex"),
    "followers not as the author is told": of_page(PageKind.PROFILE, followers=12),
    "list of the profile emptied": of_page(PageKind.PROFILE, stories=()),
    "story left out of the profile's list": from_lists(PageKind.PROFILE),
    "publication suspended": of_page(PageKind.PUBLICATION, outcome=Outcome.SUSPENDED),
    "publication hidden": of_page(PageKind.PUBLICATION, outcome=Outcome.NOT_FOUND),
    "story left out of the publication": from_lists(PageKind.PUBLICATION),
    "new story left out of the publication": new_story_unlisted,
    "story hidden, page and lists": hidden_everywhere,
    "story's page hidden": of_story(outcome=Outcome.NOT_FOUND),
    "story's page suspended": of_story(outcome=Outcome.SUSPENDED),
    "story's text blurred": of_story(signs=_BLURRED),
    "story kept from search engines": of_story(noindex="noindex"),
    "story flagged in its data": of_story(signs=_FLAGGED),
    "feed suspended": of_page(PageKind.FEED, outcome=Outcome.SUSPENDED),
    "feed emptied": of_page(PageKind.FEED, stories=()),
    "story left out of the feed": from_lists(PageKind.FEED),
}


def page_of(request: PageRequest, viewpoint: str) -> Page:
    """Return the page as it is while all is well."""
    has_list = request.kind in _LISTS
    if request.purpose is not Purpose.CONTROL:
        return Page(request=request, viewpoint=viewpoint, stories=IDS if has_list else ())
    if "/absent" in request.folder:
        return Page(request=request, viewpoint=viewpoint, outcome=Outcome.NOT_FOUND)
    return Page(request=request, viewpoint=viewpoint, stories=("fffffffffff1",) if has_list else ())


def observation(page: Page, at: datetime) -> Observation:
    """Return what would be read from the page."""
    request, shown = page.request, page.outcome is Outcome.SHOWN
    counted = shown and request.kind is PageKind.PROFILE
    listed = [
        StoryRef(
            id=one,
            url=f"{MEDIUM.home}/p/{one}",
            title=f"Story {one}",
            published_at=f"2025-12-{28 - place:02}T08:00:00Z",
        )
        for place, one in enumerate(page.stories)
    ]
    return Observation(
        viewpoint=page.viewpoint,
        kind=request.kind,
        url=request.url,
        outcome=page.outcome,
        purpose=request.purpose,
        handle=request.handle,
        subject=request.subject,
        mark=f"medium.{request.kind.value}-{page.outcome.value}",
        status=200,
        final_url=request.url,
        identified=shown,
        signed_in=None if page.is_public else True,
        signs=page.signs,
        noindex=page.noindex,
        facts={"followers": page.followers} if counted else {},
        stories=tuple(listed) if shown and request.kind in _LISTS else None,
        taken_at=at,
    )


@dataclass
class Outcomes:
    """What the simulated runs found, and what they cost."""

    delays: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # in runs
    views: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))  # where all was well
    false_alarms: list[str] = field(default_factory=list)


@dataclass
class Author:
    """One author whose profile is checked again and again."""

    seed: int
    profile: ProfileRequest = JANE
    signed_in: bool = True
    checks: tuple[PastCheck, ...] = ()
    case: ProfileCase | None = None  # what the last verdict rests on

    def run(
        self, at: datetime, change: Change = no_change, story: str = ""
    ) -> tuple[ProfileVerdict, dict[str, int]]:
        """Check the profile, and return the verdict and the page views by viewpoint."""
        past = PastRuns(checks=self.checks)
        who = (self.profile.name, MEDIUM.platform, self.profile.handle)
        question = Question(
            profile=self.profile,
            platform=MEDIUM,
            signed_in=self.signed_in,
            seed=f"{self.seed} {at}",
            settled=past.settled(*who, now=at),
            looks=past.past_looks(*who, now=at, rules_version=RULES_VERSION),
        )
        investigation = Investigation(question)
        views: dict[str, int] = dict.fromkeys(MOST, 0)
        while batch := investigation.wanted():
            for page in batch.pages:
                looks = {}
                for viewpoint in page.request.viewpoints:
                    views[viewpoint] += 1
                    looks[viewpoint] = observation(change(page_of(page.request, viewpoint), story), at)
                investigation.take(page, looks)
        verdict, self.case = investigation.verdict, investigation.case
        assert verdict is not None
        self.checks = (*self.checks[-4:], _past(verdict, at))
        return verdict, views


def _past(verdict: ProfileVerdict, at: datetime) -> PastCheck:
    """Return what the history keeps of a run."""
    pages = []
    for page in verdict.pages:
        public, author = page.views.get(ANONYMOUS), page.views.get(AUTHOR)
        both = {look.outcome if look else None for look in (public, author)} == {Outcome.SHOWN}
        listed = tuple(story.id for story in (public.stories if public else ()) or ()) if both else None
        pages.append(
            PastPage(
                url=page.url,
                verdict=page.verdict,
                reached=True,
                listed=listed,
                kind=page.kind,
                strength=page.strength,
            )
        )
    return PastCheck(
        profile=JANE.name,
        platform=JANE.platform,
        account="medium jane",
        at=at,
        numbers=PastNumbers(run_id=f"{at:%Y%m%dT%H%M}", taken_at=at),
        pages=tuple(pages),
        verdict=verdict.verdict,
        strength=verdict.strength,
        rules=verdict.rules,
        rules_version=RULES_VERSION,
    )


def simulate(weeks: int, runs_a_week: int = RUNS_A_WEEK, seed: int = 7) -> Outcomes:
    """Return what the runs of so many weeks found."""
    chance, outcomes = Random(seed), Outcomes()  # noqa: S311 - a simulation
    author, at = Author(seed), datetime(2026, 1, 1, 7, tzinfo=UTC)
    kinds = list(KINDS)
    for week in range(weeks):
        kind = kinds[week % len(kinds)]
        story, begins, found = chance.choice(IDS[:5]), chance.randrange(runs_a_week - LATEST_RUN), None
        for number in range(runs_a_week):
            bad = number >= begins and found is None
            change = KINDS[kind] if bad else no_change
            follows_well = bool(author.checks) and author.checks[-1].all_well
            verdict, views = author.run(at, change, story)
            at += RUN_EVERY
            if bad and (verdict.verdict, verdict.strength) != (Verdict.VISIBLE, Strength.CONFIRMED):
                found = number
            elif not bad and not is_all_well(verdict):
                outcomes.false_alarms.append(f"week {week}, run {number}: {verdict.summary}")
            if follows_well and not bad and is_all_well(verdict):
                for viewpoint, count in views.items():
                    outcomes.views[viewpoint].append(count)
        outcomes.delays[kind].append(runs_a_week if found is None else found - begins + 1)
    return outcomes


def main() -> int:
    weeks = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    outcomes = simulate(weeks)
    missed = [f"false alarm: {text}" for text in outcomes.false_alarms]
    print(f"{weeks} weeks of {RUNS_A_WEEK} runs; found at which run after its beginning")
    print(f"{'kind of suppression':<40}{'times':>6}{'1st':>6}{'2nd':>6}{'3rd':>6}{'later':>6}  at most")
    for kind in KINDS:
        delays = outcomes.delays[kind]
        counts = [delays.count(run) for run in range(1, LATEST_RUN + 1)]
        later = len(delays) - sum(counts)
        hours = max(delays, default=0) * RUN_EVERY / timedelta(hours=1)
        numbers = "".join(f"{number:>6}" for number in (len(delays), *counts, later))
        print(f"{kind:<40}{numbers}  {hours:.0f} h")
        missed += [f"{kind}: {later} times later than the run number {LATEST_RUN}"] * bool(later)
    for viewpoint, most in MOST.items():
        counts = outcomes.views[viewpoint]
        mean = sum(counts) / len(counts)
        print(f"page views {viewpoint} where all is well: {mean:.1f} on average, {max(counts)} at most")
        missed += [f"{max(counts)} page views {viewpoint}, goal: {most}"] * (max(counts) > most)
    for text in missed:
        print(f"MISSED: {text}")
    print("all goals met" if not missed else f"{len(missed)} goals missed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
