"""The letter of an appeal as text, from a template: for a mail, and for a web form that takes only so much.

Laws:
1. A template is text by somebody else: it runs in a sandbox and gets frozen values, nothing that acts.
2. A language is one file, `templates/appeal.<language>.j2`; an own template stands for all languages.
3. A text that is too long for a form is shortened by rule, in a fixed order, and what was left out is said.
   What is still too long is said too; a sentence is never cut off without a mark.
"""

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from jinja2 import PackageLoader, StrictUndefined, TemplateError, TemplateSyntaxError
from jinja2.sandbox import ImmutableSandboxedEnvironment

from selfcheck.appeal.model import FormText, Letter, TemplateSource
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import AppealTemplateError, UsageError

WIDTH = 72
PICTURE = re.compile(r"^\[picture(?:: *(?P<says>[^\]\n]*))?\]$", re.MULTILINE)
"""The line of a letter at whose place the picture stands, and what it shows."""

_FILE = "appeal.{}.j2"
_BLANKS = re.compile(r"\n{3,}")
_CUT = " […]"
_REFUSED = (
    TemplateError,
    ArithmeticError,
    AttributeError,
    LookupError,
    RecursionError,
    TypeError,
    ValueError,
)
"""What a template may end in; the sandbox raises the first."""


def languages() -> tuple[str, ...]:
    """Return the languages that ship with selfcheck."""
    names = _environment().list_templates(filter_func=lambda name: name.startswith("appeal."))
    return tuple(name.split(".")[1] for name in names)


def written(letter: Letter, source: TemplateSource) -> str:
    """Return the letter's text, a paragraph on each line, with the picture's line where the template has it.

    Raises AppealTemplateError, UsageError for a language that does not ship.
    """
    values = {name: getattr(letter, name) for name in Letter.__dataclass_fields__}
    try:
        text = _template(source).render(values)
    except TemplateSyntaxError as error:
        raise _mistaken(source, f"line {error.lineno}: {error.message}") from error
    except _REFUSED as error:
        raise _mistaken(source, f"{type(error).__name__}: {error}") from error
    return _BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def plain_text(text: str) -> str:
    """Return the letter for people who read text: lines of 72 letters, addresses whole, no picture's line."""
    bare = _BLANKS.sub("\n\n", PICTURE.sub("", text)).strip()
    return "\n".join(_wrapped(line) for line in bare.splitlines()) + "\n"


def _wrapped(line: str) -> str:
    indent = re.match(r"(?:- |> )?", line)
    begins = indent.group() if indent else ""
    rest = "> " if begins == "> " else " " * len(begins)
    return textwrap.fill(line, WIDTH, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


def form_text(letter: Letter, source: TemplateSource, limit: int | None) -> FormText:
    """Return the letter for a web form, shortened by rule where it is longer than the form takes."""
    said: list[str] = []
    made = _form_text(letter, source, limit, said)
    for step in _STEPS:
        if not made.over:
            break
        shorter = step.shorten(letter, made.over)
        if shorter != letter:
            letter = shorter
            said.append(step.says)
            made = _form_text(letter, source, limit, said)
    return made


def _form_text(letter: Letter, source: TemplateSource, limit: int | None, said: list[str]) -> FormText:
    whole = written(replace(letter, form=True), source)
    text = _BLANKS.sub("\n\n", PICTURE.sub("", whole)).strip() + "\n"
    return FormText(text=text, length=counted(text), limit=limit, shortened=tuple(said))


def counted(text: str) -> int:
    """Return the text's length as a browser counts it, without the last line break."""
    return len(text.rstrip("\n").encode("utf-16-le")) // 2


# -- shortening --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    says: str
    shorten: Callable[[Letter, int], Letter]  # the letter, and by how many characters it is too long


def _latest_earlier_only(letter: Letter, _over: int) -> Letter:
    more = letter.more_earlier + len(letter.earlier[1:])
    return replace(letter, earlier=letter.earlier[:1], more_earlier=more)


def _first_page_only(letter: Letter, _over: int) -> Letter:
    return replace(letter, pages=letter.pages[:1], more_pages=letter.more_pages + len(letter.pages[1:]))


def _no_answers(letter: Letter, _over: int) -> Letter:
    return replace(letter, earlier=tuple(replace(one, answer="") for one in letter.earlier))


def _one_time_zone(letter: Letter, _over: int) -> Letter:
    return replace(
        letter, last_good=_first_zone(letter.last_good), first_bad=_first_zone(letter.first_bad), last_bad=""
    )


def _first_zone(moment: str) -> str:
    return moment.partition(" (")[0]


def _shorter_note(letter: Letter, over: int) -> Letter:
    return replace(letter, note=_cut(letter.note, len(letter.note) - over))


def _cut(text: str, most: int) -> str:
    """Return the text's whole sentences up to so many characters, else its words with a mark of the cut."""
    if most <= 0:
        return ""
    sentences = list(re.finditer(r"[.!?…](?=\s)", text[: most + 1]))
    if sentences:
        return text[: sentences[-1].end()]
    words = text[: max(0, most - len(_CUT))].rpartition(" ")[0].rstrip()
    return words + _CUT if words else ""


_STEPS = (
    _Step("of the earlier incidents only the latest is told", _latest_earlier_only),
    _Step("of the pages only the first is named", _first_page_only),
    _Step("the answers to earlier appeals are not quoted", _no_answers),
    _Step("times are in your own time zone only, without when it was last found", _one_time_zone),
    _Step("your own paragraph is cut", _shorter_note),
)
"""What is left out, in this order, until it fits."""


# -- templates ---------------------------------------------------------------------------------------------


def _template(source: TemplateSource) -> Any:
    if source.text is not None:
        return _environment().from_string(source.text)
    if source.language not in languages():
        hint, known = did_you_mean(source.language, languages()), ", ".join(languages())
        raise UsageError(
            f"There is no letter in the language `{source.language}`.",
            cause=hint[:1].upper() + hint[1:],
            next_step=f"There are: {known}; `template:` in the settings names one of your own.",
        )
    return _environment().get_template(_FILE.format(source.language))


@cache
def _environment() -> ImmutableSandboxedEnvironment:
    return ImmutableSandboxedEnvironment(  # plain text: what is HTML of it is escaped where that is made
        loader=PackageLoader("selfcheck.appeal"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        autoescape=False,
    )


def _mistaken(source: TemplateSource, why: str) -> AppealTemplateError:
    return AppealTemplateError(
        f"The letter's template {source.name or _FILE.format(source.language)} cannot be filled in: {why}.",
        cause=f"A template may name: {', '.join(_names())}.",
        next_step="Correct it; docs/appeals.md has an example. Nothing was written.",
    )


def _names() -> Iterator[str]:
    yield from Letter.__dataclass_fields__
