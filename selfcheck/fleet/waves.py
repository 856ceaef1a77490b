"""What one slot changed, and when many changes of one platform are a wave. Pure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from selfcheck.alerts.notice import AlertMessage
from selfcheck.core.enums import BAD, Verdict
from selfcheck.core.times import minute, plural

LEAST, SHARE = 5, 0.02
"""A wave is at least so many profiles of a platform, and at least that share of them: fewer may be chance.
Ours; no source names a number."""

_NAMED = 10  # profiles that a message names


@dataclass(frozen=True, kw_only=True)
class SlotChange:
    """A profile whose result in the slot differs from the one before."""

    profile: str
    platform: str
    before: Verdict | None
    verdict: Verdict

    @property
    def turned_bad(self) -> bool:
        """Return whether it was well, or not known, and is not any more."""
        return self.verdict in BAD and self.before not in BAD


@dataclass(frozen=True, kw_only=True)
class PlatformSlot:
    """What a slot found at one platform."""

    platform: str
    results: int
    controls: int  # control accounts that were opened in the slot
    controls_ok: int  # of them, those that looked as they must


@dataclass(frozen=True, kw_only=True)
class Wave:
    """Many profiles of a platform that turned bad in one slot."""

    platform: PlatformSlot
    profiles: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """Return it in words, with what the controls say."""
        place = self.platform
        wrong = place.controls - place.controls_ok
        if not place.controls:
            controls = "no control account was opened"
        elif wrong:
            controls = f"{wrong} of {place.controls} controls were not as they must be, so suspect the marks"
        else:
            controls = f"all {plural(place.controls, 'control')} were as they must be"
        return (
            f"{place.platform}: {len(self.profiles)} of {place.results} since the last slot: a wave, or the"
            f" marks are old ({controls})."
        )


def waves(platforms: Iterable[PlatformSlot], changes: Sequence[SlotChange]) -> tuple[Wave, ...]:
    """Return the waves of a slot."""
    found = []
    for place in platforms:
        bad = tuple(
            change.profile for change in changes if change.platform == place.platform and change.turned_bad
        )
        if len(bad) >= LEAST and len(bad) >= SHARE * place.results:
            found.append(Wave(platform=place, profiles=bad))
    return tuple(found)


def slot_message(
    due: datetime, platforms: Sequence[PlatformSlot], changes: Sequence[SlotChange]
) -> AlertMessage | None:
    """Return the one message about a slot; None where nothing turned bad and nothing recovered."""
    found = waves(platforms, changes)
    in_waves = {profile for wave in found for profile in wave.profiles}
    bad = [change for change in changes if change.turned_bad and change.profile not in in_waves]
    well = [change for change in changes if change.verdict is Verdict.VISIBLE and change.before in BAD]
    if not found and not bad and not well:
        return None
    lines = [wave.sentence for wave in found]
    lines += [f"  {_named(wave.profiles)}" for wave in found]
    lines += [f"{change.profile} ({change.platform}): {change.verdict}" for change in bad[:_NAMED]]
    lines += [f"and {len(bad) - _NAMED} more"] if len(bad) > _NAMED else []
    lines += [f"Visible again: {_named([change.profile for change in well])}"] if well else []
    turned = len(in_waves) + len(bad)
    title = f"Fleet: {plural(turned, 'profile')} turned bad" if turned else "Fleet: visible again"
    document = {
        "slot": due.isoformat(),
        "turned_bad": turned,
        "visible_again": len(well),
        "waves": [{"platform": wave.platform.platform, "profiles": list(wave.profiles)} for wave in found],
    }
    return AlertMessage(title=title, body="\n".join([f"Slot of {minute(due)}.", *lines]), document=document)


def _named(profiles: Sequence[str]) -> str:
    more = f" and {len(profiles) - _NAMED} more" if len(profiles) > _NAMED else ""
    return ", ".join(profiles[:_NAMED]) + more
