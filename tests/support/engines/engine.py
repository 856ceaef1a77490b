"""What the engines have in common: looks that a scenario names, texts, pages that are not the account's."""

import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from email.utils import formatdate

from saved_looks import CHANGES, Page, capture_of, failed, published, saved_case

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import AUTHOR, FailureKind

PARAGRAPHS = 8
SHOWN_OF_CUT = 3
STATES = {"d": "draft", "p": "private", "f": "future"}


@dataclass(frozen=True, kw_only=True)
class Ask:
    """One page load: of what, and who is signed in (nobody: `""`)."""

    visit: PageRequest
    viewer: str

    @property
    def handle(self) -> str:
        """Whose page it is; a story that was found in a list may be asked for without a name."""
        owner = re.search(r"/(\w+)-story-|/item\?id=(3)", self.visit.url)
        return self.visit.handle or (owner[1] or "zoe" if owner else "")

    @property
    def number(self) -> int:
        """The number of the story that was asked for; 0 for the first story that a new blog has."""
        if self.visit.url.endswith("/hello-world/"):
            return 0
        match = re.search(r"(?:story-|p=|id=\d00)(\d+)", self.visit.url)
        assert match, self.visit.url
        return int(match[1])

    @property
    def is_author(self) -> bool:
        return self.viewer == self.handle


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A story in a list, with the state that its owner gave it."""

    number: int
    state: str = "publish"

    @property
    def at(self) -> str:
        return iso(self.number)


def entries(which: str) -> Iterator[Entry]:
    """Read `1-3 p4 d5`: three stories, a private one, a draft (`f`: scheduled)."""
    for part in which.split():
        if part == "next":
            continue
        state = STATES.get(part[0], "publish")
        least, _, most = part.lstrip("dpf").partition("-")
        yield from (Entry(number=number, state=state) for number in range(int(least), int(most or least) + 1))


def iso(number: int) -> str:
    """Return when a story was published: story n n days before the page loads."""
    return datetime.fromtimestamp(published(number) / 1000, UTC).isoformat()


def paragraphs(number: int, count: int = PARAGRAPHS) -> str:
    """Return the first paragraphs of a story's text."""
    return "".join(
        f"<p>Paragraph {place} of story {number}: the tide takes its time, and what it leaves on the sand is "
        f"{place * 7 + number} shells, a rope, and a letter that nobody has opened for {place + number} "
        f"years.</p>"
        for place in range(1, count + 1)
    )


OWN = "jane"  # the account of the scenarios


def name_of(handle: str) -> str:
    return handle.replace("-", " ").title()


def rss(ask: Ask, which: str, link: Callable[[int], str], generator: str, home: str) -> Page:
    """Return a feed as most engines write it."""
    items = "".join(
        f"<item><title>Story {entry.number}</title><link>{link(entry.number)}</link>"
        f'<guid isPermaLink="false">{link(entry.number)}</guid>'
        f"<pubDate>{formatdate(published(entry.number) / 1000, usegmt=True)}</pubDate></item>"
        for entry in entries(which)
    )
    return Page(
        body='<?xml version="1.0" encoding="UTF-8"?><rss version="2.0" '
        'xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>{name_of(ask.handle)}</title><link>{home}</link>"
        f'<atom:link href="{ask.visit.url}" rel="self" type="application/rss+xml" />'
        f"<generator>{generator}</generator>{items}</channel></rss>",
        content_type="application/rss+xml",
    )


class Engine:
    """One engine: a method `look_…` for each page that a scenario can name."""

    name: str
    home: str
    sign_in_path: str
    feed_path = ""  # below a profile's address; "": there is no feed

    def addresses(self, handle: str) -> dict[str, str]:
        """Return the addresses of an account's pages by kind, as its owner reads them in a browser."""
        profile = self.profile_url(handle)
        return {"profile": profile} | ({"feed": f"{profile}{self.feed_path}"} if self.feed_path else {})

    def look(self, look: str, viewpoint: str, visit: PageRequest) -> Capture:
        """Return what a page load gets: `page(argument)`, a saved wall or a failure, then ` + change`s."""
        head, *changes = look.split(" + ")
        if head in set(FailureKind):
            return failed(FailureKind(head), viewpoint, visit)
        viewer = visit.handle if viewpoint == AUTHOR else ""
        for change in changes:
            if change == "signed-out":
                viewer = ""
            if change.startswith("signed-in-as("):
                viewer = change.partition("(")[2].removesuffix(")")
        page = self._page_named(head, Ask(visit=visit, viewer=viewer))
        for change in changes:
            name, _, argument = change.removesuffix(")").partition("(")
            if name not in {"signed-out", "signed-in-as"}:
                page = {**CHANGES, **OWN_CHANGES}[name](page, argument)
        return capture_of(page, viewpoint, visit)

    def _page_named(self, head: str, ask: Ask) -> Page:
        if head.startswith("wall-"):
            return saved_case(head)
        name, _, argument = head.removesuffix(")").partition("(")
        build: Callable[[Ask, str], Page] = getattr(self, f"look_{name.replace('-', '_')}")
        return build(ask, argument)

    # -- what each engine builds in its own way --

    def story_of(self, handle: str, number: int) -> str:
        raise NotImplementedError

    def look_gone(self, ask: Ask, argument: str) -> Page:
        raise NotImplementedError

    def look_front(self, ask: Ask, argument: str) -> Page:
        raise NotImplementedError

    def look_sign_in(self, ask: Ask, argument: str) -> Page:
        raise NotImplementedError

    def profile_url(self, handle: str) -> str:
        raise NotImplementedError

    def look_profile(self, ask: Ask, which: str) -> Page:
        raise NotImplementedError

    # -- pages that are alike everywhere --

    def look_led_home(self, ask: Ask, _: str) -> Page:
        return replace(self.look_front(ask, ""), final_url=f"{self.home}/")

    def look_led_to_list(self, ask: Ask, _: str) -> Page:
        return replace(self.look_front(ask, ""), final_url=f"{self.home}/tag/notes")

    def look_led_to_sign_in(self, ask: Ask, _: str) -> Page:
        return replace(self.look_sign_in(ask, ""), final_url=f"{self.home}{self.sign_in_path}")

    def look_led_to(self, ask: Ask, handle: str) -> Page:
        """Return another account's page, at its own address."""
        theirs = replace(ask, visit=replace(ask.visit, handle=handle))
        return replace(self.look_profile(theirs, "1-5"), final_url=self.profile_url(handle))

    def look_soft_gone(self, ask: Ask, argument: str) -> Page:
        """Return the page of what is not there, with the status of one that is."""
        return replace(self.look_gone(ask, argument), status=200)

    def look_odd_wall(self, _ask: Ask, _: str) -> Page:
        """Return a wall that no mark knows, with status 200."""
        return Page(
            body="<!DOCTYPE html><html><head><title>One moment</title></head><body><div id='gate'>"
            "<h1>Checking that you are a person</h1><p>This takes a few seconds.</p></div>"
            "<script src='/gate.js'></script></body></html>"
        )

    def look_maintenance(self, _ask: Ask, status: str) -> Page:
        return Page(
            body="<!DOCTYPE html><html><head><title>Maintenance</title></head><body><h1>Back soon</h1>"
            "<p>Briefly unavailable for scheduled maintenance. Check back in a minute.</p></body></html>",
            status=int(status or 503),
            headers={"retry-after": "600"},
        )


def _redesigned(page: Page, _: str) -> Page:
    """Rename every class and id, as a new theme does."""

    def renamed(match: re.Match[str]) -> str:
        words = " ".join(f"n{zlib.crc32(word.encode()):x}" for word in match[3].split())
        return f"{match[1]}={match[2]}{words}{match[2]}"

    return replace(page, body=re.sub(r"(?<=\s)(class|id)=(['\"])(.*?)\2", renamed, page.body))


OWN_CHANGES: dict[str, Callable[[Page, str], Page]] = {"redesigned": _redesigned}
