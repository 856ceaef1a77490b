"""What holds of the judge whatever the evidence: on every scenario, and on random evidence."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache

import pytest
from cases import by_author, seen
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario_runner import ScenarioResult, final_verdict, scenario_results

from selfcheck.core.capture import PageRequest
from selfcheck.core.case import LookAgain, PageCase, PastNumbers, PlatformFacts, ProfileCase
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    BAD,
    ControlKind,
    Outcome,
    PageKind,
    Purpose,
    SignKind,
    Strength,
    Verdict,
)
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.run import exit_code
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge

WALLS = (Outcome.CHALLENGE, Outcome.RATE_LIMITED, Outcome.LOGIN_WALL)
GONE = (Outcome.NOT_FOUND, Outcome.REMOVED)
OUTAGES = (Outcome.UNREACHABLE, Outcome.SERVER_ERROR)
# Judging them all takes seconds, so they are judged when a test wants them, not when tests are collected.
SCENARIOS = st.deferred(lambda: st.sampled_from(scenario_results()))
VIEWS = st.deferred(
    lambda: st.sampled_from(
        [
            (one, place, who)
            for one in scenario_results()
            for place, page in enumerate(one.case.pages)
            for who in sorted(page.looks)
        ]
    )
)
"""A scenario, the place of one of its pages, and who looked: one draw, so no draw depends on another."""


def found(verdict: ProfileVerdict) -> tuple[object, ...]:
    return verdict.verdict, verdict.silent, verdict.strength, verdict.rules[0], frozenset(verdict.rules)


def weight(verdict: ProfileVerdict) -> int:
    """How much is claimed: nothing, something that is likely, something that is confirmed."""
    if verdict.verdict is Verdict.INCONCLUSIVE:
        return 0
    return 2 if verdict.strength is Strength.CONFIRMED else 1


def with_look(case: ProfileCase, place: int, look: Observation, *, instead: bool) -> ProfileCase:
    """Add a look to one page, behind those of its viewpoint or in their place."""
    page = case.pages[place]
    before = () if instead else page.looks.get(look.viewpoint, ())
    own = replace(look, kind=page.visit.kind, url=page.visit.url)
    changed = replace(page, looks={**page.looks, look.viewpoint: (*before, own)})
    return replace(case, pages=(*case.pages[:place], changed, *case.pages[place + 1 :]))


PUBLIC_WORDS = {
    *(f"{kind}.says-suspended" for kind in ("profile", "publication", "story", "feed", "fallback")),
    "page.removed-by-owner",
    "page.flagged",
    "page.noindex",
    "profile.hidden-from-all",  # two views of the public: the page, and data that does not hide
    "story.blurred",
}
"""Rules that rest on what the public is told, and on nothing else."""


def by_the_public_alone(case: ProfileCase) -> ProfileCase:
    """The same evidence as if nobody had looked as the author."""
    pages = tuple(
        replace(
            page,
            visit=replace(page.visit, viewpoints=(ANONYMOUS,)),
            looks={ANONYMOUS: page.looks[ANONYMOUS]},
        )
        for page in case.pages
        if ANONYMOUS in page.looks
    )
    return replace(case, pages=pages, author_expected=False)


@cache
def judged_by_the_public_alone(number: int) -> ProfileVerdict:
    """What is wrong with the author's view makes no difference to it."""
    return final_verdict(by_the_public_alone(scenario_results()[number].case))


# -- what disturbs never accuses ---------------------------------------------------------------------------


def _tells_of_the_session(page: PageCase, who: str) -> bool:
    """Whether these looks say whose session it is, or that it expired: taking them away is no wall."""
    return who == AUTHOR and any(
        look.signed_in is False or look.signed_in_as or look.outcome is Outcome.LOGIN_WALL
        for look in page.looks[who]
    )


@given(VIEWS, st.sampled_from(WALLS + OUTAGES), st.booleans())
@settings(max_examples=250)
def test_a_wall_or_an_outage_never_makes_an_accusation(
    view: tuple[ScenarioResult, int, str], trouble: Outcome, instead: bool
) -> None:
    """Nor does it make a worse one: what remains was said without it."""
    one, place, who = view
    instead = instead and not _tells_of_the_session(one.case.pages[place], who)
    disturbed = final_verdict(with_look(one.case, place, seen(trouble, by=who), instead=instead))
    before = {page.folder: page.verdict for page in one.undisturbed.pages}
    accused = {page.folder: page.verdict for page in disturbed.pages if page.verdict in BAD}
    assert all(before[folder] in BAD for folder in accused)
    assert not any(verdict.worse_than(before[folder]) for folder, verdict in accused.items())
    assert disturbed.verdict not in BAD or one.verdict.verdict in BAD


@pytest.mark.parametrize(
    ("name", "kind", "who"),
    [
        ("lists: the missing story is a draft", PageKind.STORY, AUTHOR),
        ("lists: the missing story is private", PageKind.STORY, AUTHOR),
        (
            "lists: none of the stories is there for visitors, but the feed still names them",
            PageKind.FEED,
            ANONYMOUS,
        ),
    ],
)
@pytest.mark.parametrize("trouble", WALLS + OUTAGES)
def test_a_wall_before_what_excuses_a_missing_story_makes_no_worse_verdict(
    name: str, kind: PageKind, who: str, trouble: Outcome
) -> None:
    case = next(one.case for one in scenario_results() if one.scenario.name == name)
    place = next(at for at, page in enumerate(case.pages) if page.visit.kind is kind)
    for instead in (False, True):
        disturbed = final_verdict(with_look(case, place, seen(trouble, by=who), instead=instead))
        accused = disturbed.verdict in BAD and disturbed.verdict.worse_than(final_verdict(case).verdict)
        assert not accused, (disturbed.rules, instead)


@pytest.mark.parametrize("trouble", WALLS + OUTAGES)
def test_a_failure_of_the_public_profile_view_accuses_no_account(
    trouble: Outcome,
) -> None:
    for one in scenario_results():
        # What the platform tells programs, or another account of the user's, stands beside a wall: not here.
        pages = tuple(replace(page, program_views=(), readers={}) for page in one.case.pages)
        disturbed = final_verdict(with_look(replace(one.case, pages=pages), 0, seen(trouble), instead=True))
        assert disturbed.pages[0].verdict is Verdict.INCONCLUSIVE, one.scenario.name
        assert disturbed.verdict in {Verdict.INCONCLUSIVE, Verdict.LIMITED}, one.scenario.name


BROKEN = {
    "sign-in page": by_author(Outcome.LOGIN_WALL),
    "logged-out page": by_author(Outcome.SHOWN, signed_in=False),
    "logged-out error page": by_author(Outcome.NOT_FOUND, signed_in=False),
    "another account's page": by_author(Outcome.SHOWN, signed_in_as="somebody-else"),
    "wall": by_author(Outcome.CHALLENGE),
    "outage": by_author(Outcome.UNREACHABLE),
}


@pytest.mark.parametrize("trouble", BROKEN)
def test_breaking_the_session_never_removes_what_rests_on_the_publics_words_alone(trouble: str) -> None:
    """And it leaves nothing else standing: no other accusation, nothing silent, and nothing that is fine."""
    for number, one in enumerate(scenario_results()):
        case, name = one.case, one.scenario.name
        for place, page in enumerate(case.pages):
            if AUTHOR in page.looks:
                case = with_look(case, place, BROKEN[trouble], instead=True)
        if case is one.case:
            continue
        alone, broken = judged_by_the_public_alone(number), final_verdict(case)
        pages = {page.folder: page for page in alone.pages}
        for page in broken.pages:
            public = pages.get(page.folder)
            stands = public is not None and public.verdict in BAD and public.rules[0] in PUBLIC_WORDS
            if AUTHOR in page.views:
                assert page.verdict is (public.verdict if stands and public else Verdict.INCONCLUSIVE), name
                assert page.silent is None, name
            elif stands and public:
                assert page.verdict is public.verdict, name
        if alone.verdict in BAD and alone.rules[0] in PUBLIC_WORDS:
            assert (broken.verdict, broken.rules[0]) == (alone.verdict, alone.rules[0]), name
        else:
            assert broken.verdict is Verdict.INCONCLUSIVE, name


@pytest.mark.parametrize("kind", [ControlKind.LIVE, ControlKind.ABSENT])
def test_a_failed_control_never_accuses(kind: ControlKind) -> None:
    wrong = Outcome.NOT_FOUND if kind is ControlKind.LIVE else Outcome.SHOWN
    for one in scenario_results():
        others = tuple(reading for reading in one.case.controls if reading.kind is not kind)
        failed = ControlReading(kind=kind, handle="@control", outcome=wrong)
        assert one.judged_with(replace(one.case, controls=(*others, failed))).verdict not in BAD, (
            one.scenario.name
        )


# -- less evidence, less claimed ---------------------------------------------------------------------------


def _agreeing(page: PageCase) -> bool:
    """Whether all answers of each viewpoint agree, so that none of them speaks against another."""
    answers = [
        {look.outcome for look in looks if look.outcome not in OUTAGES} for looks in page.looks.values()
    ]
    return all(len(one) <= 1 for one in answers)


@given(VIEWS)
@settings(max_examples=250)
def test_a_repeated_look_that_is_taken_away_never_strengthens(view: tuple[ScenarioResult, int, str]) -> None:
    one, place, who = view
    page = one.case.pages[place]
    if not _agreeing(page) or len(page.looks[who]) < 2 or page.visit.kind is PageKind.FEED:
        return
    less = replace(page, looks={**page.looks, who: page.looks[who][:-1]})
    pages = (*one.case.pages[:place], less, *one.case.pages[place + 1 :])
    assert weight(one.judged_with(replace(one.case, pages=pages))) <= weight(one.verdict)


def test_without_a_passing_control_nothing_is_confirmed() -> None:
    for one in scenario_results():
        for kind in (ControlKind.LIVE, ControlKind.ABSENT):
            left = tuple(
                reading for reading in one.case.controls if reading.kind is not kind or not reading.ok
            )
            assert weight(one.judged_with(replace(one.case, controls=left))) <= min(1, weight(one.verdict)), (
                one.scenario.name
            )


def test_without_a_fallback_that_agrees_nothing_is_stronger() -> None:
    for one in scenario_results():
        marks = {look.mark for page in one.case.pages for look in page.fallbacks}
        if marks & one.case.sureness.unconfirmed:
            continue  # it says more, on a word that nothing confirms
        disagrees = {Outcome.SHOWN, Outcome.RESTRICTED}  # the account is there, if only for some
        pages = tuple(
            replace(page, fallbacks=tuple(look for look in page.fallbacks if look.outcome in disagrees))
            for page in one.case.pages
        )
        assert weight(one.judged_with(replace(one.case, pages=pages))) <= weight(one.verdict), (
            one.scenario.name
        )


def test_without_the_authors_view_nothing_is_hidden_and_nothing_is_silent() -> None:
    for one in scenario_results():
        pages = tuple(
            replace(page, looks={ANONYMOUS: page.looks[ANONYMOUS]})
            for page in one.case.pages
            if ANONYMOUS in page.looks
        )
        alone = final_verdict(replace(one.case, pages=pages, author_expected=False))
        assert alone.verdict is not Verdict.HIDDEN or alone.rules[0] in PUBLIC_WORDS, one.scenario.name
        assert alone.silent is None, one.scenario.name


def test_without_earlier_runs_the_verdict_is_the_same() -> None:
    for one in scenario_results():
        alone = one.judged_with(replace(one.case, past=()))
        assert (alone.verdict, alone.silent, alone.strength) == (
            one.verdict.verdict,
            one.verdict.silent,
            one.verdict.strength,
        ), one.scenario.name


# -- order --------------------------------------------------------------------------------------------------


@given(SCENARIOS, st.randoms(use_true_random=False))
@settings(max_examples=200)
def test_the_order_of_pages_and_controls_never_matters(one: ScenarioResult, random: object) -> None:
    pages, controls = list(one.case.pages), list(one.case.controls)
    random.shuffle(pages)  # type: ignore[attr-defined]
    random.shuffle(controls)  # type: ignore[attr-defined]
    shuffled = replace(one.case, pages=tuple(pages), controls=tuple(controls))
    assert found(final_verdict(shuffled)) == found(one.undisturbed)


@given(st.lists(SCENARIOS, min_size=2, max_size=5), st.randoms(use_true_random=False))
@settings(max_examples=50)
def test_the_order_of_profiles_never_matters(several: list[ScenarioResult], random: object) -> None:
    def results(cases: Sequence[ScenarioResult]) -> tuple[dict[str, object], int]:
        verdicts = [final_verdict(one.case) for one in cases]
        said = {one.scenario.name: found(verdict) for one, verdict in zip(cases, verdicts, strict=True)}
        return said, exit_code(tuple(each.verdict for each in verdicts), fail_on=tuple(BAD))

    before = results(several)
    random.shuffle(several)  # type: ignore[attr-defined]
    assert results(several) == before


# -- any evidence at all -----------------------------------------------------------------------------------

NUMBERS = st.none() | st.integers(-(10**9), 10**12)
TEXTS = st.sampled_from(("", "jane", "@Jane", "é 作家", "{name}", "a" * 300))
MOMENTS = st.none() | st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 — hypothesis adds the zone
STORIES = st.none() | st.lists(
    st.builds(
        StoryRef,
        id=st.sampled_from("abcdef"),
        url=TEXTS,
        title=TEXTS,
        published_at=TEXTS | st.just("2026-01-01"),
    ),
    max_size=4,
).map(tuple)
SERIES = st.sampled_from(((), (0,), (5, 0, 9), (200,) * 30 + (0,), (200,) * 30 + (20,) * 40, (0,) * 95))


def looks_of(viewpoint: str, kind: PageKind) -> st.SearchStrategy[tuple[Observation, ...]]:
    look = st.builds(
        Observation,
        viewpoint=st.just(viewpoint),
        kind=st.just(kind),
        url=TEXTS,
        outcome=st.sampled_from(Outcome),
        purpose=st.sampled_from(Purpose),
        status=st.none() | st.integers(0, 999),
        quote=TEXTS,
        title=TEXTS,
        signed_in=st.none() | st.booleans(),
        signed_in_as=st.none() | TEXTS,
        noindex=st.none() | st.just("noindex"),
        signs=st.lists(st.builds(Sign, id=TEXTS, meaning=st.sampled_from(SignKind)), max_size=3).map(tuple),
        facts=st.dictionaries(st.sampled_from(("followers", "views_today", "subscribers")), NUMBERS),
        series=st.dictionaries(st.just("views"), SERIES, max_size=1),
        stories=STORIES,
        text_length=st.integers(0, 10**6),
        taken_at=MOMENTS,
    )
    return st.lists(look, max_size=3).map(tuple)


@st.composite
def pages(draw: st.DrawFn) -> tuple[PageCase, ...]:
    drawn = []
    for number, kind in enumerate(draw(st.lists(st.sampled_from(PageKind), max_size=3))):
        viewpoints = draw(st.sampled_from(((ANONYMOUS,), (AUTHOR,), (ANONYMOUS, AUTHOR))))
        visit = PageRequest(profile="p", kind=kind, url="u", viewpoints=viewpoints, folder=f"p/{number}")
        looks = {who: draw(looks_of(who, kind)) for who in viewpoints}
        drawn.append(PageCase(visit=visit, looks=looks, fallbacks=draw(looks_of(ANONYMOUS, kind))))
    return tuple(drawn)


READINGS = st.builds(
    ControlReading,
    kind=st.sampled_from(ControlKind),
    handle=TEXTS,
    outcome=st.sampled_from(Outcome),
    followers=NUMBERS,
)
PAST = st.builds(
    PastNumbers,
    run_id=TEXTS,
    taken_at=MOMENTS.filter(bool),
    facts=st.dictionaries(
        st.just("followers"), st.dictionaries(st.sampled_from((ANONYMOUS, AUTHOR)), NUMBERS), max_size=1
    ),
    series=st.dictionaries(st.just("views"), SERIES, max_size=1),
    series_at=MOMENTS,
)
SURENESS = st.builds(
    PlatformFacts,
    title=TEXTS,
    fold_case=st.booleans(),
    platform_sets_robots=st.booleans(),
    feed_limit=st.none() | st.integers(0, 20),
    has_fallback=st.booleans(),
    live_controls_left=st.integers(0, 2),
    suspended_controls_left=st.integers(0, 1),
    day_starts=st.none() | st.integers(-720, 840),
)
CASES = st.builds(
    ProfileCase,
    name=TEXTS,
    platform=TEXTS,
    handle=TEXTS,
    sureness=SURENESS,
    author_expected=st.booleans(),
    pages=pages(),
    controls=st.lists(READINGS, max_size=4).map(tuple),
    rounds_left=st.integers(0, 3),
    past=st.lists(PAST, max_size=9).map(tuple),
)


@given(CASES)
@settings(max_examples=60)
def test_no_evidence_makes_the_judge_raise(case: ProfileCase) -> None:
    answer = judge(case)
    if isinstance(answer, LookAgain):
        assert answer.wanted
        return
    assert answer.summary
    assert answer.verdict is not Verdict.VISIBLE or any(
        look.outcome in {Outcome.SHOWN, Outcome.RESTRICTED, *GONE}
        for page in case.pages
        for looks in page.looks.values()
        for look in looks
    )
