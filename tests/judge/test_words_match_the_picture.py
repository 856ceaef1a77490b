"""Headline, picture, summary and verdict of every scenario are made from the same facts."""

import re
from collections.abc import Iterator

import pytest
from scenario_runner import ScenarioResult, result_of, scenario_results

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, SignKind, Verdict
from selfcheck.core.headlines import by_reader, main_page, page_headline, picture_headline, profile_headline
from selfcheck.core.labels import Tone, look_word, page_word
from selfcheck.core.observation import Observation
from selfcheck.core.verdict import PageVerdict, ProfileVerdict
from selfcheck.judge.page_evidence import PageEvidence

CUT = frozenset({SignKind.BLURRED, SignKind.MEMBERS_ONLY, SignKind.PRIVATE})
TOLD = {
    Outcome.SUSPENDED: re.compile(r"ogged-out visitors are told that [^;:]*\bis suspended"),
    Outcome.NOT_FOUND: re.compile(r"ogged-out visitors are told that [^;:]*\bdoes not exist"),
    Outcome.REMOVED: re.compile(r"ogged-out visitors are told that [^;:]*\bwas deleted"),
}
"""What only stands above a picture that says so."""


def pages() -> Iterator[tuple[ScenarioResult, PageVerdict]]:
    return ((result, page) for result in scenario_results() for page in result.verdict.pages)


def outcome(page: PageVerdict, viewpoint: str) -> Outcome | None:
    look = page.views.get(viewpoint)
    return look.outcome if look else None


def meanings(look: Observation | None) -> set[SignKind]:
    return {sign.meaning for sign in look.signs} if look else set()


def whole(page: PageVerdict) -> bool:
    public, author = page.views.get(ANONYMOUS), page.views.get(AUTHOR)
    if public is None or public.outcome is not Outcome.SHOWN or meanings(public) & CUT:
        return False
    return author is None or author.text_length < 1000 or public.text_length > author.text_length / 2


def texts(judged: ProfileVerdict) -> Iterator[tuple[str, PageVerdict]]:
    """Every sentence about a page of this profile, and the page."""
    main = main_page(judged)
    if main is not None:
        yield profile_headline(judged), main
        yield judged.summary, main
    for page in judged.pages:
        yield page_headline(page), page


def contradictions(judged: ProfileVerdict) -> Iterator[str]:
    for text, page in texts(judged):
        public, author = (outcome(page, who) for who in (ANONYMOUS, AUTHOR))
        if re.search("isible to everybody|as it should", text) and not whole(page):
            yield f"{text} — the public's page is {public}, not whole"
        for told, pattern in TOLD.items():
            if pattern.search(text) and public is not told:
                yield f"{text} — the public's page says {public}"
        if "author still sees it" in text and (author is not Outcome.SHOWN):
            yield f"{text} — the author's page is {author}"
        if re.search(r"(?<!whether your )own (page|view) says so", text) and not told_of(judged, page):
            yield f"{text} — the author's page has no notice"
        if re.search(r"(as it|as they) should[^.]*\. (But|Also)|\bmind\b", text):
            yield f"{text} — good news with a but"
        if "does not recognise" in text and public is not Outcome.UNRECOGNISED:
            yield f"{text} — the public's page is {public}"
        if "not even" in text and author not in {Outcome.NOT_FOUND, Outcome.REMOVED}:
            yield f"{text} — the author's page is {author}"


def test_what_a_second_account_was_shown_is_told_as_no_more_than_that() -> None:
    told = [
        (text, outcome(page, ANONYMOUS))
        for result in scenario_results()
        for text, page in texts(result.verdict)
        if by_reader(page)
    ]
    assert told
    more = re.compile("owner chose|everybody but you|[Aa]nother page of the platform")
    assert [text for text, _ in told if more.search(text)] == []
    asked = "visitors are asked to sign in"
    assert {public for text, public in told if asked in text} == {Outcome.LOGIN_WALL}
    pictures = [
        picture_headline(page)
        for result in scenario_results()
        for page in result.verdict.pages
        if by_reader(page)
    ]
    assert {headline[:19] for headline in pictures} == {"Logged-out visitors"}  # of no second account


def told_of(judged: ProfileVerdict, page: PageVerdict) -> bool:
    """Whether the author's own view of this page, or of the account's stats, has a notice."""
    pages = [page, *(other for other in judged.pages if other.kind is PageKind.STATS)]
    return any(
        SignKind.TOLD_SUSPENDED in meanings(other.views.get(AUTHOR))
        or outcome(other, AUTHOR) is Outcome.SUSPENDED
        for other in pages
    )


def test_no_sentence_contradicts_the_pictures() -> None:
    wrong = [
        f"{result.scenario.name}: {text}"
        for result in scenario_results()
        for text in contradictions(result.verdict)
    ]
    assert not wrong, "\n".join(wrong)


def of_verdict(verdict: Verdict) -> list[tuple[ScenarioResult, PageVerdict]]:
    return [(result, page) for result, page in pages() if page.verdict is verdict]


def test_every_bad_page_says_in_its_headline_what_the_public_gets() -> None:
    silent = [
        f"{result.scenario.name}: {page_headline(page)}"
        for verdict in (Verdict.SUSPENDED, Verdict.HIDDEN, Verdict.MISSING)
        for result, page in of_verdict(verdict)
        if not any(
            words in page_headline(page)
            for words in ("told that", "are led to", "does not recognise", "none of its stories")
        )
    ]
    assert not silent, "\n".join(silent)


def test_every_limited_page_says_in_what_way() -> None:
    unsaid = [
        f"{result.scenario.name}: {page.rules[0]}"
        for result, page in of_verdict(Verdict.LIMITED)
        if not page.limit
    ]
    assert not unsaid, "\n".join(unsaid)


def test_what_the_owner_keeps_back_or_deleted_reads_as_the_owner_s_doing() -> None:
    kept = [
        page
        for _, page in of_verdict(Verdict.VISIBLE)
        if outcome(page, ANONYMOUS) in {*TOLD, Outcome.RESTRICTED} and not by_reader(page)
    ]
    assert kept
    assert all("as its owner chose" in page_headline(page) for page in kept)
    assert all(look_word(page, ANONYMOUS)[1] is not Tone.BAD for page in kept)
    whole_profile = [
        result.verdict for result in scenario_results() if result.verdict.verdict is Verdict.VISIBLE
    ]
    own = [
        judged
        for judged in whole_profile
        if any(
            page in kept or page.verdict is Verdict.MISSING
            for page in judged.pages
            if page.kind is PageKind.STORY
        )
    ]
    assert own
    assert all("owner" in judged.summary for judged in own)


def test_the_word_for_a_page_is_not_visible_over_a_page_that_is_not_shown() -> None:
    for result, page in pages():
        if page.kind is not PageKind.STATS and outcome(page, ANONYMOUS) is not Outcome.SHOWN:
            assert page_word(page)[0] != "Visible", result.scenario.name


def test_a_view_that_is_not_signed_in_is_not_the_author_s() -> None:
    for result, page in pages():
        author = page.views.get(AUTHOR)
        if author is not None and author.signed_in is False and author.outcome is Outcome.SHOWN:
            assert look_word(page, AUTHOR) == ("Not signed in", Tone.UNCLEAR), result.scenario.name


@pytest.mark.parametrize("verdict", [Verdict.LIMITED, Verdict.HIDDEN, Verdict.SUSPENDED, Verdict.MISSING])
def test_the_page_above_a_verdict_is_the_one_that_decided_it(verdict: Verdict) -> None:
    for result in scenario_results():
        if result.verdict.verdict is verdict:
            page = main_page(result.verdict)
            assert page is not None
            assert page.rules[0] == result.verdict.rules[0], result.scenario.name


def test_a_story_is_named_by_its_title_where_a_page_or_a_list_has_it() -> None:
    titled = [
        result.verdict.summary
        for result in scenario_results()
        for page in [main_page(result.verdict)]
        if page is not None
        and page.kind is PageKind.STORY
        and result.verdict.verdict is Verdict.LIMITED
        and any(look.outcome is Outcome.SHOWN and look.title for look in page.views.values())
    ]
    assert titled
    assert all("the story “" in summary for summary in titled)


def test_answers_that_changed_are_told_beside_the_verdict_that_they_make_likely() -> None:
    changed = [
        result.verdict
        for result in scenario_results()
        for page, judged in zip(result.case.pages, result.verdict.pages, strict=True)
        if judged.verdict is not Verdict.INCONCLUSIVE
        and len(set(PageEvidence(result.case, page).answers())) > 1
    ]
    assert len({judged.verdict for judged in changed}) >= 4
    assert all("looks.changed" in judged.rules for judged in changed)
    good = [judged.summary for judged in changed if judged.verdict is Verdict.VISIBLE]
    assert all("earlier logged-out page load" in summary for summary in good)


@pytest.mark.parametrize(
    ("scenario", "page", "profile", "summary"),
    [
        pytest.param(
            "engines: wordpress: the feed lacks one story, twice",
            "This feed is limited: it lacks stories",
            "Limited, in your feed: it lacks stories",
            "but not all of it: the feed lacks “Story 3”, although it has room for more.",
            id="a story is missing from it",
        ),
        pytest.param(
            "sessions: expired, and the feed alone says suspended",
            "Logged-out visitors are told that this feed is suspended",
            "Limited: logged-out visitors are told that your feed is suspended",
            "but not all of it: the feed — logged-out visitors are told that the feed is suspended (410",
            id="it alone is suspended",
        ),
        pytest.param(
            "engines: wordpress: only the feed leads the public home",
            "It is not known whether logged-out visitors see this feed",
            "Visible to everybody",
            "Could not tell: feed.",
            id="it leads elsewhere",
        ),
        pytest.param(
            "outages: timeout at the feed",
            "It is not known whether logged-out visitors see this feed",
            "Visible to everybody",
            "Could not tell: feed.",
            id="it does not answer",
        ),
        pytest.param(
            "engines: wordpress: there is no feed",
            "Logged-out visitors are told that this feed does not exist",
            "Visible to everybody",
            "There is no feed, which proves nothing by itself.",
            id="there is none",
        ),
        pytest.param(
            "suspended: the feed is feed-empty",
            "This feed is limited: it lacks stories",
            "Suspended, and you were not told",
            "is suspended. The author's own view gives no hint of it.",
            id="it is empty beside a suspension",
        ),
        pytest.param(
            "healthy: a new account without stories, the feed is feed-empty",
            "This feed is visible to everybody",
            "Visible to everybody",
            "as it should.",
            id="it is empty and so is the account",
        ),
    ],
)
def test_a_feed_reads_as_what_it_is(scenario: str, page: str, profile: str, summary: str) -> None:
    judged = result_of(scenario).verdict
    feed = next(each for each in judged.pages if each.kind is PageKind.FEED)
    assert (page_headline(feed), profile_headline(judged)) == (page, profile)
    assert summary in judged.summary
