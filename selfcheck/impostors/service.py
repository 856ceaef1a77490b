"""Proves whose account it is, opens the pages that the user named, and compares.

Page views count within the platform's limits as those of a run do; pictures have a budget of their own, as
those of a backup. A platform that asked to be left alone is left alone.
"""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime

from selfcheck.backup.copying import with_limits
from selfcheck.browser.backoff import BackoffRegistry, read_backoffs, write_backoffs
from selfcheck.browser.pool import BrowserPool, PoolOptions, open_pool
from selfcheck.browser.storage_state import StorageState
from selfcheck.core.capture import Capture, Failure, PageRequest
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Outcome, PageKind
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.errors import PatternTooSlowError, SessionStoreError, UsageError
from selfcheck.impostors.addresses import NamedPage
from selfcheck.impostors.model import (
    AccountComparison,
    AccountPicture,
    Comparison,
    LikenessFinding,
    ReportForm,
    SeenAccount,
)
from selfcheck.impostors.rules import finding_of, likeness, why_unknown
from selfcheck.observe import observe
from selfcheck.observe.account import AccountDetails, read_account
from selfcheck.platforms.page_urls import fill, home_of, page_url, rebase, values_of
from selfcheck.platforms.schema import Platform
from selfcheck.runs.run import provide
from selfcheck.runs.session_check import SessionReading, check_url, session_reading
from selfcheck.runs.subjects import CheckSubject
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.limits_table import LimitsTable

_BUDGET = "impostors pictures"
_GOOD = 200
_READ = range(200, 300)
_NOBODY_THERE = frozenset({Outcome.SUSPENDED, Outcome.NOT_FOUND, Outcome.REMOVED})
_INSTEAD = {
    Outcome.SUSPENDED: "says that the account is suspended",
    Outcome.NOT_FOUND: "says that there is no such account",
    Outcome.REMOVED: "says that its owner removed it",
    Outcome.RESTRICTED: "is not shown to everybody",
    Outcome.LOGIN_WALL: "asks to sign in",
    Outcome.CHALLENGE: "is a bot check",
    Outcome.RATE_LIMITED: "answers that there were too many requests",
    Outcome.SERVER_ERROR: "answers with an error",
    Outcome.UNREACHABLE: "did not answer",
    Outcome.UNRECOGNISED: "is not one that selfcheck recognises",
}
"""What a page says that is not an account's, in words."""


@dataclass(frozen=True, kw_only=True)
class LookOptions:
    """Where limits are shared, and by what pages are opened."""

    data: DataFolder
    run: RunOptions  # with which browser and kind of window, as of a run
    now: Callable[[], datetime]
    say: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What came of it, and the session where the platform renewed it."""

    comparison: Comparison
    session: StorageState | None


def refuse_what_cannot_be_proved(subject: CheckSubject, hints: CommandHints) -> None:
    """Raise UsageError where no page of the platform's can show that the session is the account's."""
    platform, name = subject.platform, subject.profile.name
    nothing = "so nothing was looked at."
    sign_in = platform.sign_in
    if sign_in is None or not sign_in.known_on(sign_in.check).whose:
        raise UsageError(
            f"The platform file of {platform.title} cannot tell whose session it is, {nothing}",
            cause="Accounts are only compared with one that is proved to be yours.",
            next_step="A platform file of your own can say it: `sign_in: whose`, in docs/platform-files.md.",
        )
    if subject.session is None:
        login = subject.sign_in_with or hints.command("login", name)
        raise SessionStoreError(
            f"{name} has no saved session that can be used, {nothing}",
            cause="Accounts are only compared with one that its session proves to be yours.",
            next_step=f"To sign in: {login}",
        )


async def compare_accounts(
    subject: CheckSubject, pages: Sequence[NamedPage], own: Sequence[ProfileRequest], options: LookOptions
) -> Looked:
    """Compare the accounts that the user named with the subject's. Raises SelfcheckError.

    `own` are all of the user's profiles; their accounts are not opened.
    """
    with closing(LimitsTable.open(options.data)) as table:
        backoffs = BackoffRegistry(read_backoffs(options.data), table)
        choice = await asyncio.to_thread(provide, options.run, options.say)
        pool_options = PoolOptions(
            jobs=1,
            say=options.say,
            clock=options.now,
            table=table,
            backoffs=backoffs,
            mode=options.run.mode,
        )
        async with open_pool(choice, pool_options) as pool:
            looked = await Comparer(subject, own, pool, options).compare(pages)
        if backoffs.changed:
            write_backoffs(options.data, backoffs.known(), options.now())
    return looked


@dataclass(frozen=True)
class Comparer:
    """One comparison: whose account it is, and the pool that opens the pages."""

    subject: CheckSubject
    own: Sequence[ProfileRequest]
    pool: BrowserPool
    options: LookOptions
    pictures: dict[str, AccountPicture] = field(default_factory=dict)  # by address: none is fetched twice

    async def compare(self, pages: Sequence[NamedPage]) -> Looked:
        """Open the author's own page, and the others where that proves the session."""
        profile = self.subject.profile
        self.options.say(f"looking at your own page on {self.subject.platform.title}")
        reading, own, session = await self._own_account()
        accounts: list[AccountComparison] = []
        for page in pages if own is not None else ():
            assert own is not None
            accounts.append(await self._compared(page, own))
        comparison = Comparison(
            profile=profile.name,
            at=self.options.now(),
            proof=reading.says,
            is_proven=reading.is_own,
            own=own,
            accounts=tuple(accounts),
            browser=self.pool.version,
        )
        return Looked(comparison=comparison, session=session)

    # -- the author's own account --

    async def _own_account(self) -> tuple[SessionReading, SeenAccount | None, StorageState | None]:
        """Return what a page says of the session, and the author's account where it is that one's."""
        subject, profile, platform = self.subject, self.subject.profile, self.subject.platform
        assert platform.sign_in is not None
        home, kind = home_of(profile, platform), platform.sign_in.check
        async with self.pool.view(AUTHOR, platform, home, subject.session, profile=profile.name) as view:
            request = _request(profile, check_url(profile, platform), kind, AUTHOR)
            capture = (await self.pool.fetch_all(request, {AUTHOR: view}))[AUTHOR]
            reading = session_reading(
                observe(capture, platform, values_of(profile, platform)), profile, platform
            )
            if reading.is_own and kind is not PageKind.PROFILE:
                request = _request(profile, _profile_url(profile, platform), PageKind.PROFILE, AUTHOR)
                capture = (await self.pool.fetch_all(request, {AUTHOR: view}))[AUTHOR]
            session = await view.rotated()
        if not reading.is_own:
            return reading, None, session
        details = AccountDetails()
        if observe(capture, platform, values_of(profile, platform)).outcome is Outcome.SHOWN:
            details = _details(capture, platform, profile)
        page = NamedPage(written="", url=_profile_url(profile, platform), profile=profile, platform=platform)
        return reading, await self._account(page, details), session

    # -- the others --

    async def _compared(self, page: NamedPage, own: SeenAccount) -> AccountComparison:
        """Return the comparison of one account; one of the user's own is not opened."""
        if page.is_of(self.subject.profile):
            return AccountComparison(
                written=page.written, finding=LikenessFinding.ITSELF, site_known=page.site_known
            )
        mine = next((profile for profile in self.own if page.is_of(profile)), None)
        if mine is not None:
            return AccountComparison(written=page.written, finding=LikenessFinding.OWN, why=mine.name)
        self.options.say(f"looking at {page.url}")
        capture, observation = await self._open(page)
        report = _report_form(page) if observation.outcome not in _NOBODY_THERE else None
        if why := _why_not_read(observation, page):
            return AccountComparison(
                written=page.written,
                finding=LikenessFinding.UNKNOWN,
                why=why,
                report=report,
                capture=capture,
                site_known=page.site_known,
            )
        account = await self._account(page, _details(capture, page.platform, page.profile))
        found = likeness(own, account)
        finding = finding_of(found, site_known=page.site_known)
        return AccountComparison(
            written=page.written,
            finding=finding,
            account=account,
            why=why_unknown(found, site_known=page.site_known) if finding is LikenessFinding.UNKNOWN else "",
            name=found.name,
            handle=found.handle,
            picture=found.picture,
            report=report,
            capture=capture,
            site_known=page.site_known,
        )

    async def _open(self, page: NamedPage) -> tuple[Capture, Observation]:
        """Open a page once, as a logged-out visitor in a fresh context."""
        request = _request(page.profile, page.url, PageKind.PROFILE, ANONYMOUS, picture=True)
        name = self.subject.profile.name
        async with self.pool.view(ANONYMOUS, page.platform, page.home, None, profile=name) as view:
            capture = (await self.pool.fetch_all(request, {ANONYMOUS: view}))[ANONYMOUS]
        return capture, observe(capture, page.platform, values_of(page.profile, page.platform))

    async def _account(self, page: NamedPage, details: AccountDetails) -> SeenAccount:
        return SeenAccount(
            platform=page.platform.title,
            handle=page.shown_handle,
            url=page.url,
            name=details.name,
            picture=await self._picture(page, details.picture_url),
        )

    async def _picture(self, page: NamedPage, url: str) -> AccountPicture:
        """Fetch a picture once, without a session."""
        if not url:
            return AccountPicture(why_not="the page does not show where it is")
        if url not in self.pictures:
            self.pictures[url] = await self._fetched(page, url)
        return self.pictures[url]

    async def _fetched(self, page: NamedPage, url: str) -> AccountPicture:
        is_default = page.platform.account.is_default_picture(url)
        limited = with_limits(page.platform, pictures=True)
        name = self.subject.profile.name
        async with self.pool.view(ANONYMOUS, limited, page.home, None, profile=name, budget=_BUDGET) as view:
            answer = await self.pool.fetch_file(url, view)
        if isinstance(answer, Failure):
            return AccountPicture(why_not=answer.detail, is_default=is_default)
        if answer.status != _GOOD:
            return AccountPicture(why_not=f"its address answered {answer.status}", is_default=is_default)
        return AccountPicture(data=answer.data, is_default=is_default)


def _request(
    profile: ProfileRequest, url: str, kind: PageKind, viewpoint: str, *, picture: bool = False
) -> PageRequest:
    return PageRequest(
        profile=profile.name,
        kind=kind,
        url=url,
        viewpoints=(viewpoint,),
        folder="",
        handle=profile.handle,
        picture=picture,
    )


def _profile_url(profile: ProfileRequest, platform: Platform) -> str:
    url = page_url(PageKind.PROFILE, platform, values_of(profile, platform))
    return rebase(url, platform, profile.base_url)


def _details(capture: Capture, platform: Platform, profile: ProfileRequest) -> AccountDetails:
    try:
        return read_account(capture, platform, values_of(profile, platform))
    except PatternTooSlowError:
        return AccountDetails()


def _why_not_read(seen: Observation, page: NamedPage) -> str:
    """Return why a page is not that of an account that can be compared, or ""."""
    if seen.failure is not None:
        return f"the page could not be opened ({seen.failure.detail})"
    if seen.outcome is Outcome.SHOWN:
        return ""
    answered = seen.status is not None and seen.status in _READ
    if not page.site_known and seen.outcome is Outcome.UNRECOGNISED and answered and seen.led_to is None:
        return ""
    if seen.outcome is Outcome.UNRECOGNISED and seen.led_to is not None:
        return f"the address leads to another page ({seen.final_url})"
    return f"the page {_INSTEAD[seen.outcome]}"


def _report_form(page: NamedPage) -> ReportForm | None:
    facts = page.platform.impersonation
    if facts is None:
        return None
    url = fill(facts.url, values_of(page.profile, page.platform)) if facts.url else ""
    return ReportForm(platform=page.platform.title, facts=facts, url=url)
