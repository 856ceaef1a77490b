"""The history in a real file."""

import os
import sqlite3
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from histories import FIRST, as_read, daily, document, judged, keep_folders, record_runs
from hypothesis import given, settings
from hypothesis import strategies as some

from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.history import Delivery
from selfcheck.core.incident import EventKind, IncidentEvent, IncidentState
from selfcheck.errors import HistoryUnreadableError, IncidentUnknownError, RunUnreadableError, StorageError
from selfcheck.history.service import histories, open_history, past_runs, rebuild_history, taken_in_words
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

DAY = timedelta(days=1)


@pytest.fixture
def history(tmp_path: Path) -> Iterator[History]:
    with History.open(DataFolder(tmp_path)) as opened:
        yield opened


def event(kind: EventKind, text: str = "", *, day: float = 5.5) -> IncidentEvent:
    return IncidentEvent(at=FIRST + day * DAY, kind=kind, text=text)


def delivery(*, ok: bool = True, hour: int = 0) -> Delivery:
    at = FIRST + timedelta(hours=hour)
    return Delivery(
        at=at, channel="mail", kind="opened", profile="jane", incident="jane-20261102-1", ok=ok, detail="x"
    )


def all_of(data_dir: Path) -> tuple[object, ...]:
    with History.open(DataFolder(data_dir)) as opened:
        names = opened.profiles()
        days = [(name, fact, opened.days(name, fact)) for name in names for fact in ("views", "reads")]
        pages = [opened.pages(name) for name in names]
        return opened.runs(), opened.incidents(), opened.deliveries(), days, pages


# -- runs and numbers ------------------------------------------------------------------------------------


def test_a_run_is_found_again_as_it_was(tmp_path: Path) -> None:
    record_runs(tmp_path, document(FIRST, judged("S", followers=1200, views=[7, 5])))
    with History.open(DataFolder(tmp_path)) as opened:
        (row,) = opened.runs("jane")
        pages = opened.pages("jane")[row.run_id]
    assert (row.verdict, row.silent, row.at) == (Verdict.SUSPENDED, True, FIRST)
    assert (row.followers, row.followers_by, row.views, row.views_day) == (
        1200,
        "author",
        5,
        date(2026, 10, 31),
    )
    assert (row.reads, row.stories, row.controls) == (None, None, {"@someone": None})
    assert [(page.kind, page.verdict) for page in pages] == [
        (PageKind.PROFILE, Verdict.SUSPENDED),
        (PageKind.STATS, Verdict.VISIBLE),
    ]


def test_a_run_is_recorded_once(tmp_path: Path) -> None:
    (run,) = daily("S")
    assert [change.event.kind for change in record_runs(tmp_path, run)] == [EventKind.OPENED]
    assert record_runs(tmp_path, run) == ()
    with History.open(DataFolder(tmp_path)) as opened:
        assert (len(opened.runs()), len(opened.incidents())) == (1, 1)


@pytest.mark.parametrize(
    ("now", "runs"),
    [
        pytest.param(FIRST + 2 * DAY, 2, id="one run is dated in the future: a clock was wrong then"),
        pytest.param(FIRST - timedelta(days=9999), 3, id="all are: the clock is wrong now"),
        pytest.param(FIRST + 9999 * DAY, 3, id="none is"),
    ],
)
def test_a_run_that_is_dated_in_the_future_is_not_the_last_one(
    tmp_path: Path, now: datetime, runs: int
) -> None:
    record_runs(tmp_path, *daily("VS"), document(FIRST + 4000 * DAY, judged("V")))
    with open_history(DataFolder(tmp_path)) as opened:
        assert len(opened.runs("jane", now=now)) == runs
        (account,) = histories(opened, "jane", zone=UTC, today=now.date())
        assert len(account.runs) == runs


def test_a_profile_that_selfcheck_failed_on_is_unknown_and_changes_no_incident(tmp_path: Path) -> None:
    failed = document(FIRST + 2 * DAY, failures=("jane: the browser broke.", "the disk: is full"))
    assert record_runs(tmp_path, *daily("VS"), failed) == ()
    with History.open(DataFolder(tmp_path)) as opened:
        row = opened.runs("jane")[-1]
        assert (row.failed, row.verdict, row.summary) == (
            True,
            Verdict.INCONCLUSIVE,
            "the browser broke.",
        )
        assert opened.profiles() == ("jane",)
        assert [one.state for one in opened.incidents(open_only=True)] == [IncidentState.OPEN]


def test_numbers_of_an_expired_session_are_not_the_authors(tmp_path: Path) -> None:
    run = document(FIRST, judged("?", followers=99, views=[1, 2]))
    run["profiles"][0]["rules"] = ["session.expired"]
    record_runs(tmp_path, run)
    with History.open(DataFolder(tmp_path)) as opened:
        (row,) = opened.runs()
        assert (row.followers, row.views, opened.days("jane", "views")) == (None, None, {})


def test_a_number_that_was_not_found_is_unknown_and_a_zero_is_a_zero(tmp_path: Path) -> None:
    record_runs(tmp_path, document(FIRST, judged("V")), document(FIRST + DAY, judged("V", followers=0)))
    with History.open(DataFolder(tmp_path)) as opened:
        assert [row.followers for row in opened.runs()] == [None, 0]


def test_a_day_has_the_number_of_the_latest_run_that_knows_it(tmp_path: Path) -> None:
    later = document(FIRST + 3 * DAY, judged("V", views=[20, 30, 40]))
    first = document(FIRST, judged("V", views=[9, 10]))
    for order in ((first, later), (later, first)):
        with TemporaryDirectory(dir=tmp_path) as folder:
            record_runs(Path(folder), *order)
            with History.open(DataFolder(Path(folder))) as opened:
                assert opened.days("jane", "views") == {
                    date(2026, 10, 30): 9,
                    date(2026, 10, 31): 10,
                    date(2026, 11, 1): 20,
                    date(2026, 11, 2): 30,
                    date(2026, 11, 3): 40,
                }


def test_a_series_with_a_gap_is_left_out_since_it_would_shift_the_days(tmp_path: Path) -> None:
    run = document(FIRST, judged("V", views=[1, 2]))
    run["profiles"][0]["pages"][1]["views"]["author"]["series"]["views"] = [1, None, 2]
    record_runs(tmp_path, run)
    with History.open(DataFolder(tmp_path)) as opened:
        assert opened.days("jane", "views") == {}


def test_another_handle_is_another_account(tmp_path: Path) -> None:
    record_runs(
        tmp_path, *daily("V", views=[3]), document(FIRST + DAY, judged("V", handle="June", views=[5]))
    )
    with History.open(DataFolder(tmp_path)) as opened:
        old, new = opened.runs("jane")
        assert (old.account, new.account) == ("demo jane", "demo june")
        assert list(opened.days("jane", "views").values()) == [5]
        assert list(opened.days("jane", "views", old.account).values()) == [3]


def test_half_a_character_of_a_hostile_page_can_be_kept(tmp_path: Path) -> None:
    run = document(FIRST, judged("S", summary="half \ud83d of one"))
    record_runs(tmp_path, run)
    with History.open(DataFolder(tmp_path)) as opened:
        assert opened.runs()[0].summary == "half ? of one"


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({}, id="nothing"),
        pytest.param({"schema": "selfcheck.run/9"}, id="another form"),
        pytest.param({"schema": "selfcheck.run/1", "run_id": "x"}, id="without a time"),
        pytest.param(
            {"schema": "selfcheck.run/1", "run_id": "x", "started_at": "2026-01-01"}, id="without a zone"
        ),
        pytest.param(
            {
                "schema": "selfcheck.run/1",
                "run_id": "x",
                "started_at": "2026-01-01T00:00:00Z",
                "profiles": [{"name": "jane"}],
            },
            id="a profile without a verdict",
        ),
    ],
)
def test_what_is_not_a_run_is_refused_and_leaves_nothing(tmp_path: Path, broken: dict[str, object]) -> None:
    with pytest.raises(RunUnreadableError):
        record_runs(tmp_path, broken)
    with History.open(DataFolder(tmp_path)) as opened:
        assert opened.runs() == ()


# -- incidents -------------------------------------------------------------------------------------------


def test_a_run_says_what_it_changed(tmp_path: Path) -> None:
    changes = [record_runs(tmp_path, run) for run in daily("VLSSV")]
    events = [[(change.event.kind.value, change.profile) for change in each] for each in changes]
    assert events == [[], [("opened", "jane")], [("changed", "jane")], [], [("restored", "jane")]]
    (restored,) = changes[-1]
    assert restored.before is not None
    assert (restored.before.state, restored.incident.state) == (IncidentState.OPEN, IncidentState.RESTORED)


def test_incidents_are_listed_newest_first_and_open_ones_alone_if_asked(tmp_path: Path) -> None:
    record_runs(tmp_path, *daily("VSVH"))
    with History.open(DataFolder(tmp_path)) as opened:
        assert [one.verdict.value for one in opened.incidents("jane")] == ["hidden", "suspended"]
        assert [one.verdict.value for one in opened.incidents(open_only=True)] == ["hidden"]
        assert opened.incidents("nobody") == ()


def test_author_events_are_kept_and_the_state_follows(tmp_path: Path) -> None:
    record_runs(tmp_path, *daily("VS"))
    with History.open(DataFolder(tmp_path)) as opened:
        after = opened.add_event("jane-20261102-1", event(EventKind.APPEALED, "by the form"))
        assert after.state is IncidentState.APPEALED
        assert opened.incident("jane-2026") == after


def test_an_unknown_incident_is_an_error_that_names_the_near_ones(tmp_path: Path) -> None:
    record_runs(tmp_path, *daily("VSVS"))
    with History.open(DataFolder(tmp_path)) as opened:
        with pytest.raises(IncidentUnknownError, match="no incident `jane-20261102-2`") as caught:
            opened.incident("jane-20261102-2")
        assert "jane-20261102-1" in caught.value.cause
        with pytest.raises(IncidentUnknownError) as caught:
            opened.add_event("jane", event(EventKind.NOTED, "which one?"))
        assert "jane-20261104-1, jane-20261102-1" in caught.value.cause


@settings(max_examples=12)
@given(
    story=some.text("VLSHvs?.", min_size=1, max_size=7),
    chance=some.randoms(use_true_random=False),
)
def test_the_order_in_which_runs_are_recorded_does_not_matter(story: str, chance: object) -> None:
    runs = list(daily(story, views=[4, 5]))
    mixed = list(runs)
    chance.shuffle(mixed)  # type: ignore[attr-defined]
    with TemporaryDirectory() as one, TemporaryDirectory() as other:
        assert _recorded(Path(one), runs) == _recorded(Path(other), mixed)


def _recorded(data_dir: Path, runs: list[dict[str, Any]]) -> tuple[object, ...]:
    with History.open(DataFolder(data_dir)) as opened:
        opened._connection.execute("PRAGMA synchronous = OFF")
        for run in runs:
            opened.record(as_read(run))
        return opened.runs(), opened.incidents(), opened.days("jane", "views")


def test_a_late_run_returns_what_it_opened_if_that_still_goes_on(tmp_path: Path) -> None:
    good, bad, later = daily("VS?")
    assert [change.event.kind for change in record_runs(tmp_path, good, later, bad)] == [EventKind.OPENED]


# -- deliveries ------------------------------------------------------------------------------------------


def test_deliveries_are_kept_once_and_in_order(history: History) -> None:
    for one in (delivery(hour=2, ok=False), delivery(hour=1), delivery(hour=1)):
        history.add_delivery(one)
    assert history.deliveries("jane") == (delivery(hour=1), delivery(hour=2, ok=False))
    assert history.deliveries("bob") == ()


# -- rebuilding ------------------------------------------------------------------------------------------


def lived(data_dir: Path) -> None:
    """Record a suspension with every author event, and a delivery."""
    runs = [*daily("VSS"), *daily("..VSV?", first=FIRST + DAY, views=[1, 2])]
    keep_folders(data_dir, *runs[:3])
    record_runs(data_dir, *runs[:3])
    with History.open(DataFolder(data_dir)) as opened:
        opened.add_event("jane-20261102-1", event(EventKind.APPEALED, "<mail>", day=2.2))
        opened.add_event("jane-20261102-1", event(EventKind.CASE, "T-77", day=2.3))
        opened.add_delivery(delivery())
    keep_folders(data_dir, *runs[3:])
    record_runs(data_dir, *runs[3:])
    with History.open(DataFolder(data_dir)) as opened:
        opened.add_event("jane-20261105-1", event(EventKind.DISMISSED, "my own doing", day=9))


def test_losing_the_file_loses_nothing(tmp_path: Path) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)
    (tmp_path / "history.db").unlink()
    rebuilt = rebuild_history(DataFolder(tmp_path))
    assert all_of(tmp_path) == before
    assert (rebuilt.runs, rebuilt.kept, rebuilt.incidents, rebuilt.author_events, rebuilt.skipped) == (
        7,
        0,
        2,
        3,
        (),
    )


@pytest.mark.parametrize("lost", [False, True], ids=["with a database", "runs alone"])
def test_a_folder_that_cannot_be_written_to_is_read_and_not_touched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, lost: bool
) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)
    if lost:
        (tmp_path / "history.db").unlink()
    (tmp_path / "history.db-shm").unlink(missing_ok=True)

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}

    content, may = files(), os.access
    monkeypatch.setattr(
        os, "access", lambda path, mode: mode != os.W_OK and may(path, mode) if path == tmp_path else True
    )
    with open_history(DataFolder(tmp_path)) as opened:
        assert (opened.runs(), opened.incidents()) == before[:2]
        for write in (
            lambda: opened.record(as_read(daily("V")[0])),
            lambda: opened.add_event("jane-20261102-1", event(EventKind.NOTED)),
            lambda: opened.add_delivery(delivery()),
        ):
            with pytest.raises(StorageError, match="Could not write"):
                write()
    assert files() == content


def test_a_lost_file_is_rebuilt_when_it_is_needed(tmp_path: Path) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)
    (tmp_path / "history.db").unlink()
    with open_history(DataFolder(tmp_path)):
        pass
    assert all_of(tmp_path) == before


def test_the_first_recorded_run_brings_the_runs_of_earlier_versions_with_it(tmp_path: Path) -> None:
    runs = daily("VVS")
    keep_folders(tmp_path, *runs)
    assert [change.event.kind for change in record_runs(tmp_path, runs[-1])] == [EventKind.OPENED]
    with History.open(DataFolder(tmp_path)) as opened:
        assert len(opened.runs("jane")) == 3
        assert opened.incidents()[0].last_good_at == FIRST + DAY


def test_a_finished_run_whose_recording_failed_is_recorded_by_the_next_command(tmp_path: Path) -> None:
    runs = daily("VSVS")
    keep_folders(tmp_path, *runs)
    record_runs(tmp_path, *runs)
    expected = all_of(tmp_path)
    (tmp_path / "history.db").unlink()
    with History.open(DataFolder(tmp_path)) as opened:
        for run in (runs[0], runs[3]):
            opened.record(as_read(run))
    (tmp_path / "runs" / "20261109T000000Z-begun").mkdir()
    with open_history(DataFolder(tmp_path)) as opened:
        assert len(opened.runs()) == 4
    assert all_of(tmp_path) == expected


def test_a_rebuild_changes_nothing_where_nothing_was_lost(tmp_path: Path) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)
    for _ in range(2):
        rebuild_history(DataFolder(tmp_path))
    assert all_of(tmp_path) == before


def test_runs_that_were_not_recorded_are_named_once_when_they_are_taken_in(tmp_path: Path) -> None:
    runs = daily("VVVVV")
    ids = [run["run_id"] for run in runs]
    keep_folders(tmp_path, *runs)
    with History.open(DataFolder(tmp_path)) as opened:
        opened.record(as_read(runs[0]))
    taken_in = past_runs(DataFolder(tmp_path)).taken_in
    assert taken_in == tuple(ids[1:])
    words = taken_in_words(taken_in)
    assert words.startswith(f"Added to the history: {', '.join(ids[1:4])} and 1 more, ")
    with open_history(DataFolder(tmp_path)) as opened:
        assert opened.taken_in == ()


def test_runs_whose_folders_are_gone_are_kept_from_the_old_file(tmp_path: Path) -> None:
    runs = daily("VSS")
    record_runs(tmp_path, *runs)
    keep_folders(tmp_path, runs[-1])
    before = all_of(tmp_path)
    rebuilt = rebuild_history(DataFolder(tmp_path))
    assert (rebuilt.runs, rebuilt.kept, all_of(tmp_path)) == (1, 2, before)


def test_what_is_damaged_is_skipped_and_named(tmp_path: Path) -> None:
    lived(tmp_path)
    good = len(list((tmp_path / "runs").iterdir()))
    (tmp_path / "runs" / "cut-short").mkdir()
    (tmp_path / "runs" / "damaged").mkdir()
    (tmp_path / "runs" / "damaged" / "run.json").write_text('{"schema": "selfcheck.run/1', "utf-8")
    (tmp_path / "runs" / "other").mkdir()
    (tmp_path / "runs" / "other" / "run.json").write_text('{"schema": "selfcheck.run/2"}', "utf-8")
    (tmp_path / "runs" / "a-file").write_text("", "utf-8")
    with (tmp_path / "journal.jsonl").open("a", encoding="utf-8") as file:
        file.write('{"what": "said", "incident": "ja')
    rebuilt = rebuild_history(DataFolder(tmp_path))
    assert rebuilt.runs == good
    assert [one.partition(":")[0] for one in rebuilt.skipped] == [
        "journal.jsonl",
        "cut-short",
        "damaged",
        "other",
    ]


def test_an_event_after_a_line_that_was_cut_short_is_not_lost(tmp_path: Path) -> None:
    record_runs(tmp_path, *daily("VS"))
    (tmp_path / "journal.jsonl").write_text('{"what": "said", "incid', "utf-8")
    with History.open(DataFolder(tmp_path)) as opened:
        opened.add_event("jane-20261102-1", event(EventKind.NOTED, "heard"))
    (tmp_path / "history.db").unlink()
    keep_folders(tmp_path, *daily("VS"))
    assert rebuild_history(DataFolder(tmp_path)).author_events == 1


def test_an_event_of_an_incident_that_is_in_no_run_is_named(tmp_path: Path) -> None:
    record_runs(tmp_path, *daily("VS"))
    with History.open(DataFolder(tmp_path)) as opened:
        opened.add_event("jane-20261102-1", event(EventKind.NOTED, "heard"))
    (tmp_path / "history.db").unlink()
    assert rebuild_history(DataFolder(tmp_path)).unplaced == ("jane-20261102-1: heard",)


def test_an_event_finds_its_incident_by_the_run_that_opened_it(tmp_path: Path) -> None:
    runs = daily("VS")
    record_runs(tmp_path, *runs)
    with History.open(DataFolder(tmp_path)) as opened:
        opened.add_event("jane-20261102-1", event(EventKind.NOTED, "heard"))
    (tmp_path / "history.db").unlink()
    earlier = document(FIRST + DAY - timedelta(hours=2), judged("S", handle="other"))
    keep_folders(tmp_path, earlier, *runs)
    rebuild_history(DataFolder(tmp_path))
    with History.open(DataFolder(tmp_path)) as opened:
        texts = {one.handle: [event.text for event in one.events] for one in opened.incidents()}
    assert texts == {"@other": ["suspended"], "@jane": ["suspended", "heard"]}


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: path.write_bytes(b"no database at all" * 300), id="another file"),
        pytest.param(lambda path: path.write_bytes(path.read_bytes()[:9000]), id="cut short"),
        pytest.param(
            lambda path: path.write_bytes(path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)),
            id="overwritten within",
        ),
    ],
)
def test_a_damaged_file_is_an_error_until_it_is_renamed_and_rebuilt(tmp_path: Path, damage: object) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)
    damage(tmp_path / "history.db")  # type: ignore[operator]
    with pytest.raises(HistoryUnreadableError) as caught:
        record_runs(tmp_path, *daily("V", first=FIRST + 20 * DAY))
    assert "history --rebuild" in caught.value.next_step_text()
    rebuilt = rebuild_history(DataFolder(tmp_path))
    assert rebuilt.set_aside == tmp_path / "history.damaged-1.db"
    assert rebuilt.set_aside.exists()
    assert all_of(tmp_path) == before


def test_a_file_that_lacks_a_table_is_damaged(tmp_path: Path) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)
    connection = sqlite3.connect(tmp_path / "history.db")
    connection.execute("DROP TABLE events")
    connection.close()
    assert rebuild_history(DataFolder(tmp_path)).set_aside is not None
    assert all_of(tmp_path) == before


def test_an_interrupted_rebuild_leaves_the_old_history(tmp_path: Path) -> None:
    lived(tmp_path)
    before = all_of(tmp_path)

    def breaks(*_args: object, **_more: object) -> None:
        raise StorageError("stop")

    with pytest.raises(StorageError, match="stop"):
        rebuild_history(DataFolder(tmp_path), breaks)
    assert all_of(tmp_path) == before


# -- the file --------------------------------------------------------------------------------------------


def test_the_file_has_a_write_ahead_log_and_foreign_keys(history: History) -> None:
    asked = [
        history._connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "foreign_keys")
    ]
    assert asked == ["wal", 1]
    with pytest.raises(sqlite3.IntegrityError):
        history._connection.execute("INSERT INTO events VALUES (1, 'none', '', '', '', NULL, NULL)")


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("", "utf-8")
    with pytest.raises(StorageError, match=r"history\.db"):
        History.open(DataFolder(tmp_path / "data"))


def test_moments_are_read_as_they_were_written(tmp_path: Path) -> None:
    odd = datetime(2026, 3, 29, 1, 59, 59, 999999, tzinfo=UTC)
    record_runs(tmp_path, *daily("VS"))
    with History.open(DataFolder(tmp_path)) as opened:
        opened.add_event("jane-20261102-1", IncidentEvent(at=odd, kind=EventKind.NOTED, text="then"))
        assert opened.incidents()[0].events[-1].at == odd
