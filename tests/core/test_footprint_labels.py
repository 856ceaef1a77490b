"""What a run asked of others stands in its result and in its report, for people."""

import json

import pytest
from sample_runs import run, suspended

from selfcheck.core.labels import footprint
from selfcheck.core.run import HostFootprint
from selfcheck.core.run_document import RunDocument
from selfcheck.runs.render_html import report_html

AUTHORS = HostFootprint(
    host="medium.com",
    viewpoint="author",
    page_views=2,
    requests={"script": 3, "document": 2},
    refused={"fetch": 4, "ping": 1},
    least_gap_seconds=5.04,
)
WORDS = "2 page views; 5 requests (3 scripts, 2 documents); 5 blocked; at least 5.0 s apart"


@pytest.mark.parametrize(
    ("one", "words"),
    [
        pytest.param(AUTHORS, WORDS, id="all of it"),
        pytest.param(
            HostFootprint(
                host="cdn",
                viewpoint="anonymous",
                page_views=0,
                requests={"image": 1},
                refused={},
                least_gap_seconds=None,
            ),
            "1 request (1 image)",
            id="a host of which no page was opened",
        ),
    ],
)
def test_a_footprint_in_words(one: HostFootprint, words: str) -> None:
    assert footprint(one) == words


def test_the_footprint_is_in_the_result_and_in_the_report() -> None:
    result = run(suspended(), footprint=(AUTHORS,))
    (told,) = json.loads(RunDocument.of(result).to_json())["footprint"]
    assert (told["host"], told["page_views"], told["refused"]) == ("medium.com", 2, {"fetch": 4, "ping": 1})
    assert f"<bdi>medium.com</bdi>, author: {WORDS}" in report_html(result, {})
    assert " blocked" not in report_html(run(suspended()), {})
