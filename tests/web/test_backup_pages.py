"""The page of backups: what has a copy, an export taken in by upload, one given away; and attacks."""

import io
import tempfile
import zipfile
from pathlib import Path

import pytest
from app_client import HOST, PORT, Answer, AppClient, words
from exports import substack_export

from selfcheck.web import uploads

PROFILES = "profiles:\n  - {name: jane, platform: substack, handle: jane}\n"


def part(name: str, value: bytes, filename: str | None = None) -> bytes:
    more = "" if filename is None else f'; filename="{filename}"\r\nContent-Type: application/zip'
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode() + value + b"\r\n"


def body(token: str, *parts: bytes) -> bytes:
    return b"".join([part("form_token", token.encode()), *parts, b"--xyz--\r\n"])


def upload(client: AppClient, data: bytes, **headers: str | None) -> Answer:
    usual: dict[str, str | None] = {
        "origin": f"http://{HOST}",
        "content_type": "multipart/form-data; boundary=xyz",
    }
    return client.ask("POST", "/mine/backup/import", headers={**usual, **headers}, body=data)


@pytest.fixture
def client(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AppClient:
    (tmp_path / "scratch").mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "scratch"))
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "profiles.yaml").write_text(PROFILES, "utf-8")
    return AppClient(tmp_path / "mine")


def left_behind(client: AppClient) -> list[str]:
    return [path.name for path in (client.folder.parent / "scratch").rglob("*")]


def test_an_export_is_taken_in_verified_and_moved_on_and_leaves_nothing_elsewhere(client: AppClient) -> None:
    page = client.get("/mine/backup").text
    assert "There is no copy yet." in words(page)
    assert "sign in first" in page
    assert client.post("/mine/backup/export", {"profile": "jane", "form": "ghost"}).status == 400
    profile, token = part("profile", b"jane"), client.keys.form_token
    said = words(
        upload(client, body(token, profile, part("file", substack_export(), "../../my export.zip"))).text
    )
    assert "2 stories read: 2 new, 0 better" in said
    assert "its path leads out of the archive" in said
    assert "Last backup of jane: not complete yet; how many stories have no copy is not known" in said
    whole = words(client.post("/mine/backup/verify", {"profile": "jane"}).text)
    assert "The copy is whole" in whole
    for form, more in (("ghost", {}), ("html", {"with_private": "yes", "author": "Jane"})):
        answer = client.post("/mine/backup/export", {"profile": "jane", "form": form, **more})
        assert answer.headers["content-disposition"] == f'attachment; filename="jane-{form}.zip"'
        names = zipfile.ZipFile(io.BytesIO(answer.body)).namelist()
        assert f"jane-{form}/" in names[0]
        assert ("jane-html/find-me.html" in names) == (form == "html")
    assert client.post("/mine/backup/export", {"profile": "jane", "form": "../x"}).status == 400
    assert client.post("/mine/backup/verify", {"profile": "../jane"}).status == 400
    assert client.get("/demo/backup").status == 404
    assert (left_behind(client), client.get("/mine/backup/import").status) == ([], 405)


TOKEN, JANE, FILE = b"secret-1", part("profile", b"jane"), part("file", b"x", "x.zip")


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        pytest.param(body("secret-1", JANE), {}, 400, id="no file"),
        pytest.param(body("secret-1", JANE, part("file", b"", "")), {}, 400, id="none was chosen"),
        pytest.param(body("secret-1", JANE, FILE), {}, 400, id="not an export"),
        pytest.param(body("secret-1", part("profile", b"tom"), FILE), {}, 400, id="another's profile"),
        pytest.param(body("secret-1", JANE, FILE), {"origin": "null"}, 403, id="another origin"),
        pytest.param(body("secret-1", JANE, FILE), {"cookie": None}, 403, id="no cookie"),
        pytest.param(body("secret-1", JANE, FILE), {"host": f"evil.example:{PORT}"}, 421, id="another host"),
        pytest.param(body("secret-2", JANE, FILE), {}, 403, id="a wrong token"),
        pytest.param(FILE + part("form_token", TOKEN) + b"--xyz--\r\n", {}, 403, id="the file first"),
        pytest.param(JANE + part("form_token", TOKEN) + b"--xyz--\r\n", {}, 403, id="a field first"),
        pytest.param(body("secret-1", part("other", b"x", "x")), {}, 403, id="a file of another name"),
        pytest.param(body("secret-1", FILE, FILE), {}, 403, id="two files"),
        pytest.param(body("secret-1", JANE, FILE)[:-9], {}, 400, id="cut short"),
        pytest.param(b"--abc" + body("secret-1"), {}, 400, id="another boundary"),
        pytest.param(body("secret-1"), {"content_type": "multipart/form-data"}, 400, id="no boundary"),
        pytest.param(body("secret-1", part("profile", b"x" * 10_001)), {}, 413, id="a long field"),
        pytest.param(body("secret-1", *[JANE] * 20), {}, 413, id="too many parts"),
        pytest.param(body("secret-1", part("file", b"x" * 3000, "x")), {}, 413, id="a large file"),
    ],
)
def test_only_the_form_of_our_own_page_brings_a_file(
    client: AppClient, monkeypatch: pytest.MonkeyPatch, data: bytes, headers: dict[str, str], status: int
) -> None:
    if b"x" * 3000 in data and status == 413 and b"filename" in data:
        monkeypatch.setattr(uploads, "LARGEST_UPLOAD", 2000)
    assert client.keys.form_token == "secret-1"
    assert upload(client, data, **headers).status == status
    assert left_behind(client) == []
    assert not list(client.folder.rglob("*.zip"))


def test_no_other_page_takes_a_file(client: AppClient) -> None:
    headers = {"origin": f"http://{HOST}", "content_type": "multipart/form-data; boundary=xyz"}
    for path in ("/mine/run", "/demo/backup/import", "/mine/backup/make"):
        assert client.ask("POST", path, headers=headers, body=body("secret-1", FILE)).status == 415


def test_a_copy_is_made_by_a_process_of_its_own(client: AppClient, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(
        client.context.jobs, "_start", lambda _data, said, _profiles: started.append(said) or "job"
    )
    answer = client.post("/mine/backup/make", {"profile": "jane"})
    assert answer.headers["location"] == "/mine/progress/job"
    assert (started[0][0], started[0][-2:]) == ("backup", ["--", "jane"])
