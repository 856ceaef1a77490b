"""The sign of life around a run: that it began, and how it ended.

The run's verdict does not matter to it: a watch that finds a suspension is alive. It fails where nobody
looks any more, or where nobody hears of what was seen.
"""

from collections.abc import Sequence

from selfcheck.alerts.channels.base import send_patiently
from selfcheck.alerts.channels.heartbeat import VARIABLE, Beat, Heartbeat
from selfcheck.alerts.configured_channels import Environment
from selfcheck.alerts.dispatch import DispatchResult
from selfcheck.core.labels import tally
from selfcheck.core.run import ExitCode, RunResult
from selfcheck.core.secret_text import scrubbed, secrets_of
from selfcheck.errors import SelfcheckError

_AMISS = (ExitCode.TOOL_FAILED, ExitCode.INTERRUPTED)


def beat(outside: Environment, which: Beat, summary: str = "") -> str | None:
    """Send a sign of life, if the environment names where to; return why it could not be, in words."""
    url = outside.environ.get(VARIABLE, "").strip()
    if not url:
        return None
    heart = Heartbeat(url)
    clean = scrubbed(summary, secrets_of(outside.environ))
    if which is Beat.START:  # the run does not wait for it; its end will be told with patience
        sent = heart.send(which, clean)
    else:
        sent = send_patiently(lambda: heart.send(which, clean), sleep=outside.sleep)
    return None if sent.ok else f"The heartbeat was not sent: {sent.detail}."


def beat_of(result: RunResult, told: DispatchResult, troubles: Sequence[str]) -> tuple[Beat, str]:
    """Return how a run ended for whoever watches the watcher, and a summary."""
    unheard = bool(told.deliveries) and not any(one.ok for one in told.deliveries)
    bad = result.exit_code in _AMISS or bool(told.blind) or bool(troubles) or unheard
    lines = [tally(result), f"Run {result.run_id}, exit code {int(result.exit_code)}."]
    lines += [f"{one.name}: {one.verdict.value}" for one in result.profiles]
    lines += [f"Nobody could tell for long: {name}" for name in told.blind]
    lines += [f"Alerts do not arrive: {one.channel} ({one.detail})" for one in told.dead]
    return (Beat.FAIL if bad else Beat.SUCCESS), "\n".join((*lines, *result.failures, *troubles)) + "\n"


def beat_of_failure(error: Exception) -> str:
    """Return the summary of a run that could not be made."""
    if isinstance(error, SelfcheckError):
        return "No run was made.\n" + "\n".join(error.lines()) + "\n"
    return f"No run was made: selfcheck itself failed ({type(error).__name__}).\n"
