"""Who may see what of a run is decided in one place: a table of files, and documents reduced."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
from dataclasses import replace

import pytest
from sample_runs import everything, run, suspended

from selfcheck.core.enums import PageKind
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import RuleHit
from selfcheck.evidence.disclosure import (
    PRIVATE_NUMBERS,
    Audience,
    Disclosure,
    holds_word,
    page_folders,
    platform_name,
    without_words,
)
from selfcheck.judge.summary import BUT_NOTE

FOLDERS = {"jane/profile": True, "jane/stats": False}
SHOWN = ""


@pytest.mark.parametrize(
    ("path", "platform", "public"),
    [
        pytest.param("jane/profile/anonymous.png", SHOWN, SHOWN, id="what everybody sees"),
        pytest.param("jane/stats/anonymous.look.json", SHOWN, SHOWN, id="a logged-out look at statistics"),
        pytest.param("jane/profile/author.png", SHOWN, "only its author", id="the author's view of a public page"),
        pytest.param("jane/stats/author.png", PRIVATE_NUMBERS, "only its author", id="statistics"),
        pytest.param("jane/elsewhere/author.png", "cannot be told", "only its author", id="a page that is not named"),
        pytest.param("jane/profile/author.html", "not needed", "only its author", id="a file that later versions add"),
        pytest.param("jane/profile/anonymous.har", "not needed", "only its author", id="and one that looks public"),
        pytest.param("jane/profile/author.look.json", "proves nothing", "only its author", id="how it was fetched"),
        pytest.param("jane/case.json", "numbers that only", "only its author", id="the evidence for the judge"),
        pytest.param("jane/run.json", SHOWN, "only its author", id="the result of one profile"),
        pytest.param("run.json", "every profile", "only its author", id="the result of all profiles"),
    ],
)  # fmt: skip
def test_which_files_of_a_run_are_shown(path: str, platform: str, public: str) -> None:
    for audience, expected in ((Audience.PLATFORM, platform), (Audience.PUBLIC, public)):
        why = Disclosure(audience=audience).why_not(path, FOLDERS)
        assert expected in why if expected else why == SHOWN
    assert Disclosure(audience=Audience.OWNER).why_not(path, FOLDERS) == SHOWN


def test_statistics_are_shown_where_their_author_asks_for_it() -> None:
    assert (
        Disclosure(audience=Audience.PLATFORM, with_stats=True).why_not("jane/stats/author.png", FOLDERS)
        == ""
    )


@pytest.mark.parametrize("audience", [Audience.PLATFORM, Audience.PUBLIC])
def test_a_reduced_document_is_read_again_and_reduced_no_further(audience: Audience) -> None:
    disclosure = Disclosure(audience=audience)
    document = RunDocument.of(everything())
    first = document.profiles[0].name
    reduced = (
        disclosure.document(document) if audience is Audience.PUBLIC else disclosure.excerpt(document, first)
    )
    assert reduced is not None
    read = RunDocument.model_validate(json.loads(reduced.to_json()))
    again = disclosure.document(read) if audience is Audience.PUBLIC else disclosure.excerpt(read, first)
    assert again is not None
    assert again.plain()["profiles"] == reduced.plain()["profiles"]


def test_the_owner_is_shown_all_and_the_platform_one_profile_alone() -> None:
    document = RunDocument.of(run(suspended(), replace(suspended(), name="zebulon")))
    assert Disclosure(audience=Audience.OWNER).document(document) is document
    platform = Disclosure(audience=Audience.PLATFORM)
    assert platform.document(document).profiles == ()
    excerpt = platform.excerpt(document, "jane")
    assert excerpt is not None
    assert "zebulon" not in excerpt.to_json()
    assert platform.excerpt(document, "nobody") is None


def test_an_excerpt_remembers_which_pages_are_private() -> None:
    document = RunDocument.of(everything())
    for profile in document.profiles:
        excerpt = Disclosure(audience=Audience.PLATFORM).excerpt(document, profile.name)
        private = [page.folder for page in profile.pages if page.kind is PageKind.STATS]
        assert [folder for folder, shown in page_folders(excerpt).items() if not shown] == private
    assert page_folders(None) == {}


def test_private_words_are_left_out_of_texts_and_found_in_files() -> None:
    document = RunDocument.of(run(replace(suspended(), summary="Write to Jane@Example.org.")))
    shown = without_words(document, ["jane@example.org", ""])
    assert shown.profiles[0].summary == "Write to (left out)."
    assert (shown.started_at, shown.profiles[0].verdict) == (
        document.started_at,
        document.profiles[0].verdict,
    )
    assert without_words(document, [""]) is document
    assert holds_word(b'{"a": "JANE&amp;CO"}', ["jane&co"])
    assert not holds_word(b"nothing", ["", "jane"])


@pytest.mark.parametrize("platform", ["mine", "/home/jane/mine.yaml", "C:\\jane\\mine.yml"])
def test_a_platform_file_is_named_without_its_folder(platform: str) -> None:
    assert platform_name(platform) == "mine"


@pytest.mark.parametrize("audience", [Audience.PLATFORM, Audience.PUBLIC])
@pytest.mark.parametrize(
    ("summary", "shown"),
    [
        pytest.param(f"It is seen.{BUT_NOTE}views fell from 900 to 3.", "It is seen.", id="numbers"),
        pytest.param(
            "It is seen. But mind: views fell from 900 to 3.", "It is seen.", id="numbers, long ago"
        ),
        pytest.param(
            "Could not tell: you are signed in as @pen-name.", "Could not tell.", id="another account"
        ),
        pytest.param("It is suspended.", "It is suspended.", id="nothing private"),
    ],
)
def test_a_summary_is_shown_without_what_is_private(summary: str, shown: str, audience: Audience) -> None:
    firings = (RuleHit(rule="session.other-account", reason="You are signed in as @pen-name."),)
    document = RunDocument.of(run(replace(suspended(), summary=summary, firings=firings)))
    disclosure = Disclosure(audience=audience)
    public = audience is Audience.PUBLIC
    reduced = disclosure.document(document) if public else disclosure.excerpt(document, "jane")
    assert reduced is not None
    assert reduced.profiles[0].summary == shown
