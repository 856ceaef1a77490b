"""`selfcheck appeal rights` and `checklist` as a user types them."""

import io
import json
import shutil
import sys
from collections.abc import Callable
from datetime import datetime, timedelta, tzinfo
from pathlib import Path

import pytest
from kept_runs import FIRST, LATEST, bad_run, keep_run
from sample_runs import NOW

from selfcheck.__main__ import main
from selfcheck.appeal.rights.service import date_lines
from selfcheck.appeal.service import open_appeals
from selfcheck.cli import appeal, appeal_rights, status
from selfcheck.core.run_document import RunDocument
from selfcheck.runs.service import record
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

ID = "jane-20260203-1"
TODAY = NOW + timedelta(days=3)
PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: jane, base_url: 'https://blog.example'}\n"
SETTINGS = "settings:\n  author: {country: DE, acts_as: consumer}\n  appeal: {name: Jane Doe, language: de}\n"
Typed = Callable[..., tuple[int, str]]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("kept")
    latest = bad_run(LATEST, at=NOW + timedelta(days=1))
    keep_run(data, latest)
    for result in (bad_run(FIRST), latest):
        record(DataFolder(data), RunDocument.of(result))
    return data


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


class FixedClock(datetime):
    @classmethod
    def now(cls, tz: tzinfo | None = None) -> "FixedClock":
        return cls.fromtimestamp(TODAY.timestamp(), tz)


@pytest.fixture
def typed(
    tmp_path: Path, kept: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Typed:
    shutil.copytree(kept, tmp_path / "selfcheck-data")
    monkeypatch.chdir(tmp_path)
    for module in (appeal, appeal_rights, status):
        monkeypatch.setattr(module, "datetime", FixedClock)
    (tmp_path / "profiles.yaml").write_text(PROFILES + SETTINGS, encoding="utf-8")

    def type_(*words: str) -> tuple[int, str]:
        code = main(words)
        printed = capsys.readouterr()
        return code, " ".join((printed.out + printed.err).split())

    return type_


def test_it_shows_steps_dates_costs_and_writes_a_calendar(typed: Typed, tmp_path: Path) -> None:
    code, text = typed("appeal", "rights")
    assert code == 0
    for words in (
        "You: DE, consumer.",
        "not legal advice",
        "dsa-20: Complain in the platform's own system",
        "Keep this date: 2026-08-02 (6 months).",
        "Cost: free.",
        f"selfcheck appeal rights {ID} --step dsa-17",
        "- uk-21: Complain by the Online Safety Act. It is for people in the United Kingdom",
    ):
        assert words in text
    folder = tmp_path / "selfcheck-data" / "appeals" / ID
    assert (folder / "rights.ics").read_bytes().startswith(b"BEGIN:VCALENDAR\r\n")
    assert "Bundesnetzagentur" not in text
    _, details = typed("appeal", "rights", "jane", "--details")
    assert "Bundesnetzagentur" in details
    assert "ANACOM" not in details
    _, waiting = typed("appeal", "status")
    _, overview = typed("status")
    document = json.loads(typed("status", "--format", "json")[1])
    assert document["dates"][0] == {
        "incident": ID, "step": "dsa-20", "day": "2026-08-02", "answer_due": False, "only_if": [],
    }  # fmt: skip
    for shown in (waiting, overview):
        assert "dates that may run (not legal advice)" in shown
        assert "Complain in the platform's own system (Digital Services Act" in shown


def test_dates_stand_in_alerts_until_the_laws_have_to_be_read_again(kept: Path) -> None:
    preferences = Preferences.model_validate({"author": {"country": "DE", "acts_as": "consumer"}})
    (appeal,) = open_appeals(DataFolder(kept), None, preferences)
    about = (DataFolder(kept), preferences, appeal.incident)
    english, german = (date_lines(*about, language, TODAY) for language in ("en", "de"))
    assert len(english) == len(german) <= 3
    assert english[0].startswith("2026-08-02: ")
    assert german[0].startswith("2026-08-02: ")
    assert english != german
    assert date_lines(*about, "en", TODAY.replace(year=TODAY.year + 2)) == ()


def test_an_option_goes_before_the_settings(typed: Typed) -> None:
    _, text = typed("appeal", "rights", "--country", "in", "--as", "business")
    assert "You: IN, business." in text
    assert "india-grievance: Write to the Grievance Officer" in text
    code, text = typed("appeal", "rights", "--country", "UK")
    assert code == 2
    assert "GB (for the United Kingdom)" in text


def test_a_letter_is_written_in_the_authors_language_and_nothing_is_sent(
    typed: Typed, tmp_path: Path
) -> None:
    code, text = typed("appeal", "rights", "--step", "dsa-17")
    assert code == 0
    assert "Nothing has been sent." in text
    letter = (tmp_path / "selfcheck-data" / "appeals" / ID / "rights-dsa-17.txt").read_text("utf-8")
    assert letter.startswith("Guten Tag,")
    assert "Artikel 17 der Verordnung (EU) 2022/2065" in letter
    assert "Jane Doe" in letter
    assert "To: https://blog.example/help/appeals" in letter
    assert "of at most 2000 characters" in letter
    typed("appeal", "rights", "--step", "dsa-17", "--language", "en")
    letter = (tmp_path / "selfcheck-data" / "appeals" / ID / "rights-dsa-17.txt").read_text("utf-8")
    assert letter.startswith("Hello,")


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--step", "dsa-53"), "There is no letter for dsa-53."),
        (("--step", "dsa-71"), "There is no step called `dsa-71`"),
        (("--step", "uk-21"), "your country is set to DE"),
        (("--sent", "github-copy"), "There is no step called `github-copy`"),
        (("--told", "2999-01-01"), "is in the future"),
    ],
)
def test_what_cannot_be_done_is_said(typed: Typed, words: tuple[str, ...], says: str) -> None:
    code, text = typed("appeal", "rights", *words)
    assert code == 2
    assert says in text


def test_what_the_author_records_moves_the_dates(typed: Typed) -> None:
    told = TODAY.date() - timedelta(days=20)
    typed("appeal", "rights", "--told", str(told), "--sent", "gdpr-15")
    _, text = typed("appeal", "rights")
    assert f"Counted from the day on which they told you, {told}" in text
    assert "An answer is due by" in text
    assert "Did the platform tell you" not in text
    _, history = typed("history", "jane")
    assert "told by the platform" in history


def test_the_checklist_keeps_what_is_ticked(typed: Typed) -> None:
    typed("appeal", "status", "jane", "--answered", "--note", "You broke our rules.")
    typed("appeal", "checklist", "--tick", "measure", "--tick", "facts")
    code, text = typed("appeal", "checklist", "--untick", "facts")
    assert code == 0
    assert "“You broke our rules.”" in text
    assert "[x] measure" in text
    assert "[ ] facts" in text
    assert "item not ticked" in text
    assert typed("appeal", "checklist", "--tick", "law")[0] == 2


def test_who_the_author_is_is_asked_once(
    typed: Typed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "profiles.yaml").write_text(PROFILES, encoding="utf-8")
    monkeypatch.setattr(sys, "stdin", Terminal("Germany\nde\nconsumer\n"))
    _, text = typed("appeal", "rights")
    assert "a country has two letters" in text
    assert "You: DE, consumer." in text
    monkeypatch.setattr(sys, "stdin", Terminal(""))
    assert "You: DE, consumer." in typed("appeal", "rights")[1]
