"""The ladder of remedies: dates by the calendar, which steps are open to whom, their letters and files."""

# ruff: noqa: E501 — a row of a table reads best as one line

import re
import shlex
import stat
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from kept_runs import incident

from selfcheck.appeal.model import Account, EarlierIncident, Letter, ShownPage, TemplateSource
from selfcheck.appeal.render_letter import form_text, languages
from selfcheck.appeal.rights.model import OWN_WORDS, Period, RightsStep, Situation
from selfcheck.appeal.rights.render_calendar import calendar_file
from selfcheck.appeal.rights.render_text import checklist_text, rights_text
from selfcheck.appeal.rights.rules import rights_dates, rights_steps, situation
from selfcheck.appeal.rights.service import checklist_items, keep_author, read_law, shipped_laws, step_letter
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import BAD
from selfcheck.core.incident import EventKind, IncidentEvent
from selfcheck.errors import ConfigurationError
from selfcheck.platforms.catalogue import load_platform, shipped_names
from selfcheck.platforms.schema import Contact
from selfcheck.settings import read_preferences
from selfcheck.settings.preferences import AuthorSettings

DATA = Path(str(files("selfcheck.appeal.rights"))) / "data"
TODAY = date(2026, 12, 1)
ANYONE = Contact.model_validate(
    {"about": "appeal", "for": "anyone", "mail": "a@b.invalid", "source": "a test", "seen": "2026"}
)
WHERE = Situation(
    platform="demo",
    country="DE",
    acts_as="consumer",
    contacts=(ANYONE,),
    today=TODAY,
    first_bad=date(2026, 11, 30),
    last_good=date(2026, 11, 28),
    told=None,
    answered=None,
    sent={},
)


def by_name(where: Situation) -> Mapping[str, RightsStep]:
    return {step.remedy.id: step for step in rights_steps(shipped_laws(), where)}


# -- dates -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("period", "start", "end"),
    [
        pytest.param("6M", "2026-11-30", "2027-05-30", id="months end on the same number"),
        pytest.param("6M", "2026-08-31", "2027-02-28", id="or on the last day of a shorter month"),
        pytest.param("6M", "2027-08-31", "2028-02-29", id="in a leap year on the 29th"),
        pytest.param("12M", "2028-02-29", "2029-02-28", id="a year after a leap day"),
        pytest.param("1M", "2028-01-31", "2028-02-29", id="one month into February"),
        pytest.param("1M", "2026-12-31", "2027-01-31", id="over the end of the year"),
        pytest.param("2W", "2028-02-20", "2028-03-05", id="two weeks over a leap day"),
        pytest.param("90D", "2026-11-30", "2027-02-28", id="days are counted"),
        pytest.param("6M", "9999-11-30", "9999-12-31", id="a damaged run's date stays within the calendar"),
        pytest.param("7D", "2026-11-28", "2026-12-05", id="a Saturday stays: no source moves it earlier"),
    ],
)
def test_a_period_ends_on_a_day(period: str, start: str, end: str) -> None:
    length = Period(int(period[:-1]), period[-1])
    assert length.after(date.fromisoformat(start)).isoformat() == end


@pytest.mark.parametrize(
    ("zones", "day"),
    [
        (("UTC",), "2026-02-03"),
        (("Asia/Tokyo",), "2026-02-04"),
        (("Asia/Tokyo", "America/New_York"), "2026-02-03"),
        (("America/New_York", "America/New_York"), "2026-02-03"),
    ],
)
def test_a_moment_is_the_earlier_day_of_the_authors_and_the_platforms(
    zones: tuple[str, ...], day: str
) -> None:
    about = incident(first_bad_at=datetime(2026, 2, 3, 16, 30, tzinfo=UTC))
    where = situation(
        about,
        platform="demo",
        contacts=(),
        country=None,
        acts_as=None,
        now=datetime(2026, 2, 5, tzinfo=UTC),
        zones=[ZoneInfo(zone) for zone in zones],
    )
    assert where.first_bad.isoformat() == day


@pytest.mark.parametrize(
    ("name", "more", "keep", "readings"),
    [
        pytest.param("dsa-20", {}, "2027-05-30", [("2026-11-30", "2027-05-30"), (None, None)], id="never told: both readings, the earlier date kept"),
        pytest.param("dsa-20", {"told": date(2026, 12, 1)}, "2027-05-30", [("2026-12-01", "2027-06-01"), ("2026-11-30", "2027-05-30")], id="told later than found: still the earlier"),
        pytest.param("dsa-20", {"told": date(2026, 11, 20)}, "2027-05-20", [("2026-11-20", "2027-05-20"), ("2026-11-30", "2027-05-30")], id="told before it was found"),
        pytest.param("dsa-21", {}, "2027-05-30", [("2026-11-30", "2027-05-30"), ("2026-11-28", "2027-05-28")], id="a decision may be as old as the last good run; that date is shown and not kept"),
        pytest.param("bluesky-appeal", {"platform": "bluesky"}, "2026-12-14", [("2026-11-30", "2026-12-14"), ("2026-11-28", "2026-12-12")], id="Bluesky: two weeks"),
        pytest.param("mastodon-appeal", {"platform": "mastodon"}, "2026-12-20", [("2026-11-30", "2026-12-20"), ("2026-11-28", "2026-12-18")], id="Mastodon: 20 days"),
        pytest.param("github-copy", {"platform": "github"}, "2027-02-28", [("2026-11-30", "2027-02-28"), ("2026-11-28", "2027-02-26")], id="GitHub: 90 days for a copy"),
        pytest.param("india-appeal", {"country": "IN", "answered": date(2026, 11, 30)}, "2026-12-30", [("2026-11-30", "2026-12-30")], id="after an answer"),
        pytest.param("gdpr-15", {}, "None", [], id="no deadline of the author's"),
    ],
)  # fmt: skip
def test_a_deadline_has_its_readings(
    name: str, more: dict[str, object], keep: str, readings: list[tuple[str | None, str | None]]
) -> None:
    step = by_name(replace(WHERE, **more))[name]  # type: ignore[arg-type]
    assert step.may_be_open
    assert str(step.keep) == keep
    shown = [
        (each.start and each.start.isoformat(), each.end and each.end.isoformat()) for each in step.readings
    ]
    assert shown == readings


@pytest.mark.parametrize(
    ("name", "sent", "due"),
    [
        ("gdpr-15", "2026-12-31", "2027-01-31"),
        ("gdpr-15", "2027-01-31", "2027-02-28"),
        ("india-grievance", "2026-12-01", "2026-12-08"),
        ("dsa-17", "2026-12-01", "None"),
    ],
)
def test_an_answer_is_due_where_a_law_says_when(name: str, sent: str, due: str) -> None:
    day = date.fromisoformat(sent)
    country = "IN" if name.startswith("india") else "DE"
    step = by_name(replace(WHERE, sent={name: day}, today=day, country=country))[name]
    assert str(step.answer_due) == due
    dates = [each for each in rights_dates([step], day) if each.theirs]
    assert [str(each.day) for each in dates] == ([due] if due != "None" else [])


# -- which are open ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "more", "reason"),
    [
        pytest.param("dsa-17", {"country": "US"}, "It is for people in the EU; your country is set to US.", id="outside the EU"),
        pytest.param("uk-21", {}, "It is for people in the United Kingdom", id="outside the United Kingdom"),
        pytest.param("india-appeal", {"country": "IN"}, "none is recorded", id="before an answer"),
        pytest.param("p2b-4", {}, "for those who write as a business", id="a consumer"),
        pytest.param("dsa-21", {"sent": {"dsa-21": TODAY}}, "one at a time", id="a body has it"),
        pytest.param("bluesky-appeal", {"platform": "bluesky", "today": date(2026, 12, 15)}, "over by every reading", id="too late by every reading"),
    ],
)  # fmt: skip
def test_what_is_not_open_says_why(name: str, more: dict[str, object], reason: str) -> None:
    step = by_name(replace(WHERE, **more))[name]  # type: ignore[arg-type]
    assert not step.may_be_open
    assert not step.has_letter
    assert reason in " ".join(step.reasons)


def test_the_shortest_deadline_comes_first_also_where_it_is_the_platforms_own() -> None:
    steps = rights_steps(shipped_laws(), replace(WHERE, platform="bluesky"))
    assert [step.remedy.id for step in steps[:3]] == ["bluesky-appeal", "dsa-20", "dsa-21"]
    keeps = [step.keep for step in steps if step.may_be_open and step.keep]
    assert keeps == sorted(keeps)
    assert [step.may_be_open for step in steps] == sorted((step.may_be_open for step in steps), reverse=True)
    assert "github-copy" not in {step.remedy.id for step in steps}


def test_what_is_not_known_of_the_author_becomes_a_condition() -> None:
    steps = by_name(replace(WHERE, country=None, acts_as=None))
    assert [words.en for words in steps["p2b-4"].only_if] == ["you are in the EU", "you write as a business"]
    assert [words.en for words in steps["uk-21"].only_if] == ["you are in the United Kingdom"]
    assert all(step.may_be_open for name, step in steps.items() if name != "india-appeal")


def test_a_step_is_not_too_late_while_one_reading_has_not_begun() -> None:
    late = replace(WHERE, today=date(2027, 5, 28), first_bad=date(2026, 6, 1), last_good=None)
    assert by_name(late)["dsa-20"].may_be_open
    assert not by_name(late)["dsa-21"].may_be_open
    assert not by_name(replace(late, told=date(2026, 6, 2)))["dsa-20"].may_be_open
    text = rights_text(incident(), late, rights_steps(shipped_laws(), late), USUAL_HINTS)
    assert "By the earliest reading it ended on 2026-12-01" in " ".join(text.split())


def test_each_command_of_the_steps_stands_whole_on_a_line() -> None:
    hints = replace(USUAL_HINTS, data="/home/a long name/with a space/" * 3)
    text = rights_text(incident(), WHERE, rights_steps(shipped_laws(), WHERE), hints)
    commands = [line for line in text.splitlines() if " --sent " in line or " --step " in line]
    assert commands
    assert all(line.endswith(shlex.join(["--data", str(hints.data)])) for line in commands)


@pytest.mark.parametrize(("today", "stale"), [(date(2027, 5, 28), False), (date(2027, 5, 29), True)])
def test_what_has_to_be_read_again_prints_no_date_and_has_no_letter(today: date, stale: bool) -> None:
    where = replace(WHERE, today=today, told=date(2027, 3, 1), sent={"dsa-20": today})
    law = next(law for law in shipped_laws() if law.id == "dsa")
    step = next(each for each in rights_steps([law], where) if each.remedy.id == "dsa-20")
    assert (step.keep is None, not step.has_letter, step.readings == ()) == (stale,) * 3
    text = rights_text(incident(), where, [step], USUAL_HINTS)
    assert ("had to be read again by 2027-05-28" in " ".join(text.split())) is stale
    assert ("Keep this date" in text or "ended on" in text) is not stale


def test_only_events_of_the_incident_say_what_was_told_sent_and_answered() -> None:
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    about = incident(
        events=(
            IncidentEvent(at=at, kind=EventKind.TOLD, text="2026-11-21"),
            IncidentEvent(at=at, kind=EventKind.TOLD, text="no day at all"),
            IncidentEvent(at=at, kind=EventKind.STEP, text="gdpr-15"),
            IncidentEvent(at=at, kind=EventKind.ANSWERED, text="No."),
        )
    )
    where = situation(about, platform="demo", contacts=(), country=None, acts_as=None, now=at, zones=[UTC])
    assert (where.told, where.sent, where.answered) == (date(2026, 11, 21), {"gdpr-15": at.date()}, at.date())


@pytest.mark.parametrize(
    ("readers", "chosen"),
    [(("authorities",), None), (("authorities", "users"), "users"), (("anyone", "users"), "anyone")],
)
def test_a_contact_for_authorities_gets_no_letter(readers: tuple[str, ...], chosen: str | None) -> None:
    contacts = tuple(
        Contact.model_validate({"about": "contact-point", "for": reader, "mail": f"{reader}@b.invalid", "source": "-", "seen": "2026"})
        for reader in readers
    )  # fmt: skip
    step = by_name(replace(WHERE, contacts=contacts))["dsa-17"]
    assert (step.contact and step.contact.reader) == chosen
    assert step.has_letter is (chosen is not None)


# -- the shipped data --------------------------------------------------------------------------------------

ALL = [remedy for law in shipped_laws() for remedy in law.remedies]
LONG = Letter(
    account=Account(name="Jane Doe", handle="@jane", platform="Inkwell", address="https://blog.example/@jane"),
    verdict="suspended",
    silent=True,
    likely=True,
    last_good="2026-02-02 05:05 Europe/Berlin (2026-02-01 23:05 America/New_York)",
    first_bad="2026-02-03 05:05 Europe/Berlin (2026-02-02 23:05 America/New_York)",
    last_bad="2026-02-04 05:05 Europe/Berlin (2026-02-03 23:05 America/New_York)",
    pages=tuple(
        ShownPage(kind="story", address=f"https://blog.example/{'x' * 80}-{n}", verdict="missing", status=404, quote="Gone for good. " * 9)
        for n in range(5)
    ),
    more_pages=7,
    note="I write about rivers. " * 40,
    case="C-1",
    earlier=(EarlierIncident(verdict="hidden", since="2025-01-01", until="", days=None, case="", appealed="", answered="", answer="", restored=False),),
    more_earlier=0,
)  # fmt: skip
CLAIMS = re.compile(
    r"you (have )?(violat|breach|broke|infring)|unlawful|illegally|must restore|verstoßen|rechtswidrig gehandelt|small company|percent",
    re.IGNORECASE,
)


def test_every_shipped_step_has_a_source_and_says_to_whom_it_does_not_apply() -> None:
    assert len({remedy.id for remedy in ALL}) == len(ALL)
    for remedy in ALL:
        assert remedy.sources, remedy.id
        assert remedy.not_for, remedy.id
        assert remedy.letter is None or {source.words for source in remedy.sources} & OWN_WORDS, remedy.id
    assert {
        "dsa-12",
        "dsa-17",
        "dsa-20",
        "dsa-21",
        "dsa-53",
        "gdpr-15",
        "gdpr-20",
        "gdpr-22",
        "p2b-4",
        "uk-21",
    } <= {remedy.id for remedy in ALL}


@pytest.mark.parametrize("language", languages())
def test_every_letter_fits_its_limit_says_what_was_seen_and_asserts_no_breach(language: str) -> None:
    form_limits = {load_platform(name).appeal.form_limit for name in shipped_names()}
    limits = form_limits | {c.limit for name in shipped_names() for c in load_platform(name).appeal.contacts}
    source = TemplateSource(kind="rights", language=language)
    for remedy in ALL:
        if remedy.letter is None:
            continue
        for limit in limits:
            content = step_letter(LONG, remedy.letter, language, date(2026, 2, 5))
            form = form_text(content, source, limit)
            assert form.over == 0, (remedy.id, limit)
            assert "@jane" in form.text
            assert "2026-02-03" in form.text
            assert all(ask.in_language(language) in form.text for ask in remedy.letter.asks)
            assert not CLAIMS.search(form.text), remedy.id
            assert not CLAIMS.search(remedy.letter.subject.in_language(language))


@pytest.mark.parametrize("language", languages())
def test_a_letter_has_words_for_every_verdict(language: str) -> None:
    letter = next(remedy.letter for remedy in ALL if remedy.letter)
    for verdict in BAD:
        for silent in (True, False, None):
            seen = replace(LONG, verdict=verdict.value, silent=silent, likely=False, note="", pages=())
            text = form_text(
                step_letter(seen, letter, language, None),
                TemplateSource(kind="rights", language=language),
                None,
            ).text
            assert "None" not in text
            assert "{" not in text


def test_a_laws_file_is_refused_with_every_mistake_and_its_line(tmp_path: Path) -> None:
    path = tmp_path / "law.yaml"
    path.write_text(
        "id: x\nname: X\nchecked: yesterday\nstale_after: soon\nremedies:\n  - id: X Y\n    article: '1'\n"
        "    title: {en: A}\n    gives: g\n    binds: b\n    not_for: []\n    cost: c\n    sources: []\n    odds: 90\n",
        encoding="utf-8",
    )
    with pytest.raises(ConfigurationError) as error:
        read_law(path, DATA)
    lines = {(mistake.line, mistake.where) for mistake in error.value.mistakes}
    assert {(3, "checked"), (4, "stale_after"), (14, "remedies[0].odds")} <= lines
    assert {"remedies[0].id", "remedies[0].title.de", "remedies[0].not_for", "remedies[0].sources"} <= {
        where for _, where in lines
    }


# -- what is written ---------------------------------------------------------------------------------------


def test_the_calendar_holds_a_day_for_each_date_in_short_lines() -> None:
    where = replace(WHERE, platform="github", sent={"gdpr-15": TODAY})
    dates = rights_dates(rights_steps(shipped_laws(), where), TODAY)
    for language in languages():
        data = calendar_file(
            dates, incident="jane-1", language=language, now=datetime(2026, 12, 1, tzinfo=UTC)
        )
        assert all(len(line) <= 75 for line in data.split(b"\r\n"))
        text = data.decode().replace("\r\n ", "")
        days = re.findall(r"DTSTART;VALUE=DATE:(\d{8})", text)
        assert days == ["20270101", "20270228", "20270530", "20270530", "20270530"]
        assert len(set(re.findall(r"UID:(\S+)", text))) == len(days)
        assert text.count("BEGIN:VEVENT") == text.count("END:VEVENT") == len(days)
        assert ("No legal advice" in text) is (language == "en")
        assert ("Keine Rechtsberatung" in text) is (language == "de")


def test_a_checklist_says_ticked_or_not_ticked_and_nothing_of_the_law() -> None:
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    about = incident(
        events=(
            IncidentEvent(at=at, kind=EventKind.ANSWERED, text="Your account broke rule 4."),
            IncidentEvent(at=at, kind=EventKind.TICKED, text="facts"),
            IncidentEvent(at=at, kind=EventKind.TICKED, text="facts,redress"),
        )
    )
    text = checklist_text(checklist_items(), about, USUAL_HINTS)
    assert "Your account broke rule 4." in text
    assert text.count("item not ticked") == len(checklist_items()) - 2
    assert re.findall(r"\[x\] (\S+)", text) == ["facts", "redress"]
    assert "unlawful" not in text
    assert "not legal advice" in " ".join(text.split())


# -- who the author is -------------------------------------------------------------------------------------

PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: jane}  # mine\n"
ANSWERED = AuthorSettings(country="DE", acts_as="consumer")


@pytest.mark.parametrize(
    ("settings", "after"),
    [
        pytest.param("", "\nsettings:\n  author: {country: DE, acts_as: consumer}\n", id="no settings yet"),
        pytest.param("settings: # mine\n    time_zone: UTC\n", "settings: # mine\n    author: {country: DE, acts_as: consumer}\n    time_zone: UTC\n", id="beside others, indented like them"),
        pytest.param("settings: {time_zone: UTC}\n", None, id="on one line"),
        pytest.param("settings:\n  author: {country: IN}\n", None, id="said already"),
        pytest.param("settings:\n  # a comment\n  time_zone: UTC\n", None, id="a comment first"),
    ],
)  # fmt: skip
def test_answers_are_kept_in_the_profiles_file_where_that_changes_nothing_else(
    settings: str, after: str | None, tmp_path: Path
) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(PROFILES + settings, encoding="utf-8")
    path.chmod(0o600)
    assert keep_author(path, ANSWERED) is (after is not None)
    assert path.read_text("utf-8") == PROFILES + (settings if after is None else after)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert [each.name for each in tmp_path.iterdir()] == ["profiles.yaml"]
    if after is not None:
        assert read_preferences(path).author == ANSWERED
