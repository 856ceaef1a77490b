"""`selfcheck replay`: a stored run is read and judged again by the marks and rules of today, offline.

Laws:
1. Nothing is opened but the run's folder, the platform files, and the author's pages where they were kept.
2. A page load is read again from what it received. The author's pages are kept only where the user asked for
   it; without them what was read of them then stands, as it does of every page load whose files are gone.
3. The judge gets what it got then, and can ask for no further look: where it would, that is said.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from selfcheck import __version__
from selfcheck.artifacts.case_files import StoredCase, read_author_pages
from selfcheck.artifacts.pruning import in_words, read_pruned
from selfcheck.artifacts.run_reader import StoredRun
from selfcheck.core.capture import Capture
from selfcheck.core.case import PageCase, ProfileCase
from selfcheck.core.enums import ANONYMOUS, PageKind, Purpose
from selfcheck.core.handle import Handle
from selfcheck.core.hosts import split_address
from selfcheck.core.observation import Observation
from selfcheck.core.run_document import PageRecord, ProfileRecord
from selfcheck.core.verdict import ControlReading, PageVerdict, ProfileVerdict, RuleHit
from selfcheck.errors import PlatformUnknownError, SelfcheckError
from selfcheck.judge import RULES_VERSION, conclude
from selfcheck.judge.rules import RULES
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform, platform_title
from selfcheck.platforms.page_urls import handle_of_url, is_own
from selfcheck.platforms.schema import Platform
from selfcheck.replay.model import (
    Compared,
    Judgement,
    LookChange,
    Replay,
    ReplayedPage,
    ReplayedProfile,
    RuleChange,
)
from selfcheck.runs.controls import reading_of
from selfcheck.runs.learning import as_learned_then, is_unknown
from selfcheck.runs.platform_facts import with_platform
from selfcheck.sessions.author_pages import AuthorPages

_REPORTED = ("outcome", "mark", "signed_in", "signed_in_as", "noindex", "signs", "facts", "series", "stories")
"""The fields of a page load whose change is worth reporting; the others follow from them."""


NOT_KEPT = (
    "Your own view is judged as the run read it, since its pages were not kept (`keep_author_pages` in the"
    " settings)."
)
READERS_NOT_KEPT = (
    "What other accounts of yours were shown (`readers`) is judged as it was read: no page is kept."
)


def replay(
    folder: Path, *, platform_file: Path | None = None, author_pages: AuthorPages | None = None
) -> Replay:
    """Return the run of this folder judged again.

    A platform that ships with selfcheck is today's; of a user's own the copy in the run is read.
    `platform_file` is read instead of either by the platform that it names. Raises RunUnreadableError where
    the run cannot be judged again.
    """
    run = StoredRun(folder)
    own = load_platform(str(platform_file)) if platform_file else None
    result = run.result
    own_view = _AuthorView(author_pages, result.run_id)
    profiles = tuple(_ProfileReplay(run, profile, own, own_view).replayed() for profile in result.profiles)
    record = read_pruned(folder)
    removed = (f"{in_words(record)} What the run read of them is judged again.",) if record else ()
    return Replay(
        run_id=result.run_id,
        then=result.tool,
        version=__version__,
        rules_version=RULES_VERSION,
        profiles=profiles,
        notes=(*removed, *own_view.notes),
    )


def platform_for(run: StoredRun, then: ProfileRecord, name: str, own: Platform | None) -> Platform | None:
    """Return the platform by which a profile is judged again; None where none is known.

    It is the file that the user gives, else the shipped one of today, else the run's own copy. Raises
    RunUnreadableError where that is damaged.
    """
    if own is not None and own.platform == name:
        return own
    stored = run.platform(then)
    try:
        return stored.today() if stored else load_platform(name)
    except PlatformUnknownError:
        return None


def home_of(stored: StoredCase, platform: Platform) -> str:
    """Return the address that the pages were taken from; guessed where an early file does not say."""
    if stored.home:
        return stored.home
    urls = [page.visit.url for page in stored.case.pages]
    if not urls or is_own(urls[0], platform):
        return platform.home
    parts = split_address(urls[0])
    return f"{parts.scheme}://{parts.netloc}"


class _AuthorView:
    """The author's page loads of a run, as far as they were kept, and why they cannot be read where not."""

    def __init__(self, kept: AuthorPages | None, run_id: str) -> None:
        self._kept = kept
        self._run_id = run_id
        self._troubles: list[str] = []
        self._lacks_some = False

    def page_loads(self, profile: str) -> Mapping[tuple[datetime, str], Capture]:
        """Return a profile's page loads by their time and address; none where they cannot be read."""
        try:
            data = self._kept.load(self._run_id, profile) if self._kept and not self._troubles else None
            pages = read_author_pages(data, name="What is kept of your own pages") if data else ()
        except SelfcheckError as error:
            self._troubles.append(f"{error.what} Your own view is judged as the run read it.")
            return {}
        return {(page.finished_at, page.visit.url): page for page in pages}

    def lacks(self) -> None:
        """Note that a page load of the author was not kept."""
        self._lacks_some = True

    @property
    def notes(self) -> tuple[str, ...]:
        """Return why author's views were not read again."""
        return tuple(self._troubles) or ((NOT_KEPT,) if self._lacks_some else ())


class _ProfileReplay:
    """One profile of a stored run, read and judged again."""

    def __init__(
        self, run: StoredRun, then: ProfileRecord, own: Platform | None, own_view: _AuthorView
    ) -> None:
        self._run = run
        self._then = then
        self._stored = run.case(then)
        self._platform = platform_for(run, then, self._stored.case.platform, own)
        self._looks = {(look.finished_at, look.visit.url): look for look in run.looks}
        self._own_view = own_view
        self._own_looks = own_view.page_loads(then.name)
        self._changes: list[LookChange] = []
        self._notes: list[str] = []

    def replayed(self) -> ReplayedProfile:
        """Return what became of the profile."""
        now, wants_more = conclude(self._case())
        if wants_more:
            self._notes.append("Today selfcheck would have looked again before it judged; a replay cannot.")
        pages = {page.folder: page for page in now.pages}
        own = (f"{self._stored.case.pages[0].visit.folder.split('/')[0]}/", "controls/")
        troubles = (trouble for trouble in self._run.troubles if trouble.startswith(own))
        return ReplayedProfile(
            name=self._then.name,
            platform=self._then.platform,
            title=self._then.platform_title or platform_title(self._then.platform),
            handle=self._then.handle,
            compared=_compared(self._then, now),
            pages=tuple(_page(page, pages[page.folder]) for page in self._then.pages if page.folder in pages),
            looks=tuple(self._changes),
            notes=(*self._notes, *troubles),
        )

    def _case(self) -> ProfileCase:
        case, platform = self._stored.case, self._platform
        if any(page.readers for page in case.pages):
            self._notes.append(READERS_NOT_KEPT)
        if platform is None:
            self._notes.append(
                f"No platform file of {case.platform} is known, so the verdict uses what the run read from "
                f"its pages; --platform FILE names one."
            )
            return case
        return replace(
            case,
            sureness=with_platform(case.sureness, platform),
            pages=tuple(self._page(page, platform) for page in case.pages),
            controls=tuple(self._control(control, platform) for control in case.controls),
        )

    def _page(self, page: PageCase, platform: Platform) -> PageCase:
        handle = page.visit.handle
        return replace(
            page,
            looks={
                who: tuple(self._look(look, platform, handle) for look in looks)
                for who, looks in page.looks.items()
            },
            fallbacks=tuple(self._look(look, platform, handle) for look in page.fallbacks),
            program_views=tuple(self._look(look, platform, handle) for look in page.program_views),
        )

    def _look(self, then: Observation, platform: Platform, handle: str) -> Observation:
        if then.taken_at is None:
            return then
        is_public = then.viewpoint == ANONYMOUS
        capture = (self._looks if is_public else self._own_looks).get((then.taken_at, then.url))
        if capture is None:
            if not is_public:
                self._own_view.lacks()
            return then
        visit = replace(capture.visit, handle=then.handle, subject=then.subject)
        now = as_learned_then(then, self._observed(replace(capture, visit=visit), platform, handle))
        self._changes += _changes(then, now, _REPORTED, then.url, then.viewpoint)
        return replace(now, screenshot=then.screenshot)

    def _observed(self, capture: Capture, platform: Platform, handle: str) -> Observation:
        return observe(capture, platform, {"home": home_of(self._stored, platform), "handle": handle})

    def _control(self, then: ControlReading, platform: Platform) -> ControlReading:
        controls = (look for look in self._run.looks if look.visit.purpose is Purpose.CONTROL)
        capture = next((look for look in controls if look.visit.url == then.url), None)
        if capture is None:
            return then
        subject = Handle(then.handle).name if then.page in {PageKind.PUBLICATION, PageKind.STORY} else ""
        handle = handle_of_url(then.url, platform) or "" if subject else then.handle
        visit = replace(capture.visit, handle=handle, subject=subject)
        observation = self._observed(replace(capture, visit=visit), platform, handle)
        if then.is_learned and is_unknown(observation):
            return then
        now = reading_of(then.kind, then.handle, observation)
        self._changes += _changes(then, now, ("outcome", "detail"), then.url, ANONYMOUS)
        return now


def _changes(
    then: object, now: object, names: tuple[str, ...], url: str, viewpoint: str
) -> Iterator[LookChange]:
    for name in names:
        before, after = getattr(then, name), getattr(now, name)
        if before != after:
            yield LookChange(
                url=url, viewpoint=viewpoint, what=name, then=_in_words(before), now=_in_words(after)
            )


def _in_words(value: Any) -> str:
    """Return a field's value in words: the ids of stories and signs, numbers by name, none for nothing."""
    if value is None or (isinstance(value, tuple | Mapping) and not value):
        return "none"
    if isinstance(value, tuple):
        return ", ".join(str(item.id) for item in value)
    if isinstance(value, Mapping):
        return ", ".join(
            f"{name} {'unknown' if number is None else number}" for name, number in value.items()
        )
    return str(value)


# -- then and now ------------------------------------------------------------------------------------------


def _page(then: PageRecord, now: PageVerdict) -> ReplayedPage:
    return ReplayedPage(
        kind=then.kind, url=then.url, folder=then.folder, subject=then.subject, compared=_compared(then, now)
    )


def _compared(then: ProfileRecord | PageRecord, now: ProfileVerdict | PageVerdict) -> Compared:
    reasons = {hit.rule: hit.reason for hit in then.reasons}
    before = Judgement(
        verdict=then.verdict,
        silent=then.silent,
        strength=then.strength,
        firings=tuple(RuleHit(rule=rule, reason=reasons.get(rule, "")) for rule in then.rules),
    )
    after = Judgement(verdict=now.verdict, silent=now.silent, strength=now.strength, firings=now.firings)
    return Compared(then=before, now=after, rules=tuple(_rule_changes(before, after)))


def _rule_changes(then: Judgement, now: Judgement) -> Iterator[RuleChange]:
    for firing in now.firings:
        if firing.rule not in then.rules:
            yield RuleChange(rule=firing.rule, came=True, why=firing.reason)
    for firing in then.firings:
        if firing.rule not in now.rules:
            yield RuleChange(rule=firing.rule, came=False, why=_gone(firing))


def _gone(firing: RuleHit) -> str:
    reason = f" Then: {firing.reason}" if firing.reason else ""
    known = firing.rule in {rule.id for rule in RULES}
    return f"{'It does not hold any more.' if known else 'There is no such rule any more.'}{reason}"
