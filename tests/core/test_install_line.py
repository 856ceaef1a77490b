"""Advice for a missing extra fits how selfcheck was installed."""

import json
import os
import shlex
from pathlib import Path
from types import SimpleNamespace

import pytest

from selfcheck.errors import _installed_from, install_line, install_words

PIP = ("/python", "-m", "pip", "install")
UV = ("uv", "pip", "install", "--python", "/python")


@pytest.mark.parametrize(
    ("prefix", "pip", "origin", "command"),
    [
        pytest.param(
            *("home/.local/share/uv/tools/selfcheck", PIP, "/a b/s.whl"),
            "uv tool install --force '/a b/s.whl[wacz]'",
            id="uv tool",
        ),
        pytest.param(
            *("home/.local/share/pipx/venvs/selfcheck", PIP, "/s.whl"),
            "pipx install --force '/s.whl[wacz]'",
            id="pipx",
        ),
        pytest.param("venv", PIP, "/s.whl", "/python -m pip install '/s.whl[wacz]'", id="a wheel by pip"),
        pytest.param("venv", UV, "/s.whl", "uv pip install --python /python '/s.whl[wacz]'", id="by uv"),
        pytest.param(
            *("venv", PIP, None),
            "/python -m pip install 'FILE[wacz]', where FILE is the wheel or folder that it came from",
            id="a wheel that is gone",
        ),
        pytest.param(
            "project/.venv", UV, None, "uv pip install --python /python -e ", id="bootstrap.py, by uv"
        ),
        pytest.param("other", PIP, None, "/python -m pip install -e ", id="the project's own folder"),
    ],
)
def test_the_command_fits(
    tmp_path: Path, prefix: str, pip: tuple[str, ...], origin: str | None, command: str
) -> None:
    source = tmp_path / "project" if prefix in {"project/.venv", "other"} else tmp_path / "site-packages"
    source.mkdir()
    if source.name == "project":
        (source / "pyproject.toml").touch()
        command = f"{command}{shlex.quote(f'{source}[wacz]')}"
    words = install_words("wacz", tmp_path / prefix, source, pip, Path(origin) if origin else None)
    assert words == command


def test_what_it_was_installed_from_is_named_while_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel = tmp_path / "a wheel.whl"
    record = json.dumps({"url": wheel.as_uri(), "archive_info": {}})
    monkeypatch.setattr(
        "importlib.metadata.distribution", lambda _: SimpleNamespace(read_text=lambda _name: record)
    )
    assert _installed_from() is None
    wheel.touch()
    assert _installed_from() == wheel


def test_uv_is_named_where_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """bootstrap.py keeps uv in its environment, where no shell looks for it."""
    uv = tmp_path / ("uv.exe" if os.name == "nt" else "uv")
    uv.touch(mode=0o755)
    monkeypatch.setattr("selfcheck.errors.find_spec", lambda _: None)
    monkeypatch.setattr("sys.executable", str(tmp_path / "python"))
    assert shlex.split(install_line("wacz"))[:4] == [str(uv), "pip", "install", "--python"]
