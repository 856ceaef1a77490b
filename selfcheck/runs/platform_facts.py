"""What is known of a platform that weighs the evidence: the same for a run and for its replay."""

from dataclasses import replace

from selfcheck.core.case import PlatformFacts
from selfcheck.core.enums import SignKind
from selfcheck.platforms.schema import Platform


def with_platform(known: PlatformFacts, platform: Platform) -> PlatformFacts:
    """Return what is known with all that the platform file says; what the run alone knows is kept."""
    return replace(
        known,
        title=platform.title,
        fold_case=platform.handle.fold_case,
        platform_sets_robots=platform.robots_by == "platform",
        feed_limit=platform.feed_limit,
        has_fallback=bool(platform.fallbacks),
        knows_unlisted=any(one.means is SignKind.UNLISTED for one in platform.signs),
        day_starts=platform.day_starts_minutes,
    )
