"""A page that is not the one asked for: what that means, and what it never means."""

import pytest
from cases import HOME, by_author, case, page, seen

from selfcheck.core.case import LookAgain, ProfileCase
from selfcheck.core.enums import LedTo, Outcome, PageKind, SignKind, Strength, Verdict
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge


def judged(evidence: ProfileCase) -> ProfileVerdict:
    verdict = judge(evidence)
    assert isinstance(verdict, ProfileVerdict)
    return verdict


def test_a_page_that_does_not_prove_to_be_the_one_asked_for_is_likely_at_best() -> None:
    verdict = judged(case(page(seen(Outcome.SHOWN, identified=False), by_author(Outcome.SHOWN))))
    assert (verdict.verdict, verdict.strength) == (Verdict.VISIBLE, Strength.LIKELY)
    assert "Nothing on the page proves" in verdict.firings[0].reason


@pytest.mark.parametrize(("identified", "strength"), [(True, Strength.CONFIRMED), (False, Strength.LIKELY)])
def test_a_story_that_may_be_another_makes_the_account_likely(identified: bool, strength: Strength) -> None:
    profile = page(seen(Outcome.SHOWN), by_author(Outcome.SHOWN))
    looks = (seen(Outcome.SHOWN, kind=PageKind.STORY, identified=identified), by_author(Outcome.SHOWN))
    verdict = judged(case(profile, page(*looks, kind=PageKind.STORY, subject="1")))
    assert (verdict.verdict, verdict.strength) == (Verdict.VISIBLE, strength)


def led(to: LedTo = LedTo.HOME, **more: object) -> Observation:
    return seen(Outcome.UNRECOGNISED, led_to=to, final_url=f"{HOME}/", **more)


def test_one_page_load_that_led_elsewhere_is_looked_at_again() -> None:
    asked = judge(case(page(led(), by_author(Outcome.SHOWN)), rounds_left=2))
    assert isinstance(asked, LookAgain)
    alone = judged(case(page(led(), by_author(Outcome.SHOWN))))
    assert (alone.verdict, alone.rules[0]) == (Verdict.INCONCLUSIVE, "page.unrecognised")


def test_a_page_that_could_not_be_read_says_why() -> None:
    verdict = judged(case(page(seen(Outcome.UNRECOGNISED, quote="The pattern `a` takes too long."))))
    assert verdict.rules[0] == "page.unrecognised"
    assert "could not be read: The pattern `a` takes too long." in verdict.firings[0].reason


def test_two_page_loads_that_led_elsewhere_are_hidden_and_never_confirmed() -> None:
    twice = judged(case(page(led(), led(), led(), by_author(Outcome.SHOWN))))
    assert (twice.verdict, twice.strength, twice.silent) == (Verdict.HIDDEN, Strength.LIKELY, True)
    assert "led to the front page" in twice.summary


@pytest.mark.parametrize(
    "author",
    [
        pytest.param(by_author(Outcome.SHOWN, signed_in=None), id="not known to be signed in"),
        pytest.param(by_author(Outcome.SHOWN, SignKind.PRIVATE), id="private"),
        pytest.param(by_author(Outcome.UNRECOGNISED, led_to=LedTo.HOME), id="led there, too"),
    ],
)
def test_leading_elsewhere_needs_an_author_who_is_shown_the_page(author: Observation) -> None:
    assert judged(case(page(led(), led(), author))).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize("place", LedTo)
@pytest.mark.parametrize("author", Outcome)
def test_leading_the_public_elsewhere_never_makes_a_page_visible(place: LedTo, author: Outcome) -> None:
    looks = (led(place), led(place), by_author(author))
    found = judged(case(page(*looks)))
    assert found.verdict is not Verdict.VISIBLE
    assert (found.verdict, found.strength) != (Verdict.HIDDEN, Strength.CONFIRMED)
