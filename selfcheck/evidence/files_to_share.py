"""What is handed to others when a profile is suppressed."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """An evidence.zip that was written."""

    path: Path
    size: int  # bytes
    sha256: str
    names: tuple[str, ...]  # the files in it
    runs: tuple[str, ...]  # the runs that they are of, oldest first
    notes: tuple[str, ...] = ()  # what its author should know: what is not in it, and why


@dataclass(frozen=True, kw_only=True)
class MailPicture:
    """A picture of both views, side by side, fit for a mail."""

    name: str  # a file's name, no path
    data: bytes
    media_type: str  # image/png or image/jpeg
    address: str  # of the page that it shows
    note: str = ""  # how it differs from the original; "": not at all
    mail: int = 1  # which mail it belongs to: 1 is the first, more only where one cannot hold all
    original: str = ""  # where the original lies, in the evidence.zip


@dataclass(frozen=True, kw_only=True)
class PagePicture:
    """A picture of both views as it was kept."""

    path: str  # in the evidence.zip
    address: str
    data: bytes  # PNG
