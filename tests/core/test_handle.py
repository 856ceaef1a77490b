"""A handle is the same account however it is written."""

import pytest

from selfcheck.core.handle import Handle


@pytest.mark.parametrize("written", ["jane", "@jane", " @jane ", "JANE"])
def test_ways_of_writing_one_account(written: str) -> None:
    assert Handle(written) == Handle("jane")
    assert Handle("@jane").same_as(written)
    assert {Handle(written): 1}[Handle("jane")] == 1


@pytest.mark.parametrize(
    ("written", "fold_case"),
    [
        pytest.param("janet", True, id="another name"),
        pytest.param("@@jane", True, id="a second @ belongs to the name"),
        pytest.param("Jane", False, id="capitals, where the platform tells them apart"),
    ],
)
def test_other_accounts(written: str, fold_case: bool) -> None:
    assert not Handle("jane", fold_case).same_as(written)


def test_a_handle_is_shown_as_its_platform_writes_it() -> None:
    assert Handle("@Jane").shown() == "@Jane"
    assert Handle("@Jane").shown("u/{handle}") == "u/Jane"


def test_a_handle_is_read_back_from_how_its_platform_writes_it() -> None:
    assert Handle.from_shown("User:Jane", "User:{handle}").name == "Jane"
    assert Handle.from_shown("jane.blog.example", "{handle}.blog.example").name == "jane"
    assert Handle.from_shown("Jane", "User:{handle}").name == "Jane"
