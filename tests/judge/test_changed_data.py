"""Pages whose data lacks what the platform file asks for: nothing that stands only there is claimed."""

from dataclasses import replace

import pytest
from cases import CONTROLS_PASS, by_author, case, page, seen, stories

from selfcheck.core.case import PageCase, ProfileCase
from selfcheck.core.enums import ControlKind, Outcome, PageKind, SignKind, Strength, Verdict
from selfcheck.core.observation import LEARNED, Observation
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge

SHOWN, GONE = Outcome.SHOWN, Outcome.NOT_FOUND
STORY = PageKind.STORY
LIVE = ControlReading(
    kind=ControlKind.LIVE, handle="@alive", outcome=SHOWN, detail="x.shown", answered=("x.flag",)
)


def judged(one: ProfileCase) -> ProfileVerdict:
    verdict = judge(one)
    assert isinstance(verdict, ProfileVerdict)
    return verdict


@pytest.mark.parametrize(
    ("public", "author", "strength"),
    [
        ({}, {}, Strength.CONFIRMED),
        ({"unread": True}, {"unread": True}, Strength.LIKELY),
        ({"unread": True}, {}, Strength.LIKELY),
        ({}, {"unread": True}, Strength.LIKELY),
    ],
)
def test_a_page_whose_data_changed_is_never_surely_visible(
    public: dict[str, object], author: dict[str, object], strength: Strength
) -> None:
    verdict = judged(case(page(seen(SHOWN, **public), by_author(SHOWN, **author))))
    assert (verdict.verdict, verdict.strength) == (Verdict.VISIBLE, strength)
    assert ("page.partly-unread" in verdict.rules) is (strength is Strength.LIKELY)


@pytest.mark.parametrize(
    ("mark", "answered", "strength"),
    [
        ("x.shown", ("x.flag",), Strength.CONFIRMED),
        ("x.shown", (), Strength.LIKELY),  # another account's page still has the member
        (
            "x.shown-elsewhere",
            (),
            Strength.CONFIRMED,
        ),  # another layout may have it elsewhere, or never had it
    ],
)
def test_a_member_that_only_the_live_control_has_is_missed(
    mark: str, answered: tuple[str, ...], strength: Strength
) -> None:
    looks = (seen(SHOWN, mark=mark, answered=answered), by_author(SHOWN))
    verdict = judged(case(page(*looks), controls=(LIVE, *CONTROLS_PASS[1:])))
    assert (verdict.verdict, verdict.strength) == (Verdict.VISIBLE, strength)


LEARNED_LOOK = {"mark": f"{LEARNED}shown"}


@pytest.mark.parametrize(
    ("author", "signs_kept", "expected"),
    [
        # Its owner's own page would say that it is private, and was read by likeness or in part.
        (LEARNED_LOOK, (PageKind.PROFILE,), Verdict.INCONCLUSIVE),
        ({"unread": True}, (PageKind.PROFILE,), Verdict.INCONCLUSIVE),
        ({"signed_in": None}, (PageKind.PROFILE,), Verdict.INCONCLUSIVE),
        ({}, (PageKind.PROFILE,), Verdict.HIDDEN),
        # No sign could have told: profiles of such platforms are public.
        (LEARNED_LOOK, (), Verdict.HIDDEN),
        # Nothing tells whose session got it.
        ({"unread": True}, (), Verdict.INCONCLUSIVE),
        ({"unread": True, "signed_in_as": "jane"}, (), Verdict.HIDDEN),
    ],
)
def test_what_its_owner_may_keep_private_is_not_hidden(
    author: dict[str, object], signs_kept: tuple[PageKind, ...], expected: Verdict
) -> None:
    looks = (seen(GONE), seen(GONE), by_author(SHOWN, **author))
    verdict = judged(case(page(*looks), signs_kept=signs_kept, tells_signed_in=True))
    assert verdict.verdict is expected


def test_responses_are_not_compared_across_two_layouts() -> None:
    hidden = seen(SHOWN, SignKind.RESPONSES_HIDDEN, kind=STORY, mark="x.old")
    for mark, expected in (("x.new", Verdict.VISIBLE), ("x.old", Verdict.LIMITED)):
        author = by_author(SHOWN, kind=STORY, mark=mark)
        story = page(hidden, hidden, author, kind=STORY, subject="one")
        assert judged(case(page(seen(SHOWN), by_author(SHOWN)), story)).verdict is expected


def test_a_list_that_is_read_by_likeness_for_one_view_only_lacks_nothing() -> None:
    public = seen(SHOWN, mark=f"{LEARNED}shown", stories=())
    author = by_author(SHOWN, stories=stories("a", "b", "c"))
    own = replace(case(page(public, public, author)), public_before=frozenset({"a"}))
    verdict = judged(own)
    assert verdict.verdict is Verdict.INCONCLUSIVE


def test_no_story_that_may_be_unlisted_is_called_kept_out_of_search() -> None:
    unread = {"unread": True, "noindex": "noindex", "kind": STORY}
    story = page(seen(SHOWN, **unread), by_author(SHOWN, **unread), kind=STORY, subject="one")
    profile = page(seen(SHOWN, stories=()), by_author(SHOWN, stories=stories("one")))
    verdict = judged(case(profile, story, knows_unlisted=True, platform_sets_robots=True))
    assert verdict.verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("public", "author", "expected"),
    [
        ({"unread": True}, {"unread": True}, Verdict.INCONCLUSIVE),
        ({"unread": True}, {}, Verdict.INCONCLUSIVE),
        ({"mark": f"{LEARNED}shown"}, {}, Verdict.INCONCLUSIVE),
        ({}, {"unread": True}, Verdict.LIMITED),  # the public's page is read, and would say "unlisted" too
    ],
)
def test_a_listed_story_whose_data_changed_may_be_unlisted_as_well(
    public: dict[str, object], author: dict[str, object], expected: Verdict
) -> None:
    noindex = {"noindex": "noindex", "kind": STORY}
    story = page(
        seen(SHOWN, **noindex, **public), by_author(SHOWN, **noindex, **author), kind=STORY, subject="one"
    )
    profile = page(seen(SHOWN, stories=stories("one")), by_author(SHOWN, stories=stories("one")))
    assert judged(case(profile, story, knows_unlisted=True, platform_sets_robots=True)).verdict is expected


STATS_UNREAD = page(by_author(SHOWN, kind=PageKind.STATS, unread=True), kind=PageKind.STATS)
STATS_UNKNOWN = page(by_author(Outcome.UNRECOGNISED, kind=PageKind.STATS), kind=PageKind.STATS)
STATS_READ = page(by_author(SHOWN, kind=PageKind.STATS, signed_in_as="jane"), kind=PageKind.STATS)


@pytest.mark.parametrize(
    ("author", "stats", "verdict", "strength"),
    [
        (by_author(SHOWN), STATS_READ, Verdict.HIDDEN, Strength.CONFIRMED),
        (by_author(SHOWN), STATS_UNREAD, Verdict.INCONCLUSIVE, Strength.LIKELY),
        (by_author(SHOWN), STATS_UNKNOWN, Verdict.HIDDEN, Strength.CONFIRMED),  # it shows itself signed in
        (by_author(SHOWN, signed_in=None), STATS_UNKNOWN, Verdict.INCONCLUSIVE, Strength.LIKELY),
        (by_author(GONE), STATS_READ, Verdict.MISSING, Strength.CONFIRMED),
        (by_author(GONE), STATS_UNREAD, Verdict.MISSING, Strength.LIKELY),
    ],
)
def test_a_session_of_whom_nothing_tells_proves_little(
    author: Observation, stats: PageCase, verdict: Verdict, strength: Strength
) -> None:
    """It may be dead or somebody else's where only the stats page tells, and that cannot be read."""
    answer = judged(case(page(seen(GONE), seen(GONE), author), stats, tells_signed_in=True))
    assert (answer.verdict, answer.strength) == (verdict, strength)


@pytest.mark.parametrize(
    ("before", "expected"),
    [((), Verdict.INCONCLUSIVE), (("one",), Verdict.HIDDEN)],
    ids=["new", "was public"],
)
def test_a_missing_story_may_be_scheduled_where_its_authors_page_is_not_known(
    before: tuple[str, ...], expected: Verdict
) -> None:
    """Its own page would say that it is scheduled, and no mark knows what its author gets of it."""
    public = seen(SHOWN, stories=())
    profile = page(public, public, by_author(SHOWN, stories=stories("one")))
    looks = (seen(GONE, kind=STORY), seen(GONE, kind=STORY), by_author(Outcome.UNRECOGNISED, kind=STORY))
    own = case(profile, page(*looks, kind=STORY, subject="one"), knows_kept=(STORY,), lists_know_kept=())
    assert judged(replace(own, public_before=frozenset(before))).verdict is expected
