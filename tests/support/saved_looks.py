"""Looks at saved page cases of Medium, with the changes that a scenario makes to them."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import formatdate
from functools import cache
from pathlib import Path
from typing import Any

from quick_yaml import yaml_file
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, Failure, JsonResponse, PageRequest, Redirect
from selfcheck.core.enums import AUTHOR, FailureKind, PageKind, SignKind
from selfcheck.core.observation import Sign
from selfcheck.platforms.saved_pages import title_of, visible_text

PAGES = Path(__file__).parents[1] / "pages" / "medium"
AT = datetime(2026, 1, 15, 12, 0, 0, tzinfo=UTC)
FIRST, SECOND = "a1b2c3d4e5f6", "b2c3d4e5f6a1"  # the stories that the saved profile lists
THEIR_FIRST, THEIR_SECOND = "f1f2f3f4f5f6", "f2f3f4f5f6f1"  # those that a control's profile lists
STRANGER = ('"viewer": null', '"viewer":null', '"id": "lo_', '"id":"lo_', '"userId": "lo_', '"userId":"lo_')
SIGNED_IN = '<button data-testid="headerNotificationButton" aria-label="notifications"></button>'


@dataclass(frozen=True, kw_only=True)
class Page:
    """An answer before it becomes a capture."""

    body: str
    status: int = 200
    final_url: str = ""
    content_type: str = "text/html"
    headers: dict[str, str] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)  # what the page fetched: address -> JSON
    truncated: bool = False
    hours: float = 0.0  # by how much the clock of the machine that looks is wrong


@cache
def saved_look(look: str, viewpoint: str, visit: PageRequest) -> Capture:
    """Return what this look receives: `case`, `case/view` or a kind of failure, then ` + change` for each."""
    head, *changes = look.split(" + ")
    if head in set(FailureKind):
        return failed(FailureKind(head), viewpoint, visit)
    signed_out = "signed-out" in changes
    page = saved_case(head, AUTHOR if viewpoint == AUTHOR and not signed_out else "anonymous")
    for change in changes:
        name, _, argument = change.removesuffix(")").partition("(")
        page = CHANGES[name](page, argument)
    return capture_of(_of(visit, page), viewpoint, visit)


@cache
def saved_case(name: str, viewpoint: str = "anonymous") -> Page:
    """Return a saved page of Medium, or a wall."""
    folder_name, _, named = name.partition("/")
    folder = PAGES / folder_name
    views = yaml_file(folder / "case.yaml")["views"]
    wanted = named or viewpoint
    own = wanted if wanted in views else next(iter(views))
    body = (folder / f"{own}.html").read_text(encoding="utf-8")
    if viewpoint == AUTHOR and own != AUTHOR:
        body = _signed_in(body, "jane")
    known = ("status", "final_url", "content_type", "headers")
    return Page(body=body, **{one: views[own][one] for one in known if one in views[own]})


def _signed_in(body: str, handle: str) -> str:
    """Make the page that of a signed-in visitor; a page without Medium's state (a wall) stays as it is."""
    viewer = f'"viewer": {{"__typename": "User", "username": "{handle}", "isSuspended": false}}'
    for mark in STRANGER:
        body = body.replace(mark, viewer if "viewer" in mark else mark.replace("lo_", "7d21"))
    return body.replace("<nav>", f"<nav>{SIGNED_IN}")


def _of(visit: PageRequest, page: Page) -> Page:
    """Make the saved page that of another handle or story, where that was asked for."""
    body = page.body
    if visit.handle.casefold() not in {"", "jane", "jane-old"}:
        body = body.replace(FIRST, THEIR_FIRST).replace(SECOND, THEIR_SECOND)
        body = body.replace("@jane", f"@{visit.handle}").replace(
            '"username": "Jane"', f'"username": "{visit.handle}"'
        )
    if visit.kind is PageKind.STORY and visit.subject not in {"", FIRST}:
        body = body.replace(FIRST, "#").replace(visit.subject, FIRST).replace("#", visit.subject)
    if visit.kind is PageKind.PUBLICATION and visit.subject:
        body = body.replace("field-notes", visit.subject)
    return replace(page, body=body)


def capture_of(page: Page, viewpoint: str, visit: PageRequest) -> Capture:
    """Return what a browser makes of the answer."""
    is_html = page.content_type == "text/html"
    tree = LexborHTMLParser(page.body if is_html else "")
    final_url = page.final_url or visit.url
    redirect = Redirect(url=visit.url, status=302, location=final_url)
    at = AT + timedelta(hours=page.hours)
    return Capture(
        visit=visit,
        viewpoint=viewpoint,
        started_at=at,
        finished_at=at,
        status=page.status,
        headers={"content-type": page.content_type, **page.headers},
        content_type=page.content_type,
        redirects=() if final_url == visit.url else (redirect,),
        final_url=final_url,
        title=title_of(tree) if is_html else "",
        robots_meta=_attribute(tree, "meta[name='robots' i]", "content"),
        canonical=_attribute(tree, "link[rel='canonical']", "href"),
        text=visible_text(page.body) if is_html else page.body,
        html=page.body,
        truncated=page.truncated,
        json_responses=tuple(
            JsonResponse(url=url, status=200, body=body) for url, body in page.answers.items()
        ),
    )


def _attribute(tree: LexborHTMLParser, css: str, name: str) -> str | None:
    node = tree.css_first(css)
    return node.attributes.get(name) if node is not None else None


def failed(kind: FailureKind, viewpoint: str, visit: PageRequest) -> Capture:
    """Return a page load that got no answer."""
    return Capture(
        visit=visit,
        viewpoint=viewpoint,
        started_at=AT,
        finished_at=AT,
        failure=Failure(kind=kind, detail=f"net::{kind.value}"),
    )


# -- changes -----------------------------------------------------------------------------------------------


def _cut(page: Page, share: str) -> Page:
    return replace(page, body=page.body[: int(len(page.body) * float(share or 0.5))], truncated=True)


def _cut_after(page: Page, words: str) -> Page:
    """End the document behind these words."""
    end = page.body.index(words) + len(words)
    return replace(page, body=page.body[:end], truncated=True)


def _wrong_charset(page: Page, charset: str) -> Page:
    return replace(page, body=page.body.encode().decode(charset or "cp1252", "replace"))


def _instead(page: Page, words: str) -> Page:
    """Replace one text by another: `instead(old => new)`; the old one must be there."""
    old, _, new = words.partition(" => ")
    assert old in page.body, f"no {old!r} to be replaced"
    return replace(page, body=page.body.replace(old, new))


def _numbers(text: str) -> list[int]:
    ranges = [one.partition("-") for one in text.split()]
    return [number for least, _, most in ranges for number in range(int(least), int(most or least) + 1)]


def story_id(number: int) -> str:
    return {1: FIRST, 2: SECOND}.get(number, f"{number:012x}")


def published(number: int) -> int:
    """When a story was published, in milliseconds of the epoch: story n n days before the looks."""
    ago = timedelta(days=number) if number else timedelta(minutes=10)
    return round((AT - ago).timestamp() * 1000)


def _posts(page: Page, which: str) -> Page:
    """Let the page's state and elements list these stories: `posts(1 3-9)`, the newest usually first."""
    before, state, after = re.split(r"(?<=__APOLLO_STATE__ = )(.*?)(?=</script>)", page.body, maxsplit=1)
    known = {name: value for name, value in json.loads(state).items() if not name.startswith("Post:")}
    numbers = _numbers(which)
    for holder in known.values():
        for name in holder:
            if name.startswith("homepagePostsConnection("):
                holder[name]["posts"] = [{"__ref": f"Post:{story_id(one)}"} for one in numbers]
    known |= {f"Post:{story_id(one)}": _post(one) for one in numbers}
    cards = "".join(
        f'<article><h2><a href="{_post(one)["mediumUrl"]}">Story {one}</a></h2></article>' for one in numbers
    )
    before = re.sub(r"(<main[^>]*>)<article>.*</article>", lambda begin: begin[1] + cards, before)
    return replace(page, body=f"{before}{json.dumps(known)}{after}")


def _post(number: int) -> dict[str, Any]:
    return {
        "id": story_id(number),
        "__typename": "Post",
        "title": f"Story {number}",
        "mediumUrl": f"https://medium.com/@jane/story-{story_id(number)}",
        "firstPublishedAt": published(number),
        "visibility": "PUBLIC",
    }


def _items(page: Page, which: str) -> Page:
    """Let the feed hold these stories."""
    items = "".join(
        f"<item><title>Story {story_id(number)}</title>"
        f"<link>https://medium.com/@jane/x-{story_id(number)}</link>"
        f'<guid isPermaLink="false">https://medium.com/p/{story_id(number)}</guid>'
        f"<pubDate>{formatdate(published(number) / 1000, usegmt=True)}</pubDate></item>"
        for number in _numbers(which)
    )
    return replace(page, body=re.sub(r"<item>.*</item>", items, page.body, flags=re.DOTALL))


def _unlisted(page: Page, which: str) -> Page:
    """Let the page's state say that its owner unlisted these stories."""
    body = page.body
    for number in _numbers(which):
        own = f'"firstPublishedAt": {published(number)}, "visibility": '
        body = body.replace(f'{own}"PUBLIC"', f'{own}"UNLISTED"')
    return replace(page, body=body)


def _long(page: Page, characters: str) -> Page:
    words = "The tide takes its time. " * (int(characters) // 25)
    return replace(page, body=page.body.replace("</article>", f"<p>{words}</p></article>"))


_NTH = ("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth")


def _text(page: Page, which: str) -> Page:
    """Let the story have these of eight paragraphs, for instance `text(1-4)`: 1,250 characters in all."""
    paragraphs = "".join(
        f"<p>The tide came in for the {_NTH[number - 1]} time that week and left a line of weed along "
        f"the wall. In the {_NTH[number - 1]} house they spoke of the boats, and of whose turn it was.</p>"
        for number in _numbers(which)
    )
    return replace(page, body=page.body.replace("</article>", f"{paragraphs}</article>"))


def _banner(page: Page, _: str) -> Page:
    words = "We use cookies. Accept all or reject what is not needed before you go on."
    return replace(page, body=page.body.replace("<body>", f'<body><div role="dialog"><p>{words}</p></div>'))


def _without_state(page: Page, _: str) -> Page:
    return replace(page, body=re.sub(r"<script>window\.__(?:APOLLO|PRELOADED).*?</script>", "", page.body))


def _new_keys(page: Page, _: str) -> Page:
    """Rename every key of the page's data, as a platform does without notice."""

    def renamed(script: re.Match[str]) -> str:
        return re.sub(r'(\\?")([A-Za-z_$][\w$-]*)(\\?"\s*:)', r"\1new\2\3", script[0])

    return replace(page, body=re.sub(r"<script[^>]*>.*?</script>", renamed, page.body, flags=re.DOTALL))


def _signed_in_as(page: Page, handle: str) -> Page:
    body = page.body.replace('"username": "jane", "isSuspended"', f'"username": "{handle}", "isSuspended"')
    body = body.replace('"viewer": {"__ref": "User:7d21c0ffee01"}', f'"viewer": {{"username": "{handle}"}}')
    return replace(page, body=body)


def _robots(page: Page, words: str) -> Page:
    body = re.sub(r'<meta[^>]*name="robots"[^>]*>', "", page.body)
    return replace(page, body=body.replace("<head>", f'<head><meta name="robots" content="{words}"/>'))


def _status(page: Page, code: str) -> Page:
    return replace(page, status=int(code))


def _header(page: Page, line: str) -> Page:
    name, _, value = line.partition(": ")
    return replace(page, headers={**page.headers, name: value})


def _moved(page: Page, url: str) -> Page:
    return replace(page, final_url=url)


def _clock(page: Page, hours: str) -> Page:
    return replace(page, hours=float(hours))


def _same(page: Page, _: str) -> Page:
    return page


CHANGES: dict[str, Callable[[Page, str], Page]] = {
    "cut": _cut,
    "cut-after": _cut_after,
    "wrong-charset": _wrong_charset,
    "instead": _instead,
    "posts": _posts,
    "items": _items,
    "unlisted": _unlisted,
    "long": _long,
    "text": _text,
    "banner": _banner,
    "without-state": _without_state,
    "new-keys": _new_keys,
    "signed-in-as": _signed_in_as,
    "means": _same,  # the page shows a sign that no shipped platform file knows; see `signs_of`
    "signed-out": _same,  # the author's page load gets what logged-out visitors get
    "robots": _robots,
    "status": _status,
    "header": _header,
    "moved": _moved,
    "clock": _clock,
}


def signs_of(look: str) -> tuple[Sign, ...]:
    """Return the signs that a platform file might read from this look: `case + means(private)`."""
    meanings = [part[6:-1] for part in look.split(" + ") if part.startswith("means(")]
    return tuple(Sign(id=f"scenario.{one}", meaning=SignKind(one)) for one in meanings)


def page_named(visit: PageRequest, viewpoint: str) -> str:
    """Return the name under which a scenario says what this visit's look gets."""
    name = visit.kind.value
    if visit.folder.endswith("medium.json"):
        name = "json"
    elif visit.folder.endswith("medium.feed"):
        name = "feed instead"
    elif visit.folder.startswith("controls/"):
        name = "absent" if "/absent-" in visit.folder else "live"
        if name == "live" and visit.kind is not PageKind.PROFILE:
            name = f"live {visit.kind.value}"
    elif visit.kind is PageKind.STORY and visit.subject != FIRST:
        name = "second story"
    return f"{name} author" if viewpoint == AUTHOR else name
