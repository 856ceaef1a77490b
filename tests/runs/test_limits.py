"""Not more often than a platform allows, and not while it asks to be left alone."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.browser.backoff import BackOff, BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.core.case import PastNumbers
from selfcheck.core.enums import Verdict
from selfcheck.core.hosts import is_loopback
from selfcheck.core.request import ProfileRequest, Request, RunOptions
from selfcheck.errors import TooEarlyError
from selfcheck.history.previous_runs import PastCheck, PastPage, PastRuns
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.limits import least_gap, refuse_too_early, too_early, too_often
from selfcheck.runs.run import keep_backoffs
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.runs.subjects import CheckSubject, with_backoff_note
from selfcheck.storage.data_folder import DataFolder

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
MEDIUM = load_platform("medium")  # 10 hours
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", session="jane")


@pytest.mark.parametrize(
    ("last", "early"),
    [
        pytest.param(None, False, id="never looked at"),
        pytest.param(timedelta(minutes=5), True, id="five minutes ago"),
        pytest.param(9 * HOUR, True, id="nine hours ago"),
        pytest.param(10 * HOUR - timedelta(minutes=10), False, id="a schedule that starts a little early"),
        pytest.param(10 * HOUR, False, id="ten hours ago"),
        pytest.param(-HOUR, False, id="in the future, by a clock that was wrong"),
    ],
)
def test_a_platform_has_its_minimum_interval(last: timedelta | None, early: bool) -> None:
    looks = {"medium": NOW - last} if last is not None else {}
    due = too_early([MEDIUM, MEDIUM], looks, NOW)
    assert bool(due) is early
    assert [one.at for one in due] == ([NOW - last + 10 * HOUR] if early and last else [])


def request(*profiles: ProfileRequest, again: bool = False, names: tuple[str, ...] = ()) -> Request:
    options = RunOptions(data_dir=Path("data"), again=again)
    return Request(profiles=profiles, options=options, source=Path("me.yaml"), names=names)


def test_the_refusal_says_when_the_next_run_is_due_and_what_to_type() -> None:
    with pytest.raises(TooEarlyError) as caught:
        refuse_too_early(request(JANE, names=("jane",)), {"medium": NOW - 2 * HOUR}, NOW)
    assert caught.value.exit_code == 2
    assert caught.value.lines() == (
        "Too early: Medium was checked 2 hours ago, and its file asks for 10 hours between two runs.",
        (
            "More frequent checks rarely show anything new and can get your IP address blocked."
            " Nothing was opened."
        ),
        (
            "The next run is due at 2026-11-21 20:00 UTC, in 8 hours. To run it anyway:"
            " `selfcheck run jane --again --profiles me.yaml`"
        ),
    )


@pytest.mark.parametrize(
    "asked",
    [
        pytest.param(request(JANE, again=True), id="asked for once more"),
        pytest.param(request(replace(JANE, base_url="http://127.0.0.1:80")), id="on this machine"),
        pytest.param(request(replace(JANE, platform="demo")), id="the demo"),
    ],
)
def test_some_may_check_again_at_once(asked: Request) -> None:
    refuse_too_early(asked, {"medium": NOW, "demo": NOW}, NOW)


def loaded(hours_ago: float, url: str, *, reached: bool = True, platform: str = "medium") -> PastCheck:
    at = NOW - timedelta(hours=hours_ago)
    page = PastPage(url=url, verdict=Verdict.VISIBLE, reached=reached, listed=None)
    numbers = PastNumbers(run_id="x", taken_at=at)
    return PastCheck(
        profile="x", platform=platform, account=f"{platform} x", at=at, numbers=numbers, pages=(page,)
    )


def test_the_newest_page_load_that_was_answered_counts() -> None:
    past = PastRuns(
        checks=(
            loaded(30, "https://medium.com/@jane"),
            loaded(20, "https://medium.com/@jane"),
            loaded(10, "https://medium.com/@jane", reached=False),  # no network
            loaded(5, "http://127.0.0.1:80/@jane"),
            loaded(4, "http://[half an address"),
            loaded(3, "https://blog.example/", platform="blog"),
        )
    )
    loads = past.last_looks(left_out=lambda host: is_loopback(host) or not host)
    assert loads == {"medium": NOW - timedelta(hours=20), "blog": NOW - timedelta(hours=3)}


@pytest.mark.parametrize(
    ("hours", "warned"),
    [
        pytest.param(6, True, id="six hours"),
        pytest.param(9.9, False, id="a little less than ten, as a run that is early may be"),
        pytest.param(10, False, id="ten hours"),
    ],
)
def test_a_schedule_shorter_than_a_platform_allows_gets_a_warning(hours: float, warned: bool) -> None:
    told = (
        "Medium's file asks for 10 hours between two runs, and this leaves 6 hours: a run that comes too"
        " early is left out. `--every 10h` fits."
    )
    warnings = too_often(hours * HOUR, (JANE, replace(JANE, name="max")))
    assert warnings == ((told,) if warned else ())


def test_nothing_on_this_machine_has_a_minimum_gap() -> None:
    assert least_gap(JANE) == 10 * HOUR
    at_home = (replace(JANE, base_url="http://127.0.0.1:80"), replace(JANE, platform="demo"))
    assert [least_gap(one) for one in at_home] == [timedelta(0), timedelta(0)]
    assert too_often(timedelta(minutes=1), at_home) == ()


# -- rest --------------------------------------------------------------------------------------------------

REST = BackOff(
    platform="medium", host="medium.com", until=NOW + HOUR, asked_at=NOW - HOUR, times=2, told=True
)


def test_a_requested_pause_is_remembered_from_run_to_run(tmp_path: Path) -> None:
    past = replace(REST, platform="old", until=NOW - timedelta(days=3))
    write_backoffs(DataFolder(tmp_path), (REST, past), NOW)
    assert read_backoffs(DataFolder(tmp_path)) == (REST,)


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "[]",
        '{"schema": "selfcheck.backoff/9"}',
        '{"schema": "selfcheck.backoff/1", "platforms": 3}',
        '{"schema": "selfcheck.backoff/1", "platforms": [{"platform": "p"}]}',
        (
            '{"schema": "selfcheck.backoff/1", "platforms": [{"platform": "p", "host": "h", "times": 1,'
            ' "told": true, "until": "2026-11-21", "asked_at": "2026-11-21"}]}'
        ),
    ],
)
def test_a_file_that_cannot_be_read_keeps_no_run_from_its_work(tmp_path: Path, text: str) -> None:
    (tmp_path / "backoff.json").write_text(text, encoding="utf-8")
    assert read_backoffs(DataFolder(tmp_path)) == ()


def test_a_run_before_that_time_says_so() -> None:
    subject = CheckSubject(profile=JANE, platform=MEDIUM, session=None, notes=("first",))
    noted = with_backoff_note(subject, BackoffRegistry((REST,)), NOW)
    later = with_backoff_note(subject, BackoffRegistry((REST,)), NOW + HOUR)
    assert noted.notes == (
        "first",
        (
            "Medium asked to be left alone (429, 2026-11-21 11:00 UTC), so no page of it is opened until"
            " 2026-11-21 13:00 UTC."
        ),
    )
    assert later.notes == ("first",)


def test_what_a_platform_said_is_kept_and_a_disk_that_refuses_is_reported(
    tmp_path: Path,
) -> None:
    backoffs, data = BackoffRegistry(), tmp_path / "data"
    recorder = RunRecorder(RunFolder.create(DataFolder(data), "run"))
    keep_backoffs(backoffs, DataFolder(data), recorder, NOW)
    assert not (data / "backoff.json").exists()
    backoffs.record("medium", "medium.com", "3600", NOW)
    keep_backoffs(backoffs, DataFolder(data), recorder, NOW)
    assert [one.until for one in read_backoffs(DataFolder(data))] == [NOW + HOUR]
    (tmp_path / "file").touch()
    keep_backoffs(backoffs, DataFolder(tmp_path / "file"), recorder, NOW)
    assert recorder.trouble is not None
