"""The letter of an appeal as text, from a template: for a mail, and for a web form with its limit.

Laws:
1. A template may be a user's own: it runs in a sandbox that bounds what it costs (`template_sandbox.py`).
2. A language is one file, `templates/appeal.<language>.j2`; an own template replaces all languages. A step
   of `appeal rights` has `rights.<language>.j2`.
3. A text that is too long for a form is shortened by rule, in a fixed order, and what was left out is said.
   What is still too long is said too; a sentence is never cut off without a mark.
"""

import re
import textwrap
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import cache

from jinja2 import Template, TemplateError, TemplateSyntaxError

from selfcheck.appeal.model import FormText, Letter, Placement, TemplateSource, template_values
from selfcheck.appeal.template_sandbox import LetterSandbox
from selfcheck.core.enums import Language
from selfcheck.core.suggestions import suggestion
from selfcheck.errors import AppealTemplateError, UsageError

WIDTH = 72
PICTURE = re.compile(r"^\[picture(?:: *(?P<says>[^\]\n]*))?\]$", re.MULTILINE)
"""The line of a letter that the picture replaces, and what it shows."""

_FILE = "{}.{}.j2"
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
"""What a mistaken template may raise; the sandbox raises the first."""


def languages() -> tuple[str, ...]:
    """Return the languages that ship with selfcheck."""
    names = _environment().list_templates(filter_func=lambda name: name.startswith("appeal."))
    return tuple(name.split(".")[1] for name in names)


_GERMAN_SUBJECT, _USUAL_SUBJECT = "Einspruch: mein Konto {}", "Appeal: my account {}"


def letter_subject(letter: Letter, language: str, platforms_own: str) -> str:
    """Return a mail's subject in the letter's language, with the case number where the platform gave one.

    `platforms_own` is the one of the platform's file, which is English; "": it has none.
    """
    handle, german = letter.account.handle, language == Language.GERMAN
    usual = (_GERMAN_SUBJECT if german else _USUAL_SUBJECT).format(handle)
    case = f" ({'Fall' if german else 'case'} {letter.case})" if letter.case else ""
    return f"{usual if german else platforms_own or usual}{case}"


_SPAM_FILTER = (
    "I write my texts myself and send no spam. I believe that an automatic filter made a mistake.",
    "Ich schreibe selbst und verschicke keinen Spam. Ich glaube, dass ein automatischer Filter sich irrt.",
)


def with_spam_filter(note: str, language: str) -> str:
    """Return the author's paragraph with a sentence that only its author can answer for."""
    sentence = _SPAM_FILTER[language == Language.GERMAN]
    return note if sentence in note else f"{note}\n\n{sentence}".strip()


def render_letter(letter: Letter, source: TemplateSource, placement: Placement = Placement()) -> str:  # noqa: B008 - frozen
    """Return the letter's text, a paragraph on each line, with the picture's line where the template has it.

    Raises AppealTemplateError, and UsageError for a language that does not ship.
    """
    values = template_values(letter, placement)
    try:
        text = _environment().fill_in(_template(source), values)
    except TemplateSyntaxError as error:
        raise _mistake(source, f"line {error.lineno}: {error.message}", values) from error
    except _REFUSED as error:
        raise _mistake(source, f"{type(error).__name__}: {error}", values) from error
    return _BLANKS.sub("\n\n", "\n".join(line.rstrip() for line in text.splitlines())).strip() + "\n"


def plain_text(text: str) -> str:
    """Return the letter as mail programs show text: at most 72 characters a line, addresses whole."""
    bare = _BLANKS.sub("\n\n", PICTURE.sub("", text)).strip()
    return "\n".join(_wrapped(line) for line in bare.splitlines()) + "\n"


def _wrapped(line: str) -> str:
    indent = re.match(r"(?:- |> )?", line)
    begins = indent.group() if indent else ""
    rest = "> " if begins == "> " else " " * len(begins)
    return textwrap.fill(line, WIDTH, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False)


def form_text(letter: Letter, source: TemplateSource, limit: int | None) -> FormText:
    """Return the letter for a web form, shortened by rule where it is longer than the form takes."""
    form = _form_text(letter, source, limit, ())
    for step in _STEPS:
        shorter = step.shorten(letter, form.over) if form.over else letter
        if shorter != letter:
            letter = shorter
            form = _form_text(letter, source, limit, (*form.shortened, step.label))
    return form


def _form_text(
    letter: Letter, source: TemplateSource, limit: int | None, shortened: tuple[str, ...]
) -> FormText:
    whole = render_letter(letter, source, Placement(form=True))
    text = _BLANKS.sub("\n\n", PICTURE.sub("", whole)).strip() + "\n"
    return FormText(text=text, length=browser_length(text), limit=limit, shortened=shortened)


def browser_length(text: str) -> int:
    """Return the text's length as a browser counts it (UTF-16 units), without the last line break."""
    return len(text.rstrip("\n").encode("utf-16-le")) // 2


# -- shortening --------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Step:
    label: str
    shorten: Callable[[Letter, int], Letter]  # the letter, and by how many characters it is too long


def _one_time_zone(letter: Letter, _over: int) -> Letter:
    last_good, first_bad = (moment.partition(" (")[0] for moment in (letter.last_good, letter.first_bad))
    return replace(letter, last_good=last_good, first_bad=first_bad, last_bad="")


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
    _Step(
        "only the latest of the earlier incidents is named",
        lambda letter, _: replace(
            letter, earlier=letter.earlier[:1], more_earlier=letter.more_earlier + len(letter.earlier[1:])
        ),
    ),
    _Step(
        "only the first of the pages is named",
        lambda letter, _: replace(
            letter, pages=letter.pages[:1], more_pages=letter.more_pages + len(letter.pages[1:])
        ),
    ),
    _Step(
        "the answers to earlier appeals are not quoted",
        lambda letter, _: replace(
            letter, earlier=tuple(replace(incident, answer="") for incident in letter.earlier)
        ),
    ),
    _Step("times are in your own time zone only, without the last check", _one_time_zone),
    _Step(
        "your own paragraph is cut",
        lambda letter, over: replace(letter, note=_cut(letter.note, len(letter.note) - over)),
    ),
)
"""What is left out, in this order, until it fits."""


# -- templates ---------------------------------------------------------------------------------------------


def _template(source: TemplateSource) -> Template:
    if source.text is not None:
        return _environment().from_string(source.text)
    if source.language not in languages():
        shipped = ", ".join(languages())
        raise UsageError(
            f"There is no letter in the language `{source.language}`.",
            cause=suggestion(source.language, languages()),
            next_step=f"Choose one of: {shipped}; or name your own letter as `template:` in the settings.",
        )
    return _environment().get_template(_FILE.format(source.kind, source.language))


@cache
def _environment() -> LetterSandbox:
    return LetterSandbox()


def _mistake(source: TemplateSource, why: str, names: Iterable[str]) -> AppealTemplateError:
    template = source.name or _FILE.format(source.kind, source.language)
    return AppealTemplateError(
        f"The letter's template {template} cannot be filled in: {why}.",
        cause=f"A template can use: {', '.join(names)}.",
        next_step="Correct it; docs/appeals.md has an example. Nothing was written.",
    )
