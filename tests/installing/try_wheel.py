"""Builds the wheel and tries it in empty environments: `python tests/installing/try_wheel.py [PYTHON …]`.

Not part of the suite; a nightly workflow runs it. PYTHON is a version that uv finds, or a path; default: each
version that is promised. For each one the wheel is installed by the very commands of docs/installing.md, the
first hour is walked with a home folder of its own, the wheel is installed over itself, and everything is
removed again as that document says. What then stays must be what the document names. Needs uv; pipx is tried
where there is one; with a browser the demo is checked, too.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROMISED = ("3.11", "3.12", "3.13")
NAMED = re.compile(r"^(?:uv tool|pipx|selfcheck) .+$", re.MULTILINE)
STAYS = (".config/selfcheck", ".local/share/selfcheck", ".local/state/selfcheck")
"""What docs/installing.md says of a Linux machine, below the home folder."""
INSTALLERS = (".cache/", ".local/share/uv/", ".local/share/pipx/")
"""What uv and pipx keep for themselves."""


@dataclass(frozen=True, kw_only=True)
class Home:
    """A home folder of its own, in which the commands of a user are typed."""

    folder: Path
    wheel: Path
    python: str

    def type(self, line: str, *, codes: Iterable[int] = (0,)) -> str:
        """Type a line in the folder that has the wheel; return what it printed. Fail on another exit code."""
        keep = {name: value for name, value in os.environ.items() if not name.startswith("SELFCHECK_")}
        environ = {
            **keep,
            "HOME": str(self.folder),
            "PATH": f"{self.folder / '.local' / 'bin'}{os.pathsep}{keep['PATH']}",
            "UV_PYTHON": self.python,
            "PIPX_DEFAULT_PYTHON": self.python,
            "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
            "XDG_CONFIG_HOME": "",
            "XDG_DATA_HOME": "",
            "XDG_STATE_HOME": "",
        }
        done = subprocess.run(
            ["/bin/sh", "-c", line],
            cwd=self.wheel.parent,
            env=environ,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode not in codes:
            raise SystemExit(f"{line}\nended with {done.returncode}\n{done.stdout}{done.stderr}")
        print(f"  {line}  [{done.returncode}]")
        return done.stdout


def typed(section: str) -> list[str]:
    """Return the lines that a section of docs/installing.md has its reader type."""
    text = (ROOT / "docs" / "installing.md").read_text(encoding="utf-8")
    part = text.partition(f"\n## {section}\n")[2].partition("\n## ")[0]
    blocks = re.findall(r"```sh\n(.*?)```", part, re.DOTALL)
    quoted = re.findall(r"`((?:uv tool|pipx) (?:install|uninstall) [^`]+)`", part)
    return [*NAMED.findall("\n".join(blocks)), *quoted]


def first_hour(home: Home) -> None:
    """Type what a new user does first, none of which opens a platform."""
    assert "selfcheck" in home.type("selfcheck --version")
    home.type("selfcheck", codes=(0, 2))
    for what in ("profiles", "platform", "run"):
        assert "json-schema.org" in home.type(f"selfcheck schema {what}")
    assert "complete" in home.type("_SELFCHECK_COMPLETE=bash_source selfcheck")
    home.type("selfcheck init @jane --platform medium")
    home.type("selfcheck run --dry-run")
    assert "Medium" in home.type("selfcheck platforms list")
    cookies = home.wheel.parent / "cookies.json"
    cookie = '{"name": "sid", "value": "0123456789abcdef", "domain": ".medium.com", "path": "/"}'
    cookies.write_text(f'{{"cookies": [{cookie}], "origins": []}}', encoding="utf-8")
    home.type(f"selfcheck session import jane {cookies}")
    report = home.type("selfcheck doctor --report", codes=(0, 2))
    assert "installed with" in report
    assert "jane" not in report
    home.type("selfcheck app --help")
    demo = home.folder / "demo.yaml"
    demo.write_text('profiles:\n  - {name: demo, platform: demo, handle: "@jonah-vey"}\n', encoding="utf-8")
    if any(map(shutil.which, ("chromium", "google-chrome", "chrome"))):
        home.type(f"selfcheck run --profiles {demo}", codes=(1,))
        run = next((home.folder / ".local" / "share" / "selfcheck" / "demo" / "runs").glob("2*"))
        home.type(f"selfcheck verify {run}")


def walk(wheel: Path, python: str, program: str) -> None:
    """Install, use, update and remove with one program. Fail where a step or a file is not as written."""
    with tempfile.TemporaryDirectory() as folder:
        home = Home(folder=Path(folder), wheel=wheel, python=python)
        install = next(line for line in typed("Install") if line.startswith(program))
        install = re.sub(r"selfcheck-[\d.]+-py3", f"selfcheck-{wheel.name.split('-')[1]}-py3", install)
        home.type(install)
        first_hour(home)
        home.type(install.replace(" install ", " install --force "))
        for line in typed("Remove"):
            if line.startswith("selfcheck"):
                home.type(line, codes=(0, 2) if line.startswith("selfcheck schedule") else (0,))
            elif line.startswith(program):
                home.type(line)
        assert not (home.folder / ".local" / "bin" / "selfcheck").exists(), "the program is still there"
        left = [path.relative_to(home.folder).as_posix() for path in home.folder.rglob("*") if path.is_file()]
        ours = [name for name in left if "selfcheck" in name and not name.startswith((*INSTALLERS, *STAYS))]
        assert ours == [], f"docs/installing.md does not name {ours}"
        assert any(name.startswith(STAYS[0]) for name in left), "the profiles must stay"


def interpreter(uv: str, python: str) -> str:
    """Return the path of a Python that is named by its version or its path, since pipx knows only paths."""
    if os.sep in python:
        return python
    words = [uv, "python", "find", "--system", python]
    found = subprocess.run(words, capture_output=True, text=True, check=False)
    if found.returncode != 0:
        raise SystemExit(f"There is no Python {python} here: uv python install {python}")
    return found.stdout.strip()


def main(pythons: list[str]) -> None:
    """Build the wheel and walk with each Python and each program."""
    uv = shutil.which("uv")
    if uv is None:
        raise SystemExit("This needs uv: https://docs.astral.sh/uv/")
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([uv, "build", "--quiet", "--wheel", "--out-dir", folder, str(ROOT)], check=True)
        wheel = next(Path(folder).glob("selfcheck-*.whl"))
        for python in [interpreter(uv, name) for name in pythons or PROMISED]:
            for program in ("uv tool", "pipx"):
                if shutil.which(program.split()[0]):
                    print(f"{wheel.name} by {program}, Python {python}")
                    walk(wheel, python, program)
    print("All of it as docs/installing.md says.")


if __name__ == "__main__":
    main(sys.argv[1:])
