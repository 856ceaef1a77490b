"""A machine with all four schedulers, written by hand: nothing of this one is asked or changed."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from selfcheck.storage.child_process import CommandResult


@dataclass
class Machine:
    """A machine with all four schedulers, of which each remembers what it was told."""

    crontab: bytes | None = None
    known: set[str] = field(default_factory=set)
    refuses: tuple[str, ...] = ()  # words that make a command fail
    refuses_once: set[str] = field(default_factory=set)  # words that make the next such command fail
    missing: tuple[str, ...] = ()
    told: list[tuple[str, ...]] = field(default_factory=list)

    def __call__(self, words: Sequence[str], given: bytes | None = None) -> CommandResult:
        self.told.append(tuple(words))
        if words[0] in self.missing:
            return CommandResult(code=127, err="no such program")
        if set(self.refuses) & set(words):
            return CommandResult(code=5, err="Failed to connect to bus")
        if self.refuses_once & set(words):
            self.refuses_once = set()
            return CommandResult(code=5, err="Failed to connect to bus")
        if words[0] == "crontab":
            return self._cron(given)
        return self._others(words)

    def _cron(self, given: bytes | None) -> CommandResult:
        if given is not None:
            self.crontab = given
        if self.crontab is None:
            return CommandResult(code=1, err="no crontab for jo")
        return CommandResult(code=0, out=self.crontab)

    def _others(self, words: Sequence[str]) -> CommandResult:
        asks = {"is-active", "print", "/Query"} & set(words)
        name = words[-1].rsplit("/", 1)[-1].removesuffix(".plist").removesuffix(".timer")
        if words[0] == "schtasks":
            name = words[3]
        if asks:
            return CommandResult(code=0 if name in self.known else 3)
        if {"enable", "bootstrap", "/Create"} & set(words):
            if {"bootstrap"} & set(words) and name in self.known:
                return CommandResult(code=5, err="Bootstrap failed: 5: Input/output error")
            self.known.add(name)
        if {"disable", "bootout", "/Delete"} & set(words):
            self.known.discard(name)
        return CommandResult(code=0)

    @property
    def changes(self) -> list[tuple[str, ...]]:
        asks = {"is-active", "print", "/Query", "-l", "show-environment"}
        return [words for words in self.told if not asks & set(words)]
