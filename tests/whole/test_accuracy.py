"""The published figures are the ones that the benchmark makes, and its counting is right."""

import accuracy
import pytest
from accuracy_figures import BAD, FINE, UNKNOWN, Figures, Share, wilson
from engines import ENGINES
from scenarios import scenarios


@pytest.fixture(scope="module", params=[accuracy.OFFLINE, accuracy.LEAN])
def part(request: pytest.FixtureRequest) -> tuple[str, accuracy.Part]:
    name = str(request.param)
    return name, accuracy.offline() if name == accuracy.OFFLINE else accuracy.lean()


def test_the_goal_is_met(part: tuple[str, accuracy.Part]) -> None:
    assert part[1].wrong == ()
    assert part[1].met


def test_the_published_table_is_the_one_produced(part: tuple[str, accuracy.Part]) -> None:
    """When it is not: `python benchmarks/accuracy.py --write`."""
    name, produced = part
    published = accuracy.between(accuracy.DOCS.read_text(encoding="utf-8"), name)
    assert published == produced.text


def test_there_are_enough_new_scenarios_and_enough_on_each_engine() -> None:
    assert len(scenarios()) - accuracy.BEFORE >= 250
    on_engines = [one.name.split(": ")[1] for one in scenarios() if one.truth is not None]
    assert set(on_engines) == set(ENGINES)
    assert len(on_engines) >= 60


def test_learned_marks_are_never_wrong_and_the_published_table_is_the_one_produced() -> None:
    learned = accuracy.learned_marks()
    assert learned.wrong == ()
    published = accuracy.between(accuracy.DOCS.read_text(encoding="utf-8"), accuracy.WITHOUT_FILE)
    assert published == learned.text


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        pytest.param(0, 100, 0.0, 0.0370, id="none of a hundred"),
        pytest.param(5, 10, 0.2366, 0.7634, id="half of ten"),
        pytest.param(100, 100, 0.9630, 1.0, id="all of a hundred"),
        pytest.param(0, 0, 0.0, 1.0, id="nothing to count"),
    ],
)
def test_the_interval_is_wilsons(hits: int, of: int, low: float, high: float) -> None:
    assert wilson(hits, of) == pytest.approx((low, high), abs=1e-4)


def test_each_error_is_counted_where_it_can_happen() -> None:
    pairs = ((FINE, BAD), (FINE, FINE), (BAD, FINE), (BAD, UNKNOWN), (UNKNOWN, FINE), (UNKNOWN, BAD))
    counted = Figures(name="a method", pairs=pairs)
    assert counted.false_alarms == Share(hits=2, of=4)
    assert counted.misses == Share(hits=1, of=2)
    assert counted.unfounded == Share(hits=1, of=2)
    assert counted.needless == Share(hits=1, of=4)
    assert not counted.goal_met
