"""The status of a profile today: in words for the report, and as a badge (SVG). Pure.

Laws:
1. A run that is too old says nothing about today; whatever it found, it is not shown as good.
2. What is inconclusive is not shown as good, whatever was found before.
3. A public text does not address the author and tells nothing that only the author's view told.
4. A badge shows the day of the check, so that an old one is seen to be old; only what is known to be visible
   today is green. It needs no font, no script and no address.
"""

from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup, escape

from selfcheck.core.account_report import AccountReport, ReportOverTime
from selfcheck.core.enums import WORST_FIRST, Verdict
from selfcheck.core.labels import STRENGTH_WORD, VERDICT_TONE, VERDICT_WORD, Tone, verdict_headline
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words, long_date

PUBLIC_HEADLINE = {
    Verdict.VISIBLE: "Visible",
    Verdict.LIMITED: "Limited: not all of it reaches the public",
    Verdict.HIDDEN: "Hidden: the public does not find it",
    Verdict.SUSPENDED: "Suspended",
    Verdict.MISSING: "Missing: the public does not find it",
    Verdict.INCONCLUSIVE: "Could not tell this time",
}
_PUBLIC_SENTENCE = {
    Verdict.VISIBLE: "Nothing of it was found to be held back from the public.",
    Verdict.LIMITED: "Not all of it reaches the public as it should.",
    Verdict.HIDDEN: "Its author sees it; the public does not find it.",
    Verdict.SUSPENDED: "The platform says that it is suspended.",
    Verdict.MISSING: "The public does not find it.",
    Verdict.INCONCLUSIVE: "The check was inconclusive, which is neither good news nor bad news.",
}


@dataclass(frozen=True, kw_only=True)
class CurrentStatus:
    """What is known of a profile today."""

    verdict: Verdict  # of the latest run
    stale: bool
    word: str  # a word or two
    tone: Tone
    headline: str
    sentence: str

    @property
    def good(self) -> bool:
        """Return whether the public is known to see all of it."""
        return self.verdict is Verdict.VISIBLE and not self.stale

    @property
    def known(self) -> bool:
        """Return whether anything is known of today."""
        return not self.stale and self.verdict is not Verdict.INCONCLUSIVE


def current_status(profile: AccountReport, report: ReportOverTime) -> CurrentStatus:
    """Return the status of a profile when the report was made."""
    last = profile.last
    word = VERDICT_WORD[last.verdict]
    if report.made_at - last.at > report.stale_after:
        return CurrentStatus(
            verdict=last.verdict,
            stale=True,
            word="Not known today",
            tone=Tone.UNCLEAR,
            headline=f"Not checked for {duration_words(report.made_at - last.at)}",
            sentence=f"The last check was on {day_words(last.at, report)}: {word.lower()}."
            " What the public sees today is not known.",
        )
    if last.verdict is Verdict.INCONCLUSIVE:
        sentence = _inconclusive(profile, report)
    else:
        sentence = _PUBLIC_SENTENCE[last.verdict] if report.public else one_line(last.summary)
    headline = verdict_headline(last.verdict, silent=last.silent)
    return CurrentStatus(
        verdict=last.verdict,
        stale=False,
        word=word,
        tone=VERDICT_TONE[last.verdict],
        headline=PUBLIC_HEADLINE[last.verdict] if report.public else headline,
        sentence=sentence,
    )


def _inconclusive(profile: AccountReport, report: ReportOverTime) -> str:
    reason = "" if report.public else one_line(profile.last.summary)
    conclusive = profile.last_conclusive
    if conclusive is None:
        return f"{reason} No run so far was conclusive.".strip()
    when, word = day_words(conclusive.at, report), VERDICT_WORD[conclusive.verdict].lower()
    return f"{reason} The last conclusive check was on {when}: {word}.".strip()


def strength_word(profile: AccountReport, report: ReportOverTime) -> str:
    """Return how sure the latest verdict is; "" where nothing is known of today."""
    return STRENGTH_WORD[profile.last.strength] if current_status(profile, report).known else ""


def overall(report: ReportOverTime) -> tuple[str, Tone]:
    """Return all profiles in one headline, and its tone: the worst of theirs."""
    statuses = [current_status(profile, report) for profile in report.profiles]
    if len(statuses) == 1:
        return statuses[0].headline, statuses[0].tone
    count, unknown = len(statuses), sum(not status.known for status in statuses)
    if all(status.good for status in statuses):
        return f"All {count} profiles are visible", Tone.GOOD
    fresh = [status.verdict for status in statuses if status.known and not status.good]
    if not fresh:
        return f"What the public sees of {unknown} of {count} profiles is not known today", Tone.UNCLEAR
    tone = Tone.BAD if any(status.tone is Tone.BAD for status in statuses) else Tone.WARN
    more = f"; {unknown} not known today" if unknown else ""
    kinds = [verdict for verdict in WORST_FIRST if verdict in fresh]
    subject = f"{len(fresh)} of {count} profiles {'is' if len(fresh) == 1 else 'are'}"
    if len(kinds) == 1:
        return f"{subject} {VERDICT_WORD[kinds[0]].lower()}{more}", tone
    named = ", ".join(f"{fresh.count(kind)} {VERDICT_WORD[kind].lower()}" for kind in kinds)
    return f"{subject} not fully visible to the public: {named}{more}", tone


def day_words(at: datetime, report: ReportOverTime) -> str:
    """Return the day of a moment in the author's time zone: `3 October 2026`."""
    return long_date(at.astimezone(report.zone).date())


def moment_words(at: datetime, report: ReportOverTime) -> str:
    """Return a moment in the author's time zone: `3 October 2026, 09:12 CEST`."""
    return f"{day_words(at, report)}, {at.astimezone(report.zone):%H:%M %Z}"


# -- badges ------------------------------------------------------------------------------------------------

_COLOURS = {Tone.GOOD: "#167138", Tone.BAD: "#b02018", Tone.WARN: "#8a5a00", Tone.UNCLEAR: "#57606a"}
_NARROW, _WIDE = frozenset("fijlrt.,:;'|!()[]I -"), frozenset("mwMW@%")
_PAD = 7
_LONGEST = 40


def profile_badge(profile: AccountReport, report: ReportOverTime) -> str:
    """Return the badge of one profile as the text of an SVG file."""
    status = current_status(profile, report)
    message = f"{_badge_word(status)} · {_badge_day(profile, report)}"
    return badge_svg(one_line(profile.name, _LONGEST), message, status.tone)


def overall_badge(report: ReportOverTime) -> str:
    """Return the badge of all profiles together; its day is that of the profile checked longest ago."""
    if not report.profiles:
        return badge_svg("selfcheck", "no check so far", Tone.UNCLEAR)
    statuses = [current_status(profile, report) for profile in report.profiles]
    oldest = min(report.profiles, key=lambda profile: profile.last.at)
    good = sum(status.good for status in statuses)
    if len(statuses) == 1:
        words = _badge_word(statuses[0])
    else:
        words = f"all {good} visible" if good == len(statuses) else f"{good} of {len(statuses)} visible"
    return badge_svg("selfcheck", f"{words} · {_badge_day(oldest, report)}", overall(report)[1])


def _badge_word(status: CurrentStatus) -> str:
    return "not known today" if status.stale else status.word.lower()


def _badge_day(profile: AccountReport, report: ReportOverTime) -> str:
    at = profile.last.at.astimezone(report.zone)
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
    return sum(4.2 if letter in _NARROW else 9.6 if letter in _WIDE else 6.9 for letter in text)
