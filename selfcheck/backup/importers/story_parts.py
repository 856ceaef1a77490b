"""What the readers of all formats share: dates, slugs, and a story from a raw text."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from selfcheck.backup.cleaning import clean_html, picture_addresses, plain_text
from selfcheck.backup.importers.archive import without_controls
from selfcheck.backup.model import Origin, Picture, Story, StoryState

PictureBytes = Callable[[str], bytes | None]
"""Returns the bytes of a picture by its address in the text, where the export has them."""

_NOT_IN_SLUG = re.compile(r"[^\w]+")
_LONGEST_TITLE = 80


def moment(text: str | None) -> datetime | None:
    """Return a date as exports write it, in UTC; without a zone it is UTC. None where it is not a date."""
    text = (text or "").strip()
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        try:
            parsed = parsedate_to_datetime(text)
        except (ValueError, TypeError, IndexError, OverflowError):
            return None
    try:
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
    except OverflowError:
        return None


def slugify(text: str) -> str:
    """Return a text as the last part of an address: lower case, letters and digits joined by `-`."""
    plain = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))
    return _NOT_IN_SLUG.sub("-", re.sub("['\u2019]", "", plain)).strip("-_").lower()[:_LONGEST_TITLE]


def title_from(html: str) -> str:
    """Return the first words of a cleaned text, for one that has no title."""
    words = plain_text(html)
    if len(words) <= _LONGEST_TITLE:
        return words
    return words[:_LONGEST_TITLE].rsplit(" ", 1)[0] + "…"


def imported_story(
    *,
    html: str,
    title: str,
    base_url: str | None = None,
    picture_bytes: PictureBytes = lambda _: None,
    **fields: object,
) -> Story:
    """Return the story that an export tells of, with its text cleaned.

    `html` is the text as the export has it, `base_url` what its addresses are relative to; the other fields
    are those of Story. A story without a title gets its first words, one without a slug that of its title.
    """
    text = clean_html(without_controls(html), base_url)
    heading = without_controls(title).strip() or title_from(text)
    pictures = tuple(
        Picture(url=url, alt=alt, data=picture_bytes(url)) for url, alt in picture_addresses(text)
    )
    values = {"slug": slugify(heading), "state": StoryState.PUBLISHED, "url": "", **fields}
    values = {
        name: without_controls(value) if type(value) is str else value for name, value in values.items()
    }
    values["slug"] = values["slug"] or slugify(heading)
    values["id"] = values["id"] or values["slug"]
    return Story(html=text, title=heading, pictures=pictures, origin=Origin.OWN_EXPORT, **values)  # type: ignore[arg-type]


def with_picture_first(html: str, address: str | None, alt: str = "") -> str:
    """Return a text that begins with its title picture, unless it has that anyway."""
    if not address or address in html:
        return html
    escaped = [text.replace("&", "&amp;").replace('"', "&quot;") for text in (address, alt)]
    return f'<figure><img src="{escaped[0]}" alt="{escaped[1]}"></figure>\n{html}'
