"""Quiet suppression: what counts as less than the public should see, and what is the owner's own choice."""

# ruff: noqa: E501 — a row of a table reads best as one line

from datetime import UTC, datetime, timedelta

import pytest
from cases import CONTROLS_PASS, by_author, case, page, seen, stories

from selfcheck.core.case import PageCase
from selfcheck.core.enums import ControlKind, Outcome, PageKind, SignKind, Verdict
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.verdict import ControlReading, ProfileVerdict
from selfcheck.judge import judge
from selfcheck.judge.list_comparison import expected, latest_moment, stories_missing, whole_list_lacks

Saw, V = Outcome, Verdict
STORY, FEED, PROFILE, PUBLICATION = PageKind.STORY, PageKind.FEED, PageKind.PROFILE, PageKind.PUBLICATION
NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def verdict(*pages: PageCase, **more: object) -> ProfileVerdict:
    judged = judge(case(*pages, **more))  # type: ignore[arg-type]
    assert isinstance(judged, ProfileVerdict)
    return judged


def dated(*ages: tuple[str, timedelta]) -> tuple[StoryRef, ...]:
    return tuple(StoryRef(id=one, url=f"/p/{one}", published_at=(NOW - age).isoformat()) for one, age in ages)


def ids(found: tuple[StoryRef, ...]) -> str:
    return "".join(story.id for story in found)


DAYS = [timedelta(days=n) for n in range(40)]


@pytest.mark.parametrize(
    ("published", "listed", "missing"),
    [
        pytest.param(stories(*"abc"), stories(*"ac"), "b", id="a story between two that are listed is missing"),
        pytest.param(stories(*"abcd"), stories(*"ab"), "", id="the end of a list may be cut earlier for the public"),
        pytest.param(stories(*"abcd"), stories(*"bcd"), "", id="a first story without a date may be new or pinned"),
        pytest.param(dated(*zip("abcd", DAYS[1:], strict=False)), stories(*"bcd"), "a", id="a first story with an old date is missing"),
        pytest.param(stories(*"abcd"), stories(*"dab"), "", id="a pinned story is first in the public list"),
        pytest.param(stories(*"abcd"), stories(*"dac"), "b", id="a gap behind a pinned story is still a gap"),
        pytest.param(dated(("p", DAYS[30]), *zip("abc", DAYS[1:], strict=False)), dated(*zip("abc", DAYS[1:], strict=False)), "",
                     id="a story that only the author has pinned is beyond the end of the list"),
        pytest.param(stories(*"abcd"), stories(*"dca"), "", id="lists in different orders cannot be compared"),
        pytest.param(stories(*"abc"), stories(*"xyz"), "", id="lists that share nothing cannot be compared"),
        pytest.param(stories(*"abc"), (), "bc", id="an empty list lacks all but a first story without a date"),
        pytest.param(stories("a"), (), "", id="a single story without a date may have been published just now"),
        pytest.param((), (), "", id="an author without stories lacks none"),
        pytest.param((), stories(*"abc"), "", id="if more is listed to the public nothing is missing"),
    ],
)  # fmt: skip
def test_stories_missing(published: tuple[StoryRef, ...], listed: tuple[StoryRef, ...], missing: str) -> None:
    assert ids(stories_missing(published, listed)) == missing


def test_a_list_that_is_known_to_be_whole_lacks_its_end_too() -> None:
    assert ids(whole_list_lacks(stories(*"abcd"), stories(*"ab"))) == "cd"


@pytest.mark.parametrize(
    ("published_at", "is_expected"),
    [
        pytest.param((NOW - timedelta(minutes=59)).isoformat(), False, id="a story of 59 minutes is too young"),
        pytest.param((NOW - timedelta(minutes=61)).isoformat(), True, id="a story of 61 minutes is expected"),
        pytest.param(str(int((NOW - timedelta(minutes=5)).timestamp() * 1000)), False, id="milliseconds since 1970"),
        pytest.param("Mon, 04 May 2026 11:30:00 GMT", False, id="a feed's date"),
        pytest.param("2026-05-04", False, id="a day without an hour may still last somewhere"),
        pytest.param("2026-05-02", True, id="the day before yesterday is over everywhere"),
        pytest.param((NOW + timedelta(days=2)).isoformat(), False, id="a story scheduled for later is not expected"),
        pytest.param("", True, id="a story without a date is weighed by its place"),
        pytest.param("last week", True, id="words are no date"),
    ],
)  # fmt: skip
def test_a_young_story_is_not_yet_expected(published_at: str, is_expected: bool) -> None:
    story = StoryRef(id="a", url="/p/a", published_at=published_at)
    assert bool(expected([story], NOW)) is is_expected


def test_a_story_that_its_owner_keeps_back_is_not_expected() -> None:
    unlisted = StoryRef(id="a", url="/p/a", kept_back=True)
    assert not expected([unlisted, *stories("b")], NOW, kept_back=frozenset("b"))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        pytest.param("2026-05-04T10:00:00Z", datetime(2026, 5, 4, 10, tzinfo=UTC), id="ISO 8601 in UTC"),
        pytest.param("2026-05-04T10:00:00+02:00", datetime(2026, 5, 4, 8, tzinfo=UTC), id="ISO 8601 with a zone"),
        pytest.param("2026-05-04T10:00:00", datetime(2026, 5, 4, 22, tzinfo=UTC), id="without a zone as late as may be"),
        pytest.param("1777888800", datetime(2026, 5, 4, 10, tzinfo=UTC), id="seconds since 1970"),
        pytest.param("12", None, id="a short number is no moment"),
        pytest.param("2026-13-40", None, id="no such day"),
        pytest.param("", None, id="nothing"),
    ],
)  # fmt: skip
def test_moments(text: str, moment: datetime | None) -> None:
    assert latest_moment(text) == moment


HEALTHY = page(seen(Saw.SHOWN), by_author(Saw.SHOWN))


def story(*looks: Observation) -> PageCase:
    return page(*looks, kind=STORY, subject="s1")


@pytest.mark.parametrize(
    "choice", [SignKind.MEMBERS_ONLY, SignKind.UNLISTED, SignKind.UNPUBLISHED, SignKind.PRIVATE]
)
@pytest.mark.parametrize(
    "outcome", [pytest.param(Saw.SHOWN, id="shown"), pytest.param(Saw.RESTRICTED, id="restricted")]
)
def test_what_the_owner_chose_never_alarms(choice: SignKind, outcome: Outcome) -> None:
    kept = story(
        seen(outcome, choice, SignKind.BLURRED, kind=STORY, text_length=200),
        by_author(Saw.SHOWN, choice, kind=STORY, text_length=9000),
    )
    listed = stories("a", "s1", "b")
    profile = page(
        seen(Saw.SHOWN, stories=listed if choice is SignKind.MEMBERS_ONLY else stories("a", "b")),
        by_author(Saw.SHOWN, stories=listed),
    )
    judged = verdict(profile, kept, platform_sets_robots=True, knows_unlisted=True)
    assert judged.verdict is V.VISIBLE


@pytest.mark.parametrize(
    ("public", "choice", "expected_verdict"),
    [
        pytest.param(Saw.NOT_FOUND, SignKind.UNPUBLISHED, V.VISIBLE, id="a draft is only for its author"),
        pytest.param(Saw.NOT_FOUND, SignKind.PRIVATE, V.VISIBLE, id="a private story is not found as it should"),
        pytest.param(Saw.NOT_FOUND, SignKind.MEMBERS_ONLY, V.LIMITED, id="a member story is found by the public, in part"),
        pytest.param(Saw.SUSPENDED, SignKind.UNPUBLISHED, V.LIMITED, id="a choice does not explain a suspension"),
    ],
)  # fmt: skip
def test_a_story_that_the_public_does_not_find(
    public: Outcome, choice: SignKind, expected_verdict: Verdict
) -> None:
    looks = (
        seen(public, kind=STORY),
        seen(public, kind=STORY),
        by_author(Saw.SHOWN, choice, kind=STORY),
    )
    assert verdict(HEALTHY, story(*looks)).verdict is expected_verdict


def _live(**more: object) -> tuple[ControlReading, ...]:
    return (
        ControlReading(kind=ControlKind.LIVE, handle="@alive", outcome=Saw.SHOWN, **more),
        CONTROLS_PASS[1],
    )  # type: ignore[arg-type]


FLAG = Sign(id="example.flag", meaning=SignKind.FLAGGED)


@pytest.mark.parametrize(
    ("look", "controls", "rule"),
    [
        pytest.param(seen(Saw.SHOWN, noindex="noindex"), _live(), "page.noindex", id="noindex that a live control does not have"),
        pytest.param(seen(Saw.SHOWN, noindex="noindex"), _live(noindex="noindex"), "page.shown",
                     id="noindex that a live control has too is the platform's custom"),
        pytest.param(seen(Saw.SHOWN, signs=(FLAG,)), _live(), "page.flagged", id="a flag that a live control does not have"),
        pytest.param(seen(Saw.SHOWN, signs=(FLAG,)), _live(signs=(FLAG.id,)), "page.shown",
                     id="a flag that a live control has too means nothing"),
        pytest.param(seen(Saw.SHOWN, facts={"followers": None}), _live(facts={"followers": 9}), "page.counts-hidden",
                     id="a count that the public is shown of others only is hidden"),
        pytest.param(seen(Saw.SHOWN, facts={"followers": None}), _live(), "page.shown",
                     id="a count that the public is shown of no one is not hidden"),
        pytest.param(seen(Saw.SHOWN, facts={}), _live(facts={"followers": 9}), "page.shown",
                     id="a number that this page is not read for is not hidden"),
        pytest.param(seen(Saw.SHOWN, facts={"followers": 100}), _live(), "page.counts-collapsed",
                     id="a small part of the author's count is collapsed"),
        pytest.param(seen(Saw.SHOWN, facts={"followers": 1200}), _live(), "page.shown", id="a rounded count is none"),
        pytest.param(seen(Saw.SHOWN, facts={"followers": 900}), _live(), "page.shown", id="an old count only supports"),
    ],
)  # fmt: skip
def test_a_profile_beside_its_control(
    look: Observation, controls: tuple[ControlReading, ...], rule: str
) -> None:
    author = by_author(Saw.SHOWN, facts={"followers": 1290})
    judged = verdict(page(look, author), controls=controls, platform_sets_robots=True)
    assert judged.rules[0] == rule
    assert judged.verdict is (V.VISIBLE if rule == "page.shown" else V.LIMITED)


def test_counts_that_differ_beyond_rounding_are_reported_and_decide_nothing() -> None:
    judged = verdict(
        page(seen(Saw.SHOWN, facts={"followers": 900}), by_author(Saw.SHOWN, facts={"followers": 1290}))
    )
    assert (judged.verdict, judged.rules) == (V.VISIBLE, ("page.shown", "page.counts-differ"))
    assert "900" in judged.summary


@pytest.mark.parametrize(
    ("listed", "knows_unlisted", "expected_verdict"),
    [
        pytest.param(stories("s1"), True, V.LIMITED, id="a listed story's noindex is not its author's"),
        pytest.param(
            stories("a"), True, V.INCONCLUSIVE, id="a story in no list may be unlisted by its author"
        ),
        pytest.param(stories("a"), False, V.LIMITED, id="where owners cannot unlist, it is the platform's"),
    ],
)
def test_noindex_of_a_story(
    listed: tuple[StoryRef, ...], knows_unlisted: bool, expected_verdict: Verdict
) -> None:
    profile = page(seen(Saw.SHOWN, stories=listed), by_author(Saw.SHOWN, stories=listed))
    kept_out = story(seen(Saw.SHOWN, kind=STORY, noindex="noindex"), by_author(Saw.SHOWN, kind=STORY))
    judged = verdict(profile, kept_out, platform_sets_robots=True, knows_unlisted=knows_unlisted)
    assert judged.verdict is expected_verdict


@pytest.mark.parametrize(
    ("public", "author", "rule", "expected_verdict"),
    [
        pytest.param(seen(Saw.SHOWN, SignKind.BLURRED, kind=STORY), by_author(Saw.SHOWN, kind=STORY), "story.blurred", V.LIMITED,
                     id="a blurred body limits"),
        pytest.param(seen(Saw.SHOWN, kind=STORY, text_length=900), by_author(Saw.SHOWN, kind=STORY, text_length=4000), "page.text-cut",
                     V.VISIBLE, id="a short text alone is told and decides nothing"),
        pytest.param(seen(Saw.SHOWN, kind=STORY, text_length=90), by_author(Saw.SHOWN, kind=STORY, text_length=400), None, V.VISIBLE,
                     id="short texts are not compared"),
        pytest.param(seen(Saw.SHOWN, SignKind.RESPONSES_HIDDEN, kind=STORY), by_author(Saw.SHOWN, kind=STORY), "story.responses-hidden",
                     V.LIMITED, id="responses hidden from the public only limit"),
        pytest.param(seen(Saw.SHOWN, SignKind.RESPONSES_HIDDEN, kind=STORY), by_author(Saw.SHOWN, SignKind.RESPONSES_HIDDEN, kind=STORY),
                     "story.responses-hidden-openly", V.VISIBLE, id="responses hidden openly are told"),
    ],
)  # fmt: skip
def test_a_story_shown_in_part(
    public: Observation, author: Observation, rule: str | None, expected_verdict: Verdict
) -> None:
    judged = verdict(HEALTHY, story(public, author))
    assert judged.verdict is expected_verdict
    assert rule in judged.rules if rule else judged.rules == ("page.shown",)


def test_a_blurred_story_tells_both_lengths() -> None:
    cut = story(
        seen(Saw.SHOWN, SignKind.BLURRED, kind=STORY, text_length=700),
        by_author(Saw.SHOWN, kind=STORY, text_length=4200),
    )
    assert "(700 of 4,200 characters)" in verdict(HEALTHY, cut).summary


LIST = dated(*zip("abcdef", DAYS[1:], strict=False))


@pytest.mark.parametrize(
    ("public", "feed", "limit", "expected_verdict"),
    [
        pytest.param(LIST, LIST[:3], 3, V.VISIBLE, id="a feed at its limit may end early"),
        pytest.param(LIST, LIST[:3], 10, V.LIMITED, id="a feed with room for more lacks the rest"),
        pytest.param(LIST, LIST[:3], None, V.VISIBLE, id="a feed whose limit is unknown may end early"),
        pytest.param(LIST, (), 10, V.LIMITED, id="an empty feed beside a list of stories"),
        pytest.param(LIST, None, 10, V.VISIBLE, id="a feed that cannot be read is no empty feed"),
        pytest.param(LIST[:3], LIST, 10, V.VISIBLE, id="a shorter list with a whole feed is only cut"),
        pytest.param(LIST[:3], LIST[:3], 3, V.VISIBLE, id="a shorter list beside a feed at its limit is only cut"),
        pytest.param(LIST[:3], LIST[:3], 10, V.LIMITED, id="a list and a feed that both lack the rest"),
        pytest.param((), LIST, 10, V.LIMITED, id="an empty list for the public"),
    ],
)  # fmt: skip
def test_lists_and_feed_together(
    public: tuple[StoryRef, ...],
    feed: tuple[StoryRef, ...] | None,
    limit: int | None,
    expected_verdict: Verdict,
) -> None:
    profile = page(
        seen(Saw.SHOWN, stories=public, taken_at=NOW), by_author(Saw.SHOWN, stories=LIST, taken_at=NOW)
    )
    entries = page(seen(Saw.SHOWN, kind=FEED, stories=feed, taken_at=NOW), kind=FEED)
    assert verdict(profile, entries, feed_limit=limit).verdict is expected_verdict


def test_a_publication_that_lacks_a_story_limits_the_account() -> None:
    publication = page(
        seen(Saw.SHOWN, kind=PUBLICATION, stories=stories(*"ac")),
        by_author(Saw.SHOWN, kind=PUBLICATION, stories=stories(*"abc")),
        kind=PUBLICATION,
        subject="pub",
    )
    judged = verdict(HEALTHY, publication)
    assert (judged.verdict, judged.rules[0]) == (V.LIMITED, "lists.stories-missing")


def test_what_a_profiles_list_tells_of_drafts_says_nothing_of_a_publications_list() -> None:
    publication = page(
        seen(Saw.SHOWN, kind=PUBLICATION, stories=stories(*"ac")),
        by_author(Saw.SHOWN, kind=PUBLICATION, stories=stories(*"abc")),
        kind=PUBLICATION,
        subject="pub",
    )
    judged = verdict(
        HEALTHY, publication, knows_kept=frozenset(), lists_know_kept=frozenset({PageKind.PROFILE})
    )
    assert "lists.stories-missing" not in judged.rules


def test_a_story_published_just_now_is_not_missed_anywhere() -> None:
    listed = dated(("new", timedelta(minutes=20)), *zip("abc", DAYS[1:], strict=False))
    profile = page(
        seen(Saw.SHOWN, stories=listed[1:], taken_at=NOW), by_author(Saw.SHOWN, stories=listed, taken_at=NOW)
    )
    entries = page(seen(Saw.SHOWN, kind=FEED, stories=listed[1:], taken_at=NOW), kind=FEED)
    assert verdict(profile, entries, feed_limit=10).verdict is V.VISIBLE


def test_the_authors_own_banner_is_a_suspension_that_is_not_silent() -> None:
    told = page(seen(Saw.SUSPENDED), by_author(Saw.SHOWN, SignKind.TOLD_SUSPENDED))
    assert (verdict(told).verdict, verdict(told).silent) == (V.SUSPENDED, False)


def test_a_clock_that_is_wrong_by_hours_does_not_make_a_story_old() -> None:
    published = (StoryRef(id="new", url="/p/new", published_at=NOW.isoformat()), *stories("a", "b"))
    skewed = {"taken_at": NOW + timedelta(hours=9), "served_at": NOW + timedelta(minutes=10)}
    public = seen(Outcome.SHOWN, stories=stories("a", "b"), **skewed)
    authors = by_author(Outcome.SHOWN, stories=published, **skewed)
    judged = judge(case(page(public, authors)))
    assert isinstance(judged, ProfileVerdict)
    assert judged.verdict is Verdict.VISIBLE


KEPT_OUT = {"noindex": "noindex"}
BY_OWNER, BY_PLATFORM = SignKind.NOINDEX_BY_OWNER, SignKind.NOINDEX_BY_PLATFORM


@pytest.mark.parametrize(
    ("profile", "kept_out", "known", "expected"),
    [
        pytest.param((), (), {}, V.VISIBLE, id="whose choice it is nothing tells"),
        pytest.param((), (BY_PLATFORM,), {}, V.LIMITED, id="the page says that the platform chose it"),
        pytest.param((), (BY_OWNER,), {"platform_sets_robots": True}, V.VISIBLE, id="the page says that its owner chose it"),
        pytest.param((BY_OWNER,), (), {"platform_sets_robots": True}, V.VISIBLE, id="a setting of the whole account, which its profile shows"),
        pytest.param((BY_OWNER,), (BY_PLATFORM,), {}, V.VISIBLE, id="both: nobody is accused"),
        pytest.param((), (), {"platform_robots": (STORY,)}, V.LIMITED, id="on stories it is the platform's"),
        pytest.param((), (), {"platform_robots": (PROFILE,)}, V.VISIBLE, id="on profiles alone it is the platform's"),
        pytest.param((), (), {"platform_robots": (), "platform_sets_robots": True}, V.VISIBLE, id="each kind is asked by itself"),
    ],
)  # fmt: skip
def test_whose_choice_a_noindex_is(
    profile: tuple[SignKind, ...], kept_out: tuple[SignKind, ...], known: dict[str, object], expected: Verdict
) -> None:
    own = page(seen(Saw.SHOWN), by_author(Saw.SHOWN, *profile))
    listed = page(seen(Saw.SHOWN, kind=FEED, stories=stories("s1")), kind=FEED)
    out = story(
        seen(Saw.SHOWN, *kept_out, kind=STORY, **KEPT_OUT),
        by_author(Saw.SHOWN, *kept_out, kind=STORY, **KEPT_OUT),
    )
    assert verdict(own, listed, out, **known).verdict is expected
