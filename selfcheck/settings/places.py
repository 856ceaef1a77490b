"""One place for what is the user's: which profiles file and which data folder a command takes.

Laws:
1. What is named (an option, or its variable) is taken as it is named.
2. Else `./profiles.yaml` and the data folder beside it, else the user's own file and folder. One that names
   only authors of the built-in demo is passed over, but by `run` where the user has no file of their own.
   That is worth a word only while they have none: then the missing file needs an explanation.
3. The demo has a data folder of its own, so that nothing that it finds is ever taken for the user's.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import selfcheck
from selfcheck.core.cli_hints import USUAL_DATA, USUAL_PROFILES
from selfcheck.core.request import ProfileRequest
from selfcheck.errors import SelfcheckError
from selfcheck.platforms.yamlfile import read_document

_DEMO = "demo"


@dataclass(frozen=True, kw_only=True)
class OwnFolders:
    """Where a user's own profiles file and data lie, and those of the demo."""

    profiles: Path
    data: Path
    demo: Path

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "OwnFolders":
        """Return those of this user; SELFCHECK_HOME names one folder for all of them."""
        if home := environ.get("SELFCHECK_HOME"):
            config = data = Path(home)
        else:
            from platformdirs import user_config_path, user_data_path  # noqa: PLC0415 - costs time

            config = user_config_path("selfcheck", appauthor=False)
            data = user_data_path("selfcheck", appauthor=False)
        return cls(profiles=config / USUAL_PROFILES, data=data / "data", demo=data / _DEMO)


@dataclass(frozen=True, kw_only=True)
class CommandPlaces:
    """The profiles file and the data folder of one command."""

    own: OwnFolders
    profiles: Path
    data: Path
    passed_over: Path | None = None  # names only the demo's authors, and the user has no file of their own
    demo: bool = False  # the profiles file names only the demo's authors


def find_places(
    own: OwnFolders,
    here: Path,
    *,
    profiles: Path | None = None,
    data: Path | None = None,
    takes_demo: bool = False,
) -> CommandPlaces:
    """Return what a command takes: `profiles` and `data` as named, `here` the folder that is searched.

    `takes_demo`: the command is content with the demo's authors where the user has no file of their own.
    Paths below the current folder are short, as a user would type them.
    """
    places = _by_profiles(own, here, profiles, takes_demo=takes_demo)
    return replace(places, data=data) if data else places


def _by_profiles(own: OwnFolders, here: Path, named: Path | None, *, takes_demo: bool) -> CommandPlaces:
    beside = Path(USUAL_DATA)
    if named is not None:
        if names_only_demo(named):
            return CommandPlaces(own=own, profiles=named, data=own.demo, demo=True)
        is_own = named.absolute() == own.profiles.absolute()
        return CommandPlaces(own=own, profiles=named, data=own.data if is_own else beside)
    file = _short(here / USUAL_PROFILES)
    has_own = own.profiles.exists()
    if file.exists():
        if not names_only_demo(file):
            return CommandPlaces(own=own, profiles=file, data=_short(here / USUAL_DATA))
        if takes_demo and not has_own:
            return CommandPlaces(own=own, profiles=file, data=own.demo, demo=True)
    # A folder that earlier versions filled, with profiles files of other names, stays the one that is meant.
    data = beside if not has_own and beside.is_dir() else own.data
    passed_over = file if file.exists() and not has_own else None
    return CommandPlaces(own=own, profiles=own.profiles, data=data, passed_over=passed_over)


def searched_folder(environ: Mapping[str, str]) -> Path:
    """Return the folder whose profiles.yaml counts: this one, or that of bootstrap.py elsewhere."""
    project = Path(selfcheck.__file__).resolve().parents[1]
    elsewhere = environ.get("SELFCHECK_CALLED") and not Path(USUAL_PROFILES).exists()
    return project if elsewhere and (project / "bootstrap.py").is_file() else Path.cwd()


def names_only_demo(path: Path) -> bool:
    """Return whether a profiles file has profiles, and all are authors of the built-in demo."""
    if not path.is_file():
        return False
    try:
        data = read_document(path).data
    except SelfcheckError:
        return False  # reading it for its profiles says what is wrong
    entries = data.get("profiles") if isinstance(data, dict) else None
    if not isinstance(entries, list) or not entries:
        return False
    return all(
        isinstance(entry, dict) and entry.get("platform") == _DEMO and not entry.get("base_url")
        for entry in entries
    )


def is_demo_author(profile: ProfileRequest) -> bool:
    """Return whether this is an author of the demo that selfcheck itself starts."""
    return profile.platform == _DEMO and not profile.base_url


def _short(path: Path) -> Path:
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
