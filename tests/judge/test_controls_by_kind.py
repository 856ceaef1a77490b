"""A story, publication or feed is compared with controls of its own kind, and with no others."""

# ruff: noqa: E501 — a row of a table reads best as one line

from dataclasses import replace

import pytest
from cases import CONTROLS_PASS, HOME, by_author, case, page, seen, stories

from selfcheck.core.case import AnotherControl, LookAgain, PageCase, ProfileCase
from selfcheck.core.enums import ControlKind, LedTo, Outcome, PageKind, SignKind, Strength, Verdict
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge

STORY, PUBLICATION, PROFILE, FEED = PageKind.STORY, PageKind.PUBLICATION, PageKind.PROFILE, PageKind.FEED
LIKELY, CONFIRMED = Strength.LIKELY, Strength.CONFIRMED
HEALTHY = page(seen(Outcome.SHOWN), by_author(Outcome.SHOWN))
LEFT = {STORY: (ControlKind.LIVE,), PUBLICATION: (ControlKind.LIVE,)}


def control(outcome: Outcome = Outcome.SHOWN, kind: PageKind = STORY, **more: object) -> ControlReading:
    return ControlReading(kind=ControlKind.LIVE, handle="theirs", outcome=outcome, page=kind, **more)  # type: ignore[arg-type]


def judged(evidence: ProfileCase) -> ProfileVerdict:
    verdict = judge(evidence)
    assert isinstance(verdict, ProfileVerdict)
    return verdict


def kept_out(kind: PageKind) -> PageCase:
    looks = (seen(Outcome.SHOWN, kind=kind, noindex="noindex"), by_author(Outcome.SHOWN, kind=kind))
    return page(*looks, kind=kind, subject="s1")


def flagged(kind: PageKind) -> PageCase:
    looks = (seen(Outcome.SHOWN, SignKind.FLAGGED, kind=kind), by_author(Outcome.SHOWN, kind=kind))
    return page(*looks, kind=kind, subject="s1")


def led(kind: PageKind, times: int = 2, **more: object) -> PageCase:
    away = seen(Outcome.UNRECOGNISED, kind=kind, led_to=LedTo.HOME, final_url=f"{HOME}/", **more)
    return page(*[away] * times, by_author(Outcome.SHOWN, kind=kind), kind=kind, subject="s1")


def gone(kind: PageKind, times: int = 2) -> PageCase:
    away = seen(Outcome.NOT_FOUND, kind=kind)
    return page(*[away] * times, by_author(Outcome.SHOWN, kind=kind), kind=kind, subject="s1")


NO_CONTROL: tuple[ControlReading, ...] = ()
MET_A_WALL = (control(Outcome.CHALLENGE),)
GONE_TOO = (control(Outcome.NOT_FOUND),)


@pytest.mark.parametrize(
    ("own_page", "controls", "verdict", "strength"),
    [
        pytest.param(kept_out(STORY), NO_CONTROL, Verdict.LIMITED, LIKELY, id="a noindex that no story was compared for"),
        pytest.param(kept_out(STORY), (control(),), Verdict.LIMITED, CONFIRMED, id="a noindex that another's story has not"),
        pytest.param(kept_out(STORY), (control(noindex="noindex"),), Verdict.VISIBLE, CONFIRMED, id="a noindex that another's story has as well"),
        pytest.param(kept_out(STORY), (control(kind=PUBLICATION),), Verdict.LIMITED, LIKELY, id="a publication says nothing of stories"),
        pytest.param(kept_out(STORY), MET_A_WALL, Verdict.LIMITED, LIKELY, id="a story that met a wall was not compared"),
        pytest.param(kept_out(STORY), (control(Outcome.RESTRICTED),), Verdict.LIMITED, LIKELY, id="another's story behind its owner's wall was not compared"),
        pytest.param(kept_out(STORY), (control(Outcome.SHOWN, detail="learned.shown"),), Verdict.LIMITED, LIKELY, id="a story read by likeness confirms nothing"),
        pytest.param(kept_out(PUBLICATION), NO_CONTROL, Verdict.LIMITED, LIKELY, id="a noindex that no publication was compared for"),
        pytest.param(kept_out(PUBLICATION), (control(kind=PUBLICATION),), Verdict.LIMITED, CONFIRMED, id="a noindex that another publication has not"),
        pytest.param(flagged(STORY), NO_CONTROL, Verdict.LIMITED, LIKELY, id="a flag that no story was compared for"),
        pytest.param(flagged(STORY), (control(),), Verdict.LIMITED, CONFIRMED, id="a flag that another's story has not"),
        pytest.param(flagged(STORY), (control(signs=("sign.flagged",)),), Verdict.VISIBLE, CONFIRMED, id="a flag that another's story has as well"),
        pytest.param(led(STORY), NO_CONTROL, Verdict.INCONCLUSIVE, LIKELY, id="led away, and no story shows where others are led"),
        pytest.param(led(STORY), (control(),), Verdict.HIDDEN, LIKELY, id="led away while another's story stayed"),
        pytest.param(led(STORY), (control(Outcome.UNRECOGNISED, led_to=LedTo.HOME),), Verdict.INCONCLUSIVE, LIKELY, id="led away like another's story"),
        pytest.param(led(STORY), (control(kind=PUBLICATION),), Verdict.INCONCLUSIVE, LIKELY, id="led away while a publication stayed"),
        pytest.param(led(PUBLICATION), (control(kind=PUBLICATION),), Verdict.HIDDEN, LIKELY, id="led away while another publication stayed"),
        pytest.param(gone(STORY), NO_CONTROL, Verdict.HIDDEN, CONFIRMED, id="gone, with the profile's standing controls"),
        pytest.param(gone(STORY), MET_A_WALL, Verdict.HIDDEN, LIKELY, id="gone, and another's story met a wall"),
        pytest.param(gone(STORY), GONE_TOO, Verdict.INCONCLUSIVE, LIKELY, id="gone like another's story"),
    ],
)  # fmt: skip
def test_what_a_control_of_the_same_kind_makes_of_it(
    own_page: PageCase, controls: tuple[ControlReading, ...], verdict: Verdict, strength: Strength
) -> None:
    known = {"platform_sets_robots": True, "knows_kept": (STORY, PUBLICATION)}
    found = judged(case(HEALTHY, own_page, controls=(*CONTROLS_PASS, *controls), **known))
    of_page = next(page for page in found.pages if page.kind is own_page.visit.kind)
    assert (of_page.verdict, of_page.strength) == (verdict, strength), of_page.firings


def test_a_story_that_may_be_a_draft_is_not_hidden_for_leading_elsewhere() -> None:
    found = judged(case(HEALTHY, led(STORY), controls=(*CONTROLS_PASS, control()), knows_kept=()))
    assert found.pages[-1].verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("sign", [SignKind.CONSENT, SignKind.MEMBERS_ONLY, SignKind.PRIVATE])
def test_a_sign_explains_where_a_story_led(sign: SignKind) -> None:
    away = seen(Outcome.UNRECOGNISED, sign, kind=STORY, led_to=LedTo.HOME, final_url=f"{HOME}/")
    story = page(away, away, by_author(Outcome.SHOWN, kind=STORY), kind=STORY, subject="s1")
    found = judged(case(HEALTHY, story, controls=(*CONTROLS_PASS, control()), knows_kept=(STORY,)))
    assert found.pages[-1].verdict is Verdict.INCONCLUSIVE


def asked(
    own_page: PageCase, *controls: ControlReading, left: object = LEFT, **more: object
) -> set[PageKind]:
    """Return the kinds of page, other than profiles, of which the judge wants a live control."""
    known = {"platform_sets_robots": True, "knows_kept": (STORY, PUBLICATION), "page_controls_left": left}
    evidence = case(HEALTHY, own_page, controls=(*CONTROLS_PASS, *controls), rounds_left=2, **known, **more)
    answer = judge(evidence)
    wanted = answer.wanted if isinstance(answer, LookAgain) else ()
    return {one.page for one in wanted if isinstance(one, AnotherControl)}


def shown(*meanings: SignKind) -> PageCase:
    looks = (seen(Outcome.SHOWN, *meanings, kind=STORY), by_author(Outcome.SHOWN, kind=STORY))
    return page(*looks, kind=STORY, subject="s1")


SUSPENDED = page(seen(Outcome.SUSPENDED, kind=STORY), by_author(Outcome.SHOWN, kind=STORY), kind=STORY)


@pytest.mark.parametrize(
    ("own_page", "controls", "kinds"),
    [
        pytest.param(kept_out(STORY), (), {STORY}, id="a noindex asks"),
        pytest.param(kept_out(PUBLICATION), (), {PUBLICATION}, id="a publication asks for its own kind"),
        pytest.param(kept_out(STORY), (control(),), set(), id="one that passed is enough"),
        pytest.param(kept_out(STORY), GONE_TOO, {STORY}, id="another is asked for after one that failed"),
        pytest.param(gone(STORY, 1), (), {STORY}, id="a bare not found asks"),
        pytest.param(led(STORY, 1), (), {STORY}, id="a story that led elsewhere asks"),
        pytest.param(shown(), (), set(), id="a story that is shown asks for none"),
        pytest.param(SUSPENDED, (), set(), id="what is told in so many words asks for none"),
    ],
)
def test_a_control_is_asked_for_only_where_the_verdict_rests_on_it(
    own_page: PageCase, controls: tuple[ControlReading, ...], kinds: set[PageKind]
) -> None:
    assert asked(own_page, *controls) == kinds


def test_none_is_asked_for_where_none_is_left() -> None:
    assert asked(kept_out(STORY), left={}) == set()


def with_list(who: Observation, *ids: str) -> Observation:
    return replace(who, stories=stories(*ids))


def test_the_length_of_a_list_is_compared_with_lists_of_its_own_kind() -> None:
    """Five stories as on a live publication: the list may go on. A profile's five say nothing of it."""
    five = with_list(seen(Outcome.SHOWN, kind=PUBLICATION), *"abcde")
    six = with_list(by_author(Outcome.SHOWN, kind=PUBLICATION), *"abcdef")
    publication = page(five, five, six, kind=PUBLICATION, subject="p")
    opened = page(
        seen(Outcome.SHOWN, kind=STORY), by_author(Outcome.SHOWN, kind=STORY), kind=STORY, subject="f"
    )
    known = {"knows_kept": (STORY, PUBLICATION)}
    profile = control(kind=PROFILE, listed=5)
    alone = judged(case(HEALTHY, publication, opened, controls=(*CONTROLS_PASS, profile), **known))
    compared = (*CONTROLS_PASS, control(kind=PUBLICATION, listed=5))
    full = judged(case(HEALTHY, publication, opened, controls=compared, **known))
    of = [next(p for p in found.pages if p.kind is PUBLICATION) for found in (alone, full)]
    assert [p.rules[0] for p in of] == ["lists.stories-missing", "lists.beyond-end"]


def test_a_profiles_own_page_is_not_compared_with_a_story() -> None:
    """A story that is kept out of search engines says nothing of a profile that is."""
    profile = page(seen(Outcome.SHOWN, noindex="noindex"), by_author(Outcome.SHOWN))
    controls = (*CONTROLS_PASS, control(noindex="noindex"))
    assert judged(case(profile, controls=controls, platform_sets_robots=True)).verdict is Verdict.LIMITED


def test_a_failed_story_is_not_a_failed_account() -> None:
    """Where the story's control failed, no other account is opened for it."""
    known = {"live_controls_left": 2, "knows_kept": (STORY,), "page_controls_left": {}}
    evidence = case(HEALTHY, gone(STORY), controls=(*CONTROLS_PASS, *GONE_TOO), rounds_left=1, **known)
    answer = judge(evidence)
    wanted = answer.wanted if isinstance(answer, LookAgain) else ()
    assert not [one for one in wanted if isinstance(one, AnotherControl)]


def test_a_feed_that_is_empty_for_everybody_lacks_nothing() -> None:
    feed = page(with_list(seen(Outcome.SHOWN, kind=FEED)), kind=FEED)
    listed = page(with_list(seen(Outcome.SHOWN), *"abc"), with_list(by_author(Outcome.SHOWN), *"abc"))
    known = {"knows_kept": (STORY,), "feed_limit": 10}
    alone = judged(case(listed, feed, controls=CONTROLS_PASS, **known))
    alike = judged(case(listed, feed, controls=(*CONTROLS_PASS, control(kind=FEED, listed=0)), **known))
    assert [found.pages[-1].verdict for found in (alone, alike)] == [Verdict.LIMITED, Verdict.VISIBLE]


def unread(**more: object) -> PageCase:
    return page(*[seen(Outcome.UNRECOGNISED, kind=FEED, **more)] * 2, kind=FEED)


LED = unread(led_to=LedTo.HOME, final_url=f"{HOME}/")


@pytest.mark.parametrize(
    ("feed", "others", "strength"),
    [
        pytest.param(LED, (), LIKELY, id="led elsewhere, and no other feed was opened"),
        pytest.param(LED, (Outcome.SHOWN,), LIKELY, id="led elsewhere, while another's feed was read"),
        pytest.param(LED, (Outcome.UNRECOGNISED,), CONFIRMED, id="led elsewhere like another's"),
        pytest.param(LED, (Outcome.UNRECOGNISED, Outcome.SHOWN), LIKELY, id="one other feed that is read is enough"),
        pytest.param(LED, (Outcome.NOT_FOUND,), LIKELY, id="another without stories says nothing of it"),
        pytest.param(unread(), (), CONFIRMED, id="a file that may know no feed at all"),
        pytest.param(unread(), (Outcome.SHOWN,), LIKELY, id="not known, while another's feed was read"),
        pytest.param(unread(), (Outcome.UNRECOGNISED,), CONFIRMED, id="not known like another's"),
        pytest.param(unread(), (Outcome.CHALLENGE,), CONFIRMED, id="not known, and another's met a wall"),
    ],
)  # fmt: skip
def test_an_account_is_surely_fine_only_with_a_feed_that_is_read_if_others_are(
    feed: PageCase, others: tuple[Outcome, ...], strength: Strength
) -> None:
    controls = (*CONTROLS_PASS, *(control(outcome, FEED) for outcome in others))
    found = judged(case(HEALTHY, feed, controls=controls))
    assert (found.verdict, found.strength) == (Verdict.VISIBLE, strength), found.firings


@pytest.mark.parametrize("feed", [LED, unread()])
def test_a_feed_that_is_not_read_asks_for_another(feed: PageCase) -> None:
    assert asked(feed, left={FEED: (ControlKind.LIVE,)}) == {FEED}
