"""A session that no page of the run shows to be signed in: comparing with it may compare nothing."""

import pytest
from cases import by_author, case, page, seen

from selfcheck.core.enums import Outcome, PageKind, Strength, Verdict
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.judge import judge

UNKNOWN = {"signed_in": None}


@pytest.mark.parametrize("outcome", [Outcome.SHOWN, Outcome.NOT_FOUND])
def test_two_views_that_agree_prove_nothing_where_the_session_may_be_dead(outcome: Outcome) -> None:
    verdict = judge(case(page(seen(outcome), by_author(outcome, **UNKNOWN)), tells_signed_in=True))
    assert isinstance(verdict, ProfileVerdict)
    assert (verdict.verdict, verdict.rules[0]) == (Verdict.INCONCLUSIVE, "session.unproven")


def test_another_page_of_the_run_proves_the_session() -> None:
    profile = page(seen(Outcome.SHOWN), by_author(Outcome.SHOWN, **UNKNOWN))
    stats = page(by_author(Outcome.SHOWN, kind=PageKind.STATS), kind=PageKind.STATS)
    verdict = judge(case(profile, stats, tells_signed_in=True))
    assert isinstance(verdict, ProfileVerdict)
    assert (verdict.verdict, verdict.strength) == (Verdict.VISIBLE, Strength.CONFIRMED)


def test_a_view_that_shows_more_than_the_public_gets_proves_itself() -> None:
    looks = seen(Outcome.NOT_FOUND), seen(Outcome.NOT_FOUND), by_author(Outcome.SHOWN, **UNKNOWN)
    verdict = judge(case(page(*looks), tells_signed_in=True))
    assert isinstance(verdict, ProfileVerdict)
    assert verdict.verdict is Verdict.HIDDEN


def test_a_file_that_cannot_tell_asks_for_no_proof() -> None:
    verdict = judge(case(page(seen(Outcome.SHOWN), by_author(Outcome.SHOWN, **UNKNOWN))))
    assert isinstance(verdict, ProfileVerdict)
    assert verdict.verdict is Verdict.VISIBLE
