"""`selfcheck appeal` as a user types it: what it writes, asks, sends, keeps and refuses."""

# ruff: noqa: E501 — a row of a table reads best as one line

import io
import os
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path

import pytest
from kept_runs import FIRST, LATEST, bad_run, good_run, keep_run, received, renamed
from mail_server import PASSWORD, USER, Running, mail_server, write_certificate
from PIL import Image
from planted import SECRETS, leaks
from planted_runs import keep_planted, planted_result
from sample_runs import NOW, healthy

from selfcheck.__main__ import main
from selfcheck.core.capture import Capture
from selfcheck.core.enums import Strength
from selfcheck.core.observation import Observation
from selfcheck.core.run import RunResult
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import PageVerdict
from selfcheck.history.service import open_history
from selfcheck.runs.service import record
from selfcheck.storage.data_folder import DataFolder

ID = "jane-20260203-1"
PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: jane, base_url: 'https://blog.example'}\n"
SETTINGS = f"settings:\n  time_zone: Europe/Berlin\n  appeal:\n    from: Jane Doe <{USER}>\n    reply_to: r@example.org\n"
GOOD = replace(good_run("20260202T040506Z-gggggg"), started_at=NOW - timedelta(days=1))
BAD = (bad_run(FIRST, renamed(healthy(), "zebulon")), bad_run(LATEST, at=NOW + timedelta(days=1)))
Typed = Callable[..., tuple[int, str, str]]


def remember(data: Path, *results: RunResult) -> None:
    for one in results:
        record(DataFolder(data), RunDocument.of(one))


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("kept")
    for one in (GOOD, *BAD):
        keep_run(data, one)
    remember(data, GOOD, *BAD)
    return data


@pytest.fixture
def home(tmp_path: Path, kept: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder in which jane was found suspended twice."""
    shutil.copytree(kept, tmp_path / "selfcheck-data")
    monkeypatch.chdir(tmp_path)
    for name in ("SELFCHECK_SMTP_PASSWORD",):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "profiles.yaml").write_text(PROFILES + SETTINGS, encoding="utf-8")
    return tmp_path


def test_a_letter_that_was_sent_is_never_overwritten(home: Path, typed: Typed) -> None:
    folder = home / "selfcheck-data" / "appeals" / ID
    typed(ID, "--note", "The first.")
    sent = (folder / "appeal.txt").read_bytes()
    typed("status", ID, "--sent")
    for note in ("The second.", "The third."):
        assert typed(ID, "--note", note)[0] == 0
        assert (folder / "sent-1" / "appeal.txt").read_bytes() == sent
        assert note in (folder / "appeal.txt").read_text("utf-8")
    assert not (folder / "sent-2").exists()


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def typed(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Typed:
    def type_(*words: str, says: str = "", at_a_terminal: bool = False) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", Terminal(says) if at_a_terminal else io.StringIO(says))
        code = main(["appeal", *words])
        said = capsys.readouterr()
        return code, said.out, said.err

    return type_


def folder(home: Path, name: str = ID) -> Path:
    return home / "selfcheck-data" / "appeals" / name


def letter(home: Path, name: str = ID) -> str:
    read = message_from_bytes((folder(home, name) / "appeal.eml").read_bytes(), policy=policy.default)
    body = read.get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


# -- writing -----------------------------------------------------------------------------------------------


def test_it_writes_the_draft_the_form_the_evidence_and_the_next_steps(home: Path, typed: Typed) -> None:
    code, out, err = typed("--note", "I write about rivers.")
    assert (code, err) == (0, "")
    assert "Nothing has been sent." in out
    names = {path.name for path in folder(home).iterdir()}
    assert names == {
        "appeal.eml", "appeal.txt", "evidence.zip", "next-steps.txt", "note.txt", "01-profile.png", "02-story.png",
    }  # fmt: skip
    read = message_from_bytes((folder(home) / "appeal.eml").read_bytes(), policy=policy.default)
    assert [str(read[one]) for one in ("To", "Subject", "From", "Reply-To", "X-Unsent")] == [
        "appeals@inkwell.invalid", "Please review the account @jane", f"Jane Doe <{USER}>", "r@example.org", "1",
    ]  # fmt: skip
    attached = {part.get_filename(): part.get_content() for part in read.iter_attachments()}
    assert {name: (folder(home) / name).read_bytes() for name in attached} == attached
    assert set(attached) == {"01-profile.png", "02-story.png", "evidence.zip"}
    steps = (folder(home) / "next-steps.txt").read_text("utf-8")
    for told in (
        "https://blog.example/help/appeals",
        "the handle; what was found; why it is a mistake",
        "01-profile.png, 02-story.png, evidence.zip",
        "as others report it: never; nobody works there",
        "ask again after 5 days",
        f"  selfcheck appeal {ID} --send\n",
    ):
        assert told in steps


def test_the_attached_evidence_can_be_verified(
    home: Path, typed: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    typed()
    assert main(["verify", str(folder(home) / "evidence.zip")]) == 0
    capsys.readouterr()
    with zipfile.ZipFile(folder(home) / "evidence.zip") as archive:
        assert not [name for name in archive.namelist() if "zebulon" in name]


def test_the_note_is_kept_for_the_next_time_and_can_be_replaced(home: Path, typed: Typed) -> None:
    typed("--note", "First words.")
    typed()
    assert "First words." in letter(home)
    typed("--note", "Second words.")
    assert ("First words." in letter(home), "Second words." in letter(home)) == (False, True)
    typed("--note", "")
    typed()
    assert "Second words." not in letter(home)


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "an automatic filter made a mistake"), ("de", "ein automatischer Filter sich irrt")],
)
def test_a_spam_filter_is_blamed_only_by_an_author_who_chose_it(
    home: Path, typed: Typed, language: str, words: str
) -> None:
    typed("--language", language)
    assert "ilter" not in letter(home)
    typed("--language", language, "--note", "I write about rivers.", "--spam-filter")
    assert "I write about rivers." in letter(home)
    assert words in " ".join(letter(home).split())
    before = letter(home)
    typed("--language", language, "--spam-filter")
    assert letter(home) == before, "it stays in the paragraph, and is said once"


def test_on_a_terminal_the_note_is_asked_for(home: Path, typed: Typed) -> None:
    _, out, _ = typed(says="I write about rivers.\n", at_a_terminal=True)
    assert "Your own paragraph" in out
    assert "I write about rivers." in letter(home)
    _, out, _ = typed(says="\n", at_a_terminal=True)
    assert "Your paragraph so far: I write about rivers." in out
    assert "I write about rivers." in letter(home)


def test_an_own_template_is_found_beside_the_profiles_file(home: Path, typed: Typed) -> None:
    (home / "mine.j2").write_text("Dear all, {{ handle }} again.\n", encoding="utf-8")
    (home / "profiles.yaml").write_text(f"{PROFILES}{SETTINGS}    template: mine.j2\n", encoding="utf-8")
    assert typed()[0] == 0
    assert letter(home) == "Dear all, @jane again.\n"
    (home / "mine.j2").write_text("{{ handel }}", encoding="utf-8")
    code, _, err = typed()
    assert (code, "mine.j2" in err, "handel" in err) == (2, True, True)
    assert letter(home) == "Dear all, @jane again.\n"
    (home / "mine.j2").unlink()
    assert "cannot be read" in typed()[2]


def test_the_language_comes_from_the_settings_or_the_command(home: Path, typed: Typed) -> None:
    _, out, _ = typed("--language", "de")
    assert "Guten Tag" in letter(home)
    assert "Einspruch: mein Konto @jane" in out
    (draft,) = home.rglob("appeal.eml")
    mail = message_from_bytes(draft.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "Einspruch: mein Konto @jane"
    html = mail.get_body(("html",))
    assert html is not None
    assert "<title>Einspruch: mein Konto @jane</title>" in html.get_content()
    (home / "profiles.yaml").write_text(f"{PROFILES}{SETTINGS}    language: fr\n", encoding="utf-8")
    code, _, err = typed()
    assert (code, "Choose one of: de, en" in err) == (2, True)


def test_without_a_profiles_file_it_is_still_written(home: Path, typed: Typed) -> None:
    (home / "profiles.yaml").unlink()
    code, out, _ = typed()
    assert (code, "To fill in the sender" in out) == (0, True)
    assert "UTC" in letter(home)


def noisy(page: PageVerdict, look: Observation) -> Capture:
    """What a look received, with a picture that takes much room."""
    image = Image.effect_noise((900, 1400), 90)
    with io.BytesIO() as buffer:
        image.save(buffer, "PNG", compress_level=1)
        return replace(received(page, look), screenshot=buffer.getvalue())


def test_pictures_that_one_mail_cannot_hold_are_made_smaller_and_go_into_another(
    home: Path, typed: Typed
) -> None:
    large = bad_run("20260205T040506Z-cccccc", at=NOW + timedelta(days=2))
    keep_run(home / "selfcheck-data", large, received=noisy)
    remember(home / "selfcheck-data", large)
    (home / "profiles.yaml").write_text(
        f"{PROFILES}{SETTINGS}  evidence: {{mail_megabytes: 1}}\n", encoding="utf-8"
    )
    code, out, err = typed()
    assert (code, err) == (0, "")
    assert "next-steps.txt lists" in out
    mails = {path.name: path.read_bytes() for path in folder(home).glob("*.eml")}
    assert set(mails) == {"appeal.eml", "appeal-2.eml"}
    assert [name for name, data in mails.items() if len(data) > 1_000_000] == []
    second = message_from_bytes(mails["appeal-2.eml"], policy=policy.default)
    assert str(second["Subject"]).endswith("(2/2)")
    assert [part.get_filename() for part in second.iter_attachments()] == ["02-story.jpg"]
    steps = " ".join((folder(home) / "next-steps.txt").read_text("utf-8").split())
    assert "made smaller for the mail" in steps
    assert "side-by-side.png in the runs' folder." in steps
    (home / "profiles.yaml").write_text(PROFILES + SETTINGS, encoding="utf-8")
    typed()
    assert [path.name for path in folder(home).glob("*.eml")] == ["appeal.eml"]


def test_the_settings_put_an_archive_of_the_pages_into_the_evidence(home: Path, typed: Typed) -> None:
    (home / "profiles.yaml").write_text(f"{PROFILES}{SETTINGS}  evidence: {{wacz: true}}\n", encoding="utf-8")
    assert typed()[0] == 0
    with zipfile.ZipFile(folder(home) / "evidence.zip") as archive:
        assert any(name.endswith("/jane/anonymous.wacz") for name in archive.namelist())


# -- warnings ----------------------------------------------------------------------------------------------


def test_what_is_over_needs_a_confirmation(home: Path, typed: Typed) -> None:
    typed("status", "--restored")
    code, _, err = typed("jane")
    assert (code, "is over: the profile was restored" in err, "--yes" in err) == (2, True, True)
    assert not folder(home).exists()
    code, _, err = typed("jane", "--yes")
    assert (code, "Warning: " in err, folder(home).exists()) == (0, True, True)


def test_what_is_only_likely_needs_a_confirmation_and_says_so(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data, found = tmp_path / "selfcheck-data", bad_run(FIRST)
    unsure = replace(found, profiles=tuple(replace(one, strength=Strength.LIKELY) for one in found.profiles))
    keep_run(data, unsure)
    remember(data, unsure)
    code, _, err = typed()
    assert (code, "only likely" in err) == (2, True)
    assert typed("--yes")[0] == 0
    assert "as far as I can tell" in letter(tmp_path, "jane-20260203-likely").replace("\n", " ")
    code, _, err = typed("status", "jane", "--sent")
    assert (code, "until it is an incident" in err) == (2, True)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param(("jnae",), "did you mean `jane`", id="an unknown profile"),
        pytest.param(("--open", "--send"), "choose one", id="two ways at once"),
        pytest.param(("--send",), "The settings name no mail server", id="no mail server"),
        pytest.param(("status", "--note", "x"), "--note goes with", id="a note of nothing"),
        pytest.param(("status", "--case", " "), "--case needs the number", id="an empty number"),
        pytest.param(("status", "jnae"), "no incident `jnae`", id="an unknown incident"),
        pytest.param(("--data", "nowhere"), "No history in nowhere", id="no runs"),
    ],
)
def test_what_is_mistaken_ends_with_2(
    home: Path, typed: Typed, words: tuple[str, ...], expected: str
) -> None:
    code, _, err = typed(*words)
    assert (code, expected.lower() in err.lower()) == (2, True), err


def test_evidence_that_is_gone_is_reported(home: Path, typed: Typed) -> None:
    (home / "selfcheck-data" / "runs").rename(home / "moved")
    code, _, err = typed()
    assert (code, "There is no evidence" in err, "Traceback" in err) == (2, True, False)


# -- status ------------------------------------------------------------------------------------------------


def test_what_the_author_says_is_kept_in_the_order_in_which_it_happens(home: Path, typed: Typed) -> None:
    assert "No appeal yet" in typed("status")[1]
    assert "appealed" in typed("status", "--sent")[1]
    assert "Follow up on" in typed("status")[1]
    said = typed("status", ID, "--answered", "--case", "4711", "--note", "Sorry.")[1]
    assert said == f"Recorded for {ID}: answered, case 4711.\n"
    assert "the profile is not back yet" in typed("status", "jane")[1]
    assert typed("status", "--restored")[1] == f"Recorded for {ID}: restored, case 4711.\n"
    assert "No incident is open" in typed("status")[1]
    assert "Over: restored" in typed("status", ID)[1]
    assert "is over already" in typed("status", ID, "--restored")[2]
    with open_history(DataFolder(home / "selfcheck-data")) as history:
        events = [(one.kind.value, one.text) for one in history.incident(ID).events[1:]]
    assert events == [
        ("appealed", "by its author"),
        ("case", "4711"),
        ("answered", "Sorry."),
        ("restored", ""),
    ]


# -- opening and sending -----------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a draft is opened in another way")
def test_open_hands_the_draft_to_the_default_program(
    home: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener, opened = home / "bin" / "xdg-open", home / "opened"
    os.mkfifo(opened)
    opener.parent.mkdir()
    opener.write_text(f'#!/bin/sh\necho "$1$SELFCHECK_KEY" > {opened}\n', encoding="utf-8")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:/usr/bin:/bin")
    monkeypatch.setenv("SELFCHECK_KEY", "secret")
    code, out, _ = typed("--open")
    assert opened.read_text("utf-8").strip() == str(folder(home) / "appeal.eml")
    assert (code, "Nothing has been sent" in out) == (0, True)
    monkeypatch.setenv("PATH", str(home / "nowhere"))
    code, _, err = typed("--open")
    assert (code, "No program could be started" in err) == (2, True)


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a draft is opened in another way")
def test_a_draft_that_no_program_takes_is_not_called_opened(
    home: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    opener = home / "bin" / "xdg-open"
    opener.parent.mkdir()
    opener.write_text("#!/bin/sh\necho 'no method available' >&2\nexit 3\n", encoding="utf-8")
    opener.chmod(0o755)
    monkeypatch.setenv("PATH", f"{opener.parent}:/usr/bin:/bin")
    code, out, err = typed("--open")
    assert (code, "Opened" in out, "No program could be started" in err) == (2, False, True)


@pytest.fixture
def post(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Running]:
    monkeypatch.setenv("SSL_CERT_FILE", str(write_certificate(home)))
    monkeypatch.setenv("SELFCHECK_SMTP_PASSWORD", PASSWORD)
    with mail_server(home, "tls") as running:
        smtp = f"    smtp: {{host: 127.0.0.1, port: {running.port}, security: tls, user: {USER}}}\n"
        (home / "profiles.yaml").write_text(PROFILES + SETTINGS + smtp, encoding="utf-8")
        yield running


@pytest.mark.parametrize("says", ["n\n", "", "\n"], ids=["a no", "no one there", "an empty line"])
def test_without_a_confirmation_nothing_is_sent(home: Path, typed: Typed, post: Running, says: str) -> None:
    _, out, _ = typed("--send", "--yes", says=says)
    assert "Not sent; the draft is kept." in out
    assert post.inbox.mails == []
    assert (folder(home) / "appeal.eml").exists()
    assert "No appeal yet" in typed("status")[1]


def test_after_a_confirmation_it_is_sent_and_recorded(home: Path, typed: Typed, post: Running) -> None:
    code, out, err = typed("--send", says="y\n")
    assert (code, err) == (0, "")
    for shown in (
        "To:          appeals@inkwell.invalid",
        "Subject:     Please review",
        "evidence.zip (",
        "TLS",
    ):
        assert shown in out[: out.index("Send it now?")]
    (mail,) = post.inbox.mails
    assert isinstance(mail.content, bytes)
    read = message_from_bytes(mail.content, policy=policy.default)
    attached = {part.get_filename(): part.get_content() for part in read.iter_attachments()}
    assert attached == {name: (folder(home) / name).read_bytes() for name in attached}
    assert read["X-Unsent"] is None
    with open_history(DataFolder(home / "selfcheck-data")) as history:
        found, deliveries = history.incident(ID), history.deliveries()
    assert (found.state.value, found.events[-1].message_id) == ("appealed", read["Message-ID"])
    assert [(one.channel, one.kind, one.incident, one.ok) for one in deliveries] == [
        ("mail to the platform", "appeal", ID, True)
    ]
    (copy,) = folder(home).glob("sent-*.eml")
    assert copy.read_bytes().rstrip() == mail.content.rstrip()
    code, _, err = typed("--send", says="y\n")
    assert (code, "a second one may delay" in err) == (2, True)


def test_a_mail_that_is_refused_leaves_the_draft_and_says_why(
    home: Path, typed: Typed, post: Running
) -> None:
    post.inbox.refuse_recipient = "550 No such person"
    code, _, err = typed("--send", says="y\n")
    assert (code, "550 No such person" in err, "The draft is kept" in err) == (4, True, True)
    assert (folder(home) / "appeal.eml").exists()
    with open_history(DataFolder(home / "selfcheck-data")) as history:
        assert history.incident(ID).state.value == "open"
        assert [(one.ok, "550" in one.detail) for one in history.deliveries()] == [(False, True)]


# -- secrets -----------------------------------------------------------------------------------------------


def test_nothing_planted_in_a_run_reaches_an_appeal(
    tmp_path: Path, typed: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    data = tmp_path / "selfcheck-data"
    keep_planted(data, FIRST)
    planted = planted_result(FIRST)
    remember(
        data, replace(planted, profiles=tuple(replace(one, platform="demo") for one in planted.profiles))
    )
    assert typed("jane", "--note", "Please look.")[0] == 0
    files = [path for path in folder(tmp_path).iterdir() if path.is_file()]
    assert {"appeal.eml", "appeal.txt", "evidence.zip", "next-steps.txt"} <= {path.name for path in files}
    assert [leak for path in files for leak in leaks(path.read_bytes(), where=path.name)] == []
    assert leaks(f"a {SECRETS['cookie']}".encode()) != []
