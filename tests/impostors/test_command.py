"""`selfcheck impostors` as a user types it."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from selfcheck.cli import cli
from selfcheck.demo.site import DemoSite
from selfcheck.demo.states import LOOKALIKE
from selfcheck.errors import UsageError

PROFILES = """profiles:
  - {name: elena, platform: demo, handle: elena-marsh}
  - {name: jane, platform: substack, handle: jane}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "profiles.yaml").write_text(PROFILES)
    return tmp_path


def typed(*words: str) -> Result:
    words = ("impostors", *words, "--profiles", "profiles.yaml", "--data", "data")
    return CliRunner().invoke(cli, words, catch_exceptions=False, standalone_mode=False)


def test_a_copy_is_found_in_a_browser_and_kept_where_the_user_says_so(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cookies = []
    signed_in = DemoSite.storage_state

    def noted(self: DemoSite, handle: str) -> dict[str, object]:
        state = signed_in(self, handle)
        cookies.append(state["cookies"][0]["value"])
        return state

    monkeypatch.setattr(DemoSite, "storage_state", noted)
    done = typed("elena", f"@{LOOKALIKE}", "--keep", "--page", "page.html", "--format", "json")
    assert done.return_value == 1, done.output
    result = json.loads(done.stdout)
    (account,) = result["accounts"]
    assert (result["proof"], account["finding"]) == ("signed in as @elena-marsh", "name_and_picture")
    assert account["name"]["ways"] == [
        "letters of another alphabet that look the same: Cyrillic capital letter em"
    ]
    page = (place / "page.html").read_text("utf-8")
    assert page.count("data:image/jpeg;base64,") == 2
    assert page.count("http-equiv") == 1
    (folder,) = (path for path in (place / "data" / "impostors").iterdir() if path.is_dir())
    kept = {file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
    assert {"impostors.json", "side-by-side.html", "yours/picture.png", "account-1/picture.png"} <= kept
    assert {"account-1/anonymous.html", "account-1/anonymous.png", "seal.json"} <= kept
    assert not any("author" in name for name in kept)
    assert cookies
    assert not any(cookies[0].encode() in (folder / name).read_bytes() for name in kept)
    checked = CliRunner().invoke(cli, ["verify", str(folder), "--data", "data"], standalone_mode=False)
    assert (checked.return_value, "as it was written" in checked.stdout) == (0, True)


@pytest.mark.parametrize(
    ("words", "says"),
    [
        pytest.param(["jane", "@jame"], "cannot tell whose session", id="a platform that cannot prove it"),
        pytest.param(["elena", "@no one"], "does not name an account", id="no account"),
        pytest.param(["eelna", "@jame"], "no profile called `eelna`", id="no profile"),
    ],
)
def test_what_cannot_be_followed_opens_nothing(place: Path, words: list[str], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        typed(*words)
    assert not (place / "data").exists()
