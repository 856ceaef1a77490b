"""What a side-by-side picture says in German."""

import re

import pytest
from sample_runs import everything

from selfcheck.core.enums import ANONYMOUS, Outcome
from selfcheck.core.run_document import PageRecord, RunDocument
from selfcheck.evidence.picture_words import GERMAN, german_facts

ENGLISH = re.compile(r"(?i)\b(the|and|is|not|page|author|visitors|logged|shown|seen|story|profile)\b")
PAGES = [page for profile in RunDocument.of(everything()).profiles for page in profile.pages]


def words_of(page: PageRecord) -> list[str]:
    told = german_facts(page)
    panels = [
        text
        for one in told.words.values()
        for text in (one.title, one.viewpoint, one.word, one.note, one.message)
    ]
    return [told.headline, *panels, *vars(GERMAN).values()]


def test_every_page_of_a_run_has_german_words_that_its_font_can_show() -> None:
    told = [text for page in PAGES for text in words_of(page)]
    assert [text for text in told if ENGLISH.search(text) or not text.isascii()] == []


@pytest.mark.parametrize(
    ("outcome", "headline"),
    [
        (Outcome.SUSPENDED, "Profil: ohne Anmeldung gesperrt, angemeldet sichtbar"),
        (Outcome.NOT_FOUND, "Profil: ohne Anmeldung nicht gefunden, angemeldet sichtbar"),
    ],
)
def test_the_headline_says_what_both_views_show(outcome: Outcome, headline: str) -> None:
    page = next(page for page in PAGES if page.kind == "profile" and page.verdict == "suspended")
    public = page.views[ANONYMOUS].model_copy(update={"outcome": outcome})
    views = {**page.views, ANONYMOUS: public}
    assert german_facts(page.model_copy(update={"views": views})).headline == headline
