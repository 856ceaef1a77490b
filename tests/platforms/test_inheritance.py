"""A platform file that extends a shipped one: what it takes over and replaces, and what is not its own."""

from pathlib import Path
from typing import Any

import pytest

from selfcheck.errors import ConfigurationError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.inheritance import inherited

BASE: dict[str, Any] = {
    "platform": "engine",
    "title": "Engine",
    "home": "https://engine.example",
    "hosts": ["engine.example"],
    "handle": {
        "pattern": "[a-z]+",
        "from_urls": ["https://engine.example/@{handle}", "https://other.example/{handle}"],
    },
    "pages": {"profile": {"url": "{home}/@{handle}", "wait_for": "main"}, "feed": {"url": "{home}/feed"}},
    "marks": ["first", "second"],
    "sign_in": {"url": "{home}/in", "signed_in": {"any": ["a"]}},
    "controls": {"live": ["someone"], "absent": "{random}", "pages": {"story": {"live": ["x"]}}},
    "appeal": {"mail": ["people@engine.example"]},
    "limits": {"gap_seconds": 2, "programs": "allowed", "rules": {"says": "Yes."}},
}


@pytest.mark.parametrize(
    ("own", "key", "value"),
    [
        pytest.param({}, "marks", ["first", "second"], id="what is not named is taken over"),
        pytest.param({"marks": ["own"]}, "marks", ["own"], id="a list is replaced whole"),
        pytest.param(
            {"pages": {"profile": {"url": "{home}/u/{handle}"}}},
            "pages",
            {"profile": {"url": "{home}/u/{handle}"}, "feed": {"url": "{home}/feed"}},
            id="of a mapping only the members that are named, each of them whole",
        ),
        pytest.param(
            {"sign_in": {"signed_in": {"selector": {"css": "b"}}}},
            "sign_in",
            {"url": "{home}/in", "signed_in": {"selector": {"css": "b"}}},
            id="a condition is never mixed of two",
        ),
        pytest.param({"appeal": None}, "appeal", None, id="a key without a value leaves it out"),
        pytest.param(
            {"pages": {"feed": None}},
            "pages",
            {"profile": {"url": "{home}/@{handle}", "wait_for": "main"}},
            id="so does one within a mapping",
        ),
        pytest.param({"home": "https://a.example"}, "hosts", ["a.example"], id="another site has its host"),
        pytest.param({"home": "https://a.example:8443"}, "title", "a.example:8443", id="and its own name"),
        pytest.param({"home": "https://a.example", "title": "A"}, "title", "A", id="unless it gives one"),
        pytest.param(
            {"home": "https://a.example"},
            "handle",
            {"pattern": "[a-z]+", "from_urls": ["https://a.example/@{handle}"]},
            id="its profiles are at its own address",
        ),
        pytest.param({"home": "https://a.example"}, "controls", {"absent": "{random}"}, id="no accounts"),
        pytest.param({"home": "https://a.example"}, "appeal", None, id="not the people of another site"),
        pytest.param({"home": "https://a.example"}, "limits", {"gap_seconds": 2}, id="nor its rules"),
        pytest.param({"home": "https://engine.example"}, "appeal", BASE["appeal"], id="the same site"),
    ],
)
def test_a_file_that_extends_another_has(own: dict[str, Any], key: str, value: object) -> None:
    assert inherited(own, BASE).get(key) == value


def _written(tmp_path: Path, text: str) -> str:
    file = tmp_path / "ours.yaml"
    file.write_text(text, encoding="utf-8")
    return str(file)


def test_three_lines_are_a_platform_file(tmp_path: Path) -> None:
    medium = load_platform("medium")
    ours = load_platform(_written(tmp_path, "platform: ours\nextends: medium\nhome: https://w.example\n"))
    assert (ours.platform, ours.title, ours.hosts) == ("ours", "w.example", ("w.example",))
    assert (ours.marks, ours.pages) == (medium.marks, medium.pages)
    assert (ours.controls.live, ours.appeal.mail, ours.export) == ((), (), None)


def test_a_mistake_has_the_line_of_the_file_s_own_key(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load_platform(
            _written(tmp_path, "platform: ours\nextends: medium\npages:\n  profile: {url: '{x}'}\n")
        )
    assert [(issue.line, issue.where) for issue in caught.value.mistakes] == [(4, "pages.profile.url")]
