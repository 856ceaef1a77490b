"""What a run keeps to be judged again: `case.json`, `platform.json` and `<viewpoint>.look.json`.

The author's pages have a form here too, for those who let them be kept; they never lie in a run's folder.

Laws:
1. Each form has a version. Within it fields are added with a default and never renamed, so an older file is
   read by a later version; what this version does not know of a file is ignored.
2. A case holds observations, not pages: nothing of the author's view but what was read from it.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass
from datetime import datetime

from selfcheck.core.capture import Capture, Failure, JsonResponse, PageRequest, Redirect
from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import ANONYMOUS, PageKind, Purpose
from selfcheck.platforms.catalogue import load_platform, with_walls
from selfcheck.platforms.saved_pages import visible_text
from selfcheck.platforms.schema import Platform
from selfcheck.storage.stored_json import read_stored, stored_form

SCHEMA = "selfcheck.case/1"
LOOK_SCHEMA = "selfcheck.look/1"
PLATFORM_SCHEMA = "selfcheck.platform/1"
AUTHOR_PAGES_SCHEMA = "selfcheck.author-pages/1"
CASE_FILE = "case.json"
PLATFORM_FILE = "platform.json"


@dataclass(frozen=True, kw_only=True)
class StoredCase:
    """The evidence as the judge got it, and where the platform's pages were taken from."""

    case: ProfileCase
    home: str = ""  # the platform's address, or the profile's `base_url`; "" where the file does not say


def case_json(stored: StoredCase) -> bytes:
    """Return the evidence as JSON in UTF-8."""
    # How the user called selfcheck is not evidence, and names folders of their machine.
    fields = stored_form(ProfileCase).dump_python(stored.case, mode="json", exclude={"hints"})
    return json.dumps({"schema": SCHEMA, "home": stored.home, **fields}, ensure_ascii=False).encode()


def read_case(data: bytes, *, name: str) -> StoredCase:
    """Return the evidence of a file; `name` is how messages call it.

    Raises RunUnreadableError where it is damaged or of a form that this version does not know.
    """
    case = read_stored(ProfileCase, data, SCHEMA, name=name)
    return StoredCase(case=case, home=str(json.loads(data).get("home", "")))


@dataclass(frozen=True, kw_only=True)
class StoredPlatform:
    """The platform data that a profile was judged by, walls among its marks."""

    platform: Platform
    shipped: bool  # False: a file of the user's own, which may not be there any more

    def today(self) -> Platform:
        """Return what is known of the platform today: the shipped file by this name, or the copy.

        Of the copy the walls are today's: they are no part of the user's file.
        """
        return load_platform(self.platform.platform) if self.shipped else with_walls(self.platform)


def platform_json(stored: StoredPlatform) -> bytes:
    """Return the platform data as JSON in UTF-8."""
    data = stored.platform.model_dump(mode="json", by_alias=True, exclude_unset=True)
    document = {"schema": PLATFORM_SCHEMA, "shipped": stored.shipped, "platform": data}
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def read_platform(data: bytes, *, name: str) -> StoredPlatform:
    """Return the platform data of a file. Raises RunUnreadableError."""
    return read_stored(StoredPlatform, data, PLATFORM_SCHEMA, name=name)


@dataclass(frozen=True, kw_only=True)
class LookRecord:
    """What one look received, but for the document, which is a file beside it."""

    url: str
    kind: PageKind
    viewpoint: str
    started_at: datetime
    finished_at: datetime
    purpose: Purpose = Purpose.PAGE
    failure: Failure | None = None
    status: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""
    redirects: tuple[Redirect, ...] = ()
    final_url: str = ""
    title: str = ""
    robots_meta: str | None = None
    canonical: str | None = None
    truncated: bool = False
    text: str | None = None  # None: not kept, or the document itself
    json_responses: tuple[JsonResponse, ...] = ()


def look_json(capture: Capture) -> bytes:
    """Return a look as JSON in UTF-8, without its large parts, which are files of their own, or not kept.

    What the public could read, and the JSON that the page fetched for it, are kept: a replay reads them.
    """
    document = _look_document(capture, whole=capture.viewpoint == ANONYMOUS)
    return json.dumps(document, default=_plain, ensure_ascii=False, indent=1).encode()


def _look_document(capture: Capture, *, whole: bool) -> dict[str, object]:
    left_out = {"html", "text", "screenshot", "json_responses", "visit"}
    received = {
        part.name: getattr(capture, part.name) for part in fields(capture) if part.name not in left_out
    }
    document = {
        "schema": LOOK_SCHEMA,
        "url": capture.visit.url,
        "kind": capture.visit.kind,
        "purpose": capture.visit.purpose,
        **received,
    }
    if whole:
        document["text"] = None if capture.text == capture.html else capture.text
        document["json_responses"] = capture.json_responses
    return document


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    message = f"no JSON form for {type(value).__name__}"
    raise TypeError(message)


def read_look(data: bytes, *, name: str) -> LookRecord:
    """Return what a look received. Raises RunUnreadableError."""
    return read_stored(LookRecord, data, LOOK_SCHEMA, name=name, assumed=LOOK_SCHEMA)


_BESIDE_THE_PAGE = {"url", "kind", "purpose", "text"}
_RECEIVED = tuple(field.name for field in fields(LookRecord) if field.name not in _BESIDE_THE_PAGE)


def capture_of(look: LookRecord, html: str, *, folder: str) -> Capture:
    """Return what a look received as it was captured; its visit has the folder of its files, no handle."""
    text = look.text
    if text is None:
        text = visible_text(html) if look.content_type == "text/html" else html
    visit = PageRequest(
        profile="",
        kind=look.kind,
        url=look.url,
        viewpoints=(look.viewpoint,),
        folder=folder,
        purpose=look.purpose,
    )
    received = {name: getattr(look, name) for name in _RECEIVED}
    return Capture(visit=visit, html=html, text=text, **received)


@dataclass(frozen=True, kw_only=True)
class _AuthorPage:
    look: LookRecord
    html: str


@dataclass(frozen=True, kw_only=True)
class _AuthorPages:
    pages: tuple[_AuthorPage, ...]


def author_pages_json(captures: Iterable[Capture]) -> bytes:
    """Return all that the author's page loads received, without pictures, as JSON in UTF-8."""
    pages = [{"look": _look_document(capture, whole=True), "html": capture.html} for capture in captures]
    document = {"schema": AUTHOR_PAGES_SCHEMA, "pages": pages}
    return json.dumps(document, default=_plain, ensure_ascii=False).encode("utf-8", "replace")


def read_author_pages(data: bytes, *, name: str) -> tuple[Capture, ...]:
    """Return the author's page loads of a file. Raises RunUnreadableError."""
    stored = read_stored(_AuthorPages, data, AUTHOR_PAGES_SCHEMA, name=name)
    return tuple(capture_of(page.look, page.html, folder="") for page in stored.pages)
