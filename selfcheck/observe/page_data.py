"""Whether a page's data still holds what its platform file asks it for: platforms rename keys without notice.

Laws:
1. Only data that is there is asked: a page without any is read by its elements, as in an older layout.
2. What names the subject counts before what any page has: a viewer's menu may stay as it was when the data of
   the story beside it changed.
3. One answer is enough to say that the layout is known; which signs have one is noted for each by itself, so
   that a member that only other accounts' pages still have can be missed.
"""

from collections.abc import Iterator

from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.observe.page import OpenedPage
from selfcheck.platforms.page_reading import Condition, Reading
from selfcheck.platforms.schema import Platform

Question = tuple[str, str]
"""The name of a state, and the JSONPath that is asked for in it."""

_LESS = (SignKind.FLAGGED, SignKind.BLURRED, SignKind.RESPONSES_HIDDEN, SignKind.NOINDEX_BY_PLATFORM)
"""What a sign can say that makes a page that is shown less than that."""

_SUBJECT = {
    PageKind.PROFILE: "{handle}",
    PageKind.PUBLICATION: "{publication}",
    PageKind.STORY: "{story_id}",
}


def is_unread(page: OpenedPage, kind: PageKind) -> bool:
    """Return whether the page has data, and nothing in it that the platform file asks such a page for."""
    asked = [(state, path) for state, path in _questions(page.platform, kind) if any(page.state(state))]
    of_subject = [question for question in asked if _SUBJECT.get(kind, "{handle}") in question[1]]
    return bool(asked) and not any(page.find(*question) for question in of_subject or asked)


def answered_signs(page: OpenedPage, kind: PageKind) -> tuple[str, ...]:
    """Return the ids of the signs of less than all whose member the page's data has, whatever its value."""
    return tuple(
        sign.id
        for sign in page.platform.signs
        if sign.means in _LESS and (not sign.on or kind in sign.on)
        if any(page.find(*question) for question in _asked(sign.when))
    )


def _questions(platform: Platform, kind: PageKind) -> Iterator[Question]:
    identity, sign_in = platform.identity.get(kind), platform.sign_in
    readings: list[Reading] = [*(identity.names if identity else ())]
    readings += platform.published if kind is PageKind.STORY else ()
    marks = [mark for mark in platform.marks if mark.says is Outcome.SHOWN]
    of_kind = [mark.when for mark in marks if not mark.on or kind in mark.on]
    of_kind += [sign.when for sign in platform.signs if not sign.on or kind in sign.on]
    for fact in platform.facts.values():
        readings += fact.read if kind in fact.on else ()
    if sign_in is not None:
        known = sign_in.known_on(kind)
        readings += known.whose
        of_kind += [condition for condition in (known.signed_in, known.signed_out) if condition]
    for condition in of_kind:
        yield from _asked(condition)
    for story_list in platform.stories:
        paths = (story_list.path, story_list.present) if kind in story_list.on else ()
        yield from ((story_list.state, path) for path in paths if story_list.state and path)
    yield from ((one.state, one.path) for one in readings if one.state and one.path)


def _asked(condition: Condition) -> Iterator[Question]:
    if condition.state is not None:
        yield (condition.state.of, condition.state.path)
    for part in (*(condition.any or ()), *(condition.all or ()), *(condition.none or ())):
        yield from _asked(part)
