"""What every HTML page of ours shares: its templates, its look, and a policy that lets nothing else in.

Laws:
1. What comes from a page or a person is text: it is escaped, on one line, and becomes a link only with http
   or https.
2. Styles and script are in the page itself and named by their hashes; nothing is asked of any other place.
"""

import base64
import hashlib
from functools import cache
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from selfcheck.core import labels as words
from selfcheck.core.text_safety import ascii_address, is_link, one_line


@cache
def environment(package: str) -> Environment:
    """Return a package's templates and the shared ones, with the filters that make foreign text safe."""
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("selfcheck.core")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(line=one_line, path=relative_path, address=ascii_address, capitalise=_capital)
    found.tests["link"] = is_link
    found.globals["words"] = words
    return found


def render(package: str, template: str, *, styles: tuple[str, ...], script: str, **values: object) -> str:
    """Return a page from a package's template, its stylesheets in their order and its script."""
    style, code = "".join(_source(package, name) for name in styles), _source(package, script)
    return (
        environment(package)
        .get_template(template)
        .render(
            style=Markup(style),  # noqa: S704 - our own file
            script=Markup(code),  # noqa: S704 - our own file
            policy=_policy(style, code),
            **values,
        )
    )


@cache
def _source(package: str, name: str) -> str:
    loader = environment(package).loader
    assert loader is not None  # given where the environment is made
    return loader.get_source(environment(package), name)[0]


def _capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"


def _policy(style: str, script: str) -> str:
    return (
        f"default-src 'none'; img-src data: 'self' file:; style-src '{_hash(style)}'; "
        f"script-src '{_hash(script)}'; base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"


def relative_path(relative: str) -> str:
    """Return a path beside the page as a relative address, which can have no scheme of its own."""
    return f"./{quote(relative)}"
