"""The settings of an appeal: what they take and refuse, and what the documents say of them."""

# ruff: noqa: E501 — a row of a table reads best as one line

import re
from dataclasses import fields
from pathlib import Path

import pytest
from generate_docs import ROOT

from selfcheck.appeal.model import Account, EarlierIncident, Letter, Placement, ShownPage
from selfcheck.errors import ConfigurationError
from selfcheck.platforms.catalogue import load_platform, shipped_names
from selfcheck.settings import Preferences, read_preferences

PROFILES = "profiles:\n  - {name: jane, platform: demo, handle: jane}\n"
PAGE = (ROOT / "docs" / "appeals.md").read_text("utf-8")


def read(folder: Path, settings: str) -> Preferences:
    path = folder / "profiles.yaml"
    path.write_text(PROFILES + settings, encoding="utf-8")
    return read_preferences(path)


def appeal(folder: Path, *lines: str) -> Preferences:
    return read(folder, "settings:\n  appeal:\n" + "".join(f"    {line}\n" for line in lines))


def test_the_example_in_the_documents_is_right(tmp_path: Path) -> None:
    found = re.search(r"```yaml\n(settings:.*?)```", PAGE, re.DOTALL)
    assert found is not None
    settings = read(tmp_path, found.group(1)).appeal
    assert (settings.sender, settings.signature, settings.language) == (
        "Jane Doe <jane@example.org>",
        "Jane Doe",
        "en",
    )
    assert settings.smtp is not None
    assert (settings.smtp.port_number, settings.smtp.user) == (587, "jane@example.org")


def test_the_documents_explain_every_name_that_a_template_may_use() -> None:
    table = PAGE[PAGE.index("A letter of your own") :]
    named = set(re.findall(r"`([a-z_]+)`", table))
    assert {
        one.name for kind in (Letter, Account, Placement, ShownPage, EarlierIncident) for one in fields(kind)
    } - {"account"} <= named


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        pytest.param(("from: jane",), "a mail address", id="no address"),
        pytest.param(('from: "a@x.org\\nBcc: b@x.org"',), "a mail address", id="an address of two lines"),
        pytest.param(('from: "a@x.org, b@x.org"',), "a mail address", id="two addresses"),
        pytest.param(("form: a@x.org",), "from", id="a slip in a key is answered with the nearest"),
        pytest.param(("password: secret",), "expected one of", id="a password has no place here"),
        pytest.param(("smtp: {host: 'smtp.example.org:587'}",), "a mail server by its name", id="a port in the host"),
        pytest.param(("smtp: {host: smtp.example.org, security: none}",), "starttls", id="no way without encryption"),
        pytest.param(("smtp: {host: smtp.example.org, password: x}",), "expected one of", id="nor here"),
        pytest.param(("language: English",), "a language by its code", id="a language's name"),
        pytest.param(("follow_up_days: 0",), "1", id="no days at all"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_what_was_expected(
    tmp_path: Path, lines: tuple[str, ...], expected: str
) -> None:
    with pytest.raises(ConfigurationError) as error:
        appeal(tmp_path, *lines)
    assert expected in str(error.value.mistakes[0])


@pytest.mark.parametrize(
    ("lines", "port"),
    [
        pytest.param("smtp: {host: smtp.example.org}", 587, id="starttls unless it is said"),
        pytest.param("smtp: {host: smtp.example.org, security: tls}", 465, id="tls"),
        pytest.param("smtp: {host: smtp.example.org, port: 2525}", 2525, id="a port of its own"),
    ],
)
def test_the_port_follows_from_the_encryption(tmp_path: Path, lines: str, port: int) -> None:
    smtp = appeal(tmp_path, lines).appeal.smtp
    assert smtp is not None
    assert smtp.port_number == port


@pytest.mark.parametrize("name", shipped_names())
def test_a_shipped_platform_says_where_an_appeal_goes_and_about_what(name: str) -> None:
    route = load_platform(name).appeal
    assert (bool(route.form or route.mail), "{handle}" in route.subject) == (True, True)


@pytest.mark.parametrize(
    ("author", "expected"),
    [
        ("{country: de, acts_as: consumer}", ("DE", "consumer")),
        ("{country: NO}", ("NO", None)),
        ("{acts_as: business}", (None, "business")),
        ("{country: UK}", "GB"),
        ("{country: Germany}", "a country by its two letters, such as DE or IN"),
        ("{acts_as: firm}", "one of consumer, business"),
    ],
)
def test_an_author_has_a_country_and_acts_as_something(
    author: str, expected: tuple[str | None, str | None] | str, tmp_path: Path
) -> None:
    settings = f"settings:\n  author: {author}\n"
    if isinstance(expected, tuple):
        read_author = read(tmp_path, settings).author
        assert (read_author.country, read_author.acts_as) == expected
        return
    with pytest.raises(ConfigurationError) as error:
        read(tmp_path, settings)
    (mistake,) = error.value.mistakes
    assert mistake.line == 4
    assert expected in f"{mistake.expected} {mistake.hint}"


def test_the_example_of_rights_in_the_documents_is_right(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "rights.md").read_text("utf-8")
    example = re.search(r"```yaml\n(settings:.*?)```", page, re.DOTALL)
    assert example is not None
    assert read(tmp_path, example.group(1)).author.country == "DE"
