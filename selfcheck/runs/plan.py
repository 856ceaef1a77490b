"""Decides which pages a run looks at. Pure.

Laws:
1. A page is looked at once per run and viewpoint, unless the judge asks again.
2. Only pages that the platform file knows are planned; a viewpoint without a session is left out.
3. Where the platform file says so, a page that both were lately shown alike is looked at by a stranger
   first, and by the author only if that leaves a doubt: it is gone, or its list has lost a story.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind, Purpose, SignKind
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.page_request import PageRequest
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.platforms.page_urls import fill, page_url, rebase, story_id, values_of
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import fields_of

LISTS = (PageKind.PROFILE, PageKind.FEED, PageKind.PUBLICATION)
"""Where the latest stories are taken from, the first that names any."""


Settled = Mapping[str, tuple[str, ...]]
"""Addresses of pages that strangers and the author were lately shown alike, with the stories listed then."""


def first_visits(
    profile: ProfileRequest, platform: Platform, *, signed_in: bool, settled: Settled | None = None
) -> tuple[PageRequest, ...]:
    """Return the visits that need nothing but the profile: all pages except the latest stories."""
    planned = [_page(profile, platform, PageKind.PROFILE)]
    planned += [
        _page(profile, platform, PageKind.PUBLICATION, publication=one) for one in profile.publications
    ]
    planned += [story_visit(profile, platform, url) for url in profile.stories]
    planned += [_page(profile, platform, PageKind.FEED), _page(profile, platform, PageKind.STATS)]
    seen = [
        _seen_by(visit, signed_in=signed_in and not _waits(visit, platform, settled or {}))
        for visit in planned
        if visit is not None
    ]
    return _apart([visit for visit in seen if visit.viewpoints])


def _waits(visit: PageRequest, platform: Platform, settled: Settled) -> bool:
    """Return whether the author's look may wait until a stranger's has left a doubt."""
    page = platform.pages.get(visit.kind)
    may = page is not None and page.author_looks == "in_doubt" and ANONYMOUS in page.viewpoints
    return may and visit.url in settled


def doubtful_visits(
    platform: Platform, looked: Sequence[tuple[PageRequest, Sequence[Observation]]], settled: Settled
) -> tuple[PageRequest, ...]:
    """Return the visits that strangers made alone and that leave a doubt, with the author's viewpoint too."""
    return tuple(
        replace(visit, viewpoints=platform.pages[visit.kind].viewpoints)
        for visit, looks in looked
        if AUTHOR not in visit.viewpoints
        and _waits(visit, platform, settled)
        and any(_leaves_a_doubt(look, settled[visit.url]) for look in looks[-1:])
    )


def _leaves_a_doubt(look: Observation, listed: Sequence[str]) -> bool:
    """Return whether a stranger's look is anything but the page as it was shown before, or a wall."""
    if look.outcome in {Outcome.CHALLENGE, Outcome.RATE_LIMITED}:
        return False  # it is told as one; another look would only make it worse
    if look.outcome is not Outcome.SHOWN or look.noindex:
        return True
    if any(sign.meaning not in {SignKind.SIGNED_IN, SignKind.SIGNED_OUT} for sign in look.signs):
        return True
    return lost_a_story(listed, [story.id for story in look.stories or ()])


def lost_a_story(before: Sequence[str], now: Sequence[str]) -> bool:
    """Return whether a list lacks a story that it had; those that new ones pushed out at its end are none."""
    still = [place for place, one in enumerate(before) if one in now]
    if not still:
        return bool(before)
    within = len(still) <= max(still)  # one is lacking before the last of those that are still there
    return within or len(now) < len(before)


def latest_story_visits(
    profile: ProfileRequest, platform: Platform, looks: Sequence[Observation], *, signed_in: bool
) -> tuple[PageRequest, ...]:
    """Return visits to the latest stories that the lists name and that are not planned already."""
    listed = {story_id(url, platform) or url for url in profile.stories}
    latest = [story for story in _latest(looks) if story.id not in listed][: profile.latest_stories]
    visits = [story_visit(profile, platform, story.url) for story in latest]
    return _apart([_seen_by(visit, signed_in=signed_in) for visit in visits if visit is not None])


def _latest(looks: Sequence[Observation]) -> tuple[StoryRef, ...]:
    """Return the stories of the first list that names any; the author's view of a page comes first."""
    shown = [look for look in looks if look.outcome is Outcome.SHOWN and look.stories]
    shown.sort(key=lambda look: LISTS.index(look.kind) if look.kind in LISTS else len(LISTS))
    shown.sort(key=lambda look: look.viewpoint != AUTHOR)
    return next((look.stories for look in shown if look.stories), ())


def _page(
    profile: ProfileRequest, platform: Platform, kind: PageKind, *, publication: str = ""
) -> PageRequest | None:
    page = platform.pages.get(kind)
    if page is None:
        return None
    values = values_of(profile, platform, **({"publication": publication} if publication else {}))
    url = rebase(page_url(kind, platform, values), platform, profile.base_url)
    return _visit(profile, kind, url, page.viewpoints, subject=publication)


def story_visit(profile: ProfileRequest, platform: Platform, url: str) -> PageRequest | None:
    """Return the visit to one story at the profile's own address of the platform."""
    page = platform.pages.get(PageKind.STORY)
    viewpoints = page.viewpoints if page else (ANONYMOUS, AUTHOR)
    address = rebase(url, platform, profile.base_url)
    return _visit(
        profile, PageKind.STORY, address, viewpoints, subject=story_id(url, platform) or _last_part(url)
    )


def _visit(
    profile: ProfileRequest, kind: PageKind, url: str, viewpoints: tuple[str, ...], *, subject: str
) -> PageRequest:
    page = f"{kind.value}-{subject}" if subject else kind.value
    return PageRequest(
        profile=profile.name,
        kind=kind,
        url=url,
        viewpoints=viewpoints,
        folder=f"{safe_name(profile.name)}/{safe_name(page)}",
        handle=profile.handle,
        subject=subject,
        picture=kind is not PageKind.FEED,
    )


def _last_part(url: str) -> str:
    return url.split("?", maxsplit=1)[0].rstrip("/").rsplit("/", maxsplit=1)[-1]


def _seen_by(visit: PageRequest, *, signed_in: bool) -> PageRequest:
    kept = tuple(one for one in visit.viewpoints if one != AUTHOR or signed_in)
    return replace(visit, viewpoints=kept)


def _apart(visits: Sequence[PageRequest]) -> tuple[PageRequest, ...]:
    """Leave out visits to an address that is there already, and give equal folders a number."""
    kept: list[PageRequest] = []
    for visit in visits:
        if visit.url in {one.url for one in kept}:
            continue
        same = sum(one.folder == visit.folder or one.folder.startswith(f"{visit.folder}.") for one in kept)
        kept.append(replace(visit, folder=f"{visit.folder}.{same + 1}") if same else visit)
    return tuple(kept)


def fallback_visits(
    profile: ProfileRequest, platform: Platform, visit: PageRequest
) -> tuple[PageRequest, ...]:
    """Return visits to the other pages that say whether this one is there; strangers only, no picture."""
    values = values_of(profile, platform, publication=visit.subject, story_id=visit.subject)
    return tuple(
        replace(
            visit,
            url=rebase(fill(one.url, values), platform, profile.base_url),
            viewpoints=(ANONYMOUS,),
            folder=f"{visit.folder}/{safe_name(one.id)}",
            purpose=Purpose.FALLBACK,
            picture=False,
        )
        for one in platform.fallbacks
        if one.instead_of is visit.kind and all(values.get(name) for name in fields_of(one.url))
    )


def template_values(profile: ProfileRequest, platform: Platform, page: PageRequest) -> dict[str, str]:
    """Return what the marks of this page may name: home, handle, and the publication or story it is of."""
    values = {**values_of(profile, platform), "handle": page.handle}
    field = {PageKind.PUBLICATION: "publication", PageKind.STORY: "story_id"}.get(page.kind)
    return {**values, field: page.subject} if field else values
