"""The investigation of a profile by itself: no browser, no clock, no event loop."""

from collections.abc import Callable

import pytest

from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, Purpose, Verdict
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.catalogue import load_platform
from selfcheck.runs.investigation import OUTAGE_SECONDS, Investigation, Question
from selfcheck.runs.plan import Batch

MEDIUM = load_platform("medium")
JANE = ProfileRequest(name="jane", platform="medium", handle="jane", publications=("my-pub",), session="jane")
Answer = Callable[[PageRequest, str], Outcome]


def shown(request: PageRequest, _viewpoint: str) -> Outcome:
    return Outcome.NOT_FOUND if "/absent-" in request.folder else Outcome.SHOWN


def gone(request: PageRequest, viewpoint: str) -> Outcome:
    own = request.handle == "jane" and viewpoint == ANONYMOUS
    return Outcome.NOT_FOUND if own else shown(request, viewpoint)


def investigate(answer: Answer, *, backwards: bool = False) -> tuple[Investigation, list[Batch]]:
    investigation = Investigation(Question(profile=JANE, platform=MEDIUM, signed_in=True, seed=3))
    batches = []
    while batch := investigation.wanted():
        batches.append(batch)
        for page in reversed(batch.pages) if backwards else batch.pages:
            request = page.request
            observations = {
                who: Observation(
                    viewpoint=who,
                    kind=request.kind,
                    url=request.url,
                    outcome=answer(request, who),
                    purpose=request.purpose,
                    handle=request.handle,
                    signed_in=True if who == AUTHOR else None,
                )
                for who in request.viewpoints
            }
            investigation.take(page, observations)
    return investigation, batches


def test_one_page_is_opened_alone_and_then_the_rest_with_the_controls() -> None:
    investigation, batches = investigate(shown)
    assert [len(batch.pages) for batch in batches][:1] == [1]
    # a live account, one that cannot exist, and its feed: a feed is not found by its status alone
    assert sum(page.is_control for page in batches[1].pages) == 3
    assert investigation.verdict is not None
    assert investigation.verdict.verdict is Verdict.VISIBLE


@pytest.mark.parametrize("answer", [shown, gone])
def test_the_order_in_which_pages_answer_changes_nothing(answer: Answer) -> None:
    forwards, backwards = investigate(answer)[0], investigate(answer, backwards=True)[0]
    assert forwards.case == backwards.case
    assert forwards.verdict == backwards.verdict


def test_after_a_wall_before_the_first_page_only_what_is_for_programs_is_asked_for() -> None:
    investigation, batches = investigate(lambda _request, _viewpoint: Outcome.CHALLENGE)
    asked = [page.request.purpose for batch in batches for page in batch.pages]
    assert asked == [Purpose.PAGE, Purpose.PROGRAM_VIEW]
    assert investigation.verdict is not None
    assert investigation.verdict.verdict is Verdict.INCONCLUSIVE


def test_second_looks_wait_and_come_from_fresh_contexts() -> None:
    _, batches = investigate(gone)
    (second,) = (batch for batch in batches if batch.wait_seconds)
    assert second.wait_seconds == MEDIUM.limits.second_look_seconds > OUTAGE_SECONDS
    assert all(page.fresh for page in second.pages)
    assert {page.request.purpose for page in second.pages} == {Purpose.SECOND_LOOK, Purpose.FALLBACK}


def test_a_page_that_was_taken_is_not_wanted_again() -> None:
    investigation = Investigation(Question(profile=JANE, platform=MEDIUM, signed_in=False, seed=3))
    first = investigation.wanted()
    assert first is not None
    (page,) = first.pages
    seen = Observation(viewpoint=ANONYMOUS, kind=page.request.kind, url="", outcome=Outcome.SHOWN)
    investigation.take(page, {ANONYMOUS: seen})
    following = investigation.wanted()
    assert following is not None
    assert page not in following.pages
