"""How a profile stands today: what is stale or could not be told is never good."""

import re
import xml.etree.ElementTree as ET
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from selfcheck.core.account_report import AccountReport, ReportOverTime
from selfcheck.core.enums import Strength, Verdict
from selfcheck.core.history import ProfileDay, RunRow
from selfcheck.core.labels import Tone
from selfcheck.report.current_status import (
    current_status,
    overall,
    overall_badge,
    profile_badge,
    strength_word,
)

NOW = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
GOOD_WORDS = re.compile(r"^visible\b|^all \d+ profiles", re.IGNORECASE)


def row(verdict: Verdict, hours: float = 3, **more: object) -> RunRow:
    base = RunRow(
        run_id="r",
        profile="jane",
        platform="demo",
        handle="@jane",
        at=NOW - timedelta(hours=hours),
        verdict=verdict,
        silent=True if verdict is Verdict.SUSPENDED else None,
        strength=Strength.CONFIRMED,
        summary="What the run said.",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def a_profile(name: str, last: RunRow, told: RunRow | None = None) -> AccountReport:
    return AccountReport(
        name=name,
        handle="@jane",
        platform="Inkwell",
        last=last,
        last_conclusive=told,
        days=(ProfileDay(day=NOW.date()),),
        begun=date(2026, 11, 1),
    )


def report_of(*profiles: AccountReport, public: bool = False) -> ReportOverTime:
    return ReportOverTime(
        made_at=NOW,
        zone=UTC,
        zone_name="UTC",
        stale_after=timedelta(hours=36),
        profiles=profiles,
        public=public,
    )


FRESH, STALE = 3, 37


@pytest.mark.parametrize(
    ("verdict", "hours", "tone", "headline"),
    [
        pytest.param(Verdict.VISIBLE, FRESH, Tone.GOOD, "Visible", id="visible"),
        pytest.param(Verdict.LIMITED, FRESH, Tone.WARN, "Limited", id="limited"),
        pytest.param(Verdict.SUSPENDED, FRESH, Tone.BAD, "Suspended, and you were", id="suspended"),
        pytest.param(Verdict.INCONCLUSIVE, FRESH, Tone.UNCLEAR, "Could not tell", id="could not tell"),
        pytest.param(
            Verdict.VISIBLE, STALE, Tone.UNCLEAR, "Not checked for 1 day and 13 hours", id="good, stale"
        ),
        pytest.param(Verdict.SUSPENDED, STALE, Tone.UNCLEAR, "Not checked for", id="bad, stale"),
        pytest.param(Verdict.INCONCLUSIVE, STALE, Tone.UNCLEAR, "Not checked for", id="untold, stale"),
    ],
)
def test_the_status(verdict: Verdict, hours: float, tone: Tone, headline: str) -> None:
    found = current_status(a_profile("jane", row(verdict, hours)), report_of())
    assert found.tone is tone
    assert found.headline.startswith(headline)
    assert found.good is (tone is Tone.GOOD)


def test_a_stale_check_says_what_it_found_and_that_today_is_not_known() -> None:
    found = current_status(a_profile("jane", row(Verdict.VISIBLE, 24 * 8)), report_of())
    assert found.sentence == (
        "The last check was on 12 November 2026: visible. What the public sees today is not known."
    )
    assert strength_word(a_profile("jane", row(Verdict.VISIBLE, 24 * 8)), report_of()) == ""


def test_an_inconclusive_check_says_when_the_last_conclusive_one_was() -> None:
    untold = row(Verdict.INCONCLUSIVE, summary="A bot check stood before it.")
    found = current_status(a_profile("jane", untold, row(Verdict.VISIBLE, 27)), report_of())
    assert found.sentence == (
        "A bot check stood before it. The last conclusive check was on 19 November 2026: visible."
    )
    never = current_status(a_profile("jane", untold), report_of())
    assert never.sentence.endswith("No run so far was conclusive.")


VISIBLE, SUSPENDED, UNTOLD, OLD, LIMITED = (
    row(Verdict.VISIBLE),
    row(Verdict.SUSPENDED),
    row(Verdict.INCONCLUSIVE),
    row(Verdict.VISIBLE, STALE),
    row(Verdict.LIMITED),
)


@pytest.mark.parametrize(
    ("rows", "words", "tone"),
    [
        pytest.param((VISIBLE,), "Visible", Tone.GOOD, id="one"),
        pytest.param((VISIBLE, VISIBLE), "All 2 profiles are visible", Tone.GOOD, id="all good"),
        pytest.param(
            (VISIBLE, UNTOLD),
            "What the public sees of 1 of 2 profiles is not known today",
            Tone.UNCLEAR,
            id="one untold is not all good",
        ),
        pytest.param(
            (VISIBLE, OLD),
            "What the public sees of 1 of 2 profiles is not known today",
            Tone.UNCLEAR,
            id="one stale is not all good",
        ),
        pytest.param((VISIBLE, SUSPENDED), "1 of 2 profiles is suspended", Tone.BAD, id="one bad"),
        pytest.param((LIMITED, VISIBLE), "1 of 2 profiles is limited", Tone.WARN, id="only limited"),
        pytest.param(
            (LIMITED, SUSPENDED, OLD),
            "2 of 3 profiles are not fully visible to the public: 1 suspended, 1 limited; 1 not known today",
            Tone.BAD,
            id="of all kinds",
        ),
    ],
)
def test_all_profiles_in_one_line(rows: tuple[RunRow, ...], words: str, tone: Tone) -> None:
    all_of_them = report_of(*(a_profile(f"p{number}", one) for number, one in enumerate(rows)))
    assert overall(all_of_them) == (words, tone)
    badge = overall_badge(all_of_them)
    assert (GOOD_WORDS.search(words) is None) is (tone is not Tone.GOOD)
    assert ("#167138" in badge) is (tone is Tone.GOOD)


def test_a_badge_shows_the_day_of_its_check_and_gives_its_words_to_a_screen_reader() -> None:
    one = a_profile("jane & co", row(Verdict.SUSPENDED))
    svg = ET.fromstring(profile_badge(one, report_of(one)))
    assert svg.get("aria-label") == "jane & co: suspended · 20 Nov 2026"
    texts = [text.text for text in svg.iter("{http://www.w3.org/2000/svg}text")]
    assert texts == ["jane & co", "suspended · 20 Nov 2026"]


def test_the_badge_of_all_shows_the_day_of_the_oldest_check_and_counts_only_what_is_known() -> None:
    two = report_of(a_profile("jane", VISIBLE), a_profile("tom", row(Verdict.VISIBLE, 24 * 8)))
    assert "1 of 2 visible · 12 Nov 2026" in overall_badge(two)
    assert "no check so far" in overall_badge(report_of())


def test_a_badge_refers_to_nothing_outside() -> None:
    one = a_profile("jane", VISIBLE)
    addresses = re.findall(r'(?:href|src|xmlns)="([^"]+)"', profile_badge(one, report_of(one)))
    assert addresses == ["http://www.w3.org/2000/svg"]


@pytest.mark.parametrize("verdict", Verdict)
def test_a_public_text_addresses_no_one_and_has_nothing_of_the_author_s_view(verdict: Verdict) -> None:
    secret = row(verdict, summary="SECRET", silent=True)
    found = current_status(a_profile("jane", secret, secret), report_of(public=True))
    assert "SECRET" not in found.sentence
    assert re.search(r"\byou", f"{found.headline} {found.sentence}") is None
