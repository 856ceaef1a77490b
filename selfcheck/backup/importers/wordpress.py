"""WordPress's export (WXR 1.0 to 1.2), also as WordPress.com and Squarespace write it.

Comments and the authors' addresses are not read. Old posts have no paragraphs in their text: WordPress makes
them of empty lines when it shows a post, and so does this reader.
"""

import re
from collections.abc import Iterator
from xml.etree.ElementTree import Element

from selfcheck.backup.importers.archive import Archive
from selfcheck.backup.importers.story_parts import imported_story, moment, with_picture_first
from selfcheck.backup.importers.xml_items import text_of, xml_items
from selfcheck.backup.model import Story, StoryState
from selfcheck.core.hosts import join_address

MARK = re.compile(r"xmlns:wp\s*=\s*[\"']http://wordpress\.org/export/")
_VERSIONS = ("1.2", "1.1", "1.0")
_CONTENT = "{http://purl.org/rss/1.0/modules/content/}encoded"
_STATES = {
    "publish": StoryState.PUBLISHED,
    "draft": StoryState.DRAFT,
    "pending": StoryState.DRAFT,
    "future": StoryState.SCHEDULED,
    "private": StoryState.UNLISTED,
}
_BLOCK = re.compile(
    r"<(?:p|div|h[1-6]|ul|ol|table|blockquote|pre|figure|section|article)\b|<!-- wp:", re.IGNORECASE
)
_CAPTION = re.compile(
    r"\[caption[^\]]{0,1000}\]\s*((?:<a\b[^>]*>)?\s*<img\b[^>]*>\s*(?:</a>)?)([^\[]*)\[/caption\]",
    re.IGNORECASE,
)
KEPT_STATE = "_selfcheck_state"
"""The name under which our own exports keep a state that WordPress does not have."""


def read_wordpress(archive: Archive, names: tuple[str, ...], site: str | None = None) -> Iterator[Story]:
    """Yield the posts and pages of WordPress's export; it may be several files."""
    pictures: dict[str, str] = {}  # an attachment's number -> its address
    for name in names:
        for item in xml_items(archive, name, {"item"}):
            address = _wp(item, "attachment_url")
            if address:
                pictures[_wp(item, "post_id")] = address
    for name in names:
        base, language = site, None
        for item in xml_items(archive, name, {"item", "link", "language"}):
            match item.tag:
                case "link":
                    base = base or item.text
                case "language":
                    language = item.text
                case _ if _wp(item, "post_type") in {"post", "page", ""}:
                    yield from _stories(item, base, language, pictures)


def _stories(
    item: Element, base: str | None, language: str | None, pictures: dict[str, str]
) -> Iterator[Story]:
    metas = {_wp(meta, "meta_key"): _wp(meta, "meta_value") for meta in _wp_all(item, "postmeta")}
    state = _STATES.get(_wp(item, "status"))
    if state is None:  # bins, revisions and what WordPress made by itself
        return
    if metas.get(KEPT_STATE) in set(StoryState):
        state = StoryState(metas[KEPT_STATE])
    elif _wp(item, "post_password"):
        state = StoryState.MEMBERS
    date = moment(_wp(item, "post_date_gmt").removeprefix("0000-00-00 00:00:00"))
    date = date or moment(text_of(item, "pubDate")) or moment(_wp(item, "post_date"))
    is_out = state not in {StoryState.DRAFT, StoryState.SCHEDULED}
    link = text_of(item, "link")
    url = join_address(base, link) if base and link else link
    slug = re.sub(r"\.html?$", "", _wp(item, "post_name")).rstrip("/").rsplit("/", 1)[-1]
    excerpts = (text_of(item, f"{{http://wordpress.org/export/{v}/excerpt/}}encoded") for v in _VERSIONS)
    yield imported_story(
        html=with_picture_first(
            _paragraphs(text_of(item, _CONTENT)), pictures.get(metas.get("_thumbnail_id", ""))
        ),
        base_url=base,
        id=_wp(item, "post_id"),
        platform="wordpress",
        title=text_of(item, "title"),
        subtitle=_plain(next(filter(None, excerpts), "")) or None,
        slug=slug,
        url=url if "://" in url else "",
        canonical=metas.get("_yoast_wpseo_canonical") or None,
        published=date if is_out or state is StoryState.SCHEDULED else None,
        updated=moment(_wp(item, "post_modified_gmt")) or (None if is_out else date),
        state=state,
        language=language or None,
        tags=tuple(
            dict.fromkeys(
                (category.text or "").strip()
                for category in item.findall("category")
                if category.get("domain") in {"category", "post_tag", "tag"}
                and category.get("nicename") != "uncategorized"
                and (category.text or "").strip()
            )
        ),
    )


def _paragraphs(text: str) -> str:
    """Return a text with captions as HTML, and with paragraphs where it has only empty lines."""
    text = _CAPTION.sub(r"<figure>\1<figcaption>\2</figcaption></figure>", text)
    if "<!-- wp:" in text or re.search(r"<p\b", text, re.IGNORECASE):
        return text
    parts = (part.strip() for part in re.split(r"\n\s*\n", text.replace("\r\n", "\n")))
    return "\n".join(
        part if _BLOCK.match(part) else "<p>" + part.replace("\n", "<br>\n") + "</p>"
        for part in parts
        if part
    )


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", text)).strip()


def _wp(element: Element, name: str) -> str:
    return next(filter(None, (text_of(element, f"{_namespace(v)}{name}") for v in _VERSIONS)), "")


def _wp_all(element: Element, name: str) -> list[Element]:
    return [child for version in _VERSIONS for child in element.findall(f"{_namespace(version)}{name}")]


def _namespace(version: str) -> str:
    return f"{{http://wordpress.org/export/{version}/}}"
