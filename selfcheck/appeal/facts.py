"""What a letter tells: gathered from the incident, its latest run, and the account's earlier incidents. Pure.

Laws:
1. Only what logged-out visitors see is quoted, word for word, on one line; nothing that is for the author
   alone.
2. An earlier incident counts if it is of the same account and its author did not dismiss it.
3. What is not known is "" or None, and the letter does not mention it.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from selfcheck.appeal.model import Account, Choice, EarlierIncident, Letter, ShownPage
from selfcheck.core.enums import ANONYMOUS, BAD, Outcome, PageKind
from selfcheck.core.incident import EventKind, Incident, IncidentState
from selfcheck.core.run_document import PageRecord, ViewRecord
from selfcheck.core.text_safety import ascii_address, one_line

MOST_PAGES = 5
MOST_EARLIER = 4
_LONGEST_QUOTE = 240
_STATUS = re.compile(r"status \d+")


class Clocks:
    """Writes moments for the author and for those who read the letter."""

    def __init__(self, own: str, theirs: str | None) -> None:
        self._own = own
        self._theirs = theirs or "UTC"

    def moment(self, at: datetime | None) -> str:
        """Return a moment in the author's time zone and in the platform's, or UTC where that is unknown."""
        if at is None:
            return ""
        if self._own == self._theirs:
            return _in_zone(at, self._own)
        return f"{_in_zone(at, self._own)} ({_in_zone(at, self._theirs)})"

    def day(self, at: datetime | None) -> str:
        """Return the author's day of a moment."""
        return f"{at.astimezone(ZoneInfo(self._own)):%Y-%m-%d}" if at else ""


def _in_zone(at: datetime, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%Y-%m-%d %H:%M} {zone}"


def letter(
    choice: Choice, pages: Sequence[PageRecord], *, account: Account, clocks: Clocks, note: str
) -> Letter:
    """Return what a letter about this incident tells; `pages` are those of its latest run."""
    incident = choice.incident
    shown = _bad_pages(pages)
    earlier = _earlier_incidents(incident, choice.earlier, clocks)
    own = next((page.url for page in pages if page.kind is PageKind.PROFILE), account.address)
    return Letter(
        account=replace(
            account,
            name=one_line(account.name),
            handle=one_line(account.handle),
            address=ascii_address(own),
            account_mail=one_line(account.account_mail),
        ),
        verdict=incident.verdict.value,
        silent=incident.silent,
        likely=choice.likely,
        last_good=clocks.moment(incident.last_good_at),
        first_bad=clocks.moment(incident.first_bad_at),
        last_bad=clocks.moment(incident.last_bad_at) if incident.last_bad_at > incident.first_bad_at else "",
        pages=shown[:MOST_PAGES],
        more_pages=max(0, len(shown) - MOST_PAGES),
        note=paragraphs(note),
        case=one_line(incident.case_number),
        earlier=earlier[:MOST_EARLIER],
        more_earlier=max(0, len(earlier) - MOST_EARLIER),
    )


def paragraphs(text: str) -> str:
    """Return the author's words with their line breaks, and without control characters."""
    lines = [one_line(line) for line in text.strip().splitlines()]
    return "\n".join(line for index, line in enumerate(lines) if line or (index and lines[index - 1]))


def _bad_pages(pages: Sequence[PageRecord]) -> tuple[ShownPage, ...]:
    """Return the pages that the public does not see as it should; the profile's own first."""
    bad = [page for page in pages if page.verdict in BAD and page.kind is not PageKind.STATS]
    return tuple(map(_shown, sorted(bad, key=lambda page: page.kind is not PageKind.PROFILE)))


def _shown(page: PageRecord) -> ShownPage:
    view = page.view(ANONYMOUS)
    return ShownPage(
        kind=page.kind.value,
        address=ascii_address(page.url),
        verdict=page.verdict.value,
        status=view.status if view else None,
        quote=_quote(view) if view and view.outcome is not Outcome.SHOWN else "",
    )


def _quote(view: ViewRecord) -> str:
    """Return what the page says, word for word.

    The mark that was found may be no sentence (a status, a key in the page's data); then the page's title is
    quoted, unless that is the platform's name alone.
    """
    texts = (one_line(text, _LONGEST_QUOTE) for text in (view.quote, view.title))
    return next((text for text in texts if " " in text and not _STATUS.fullmatch(text)), "")


def _earlier_incidents(
    incident: Incident, others: Iterable[Incident], clocks: Clocks
) -> tuple[EarlierIncident, ...]:
    """Return the incidents of the same account before this one, the latest first."""
    account = incident.account
    earlier = [
        other
        for other in others
        if other.id != incident.id
        and other.account == account
        and other.first_bad_at < incident.first_bad_at
        and other.state is not IncidentState.DISMISSED
    ]
    ordered = sorted(earlier, key=lambda other: other.first_bad_at, reverse=True)
    return tuple(_earlier(other, clocks) for other in ordered)


def _earlier(incident: Incident, clocks: Clocks) -> EarlierIncident:
    answers = [event for event in incident.events if event.kind is EventKind.ANSWERED]
    appeals = [event for event in incident.events if event.kind is EventKind.APPEALED]
    over_at = incident.over_at
    return EarlierIncident(
        verdict=incident.verdict.value,
        since=clocks.day(incident.first_bad_at),
        until=clocks.day(over_at),
        days=max(1, (over_at - incident.first_bad_at).days) if over_at else None,
        case=one_line(incident.case_number),
        appealed=clocks.day(appeals[0].at if appeals else None),
        answered=clocks.day(answers[-1].at if answers else None),
        answer=one_line(answers[-1].text, _LONGEST_QUOTE) if answers else "",
        restored=incident.state is IncidentState.RESTORED,
    )
