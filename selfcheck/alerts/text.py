"""A notice as a message: plain text for people, Markdown for an issue tracker, values for a program. Pure.

Laws:
1. The verdict comes first, then what the public sees, since when, where the picture is, and what to do next.
2. What came from a page (a summary may hold a story's title) is on one line, without control characters; in
   Markdown nothing of it has a meaning.
3. Times are in the user's time zone, which is named.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, tzinfo

from selfcheck.alerts.words import WORDS, Words
from selfcheck.core.cli_hints import USUAL_HINTS, CommandHints
from selfcheck.core.history import Delivery, RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.notice import AlertMessage, AlertPhase, Language, Notice, NoticeKind, Outage, issue_marker
from selfcheck.core.text_safety import markdown_text, one_line
from selfcheck.core.times import duration_words, utc

SCHEMA = "selfcheck.notice/1"

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
    profiles: object = None  # the profiles file, where it is no usual one
    hints: CommandHints = USUAL_HINTS


@dataclass(frozen=True, kw_only=True)
class _Parts:
    """A message before it has a form."""

    title: str
    says: tuple[str, ...]  # paragraphs
    facts: tuple[tuple[str, str], ...] = ()  # label, value
    steps: tuple[tuple[str, str], ...] = ()  # command, what it does


def message(notice: Notice, language: Language, setting: AlertSetting) -> AlertMessage:
    """Return the notice in this language."""
    words = WORDS[language]
    parts = _parts(notice, words, setting)
    return AlertMessage(
        title=parts.title,
        body=_plain(parts, words),
        markdown=_markdown(parts, words, setting, notice.incident),
        document=_document(notice, language, setting, parts, _plain(parts, words)),
        kind=notice.kind,
        incident=notice.incident.id if notice.incident else None,
    )


def _parts(notice: Notice, words: Words, setting: AlertSetting) -> _Parts:
    if notice.incident is not None:
        return _of_incident(notice, notice.incident, words, setting)
    if notice.sight is not None:
        return _of_sight(notice, notice.sight, words, setting)
    if notice.outage is not None:
        return _of_outage(notice.outage, words, setting)
    return _Parts(title=words.titles[notice.kind], says=(words.texts[notice.kind],))


# -- what is said ----------------------------------------------------------------------------------------


def _of_incident(notice: Notice, incident: Incident, words: Words, setting: AlertSetting) -> _Parts:
    end = incident.over_at or setting.now
    verdict = words.verdicts[incident.verdict]
    fields = {
        "who": _who(incident, words, setting),
        "verdict": verdict,
        "verdict_small": verdict[:1].lower() + verdict[1:],
        "length": duration_words(end - incident.first_bad_at, words.time),
        "number": str(notice.number),
    }
    bad = notice.kind in _BAD_NEWS
    first = tuple(_bad_news(incident, words, fields["who"])) if bad else ()
    return _Parts(
        title=words.titles[notice.kind].format(**fields),
        says=tuple(filter(None, (*first, words.texts[notice.kind].format(**fields)))),
        facts=tuple(_incident_facts(notice, incident, words, setting)),
        steps=_incident_steps(incident, words, setting) if bad else (),
    )


def _bad_news(incident: Incident, words: Words, who: str) -> Iterator[str]:
    """Yield what the public sees; the run's own sentence, which is English, says it best."""
    summary = one_line(incident.summary, 300)
    if not words.said and summary:
        yield summary
        return
    told = words.silent[incident.silent] if incident.silent is not None else ""
    yield f"{words.sees[incident.verdict].format(who=who)} {told}".strip()
    if summary:
        yield words.said.format(summary=summary)


def _incident_facts(
    notice: Notice, incident: Incident, words: Words, setting: AlertSetting
) -> Iterator[tuple[str, str]]:
    labels = words.labels
    if notice.kind in _BAD_NEWS:
        yield labels["first"], moment(incident.first_bad_at, setting.zone)
        yield labels["last"], moment(incident.last_bad_at, setting.zone)
        good = incident.last_good_at
        yield labels["good"], moment(good, setting.zone) if good else labels["never"]
    else:
        yield labels["from"], moment(incident.first_bad_at, setting.zone)
        yield labels["until"], moment(incident.over_at or setting.now, setting.zone)
    for label, place in (("picture", setting.picture), ("report", setting.link or setting.report)):
        if place:
            yield labels[label], place
    yield labels["incident"], incident.id


def _incident_steps(incident: Incident, words: Words, setting: AlertSetting) -> tuple[tuple[str, str], ...]:
    appeal = setting.hints.command("appeal", incident.profile, profiles=setting.profiles)
    dismiss = setting.hints.command("history", "dismiss", incident.id, "--reason", "…")
    return (appeal, words.steps["appeal"]), (dismiss, words.steps["dismiss"])


def _of_sight(notice: Notice, sight: AlertPhase, words: Words, setting: AlertSetting) -> _Parts:
    row = sight.latest
    assert row is not None
    since = moment(sight.last_look, setting.zone) if sight.last_look else words.never
    fields = {
        "who": _who(row, words, setting),
        "since": since,
        "until": moment(sight.until, setting.zone) if sight.until else "",
        "summary": one_line(row.summary, 300),
        **_commands(row.profile, setting),
    }
    says, facts = [words.texts[notice.kind].format(**fields)], []
    if notice.kind is NoticeKind.SIGHT:
        says.insert(0, words.sees[row.verdict].format(**fields))
    else:
        facts = [
            (words.labels["why"], words.why[sight.why].format(**fields)),
            (words.labels["remedy"], words.remedy[sight.why].format(**fields)),
        ]
    return _Parts(title=words.titles[notice.kind].format(**fields), says=tuple(says), facts=tuple(facts))


def _commands(profile: str, setting: AlertSetting) -> dict[str, str]:
    """Return the commands that a remedy may name, as they can be typed."""
    file = setting.profiles
    return {
        "login": setting.hints.command("login", profile, profiles=file),
        "run": setting.hints.command("run", profile, profiles=file),
        "doctor": setting.hints.command("doctor", profiles=file),
        "schedule": setting.hints.command("schedule", "status"),
    }


def _of_outage(outage: Outage, words: Words, setting: AlertSetting) -> _Parts:
    kind = NoticeKind.CHANNEL_DEAD
    return _Parts(
        title=words.titles[kind].format(channel=outage.channel),
        says=(words.texts[kind].format(detail=outage.detail),),
        facts=((words.labels["since"], moment(outage.since, setting.zone)),),
        steps=((setting.hints.command("doctor", profiles=setting.profiles), words.steps["doctor"]),),
    )


def _who(of: Incident | RunRow, words: Words, setting: AlertSetting) -> str:
    handle = one_line(of.handle)
    whole = handle if handle.startswith("@") else f"@{handle}"
    return words.on.format(handle=whole, platform=one_line(setting.platform))


def moment(at: datetime, zone: tzinfo) -> str:
    """Return a moment as people write it: `2026-02-03 10:15 (Europe/Berlin)`."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M} ({zone})"


# -- its forms -------------------------------------------------------------------------------------------


def _plain(parts: _Parts, words: Words) -> str:
    blocks = ["\n\n".join(parts.says), "\n".join(f"{label}: {value}" for label, value in parts.facts)]
    if parts.steps:
        steps = (f"  {command}\n    {what}" for command, what in parts.steps)
        blocks.append("\n".join((f"{words.labels['next']}:", *steps)))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _markdown(parts: _Parts, words: Words, setting: AlertSetting, incident: Incident | None) -> str:
    blocks = [issue_marker(incident.id)] if incident else []
    blocks += [f"**{markdown_text(parts.title)}**", *(markdown_text(text) for text in parts.says)]
    facts = ((label, value, setting.link) for label, value in parts.facts)
    blocks.append("\n".join(_fact_rows(facts)))
    if parts.steps:
        steps = (f"- `{command}`: {markdown_text(what)}" for command, what in parts.steps)
        blocks.append("\n".join((f"{words.labels['next']}:", "", *steps)))
    return "\n\n".join(filter(None, blocks)) + "\n"


def _fact_rows(facts: Iterable[tuple[str, str, str | None]]) -> Iterator[str]:
    for label, value, link in facts:
        yield f"- {label}: {f'<{value}>' if value == link else markdown_text(value)}"


def _document(
    notice: Notice, language: Language, setting: AlertSetting, parts: _Parts, text: str
) -> dict[str, object]:
    """Return the notice as plain JSON values; what is not known is null."""
    return {
        "schema": SCHEMA,
        "kind": notice.kind.value,
        "urgent": notice.urgent,
        "at": utc(setting.now),
        "language": language.value,
        "title": parts.title,
        "text": text,
        "profile": notice.profile,
        "incident": _incident_document(notice.incident),
        "blind": _sight_document(notice.sight),
        "channel": notice.outage.channel if notice.outage else None,
        "picture": setting.picture,
        "report": setting.link or setting.report,
        "next": [command for command, _ in parts.steps],
    }


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


def alerts_document(deliveries: Iterable[Delivery], dead: Iterable[Outage]) -> dict[str, object]:
    """Return what came of the alerts after a run as plain JSON values."""
    return {
        "deliveries": [
            {
                "at": utc(one.at),
                "channel": one.channel,
                "kind": one.kind,
                "profile": one.profile,
                "incident": one.incident,
                "ok": one.ok,
                "detail": one.detail,
            }
            for one in deliveries
        ],
        "dead": [{"channel": one.channel, "since": utc(one.since), "detail": one.detail} for one in dead],
    }


def _sight_document(sight: AlertPhase | None) -> dict[str, object] | None:
    if sight is None:
        return None
    return {
        "why": sight.why.value,
        "runs": sight.runs,
        "last_look": utc(sight.last_look) if sight.last_look else None,
        "until": utc(sight.until) if sight.until else None,
    }
