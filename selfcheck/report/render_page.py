"""The report over time as one HTML page: all profiles, their days, numbers, incidents and evidence.

Laws:
1. What comes from a page or a person is text: it is escaped and on one line.
2. The page asks for nothing but the pictures that lie beside it. It works without its script; the script
   adds how long ago things were, says what has become stale since, and tells a day when it is pointed at.
3. How a profile stands comes first; no meaning rests on colour alone.
4. Every chart has its numbers in a table.
"""

from dataclasses import dataclass
from datetime import timedelta

from markupsafe import Markup

from selfcheck.core.account_report import Site, SiteProfile
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.history import PageRow
from selfcheck.core.labels import KIND_WORD, VERDICT_TONE, VERDICT_WORD, Tone
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.templating import html_page
from selfcheck.core.text_safety import one_line
from selfcheck.report.charts import Chart, Form, chart_svg, scale_of
from selfcheck.report.current_status import Standing, moment_words, overall, standing, strength_word
from selfcheck.report.render_charts import Figure, NumberRow, charts, figures, legend_of, number_rows
from selfcheck.report.render_incidents import ShownIncident, shown_incident
from selfcheck.report.uptime_bar import (
    Stretch,
    date_words,
    day_word,
    legend,
    look_of,
    stretches,
    strip_svg,
    tally_words,
)

OVERALL_BADGE = "badge.svg"


@dataclass(frozen=True, kw_only=True)
class _ShownChart:
    """A chart with what stands around it."""

    title: str
    svg: Markup
    legend: tuple[tuple[str, str], ...]  # look and words
    note: str


@dataclass(frozen=True, kw_only=True)
class _ShownPage:
    """A page as the latest look found it."""

    name: str
    url: str
    word: str
    tone: Tone


@dataclass(frozen=True, kw_only=True)
class _ShownProfile:
    """A profile as the template shows it."""

    identity: str
    profile: SiteProfile
    standing: Standing
    strength: str
    looked: str
    looked_at: str  # for the script
    stale_at: str  # for the script: when the look will be too old
    strip: Markup
    strip_legend: tuple[tuple[str, str], ...]
    tally: str
    stretches: tuple[Stretch, ...]
    figures: tuple[Figure, ...]
    charts: tuple[_ShownChart, ...]
    rows: tuple[NumberRow, ...]
    pages: tuple[_ShownPage, ...]
    incidents: tuple[ShownIncident, ...]
    badge: str


def badge_path(name: str) -> str:
    """Return where a profile's badge lies beside the page."""
    return f"badges/{safe_name(name)}.svg"


def site_html(site: Site, hints: CommandHints) -> str:
    """Return the page."""
    title, _ = overall(site)
    return html_page(
        "selfcheck.report",
        "site.html.j2",
        styles=("base.css", "site.css"),
        script="site.js",
        site=site,
        title=title,
        heading=_heading(site, title),
        profiles=[_shown(one, number, site) for number, one in enumerate(site.profiles, start=1)],
        made=moment_words(site.made_at, site),
        made_at=_stamp(site, timedelta()),
        stale_hours=f"{site.stale_after / timedelta(hours=1):g}",
        overall_badge=OVERALL_BADGE,
        publish_with=hints.command("report", "--public"),
        date_words=date_words,
    )


def _heading(site: Site, title: str) -> str:
    if len(site.profiles) != 1:
        return title
    return f"{one_line(site.profiles[0].name)}: {title[:1].lower()}{title[1:]}"


def _stamp(site: Site, more: timedelta) -> str:
    return (site.made_at + more).isoformat(timespec="seconds")


def _shown(profile: SiteProfile, number: int, site: Site) -> _ShownProfile:
    identity, found = f"profile-{number}", standing(profile, site)
    return _ShownProfile(
        identity=identity,
        profile=profile,
        standing=found,
        strength=strength_word(profile, site),
        looked=moment_words(profile.last.at, site),
        looked_at=profile.last.at.isoformat(timespec="seconds"),
        stale_at=(profile.last.at + site.stale_after).isoformat(timespec="seconds"),
        strip=_strip(profile, identity),
        strip_legend=tuple((look_of(day), day_word(day)) for day in legend(profile.days, profile.begun)),
        tally=tally_words(profile.days, profile.begun),
        stretches=stretches(profile.days, profile.begun),
        figures=() if site.public else figures(profile),
        charts=() if site.public else tuple(_chart(one) for one in charts(profile, site, identity)),
        rows=number_rows(profile, numbers=not site.public),
        pages=tuple(_page(page, stale=found.stale) for page in profile.pages),
        incidents=tuple(shown_incident(one, site) for one in profile.incidents),
        badge=badge_path(profile.name),
    )


def _page(page: PageRow, *, stale: bool) -> _ShownPage:
    """Return a page in words; what a stale look found is told, but in no tone of today."""
    opened = page.kind is PageKind.STATS and page.verdict is Verdict.VISIBLE
    word = "Opened" if opened else VERDICT_WORD[page.verdict]
    tone = Tone.UNCLEAR if stale else VERDICT_TONE[page.verdict]
    return _ShownPage(
        name=KIND_WORD[page.kind], url=page.url, word=f"Then: {word.lower()}" if stale else word, tone=tone
    )


def _strip(profile: SiteProfile, identity: str) -> Markup:
    days = profile.days
    title = f"{one_line(profile.name)}, day by day: {date_words(days[0].day)} to {date_words(days[-1].day)}"
    return strip_svg(days, identity=f"{identity}-strip", title=title, begun=profile.begun)


def _chart(chart: Chart) -> _ShownChart:
    return _ShownChart(
        title=chart.title,
        svg=chart_svg(chart),
        legend=tuple(legend_of(chart)),
        note=_note(chart),
    )


def _note(chart: Chart) -> str:
    """Return what has to be known to read the chart rightly."""
    if chart.suffix:
        return "Each line begins at 0 % with its own first number. A purge lowers all of them together."
    if chart.form is Form.LINE and scale_of(chart).low > 0:
        return "The upright axis does not begin at 0."
    return ""
