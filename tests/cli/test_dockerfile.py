"""The text of the Dockerfile: the image has never been built, so at least what the file names must exist."""

import fnmatch
import json
import re
import shlex
from pathlib import Path

import click
import pytest

from selfcheck.cli import COMMANDS, cli
from selfcheck.core.secret_text import KEPT_ENVIRONMENT

ROOT = Path(__file__).parents[2]
KNOWN = {"FROM", "RUN", "ARG", "WORKDIR", "COPY", "USER", "ENV", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
SECRETS = re.compile(r"KEY|TOKEN|PASS|SECRET|COOKIE|URL", re.IGNORECASE)


def instructions() -> list[tuple[str, str]]:
    """Return every instruction with its argument on one line."""
    lines = [
        line for line in (ROOT / "Dockerfile").read_text("utf-8").splitlines() if not line.startswith("#")
    ]
    joined = re.sub(r"\\\n\s*", "", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def those(word: str) -> list[str]:
    return [rest for name, rest in instructions() if name == word]


def ignored(name: str) -> bool:
    """Return whether .dockerignore keeps a file from the build, as the last pattern that fits says."""
    verdict = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!")
        if (
            line
            and not line.startswith("#")
            and any(fnmatch.fnmatch(part, pattern) for part in (name, name.split("/", maxsplit=1)[0]))
        ):
            verdict = not line.startswith("!")
    return verdict


def test_it_has_only_instructions_that_there_are_and_begins_with_a_slim_debian() -> None:
    assert {word for word, _ in instructions()} <= KNOWN
    assert instructions()[0] == ("FROM", "python:3.12-slim-bookworm")
    assert re.search(r'requires-python = ">=3\.1[012]"', (ROOT / "pyproject.toml").read_text("utf-8"))


def test_all_that_is_copied_is_there_and_reaches_the_build() -> None:
    sources = [source for rest in those("COPY") for source in rest.split()[:-1]]
    assert {"pyproject.toml", "constraints.txt", "selfcheck"} <= set(sources)
    for source in sources:
        assert (ROOT / source).exists(), source
        assert not ignored(source), source


@pytest.mark.parametrize(
    "name", [".git", "selfcheck-data", "tests", ".venv", "profiles.yaml", "sessions", ".env"]
)
def test_private_files_stay_out_of_the_build(name: str) -> None:
    assert ignored(name)


def test_what_the_package_is_built_from_is_copied() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    named = re.findall(r'(?:readme = |license-files = \[)"([^"]+)"', project)
    copied = " ".join(those("COPY"))
    assert named
    assert [name for name in named if name not in copied] == []


def test_nothing_runs_as_root_and_its_folders_are_its_own() -> None:
    words = [word for word, _ in instructions()]
    assert those("USER") == ["selfcheck"]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert not {"RUN", "COPY"} & set(words[words.index("USER") :])
    (user,) = [rest for rest in those("RUN") if "useradd" in rest]
    assert "--uid 1000" in user
    assert "chown selfcheck:selfcheck /data /sessions" in user
    assert json.loads(those("VOLUME")[0]) == ["/data", "/sessions"]


def test_the_environment_names_paths_and_no_secret() -> None:
    variables = dict(pair.split("=", 1) for rest in those("ENV") for pair in shlex.split(rest))
    assert set(variables) <= {"SELFCHECK_DATA", *KEPT_ENVIRONMENT}
    assert variables["SELFCHECK_BROWSER"] == "/usr/bin/chromium"
    assert not any(SECRETS.search(name) for name in variables)
    assert those("ARG") == ['EXTRAS="[alerts,stamps]"']


def test_what_sends_alerts_is_in_the_container() -> None:
    named = re.findall(r"\w+", " ".join(those("ARG")).partition("=")[2])
    extras = re.findall(r"^(\w+) = \[", (ROOT / "pyproject.toml").read_text("utf-8"), re.MULTILINE)
    assert "alerts" in named
    assert set(named) <= set(extras)


def test_the_browser_comes_from_the_distribution() -> None:
    (install,) = [rest for rest in those("RUN") if "apt-get install" in rest]
    packages = set(install.split("--no-install-recommends", 1)[1].split("&&")[0].split())
    assert {"chromium", "tini"} <= packages
    assert "rm -rf /var/lib/apt/lists/*" in install


@pytest.mark.parametrize("which", ["CMD", "HEALTHCHECK"])
def test_the_commands_parse(which: str) -> None:
    assert json.loads(those("ENTRYPOINT")[0]) == ["tini", "--", "selfcheck"]
    if which == "CMD":
        words = json.loads(those("CMD")[0])
    else:
        found = re.search(r"CMD selfcheck (\S+) \|\| exit 1$", those("HEALTHCHECK")[0])
        assert found is not None
        words = [found.group(1)]
        if words[0] not in COMMANDS:
            pytest.skip("`selfcheck status` is not built yet")
    command = cli.get_command(click.Context(cli), words[0])
    assert command is not None
    assert (
        command.make_context(words[0], words[1:], parent=click.Context(cli, **cli.context_settings)).params
        is not None
    )


def test_the_seccomp_profile_refuses_much_and_nothing_that_the_browsers_sandbox_is_made_of() -> None:
    profile = json.loads((ROOT / "container" / "seccomp.json").read_text("utf-8"))
    assert profile["defaultAction"] == "SCMP_ACT_ALLOW"
    assert {rule["action"] for rule in profile["syscalls"]} == {"SCMP_ACT_ERRNO"}
    names = [name for rule in profile["syscalls"] for name in rule["names"]]
    assert len(names) == len(set(names))
    assert {"mount", "ptrace", "keyctl", "bpf", "init_module", "setns"} <= set(names)
    assert not {"clone", "clone3", "unshare", "chroot", "seccomp", "prctl", "capset"} & set(names)
    told = (ROOT / "docs" / "scheduling.md").read_text("utf-8")
    assert "--security-opt seccomp=container/seccomp.json" in told
    assert "-e SELFCHECK_SANDBOX=on" in told


def test_it_says_that_it_has_never_been_built() -> None:
    assert "never been built" in (ROOT / "Dockerfile").read_text("utf-8")
    assert "never been built" in (ROOT / "docs" / "scheduling.md").read_text("utf-8")
