"""Badges: a small SVG that says how a profile stands, for a page of the author's own.

Laws:
1. A badge bears the day of the look: whoever meets an old one sees that it is old.
2. Only what is known to be visible today is green; what is stale or could not be told is grey.
3. It needs nothing: no font, no script, no address.
"""

from markupsafe import Markup, escape

from selfcheck.core.account_report import Site, SiteProfile
from selfcheck.core.enums import Verdict
from selfcheck.core.labels import Tone
from selfcheck.core.text_safety import one_line
from selfcheck.report.current_status import Standing, overall, standing

_COLOURS = {Tone.GOOD: "#167138", Tone.BAD: "#b02018", Tone.WARN: "#8a5a00", Tone.UNCLEAR: "#57606a"}
_NARROW, _WIDE = frozenset("fijlrt.,:;'|!()[]I -"), frozenset("mwMW@%")
_PAD = 7
_LONGEST = 40


def profile_badge(profile: SiteProfile, site: Site) -> str:
    """Return the badge of one profile as the text of an SVG file."""
    found = standing(profile, site)
    return badge_svg(one_line(profile.name, _LONGEST), f"{_word(found)} · {_day(profile, site)}", found.tone)


def overall_badge(site: Site) -> str:
    """Return the badge of all profiles together; its day is that of the oldest of the latest looks."""
    if not site.profiles:
        return badge_svg("selfcheck", "no look so far", Tone.UNCLEAR)
    found = [standing(one, site) for one in site.profiles]
    oldest = min(site.profiles, key=lambda one: one.last.at)
    return badge_svg("selfcheck", f"{_count(found)} · {_day(oldest, site)}", overall(site)[1])


def _count(found: list[Standing]) -> str:
    """Return how many are seen, of how many; what is not known is never among them."""
    if len(found) == 1:
        return _word(found[0])
    good = sum(one.good for one in found)
    return f"all {good} visible" if good == len(found) else f"{good} of {len(found)} visible"


def _word(found: Standing) -> str:
    if found.stale:
        return "not known today"
    return "could not tell" if found.verdict is Verdict.INCONCLUSIVE else found.word.lower()


def _day(profile: SiteProfile, site: Site) -> str:
    at = profile.last.at.astimezone(site.zone)
    return f"{at.day} {at:%b %Y}"


def badge_svg(label: str, message: str, tone: Tone) -> str:
    """Return a badge with a dark label and a message in its tone."""
    left, right = (round(_width(text)) + 2 * _PAD for text in (label, message))
    whole = left + right
    name = escape(f"{label}: {message}")
    return Markup(  # noqa: S704 - every text in it went through escape
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{name}">'
        f"<title>{name}</title>"
        f'<clipPath id="round"><rect width="{whole}" height="20" rx="4"/></clipPath>'
        f'<g clip-path="url(#round)"><rect width="{left}" height="20" fill="#161b22"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{_COLOURS[tone]}"/></g>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11" text-anchor="middle">'
        f"{_text(label, left / 2, left)}{_text(message, left + right / 2, right)}</g></svg>\n"
    )


def _text(text: str, middle: float, width: int) -> str:
    """Return the words, drawn as wide as their room, whichever font the reader has."""
    return f'<text x="{middle:g}" y="14" textLength="{width - 2 * _PAD}">{escape(text)}</text>'


def _width(text: str) -> float:
    return sum(4.2 if one in _NARROW else 9.6 if one in _WIDE else 6.9 for one in text)
