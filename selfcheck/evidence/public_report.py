"""Takes out of a report all that is not meant for everybody.

Laws:
1. What stays is what any stranger could have found: the account, its verdicts, its days, the public view.
2. Nothing stays that only the author's view told (numbers, whether the author was told), nor what the author
   wrote, sent or was answered. New fields are left out until they are named here.
"""

from dataclasses import replace

from selfcheck.core.account_report import Site, SiteIncident, SiteProfile
from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.history import PageRow, ProfileDay, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent, IncidentState

_PUBLIC_EVENTS = frozenset({EventKind.OPENED, EventKind.CHANGED, EventKind.RESTORED})
_GOING_ON = frozenset({IncidentState.APPEALED, IncidentState.ANSWERED})


def for_public(site: Site) -> Site:
    """Return the report as it may be shown to everybody.

    Its pictures are chosen where they are gathered: `pictures` of a public site are of the public view alone.
    """
    return replace(site, public=True, profiles=tuple(_profile(one) for one in site.profiles))


def _profile(profile: SiteProfile) -> SiteProfile:
    return SiteProfile(
        name=profile.name,
        handle=profile.handle,
        platform=profile.platform,
        last=_row(profile.last),
        told=_row(profile.told) if profile.told else None,
        days=tuple(_day(day) for day in profile.days),
        begun=profile.begun,
        incidents=tuple(_incident(one) for one in profile.incidents),
        pages=tuple(_page(page) for page in profile.pages if page.kind is not PageKind.STATS),
    )


def _page(page: PageRow) -> PageRow:
    return PageRow(kind=page.kind, url=page.url, verdict=page.verdict, silent=None, strength=page.strength)


def _row(row: RunRow) -> RunRow:
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


def _day(day: ProfileDay) -> ProfileDay:
    return ProfileDay(
        day=day.day,
        verdict=day.verdict,
        strength=day.strength,
        runs=day.runs,
        told=day.told,
        incidents=day.incidents,
    )


def _incident(one: SiteIncident) -> SiteIncident:
    incident = one.incident
    return replace(one, incident=_stripped(incident))


def _stripped(incident: Incident) -> Incident:
    return Incident(
        id=incident.id,
        profile=incident.profile,
        platform=incident.platform,
        handle=incident.handle,
        state=IncidentState.OPEN if incident.state in _GOING_ON else incident.state,
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
        events=tuple(_event(one) for one in incident.events if one.kind in _PUBLIC_EVENTS and one.run_id),
    )


def _event(event: IncidentEvent) -> IncidentEvent:
    text = event.text if event.text in set(Verdict) else ""
    return IncidentEvent(at=event.at, kind=event.kind, text=text, run_id=event.run_id)
