"""The demo site's pages as HTML, XML and JSON, and the words of its error pages. No decision is made here."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime
from typing import Any

from markupsafe import Markup, escape

from selfcheck.core.templating import environment
from selfcheck.core.times import long_date
from selfcheck.demo.states import DemoAnswer
from selfcheck.demo.world import DemoAccount, DemoStory, Publication

Json = dict[str, Any]
"""A part of the state that is embedded in a page."""

GUARD = "])}while(1);</x>"
"""What precedes a JSON answer, so that no other site can read it as a script."""

CHART_HEIGHT = 190
CHART_FLOOR = 226


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """An error page: its status, its words and its mark."""

    status: int
    title: str
    heading: str
    sentence: str
    reason: str  # as the page's state and the JSON answer name it
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = ErrorPage(
    status=404,
    title="Page not found — Inkwell",
    heading="Page not found",
    sentence="We looked in every drawer. There is nothing written here.",
    reason="NotFound",
)
MESSAGES = {
    DemoAnswer.SUSPENDED: ErrorPage(
        status=410,
        title="410 {noun} suspended — Inkwell",
        heading="This {noun} is not available",
        sentence="This {noun} is under investigation or was found in violation of the Inkwell Rules.",
        reason="{Noun}Suspended",
    ),
    DemoAnswer.NOT_FOUND: NOT_FOUND,
    DemoAnswer.NOT_FOUND_200: replace(NOT_FOUND, status=200),
    DemoAnswer.NOT_FOUND_ONCE: NOT_FOUND,
    DemoAnswer.REMOVED: ErrorPage(
        status=410,
        title="410 Deleted by author — Inkwell",
        heading="Gone, by choice",
        sentence="The author deleted this Inkwell {noun}.",
        reason="RemovedByAuthor",
    ),
    DemoAnswer.RATE_LIMIT: ErrorPage(
        status=429,
        title="Too many requests — Inkwell",
        heading="A little slower, please",
        sentence="You have opened many pages in a short time. Try again in ten minutes.",
        reason="RateLimited",
        headers=(("Retry-After", "600"),),
    ),
    DemoAnswer.SERVER_ERROR: ErrorPage(
        status=503,
        title="Something went wrong — Inkwell",
        heading="Something went wrong on our side",
        sentence="The page could not be made just now. It is not you, it is us.",
        reason="ServerError",
    ),
}


def worded(message: ErrorPage, noun: str) -> ErrorPage:
    """Return the error page with its noun (account, story, publication, feed, page) filled in."""
    fill = {"noun": noun, "Noun": noun.capitalize()}
    return replace(
        message,
        title=message.title.format(**fill),
        heading=message.heading.format(**fill),
        sentence=message.sentence.format(**fill),
        reason=message.reason.format(**fill),
    )


@dataclass(frozen=True, kw_only=True)
class Visitor:
    """Who opens a page: the account that is signed in, if any."""

    account: DemoAccount | None = None
    notified: bool = False  # the account is suspended and its owner is told
    consent_asked: bool = True

    @property
    def handle(self) -> str | None:
        """Return the handle that is signed in, or None."""
        return self.account.handle if self.account else None

    @property
    def viewer(self) -> Json | None:
        """Return the visitor as the page's state names them, None without a session."""
        if self.account is None:
            return None
        return {"handle": self.account.handle, "name": self.account.name, "isSuspended": self.notified}

    @property
    def menu(self) -> Json | None:
        """Return what the page's head shows of the visitor, None without a session."""
        return {**self.viewer, "notified": self.notified} if self.viewer else None


class PageRenderer:
    """Renders pages for one site address."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.site = ""
        self._templates = environment("selfcheck.demo", long_date, _rfc822, _as_html)

    def page(self, template: str, visitor: Visitor, *, title: str, state: Json, **values: Any) -> bytes:
        """Return a page of the site's own layout; `state` is embedded in it together with the viewer."""
        common = {"robots": "", "canonical": "", "feed": "", "picture": ""}
        return self.bare(
            template,
            **{**common, **values},
            title=title,
            site=self.site,
            viewer=visitor.menu,
            consent=visitor.consent_asked,
            state=_script_json({"viewer": visitor.viewer, **state}),
        )

    def bare(self, template: str, **values: Any) -> bytes:
        """Return a template filled as it is."""
        return self._templates.get_template(template).render(**values).encode()

    def profile(
        self,
        visitor: Visitor,
        account: DemoAccount,
        stories: Sequence[DemoStory],
        *,
        publications: Sequence[Publication],
        robots: str,
    ) -> bytes:
        """Return an author's page."""
        return self.page(
            "profile.html",
            visitor,
            title=f"{account.name} — Inkwell",
            robots=robots,
            canonical=f"/@{account.handle}",
            feed=f"/feed/@{account.handle}" if stories else "",
            account=account,
            picture=f"/img/face/{account.face}.png",
            stories=stories,
            publications=publications,
            own=visitor.handle == account.handle,
            state=self.profile_state(account, stories, noindex="noindex" in robots),
        )

    def profile_state(self, account: DemoAccount, stories: Sequence[DemoStory], *, noindex: bool) -> Json:
        """Return what a profile's state holds."""
        return {
            "page": "profile",
            "profile": {**_author(account), "storyCount": len(stories), "noIndex": noindex},
            "stories": [self._listed(story) for story in stories],
        }

    def story(
        self, visitor: Visitor, account: DemoAccount, story: DemoStory, *, robots: str, blurred: bool
    ) -> bytes:
        """Return a story's page; members-only ones are shortened for everybody but their author."""
        gate = story.visibility == "LOCKED" and visitor.handle != account.handle
        return self.page(
            "story.html",
            visitor,
            title=f"{story.title} | by {account.name} | Inkwell",
            robots=robots,
            canonical=story.path,
            account=account,
            story=story,
            paragraphs=story.paragraphs[:2] if gate else story.paragraphs,
            blurred=blurred,
            gate=gate,
            state={
                "page": "story",
                "author": _author(account),
                "story": {
                    **self._listed(story),
                    "claps": story.claps,
                    "isLimited": blurred,
                    "isLocked": gate,
                },
            },
        )

    def publication(
        self, visitor: Visitor, publication: Publication, account: DemoAccount, stories: Sequence[DemoStory]
    ) -> bytes:
        """Return a publication's page."""
        about = {"slug": publication.slug, "name": publication.name, "subscribers": publication.followers}
        return self.page(
            "publication.html",
            visitor,
            title=f"{publication.name} — Inkwell",
            robots="index,follow",
            canonical=f"/pub/{publication.slug}",
            publication=publication,
            account=account,
            stories=stories,
            state={
                "page": "publication",
                "publication": about,
                "stories": [self._listed(story) for story in stories],
            },
        )

    def stats(self, visitor: Visitor, account: DemoAccount, stories: Sequence[DemoStory]) -> bytes:
        """Return the author's own numbers: today, and the days before as a chart."""
        days = [self.today - timedelta(days=n) for n in range(len(account.views), 0, -1)]
        before = [{"date": f"{day}", "views": views} for day, views in zip(days, account.views, strict=True)]
        bars = [*before, {"date": f"{self.today}", "views": account.views_today}]
        return self.page(
            "stats.html",
            visitor,
            title="Stats — Inkwell",
            robots="noindex",
            account=account,
            stories=stories,
            bars=_bars(bars),
            lines=_lines(bars),
            state={
                "page": "stats",
                "stats": {"today": account.views_today, "before": before, "followers": account.followers},
                "stories": [self._listed(story) for story in stories],
            },
        )

    def feed(self, title: str, link: str, own: str, entries: Sequence[tuple[DemoStory, str]]) -> bytes:
        """Return an RSS feed of the latest ten; `own` is its own path."""
        return self.bare("feed.xml", title=title, link=link, own=own, site=self.site, entries=entries[:10])

    def _listed(self, story: DemoStory) -> Json:
        return {
            "id": story.id,
            "title": story.title,
            "url": self.site + story.path,
            "publishedAt": f"{story.published}",
            "visibility": story.visibility,
        }


def guarded(payload: Json) -> bytes:
    """Return a JSON answer behind the guard."""
    return (GUARD + json.dumps(payload, ensure_ascii=False)).encode()


def _author(account: DemoAccount) -> Json:
    return {
        "handle": account.handle,
        "name": account.name,
        "followers": account.followers,
        "isSuspended": False,
    }


def _script_json(state: Json) -> Markup:
    """Return JSON that cannot end the script element around it."""
    text = json.dumps(state, ensure_ascii=False).replace("<", "\\u003c").replace("\u2028", "\\u2028")
    return Markup(text)  # noqa: S704  the only dangerous character has just been replaced


def _bars(days: Sequence[Json]) -> list[Json]:
    most = max([1, *(day["views"] for day in days)])
    bars = []
    for place, day in enumerate(days):
        height = round(day["views"] / most * CHART_HEIGHT, 1)
        bar = {"x": 56 + place * 60, "y": round(CHART_FLOOR - height, 1), "height": height}
        bars.append({**day, **bar, "label": day["date"][5:], "today": place == len(days) - 1})
    return bars


def _lines(days: Sequence[Json]) -> list[dict[str, int]]:
    most = max([1, *(day["views"] for day in days)])
    return [{"y": CHART_FLOOR - CHART_HEIGHT * n // 3, "value": most * n // 3} for n in range(4)]


def _rfc822(day: date) -> str:
    return format_datetime(datetime.combine(day, time(7, 30), UTC))


def _as_html(story: DemoStory) -> str:
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in story.paragraphs)
