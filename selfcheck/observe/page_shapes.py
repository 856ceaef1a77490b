"""Takes the shape of a page, in linear time: how it is built and where its subject's name stands."""

import re
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from itertools import islice
from urllib.parse import parse_qsl, unquote, urljoin, urlsplit
from zlib import crc32

from selectolax.lexbor import LexborHTMLParser, LexborNode

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.hosts import split_address
from selfcheck.core.page_shape import MOST_FEATURES, Features, PageLink, PageShape
from selfcheck.observe.page import fold, text_of
from selfcheck.platforms.page_urls import own_address

MOST_HTML = 3_000_000
"""Characters of a document that are looked at."""

_MOST_NODES = 40_000
_MOST_LINES = 2_000
_MOST_SCRIPT = 1_500_000
_MOST_LINKS = 1_000
_LONGEST_LINE = 300
_LONGEST_PLACE = 200
_DEPTH = 4  # tags in a path

_HEADS = (
    ("meta[name]", "name"),
    ("meta[property]", "property"),
    ("link[rel]", "rel"),
    ("meta[property='og:type']", "content"),
)
_HOOKS = ("data-testid", "data-test", "id", "class", "role", "itemprop", "itemtype")
_KEY = re.compile(r'\\?"([A-Za-z_$@][\w$@-]{0,40})\\?"\s*:')
_TYPE = re.compile(r'"(?:__typename|@type)"\s*:\s*"(\w{1,60})"')
_DIGITS = re.compile(r"\d+")

_DENIAL = re.compile(
    r"suspend|banned|violat|terminat|deactivat|disabled|restrict|unavailable|not available|isn't available"
    r"|no longer|removed|deleted|does not exist|doesn't exist|not found|can't be found|cannot be found"
    r"|private|blocked|limited|withheld|under investigation|under review|forbidden|denied|not allowed"
    r"|sign in to|log in to|sign up to|subscribers only|members only|subscribe to|to continue|password"
    r"|verify|are you human|javascript|something went wrong|try again|error|closed"
    r"|gesperrt|gelöscht|entfernt|nicht verfügbar|nicht gefunden|existiert nicht|deaktiviert|verstoß|anmelden"
    r"|suspendu|supprimé|introuvable|indisponible|désactivé|suspendid|eliminad|no encontrad|no disponible"
    r"|sospes|rimoss|non trovat|non disponibile|suspens|removid|não encontrad|indispon"
)
_SESSION = re.compile(
    r"\W*(?:log|sign)[ -]?(?:in|out|up|off)\W*|\W*(?:register|subscribe|join)\W*"
    r"|\W*(?:anmelden|abmelden|se connecter|se déconnecter|iniciar sesión|cerrar sesión)\W*"
)
"""Lines that depend on who is looking, and not on the page."""
_LONGEST_DENIAL = 240  # characters: a longer line is part of a text, not what a platform says
GONE_WORDS = re.compile(
    r"not found|\b404\b|does not exist|doesn't exist|no longer exists?|nothing here|can't find|cannot find"
    r"|couldn't find|could not find|no such|nicht gefunden|existiert nicht|introuvable|n'existe pas"
    r"|no encontrad|no existe|non trovat|não encontrad|não existe"
)
"""What a page that does not exist may say, in folded text."""


def shape_of(capture: Capture) -> PageShape | None:
    """Return the shape of an HTML page that came whole, or None."""
    if capture.failure is not None or capture.truncated or "html" not in capture.content_type:
        return None
    name = subject_name(capture.visit)
    by = Handle(capture.visit.handle).name if name != Handle(capture.visit.handle).name else ""
    subject = _Subject(name, split_address(capture.visit.url).hostname or "", by)
    tree = LexborHTMLParser(capture.html[:MOST_HTML])
    texts = islice(capture.text.splitlines(), _MOST_LINES)
    lines = [subject.replaced(text) for text in texts if text.strip()]
    lines = [line for line in lines if not _SESSION.fullmatch(line)]
    return PageShape(
        status=capture.status,
        features={family: _sketch(words) for family, words in _features(tree, subject).items()},
        sentences=_sketch(lines),
        denials=_sketch(line for line in lines if len(line) <= _LONGEST_DENIAL and _DENIAL.search(line)),
        says_gone=any(len(line) <= _LONGEST_DENIAL and GONE_WORDS.search(line) for line in lines),
        asks_password=tree.css_first("input[type=password]") is not None,
        address=subject.address(capture.final_url or capture.visit.url)[0],
        places=frozenset(place[:_LONGEST_PLACE] for place in _places(tree, subject, capture)),
        links=tuple(_links(tree, subject, capture)),
        tools=frozenset(_tools(tree, capture)),
    )


def subject_name(visit: PageRequest) -> str:
    """Return the name by which a page of this visit names what it is about."""
    if visit.kind in {PageKind.PUBLICATION, PageKind.STORY} and visit.subject:
        name = visit.subject
        if "://" in name:  # a publication that is given by its address
            name = name.rstrip("/").rpartition("/")[2]
        if name == split_address(visit.url).hostname:  # one that has a host of its own
            name = name.partition(".")[0]
        name = name.removeprefix("@")
        return name.rpartition("=")[2] if "?" in name else name
    return Handle(visit.handle).name


def _sketch(words: Iterable[str]) -> Features:
    return frozenset(nsmallest(MOST_FEATURES, {crc32(word.encode("utf-8", "replace")) for word in words}))


class _Subject:
    """The name that a page should name, found as a word of its own: `jane` is not named by `jane-doe`."""

    def __init__(self, name: str, host: str, by: str = "") -> None:
        self._name = name.casefold()
        self._by = by.casefold()  # whose it is, where that is not the name: a story's author
        self._owner = self._by or self._name
        self._host = host.removeprefix("www.").removeprefix(f"{self._owner}.")
        self._pattern, self._by_pattern = _as_word(self._name), _as_word(self._by)

    def replaced(self, text: str) -> str:
        """Return folded text with `{}` for the name and 0 for numbers."""
        named = self._by_pattern.sub("{by}", self._pattern.sub("{}", fold(text)))
        return _DIGITS.sub("0", named)[:_LONGEST_LINE]

    def names(self, text: str) -> bool:
        return self._pattern.search(fold(text)) is not None

    def address(self, url: str) -> tuple[str, bool]:
        """Return the pattern of an address, and whether the name stands in it.

        The host is left out where it is the one that was asked, and `jane.example.org/` is the same as
        `example.org/@jane`: platforms give both to one account. A query counts only where it holds the name.
        """
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:
            return "", False
        segments = [self._segment(part) for part in parts.path.split("/") if part]
        if self._owner and host == f"{self._owner}.{self._host}":
            host, segments = self._host, ["@{by}" if self._by else "@{}", *segments]
        values = [pair for pair in parts.query.split("&") if self._segment(pair.partition("=")[2]) == "{}"]
        query = "&".join(f"{pair.partition('=')[0]}={{}}" for pair in values)
        shown_host = "" if host == self._host else host
        named = bool(self._name) and (bool(query) or any("{}" in segment for segment in segments))
        return f"{shown_host}/{'/'.join(segments)}{'?' if query else ''}{query}"[:_LONGEST_PLACE], named

    def form(self, url: str) -> str | None:
        """Return the address on its own site with `{}` for the name; None where it is on another site."""
        try:
            parts = urlsplit(url)
            host = (parts.hostname or "").removeprefix("www.")
        except ValueError:
            return None
        own = bool(self._owner) and host == f"{self._owner}.{self._host}"
        if parts.scheme not in {"http", "https"} or (host != self._host and not own):
            return None
        segments = (self._segment(part) for part in parts.path.split("/") if part)
        query = "&".join(f"{name}={self._segment(value)}" for name, value in parse_qsl(parts.query))
        return f"{'/@{}' if own else ''}/{'/'.join(segments)}{'?' if query else ''}{query}"

    def _segment(self, part: str) -> str:
        text = unquote(part).casefold()
        bare = text.lstrip("@~")
        if bare and bare in {self._name, self._by}:
            return text.replace(bare, "{}" if bare == self._name else "{by}")
        # Stories of two accounts differ in their dates and numbers, two accounts' own pages do not.
        return "#" if self._by and text.isdigit() else text


def _as_word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w-])[@~]?{re.escape(name)}(?![\w-])" if name else r"(?!)")


# -- how it is built -------------------------------------------------------------------------------------


def _features(tree: LexborHTMLParser, subject: _Subject) -> dict[str, list[str]]:
    script = _script_text(tree)
    return {
        "paths": list(_paths(tree)),
        "heads": [
            f"{selector} {node.attributes.get(name)}"
            for selector, name in _HEADS
            for node in tree.css(selector)
        ],
        "hooks": list(_hooks(tree, subject)),
        "scripts": [urlsplit(url).hostname or "own" for url in _sources(tree)],
        "keys": [*_KEY.findall(script), *(f"type {name}" for name in _TYPE.findall(script))],
    }


def _nodes(tree: LexborHTMLParser) -> Iterator[LexborNode]:
    if tree.root is None:
        return
    yield from islice(tree.root.traverse(include_text=False), _MOST_NODES)


def _paths(tree: LexborHTMLParser) -> Iterator[str]:
    for node in _nodes(tree):
        path = [node.tag]
        parent = node.parent
        while parent is not None and len(path) < _DEPTH:
            path.append(parent.tag)
            parent = parent.parent
        yield ">".join(map(str, path))


def _hooks(tree: LexborHTMLParser, subject: _Subject) -> Iterator[str]:
    for node in _nodes(tree):
        attributes = node.attributes
        for name in _HOOKS:
            for word in (attributes.get(name) or "").split()[:20]:
                yield f"{name} {subject.replaced(word)}"


def _sources(tree: LexborHTMLParser) -> Iterator[str]:
    for node in tree.css("script[src], link[rel=stylesheet][href]"):
        url = node.attributes.get("src") or node.attributes.get("href") or ""
        try:
            urlsplit(url)
        except ValueError:
            continue
        yield url


def _script_text(tree: LexborHTMLParser) -> str:
    texts, left = [], _MOST_SCRIPT
    for node in tree.css("script"):
        text = node.text(deep=True)[:left]
        texts.append(text)
        left -= len(text)
    return "\n".join(texts)


# -- what it links to ------------------------------------------------------------------------------------

_TOOLS = re.compile(
    r"^(?:wp-(?:admin|login|content|json)|ghost|log-?(?:in|out)|sign-?(?:in|out|up)|edit(?:-\w+)?|settings?"
    r"|accounts?|preferences|new-(?:post|story)|feed|rss)\b"
)
"""Parts of an address by which a site is used rather than read."""

_OWN_TOOLS = re.compile(
    r"me|my|admin|wp-admin|ghost|accounts?|settings?|preferences|dashboard|edit|compose|publish|manage|stats"
    r"|drafts?|new-(?:post|story)|log-?out|sign-?out",
    re.IGNORECASE,
)
"""Parts of an address by which people reach what is theirs, once they are signed in."""

_HEADLINES = "h1, h2, h3, h4"
_TITLE_LIKE = re.compile(r"[-_\d]|[^\x00-\x7f]|.{21}")


def _links(tree: LexborHTMLParser, subject: _Subject, capture: Capture) -> Iterator[PageLink]:
    base, known = capture.final_url or capture.visit.url, set()
    for node in tree.css("a[href]")[:_MOST_LINKS]:
        try:
            url = own_address(urljoin(base, (node.attributes.get("href") or "").strip()))
        except ValueError:
            continue
        form = subject.form(url)
        if form is None or url in known or any(_TOOLS.search(part) for part in form.split("/")):
            continue
        known.add(url)
        yield PageLink(
            url=url,
            title=text_of(node)[:_LONGEST_LINE],
            form=form,
            pattern=_pattern(form),
            headline=_in_headline(node) or node.css_first(_HEADLINES) is not None,
        )


def _tools(tree: LexborHTMLParser, capture: Capture) -> Iterator[str]:
    """Yield the parts of this site's own addresses by which people who are signed in reach what is theirs."""
    base = capture.final_url or capture.visit.url
    for node in tree.css("a[href]")[:_MOST_LINKS]:
        try:
            parts = urlsplit(urljoin(base, (node.attributes.get("href") or "").strip()))
        except ValueError:
            continue
        if parts.netloc == urlsplit(base).netloc:
            yield from (part.casefold() for part in parts.path.split("/") if _OWN_TOOLS.fullmatch(part))


def _pattern(form: str) -> str:
    """Return how an address is built: `*` for a part that looks like a title, `#` for a number."""
    path, mark, query = form.partition("?")
    parts: list[str] = []
    for part in path.split("/"):
        follows = any(name in {"*", "#"} for name in parts)  # `/2024/05/hello` is built as `/2024/05/a-title`
        parts.append("*" if follows and part.isalpha() else _kind_of(part))
    pairs = [pair.partition("=") for pair in query.split("&") if pair]
    return "/".join(parts) + mark + "&".join(f"{name}={_kind_of(value)}" for name, _, value in pairs)


def _kind_of(part: str) -> str:
    if part.isdigit():
        return "#"
    return ("@*" if part.startswith("@") else "*") if part != "@{}" and _TITLE_LIKE.search(part) else part


def _in_headline(node: LexborNode) -> bool:
    above: LexborNode | None = node
    for _ in range(3):
        above = above.parent if above is not None else None
        if above is not None and above.tag in {"h1", "h2", "h3", "h4"}:
            return True
    return False


# -- where the subject's name stands ---------------------------------------------------------------------

ADDRESS_PLACES = ("canonical", "og:url", "username")
"""Places made for programs, by which a page says whose it is."""

_ADDRESSES = (
    ("canonical", "link[rel=canonical]", "href"),
    ("og:url", "meta[property='og:url']", "content"),
    ("feed", "link[rel=alternate][type*=xml]", "href"),
)
_TEXTS = (("og:title", "meta[property='og:title']", "content"), ("h1", "h1", ""))


def _places(tree: LexborHTMLParser, subject: _Subject, capture: Capture) -> Iterator[str]:
    for place, selector, attribute in _ADDRESSES:
        for node in tree.css(selector)[:5]:
            pattern, named = subject.address(node.attributes.get(attribute) or "")
            if named:
                yield f"{place} {pattern}"
    for node in tree.css("meta[property='profile:username'], meta[name='profile:username']")[:2]:
        if subject.names(node.attributes.get("content") or ""):
            yield "username"
    if subject.names(capture.title):
        yield f"title {subject.replaced(capture.title)}"
    for place, selector, attribute in _TEXTS:
        for node in tree.css(selector)[:3]:
            text = (node.attributes.get(attribute) or "") if attribute else node.text(deep=True)
            if subject.names(text):
                yield f"{place} {subject.replaced(text)}"
