"""The types of values in a platform file: each says what is wrong with a value, where it stands.

Laws:
1. A value is checked by its type, in the one pass that reads the file, so that every mistake is reported
   together and none waits for a run to meet it.
2. What a value refers to elsewhere in its file (a state, a page, the form of a handle) comes as context.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from pydantic import AfterValidator, Field, ValidationInfo
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from selfcheck.core.enums import PageKind
from selfcheck.core.handle import Handle
from selfcheck.core.suggestions import did_you_mean
from selfcheck.platforms.config_issues import refuse
from selfcheck.platforms.jsonpaths import mistake_in
from selfcheck.platforms.patterns import fullmatch, why_not
from selfcheck.platforms.templates import FIELDS, as_it_is, fields_of, fill_in

_SAMPLE = dict.fromkeys(FIELDS, "sample")


def _template_with(*fields: str) -> Callable[[str], str]:
    def check(template: str) -> str:
        for name in fields_of(template):
            if name not in fields:
                expected = f"one of {', '.join(f'{{{field}}}' for field in fields)}"
                raise refuse(expected, hint=did_you_mean(name, fields), actual=f"`{{{name}}}`")
        return template

    return check


def _pattern(groups: int | None = None) -> Callable[[str], str]:
    def check(value: str) -> str:
        filled = fill_in(value, _SAMPLE, as_it_is) or value
        if mistake := why_not(filled):
            raise refuse(f"a regular expression ({mistake})")
        if groups is not None and re.compile(filled).groups != groups:
            raise refuse("a regular expression with one group in round brackets")
        return value

    return check


def _selector(value: str) -> str:
    try:
        LexborHTMLParser("<p></p>").css(fill_in(value, _SAMPLE, as_it_is) or value)
    except (SelectolaxError, UnicodeEncodeError):  # half of a surrogate pair
        raise refuse("a CSS selector") from None
    return value


def _browser_selector(value: str) -> str:
    if ":lexbor-" in value:
        raise refuse("a CSS selector that browsers know", actual="`:lexbor-…`")
    return value


def _json_path(value: str) -> str:
    if wrong := mistake_in(fill_in(value, _SAMPLE, as_it_is) or value):
        raise refuse(f"a JSONPath ({wrong})")
    return _template_with(*FIELDS)(value)


def _with_handle(template: str) -> str:
    if "{handle}" not in template:
        raise refuse("an address with `{handle}` in it")
    return _template_with("handle")(template)


def _site_path(path: str) -> str:
    if not re.fullmatch(r"/[^\s?#]*", path):
        raise refuse("a path that begins with a slash, such as /.well-known/nodeinfo")
    return path


def _without_slash(home: str) -> str:
    if home.endswith("/"):
        raise refuse("an address without a slash at its end")
    return home


# -- what refers to another place of the file ------------------------------------------------------------


@dataclass(frozen=True)
class References:
    """The names that one platform file declares, given to its values as context `references`.

    A value that is validated without this context (one in a test) is not held to them.
    """

    states: tuple[str, ...]
    pages: tuple[str, ...]
    handle_pattern: str | None  # None: it is not text, which is reported where it stands
    ids: tuple[str, ...] = ()  # of every mark and sign, those that stand twice as often as they stand
    fallbacks: tuple[str, ...] = ()  # ids of the other pages that may tell

    @classmethod
    def of(cls, info: ValidationInfo) -> "References | None":
        """Return the references of the file that is being read, or None."""
        return info.context.get("references") if isinstance(info.context, dict) else None


def _state_name(name: str, info: ValidationInfo) -> str:
    references = References.of(info)
    if references is not None and name not in references.states:
        names = ", ".join(sorted(references.states)) or "none is given"
        hint = did_you_mean(name, references.states)
        raise refuse(f"a name from `states` ({names})", hint=hint, actual=f"`{name}`")
    return name


def _page_of_the_file(kind: PageKind, info: ValidationInfo) -> PageKind:
    references = References.of(info)
    if references is not None and kind not in references.pages:
        raise refuse("a kind of page that `pages` has", actual=f"`{kind}`")
    return kind


def _cheap_page(name: str, info: ValidationInfo) -> str:
    references = References.of(info)
    known = (*references.pages, *references.fallbacks) if references else (name,)
    if name not in known:
        raise refuse(
            f"a kind of page that `pages` has, or the id of a fallback ({', '.join(known)})",
            hint=did_you_mean(name, known),
            actual=f"`{name}`",
        )
    return name


def _kind_of_control(kind: PageKind) -> PageKind:
    if kind in {PageKind.PROFILE, PageKind.STATS}:
        raise refuse(
            "story, publication or feed", hint="Accounts are named by `live`, `absent`, `suspended`."
        )
    return kind


def _fitting_handle(handle: str, info: ValidationInfo) -> str:
    references = References.of(info)
    pattern = references.handle_pattern if references else None
    if pattern and why_not(pattern) is None and not fullmatch(pattern, Handle(handle).name):
        raise refuse("a handle that fits `handle.pattern`")
    return handle


def _used_once(name: str, info: ValidationInfo) -> str:
    references = References.of(info)
    if references is not None and references.ids.count(name) > 1:
        raise refuse("each id once in `marks` and `signs`", actual=f"`{name}`, which stands twice")
    return name


def _own_mark_id(name: str, info: ValidationInfo) -> str:
    if name.startswith("wall.") and References.of(info) is not None:
        raise refuse("an id that does not begin with `wall.`", actual=f"`{name}`")
    return name


# -- the types -------------------------------------------------------------------------------------------

Pattern = Annotated[str, AfterValidator(_pattern())]
OneGroup = Annotated[str, AfterValidator(_pattern(groups=1))]
Selector = Annotated[str, AfterValidator(_selector)]
BrowserSelector = Annotated[Selector, AfterValidator(_browser_selector)]
JsonPath = Annotated[str, AfterValidator(_json_path)]
Address = Annotated[str, AfterValidator(_template_with(*FIELDS))]
ListAddress = Annotated[str, AfterValidator(_template_with(*FIELDS, "page", "offset"))]
StoryAddress = Annotated[str, AfterValidator(_template_with(*FIELDS, "id"))]
AbsentHandle = Annotated[str, AfterValidator(_template_with("random"))]
ShownHandle = Annotated[str, AfterValidator(_template_with("handle"))]
ProfileAddress = Annotated[str, AfterValidator(_with_handle)]
StateName = Annotated[str, AfterValidator(_state_name)]
PageOfTheFile = Annotated[PageKind, AfterValidator(_page_of_the_file)]
CheapPage = Annotated[str, AfterValidator(_cheap_page)]
KindOfControl = Annotated[PageKind, AfterValidator(_kind_of_control)]
FittingHandle = Annotated[str, AfterValidator(_fitting_handle)]
SitePath = Annotated[str, AfterValidator(_site_path)]
Home = Annotated[str, AfterValidator(_without_slash)]
PLATFORM_NAME = r"^[a-z0-9]+([.-][a-z0-9]+)*$"

Id = Annotated[
    str,
    Field(
        pattern=PLATFORM_NAME,
        description="small letters and digits, joined by dots or hyphens",
    ),
]
SignId = Annotated[Id, AfterValidator(_used_once)]
MarkId = Annotated[SignId, AfterValidator(_own_mark_id)]
