"""Every state of the demo site, looked at by a real browser, gets the verdict that its row names.

The same run, stored, is judged again, and nothing may change.
"""

import pytest
from runs import demo_request, finish, without_screenshots

from selfcheck.demo.states import STATES, DemoState
from selfcheck.replay.model import Replay
from selfcheck.replay.service import replay
from selfcheck.runs.run import Finished

# The states of which screenshots are taken: one for each verdict, and those whose pages look like no other's.
PICTURED = {
    *{state.verdict: state.name for state in reversed(STATES)}.values(),
    *("missing-from-lists", "story-blurred", "bot-wall", "server-error", "login-wall"),
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    with without_screenshots(except_of=PICTURED):
        return finish(tmp_path_factory.mktemp("states"), *(demo_request(state) for state in STATES))


@pytest.mark.parametrize(
    "state", [pytest.param(state, id=f"{state.name} is {state.verdict}") for state in STATES]
)
def test_a_state_gets_its_verdict(finished: Finished, state: DemoState) -> None:
    profile = next(one for one in finished.result.profiles if one.name == state.name)
    assert (profile.verdict in state.verdicts, profile.silent) == (True, state.silent), profile.summary


def test_nothing_failed_and_the_worst_decides_the_exit_code(finished: Finished) -> None:
    assert finished.result.failures == ()
    assert finished.result.exit_code == 1


def test_every_picture_and_page_that_the_result_names_is_there(finished: Finished) -> None:
    named = [page.side_by_side for one in finished.result.profiles for page in one.pages if page.side_by_side]
    named += [
        look.screenshot
        for one in finished.result.profiles
        for page in one.pages
        for look in page.views.values()
        if look.screenshot
    ]
    assert len(named) > len(STATES)
    assert {path.split("/")[0] for path in named} == PICTURED
    assert [path for path in named if not (finished.folder / path).is_file()] == []


@pytest.fixture(scope="module")
def replayed(finished: Finished) -> Replay:
    return replay(finished.folder)


@pytest.mark.parametrize("state", [pytest.param(state, id=state.name) for state in STATES])
def test_a_stored_state_is_judged_as_it_was(finished: Finished, replayed: Replay, state: DemoState) -> None:
    was = next(one for one in finished.result.profiles if one.name == state.name)
    now = next(one for one in replayed.profiles if one.name == state.name)
    judged = now.compared.now
    assert (judged.verdict, judged.silent, judged.strength) == (was.verdict, was.silent, was.strength)
    assert judged.firings == was.firings
    assert {page.folder: page.compared.now.firings for page in now.pages} == {
        page.folder: page.firings for page in was.pages
    }
    assert (now.looks, now.notes) == ((), ())


def test_no_stored_verdict_changed(replayed: Replay) -> None:
    assert not replayed.changed
