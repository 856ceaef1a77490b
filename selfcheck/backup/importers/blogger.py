"""Blogger's export, in its two dialects: Atom of the Google Data API, and Takeout's `feed.atom` of 2018.

Both mix posts with readers' comments, the older one with templates and settings too; only posts and pages are
taken. What is in the bin at Blogger stays there.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from selfcheck.backup.importers.archive import Archive
from selfcheck.backup.importers.story_parts import imported_story, moment
from selfcheck.backup.importers.xml_items import text_of, xml_items
from selfcheck.backup.model import Story, StoryState
from selfcheck.core.hosts import join_address

MARK = re.compile(r"<feed\b[^>]*[\"']http://www\.w3\.org/2005/Atom[\"']", re.DOTALL)
_ATOM = "{http://www.w3.org/2005/Atom}"
_BLOGGER = "{http://schemas.google.com/blogger/2018}"
_APP = ("{http://purl.org/atom/app#}", "{http://www.w3.org/2007/app}")
_KIND = "http://schemas.google.com/g/2005#kind"
_STATES = {
    "LIVE": StoryState.PUBLISHED,
    "DRAFT": StoryState.DRAFT,
    "SCHEDULED": StoryState.SCHEDULED,
    "": StoryState.PUBLISHED,
}


def read_blogger(archive: Archive, names: tuple[str, ...], site: str | None = None) -> Iterator[Story]:
    """Yield the posts and pages of Blogger's export; `site` is the blog's address."""
    for name in names:
        for entry in xml_items(archive, name, {f"{_ATOM}entry"}):
            kinds = {c.get("term", "") for c in entry.findall(f"{_ATOM}category") if c.get("scheme") == _KIND}
            kind = text_of(entry, f"{_BLOGGER}type") or next(iter(kinds), "").rpartition("#")[2].upper()
            is_binned = (
                text_of(entry, f"{_BLOGGER}status") not in _STATES
                or entry.find(f"{_BLOGGER}trashed") is not None
            )
            if kind in {"POST", "PAGE"} and not is_binned:
                yield _story(entry, site)


def _story(entry: Element, site: str | None) -> Story:
    links = {link.get("rel"): link.get("href") or "" for link in entry.findall(f"{_ATOM}link")}
    path = text_of(entry, f"{_BLOGGER}filename")
    url = links.get("alternate") or (join_address(site, path) if site and path else "")
    state = _STATES[text_of(entry, f"{_BLOGGER}status")]
    if any(text_of(entry, f"{app}control/{app}draft") == "yes" for app in _APP):
        state = StoryState.DRAFT
    is_draft = state is StoryState.DRAFT
    published = moment(text_of(entry, f"{_ATOM}published"))
    return imported_story(
        html=text_of(entry, f"{_ATOM}content"),
        base_url=url or site,
        id=re.split(r"post-|page-", text_of(entry, f"{_ATOM}id"))[-1],
        platform="blogger",
        title=text_of(entry, f"{_ATOM}title"),
        slug=re.sub(r"\.html?$", "", (path or url).rpartition("/")[2]),
        url=url,
        published=None if is_draft else published,
        updated=moment(text_of(entry, f"{_ATOM}updated")) or (published if is_draft else None),
        state=state,
        tags=tuple(
            dict.fromkeys(
                category.get("term", "")
                for category in entry.findall(f"{_ATOM}category")
                if category.get("scheme") != _KIND and category.get("term")
            )
        ),
    )
