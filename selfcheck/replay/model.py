"""What came of judging a stored run again: then and now, side by side."""

from dataclasses import dataclass

from selfcheck.core.enums import PageKind, Strength, Verdict
from selfcheck.core.run import ToolInfo
from selfcheck.core.verdict import RuleHit


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """A verdict with all that it carries."""

    verdict: Verdict
    silent: bool | None
    strength: Strength
    firings: tuple[RuleHit, ...]  # the deciding one first

    @property
    def rules(self) -> tuple[str, ...]:
        """Return the ids of every rule that fired, the deciding one first."""
        return tuple(firing.rule for firing in self.firings)


@dataclass(frozen=True, kw_only=True)
class RuleChange:
    """A rule that fires now and did not then, or the other way round, and why."""

    rule: str
    came: bool  # False: it went
    why: str


@dataclass(frozen=True, kw_only=True)
class Compared:
    """The verdict of a page or of a profile, then and now."""

    then: Judgement
    now: Judgement
    rules: tuple[RuleChange, ...] = ()

    @property
    def changed(self) -> bool:
        """Return whether the verdict, its silence or its strength is another now.

        A rule that came or went beside the same verdict is reported, and does not change it.
        """
        then, now = (
            (judgement.verdict, judgement.silent, judgement.strength) for judgement in (self.then, self.now)
        )
        return then != now


@dataclass(frozen=True, kw_only=True)
class LookChange:
    """One thing that a look is read as saying now and was not then."""

    url: str
    viewpoint: str
    what: str  # the observation's field, such as `outcome` or `mark`
    then: str
    now: str


@dataclass(frozen=True, kw_only=True)
class ReplayedPage:
    """One page of a profile."""

    kind: PageKind
    url: str
    folder: str
    subject: str
    compared: Compared


@dataclass(frozen=True, kw_only=True)
class ReplayedProfile:
    """One profile of the run."""

    name: str
    platform: str
    title: str  # the platform's name as people write it
    handle: str
    compared: Compared
    pages: tuple[ReplayedPage, ...]
    looks: tuple[LookChange, ...] = ()  # what the platform file of today reads otherwise
    notes: tuple[str, ...] = ()  # what could not be read again, and why

    @property
    def changed(self) -> bool:
        """Return whether the profile's verdict or one of its pages' is another now."""
        return self.compared.changed or any(page.compared.changed for page in self.pages)


@dataclass(frozen=True, kw_only=True)
class Replay:
    """A whole run judged again."""

    run_id: str
    then: ToolInfo  # what made the run
    version: str  # of selfcheck, now
    rules_version: str  # now
    profiles: tuple[ReplayedProfile, ...]
    notes: tuple[str, ...] = ()  # what of the whole run could not be read again, and why

    @property
    def changed(self) -> bool:
        """Return whether any verdict is another now."""
        return any(profile.changed for profile in self.profiles)
