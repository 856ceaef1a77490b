"""What `doctor --report` prints: enough for others to help, and nothing of whose account it is.

Laws:
1. It is composed of what may be told (`Finding.shareable`, versions). It is not made of a longer text by
   taking names out: a name that was not thought of would stay.
2. A session, a channel and a host are numbered, since their names are the user's.
"""

import platform
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import selfcheck
from selfcheck.doctor.findings import Finding
from selfcheck.errors import installed_with
from selfcheck.judge.engine import RULES_VERSION

_NUMBERED = ("Session", "Alerts", "Network")
_LIBRARIES = ("playwright", "pydantic", "click", "keyring")
_EXTRAS = {
    "app": "starlette",
    "alerts": "apprise",
    "backup": "nh3",
    "stamps": "rfc3161-client",
    "wacz": "wacz",
    "fleet": "procrastinate",
    "impostors": "ImageHash",
}
"""Each extra, with a library that only it brings."""


def report_text(findings: Iterable[Finding]) -> str:
    """Return the report of these findings on this machine."""
    system = f"{platform.system()} {platform.release()} {platform.machine()}"
    how = installed_with(Path(sys.prefix), Path(selfcheck.__file__).resolve().parents[1])
    libraries = ", ".join(f"{name} {_version(name) or 'missing'}" for name in _LIBRARIES)
    extras = ", ".join(extra for extra, library in _EXTRAS.items() if _version(library)) or "none"
    lines = (
        f"selfcheck {selfcheck.__version__}, rules {RULES_VERSION}, installed with {how}",
        f"System: {system}",
        f"Libraries: {libraries}",
        f"Extras: {extras}",
        *_lines(findings),
    )
    return "\n".join(lines) + "\n"


def _lines(findings: Iterable[Finding]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for finding in findings:
        kind = finding.check.partition(" ")[0]
        if kind in _NUMBERED:
            seen[kind] += 1
            check = f"{kind} {seen[kind]}"
        else:
            check = finding.check
        yield f"{finding.state:<5} {check}: {finding.shareable}".removesuffix(": ")


def _version(library: str) -> str | None:
    try:
        return version(library)
    except PackageNotFoundError:
        return None
