"""A data branch, a run and a repository whose links lead out: what is there is neither read nor published."""

import subprocess
from pathlib import Path

import pytest

from selfcheck.actions.check import repository_configuration
from selfcheck.actions.data_branch import DataBranch, Remote
from selfcheck.errors import SelfcheckError
from selfcheck.evidence.disclosure import Audience
from selfcheck.evidence.shared_run import copy_run

LINKS = ("journal.jsonl", "README.md", "runs/r1/run.json", "runs/r1/more")
IDENTITY = ("-c", "user.name=x", "-c", "user.email=x@example.org")


def git(folder: Path, *words: str) -> None:
    subprocess.run(["git", *IDENTITY, *words], cwd=folder, check=True, capture_output=True)


@pytest.fixture
def secrets(tmp_path: Path) -> Path:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "secret.txt").write_text("s3cret", encoding="utf-8")
    return folder


def test_a_link_on_the_data_branch_leads_nowhere(tmp_path: Path, secrets: Path) -> None:
    remote = tmp_path / "remote"
    remote.mkdir()
    git(remote, "init", "--quiet", "--initial-branch=data")
    for name in LINKS:
        (remote / name).parent.mkdir(parents=True, exist_ok=True)
        (remote / name).symlink_to(secrets / "secret.txt" if name != LINKS[-1] else secrets)
    git(remote, "add", ".")
    git(remote, "commit", "--quiet", "-m", "links")
    branch = DataBranch(
        Remote(url=str(remote), branch="data"), scratch=tmp_path / "scratch", pause=lambda _: None
    )
    assert branch.fetch_into(tmp_path / "data")
    files = [path for path in (tmp_path / "data").rglob("*") if not path.is_dir()]
    assert {path.relative_to(tmp_path / "data").as_posix() for path in files} == {*LINKS}
    assert not any(path.is_symlink() or b"s3cret" in path.read_bytes() for path in files)


def test_a_link_in_a_run_is_not_published(tmp_path: Path, secrets: Path) -> None:
    run = tmp_path / "runs" / "r1"
    run.mkdir(parents=True)
    (run / "run.json").write_text("{}", encoding="utf-8")
    (run / "notes.txt").symlink_to(secrets / "secret.txt")
    (run / "more").symlink_to(secrets)
    copy_run(run, tmp_path / "copy", Audience.OWNER, whole=True)
    assert [path.name for path in (tmp_path / "copy").rglob("*")] == ["run.json"]


def profiles(platform: str) -> str:
    return f"profiles: [{{name: jane, platform: {platform}, handle: '@jane'}}]"


@pytest.mark.parametrize(
    ("platform", "links", "refused"),
    [
        pytest.param("demo", {}, "", id="an ordinary file"),
        pytest.param(
            "demo", {"profiles.yaml": "secret.txt"}, "out of the repository", id="a link instead of the file"
        ),
        pytest.param(
            "demo", {"profiles.yaml": "profiles.yaml"}, "out of the repository", id="a link to a good file"
        ),
        pytest.param(
            "./own.yaml", {"own.yaml": "secret.txt"}, "is elsewhere", id="a link instead of a platform file"
        ),
        pytest.param("../elsewhere/secret.txt", {}, "is elsewhere", id="a way out in a path"),
        pytest.param("./within/secret.txt", {}, "is elsewhere", id="a folder that is a link"),
        pytest.param("~/secret.txt", {}, "is elsewhere", id="the runner's own folder"),
    ],
)
def test_a_repository_names_no_file_outside_itself(
    tmp_path: Path, secrets: Path, platform: str, links: dict[str, str], refused: str
) -> None:
    repository = tmp_path / "work"
    repository.mkdir()
    (secrets / "secret.txt").write_text("s3cret: [", encoding="utf-8")
    (secrets / "profiles.yaml").write_text(profiles("demo"), encoding="utf-8")
    (repository / "within").symlink_to(secrets)
    path = repository / "profiles.yaml"
    if path.name not in links:
        path.write_text(profiles(platform), encoding="utf-8")
    for name, target in links.items():
        (repository / name).symlink_to(secrets / target)
    environ = {"GITHUB_WORKSPACE": str(repository)}
    if not refused:
        assert repository_configuration(path, environ).profiles
        # The workflow's own word may name a file elsewhere: another step has made it, say.
        assert repository_configuration(secrets / "profiles.yaml", environ).profiles
        return
    with pytest.raises(SelfcheckError) as error:
        repository_configuration(path, environ)
    message = " ".join(error.value.lines())
    assert refused in message
    assert "s3cret" not in message
