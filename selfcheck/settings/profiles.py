"""`profiles.yaml` and the words of the command line, made into a request.

Laws:
1. Every mistake of every profile, and of every platform file that a profile names, is collected before one
   error is raised; nothing has been opened by then.
2. What a request holds is usable as it stands: names are safe file names, handles have the platform's form,
   addresses are whole, paths are absolute.
3. A platform is asked for its own rules (what a handle looks like, where a publication is); none stands here.
"""

import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StrictInt, ValidationInfo, WithJsonSchema

from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind
from selfcheck.core.hosts import split_address
from selfcheck.core.request import ProfileRequest, Reader, Request, RunOptions
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import ConfigIssue, ConfigurationError, PlatformUnknownError, UsageError, unknown_name
from selfcheck.platforms.catalogue import is_path, load_platform, shipped_names
from selfcheck.platforms.config_issues import in_words, refuse
from selfcheck.platforms.learn import LEARN, is_learned
from selfcheck.platforms.page_urls import is_own, parse_handle, story_id
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.yamlfile import Document, check, in_order, read_document
from selfcheck.settings.learned_profiles import CONTROLS_FORM, LEARNED_FORM, take_learned
from selfcheck.settings.preferences import Preferences, web_address
from selfcheck.storage.data_folder import RESULT, RUN_REPORT

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,59}")
_READER = re.compile(r"[a-z][a-z0-9-]{0,19}")
_MOST_LATEST = 50
_OWN_FILES = frozenset(
    {RESULT, RUN_REPORT, "manifest.json", "seal.json", "pruned.json"}
)  # they lie beside a profile's folder


@dataclass(frozen=True, kw_only=True)
class Configuration:
    """A profiles file: what the user asks for, and how they want it done."""

    source: Path
    profiles: tuple[ProfileRequest, ...]
    preferences: Preferences

    def request(self, names: tuple[str, ...], options: RunOptions) -> Request:
        """Return the run that the user asks for. Raise UsageError where the file has no such profile."""
        profiles = self.chosen(names)
        options = self.preferences.applied_to(options)
        return Request(profiles=profiles, options=options, source=self.source, names=names)

    def chosen(self, names: tuple[str, ...]) -> tuple[ProfileRequest, ...]:
        """Return the named profiles, in the order of the names; all of them where none is named."""
        by_name = {profile.name: profile for profile in self.profiles}
        for name in names:
            if name not in by_name:
                raise unknown_name(f"{self.source} has no profile called `{name}`.", name, by_name)
        return tuple(by_name[name] for name in dict.fromkeys(names)) or self.profiles


def read_configuration(path: Path, *, within: Path | None = None) -> Configuration:
    """Read and check a profiles file; with `within`, platform files outside that folder are not opened.

    Raise ConfigurationError with every mistake in it, UsageError where it is missing.
    """
    value, world = _checked(path, within)
    profiles = tuple(_request(entry, world) for entry in value.profiles)
    return Configuration(source=path, profiles=profiles, preferences=value.settings)


def read_preferences(path: Path) -> Preferences:
    """Return the `settings:` of a profiles file, for commands that do without one: then the usual ones.

    Raise ConfigurationError with every mistake in the file.
    """
    return read_configuration(path).preferences if path.exists() else Preferences()


def _checked(path: Path, within: Path | None = None) -> "tuple[ProfilesFile, _World]":
    if not path.exists():
        raise UsageError(
            f"There is no file {path}.",
            next_step=lambda hints: (
                f"`{hints.command('init', '@yourname', '--platform', 'NAME', profiles=path)}` writes a first"
                " one; `--profiles FILE` names another."
            ),
        )
    document = read_document(path)
    world = _gather_platforms(document.data, path.resolve().parent, within)
    value, mistakes = check(document, ProfilesFile, context={"world": world})
    every = (*mistakes, *_duplicate_names(document), *_unknown_names(document), *world.mistakes)
    if value is None or every:
        raise ConfigurationError(in_order(every))
    return value, world


def default_jobs(cores: int | None = None) -> int:
    """Return how many looks to do at once: two per core, at least 2 and at most 8.

    On 2 cores more than 4 looks cost memory and gain no time, since taking pictures keeps both busy.
    """
    return max(2, min(8, 2 * (cores or os.cpu_count() or 1)))


@dataclass(frozen=True, kw_only=True)
class _World:
    """What the profiles are checked against: the platforms that they name, and what is wrong with those."""

    folder: Path
    platforms: dict[str, Platform] = field(default_factory=dict)
    refused: dict[str, tuple[str, str]] = field(default_factory=dict)  # text -> what was expected, hint
    mistakes: list[ConfigIssue] = field(default_factory=list)  # in the users' own platform files

    def key(self, text: str) -> str:
        """Return a platform as a request names it: a shipped name, or an absolute path."""
        return str((self.folder / Path(text).expanduser()).resolve()) if is_path(text) else text


def _gather_platforms(data: Any, folder: Path, within: Path | None) -> _World:
    """Load every platform that the profiles name, once."""
    world = _World(folder=folder)
    for entry in _entries(data):
        if entry.get("platform") == LEARN:
            try:
                entry["platform"] = take_learned(entry)
            except ValueError as error:
                entry["platform"] = key = f"{LEARN} {len(world.refused)}"
                world.refused[key] = str(error), ""
    texts = [text for entry in _entries(data) if isinstance(text := entry.get("platform"), str)]
    for text in dict.fromkeys(texts):
        if text in world.refused:
            continue
        key = world.key(text)
        if within and is_path(text) and not Path(key).is_relative_to(within.resolve()):
            world.refused[text] = (
                f"a platform file in {within} (this one is elsewhere, or a link leads there)",
                "",
            )
            continue
        if is_path(text) and not Path(key).is_file():
            world.refused[text] = f"a platform file (there is none at {key})", ""
            continue
        try:
            world.platforms[text] = load_platform(key)
        except PlatformUnknownError:
            names = shipped_names()
            named = ", ".join((*names, LEARN))
            expected = f"one of {named}, or the path of a platform file such as ./myblog.yaml"
            world.refused[text] = expected, did_you_mean(text, names)
        except ConfigurationError as error:
            world.mistakes.extend(mistake for mistake in error.mistakes if mistake not in world.mistakes)
    return world


def _entries(data: Any) -> list[dict[str, Any]]:
    profiles = data.get("profiles") if isinstance(data, dict) else None
    return [entry for entry in profiles if isinstance(entry, dict)] if isinstance(profiles, list) else []


def _duplicate_names(document: Document) -> Iterable[ConfigIssue]:
    """Yield the names that stand twice, whatever their case: folders may not tell case apart either."""
    first: dict[str, int | None] = {}
    profiles = document.data.get("profiles") if isinstance(document.data, dict) else None
    for index, entry in enumerate(profiles if isinstance(profiles, list) else ()):
        name = entry.get("name") if isinstance(entry, dict) else None
        if not isinstance(name, str):
            continue
        location = ("profiles", index, "name")
        if name.casefold() in first:
            line = first[name.casefold()]
            again = f'"{name}" a second time'
            yield document.mistake(
                location, actual=again, expected=f"a name of its own (line {line} has it too)"
            )
        first.setdefault(name.casefold(), document.lines.line(location))


def _unknown_names(document: Document) -> Iterable[ConfigIssue]:
    """Yield the profiles that an alert channel is for and that the file does not have."""
    names = [entry["name"] for entry in _entries(document.data) if isinstance(entry.get("name"), str)]
    at = ("settings", "alerts", "channels")
    for index, channel in enumerate(_list_at(document.data, at)):
        wanted = channel.get("profiles") if isinstance(channel, dict) else None
        for place, name in enumerate(wanted if isinstance(wanted, list) else ()):
            if isinstance(name, str) and name not in names:
                yield document.mistake(
                    (*at, index, "profiles", place),
                    actual=in_words(name),
                    expected=f"a profile of this file ({', '.join(names)})",
                    hint=did_you_mean(name, names),
                )


def _list_at(data: Any, keys: Iterable[str]) -> list[Any]:
    for key in keys:
        data = data.get(key) if isinstance(data, dict) else None
    return data if isinstance(data, list) else []


def _name(text: str) -> str:
    if not _NAME.fullmatch(text) or text.endswith("."):
        raise refuse(
            "a name that works as a folder name on every system: letters a-z or A-Z, digits, `-`, `_` and"
            " `.`; at most 60 characters; a letter or digit first, and no `.` last"
        )
    if text.lower() in _OWN_FILES:
        raise refuse("another name: a file of each run has this one")
    if not is_safe_name(text):
        raise refuse("another name: Windows reserves this one")
    return text


def _world(info: ValidationInfo) -> _World:
    assert info.context is not None
    world: _World = info.context["world"]
    return world


def _platform_of(info: ValidationInfo) -> Platform | None:
    """Return the platform of the profile that is being checked; None where it is itself mistaken."""
    return _world(info).platforms.get(info.data.get("platform", ""))


def _platform(text: str, info: ValidationInfo) -> str:
    refused = _world(info).refused.get(text)
    if refused:
        actual = f"`{LEARN}`" if text.startswith(f"{LEARN} ") else ""
        raise refuse(refused[0], hint=refused[1], actual=actual)
    return text


def _handle(text: str, info: ValidationInfo) -> str:
    platform = _platform_of(info)
    return text if platform is None else parse_handle(text, platform)


def _story(text: str, info: ValidationInfo) -> str:
    """Return a story's address. On the platform's own site it names a story; elsewhere it is unknown."""
    address, platform = web_address(text), _platform_of(info)
    if platform is None or platform.story_id is None or story_id(address, platform):
        return address
    base_url = info.data.get("base_url")
    host = split_address(address).netloc.casefold()
    if is_own(address, platform) or (base_url and host == split_address(base_url).netloc.casefold()):
        raise refuse(f"the address of one story, whole, with the story's id in it as {platform.title} has it")
    return address


_NOWHERE = ".invalid"
"""The end of the `home` of software that runs on many sites; no site has it (RFC 2606)."""


def _base_url(text: str | None, info: ValidationInfo) -> str | None:
    """Return the address of the account's own site, which software without a site of its own needs."""
    platform = _platform_of(info)
    if text is None:
        if platform and not platform.built_in_demo and platform.home.endswith(_NOWHERE):
            raise refuse(
                f"`base_url`, the address of your site, such as https://example.org, for {platform.title}",
                actual="nothing",
            )
        return None
    parts = split_address(web_address(text))
    if parts.query or parts.fragment:
        raise refuse("an address without `?` and `#`, such as https://example.org")
    return text.rstrip("/")


def _publication(text: str, info: ValidationInfo) -> str:
    """Return the publication's short name, or its address where that is one of its own."""
    if "://" not in text:
        if re.search(r"[\s/?#]", text) or not text:
            raise refuse("a publication's short name or its address")
        return text
    address, platform = web_address(text), _platform_of(info)
    if platform is None or is_learned(info.data.get("platform", "")):
        return address
    return _publication_name(address, platform, info.data.get("base_url")) or address


def _publication_name(address: str, platform: Platform, base_url: str | None) -> str | None:
    """Return the short name within a publication's address, or None: it is on a site of its own."""
    page = platform.pages.get(PageKind.PUBLICATION)
    parts = split_address(address)
    host = (parts.hostname or "").lower()
    if page and "{publication}" in page.url:
        for home in filter(None, (base_url, platform.home)):
            pattern = re.escape(page.url).replace(r"\{home\}", re.escape(home))
            pattern = pattern.replace(r"\{publication\}", "([^/?#]+)")
            match = re.match(rf"{pattern}/?(?:[?#].*)?$", address)
            if match:
                return match.group(1)
    roots = [host.removeprefix("*.") for host in platform.hosts if host.startswith("*.")]
    at_root = parts.path in {"", "/"}
    labels = (host.removesuffix(f".{root}") for root in roots if host.endswith(f".{root}") and at_root)
    return next((label for label in labels if label != "www" and "." not in label), None)


def _pages(pages: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    """Refuse addresses of pages where a platform file has them; of a learned one they are in its key."""
    platform = info.data.get("platform", LEARN)
    if pages and not platform.startswith(LEARN):
        raise refuse(f"`pages` only with `platform: {LEARN}`: {platform} has a file that says where they are")
    return pages


def _reader(name: str) -> str:
    if not _READER.fullmatch(name) or name in {ANONYMOUS, AUTHOR}:
        raise refuse(
            f"a name such as `reader`: lower-case letters, digits and `-`, not {ANONYMOUS} or {AUTHOR}"
        )
    return name


def _not_own(readers: dict[str, str], info: ValidationInfo) -> dict[str, str]:
    if (info.data.get("session") or info.data.get("name")) in readers.values():
        raise refuse("the session of another account: this one is the author's own")
    return readers


_NAME_FORM = WithJsonSchema({"type": "string", "pattern": f"^{_NAME.pattern}$"})
Name = Annotated[str, AfterValidator(_name), _NAME_FORM]
Handle = Annotated[str, AfterValidator(_handle)]
Story = Annotated[str, AfterValidator(_story)]


class _Latest(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    latest: Annotated[StrictInt, Field(ge=1, le=_MOST_LATEST, description="how many of the latest stories")]


class _ProfileEntry(BaseModel):
    """One profile as it stands in the file, `platform` before what is checked by its rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", json_schema_extra=LEARNED_FORM)

    name: Annotated[Name, Field(description="a name of your own choice for this profile")]
    platform: Annotated[
        str,
        AfterValidator(_platform),
        Field(description="a shipped platform, the path of a platform file, or `learn`"),
    ]
    handle: Annotated[Handle, Field(description='the account, such as "@jane", or the address of its page')]
    base_url: Annotated[str | None, AfterValidator(_base_url), Field(validate_default=True)] = None
    publications: tuple[Annotated[str, AfterValidator(_publication)], ...] = ()
    stories: tuple[Story, ...] | _Latest = ()
    session: Name | None = None
    pages: Annotated[
        dict[Literal["profile", "feed", "story", "publication"], str], AfterValidator(_pages)
    ] = {}
    controls: Annotated[dict[Literal["live"], tuple[Handle, ...]], CONTROLS_FORM] | None = None
    readers: Annotated[
        dict[Annotated[str, AfterValidator(_reader)], Name],
        AfterValidator(_not_own),
        Field(description="further viewpoints (`reader`), each with the name of a saved session"),
    ] = {}


def _at_least_one(profiles: tuple[_ProfileEntry, ...]) -> tuple[_ProfileEntry, ...]:
    if not profiles:
        raise refuse("at least one profile (`- name: …`)")
    return profiles


class ProfilesFile(BaseModel):
    """A profiles file as it is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    profiles: Annotated[
        tuple[_ProfileEntry, ...], AfterValidator(_at_least_one), Field(description="a list of profiles")
    ]
    settings: Preferences = Preferences()


def _request(entry: _ProfileEntry, world: _World) -> ProfileRequest:
    stories = entry.stories
    return ProfileRequest(
        name=entry.name,
        platform=world.key(entry.platform),
        handle=entry.handle,
        base_url=entry.base_url,
        publications=tuple(dict.fromkeys(entry.publications)),
        stories=() if isinstance(stories, _Latest) else tuple(dict.fromkeys(stories)),
        latest_stories=stories.latest if isinstance(stories, _Latest) else 0,
        session=entry.session or entry.name,
        live_controls=None if entry.controls is None else entry.controls.get("live", ()),
        readers=tuple(Reader(viewpoint=who, session=session) for who, session in entry.readers.items()),
    )
