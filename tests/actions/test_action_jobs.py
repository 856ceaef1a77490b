"""Jobs of the Action, one after another: what is on the branch, in the issues, the log, the artifacts."""

import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hosted_jobs import Watch, git, made
from workflow_runner import evaluated

from selfcheck.core.incident import IncidentState
from selfcheck.history.store import History
from selfcheck.storage.data_folder import DataFolder

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action's steps are for bash")

KEY = "AGE-SECRET-KEY-1QQQSENTINELQQQ"
SESSION = "selfcheck1.SENTINELSESSIONLINE0123456789"
ALERTS = "json://token-sentinel@127.0.0.1:9/x\n  ntfy://other-sentinel/y mailto://third-sentinel"
SECRETS = {"sessions": f"jane={SESSION}\nother=\n", "age_key": KEY, "alert_urls": ALERTS}


@pytest.fixture
def watch(tmp_path: Path) -> Watch:
    return Watch(tmp_path)


def test_the_runner_of_these_tests_knows_the_expressions_of_the_file() -> None:
    names = {"inputs.a": "x", "steps.b.outputs.c": ""}
    assert evaluated("always() && inputs.a == 'x' && steps.b.outputs.c != 'y'", names) is True
    assert evaluated("inputs.a != 'x' || steps.b.outputs.c", names) == ""


def test_suspended_worse_and_recovered_is_one_issue_and_a_commit_a_run(watch: Watch) -> None:
    first = watch.job(made("V", 1, 0))
    assert (first.code, first.outputs()["verdict"]) == (0, "visible")
    assert "this is the first run" in first.step("Restore").log
    bad = watch.job(made("L", 2, 1))
    assert (bad.code, bad.outputs()["verdict"]) == (1, "limited")
    assert bad.outputs()["run-id"] == "20261102T090000Z-aaaaaa"
    assert Path(bad.outputs()["report"]).name == "report.html"
    assert "1 run." in bad.step("Restore").log
    picture = "/jane/watch/blob/selfcheck-data/runs/20261102T090000Z-aaaaaa/jane/profile/side-by-side.png"
    (issue,) = watch.github.issues
    assert [part for part in (picture, bad.outputs()["artifact-url"]) if part not in issue["body"]] == []
    assert picture in bad.summary
    assert [watch.job(made("S", day, 1)).code for day in (3, 4)] == [1, 1]
    back = watch.job(made("V", 5, 0))
    assert (back.code, "(closed)" in back.summary) == (0, True)
    assert (issue["state"], len(watch.github.issues)) == ("closed", 1)
    assert watch.comments() == [
        "It has changed: now **suspended**.",
        "**It is back**: logged-out visitors see it again, and that is confirmed.",
    ]
    assert watch.commits() == [
        f"jane: {one}" for one in ("visible", "limited", "suspended", "suspended", "visible")
    ]
    with History.open(DataFolder(watch.branch())) as history:
        assert len(history.runs()) == 5
        assert [one.state for one in history.incidents()] == [IncidentState.RESTORED]
    runs = watch.folder / "look-at-it" / "runs"
    whole = [run.name[:8] for run in sorted(runs.iterdir()) if (run / "report.html").exists()]
    assert whole == ["20261102", "20261103"], "the runs that opened and changed the incident are the proof"
    assert all((run / "run.json").exists() for run in runs.iterdir())
    assert len(list(watch.artifacts.iterdir())) == 5


def test_a_second_incident_has_an_issue_of_its_own(watch: Watch) -> None:
    for day, letter in enumerate("SVS", start=1):
        watch.job(made(letter, day, 1))
    assert [one["state"] for one in watch.github.issues] == ["closed", "open"]


def test_inconclusive_warns_and_does_not_fail_unless_asked(watch: Watch) -> None:
    soft = watch.job(made("?", 1, 3))
    assert (soft.code, soft.outputs()["verdict"]) == (0, "inconclusive")
    assert "::warning title=The check was inconclusive::" in soft.log
    assert "This is not good news" in soft.log
    assert watch.job(made("?", 2, 3), fail_on="suspended inconclusive").code == 3
    assert watch.job(made("S", 3, 1), fail_on="none").code == 0
    assert watch.github.written().count("POST repos/jane/watch/issues") == 1


def test_secrets_reach_the_run_and_nothing_else(watch: Watch) -> None:
    job = watch.job(made("S", 1, 1), **SECRETS)
    look = job.step("Check").log
    assert f"SELFCHECK_SESSION_JANE={SESSION}" in look
    assert [name for name in ("OTHER", "INPUT_", "GH_TOKEN") if name in look] == []
    sentinels = ("SENTINEL", "sentinel", "ghs_the_jobs")
    assert [one for one in sentinels if one in job.log] == []
    assert [one for one in sentinels if one in job.summary] == []
    left = everything(watch.folder)
    assert [one for one in sentinels if one.encode() in left] == []


def everything(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def test_a_failure_of_selfcheck_is_reported_and_keeps_the_history(watch: Watch) -> None:
    watch.job(made("V", 1, 0))
    job = watch.job(made("V", 2, 4, failing="yes"))
    assert job.code == 4
    assert "It says nothing about your profiles" in job.log
    assert watch.commits() == ["jane: visible"]


def test_a_run_that_was_killed_leaves_the_history_as_it_was(watch: Watch) -> None:
    watch.job(made("V", 1, 0))
    job = watch.job(made("S", 2, -9))
    assert job.code == 130
    assert "No run was finished" in job.log
    assert (watch.commits(), job.outputs()["verdict"]) == (["jane: visible"], "")
    watch.job(made("S", 3, 1))
    assert (len(watch.commits()), len(watch.github.issues)) == (2, 1)


def test_every_mistake_in_the_inputs_is_reported_at_once(watch: Watch) -> None:
    wrong = {
        "fail_on": "suspend",
        "retention": "0",
        "history": "tape",
        "data_branch": "../x",
        "issues": "maybe",
    }
    job = watch.job(made("V", 1, 0), **wrong)
    assert job.code == 2
    told = job.step("Restore").log
    assert [name for name in wrong if f"{name.replace('_', '-')}: found" not in told] == []
    assert job.step("Check").code is None
    unreadable = watch.job(made("V", 2, 0), sessions="jane\nSENTINEL")
    assert unreadable.code == 2
    assert "sessions, line 2" in unreadable.log
    assert "SENTINEL" not in unreadable.log


def test_a_profiles_file_with_mistakes_is_not_reported_as_a_cancelled_job(watch: Watch) -> None:
    watch.profiles = "profiles: [{name: jane, platform: medum, handle: '@jane'}]\n"
    job = watch.job(made("V", 1, 0))
    assert job.code == 2
    assert "Stopped before the end" not in job.log
    assert "medum" in job.log


def test_issues_that_are_switched_off_fail_the_job_but_not_the_history(watch: Watch) -> None:
    watch.github.state["broken"] = True
    job = watch.job(made("S", 1, 1))
    assert "switched off" in job.log
    assert (job.step("Publish").code, watch.commits()) == (1, ["jane: suspended"])
    assert watch.job(made("S", 2, 1), fail_on="none").code == 4
    watch.github.state["broken"] = False
    assert watch.job(made("S", 3, 1), issues="no").code == 1
    assert watch.github.issues == []
    watch.job(made("S", 4, 1))
    assert len(watch.github.issues) == 1, "what was missed is made up for"


def test_the_cache_keeps_the_history_too(watch: Watch) -> None:
    for day, letter in enumerate("VSV", start=1):
        watch.job(made(letter, day, 1), history="cache")
    assert [one["state"] for one in watch.github.issues] == ["closed"]
    assert git(watch.remote, "branch") == ""


def test_a_public_repository_gets_nothing_of_what_the_author_sees(tmp_path: Path) -> None:
    watch = Watch(tmp_path, private=False)
    watch.job(made("V", 1, 0))
    job = watch.job(made("S", 2, 1))
    assert "::warning title=This repository is public::" in job.log
    for place in (watch.branch(), watch.artifacts):
        assert b"4711" not in everything(place)
        assert [
            path.name for path in place.rglob("*") if "author" in path.name or "side-by" in path.name
        ] == []
        assert next(place.rglob("anonymous.png")).read_bytes().endswith(b"anonymous")
    assert "side-by-side.png" not in watch.github.issues[0]["body"]
    assert "| jane | profile page | suspended |" in job.summary
    assert "the run's own summary" not in job.summary
    assert watch.job(made("V", 3, 0)).code == 0
    assert watch.github.issues[0]["state"] == "closed"


def test_what_the_author_sees_is_published_only_as_asked(tmp_path: Path) -> None:
    watch = Watch(tmp_path, private=False)
    job = watch.job(made("S", 1, 1), publish_author_view="true")
    assert "the run's own summary" in job.summary
    assert b"4711" in everything(watch.artifacts)


@pytest.mark.parametrize(
    ("private", "warned"),
    [
        pytest.param(True, False, id="GitHub says that it is private"),
        pytest.param(False, True, id="GitHub says that it is public"),
        pytest.param(None, True, id="it is not known, so it is treated as public"),
    ],
)
def test_a_repository_of_unknown_visibility_is_treated_as_public(
    tmp_path: Path, *, private: bool | None, warned: bool
) -> None:
    watch = Watch(tmp_path, private=None)
    watch.github.state.update({"private": private} if private is not None else {"broken": True})
    job = watch.job(made("V", 1, 0), issues="false")
    assert ("This repository is public" in job.log) is warned


def test_a_minute_that_many_share_and_a_late_job_are_reported(watch: Watch) -> None:
    watch.event["schedule"] = "0 8 * * *"
    assert "shared with others" in watch.job(made("V", 1, 0)).log
    watch.event["schedule"] = "23 8 * * *"
    late = watch.job(made("V", 2, 0)).log
    assert "shared with others" not in late
    assert "It should have started 37 minutes ago." in late


def test_a_job_that_comes_too_soon_after_a_late_one_opens_nothing(watch: Watch) -> None:
    platform = (Path("selfcheck/platforms/data/demo.yaml")).read_text("utf-8")
    slow = platform.replace("least_interval_hours: 0", "least_interval_hours: 10").replace(
        "platform: demo", "platform: mine"
    )
    watch.files["mine.yaml"] = slow
    watch.profiles = (
        "profiles: [{name: jane, platform: ./mine.yaml, handle: '@j', base_url: 'https://blog.example'}]\n"
    )
    watch.job(made("V", 1, 0, platform="mine"))
    soon = {**made("V", 1, 0, platform="mine"), "at": "2026-11-01T12:00:00+00:00"}
    early = watch.job(soon)
    assert (early.code, early.outputs()["verdict"], len(watch.commits())) == (0, "", 1)
    assert "::notice title=Not checked this time::Too early" in early.log
    again = watch.job(soon, again="true")
    assert (again.code, len(watch.commits())) == (0, 2)


def test_two_jobs_that_write_at_once_lose_neither_run(watch: Watch) -> None:
    """A second job adds its run after the first one has fetched the branch and before it pushes."""
    watch.job(made("V", 1, 0))
    hook = watch.remote / "hooks" / "pre-receive"
    other = watch.folder / "other"
    git(watch.folder, "clone", "--quiet", "--branch", "selfcheck-data", str(watch.remote), str(other))
    (other / "journal.jsonl").write_text('{"what": "of another"}\n', encoding="utf-8")
    (other / "runs" / "20261102T080000Z-bbbbbb").mkdir()
    run = (other / "runs" / "20261101T090000Z-aaaaaa" / "run.json").read_text("utf-8")
    moved = run.replace("20261101T090000Z-aaaaaa", "20261102T080000Z-bbbbbb").replace(
        "2026-11-01T09", "2026-11-02T08"
    )
    (other / "runs" / "20261102T080000Z-bbbbbb" / "run.json").write_text(moved, encoding="utf-8")
    git(other, "add", "--all")
    git(other, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-m", "of another")
    first = f'[ -e "{watch.folder}/moved" ] && exit 0\ntouch "{watch.folder}/moved"\n'
    # while the first push is under way, the branch moves: git then finds another commit there
    move = f'cd "{other}" && env -i PATH="$PATH" git push --quiet origin HEAD:selfcheck-data'
    hook.write_text(f"#!/bin/sh\n{first}{move}\nexit 0\n", encoding="utf-8")
    hook.chmod(0o755)
    job = watch.job(made("S", 2, 1))
    assert job.step("Publish").code == 1, job.log
    assert "was not kept" not in job.log
    assert watch.commits() == ["jane: visible", "of another", "jane: suspended"]
    branch = watch.branch()
    assert len(list((branch / "runs").iterdir())) == 3
    assert "of another" in (branch / "journal.jsonl").read_text("utf-8")
    with History.open(DataFolder(branch)) as history:
        assert len(history.runs()) == 3


def test_a_branch_that_may_not_be_written_says_how_to_allow_it(watch: Watch) -> None:
    hook = watch.remote / "hooks" / "pre-receive"
    hook.write_text("#!/bin/sh\necho 'error: protected branch hook declined' >&2\nexit 1\n", encoding="utf-8")
    hook.chmod(0o755)
    job = watch.job(made("S", 1, 1))
    assert job.step("Publish").code == 1
    assert "::error title=selfcheck%3A the history was not kept::" in job.log
    assert "contents: write" in job.log
    assert job.outputs()["verdict"] == "suspended"
    (issue,) = watch.github.issues
    assert "/blob/" not in issue["body"] + job.summary, "what is not there is not led to"
    assert job.outputs()["artifact-url"] in issue["body"]


def test_a_damaged_database_on_the_branch_is_rebuilt_from_its_text(watch: Watch) -> None:
    watch.job(made("V", 1, 0))
    watch.job(made("S", 2, 1))
    branch = watch.branch()
    (branch / "history.db").write_bytes(b"not a database")
    git(branch, "-c", "user.name=x", "-c", "user.email=x@example.org", "commit", "--quiet", "-am", "damage")
    git(branch, "push", "--quiet", "origin", "HEAD:selfcheck-data")
    assert watch.job(made("V", 3, 0)).code == 0
    assert [one["state"] for one in watch.github.issues] == ["closed"]
    with History.open(DataFolder(watch.branch())) as history:
        assert [one.over_at for one in history.incidents()] == [datetime(2026, 11, 3, 9, tzinfo=UTC)]
