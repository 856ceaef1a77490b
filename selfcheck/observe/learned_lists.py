"""The stories that a page lists which no mark knows: its links of the sort that live pages have.

Laws:
1. A link is of the page's own only if the absent control's page does not have it, and no two live ones do.
2. One sort of link is taken for stories: the one that most live pages have of their own, headlines and
   addresses with the account's name before others. Where live pages tell none, every link whose address looks
   like that of a text is taken: too many rather than too few, since they are only compared.
3. An address that has no part which looks like a title or a number is of the page, not of a text.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from selfcheck.core.observation import StoryRef
from selfcheck.core.page_shape import PageLink, PageShape


@dataclass(frozen=True)
class LearnedList:
    """Which links of a page are the stories that it lists."""

    common: frozenset[str]  # forms of links that every page has
    pattern: str | None  # of the links to stories; None: no live page has any

    def links(self, shape: PageShape) -> tuple[PageLink, ...]:
        """Return the page's links to stories, in its order."""
        own = (link for link in shape.links if link.form not in self.common)
        if self.pattern is not None:
            return tuple(link for link in own if link.pattern == self.pattern)
        return tuple(link for link in own if _is_of_a_text(link.pattern))

    def stories(self, shape: PageShape, name_of: Callable[[str], str]) -> tuple[StoryRef, ...]:
        """Return the stories that the page lists; `name_of` gives the id of an address."""
        return tuple(
            StoryRef(id=name_of(link.url), url=link.url, title=link.title) for link in self.links(shape)
        )


def learn_list(live: Sequence[PageShape], gone: Iterable[PageShape]) -> LearnedList:
    """Return which links live pages have of their own, beside pages that are gone."""
    forms = Counter(form for shape in live for form in {link.form for link in shape.links})
    shared = {form for form, pages in forms.items() if pages > 1}
    common = frozenset(shared.union(link.form for shape in gone for link in shape.links))
    own = [
        [link for link in shape.links if link.form not in common and _is_of_a_text(link.pattern)]
        for shape in live
    ]

    def weight(pattern: str) -> tuple[bool, bool, int, int]:
        of_it = [[link for link in links if link.pattern == pattern] for links in own]
        headline = any(link.headline for links in of_it for link in links)
        return headline, "{}" in pattern, sum(map(bool, of_it)), sum(map(len, of_it))

    patterns = sorted({link.pattern for links in own for link in links})
    return LearnedList(common=common, pattern=max(patterns, key=weight, default=None))


def _is_of_a_text(pattern: str) -> bool:
    return any(sign in pattern for sign in ("/*", "/#", "=*", "=#"))
