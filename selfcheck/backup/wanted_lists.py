"""Which pages list an author's stories, by the platform file or else by its ordinary pages. Pure."""

from dataclasses import dataclass

from selfcheck.core.enums import PageKind
from selfcheck.core.request import ProfileRequest
from selfcheck.platforms.own_copy import OwnList
from selfcheck.platforms.page_reading import StoryList
from selfcheck.platforms.page_urls import fill, page_url, rebase, values_of
from selfcheck.platforms.schema import Platform


@dataclass(frozen=True, kw_only=True)
class WantedList:
    """A page that lists stories of the subject's."""

    url: str  # filled, but for {page} and {offset}
    kind: PageKind
    links: str | None = None
    state: str = ""
    publication: str = ""
    author_only: bool = False
    with_private: bool = False

    @property
    def goes_on(self) -> bool:
        """Return whether there are further pages of it to ask for."""
        return "{page}" in self.url or "{offset}" in self.url


def wanted_lists(profile: ProfileRequest, platform: Platform) -> tuple[WantedList, ...]:
    """Return the lists of a platform file, else those of its ordinary pages, and the user's own addresses."""
    values = values_of(profile, platform)
    if platform.backup.lists:
        own = [_own(each, profile, platform) for each in platform.backup.lists]
        return tuple(wanted for group in own for wanted in group)
    lists = []
    for kind in (PageKind.FEED, PageKind.PROFILE):
        if kind in platform.pages:
            url = page_url(kind, platform, values)
            lists.append(WantedList(url=rebase(url, platform, profile.base_url), kind=kind))
    for publication in profile.publications if PageKind.PUBLICATION in platform.pages else ():
        url = page_url(PageKind.PUBLICATION, platform, {**values, "publication": publication})
        url = rebase(url, platform, profile.base_url)
        lists.append(WantedList(url=url, kind=PageKind.PUBLICATION, publication=publication))
    return tuple(lists)


def _own(each: OwnList, profile: ProfileRequest, platform: Platform) -> tuple[WantedList, ...]:
    """Return the lists that one entry means: one for each publication where it names it."""
    values = values_of(profile, platform)
    publications = profile.publications if "{publication}" in each.url else ("",)
    return tuple(
        WantedList(
            url=rebase(
                fill(each.url, {**values, "publication": publication}),
                platform,
                profile.base_url,
            ),
            kind=each.on,
            links=each.links,
            state=each.state or "",
            publication=publication,
            author_only=each.author_only,
            with_private=each.with_private,
        )
        for publication in publications
    )


def reads_links(platform: Platform, wanted: WantedList) -> Platform:
    """Return the platform with the list's own way to find links, and no other."""
    if wanted.links is None:
        return platform
    first = platform.stories[0]
    provenance = {"tag": first.tag, "source": first.source, "seen": first.seen}
    own = StoryList(on=(wanted.kind,), links=wanted.links, query=first.query, **provenance)
    return platform.model_copy(update={"stories": (own,)})
