"""A small platform file for tests, in code, and captures of its pages."""

from datetime import UTC, datetime, timedelta
from typing import Any

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import PageKind
from selfcheck.core.observation import Observation
from selfcheck.observe import observe
from selfcheck.observe.page import OpenedPage
from selfcheck.platforms.schema import Platform

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
HOME = "https://blog.example"
URL = f"{HOME}/@Jane"
SAID = {"tag": "C", "source": "a test", "seen": "2026"}
STATES = {
    "state": {"after": "window.STATE ="},
    "element": {"selector": "script[type='application/json']"},
    "body": {"whole": True, "guard": "])}while(1);</x>"},
    "answer": {"response": "/api/me"},
}
BASE: dict[str, Any] = {
    "platform": "test",
    "title": "Test",
    "home": HOME,
    "about": "a test",
    "hosts": ["blog.example"],
    "handle": {"pattern": "[A-Za-z]+", "example": "jane"},
    "pages": {"profile": {"url": "{home}/@{handle}"}},
    "story_id": "-([0-9a-f]{6})(?:[/?#]|$)",
    "states": STATES,
    "marks": [],
}


def platform(**more: Any) -> Platform:
    return Platform.model_validate({**BASE, **more})


def capture(
    html: str = "", *, kind: PageKind = PageKind.PROFILE, viewpoint: str = "anonymous", **more: Any
) -> Capture:
    visit = PageRequest(
        profile="jane", kind=kind, url=URL, viewpoints=(viewpoint,), folder="x", handle="jane"
    )
    given = {"status": 200, "final_url": URL, "html": html, **more}
    return Capture(
        visit=visit, viewpoint=viewpoint, started_at=AT, finished_at=AT + timedelta(seconds=2), **given
    )


def opened(
    html: str = "", *, on: Platform | None = None, values: dict[str, str] | None = None, **more: Any
) -> OpenedPage:
    known = {"home": HOME, "handle": "jane", "story_id": "abc123", **(values or {})}
    return OpenedPage(capture(html, **more), on or platform(), known)


def seen(html: str = "", *, on: Platform, **more: Any) -> Observation:
    return observe(capture(html, **more), on, {"home": HOME, "handle": "jane"})


def mark(name: str, says: str, when: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"id": name, "says": says, "when": when, **SAID, **more}


SHOWN = [mark("t.shown", "shown", {"status": [200]})]
