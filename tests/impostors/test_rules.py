"""What likeness of name and picture means, and how it is shown."""

from datetime import UTC, datetime
from random import Random

import impostors as drawn
import pytest

from selfcheck.impostors.model import (
    AccountComparison,
    AccountPicture,
    Comparison,
    LikenessFinding,
    SeenAccount,
)
from selfcheck.impostors.render_page import page_html
from selfcheck.impostors.render_text import comparison_text
from selfcheck.impostors.rules import finding_of, likeness, why_unknown

MINE, OTHER, LETTER = (
    drawn.as_png(draw(Random(3))) for draw in (drawn.photograph, drawn.drawing, drawn.letter)
)
GONE = AccountPicture(why_not="its address answered 404")
EVERYBODYS = AccountPicture(data=MINE, is_default=True)
F = LikenessFinding


def account(name: str, picture: AccountPicture | bytes, handle: str = "") -> SeenAccount:
    held = picture if isinstance(picture, AccountPicture) else AccountPicture(data=picture)
    return SeenAccount(platform="Medium", handle=handle, url="https://a.example/x", name=name, picture=held)


ELENA = account("Elena Marsh", MINE, "@elena")


@pytest.mark.parametrize(
    ("own", "other", "known", "unknown"),
    [
        pytest.param(ELENA, account("Elena Marsh", MINE), F.NAME_AND_PICTURE, F.NAME_AND_PICTURE, id="both"),
        pytest.param(ELENA, account("Elena Marsh", OTHER), F.NAME_ONLY, F.NAME_ONLY, id="the name"),
        pytest.param(
            ELENA, account("", OTHER, "@elena_1"), F.NAME_ONLY, F.NAME_ONLY, id="the handle is enough"
        ),
        pytest.param(ELENA, account("Elena Marsh", GONE), F.NAME, F.NAME, id="a picture that is not there"),
        pytest.param(ELENA, account("Tom Vey", MINE), F.PICTURE_ONLY, F.PICTURE_ONLY, id="the picture"),
        pytest.param(ELENA, account("Tom Vey", OTHER), F.NEITHER, F.UNKNOWN, id="nothing"),
        pytest.param(
            ELENA, account("Tom Vey", LETTER), F.NEITHER, F.UNKNOWN, id="a letter is not my picture"
        ),
        pytest.param(
            ELENA, account("Tom Vey", EVERYBODYS), F.NEITHER, F.UNKNOWN, id="everybody's is not mine"
        ),
        pytest.param(
            ELENA, account("Tom Vey", GONE), F.UNKNOWN, F.UNKNOWN, id="another name, and no picture"
        ),
        pytest.param(ELENA, account("", OTHER), F.UNKNOWN, F.UNKNOWN, id="no name, and another picture"),
        pytest.param(
            account("Elena Marsh", LETTER),
            account("Elena Marsh", LETTER),
            F.NAME,
            F.NAME,
            id="two letters on one colour are not the same picture",
        ),
        pytest.param(
            account("Elena Marsh", EVERYBODYS),
            account("Elena Marsh", MINE),
            F.NAME,
            F.NAME,
            id="nor is the picture that everybody gets",
        ),
        pytest.param(
            account("Elena Marsh", LETTER), account("Tom Vey", MINE), F.NEITHER, F.UNKNOWN, id="another"
        ),
    ],
)
def test_likeness_has_its_finding(
    own: SeenAccount, other: SeenAccount, known: LikenessFinding, unknown: LikenessFinding
) -> None:
    found = likeness(own, other)
    assert finding_of(found, site_known=True) is known
    assert finding_of(found, site_known=False) is unknown  # it may be a wall, so only likeness is told
    assert why_unknown(found, site_known=True) != why_unknown(found, site_known=False)


def test_hostile_names_are_text_wherever_they_are_shown() -> None:
    name = "<script>alert(1)</script>\x1b[2J\u202e{{7*7}}"
    other = account(name, MINE, "@x\n<b>")
    found = likeness(ELENA, other)
    compared = AccountComparison(
        written=f"https://a.example/{name}",
        finding=F.PICTURE_ONLY,
        account=other,
        name=found.name,
        handle=found.handle,
        picture=found.picture,
    )
    comparison = Comparison(
        profile=name,
        at=datetime(2026, 11, 29, tzinfo=UTC),
        proof="p",
        is_proven=True,
        own=ELENA,
        accounts=(compared,),
    )
    text, page = comparison_text(comparison), page_html(comparison)
    assert not set(text) & {"\x1b", "\u202e"}
    assert not set(page) & {"\x1b", "\u202e"}
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    assert "49" not in text
    assert "Where to report it is not known" in text
