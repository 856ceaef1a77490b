"""The page of accounts that look alike: what it starts, what it shows, and what it refuses."""

from pathlib import Path

import pytest
from app_client import AppClient, words

from selfcheck.web import impostor_pages

PROFILES = "profiles:\n  - {name: jane, platform: medium, handle: jane, session: jane}\n"


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "profiles.yaml").write_text(PROFILES, "utf-8")
    return AppClient(tmp_path / "mine")


def test_without_a_session_nothing_can_be_compared(client: AppClient) -> None:
    page = client.get("/mine/impostors").text
    assert "Your session has to prove that the account is yours." in words(page)
    assert "/mine/impostors/compare" not in page
    assert "{home}" not in page
    assert "The platform takes reports here: https://" in words(page)


@pytest.mark.parametrize(
    ("form", "ending"),
    [
        pytest.param({}, ["--", "jane", "@copy", "https://a.example/--keep"], id="nothing is kept"),
        pytest.param(
            {"keep": "yes"}, ["--keep", "--", "jane", "@copy", "https://a.example/--keep"], id="kept"
        ),
    ],
)
def test_accounts_are_compared_by_a_process_of_its_own(
    client: AppClient, monkeypatch: pytest.MonkeyPatch, form: dict[str, str], ending: list[str]
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(
        client.context.jobs, "_start", lambda _data, said, _profiles: started.append(said) or "job"
    )
    named = {"profile": "jane", "accounts": "@copy\r\nhttps://a.example/--keep @copy\n", **form}
    answer = client.post("/mine/impostors/compare", named)
    assert answer.headers["location"] == "/mine/progress/job"
    assert (started[0][0], started[0][-len(ending) :]) == ("impostors", ending)
    assert ("--keep" in started[0][: -len(ending) + 1]) == bool(form)


@pytest.mark.parametrize("accounts", ["", " \n", " ".join(f"@a{number}" for number in range(21))])
def test_none_and_too_many_accounts_are_refused(client: AppClient, accounts: str) -> None:
    assert client.post("/mine/impostors/compare", {"profile": "jane", "accounts": accounts}).status == 400


def test_a_kept_comparison_is_opened_by_its_name_alone(
    client: AppClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[Path] = []
    monkeypatch.setattr(impostor_pages, "open_file", lambda path: opened.append(path) or True)
    folder = client.context.workspaces["mine"].data.comparison("20260203T040506Z-abcdef")
    folder.mkdir(parents=True)
    (folder / "side-by-side.html").write_text("<p>both", "utf-8")
    assert "Open 20260203T040506Z-abcdef" in words(client.get("/mine/impostors").text)
    assert client.post("/mine/impostors/open", {"comparison": folder.name}).status == 303
    for other in ("../impostors", "", "20260203T040506Z-zzzzzz", "/etc"):
        assert client.post("/mine/impostors/open", {"comparison": other}).status == 400
    assert opened == [(folder / "side-by-side.html").resolve()]
