"""Our own templates: one way to set them up, and what every HTML page of ours shares.

Laws:
1. What comes from a page or a person is text: in HTML and XML it is escaped, and becomes a link only with
   http or https.
2. Styles and script are in the page itself and named by their hashes; the page loads nothing from elsewhere.
3. A template is a file of a package. A letter that a user wrote is none: `appeal` fills it in in a sandbox.
"""

import base64
import hashlib
import textwrap
from collections.abc import Callable
from functools import cache
from urllib.parse import quote

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from selfcheck.core import labels as words
from selfcheck.core.cli_hints import command_parts
from selfcheck.core.text_safety import ascii_address, is_link, one_line

_PLAIN = (".txt", ".yml", ".service", ".timer")
_WIDTH = 72


@cache
def environment(package: str, *filters: Callable[..., str], square: bool = False) -> Environment:
    """Return a package's templates and the shared ones.

    Each of `filters` is known by its own name. With `square`, `[[ name ]]` is filled in, for files that have
    another use for `{{ }}`.
    """
    templates = Environment(
        loader=ChoiceLoader([PackageLoader(package), PackageLoader("selfcheck.core")]),
        autoescape=_is_markup,  # noqa: S701 - only files of plain text are not escaped
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    templates.filters.update(
        line=one_line,
        command_parts=command_parts,
        path=lambda path: f"./{quote(path)}",  # beside the page: it can have no scheme of its own
        address=ascii_address,
        capitalise=lambda text: f"{text[:1].upper()}{text[1:]}",
        fill=_fill,
    )
    templates.filters.update(**{own.__name__.strip("_"): own for own in filters})
    templates.tests["link"] = is_link
    templates.globals["words"] = words
    if not square:
        return templates
    return templates.overlay(
        variable_start_string="[[",
        variable_end_string="]]",
        block_start_string="[%",
        block_end_string="%]",
        comment_start_string="[#",
        comment_end_string="#]",
    )


def _is_markup(template: str | None) -> bool:
    return template is None or not template.removesuffix(".j2").endswith(_PLAIN)


def _fill(text: str, indent: int = 0) -> str:
    return textwrap.fill(text, _WIDTH - indent, subsequent_indent=" " * indent, break_on_hyphens=False)


def html_page(
    package: str, template: str, *, styles: tuple[str, ...], script: str | None, **values: object
) -> str:
    """Return a page from a package's template, its stylesheets in their order and its script, if any."""
    style = "".join(template_source(package, name) for name in styles)
    code = template_source(package, script) if script else ""
    scripts = f"'{_hash(code)}'" if code else "'none'"
    policy = (
        f"default-src 'none'; img-src data: 'self' file:; style-src '{_hash(style)}'; "
        f"script-src {scripts}; base-uri 'none'; form-action 'none'"
    )
    own_files = {"style": Markup(style), "script": Markup(code)}  # noqa: S704 - no foreign text is in them
    return environment(package).get_template(template).render(**own_files, policy=policy, **values)


def template_source(package: str, name: str) -> str:
    """Return a file of a package's templates as it is, or of the shared ones."""
    loader = environment(package).loader
    assert loader is not None  # given where the environment is set up
    return loader.get_source(environment(package), name)[0]


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"sha256-{base64.b64encode(digest).decode()}"
