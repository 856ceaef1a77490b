"""The run as one HTML file that needs nothing else: it opens from disk and on a phone.

Laws:
1. What comes from a page is text: it is escaped, on one line, and becomes a link only with http or https.
2. The file asks for nothing: styles, script and previews are in it, and its policy forbids all else but the
   run's own pictures beside it, which are opened only on a click.
3. It works without its script: the script adds the enlarged view and the wipe, nothing that is only there.
4. The verdict comes first; no meaning rests on colour alone.
"""

import base64
from collections.abc import Mapping

from selfcheck.core import labels as words
from selfcheck.core.enums import ANONYMOUS, AUTHOR
from selfcheck.core.run import RunResult
from selfcheck.core.templating import html_page
from selfcheck.core.text_safety import one_line
from selfcheck.core.verdict import PageVerdict
from selfcheck.runs.render_html_rows import fact_rows, page_rows

_VIEWS = ((ANONYMOUS, "What everybody sees"), (AUTHOR, "What the author sees"))


def report_html(result: RunResult, previews: Mapping[str, bytes]) -> str:
    """Return the report; `previews` holds reduced JPEGs by the path of the screenshot that they show."""
    return html_page(
        "selfcheck.runs",
        "report.html.j2",
        styles=("base.css", "report.css"),
        script="report.js",
        result=result,
        previews={path: _data_uri(jpeg) for path, jpeg in previews.items()},
        troubles=[one for profile in result.profiles if (one := words.session_trouble(profile))],
        views=_VIEWS,
        page_rows=page_rows,
        fact_rows=fact_rows,
        title=_title,
        has_picture=_has_picture,
    )


def _has_picture(page: PageVerdict, previews: Mapping[str, str]) -> bool:
    return any(look.screenshot in previews for look in page.views.values())


def _title(result: RunResult) -> str:
    """Return the verdict in one line: a single profile's own, else how many have which."""
    if len(result.profiles) != 1:
        return f"{len(result.profiles)} profiles: {words.tally(result)}"
    profile = result.profiles[0]
    return f"{one_line(profile.name)}: {words.verdict_headline(profile.verdict, silent=profile.silent)}"


def _data_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"
