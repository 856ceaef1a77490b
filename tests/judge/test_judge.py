"""What the looks mean: the order of judgement, each rule, and what the judge asks for."""

# ruff: noqa: E501 — a row of a table reads best as one line

from dataclasses import replace

import pytest
from cases import CONTROLS_PASS, by_author, case, page, seen, stories
from hypothesis import given
from hypothesis import strategies as st

from selfcheck.core.case import AnotherControl, FallbackLook, LookAgain, PageCase, SecondLook
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    BAD,
    ControlKind,
    Outcome,
    PageKind,
    SignKind,
    Strength,
    Verdict,
)
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge
from selfcheck.judge.rules import RULES, Layer

Saw, V = Outcome, Verdict
CONFIRMED, LIKELY = Strength.CONFIRMED, Strength.LIKELY
STORY, FEED, STATS = PageKind.STORY, PageKind.FEED, PageKind.STATS


def verdict(*pages: PageCase, **more: object) -> ProfileVerdict:
    judged = judge(case(*pages, **more))  # type: ignore[arg-type]
    assert isinstance(judged, ProfileVerdict)
    return judged


@pytest.mark.parametrize(
    ("looks", "expected", "silent", "strength", "rule"),
    [
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.SHOWN)],
            V.VISIBLE, None, CONFIRMED, "page.shown", id="shown to both is visible",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.SHOWN)],
            V.SUSPENDED, True, CONFIRMED, "profile.says-suspended",
            id="suspended for the public and shown to the author is a silent suspension",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.SHOWN, SignKind.TOLD_SUSPENDED)],
            V.SUSPENDED, False, CONFIRMED, "profile.says-suspended",
            id="a suspension that the author is told of is not silent",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED)],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended",
            id="without an author's view it is not known whether a suspension is silent",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.SHOWN, signed_in=None)],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended",
            id="silence is not known where the page does not tell whether it was signed in",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)],
            V.HIDDEN, True, CONFIRMED, "profile.gone-for-strangers",
            id="twice not found for the public and shown to the author is hidden",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)],
            V.HIDDEN, True, LIKELY, "profile.gone-for-strangers",
            id="a single look that says not found is only likely",
        ),
        pytest.param(
            [seen(Saw.REMOVED), seen(Saw.REMOVED), by_author(Saw.SHOWN)],
            V.HIDDEN, True, CONFIRMED, "page.removed-for-strangers",
            id="deleted for the public but shown to the author is hidden",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), by_author(Saw.NOT_FOUND)],
            V.MISSING, False, CONFIRMED, "page.gone-for-all", id="not found for both is missing",
        ),
        pytest.param(
            [seen(Saw.REMOVED), by_author(Saw.REMOVED)],
            V.MISSING, False, CONFIRMED, "page.removed-by-owner", id="deleted by its owner is missing",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND)],
            V.MISSING, None, CONFIRMED, "page.gone-no-author",
            id="not found without an author's view is missing, not hidden",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), by_author(Saw.SUSPENDED)],
            V.SUSPENDED, False, CONFIRMED, "author.says-suspended",
            id="not found for the public while the author is told so is an open suspension",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.SHOWN), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "looks.disagree", id="two looks that disagree decide nothing",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.SHOWN), seen(Saw.SHOWN), by_author(Saw.SHOWN)],
            V.VISIBLE, None, LIKELY, "page.shown", id="an old copy that gave way twice is visible, likely",
        ),
        pytest.param(
            [seen(Saw.UNREACHABLE), seen(Saw.SHOWN), by_author(Saw.SHOWN)],
            V.VISIBLE, None, CONFIRMED, "page.shown", id="an outage that passed leaves the next look to count",
        ),
        pytest.param(
            [seen(Saw.UNREACHABLE), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "transport.unreachable", id="no answer decides nothing",
        ),
        pytest.param(
            [seen(Saw.SERVER_ERROR), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "transport.server-error", id="a server error decides nothing",
        ),
        pytest.param(
            [seen(Saw.CHALLENGE), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "wall.challenge", id="a bot wall decides nothing",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.CHALLENGE), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "wall.challenge", id="a bot wall before the second look decides nothing",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.CHALLENGE)],
            V.INCONCLUSIVE, None, LIKELY, "wall.challenge", id="a bot wall before the author decides nothing",
        ),
        pytest.param(
            [seen(Saw.RATE_LIMITED), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "wall.rate-limited", id="too many requests decide nothing",
        ),
        pytest.param(
            [seen(Saw.LOGIN_WALL), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "wall.login", id="a login wall before the public decides nothing",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.LOGIN_WALL)],
            V.INCONCLUSIVE, None, LIKELY, "session.expired", id="an expired session is never fine",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.SHOWN, signed_in=False)],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended", id="an expired session takes nothing from plain words",
        ),
        pytest.param(
            [seen(Saw.REMOVED), by_author(Saw.LOGIN_WALL)],
            V.MISSING, None, CONFIRMED, "page.removed-by-owner", id="nor from the words that its owner deleted it",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.CHALLENGE)],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended", id="nor does a wall before the author",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.SHOWN, signed_in_as="@someone")],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended", id="nor another account's session",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.UNREACHABLE)],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended", id="nor an outage of the author's view",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND), by_author(Saw.SHOWN, signed_in=False)],
            V.INCONCLUSIVE, None, LIKELY, "session.expired", id="a bare not found needs the author's view",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND), by_author(Saw.NOT_FOUND, signed_in=False)],
            V.INCONCLUSIVE, None, LIKELY, "session.view-logged-out",
            id="a not found that looks logged out is not the author's view",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND), by_author(Saw.SHOWN, signed_in=None, says_signed_out=True)],
            V.INCONCLUSIVE, None, LIKELY, "session.view-logged-out",
            id="a page with signs of both is not the author's view",
        ),
        pytest.param(
            [seen(Saw.SUSPENDED), by_author(Saw.SUSPENDED, signed_in=False)],
            V.SUSPENDED, None, CONFIRMED, "profile.says-suspended",
            id="a suspended page that looks logged out does not say what the author is told",
        ),
        pytest.param(
            [seen(Saw.SHOWN, SignKind.FLAGGED), by_author(Saw.LOGIN_WALL)],
            V.LIMITED, None, LIKELY, "page.flagged", id="a flag in the public page's state stands without the author",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.SHOWN, signed_in_as="@someone")],
            V.INCONCLUSIVE, None, LIKELY, "session.other-account", id="another account's view is not the author's",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.SHOWN, signed_in_as="JANE")],
            V.VISIBLE, None, CONFIRMED, "page.shown", id="a handle in other case is the same account",
        ),
        pytest.param(
            [seen(Saw.NOT_FOUND), by_author(Saw.NOT_FOUND, signed_in=True, signed_in_as="@jane-new")],
            V.INCONCLUSIVE, None, LIKELY, "session.other-account",
            id="a renamed account's old address looks like a wrong session and a hidden account",
        ),
        pytest.param(
            [seen(Saw.UNRECOGNISED), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "page.unrecognised", id="an unknown layout decides nothing",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.UNRECOGNISED)],
            V.INCONCLUSIVE, None, LIKELY, "page.unrecognised", id="an unknown layout for the author decides nothing",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.NOT_FOUND)],
            V.INCONCLUSIVE, None, LIKELY, "page.views-contradict", id="the public seeing more than the author is inconclusive",
        ),
        pytest.param(
            [seen(Saw.RESTRICTED, SignKind.MEMBERS_ONLY), by_author(Saw.SHOWN)],
            V.VISIBLE, None, CONFIRMED, "page.restricted-by-owner", id="a member wall is the owner's choice",
        ),
        pytest.param(
            [seen(Saw.RESTRICTED), by_author(Saw.SHOWN)],
            V.INCONCLUSIVE, None, LIKELY, "page.restricted", id="a legal wall is no ban",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.SHOWN, SignKind.TOLD_SUSPENDED)],
            V.LIMITED, False, CONFIRMED, "author.told", id="a notice to the author is not fine",
        ),
        pytest.param(
            [seen(Saw.SHOWN, SignKind.FLAGGED), by_author(Saw.SHOWN)],
            V.LIMITED, True, CONFIRMED, "page.flagged", id="a flag in the page's own state is a limit",
        ),
        pytest.param(
            [seen(Saw.SHOWN, stories=stories("a", "c")), by_author(Saw.SHOWN, stories=stories("a", "b", "c"))],
            V.LIMITED, True, LIKELY, "lists.stories-missing", id="a list that lacks a story is a limit",
        ),
        pytest.param(
            [seen(Saw.SHOWN, stories=stories("a", "c")), seen(Saw.SHOWN, stories=stories("a", "c")),
             by_author(Saw.SHOWN, stories=stories("a", "b", "c"))],
            V.LIMITED, True, CONFIRMED, "lists.stories-missing", id="a story that two lists lack is confirmed",
        ),
        pytest.param(
            [seen(Saw.SHOWN, stories=stories("a", "c")), seen(Saw.SHOWN, stories=stories("a", "b", "c")),
             by_author(Saw.SHOWN, stories=stories("a", "b", "c"))],
            V.VISIBLE, None, CONFIRMED, "page.shown", id="a list that was whole at the second look clears it",
        ),
        pytest.param(
            [seen(Saw.SHOWN, stories=stories("a", "b")), by_author(Saw.SHOWN, stories=stories("a", "b"))],
            V.VISIBLE, None, CONFIRMED, "page.shown", id="equal lists are visible",
        ),
        pytest.param(
            [seen(Saw.SHOWN), by_author(Saw.SHOWN, stories=stories("a", "b"))],
            V.VISIBLE, None, CONFIRMED, "page.shown", id="a list that cannot be read is no list without stories",
        ),
    ],
)  # fmt: skip
def test_a_profile_page(
    looks: list[Observation], expected: Verdict, silent: bool | None, strength: Strength, rule: str
) -> None:
    judged = verdict(page(*looks))
    assert (judged.verdict, judged.silent, judged.strength, judged.rules[0]) == (
        expected,
        silent,
        strength,
        rule,
    )


@pytest.mark.parametrize(
    ("look", "platform_sets_robots", "expected"),
    [
        pytest.param(
            seen(Saw.SHOWN, noindex="noindex"), True, V.LIMITED, id="the platform's noindex is a limit"
        ),
        pytest.param(seen(Saw.SHOWN, noindex="noindex"), False, V.VISIBLE, id="the owner's noindex is none"),
        pytest.param(
            seen(Saw.SHOWN, SignKind.UNLISTED, noindex="noindex"),
            True,
            V.VISIBLE,
            id="unlisted explains noindex",
        ),
        pytest.param(
            seen(Saw.SHOWN, SignKind.MEMBERS_ONLY, noindex="noindex"),
            True,
            V.LIMITED,
            id="a member wall does not explain noindex",
        ),
    ],
)
def test_noindex_accuses_only_where_the_platform_sets_it(
    look: Observation, platform_sets_robots: bool, expected: Verdict
) -> None:
    judged = verdict(page(look, by_author(Saw.SHOWN)), platform_sets_robots=platform_sets_robots)
    assert judged.verdict is expected


@pytest.mark.parametrize(
    ("public", "authors", "expected"),
    [
        pytest.param(seen(Saw.SHOWN, SignKind.BLURRED, kind=STORY), by_author(Saw.SHOWN, kind=STORY), V.LIMITED,
                     id="a story blurred for the public limits the account"),
        pytest.param(seen(Saw.SHOWN, SignKind.BLURRED, SignKind.MEMBERS_ONLY, kind=STORY),
                     by_author(Saw.SHOWN, kind=STORY), V.VISIBLE, id="a member wall explains a cut body"),
        pytest.param(seen(Saw.SUSPENDED, kind=STORY), by_author(Saw.SHOWN, kind=STORY), V.LIMITED,
                     id="a suspended story limits the account and does not suspend it"),
        pytest.param(seen(Saw.NOT_FOUND, kind=STORY), by_author(Saw.SHOWN, kind=STORY), V.LIMITED,
                     id="a hidden story limits the account"),
        pytest.param(seen(Saw.NOT_FOUND, kind=STORY), by_author(Saw.NOT_FOUND, kind=STORY), V.LIMITED,
                     id="a story that even the author lost limits the account"),
        pytest.param(seen(Saw.REMOVED, kind=STORY), by_author(Saw.REMOVED, kind=STORY), V.VISIBLE,
                     id="a story that its owner deleted is no suppression"),
        pytest.param(seen(Saw.CHALLENGE, kind=STORY), by_author(Saw.SHOWN, kind=STORY), V.INCONCLUSIVE,
                     id="a story behind a wall leaves the account in doubt"),
    ],
)  # fmt: skip
def test_a_story_speaks_for_itself_only(public: Observation, authors: Observation, expected: Verdict) -> None:
    healthy = page(seen(Saw.SHOWN), by_author(Saw.SHOWN))
    judged = verdict(healthy, page(public, authors, kind=STORY, subject="a1"))
    assert judged.verdict is expected


def test_a_deleted_story_leaves_no_silence_on_a_visible_account() -> None:
    deleted = page(
        seen(Saw.REMOVED, kind=STORY), by_author(Saw.REMOVED, kind=STORY), kind=STORY, subject="a1"
    )
    judged = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN)), deleted)
    assert (judged.verdict, judged.silent, judged.rules[0]) == (V.VISIBLE, None, "page.shown")


def test_the_account_outranks_its_stories() -> None:
    suspended = page(seen(Saw.SUSPENDED), by_author(Saw.SHOWN))
    walled = page(seen(Saw.CHALLENGE, kind=STORY), by_author(Saw.SHOWN, kind=STORY), kind=STORY, subject="a1")
    judged = verdict(walled, suspended)
    assert judged.verdict is V.SUSPENDED
    assert judged.rules[0] == "profile.says-suspended"
    assert "wall.challenge" in judged.rules


@pytest.mark.parametrize(
    ("feed", "expected"),
    [
        pytest.param(seen(Saw.NOT_FOUND, kind=FEED), V.VISIBLE, id="a missing feed proves nothing"),
        pytest.param(seen(Saw.RATE_LIMITED, kind=FEED), V.VISIBLE, id="a walled feed does not put the account in doubt"),
        pytest.param(seen(Saw.SUSPENDED, kind=FEED), V.LIMITED, id="a feed that says suspended does"),
        pytest.param(seen(Saw.SHOWN, kind=FEED, stories=stories("a", "c")), V.LIMITED, id="a feed with a gap is a limit"),
        pytest.param(seen(Saw.SHOWN, kind=FEED, stories=stories("a", "b")), V.VISIBLE, id="a feed that ends early is none"),
    ],
)  # fmt: skip
def test_a_feed_supports(feed: Observation, expected: Verdict) -> None:
    healthy = page(
        seen(Saw.SHOWN, stories=stories("a", "b", "c")), by_author(Saw.SHOWN, stories=stories("a", "b", "c"))
    )
    assert verdict(healthy, page(feed, kind=FEED)).verdict is expected


@pytest.mark.parametrize(
    ("days", "fires"),
    [
        pytest.param((60, 55, 70, 64, 58, 61, 0), True, id="a whole day of zero against a usual sixty"),
        pytest.param((60, 55, 70, 64, 58, 61, 40), False, id="a slow day is no zero"),
        pytest.param((1, 0, 2, 0, 1, 3, 0), False, id="an author with few views is not alarmed"),
        pytest.param((60, 55, 0), False, id="three days say nothing of what is usual"),
        pytest.param((0, 0, 0, 0, 0, 0, 0), False, id="an author without views is not alarmed"),
    ],
)
def test_a_zero_day_supports_and_never_decides(days: tuple[int, ...], fires: bool) -> None:
    stats = page(by_author(Saw.SHOWN, kind=STATS, series={"views": days}), kind=STATS)
    judged = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN)), stats)
    assert judged.verdict is V.VISIBLE
    assert ("stats.zero-day" in judged.rules) is fires


def test_a_stats_page_that_asks_to_sign_in_shows_that_the_session_expired() -> None:
    stats = page(by_author(Saw.LOGIN_WALL, kind=STATS), kind=STATS)
    judged = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN, signed_in=None)), stats)
    assert (judged.verdict, judged.rules[0]) == (V.INCONCLUSIVE, "session.expired")
    assert "selfcheck login jane" in judged.next_steps[0]


def _control(kind: ControlKind, outcome: Outcome) -> ControlReading:
    return ControlReading(kind=kind, handle="@control", outcome=outcome)


LIVE, ABSENT, KNOWN_SUSPENDED = ControlKind.LIVE, ControlKind.ABSENT, ControlKind.SUSPENDED


@pytest.mark.parametrize(
    ("controls", "of_suspended", "of_shown", "rule"),
    [
        pytest.param((_control(LIVE, Saw.NOT_FOUND), CONTROLS_PASS[1]), V.INCONCLUSIVE, V.VISIBLE, "controls.live-gone",
                     id="a live control that looks gone accuses the platform, not the account"),
        pytest.param((CONTROLS_PASS[0], _control(ABSENT, Saw.SHOWN)), V.INCONCLUSIVE, V.INCONCLUSIVE,
                     "controls.absent-shown", id="an absent control that looks live makes every mark worthless"),
        pytest.param((_control(LIVE, Saw.CHALLENGE), CONTROLS_PASS[1]), V.SUSPENDED, V.VISIBLE, "profile.says-suspended",
                     id="a wall before a control takes nothing from plain words but their certainty"),
        pytest.param((_control(LIVE, Saw.CHALLENGE), _control(LIVE, Saw.NOT_FOUND), CONTROLS_PASS[1]), V.INCONCLUSIVE,
                     V.VISIBLE, "controls.live-gone", id="a wall beside a control that looks wrong hides nothing"),
        pytest.param((_control(LIVE, Saw.UNRECOGNISED), _control(ABSENT, Saw.UNRECOGNISED)), V.INCONCLUSIVE, V.INCONCLUSIVE,
                     "controls.all-failed", id="controls that all answered and failed make the platform file out of date"),
        pytest.param((_control(LIVE, Saw.UNREACHABLE), _control(ABSENT, Saw.UNREACHABLE)), V.SUSPENDED, V.VISIBLE,
                     "profile.says-suspended", id="controls that did not answer say nothing of the platform file"),
        pytest.param((_control(LIVE, Saw.CHALLENGE), _control(ABSENT, Saw.UNRECOGNISED)), V.INCONCLUSIVE, V.INCONCLUSIVE,
                     "controls.walled", id="a wall before one control may stand before the others, as a page that no mark knows"),
        pytest.param((_control(LIVE, Saw.UNRECOGNISED), _control(LIVE, Saw.LOGIN_WALL), _control(ABSENT, Saw.UNRECOGNISED)),
                     V.INCONCLUSIVE, V.INCONCLUSIVE, "controls.walled", id="a wall is blamed before the platform file"),
        pytest.param((_control(LIVE, Saw.CHALLENGE), _control(ABSENT, Saw.SHOWN)), V.INCONCLUSIVE, V.INCONCLUSIVE,
                     "controls.absent-shown", id="no wall makes an absent account look live"),
        pytest.param((*CONTROLS_PASS, replace(_control(ABSENT, Saw.SHOWN), page=PageKind.FEED)), V.SUSPENDED, V.VISIBLE,
                     "profile.says-suspended", id="an absent feed that looks live says nothing of a profile"),
        pytest.param((CONTROLS_PASS[0], _control(ABSENT, Saw.SHOWN), replace(_control(ABSENT, Saw.NOT_FOUND), page=PageKind.FEED)),
                     V.INCONCLUSIVE, V.INCONCLUSIVE, "controls.absent-shown", id="an absent feed that passes saves no profile"),
        pytest.param((*CONTROLS_PASS, _control(KNOWN_SUSPENDED, Saw.SHOWN)), V.SUSPENDED, V.VISIBLE, "profile.says-suspended",
                     id="a suspension that was lifted elsewhere overturns nothing"),
        pytest.param((_control(LIVE, Saw.NOT_FOUND), *CONTROLS_PASS), V.SUSPENDED, V.VISIBLE, "profile.says-suspended",
                     id="one live control that passed is enough"),
    ],
)  # fmt: skip
def test_controls(
    controls: tuple[ControlReading, ...], of_suspended: Verdict, of_shown: Verdict, rule: str
) -> None:
    suspended = verdict(page(seen(Saw.SUSPENDED), by_author(Saw.SHOWN)), controls=controls)
    shown = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN)), controls=controls)
    assert (suspended.verdict, shown.verdict, suspended.rules[0]) == (of_suspended, of_shown, rule)


def test_the_control_that_met_a_wall_is_named_before_anything_is_called_out_of_date() -> None:
    walled = (_control(LIVE, Saw.CHALLENGE), _control(LIVE, Saw.NOT_FOUND), CONTROLS_PASS[1])
    for controls in (walled, (_control(LIVE, Saw.CHALLENGE), _control(ABSENT, Saw.UNRECOGNISED))):
        judged = verdict(page(seen(Saw.SUSPENDED), by_author(Saw.SHOWN)), controls=controls)
        assert "met a wall (challenge)" in judged.firings[0].reason
        assert not any("out of date" in hit.reason for hit in judged.firings)


def test_an_absent_feed_that_looks_live_takes_away_what_the_feed_says() -> None:
    feed = page(seen(Saw.SHOWN, kind=PageKind.FEED), kind=PageKind.FEED)
    absent = replace(_control(ABSENT, Saw.SHOWN), page=PageKind.FEED)
    judged = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN)), feed, controls=(*CONTROLS_PASS, absent))
    assert [one.verdict for one in judged.pages] == [V.VISIBLE, V.INCONCLUSIVE]
    assert judged.pages[1].rules[0] == "controls.absent-shown"
    assert "A feed that cannot exist" in judged.pages[1].firings[0].reason


def test_a_known_suspended_page_that_looks_otherwise_is_reported_and_decides_nothing() -> None:
    doubtful = (CONTROLS_PASS[1], _control(KNOWN_SUSPENDED, Saw.NOT_FOUND))
    judged = verdict(page(*[seen(Saw.NOT_FOUND)] * 2, by_author(Saw.SHOWN)), controls=doubtful)
    assert (judged.verdict, judged.strength) == (V.HIDDEN, LIKELY)
    assert judged.rules[-1] == "controls.suspended-looks-otherwise"


def test_without_controls_a_verdict_is_only_likely() -> None:
    judged = verdict(page(seen(Saw.SUSPENDED), by_author(Saw.SHOWN)), controls=())
    assert (judged.verdict, judged.strength) == (V.SUSPENDED, LIKELY)


TOLD = {"quote": "account suspended"}


@pytest.mark.parametrize(
    ("public", "program", "controls", "expected", "rule"),
    [
        pytest.param(Saw.CHALLENGE, seen(Saw.SUSPENDED, **TOLD), (), V.SUSPENDED, "programs.told-suspended", id="its plain words stand"),
        pytest.param(Saw.CHALLENGE, seen(Saw.REMOVED, **TOLD), (), V.MISSING, "programs.told-removed", id="that it was deleted, too"),
        pytest.param(Saw.CHALLENGE, seen(Saw.SUSPENDED), (), V.INCONCLUSIVE, "wall.challenge", id="a status or a state is no word"),
        pytest.param(Saw.CHALLENGE, seen(Saw.NOT_FOUND, **TOLD), (), V.INCONCLUSIVE, "wall.challenge", id="a feed that is gone proves nothing"),
        pytest.param(Saw.CHALLENGE, seen(Saw.SHOWN), (), V.INCONCLUSIVE, "wall.challenge", id="nor does one that is there"),
        pytest.param(Saw.CHALLENGE, seen(Saw.CHALLENGE), (), V.INCONCLUSIVE, "wall.challenge", id="a wall before it as well"),
        pytest.param(Saw.CHALLENGE, seen(Saw.SUSPENDED, mark="learned.suspended", **TOLD), (), V.INCONCLUSIVE, "wall.challenge", id="likeness is no word"),
        pytest.param(Saw.CHALLENGE, seen(Saw.SUSPENDED, **TOLD), (_control(LIVE, Saw.SUSPENDED),), V.INCONCLUSIVE, "controls.live-gone", id="nor against a wrong control"),
        pytest.param(Saw.CHALLENGE, seen(Saw.SUSPENDED, **TOLD), (_control(LIVE, Saw.CHALLENGE),), V.SUSPENDED, "programs.told-suspended", id="a control at the wall says nothing"),
        pytest.param(Saw.UNREACHABLE, seen(Saw.SUSPENDED, **TOLD), (), V.INCONCLUSIVE, "transport.unreachable", id="only where a wall stood"),
    ],
)  # fmt: skip
def test_what_programs_are_told_at_a_wall_is_likely_at_most(
    *, public: Saw, program: Observation, controls: tuple[ControlReading, ...], expected: Verdict, rule: str
) -> None:
    walled = replace(page(seen(public)), program_views=(program,))
    judged = verdict(walled, controls=controls)
    assert (judged.verdict, judged.rules[0], judged.strength) == (expected, rule, LIKELY)
    assert judged.silent is None


def test_another_page_can_say_that_it_is_suspended() -> None:
    gone = page(seen(Saw.NOT_FOUND), by_author(Saw.SHOWN), fallbacks=(seen(Saw.SUSPENDED),))
    judged = verdict(gone)
    assert (judged.verdict, judged.rules[0]) == (V.SUSPENDED, "fallback.says-suspended")


@pytest.mark.parametrize(
    ("looks", "more", "wanted"),
    [
        pytest.param([seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)], {}, [SecondLook(folder="jane/profile", viewpoint=ANONYMOUS)],
                     id="gone is looked at again"),
        pytest.param([seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)], {"has_fallback": True},
                     [SecondLook(folder="jane/profile", viewpoint=ANONYMOUS), FallbackLook(folder="jane/profile")],
                     id="gone is looked for on another page too"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.UNREACHABLE)], {},
                     [SecondLook(folder="jane/profile", viewpoint=AUTHOR)],
                     id="an outage of the author's view is looked at again beside plain words, for the silence"),
        pytest.param([seen(Saw.NOT_FOUND), by_author(Saw.LOGIN_WALL)], {"has_fallback": True},
                     [FallbackLook(folder="jane/profile")],
                     id="without the author's view another page may say in so many words what a 404 does not"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)],
                     {"controls": (_control(LIVE, Saw.CHALLENGE), CONTROLS_PASS[1]), "live_controls_left": 1},
                     [AnotherControl(kind=LIVE)], id="a control that met a wall is replaced, too"),
        pytest.param([seen(Saw.UNREACHABLE), by_author(Saw.SHOWN)], {}, [SecondLook(folder="jane/profile", viewpoint=ANONYMOUS)],
                     id="an outage is looked at again where it happened"),
        pytest.param([seen(Saw.SHOWN), by_author(Saw.SERVER_ERROR)], {}, [SecondLook(folder="jane/profile", viewpoint=AUTHOR)],
                     id="an outage of the author's view is looked at again as the author"),
        pytest.param([seen(Saw.NOT_FOUND), seen(Saw.SHOWN), by_author(Saw.SHOWN)], {},
                     [SecondLook(folder="jane/profile", viewpoint=ANONYMOUS)], id="a third look settles two that disagree"),
        pytest.param([seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)], {}, [], id="twice gone is enough"),
        pytest.param([seen(Saw.NOT_FOUND), seen(Saw.SHOWN), seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)], {}, [],
                     id="three looks are the most"),
        pytest.param([seen(Saw.CHALLENGE), by_author(Saw.SHOWN)], {}, [], id="a wall is not run against again"),
        pytest.param([seen(Saw.RATE_LIMITED), by_author(Saw.SHOWN)], {}, [], id="too many requests are not answered with more"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)], {}, [], id="plain words need no second look"),
        pytest.param([seen(Saw.SHOWN), by_author(Saw.SHOWN)], {}, [], id="what is shown needs no second look"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)],
                     {"controls": (_control(LIVE, Saw.NOT_FOUND), CONTROLS_PASS[1]), "live_controls_left": 1},
                     [AnotherControl(kind=LIVE)], id="a live control that failed is replaced once more"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)],
                     {"controls": (_control(LIVE, Saw.NOT_FOUND), CONTROLS_PASS[1]), "suspended_controls_left": 1},
                     [AnotherControl(kind=KNOWN_SUSPENDED)], id="a page known to be suspended is looked at when live ones fail"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)], {"controls": (CONTROLS_PASS[1],), "suspended_controls_left": 1},
                     [AnotherControl(kind=KNOWN_SUSPENDED)], id="or where a grave verdict stands without a live control"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)], {"suspended_controls_left": 1}, [],
                     id="and not where the controls leave no doubt"),
        pytest.param([seen(Saw.SHOWN), by_author(Saw.SHOWN)], {"controls": (CONTROLS_PASS[1],), "suspended_controls_left": 1}, [],
                     id="nor for a page that is shown"),
        pytest.param([seen(Saw.SUSPENDED), by_author(Saw.SHOWN)],
                     {"controls": (_control(LIVE, Saw.CHALLENGE), CONTROLS_PASS[1]), "suspended_controls_left": 1}, [],
                     id="nor against a wall"),
    ],
)  # fmt: skip
def test_what_the_judge_asks_for(
    looks: list[Observation], more: dict[str, object], wanted: list[object]
) -> None:
    answer = judge(case(page(*looks), rounds_left=3, **more))  # type: ignore[arg-type]
    assert list(answer.wanted if isinstance(answer, LookAgain) else ()) == wanted


def test_the_judge_stops_asking_when_no_round_is_left() -> None:
    assert isinstance(
        judge(case(page(seen(Saw.NOT_FOUND), by_author(Saw.SHOWN)), rounds_left=0)), ProfileVerdict
    )


def test_the_table_is_valid() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert [rule.layer for rule in RULES] == sorted(rule.layer for rule in RULES)
    assert RULES[-1].id == "page.no-rule"
    assert all(rule.claims is V.INCONCLUSIVE for rule in RULES if rule.layer < Layer.CONTENT)
    assert all(rule.evidence for rule in RULES)


LOOKS = st.lists(st.sampled_from(Outcome).map(seen), min_size=1, max_size=3)
AUTHORS = st.lists(st.sampled_from(Outcome).map(by_author), max_size=2)
CONTROLS = st.lists(
    st.builds(ControlReading, kind=st.sampled_from(ControlKind), handle=st.just("@c"), outcome=st.sampled_from(Outcome)),
    max_size=4,
)  # fmt: skip


@given(LOOKS, AUTHORS, CONTROLS)
def test_no_evidence_makes_the_judge_raise(
    public: list[Observation], authors: list[Observation], controls: list[ControlReading]
) -> None:
    judged = verdict(page(*public, *authors), controls=tuple(controls))
    assert judged.summary
    assert judged.rules


@given(LOOKS, AUTHORS, CONTROLS, st.sampled_from([Saw.CHALLENGE, Saw.RATE_LIMITED, Saw.LOGIN_WALL]))
def test_a_wall_never_accuses(
    public: list[Observation], authors: list[Observation], controls: list[ControlReading], wall: Outcome
) -> None:
    judged = verdict(page(*public, seen(wall), *authors), controls=tuple(controls))
    assert judged.verdict not in BAD


NOT_TOLD = (Saw.CHALLENGE, Saw.RATE_LIMITED, Saw.LOGIN_WALL, Saw.UNREACHABLE, Saw.SERVER_ERROR)


@given(LOOKS, AUTHORS)
def test_an_expired_session_leaves_only_what_the_public_is_told_in_so_many_words(
    public: list[Observation], authors: list[Observation]
) -> None:
    judged = verdict(page(*public, *authors, by_author(Saw.LOGIN_WALL, signed_in=False)))
    told = {Saw.SUSPENDED: V.SUSPENDED, Saw.REMOVED: V.MISSING}
    if judged.verdict is not V.INCONCLUSIVE and not any(look.signed_in for look in authors):
        assert judged.verdict in {told[look.outcome] for look in public if look.outcome in told}
        assert judged.silent is None
        assert not any(look.outcome in {Saw.CHALLENGE, Saw.RATE_LIMITED} for look in public)


@given(LOOKS, AUTHORS, st.sampled_from(NOT_TOLD))
def test_a_live_control_that_was_not_answered_confirms_nothing_and_leaves_only_plain_words(
    public: list[Observation], authors: list[Observation], found: Outcome
) -> None:
    judged = verdict(page(*public, *authors), controls=(_control(LIVE, found), CONTROLS_PASS[1]))
    assert judged.strength is LIKELY
    explicit = {Saw.SUSPENDED, Saw.REMOVED}
    assert judged.verdict not in BAD or any(look.outcome in explicit for look in (*public, *authors))
    assert judged.verdict is not V.HIDDEN


@given(LOOKS, AUTHORS, st.sampled_from([o for o in Outcome if o not in {Saw.SHOWN, *NOT_TOLD}]))
def test_a_failed_live_control_never_accuses(
    public: list[Observation], authors: list[Observation], found: Outcome
) -> None:
    judged = verdict(page(*public, *authors), controls=(_control(LIVE, found), CONTROLS_PASS[1]))
    assert judged.verdict not in BAD


def test_a_story_that_its_owner_deleted_is_named_and_not_taken_for_the_account() -> None:
    gone = page(seen(Saw.REMOVED, kind=STORY), by_author(Saw.REMOVED, kind=STORY), kind=STORY, subject="a1")
    judged = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN)), gone)
    assert judged.verdict is V.VISIBLE
    assert judged.summary == "The public sees @jane on Example; the story a1 was deleted by its owner."


def test_a_deleted_story_goes_by_its_title_where_a_list_still_names_it() -> None:
    gone = page(seen(Saw.REMOVED, kind=STORY), by_author(Saw.REMOVED, kind=STORY), kind=STORY, subject="a1")
    listed = page(seen(Saw.SHOWN, stories=stories("a1")), by_author(Saw.SHOWN))
    assert "the story “Story a1” was deleted by its owner" in verdict(listed, gone).summary


def test_what_is_wrong_with_the_author_s_view_is_said_beside_what_the_public_is_told() -> None:
    judged = verdict(page(seen(Saw.SUSPENDED), by_author(Saw.LOGIN_WALL)))
    assert judged.summary == (
        "Logged-out visitors are told that @jane on Example is suspended. The saved session is no longer signed "
        "in, so there is no author's view to compare with."
    )
    assert [step for step in judged.next_steps if "selfcheck login jane" in step]
    assert [step for step in judged.next_steps if "selfcheck appeal jane" in step]


@pytest.mark.parametrize(
    "outcome", [Saw.SERVER_ERROR, Saw.NOT_FOUND, Saw.REMOVED, Saw.SUSPENDED, Saw.RESTRICTED]
)
def test_pages_that_look_the_same_to_everybody_never_say_that_the_session_ended(outcome: Outcome) -> None:
    same = by_author(outcome, signed_in=False)
    judged = verdict(page(seen(outcome), same))
    assert "session.expired" not in judged.rules
    assert not any("login" in step for step in judged.next_steps)
    healthy = page(seen(Saw.SHOWN, kind=STORY), by_author(Saw.SHOWN, kind=STORY), kind=STORY, subject="a1")
    assert verdict(page(seen(outcome), same), healthy).pages[1].verdict is V.VISIBLE


def test_a_page_that_shows_the_author_counts_though_another_one_wants_a_sign_in() -> None:
    profile = page(seen(Saw.NOT_FOUND), seen(Saw.NOT_FOUND), by_author(Saw.SHOWN))
    stats = page(by_author(Saw.LOGIN_WALL, kind=STATS), kind=STATS)
    judged = verdict(profile, stats)
    assert (judged.verdict, judged.silent, judged.rules[0]) == (V.HIDDEN, True, "profile.gone-for-strangers")


def test_a_session_that_worked_on_another_page_is_not_said_to_have_been_dead_before() -> None:
    story = page(
        seen(Saw.NOT_FOUND, kind=STORY),
        by_author(Saw.SHOWN, kind=STORY, signed_in=False),
        kind=STORY,
        subject="a1",
    )
    judged = verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN)), story)
    assert (judged.verdict, judged.rules[0]) == (V.INCONCLUSIVE, "session.expired")
    assert "no longer" not in judged.summary
    assert judged.pages[1].verdict is V.INCONCLUSIVE  # the working view elsewhere does not validate this one


def test_a_session_of_its_own_kind_of_page_says_nothing_of_the_others() -> None:
    profile = page(seen(Saw.SHOWN), by_author(Saw.SHOWN, signed_in=None))
    stats = page(by_author(Saw.LOGIN_WALL, kind=STATS), kind=STATS)
    assert verdict(profile, stats).verdict is V.INCONCLUSIVE
    assert verdict(profile, stats, separate_sessions=(STATS,)).verdict is V.VISIBLE


def test_a_notice_on_the_stats_page_stands_though_a_wall_stood_before_the_author_s_profile() -> None:
    stats = page(by_author(Saw.SHOWN, SignKind.TOLD_SUSPENDED, kind=STATS), kind=STATS)
    judged = verdict(page(seen(Saw.NOT_FOUND), by_author(Saw.CHALLENGE)), stats)
    assert (judged.verdict, judged.silent) == (V.SUSPENDED, False)
    foreign = page(by_author(Saw.SHOWN, SignKind.TOLD_SUSPENDED, kind=STATS, signed_in_as="@x"), kind=STATS)
    assert verdict(page(seen(Saw.NOT_FOUND), by_author(Saw.CHALLENGE)), foreign).verdict is V.INCONCLUSIVE


def test_a_status_is_not_put_in_quotation_marks() -> None:
    judged = verdict(page(seen(Saw.NOT_FOUND, quote="status 404"), by_author(Saw.SHOWN)))
    assert "“status" not in " ".join(firing.reason for firing in judged.firings)


def test_the_verdict_carries_the_platform_s_title() -> None:
    assert verdict(page(seen(Saw.SHOWN), by_author(Saw.SHOWN))).platform_title == "Example"
