"""The steps of `action.yml` by bash and with programs: a real browser, a real cancelling."""

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hosted_jobs import ONE, Watch, made
from workflow_runner import ROOT

from selfcheck.demo.site import DemoSite

if TYPE_CHECKING:
    from subprocess import Popen

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the action's steps are for bash")


@pytest.fixture
def site() -> Iterator[DemoSite]:
    with DemoSite() as site:
        yield site


def test_a_real_run_opens_an_issue_that_the_recovery_closes(tmp_path: Path, site: DemoSite) -> None:
    more = f", base_url: '{site.url}', controls: {{live: ['@jonah-vey']}}}}"
    watch = Watch(tmp_path, profiles=ONE.replace("}", more), programs=True)
    site.set_state("jonah-vey", "healthy")
    site.set_state("elena-marsh", "suspended-told")
    browser = os.environ.get("SELFCHECK_BROWSER", "")
    bad = watch.job(browser=browser)
    assert (bad.code, bad.outputs()["verdict"]) == (1, "suspended"), bad.log
    assert "::error title=jane" in bad.log
    assert Path(bad.outputs()["report"]).is_file()
    installed = (tmp_path / "pip.log").read_text("utf-8").splitlines()
    assert installed[-2:] == [f"{ROOT}/constraints.txt", f"{ROOT}[alerts,stamps]"]
    watch.programs = False  # what follows needs no browser
    good = watch.job(made("V", 30, 0, handle="elena-marsh"))
    assert (good.code, good.outputs()["verdict"]) == (0, "visible"), good.log
    assert [one["state"] for one in watch.github.issues] == ["closed"]
    assert watch.commits() == ["jane: suspended", "jane: visible"]
    assert "### Evidence" in bad.summary


def cancel_when(ready: Path) -> Callable[["Popen[bytes]"], None]:
    """Tell the step that its job is cancelled, as soon as the run has begun."""

    def tell(process: "Popen[bytes]") -> None:
        while not ready.exists():
            assert process.poll() is None
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)

    return tell


def test_a_job_that_is_cancelled_half_way_keeps_what_was_finished(tmp_path: Path) -> None:
    watch, ready = Watch(tmp_path, programs=True), tmp_path / "ready"
    job = watch.job(made("S", 2, 130, hang=str(ready)), interrupt=cancel_when(ready))
    assert job.code == 130
    assert "Stopped before the end" in job.log
    watch.programs = False
    assert watch.job(made("S", 3, 1)).code == 1
    assert watch.commits() == ["jane: suspended", "jane: suspended"]
    assert len(watch.github.issues) == 1
