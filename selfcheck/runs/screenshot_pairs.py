"""From a page's looks to what its side-by-side picture is made of, and whether the run makes it."""

from collections.abc import Mapping

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Verdict
from selfcheck.core.headlines import picture_headline, shown_whole
from selfcheck.core.labels import FAILURE_WORD, look_word
from selfcheck.core.verdict import PageVerdict
from selfcheck.evidence.picture_words import PictureFacts
from selfcheck.evidence.side_by_side import PanelWords

_TITLES = {ANONYMOUS: "What the public sees", AUTHOR: "What the author sees"}
_NO_PICTURE = "No picture was taken of this page."
_WHO = {ANONYMOUS: "anonymous, not signed in", AUTHOR: "author, signed in"}


def picture_facts(page: PageVerdict, notes: Mapping[str, str] | None = None) -> PictureFacts:
    """Return what the page's picture is made of; `notes` (`Capture.picture_note`) go by screenshot."""
    screenshots = {who: look.screenshot for who, look in page.views.items() if look.screenshot}
    told = {who: (notes or {}).get(path, "") for who, path in screenshots.items()}
    words = {
        viewpoint: panel_words(page, viewpoint, note=_note(page, viewpoint, told.get(viewpoint, "")))
        for viewpoint in (ANONYMOUS, AUTHOR)
    }
    paths = {who: path for who, path in screenshots.items() if who in words}
    return PictureFacts(headline=picture_headline(page), differ=_differ(page), words=words, screenshots=paths)


def worth_a_picture(page: PageVerdict) -> bool:
    """Return whether somebody is likely to look at both views: they differ, or all is not well.

    A page that has one view alone, such as the author's statistics, has nothing to compare.
    """
    if page.verdict is not Verdict.VISIBLE:
        return True
    public, author = page.views.get(ANONYMOUS), page.views.get(AUTHOR)
    if public is None or author is None:
        return False
    return public.outcome is not author.outcome or bool(public.noindex) or _differ(page)


def _differ(page: PageVerdict) -> bool:
    """Return whether both views show the page and the public's may show less of it."""
    looks = [page.views.get(viewpoint) for viewpoint in (ANONYMOUS, AUTHOR)]
    both = all(look is not None and look.outcome is Outcome.SHOWN for look in looks)
    return both and not shown_whole(page)


def _note(page: PageVerdict, viewpoint: str, note: str) -> str:
    """Return what stands below a half: in what way the public gets less, which the pixels may not show."""
    look = page.views.get(viewpoint)
    if viewpoint != ANONYMOUS or look is None or look.outcome is not Outcome.SHOWN:
        return note
    if page.verdict is Verdict.LIMITED and page.firings:
        return f"{page.firings[0].reason} {note}".strip()
    return (
        f"Search engines are told to leave this page out ({look.noindex}). {note}".strip()
        if look.noindex
        else note
    )


def panel_words(page: PageVerdict, viewpoint: str, *, note: str = "") -> PanelWords:
    """Return the words of one half of a page's picture; without a look they say that none was taken."""
    look = page.views.get(viewpoint)
    word, tone = look_word(page, viewpoint)
    if look is None:
        return PanelWords(
            title=_TITLES[viewpoint],
            viewpoint=viewpoint,
            address=page.url,
            word=word,
            tone=tone,
            message=_no_look(viewpoint, page.kind),
        )
    signed_out = viewpoint == AUTHOR and look.signed_in is False
    return PanelWords(
        title=_TITLES[viewpoint],
        viewpoint="author, but not signed in" if signed_out else _WHO[viewpoint],
        address=look.final_url or look.url,
        word=word,
        tone=tone,
        taken_at=look.taken_at,
        status=look.status,
        message=f"No picture: {FAILURE_WORD[look.failure.kind]}." if look.failure else _NO_PICTURE,
        note=note,
    )


def _no_look(viewpoint: str, kind: PageKind) -> str:
    if viewpoint == ANONYMOUS and kind is PageKind.STATS:
        return "Only the author can open this page."
    if viewpoint == AUTHOR:
        return "The author's view was not opened: there is no saved session."
    return "This page was not opened without signing in."
