"""A run before a bot wall, from end to end: without help, with a person, with a kept clearance."""

import asyncio
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from runs import environment, finish
from walled_site import CLEARANCE, WalledSite, walled_site

from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.runs.environment import NoProgress
from selfcheck.runs.run import Finished, run
from selfcheck.sessions.clearances import Clearances


@pytest.fixture
def site() -> Iterator[WalledSite]:
    with walled_site() as site:
        yield site


class Person(NoProgress):
    """Passes the wall as soon as they are told of it."""

    def __init__(self, site: WalledSite) -> None:
        self.site = site

    def say(self, text: str) -> None:
        """Pass the check."""
        assert "pass its check" in text
        self.site.passed = True


def profile(site: WalledSite, folder: Path, more: str = "") -> ProfileRequest:
    return ProfileRequest(name="jane", platform=str(site.platform_file(folder, more)), handle="jane")


def assisted(site: WalledSite, folder: Path, **options: Any) -> Finished:
    """Run with a person, and without windows: no screen is needed in a test.

    There are no controls: on loopback they are opened at the same time, and the person passes all at once.
    """
    options = {"data_dir": folder / "data", "assist": True, **options}
    asked = replace(profile(site, folder), platform=str(site.platform_file(folder, controls=False)))
    request = Request(profiles=(asked,), options=RunOptions(**options))
    return asyncio.run(run(request, environment=environment(folder), progress=Person(site)))


def document(finished: Finished) -> Any:
    return json.loads((finished.folder / "run.json").read_text(encoding="utf-8"))


def everything_written(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in folder.rglob("*") if path.is_file())


def test_without_help_a_wall_ends_it_and_names_the_ways_out(site: WalledSite, tmp_path: Path) -> None:
    finished = finish(tmp_path, profile(site, tmp_path))
    (verdict,) = finished.result.profiles
    assert (verdict.verdict, verdict.rules[0]) == (Verdict.INCONCLUSIVE, "wall.challenge")
    assert "`selfcheck run jane --assist`" in " ".join(verdict.next_steps)


def test_with_a_person_the_page_is_seen(site: WalledSite, tmp_path: Path) -> None:
    finished = assisted(site, tmp_path)
    (verdict,) = finished.result.profiles
    (page,) = document(finished)["profiles"][0]["pages"]
    assert verdict.verdict is Verdict.VISIBLE
    assert page["views"]["anonymous"]["clearance"] == "by_hand"
    assert CLEARANCE.encode() not in everything_written(tmp_path / "data")


def test_with_consent_a_clearance_is_kept_encrypted_and_used_logged_out(
    site: WalledSite, tmp_path: Path
) -> None:
    assisted(site, tmp_path, keep_clearance=True)
    store = environment(tmp_path).sessions
    (kept,) = Clearances(store).kept(datetime.now(UTC))
    assert kept.name == "clearance/walledblog-127.0.0.1"
    assert store.names() == ()  # no session of an author
    assert CLEARANCE.encode() not in everything_written(tmp_path)
    site.passed = False  # the person has gone
    later = finish(tmp_path, profile(site, tmp_path), keep_clearance=True)
    (page,) = document(later)["profiles"][0]["pages"]
    assert later.result.profiles[0].verdict is Verdict.VISIBLE
    assert page["views"]["anonymous"]["clearance"] == "kept"
    without = finish(tmp_path, profile(site, tmp_path))
    assert without.result.profiles[0].rules[0] == "wall.challenge"
    assert CLEARANCE.encode() not in everything_written(tmp_path)


def test_without_consent_nothing_is_kept(site: WalledSite, tmp_path: Path) -> None:
    assisted(site, tmp_path)
    assert Clearances(environment(tmp_path).sessions).kept(datetime.now(UTC)) == ()


FEED = """
fallbacks:
  - {id: walledblog.feed, instead_of: profile, url: "{home}/feed/{handle}", for_programs: true, tag: C, source: test, seen: "2026"}
"""  # noqa: E501


@pytest.mark.parametrize(
    ("body", "verdict", "rule"),
    [
        ("This account is suspended", Verdict.SUSPENDED, "programs.told-suspended"),
        ("<h1>@jane</h1>", Verdict.INCONCLUSIVE, "wall.challenge"),
    ],
)
def test_what_programs_are_told_is_asked_for_once_and_confirms_nothing(
    site: WalledSite, tmp_path: Path, body: str, verdict: Verdict, rule: str
) -> None:
    site.programs["/feed/jane"] = (200, body)
    finished = finish(tmp_path, profile(site, tmp_path, FEED))
    (found,) = finished.result.profiles
    (page,) = document(finished)["profiles"][0]["pages"]
    (asked,) = [entry for entry in site.asked if entry[1] == "/feed/jane"]
    assert (found.verdict, found.rules[0], found.strength) == (verdict, rule, Strength.LIKELY)
    assert found.silent is None
    assert asked[2].startswith("selfcheck/")
    assert [look["purpose"] for look in page["further"]] == ["program_view"]


def test_without_a_wall_programs_views_are_not_asked_for(site: WalledSite, tmp_path: Path) -> None:
    site.programs["/@jane"] = (200, "<title>blog</title><h1>@jane</h1><p>Words of the page")
    finish(tmp_path, profile(site, tmp_path, FEED))
    assert "/feed/jane" not in site.paths()
