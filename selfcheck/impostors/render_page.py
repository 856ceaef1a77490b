"""A comparison as one HTML file that needs nothing else: both accounts side by side, with their pictures.

The pictures are reduced and made again as JPEG, so that no byte of a foreign file is in the page.
"""

import base64
from dataclasses import dataclass
from io import BytesIO

from selfcheck.core.labels import Tone
from selfcheck.core.templating import html_page
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import utc
from selfcheck.impostors.model import AccountComparison, Comparison, LikenessFinding, SeenAccount
from selfcheck.impostors.pictures import UnreadablePictureError, read_picture
from selfcheck.impostors.text import NO_JUDGEMENT, headline, likeness_lines, report_lines, tally

_SIDE = 240  # pixels


@dataclass(frozen=True, kw_only=True)
class _Card:
    """One account as the page shows it."""

    name: str
    handle: str
    platform: str
    url: str
    picture: str  # a data address; "": none
    no_picture: str


def page_html(comparison: Comparison) -> str:
    """Return the page of a comparison whose session was proved."""
    assert comparison.own is not None
    return html_page(
        "selfcheck.impostors",
        "side_by_side.html.j2",
        styles=("base.css", "side_by_side.css"),
        script=None,
        comparison=comparison,
        made_at=utc(comparison.at),
        own=_card(comparison.own),
        rows=[(compared, compared.account and _card(compared.account)) for compared in comparison.accounts],
        tally=tally(comparison),
        tone=_tone,
        headline=headline,
        likeness_lines=likeness_lines,
        report_lines=report_lines,
        no_judgement=NO_JUDGEMENT,
    )


def _tone(compared: AccountComparison) -> str:
    if compared.finding is LikenessFinding.NAME_AND_PICTURE:
        return Tone.WARN
    return Tone.WARN if compared.finding.is_alike else Tone.UNCLEAR


def _card(account: SeenAccount) -> _Card:
    picture, why_not = "", account.picture.why_not
    if account.picture.data:
        try:
            picture = _reduced(account.picture.data)
        except UnreadablePictureError as error:
            why_not = f"not shown: {error}"
    return _Card(
        name=one_line(account.name) or "(no name shown)",
        handle=account.handle,
        platform=account.platform,
        url=account.url,
        picture=picture,
        no_picture=why_not,
    )


def _reduced(data: bytes) -> str:
    image = read_picture(data).image.copy()
    image.thumbnail((_SIDE, _SIDE))
    held = BytesIO()
    image.save(held, "JPEG", quality=85)
    return f"data:image/jpeg;base64,{base64.b64encode(held.getvalue()).decode()}"
