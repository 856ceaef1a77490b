"""`selfcheck app` as a user starts and ends it."""

import os
import re
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from running_program import rest_of, started, wait_for


def test_it_prints_an_address_that_works_once_and_ends_in_good_order(tmp_path: Path) -> None:
    words = ["app", "--no-open", "--data", str(tmp_path / "data"), "--profiles", str(tmp_path / "p.yaml")]
    with started([sys.executable, "-m", "selfcheck", *words], os.environ, tmp_path) as running:
        found = re.search(r"http://127\.0\.0\.1:\d+/open\?token=\S{40,}", wait_for(running, "/open?token="))
        assert found is not None
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
        with opener.open(found[0], timeout=60) as answer:
            assert "Nothing has been checked yet" in answer.read().decode()
        with pytest.raises(urllib.error.HTTPError, match="403") as refused:
            urllib.request.urlopen(found[0], timeout=60)
        refused.value.close()
        os.kill(running.pid, signal.SIGINT)
        assert rest_of(running).endswith("The app has stopped.\n")
        assert running.returncode == 0
    assert list(tmp_path.iterdir()) == []  # looking creates nothing
