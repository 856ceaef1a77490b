"""Every mistake of a YAML file is told at once, with its line and in plain words."""

from pathlib import Path
from typing import Annotated

import pytest
from pydantic import BaseModel, ConfigDict, Field

from selfcheck.core.enums import Outcome
from selfcheck.core.suggestions import did_you_mean
from selfcheck.errors import ConfigurationError
from selfcheck.platforms.config_issues import refuse
from selfcheck.platforms.yamlfile import check, load_model, parse_document, read_document


class Inner(BaseModel):
    model_config = ConfigDict(extra="forbid")

    says: Outcome
    status: tuple[int, ...] = ()
    either: str | int | bool | None = None
    some: tuple[str, ...] | dict[str, int] = ()
    gap: float = Field(default=1, ge=0)


class Outer(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: str
    id: Annotated[str, Field(pattern="^[a-z]+$", description="small letters")] = "a"
    marks: tuple[Inner, ...] = ()
    on: bool = False


def told(text: str) -> list[str]:
    _, mistakes = check(parse_document(text, "f.yaml"), Outer)
    return [str(mistake).removeprefix("f.yaml:").strip() for mistake in mistakes]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param("name: x\n", [], id="a file without mistakes has none"),
        pytest.param(
            "nmae: x",
            [
                (
                    "1: nmae: found the unknown key `nmae`, expected one of name, id, marks, on"
                    " — did you mean `name`?"
                )
            ],
            id="a mistyped key is told once and not as a missing one besides",
        ),
        pytest.param("id: a", ["1: name: found no such key, expected `name`"], id="a missing key"),
        pytest.param("name: 12", ['1: name: found 12, expected text — write "12"'], id="a number for text"),
        pytest.param("name: [a]", ["1: name: found a list of 1, expected text"], id="a list for text"),
        pytest.param("name:", ["1: name: found nothing, expected text"], id="nothing for text"),
        pytest.param(
            "name: x\nid: A1", ['2: id: found "A1", expected small letters'], id="a pattern in plain words"
        ),
        pytest.param(
            "name: x\nmarks:\n- says: showm",
            [
                (
                    '3: marks[0].says: found "showm", expected one of shown, suspended, not_found,'
                    " removed, restricted, login_wall, challenge, rate_limited, server_error,"
                    " unreachable, unrecognised"
                    " — did you mean `shown`?"
                )
            ],
            id="a word that is none of the known ones",
        ),
        pytest.param(
            "name: x\nmarks:\n- says: shown\n  status: 404",
            ["4: marks[0].status: found 404, expected a list — write [404]"],
            id="a value where a list belongs",
        ),
        pytest.param(
            "name: x\nmarks:\n- says: shown\n  status: [ok]",
            ['4: marks[0].status[0]: found "ok", expected a whole number'],
            id="text for a number",
        ),
        pytest.param(
            "name: x\nmarks:\n- says: shown\n  either: []",
            ["4: marks[0].either: found an empty list, expected text or a whole number or true or false"],
            id="alternatives are one mistake",
        ),
        pytest.param(
            "name: x\nmarks:\n- says: shown\n  some: {a: b}",
            ['4: marks[0].some.a: found "b", expected a whole number'],
            id="of alternatives only the one that was meant is told",
        ),
        pytest.param(
            "name: x\nmarks:\n- says: shown\n  gap: -1",
            ["4: marks[0].gap: found -1, expected 0 or more"],
            id="a number that is too small",
        ),
        pytest.param(
            "name: x\non: maybe",
            ['2: on: found "maybe", expected true or false'],
            id="text for a truth value",
        ),
        pytest.param("- a", ["1: found a list of 1, expected a mapping (`key: value`)"], id="a list as file"),
    ],
)
def test_a_wrong_value_is_explained_in_plain_words(text: str, expected: list[str]) -> None:
    assert told(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            "name: @jane",
            ['1: found `@jane` without quotes, expected quotes around it — write "@jane"'],
            id="a handle without quotes",
        ),
        pytest.param(
            "name: @jane\nid: 3\nidd: a",
            [
                '1: found `@jane` without quotes, expected quotes around it — write "@jane"',
                '2: id: found 3, expected text — write "3"',
                (
                    "3: idd: found the unknown key `idd`, expected one of name, id, marks, on"
                    " — did you mean `id`?"
                ),
            ],
            id="a handle without quotes does not hide the mistakes after it",
        ),
        pytest.param(
            "name: a\nmarks:\n\t- says: x\n\t  gap: 1",
            ["3: found a tab, expected spaces: YAML is not indented by tabs — also in line 4"],
            id="tabs",
        ),
        pytest.param(
            'name: "x\nid: a',
            ["1: found a quote that is not closed, expected the same quote at its end"],
            id="an open quote, where it begins",
        ),
        pytest.param(
            "name: a: b",
            ["1: found a colon that does not belong here, expected one `key: value` on a line"],
            id="two colons",
        ),
        pytest.param(
            "name: a\n id: b\n",
            ["2: found a colon that does not belong here, expected one `key: value` on a line"],
            id="a stray indentation",
        ),
        pytest.param(
            "name: [a, b\nid: c",
            ["2: found a bracket that is not closed, expected `]` or `}` at the end of the list"],
            id="an open bracket",
        ),
        pytest.param(
            "name: a\nid: b\nname: c",
            ["3: name: found `name` a second time, expected it once (it stands on line 1 too)"],
            id="a key twice",
        ),
        pytest.param(
            "name: !x a", ["1: name: found the tag `!x`, expected a plain value"], id="a tag is not obeyed"
        ),
        pytest.param(
            "name: *x",
            ["1: found an alias (`*name`) of nothing, expected the text in quotes"],
            id="an asterisk without quotes",
        ),
        pytest.param(
            "a: 1\n---\nb: 1",
            ["2: found a second document (`---`), expected one document"],
            id="two documents",
        ),
        pytest.param(
            "a: \x07",
            ["1: found a character that cannot be printed, expected text"],
            id="a control character",
        ),
        pytest.param(
            "# only a comment\n",
            ["found an empty file, expected YAML with values"],
            id="nothing but a comment",
        ),
        pytest.param(
            "a: &a [*a]",
            [("found more than 50000 values, or 60 levels, expected what a person writes")],
            id="an alias of itself",
        ),
        pytest.param(
            "[" * 100 + "]" * 100,
            [("found more than 50000 values, or 60 levels, expected what a person writes")],
            id="a hundred lists within each other",
        ),
        pytest.param(
            "[" * 20_000,
            [("found more than 5000 lists and mappings, expected what a person writes")],
            id="brackets that would exhaust the stack",
        ),
    ],
)
def test_a_wrong_form_is_explained_in_plain_words(text: str, expected: list[str]) -> None:
    assert told(text) == expected


def test_aliases_that_multiply_are_refused_without_being_built() -> None:
    levels = [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    document = parse_document("\n".join(["a0: &a0 [x, x]", *levels]), "f.yaml")
    assert document.broken


@pytest.mark.parametrize(
    ("written", "value"),
    [
        pytest.param("no", "no", id="no is text"),
        pytest.param("on", "on", id="on is text"),
        pytest.param("true", True, id="true is true"),
        pytest.param("0123", "0123", id="leading zeros are kept"),
        pytest.param("2026-11-20", "2026-11-20", id="a date is text"),
        pytest.param("12:30", "12:30", id="a time is text"),
        pytest.param("1e3", "1e3", id="an exponent is text"),
        pytest.param("-5", -5, id="a whole number"),
        pytest.param("1.5", 1.5, id="a decimal"),
        pytest.param("~", None, id="a tilde is nothing"),
    ],
)
def test_a_value_is_what_it_looks_like(written: str, value: object) -> None:
    assert parse_document(f"key: {written}", "f.yaml").data == {"key": value}


def test_lines_point_at_the_deepest_part_that_exists() -> None:
    lines = parse_document("name: x\nmarks:\n  - says: shown\n    gap: 0.50\n", "f.yaml").lines
    assert lines.line(("marks", 0, "gap")) == 4
    assert lines.line(("marks", 0, "status")) == 3
    assert lines.line(("marks",)) == 2
    assert lines.raw(("marks", 0, "gap")) == "0.50"
    assert lines.raw(("marks",)) is None


def test_a_validator_says_what_it_expected_what_it_found_and_a_hint() -> None:
    error = refuse("an address", hint="https://x?", actual="a secret")
    assert error.context == {"expected": "an address", "hint": "https://x?", "actual": "a secret"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        pytest.param(b"name: caf\xe9", "bytes that are not UTF-8 text (line 1)", id="another encoding"),
        pytest.param(b"", "an empty file", id="an empty file"),
        pytest.param(b"x" * 2_000_001, "more than 2000000 bytes", id="a file that no person writes"),
        pytest.param(None, "no such file", id="no file"),
    ],
)
def test_a_file_that_cannot_be_read_is_reported(tmp_path: Path, content: bytes | None, expected: str) -> None:
    path = tmp_path / "f.yaml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ConfigurationError) as caught:
        load_model(path, Outer)
    assert [mistake.actual for mistake in caught.value.mistakes] == [expected]


def test_a_folder_is_not_read_as_a_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError):
        read_document(tmp_path)


def test_a_byte_order_mark_is_not_part_of_the_first_key(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_bytes(b"\xef\xbb\xbfname: x\n")
    value, _ = load_model(path, Outer)
    assert value.name == "x"


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        pytest.param("meduim", "did you mean `medium`?", id="letters changed"),
        pytest.param("MEDIUM", "did you mean `medium`?", id="another case"),
        pytest.param("zzz", "", id="nothing like it"),
    ],
)
def test_the_nearest_name_is_offered(name: str, hint: str) -> None:
    assert did_you_mean(name, ("medium", "demo")) == hint
