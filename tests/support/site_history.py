"""Sixty days of three authors, the same each time, for the tests of the report over time and to look at.

jane    healthy; gaps, an inconclusive day, a purge on day 25, silently suspended from day 34 to 41
tom     ever fewer followers; since day 57 his stories are missing from lists
old-mary  last looked at on day 51
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from io import BytesIO
from pathlib import Path

from histories import as_read
from PIL import Image, ImageDraw
from sample_runs import look, page, profile, run

from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, Outcome, PageKind, Strength, Verdict
from selfcheck.core.incident import EventKind, IncidentEvent
from selfcheck.core.observation import Observation
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import ControlReading, PageVerdict, ProfileVerdict
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

DAYS = 60
LAST = datetime(2024, 11, 20, 7, 30, tzinfo=UTC)
NOW = LAST + timedelta(hours=3)
FIRST = LAST - timedelta(days=DAYS - 1)
NO_RUN = frozenset({11, 12, 47})
UNTOLD = frozenset({19})
PURGE = 25
SUSPENDED = range(34, 42)
LIMITED_SINCE = 57
MARY_UNTIL = 51
PICTURED = frozenset({33, 34, 41, 56, 57, 59})
WOBBLE = (0, 7, -9, 4, -3, 10, -6, 2, -10, 5, 8, -1)
SECRETS = {
    "summary": "only-jane-reads-this-summary",
    "note": "my-own-note-to-myself",
    "case": "CASE-4711-SECRET",
    "appeal": "mail-to-support-about-it",
}


def at(day: int) -> datetime:
    return FIRST + timedelta(days=day)


def jane_followers(day: int) -> int | None:
    if day in UNTOLD or day in SUSPENDED:
        return None
    grown = 1180 + 2 * day + WOBBLE[day % 12] // 3
    return grown if day < PURGE else round(grown * 0.86)


def control_followers(day: int, size: int) -> int | None:
    grown = size + size * day // 900
    return None if day in UNTOLD else grown if day < PURGE else round(grown * 0.87)


def jane_views(day: int) -> int:
    usual = 210 + 3 * WOBBLE[day % 12] + (-60 if (day % 7) in {5, 6} else 0)
    return 0 if day in {36, 37, 38} else usual // 8 if day in SUSPENDED else usual


def tom_followers(day: int) -> int:
    return 860 - 2 * day + WOBBLE[day % 12] // 4


@cache
def screenshot(word: str, width: int = 400, height: int = 300) -> bytes:
    """A picture that says one word."""
    image = Image.new("RGB", (width, height), "#ffffff")
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, 0, width, height // 8), "#20304a")
    draw.text((20, height // 2), word, "#161b22", font_size=22)
    with BytesIO() as buffer:
        image.save(buffer, "PNG")
        return buffer.getvalue()


def controls(day: int) -> tuple[ControlReading, ...]:
    return tuple(
        ControlReading(
            kind=ControlKind.LIVE,
            handle=handle,
            outcome=Outcome.SHOWN,
            followers=control_followers(day, size),
        )
        for handle, size in (("@library", 5200), ("@editor", 840))
    )


def stats(name: str, day: int, views: list[int]) -> PageVerdict:
    author = look(AUTHOR, Outcome.SHOWN, kind=PageKind.STATS, taken_at=at(day))
    series = {"views": tuple(views), "reads": tuple(one // 3 for one in views)}
    return page(
        Verdict.VISIBLE,
        None,
        replace(author, series=series, screenshot=None),
        kind=PageKind.STATS,
        url="https://blog.example/me/stats",
        folder=f"{name}/stats",
        side_by_side=None,
    )


def main_page(name: str, day: int, verdict: Verdict) -> PageVerdict:
    outcome = {
        Verdict.SUSPENDED: Outcome.SUSPENDED,
        Verdict.INCONCLUSIVE: Outcome.CHALLENGE,
    }.get(verdict, Outcome.SHOWN)
    anonymous = _seen(name, ANONYMOUS, outcome, day)
    author = _seen(name, AUTHOR, Outcome.SHOWN, day)
    bad = verdict not in {Verdict.VISIBLE, Verdict.INCONCLUSIVE}
    return page(
        verdict,
        anonymous,
        author,
        silent=True if bad else None,
        subject=f"@{name}",
        url=f"https://blog.example/@{name}",
        folder=f"{name}/profile",
        side_by_side=f"{name}/profile/side-by-side.png",
    )


def _seen(name: str, viewpoint: str, outcome: Outcome, day: int) -> Observation:
    return look(viewpoint, outcome, taken_at=at(day), screenshot=f"{name}/profile/{viewpoint}.png")


def checked(name: str, day: int, verdict: Verdict, followers: int | None, views: list[int]) -> ProfileVerdict:
    words = {
        Verdict.VISIBLE: "The public sees the profile and its stories as its author does.",
        Verdict.LIMITED: "Three stories that the author sees as published are missing from the list.",
        Verdict.SUSPENDED: "The public is told that this account is suspended; its author is not.",
        Verdict.INCONCLUSIVE: "The platform asked for a check for robots, so nothing could be told.",
    }
    return profile(
        name,
        main_page(name, day, verdict),
        *([stats(name, day, views)] if views else []),
        handle=f"@{name}",
        summary=words[verdict] + (f" {SECRETS['summary']}" if name == "jane" else ""),
        controls=controls(day),
        facts={"followers": {ANONYMOUS: None, AUTHOR: followers}},
        strength=Strength.CONFIRMED if verdict is not Verdict.INCONCLUSIVE else Strength.LIKELY,
    )


def jane(day: int) -> ProfileVerdict:
    verdict = Verdict.SUSPENDED if day in SUSPENDED else Verdict.VISIBLE
    verdict = Verdict.INCONCLUSIVE if day in UNTOLD else verdict
    views = [] if day in UNTOLD else [jane_views(one) for one in range(max(0, day - 14), day)]
    return checked("jane", day, verdict, jane_followers(day), views)


def tom(day: int) -> ProfileVerdict:
    return checked(
        "tom", day, Verdict.LIMITED if day >= LIMITED_SINCE else Verdict.VISIBLE, tom_followers(day), []
    )


def mary(day: int) -> ProfileVerdict:
    return checked("old-mary", day, Verdict.VISIBLE, None, [])


def documents(*, only: tuple[str, ...] = ()) -> Iterator[tuple[int, dict[str, object]]]:
    """The result of each day's run, as `run.json` holds it."""
    for day in range(DAYS):
        if day in NO_RUN:
            continue
        found = [jane(day), tom(day), *([mary(day)] if day <= MARY_UNTIL else [])]
        profiles = [one for one in found if not only or one.name in only]
        moment = at(day)
        result = run(*profiles, run_id=f"{moment:%Y%m%dT%H%M%SZ}-day{day:02d}", started_at=moment)
        yield day, RunDocument.of(replace(result, finished_at=moment + timedelta(seconds=40))).plain()


def fill(data_dir: Path, *, only: tuple[str, ...] = (), proof: bytes | None = None) -> Path:
    """Make a data folder with this history, and with the pictures of the runs that matter."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with History.open(DataFolder(data_dir)) as history:
        for day, document in documents(only=only):
            history.record(as_read(document))
            if day in PICTURED:
                _keep(data_dir / "runs" / str(document["run_id"]), document, proof)
        if not only or "jane" in only:
            _said(history)
    return data_dir


def _keep(folder: Path, document: dict[str, object], proof: bytes | None) -> None:
    for one in document["profiles"]:  # type: ignore[attr-defined]
        lies = folder / one["name"] / "profile"
        lies.mkdir(parents=True)
        (lies / "side-by-side.png").write_bytes(proof or screenshot("PRIVATE beside public", 800, 400))
        (lies / "anonymous.png").write_bytes(screenshot("public"))
        (lies / "author.png").write_bytes(screenshot("PRIVATE"))
    (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")


def _said(history: History) -> None:
    (incident,) = history.incidents("jane")
    when = at(SUSPENDED[0]) + timedelta(hours=2)
    for kind, text in (
        (EventKind.NOTED, SECRETS["note"]),
        (EventKind.APPEALED, SECRETS["appeal"]),
        (EventKind.CASE, SECRETS["case"]),
    ):
        history.add_event(incident.id, IncidentEvent(at=when, kind=kind, text=text))
