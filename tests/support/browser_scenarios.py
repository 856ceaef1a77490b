"""Lets a real Chromium look at scenarios of the demo site: one run of selfcheck over all of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from demo_looks import demo_profile, rows, session_handle
from runs import environment, finish
from scenario_runner import as_labelled
from scenarios import Scenario, scenarios

from selfcheck.core.verdict import ProfileVerdict
from selfcheck.demo.site import DemoSite


@dataclass(frozen=True, kw_only=True)
class BrowserResult:
    """A scenario and what the run said of it."""

    scenario: Scenario
    verdict: ProfileVerdict
    folder: Path  # of the run

    @property
    def right(self) -> bool:
        return as_labelled(self.scenario.expected, self.verdict)


def in_browser_scenarios() -> tuple[Scenario, ...]:
    """Those that need no other controls and no numbers than the site's own.

    A wall before the author's view ends a run before its controls, so that what stands beside it is likely.
    On this machine all pages are opened at once, the controls too, and it is confirmed: another case.
    """
    return tuple(
        one for one in scenarios() if one.family == "inkwell" and one.expected.besides != "wall.challenge"
    )


def run_in_browser(folder: Path, chosen: Sequence[Scenario], **options: object) -> tuple[BrowserResult, ...]:
    """Run selfcheck over these accounts of the demo site, with their sessions saved as a login would."""
    here = environment(folder)
    with DemoSite(more=tuple(rows().values())) as site:
        names = {f"writer-{number:03}": one for number, one in enumerate(chosen, start=1)}
        for name, one in names.items():
            if handle := session_handle(one):
                here.sessions.save(name, site.storage_state(handle))
        profiles = [demo_profile(one, name=name, base_url=site.url) for name, one in names.items()]
        finished = finish(folder, *profiles, in_environment=here, **options)
    assert finished.result.failures == ()
    said = {one.name: one for one in finished.result.profiles}
    return tuple(
        BrowserResult(scenario=one, verdict=said[name], folder=finished.folder) for name, one in names.items()
    )
