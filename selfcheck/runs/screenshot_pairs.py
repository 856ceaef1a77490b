"""From a page's looks to its side-by-side picture."""

from collections.abc import Mapping

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Verdict
from selfcheck.core.headlines import page_headline, shown_whole
from selfcheck.core.labels import FAILURE_WORD, look_word
from selfcheck.core.verdict import PageVerdict
from selfcheck.evidence.side_by_side import Panel, Reduced, SideBySide, side_by_side

_TITLES = {ANONYMOUS: "What the public sees", AUTHOR: "What the author sees"}
_NO_PICTURE = "No picture was taken of this page."
_WHO = {ANONYMOUS: "anonymous, not signed in", AUTHOR: "author, signed in"}


def page_picture(
    page: PageVerdict,
    screenshots: Mapping[str, bytes | Reduced | None],
    notes: Mapping[str, str] | None = None,
) -> SideBySide:
    """Return the page's picture; `screenshots` (PNG) and `notes` (`Capture.picture_note`) go by viewpoint."""
    left, right = (
        panel(
            page,
            viewpoint,
            screenshot=screenshots.get(viewpoint),
            note=_note(page, viewpoint, (notes or {}).get(viewpoint, "")),
        )
        for viewpoint in (ANONYMOUS, AUTHOR)
    )
    return side_by_side(left, right, headline=page_headline(page), differ=_differ(page))


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


def panel(page: PageVerdict, viewpoint: str, *, screenshot: bytes | Reduced | None, note: str = "") -> Panel:
    """Return one half of a page's picture; without a look it says that none was taken."""
    look = page.views.get(viewpoint)
    word, tone = look_word(page, viewpoint)
    if look is None:
        return Panel(
            title=_TITLES[viewpoint],
            viewpoint=viewpoint,
            address=page.url,
            word=word,
            tone=tone,
            message=_no_look(viewpoint, page.kind),
        )
    signed_out = viewpoint == AUTHOR and look.signed_in is False
    return Panel(
        title=_TITLES[viewpoint],
        viewpoint="author, but not signed in" if signed_out else _WHO[viewpoint],
        address=look.final_url or look.url,
        word=word,
        tone=tone,
        taken_at=look.taken_at,
        status=look.status,
        screenshot=screenshot,
        message=f"No picture: {FAILURE_WORD[look.failure.kind]}." if look.failure else _NO_PICTURE,
        note=note,
    )


def _no_look(viewpoint: str, kind: PageKind) -> str:
    if viewpoint == ANONYMOUS and kind is PageKind.STATS:
        return "Only the author can open this page."
    if viewpoint == AUTHOR:
        return "The author's view was not opened: there is no saved session."
    return "This page was not opened without signing in."
