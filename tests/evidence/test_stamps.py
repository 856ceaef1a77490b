"""Time stamps: asked for with nothing but a hash, kept beside the seal, believed by given roots only."""

import hashlib
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from authority import STAMPED_AT, Authority, served
from click.testing import CliRunner, Result
from kept_runs import FIRST, LATEST, bad_run, incident, keep_run

from selfcheck.artifacts.verification import ProblemKind
from selfcheck.cli import cli
from selfcheck.errors import ConfigurationError, UsageError, install_line
from selfcheck.evidence import stamps
from selfcheck.evidence.package import write_evidence
from selfcheck.evidence.stamps import stamp, stamp_run
from selfcheck.evidence.verify_command import verify
from selfcheck.settings import read_preferences
from selfcheck.settings.preferences import TimeStampAuthority
from selfcheck.storage.data_folder import DataFolder

NOWHERE = "http://127.0.0.1:1/stamp"


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture(scope="module")
def stamped(tmp_path_factory: pytest.TempPathFactory, authority: Authority) -> Path:
    """Two runs, the latest one stamped; made once."""
    data = tmp_path_factory.mktemp("stamped")
    authority.write_root(data / "root.pem")
    for run_id in (FIRST, LATEST):
        run = keep_run(data, bad_run(run_id))
        with served(authority) as url:
            (one,) = stamp_run(run, [TimeStampAuthority(url=url, roots=data / "root.pem")])
        assert (one.path, one.trouble) == ("seal.1.tsr", "")
    return data


@pytest.fixture
def data(stamped: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(stamped, tmp_path / "data"))


@pytest.fixture
def unstamped(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "seal.json").write_bytes(b'{"schema": "selfcheck.seal/1"}')
    return folder


def test_only_the_hash_of_the_seal_leaves(stamped: Path, authority: Authority) -> None:
    sealed = (stamped / "runs" / LATEST / "seal.json").read_bytes()
    assert hashlib.sha256(sealed).digest() in authority.asked[-1]
    assert len(authority.asked[-1]) < 100
    assert b"jane" not in authority.asked[-1]


def test_a_stamp_is_confirmed_by_its_authority_s_root(data: Path, authority: Authority) -> None:
    (found,) = verify(LATEST, DataFolder(data), roots=(authority.root,), stamp_wanted=True)
    (one,) = found.stamps
    assert found.sound
    assert (one.holds, one.at, one.authority) == (True, STAMPED_AT, "A test authority")


def test_without_roots_a_stamp_is_said_to_be_unchecked(data: Path) -> None:
    (found,) = verify(LATEST, DataFolder(data))
    assert found.sound
    assert [one.holds for one in found.stamps] == [None]


def test_a_stamp_by_somebody_else_is_not_confirmed_and_not_called_wrong(data: Path) -> None:
    for other in (Authority("Another"), Authority()):  # also one that only calls itself the same
        (found,) = verify(LATEST, DataFolder(data), roots=(other.root,))
        assert found.sound
        assert [one.holds for one in found.stamps] == [None]
        assert "the given certificates do not confirm it (" in found.stamps[0].text


def test_where_a_stamp_is_asked_for_by_roots_one_that_they_do_not_confirm_is_a_problem(data: Path) -> None:
    (found,) = verify(LATEST, DataFolder(data), roots=(Authority().root,), stamp_wanted=True)
    assert [one.kind for one in found.problems] == [ProblemKind.STAMP_WRONG]


def test_a_stamp_that_was_taken_away_is_missed_where_one_is_asked_for(
    data: Path, authority: Authority
) -> None:
    (data / "runs" / LATEST / "seal.1.tsr").unlink()
    assert verify(LATEST, DataFolder(data), roots=(authority.root,))[0].sound
    (found,) = verify(LATEST, DataFolder(data), roots=(authority.root,), stamp_wanted=True)
    assert [one.kind for one in found.problems] == [ProblemKind.STAMP_WRONG]


def change_signature(run: Path) -> None:
    token = (run / "seal.1.tsr").read_bytes()
    (run / "seal.1.tsr").write_bytes(token[:-1] + bytes([token[-1] ^ 1]))


def change_time(run: Path) -> None:
    token = (run / "seal.1.tsr").read_bytes()
    assert b"20260203040600Z" in token
    (run / "seal.1.tsr").write_bytes(token.replace(b"20260203040600Z", b"20250203040600Z"))


def another_run_s(run: Path) -> None:
    shutil.copyfile(run.parent / FIRST / "seal.1.tsr", run / "seal.1.tsr")


def cut(run: Path) -> None:
    token = (run / "seal.1.tsr").read_bytes()
    (run / "seal.1.tsr").write_bytes(token[: len(token) // 2])


def too_large(run: Path) -> None:
    (run / "seal.1.tsr").write_bytes(bytes(stamps.LARGEST + 1))


@pytest.mark.parametrize(
    ("tamper", "kind"),
    [
        pytest.param(change_signature, ProblemKind.STAMP_WRONG, id="its signature is another"),
        pytest.param(another_run_s, ProblemKind.STAMP_WRONG, id="it is another run's"),
        pytest.param(cut, ProblemKind.STAMP_WRONG, id="it is cut short"),
        pytest.param(too_large, ProblemKind.UNREADABLE, id="it is larger than any stamp"),
    ],
)
def test_a_stamp_that_is_wrong_is_reported_with_its_file(
    tamper: object, kind: ProblemKind, data: Path, authority: Authority
) -> None:
    tamper(data / "runs" / LATEST)  # type: ignore[operator]
    (found,) = verify(LATEST, DataFolder(data), roots=(authority.root,))
    assert [(one.kind, one.path) for one in found.problems] == [(kind, "seal.1.tsr")]


def test_a_stamp_whose_time_was_changed_is_wrong(data: Path, authority: Authority) -> None:
    change_time(data / "runs" / LATEST)
    (found,) = verify(LATEST, DataFolder(data), roots=(authority.root,), stamp_wanted=True)
    assert {one.kind for one in found.problems} == {ProblemKind.STAMP_WRONG}
    assert not any(one.holds for one in found.stamps)


def test_a_run_whose_files_and_lists_were_all_made_again_no_longer_matches_its_stamp(
    data: Path, authority: Authority
) -> None:
    shutil.rmtree(data / "runs" / FIRST)
    token = (data / "runs" / LATEST / "seal.1.tsr").read_bytes()
    shutil.rmtree(data / "runs" / LATEST)
    forged = keep_run(data, bad_run(LATEST, at=STAMPED_AT))
    (forged / "seal.1.tsr").write_bytes(token)
    (found,) = verify(LATEST, DataFolder(data), roots=(authority.root,))
    assert [one.text for one in found.problems] == [
        "The stamp seal.1.tsr is wrong: it was made for something other than this seal."
    ]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        pytest.param((503, b""), "it answered HTTP 503", id="it is out of order"),
        pytest.param((200, b"<html>"), "its answer is not a time stamp", id="it answers with a page"),
        pytest.param((200, b""), "its answer is not a time stamp", id="it answers with nothing"),
        pytest.param((200, bytes(200_000)), "larger than any time stamp", id="it answers without end"),
        pytest.param((200, b"\x30\x05\x30\x03\x02\x01\x02"), "it refused", id="it refuses"),
    ],
)
def test_an_authority_that_gives_no_stamp_is_reported_and_nothing_is_kept(
    answer: tuple[int, bytes], says: str, unstamped: Path
) -> None:
    with served(answer) as url:
        (one,) = stamp_run(unstamped, [TimeStampAuthority(url=url)])
    assert (one.path, says in one.trouble) == ("", True), one.trouble
    assert [path.name for path in unstamped.iterdir()] == ["seal.json"]


def test_an_authority_that_never_comes_to_an_end_is_not_waited_for(unstamped: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:  # takes the connection and says nothing
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        (one,) = stamp_run(unstamped, [TimeStampAuthority(url=url)], seconds=0.05)
    assert "timed out" in one.trouble or "took too long" in one.trouble


def test_an_answer_to_another_request_is_not_kept(unstamped: Path, authority: Authority) -> None:
    with served(authority) as url:
        stamp_run(unstamped, [TimeStampAuthority(url=url)])
    (unstamped / "seal.1.tsr").rename(unstamped / "old")
    with served((200, (unstamped / "old").read_bytes())) as url:
        (one,) = stamp_run(unstamped, [TimeStampAuthority(url=url)])
    assert one.trouble == "its answer belongs to another request"


def test_one_authority_that_fails_leaves_the_others_their_stamps(
    unstamped: Path, authority: Authority, tmp_path: Path
) -> None:
    wrong = Authority().write_root(tmp_path / "wrong.pem")
    with served(authority) as url:
        asked = [
            TimeStampAuthority(url=NOWHERE),
            TimeStampAuthority(url=url),
            TimeStampAuthority(url=url, roots=wrong),
        ]
        found = stamp_run(unstamped, asked)
    assert [one.path for one in found] == ["", "seal.2.tsr", ""]
    assert "could not be reached" in found[0].trouble
    assert "its answer is not kept" in found[2].trouble


def test_the_result_of_each_authority_is_reported(unstamped: Path, authority: Authority) -> None:
    said: list[str] = []
    with served(authority) as url:
        authorities = (TimeStampAuthority(url=NOWHERE), TimeStampAuthority(url=url))
        stamp(unstamped, authorities, say=said.append)
    assert said[0].startswith(f"No time stamp from {NOWHERE}: it could not be reached")
    assert said[0].endswith("The run is kept without it.")
    assert said[1] == f"Time stamp from {url}: seal.2.tsr."


def test_a_run_that_has_no_seal_is_reported(tmp_path: Path) -> None:
    (one,) = stamp_run(tmp_path, [TimeStampAuthority(url=NOWHERE)])
    assert one.trouble == "the run has no seal"


def test_without_the_library_it_is_said_how_to_get_it(
    unstamped: Path, data: Path, authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stamps, "can_check", lambda: False)
    (one,) = stamp_run(unstamped, [TimeStampAuthority(url=NOWHERE)])
    assert install_line("stamps") in one.trouble
    (found,) = verify(LATEST, DataFolder(data), roots=(authority.root,))
    assert found.sound
    assert install_line("stamps") in found.stamps[0].text


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")
def test_the_stamp_is_confirmed_by_openssl_as_the_readme_says(data: Path) -> None:
    run = data / "runs" / LATEST
    words = ["openssl", "ts", "-verify", "-data", str(run / "seal.json"), "-in", str(run / "seal.1.tsr")]
    when = ["-attime", str(int(STAMPED_AT.timestamp()))]  # the tests' certificates live two months
    done = subprocess.run(
        [*words, "-CAfile", str(data / "root.pem"), *when], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


# -- in the evidence, and by the command -----------------------------------------------------------------


@pytest.fixture(scope="module")
def evidence(stamped: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("zip") / "evidence.zip"
    return write_evidence(DataFolder(stamped), incident(), target).path


def test_the_evidence_carries_the_stamps_and_they_hold_there(evidence: Path, authority: Authority) -> None:
    (found,) = verify(str(evidence), DataFolder(evidence.parent), roots=(authority.root,), stamp_wanted=True)
    assert found.sound
    assert [(one.path, one.holds) for one in found.stamps] == [
        (f"{FIRST}/seal.1.tsr", True),
        (f"{LATEST}/seal.1.tsr", True),
    ]


@pytest.fixture
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def said(*words: object) -> Result:
    return CliRunner().invoke(cli, ["verify", *map(str, words)], standalone_mode=False)


def test_roots_are_given_by_file(evidence: Path, stamped: Path, elsewhere: Path) -> None:
    done = said(evidence, "--roots", stamped / "root.pem")
    assert done.return_value == 0
    line = "seal.1.tsr, 2026-02-03 04:06:00 UTC by A test authority: the given certificates confirm it."
    assert line in done.output
    assert "Without a confirmed stamp" not in done.output


def profiles_with(folder: Path, settings: str) -> Path:
    text = (
        f"profiles: [{{name: jane, platform: demo, handle: jane}}]\nsettings: {{evidence: {{{settings}}}}}\n"
    )
    (folder / "profiles.yaml").write_text(text, encoding="utf-8")
    return folder / "profiles.yaml"


def test_roots_are_taken_from_the_settings(evidence: Path, elsewhere: Path, authority: Authority) -> None:
    authority.write_root(elsewhere / "root.pem")
    profiles_with(elsewhere, f"timestamps: [{{url: '{NOWHERE}', roots: root.pem}}]")
    assert "the given certificates confirm it" in said(evidence).output


def test_settings_that_are_mistaken_do_not_keep_anything_from_being_checked(
    evidence: Path, elsewhere: Path
) -> None:
    profiles_with(elsewhere, "timestamp: []")
    done = said(evidence)
    assert done.return_value == 0
    assert "The settings in profiles.yaml were not read: 1 mistake in profiles.yaml." in done.stderr


@pytest.mark.parametrize(
    "content", [b"no certificate", b"-----BEGIN CERTIFICATE-----\nx\n"], ids=["text", "broken"]
)
def test_roots_that_are_not_certificates_are_a_usage_error(
    content: bytes, evidence: Path, elsewhere: Path
) -> None:
    (elsewhere / "roots.pem").write_bytes(content)
    done = said(evidence, "--roots", "roots.pem")
    assert isinstance(done.exception, UsageError)
    assert "holds no certificates" in done.exception.what


@pytest.mark.parametrize(
    ("settings", "expected"),
    [
        pytest.param(
            "timestamps: [{url: 'ftp://x'}]",
            "begins with https:// or http://",
            id="no web address",
        ),
        pytest.param(
            "timestamps: [{url: 'https://me:secret@tsa.example'}]",
            "without a user's name",
            id="a password in it",
        ),
        pytest.param("timestamps: [{}]", "url", id="no address"),
        pytest.param(
            f"timestamps: [{{url: '{NOWHERE}', roots: no.pem}}]", "there is none at", id="no such file"
        ),
        pytest.param(f"timestamps: [{{url: '{NOWHERE}', root: x}}]", "did you mean", id="a mistyped key"),
        pytest.param("mail_megabytes: 0", "1", id="no room for a picture"),
        pytest.param("mail_megabytes: lots", "megabytes", id="no number"),
    ],
)
def test_mistakes_in_the_settings_are_reported_with_what_was_expected(
    settings: str, expected: str, tmp_path: Path
) -> None:
    with pytest.raises(ConfigurationError) as caught:
        read_preferences(profiles_with(tmp_path, settings))
    assert expected in " ".join(caught.value.lines())


def test_the_settings_have_room_for_ten_megabytes_of_pictures_unless_they_say_otherwise(
    tmp_path: Path,
) -> None:
    assert read_preferences(tmp_path / "none.yaml").evidence.mail_bytes == 10_000_000
    path = profiles_with(tmp_path, "mail_megabytes: 2.5")
    assert read_preferences(path).evidence.mail_bytes == 2_500_000


def test_the_roots_of_the_settings_are_meant_from_their_own_folder(
    tmp_path: Path, authority: Authority
) -> None:
    (tmp_path / "mine").mkdir()
    authority.write_root(tmp_path / "mine" / "root.pem")
    path = profiles_with(tmp_path / "mine", f"timestamps: [{{url: '{NOWHERE}', roots: root.pem}}]")
    (one,) = read_preferences(Path(os.path.relpath(path))).evidence.timestamps
    assert one.roots == (tmp_path / "mine" / "root.pem").resolve()
