"""The text of a page as numbers: enough to compare two viewpoints, and no word of what it says.

The author's text is private, drafts most of all. So a sentence is kept as a checksum, its length, the
checksum of its first characters (a torn sentence is known by them) and the number of the place where it
stands. A stored case can be judged again by these.
"""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TextBody:
    """The sentences of one page's own text, in order; the four columns are equally long."""

    container: str = ""  # what it was read from: file, article, main or page; "": no text was found
    hashes: tuple[int, ...] = ()
    lengths: tuple[int, ...] = ()  # characters
    begins: tuple[int, ...] = ()
    places: tuple[int, ...] = ()  # sentences of one number stand in the same element
    invitations: tuple[int, ...] = ()  # lines that say where or how to read on, such as "Subscribe to read"
    is_loading: bool = False  # a part of it was still to come

    @property
    def length(self) -> int:
        """Return its characters."""
        return sum(self.lengths)
