"""Inkwell, the demo site: a blog platform on loopback whose accounts are in named states.

Laws:
1. What an account answers is decided by its state and by the visitor; nothing here knows a name.
2. What is counted (rate limits, caches) is counted per site and handle, and forgotten by `reset`.
3. A visitor with a valid session of an account is its author; everybody else is the public.
"""

import importlib.resources
import re
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import partial
from typing import Any, ClassVar
from urllib.parse import quote

from selfcheck.core.handle import Handle
from selfcheck.demo.loopback import LoopbackSite, Reply, SiteRequest
from selfcheck.demo.pages import MESSAGES, NOT_FOUND, ErrorPage, PageRenderer, Visitor, guarded, worded
from selfcheck.demo.states import DemoAnswer, DemoState, Trait, state_named
from selfcheck.demo.world import all_rows, build_world, cover, listed, photograph, portrait

PASSWORD = "inkwell"  # noqa: S105  printed on the sign-in page
PAGES_BEFORE_LIMIT = 1
ASSET_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript", ".svg": "image/svg+xml"}
HELP = {
    "rules": ("The Inkwell Rules", "Write what is yours, be kind, and do not flood the place."),
    "appeals": ("Appeals", "Tell us what happened at appeals@inkwell.invalid; a person reads every letter."),
    "privacy": ("Privacy", "We keep one cookie that signs you in, and one that remembers your choice."),
}


@dataclass(frozen=True, kw_only=True)
class AccountPage:
    """A request for a page of an account, and what an error page calls it."""

    request: SiteRequest
    visitor: Visitor
    state: DemoState
    noun: str = "account"
    lead: bool = False

    @property
    def by_author(self) -> bool:
        """Return whether the account's owner is signed in."""
        return self.visitor.handle == (self.state.now_called or self.state.handle)


class DemoSite(LoopbackSite):
    """The demo site, served while the context lasts."""

    cookie = "ink_session"

    def __init__(
        self, *, today: date | None = None, slow_seconds: float = 1.5, more: Sequence[DemoState] = ()
    ) -> None:
        super().__init__()
        self.slow_seconds = slow_seconds
        self._pages = PageRenderer(today or datetime.now(UTC).date())
        self._lock = threading.Lock()
        self._seen: Counter[str] = Counter()
        self._rows = {row.handle: row for row in (*all_rows(), *more)}
        self._world = build_world(self._pages.today, self._rows.values())

    def reset(self) -> None:
        """Forget everything that was counted, and the log."""
        with self._lock:
            self._seen.clear()
            self.log.clear()

    def set_state(self, handle: str, state: str) -> None:
        """Put an account into another state from now on; LookupError for an unknown handle or state."""
        with self._lock:
            own = self._rows[handle]
            fixed = {
                "handle": handle,
                "author": own.author,
                "lead": own.lead,
                "publications": own.publications,
            }
            self._rows[handle] = replace(state_named(state), **fixed)  # type: ignore[arg-type]
            self._world = build_world(self._pages.today, self._rows.values())
            for key in [key for key in self._seen if key.split()[0] == handle]:
                del self._seen[key]

    def storage_state(self, handle: str) -> dict[str, Any]:
        """Return a saved session of this author; LookupError when there is no such account."""
        if handle not in self._world.accounts:
            message = f"there is no account on the demo site called {handle!r}"
            raise LookupError(message)
        return super().storage_state(handle)

    def visitor(self, request: SiteRequest) -> str | None:
        """Return the handle that is signed in, or None where the session is missing or no longer valid."""
        session = self.sessions.read(request.cookies.get(self.cookie, ""))
        if session is None or session[0] not in self._world.accounts:
            return None
        handle, generation = session
        row = self._rows[handle]
        if Trait.EXPIRED in row.traits and generation == 0:  # only signing in again helps
            return None
        return row.now_called or handle

    def answer(self, request: SiteRequest) -> Reply:
        """Return the page that is requested."""
        self._pages.site = self.url
        for pattern, page in self._routes:
            if match := re.fullmatch(pattern, request.path):
                return page(self, request, **match.groupdict())
        return self._message(NOT_FOUND, self._visitor(request), noun="page")

    # The pages, in the order of the routes.

    def _home(self, request: SiteRequest) -> Reply:
        healthy = [
            account
            for account in self._world.accounts.values()
            if self._rows[account.handle].name == "healthy"
        ]
        picks = [(account.stories[0], account.name) for account in healthy if account.stories]
        page = self._pages.page(
            "home.html",
            self._visitor(request),
            title="Inkwell — essays",
            canonical="/",
            picks=picks,
            state={"page": "home"},
        )
        return Reply(body=page)

    def _asset(self, request: SiteRequest, name: str) -> Reply:
        place = importlib.resources.files("selfcheck.demo").joinpath("static", name)
        kind = ASSET_TYPES.get(name[name.rfind(".") :])
        if kind is None or not place.is_file():
            return self._message(NOT_FOUND, self._visitor(request), noun="page")
        return _picture(place.read_bytes(), kind)

    def _cover(self, request: SiteRequest, seed: str) -> Reply:  # noqa: ARG002  every route has the same signature
        return _picture(cover(seed).encode())

    def _face(self, request: SiteRequest, seed: str) -> Reply:  # noqa: ARG002  every route has the same signature
        return _picture(portrait(seed).encode())

    def _photograph(self, request: SiteRequest, seed: str) -> Reply:  # noqa: ARG002  every route has the same signature
        return _picture(photograph(seed), "image/png")

    def _help(self, request: SiteRequest, topic: str) -> Reply:
        if topic not in HELP:
            return self._message(NOT_FOUND, self._visitor(request), noun="page")
        heading, sentence = HELP[topic]
        page = self._pages.page(
            "page.html",
            self._visitor(request),
            title=f"{heading} — Inkwell",
            heading=heading,
            sentence=sentence,
            state={"page": "help"},
        )
        return Reply(body=page)

    def _sign_in(self, request: SiteRequest) -> Reply:
        if request.method != "POST":
            return self._sign_in_form(request)
        handle = Handle(request.form.get("handle", "")).key
        if handle not in self._world.accounts or request.form.get("password") != PASSWORD:
            return self._sign_in_form(
                request, problem="That handle and password do not belong together.", status=401
            )
        return _redirect(_local(request.form.get("next", "")), 303, self.set_cookie(handle, 1))

    def _sign_in_form(self, request: SiteRequest, *, problem: str = "", status: int = 200) -> Reply:
        page = self._pages.page(
            "signin.html",
            self._visitor(request),
            title="Sign in — Inkwell",
            robots="noindex",
            problem=problem,
            handle=request.form.get("handle", ""),
            next=_local(request.form.get("next") or request.query.get("next", "")),
            state={"page": "signin"},
        )
        return Reply(body=page, status=status)

    def _sign_out(self, request: SiteRequest) -> Reply:  # noqa: ARG002  every route has the same signature
        gone = f"{self.cookie}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax"
        return _redirect("/", 303, ("Set-Cookie", gone))

    def _stats(self, request: SiteRequest) -> Reply:
        visitor = self._visitor(request)
        if visitor.account is None:
            return _to_sign_in(request)
        account, state = visitor.account, self._rows[visitor.account.handle]
        stories = listed(account, state, to_author=True)
        subject = AccountPage(request=request, visitor=visitor, state=state, noun="account")
        return self._gated(subject, lambda: self._pages.stats(visitor, account, stories))

    def _profile(self, request: SiteRequest, handle: str) -> Reply:
        subject = self._subject(request, handle)
        account = self._world.accounts.get(handle.casefold())
        if subject is None or account is None:
            return self._nobody(request)
        stories = listed(account, subject.state, to_author=subject.by_author)
        robots = "noindex,follow" if Trait.NOINDEX in subject.state.traits else ""
        if request.query.get("format") == "json":
            payload = self._pages.profile_state(account, stories, noindex=bool(robots))
            return self._gated(subject, lambda: guarded({"success": True, "payload": payload}))
        owned = [self._world.publications[slug] for slug in account.publications]
        page = partial(
            self._pages.profile, subject.visitor, account, stories, publications=owned, robots=robots
        )
        return self._gated(subject, page)

    def _story(self, request: SiteRequest, handle: str, id: str) -> Reply:  # noqa: A002  the route's own word
        subject = self._subject(request, handle)
        story = self._world.story(id)
        if subject is None or story is None or story.handle != handle.casefold():
            return self._nobody(request)
        subject = replace(subject, lead=story.lead)
        blurred = story.lead and Trait.BLURRED in subject.state.traits and not subject.by_author
        unlisted = story.visibility == "UNLISTED" or Trait.NOINDEX in subject.state.traits
        robots = "noindex,follow" if unlisted else "index,follow"
        account = self._world.accounts[story.handle]
        page = partial(self._pages.story, subject.visitor, account, story, robots=robots, blurred=blurred)
        return self._gated(subject, page)

    def _short(self, request: SiteRequest, id: str) -> Reply:  # noqa: A002  the route's own word
        story = self._world.story(id)
        return _redirect(story.path, 302) if story else self._nobody(request)

    def _feed(self, request: SiteRequest, handle: str) -> Reply:
        subject = self._subject(request, handle)
        account = self._world.accounts.get(handle.casefold())
        if subject is None or account is None:
            return self._nobody(request)
        stories = listed(account, subject.state, to_author=subject.by_author)
        if not stories:
            return self._message(NOT_FOUND, subject.visitor, noun="feed")
        entries = [(story, account.name) for story in stories]
        title = f"Stories by {account.name} on Inkwell"
        feed = partial(self._pages.feed, title, f"/@{handle}", f"/feed/@{handle}", entries)
        return self._gated(subject, feed, content_type="text/xml; charset=utf-8")

    def _publication(self, request: SiteRequest, slug: str) -> Reply:
        publication = self._world.publications.get(slug)
        account = self._world.accounts.get(publication.owner) if publication else None
        if publication is None or account is None:
            return self._nobody(request)
        subject = self._subject(request, account.handle)
        assert subject is not None
        stories = listed(account, subject.state, to_author=subject.by_author)
        page = partial(self._pages.publication, subject.visitor, publication, account, stories)
        return self._gated(replace(subject, noun="publication"), page)

    # What is common to the pages.

    def _visitor(self, request: SiteRequest) -> Visitor:
        handle = self.visitor(request)
        notified = bool(handle) and Trait.NOTIFIED in self._rows[handle or ""].traits
        account = self._world.accounts[handle] if handle else None
        return Visitor(account=account, notified=notified, consent_asked="ink_consent" not in request.cookies)

    def _subject(self, request: SiteRequest, handle: str) -> AccountPage | None:
        row = self._rows.get(handle.casefold())
        return AccountPage(request=request, visitor=self._visitor(request), state=row) if row else None

    def _nobody(self, request: SiteRequest) -> Reply:
        if request.query.get("format") == "json":
            return self._json_message(NOT_FOUND)
        return self._message(NOT_FOUND, self._visitor(request), noun="page")

    def _gated(self, subject: AccountPage, page: Callable[[], bytes], *, content_type: str = "") -> Reply:
        """Return the page if the account's state lets this visitor see it, else what it answers instead."""
        answer, noun = self._decide(subject)
        if answer in {DemoAnswer.SHOWN, DemoAnswer.SLOW}:
            as_json = subject.request.query.get("format") == "json"
            kind = content_type or ("application/json" if as_json else Reply.content_type)
            delay = self.slow_seconds if answer is DemoAnswer.SLOW else 0.0
            return Reply(body=page(), content_type=kind, delay_seconds=delay)
        return self._refuse(answer, subject, noun)

    def _decide(self, subject: AccountPage) -> tuple[DemoAnswer, str]:
        """Return what the state answers to this visitor, and about what."""
        state = subject.state
        answer = state.to_author if subject.by_author else state.to_public
        if subject.noun == "publication" and state.publication_to_public and not subject.by_author:
            return state.publication_to_public, subject.noun
        if subject.lead and answer is DemoAnswer.SHOWN:
            lead = state.lead_to_author if subject.by_author else state.lead_to_public
            return lead, "story"
        return self._counted(answer, subject), subject.noun

    def _counted(self, answer: DemoAnswer, subject: AccountPage) -> DemoAnswer:
        """Return what an answer that depends on earlier requests has become."""
        handle = subject.state.handle
        with self._lock:
            if answer is DemoAnswer.RATE_LIMIT:
                self._seen[f"{handle} pages"] += 1
                return DemoAnswer.SHOWN if self._seen[f"{handle} pages"] <= PAGES_BEFORE_LIMIT else answer
            if answer is DemoAnswer.NOT_FOUND_ONCE:
                self._seen[f"{handle} {subject.request.path}"] += 1
                return answer if self._seen[f"{handle} {subject.request.path}"] == 1 else DemoAnswer.SHOWN
        return answer

    def _refuse(self, answer: DemoAnswer, subject: AccountPage, noun: str) -> Reply:
        if answer is DemoAnswer.HANGING:
            return Reply(hang=True)
        if answer is DemoAnswer.LOGIN_WALL:
            return _to_sign_in(subject.request)
        if answer is DemoAnswer.CHALLENGE:
            page = self._pages.bare("challenge.html", reference=f"{len(self.log):08x}")
            return Reply(body=page, status=403, headers=(("X-Gatekeeper", "challenge"),))
        if answer is DemoAnswer.NEW_LAYOUT:
            account = self._world.accounts[subject.state.handle]
            page = self._pages.bare(
                "newlayout.html", name=account.name, bio=account.bio, stories=account.stories
            )
            return Reply(body=page)
        if subject.request.query.get("format") == "json":
            return self._json_message(worded(MESSAGES[answer], noun))
        return self._message(MESSAGES[answer], subject.visitor, noun=noun)

    def _message(self, message: ErrorPage, visitor: Visitor, *, noun: str) -> Reply:
        error = worded(message, noun)
        page = self._pages.page(
            "message.html",
            visitor,
            title=error.title,
            code=404 if error.reason == "NotFound" else error.status,
            heading=error.heading,
            sentence=error.sentence,
            testid=f"error-{error.reason}",
            state={"page": "error", "error": {"reason": error.reason, "code": error.status}},
        )
        return Reply(body=page, status=error.status, headers=error.headers)

    def _json_message(self, message: ErrorPage) -> Reply:
        body = guarded({"success": False, "error": message.sentence, "reason": message.reason})
        return Reply(
            body=body, status=message.status, content_type="application/json", headers=message.headers
        )

    _routes: ClassVar[tuple[tuple[str, Callable[..., Reply]], ...]] = (
        (r"/", _home),
        (r"/static/(?P<name>[a-z]+\.[a-z]+)", _asset),
        (r"/img/cover/(?P<seed>[\w-]+)\.svg", _cover),
        (r"/img/face/(?P<seed>[\w-]+)\.svg", _face),
        (r"/img/face/(?P<seed>[\w-]+)\.png", _photograph),
        (r"/help/(?P<topic>[a-z]+)", _help),
        (r"/signin", _sign_in),
        (r"/signout", _sign_out),
        (r"/me/stats", _stats),
        (r"/@(?P<handle>[\w-]+)", _profile),
        (r"/@(?P<handle>[\w-]+)/(?:[\w-]*-)?(?P<id>[0-9a-f]{12})", _story),
        (r"/p/(?P<id>[0-9a-f]{12})", _short),
        (r"/feed/@(?P<handle>[\w-]+)", _feed),
        (r"/pub/(?P<slug>[a-z-]+)", _publication),
    )


def _picture(body: bytes, kind: str = "image/svg+xml") -> Reply:
    return Reply(body=body, content_type=kind, headers=(("Cache-Control", "max-age=3600"),))


def _redirect(path: str, status: int, *headers: tuple[str, str]) -> Reply:
    return Reply(status=status, headers=(("Location", path), *headers))


def _to_sign_in(request: SiteRequest) -> Reply:
    return _redirect(f"/signin?next={quote(request.path)}", 302)


def _local(path: str) -> str:
    """Return a path of this site to go on to; anything else is the stats page."""
    return path if re.fullmatch(r"/(?![/\\])[^\s\\]*", path) else "/me/stats"
