"""Who may see what of a run: the one policy for documents, files, pictures and the report. Pure.

Laws:
1. Nothing is shown that is not named here; a field that a later version adds stays behind until it is.
2. The public is shown what any logged-out visitor could have found, and verdicts: nothing of the author's
   view, no number that only the author sees, nothing that the author wrote, sent or was answered.
3. The platform, to which an appeal goes, is shown one profile: of the author's view the pages that others are
   meant to see, and no statistics unless the author asks for it; no mail address, no path of this computer.
4. What is reduced is still a document of a run, and says what was left out; an unknown number stays null.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from enum import Enum
from html import escape
from typing import Any, TypeVar

from pydantic import BaseModel

from selfcheck.artifacts.case_files import CASE_FILE
from selfcheck.core.account_report import AccountReport, ReportIncident, ReportOverTime
from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind, Verdict
from selfcheck.core.history import ProfileDay, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState
from selfcheck.core.run import ExitCode
from selfcheck.core.run_document import ExtractRecord, PageRecord, ProfileRecord, RunDocument
from selfcheck.core.verdict import RuleHit
from selfcheck.judge.rules import rule_of
from selfcheck.judge.summary import BUT_NOTE
from selfcheck.storage.data_folder import RESULT

SIDE_BY_SIDE = "side-by-side.png"
PRIVATE_NUMBERS = "it shows numbers that only the author is shown"
_ANONYMOUS_FILE = re.compile(r"anonymous\.(?:png|html|xml|json|txt|look\.json)")
_AUTHOR_PICTURES = frozenset({"author.png", SIDE_BY_SIDE})
_WHY_NOT = {
    "author.look.json": "it tells how the author's page was fetched, which proves nothing to others",
    CASE_FILE: "it holds numbers that only the author is shown",
    "pictures.json": "it says what stands in pictures that were not made",
}

_LEFT_OUT = (
    "other profiles",
    "the statistics page and all numbers that only the author is shown",
    "notes and next steps, which are for the author",
)
_RUN_FIELDS = frozenset(
    {
        *("form", "run_id", "started_at", "finished_at", "exit_code", "tool"),
        *("page_views", "footprint", "failures", "seed", "profiles"),
    }
)
_VERDICT_FIELDS = frozenset({"verdict", "silent", "strength", "rules"})
_PROFILE_FIELDS = _VERDICT_FIELDS | {
    *(
        "name",
        "platform",
        "platform_title",
        "platform_file",
        "marks_seen",
        "day_starts",
        "handle",
        "summary",
        "controls",
        "facts",
        "pages",
    ),
    "not_opened",
}
_PAGE_FIELDS = _VERDICT_FIELDS | {"kind", "url", "subject", "folder", "views", "side_by_side", "further"}
_EXPLAINED = frozenset({"reasons", "would_change", "limit"})
_AUTHOR_VIEW_FIELDS = frozenset(
    {
        *("outcome", "status", "final_url", "title", "mark", "quote", "signed_in", "screenshot"),
        *("taken_at", "milliseconds", "failure", "noindex"),
    }
)
_BEFORE_NUMBERS = (BUT_NOTE, " But note: ", " But mind: ")
"""What follows one in a summary may compare numbers of the author's; early versions wrote the later two."""

_MAIL = re.compile(r"[\w.+-]+(?:@|%40|&#64;|\\u0040)[\w-]+(?:\.[\w-]+)+")

_PUBLIC_EVENTS = frozenset({EventKind.OPENED, EventKind.CHANGED, EventKind.RESTORED})
_OPEN_STATES = frozenset({IncidentState.APPEALED, IncidentState.ANSWERED})

_P = TypeVar("_P", bound=BaseModel)
_T = TypeVar("_T")


class Audience(Enum):
    """Who is shown something."""

    OWNER = "owner"  # the author, and places that only the author can read
    PLATFORM = "platform"  # those who read an appeal and its evidence
    PUBLIC = "public"  # everybody


@dataclass(frozen=True, kw_only=True)
class Disclosure:
    """What one audience is shown."""

    audience: Audience
    with_stats: bool = False  # the author shows the pictures of the own statistics as well

    def document(self, document: RunDocument) -> RunDocument:
        """Return the document of a run as a whole; for the platform there is only `excerpt`."""
        match self.audience:
            case Audience.OWNER:
                return document
            case Audience.PLATFORM:
                return _only(document, _RUN_FIELDS - {"page_views", "footprint", "failures"}, profiles=())
        return _only(
            document,
            _RUN_FIELDS,
            # Why a profile failed may repeat what stood on a page.
            failures=tuple(
                f"{text.partition(': ')[0]}: selfcheck itself failed." for text in document.failures
            ),
            profiles=tuple(_public_profile(profile) for profile in document.profiles),
        )

    def excerpt(self, document: RunDocument, name: str) -> RunDocument | None:
        """Return the document with this profile alone, for an appeal; None where it does not have it."""
        profile = document.profile(name)
        if profile is None:
            return None
        private = tuple(page.folder for page in profile.pages if page.kind is PageKind.STATS)
        extract = ExtractRecord(profile=name, left_out=_LEFT_OUT, private_pages=private)
        of_the_run = {"form", "run_id", "started_at", "finished_at", "tool"}
        code = {Verdict.VISIBLE: ExitCode.ALL_VISIBLE, Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE}
        return _only(
            document,
            of_the_run,
            exit_code=code.get(profile.verdict, ExitCode.FOUND),
            extract=extract,
            profiles=(_profile_for_platform(profile),),
        )

    def why_not(self, path: str, page_folders: Mapping[str, bool]) -> str:
        """Return why a file of a run's folder is not shown; "" where it is.

        `page_folders` says of each page's folder whether others are meant to see the page.
        """
        folder, _, name = path.rpartition("/")
        if self.audience is Audience.OWNER or _ANONYMOUS_FILE.fullmatch(name):
            return ""
        if self.audience is Audience.PUBLIC:
            return "only its author saw it"
        if name == RESULT and "/" not in folder:
            return "" if folder else "it holds every profile"
        if name not in _AUTHOR_PICTURES:
            return _WHY_NOT.get(name, "it is not needed to show what logged-out visitors see")
        if folder not in page_folders:
            return "it cannot be told whether others may see this page"
        return "" if page_folders[folder] or self.with_stats else PRIVATE_NUMBERS

    def screenshot(self, page: PageRecord) -> str | None:
        """Return the picture of a page that is shown, by its path within the run's folder."""
        if self.audience is not Audience.PUBLIC:
            return page.side_by_side
        view = page.view(ANONYMOUS)
        return view.screenshot if view else None

    def report(self, site: ReportOverTime) -> ReportOverTime:
        """Return the report over time; its pictures were chosen by `screenshot` as they were gathered."""
        if self.audience is not Audience.PUBLIC:
            return site
        return replace(
            site, public=True, profiles=tuple(_public_history(profile) for profile in site.profiles)
        )


def page_folders(document: RunDocument | None) -> Mapping[str, bool]:
    """Return for the folder of each page of a document whether others are meant to see the page."""
    if document is None:
        return {}
    pages = (page for profile in document.profiles for page in profile.pages)
    folders = {page.folder: page.kind is not PageKind.STATS for page in pages}
    return folders | dict.fromkeys(document.extract.private_pages if document.extract else (), False)


def without_words(value: _T, words: Iterable[str]) -> _T:
    """Return a document, or a part of one, with these words left out of its texts, in whatever case."""
    wanted = "|".join(re.escape(word) for word in words if word)
    pattern = re.compile(wanted, re.IGNORECASE)
    return _with_texts(value, lambda text: pattern.sub("(left out)", text)) if wanted else value


def holds_word(data: bytes, words: Iterable[str]) -> bool:
    """Return whether a file holds one of these words, as text, JSON or HTML writes it, in whatever case."""
    written = (form for word in words if word for form in (word, json.dumps(word)[1:-1], escape(word)))
    lower = data.lower()
    return any(form.encode().lower() in lower for form in written)


def platform_name(platform: str) -> str:
    """Return a platform's name: its own, or that of the user's file without the folders that it lies in."""
    return platform.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")


def _only(part: _P, names: Iterable[str], **changes: Any) -> _P:
    """Return a part with these fields alone, as far as they are set; the changes come in addition."""
    shown = {name: getattr(part, name) for name in names if name in part.model_fields_set}
    # Not validated again: that would give what is left out its default, which looks like an answer.
    return type(part).model_construct(**shown | changes)


def _with_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return the value with every free text in it changed; words of the Contract and times stay."""
    if isinstance(value, str):
        return value if isinstance(value, Enum) else change(value)
    if isinstance(value, BaseModel):
        changes = {name: _with_texts(getattr(value, name), change) for name in value.model_fields_set}
        return value.model_copy(update=changes)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{field.name: _with_texts(getattr(value, field.name), change) for field in fields(value)}
        )
    if isinstance(value, Mapping):
        return {key: _with_texts(part, change) for key, part in value.items()}
    return tuple(_with_texts(part, change) for part in value) if isinstance(value, tuple) else value


def _without_mail(value: _T) -> _T:
    shorter: _T = _with_texts(value, lambda text: _MAIL.sub("(mail address left out)", text))
    return shorter


# -- documents for the platform --------------------------------------------------------------------------


def _profile_for_platform(profile: ProfileRecord) -> ProfileRecord:
    public = {name: values.get(ANONYMOUS) for name, values in profile.facts.items()}
    return _only(
        profile,
        _PROFILE_FIELDS | _EXPLAINED,
        platform=platform_name(profile.platform),
        summary=_without_mail(_public_summary(profile)),
        reasons=_public_reasons(profile.reasons),
        # A fact that only the author is told goes with its name.
        facts={name: {ANONYMOUS: value, AUTHOR: None} for name, value in public.items() if value is not None},
        pages=tuple(_page_for_platform(page) for page in profile.pages if page.kind is not PageKind.STATS),
    )


def _public_reasons(reasons: tuple[RuleHit, ...]) -> tuple[RuleHit, ...]:
    """Return the reasons but those that tell private numbers or another account of the author's."""
    return _without_mail(tuple(reason for reason in reasons if not rule_of(reason.rule).private))


def _public_summary(profile: ProfileRecord) -> str:
    """Return the summary without what compares numbers, and without the reasons of private rules."""
    summary = profile.summary
    for marker in _BEFORE_NUMBERS:
        summary = summary.split(marker)[0]
    reasons = (*profile.reasons, *(reason for page in profile.pages for reason in page.reasons))
    private = (reason.reason for reason in reasons if rule_of(reason.rule).private)
    for reason in filter(None, private):
        # A reason goes on in lower case after a colon.
        place = summary.lower().find(reason.lower())
        summary = summary if place < 0 else f"{summary[:place].rstrip('.: ')}."
    return summary


def _page_for_platform(page: PageRecord) -> PageRecord:
    author = page.view(AUTHOR)
    views = {
        ANONYMOUS: page.view(ANONYMOUS),
        AUTHOR: _without_mail(_only(author, _AUTHOR_VIEW_FIELDS)) if author else None,
    }
    return _only(
        page,
        _PAGE_FIELDS | _EXPLAINED,
        reasons=_public_reasons(page.reasons),
        views={who: view for who, view in views.items() if view is not None},
        further=tuple(view for view in page.further if view.viewpoint == ANONYMOUS),
    )


# -- documents and reports for the public ----------------------------------------------------------------


def _public_profile(profile: ProfileRecord) -> ProfileRecord:
    return _only(
        profile,
        _PROFILE_FIELDS,
        summary=_public_summary(profile),
        facts={
            name: {who: value if who == ANONYMOUS else None for who, value in values.items()}
            for name, values in profile.facts.items()
        },
        pages=tuple(
            _only(
                page,
                _PAGE_FIELDS,
                views={who: view for who, view in page.views.items() if who == ANONYMOUS},
                side_by_side=None,
                further=tuple(view for view in page.further if view.viewpoint == ANONYMOUS),
            )
            for page in profile.pages
        ),
    )


def _public_history(profile: AccountReport) -> AccountReport:
    return AccountReport(
        name=profile.name,
        handle=profile.handle,
        platform=profile.platform,
        last=_public_row(profile.last),
        last_conclusive=_public_row(profile.last_conclusive) if profile.last_conclusive else None,
        days=tuple(
            ProfileDay(
                day=day.day,
                verdict=day.verdict,
                strength=day.strength,
                runs=day.runs,
                conclusive=day.conclusive,
                incidents=day.incidents,
            )
            for day in profile.days
        ),
        begun=profile.begun,
        incidents=tuple(_public_incident(incident) for incident in profile.incidents),
        pages=tuple(
            replace(page, silent=None, rules=()) for page in profile.pages if page.kind is not PageKind.STATS
        ),
        not_opened=profile.not_opened,
    )


def _public_row(row: RunRow) -> RunRow:
    return RunRow(
        run_id=row.run_id,
        profile=row.profile,
        platform=row.platform,
        handle=row.handle,
        at=row.at,
        verdict=row.verdict,
        silent=None,
        strength=row.strength,
        summary="",
        failed=row.failed,
    )


def _public_incident(reported: ReportIncident) -> ReportIncident:
    incident = reported.incident
    public = Incident(
        id=incident.id,
        profile=incident.profile,
        platform=incident.platform,
        handle=incident.handle,
        state=IncidentState.OPEN if incident.state in _OPEN_STATES else incident.state,
        verdict=incident.verdict,
        silent=None,
        summary="",
        last_good_at=incident.last_good_at,
        last_good_run=incident.last_good_run,
        first_bad_at=incident.first_bad_at,
        first_bad_run=incident.first_bad_run,
        last_bad_at=incident.last_bad_at,
        last_bad_run=incident.last_bad_run,
        over_at=incident.over_at,
        over_run=incident.over_run,
        events=tuple(
            IncidentEvent(
                at=event.at,
                kind=event.kind,
                text=event.text if event.text in set(Verdict) else "",
                run_id=event.run_id,
            )
            for event in incident.events
            if event.kind in _PUBLIC_EVENTS and event.run_id
        ),
    )
    return replace(reported, incident=public, missing=())
