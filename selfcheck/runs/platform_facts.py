"""What a platform file says that weighs the evidence. Pure."""

from dataclasses import replace

from selfcheck.core.case import PlatformFacts
from selfcheck.core.enums import PageKind, SignKind
from selfcheck.platforms.page_reading import CONFIRMED
from selfcheck.platforms.schema import Platform


def with_platform(facts: PlatformFacts, platform: Platform) -> PlatformFacts:
    """Return the facts with all that the platform file says; what the run alone knows stays as it is.

    A replay takes them from today's platform file in the same way.
    """
    return replace(
        facts,
        title=platform.title,
        fold_case=platform.handle.fold_case,
        handle_form=platform.handle.show,
        platform_sets_robots=platform.robots_by == "platform",
        platform_robots=None
        if isinstance(by := platform.robots_by, str)
        else tuple(kind for kind in PageKind if by.get(kind) == "platform"),
        feed_limit=platform.feed_limit,
        has_fallback=bool(platform.fallbacks),
        separate_sessions=tuple(platform.sign_in.on) if platform.sign_in else (),
        tells_signed_in=platform.sign_in is not None,
        reads_lists=tuple(dict.fromkeys(kind for one in platform.stories for kind in one.on)),
        page_sizes={
            kind: one.page_size for one in platform.stories for kind in one.on if one.page_size is not None
        },
        lists_know_kept=tuple(
            dict.fromkeys(kind for one in platform.stories if one.kept_back for kind in one.on)
        ),
        knows_kept=tuple(kind for kind in PageKind if knows_kept(platform, kind)),
        signs_kept=tuple(kind for kind in PageKind if _keeps(platform, kind)),
        owner_can_hide=platform.owner_can_hide,
        knows_unlisted=any(sign.means is SignKind.UNLISTED for sign in platform.signs),
        unconfirmed=_unconfirmed(platform),
        login_wall=platform.login_wall,
        day_starts=platform.day_starts_minutes,
    )


def _unconfirmed(platform: Platform) -> frozenset[str]:
    """Return what the file only reports or guesses; of a kind's lists and views, where none is confirmed."""
    marks = {mark.id for mark in platform.marks if mark.tag != CONFIRMED}
    signs = {sign.id for sign in platform.signs if sign.tag != CONFIRMED}
    numbers = {f"facts.{name}" for name, fact in platform.facts.items() if fact.tag != CONFIRMED}
    kinds = {kind for one in platform.stories for kind in one.on}
    sure = {kind for one in platform.stories if one.tag == CONFIRMED for kind in one.on}
    return frozenset({*marks, *signs, *numbers, *(f"stories.{kind}" for kind in kinds - sure)})


def knows_kept(platform: Platform, kind: PageKind) -> bool:
    """Return whether the author's view of this kind of page tells what its owner keeps for themselves."""
    return kind in platform.always_public or _keeps(platform, kind)


def _keeps(platform: Platform, kind: PageKind) -> bool:
    """Return whether a sign on this kind of page tells that its owner keeps it for themselves."""
    tells = {SignKind.UNPUBLISHED, SignKind.PRIVATE}
    return any(sign.means in tells and (not sign.on or kind in sign.on) for sign in platform.signs)
