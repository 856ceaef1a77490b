"""From a platform's export to a site, as the user types it."""

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from exports import substack_export
from histories import daily, record_runs

from selfcheck.backup import service
from selfcheck.cli import cli
from selfcheck.errors import UsageError

PROFILES = """profiles:
  - {name: jane, platform: substack, handle: jane}
  - {name: sam, platform: wordpress.com, handle: sam}
"""


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "profiles.yaml").write_text(PROFILES)
    (tmp_path / "export.zip").write_bytes(substack_export())
    return tmp_path


def typed(*words: str) -> Result:
    return CliRunner().invoke(cli, ["backup", *words], catch_exceptions=False)


def test_an_export_is_taken_in_and_moved_on(place: Path) -> None:
    first = typed("import", "export.zip", "jane")
    assert first.exit_code == 0
    assert "2 stories read: 2 new, 0 better" in first.stdout
    assert "1 of them is not public, and is in private/." in first.stdout
    assert "its path leads out of the archive" in first.stderr
    assert "2 unchanged" in typed("import", "export.zip", "jane").stdout
    site = typed("export", "jane", "--as", "html", "--to", "site", "--find-me", "Blog=https://jane.example")
    assert "1 story and 0 pictures are in site." in site.stdout
    assert "--with-private takes them too" in site.stdout
    page = (place / "site" / "find-me.html").read_text("utf-8")
    assert page.index("https://jane.example") < page.index("Substack: ")
    assert "WordPress.com: " in page
    assert 'class="notice' not in page
    assert typed("export", "jane", "--as", "ghost").exit_code == 0
    assert zipfile.is_zipfile(place / "jane-ghost" / "ghost.zip")


def test_a_site_says_what_happens_to_an_account_and_names_it_no_more(place: Path) -> None:
    typed("import", "export.zip", "jane")
    record_runs(place / "selfcheck-data", *daily("VSS", platform="substack"))
    typed("export", "jane", "--as", "html", "--to", "site")
    page = (place / "site" / "stories" / "a.html").read_text("utf-8")
    assert 'class="notice"' in page
    here = (place / "site" / "find-me.html").read_text("utf-8")
    assert "Substack: " not in here
    assert ('class="notice"' in here, here.count("find-me.html")) == (True, 1)  # it does not lead to itself


def test_a_backup_asks_for_the_platforms_own_export_before_it_opens_anything(
    place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(*_: object) -> None:
        raise UsageError("It would open pages now.")

    monkeypatch.setattr(service, "back_up", stop)
    monkeypatch.setenv("SELFCHECK_SESSIONS", str(place / "sessions"))
    done = CliRunner().invoke(cli, ["backup", "jane"])
    assert isinstance(done.exception, UsageError)
    assert "Substack's own export is the best copy: Settings of the publication, Exports" in done.stderr
    assert "With the file, run `selfcheck backup import FILE jane`" in done.stderr


def test_the_list_of_subscribers_is_asked_for_once_a_month(place: Path) -> None:
    due = typed("subscribers").stdout
    assert "jane: export the list of your subscribers (never noted)" in due
    assert "sam: nothing is due." in due
    assert due.splitlines()[0] in CliRunner().invoke(cli, ["status"]).stdout
    assert "jane: exported on" in typed("subscribers", "jane", "--exported").stdout
    assert "subscribers" not in CliRunner().invoke(cli, ["status"]).stdout
    (status,) = json.loads(CliRunner().invoke(cli, ["status", "--format", "json"]).stdout)["subscribers"]
    assert (status["profile"], status["due"], len(status["exported"])) == ("jane", False, 10)
    stored = json.loads((place / "selfcheck-data" / "backups" / "subscribers.json").read_text())
    assert list(stored["exported"]) == ["jane"]


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (["import", "export.zip"], "Several profiles"),
        (["import", "export.zip", "jan"], "There is no profile `jan`"),
        (["import", "profiles.yaml", "jane"], "is not an export"),
        (["export", "sam", "--as", "wxr"], "There is no backup"),
        (["export", "jane", "--as", "html", "--find-me", "javascript:1"], "is not LABEL=URL"),
    ],
)
def test_what_cannot_be_done_is_said(place: Path, words: list[str], what: str) -> None:
    if words[-1] == "javascript:1":
        typed("import", "export.zip", "jane")
    with pytest.raises(UsageError, match=what):
        typed(*words)
