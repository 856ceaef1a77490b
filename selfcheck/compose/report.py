"""The run as one HTML file that needs nothing else: it opens from disk and on a phone.

Laws:
1. What comes from a page is text: it is escaped, on one line, and becomes a link only with http or https.
2. The file asks for nothing: styles, script and previews are in it, and its policy forbids all else but the
   run's own pictures beside it, which are opened only on a click.
3. It works without its script: the script adds the enlarged view and the wipe, nothing that is only there.
4. The verdict comes first; no meaning rests on colour alone.
"""

import base64
import hashlib
from collections.abc import Mapping
from functools import cache
from urllib.parse import quote

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from selfcheck.compose import words
from selfcheck.compose.cleaning import ascii_address, is_link, one_line
from selfcheck.compose.report_rows import fact_rows, page_rows
from selfcheck.model.run import RunResult
from selfcheck.model.verdict import PageVerdict
from selfcheck.model.words import ANONYMOUS, AUTHOR

_VIEWS = ((ANONYMOUS, "What everybody sees"), (AUTHOR, "What the author sees"))


def report_html(result: RunResult, previews: Mapping[str, bytes]) -> str:
    """Return the report; `previews` holds reduced JPEGs by the path of the screenshot that they show."""
    style, script = _source("report.css"), _source("report.js")
    return (
        _environment()
        .get_template("report.html.j2")
        .render(
            result=result,
            previews={path: _data_uri(jpeg) for path, jpeg in previews.items()},
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(script),  # noqa: S704 - our own file
            policy=_policy(style, script),
            troubles=[one for profile in result.profiles if (one := words.session_trouble(profile))],
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("selfcheck.compose"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(line=one_line, path=_path, address=ascii_address)
    environment.tests["link"] = is_link
    environment.globals.update(
        words=words,
        views=_VIEWS,
        page_rows=page_rows,
        fact_rows=fact_rows,
        title=_title,
        has_picture=_has_picture,
    )
    return environment


def _has_picture(page: PageVerdict, previews: Mapping[str, str]) -> bool:
    return any(look.screenshot in previews for look in page.views.values())


def _title(result: RunResult) -> str:
    """Return the verdict in one line: a single profile's own, else how many have which."""
    if len(result.profiles) != 1:
        return f"{len(result.profiles)} profiles: {words.tally(result)}"
    profile = result.profiles[0]
    return f"{one_line(profile.name)}: {words.verdict_headline(profile.verdict, silent=profile.silent)}"


@cache
def _source(name: str) -> str:
    environment = _environment()
    assert environment.loader is not None  # given where it is made
    return environment.loader.get_source(environment, name)[0]


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; img-src data: 'self' file:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def _data_uri(jpeg: bytes) -> str:
    return f"data:image/jpeg;base64,{base64.b64encode(jpeg).decode()}"


def _path(relative: str) -> str:
    """Return a path within the run's folder as a relative address, which can have no scheme of its own."""
    return f"./{quote(relative)}"
