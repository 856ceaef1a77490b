"""Runs selfcheck under container/seccomp.json, with Chromium's own sandbox: as root, by hand, on Linux.

`sudo python tests/installing/try_seccomp.py`, with a Python that has selfcheck and that all users can start.
libseccomp, which container engines use too, makes the same filter of the file. It shows three things: what
the file refuses is refused; the demo is checked as ever, with the browser's sandbox on; and where namespaces
are refused too, as by Docker's own profile, that browser does not start. It does not show that an engine
takes the file: none was at hand.
"""

import ctypes
import errno
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "container" / "seccomp.json"
NOBODY = 65534
_ALLOW, _ERRNO = 0x7FFF0000, 0x00050000
_PROFILES = 'profiles:\n  - {name: demo, platform: demo, handle: "@jonah-vey"}\n'


def refused_names() -> list[str]:
    """Return every system call that the file refuses."""
    return [name for rule in json.loads(PROFILE.read_text("utf-8"))["syscalls"] for name in rule["names"]]


def limited(names: Iterable[str]) -> Callable[[], None]:
    """Return what a child does before its program starts: take the filter on, and become an ordinary user."""
    library = ctypes.CDLL("libseccomp.so.2")
    library.seccomp_init.restype = ctypes.c_void_p
    context = ctypes.c_void_p(library.seccomp_init(_ALLOW))
    for name in names:
        number = library.seccomp_syscall_resolve_name(name.encode())
        if number >= 0:  # this machine has it
            library.seccomp_rule_add(context, _ERRNO | errno.EPERM, number, 0)

    def become() -> None:
        os.setgroups([])
        os.setgid(NOBODY)
        os.setuid(NOBODY)
        assert library.seccomp_load(context) == 0

    return become


def run(words: list[str], folder: Path, names: Iterable[str]) -> subprocess.CompletedProcess[str]:
    """Run a program under a filter, in a folder that is its user's own."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SELFCHECK_", "XDG_"))}
    return subprocess.run(
        words,
        cwd=folder,
        env={**kept, "HOME": str(folder)},
        preexec_fn=limited(names),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def main() -> None:
    """Show all three."""
    if os.name != "posix" or os.geteuid() != 0:
        raise SystemExit("This needs root, to become an ordinary user in a child.")
    names = refused_names()
    with tempfile.TemporaryDirectory() as text:
        folder = Path(text)
        os.chown(folder, NOBODY, NOBODY)
        (folder / "demo.yaml").write_text(_PROFILES, encoding="utf-8")
        mount = ["unshare", "--user", "--map-root-user", "--mount", "mount", "-t", "tmpfs", "x", "/mnt"]
        assert run(mount, folder, ()).returncode == 0, "this machine refuses it anyway, so this shows nothing"
        assert run(mount, folder, names).returncode != 0
        print("refused:  a mount in a namespace of its own, which is possible without the filter")
        check = [sys.executable, "-m", "selfcheck", "run", "--profiles", "demo.yaml", "--data", "data"]
        done = run(check, folder, names)
        assert done.returncode == 1, done.stdout + done.stderr
        print("checked:  the demo, with Chromium's sandbox: exit code 1, as without the filter")
        done = run([*check, "--again"], folder, [*names, "unshare", "clone3", "chroot"])
        assert done.returncode != 1, "the sandbox needs what was refused here, so this shows nothing"
        print(f"to compare: with `unshare` and `chroot` refused as well: exit code {done.returncode}")


if __name__ == "__main__":
    main()
