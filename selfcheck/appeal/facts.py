"""What a letter tells: gathered from the incident, its latest result, and the account's earlier incidents.

Laws:
1. Only what strangers see is quoted, word for word, on one line; nothing that is for the author alone.
2. An earlier incident counts where it is of the same account and its author did not dismiss it.
3. What is not known is "" or None, and the letter is silent about it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from selfcheck.appeal.model import EarlierIncident, Letter, ShownPage
from selfcheck.core.enums import ANONYMOUS, BAD, PageKind
from selfcheck.core.history import account_of
from selfcheck.core.incident import EventKind, Incident, IncidentState
from selfcheck.core.text_safety import ascii_address, one_line

MOST_PAGES = 5
MOST_EARLIER = 4
_LONGEST_QUOTE = 240
_UTC = "UTC"
_STATUS = re.compile(r"status \d+")


class Clocks:
    """Writes moments for the author and for those who read the letter."""

    def __init__(self, own: str, theirs: str | None) -> None:
        self._own = own
        self._theirs = theirs or _UTC

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
    incident: Incident,
    pages: Sequence[Mapping[str, Any]],
    earlier: Iterable[Incident],
    *,
    clocks: Clocks,
    platform: str,
    handle: str,
    name: str = "",
    account_mail: str = "",
    address: str = "",
    note: str = "",
    likely: bool = False,
    attachments: tuple[str, ...] = (),
) -> Letter:
    """Return what a letter about this incident tells; `pages` are those of its latest result."""
    shown = shown_pages(pages)
    before = earlier_incidents(incident, earlier, clocks)
    return Letter(
        name=one_line(name),
        handle=one_line(handle),
        platform=platform,
        address=_own_address(pages) or ascii_address(address),
        account_mail=one_line(account_mail),
        verdict=incident.verdict.value,
        silent=incident.silent,
        likely=likely,
        last_good=clocks.moment(incident.last_good_at),
        first_bad=clocks.moment(incident.first_bad_at),
        last_bad=clocks.moment(incident.last_bad_at) if incident.last_bad_at > incident.first_bad_at else "",
        pages=shown[:MOST_PAGES],
        more_pages=max(0, len(shown) - MOST_PAGES),
        note=paragraphs(note),
        case=one_line(incident.case_number),
        earlier=before[:MOST_EARLIER],
        more_earlier=max(0, len(before) - MOST_EARLIER),
        form=False,
        attachments=attachments,
    )


def paragraphs(text: str) -> str:
    """Return the author's words with their line breaks, and without control characters."""
    lines = [one_line(line) for line in text.strip().splitlines()]
    return "\n".join(line for index, line in enumerate(lines) if line or (index and lines[index - 1]))


def shown_pages(pages: Sequence[Mapping[str, Any]]) -> tuple[ShownPage, ...]:
    """Return the pages that strangers do not see as they should; the profile's own first."""
    bad = [page for page in pages if page.get("verdict") in BAD and _kind(page) is not PageKind.STATS]
    ordered = sorted(bad, key=lambda page: _kind(page) is not PageKind.PROFILE)
    return tuple(_shown(page) for page in ordered)


def _kind(page: Mapping[str, Any]) -> PageKind | None:
    kind = page.get("kind")
    return PageKind(kind) if kind in set(PageKind) else None


def _shown(page: Mapping[str, Any]) -> ShownPage:
    views = page.get("views")
    found = views.get(ANONYMOUS) if isinstance(views, Mapping) else None
    view: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    status = view.get("status")
    return ShownPage(
        kind=str(page.get("kind")),
        address=ascii_address(str(page.get("url") or "")),
        verdict=str(page.get("verdict")),
        status=status if isinstance(status, int) else None,
        quote=_quote(view) if view.get("outcome") != "shown" else "",
    )


def _quote(view: Mapping[str, Any]) -> str:
    """Return what the page says, word for word.

    What the mark was known by may be no words (a status, a name in the page's data): then it is the page's
    title, and of a title that is the platform's name alone nothing is quoted.
    """
    told = (one_line(str(view.get(key) or ""), _LONGEST_QUOTE) for key in ("quote", "title"))
    return next((one for one in told if " " in one and not _STATUS.fullmatch(one)), "")


def _own_address(pages: Sequence[Mapping[str, Any]]) -> str:
    own = (page for page in pages if _kind(page) is PageKind.PROFILE)
    return ascii_address(str(next(own, {}).get("url") or ""))


def earlier_incidents(
    incident: Incident, others: Iterable[Incident], clocks: Clocks
) -> tuple[EarlierIncident, ...]:
    """Return the incidents of the same account before this one, the latest first."""
    account = account_of(incident.platform, incident.handle)
    before = [
        one
        for one in others
        if one.id != incident.id
        and account_of(one.platform, one.handle) == account
        and one.first_bad_at < incident.first_bad_at
        and one.state is not IncidentState.DISMISSED
    ]
    ordered = sorted(before, key=lambda one: one.first_bad_at, reverse=True)
    return tuple(_earlier(one, clocks) for one in ordered)


def _earlier(one: Incident, clocks: Clocks) -> EarlierIncident:
    answers = [event for event in one.events if event.kind is EventKind.ANSWERED]
    appeals = [event for event in one.events if event.kind is EventKind.APPEALED]
    return EarlierIncident(
        verdict=one.verdict.value,
        since=clocks.day(one.first_bad_at),
        until=clocks.day(one.over_at),
        days=max(1, (one.over_at - one.first_bad_at).days) if one.over_at else None,
        case=one_line(one.case_number),
        appealed=clocks.day(appeals[0].at if appeals else None),
        answered=clocks.day(answers[-1].at if answers else None),
        answer=one_line(answers[-1].text, _LONGEST_QUOTE) if answers else "",
        restored=one.state is IncidentState.RESTORED,
    )
