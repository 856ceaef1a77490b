"""Substack's export: `posts.csv`, and a text for each post in `posts/<id>.<slug>.html`.

The newest posts may have no text. Lists of subscribers lie beside it and stay closed.
"""

import csv
import html
import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser

from selfcheck.backup.cleaning import flattened_if_deep
from selfcheck.backup.importers.archive import Archive
from selfcheck.backup.importers.story_parts import imported_story, moment
from selfcheck.backup.model import Story, StoryState

LIST = r"(?:^|/)posts\.csv$"
_OF_THE_SITE = (
    ".button-wrapper, .subscription-widget-wrap, .subscription-widget-wrap-editor, .subscribe-widget"
)
MARK = re.compile(r"^[^\n]*\bpost_id\b[^\n]*\bis_published\b")
_AUDIENCES = {"everyone": StoryState.PUBLISHED, "": StoryState.PUBLISHED}
_PUBLICATION = re.compile(r"https://[\w-]+\.substack\.com(?=/subscribe\b)")


def read_substack(archive: Archive, names: tuple[str, ...], site: str | None = None) -> Iterator[Story]:
    """Yield the stories of Substack's export; `names` are its lists of posts, `site` the publication."""
    for name in names:
        text = archive.text(name)
        folder = name.removesuffix("posts.csv") + "posts/"
        try:
            for row in csv.DictReader((text or "").splitlines(keepends=True)):
                yield from _stories(archive, folder, row, site)
        except csv.Error as error:
            archive.leave_out(name, f"the rest of it cannot be read ({error})")


def _stories(archive: Archive, folder: str, row: dict[str, str], site: str | None) -> Iterator[Story]:
    post_id, _, slug = (row.get("post_id") or "").partition(".")
    title, subtitle = (html.unescape(row.get(name) or "") for name in ("title", "subtitle"))
    name = next((name for name in (f"{folder}{post_id}.{slug}.html", f"{folder}{post_id}.html")
                 if name in archive), None)  # fmt: skip
    if name is None:
        archive.leave_out(title or post_id, "the export has no text of it; Substack adds it some days later")
        return
    text = archive.text(name)
    if text is None:
        return
    site = site or next(iter(_PUBLICATION.findall(text)), None)
    is_public = (row.get("is_published") or "").lower() == "true"
    state = _AUDIENCES.get(row.get("audience") or "", StoryState.MEMBERS) if is_public else StoryState.DRAFT
    if state is StoryState.PUBLISHED and row.get("type") == "adhoc_email":
        state = StoryState.UNLISTED
    yield imported_story(
        html=_without_buttons(text) + _recording(row.get("podcast_url") or ""),
        base_url=site,
        id=post_id,
        platform="substack",
        title=title,
        subtitle=subtitle or None,
        slug=slug,
        url=f"{site.rstrip('/')}/p/{slug}" if site and slug else "",
        published=moment(row.get("post_date")) if is_public else None,
        updated=None if is_public else moment(row.get("post_date")),
        state=state,
    )


def _without_buttons(text: str) -> str:
    tree = LexborHTMLParser(flattened_if_deep(text))
    for node in tree.css(_OF_THE_SITE):
        node.decompose()
    return (tree.body.inner_html or "") if tree.body else ""


def _recording(address: str) -> str:
    return f'<p><a href="{html.escape(address)}">Listen to the recording</a></p>' if address else ""
