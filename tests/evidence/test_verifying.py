"""`verify` says exactly which file or link is wrong, of a run's folder and of a ZIP that somebody sent."""

import json
import shutil
import stat
import struct
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from kept_runs import FIRST, LATEST, bad_run, incident, keep_run, renamed
from sample_runs import healthy

from selfcheck.artifacts import archive_reader as sources
from selfcheck.artifacts.manifests import sha256
from selfcheck.artifacts.verification import ProblemKind, Verification
from selfcheck.errors import RunUnreadableError
from selfcheck.evidence.package import write_evidence
from selfcheck.evidence.verify_command import verify
from selfcheck.storage.data_folder import DataFolder

PICTURE = "jane/profile/anonymous.png"
PAGE = "jane/profile/anonymous.html"


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two runs and the evidence of both, made once."""
    data = tmp_path_factory.mktemp("kept")
    for run_id in (FIRST, LATEST):
        keep_run(data, bad_run(run_id, renamed(healthy(), "zebulon")))
    write_evidence(DataFolder(data), incident(), data / "evidence.zip")
    return data


@pytest.fixture
def data(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "data"))


def run_of(data: Path, run_id: str = LATEST) -> Path:
    return data / "runs" / run_id


def problems(found: Verification) -> list[tuple[ProblemKind, str]]:
    return [(one.kind, one.path) for one in found.problems]


def test_what_a_run_wrote_is_found_as_it_was_written(data: Path) -> None:
    (found,) = verify(LATEST, DataFolder(data))
    assert (found.sound, found.kind, found.runs, found.problems) == (True, "run", (LATEST,), ())
    there = [one for one in run_of(data).rglob("*") if one.is_file()]
    assert found.files == len(there) - len({"manifest.json", "seal.json"})
    assert [(one.run_id, one.previous, one.holds) for one in found.links] == [(LATEST, FIRST, True)]


def longer(run: Path) -> None:
    (run / PICTURE).write_bytes((run / PICTURE).read_bytes() + b"x")


def another(run: Path) -> None:
    data = (run / PICTURE).read_bytes()
    (run / PICTURE).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))


def edit(name: str, old: str, new: str) -> Callable[[Path], None]:
    def edited(run: Path) -> None:
        text = (run / name).read_text(encoding="utf-8")
        assert old in text
        (run / name).write_text(text.replace(old, new), encoding="utf-8")

    return edited


def linked(run: Path) -> None:
    (run / PICTURE).unlink()
    (run / PICTURE).symlink_to("/etc/hostname")


K = ProblemKind
NO_LINKS = pytest.mark.skipif(sys.platform == "win32", reason="links need a right of their own on Windows")


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        pytest.param(another, [(K.CHANGED, PICTURE)], id="one bit of a picture is another"),
        pytest.param(longer, [(K.WRONG_SIZE, PICTURE)], id="a picture is longer"),
        pytest.param(
            lambda run: (run / PICTURE).write_bytes(b""), [(K.WRONG_SIZE, PICTURE)], id="a picture is empty"
        ),
        pytest.param(lambda run: (run / PICTURE).unlink(), [(K.MISSING, PICTURE)], id="a picture is gone"),
        pytest.param(
            lambda run: (run / "jane" / "new.png").write_bytes(b"x"),
            [(K.EXTRA, "jane/new.png")],
            id="a file was added",
        ),
        pytest.param(
            linked, [(K.ODD_NAME, PICTURE), (K.MISSING, PICTURE)], id="a picture is a link", marks=NO_LINKS
        ),
        pytest.param(
            edit("run.json", '"suspended"', '"visible"'),
            [(K.WRONG_SIZE, "run.json")],
            id="the verdict is another",
        ),
        pytest.param(
            edit("report.html", "</html>", "</html> "),
            [(K.WRONG_SIZE, "report.html")],
            id="the report is another",
        ),
        pytest.param(
            edit("jane/manifest.json", "screenshot", "Screenshot"),
            [(K.CHANGED, "jane/manifest.json")],
            id="a profile's list is another",
        ),
        pytest.param(
            edit("manifest.json", "Chromium", "Chromiun"),
            [(K.LIST_DAMAGED, "manifest.json")],
            id="the list was changed after it was sealed",
        ),
        pytest.param(
            lambda run: (run / "manifest.json").write_bytes(b"{"),
            [(K.LIST_DAMAGED, "manifest.json")],
            id="no list",
        ),
        pytest.param(
            lambda run: (run / "manifest.json").unlink(),
            [(K.MISSING, "manifest.json")],
            id="the list is gone",
        ),
        pytest.param(
            lambda run: (run / "seal.json").write_bytes(b"{}"), [(K.LIST_DAMAGED, "seal.json")], id="no seal"
        ),
        pytest.param(
            lambda run: (run / "seal.json").unlink(), [(K.MISSING, "seal.json")], id="the seal is gone"
        ),
        pytest.param(
            lambda run: (run / "seal.1.tsr").write_bytes(b"no stamp"),
            [(K.STAMP_WRONG, "seal.1.tsr")],
            id="no stamp",
        ),
    ],
)
def test_what_is_wrong_with_a_run_is_reported_with_its_file(
    tamper: Callable[[Path], None], expected: list[tuple[ProblemKind, str]], data: Path
) -> None:
    tamper(run_of(data))
    (found,) = verify(LATEST, DataFolder(data))
    assert problems(found) == expected
    assert all(path in one.text for one, (_, path) in zip(found.problems, expected, strict=True))


def test_a_whole_list_that_was_made_again_is_caught_by_the_run_after_it(data: Path) -> None:
    first = run_of(data, FIRST)
    another(first)
    document = json.loads((first / "manifest.json").read_bytes())
    entry = next(one for one in document["files"] if one["path"] == PICTURE)
    entry["sha256"] = sha256((first / PICTURE).read_bytes())
    forged = json.dumps(document).encode()
    (first / "manifest.json").write_bytes(forged)
    seal = json.loads((first / "seal.json").read_bytes())
    (first / "seal.json").write_text(json.dumps({**seal, "manifest": sha256(forged)}), encoding="utf-8")
    for run_id in (FIRST, LATEST):
        (found,) = verify(run_id, DataFolder(data))
        assert problems(found) == [(K.LINK_BROKEN, LATEST)]
    shutil.rmtree(run_of(data))
    (alone,) = verify(FIRST, DataFolder(data))
    assert alone.sound  # hashes alone cannot show it


def test_a_run_before_it_that_was_deleted_is_reported_and_is_not_wrong(data: Path) -> None:
    shutil.rmtree(run_of(data, FIRST))
    (found,) = verify(LATEST, DataFolder(data))
    assert found.sound
    assert [one.holds for one in found.links] == [None]
    assert f"{LATEST} follows {FIRST}, which was deleted or moved: not compared." in found.notes


def test_what_is_wrong_with_an_earlier_run_is_found_when_all_are_asked_for(data: Path) -> None:
    another(run_of(data, FIRST))
    assert [one.sound for one in verify(LATEST, DataFolder(data))] == [True]
    first, second = verify(LATEST, DataFolder(data), every_run=True)
    assert (first.sound, problems(second)) == (True, [(K.CHANGED, PICTURE)])


@pytest.mark.parametrize(
    "name", [".DS_Store", "jane/Thumbs.db", "jane/profile/desktop.ini", ".0123456789ab.part"]
)
def test_what_a_system_leaves_in_a_folder_is_a_note(name: str, data: Path) -> None:
    (run_of(data) / name).write_bytes(b"left by the system")
    (found,) = verify(LATEST, DataFolder(data))
    assert found.sound
    assert any(name in note for note in found.notes)


def test_a_run_of_an_earlier_version_is_checked_without_a_seal(tmp_path: Path) -> None:
    run = tmp_path / "data" / "runs" / "r1"
    run.mkdir(parents=True)
    (run / "run.json").write_bytes(b"{}")
    entry = {
        "path": "run.json",
        "sha256": sha256(b"{}"),
        "size": 2,
        "written_at": "",
        "how": "",
        "viewpoint": None,
    }
    document = {"schema": "selfcheck.manifest/1", "run_id": "r1", "tool": {}, "time_source": "system clock"}
    text = json.dumps({**document, "previous": None, "files": [entry]})
    (run / "manifest.json").write_text(text, encoding="utf-8")
    (found,) = verify("r1", DataFolder(tmp_path / "data"))
    assert (found.sound, found.files) == (True, 1)
    assert any("no seal" in note for note in found.notes)
    (run / "run.json").write_bytes(b"[]")
    (found,) = verify("r1", DataFolder(tmp_path / "data"))
    assert problems(found) == [(K.CHANGED, "run.json")]


# -- ZIPs ------------------------------------------------------------------------------------------------


def members(data: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(data / "evidence.zip") as file:
        return {name: file.read(name) for name in file.namelist()}


def rezipped(path: Path, files: dict[str, bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in files.items():
            file.writestr(name, content)
    return path


def relisted(files: dict[str, bytes], name: str, content: bytes, **more: object) -> dict[str, bytes]:
    """The evidence with one file replaced or added, and its list and sums made to agree."""
    document = json.loads(files["manifest.json"])
    entry = next((one for one in document["files"] if one["path"] == name), None)
    if entry is None:
        entry = {**document["files"][1], "path": name}
        document["files"].append(entry)
    entry.update(sha256=sha256(content), size=len(content), **more)
    listed = json.dumps(document).encode()
    rows = {one["path"]: one["sha256"] for one in document["files"]} | {"manifest.json": sha256(listed)}
    sums = "".join(f"{rows[path]}  {path}\n" for path in sorted(rows)).encode()
    return {**files, name: content, "manifest.json": listed, "SHA256SUMS": sums}


def test_the_evidence_is_found_as_it_was_written(data: Path) -> None:
    (found,) = verify(str(data / "evidence.zip"), DataFolder(data))
    assert (found.sound, found.kind, found.runs) == (True, "evidence", (FIRST, LATEST))
    assert found.files == len(members(data)) - len({"manifest.json", "SHA256SUMS"})


def test_the_evidence_is_checked_unpacked_as_well(data: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(data / "evidence.zip") as file:
        file.extractall(tmp_path / "unpacked")
    (found,) = verify(str(tmp_path / "unpacked"), DataFolder(data))
    assert (found.sound, found.kind) == (True, "evidence")


def test_a_run_s_folder_that_somebody_zipped_is_checked(data: Path, tmp_path: Path) -> None:
    path = Path(shutil.make_archive(str(tmp_path / "run"), "zip", data / "runs", LATEST))
    (found,) = verify(str(path), DataFolder(data))
    assert (found.sound, found.kind, found.runs) == (True, "run", (LATEST,))
    assert any("link was not compared" in note for note in found.notes)


Z_PICTURE, Z_LIST, Z_SEAL = f"{LATEST}/{PICTURE}", f"{LATEST}/jane/manifest.json", f"{LATEST}/seal.json"


@pytest.mark.parametrize(
    ("tamper", "expected"),
    [
        pytest.param(
            lambda z: {**z, Z_PICTURE: z[Z_PICTURE][:-1] + b"x"}, [(K.CHANGED, Z_PICTURE)], id="changed"
        ),
        pytest.param(lambda z: {**z, Z_PICTURE: b"x"}, [(K.WRONG_SIZE, Z_PICTURE)], id="another size"),
        pytest.param(
            lambda z: {name: one for name, one in z.items() if name != Z_PICTURE},
            [(K.MISSING, Z_PICTURE)],
            id="gone",
        ),
        pytest.param(lambda z: {**z, "more.txt": b"x"}, [(K.EXTRA, "more.txt")], id="a file was added"),
        pytest.param(
            lambda z: {**z, "manifest.json": b"{"}, [(K.LIST_DAMAGED, "manifest.json")], id="no list"
        ),
        pytest.param(
            lambda z: {name: one for name, one in z.items() if name != "manifest.json"},
            [(K.MISSING, "manifest.json")],
            id="its list is gone",
        ),
        pytest.param(lambda z: {**z, "SHA256SUMS": b"x"}, [(K.CHANGED, "SHA256SUMS")], id="other sums"),
        pytest.param(
            lambda z: relisted(z, Z_PICTURE, b"another picture"),
            [(K.CHANGED, Z_PICTURE)],
            id="a picture was replaced in the list too",
        ),
        pytest.param(
            lambda z: relisted(z, Z_PICTURE, b"another picture", origin="made"),
            [(K.EXTRA, Z_PICTURE)],
            id="a picture says that it was made for the zip",
        ),
        pytest.param(
            lambda z: relisted(z, f"{LATEST}/jane/profile/reader.png", b"a new picture"),
            [(K.EXTRA, f"{LATEST}/jane/profile/reader.png")],
            id="a picture was added to the list too",
        ),
        pytest.param(
            lambda z: relisted(z, "20250101T000000Z-zzzzzz/jane/profile/anonymous.png", b"a new picture"),
            [(K.EXTRA, "20250101T000000Z-zzzzzz/jane/profile/anonymous.png")],
            id="a picture of a run that is not there was added",
        ),
        pytest.param(
            lambda z: relisted(z, Z_LIST, z[Z_LIST].replace(b"screenshot", b"Screenshot")),
            [(K.LIST_DAMAGED, Z_LIST)],
            id="the run's list was replaced",
        ),
        pytest.param(
            lambda z: relisted(z, Z_SEAL, z[f"{FIRST}/seal.json"]),
            [(K.LIST_DAMAGED, Z_LIST)],
            id="the seal is another run's",
        ),
    ],
)
def test_what_is_wrong_with_the_evidence_is_reported_with_its_file(
    tamper: Callable[[dict[str, bytes]], dict[str, bytes]],
    expected: list[tuple[ProblemKind, str]],
    data: Path,
) -> None:
    path = rezipped(data / "evidence.zip", tamper(members(data)))
    (found,) = verify(str(path), DataFolder(data))
    assert problems(found) == expected


@pytest.mark.parametrize(
    "name", ["../../evil.txt", "/etc/evil", "C:/evil", "a/../../evil", "a//b", "con", "x/\u202egnp.exe", " "]
)
def test_an_odd_name_in_a_zip_is_reported_and_not_opened(name: str, data: Path, tmp_path: Path) -> None:
    path = rezipped(data / "evidence.zip", {**members(data), name: b"x"})
    (found,) = verify(str(path), DataFolder(data))
    assert [kind for kind, _ in problems(found)] == [K.ODD_NAME]
    assert not list(tmp_path.rglob("evil*"))


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("twin", [Z_PICTURE, Z_PICTURE.upper()], ids=["the same name", "but for its case"])
def test_a_name_that_is_there_twice_is_reported_since_either_could_be_meant(twin: str, data: Path) -> None:
    with zipfile.ZipFile(data / "evidence.zip", "a") as file:
        file.writestr(twin, b"another picture")
    (found,) = verify(str(data / "evidence.zip"), DataFolder(data))
    assert (K.ODD_NAME, twin) in problems(found)
    assert (K.MISSING, Z_PICTURE) in problems(found)


def test_a_link_in_a_zip_is_reported_and_not_followed(data: Path) -> None:
    info = zipfile.ZipInfo("link.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(data / "evidence.zip", "a") as file:
        file.writestr(info, "/etc/passwd")
    (found,) = verify(str(data / "evidence.zip"), DataFolder(data))
    assert problems(found) == [(K.ODD_NAME, "link.png")]


def test_a_bomb_is_not_unpacked_beyond_the_size_that_the_list_has(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = rezipped(data / "evidence.zip", {**members(data), Z_PICTURE: bytes(30_000_000)})
    assert path.stat().st_size < 1_000_000
    listed = sum(len(one) for one in members(data).values()) - 30_000_000
    monkeypatch.setattr(sources, "MOST_BYTES", 3 * listed)
    (found,) = verify(str(path), DataFolder(data))
    assert problems(found) == [(K.WRONG_SIZE, Z_PICTURE)]


def test_a_bomb_that_its_own_list_announces_is_not_read_to_its_end(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = relisted(members(data), Z_PICTURE, bytes(5_000_000))
    monkeypatch.setattr(sources, "MOST_BYTES", 2_000_000)
    (found,) = verify(str(rezipped(data / "evidence.zip", files)), DataFolder(data))
    assert (K.UNREADABLE, Z_PICTURE) in problems(found)
    assert any("unpacks to more than" in one.text for one in found.problems)


def test_a_size_that_the_zip_lies_about_is_not_believed(data: Path) -> None:
    path = rezipped(data / "evidence.zip", {**members(data), Z_PICTURE: bytes(100_000)})
    raw = bytearray(path.read_bytes())
    place = raw.index(b"PK\x01\x02", raw.rindex(Z_PICTURE.encode()) - 60)
    struct.pack_into("<I", raw, place + 24, 3)  # the uncompressed size in the directory
    path.write_bytes(raw)
    (found,) = verify(str(path), DataFolder(data))
    assert {one for _, one in problems(found)} == {Z_PICTURE}


def end_says(place: int, form: str, value: int) -> Callable[[Path], None]:
    def said(path: Path) -> None:
        raw = bytearray(path.read_bytes())
        struct.pack_into(form, raw, raw.rindex(b"PK\x05\x06") + place, value)
        path.write_bytes(raw)

    return said


def long_form(path: Path) -> None:
    raw = path.read_bytes()
    end = raw.rindex(b"PK\x05\x06")
    path.write_bytes(raw[:end] + b"PK\x06\x07" + bytes(16) + raw[end:])


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(end_says(10, "<H", 20_001), id="by their number"),
        pytest.param(end_says(12, "<I", 500_000_000), id="by the length of the directory"),
        pytest.param(long_form, id="by the form of the end"),
    ],
)
def test_a_zip_of_too_many_files_is_not_read(change: Callable[[Path], None], data: Path) -> None:
    change(data / "evidence.zip")
    with pytest.raises(RunUnreadableError, match="too many files, so it was not read"):
        verify(str(data / "evidence.zip"), DataFolder(data))


def test_a_zip_that_asks_for_a_password_is_reported(data: Path) -> None:
    raw = bytearray((data / "evidence.zip").read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        start = 0
        while (start := raw.find(mark, start)) >= 0:
            raw[start + place] |= 1
            start += 4
    (data / "evidence.zip").write_bytes(raw)
    (found,) = verify(str(data / "evidence.zip"), DataFolder(data))
    assert [kind for kind, _ in problems(found)] == [K.UNREADABLE]


def test_a_zip_that_was_cut_short_is_damaged(data: Path) -> None:
    raw = (data / "evidence.zip").read_bytes()
    (data / "evidence.zip").write_bytes(raw[: len(raw) // 2])
    (found,) = verify(str(data / "evidence.zip"), DataFolder(data))
    assert [kind for kind, _ in problems(found)] == [K.UNREADABLE]


def test_a_flipped_byte_within_a_packed_file_is_reported_with_the_file(data: Path) -> None:
    raw = bytearray((data / "evidence.zip").read_bytes())
    with zipfile.ZipFile(data / "evidence.zip") as file:
        info = file.getinfo(f"{LATEST}/run.json".replace("/run", "/jane/run"))
    place = info.header_offset + 30 + len(info.filename) + info.compress_size // 2
    raw[place] ^= 0xFF
    (data / "evidence.zip").write_bytes(raw)
    (found,) = verify(str(data / "evidence.zip"), DataFolder(data))
    assert {one for _, one in problems(found)} == {info.filename}
