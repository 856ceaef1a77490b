"""Less for the public never turns a verdict towards good news, and a new layout never makes it a wrong one.

Each property is tried on the labelled scenarios.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest
from cases import seen
from hypothesis import given, settings
from hypothesis import strategies as st
from new_layouts import NewLayout, in_new_layout, is_right, new_layouts
from scenario_runner import ScenarioResult, final_verdict, scenario_results
from scenarios import Scenario, scenarios

from selfcheck.core.case import PageCase, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, LedTo, Outcome, PageKind, Strength, Verdict
from selfcheck.core.observation import Observation, StoryRef, TextBody
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge.page_evidence import OWNERS_CHOICE


def has_a_list_of_the_authors(result: ScenarioResult) -> bool:
    return any(look.stories for page in result.case.pages for look in page.looks.get(AUTHOR, ()))


def has_a_story_that_both_read(result: ScenarioResult) -> bool:
    return any(
        page.visit.kind is PageKind.STORY
        and [look.outcome for look in (page.anonymous, page.author) if look] == [Outcome.SHOWN] * 2
        for page in result.case.pages
    )


PUBLIC = st.deferred(
    lambda: st.sampled_from(
        [(one, page) for one in scenario_results() for page in one.case.pages if ANONYMOUS in page.looks]
    )
)
"""A scenario and a page that the public loaded: one draw, so no draw depends on another."""
LISTED = st.deferred(
    lambda: st.sampled_from([result for result in scenario_results() if has_a_list_of_the_authors(result)])
)
READ = st.deferred(
    lambda: st.sampled_from([result for result in scenario_results() if has_a_story_that_both_read(result)])
)


def is_fine(verdict: ProfileVerdict) -> bool:
    """Return whether the verdict is the best that there is: visible, confirmed."""
    return (verdict.verdict, verdict.strength) == (Verdict.VISIBLE, Strength.CONFIRMED)


def with_looks(
    case: ProfileCase, viewpoint: str, change: Callable[[Observation], Observation]
) -> ProfileCase:
    """Change what this viewpoint got of every page that it was shown."""

    def changed(page: PageCase) -> PageCase:
        looks = tuple(
            change(look) if look.outcome is Outcome.SHOWN else look for look in page.looks.get(viewpoint, ())
        )
        return replace(page, looks={**page.looks, viewpoint: looks}) if looks else page

    return replace(case, pages=tuple(changed(page) for page in case.pages))


@given(LISTED, st.data())
@settings(max_examples=60, deadline=None)
def test_a_longer_list_of_the_authors_never_makes_it_fine(
    result: ScenarioResult, data: st.DataObject
) -> None:
    number = data.draw(st.integers(1, 12))
    where = data.draw(st.integers(0, 30))
    date = data.draw(st.sampled_from(("", "2020-01-01", "2026-11-28")))
    more = tuple(
        StoryRef(id=f"more-{place}", url=f"/more-{place}", published_at=date) for place in range(number)
    )

    def longer(look: Observation) -> Observation:
        if look.stories is None:
            return look
        return replace(look, stories=(*look.stories[:where], *more, *look.stories[where:]))

    with_more = result.judged_with(with_looks(result.case, AUTHOR, longer))
    assert is_fine(result.undisturbed) or not is_fine(with_more), result.scenario.name


def body(numbers: list[int], lengths: list[int], *, invited: bool) -> TextBody:
    return TextBody(
        container="article",
        hashes=tuple(numbers),
        begins=tuple(numbers),
        lengths=tuple(lengths[number] for number in numbers),
        places=(0,) * len(numbers),
        invitations=(1,) if invited else (),
    )


SENTENCES = st.lists(st.tuples(st.integers(1, 300), st.integers(0, 2)), min_size=1, max_size=30)
"""How long each of the author's sentences is, and in how many of two texts of the public's it stands."""


@given(READ, SENTENCES, st.booleans())
@settings(max_examples=60, deadline=None)
def test_a_shorter_text_for_the_public_never_makes_it_fine(
    result: ScenarioResult, sentences: list[tuple[int, int]], invited: bool
) -> None:
    lengths = [length for length, _ in sentences]
    whole, more, fewer = (
        [number for number, (_, texts) in enumerate(sentences) if texts >= least] for least in range(3)
    )

    def read(numbers: list[int]) -> ProfileVerdict:
        own, public = body(whole, lengths, invited=False), body(numbers, lengths, invited=invited)
        case = with_looks(result.case, AUTHOR, lambda look: replace(look, body=own))
        return final_verdict(with_looks(case, ANONYMOUS, lambda look: replace(look, body=public)))

    is_fine_with_fewer = is_fine(read(fewer))
    assert is_fine(read(more)) or not is_fine_with_fewer, result.scenario.name
    lost = sum(lengths) - sum(lengths[number] for number in fewer)
    if lost >= max(200, 0.3 * sum(lengths)) and not owners_choice(result):
        assert not is_fine_with_fewer, result.scenario.name


def owners_choice(result: ScenarioResult) -> bool:
    """Return whether a page says that its owner keeps a part of it, so that no text is compared."""
    looks = (look for page in result.case.pages for looks in page.looks.values() for look in looks)
    return any(look.means(kind) for look in looks for kind in OWNERS_CHOICE)


@given(PUBLIC, st.sampled_from(LedTo))
@settings(max_examples=60, deadline=None)
def test_leading_the_public_elsewhere_never_makes_it_fine(
    looked: tuple[ScenarioResult, PageCase], place: LedTo
) -> None:
    result, page = looked
    led = replace(
        seen(Outcome.UNRECOGNISED),
        kind=page.visit.kind,
        url=page.visit.url,
        led_to=place,
        final_url="https://x.example/",
    )
    changed = replace(page, looks={**page.looks, ANONYMOUS: (led, led)})
    case = replace(
        result.case, pages=tuple(changed if other is page else other for other in result.case.pages)
    )
    verdict = final_verdict(case)
    fine = {page.folder for page in verdict.pages if page.verdict is Verdict.VISIBLE}
    assert page.visit.folder not in fine, result.scenario.name
    assert not is_fine(verdict), result.scenario.name


# -- a layout that no file knows ---------------------------------------------------------------------------


@given(st.sampled_from(scenarios()), st.sampled_from(tuple(new_layouts())), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_new_layout_never_makes_the_verdict_a_wrong_one(
    scenario: Scenario, layout: NewLayout, learns: bool
) -> None:
    """With and without learned marks: the verdict stays, or says less, never something else.

    All of them, by hand: `python benchmarks/layouts.py`.
    """
    result = in_new_layout(scenario, layout, learns=learns)
    assert is_right(result), f"{scenario.name}: {result.verdict.verdict} {result.verdict.rules}"


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        pytest.param(
            "outages: the body breaks off: a healthy profile within its first list entry",
            NewLayout(viewpoint="", keys=True, hooks=False),
            id="a list that broke off lacks nothing that may follow",
        ),
        pytest.param(
            "quiet: visitors get a layout in which the number is not known",
            NewLayout(viewpoint=ANONYMOUS, keys=True, hooks=False),
            id="a control whose data could not be read does not show that a number is kept back",
        ),
    ],
)
def test_what_cannot_be_read_in_a_new_layout_is_not_missing(name: str, layout: NewLayout) -> None:
    scenario = next(scenario for scenario in scenarios() if scenario.name == name)
    assert in_new_layout(scenario, layout, learns=True).verdict.verdict is Verdict.VISIBLE


def test_the_publics_words_are_only_likely_beside_a_page_of_the_authors_that_no_mark_knows() -> None:
    name = "inkwell: visitors get removed, the author shown"
    scenario = next(scenario for scenario in scenarios() if scenario.name == name)
    layout = NewLayout(viewpoint=AUTHOR, keys=True, hooks=True)
    verdict = in_new_layout(scenario, layout, learns=False).verdict
    assert (verdict.verdict, verdict.strength) == (Verdict.MISSING, Strength.LIKELY)
