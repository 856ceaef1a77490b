"""Ghost's export: one JSON file, alone or in a zip with its pictures in `content/images/`.

Members, staff's addresses and settings are in the same file; they are not read. A text is there as `html`, or
only as the editor's own document (`lexical`), which is then written as HTML; the editor before that
(`mobiledoc`) is not read without `html`.
"""

import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from selfcheck.backup.importers.archive import Archive
from selfcheck.backup.importers.story_parts import imported_story, moment, with_picture_first
from selfcheck.backup.model import Story, StoryState

MARK = re.compile(r'^\s*\{\s*"(?:db|meta|data)"\s*:')
_SITE = "__GHOST_URL__"
_STATES = {
    "published": StoryState.PUBLISHED,
    "scheduled": StoryState.SCHEDULED,
    "sent": StoryState.UNLISTED,  # only as a mail
    "draft": StoryState.DRAFT,
}
_MARKS = ((1, "strong"), (2, "em"), (4, "s"), (8, "u"), (16, "code"), (32, "sub"), (64, "sup"))
_TAGS = {"paragraph": "p", "quote": "blockquote", "aside": "blockquote", "listitem": "li"}


def read_ghost(archive: Archive, names: tuple[str, ...], site: str | None = None) -> Iterator[Story]:
    """Yield the stories of Ghost's export; `site` is the address that its addresses are relative to."""
    for name in names:
        text = archive.text(name)
        if text is None:
            continue
        try:
            tables = _tables(json.loads(text))
        except (ValueError, RecursionError) as error:
            archive.leave_out(name, f"it is not JSON ({error})")
            continue
        del text
        yield from _stories(archive, tables, (site or "").rstrip("/"), name)


def _tables(document: Any) -> Mapping[str, list[dict[str, Any]]]:
    """Return the rows of the export's tables by the tables' names; what is not a row is left out."""
    if isinstance(document, dict) and isinstance(document.get("db"), list) and document["db"]:
        document = document["db"][0]
    data = document.get("data") if isinstance(document, dict) else {}
    rows = data.items() if isinstance(data, dict) else ()
    return defaultdict(
        list, {name: [row for row in table if isinstance(row, dict)] for name, table in rows
               if isinstance(table, list)}
    )  # fmt: skip


def _stories(
    archive: Archive, tables: Mapping[str, list[dict[str, Any]]], site: str, name: str
) -> Iterator[Story]:
    tags = {str(tag.get("id")): str(tag.get("name") or "") for tag in tables["tags"]}
    metas = {str(meta.get("post_id")): meta for meta in tables["posts_meta"]}
    tags_of: dict[str, list[str]] = defaultdict(list)
    for link in sorted(tables["posts_tags"], key=lambda link: _number(link.get("sort_order"))):
        tags_of[str(link.get("post_id"))].append(tags.get(str(link.get("tag_id")), ""))
    pictures = {
        member.partition("content/images/")[2]: member for member in archive.names(r"content/images/")
    }

    def picture_bytes(url: str) -> bytes | None:
        return archive.picture(pictures.get(url.partition("/content/images/")[2], ""))

    for post in tables["posts"]:
        post_id, state = str(post.get("id") or ""), _state(post)
        body = _body(post)
        if body is None:
            archive.leave_out(str(post.get("title") or post_id), f"{name} has no text of it that can be read")
            continue
        alt = str(metas.get(post_id, {}).get("feature_image_alt") or "")
        body = with_picture_first(body, str(post.get("feature_image") or ""), alt)
        date = _moment(post.get("published_at"))
        yield imported_story(
            html=body.replace(_SITE, site),
            base_url=site or None,
            picture_bytes=picture_bytes,
            id=post_id,
            platform="ghost",
            title=str(post.get("title") or ""),
            subtitle=str(post.get("custom_excerpt") or "") or None,
            slug=str(post.get("slug") or ""),
            url=f"{site}/{post['slug']}/" if site and post.get("slug") else "",
            canonical=str(post.get("canonical_url") or "").replace(_SITE, site) or None,
            published=date if state is not StoryState.DRAFT else None,
            updated=_moment(post.get("updated_at")),
            state=state,
            language=post["locale"] if isinstance(post.get("locale"), str) else None,
            tags=tuple(dict.fromkeys(tag for tag in tags_of[post_id] if tag and not tag.startswith("#"))),
        )


def _state(post: Mapping[str, Any]) -> StoryState:
    state = _STATES.get(str(post.get("status")), StoryState.DRAFT)
    is_open = post.get("visibility") in ("public", None)  # it may be a list
    return state if is_open or state is not StoryState.PUBLISHED else StoryState.MEMBERS


def _moment(value: object) -> datetime | None:
    """Return a date that is milliseconds since 1970, or a text."""
    if isinstance(value, int | float):
        try:
            return datetime.fromtimestamp(value / 1000, UTC)
        except (OverflowError, OSError, ValueError):
            return None
    return moment(value) if isinstance(value, str) else None


def _number(value: object) -> float:
    return value if isinstance(value, int | float) else 0


def _body(post: Mapping[str, Any]) -> str | None:
    if isinstance(post.get("html"), str):
        return str(post["html"])
    try:
        document = json.loads(post.get("lexical") or "null")
        return "".join(map(_lexical, document["root"]["children"]))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return "" if not post.get("mobiledoc") and not post.get("lexical") else None


def _lexical(node: dict[str, Any]) -> str:  # noqa: PLR0911 - a table of the editor's nodes
    """Return a node of the editor's document as HTML; a card that is not known keeps its text or HTML."""
    kind = str(node.get("type"))
    inner = "".join(map(_lexical, node.get("children") or ()))
    match kind:
        case "text" | "extended-text" | "code-highlight":
            return _marked(node)
        case "linebreak":
            return "<br>"
        case "horizontalrule":
            return "<hr>"
        case "link":
            return f'<a href="{html.escape(str(node.get("url") or ""))}">{inner}</a>'
        case "image":
            address, alt = (html.escape(str(node.get(key) or "")) for key in ("src", "alt"))
            caption = f"<figcaption>{node['caption']}</figcaption>" if node.get("caption") else ""
            return f'<figure><img src="{address}" alt="{alt}">{caption}</figure>'
        case "codeblock":
            return f"<pre><code>{html.escape(str(node.get('code') or ''))}</code></pre>"
        case "heading" | "extended-heading":
            tag = str(node.get("tag") or "h2")
        case "list":
            tag = "ol" if node.get("listType") == "number" else "ul"
        case "html" | "markdown" | "callout" | "toggle":
            texts = (node.get(key) for key in ("heading", "html", "calloutText", "content", "markdown"))
            return "".join(f"<div>{text}</div>" for text in texts if isinstance(text, str))
        case _:
            tag = next((tag for name, tag in _TAGS.items() if kind.removeprefix("extended-") == name), "div")
    return f"<{tag}>{inner}</{tag}>"


def _marked(node: dict[str, Any]) -> str:
    text = html.escape(str(node.get("text") or ""), quote=False)
    for bit, tag in _MARKS:
        if int(_number(node.get("format"))) & bit:
            text = f"<{tag}>{text}</{tag}>"
    return text
