"""What platform files tell, what is weak in them, and addresses known without reading them whole."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from selfcheck.cli import cli
from selfcheck.platforms import catalogue
from selfcheck.platforms.catalogue import load_platform, shipped_heads, shipped_names
from selfcheck.platforms.knowledge import Ability, abilities, oldest_and_newest, weaknesses
from selfcheck.platforms.page_urls import handle_of_url
from selfcheck.platforms.schema import Platform
from selfcheck.platforms.yamlfile import read_document

MYBLOG = read_document(Path(__file__).parents[2] / "docs" / "examples" / "myblog.yaml").data
TODAY = date(2021, 1, 1)
GUESS = {"tag": "G", "source": "A guess.", "seen": "never"}
SEEN = {"tag": "C", "source": "A capture.", "seen": "2020"}


def platform(**changes: Any) -> Platform:
    """The documented example with these keys changed, one without a value left out."""
    values = {**MYBLOG, "controls": {"live": ["a", "b"], "absent": "no-{random}"}, **changes}
    return Platform.model_validate({key: value for key, value in values.items() if value is not None})


def marks(**changes: Any) -> list[Any]:
    """The example's marks, of which the one for an author's page has these keys."""
    return [{**mark, **changes} if mark["id"] == "myblog.author" else mark for mark in MYBLOG["marks"]]


def one_more(when: dict[str, Any], **more: Any) -> list[Any]:
    return [{"id": "x.new", "says": "suspended", "when": when, **SEEN, **more}, *MYBLOG["marks"]]


def told(by: str, **changes: Any) -> list[Any]:
    """Marks of a profile: one that is gone in this way, and one that is shown; `changes` of the latter."""
    gone = {"id": "x.gone", "says": by, "when": {"status": [410]}, **SEEN}
    return [gone, *(mark for mark in marks(**changes) if mark["says"] == "shown")]


@pytest.mark.parametrize(
    ("changes", "sort"),
    [
        pytest.param({}, None, id="nothing of the example"),
        pytest.param({"identity": {"profile": {}, "feed": {}}}, "identity", id="no identity of stories"),
        pytest.param({"signs": ()}, "kept", id="no sign of what its owner keeps"),
        pytest.param({"signs": (), "always_public": ["story"]}, None, id="unless nothing can be kept"),
        pytest.param({"marks": one_more({"status": [403]})}, "status", id="a bare status"),
        pytest.param({"marks": one_more({"status": [403]}, says="restricted")}, None, id="may restrict"),
        pytest.param({"marks": one_more({"text": ["This is suspended."]})}, "words", id="words of the body"),
        pytest.param(
            {"marks": one_more({"any": [{"status": [410]}, {"text": ["x"]}]})}, "words", id="in one way"
        ),
        pytest.param({"marks": one_more({"text": ["x"], "max_text": 300})}, None, id="in a short page"),
        pytest.param({"marks": marks(source="")}, "source", id="no source"),
        pytest.param({"marks": marks(tag="G")}, "source", id="a guess that was seen"),
        pytest.param({"marks": marks(seen="lately")}, "source", id="no date"),
        pytest.param({"limits": {"programs": "forbidden"}}, "source", id="rules that are not quoted"),
        pytest.param({"marks": marks(seen="2019-12-30")}, "old", id="older than a year"),
        pytest.param({"marks": marks(seen="undated")}, "old", id="of unknown age"),
        pytest.param({"controls": {"live": ["a"], "absent": "no-{random}"}}, "controls", id="one account"),
        pytest.param({"controls": {"live": ["a", "b"]}}, "controls", id="no account that cannot exist"),
    ],
)  # fmt: skip
def test_what_is_weak_in_a_file_is_told(changes: dict[str, Any], sort: str | None) -> None:
    weak = weaknesses(platform(**changes), TODAY)
    assert [weakness.sort for weakness in weak] == ([sort] if sort else []), weak


@pytest.mark.parametrize("name", shipped_names())
def test_every_shipped_file_says_why_it_is_weak(name: str) -> None:
    weak = weaknesses(load_platform(name), date(2026, 12, 1))
    assert [weakness for weakness in weak if not weakness.stated] == []


def test_a_file_may_say_why_something_is_weak() -> None:
    reason = "The site has no drafts to look at."
    (weakness,) = weaknesses(platform(signs=(), weaknesses={"kept": reason}), TODAY)
    assert weakness.stated == reason


@pytest.mark.parametrize(
    ("changes", "ability", "told"),
    [
        pytest.param({}, Ability.SUSPENSION, "confirmed 2020", id="gone for the public, shown to the author"),
        pytest.param(
            {"marks": told("not_found", tag="R")},
            Ability.SUSPENSION,
            "reported 2020",
            id="the weaker half counts",
        ),
        pytest.param(
            {"marks": told("not_found", **GUESS)}, Ability.SUSPENSION, "a guess", id="and a guess has no date"
        ),
        pytest.param(
            {"sign_in": None, "marks": told("not_found")}, Ability.SUSPENSION, "None", id="without the author"
        ),
        pytest.param(
            {"login_wall": True, "marks": told("not_found")}, Ability.SUSPENSION, "None", id="behind a wall"
        ),
        pytest.param(
            {"sign_in": None, "silent_by_design": True, "marks": told("suspended")},
            Ability.SUSPENSION,
            "reported 2020",
            id="plain words, where the author is known to get no hint",
        ),
        pytest.param(
            {"silent_by_design": False, "marks": told("not_found")},
            Ability.SUSPENSION,
            "None",
            id="where accounts are known not to be hidden silently",
        ),
        pytest.param({"signs": ()}, Ability.STORY, "None", id="no hidden story where it may be a draft"),
        pytest.param({}, Ability.STORY, "confirmed 2020", id="a hidden story"),
        pytest.param({}, Ability.NOINDEX, "None", id="a noindex is its owner's choice"),
        pytest.param({"robots_by": {"story": "platform"}}, Ability.NOINDEX, "confirmed 2020", id="or not"),
        pytest.param({}, Ability.LISTS, "confirmed 2020", id="list gaps, by the best of several lists"),
        pytest.param({}, Ability.NUMBERS, "a guess", id="numbers"),
    ],
)
def test_what_a_file_can_tell(changes: dict[str, Any], ability: Ability, told: str) -> None:
    assert str(abilities(platform(**changes))[ability]) == told


def test_the_age_of_a_file_is_that_of_its_own_marks() -> None:
    assert oldest_and_newest(platform(marks=marks(seen="2018-03"))) == ("2018-03", "2020")


def test_the_list_says_what_can_be_told_and_what_cannot() -> None:
    shown = CliRunner().invoke(cli, ["platforms", "list"])
    assert shown.exit_code == 0
    assert "SILENT SUSPENSION" in shown.output
    told = [sentence for name in shipped_names() for sentence in load_platform(name).cannot_tell]
    assert all(sentence in shown.output for sentence in told)


def test_lint_has_an_exit_code(tmp_path: Path) -> None:
    sound = CliRunner().invoke(cli, ["platforms", "lint", "demo"], standalone_mode=False)
    weak = tmp_path / "weak.yaml"
    weak.write_text("platform: weak\nextends: demo\nhome: https://w.example\n", encoding="utf-8")
    shown = CliRunner().invoke(cli, ["platforms", "lint", str(weak)], standalone_mode=False)
    assert (sound.return_value, shown.return_value, "controls: " in shown.output) == (0, 1, True)


# -- recognising without reading ---------------------------------------------------------------------------


@pytest.mark.parametrize("head", shipped_heads(), ids=lambda head: head.name)
def test_the_head_of_a_file_says_what_the_whole_file_says(head: catalogue.PlatformHead) -> None:
    whole = load_platform(head.name)
    assert (head.title, head.home, head.hosts) == (whole.title, whole.home, whole.hosts)
    assert (head.handle, head.engine) == (whole.handle, whole.engine)


def test_names_and_addresses_are_known_without_reading_a_file_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "_read", None)
    catalogue._head.cache_clear()
    found = [head.name for head in shipped_heads() if handle_of_url("https://medium.com/@jane", head)]
    assert (found, set(shipped_names())) == (["medium"], {head.name for head in shipped_heads()})
