"""A replay for people and for programs: what changed, by which rule, and by which mark."""

import json
from collections.abc import Iterator
from typing import Any

from selfcheck.core.text_safety import ascii_address, one_line
from selfcheck.core.times import plural
from selfcheck.replay.model import Compared, Judgement, LookChange, Replay, ReplayedProfile

SCHEMA = "selfcheck.replay/1"
_LONG = 160  # characters of a value that a line shows
_SILENT = {True: "silent, ", False: "not silent, ", None: ""}


def replay_text(replay: Replay) -> str:
    """Return the replay as lines for people."""
    return "\n".join(_lines(replay)) + "\n"


def replay_json(replay: Replay) -> str:
    """Return the replay as indented JSON that ends in a line break."""
    document = {
        "schema": SCHEMA,
        "run_id": replay.run_id,
        "changed": replay.changed,
        "then": {"version": replay.then.version, "rules_version": replay.then.rules_version},
        "now": {"version": replay.version, "rules_version": replay.rules_version},
        "notes": list(replay.notes),
        "profiles": [_profile_document(profile) for profile in replay.profiles],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _lines(replay: Replay) -> Iterator[str]:
    then = f"selfcheck {replay.then.version}, rules {replay.then.rules_version}"
    now = f"{replay.version}, rules {replay.rules_version}"
    yield f"Run {replay.run_id}: judged then by {then}; now by {now}."
    yield from (f"Note: {one_line(note)}" for note in replay.notes)
    for profile in replay.profiles:
        yield ""
        yield from _profile(profile)
    changed = sum(profile.changed for profile in replay.profiles)
    yield ""
    profiles = plural(len(replay.profiles), "profile")
    yield f"{changed} of {profiles} changed." if changed else f"No verdict changed in {profiles}."


def _profile(profile: ReplayedProfile) -> Iterator[str]:
    yield f"{profile.name}: {one_line(profile.handle)} on {one_line(profile.title)}"
    yield f"  {_compared(profile.compared)}"
    yield from _rules(profile.compared, "    ")
    yield from (f"  {_look(change)}" for change in profile.looks)
    yield from (f"  Note: {one_line(note)}" for note in profile.notes)
    for page in profile.pages:
        name = one_line(f"{page.kind.value} {page.subject}".strip())
        yield f"  {name}: {_compared(page.compared)}"
        yield from _rules(page.compared, "      ")


def _compared(compared: Compared) -> str:
    then, now = _judgement(compared.then), _judgement(compared.now)
    return f"{then} -> {now}" if then != now else then


def _judgement(judgement: Judgement) -> str:
    rule = f" by {judgement.rules[0]}" if judgement.rules else ""
    return f"{judgement.verdict.value} ({_SILENT[judgement.silent]}{judgement.strength.value}){rule}"


def _rules(compared: Compared, indent: str) -> Iterator[str]:
    for change in compared.rules:
        yield f"{indent}{'+' if change.came else '-'} {change.rule}: {one_line(change.why)}"


def _look(change: LookChange) -> str:
    where = f"{change.viewpoint} at {ascii_address(change.url)}"
    then, now = one_line(change.then, _LONG), one_line(change.now, _LONG)
    return f"read otherwise: {where}, {change.what}: {then} -> {now}"


def _profile_document(profile: ReplayedProfile) -> dict[str, Any]:
    return {
        "name": profile.name,
        "platform": profile.platform,
        "handle": profile.handle,
        **_compared_document(profile.compared),
        "looks": [
            {
                "url": change.url,
                "viewpoint": change.viewpoint,
                "what": change.what,
                "then": change.then,
                "now": change.now,
            }
            for change in profile.looks
        ],
        "notes": list(profile.notes),
        "pages": [
            {
                "kind": page.kind.value,
                "url": page.url,
                "folder": page.folder,
                "subject": page.subject,
                **_compared_document(page.compared),
            }
            for page in profile.pages
        ],
    }


def _compared_document(compared: Compared) -> dict[str, Any]:
    return {
        "changed": compared.changed,
        "then": _judgement_document(compared.then),
        "now": _judgement_document(compared.now),
        "rules_came": _changes(compared, came=True),
        "rules_went": _changes(compared, came=False),
    }


def _judgement_document(judgement: Judgement) -> dict[str, Any]:
    return {
        "verdict": judgement.verdict.value,
        "silent": judgement.silent,
        "strength": judgement.strength.value,
        "rules": list(judgement.rules),
    }


def _changes(compared: Compared, *, came: bool) -> list[dict[str, str]]:
    return [{"rule": change.rule, "why": change.why} for change in compared.rules if change.came is came]
