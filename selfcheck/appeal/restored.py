"""`selfcheck appeal restored`: what an incident took and is not back, until it is or its author says done.

Laws:
1. What was and what is now stand side by side; no reason is named, since the author may have changed it.
2. What no run could check is listed apart: it is neither back nor missing.
"""

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.incident import EventKind
from selfcheck.core.times import plural
from selfcheck.errors import UsageError, unknown_name
from selfcheck.history.restoration import Restoration, RestoredItem
from selfcheck.history.service import add_author_event, open_history, restorations
from selfcheck.storage.data_folder import DataFolder

ALL = "all"
"""Instead of an item: all that are not back."""
_STATUS_LINES = 5


def restored_incidents(data: DataFolder, word: str | None) -> tuple[Restoration, ...]:
    """Return the last incident of each profile, if it is over; or of the profile or incident that is named.

    Raise UsageError where nothing is over there; IncidentUnknownError; StorageError.
    """
    if not data.has_history():
        return ()
    with open_history(data) as history:
        if word is None:
            return restorations(history)
        profile = word if word in history.profiles() else history.incident(word).profile
        restored = restorations(history, profile)
        wanted = (
            restored if word == profile else [last for last in restored if last.incident.id.startswith(word)]
        )
    if not wanted:
        raise UsageError(
            f"`{word}` is not the last restored incident of a profile.",
            cause="It still goes on, was dismissed, was of another account, or there is a later one.",
            next_step=lambda hints: f"`{hints.command('appeal', 'restored')}` lists those that are over.",
        )
    return tuple(wanted)


def mark_done(data: DataFolder, restored: Restoration, ids: Collection[str], *, now: datetime) -> list[str]:
    """Keep that the author needs no more of these items, and return which were not called done before.

    Raise UsageError for an item that the incident does not have, and then keep none; StorageError.
    """
    by_id = {item.id: item for item in restored.items}
    for name in ids:
        if name != ALL and name not in by_id:
            raise unknown_name(f"{restored.incident.id} has no item called `{name}`.", name, list(by_id))
    wanted = [item.id for item in restored.missing] if ALL in ids else []
    new = [name for name in dict.fromkeys((*ids, *wanted)) if name != ALL and not by_id[name].done]
    for name in new:
        add_author_event(data, restored.incident.id, EventKind.ITEM_DONE, name, now=now)
    return new


def restored_text(restorations: Sequence[Restoration], hints: CommandHints) -> str:
    """Return of each incident what is not back, what was not checked, and what its author called done."""
    if not restorations:
        return "No incident is over.\n"
    return "\n\n".join("\n".join(_lines(restored, hints)) for restored in restorations) + "\n"


def missing_text(restorations: Sequence[Restoration], hints: CommandHints) -> str:
    """Return a paragraph for each incident of which something is not back; "": all is."""
    return "".join(
        "\n"
        + "\n".join(
            (
                f"{restored.incident.profile}: not all is back since {restored.incident.id} ended:",
                *_items(restored.missing[:_STATUS_LINES]),
                f"  {hints.command('appeal', 'restored', restored.incident.id)}",
            )
        )
        + "\n"
        for restored in restorations
        if restored.missing
    )


def _lines(restored: Restoration, hints: CommandHints) -> Iterator[str]:
    incident = restored.incident
    over = f" on {incident.over_at:%Y-%m-%d}" if incident.over_at else ""
    yield f"{incident.id}: over{over}"
    if restored.lacking:
        yield f"  What came back cannot be told: {restored.lacking}."
        return
    done = [item for item in restored.items if item.done]
    count = len(restored.items) - len(restored.missing) - len(restored.unchecked) - len(done)
    yield f"  {plural(count, 'thing')} of {len(restored.items)} as the last good check saw it."
    if restored.missing:
        yield "  Not back:"
        yield from _items(restored.missing)
        yield f"  What you do not miss: {hints.command('appeal', 'restored', incident.id, '--done', 'ITEM')}"
    if restored.unchecked:
        yield "  Not checked since, or not with an answer:"
        yield from _items(restored.unchecked)
    if done:
        yield f"  You called done: {', '.join(item.id for item in done)}"


def _items(items: Sequence[RestoredItem]) -> Iterator[str]:
    width = max((len(item.id) for item in items), default=0)
    return (f"    {item.id:<{width}}  {item.words}" for item in items)
