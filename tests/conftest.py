"""What all tests share: the machine's own browser for pytest-playwright, which downloads none here."""

import asyncio
import gc
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from loops import beside_a_page
from xdist.scheduler import LoadFileScheduling

from selfcheck.browser.discovery import find_browser

# A test never asks the keyring of the person who runs it; processes that tests start inherit this.
os.environ["PYTHON_KEYRING_BACKEND"] = "keyring.backends.fail.Keyring"

# Nor does it read platform files that this person added.
os.environ["SELFCHECK_PLATFORMS"] = os.devnull + "/none"

# Nor any profiles file or data folder but those in the folder of the test; nothing of this person's is used.
os.environ["SELFCHECK_HOME"] = os.devnull + "/none"
os.environ["SELFCHECK_PROFILES"] = "profiles.yaml"
os.environ["SELFCHECK_DATA"] = "selfcheck-data"

asyncio.run = beside_a_page(asyncio.run)

# Whole files go to the next worker that is free: a long one that came last would keep one busy alone.
LONG = (
    "test_demo_states",
    "test_captured_pages_run",
    "test_run_command",
    "test_page_load_viewpoints",
    "test_learned_in_browser",
    "test_accuracy",
    "test_judge_properties",
    "test_less_for_the_public",
    "test_scenarios_in_browser",
    "test_browser_modes",
    "test_alerts_command",
    "test_action_steps",
    "test_story",
    "test_secrets_nowhere",
)

# These files need every scenario judged, which takes longer than most of their tests.
JUDGE_SCENARIOS = (
    "test_judge_properties",
    "test_less_for_the_public",
    "test_words_match_the_picture",
    "test_scenarios",
    "test_accuracy",
)

settings.register_profile(
    "selfcheck",
    deadline=None,  # no test asserts how long a thing takes
    database=None,  # what an earlier run left in this folder decides nothing
    derandomize=True,  # a failure belongs to a change; `--hypothesis-profile default` searches further
)
settings.load_profile("selfcheck")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let the long files start first, the longest of all at the head."""
    order = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: order.get(item.path.stem, len(LONG)))


def pytest_collection_finish() -> None:
    """Take the thousands of collected tests, which all stay, out of every later search for garbage."""
    gc.freeze()


class ScenariosTogether(LoadFileScheduling):  # type: ignore[misc]
    """Gives files to workers whole, and those that judge every scenario to one worker, which does it once."""

    def _split_scope(self, nodeid: str) -> str:
        file = super()._split_scope(nodeid)
        return "scenarios" if Path(file).stem in JUDGE_SCENARIOS else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Take the place of `--dist loadfile`."""
    return ScenariosTogether(config, log) if config.getoption("dist") == "loadfile" else None


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Start the browser that selfcheck itself would find; root has to do without its sandbox."""
    choice = find_browser(os.environ.get("SELFCHECK_BROWSER"), headed=False)
    if choice is None:
        pytest.skip("there is no browser on this machine")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    arguments = [*browser_type_launch_args.get("args", []), *(["--no-sandbox"] if root else [])]
    return {**browser_type_launch_args, "executable_path": str(choice.path), "args": arguments}


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Give every context the same language, time zone and size, whatever the machine's are."""
    window = {"width": 1280, "height": 800}
    return {**browser_context_args, "locale": "en-GB", "timezone_id": "UTC", "viewport": window}
