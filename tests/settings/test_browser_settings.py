"""`settings.browser`: chosen beforehand, safe, and applied to every run in the same way."""

# ruff: noqa: E501 — a row of a table reads best as one line

from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import pytest

from selfcheck.core.enums import BrowserMode
from selfcheck.core.request import RunOptions
from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.settings import Configuration, read_configuration
from selfcheck.settings.browser import BrowserSettings

GOOD = "profiles:\n  - {name: jane, platform: demo, handle: jane}\n"


def configuration(folder: Path, browser: str) -> Configuration:
    path = folder / "profiles.yaml"
    path.write_text(f"{GOOD}settings:\n  browser: {browser}\n", encoding="utf-8")
    return read_configuration(path)


@pytest.mark.parametrize(
    ("browser", "headed", "mode"),
    [
        pytest.param("{}", False, BrowserMode.HEADLESS, id="usually without a window"),
        pytest.param("{window: true}", False, BrowserMode.WINDOW, id="with one, as set"),
        pytest.param(
            "{window: true, display: xvfb}", False, BrowserMode.XVFB, id="on a display without a screen"
        ),
        pytest.param(
            "{window: true, display: xvfb}", True, BrowserMode.WINDOW, id="--headed means to see it"
        ),
        pytest.param("{connect: 'http://192.168.1.20:9222'}", False, BrowserMode.REMOTE, id="elsewhere"),
        pytest.param(
            "{connect: 'http://192.168.1.20:9222'}", True, BrowserMode.WINDOW, id="--headed means here"
        ),
    ],
)
def test_a_run_looks_as_was_chosen(tmp_path: Path, browser: str, *, headed: bool, mode: BrowserMode) -> None:
    options = RunOptions(data_dir=tmp_path, headed=headed)
    chosen = configuration(tmp_path, browser)
    assert chosen.request((), options).options.mode is mode
    assert chosen.request((), chosen.request((), options).options).options.mode is mode  # twice is once


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9222",
        "ws://[::1]:3000/",
        "ws://10.0.0.7:3000/tk-9f8e7d6c5b4a",
        "http://100.101.102.103:9222",  # the range of private networks such as Tailscale's
        "http://pc.local:9222",
        "http://home:9222",
        "ws://pc.tail1234.ts.net:3000",
        "wss://browser.example.org/tk-9f8e7d6c5b4a",
        "https://browser.example.org",
    ],
)
def test_private_or_encrypted_addresses_are_connected_to(tmp_path: Path, address: str) -> None:
    assert configuration(tmp_path, f"{{connect: '{address}'}}").preferences.browser.connect == address


@pytest.mark.parametrize(
    ("browser", "says"),
    [
        pytest.param("{connect: 'ws://203.0.113.9.example.org/tk-9f8e7d6c5b4a'}", "unencrypted", id="ws over the internet"),
        pytest.param("{connect: 'http://93.184.216.34:9222/tk-9f8e7d6c5b4a'}", "unencrypted", id="http over the internet"),
        pytest.param("{connect: 'ftp://pc/tk-9f8e7d6c5b4a'}", "address of a browser", id="another scheme"),
        pytest.param("{connect: 'pc:9222/tk-9f8e7d6c5b4a'}", "address of a browser", id="no scheme"),
        pytest.param("{window: true, connect: 'http://pc.local:1'}", "not both", id="a window and elsewhere"),
        pytest.param("{display: xvfb}", "window: true", id="a display without a window"),
        pytest.param("{window: true, display: ':0'}", "xvfb", id="another display"),
    ],
)  # fmt: skip
def test_what_is_unsafe_or_contradicts_itself_is_refused(tmp_path: Path, browser: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as error:
        configuration(tmp_path, browser)
    text = " ".join(error.value.lines())
    assert says in text
    assert "tk-9f8e7d6c5b4a" not in text


def test_the_address_may_come_from_the_environment(tmp_path: Path) -> None:
    settings, options = BrowserSettings(), RunOptions(data_dir=tmp_path)
    given = settings.applied_to(options, {"SELFCHECK_CONNECT": "wss://browser.example.org/token"})
    assert given.mode is BrowserMode.REMOTE
    with pytest.raises(UsageError) as error:
        settings.applied_to(options, {"SELFCHECK_CONNECT": "ws://browser.example.org/tk-9f8e7d6c5b4a"})
    assert "tk-9f8e7d6c5b4a" not in " ".join(error.value.lines())


def test_how_it_looks_changes_nothing_in_pacing(tmp_path: Path) -> None:
    """Pacing is the platform file's alone: no option of a run and no setting of the browser is in it."""
    limits = load_platform("demo").limits
    request = configuration(tmp_path, "{window: true}").request((), RunOptions(data_dir=tmp_path))
    plain = configuration(tmp_path, "{}").request((), RunOptions(data_dir=tmp_path))
    assert request.options.jobs == plain.options.jobs
    assert not set(asdict(request.options)) & set(type(limits).model_fields)


@pytest.mark.parametrize(
    ("setting", "kept"),
    [
        pytest.param("watch: {every: 12h}", None, id="usually not"),
        pytest.param("keep_author_pages: 14d", timedelta(days=14), id="as long as it says"),
    ],
)
def test_the_author_s_pages_are_kept_only_where_the_settings_say_how_long(
    tmp_path: Path, setting: str, kept: timedelta | None
) -> None:
    path = tmp_path / "profiles.yaml"
    path.write_text(f"{GOOD}settings:\n  {setting}\n", encoding="utf-8")
    options = read_configuration(path).request((), RunOptions(data_dir=tmp_path)).options
    assert options.keep_author_pages == kept
