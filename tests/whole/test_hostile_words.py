"""Titles, bios and handles that mean harm, in everything that shows them: they are words and nothing else."""

import csv
import io
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, timedelta
from email import message_from_bytes, policy
from xml.etree import ElementTree as ET

import pytest
from histories import FIRST
from sample_runs import look, page, profile, run

from selfcheck.actions.text import verdict_table
from selfcheck.alerts.issue_text import IssueSetting, incident_issue
from selfcheck.alerts.notice import AlertMessage, Notice, NoticeKind
from selfcheck.alerts.render_status import status_text
from selfcheck.alerts.rules import monitoring_status
from selfcheck.alerts.text import AlertSetting, message
from selfcheck.appeal.model import Envelope
from selfcheck.appeal.render_mail import MailBody, draft_bytes, mail
from selfcheck.artifacts.verification import Problem, ProblemKind, Verification
from selfcheck.core.cli_hints import USUAL_HINTS
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Language, Outcome, Strength, Verdict
from selfcheck.core.history import AccountHistory, RunRow
from selfcheck.core.incident import EventKind, Incident, IncidentEvent
from selfcheck.core.run import RunResult
from selfcheck.core.run_document import RunDocument
from selfcheck.core.text_safety import one_line
from selfcheck.core.verdict import RuleHit
from selfcheck.evidence.render_verify import verify_text
from selfcheck.history.days import ProfileHistory, account_histories
from selfcheck.history.render_formats import history_csv
from selfcheck.history.render_text import history_text
from selfcheck.history.rules import after_run
from selfcheck.runs.render_console import run_text
from selfcheck.runs.render_github import annotations, summary
from selfcheck.runs.render_html import report_html
from selfcheck.runs.render_junit import junit

TEXTS = {
    "newlines and a header": "a\r\nBcc: x@evil.example\r\n\r\n<b>x</b>",
    "a workflow command": "a\n::set-output name=x::y\n::add-mask::z",
    "a terminal escape": "a\x1b]0;owned\x07\x1b[2J\x9b31mred\x08\x7f",
    "a link that acts": "[a](javascript:alert(1)) ![b](http://evil.example/x.png) <javascript:alert(1)>",
    "mentions": "@everyone @here @channel <!channel> <@U123> #7 GH-7 a/b#7",
    "code and a table": "`a` ``` ~~~ | x | y |\n| --- |",
    "marks of ours": "<!-- selfcheck-incident: other-1 --> --> ]]> <![CDATA[",
    "a script": "</title></script><script>owned()</script><img src=x onerror=owned()>\"'",
    "another direction": "\u202e\u2066gpj.exe\u2069 \u200f\u061c",
    "a formula": "=cmd|' /C calc'!A0",
    "a formula behind a space": " \t+1+1",
    "a formula, full width": "\uff1d1+1",
    "half a character": "\ud800 \udfff \ufffe \0",
    "a line of another kind": "a\u2028::error::x\u2029b\x85c\x0bd\x0ce",
    "very long": "ab " * 3_000,
}
HARM = re.compile(
    "[\0-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff\ufffe]"
)
OUTPUTS: dict[str, Callable[["Words"], str]] = {}


class Words:
    """A run, an incident and a history in which a text stands wherever a page or a person wrote it."""

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def run(self) -> RunResult:
        hit = RuleHit(rule="profile.gone", reason=self.text)
        views = (
            look(who, Outcome.SUSPENDED, title=self.text, quote=self.text) for who in (ANONYMOUS, AUTHOR)
        )
        bad = page(
            Verdict.SUSPENDED, *views, subject=self.text, url=f"javascript:{self.text}", firings=(hit,)
        )
        more = {"summary": self.text, "notes": (self.text,), "next_steps": (self.text,), "handle": self.text}
        return run(profile("jane", bad, firings=(hit,), **more), failures=(self.text,))

    @property
    def row(self) -> RunRow:
        return RunRow(
            run_id="r",
            profile="jane",
            platform="demo",
            handle=self.text,
            at=FIRST,
            verdict=Verdict.SUSPENDED,
            silent=True,
            strength=Strength.CONFIRMED,
            summary=self.text,
            rules=("profile.gone",),
        )

    @property
    def incident(self) -> Incident:
        incident = after_run(self.row, earlier=(), last_good=None)
        assert incident is not None
        events = tuple(IncidentEvent(at=FIRST, kind=kind, text=self.text, run_id="r") for kind in EventKind)
        return replace(incident, events=events)

    @property
    def history(self) -> AccountHistory:
        known = ProfileHistory(runs=[self.row], incidents=[self.incident])
        (account,) = account_histories(known, zone=UTC, today=FIRST.date())
        return account

    def alert(self, kind: NoticeKind) -> AlertMessage:
        setting = AlertSetting(platform=self.text, zone=UTC, now=FIRST)
        about = {"row": self.row} if kind is NoticeKind.POSSIBLE else {"incident": self.incident}
        return message(Notice(kind=kind, **about), Language.GERMAN, setting)  # type: ignore[arg-type]


def output(name: str) -> Callable[[Callable[[Words], str]], Callable[[Words], str]]:
    def add(render: Callable[[Words], str]) -> Callable[[Words], str]:
        OUTPUTS[name] = render
        return render

    return add


@output("terminal")
def _(words: Words) -> str:
    return run_text(words.run, folder="runs/r")


@output("history")
def _(words: Words) -> str:
    return history_text([words.history], zone=UTC, now=FIRST)


@output("status")
def _(words: Words) -> str:
    day = timedelta(days=1)
    status = monitoring_status("jane", [words.row], every=day, grace=day, now=FIRST)
    return status_text([status], [], zone=UTC, now=FIRST, hints=USUAL_HINTS)


@output("verify")
def _(words: Words) -> str:
    problem = Problem(kind=ProblemKind.ODD_NAME, path=words.text, text=f"{words.text!r} is odd.")
    return verify_text([Verification(target="x.zip", kind="evidence", runs=(), problems=(problem,))])


@output("CSV")
def _(words: Words) -> str:
    text = history_csv([words.history], zone=UTC)
    (row,) = csv.DictReader(io.StringIO(text))
    assert not re.match(r"\s*[=+\-@\t\uff1d\uff0b\uff0d\uff20]", row["handle"])
    return text.replace("\r\n", "\n")


@output("JUnit")
def _(words: Words) -> str:
    text = junit(words.run)
    ET.fromstring(text.encode("utf-8"))
    return text


@output("annotations")
def _(words: Words) -> str:
    text = annotations(words.run)
    assert all(re.match(r"::(notice|warning|error) title=", line) for line in text.splitlines())
    return text


def markdown(text: str) -> str:
    """Check that of the words nothing became Markdown or HTML."""
    bare = re.sub(r"\]\(<https?://[^<> ]*>\)|&#8203;", "", text)
    assert not re.search(r"<(?!/?details|/?summary)|(?<!\\)\]\(|(?<!\\)!\[|<!--", bare), bare[:2000]
    assert "```" not in bare
    return text


@output("summary of a job")
def _(words: Words) -> str:
    return markdown(summary(words.run) + verdict_table(RunDocument.of(words.run)))


@output("issue")
def _(words: Words) -> str:
    issue = incident_issue(words.incident, IssueSetting(platform=words.text, links=lambda _run: ()))
    assert "\n" not in issue.title
    assert len(issue.title) <= 200
    text = "\n".join((issue.body, *(update.text for update in issue.updates)))
    assert not re.search(r"[@#]\w|GH\\?-\d", text.replace("&#8203;", "\u200b"))
    return markdown(text)


@output("alert")
def _(words: Words) -> str:
    alerts = [words.alert(kind) for kind in (NoticeKind.CONFIRMED, NoticeKind.POSSIBLE, NoticeKind.RECOVERED)]
    assert not any("\n" in alert.title for alert in alerts)
    text = "\n".join(f"{alert.title}\n{alert.body}" for alert in alerts)
    assert not re.search(r"@(everyone|here|channel)|<[!@#]", text)  # chats would call everybody
    return text


@output("mail")
def _(words: Words) -> str:
    letter = MailBody(text=one_line(words.text), language="en")
    to = Envelope(to=("a@x.invalid",), sender="j@x.invalid", reply_to=None, subject=words.text)
    data = draft_bytes(mail(to, letter))
    read = message_from_bytes(data, policy=policy.default)
    assert set(read.keys()) <= {"Subject", "To", "From", "X-Unsent", "MIME-Version", "Content-Type"}
    assert str(read["To"]) == "a@x.invalid"
    body = read.get_body(("html",))
    assert body is not None
    html = body.get_content()
    assert not re.search(r"<script|<img|href=\"(?!https?:)", html)
    return f"{read['Subject']}\n{html}".replace("\r\n", "\n")


@output("report of a run")
def _(words: Words) -> str:
    text = report_html(words.run, {})
    assert text.count("<script") == 1
    assert not re.search(r"(?:href|src)=\"(?!https?:|#|data:|\./)", text)
    assert "onerror=owned()>" not in text
    return text


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_hostile_words_are_words_in_every_output(text: str) -> None:
    words = Words(text)
    for name, render in OUTPUTS.items():
        shown = render(words)
        harm = HARM.search(shown)
        assert harm is None, (name, harm, shown[max(0, harm.start() - 60) : harm.end() + 20])
        shown.encode("utf-8")
        assert "\nBcc:" not in shown, name
        assert not re.search(r"^::(?!notice|warning|error) ", shown, re.MULTILINE), name
