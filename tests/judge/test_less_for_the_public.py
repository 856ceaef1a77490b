"""Less for the public never turns a verdict towards good news, and a new layout never makes it a wrong one.

Each property is tried on the labelled scenarios.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from cases import seen
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_runner import ScenarioResult, Stage, final_verdict, run_scenario, scenario_results
from scenarios import Scenario, scenarios

from selfcheck.core.capture import Capture
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


EVERY = st.deferred(lambda: st.sampled_from(scenario_results()))
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


@given(EVERY, st.data(), st.sampled_from(LedTo))
@settings(max_examples=60, deadline=None)
def test_leading_the_public_elsewhere_never_makes_it_fine(
    result: ScenarioResult, data: st.DataObject, place: LedTo
) -> None:
    pages = [page for page in result.case.pages if ANONYMOUS in page.looks]
    page = data.draw(st.sampled_from(pages))
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

KEY = re.compile(r'(\\?")([A-Za-z_$@][\w$@-]*)(\\?"\s*:)')
HOOK = re.compile(r'\b(class|id|data-testid)="([^"]*)"')
SCRIPT = re.compile(r"(<script[^>]*>)(.*?)(</script>)", re.DOTALL)
ANY, LIKELY = frozenset(Strength), frozenset({Strength.LIKELY})
ALSO_RIGHT = {
    # A number, a flag or a list that stands only in data which cannot be read: nothing else is amiss.
    Verdict.LIMITED: {Verdict.VISIBLE: LIKELY},
    # That all stories are gone stands in two lists; where one cannot be read, single stories are.
    Verdict.HIDDEN: {Verdict.LIMITED: ANY},
    # What the public is told only in JSON that can no longer be read; the page itself is not found.
    Verdict.SUSPENDED: {Verdict.HIDDEN: ANY, Verdict.MISSING: ANY},
    # Whose session it is, or that one page wants a sign-in, stands only in data that cannot be read: what
    # the views show is left. Renamed is among what "missing" means.
    Verdict.INCONCLUSIVE: {Verdict.VISIBLE: LIKELY, Verdict.MISSING: LIKELY},
}
"""What an examiner accepts of each label where a new layout took away what the label rests on."""

OTHERWISE_MADE = {"quiet: visitors get a layout in which the number is not known"}
"""Its page lacks the number though its owner hides none, which only its mark tells from the control's page;
a new layout of both gives them one mark."""


def layout_scenarios() -> list[Scenario]:
    """Return all scenarios but those whose own layout is what they are about."""
    return [scenario for scenario in scenarios() if scenario.name not in OTHERWISE_MADE]


def in_another_layout(capture: Capture, *, viewpoint: str, keys: bool, hooks: bool) -> Capture:
    """Rename the keys of a page's data, its classes and ids, for one viewpoint or ("") for both."""
    if viewpoint not in {"", capture.viewpoint} or capture.failure is not None:
        return capture
    html = capture.html
    if keys and "json" in capture.content_type:
        html = KEY.sub(r"\1zz\2\3", html)
        return replace(capture, html=html, text=html)
    if keys:
        html = SCRIPT.sub(lambda found: found[1] + KEY.sub(r"\1zz\2\3", found[2]) + found[3], html)
    if hooks:
        html = HOOK.sub(lambda found: f'{found[1]}="zz{found[2].replace(" ", " zz")}"', html)
    return replace(capture, html=html)


@given(
    st.sampled_from(layout_scenarios()),
    st.sampled_from(("", ANONYMOUS, AUTHOR)),
    st.sampled_from(((True, True), (True, False), (False, True))),
    st.booleans(),
)
@settings(max_examples=40, deadline=None)
def test_a_new_layout_never_makes_the_verdict_a_wrong_one(
    scenario: Scenario, viewpoint: str, renamed: tuple[bool, bool], learns: bool
) -> None:
    """With and without learned marks: the verdict stays, or says less, never something else."""
    keys, hooks = renamed

    def change(capture: Capture) -> Capture:
        return in_another_layout(capture, viewpoint=viewpoint, keys=keys, hooks=hooks)

    result = run_scenario(scenario, on=Stage(scenario, change=change, learns=learns))
    verdict, label = result.verdict.verdict, scenario.expected.verdict
    if verdict not in {Verdict.INCONCLUSIVE, label}:
        right = ALSO_RIGHT.get(label, {}).get(verdict, frozenset())
        assert result.verdict.strength in right, f"{scenario.name}: {verdict} {result.verdict.rules}"


def test_a_list_that_broke_off_lacks_nothing_that_may_follow() -> None:
    """Where both lists are read in the same way, as where neither page has data that the file knows."""
    name = "outages: the body breaks off: a healthy profile within its first list entry"
    scenario = next(scenario for scenario in scenarios() if scenario.name == name)

    def change(capture: Capture) -> Capture:
        return in_another_layout(capture, viewpoint="", keys=True, hooks=False)

    assert run_scenario(scenario, on=Stage(scenario, change=change)).verdict.verdict is Verdict.VISIBLE
