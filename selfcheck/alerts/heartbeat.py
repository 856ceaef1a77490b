"""A sign of life around every run, to a service that notices when none comes, such as healthchecks.io.

Laws:
1. The address is a secret: anybody who has it can pretend to be alive. It is in no answer and no error.
2. That it cannot be reached never fails a run.
3. The run's verdict does not matter: a watch that finds a suspension is alive. The heartbeat fails where
   profiles are no longer checked, or where alerts do not arrive.
"""

from collections.abc import Sequence
from enum import StrEnum
from urllib.parse import urlsplit, urlunsplit

from selfcheck.alerts.channels.base import send_patiently
from selfcheck.alerts.configured_channels import Environment
from selfcheck.alerts.dispatch import DispatchResult
from selfcheck.alerts.notice import SentNotice
from selfcheck.core.labels import tally
from selfcheck.core.run import ExitCode, RunResult
from selfcheck.core.secret_text import scrubbed, secrets_of
from selfcheck.errors import SelfcheckError

VARIABLE = "SELFCHECK_HEARTBEAT_URL"

_SECONDS = 10.0
_LONGEST = 10_000  # bytes of the body that such services keep
_BAD_ENDS = (ExitCode.TOOL_FAILED, ExitCode.INTERRUPTED)


class Beat(StrEnum):
    """What is reported, as the end of the address says it."""

    START = "start"
    SUCCESS = ""
    FAIL = "fail"


class Heartbeat:
    """One address to send signs of life to."""

    def __init__(self, url: str) -> None:
        self._url = url.strip()

    def trouble(self) -> str | None:
        """Return what is wrong with the address, in words that do not repeat it."""
        try:
            parts = urlsplit(self._url)
            fine = parts.scheme in {"http", "https"} and bool(parts.hostname)
        except ValueError:
            fine = False
        return None if fine else f"{VARIABLE} is not an address that begins with https://"

    def send(self, beat: Beat, summary: str = "") -> SentNotice:
        """Send a sign of life once, with a summary that the service shows."""
        from http.client import HTTPException  # noqa: PLC0415 - few runs have a heartbeat
        from urllib.error import HTTPError  # noqa: PLC0415
        from urllib.request import Request, urlopen  # noqa: PLC0415

        trouble = self.trouble()
        if trouble:
            return SentNotice(ok=False, detail=trouble, again=False)
        parts = urlsplit(self._url)
        path = parts.path.rstrip("/") + (f"/{beat}" if beat.value else "")
        address = urlunsplit((parts.scheme, parts.netloc, path, parts.query, ""))
        body = summary.encode("utf-8", "replace")[:_LONGEST]
        headers = {"Content-Type": "text/plain; charset=utf-8", "User-Agent": "selfcheck"}
        try:
            request = Request(address, data=body, headers=headers, method="POST")  # noqa: S310 - http only
            with urlopen(request, timeout=_SECONDS):  # noqa: S310 - see above
                return SentNotice(ok=True)
        except HTTPError as error:
            return SentNotice(ok=False, detail=f"it was refused with HTTP {error.code}")
        except (OSError, HTTPException, ValueError) as error:
            return SentNotice(ok=False, detail=f"the server did not answer ({type(error).__name__})")


def beat(environment: Environment, which: Beat, summary: str = "") -> str | None:
    """Send a sign of life, if the environment names an address; return why it could not be, in words."""
    url = environment.environ.get(VARIABLE, "").strip()
    if not url:
        return None
    heartbeat = Heartbeat(url)
    clean = scrubbed(summary, secrets_of(environment.environ))
    if which is Beat.START:  # the run does not wait for it; its end is reported with patience
        sent = heartbeat.send(which, clean)
    else:
        sent = send_patiently(lambda: heartbeat.send(which, clean), sleep=environment.sleep)
    return None if sent.ok else f"The heartbeat was not sent: {sent.detail}."


def beat_of(result: RunResult, alerts: DispatchResult, troubles: Sequence[str]) -> tuple[Beat, str]:
    """Return how a run ended for the service that watches the watch, and a summary."""
    unheard = bool(alerts.deliveries) and not any(delivery.ok for delivery in alerts.deliveries)
    bad = result.exit_code in _BAD_ENDS or bool(alerts.unwatched) or bool(troubles) or unheard
    lines = [tally(result), f"Run {result.run_id}, exit code {int(result.exit_code)}."]
    lines += [f"{profile.name}: {profile.verdict.value}" for profile in result.profiles]
    lines += [f"No conclusive check for a long time: {name}" for name in alerts.unwatched]
    lines += [f"Alerts do not arrive: {outage.channel} ({outage.detail})" for outage in alerts.dead]
    return (Beat.FAIL if bad else Beat.SUCCESS), "\n".join((*lines, *result.failures, *troubles)) + "\n"


def beat_of_failure(error: Exception) -> str:
    """Return the summary of a run that did not begin."""
    if isinstance(error, SelfcheckError):
        return "No run was made.\n" + "\n".join(error.lines()) + "\n"
    return f"No run was made: selfcheck itself failed ({type(error).__name__}).\n"
