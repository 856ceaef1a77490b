"""The platforms that are known: those that ship with selfcheck, and files that users write.

Laws:
1. A user's file is held to the same form as a shipped one, and all its mistakes are reported at once.
2. A file that the user added (`platforms add`) is used in place of a shipped one of the same name.
3. Walls that belong to no platform stand in `data/_walls.yaml` and go ahead of every platform's own marks.
"""

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

from selfcheck.core.safe_filename import is_safe_name
from selfcheck.core.suggestions import did_you_mean, suggestion
from selfcheck.errors import ConfigurationError, PlatformUnknownError, SelfcheckError
from selfcheck.platforms.field_types import Pattern, References
from selfcheck.platforms.inheritance import inherited
from selfcheck.platforms.learn import LEARN, is_learned, learned_platform
from selfcheck.platforms.page_reading import Strict, Texts
from selfcheck.platforms.schema import Engine, HandleForm, Mark, Platform
from selfcheck.platforms.yamlfile import Document, check, load_model, parse_document, read_document
from selfcheck.storage.files import write_whole

FOLDER = "SELFCHECK_PLATFORMS"
_ENDINGS = (".yaml", ".yml")


class Walls(Strict):
    """The file of walls that may stand before any site."""

    about: str
    marks: tuple[Mark, ...]
    clearance_cookies: Texts = ()  # in which a wall remembers that a person has passed it
    checks: tuple[Pattern, ...] = ()  # addresses by which a wall asks its questions: not of a platform


def _data() -> Path:
    return Path(str(files("selfcheck.platforms") / "data"))


def shipped_names() -> tuple[str, ...]:
    """Return the names of the platforms that ship with selfcheck, in alphabetical order."""
    names = (path.stem for path in _data().glob("*.yaml"))
    return tuple(sorted(name for name in names if not name.startswith("_")))


@dataclass(frozen=True, kw_only=True)
class PlatformHead:
    """What a shipped file says at its top: enough to recognise an address, without reading its marks."""

    name: str
    title: str
    home: str
    hosts: tuple[str, ...]
    handle: HandleForm
    engine: Engine | None


def shipped_heads() -> tuple[PlatformHead, ...]:
    """Return the heads of all shipped platforms, in alphabetical order; no file is read whole."""
    return tuple(_head(name) for name in shipped_names())


def known_heads() -> tuple[PlatformHead, ...]:
    """Return the heads of shipped platforms and of those that the user added, no file with mistakes."""
    heads = {head.name: head for head in shipped_heads()}
    for name in sorted(path.stem for path in added_folder().glob("*.yaml")):
        with suppress(SelfcheckError, OSError):
            own = load_platform(name)
            heads[name] = PlatformHead(
                name=name,
                title=own.title,
                home=own.home,
                hosts=own.hosts,
                handle=own.handle,
                engine=own.engine,
            )
    return tuple(heads.values())


@lru_cache(maxsize=64)
def _head(name: str) -> PlatformHead:
    values = _head_values(name)
    engine = values.get("engine")
    handle = {**values["handle"], "from_urls": tuple(values["handle"]["from_urls"])}
    return PlatformHead(
        name=name,
        title=values["title"],
        home=values["home"],
        hosts=tuple(values["hosts"]),
        handle=HandleForm.model_construct(**handle),  # to check 26 patterns costs time, and the tests did
        engine=engine and Engine.model_validate(engine),
    )


def _head_values(name: str) -> dict[str, Any]:
    """Return the plain values that stand above `pages` in a shipped file, and those that it inherits."""
    text = (_data() / f"{name}.yaml").read_text(encoding="utf-8")
    values: dict[str, Any] = parse_document(text.partition("\npages:")[0], name).data
    base = values.get("extends")
    return inherited(values, _head_values(base)) if base else values


def added_folder(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where files lie that the user added: `SELFCHECK_PLATFORMS`, or in the user's config folder."""
    if setting := environ.get(FOLDER):
        return Path(setting).expanduser()
    from platformdirs import user_config_path  # noqa: PLC0415 - costs time, and most commands do without

    return user_config_path("selfcheck", appauthor=False) / "platforms"


def known_names() -> tuple[str, ...]:
    """Return the names of the platforms that ship with selfcheck and of those that the user added."""
    added = (path.stem for path in added_folder().glob("*.yaml"))
    return tuple(sorted({*shipped_names(), *added}))


def add_platform(name: str, text: str) -> Path:
    """Put a file into the user's config folder, over a shipped one of this name; return where it is."""
    path = added_folder() / f"{name}.yaml"
    write_whole(path, text.encode())
    return path


def source_of(name_or_path: str) -> Literal["shipped", "added", "own", "learned"]:
    """Return which sort of file is used under this name."""
    if is_learned(name_or_path):
        return "learned"
    if is_path(name_or_path):
        return "own"
    return "added" if _added(name_or_path) else "shipped"


def _added(name: str) -> Path | None:
    """Return the file that the user added under this name."""
    path = added_folder() / f"{name}.yaml"
    return path if is_safe_name(name) and path.is_file() else None


def is_path(name_or_path: str) -> bool:
    """Return whether this names a platform file rather than a shipped or a learned platform."""
    looks_like_path = name_or_path.endswith(_ENDINGS) or "/" in name_or_path or "\\" in name_or_path
    return looks_like_path and not is_learned(name_or_path)


def is_shipped(name_or_path: str) -> bool:
    """Return whether this names a platform that ships with selfcheck, with no added file in its place."""
    return source_of(name_or_path) == "shipped"


def load_platform(name_or_path: str) -> Platform:
    """Return a shipped platform by its name, or the one of a platform file, walls ahead of its own marks.

    Raise PlatformUnknownError for a name that is not shipped, ConfigurationError with a file's mistakes.
    """
    if is_learned(name_or_path):
        return with_walls(learned_platform(name_or_path))
    own = Path(name_or_path) if is_path(name_or_path) else _added(name_or_path)
    if own is None:
        return _shipped(name_or_path)
    path = own.expanduser().absolute()
    try:
        written = path.stat()
    except OSError:
        return _read(path)  # which says why it cannot be read
    return _own(path, written.st_mtime_ns, written.st_size)


@lru_cache(maxsize=32)
def _own(path: Path, _changed_ns: int, _size: int) -> Platform:
    """Read a user's file once, until it is written again: a command asks for it in several places."""
    return _read(path)


def platform_text(name_or_path: str) -> str:
    """Return a platform's whole file as it is written, comments and all; it is checked like `load_platform`.

    Raise as `load_platform` does.
    """
    load_platform(name_or_path)
    own = Path(name_or_path).expanduser() if is_path(name_or_path) else _added(name_or_path)
    path = own or _data() / f"{name_or_path}.yaml"
    return path.read_text(encoding="utf-8-sig")


def platform_title(name_or_path: str) -> str:
    """Return a platform's name as people write it; of a platform file that is gone, the file's name."""
    try:
        return load_platform(name_or_path).title if name_or_path else ""
    except (SelfcheckError, OSError):
        return Path(name_or_path).stem


@lru_cache(maxsize=32)
def _shipped(name: str) -> Platform:
    names = shipped_names()
    if name == LEARN:
        raise PlatformUnknownError(
            "`learn` is not a platform of its own: each run learns the site from its pages.",
            next_step=lambda hints: (
                f"`{hints.command('platforms', 'learn', '--help')}` says how to draft a file to use here;"
                " profiles.yaml takes `platform: learn` with `pages` and `controls`."
            ),
        )
    if name not in names:
        known = known_names()
        raise PlatformUnknownError(
            f"There is no platform `{name}`; known are {', '.join(known)}.",
            cause=suggestion(name, known),
            next_step="For a platform of your own, give the path of its file, such as ./myblog.yaml.",
        )
    return _read(_data() / f"{name}.yaml")


@lru_cache(maxsize=1)
def walls() -> Walls:
    """Return what is known of the walls that may stand before any site, their marks in order."""
    file, _ = load_model(_data() / "_walls.yaml", Walls)
    return file


def _read(path: Path) -> Platform:
    document = _with_inherited(read_document(path))
    platform, mistakes = check(document, Platform, context=_names_in(document.data))
    if platform is None or mistakes:
        raise ConfigurationError(mistakes)
    return with_walls(platform)


def _with_inherited(document: Document) -> Document:
    """Return the file together with what it takes from the shipped one that it extends."""
    name = document.data.get("extends") if isinstance(document.data, dict) else None
    if not isinstance(name, str):
        return document
    names = shipped_names()
    if name not in names:
        mistake = document.mistake(
            ("extends",),
            actual=f"`{name}`",
            expected=f"a shipped platform ({', '.join(names)})",
            hint=did_you_mean(name, names),
        )
        raise ConfigurationError((*document.mistakes, mistake))
    base = _with_inherited(read_document(_data() / f"{name}.yaml"))
    return replace(document, data=inherited(document.data, base.data))


def with_walls(platform: Platform) -> Platform:
    """Return the platform with today's walls ahead of its own marks."""
    own = (mark for mark in platform.marks if not mark.id.startswith("wall."))
    return platform.model_copy(update={"marks": (*walls().marks, *own)})


def _names_in(data: Any) -> dict[str, References]:
    """Return what values elsewhere in the file refer to; see `field_types.References`."""
    file = data if isinstance(data, dict) else {}
    states, pages = (
        tuple(part) if isinstance(part := file.get(name), dict) else () for name in ("states", "pages")
    )
    handle = file.get("handle")
    pattern = handle.get("pattern") if isinstance(handle, dict) else None
    return {
        "references": References(
            states=states,
            pages=pages,
            handle_pattern=pattern if isinstance(pattern, str) else None,
            ids=(*_ids_in(file, "marks"), *_ids_in(file, "signs")),
            fallbacks=_ids_in(file, "fallbacks"),
        )
    }


def _ids_in(file: dict[str, Any], key: str) -> tuple[str, ...]:
    entries = part if isinstance(part := file.get(key), list) else []
    ids = (entry.get("id") for entry in entries if isinstance(entry, dict))
    return tuple(name for name in ids if isinstance(name, str))
