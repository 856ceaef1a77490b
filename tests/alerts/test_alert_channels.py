"""Every channel against something real: a server on loopback, a program, a `gh` that remembers."""

import json
import os
import select
import socket
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from channels import Asked, FakeGh, Inbox, channel_to, outside, server
from histories import document, judged, keep_folders, record_runs

from selfcheck.alerts.channels import apprise_url
from selfcheck.alerts.channels.apprise_url import AppriseChannel
from selfcheck.alerts.channels.base import ATTEMPTS, Terminal, send_patiently
from selfcheck.alerts.channels.command import Command
from selfcheck.alerts.channels.github_issue import GithubIssueChannel
from selfcheck.alerts.configured_channels import ConfiguredChannel, configured_channels, github_channel
from selfcheck.alerts.dispatch import DispatchContext, DispatchResult, dispatch, try_channels
from selfcheck.alerts.heartbeat import Beat, Heartbeat, beat
from selfcheck.alerts.notice import AlertMessage, Ending, IncidentIssue, IssueUpdate, SentNotice
from selfcheck.core.secret_text import scrubbed
from selfcheck.errors import install_line
from selfcheck.history.service import open_history
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

POSIX = pytest.mark.skipif(os.name != "posix", reason="it is a shell's script")
NOW = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
TOKEN = "tk-9f8e7d6c5b4a"
MESSAGE = AlertMessage(
    title="Suspended: @jane on Medium",
    body="Logged-out visitors are told that it is suspended.\n",
    document={"schema": "selfcheck.notice/1", "kind": "confirmed", "title": "Süspended"},
)


@pytest.fixture
def web() -> Iterator[Asked]:
    with server() as asked:
        yield asked


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    path = tmp_path / "side-by-side.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"0" * 100)
    return path


@pytest.fixture
def nobody() -> str:
    """Return an address on loopback at which nothing listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{taken.getsockname()[1]}"


# -- Apprise ---------------------------------------------------------------------------------------------


def test_the_text_is_sent_first_and_then_the_picture(web: Asked, picture: Path) -> None:
    sent = AppriseChannel(f"json://{web.address}/{TOKEN}").send(replace(MESSAGE, picture=picture))
    assert sent == SentNotice(ok=True)
    first, second = web.documents()
    assert (first["title"], first["attachments"]) == (MESSAGE.title, [])
    assert "Logged-out visitors are told" in str(first["message"])
    assert [one["filename"] for one in second["attachments"]] == ["side-by-side.png"]  # type: ignore[attr-defined]


def test_a_picture_that_is_refused_never_loses_the_message(web: Asked, picture: Path) -> None:
    web.picture_status = 413
    sent = AppriseChannel(f"json://{web.address}/").send(replace(MESSAGE, picture=picture))
    assert sent == SentNotice(ok=True, detail="the picture did not arrive (refused with HTTP 413)")


def test_a_picture_that_is_gone_or_too_large_is_reported(
    web: Asked, picture: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    channel = AppriseChannel(f"json://{web.address}/")
    gone = channel.send(replace(MESSAGE, picture=picture.with_name("gone.png")))
    monkeypatch.setattr(apprise_url, "_MOST_BYTES", 50)
    large = channel.send(replace(MESSAGE, picture=picture))
    assert (gone.ok, gone.detail) == (True, "the picture does not exist any more")
    assert (large.ok, large.detail) == (True, "the picture is too large to be attached (108 bytes)")
    assert len(web.bodies) == 2


def test_a_text_that_is_too_long_for_a_service_is_sent_in_parts(
    web: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    from apprise.plugins.custom_json import NotifyJSON  # noqa: PLC0415 - a limit that only some services have

    monkeypatch.setattr(NotifyJSON, "body_maxlen", 40)
    sent = AppriseChannel(f"json://{web.address}/").send(replace(MESSAGE, body="word " * 40))
    assert sent.ok
    assert sum(str(one["message"]).count("word") for one in web.documents()) == 40
    assert len(web.bodies) > 4


def test_a_refusal_is_reported_by_its_status_alone(web: Asked, capfd: pytest.CaptureFixture[str]) -> None:
    web.status = 500
    sent = AppriseChannel(f"json://jane:{TOKEN}@{web.address}/{TOKEN}").send(MESSAGE)
    assert sent == SentNotice(ok=False, detail="refused with HTTP 500")
    assert "".join(capfd.readouterr()) == ""


def test_a_server_that_is_down_is_reported_as_no_answer(
    nobody: str, capfd: pytest.CaptureFixture[str]
) -> None:
    sent = AppriseChannel(f"json://{nobody}/{TOKEN}").send(MESSAGE)
    assert (sent.ok, sent.again) == (False, True)
    assert sent.detail == "no answer, or a refusal without a reason"
    assert "".join(capfd.readouterr()) == ""


def test_a_malformed_address_is_known_without_sending(capfd: pytest.CaptureFixture[str]) -> None:
    channel = AppriseChannel(f"nonsense://{TOKEN}")
    assert channel.trouble() == apprise_url.NOT_UNDERSTOOD
    assert channel.send(MESSAGE) == SentNotice(ok=False, detail=apprise_url.NOT_UNDERSTOOD, again=False)
    assert AppriseChannel(f"json://127.0.0.1/{TOKEN}").trouble() is None
    assert "".join(capfd.readouterr()) == ""


def test_without_apprise_the_message_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    channel = AppriseChannel("json://127.0.0.1/")
    assert channel.trouble() == f"Apprise is not installed: {install_line('alerts')}"
    assert channel.send(MESSAGE) == SentNotice(ok=False, detail=apprise_url.INSTALL, again=False)


# -- a program -------------------------------------------------------------------------------------------


def program(folder: Path, *lines: str) -> list[str]:
    """A program of the user's that is really started."""
    path = folder / "tell.py"
    path.write_text("\n".join(("import json, os, pathlib, sys, time", *lines)), encoding="utf-8")
    return [sys.executable, "-IS", str(path), str(folder / "heard.json")]


def test_a_program_gets_the_notice_as_json(tmp_path: Path, picture: Path) -> None:
    words = program(
        tmp_path,
        "heard = json.load(sys.stdin.buffer)",
        "heard['environ'] = sorted(os.environ)",
        "pathlib.Path(sys.argv[1]).write_text(json.dumps(heard))",
    )
    ours = {"SELFCHECK_ALERT_PHONE": TOKEN, "SELFCHECK_KEY": TOKEN, "SELFCHECK_DATA": str(tmp_path)}
    others = {name: value for name, value in os.environ.items() if not name.startswith("SELFCHECK_")}
    environ = {**others, **ours, "JANES_OWN": "1"}
    sent = Command(words, seconds=20, environ=environ).send(replace(MESSAGE, picture=picture))
    heard = json.loads((tmp_path / "heard.json").read_text())
    assert sent == SentNotice(ok=True)
    assert (heard["title"], heard["picture"]) == ("Süspended", str(picture))
    assert "JANES_OWN" in heard["environ"]
    # It may run selfcheck, which has to find the same data; it gets no secret.
    assert [name for name in heard["environ"] if name.startswith("SELFCHECK_")] == ["SELFCHECK_DATA"]


def test_a_program_that_fails_or_prints_secrets_is_reported_by_its_exit_code(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    words = program(tmp_path, f"print('{TOKEN}')", f"sys.exit('{TOKEN}')")
    assert Command(words, seconds=20, environ=os.environ).send(MESSAGE) == SentNotice(
        ok=False, detail="it ended with exit code 1"
    )
    assert "".join(capfd.readouterr()) == ""


@POSIX
def test_a_program_that_does_not_end_is_stopped_with_everything_that_it_started(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"  # it has an end as soon as no process is left that could write to it
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    script = 'exec 3> "$0"; echo begun >&3; sleep 600 & wait'
    sent = Command(["sh", "-c", script, str(pipe)], seconds=2, environ=os.environ).send(MESSAGE)
    assert sent == SentNotice(ok=False, detail="it did not end within 2 seconds", again=False)
    assert os.read(reader, 100) == b"begun\n"
    assert select.select([reader], [], [], 20)[0]
    assert os.read(reader, 100) == b""
    os.close(reader)


def test_a_program_that_reads_nothing_counts_as_reached(tmp_path: Path) -> None:
    large = replace(MESSAGE, document={"text": "x" * 1_000_000})
    words = program(tmp_path, "sys.exit(0)")
    assert Command(words, seconds=20, environ=os.environ).send(large).ok


def test_a_missing_program_is_known_without_sending() -> None:
    command = Command(["./no-such-program"], seconds=5, environ=os.environ)
    assert command.trouble() == "the program ./no-such-program was not found"
    sent = command.send(MESSAGE)
    assert (sent.ok, sent.again) == (False, False)
    assert "could not be started: No such file" in sent.detail


def test_the_terminal_shows_the_whole_notice() -> None:
    said: list[str] = []
    assert Terminal(said.append).send(MESSAGE) == SentNotice(ok=True)
    assert said[0].startswith("\nSuspended: @jane on Medium\n-----")
    assert "Logged-out visitors are told" in said[0]


# -- patience --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answers", "tries", "ok"),
    [
        pytest.param([SentNotice(ok=True)], 1, True, id="what arrives is sent once"),
        pytest.param([SentNotice(ok=False), SentNotice(ok=True)], 2, True, id="a failure is tried again"),
        pytest.param([SentNotice(ok=False)] * 9, ATTEMPTS, False, id="within bounds"),
        pytest.param(
            [SentNotice(ok=False, again=False), SentNotice(ok=True)], 1, False, id="not where it cannot help"
        ),
    ],
)
def test_retries_are_limited(answers: list[SentNotice], tries: int, ok: bool) -> None:
    waits: list[float] = []
    left = iter(answers)
    sent = send_patiently(lambda: next(left), sleep=waits.append)
    assert sent.ok is ok
    assert len(waits) == tries - 1
    assert waits == [2, 10][: tries - 1]


# -- GitHub issues ---------------------------------------------------------------------------------------


@pytest.fixture
def gh(tmp_path: Path) -> FakeGh:
    if os.name != "posix":
        pytest.skip("the fake gh is a script that Windows does not start")
    return FakeGh(tmp_path / "bin")


def issues(gh: FakeGh, **environ: str) -> GithubIssueChannel:
    return GithubIssueChannel("jane/watch", environ={"PATH": str(gh.folder), **environ})


def about(*events: str, incident: str = "jane-1", ending: Ending | None = None) -> AlertMessage:
    """A message about an incident to which these things have happened."""
    updates = tuple(IssueUpdate(mark=f"{event}:run", text=f"It is {event}.") for event in events)
    issue = IncidentIssue(
        incident=incident, title="Suspended: @jane", body="It is.", updates=updates, ending=ending
    )
    return replace(MESSAGE, issue=issue)


def test_an_incident_has_one_issue_opened_commented_on_and_closed(gh: FakeGh) -> None:
    channel = issues(gh)
    opened = channel.send(about("opened"))
    assert opened == SentNotice(ok=True, detail="opened https://github.example/o/r/issues/1")
    assert channel.send(about("opened")).detail == "issue 1 was up to date"
    assert channel.send(about("opened", "changed")).detail == "issue 1 was commented on"
    over = about("opened", "changed", "restored", ending=Ending.COMPLETED)
    assert channel.send(over).detail == "issue 1 was closed"
    assert channel.send(over).detail == "issue 1 was up to date"
    (issue,) = gh.github.issues
    assert (issue["state"], issue["title"], issue["labels"]) == ("closed", "Suspended: @jane", ["selfcheck"])
    assert gh.github.written() == [
        "POST repos/jane/watch/issues",
        *["POST repos/jane/watch/issues/1/comments"] * 2,
        "PATCH repos/jane/watch/issues/1",
    ]


def test_each_incident_has_its_own_issue_and_what_was_over_before_opens_none(gh: FakeGh) -> None:
    channel = issues(gh)
    channel.send(about("opened"))
    channel.send(about("opened", incident="jane-2"))
    channel.send(about("opened", "dismissed", ending=Ending.NOT_PLANNED))
    assert [one["state"] for one in gh.github.issues] == ["closed", "open"]
    assert gh.github.issues[0]["state_reason"] == "not_planned"
    late = channel.send(about("opened", "restored", incident="jane-3", ending=Ending.COMPLETED))
    assert late == SentNotice(ok=True, detail="it was over before there was an issue")
    assert len(gh.github.issues) == 2


def test_what_gh_says_is_repeated_without_a_secret(gh: FakeGh) -> None:
    gh.fail(f"first\nResource not accessible by {TOKEN} \x1b[31m(HTTP 403)")
    sent = issues(gh, GH_TOKEN=TOKEN).send(about("opened"))
    assert sent.detail == (
        "GitHub refused: Resource not accessible by … [31m(HTTP 403)"
        " The token may not do that, or GitHub wants fewer requests."
    )


def test_without_gh_the_message_says_where_to_get_it(tmp_path: Path) -> None:
    channel = GithubIssueChannel(None, environ={"PATH": str(tmp_path)})
    assert "https://cli.github.com" in (channel.trouble() or "")
    assert channel.send(MESSAGE).again is False


def test_a_test_opens_no_issue(gh: FakeGh) -> None:
    sent = issues(gh).send(MESSAGE)
    assert sent == SentNotice(ok=True, detail="the repository can be reached; no issue was opened")
    assert gh.github.issues == []


def test_the_issues_follow_the_history_however_often_they_are_brought_up_to_date(
    gh: FakeGh, tmp_path: Path
) -> None:
    environ = {"PATH": str(gh.folder)}
    seen = []
    for day, letter in enumerate("VSSHV"):
        record_runs(tmp_path, document(NOW + timedelta(days=day), judged(letter)))
        for _ in range(2):
            with open_history(DataFolder(tmp_path)) as history:
                now = NOW + timedelta(days=day, minutes=1)
                occasion = DispatchContext(
                    data=DataFolder(tmp_path),
                    preferences=Preferences(),
                    now=now,
                    link="https://example.org/run",
                )
                dispatch(history, [github_channel("jane/watch", environ)], occasion, outside())
        seen.append([(one["state"], one["comments"]) for one in gh.github.issues])
    assert seen == [[], [("open", 0)], [("open", 0)], [("open", 1)], [("closed", 2)]]
    (issue,) = gh.github.issues
    assert "<https://example.org/run>" in str(issue["body"])
    assert str(tmp_path) not in json.dumps(issue)


# -- heartbeat -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "which", "asked"),
    [
        ("/uuid", Beat.START, "/uuid/start"),
        ("/uuid", Beat.SUCCESS, "/uuid"),
        ("/uuid/", Beat.FAIL, "/uuid/fail"),
        ("/key/slug?create=1", Beat.START, "/key/slug/start?create=1"),
    ],
)
def test_the_heartbeat_reports_by_the_end_of_the_address(
    web: Asked, path: str, which: Beat, asked: str
) -> None:
    assert Heartbeat(f"http://{web.address}{path}").send(which, "1 suspended\n") == SentNotice(ok=True)
    assert (web.paths, web.bodies) == ([asked], ["1 suspended\n"])


def test_a_heartbeat_that_does_not_arrive_is_reported_without_its_address(web: Asked, nobody: str) -> None:
    web.status = 404
    refused = beat(outside({"SELFCHECK_HEARTBEAT_URL": f"http://{web.address}/{TOKEN}"}), Beat.SUCCESS)
    silent = beat(outside({"SELFCHECK_HEARTBEAT_URL": f"http://{nobody}/{TOKEN}"}), Beat.SUCCESS)
    wrong = beat(outside({"SELFCHECK_HEARTBEAT_URL": f"ftp://{TOKEN}"}), Beat.SUCCESS)
    assert refused == "The heartbeat was not sent: it was refused with HTTP 404."
    assert silent is not None
    assert silent.startswith("The heartbeat was not sent: the server did not answer (")
    assert wrong == (
        "The heartbeat was not sent: SELFCHECK_HEARTBEAT_URL is not an address that begins with https://."
    )
    assert len(web.paths) == ATTEMPTS
    assert beat(outside({}), Beat.SUCCESS) is None


def test_secrets_are_taken_out_of_a_summary(web: Asked) -> None:
    environ = {"SELFCHECK_HEARTBEAT_URL": f"http://{web.address}/u", "SELFCHECK_ALERT_X": f"json://h/{TOKEN}"}
    beat(outside(environ), Beat.FAIL, f"It failed at {TOKEN}.")
    assert web.bodies == ["It failed at …."]
    assert scrubbed("a b%40c d", ["x://b%40c"]) == "a b%40c d"  # too short to be a secret of its own


# -- from settings to what arrives -----------------------------------------------------------------------


def preferences(*channels: dict[str, object], **more: object) -> Preferences:
    return Preferences.model_validate({"alerts": {"channels": list(channels), **more}})


def told_of(
    data_dir: Path, wishes: Preferences, environ: dict[str, str], letter: str = "S"
) -> DispatchResult:
    """Record a run, and tell what is due by these settings."""
    run = document(NOW, judged(letter))
    keep_folders(data_dir, run)
    record_runs(data_dir, run)
    world = outside(environ)
    with open_history(DataFolder(data_dir)) as history:
        occasion = DispatchContext(
            data=DataFolder(data_dir), preferences=wishes, now=NOW + timedelta(minutes=1)
        )
        return dispatch(history, configured_channels(wishes, world), occasion, world)


def test_the_one_variable_alone_is_enough(web: Asked, tmp_path: Path) -> None:
    addresses = f"json://{web.address}/one, json://{web.address}/two\n"
    told = told_of(tmp_path, Preferences(), {"SELFCHECK_ALERT_URLS": addresses})
    assert [(one.channel, one.ok) for one in told.deliveries] == [("alerts", True), ("alerts-2", True)]
    assert web.paths == ["/one", "/two"]


def test_a_channel_is_found_by_the_variable_that_the_settings_name(web: Asked, tmp_path: Path) -> None:
    wishes = preferences(
        {"name": "phone", "url_env": "PHONE", "language": "de"},
        {"name": "unset", "url_env": "NOT_SET"},
        {"name": "two", "url_env": "TWO"},
    )
    environ = {"PHONE": f"json://{web.address}/{TOKEN}", "TWO": f"json://a/{TOKEN} json://b/{TOKEN}"}
    told = told_of(tmp_path, wishes, environ)
    details = {one.channel: one.detail for one in told.deliveries if not one.ok}
    assert details == {
        "unset": "the environment variable NOT_SET is not set",
        "two": "TWO holds several addresses; each needs a channel of its own",
    }
    titles = [one["title"] for one in web.documents()]
    assert titles == [
        "Gesperrt: @jane auf Inkwell",
        "Auf dem Kanal unset kommt nichts an",
        "Auf dem Kanal two kommt nichts an",
    ]


def test_the_picture_of_the_run_goes_with_the_text(web: Asked, tmp_path: Path) -> None:
    run = document(NOW, judged("S"))
    keep_folders(tmp_path, run)
    place = tmp_path / "runs" / str(run["run_id"]) / "jane" / "profile" / "side-by-side.png"
    place.parent.mkdir(parents=True)
    place.write_bytes(b"\x89PNG\r\n\x1a\n")
    record_runs(tmp_path, run)
    inbox, plain = Inbox(), Inbox()
    lines: list[ConfiguredChannel] = [channel_to(inbox, "phone"), channel_to(plain, "plain", picture=False)]
    with open_history(DataFolder(tmp_path)) as history:
        occasion = DispatchContext(
            data=DataFolder(tmp_path),
            preferences=Preferences(),
            now=NOW + timedelta(minutes=1),
            date_lines=lambda *about: (f"a date in {about[3]}",),
        )
        dispatch(history, lines, occasion, outside())
    assert "a date in en" in inbox.messages[0].body
    assert inbox.messages[0].picture == place
    assert str(place) in inbox.messages[0].body
    assert plain.messages[0].picture is None


def test_a_test_says_of_each_channel_whether_it_arrived(web: Asked, nobody: str, tmp_path: Path) -> None:
    wishes = preferences({"name": "phone", "url_env": "PHONE"}, {"name": "dead", "url_env": "DEAD"})
    world = outside({"PHONE": f"json://{web.address}/", "DEAD": f"json://{nobody}/{TOKEN}"})
    with open_history(DataFolder(tmp_path)) as history:
        occasion = DispatchContext(data=DataFolder(tmp_path), preferences=wishes, now=NOW)
        came = {
            each.name: sent.ok
            for each, sent in try_channels(history, configured_channels(wishes, world), occasion, world)
        }
        known = [(one.channel, one.kind, one.ok) for one in history.deliveries()]
    assert came == {"phone": True, "dead": False}
    assert known == [("phone", "test", True), ("dead", "test", False)]
    assert [one["title"] for one in web.documents()] == ["A test: this channel works"]
