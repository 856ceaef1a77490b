"""How the browser is started: quiet, unprivileged, alone."""

import os
import sys
from importlib.resources import files

_QUIET = (
    "--block-new-web-contents",  # no popups; where it is not known, the guard refuses what they ask for
    "--disable-quic",  # else the server's address and certificate are told only now and then
    "--disable-domain-reliability",
    "--no-pings",
    "--mute-audio",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-client-side-phishing-detection",
)

VIEWPORT_WIDTH = 1100
VIEWPORT_HEIGHT = 900


def arguments() -> list[str]:
    """Return the arguments for a browser that only looks."""
    return [*_QUIET, f"--host-resolver-rules={_resolver_rules(unwanted_hosts())}"]


def sandboxed() -> bool:
    """Return whether the browser is to keep its sandbox: always, but for root on Linux, where none starts.

    `SELFCHECK_SANDBOX=off` is the user's own word that something else shuts the browser in: a container,
    which forbids what the sandbox is made of. To be given as Playwright's `chromium_sandbox`; left out,
    Playwright takes the sandbox from everybody.
    """
    root = sys.platform == "linux" and os.geteuid() == 0
    return not root and os.environ.get("SELFCHECK_SANDBOX") != "off"


def unwanted_hosts() -> tuple[str, ...]:
    """Return the hosts that no page needs: those that measure visitors, and those of the browser's maker."""
    text = files("selfcheck.browser").joinpath("data/unwanted-hosts.txt").read_text(encoding="utf-8")
    return tuple(line for line in text.splitlines() if line and not line.startswith("#"))


def _resolver_rules(hosts: tuple[str, ...]) -> str:
    return ",".join(f"MAP {host} ~NOTFOUND" for host in hosts)
