"""How a platform file says what an account calls itself and shows as its picture, and where to report a copy.

`selfcheck impostors` compares these. Where a file says nothing of names and pictures, what almost every page
says of itself is read: its Open Graph title and picture.
"""

from collections.abc import Mapping

from selfcheck.platforms.config_issues import refuse
from selfcheck.platforms.field_types import Pattern
from selfcheck.platforms.page_reading import Provenance, Reading, Strict
from selfcheck.platforms.patterns import search


class AccountReading(Strict):
    """How the page of a profile names the account and shows its picture."""

    name: tuple[Reading, ...] = ()  # what readers see, not the handle
    picture: tuple[Reading, ...] = ()  # its address
    default_pictures: tuple[Pattern, ...] = ()  # addresses of the pictures that everybody gets

    def is_default_picture(self, url: str) -> bool:
        """Return whether this is the address of a picture that the platform gives everybody."""
        return any(search(pattern, url) for pattern in self.default_pictures)


class Impersonation(Provenance):
    """Where the platform takes reports of an account that pretends to be somebody else."""

    url: str | None = None  # of the form, or of the page that says how; may have fields such as {home}
    mail: str | None = None
    says: str  # what it wants, in a sentence: who may report, where the button is

    @classmethod
    def misfit(cls, given: Mapping[str, object]) -> ValueError | None:
        """Refuse a report that can be sent nowhere."""
        return None if given.get("url") or given.get("mail") else refuse("`url` or `mail`, or both")
