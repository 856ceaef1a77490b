"""Advice for a missing extra fits how selfcheck was installed."""

from pathlib import Path

import pytest

from selfcheck.errors import install_words


@pytest.mark.parametrize(
    ("prefix", "begins"),
    [
        pytest.param("home/.local/share/uv/tools/selfcheck", "uv tool install --force 'FILE[wacz]'", id="uv"),
        pytest.param(
            "home/.local/share/pipx/venvs/selfcheck", "pipx install --force 'FILE[wacz]'", id="pipx"
        ),
        pytest.param("venv", "/python -m pip install 'FILE[wacz]'", id="a wheel by pip"),
        pytest.param("project/.venv", "uv pip install --python /python -e ", id="bootstrap.py, by uv"),
        pytest.param("other", "/python -m pip install -e ", id="the project's own folder"),
    ],
)
def test_the_command_fits(tmp_path: Path, prefix: str, begins: str) -> None:
    source = tmp_path / "project" if prefix in {"project/.venv", "other"} else tmp_path / "site-packages"
    source.mkdir()
    if source.name == "project":
        (source / "pyproject.toml").touch()
    words = install_words("wacz", tmp_path / prefix, source, "/python")
    assert words.startswith(begins)
    assert "wacz" in words
