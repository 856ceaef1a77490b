"""Decides which pages of a profile are opened, and from which viewpoints. Pure.

Laws:
1. A page is opened once per run and viewpoint, unless the judge asks again.
2. Only pages that the platform file knows are planned; a viewpoint without a session is left out.
3. Where the platform file says so, a page that both viewpoints were lately shown alike is opened logged out
   first, and as the author only if that leaves a doubt: it is gone, or its list has lost a story.
"""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace

from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import ANONYMOUS, AUTHOR, FailureKind, Outcome, PageKind, Purpose, SignKind
from selfcheck.core.hosts import address_key
from selfcheck.core.labels import KIND_WORD
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.times import plural
from selfcheck.platforms.page_urls import fill, own_address, page_url, rebase, story_id, values_of
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import fields_of

LISTS = (PageKind.PROFILE, PageKind.FEED, PageKind.PUBLICATION)
"""Where the latest stories are taken from, the first that names any."""

_LIMITS = (FailureKind.BUDGET_SPENT, FailureKind.BACKING_OFF)

Settled = Mapping[str, tuple[str, ...]]
"""Addresses of pages that both viewpoints were lately shown alike, with the stories that were listed then."""


def first_pages(
    profile: ProfileRequest, platform: Platform, *, signed_in: bool, settled: Settled | None = None
) -> tuple[PageRequest, ...]:
    """Return the pages that need nothing but the profile: all except the latest stories."""
    planned = [_page(profile, platform, PageKind.PROFILE)]
    planned += [_page(profile, platform, PageKind.PUBLICATION, subject=name) for name in profile.publications]
    planned += [story_page(profile, platform, url) for url in profile.stories]
    planned += [_page(profile, platform, PageKind.FEED), _page(profile, platform, PageKind.STATS)]
    pages = [
        _for_viewpoints(page, signed_in=signed_in and not _author_may_wait(page, platform, settled or {}))
        for page in planned
        if page is not None
    ]
    return _without_doubles([page for page in pages if page.viewpoints])


def _author_may_wait(page: PageRequest, platform: Platform, settled: Settled) -> bool:
    """Return whether the author's page load may wait until the public's has left a doubt."""
    form = platform.pages.get(page.kind)
    may = form is not None and form.author_looks == "in_doubt" and ANONYMOUS in form.viewpoints
    return may and page.url in settled


def doubtful_pages(
    platform: Platform, opened: Sequence[tuple[PageRequest, Sequence[Observation]]], settled: Settled
) -> tuple[PageRequest, ...]:
    """Return the pages that were opened logged out only and leave a doubt, with all their viewpoints."""
    return tuple(
        replace(page, viewpoints=platform.pages[page.kind].viewpoints)
        for page, looks in opened
        if AUTHOR not in page.viewpoints
        and _author_may_wait(page, platform, settled)
        and any(_leaves_a_doubt(look, settled[page.url]) for look in looks[-1:])
    )


def _leaves_a_doubt(look: Observation, listed: Sequence[str]) -> bool:
    """Return whether the public's view is anything but the page as it was shown before, or a wall."""
    if look.outcome in {Outcome.CHALLENGE, Outcome.RATE_LIMITED}:
        return False  # it is reported as a wall; one more page load would only make it worse
    if look.outcome is not Outcome.SHOWN or look.noindex:
        return True
    if any(sign.meaning not in {SignKind.SIGNED_IN, SignKind.SIGNED_OUT} for sign in look.signs):
        return True
    return lost_a_story(listed, [story.id for story in look.stories or ()])


def lost_a_story(before: Sequence[str], now: Sequence[str]) -> bool:
    """Return whether a list lacks a story that it had; those that new ones pushed out at its end are none."""
    still = [place for place, story in enumerate(before) if story in now]
    if not still:
        return bool(before)
    within = len(still) <= max(still)  # one is lacking before the last of those that are still there
    return within or len(now) < len(before)


def latest_story_pages(
    profile: ProfileRequest, platform: Platform, looks: Sequence[Observation], *, signed_in: bool
) -> tuple[PageRequest, ...]:
    """Return the latest stories that the lists name and that the profile does not name itself.

    They are taken from the first list that names any; the author's view of a page comes first.
    """
    lists = [look for look in looks if look.outcome is Outcome.SHOWN and look.stories]
    lists.sort(key=lambda look: LISTS.index(look.kind) if look.kind in LISTS else len(LISTS))
    lists.sort(key=lambda look: look.viewpoint != AUTHOR)
    stories: tuple[StoryRef, ...] = next((look.stories for look in lists if look.stories), ())
    named = {story_id(url, platform) or address_key(url) for url in profile.stories}
    latest = [story for story in stories if story.key not in named][: profile.latest_stories]
    return story_pages(profile, platform, latest, signed_in=signed_in)


def story_pages(
    profile: ProfileRequest, platform: Platform, stories: Sequence[StoryRef], *, signed_in: bool
) -> tuple[PageRequest, ...]:
    """Return the own pages of stories that a list names."""
    pages = [_listed_page(profile, platform, story) for story in stories]
    return _without_doubles(
        [_for_viewpoints(page, signed_in=signed_in) for page in pages if page is not None]
    )


def _listed_page(profile: ProfileRequest, platform: Platform, story: StoryRef) -> PageRequest | None:
    """Return the page of a listed story: by the file's own template where the list gives an id."""
    known = platform.pages.get(PageKind.STORY)
    if known is not None and not story.id.startswith(("http://", "https://")):
        values = values_of(profile, platform, story_id=story.id, story=story.url)
        try:
            return story_page(profile, platform, fill(known.url, values), subject=story.id)
        except ValueError:  # the template names what is not known of a listed story
            pass
    return story_page(profile, platform, story.url) if story.url else None


def _page(
    profile: ProfileRequest, platform: Platform, kind: PageKind, *, subject: str = ""
) -> PageRequest | None:
    form = platform.pages.get(kind)
    if form is None:
        return None
    values = values_of(profile, platform, **({"publication": subject} if subject else {}))
    url = rebase(page_url(kind, platform, values), platform, profile.base_url)
    return _request(profile, kind, url, form.viewpoints, subject=subject)


def story_page(profile: ProfileRequest, platform: Platform, url: str, *, subject: str = "") -> PageRequest:
    """Return the page of one story at the profile's own address of the platform; `subject` is its id."""
    form = platform.pages.get(PageKind.STORY)
    viewpoints = form.viewpoints if form else (ANONYMOUS, AUTHOR)
    last_part = own_address(url).rstrip("/").rsplit("/", maxsplit=1)[-1]
    known = subject or story_id(url, platform)
    if form and form.by_template and known:
        url = fill(form.url, values_of(profile, platform, story_id=known, story=url))
    address = rebase(url, platform, profile.base_url)
    subject = known or last_part
    return _request(profile, PageKind.STORY, address, viewpoints, subject=subject)


def _request(
    profile: ProfileRequest, kind: PageKind, url: str, viewpoints: tuple[str, ...], *, subject: str
) -> PageRequest:
    name = f"{kind.value}-{subject}" if subject else kind.value
    return PageRequest(
        profile=profile.name,
        kind=kind,
        url=url,
        viewpoints=viewpoints,
        folder=f"{safe_name(profile.name)}/{safe_name(name)}",
        handle=profile.handle,
        subject=subject,
        picture=kind is not PageKind.FEED,
    )


def _for_viewpoints(page: PageRequest, *, signed_in: bool) -> PageRequest:
    return replace(page, viewpoints=tuple(who for who in page.viewpoints if who != AUTHOR or signed_in))


def _without_doubles(pages: Sequence[PageRequest]) -> tuple[PageRequest, ...]:
    """Leave out pages of an address that is planned already, and give equal folders a number."""
    pages_once: list[PageRequest] = []
    for page in pages:
        if any(address_key(page.url) == address_key(other.url) for other in pages_once):
            continue
        folder = page.folder
        same = sum(other.folder == folder or other.folder.startswith(f"{folder}.") for other in pages_once)
        pages_once.append(replace(page, folder=f"{folder}.{same + 1}") if same else page)
    return tuple(pages_once)


def fallback_pages(profile: ProfileRequest, platform: Platform, page: PageRequest) -> tuple[PageRequest, ...]:
    """Return the other pages that say whether this one is there; opened logged out, without a picture."""
    values = values_of(profile, platform, publication=page.subject, story_id=page.subject)
    return tuple(
        replace(
            page,
            url=rebase(fill(fallback.url, values), platform, profile.base_url),
            viewpoints=(ANONYMOUS,),
            folder=f"{page.folder}/{safe_name(fallback.id)}",
            purpose=Purpose.FALLBACK,
            picture=False,
        )
        for fallback in platform.fallbacks
        if fallback.instead_of is page.kind and all(values.get(name) for name in fields_of(fallback.url))
    )


def program_pages(profile: ProfileRequest, platform: Platform, page: PageRequest) -> tuple[PageRequest, ...]:
    """Return what the platform offers programs instead of this page, asked for by plain HTTP."""
    offered = [fallback for fallback in platform.fallbacks if fallback.for_programs]
    views = fallback_pages(profile, platform.model_copy(update={"fallbacks": tuple(offered)}), page)
    return tuple(replace(view, purpose=Purpose.PROGRAM_VIEW) for view in views)


def template_values(profile: ProfileRequest, platform: Platform, page: PageRequest) -> dict[str, str]:
    """Return what the marks of this page may name: home, handle, and the publication or story it is of."""
    values = {**values_of(profile, platform), "handle": page.handle}
    field = {PageKind.PUBLICATION: "publication", PageKind.STORY: "story_id"}.get(page.kind)
    return {**values, field: page.subject} if field else values


# -- how an investigation asks its driver for pages ------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class WantedPage:
    """A page that the investigation wants opened, from each of the request's viewpoints at once."""

    request: PageRequest
    label: str  # what to show while it is opened
    fresh: bool = False  # from a new context, so that no cookie and no cache of an earlier look can colour it

    @property
    def is_control(self) -> bool:
        """Return whether other profiles of the run may want the very same page load."""
        return self.request.purpose is Purpose.CONTROL


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Pages that may be opened at the same time, and how long to wait before that."""

    pages: tuple[WantedPage, ...]
    wait_seconds: float = 0.0


Answers = Mapping[PageRequest, Mapping[str, Observation]]  # by request, then by viewpoint


def asked(pages: Sequence[WantedPage], *, wait_seconds: float = 0.0) -> Generator[Batch, Answers, Answers]:
    """Ask for these pages and return what they say; without pages there is nothing to ask."""
    if not pages:
        return {}
    return (yield Batch(pages=tuple(pages), wait_seconds=wait_seconds))


def second_look(page: PageRequest, who: str, number: int) -> WantedPage:
    """Return the page load of this number of one viewpoint, from a fresh context."""
    folder = f"{page.folder}/look-{number}"
    request = replace(page, viewpoints=(who,), folder=folder, purpose=Purpose.SECOND_LOOK)
    return WantedPage(request=request, label=f"{words_of(request)}, look {number} as {who}", fresh=True)


def is_beyond_limits(look: Observation) -> bool:
    """Return whether the page was not opened, since a limit was reached or the platform asked for a pause."""
    return look.failure is not None and look.failure.kind in _LIMITS


def planned_lines(profile: ProfileRequest, platform: Platform, *, signed_in: bool) -> tuple[str, ...]:
    """Return in words which pages a run opens first, and from which viewpoints each."""
    both = {ANONYMOUS, AUTHOR}
    lines = []
    for page in first_pages(profile, platform, signed_in=signed_in):
        seen = "logged out and as you" if both <= set(page.viewpoints) else "as you"
        seen = "logged out" if AUTHOR not in page.viewpoints else seen
        lines.append(f"  {KIND_WORD[page.kind]} {page.url}, {seen}")
    if profile.latest_stories and PageKind.STORY in platform.pages:
        lines.append(f"  {plural(profile.latest_stories, 'latest story', 'latest stories')} that these list")
    return tuple(lines)


def words_of(request: PageRequest) -> str:
    """Return what to show while the page is opened."""
    return f"{request.kind.value} {request.subject}".strip()
