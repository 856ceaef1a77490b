"""Which pages that were fine lately may be left to a later run. Pure.

Laws:
1. Only stories and the feed are ever left out: the profile's page, publications, the stats page and the two
   account controls are opened in every run. What is left out is opened in each third run at least.
2. Nothing is left out unless all was well in the last run, and the same publications were to be checked from
   the same viewpoints. A page without a look that counts is opened.
3. The runs share the work: where one opens fewer stories than another, it opens the feed, and the
   publications as the author.
"""

from collections.abc import Iterable, Sequence
from math import ceil

from selfcheck.core.capture import PageRequest
from selfcheck.core.case import PastLooks
from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import UnopenedPage
from selfcheck.history.previous_runs import EVERY

_ROTATING = (PageKind.STORY, PageKind.FEED)


def stories_to_open(runs_ago: Sequence[int]) -> int:
    """Return how many of these stories a run opens, by how many runs ago each was opened last.

    It is the least number with which neither this run nor a later one has to open more than its share.
    """
    share = ceil(len(runs_ago) / EVERY)
    overdue = sum(age >= EVERY for age in runs_ago)
    early = [sum(EVERY - left <= age < EVERY for age in runs_ago) - share * left for left in range(1, EVERY)]
    return overdue + max(0, *early)


class Rotation:
    """The pages that one run leaves out. Where what is to be checked has changed since, there are none."""

    def __init__(self, past: PastLooks | None = None, planned: Iterable[PageRequest] = ()) -> None:
        past = past or PastLooks()
        lasting = {page.url for page in planned if page.kind not in _ROTATING}
        before = past.last - {url for url, look in past.looks.items() if look.kind in _ROTATING}
        self._past = past if lasting == before else PastLooks()
        self.resting: tuple[PageRequest, ...] = ()

    @property
    def has_room(self) -> bool:
        """Return whether this run opens fewer stories than another one has to."""
        ages = [look.runs_ago for look in self._past.looks.values() if look.kind is PageKind.STORY]
        return stories_to_open(ages) < ceil(len(ages) / EVERY)

    def without_resting(self, pages: Sequence[PageRequest]) -> list[PageRequest]:
        """Return the pages to open now; the others rest."""
        stories = [page for page in pages if page.kind is PageKind.STORY]
        ages = {page.url: self._runs_ago(page) for page in stories}
        oldest_first = sorted(ages, key=lambda url: -ages[url])
        resting = set(oldest_first[stories_to_open(tuple(ages.values())) :])
        if not self.has_room:
            feeds = (page for page in pages if page.kind is PageKind.FEED)
            resting |= {page.url for page in feeds if self._runs_ago(page) < EVERY}
        self.resting += tuple(page for page in pages if page.url in resting)
        return [page for page in pages if page.url not in resting]

    def _runs_ago(self, page: PageRequest) -> int:
        """Return how many runs ago it was opened last, from the viewpoints of now; as good as never: long."""
        look = self._past.looks.get(page.url)
        counts = look is not None and (look.both or AUTHOR not in page.viewpoints)
        return look.runs_ago if look and counts else EVERY

    def unlisted(self, looks: Iterable[Observation]) -> tuple[PageRequest, ...]:
        """Return the resting stories that no public list of these names; all that rests if one was listed."""
        listed = [story for look in looks if look.viewpoint == ANONYMOUS for story in look.stories or ()]
        lacking = tuple(
            page
            for page in self.resting
            if page.kind is PageKind.STORY and not any(one.is_at(page.subject, page.url) for one in listed)
        )
        return self.resting if any(page.subject in self._past.listed for page in lacking) else lacking

    def wake(self, pages: Iterable[PageRequest]) -> None:
        """Note that these are opened after all."""
        woken = set(pages)
        self.resting = tuple(page for page in self.resting if page not in woken)

    def unopened(self, opened: Iterable[str]) -> tuple[UnopenedPage, ...]:
        """Return what is reported of the pages that rest; `opened` are the addresses that do not."""
        opened = set(opened)
        looks = [(page, self._past.looks[page.url]) for page in self.resting if page.url not in opened]
        return tuple(
            UnopenedPage(
                kind=page.kind,
                url=page.url,
                subject=page.subject,
                last_looked=look.at,
                last_run=look.run_id,
            )
            for page, look in looks
        )
