"""The run as one HTML file that needs nothing else: it opens from disk and on a phone.

Laws:
1. What comes from a page is text: it is escaped, on one line, and becomes a link only with http or https.
2. The file asks for nothing: styles and script are in it, and its policy forbids all else but the run's own
   pictures beside it. Previews of what is not well are in it too; the other pictures are those beside it.
3. It works without its script: the script adds the enlarged view and the wipe, nothing that is only there.
4. The verdict comes first; no meaning rests on colour alone. An unknown number stays unknown.
"""

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from selfcheck.core import labels as words
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome
from selfcheck.core.headlines import main_page, profile_headline
from selfcheck.core.observation import Observation
from selfcheck.core.run import RunResult
from selfcheck.core.templating import html_page
from selfcheck.core.text_safety import one_line
from selfcheck.core.verdict import PageVerdict

UNKNOWN = "not known"

_VIEWS = ((ANONYMOUS, "What the public sees"), (AUTHOR, "What the author sees"))
_LONG = 220  # characters of a page's own words that a cell shows


@dataclass(frozen=True, kw_only=True)
class Row:
    """One line of a table with a column for each viewpoint."""

    label: str
    anonymous: str
    author: str
    differs: bool


@dataclass(frozen=True, kw_only=True)
class _Reading:
    """How a row is read from what a viewpoint was shown."""

    label: str
    read: Callable[[Observation], str | None]
    compared: bool = False
    absent: str = UNKNOWN  # what is shown where there is no such value


def report_html(result: RunResult, previews: Mapping[str, bytes]) -> str:
    """Return the report; `previews` holds reduced JPEGs by the path of the screenshot that they show.

    A screenshot without one is shown from its own file.
    """
    return html_page(
        "selfcheck.runs",
        "report.html.j2",
        styles=("base.css", "report.css"),
        script="report.js",
        result=result,
        previews={
            path: f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
            for path, jpeg in previews.items()
        },
        troubles=[trouble for profile in result.profiles if (trouble := words.session_trouble(profile))],
        views=_VIEWS,
        page_rows=page_rows,
        fact_rows=fact_rows,
        title=_title,
        main_page=main_page,
        headline=profile_headline,
        has_picture=_has_picture,
        browser_mode=words.BROWSER_MODE_WORDS[result.browser_mode],
    )


def _has_picture(page: PageVerdict) -> bool:
    return any(look.screenshot for look in page.views.values())


def _title(result: RunResult) -> str:
    """Return the verdict in one line: a single profile's own, else how many have which."""
    if len(result.profiles) != 1:
        return f"{len(result.profiles)} profiles: {words.tally(result)}"
    profile = result.profiles[0]
    return f"{one_line(profile.name)}: {profile_headline(profile)}"


# -- the tables: what each viewpoint was shown, and where the two differ --


def page_rows(page: PageVerdict) -> tuple[Row, ...]:
    """Return what both viewpoints were shown of a page; rows that are unknown to both are left out."""
    looks = (page.views.get(ANONYMOUS), page.views.get(AUTHOR))
    return tuple(row for reading in _READINGS if (row := _row(reading, looks)))


def fact_rows(facts: Mapping[str, Mapping[str, int | None]]) -> tuple[Row, ...]:
    """Return a profile's numbers as both viewpoints were shown them."""
    rows = []
    for name, values in facts.items():
        numbers = [values.get(viewpoint) for viewpoint in (ANONYMOUS, AUTHOR)]
        anonymous, author = (UNKNOWN if number is None else f"{number:,}" for number in numbers)
        rows.append(
            Row(
                label=name.replace("_", " ").capitalize(),
                anonymous=anonymous,
                author=author,
                differs=None not in numbers and numbers[0] != numbers[1],
            )
        )
    return tuple(rows)


def _row(reading: _Reading, looks: tuple[Observation | None, Observation | None]) -> Row | None:
    cells = [None if look is None else reading.read(look) for look in looks]
    if cells == [None, None]:
        return None
    anonymous, author = (
        "not opened" if look is None else reading.absent if cell is None else cell
        for look, cell in zip(looks, cells, strict=True)
    )
    differs = reading.compared and None not in cells and cells[0] != cells[1]
    return Row(label=reading.label, anonymous=anonymous, author=author, differs=differs)


def _engines(look: Observation) -> str | None:
    if look.noindex:
        return f"kept out ({one_line(look.noindex, 80)})"
    return "let in" if look.outcome is Outcome.SHOWN else None


def _signs(look: Observation) -> str | None:
    return ", ".join(f"{sign.meaning.value.replace('_', ' ')} ({sign.id})" for sign in look.signs) or None


_READINGS = (
    _Reading(label="Found", read=lambda look: words.OUTCOME_WORD[look.outcome], compared=True),
    _Reading(
        label="HTTP status",
        read=lambda look: None if look.status is None else str(look.status),
        compared=True,
        absent="no answer",
    ),
    _Reading(label="Address at the end", read=lambda look: one_line(look.final_url) or None, compared=True),
    _Reading(
        label="Title", read=lambda look: one_line(look.title, _LONG) or None, compared=True, absent="none"
    ),
    _Reading(
        label="The page's own words",
        read=lambda look: f"“{one_line(look.own_words, _LONG)}”" if look.own_words else None,
        absent="none",
    ),
    _Reading(
        label="Why there was no answer",
        read=lambda look: one_line(words.failure_words(look.failure), _LONG) if look.failure else None,
        absent="there was one",
    ),
    _Reading(label="Search engines", read=_engines, compared=True, absent="does not apply"),
    _Reading(
        label="Stories listed",
        read=lambda look: None if look.stories is None else str(len(look.stories)),
        compared=True,
    ),
    _Reading(
        label="Text",
        read=lambda look: f"{look.text_length:,} characters" if look.text_length else None,
        absent="none",
    ),
    _Reading(label="Other signs", read=_signs, absent="none"),
    _Reading(
        label="Signed in",
        read=lambda look: None if look.signed_in is None else ("yes" if look.signed_in else "no"),
    ),
    _Reading(label="Recognised by", read=lambda look: look.mark, absent="no mark"),
    _Reading(
        label="Opened", read=lambda look: f"{look.taken_at:%Y-%m-%d %H:%M:%S} UTC" if look.taken_at else None
    ),
    _Reading(label="Took", read=lambda look: f"{look.milliseconds / 1000:.1f} s"),
)
