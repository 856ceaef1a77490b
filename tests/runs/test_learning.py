"""What a run learns from its controls and from earlier runs, and what it keeps for later ones."""

from dataclasses import replace
from pathlib import Path

import pytest
from cases import page, seen

from selfcheck.artifacts.learned_file import LEARNED_FILE, earlier_shapes, learned_json
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, LedTo, Outcome, PageKind, Strength, Verdict
from selfcheck.core.observation import Observation
from selfcheck.core.page_shape import PageShape
from selfcheck.core.verdict import PageVerdict, ProfileVerdict
from selfcheck.runs.controls import reading_of
from selfcheck.runs.learning import Lessons, as_learned_then, worth_keeping
from selfcheck.storage.data_folder import DataFolder

URL = "https://blog.example/@jane"


def shape(*, gone: bool = False, named: bool = True, status: int = 200) -> PageShape:
    """A page of one of two layouts, which names its subject or not."""
    features = {"paths": frozenset(range(100, 140) if gone else range(60))}
    return PageShape(
        status=404 if gone else status,
        features=features,
        sentences=frozenset({1, 2} if gone else {3}),
        address="/@{}",
        places=frozenset({"canonical /@{}"} if named and not gone else ()),
    )


def look(outcome: Outcome, of: PageShape | None, *, by: str = ANONYMOUS, **more: object) -> Observation:
    return seen(outcome, by=by, shape=of, **more)


def control(
    kind: ControlKind, who: str, of: PageShape, outcome: Outcome = Outcome.UNRECOGNISED
) -> tuple[ControlKind, Observation]:
    return kind, replace(look(outcome, of), url=f"https://blog.example/@{who}")


LIVE = (control(ControlKind.LIVE, "zoe", shape()), control(ControlKind.LIVE, "max", shape()))
ABSENT = control(ControlKind.ABSENT, "x7f", shape(gone=True))
LESSONS = Lessons(controls=(*LIVE, ABSENT))


@pytest.mark.parametrize(
    ("one", "outcome", "mark"),
    [
        (look(Outcome.UNRECOGNISED, shape()), Outcome.SHOWN, "learned.shown"),
        (look(Outcome.UNRECOGNISED, shape(gone=True)), Outcome.NOT_FOUND, "learned.not-found"),
        (look(Outcome.UNRECOGNISED, shape(named=False)), Outcome.UNRECOGNISED, None),
        (look(Outcome.UNRECOGNISED, None), Outcome.UNRECOGNISED, None),
        (look(Outcome.UNRECOGNISED, shape(), led_to=LedTo.HOME), Outcome.UNRECOGNISED, None),
        (look(Outcome.SUSPENDED, shape(), mark="own"), Outcome.SUSPENDED, "own"),
        (look(Outcome.CHALLENGE, shape(), mark="wall"), Outcome.CHALLENGE, "wall"),
        (look(Outcome.SERVER_ERROR, shape()), Outcome.SERVER_ERROR, None),
    ],
)
def test_only_a_page_that_no_mark_knows_is_read_by_likeness(
    one: Observation, outcome: Outcome, mark: str | None
) -> None:
    (read,) = LESSONS.read([page(one)])
    (now,) = read.looks[ANONYMOUS]
    assert (now.outcome, now.mark, now.shape) == (outcome, mark, None)


@pytest.mark.parametrize(
    ("public", "author", "signed_in"),
    [
        pytest.param({"edit"}, {"edit", "dashboard"}, True, id="a tool that only the author has"),
        pytest.param({"edit"}, {"edit"}, None, id="a wiki shows its tools to everybody"),
        pytest.param(set(), set(), None, id="a dead session gets the public's page"),
        pytest.param({"edit"}, set(), None, id="fewer tools"),
    ],
)
def test_who_is_signed_in_has_tools_that_the_public_has_not(
    public: set[str], author: set[str], signed_in: bool | None
) -> None:
    views = [
        look(Outcome.UNRECOGNISED, replace(shape(), tools=frozenset(tools)), by=by)
        for by, tools in ((ANONYMOUS, public), (AUTHOR, author))
    ]
    (read,) = replace(LESSONS, has_marks=False).read([page(*views)])
    assert read.looks[AUTHOR][0].signed_in is signed_in
    (by_file,) = LESSONS.read([page(*views)])
    assert by_file.looks[AUTHOR][0].signed_in is None  # a platform file says itself how that looks
    again = as_learned_then(read.looks[AUTHOR][0], views[1])
    assert again.signed_in is signed_in


def test_the_controls_are_borne_out_only_beside_a_page_that_was_read_by_likeness() -> None:
    readings = tuple(reading_of(kind, one.url, one) for kind, one in LESSONS.controls)
    learned = LESSONS.read([page(look(Outcome.UNRECOGNISED, shape()))])
    known = LESSONS.read([page(look(Outcome.SUSPENDED, None, mark="own"))])
    now = LESSONS.read_controls(readings, learned)
    assert [one.ok for one in now] == [True, True, True]
    assert all(one.is_learned for one in now)
    assert LESSONS.read_controls(readings, known) == readings
    assert all(one.ok for one in replace(LESSONS, has_marks=False).read_controls(readings, known))


def test_an_earlier_good_page_is_enough_where_there_is_no_control_of_its_kind() -> None:
    story = look(Outcome.UNRECOGNISED, shape(), kind=PageKind.STORY)
    visit = page(story, kind=PageKind.STORY)
    assert LESSONS.read([visit])[0].looks[ANONYMOUS][0].outcome is Outcome.UNRECOGNISED
    lessons = replace(LESSONS, earlier={visit.visit.url: (shape(),)})
    assert lessons.read([visit])[0].looks[ANONYMOUS][0].outcome is Outcome.SHOWN


def verdict_of(verdict: Verdict, folder: str) -> ProfileVerdict:
    one = PageVerdict(
        kind=PageKind.PROFILE,
        url=URL,
        folder=folder,
        verdict=verdict,
        silent=None,
        strength=Strength.CONFIRMED,
        firings=(),
        views={},
    )
    return ProfileVerdict(
        name="jane",
        platform="example",
        handle="@jane",
        verdict=verdict,
        silent=None,
        strength=Strength.CONFIRMED,
        summary="",
        next_steps=(),
        firings=(),
        controls=(),
        pages=(one,),
    )


def test_what_is_kept_is_the_public_view_of_a_visible_page_that_a_mark_knows() -> None:
    public, author = (
        look(Outcome.SHOWN, shape(), mark="own"),
        look(Outcome.SHOWN, shape(gone=True), by=AUTHOR),
    )
    case = page(public, author)
    folder = case.visit.folder
    assert worth_keeping(verdict_of(Verdict.VISIBLE, folder), [case]) == {URL: shape()}
    assert worth_keeping(verdict_of(Verdict.LIMITED, folder), [case]) == {}
    unknown = page(look(Outcome.UNRECOGNISED, shape()))
    assert worth_keeping(verdict_of(Verdict.VISIBLE, folder), [unknown]) == {}


def test_later_runs_find_the_newest_two_and_a_damaged_file_teaches_nothing(tmp_path: Path) -> None:
    for day, body in enumerate((b"{", learned_json({URL: shape(status=201)}), b'{"schema": "other"}', b"[]")):
        folder = tmp_path / "runs" / f"2026010{day + 1}T000000Z-abcdef" / "jane"
        folder.mkdir(parents=True)
        (folder / LEARNED_FILE).write_bytes(body)
    for day in (7, 8):
        folder = tmp_path / "runs" / f"2026010{day}T000000Z-abcdef" / "jane"
        folder.mkdir(parents=True)
        (folder / LEARNED_FILE).write_bytes(learned_json({URL: shape(status=200 + day)}))
    found = earlier_shapes(DataFolder(tmp_path), "jane")
    assert [one.status for one in found[URL]] == [208, 207]
    assert earlier_shapes(DataFolder(tmp_path), "tom") == {}
    assert earlier_shapes(DataFolder(tmp_path / "nothing"), "jane") == {}


def test_a_replay_keeps_what_was_learned_in_its_run_until_a_mark_knows_the_page() -> None:
    then = look(Outcome.SHOWN, None, mark="learned.shown")
    unknown, known = look(Outcome.UNRECOGNISED, shape()), look(Outcome.SUSPENDED, shape(), mark="own")
    assert as_learned_then(then, unknown).outcome is Outcome.SHOWN
    assert as_learned_then(then, known) is known
    assert as_learned_then(look(Outcome.SHOWN, None, mark="own"), unknown) is unknown
