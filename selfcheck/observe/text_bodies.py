"""Reads the text of a page to compare it between viewpoints: the story, without what stands around it.

Laws:
1. Left out is what differs between any two page loads: menus, forms, teasers, comments, blocks of mere links.
   What is left out wrongly makes a comparison weaker, never an accusation.
2. Only what a visitor can see counts: a sentence that the document has and the screen has not is missing.
3. Case, white space, quotation marks and numbers make no difference.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from zlib import crc32

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.core.observation import TextBody
from selfcheck.observe.page import OpenedPage, fold, text_of
from selfcheck.observe.page_shapes import MOST_HTML
from selfcheck.platforms.templates import for_selector

_MOST_SENTENCES = 4_000
_BEGIN = 16  # characters by which a torn sentence is known
_LINKS = 0.8  # of a block's characters: it is a list of links
_LARGEST = 0.5  # of the container's text: what holds more is not a teaser, whatever its class says
_LONGEST_INVITATION = 200  # characters: a longer line is part of a text

_NEVER = frozenset(
    {"script", "style", "noscript", "template", "nav", "footer", "aside", "svg", "form", "button"}
    | {"select", "textarea", "dialog", "iframe", "object", "-comment"}
)
_NEVER_ROLES = frozenset({"navigation", "complementary", "toolbar", "menu", "alert", "status", "dialog"})
_INLINE = frozenset(
    {"a", "abbr", "b", "bdi", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s"}
    | {"samp", "small", "span", "strong", "sub", "sup", "time", "u", "var", "wbr"}
)
_OF_THE_TEXT = _INLINE | frozenset(
    {"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "blockquote", "figure", "figcaption", "pre"}
    | {"table", "thead", "tbody", "tr", "td", "th", "dl", "dt", "dd", "br", "hr"}
)
"""Elements that writers use within a text; any other begins a place of its own."""
_AROUND = re.compile(
    r"(?:^|[\s_-])(?:related\w*|comments?|respond|responses?|replies|shar(?:e|ing)|social|recommend\w*|recirc\w*"
    r"|newsletter|toolbar|edit(?:bar|-?links?)|admin\w*|read-next|more-(?:stories|posts)|breadcrumbs?"
    r"|pagination|sidebar|teasers?|post-stats|author-(?:box|bio|tools))(?:$|[\s_-])"
)
_LOADING = re.compile(r"(?:^|[\s_-])(?:skeleton|placeholder|spinner|loading|shimmer)(?:$|[\s_-])")
_INVITATION = re.compile(
    r"(?:read|keep|continue|finish) (?:more|on|reading|the (?:rest|full|whole|entire))"
    r"|to (?:read|continue|see) (?:the|this|more|on|reading)|rest of (?:this|the) (?:post|story|article|text)"
    r"|(?:subscribers?|members?)[ -]only|for (?:paid |paying )?(?:subscribers|members|supporters|patrons)"
    r"|already a (?:paid )?(?:subscriber|member)|(?:show|view|load|see) (?:more|full|the full|all)"
    r"|unlock|free trial|paywall|excerpt|preview"
    r"|weiterlesen|mehr lesen|abonnent|mitglieder|lire la suite|abonn[ée]s|seguir leyendo|leer más|suscriptor"
    r"|continua a leggere|abbonati|continuar lendo|leia mais|assinantes|lees verder|czytaj dalej|читать"
    r"|続きを読む|会員|阅读全文|继续阅读|訂閱"
)
"""Words beside which a text may end because its owner has it so, in folded text."""
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=[\u3002\uff01\uff1f])")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True)
class _Block:
    text: str
    place: tuple[str, ...]


def text_body(page: OpenedPage) -> TextBody:
    """Return the text of an opened page; without container where it has none that can be compared."""
    tree = LexborHTMLParser(page.capture.html[:MOST_HTML])
    container, nodes = text_containers(tree, page)
    short = [fold(line) for line in page.capture.text.splitlines() if len(line) <= _LONGEST_INVITATION]
    invitations = tuple(sorted({_checksum(line) for line in short if _INVITATION.search(line)}))
    sentences = [
        (sentence, block.place)
        for node in nodes
        for block in _blocks(node)
        for sentence in _SENTENCE.split(block.text)
        if sentence and (not page.text or sentence in page.text)
    ]
    if not nodes or len(sentences) > _MOST_SENTENCES:
        return TextBody(invitations=invitations)
    numbers = {place: number for number, place in enumerate(dict.fromkeys(place for _, place in sentences))}
    return TextBody(
        container=container,
        hashes=tuple(_checksum(sentence) for sentence, _ in sentences),
        lengths=tuple(len(sentence) for sentence, _ in sentences),
        begins=tuple(_checksum(sentence[:_BEGIN]) for sentence, _ in sentences),
        places=tuple(numbers[place] for _, place in sentences),
        invitations=invitations,
        is_loading=page.capture.truncated
        or any(_is_loading(part) for node in nodes for part in node.css("[aria-busy], [class]")),
    )


def _checksum(text: str) -> int:
    return crc32(_DIGITS.sub("0", text).encode("utf-8", "replace"))


def _is_loading(node: LexborNode) -> bool:
    attributes = node.attributes
    busy = attributes.get("aria-busy") == "true"
    return busy or _LOADING.search(attributes.get("class") or "") is not None


# -- where the text stands -------------------------------------------------------------------------------


def text_containers(tree: LexborHTMLParser, page: OpenedPage) -> tuple[str, list[LexborNode]]:
    """Return the elements that hold the text: the file's, else the article, the main part, the whole page.

    Beside them stands which of these it is: `file`, `article`, `main`, `page`; empty where there is none.
    """
    if page.platform.body is not None:
        selector = page.filled(page.platform.body, for_selector)
        nodes = tree.css(selector) if selector is not None else []
        return "file", [node for node in nodes if not _is_within(node, nodes)]
    mains = sorted(tree.css("main, [role=main]"), key=_size, reverse=True)
    whole = mains[0] if mains and _size(mains[0]) else tree.body
    articles = tree.css("article")
    titled = [article for article in articles if article.css_first("h1") is not None]
    largest = max(titled or articles, key=_size, default=None)
    # An article that is the smaller part of the page may be a teaser of another story.
    if largest is not None and whole is not None and (titled or _size(largest) > _LARGEST * _size(whole)):
        return "article", [largest]
    if whole is None:
        return "", []
    return ("main" if mains and whole is mains[0] else "page"), [whole]


def _is_within(node: LexborNode, nodes: list[LexborNode]) -> bool:
    outer = {other.mem_id for other in nodes}
    parent = node.parent
    while parent is not None:
        if parent.mem_id in outer:
            return True
        parent = parent.parent
    return False


def _size(node: LexborNode) -> int:
    return len(text_of(node))


# -- its blocks ------------------------------------------------------------------------------------------


def _blocks(container: LexborNode) -> Iterator[_Block]:
    """Yield the blocks of text within an element, in order; a block of mere links is none."""
    most = _LARGEST * _size(container)
    text, links = "", 0
    place: tuple[str, ...] = ()
    for node, where in _walk(container, most):
        if node.tag == "-text":
            words = node.text_content or ""
            text, place = text + words, where
            links += len(words.strip()) if _is_in_link(node, container) else 0
        elif node.tag not in _INLINE or node.mem_id == container.mem_id:
            if (block := fold(text)) and links < _LINKS * len(block):
                yield _Block(block, place)
            text, links = "", 0


def _walk(container: LexborNode, most: float) -> Iterator[tuple[LexborNode, tuple[str, ...]]]:
    """Yield each node with the place where it stands, and an element once more at its end."""
    stack: list[tuple[LexborNode, tuple[str, ...], bool]] = [(container, (), False)]
    while stack:
        node, where, is_end = stack.pop()
        yield node, where
        if is_end or node.tag == "-text":
            continue
        stack.append((node, where, True))
        inner = where
        if node.tag not in _OF_THE_TEXT and node.mem_id != container.mem_id:
            inner = (*where, f"{node.tag} {node.attributes.get('class') or ''}")
        children = [child for child in node.iter(include_text=True) if not _is_around(child, most)]
        stack += [(child, inner, False) for child in reversed(children)]


def _is_around(node: LexborNode, most: float) -> bool:
    """Return whether it is not the text, but something around it."""
    if node.tag == "-text":
        return False
    attributes = node.attributes
    if node.tag in _NEVER or "hidden" in attributes or attributes.get("role") in _NEVER_ROLES:
        return True
    name = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".casefold()
    return (node.tag == "article" or _AROUND.search(name) is not None) and _size(node) <= most


def _is_in_link(node: LexborNode, container: LexborNode) -> bool:
    parent = node.parent
    while parent is not None and parent.mem_id != container.mem_id:
        if parent.tag == "a":
            return True
        if parent.tag not in _INLINE:
            return False
        parent = parent.parent
    return False
