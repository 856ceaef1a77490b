"""Medium's export: `posts/*.html` beside a folder of personal data, which stays closed.

A draft has no date and no canonical address, only a link to itself. Responses to stories of others lie among
the posts; they are the author's words, but not stories: they are taken as unlisted.
"""

import re
from collections.abc import Iterator

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.backup.cleaning import flattened_if_deep
from selfcheck.backup.importers.archive import Archive
from selfcheck.backup.importers.story_parts import imported_story, moment, slugify
from selfcheck.backup.model import Story, StoryState
from selfcheck.core.hosts import host_of, split_address

POSTS = r"(?:^|/)posts/[^/]+\.html?$"
MARK = re.compile(r'class="[^"]*\bh-entry\b')
_ID = re.compile(r"(?:^|[-/_])([0-9a-f]{8,14})$")
_SPACE = re.compile(r"\s+")


def read_medium(archive: Archive, names: tuple[str, ...], _site: str | None = None) -> Iterator[Story]:
    """Yield the stories that Medium's export has; `names` are its posts."""
    for name in names:
        text = archive.text(name)
        if text is None:
            continue
        tree = LexborHTMLParser(flattened_if_deep(text))
        body = tree.css_first("[data-field=body], .e-content")
        if body is None:
            archive.leave_out(name, "it is not a story as Medium exports them")
        else:
            yield _story(tree, body, name)


def _story(tree: LexborHTMLParser, body: LexborNode, name: str) -> Story:
    title = _words(tree.css_first("h1.p-name") or tree.css_first("title"))
    subtitle = _words(tree.css_first("[data-field=subtitle]"))
    published = tree.css_first("time.dt-published")
    is_response = _is_response(tree, body, title)
    _take_out_headings(body, title, subtitle)
    canonical = _address(tree.css_first("a.p-canonical"))
    own = next((link for link in map(_address, tree.css("footer a")) if "/p/" in link), "")
    if not own and (found := _ID.search(name.rsplit(".", 1)[0])):
        own = f"https://medium.com/p/{found[1]}"
    story_id = _id(canonical) or _id(own)
    is_elsewhere = bool(canonical) and not _id(canonical) and "medium" not in host_of(canonical)
    state = StoryState.PUBLISHED if published is not None else StoryState.DRAFT
    return imported_story(
        html=body.inner_html or "",
        id=story_id,
        platform="medium",
        title=title,
        subtitle=subtitle or None,
        slug=_slug(own if is_elsewhere else canonical) or slugify(title),
        url=own if is_elsewhere or not canonical else canonical,
        canonical=canonical if is_elsewhere else None,
        published=moment(published.attributes.get("datetime")) if published is not None else None,
        state=StoryState.UNLISTED if is_response and published is not None else state,
        tags=tuple(dict.fromkeys(filter(None, map(_words, tree.css("a.p-tag"))))),
    )


def _take_out_headings(body: LexborNode, title: str, subtitle: str) -> None:
    """Remove the title and subtitle, which stand in the text once more, and the line above the first part."""
    for selector, words in ((".graf--title", title), (".graf--subtitle", subtitle)):
        node = body.css_first(selector)
        if node is not None and _words(node) == words:
            node.decompose()
    divider = body.css_first(".section-divider")
    if divider is not None:
        divider.decompose()


def _is_response(tree: LexborHTMLParser, body: LexborNode, title: str) -> bool:
    """Return whether the text answers a story of somebody else: its title is only its own first words."""
    if tree.css_first(".graf--title, [data-field=subtitle], .p-tag") is not None:
        return False
    return bool(title) and _words(body.css_first(".graf")).startswith(title.rstrip("…").strip())


def _words(node: LexborNode | None) -> str:
    return _SPACE.sub(" ", node.text()).strip() if node is not None else ""


def _address(node: LexborNode | None) -> str:
    return ((node.attributes.get("href") or "") if node is not None else "").strip()


def _id(address: str) -> str:
    """Return Medium's id at the end of an address of one of its stories."""
    match = _ID.search(split_address(address).path.rstrip("/"))
    return match[1] if match else ""


def _slug(address: str) -> str:
    last = split_address(address).path.rstrip("/").rsplit("/", 1)[-1]
    return _ID.sub("", last)
