"""What an investigation asks its driver for: pages, in batches. Pure."""

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from selfcheck.core.capture import PageRequest
from selfcheck.core.enums import Purpose
from selfcheck.core.observation import Observation
from selfcheck.runs.controls import Control


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


def of_control(control: Control) -> WantedPage:
    """Return the page load that checks a control."""
    return WantedPage(request=control.request, label=f"control {control.handle}", fresh=True)


def words_of(request: PageRequest) -> str:
    """Return what to show while the page is opened."""
    return f"{request.kind.value} {request.subject}".strip()
