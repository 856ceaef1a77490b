"""How a profile stands today, in a word, a headline and a sentence: shared by the report and the badges.

Laws:
1. A look that is too old says nothing of today; whatever it found, it is not shown as good.
2. What could not be told is not shown as good, whatever was found before.
3. A public text addresses nobody as the author and tells nothing that only the author's view told.
"""

from dataclasses import dataclass
from datetime import datetime

from selfcheck.core.account_report import Site, SiteProfile
from selfcheck.core.enums import BAD, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.labels import (
    STRENGTH_WORD,
    VERDICT_TONE,
    VERDICT_WORD,
    Tone,
    verdict_headline,
)
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words

PUBLIC_HEADLINE = {
    Verdict.VISIBLE: "Visible to everybody",
    Verdict.LIMITED: "Limited: strangers see less than they should",
    Verdict.HIDDEN: "Hidden: strangers are told that it is not there",
    Verdict.SUSPENDED: "Suspended: strangers are told so",
    Verdict.MISSING: "Missing: strangers are told that there is nothing here",
    Verdict.INCONCLUSIVE: "Could not tell this time",
}
PUBLIC_SENTENCE = {
    Verdict.VISIBLE: "Strangers see it, whole.",
    Verdict.LIMITED: "Strangers see it, but less of it than they should.",
    Verdict.HIDDEN: "Its author sees it, strangers are told that it is not there.",
    Verdict.SUSPENDED: "Strangers are told that it is suspended.",
    Verdict.MISSING: "Strangers are told that there is nothing here.",
    Verdict.INCONCLUSIVE: "The look could not tell; that is no good news and no bad news.",
}


@dataclass(frozen=True, kw_only=True)
class Standing:
    """What is known of a profile today."""

    verdict: Verdict  # of the latest look
    stale: bool
    word: str  # a word or two
    tone: Tone
    headline: str
    sentence: str

    @property
    def good(self) -> bool:
        """Return whether strangers are known to see it whole."""
        return self.verdict is Verdict.VISIBLE and not self.stale


def standing(profile: SiteProfile, site: Site) -> Standing:
    """Return how the profile stood when the report was made."""
    last = profile.last
    if site.made_at - last.at > site.stale_after:
        return _stale(last, site)
    told = last.verdict is not Verdict.INCONCLUSIVE
    return Standing(
        verdict=last.verdict,
        stale=False,
        word=VERDICT_WORD[last.verdict],
        tone=VERDICT_TONE[last.verdict],
        headline=headline(last, public=site.public),
        sentence=_sentence(last, public=site.public) if told else _untold(profile, site),
    )


def headline(row: RunRow, *, public: bool) -> str:
    """Return what a run found, as a headline."""
    return PUBLIC_HEADLINE[row.verdict] if public else verdict_headline(row.verdict, silent=row.silent)


def _sentence(row: RunRow, *, public: bool) -> str:
    if public:
        return PUBLIC_SENTENCE[row.verdict]
    return one_line(row.summary)


def _untold(profile: SiteProfile, site: Site) -> str:
    why = "" if site.public else one_line(profile.last.summary)
    if profile.told is None:
        return f"{why} No run so far could tell.".strip()
    when = day_words(profile.told.at, site)
    return f"{why} It was last told on {when}: {VERDICT_WORD[profile.told.verdict].lower()}.".strip()


def _stale(last: RunRow, site: Site) -> Standing:
    age = duration_words(site.made_at - last.at)
    found = VERDICT_WORD[last.verdict].lower()
    said = "it could not tell" if last.verdict is Verdict.INCONCLUSIVE else f"it found: {found}"
    return Standing(
        verdict=last.verdict,
        stale=True,
        word="Not known today",
        tone=Tone.UNCLEAR,
        headline=f"Not looked at for {age}",
        sentence=f"The last look was on {day_words(last.at, site)}, and {said}. "
        f"What strangers see today is not known.",
    )


def strength_word(profile: SiteProfile, site: Site) -> str:
    """Return how well the latest verdict is founded; nothing for what could not be told, or not of today."""
    found = standing(profile, site)
    unknown = found.stale or found.verdict is Verdict.INCONCLUSIVE
    return "" if unknown else STRENGTH_WORD[profile.last.strength]


def overall(site: Site) -> tuple[str, Tone]:
    """Return all profiles in one headline, and its tone: the worst of theirs."""
    found = [standing(one, site) for one in site.profiles]
    if len(found) == 1:
        return found[0].headline, found[0].tone
    count, good = len(found), sum(one.good for one in found)
    if good == count:
        return f"All {count} profiles are visible to everybody", Tone.GOOD
    unknown = sum(one.stale or one.verdict is Verdict.INCONCLUSIVE for one in found)
    bad = _bad(found)
    if not bad:
        return f"What strangers see of {unknown} of {count} profiles is not known today", Tone.UNCLEAR
    more = f"; {unknown} could not be told today" if unknown else ""
    return f"{_bad_words(bad, count)}{more}", _worst_tone(found)


def _bad_words(bad: list[tuple[Verdict, int]], count: int) -> str:
    total = sum(number for _, number in bad)
    verb = "is" if total == 1 else "are"
    if len(bad) == 1:
        return f"{total} of {count} profiles {verb} {VERDICT_WORD[bad[0][0]].lower()}"
    named = ", ".join(f"{number} {VERDICT_WORD[verdict].lower()}" for verdict, number in bad)
    return f"{total} of {count} profiles {verb} kept from strangers: {named}"


def _worst_tone(found: list[Standing]) -> Tone:
    return Tone.BAD if any(one.tone is Tone.BAD for one in found) else Tone.WARN


def _bad(found: list[Standing]) -> list[tuple[Verdict, int]]:
    fresh = [one.verdict for one in found if not one.stale]
    return [(one, fresh.count(one)) for one in BAD if one in fresh]


# -- words of time ---------------------------------------------------------------------------------------


def day_words(at: datetime, site: Site) -> str:
    """Return the day of a moment in the author's time zone: `3 October 2026`."""
    local = at.astimezone(site.zone)
    return f"{local.day} {local:%B %Y}"


def moment_words(at: datetime, site: Site) -> str:
    """Return a moment in the author's time zone: `3 October 2026, 09:12 CEST`."""
    return f"{day_words(at, site)}, {at.astimezone(site.zone):%H:%M %Z}"
