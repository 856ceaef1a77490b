"""The labelled scenarios of `tests/scenarios/`, read and expanded; that folder's README tells their form."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

from engines import ENGINES, LEAN
from quick_yaml import yaml_file

from selfcheck.core.enums import Strength, Verdict

FOLDER = Path(__file__).parents[1] / "scenarios"
SILENCE = {"silent": True, "told": False}
RULE_WORDS = {"by": "rule", "with": "besides", "without": "never"}
OWN_SESSION, NO_SESSION = "own", "none"
SITE = "site"
LEFT_OUT = "left out"  # a state that cannot be known without a platform file


@dataclass(frozen=True, kw_only=True)
class Expected:
    """What the evidence allows to be said, by the Contract."""

    verdict: Verdict
    silent: bool | None
    strength: Strength
    rule: str = ""  # the deciding rule, where naming another would mislead the writer; "" where any will do
    besides: str = ""  # a rule that must be told, deciding or not
    never: str = ""  # a rule that must not be told

    @classmethod
    def read(cls, text: str) -> "Expected":
        """Read for instance `suspended silent confirmed by profile.says-suspended`."""
        words = iter(text.split())
        found = Verdict(next(words))
        usual = Strength.LIKELY if found is Verdict.INCONCLUSIVE else Strength.CONFIRMED
        said: dict[str, Any] = {"verdict": found, "silent": None, "strength": usual}
        for word in words:
            if word in RULE_WORDS:
                said[RULE_WORDS[word]] = next(words)
            elif word in SILENCE:
                said["silent"] = SILENCE[word]
            else:
                said["strength"] = Strength(word)
        return cls(**said)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """One labelled case: what each look gets, in order, and what must come of it."""

    family: str
    name: str
    why: str
    expected: Expected
    platform: str
    site: str = ""  # the file of a small site, in sites/, or of a shipped platform, in platforms/
    session: str = OWN_SESSION  # own, none, or (on the demo site) another account's handle
    handle: str = "jane"
    publications: tuple[str, ...] = ()
    stories: tuple[str, ...] = ()
    latest: int = 0
    looks: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # Medium: `page [author]` -> looks
    account: Mapping[str, Any] = field(default_factory=dict)  # the demo site: the account's row
    controls: Mapping[str, Any] = field(default_factory=dict)  # instead of the platform file's own
    base_url: str = ""
    reader: bool = False  # the user has a second account, whose pages are `PAGE reader`
    lean: bool = False  # the platform file knows no sign of what an owner keeps for themselves
    numbers: Mapping[str, str] = field(default_factory=dict)  # what this run and earlier ones read
    truth: Verdict | None = None  # on an engine: what the full platform file lets be said
    full_only: bool = False  # a lean platform file has no way to know it
    without_file: Verdict | None = None  # on an engine: what is true of it that can be learned without a file

    @property
    def by_lean_file(self) -> bool:
        return self.platform.endswith(LEAN)


@cache
def scenarios() -> tuple[Scenario, ...]:
    """Every scenario of every family, in the order of the files."""
    return tuple(one for path in sorted(FOLDER.rglob("[!_]*.yaml")) for one in _of_file(path))


def _of_file(path: Path) -> Iterator[Scenario]:
    family = yaml_file(path)
    for row in family["scenarios"]:
        for values in _combinations(row.get("each", {})):
            filled = _filled({**row, "each": None}, values)
            if "engines" in family:
                yield from _of_engines(path.stem, family, filled)
            else:
                yield _scenario(path.stem, family, filled)


def _of_engines(family: str, head: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[Scenario]:
    """Yield the state on each engine, read by its full platform file and by its lean one."""
    pages = {name: row[name] for name in row if name not in SETTINGS}
    unknown = pages.keys() - _accounts()["pages"]
    assert not unknown, f"no such page: {unknown}"
    for engine in row.get("engines", head["engines"]):
        healthy = _yaml("_engines.yaml")
        stories = row.get("stories", (ENGINES[engine].story_of("jane", 1),) if "story" in row else ())
        full = Expected.read(row["expect"])
        for lean in (False, True):
            if lean and row.get("only") == "full":
                continue
            name = f"{family}: {engine}: {row['name']}"
            learned = row.get("expect learned", full.verdict)
            yield Scenario(
                family=family,
                name=f"{name} (lean file)" if lean else name,
                why=row["why"],
                expected=Expected.read(row.get("expect lean", row["expect"])) if lean else full,
                platform=f"{engine}{LEAN}" if lean else engine,
                session=str(row.get("session", OWN_SESSION)),
                stories=tuple(stories),
                looks=_in_turn({**healthy, **pages}),
                truth=full.verdict,
                full_only=row.get("only") == "full",
                without_file=Verdict(learned) if learned != LEFT_OUT and "only" not in row else None,
            )


def _combinations(each: Mapping[str, Any]) -> Iterator[dict[str, str]]:
    """Every way to take one value of each name; a value may itself name several."""
    words = _words()
    groups = [
        words[values.removeprefix("$")] if isinstance(values, str) else values for values in each.values()
    ]
    for chosen in product(*groups):
        merged: dict[str, str] = {}
        for name, value in zip(each, chosen, strict=True):
            merged |= value if isinstance(value, dict) else {name: str(value)}
        yield merged


@cache
def _yaml(name: str) -> dict[str, Any]:
    content: dict[str, Any] = yaml_file(FOLDER / name)
    return content


def _accounts() -> dict[str, Any]:
    return _yaml("_accounts.yaml")


def _words() -> dict[str, Any]:
    return _yaml("_words.yaml")


def _filled(value: Any, values: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        return value.format_map(values) if "{" in value else value
    if isinstance(value, list):
        return [_filled(one, values) for one in value]
    if isinstance(value, dict):
        return {_filled(name, values): _filled(one, values) for name, one in value.items()}
    return value


def _scenario(family: str, head: Mapping[str, Any], row: Mapping[str, Any]) -> Scenario:
    platform = head.get("platform", "medium")
    account = row.get("account", head.get("account", "healthy"))
    own = {name: row[name] for name in row if name not in SETTINGS}
    site = "usual" in head  # with a platform file of its own, or of a shipped platform by its page cases
    usual = {**head["usual"], **head.get("accounts", {}).get(account, {})} if site else {}
    looks = _site_looks(usual, own) if site else {} if platform == "demo" else _looks(account, own)
    return Scenario(
        family=family if not site else f"site {family}" if "platform file" in head else f"platform {family}",
        name=f"{family}: {row['name']}",
        why=row["why"],
        expected=Expected.read(row["expect"]),
        platform=platform if not site else SITE,
        site=family if site else "",
        base_url=row.get("base_url", ""),
        session=str(row.get("session", OWN_SESSION)),
        handle=row.get("handle", head.get("handle", "jane")),
        publications=tuple(row.get("publications", _asked_for(looks, "publication", "field-notes"))),
        stories=tuple(row.get("stories", _asked_for(looks, "story", head.get("story", STORY)))),
        latest=int(row.get("latest", 0)),
        looks=looks,
        account=account if platform == "demo" else {},
        controls=row.get("controls", {}),
        reader=bool(row.get("reader", False)),
        lean=bool(row.get("lean", False)),
        numbers=row.get("numbers", {}),
    )


SETTINGS = frozenset(
    {
        "name",
        "why",
        "expect",
        "each",
        "account",
        "session",
        "handle",
        "base_url",
        "latest",
        "publications",
        "stories",
        "controls",
        "reader",
        "lean",
        "numbers",
        "engines",
        "expect lean",
        "expect learned",
        "only",
    }
)
"""What a row may hold beside pages."""

STORY = "https://medium.com/@jane/what-the-tide-keeps-a1b2c3d4e5f6"


def _looks(account: str, own: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """What each page answers: as the account usually does, except where the scenario says otherwise."""
    accounts = _accounts()
    usual = {**accounts["everywhere"], **accounts[account]}
    unknown = own.keys() - accounts["pages"]
    assert not unknown, f"no such page: {unknown}"
    return _in_turn({**usual, **own})


def _in_turn(looks: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {name: (each,) if isinstance(each, str) else tuple(each) for name, each in looks.items()}


def _site_looks(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """Return what each page of a small site answers; the author gets what the public gets unless told."""
    looks = {**usual, **own}
    for name in [name for name in looks if not name.endswith((" author", " reader"))]:
        looks.setdefault(f"{name} author", looks[name])
    return {name: (one,) if isinstance(one, str) else tuple(one) for name, one in looks.items()}


def _asked_for(looks: Mapping[str, object], page: str, subject: str) -> tuple[str, ...]:
    """The user names a story or a publication in their file where the scenario says what it answers."""
    return (subject,) if page in looks or f"{page} author" in looks else ()
