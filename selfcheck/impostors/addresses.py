"""What the user named: which page it is, of which platform, and whether it is the user's own account.

Of an account on a site that is known, the profile's own page is opened, whichever page below it was named.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from selfcheck.core.enums import PageKind
from selfcheck.core.hosts import host_of, is_opened, split_address
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import load_platform, shipped_heads, with_walls
from selfcheck.platforms.learn import site_platform
from selfcheck.platforms.page_urls import handle_of_url, home_of, page_url, parse_handle, rebase, values_of
from selfcheck.platforms.recognition import known_account, whole_address
from selfcheck.platforms.schema import Platform


@dataclass(frozen=True, kw_only=True)
class NamedPage:
    """A page that the user named."""

    written: str
    url: str
    profile: ProfileRequest  # stands for the account: its platform, handle and site
    platform: Platform
    site_known: bool = True  # False: no platform file knows the site

    @property
    def home(self) -> str:
        """Return where its platform is."""
        return home_of(self.profile, self.platform)

    @property
    def shown_handle(self) -> str:
        """Return the handle as its platform writes it; "" where it is not known."""
        return self.platform.shown_handle(self.profile.handle) if self.profile.handle else ""

    def is_of(self, profile: ProfileRequest) -> bool:
        """Return whether this is the account of a profile."""
        platform = load_platform(profile.platform)
        if platform.platform != self.platform.platform or not self.profile.handle:
            return False
        same_site = host_of(home_of(profile, platform)) == host_of(self.home)
        return same_site and platform.handle_of(profile.handle) == platform.handle_of(self.profile.handle)


def named_pages(written: Sequence[str], own: Sequence[ProfileRequest]) -> tuple[NamedPage, ...]:
    """Return the pages that these handles and addresses name, each once.

    `own` are the user's profiles, the compared one first: a handle without an address is of its platform.
    Raises UsageError that says what was expected.
    """
    pages = {page.url: page for page in (_named_page(text.strip(), own) for text in written)}
    return tuple(pages.values())


def _named_page(written: str, own: Sequence[ProfileRequest]) -> NamedPage:
    first = load_platform(own[0].platform)
    if not _is_address(written, first):
        try:
            return _page_of(written, parse_handle(written, first), own[0], first)
        except ValueError as error:
            raise _not_named(written, f"Expected: {error}, or the address of a profile's page.") from None
    url = whole_address(written)
    if not is_opened(url) or not host_of(url):
        raise _not_named(written, "Only addresses that begin with https:// or http:// are opened.")
    return _on_own_site(written, url, own) or _on_shipped_site(written, url) or _on_unknown_site(written, url)


def _is_address(written: str, platform: Platform) -> bool:
    """Return whether this is an address rather than a handle; handles of some platforms have dots, too."""
    if "/" in written:
        return True
    handles_have_dots = "." in platform.handle.example
    return "." in written and not written.startswith("@") and not handles_have_dots


def _page_of(written: str, handle: str, like: ProfileRequest, platform: Platform) -> NamedPage:
    """Return the profile's page of an account that is on the same site as a profile."""
    profile = ProfileRequest(name=like.name, platform=like.platform, handle=handle, base_url=like.base_url)
    url = rebase(page_url(PageKind.PROFILE, platform, values_of(profile, platform)), platform, like.base_url)
    return NamedPage(written=written, url=url, profile=profile, platform=platform)


def _on_own_site(written: str, url: str, own: Sequence[ProfileRequest]) -> NamedPage | None:
    """Return the page where it is on the site of one of the user's profiles, wherever that is hosted."""
    for profile in own:
        platform = load_platform(profile.platform)
        home = home_of(profile, platform)
        moved = f"{platform.home}{url.removeprefix(home)}" if url.startswith(f"{home}/") else None
        at_home = moved if profile.base_url else url
        if at_home is not None and (handle := handle_of_url(at_home, platform)):
            return _page_of(written, handle, profile, platform)
    return None


def _on_shipped_site(written: str, url: str) -> NamedPage | None:
    account = known_account(url, shipped_heads())
    if account is None:
        return None
    like = ProfileRequest(name="", platform=account.platform, handle=account.handle)
    return _page_of(written, account.handle, like, load_platform(account.platform))


def _on_unknown_site(written: str, url: str) -> NamedPage:
    parts = split_address(url)
    platform = with_walls(site_platform(f"{parts.scheme}://{parts.netloc}"))
    profile = ProfileRequest(name="", platform=platform.platform, handle="")
    return NamedPage(written=written, url=url, profile=profile, platform=platform, site_known=False)


def _not_named(written: str, why: str) -> UsageError:
    return UsageError(f"{written} does not name an account.", cause=why)
