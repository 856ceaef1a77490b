"""The numbers that earlier runs read, from their `run.json`: what a later run compares its own with.

Laws:
1. A run that is damaged, unfinished or of an unknown form is passed over; it never stops a new run.
2. A number that a run did not find stays unknown, and a run that did not happen leaves no trace: gaps.
3. What was read while the session was signed out, or another account's, is not the author's number.
4. Bounded: only the newest runs are opened, and no file above a sane size is read.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from selfcheck.core.case import PastNumbers
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, PageKind, Verdict
from selfcheck.core.handle import Handle
from selfcheck.core.run import SCHEMA

MOST_RUNS = 60
"""How many earlier runs are handed on, the newest ones."""

_MOST_OPENED = 2 * MOST_RUNS
_LARGEST = 20_000_000  # bytes; a run of a hundred profiles stays well below
_NOT_THE_AUTHORS = "session."

SETTLED_FOR = timedelta(days=7)
"""How long the author's look at a page may count before it is taken anew."""


@dataclass(frozen=True, kw_only=True)
class PastRuns:
    """The earlier runs of a data folder, read once for all profiles of a new run."""

    runs: tuple[Mapping[str, Any], ...] = ()  # documents of `run.json`, oldest first

    @classmethod
    def read(cls, data_dir: Path, *, most: int = MOST_RUNS) -> "PastRuns":
        """Return the newest runs that can be read; none where there is no such folder."""
        found: list[Mapping[str, Any]] = []
        for folder in _newest_first(data_dir / "runs")[:_MOST_OPENED]:
            if len(found) == most:
                break
            if (document := _document(folder / "run.json")) is not None:
                found.append(document)
        return cls(runs=tuple(reversed(found)))

    def of(self, name: str, platform: str, handle: str) -> tuple[PastNumbers, ...]:
        """Return the numbers of this profile, oldest first; another handle is another account."""
        wanted = (name, platform, Handle(handle).key)
        return tuple(
            numbers
            for run in self.runs
            for profile in _objects(run.get("profiles"))
            if _whose(profile) == wanted and (numbers := _numbers(run, profile)) is not None
        )

    def settled(
        self, name: str, platform: str, handle: str, *, since: datetime
    ) -> Mapping[str, tuple[str, ...]]:
        """Return the pages that strangers and the author were shown since then, with the stories listed.

        A page of which a later run says anything but `visible` is settled no more.
        """
        wanted = (name, platform, Handle(handle).key)
        found: dict[str, tuple[str, ...]] = {}
        for run in self.runs:
            at = _moment(run.get("started_at"))
            pages = (
                page
                for one in _objects(run.get("profiles"))
                if _whose(one) == wanted
                for page in _objects(one.get("pages"))
            )
            for page in pages if at is not None and at >= since else ():
                url, listed = str(page.get("url")), _both_shown(page)
                if page.get("verdict") != Verdict.VISIBLE.value:
                    found.pop(url, None)
                elif listed is not None:
                    found[url] = listed
        return found

    def last_looks(self, *, left_out: Callable[[str], bool]) -> Mapping[str, datetime]:
        """Return when each platform was last looked at, by its name; a run that reached no page is no look.

        `left_out` says of a host that looks at it do not count.
        """
        found: dict[str, datetime] = {}
        for run in self.runs:
            at = _moment(run.get("started_at"))
            for profile in _objects(run.get("profiles")):
                name = str(profile.get("platform"))
                if at is not None and _reached(profile, left_out):
                    found[name] = max(at, found.get(name, at))
        return found


def _both_shown(page: Mapping[str, Any]) -> tuple[str, ...] | None:
    """Return the stories that strangers were listed, where they and the author were shown the page."""
    views = page.get("views")
    looks = [views.get(who) for who in (ANONYMOUS, AUTHOR)] if isinstance(views, dict) else []
    if not looks or any(not isinstance(one, dict) or one.get("outcome") != "shown" for one in looks):
        return None
    assert isinstance(looks[0], dict)
    return tuple(str(one.get("id")) for one in _objects(looks[0].get("stories")))


def _reached(profile: Mapping[str, Any], left_out: Callable[[str], bool]) -> bool:
    """Return whether any page of a profile answered, on a host that counts."""
    for page in _objects(profile.get("pages")):
        views = page.get("views")
        looks = views.values() if isinstance(views, dict) else ()
        answered = any(isinstance(look, dict) and look.get("status") is not None for look in looks)
        if answered and not left_out(_host(page.get("url"))):
            return True
    return False


def _host(url: object) -> str:
    try:
        return urlsplit(str(url)).hostname or ""
    except ValueError:
        return ""


def _newest_first(folder: Path) -> list[Path]:
    """Return the runs' folders by name, which begins with the time."""
    try:
        return sorted((path for path in folder.iterdir() if path.is_dir()), reverse=True)
    except OSError:
        return []


def _document(path: Path) -> Mapping[str, Any] | None:
    try:
        if path.stat().st_size > _LARGEST:
            return None
        document = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) and document.get("schema") == SCHEMA else None


def _whose(profile: Mapping[str, Any]) -> tuple[str, str, str]:
    name, platform, handle = (str(profile.get(key, "")) for key in ("name", "platform", "handle"))
    return name, platform, Handle(handle).key


def _numbers(run: Mapping[str, Any], profile: Mapping[str, Any]) -> PastNumbers | None:
    taken_at = _moment(run.get("started_at"))
    if taken_at is None:
        return None
    rules = profile.get("rules")
    authors = (
        not any(str(rule).startswith(_NOT_THE_AUTHORS) for rule in rules) if isinstance(rules, list) else True
    )
    series, series_at = _series(profile) if authors else ({}, None)
    return PastNumbers(
        run_id=str(run.get("run_id", "")),
        taken_at=taken_at,
        facts=_facts(profile, authors=authors),
        series=series,
        series_at=series_at,
        controls={
            str(one.get("handle")): _number(one.get("followers"))
            for one in _objects(profile.get("controls"))
            if one.get("kind") == ControlKind.LIVE.value
        },
    )


def _facts(profile: Mapping[str, Any], *, authors: bool) -> dict[str, dict[str, int | None]]:
    facts = profile.get("facts")
    return {
        str(name): {str(who): _number(value) for who, value in values.items() if authors or who != AUTHOR}
        for name, values in (facts.items() if isinstance(facts, dict) else ())
        if isinstance(values, dict)
    }


def _series(profile: Mapping[str, Any]) -> tuple[dict[str, tuple[int, ...]], datetime | None]:
    for page in _objects(profile.get("pages")):
        views = page.get("views")
        look = views.get(AUTHOR) if isinstance(views, dict) else None
        if page.get("kind") == PageKind.STATS.value and isinstance(look, dict):
            return _whole(look.get("series")), _moment(look.get("taken_at"))
    return {}, None


def _whole(series: object) -> dict[str, tuple[int, ...]]:
    """Return the series of which every value is a number: a gap would shift the days."""
    if not isinstance(series, dict):
        return {}
    return {
        str(name): tuple(values)
        for name, values in series.items()
        if isinstance(values, list) and values and all(_number(value) is not None for value in values)
    }


def _objects(found: object) -> Iterator[Mapping[str, Any]]:
    return (one for one in found if isinstance(one, dict)) if isinstance(found, list) else iter(())


def _number(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else None


def _moment(text: object) -> datetime | None:
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else None
