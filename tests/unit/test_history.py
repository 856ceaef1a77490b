"""What is remembered over the runs, in a real file."""

from datetime import timedelta
from pathlib import Path

from histories import FIRST, daily, document, judged, remember

from selfcheck.model.incident import EventKind, IncidentState
from selfcheck.model.words import Verdict
from selfcheck.store.history import History


def test_a_run_is_found_again_as_it_was(tmp_path: Path) -> None:
    remember(tmp_path, document(FIRST, judged("S", followers=1200, views=[7, 5])))
    with History.open(tmp_path) as history:
        (row,) = history.runs("jane")
    assert (row.verdict, row.silent, row.at, row.followers, row.views) == (
        Verdict.SUSPENDED,
        True,
        FIRST,
        1200,
        5,
    )


def test_an_incident_opens_goes_on_and_is_restored(tmp_path: Path) -> None:
    remember(tmp_path, *daily("VSSV"))
    with History.open(tmp_path) as history:
        (incident,) = history.incidents("jane")
    assert incident.state is IncidentState.RESTORED
    assert incident.last_good_at == FIRST
    assert incident.last_bad_at == FIRST + timedelta(days=2)
    assert [event.kind for event in incident.events] == [EventKind.OPENED, EventKind.RESTORED]
