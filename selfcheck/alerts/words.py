"""The words of alerts, in every language that there is: a row for each thing to say.

Laws:
1. Both languages say the same; a test holds that each has every row and every field.
2. What could not be told is said to be unknown, in every language.
3. `{who}` is the account as people write it. What stands in curly brackets is filled in, nothing else is.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from selfcheck.core.enums import Verdict
from selfcheck.core.notice import Language, MonitoringGap, NoticeKind
from selfcheck.core.times import ENGLISH_TIME, GERMAN_TIME, TimeWords


@dataclass(frozen=True, kw_only=True)
class Words:
    """All words of one language."""

    on: str  # an account on a platform
    verdicts: Mapping[Verdict, str]
    sees: Mapping[Verdict, str]  # what the public sees
    silent: Mapping[bool, str]  # whether the author's own view gives a hint
    titles: Mapping[NoticeKind, str]
    texts: Mapping[NoticeKind, str]
    why: Mapping[MonitoringGap, str]
    remedy: Mapping[MonitoringGap, str]
    never: str
    labels: Mapping[str, str]
    steps: Mapping[str, str]
    time: TimeWords
    said: str  # what leads in the sentence of the run, which is English; empty: it is the text itself


_ENGLISH = Words(
    on="{handle} on {platform}",
    verdicts={
        Verdict.SUSPENDED: "Suspended",
        Verdict.HIDDEN: "Hidden",
        Verdict.MISSING: "Missing",
        Verdict.LIMITED: "Limited",
        Verdict.VISIBLE: "Visible",
        Verdict.INCONCLUSIVE: "Could not tell",
    },
    sees={
        Verdict.SUSPENDED: "Strangers are told that {who}, or a part of it, is suspended.",
        Verdict.HIDDEN: "Strangers are told that {who}, or a part of it, does not exist.",
        Verdict.MISSING: "Strangers do not find {who}, or a part of it.",
        Verdict.LIMITED: "Strangers see less of {who} than they should.",
        Verdict.VISIBLE: "Strangers see {who}.",
        Verdict.INCONCLUSIVE: "Whether strangers see {who} could not be told.",
    },
    silent={True: "Your own view gives no hint of it.", False: "Your own view says so too."},
    titles={
        NoticeKind.CONFIRMED: "{verdict}: {who}",
        NoticeKind.WORSE: "{verdict}, it became worse: {who}",
        NoticeKind.CHANGED: "{verdict} now: {who}",
        NoticeKind.REMINDER: "Still {verdict_small}: {who}",
        NoticeKind.RECOVERED: "Visible again: {who}",
        NoticeKind.DISMISSED: "Dismissed: {who}",
        NoticeKind.BLIND: "I can no longer see {who}",
        NoticeKind.SIGHT: "I can see {who} again",
        NoticeKind.CHANNEL_DEAD: "Alerts do not arrive on the channel {channel}",
        NoticeKind.TEST: "A test: this channel works",
    },
    texts={
        NoticeKind.CONFIRMED: "",
        NoticeKind.WORSE: "",
        NoticeKind.CHANGED: "",
        NoticeKind.REMINDER: "This has lasted for {length}, and nothing has been done about it that selfcheck"
        " knows of (reminder {number}).",
        NoticeKind.RECOVERED: "Strangers see {who} again. All or a part of it was kept from them for"
        " {length}; in the end it was {verdict_small}.",
        NoticeKind.DISMISSED: "You said that this is none, or none to be told of again.",
        NoticeKind.BLIND: "Since {since} no look could tell whether strangers see {who}. That is no good news"
        " and no bad news: it is not known.",
        NoticeKind.SIGHT: "From {since} until {until} no look could tell how it is.",
        NoticeKind.CHANNEL_DEAD: "What selfcheck had to tell there did not arrive ({detail}). It is tried"
        " again after every run, and told here only once.",
        NoticeKind.TEST: "selfcheck sent this because somebody called `selfcheck alerts test`. Nothing has"
        " happened to your account.",
    },
    why={
        MonitoringGap.SESSION_EXPIRED: "The saved session is not signed in any more, so nobody looks as you.",
        MonitoringGap.OTHER_ACCOUNT: "The saved session is signed in as another account.",
        MonitoringGap.WALL: "The platform puts a wall before its pages (a check for robots, or a request to"
        " sign in).",
        MonitoringGap.RATE_LIMITED: "The platform turns this address away: too many requests.",
        MonitoringGap.OUTAGE: "The platform, or the way to it, does not answer.",
        MonitoringGap.CONTROLS: "The control accounts do not look as they must, so the platform's pages"
        " prove nothing.",
        MonitoringGap.UNRECOGNISED: "The platform's pages look like nothing that selfcheck knows; they may"
        " have changed.",
        MonitoringGap.UNSURE: "It looks bad, and no run could confirm it: {summary}",
        MonitoringGap.FAILED: "selfcheck itself failed.",
        MonitoringGap.NO_RUN: "No run has been made since then.",
        MonitoringGap.OTHER: "{summary}",
    },
    remedy={
        MonitoringGap.SESSION_EXPIRED: "Sign in again: {login}",
        MonitoringGap.OTHER_ACCOUNT: "Sign in as the right one: {login}",
        MonitoringGap.WALL: "Look from another connection (at home rather than a data centre), or less"
        " often: {run}",
        MonitoringGap.RATE_LIMITED: "Look less often; it passes by itself: {schedule}",
        MonitoringGap.OUTAGE: "See whether this machine is online and the platform is up: {doctor}",
        MonitoringGap.CONTROLS: "See whether a newer version of selfcheck knows the platform better: {doctor}",
        MonitoringGap.UNRECOGNISED: "See whether a newer version of selfcheck knows these pages: {doctor}",
        MonitoringGap.UNSURE: "Look yourself, signed out, in a private window; a session lets both views be"
        " compared: {login}",
        MonitoringGap.FAILED: "See what is wrong: {doctor}",
        MonitoringGap.NO_RUN: "See whether the schedule is alive: {schedule}",
        MonitoringGap.OTHER: "See what is wrong: {doctor}",
    },
    never="the first run",
    labels={
        "first": "First seen so",
        "last": "Last seen so",
        "good": "Last seen visible",
        "never": "never, as far as selfcheck knows",
        "look": "Last look that could tell",
        "none": "none yet",
        "why": "Why",
        "remedy": "What to do",
        "next": "What to do next",
        "picture": "Both views side by side",
        "report": "Report",
        "incident": "Incident",
        "since": "Since",
        "from": "From",
        "until": "Until",
    },
    steps={
        "appeal": "writes the appeal, with the evidence; nothing is sent without you",
        "dismiss": "if you know of it and want to hear no more",
        "doctor": "checks every channel and says what to do",
        "none": "Nothing has to be done.",
    },
    time=ENGLISH_TIME,
    said="",
)

_GERMAN = Words(
    on="{handle} auf {platform}",
    verdicts={
        Verdict.SUSPENDED: "Gesperrt",
        Verdict.HIDDEN: "Verborgen",
        Verdict.MISSING: "Unauffindbar",
        Verdict.LIMITED: "Eingeschränkt",
        Verdict.VISIBLE: "Sichtbar",
        Verdict.INCONCLUSIVE: "Nicht zu erkennen",
    },
    sees={
        Verdict.SUSPENDED: "Fremde lesen, dass {who} oder ein Teil davon gesperrt ist.",
        Verdict.HIDDEN: "Fremde lesen, dass es {who} oder einen Teil davon nicht gibt.",
        Verdict.MISSING: "Fremde finden {who} oder einen Teil davon nicht.",
        Verdict.LIMITED: "Fremde sehen weniger von {who}, als sie sollten.",
        Verdict.VISIBLE: "Fremde sehen {who}.",
        Verdict.INCONCLUSIVE: "Ob Fremde {who} sehen, war nicht zu erkennen.",
    },
    silent={True: "Die eigene Ansicht verrät davon nichts.", False: "Die eigene Ansicht sagt es auch."},
    titles={
        NoticeKind.CONFIRMED: "{verdict}: {who}",
        NoticeKind.WORSE: "{verdict}, es ist schlimmer geworden: {who}",
        NoticeKind.CHANGED: "Jetzt {verdict_small}: {who}",
        NoticeKind.REMINDER: "Immer noch {verdict_small}: {who}",
        NoticeKind.RECOVERED: "Wieder sichtbar: {who}",
        NoticeKind.DISMISSED: "Abgetan: {who}",
        NoticeKind.BLIND: "Ich sehe {who} nicht mehr",
        NoticeKind.SIGHT: "Ich sehe {who} wieder",
        NoticeKind.CHANNEL_DEAD: "Auf dem Kanal {channel} kommt nichts an",
        NoticeKind.TEST: "Ein Test: dieser Kanal funktioniert",
    },
    texts={
        NoticeKind.CONFIRMED: "",
        NoticeKind.WORSE: "",
        NoticeKind.CHANGED: "",
        NoticeKind.REMINDER: "Das dauert schon {length}, und soweit selfcheck weiß, wurde nichts dagegen"
        " unternommen (Erinnerung {number}).",
        NoticeKind.RECOVERED: "Fremde sehen {who} wieder. Ganz oder zum Teil war es ihnen {length} lang"
        " vorenthalten; zuletzt war es {verdict_small}.",
        NoticeKind.DISMISSED: "Sie haben gesagt, dass dies keine Störung ist oder nicht mehr gemeldet"
        " werden soll.",
        NoticeKind.BLIND: "Seit {since} war nicht zu erkennen, ob Fremde {who} sehen. Das ist keine gute und"
        " keine schlechte Nachricht: es ist nicht bekannt.",
        NoticeKind.SIGHT: "Von {since} bis {until} war nicht zu erkennen, wie es darum steht.",
        NoticeKind.CHANNEL_DEAD: "Was selfcheck dort zu sagen hatte, ist nicht angekommen ({detail}). Es wird"
        " nach jedem Lauf wieder versucht und hier nur einmal gemeldet.",
        NoticeKind.TEST: "selfcheck schickt dies, weil jemand `selfcheck alerts test` aufgerufen hat. Mit"
        " Ihrem Konto ist nichts geschehen.",
    },
    why={
        MonitoringGap.SESSION_EXPIRED: "Die gespeicherte Sitzung ist nicht mehr angemeldet, niemand schaut"
        " also als Sie.",
        MonitoringGap.OTHER_ACCOUNT: "Die gespeicherte Sitzung ist als ein anderes Konto angemeldet.",
        MonitoringGap.WALL: "Die Plattform stellt eine Wand vor ihre Seiten (eine Prüfung auf Roboter oder eine"
        " Aufforderung zur Anmeldung).",
        MonitoringGap.RATE_LIMITED: "Die Plattform weist diese Adresse ab: zu viele Anfragen.",
        MonitoringGap.OUTAGE: "Die Plattform oder der Weg zu ihr antwortet nicht.",
        MonitoringGap.CONTROLS: "Die Kontrollkonten sehen nicht aus, wie sie müssten; die Seiten der Plattform"
        " beweisen also nichts.",
        MonitoringGap.UNRECOGNISED: "Die Seiten der Plattform gleichen nichts, was selfcheck kennt; vielleicht"
        " wurden sie umgebaut.",
        MonitoringGap.UNSURE: "Es sieht schlecht aus, und kein Lauf konnte es bestätigen: {summary}",
        MonitoringGap.FAILED: "selfcheck selbst ist gescheitert.",
        MonitoringGap.NO_RUN: "Seitdem gab es keinen Lauf.",
        MonitoringGap.OTHER: "{summary}",
    },
    remedy={
        MonitoringGap.SESSION_EXPIRED: "Neu anmelden: {login}",
        MonitoringGap.OTHER_ACCOUNT: "Mit dem richtigen Konto anmelden: {login}",
        MonitoringGap.WALL: "Über einen anderen Anschluss schauen (zu Hause statt im Rechenzentrum) oder"
        " seltener: {run}",
        MonitoringGap.RATE_LIMITED: "Seltener schauen; es vergeht von selbst: {schedule}",
        MonitoringGap.OUTAGE: "Nachsehen, ob dieser Rechner im Netz und die Plattform erreichbar ist: {doctor}",
        MonitoringGap.CONTROLS: "Nachsehen, ob eine neuere Fassung von selfcheck die Plattform besser"
        " kennt: {doctor}",
        MonitoringGap.UNRECOGNISED: "Nachsehen, ob eine neuere Fassung von selfcheck diese Seiten kennt:"
        " {doctor}",
        MonitoringGap.UNSURE: "Selbst nachsehen, abgemeldet, in einem privaten Fenster; mit einer Sitzung lassen"
        " sich beide Ansichten vergleichen: {login}",
        MonitoringGap.FAILED: "Nachsehen, was nicht stimmt: {doctor}",
        MonitoringGap.NO_RUN: "Nachsehen, ob der Zeitplan noch läuft: {schedule}",
        MonitoringGap.OTHER: "Nachsehen, was nicht stimmt: {doctor}",
    },
    never="dem ersten Lauf",
    labels={
        "first": "Zuerst so gesehen",
        "last": "Zuletzt so gesehen",
        "good": "Zuletzt sichtbar",
        "never": "nie, soweit selfcheck weiß",
        "look": "Letzter Blick, der etwas erkannte",
        "none": "noch keiner",
        "why": "Warum",
        "remedy": "Was zu tun ist",
        "next": "Was jetzt zu tun ist",
        "picture": "Beide Ansichten nebeneinander",
        "report": "Bericht",
        "incident": "Vorfall",
        "since": "Seit",
        "from": "Von",
        "until": "Bis",
    },
    steps={
        "appeal": "schreibt den Einspruch samt Belegen; ohne Sie wird nichts abgeschickt",
        "dismiss": "wenn Sie davon wissen und nichts mehr hören wollen",
        "doctor": "prüft jeden Kanal und sagt, was zu tun ist",
        "none": "Es ist nichts zu tun.",
    },
    time=GERMAN_TIME,
    said="Der Lauf sagt dazu (englisch): {summary}",
)

WORDS: Mapping[Language, Words] = {Language.ENGLISH: _ENGLISH, Language.GERMAN: _GERMAN}
