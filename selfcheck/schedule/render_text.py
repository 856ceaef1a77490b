"""An installed schedule and its runs in sentences, for the terminal and the web app. Pure."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime

from selfcheck.schedule.service import InstalledStatus
from selfcheck.schedule.state import Manager

_RESULTS = {
    0: "all visible",
    1: "something is hidden, suspended, limited or missing",
    2: "usage or configuration error",
    3: "inconclusive",
    4: "it failed",
    130: "it was interrupted",
}


def status_sentences(status: InstalledStatus, remove: str) -> Iterator[str]:
    """Yield whether a schedule will run, how its latest run went, and when it runs next.

    `remove` says how it is removed, where it will not run; "" leaves that out.
    """
    installed, state = status.installed, status.state
    if status.known:
        yield f"{installed.manager} knows it."
    if status.trouble:
        yield f"It will not run: {status.trouble}. Install it again{f', or: {remove}' if remove else '.'}"
    if state is None or state.last_started is None:
        yield "It has not run yet."
    elif state.last_ended is None or state.last_ended < state.last_started:
        started = _both_clocks(state.last_started)
        yield f"A run started {started} and has not ended; it is running, or was cut off."
    else:
        result = _RESULTS.get(state.last_exit_code or 0, "unknown")
        yield f"Last run: {_both_clocks(state.last_started)}; {result} (exit code {state.last_exit_code})."
    if status.next_due is not None:
        yield f"Next run: {next_words(status, status.next_due)}."
    yield f"Runs are kept in {installed.data}."


def next_words(status: InstalledStatus, due: datetime) -> str:
    """Return when the next run comes, and how much later it may be."""
    jitter = status.installed.jitter
    return _both_clocks(due) + (f", up to {jitter} minutes later" if jitter else "")


def install_notes(manager: Manager, left_out: Sequence[str], secrets: str) -> Iterator[str]:
    """Yield what the user should know of this scheduler and of secrets.

    `left_out` are the names of variables that are set here and do not go into the schedule, `secrets` is the
    file that a scheduled run takes them from.
    """
    if left_out:
        yield (
            f"Set here and not written into the schedule, since they may be secrets: {', '.join(left_out)}."
            f" A scheduled run takes them from {secrets} (lines of NAME=value; chmod 600)."
        )
    if manager is Manager.SYSTEMD:
        yield "It runs while you are signed in. To let it run when you are not: loginctl enable-linger"
    elif manager is Manager.CRON:
        yield "Cron never catches up: a time at which this machine is off or asleep is missed."
    else:
        yield "It runs while you are signed in."


def _both_clocks(moment: datetime) -> str:
    """Return a moment as the machine's own clock shows it, and in UTC."""
    return f"{moment.astimezone():%Y-%m-%d %H:%M} here ({moment.astimezone(UTC):%H:%M} UTC)"
