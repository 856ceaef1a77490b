"""How far a run is, in words."""

import pytest

from selfcheck.cli.progress import PageCount, PlainProgress


@pytest.mark.parametrize(
    ("opened", "now", "says"),
    [
        pytest.param(1, 5.0, "page view 1 of at most 11", id="one page says nothing about the others"),
        pytest.param(
            3, 20.0, "page view 3 of at most 11, 1 minute and 20 seconds left at most", id="some do"
        ),
        pytest.param(11, 90.0, "page view 11 of at most 11", id="the last"),
        pytest.param(12, 99.0, "page view 12 of at most 12", id="one more than was expected"),
    ],
)
def test_a_count_says_how_long_the_rest_takes(opened: int, now: float, says: str) -> None:
    assert PageCount(most=11, began=0.0, opened=opened).in_words(now) == says


def test_in_a_log_each_page_is_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    progress = PlainProgress()
    for page in ("profile", "feed"):
        progress.looking("jane", page)
    assert capsys.readouterr().err == "jane: profile\njane: feed\n"
