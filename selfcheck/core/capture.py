"""What is asked of a browser, and what one page load brought, before anything is made of it.

A capture holds no cookie, no token and no `Set-Cookie` header: `browser.redaction` drops them and replaces
every secret of the session, so all of it may be written to disk.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from selfcheck.core.enums import Clearance, FailureKind, PageKind, Purpose


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """A page, from which viewpoints it is loaded, and why."""

    profile: str  # the profile's name
    kind: PageKind
    url: str
    viewpoints: tuple[str, ...]
    folder: str  # `<profile>/<page>`: where its files lie in the run's folder
    purpose: Purpose = Purpose.PAGE
    handle: str = ""  # whose page it is: the profile's handle, or the control's
    subject: str = ""  # what the page is of: the publication's name or the story's id; "" for the rest
    picture: bool = True  # whether a screenshot is wanted (not for controls and fallbacks)


@dataclass(frozen=True, kw_only=True)
class Failure:
    """Why no answer came: a kind to decide by and the browser's own words to show."""

    kind: FailureKind
    detail: str


@dataclass(frozen=True, kw_only=True)
class Redirect:
    """One step of the way from the address asked for to the address that answered."""

    url: str
    status: int
    location: str


@dataclass(frozen=True, kw_only=True)
class JsonResponse:
    """A JSON answer that the page fetched and that the platform file wants to read."""

    url: str
    status: int
    body: str


@dataclass(frozen=True, kw_only=True)
class Capture:
    """One page load from one viewpoint."""

    visit: PageRequest
    viewpoint: str
    started_at: datetime  # UTC
    finished_at: datetime  # UTC
    failure: Failure | None = None  # set: the fields of the answer are those of what came before it, if any
    status: int | None = None  # of the main document; None: none came
    headers: Mapping[str, str] = field(default_factory=dict)  # names in lower case; no cookies
    content_type: str = ""  # media type without parameters, in lower case
    redirects: tuple[Redirect, ...] = ()
    final_url: str = ""
    title: str = ""
    robots_meta: str | None = None
    canonical: str | None = None
    text: str = ""  # what a person can read on the page
    html: str = ""  # the document after scripts ran; for a feed or JSON the body as received
    json_responses: tuple[JsonResponse, ...] = ()
    server_address: str = ""
    tls_subject: str = ""
    screenshot: bytes | None = None  # PNG
    picture_note: str = ""  # for instance that a long page was cut
    page_views: int = 1  # main documents asked for, repeats after a crash included
    clearance: Clearance | None = None  # None: no wall had to be passed for it
    truncated: bool = False  # the document ended before it was whole, or HTML was cut at the size limit

    @property
    def robots_header(self) -> str | None:
        """Return the `X-Robots-Tag` header, or None."""
        return self.headers.get("x-robots-tag")
