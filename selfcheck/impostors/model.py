"""The author's account, the accounts that the user named, and what their comparison found."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from selfcheck.core.capture import Capture
from selfcheck.impostors.names import NameLikeness
from selfcheck.impostors.pictures import PictureLikeness
from selfcheck.platforms.account_reading import Impersonation


class LikenessFinding(StrEnum):
    """What the comparison of one account with the author's found."""

    NAME_AND_PICTURE = "name_and_picture"
    NAME_ONLY = "name_only"  # the pictures differ
    NAME = "name"  # the pictures could not be compared
    PICTURE_ONLY = "picture_only"
    NEITHER = "neither"
    UNKNOWN = "unknown"  # its page could not be read, or did not say enough
    ITSELF = "itself"  # it is the account of the session
    OWN = "own"  # it is another of the user's profiles

    @property
    def is_alike(self) -> bool:
        """Return whether the account looks like the author's in any way."""
        return self in {
            LikenessFinding.NAME_AND_PICTURE,
            LikenessFinding.NAME_ONLY,
            LikenessFinding.NAME,
            LikenessFinding.PICTURE_ONLY,
        }


@dataclass(frozen=True, kw_only=True)
class AccountPicture:
    """The picture of an account as it was fetched, or why there is none."""

    data: bytes = b""
    why_not: str = ""  # "" where `data` has it
    is_default: bool = False  # its address is that of the picture which the platform gives everybody


@dataclass(frozen=True, kw_only=True)
class SeenAccount:
    """What is known of an account from its page."""

    platform: str  # its title
    handle: str  # as the platform writes it; "" where the address does not tell
    url: str
    name: str = ""  # what readers see; "": the page does not show it
    picture: AccountPicture


@dataclass(frozen=True, kw_only=True)
class ReportForm:
    """Where a platform takes reports of such accounts, as its file says."""

    platform: str
    facts: Impersonation
    url: str = ""  # the form's address, filled in

    @property
    def place(self) -> str:
        """Return where to go or to write."""
        return self.url or self.facts.mail or ""


@dataclass(frozen=True, kw_only=True)
class AccountComparison:
    """One account that the user named."""

    written: str  # as the user wrote it
    finding: LikenessFinding
    account: SeenAccount | None = None  # None: not opened, or not read
    why: str = ""  # of an unknown one: why; of an own one: which profile it is
    name: NameLikeness | None = None
    handle: NameLikeness | None = None
    picture: PictureLikeness | None = None
    report: ReportForm | None = None
    capture: Capture | None = None  # the public's page, for the evidence; None: not opened
    site_known: bool = True  # False: no platform file knows the site, so only its page's head was read


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The result of one `selfcheck impostors`."""

    profile: str
    at: datetime  # UTC
    proof: str  # what the page said of the session
    is_proven: bool  # the session is that account's; else nothing was looked at
    own: SeenAccount | None = None
    accounts: tuple[AccountComparison, ...] = ()
    browser: str = ""  # with which the pages were opened
