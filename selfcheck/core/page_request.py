"""One page that is to be looked at, by one viewpoint or by two at the same moment."""

from dataclasses import dataclass

from selfcheck.core.enums import PageKind, Purpose


@dataclass(frozen=True, kw_only=True)
class PageRequest:
    """A page, who looks at it, and why."""

    profile: str  # the profile's name
    kind: PageKind
    url: str
    viewpoints: tuple[str, ...]
    folder: str  # `<profile>/<page>`: where its files lie in the run's folder
    purpose: Purpose = Purpose.PAGE
    handle: str = ""  # whose page it is: the profile's handle, or the control's
    subject: str = ""  # what the page is of: the publication's name or the story's id; "" for the rest
    picture: bool = True  # whether a screenshot is wanted (not for controls and fallbacks)
