"""Did all of it come back? The last good run before an incident, and the runs since its end. Pure.

Laws:
1. Only what the last good run saw can be missing, and only what a later run opened can be called missing or
   back: what no run has opened since is "not checked yet".
2. Of each item, the newest run that can tell counts. What the author called done is off the list for good.
3. An item says what was and what is now. It names no reason: the author may have changed it themselves.

| item | missing where, in the newest run that opened the page |
|---|---|
| a page (profile, publication, story, feed) | its verdict is bad |
| `list-` of a page | the public list lacks stories that newer ones cannot have pushed off its end |
| `members-` of a page | it was for members only, and the public sees it without that mark |
| `search-` of a page | search engines are told to leave it out, which they were not |
| `address-` of a page | it is at another host: a custom domain was taken off |
| `followers` | more than a tenth, and more than 4, are gone |
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from selfcheck.core.enums import ANONYMOUS, AUTHOR, BAD, Language, Outcome, PageKind, SignKind, Verdict
from selfcheck.core.hosts import address_key, host_of
from selfcheck.core.incident import EventKind, Incident
from selfcheck.core.labels import KIND_WORD
from selfcheck.core.observation import StoryRef
from selfcheck.core.run_document import PageRecord, ProfileRecord, UnopenedRecord, ViewRecord
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.text_safety import one_line

FEWER = 0.9
CHURN = 4
"""So many followers come and go by themselves: up to a tenth, and up to 4. Both ours, not measured."""

_OWN_CHOICE = (SignKind.UNLISTED, SignKind.NOINDEX_BY_OWNER, SignKind.PRIVATE, SignKind.UNPUBLISHED)
_NAMED = 3
"""How many stories that a list lacks are named."""


class ItemState(StrEnum):
    """What is known of an item since the incident ended."""

    BACK = "back"
    MISSING = "missing"
    UNCHECKED = "unchecked"  # no run since could tell


@dataclass(frozen=True, kw_only=True)
class RestoredItem:
    """One thing that the last good run saw."""

    id: str  # such as `followers` or `story-a-title`; what `--done` takes
    words: str  # what it is now, beside what it was
    state: ItemState
    done: bool = False  # its author said so


@dataclass(frozen=True, kw_only=True)
class Restoration:
    """What came back of an incident that is over."""

    incident: Incident
    items: tuple[RestoredItem, ...] = ()
    lacking: str = ""  # why nothing can be compared, in words

    @property
    def missing(self) -> tuple[RestoredItem, ...]:
        """Return what is still missing and was not called done."""
        return tuple(item for item in self.items if item.state is ItemState.MISSING and not item.done)

    @property
    def unchecked(self) -> tuple[RestoredItem, ...]:
        """Return what no run has been able to check since the end, and was not called done."""
        return tuple(item for item in self.items if item.state is ItemState.UNCHECKED and not item.done)


def restoration(incident: Incident, before: ProfileRecord, since: Iterable[ProfileRecord]) -> Restoration:
    """Compare the last good run with the runs since the incident's end, the newest first."""
    names = item_names(before)
    items = {item.id: item for item in _compared(before, None, names, incident.last_bad_at)}
    for now in since:
        if all(item.state is not ItemState.UNCHECKED for item in items.values()):
            break
        for item in _compared(before, now, names, incident.last_bad_at):
            if items[item.id].state is ItemState.UNCHECKED:
                items[item.id] = item
    done = done_items(incident)
    marked = (replace(item, done=item.id in done) for item in items.values())
    return Restoration(incident=incident, items=tuple(marked))


def done_items(incident: Incident) -> frozenset[str]:
    """Return the items that the author called done."""
    return frozenset(event.text for event in incident.events if event.kind is EventKind.ITEM_DONE)


def item_names(before: ProfileRecord) -> Mapping[str, str]:
    """Return what the items of each page are called, by the page's key: its kind, and its address's end."""
    names: dict[str, str] = {}
    pages: tuple[PageRecord | UnopenedRecord, ...] = (*before.pages, *before.not_opened)
    single = [kind for kind in PageKind if sum(page.kind is kind for page in pages) == 1]
    for page in pages:
        end = page.url.split("?")[0].rstrip("/").rsplit("/", 1)[-1]
        name = page.kind.value if page.kind in single else f"{page.kind.value}-{safe_name(end)}"
        again = sum(other == name or other.startswith(f"{name}~") for other in names.values())
        names.setdefault(_key(page.kind, page.url), f"{name}~{again + 1}" if again else name)
    return names


def _key(kind: PageKind, url: str) -> str:
    return f"{kind.value} {address_key(url)}"


_Told = tuple[ItemState, str]
_UNCHECKED: _Told = (ItemState.UNCHECKED, "not checked since")
_BACK: _Told = (ItemState.BACK, "as before")


def _compared(
    before: ProfileRecord, now: ProfileRecord | None, names: Mapping[str, str], since: datetime
) -> Iterator[RestoredItem]:
    pages = {_key(page.kind, page.url): page for page in now.pages} if now else {}
    for page in before.pages:
        key = _key(page.kind, page.url)
        name, label = names[key], _label(page.kind, page.subject, page.url, _title(page))
        for prefix, (state, words) in _page_items(page, pages.get(key), fine=_fine(now, key, since)):
            yield RestoredItem(id=f"{prefix}{name}", words=f"{label}: {words}", state=state)
    opened = {_key(page.kind, page.url) for page in before.pages}
    for left_out in before.not_opened:
        key = _key(left_out.kind, left_out.url)
        if key not in opened:
            label = _label(left_out.kind, left_out.subject, left_out.url, left_out.title)
            state, words = _verdict(pages.get(key), fine=_fine(now, key, since))
            yield RestoredItem(id=names[key], words=f"{label}: {words}", state=state)
    followers = _followers(before, now)
    if followers is not None:
        yield RestoredItem(id="followers", words=f"Followers: {followers[1]}", state=followers[0])


def _fine(now: ProfileRecord | None, key: str, since: datetime) -> bool:
    """Return whether the run left the page out because one after the incident had found it fine."""
    return now is not None and any(
        _key(page.kind, page.url) == key and page.last_looked > since for page in now.not_opened
    )


def _title(page: PageRecord) -> str:
    return next((view.title for view in page.views.values() if view.title), "")


def _label(kind: PageKind, subject: str, url: str, title: str) -> str:
    """Return a page in words, as its author knows it."""
    named = {PageKind.STORY: title or subject or url, PageKind.PUBLICATION: subject or url}.get(kind, "")
    word = KIND_WORD[kind][:1].upper() + KIND_WORD[kind][1:]
    return f"{word} “{one_line(named, 80)}”" if named else word


def _page_items(page: PageRecord, now: PageRecord | None, *, fine: bool) -> Iterator[tuple[str, _Told]]:
    if page.kind is PageKind.STATS or page.verdict in {*BAD, Verdict.INCONCLUSIVE}:
        return
    yield "", _verdict(now, fine=fine)
    old, new = page.view(ANONYMOUS), now.view(ANONYMOUS) if now else None
    if old is None or old.outcome is not Outcome.SHOWN:
        return
    shown = new if new is not None and new.outcome is Outcome.SHOWN else None
    if old.stories and page.kind is not PageKind.STORY:
        yield "list-", _list(old.stories, shown, now.view(AUTHOR) if now else None)
    if _means(old, SignKind.MEMBERS_ONLY):
        yield "members-", _members(new)
    if old.noindex is None:
        yield "search-", _search(shown)
    if host_of(old.final_url):
        yield "address-", _address(old, shown)


def _verdict(now: PageRecord | None, *, fine: bool) -> _Told:
    if now is None:
        return _BACK if fine else _UNCHECKED
    if now.verdict in BAD:
        limit = f" ({one_line(now.limit, 80)})" if now.limit else ""
        return ItemState.MISSING, f"was visible, is {now.verdict.value} ({now.strength.value}){limit}"
    return _BACK if now.verdict is Verdict.VISIBLE else _UNCHECKED


def _list(old: Sequence[StoryRef], shown: ViewRecord | None, author: ViewRecord | None) -> _Told:
    if shown is None or shown.stories is None:
        return _UNCHECKED
    lost = lost_from_list(old, shown.stories)
    if not lost:
        return _BACK
    named = ", ".join(f"“{one_line(story.title or story.url, 60)}”" for story in lost[:_NAMED])
    more = f" and {len(lost) - _NAMED} more" if len(lost) > _NAMED else ""
    gone = ""
    if author is not None and author.stories:
        own = {story.key for story in author.stories}
        count = sum(story.key not in own for story in lost)
        gone = f" ({count} of them not in your own view either)" if count else ""
    return ItemState.MISSING, f"its list lacks {len(lost)} of {len(old)}: {named}{more}{gone}"


def lost_from_list(old: Sequence[StoryRef], new: Sequence[StoryRef]) -> tuple[StoryRef, ...]:
    """Return the stories that a list lacks, but for those that newer ones pushed off its end.

    Both are newest first. One is pushed off only where no older one is left, and the list is at least as long
    as it was.
    """
    keys = {story.key for story in new}
    public = [story for story in old if not story.kept_back]
    last_left = max((place for place, story in enumerate(public) if story.key in keys), default=-1)
    shorter = len(new) < len(public)
    return tuple(
        story
        for place, story in enumerate(public)
        if story.key not in keys and (shorter or place < last_left)
    )


def _members(new: ViewRecord | None) -> _Told:
    if new is None or new.outcome not in {Outcome.SHOWN, Outcome.RESTRICTED}:
        return _UNCHECKED
    if _means(new, SignKind.MEMBERS_ONLY) or new.outcome is Outcome.RESTRICTED:
        return _BACK
    return ItemState.MISSING, "was for members only, is shown to everybody"


def _search(shown: ViewRecord | None) -> _Told:
    if shown is None:
        return _UNCHECKED
    if shown.noindex is None or _means(shown, *_OWN_CHOICE):
        return _BACK
    return (
        ItemState.MISSING,
        f"search engines are told to leave it out (“{one_line(shown.noindex, 60)}”), and were not",
    )


def _address(old: ViewRecord, shown: ViewRecord | None) -> _Told:
    if shown is None or not host_of(shown.final_url):
        return _UNCHECKED
    was, now = (host_of(view.final_url).removeprefix("www.") for view in (old, shown))
    return _BACK if was == now else (ItemState.MISSING, f"was at {was}, is at {now}")


def _means(view: ViewRecord, *kinds: SignKind) -> bool:
    return any(sign.means in {kind.value for kind in kinds} for sign in view.signs)


def _followers(before: ProfileRecord, now: ProfileRecord | None) -> _Told | None:
    """Compare the same viewpoint's numbers, the author's first; None where the good run had none."""
    old = before.facts.get("followers", {})
    viewpoints = [viewpoint for viewpoint in (AUTHOR, ANONYMOUS) if old.get(viewpoint)]
    if not viewpoints:
        return None
    new = now.facts.get("followers", {}) if now else {}
    for viewpoint in viewpoints:
        was, count = old.get(viewpoint), new.get(viewpoint)
        if was is not None and count is not None:
            fewer = count < was * FEWER and was - count > CHURN
            return (ItemState.MISSING, f"were {was}, are {count}") if fewer else _BACK
    return _UNCHECKED


def missing_lines(
    items: Collection[RestoredItem], most: int, language: Language = Language.ENGLISH
) -> Iterator[str]:
    """Yield a line for each of the first items, and one that counts the others.

    What became of an item is told in English; other languages name it by its id, as commands take it.
    """
    english = language is Language.ENGLISH
    for item in list(items)[:most]:
        yield f"{item.words} [{item.id}]" if english else item.id
    if (more := len(items) - most) > 0:
        yield f"and {more} more" if english else f"+ {more}"
