"""Plain words: every verdict, outcome and failure has its own, and none of them promises too much."""

from itertools import product

import pytest
from sample_runs import (
    everything,
    healthy,
    look,
    page,
    profile,
    run,
    session_expired,
    stats,
    suspended,
    without_author,
)

from selfcheck.core import labels as words
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import ANONYMOUS, AUTHOR, FailureKind, Outcome, PageKind, SignKind, Verdict
from selfcheck.core.headlines import main_page, page_headline
from selfcheck.core.observation import Sign
from selfcheck.core.run import ExitCode


@pytest.mark.parametrize(("verdict", "silent"), list(product(Verdict, (True, False, None))))
def test_every_verdict_has_a_headline(verdict: Verdict, *, silent: bool | None) -> None:
    assert words.verdict_headline(verdict, silent=silent)


def test_only_the_verdicts_that_the_author_was_not_told_of_say_so() -> None:
    told = {one: words.verdict_headline(one, silent=True) for one in (Verdict.SUSPENDED, Verdict.HIDDEN)}
    assert all("you were not told" in text for text in told.values())
    assert "not told" not in words.verdict_headline(Verdict.SUSPENDED, silent=None)


@pytest.mark.parametrize(
    ("table", "enumeration"),
    [
        pytest.param(words.VERDICT_WORD, Verdict, id="a word for each verdict"),
        pytest.param(words.VERDICT_TONE, Verdict, id="a tone for each verdict"),
        pytest.param(words.OUTCOME_WORD, Outcome, id="a word for each outcome"),
        pytest.param(words.OUTCOME_TONE, Outcome, id="a tone for each outcome"),
        pytest.param(words.KIND_WORD, PageKind, id="a word for each kind of page"),
        pytest.param(words.FAILURE_WORD, FailureKind, id="a word for each failure"),
    ],
)
def test_no_word_is_missing(table: dict[object, object], enumeration: type) -> None:
    assert set(table) == set(enumeration)  # type: ignore[call-overload]


def test_could_not_tell_never_looks_good() -> None:
    good = {one for one, tone in words.VERDICT_TONE.items() if tone is words.Tone.GOOD}
    assert good == {Verdict.VISIBLE}
    assert {one for one, tone in words.OUTCOME_TONE.items() if tone is words.Tone.GOOD} == {Outcome.SHOWN}


@pytest.mark.parametrize(("viewpoint", "outcome"), list(product((ANONYMOUS, AUTHOR), Outcome)))
def test_every_outcome_can_be_told_for_every_viewpoint(viewpoint: str, outcome: Outcome) -> None:
    assert words.seen_by(look(viewpoint, outcome), viewpoint=viewpoint)


def test_a_missing_author_view_is_said_to_be_unknown() -> None:
    assert "not known" in words.seen_by(None, viewpoint=AUTHOR)


def test_the_page_s_own_words_are_quoted() -> None:
    view = look(ANONYMOUS, Outcome.SUSPENDED, quote="This account\nis suspended.")
    assert words.seen_by(view, viewpoint=ANONYMOUS).endswith("“This account is suspended.” (HTTP 410)")


def test_what_a_shown_page_lacks_is_reported() -> None:
    blurred = Sign(id="blog.blurred", meaning=SignKind.BLURRED)
    view = look(ANONYMOUS, Outcome.SHOWN, signs=(blurred, blurred), noindex="noindex")
    assert words.seen_by(view, viewpoint=ANONYMOUS) == (
        "the page itself, with its text blurred or cut, with a request to search engines to leave it out"
    )


def test_the_page_that_explains_a_limited_profile_is_the_one_with_the_finding() -> None:
    shown = page(Verdict.VISIBLE, look(ANONYMOUS, Outcome.SHOWN), None)
    gone = page(Verdict.SUSPENDED, look(ANONYMOUS, Outcome.SUSPENDED), None, kind=PageKind.PUBLICATION)
    unsure = page(Verdict.INCONCLUSIVE, look(ANONYMOUS, Outcome.CHALLENGE), None, kind=PageKind.FEED)
    assert main_page(profile("jane", shown, unsure, gone, verdict=Verdict.LIMITED)) is gone
    assert main_page(profile("jane", shown, unsure, verdict=Verdict.INCONCLUSIVE)) is unsure


def test_an_expired_session_is_reported_with_the_command_that_fixes_it() -> None:
    def login(profile: str) -> str:
        return CommandHints("python3 bootstrap.py").command("login", profile, profiles="my.yaml")

    assert "selfcheck login late" in (words.session_trouble(session_expired()) or "")
    trouble = words.session_trouble(session_expired(), login) or ""
    assert trouble.endswith("Sign in again: python3 bootstrap.py login late --profiles my.yaml")


def test_no_problem_is_reported_for_a_session_that_works_or_was_never_there() -> None:
    assert words.session_trouble(suspended()) is None
    assert words.session_trouble(without_author()) is None


def test_the_tally_counts_the_worst_first() -> None:
    assert words.tally(run(healthy(), suspended(), without_author())) == "1 suspended, 1 missing, 1 visible"


@pytest.mark.parametrize("code", [one for one in ExitCode if one is not ExitCode.USAGE])
def test_every_exit_code_of_a_run_is_explained(code: ExitCode) -> None:
    assert words.exit_sentence(run(healthy(), exit_code=code)).startswith(f"Exit code {code.value}: ")


def test_exit_code_0_with_a_finding_does_not_claim_that_all_is_visible() -> None:
    assert "every profile" not in words.exit_sentence(run(suspended(), exit_code=0))


def test_a_picture_s_headline_claims_the_author_s_view_only_where_there_is_one() -> None:
    alone = page(Verdict.SUSPENDED, look(ANONYMOUS, Outcome.SUSPENDED), None)
    assert "author" not in page_headline(alone)
    assert "author still sees it" in page_headline(suspended().pages[0])


def test_every_page_of_a_full_run_has_a_picture_headline() -> None:
    assert all(page_headline(one) for profile in everything().profiles for one in profile.pages)


@pytest.mark.parametrize(
    ("opened", "headline", "word"),
    [
        pytest.param(True, "Only the author can open this page; it opened", "Opened", id="it opened"),
        pytest.param(
            False,
            "It is not known whether the stats page opens for its author",
            "Could not tell",
            id="it did not open",
        ),
    ],
)
def test_the_stats_page_is_never_called_visible(*, opened: bool, headline: str, word: str) -> None:
    assert page_headline(stats(opened=opened)) == headline
    assert words.page_word(stats(opened=opened))[0] == word
    assert "isible" not in words.look_word(stats(opened=opened), ANONYMOUS)[0]


def test_other_pages_keep_their_verdict_s_word() -> None:
    assert words.page_word(suspended().pages[0]) == ("Suspended", words.Tone.BAD)


def test_a_status_is_not_a_sentence_of_the_page() -> None:
    view = look(ANONYMOUS, Outcome.NOT_FOUND, quote="status 404", status=404, title="")
    assert words.seen_by(view, viewpoint=ANONYMOUS) == "a notice that there is no such page (HTTP 404)"


@pytest.mark.parametrize(
    ("handle", "title", "expected"),
    [
        pytest.param("@jane", "My Blog", "@jane on My Blog", id="with the platform's title"),
        pytest.param("jane", "My Blog", "jane on My Blog", id="a handle that people write without @"),
        pytest.param("@jane", "", "@jane on demo", id="an old run without a title"),
    ],
)
def test_a_profile_is_named_as_people_write_it(handle: str, title: str, expected: str) -> None:
    assert words.whose(profile("x", *healthy().pages, handle=handle, platform_title=title)) == expected
