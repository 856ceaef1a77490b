"""What follows from the likeness of names and pictures. Pure.

Laws:
1. A name is alike where the names or the handles are; a picture only where both could be compared.
2. What could not be compared is never taken for different.
3. Of a site that no platform file knows, a page that does not look alike may be a wall or a sign-in page: it
   is unknown.
"""

from dataclasses import dataclass

from selfcheck.impostors.model import LikenessFinding, SeenAccount
from selfcheck.impostors.names import Alike, NameLikeness, compare_names
from selfcheck.impostors.pictures import (
    PictureAlike,
    PictureLikeness,
    UnreadablePictureError,
    compare_pictures,
    read_picture,
)


@dataclass(frozen=True, kw_only=True)
class Likeness:
    """How alike two accounts are."""

    name: NameLikeness
    handle: NameLikeness
    picture: PictureLikeness


def likeness(own: SeenAccount, other: SeenAccount) -> Likeness:
    """Return how alike another account is to the author's."""
    return Likeness(
        name=compare_names(own.name, other.name),
        handle=compare_names(own.handle.lstrip("@"), other.handle.lstrip("@")),
        picture=_pictures(own, other),
    )


def _pictures(own: SeenAccount, other: SeenAccount) -> PictureLikeness:
    if own.picture.is_default:
        why = "yours is the picture that the platform gives everybody"
        return PictureLikeness(alike=PictureAlike.TOO_PLAIN, why=why)
    for whose, account in (("your picture", own), ("its picture", other)):
        if account.picture.why_not:
            why = f"{whose} was not read: {account.picture.why_not}"
            return PictureLikeness(alike=PictureAlike.UNKNOWN, why=why)
    try:
        mine = read_picture(own.picture.data)
    except UnreadablePictureError as error:
        return PictureLikeness(alike=PictureAlike.UNKNOWN, why=f"your picture cannot be compared: {error}")
    if other.picture.is_default:
        return PictureLikeness(
            alike=PictureAlike.DIFFERENT, why="it is the one that the platform gives everybody"
        )
    try:
        theirs = read_picture(other.picture.data)
    except UnreadablePictureError as error:
        return PictureLikeness(alike=PictureAlike.UNKNOWN, why=f"its picture cannot be compared: {error}")
    return compare_pictures(mine, theirs)


def finding_of(found: Likeness, *, site_known: bool) -> LikenessFinding:
    """Return what the likeness of two accounts means."""
    named = found.name.is_alike or found.handle.is_alike
    picture = found.picture.alike
    if named:
        if picture is PictureAlike.ALIKE:
            return LikenessFinding.NAME_AND_PICTURE
        return LikenessFinding.NAME_ONLY if picture is PictureAlike.DIFFERENT else LikenessFinding.NAME
    if picture is PictureAlike.ALIKE:
        return LikenessFinding.PICTURE_ONLY
    name_told = Alike.DIFFERENT in {found.name.alike, found.handle.alike}
    if site_known and name_told and picture is PictureAlike.DIFFERENT:
        return LikenessFinding.NEITHER
    # A name that differs is enough where there is no picture of one's own that could be taken.
    if site_known and found.name.alike is Alike.DIFFERENT and picture is PictureAlike.TOO_PLAIN:
        return LikenessFinding.NEITHER
    return LikenessFinding.UNKNOWN


def why_unknown(found: Likeness, *, site_known: bool) -> str:
    """Return why the comparison could not tell."""
    if not site_known:
        return "no platform file knows this site, so the page may be another one than the account's"
    if found.name.alike is Alike.UNKNOWN and found.handle.alike is Alike.UNKNOWN:
        return "the page does not show a name"
    return f"the names differ; {found.picture.why}"
