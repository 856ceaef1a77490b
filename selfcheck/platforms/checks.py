"""What a platform file's form cannot say: that patterns, selectors and paths can be read, names exist."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from pydantic import BaseModel
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from selfcheck.core.suggestions import did_you_mean
from selfcheck.platforms import jsonpaths, schema
from selfcheck.platforms.config_issues import Location, in_words
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.templates import FIELDS, as_it_is, fields_of, fill_in

_SAMPLE = dict.fromkeys(FIELDS, "sample")
_GROUPS_WANTED = 1


@dataclass(frozen=True)
class FieldIssue:
    """A mistake and where it stands; the file and the line are known to the reader of the file."""

    location: Location
    found: str
    expected: str
    hint: str = ""


def slips_of(platform: Platform) -> Iterator[FieldIssue]:
    """Return every mistake in a platform file that its form does not tell, in the order of the model."""
    for location, part in _parts(platform, ()):
        if type(part) in _CHECKS:
            yield from _CHECKS[type(part)](location, part)
        if type(part) in _CHECKS_AGAINST_THE_REST:
            yield from _CHECKS_AGAINST_THE_REST[type(part)](location, part, platform)


def _parts(part: object, location: Location) -> Iterator[tuple[Location, BaseModel]]:
    """Return every model within a model with its location in the file, the outermost first."""
    if isinstance(part, BaseModel):
        yield location, part
        for name in type(part).model_fields:
            yield from _parts(getattr(part, name), (*location, name))
    elif isinstance(part, Mapping):
        for key, value in part.items():
            yield from _parts(value, (*location, str(key)))
    elif isinstance(part, tuple):
        for index, value in enumerate(part):
            yield from _parts(value, (*location, index))


# -- what a single value may be ---------------------------------------------------------------------------


def _pattern(location: Location, value: str | None, groups: int | None = None) -> Iterator[FieldIssue]:
    """Check a regular expression; `groups` says how many groups it must have."""
    if value is None:
        return
    try:
        compiled = re.compile(fill_in(value, _SAMPLE, as_it_is) or value)
    except re.error as error:
        yield FieldIssue(location, in_words(value), f"a regular expression ({error})")
        return
    if groups is not None and compiled.groups != groups:
        yield FieldIssue(location, in_words(value), "a regular expression with one group in round brackets")


def _selector(location: Location, value: str | None) -> Iterator[FieldIssue]:
    if value is None:
        return
    try:
        LexborHTMLParser("<p></p>").css(fill_in(value, _SAMPLE, as_it_is) or value)
    except SelectolaxError:
        yield FieldIssue(location, in_words(value), "a CSS selector")


def _path(location: Location, value: str | None) -> Iterator[FieldIssue]:
    if value is None:
        return
    wrong = jsonpaths.mistake_in(fill_in(value, _SAMPLE, as_it_is) or value)
    if wrong:
        yield FieldIssue(location, in_words(value), f"a JSONPath ({wrong})")
    yield from _fields(location, value, FIELDS)


def _state(location: Location, name: str | None, platform: Platform) -> Iterator[FieldIssue]:
    if name is not None and name not in platform.states:
        known = ", ".join(sorted(platform.states)) or "none is given"
        yield FieldIssue(
            location, f"`{name}`", f"a name from `states` ({known})", did_you_mean(name, platform.states)
        )


def _fields(location: Location, template: str | None, known: Iterable[str]) -> Iterator[FieldIssue]:
    known = tuple(known)
    for name in fields_of(template or ""):
        if name not in known:
            expected = f"one of {', '.join(f'{{{field}}}' for field in known)}"
            yield FieldIssue(location, f"`{{{name}}}`", expected, did_you_mean(name, known))


# -- what each part of the file must hold ------------------------------------------------------------------


def _source(location: Location, part: schema.StateSource) -> Iterator[FieldIssue]:
    yield from _selector((*location, "selector"), part.selector)


def _state_condition(
    location: Location, part: schema.StateCondition, platform: Platform
) -> Iterator[FieldIssue]:
    yield from _state((*location, "of"), part.of, platform)
    yield from _path((*location, "path"), part.path)


def _selector_condition(location: Location, part: schema.SelectorCondition) -> Iterator[FieldIssue]:
    yield from _selector((*location, "css"), part.css)
    if part.attribute is None and (part.equals is not None or part.contains is not None):
        yield FieldIssue((*location, "css"), "`equals` or `contains` alone", "an `attribute` beside it")


def _condition(location: Location, part: schema.Condition) -> Iterator[FieldIssue]:
    for index, pattern in enumerate(part.url or ()):
        yield from _pattern((*location, "url", index), pattern)


def _reading(location: Location, part: schema.Reading, platform: Platform) -> Iterator[FieldIssue]:
    yield from _state((*location, "state"), part.state, platform)
    yield from _path((*location, "path"), part.path)
    yield from _selector((*location, "selector"), part.selector)
    yield from _pattern((*location, "pattern"), part.pattern, _GROUPS_WANTED)


def _story_list(location: Location, part: schema.StoryList, platform: Platform) -> Iterator[FieldIssue]:
    yield from _state((*location, "state"), part.state, platform)
    yield from _path((*location, "path"), part.path)
    yield from _path((*location, "present"), part.present)
    yield from _selector((*location, "links"), part.links)
    yield from _fields((*location, "url"), part.url, (*FIELDS, "id"))
    if (part.state is None) != (part.path is None):
        yield FieldIssue(location, "one of `state` and `path`", "both or neither")
    if part.state is None and part.links is None and not part.feed:
        yield FieldIssue(location, "no way to read the list", "`state` and `path`, `links`, or `feed: true`")


def _page(location: Location, part: schema.Page) -> Iterator[FieldIssue]:
    yield from _fields((*location, "url"), part.url, FIELDS)
    yield from _selector((*location, "wait_for"), part.wait_for)


def _fallback(location: Location, part: schema.Fallback) -> Iterator[FieldIssue]:
    yield from _fields((*location, "url"), part.url, FIELDS)


def _sign_in(location: Location, part: schema.SignIn, platform: Platform) -> Iterator[FieldIssue]:
    yield from _fields((*location, "url"), part.url, FIELDS)
    if part.check not in platform.pages:
        yield FieldIssue((*location, "check"), f"`{part.check}`", "a kind of page that `pages` has")


def _controls(location: Location, part: schema.Controls, platform: Platform) -> Iterator[FieldIssue]:
    yield from _fields((*location, "absent"), part.absent, ("random",))
    if any(_pattern((), platform.handle.pattern)):
        return
    for name in ("live", "suspended"):
        for index, handle in enumerate(getattr(part, name)):
            if not re.fullmatch(platform.handle.pattern, platform.handle_of(handle).name):
                yield FieldIssue(
                    (*location, name, index), in_words(handle), "a handle that fits `handle.pattern`"
                )


def _banner(location: Location, part: schema.Banner) -> Iterator[FieldIssue]:
    yield from _selector((*location, "reject"), part.reject)


def _harmless(location: Location, part: schema.HarmlessRead) -> Iterator[FieldIssue]:
    yield from _pattern((*location, "url"), part.url)
    yield from _pattern((*location, "refuse_body"), part.refuse_body)


def _handle(location: Location, part: schema.HandleForm) -> Iterator[FieldIssue]:
    yield from _pattern((*location, "pattern"), part.pattern)
    yield from _fields((*location, "show"), part.show, ("handle",))
    for index, template in enumerate(part.from_urls):
        yield from _fields((*location, "from_urls", index), template, ("handle",))
        if "{handle}" not in template:
            yield FieldIssue(
                (*location, "from_urls", index), in_words(template), "an address with `{handle}` in it"
            )


def _saved_pages(location: Location, part: schema.SavedPages) -> Iterator[FieldIssue]:
    for index, pattern in enumerate(part.handle):
        yield from _pattern((*location, "handle", index), pattern, _GROUPS_WANTED)


def _platform(location: Location, part: Platform) -> Iterator[FieldIssue]:
    yield from _pattern((*location, "story_id"), part.story_id, _GROUPS_WANTED)
    if part.home.endswith("/"):
        yield FieldIssue((*location, "home"), in_words(part.home), "an address without a slash at its end")


_CHECKS: Mapping[type[BaseModel], Callable[..., Iterator[FieldIssue]]] = {
    Platform: _platform,
    schema.Banner: _banner,
    schema.Condition: _condition,
    schema.Fallback: _fallback,
    schema.HandleForm: _handle,
    schema.HarmlessRead: _harmless,
    schema.Page: _page,
    schema.SavedPages: _saved_pages,
    schema.SelectorCondition: _selector_condition,
    schema.StateSource: _source,
}

_CHECKS_AGAINST_THE_REST: Mapping[type[BaseModel], Callable[..., Iterator[FieldIssue]]] = {
    schema.Controls: _controls,
    schema.Reading: _reading,
    schema.SignIn: _sign_in,
    schema.StateCondition: _state_condition,
    schema.StoryList: _story_list,
}
