"""The steps of `action.yml` as they stand in the file, by bash, with programs: a real browser, a real cancelling."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hosted_jobs import ONE, Watch, made

from selfcheck.demo.site import DemoSite

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action's steps are for bash")


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


def test_a_real_run_finds_a_suspension_and_the_next_one_the_recovery(tmp_path: Path, site: DemoSite) -> None:
    more = f", base_url: '{site.url}', controls: {{live: ['@jonah-vey']}}}}"
    watch = Watch(tmp_path, profiles=ONE.replace("}", more), programs=True)
    site.set_state("jonah-vey", "healthy")
    site.set_state("elena-marsh", "suspended-told")
    browser = os.environ.get("SELFCHECK_BROWSER", "")
    bad = watch.job(browser=browser)
    assert (bad.code, bad.outputs()["verdict"]) == (1, "suspended"), bad.log
    assert "::error title=jane" in bad.log
    assert Path(bad.outputs()["report"]).is_file()
    assert "constraints.txt" in (tmp_path / "pip.log").read_text("utf-8")
    site.set_state("elena-marsh", "healthy")
    good = watch.job(browser=browser)
    assert (good.code, good.outputs()["verdict"]) == (0, "visible"), good.log
    assert [one["state"] for one in watch.github.issues] == ["closed"]
    assert watch.commits() == ["jane: suspended", "jane: visible"]
    assert "### Evidence" in good.summary


def cancel_when(ready: Path) -> Callable[["subprocess.Popen[bytes]"], None]:
    """Tell the step that its job is cancelled, as soon as the run has begun."""

    def tell(process: "subprocess.Popen[bytes]") -> None:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)

    return tell


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        pytest.param("130", ["jane: suspended"], id="a run that ended in good order is kept"),
        pytest.param("killed", [], id="one that was killed leaves the history as it was"),
    ],
)
def test_a_job_that_is_cancelled_half_way(tmp_path: Path, code: str, kept: list[str]) -> None:
    watch, ready = Watch(tmp_path, programs=True), tmp_path / "ready"
    job = watch.job(made("S", 2, code, hang=str(ready)), interrupt=cancel_when(ready))  # type: ignore[arg-type]
    assert job.code == 130
    assert "Stopped half-way" in job.log
    watch.programs = False
    watch.github.state["calls"].clear()
    assert watch.job(made("S", 3, 1)).code == 1
    assert watch.commits() == [*kept, "jane: suspended"]
    assert len(watch.github.issues) == 1
