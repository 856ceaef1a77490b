"""What a side-by-side picture is made of, and what it says in German, for letters and alerts. Pure.

Laws:
1. The picture of a run is in English and sealed; one for a letter or an alert in another language is made of
   the same screenshots, and only its words are other ones.
2. The words are ASCII, as the picture's font is: German ones are chosen without umlauts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Verdict
from selfcheck.core.labels import OUTCOME_TONE, Tone
from selfcheck.core.run_document import PageRecord, ViewRecord
from selfcheck.evidence.side_by_side import DrawnWords, PanelWords

ENGLISH = DrawnWords()
GERMAN = DrawnWords(
    missing="fehlt hier",
    only="nur hier",
    differs="anders",
    left_out="... {:,} Pixel der Seite fehlen hier ...",
    part="Ein Teil der Seite wurde weggelassen.",
    cut="Die Seite geht weiter; hier ist das Bild zu Ende.",
    no_answer="keine Antwort",
    no_picture="Hier gibt es kein Bild.",
)
_TITLES = {ANONYMOUS: "Ohne Anmeldung", AUTHOR: "Als Autor angemeldet"}
_WHO = {ANONYMOUS: "anonym, nicht angemeldet", AUTHOR: "Autor, angemeldet"}
_KINDS = {
    PageKind.PROFILE: "Profil",
    PageKind.PUBLICATION: "Publikation",
    PageKind.STORY: "Text",
    PageKind.FEED: "Feed",
    PageKind.STATS: "Statistik",
}
_OUTCOMES = {
    Outcome.SHOWN: "sichtbar",
    Outcome.SUSPENDED: "gesperrt",
    Outcome.NOT_FOUND: "nicht gefunden",
    Outcome.REMOVED: "entfernt",
    Outcome.RESTRICTED: "nur zum Teil",
    Outcome.LOGIN_WALL: "nur mit Anmeldung",
    Outcome.CHALLENGE: "Robotersperre",
    Outcome.RATE_LIMITED: "zu viele Anfragen",
    Outcome.SERVER_ERROR: "Serverfehler",
    Outcome.UNREACHABLE: "keine Antwort",
    Outcome.UNRECOGNISED: "nicht erkannt",
}
_NOT_OPENED = "nicht abgerufen"


@dataclass(frozen=True, kw_only=True)
class PictureFacts:
    """All that a side-by-side picture is made of, but for the pixels and the words drawn into them."""

    headline: str
    differ: bool  # both show the page, and the place where they differ is to be marked
    words: Mapping[str, PanelWords]  # by viewpoint
    screenshots: Mapping[str, str]  # by viewpoint: the path in the run's folder, of those that were taken


def german_facts(page: PageRecord) -> PictureFacts:
    """Return what the picture of a page is made of in German (with `GERMAN`), by what the run recorded."""
    public, author = page.views.get(ANONYMOUS), page.views.get(AUTHOR)
    limited = page.verdict is Verdict.LIMITED and public is not None and public.outcome is Outcome.SHOWN
    less = "nur zum Teil sichtbar" if limited else _word(public)
    return PictureFacts(
        headline=f"{_KINDS[page.kind]}: ohne Anmeldung {less}, angemeldet {_word(author)}",
        differ=limited and author is not None and author.outcome is Outcome.SHOWN,
        words={
            ANONYMOUS: _panel(page, ANONYMOUS, "Ohne Anmeldung ist weniger zu sehen." if limited else ""),
            AUTHOR: _panel(page, AUTHOR, ""),
        },
        screenshots={who: look.screenshot for who, look in page.views.items() if look.screenshot},
    )


def _word(look: ViewRecord | None) -> str:
    return _OUTCOMES[look.outcome] if look is not None else _NOT_OPENED


def _panel(page: PageRecord, viewpoint: str, note: str) -> PanelWords:
    look = page.views.get(viewpoint)
    if look is None:
        title, who = _TITLES[viewpoint], _WHO[viewpoint]
        return PanelWords(title=title, viewpoint=who, address=page.url, word=_NOT_OPENED, tone=Tone.UNCLEAR)
    signed_out = viewpoint == AUTHOR and look.signed_in is False
    return PanelWords(
        title="Als Autor" if signed_out else _TITLES[viewpoint],
        viewpoint="Autor, aber nicht angemeldet" if signed_out else _WHO[viewpoint],
        address=look.final_url or page.url,
        word=_OUTCOMES[look.outcome],
        tone=OUTCOME_TONE[look.outcome],
        taken_at=look.taken_at,
        status=look.status,
        note=note,
    )
