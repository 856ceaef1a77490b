"""Looks at accounts of the demo site that scenarios describe, without a server."""

from collections.abc import Mapping
from dataclasses import asdict, fields
from datetime import date
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from saved_looks import AT
from scenarios import NO_SESSION, OWN_SESSION, Scenario, scenarios
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, Failure, PageRequest, Redirect
from selfcheck.core.enums import AUTHOR, FailureKind
from selfcheck.core.request import ProfileRequest
from selfcheck.demo.loopback import Reply, SiteRequest
from selfcheck.demo.site import DemoSite
from selfcheck.demo.states import DemoState, state_from, state_named
from selfcheck.platforms.saved_pages import title_of, visible_text

INKWELL = "http://inkwell.invalid"
TODAY = date(2026, 1, 15)
MOST_REDIRECTS = 5


def demo_scenarios() -> tuple[Scenario, ...]:
    return tuple(one for one in scenarios() if one.platform == "demo")


@cache
def rows() -> Mapping[str, DemoState]:
    """The account of each scenario; every one has its own, so that nothing counted is shared."""
    return {one.name: _row(number, one.account) for number, one in enumerate(demo_scenarios(), start=1)}


def _row(number: int, account: Mapping[str, Any]) -> DemoState:
    own = {field.name for field in fields(DemoState)}
    changed = {name: value for name, value in account.items() if name in own}
    changed |= {"handle": f"writer-{number}", "author": f"Writer {number}", "publications": ()}
    return state_from({**asdict(state_named(account["like"])), **changed})


class QuietSite(DemoSite):
    """The demo site asked directly: nothing is served."""

    @property
    def url(self) -> str:
        return INKWELL

    def forget(self, handle: str) -> None:
        """Forget what was counted of this account, so that its first page load is the first again."""
        for key in [key for key in self._seen if key.split()[0] == handle]:
            del self._seen[key]


@cache
def quiet_site() -> QuietSite:
    return QuietSite(today=TODAY, more=tuple(rows().values()))


def as_never_opened(scenario: Scenario) -> None:
    """Let the scenario's account answer as if nobody had opened its pages yet."""
    quiet_site().forget(rows()[scenario.name].handle)


def demo_profile(scenario: Scenario, *, name: str = "writer", base_url: str | None = None) -> ProfileRequest:
    """The profile that a user would write for the scenario's account."""
    row = rows()[scenario.name]
    handle = row.handle.upper() if scenario.handle == "UPPER" else row.handle
    return ProfileRequest(
        name=name,
        platform="demo",
        handle=handle,
        base_url=base_url,
        publications=row.publications,
        stories=tuple(f"{INKWELL}{path}" for path in row.stories),
        latest_stories=scenario.latest,
        session=name,
    )


def session_handle(scenario: Scenario) -> str | None:
    """Return whose session is used, or None."""
    if scenario.session == NO_SESSION:
        return None
    return rows()[scenario.name].handle if scenario.session == OWN_SESSION else scenario.session


def demo_look(scenario: Scenario, viewpoint: str, visit: PageRequest) -> Capture:
    """Return what one look at the site receives, redirects followed."""
    handle = session_handle(scenario) if viewpoint == AUTHOR else None
    site = quiet_site()
    cookies = {site.cookie: site.sessions.make(handle)} if handle else {}
    url, steps = visit.url, []
    for _ in range(MOST_REDIRECTS):
        parts = urlsplit(url)
        query = dict(parse_qsl(parts.query))
        reply = site.answer(
            SiteRequest(method="GET", path=unquote(parts.path), query=query, form={}, cookies=cookies)
        )
        location = dict(reply.headers).get("Location")
        if location is None:
            return _capture(reply, viewpoint, visit, url, tuple(steps))
        steps.append(Redirect(url=url, status=reply.status, location=location))
        url = f"{INKWELL}{location}"
    raise AssertionError(visit.url)


def _capture(
    reply: Reply, viewpoint: str, visit: PageRequest, final_url: str, steps: tuple[Redirect, ...]
) -> Capture:
    if reply.hang:
        failure = Failure(kind=FailureKind.TIMEOUT, detail="no answer")
        return Capture(visit=visit, viewpoint=viewpoint, started_at=AT, finished_at=AT, failure=failure)
    html, kind = reply.body.decode(), reply.content_type.partition(";")[0]
    tree = LexborHTMLParser(html if kind == "text/html" else "")
    robots = tree.css_first("meta[name='robots']")
    return Capture(
        visit=visit,
        viewpoint=viewpoint,
        started_at=AT,
        finished_at=AT,
        status=reply.status,
        headers={name.lower(): value for name, value in reply.headers},
        content_type=kind,
        redirects=steps,
        final_url=final_url,
        title=title_of(tree),
        robots_meta=robots.attributes.get("content") if robots is not None else None,
        text=visible_text(html) if kind == "text/html" else html,
        html=html,
    )
