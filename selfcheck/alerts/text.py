"""A notice as a message: plain text for people, values for a program. Pure.

Laws:
1. The verdict comes first, then what the public sees, since when, where the picture is, and what to do next.
2. What came from a page (a summary may hold a story's title) is on one line, without control characters,
   and notifies no member of a chat.
3. Times are in the user's time zone, which is named.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from selfcheck.alerts.notice import AlertMessage, GapPeriod, Notice, NoticeKind, Outage
from selfcheck.alerts.words import TIME_WORDS, AlertWords, alert_words
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.enums import Language, MonitoringGap
from selfcheck.core.history import Delivery, RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import duration_words, utc

SCHEMA = "selfcheck.notice/1"

_CALLING = re.compile(r"@(?=everyone|here|channel|all\b|room\b)|<(?=[!@#])", re.IGNORECASE)
_BAD_NEWS = frozenset({NoticeKind.CONFIRMED, NoticeKind.WORSE, NoticeKind.CHANGED, NoticeKind.REMINDER})


@dataclass(frozen=True, kw_only=True)
class AlertSetting:
    """What the words need beside the notice."""

    platform: str  # the platform's name as people write it
    zone: tzinfo
    now: datetime
    picture: str | None = None  # where both views stand side by side, as it can be typed
    report: str | None = None
    link: str | None = None  # where the evidence can be read on the web
    dates: tuple[str, ...] = ()  # of steps that may be open to the author, in the message's language
    missing: tuple[str, ...] = ()  # of what is over: what is not back, a line each
    profiles: object = None  # the profiles file, where it is not the usual one
    hints: CommandHints = USUAL_HINTS


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """A message before it has a form."""

    title: str
    paragraphs: tuple[str, ...]
    facts: tuple[tuple[str, str], ...] = ()  # label, value
    steps: tuple[tuple[str, str], ...] = ()  # command, what it does


def message(notice: Notice, language: Language, setting: AlertSetting) -> AlertMessage:
    """Return the notice in this language."""
    words = alert_words(language)
    if notice.incident is not None:
        parts = _about_incident(notice, notice.incident, language, setting)
    elif notice.gap is not None:
        parts = _about_gap(notice, notice.gap, words, setting)
    elif notice.row is not None:
        parts = _about_possible(notice, notice.row, words, setting)
    elif notice.outage is not None:
        parts = _about_outage(notice.outage, words, setting)
    else:
        parts = _Parts(title=words.titles[notice.kind], paragraphs=(words.texts[notice.kind],))
    body = _plain(parts, words)
    return AlertMessage(
        title=parts.title,
        body=body,
        document={
            "schema": SCHEMA,
            "kind": notice.kind.value,
            "urgent": notice.urgent,
            "at": utc(setting.now),
            "language": language.value,
            "title": parts.title,
            "text": body,
            "profile": notice.profile,
            "incident": _incident_document(notice.incident),
            "blind": _gap_document(notice.gap),
            "channel": notice.outage.channel if notice.outage else None,
            "picture": setting.picture,
            "report": setting.link or setting.report,
            "next": [command for command, _ in parts.steps],
        },
    )


# -- what is said ----------------------------------------------------------------------------------------


def _about_incident(notice: Notice, incident: Incident, language: Language, setting: AlertSetting) -> _Parts:
    words = alert_words(language)
    end = incident.over_at or setting.now
    verdict = words.verdicts[incident.verdict]
    fields = {
        "who": who(incident, words, setting.platform),
        "verdict": verdict,
        "verdict_small": verdict[:1].lower() + verdict[1:],
        "length": duration_words(end - incident.first_bad_at, TIME_WORDS[language]),
        "number": str(notice.number),
    }
    bad = notice.kind in _BAD_NEWS
    opening = bad_news(incident, words, fields["who"]) if bad else ()
    appeal = setting.hints.command("appeal", incident.profile, profiles=setting.profiles)
    dismiss = setting.hints.command("history", "dismiss", incident.id, "--reason", "…")
    steps = ((appeal, words.steps["appeal"]), (dismiss, words.steps["dismiss"])) if bad else ()
    if setting.missing:
        done = setting.hints.command("appeal", "restored", incident.id, "--done", "ITEM")
        steps = (*steps, (done, words.steps["missing"]))
    return _Parts(
        title=words.titles[notice.kind].format(**fields),
        paragraphs=tuple(filter(None, (*opening, words.texts[notice.kind].format(**fields)))),
        facts=tuple(_incident_facts(incident, words, setting, bad=bad)),
        steps=steps,
    )


def bad_news(incident: Incident, words: AlertWords, who: str) -> tuple[str, ...]:
    """Return in sentences what the public sees; the run's own sentence says it best, but is English."""
    if summary := words.run_summary.format(summary=uncalled(incident.summary, 300)):
        return (summary,)
    author_view = words.author_view[incident.silent] if incident.silent is not None else ""
    return (f"{words.public_sees[incident.verdict].format(who=who)} {author_view}".strip(),)


def _incident_facts(
    incident: Incident, words: AlertWords, setting: AlertSetting, *, bad: bool
) -> Iterator[tuple[str, str]]:
    labels, zone = words.labels, setting.zone
    if bad:
        good = incident.last_good_at
        yield labels["first"], moment(incident.first_bad_at, zone)
        yield labels["last"], moment(incident.last_bad_at, zone)
        yield labels["good"], moment(good, zone) if good else labels["never"]
    else:
        yield labels["from"], moment(incident.first_bad_at, zone)
        yield labels["until"], moment(incident.over_at or setting.now, zone)
    for label, place in (("picture", setting.picture), ("report", setting.link or setting.report)):
        if place:
            yield labels[label], place
    yield labels["incident"], incident.id
    if bad and setting.dates:
        yield labels["dates"], "; ".join(setting.dates)
    if setting.missing:
        yield labels["missing"], "".join(f"\n  - {uncalled(line, 300)}" for line in setting.missing)


def _about_gap(notice: Notice, gap: GapPeriod, words: AlertWords, setting: AlertSetting) -> _Parts:
    row, hints, source = gap.latest, setting.hints, setting.profiles
    assert row is not None
    fields = {
        "who": who(row, words, setting.platform),
        "since": moment(gap.last_conclusive, setting.zone) if gap.last_conclusive else words.first_run,
        "blocked_since": moment(gap.since, setting.zone) if gap.since else "",
        "until": moment(gap.until, setting.zone) if gap.until else "",
        "summary": uncalled(row.summary, 300),
        "login": hints.command("login", row.profile, profiles=source),
        "run": hints.command("run", row.profile, profiles=source),
        "doctor": hints.command("doctor", profiles=source),
        "schedule": hints.command("schedule", "status"),
    }
    title, text = words.titles[notice.kind].format(**fields), words.texts[notice.kind].format(**fields)
    if notice.kind is NoticeKind.RESTORED:
        return _Parts(title=title, paragraphs=(words.public_sees[row.verdict].format(**fields), text))
    why = (words.labels["why"], words.gap_reasons[gap.why].format(**fields))
    if notice.kind is NoticeKind.BLOCKED:
        assist = hints.command("run", row.profile, "--assist", profiles=source)
        return _Parts(title=title, paragraphs=(text,), facts=(why,), steps=((assist, words.steps["assist"]),))
    facts = (
        why,
        (words.labels["remedy"], words.gap_remedies[gap.why].format(**fields)),
    )
    return _Parts(title=title, paragraphs=(text,), facts=facts)


def _about_possible(notice: Notice, row: RunRow, words: AlertWords, setting: AlertSetting) -> _Parts:
    verdict = words.verdicts[row.verdict]
    fields = {
        "who": who(row, words, setting.platform),
        "verdict_small": verdict[:1].lower() + verdict[1:],
        "login": setting.hints.command("login", row.profile, profiles=setting.profiles),
    }
    remedy = words.gap_remedies[MonitoringGap.UNSURE].format(**fields)
    summary = words.run_summary.format(summary=uncalled(row.summary, 300))
    facts = [(words.labels["why"], summary)] if summary else []
    return _Parts(
        title=words.titles[notice.kind].format(**fields),
        paragraphs=(words.texts[notice.kind].format(**fields),),
        facts=(*facts, (words.labels["remedy"], remedy)),
    )


def _about_outage(outage: Outage, words: AlertWords, setting: AlertSetting) -> _Parts:
    kind = NoticeKind.CHANNEL_DEAD
    return _Parts(
        title=words.titles[kind].format(channel=outage.channel),
        paragraphs=(words.texts[kind].format(detail=outage.detail),),
        facts=((words.labels["since"], moment(outage.since, setting.zone)),),
        steps=((setting.hints.command("doctor", profiles=setting.profiles), words.steps["doctor"]),),
    )


def who(account: Incident | RunRow, words: AlertWords, platform: str) -> str:
    """Return an account as people write it: `@jane on Medium`."""
    return words.account.format(handle=uncalled(account.handle, 100), platform=uncalled(platform, 100))


def uncalled(text: str, limit: int) -> str:
    """Return a page's text on one line, in which chats find no one to notify.

    A space without a width stands where they would: in `@everyone`, and in Slack's `<!channel>`.
    """
    return _CALLING.sub("\\g<0>\u200b", one_line(text, limit))


def moment(at: datetime, zone: tzinfo) -> str:
    """Return a moment as people write it: `2026-02-03 10:15 (Europe/Berlin)`."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"


# -- its forms -------------------------------------------------------------------------------------------


def _plain(parts: _Parts, words: AlertWords) -> str:
    blocks = ["\n\n".join(parts.paragraphs), "\n".join(f"{label}: {value}" for label, value in parts.facts)]
    if parts.steps:
        steps = (f"  {command}\n    {effect}" for command, effect in parts.steps)
        blocks.append("\n".join((f"{words.labels['next']}:", *steps)))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _incident_document(incident: Incident | None) -> dict[str, object] | None:
    if incident is None:
        return None
    return {
        "id": incident.id,
        "state": incident.state.value,
        "platform": incident.platform,
        "handle": incident.handle,
        "verdict": incident.verdict.value,
        "silent": incident.silent,
        "summary": incident.summary,
        "first_bad_at": utc(incident.first_bad_at),
        "last_bad_at": utc(incident.last_bad_at),
        "last_good_at": utc(incident.last_good_at) if incident.last_good_at else None,
        "over_at": utc(incident.over_at) if incident.over_at else None,
        "run": incident.last_bad_run,
    }


def _gap_document(gap: GapPeriod | None) -> dict[str, object] | None:
    if gap is None:
        return None
    return {
        "why": gap.why.value,
        "runs": gap.runs,
        "last_look": utc(gap.last_conclusive) if gap.last_conclusive else None,
        "until": utc(gap.until) if gap.until else None,
    }


def alerts_document(deliveries: Iterable[Delivery], dead: Iterable[Outage]) -> dict[str, object]:
    """Return the alerts after a run as plain JSON values: what was sent, and which channels are dead."""
    return {
        "deliveries": [
            {
                "at": utc(delivery.at),
                "channel": delivery.channel,
                "kind": delivery.kind,
                "profile": delivery.profile,
                "incident": delivery.incident,
                "ok": delivery.ok,
                "detail": delivery.detail,
            }
            for delivery in deliveries
        ],
        "dead": dead_channels_document(dead),
    }


def dead_channels_document(dead: Iterable[Outage]) -> list[dict[str, str]]:
    """Return channels that cannot be reached as plain JSON values."""
    return [
        {"channel": outage.channel, "since": utc(outage.since), "detail": outage.detail} for outage in dead
    ]
