"""The evidence of an incident stands by itself: what is in it, what is not, and that it is said."""

import json
import shutil
import subprocess
import zipfile
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import jsonschema
import pytest
import sample_runs
from kept_runs import FIRST, HEADERS, LATEST, bad_run, incident, keep_run, renamed
from sample_runs import healthy, page, profile, without_author

from selfcheck.artifacts.case_files import read_look
from selfcheck.artifacts.manifests import EvidenceEntry
from selfcheck.core.enums import Verdict
from selfcheck.core.run_document import RunDocument
from selfcheck.errors import EvidenceMissingError, ExtraMissingError, install_line
from selfcheck.evidence import package_files as evidence_files
from selfcheck.evidence.package import EvidenceOptions, write_evidence
from selfcheck.evidence.render_text import headers_text
from selfcheck.evidence.shared_run import SharedFile, SharedRun
from selfcheck.evidence.verify_command import verify
from selfcheck.storage.data_folder import DataFolder

LOOKS = ("anonymous.html", "anonymous.look.json", "anonymous.headers.txt", "anonymous.png")
BOTH = ("author.png", "side-by-side.png")


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    data = tmp_path_factory.mktemp("kept")
    for run_id in (FIRST, LATEST):
        keep_run(data, bad_run(run_id, renamed(healthy(), "zebulon")))
    write_evidence(DataFolder(data), incident(), data / "evidence.zip")
    return data


@pytest.fixture
def data(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "data"))


@pytest.fixture(scope="module")
def members(kept: Path) -> dict[str, bytes]:
    return read(kept / "evidence.zip")


def read(path: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(path) as file:
        return {name: file.read(name) for name in file.namelist()}


def sound(path: Path) -> bool:
    return verify(str(path), DataFolder(path.parent))[0].sound


def test_it_has_the_files_of_the_first_run_that_found_it_and_of_the_latest(members: dict[str, bytes]) -> None:
    expected = {"README.txt", "manifest.json", "SHA256SUMS"}
    for run in (FIRST, LATEST):
        expected |= {f"{run}/seal.json", f"{run}/jane/manifest.json", f"{run}/jane/run.json"}
        expected |= {f"{run}/jane/{page}/{name}" for page in ("profile", "story") for name in (*LOOKS, *BOTH)}
    assert set(members) == expected


def test_every_file_of_the_run_is_there_byte_for_byte(kept: Path, members: dict[str, bytes]) -> None:
    document = json.loads(members["manifest.json"])
    of_the_runs = [one for one in document["files"] if one["origin"] == "run"]
    assert len(of_the_runs) == 26
    for one in of_the_runs:
        assert members[one["path"]] == (kept / "runs" / one["path"]).read_bytes()
    made = {one["path"].rpartition("/")[2] for one in document["files"] if one["origin"] == "made"}
    assert made == {"README.txt", "anonymous.headers.txt"}


def test_what_stays_behind_is_listed_with_the_reason(members: dict[str, bytes]) -> None:
    left_out = {one["path"]: one["why"] for one in json.loads(members["manifest.json"])["left_out"]}
    for name in ("author.png", "side-by-side.png"):
        assert left_out[f"{LATEST}/jane/stats/{name}"] == "it shows numbers that only the author is shown"
    assert "only the author is shown" in left_out[f"{LATEST}/jane/case.json"]
    assert f"{LATEST}/jane/profile/author.look.json" in left_out
    assert not any("zebulon" in path or "controls" in path for path in left_out)


def test_the_pictures_of_statistics_are_taken_along_where_that_is_asked_for(data: Path) -> None:
    made = write_evidence(DataFolder(data), incident(), data / "e.zip", EvidenceOptions(with_stats=True))
    assert {f"{LATEST}/jane/stats/{name}" for name in BOTH} <= set(made.names)
    assert sound(made.path)


def test_its_result_is_of_this_profile_alone_and_in_the_form_of_every_result(
    members: dict[str, bytes],
) -> None:
    document = json.loads(members[f"{LATEST}/jane/run.json"])
    schema = json.loads(files("selfcheck.core").joinpath("run.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(document, schema)
    (profile,) = document["profiles"]
    assert (profile["name"], profile["verdict"], profile["silent"]) == ("jane", "suspended", True)
    assert [page["kind"] for page in profile["pages"]] == ["profile", "story"]
    assert document["extract"]["private_pages"] == ["jane/stats"]
    assert "4711" not in json.dumps(document)
    assert profile["pages"][0]["views"]["anonymous"]["quote"] == "This account is suspended."


def test_the_readme_is_a_page_that_says_what_it_shows_how_to_check_it_and_what_it_does_not_prove(
    members: dict[str, bytes],
) -> None:
    text = members["README.txt"].decode("ascii")
    assert len(text.splitlines()) <= 66
    assert max(map(len, text.splitlines())) <= 80
    for part in ("WHAT THIS SHOWS", "HOW TO CHECK IT", "WHAT IT DOES NOT PROVE", "WHAT IT DOES NOT CONTAIN"):
        assert part in text
    assert "* profile: suspended" in text
    told = 'Logged-out visitors get HTTP 410 and read: "This account is suspended."'
    assert told in " ".join(text.split())
    assert f"Both views: {LATEST}/jane/profile/side-by-side.png" in text
    assert "Last seen as usual by logged-out visitors: 2026-02-02 04:05:06 UTC" in text
    assert "sha256sum -c SHA256SUMS" in text
    assert "No authority stamped them" in " ".join(text.split())
    assert "4 files, each because it shows numbers that only the author is shown." in text


def test_the_readme_claims_no_view_of_the_author_s_where_none_was_taken(tmp_path: Path) -> None:
    anonymous_only = renamed(without_author(), "jane")
    keep_run(tmp_path, sample_runs.run(anonymous_only, run_id=FIRST))
    made = write_evidence(DataFolder(tmp_path), incident(last_bad_run=FIRST), tmp_path / "e.zip")
    text = " ".join(read(made.path)["README.txt"].decode().split())
    assert "The author's own view was not opened." in text
    assert "opened twice" not in text
    assert "Last seen as usual by logged-out visitors" in text


@pytest.mark.skipif(shutil.which("sha256sum") is None, reason="sha256sum is not on this machine")
def test_sha256sum_confirms_it_as_the_readme_says(kept: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(kept / "evidence.zip") as file:
        file.extractall(tmp_path)
    words = ["sha256sum", "--strict", "-c", "SHA256SUMS"]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    there = [one for one in tmp_path.rglob("*") if one.is_file()]
    assert done.stdout.count(": OK\n") == len(there) - 1  # all but the sums themselves


def test_the_headers_are_reported_as_the_server_sent_them(members: dict[str, bytes]) -> None:
    lines = members[f"{LATEST}/jane/profile/anonymous.headers.txt"].decode().splitlines()
    assert lines[0] == "Asked for: https://blog.example/@jane"
    assert "Status:    410" in lines
    assert [f"{name}: {value}" for name, value in HEADERS.items()] == lines[-len(HEADERS) :]


def test_headers_of_a_hostile_server_stay_on_their_lines() -> None:
    look = {
        "url": "https://x",
        "kind": "profile",
        "viewpoint": "anonymous",
        "started_at": "2026-02-03T04:05:06Z",
        "finished_at": "2026-02-03T04:05:07Z",
        "headers": {"a": "b\r\nStatus: 200\x1b[31m"},
    }
    text = headers_text(read_look(json.dumps(look).encode(), name="x"))
    assert "\x1b" not in text
    assert [line for line in text.splitlines() if line.startswith("Status:")] == ["Status:    (none)"]


def test_the_same_runs_give_the_same_bytes(kept: Path, tmp_path: Path) -> None:
    again = write_evidence(DataFolder(kept), incident(), tmp_path / "again.zip")
    assert again.path.read_bytes() == (kept / "evidence.zip").read_bytes()
    assert again.size == (kept / "evidence.zip").stat().st_size


def test_one_run_that_is_first_and_latest_is_there_once(kept: Path, tmp_path: Path) -> None:
    made = write_evidence(DataFolder(kept), incident(last_bad_run=FIRST), tmp_path / "e.zip")
    assert made.runs == (FIRST,)


def test_a_file_that_was_changed_since_the_run_is_left_out_and_reported(data: Path) -> None:
    (data / "runs" / LATEST / "jane/profile/author.png").write_bytes(b"another picture")
    (data / "runs" / LATEST / "jane/story/side-by-side.png").unlink()
    made = write_evidence(DataFolder(data), incident(), data / "e.zip")
    assert f"{LATEST}/jane/profile/author.png is left out: it was changed after the run." in made.notes
    assert f"{LATEST}/jane/story/side-by-side.png is left out: it is missing." in made.notes
    assert sound(made.path)
    text = " ".join(read(made.path)["README.txt"].decode().split())
    assert "author.png is left out: it was changed after the run." in text
    assert f"{LATEST}/jane/story/side-by-side.png Logged-out" not in text


def test_without_a_result_no_picture_of_the_author_s_view_is_taken(data: Path) -> None:
    for run in (FIRST, LATEST):
        (data / "runs" / run / "jane/run.json").write_bytes(b"{}")
    made = write_evidence(DataFolder(data), incident(), data / "e.zip")
    assert not any(name.endswith(BOTH) for name in made.names)
    assert sum(name.endswith("anonymous.png") for name in made.names) == 4
    assert sound(made.path)


@pytest.mark.parametrize("gone", [FIRST, LATEST])
def test_a_run_that_was_deleted_is_reported_and_the_other_is_taken(gone: str, data: Path) -> None:
    shutil.rmtree(data / "runs" / gone)
    made = write_evidence(DataFolder(data), incident(), data / "e.zip")
    assert made.runs == tuple({FIRST, LATEST} - {gone})
    assert f"The run {gone} is not kept any more, so nothing of it is here." in made.notes
    assert sound(made.path)


def test_where_no_run_is_left_there_is_no_evidence_and_it_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(EvidenceMissingError) as caught:
        write_evidence(DataFolder(tmp_path), incident(), tmp_path / "e.zip")
    assert "There is no evidence of jane-20260203-1." in caught.value.what
    assert "a new run of jane keeps new evidence" in caught.value.next_step_text()
    assert not (tmp_path / "e.zip").exists()


def test_a_run_s_id_that_leads_elsewhere_is_not_followed(kept: Path, tmp_path: Path) -> None:
    made = write_evidence(DataFolder(kept), incident(first_bad_run="../../etc"), tmp_path / "e.zip")
    assert made.runs == (LATEST,)


def test_a_run_of_an_earlier_version_gives_what_it_has_and_says_what_it_lacks(data: Path) -> None:
    for run in (data / "runs" / FIRST, data / "runs" / LATEST):
        document = json.loads((run / "manifest.json").read_bytes())
        later = {"jane/run.json", "jane/manifest.json", "zebulon/run.json", "zebulon/manifest.json"}
        document["files"] = [one for one in document["files"] if one["path"] not in later]
        del document["seal"]
        (run / "manifest.json").write_text(json.dumps(document), encoding="utf-8")
        for name in (*later, "seal.json"):
            (run / name).unlink()
    made = write_evidence(DataFolder(data), incident(), data / "e.zip")
    assert f"{LATEST}/jane/run.json" in made.names
    assert f"{LATEST}/jane/profile/side-by-side.png" in made.names
    assert not any("seal" in name or "zebulon" in name for name in made.names)
    assert any(
        note.startswith(f"An earlier version of selfcheck kept the run {LATEST}.") for note in made.notes
    )
    assert b"zebulon" not in b"".join(read(made.path).values())
    (found,) = verify(str(made.path), DataFolder(data))
    assert found.sound
    assert any("its own list cannot be compared" in note for note in found.notes)


def test_a_zip_with_a_size_limit_leaves_out_the_least_needed_pictures_first(data: Path) -> None:
    whole = write_evidence(DataFolder(data), incident(), data / "whole.zip")
    made = write_evidence(
        DataFolder(data), incident(), data / "small.zip", EvidenceOptions(most_bytes=whole.size - 3000)
    )
    gone = set(whole.names) - set(made.names)
    assert made.size <= whole.size - 3000
    assert gone
    assert all(name.endswith(("anonymous.png", "author.png")) for name in gone)  # before those of both views
    assert all(
        any(note.startswith(f"{name} is left out: the zip is to be") for note in made.notes) for name in gone
    )
    assert sound(made.path)
    least = write_evidence(DataFolder(data), incident(), data / "least.zip", EvidenceOptions(most_bytes=1))
    assert not any(name.endswith(".png") for name in least.names)
    assert f"{LATEST}/jane/run.json" in least.names
    assert sound(least.path)


def test_pictures_of_pages_that_are_as_they_should_be_are_the_first_to_go() -> None:
    judged = profile(
        "jane",
        replace(page(Verdict.VISIBLE, None, None), folder="jane/fine"),
        replace(page(Verdict.HIDDEN, None, None), folder="jane/bad"),
    )
    run = SharedRun(
        run_id="r",
        part="jane",
        result=RunDocument.of(sample_runs.run(judged)),
        files=tuple(picture(f"jane/{folder}/{name}") for folder in ("fine", "bad") for name in BOTH),
    )
    ranks = evidence_files._ranks(run)
    order = sorted(ranks, key=lambda path: -ranks[path])
    assert order == [
        f"jane/{one}" for one in ("fine/author.png", "fine/side-by-side.png", "bad/author.png")
    ] + ["jane/bad/side-by-side.png"]


def picture(path: str) -> SharedFile:
    entry = EvidenceEntry(path=path, sha256="0" * 64, size=0)
    return SharedFile(entry=entry, data=b"")


# -- the archive of pages --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def archived(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("archived")
    write_evidence(
        DataFolder(kept), incident(last_bad_run=FIRST), target / "evidence.zip", EvidenceOptions(wacz=True)
    )
    (target / "pages.wacz").write_bytes(read(target / "evidence.zip")[f"{FIRST}/jane/anonymous.wacz"])
    return target


def test_the_archive_is_what_its_standard_says(archived: Path, capsys: pytest.CaptureFixture[str]) -> None:
    from wacz.main import main  # noqa: PLC0415 - heavy

    assert main(["validate", "--file", str(archived / "pages.wacz")]) == 0
    assert "Version detected as 1.1.1" in capsys.readouterr().out
    assert sound(archived / "evidence.zip")


def test_the_archive_has_the_logged_out_pages_with_their_answers(archived: Path) -> None:
    from warcio.archiveiterator import ArchiveIterator  # noqa: PLC0415

    with zipfile.ZipFile(archived / "pages.wacz") as file, file.open("archive/data.warc.gz") as stream:
        found = [
            (
                record.rec_headers["WARC-Target-URI"],
                record.http_headers.get_statuscode(),
                record.http_headers.get_header("server"),
                b"anonymous" in record.content_stream().read(),
            )
            for record in ArchiveIterator(stream)
            if record.rec_type == "response"
        ]
    address = "https://blog.example/@jane"
    assert found == [(address, "410", "demo", True), (f"{address}/one-a1", "404", "demo", True)]


def test_the_archive_lists_its_pages_and_says_what_its_documents_are(archived: Path) -> None:
    members = read(archived / "pages.wacz")
    pages = [json.loads(line) for line in members["pages/pages.jsonl"].splitlines() if line]
    assert pages[0]["format"] == "json-pages-1.0"
    assert pages[1]["url"] == "https://blog.example/@jane"
    about = json.loads(members["datapackage.json"])
    assert about["mainPageURL"] == "https://blog.example/@jane"
    assert "not the bytes as they were sent" in about["description"]


def test_without_the_library_it_is_said_how_to_get_it(
    kept: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(__import__("sys").modules, "wacz.main", None)
    with pytest.raises(ExtraMissingError) as caught:
        write_evidence(DataFolder(kept), incident(), tmp_path / "e.zip", EvidenceOptions(wacz=True))
    assert caught.value.next_step_text() == f"Install them: {install_line('wacz')}"
    assert not (tmp_path / "e.zip").exists()
