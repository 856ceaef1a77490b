"""The commands that messages name, and the errors that carry them."""

import pytest

from selfcheck.core.cli_hints import CommandHints, command_parts
from selfcheck.errors import UsageError


@pytest.mark.parametrize(
    ("profiles", "expected"),
    [
        pytest.param(None, "selfcheck login jane", id="no file named"),
        pytest.param("profiles.yaml", "selfcheck login jane", id="the usual file is not named"),
        pytest.param("me.yaml", "selfcheck login jane --profiles me.yaml", id="another file is named"),
        pytest.param("my files/me.yaml", "selfcheck login jane --profiles 'my files/me.yaml'", id="quoted"),
    ],
)
def test_a_command_in_a_message_can_be_typed_as_it_is(profiles: str | None, expected: str) -> None:
    assert CommandHints().command("login", "jane", profiles=profiles) == expected


def test_only_commands_that_take_a_data_folder_name_it() -> None:
    hints = CommandHints(data="elsewhere")
    assert hints.command("login", "jane") == "selfcheck login jane"
    assert hints.command("run", profiles="me.yaml") == "selfcheck run --profiles me.yaml --data elsewhere"
    assert hints.command("history", "note", "ID", "x") == "selfcheck history note ID x --data elsewhere"
    assert hints.command("history", "jane") == "selfcheck history jane --data elsewhere"
    assert hints.command("explain") == "selfcheck explain"


def test_a_file_that_the_user_named_is_in_every_command_that_reads_one() -> None:
    hints = CommandHints(profiles="me.yaml")
    assert hints.command("appeal", "jane") == "selfcheck appeal jane --profiles me.yaml"
    assert hints.command("alerts", "test") == "selfcheck alerts test --profiles me.yaml"
    assert hints.command("replay", "RUN") == "selfcheck replay RUN"


def test_an_error_names_a_command_as_the_user_calls_the_program() -> None:
    error = UsageError(
        "No.", cause="So.", next_step=lambda hints: f"`{hints.command('history')}` lists them."
    )
    assert (
        error.lines(CommandHints("python3 bootstrap.py"))[2] == "`python3 bootstrap.py history` lists them."
    )
    assert error.lines() == ("No.", "So.", "`selfcheck history` lists them.")


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        pytest.param("Run again later.", [("Run again later.", False)], id="no command"),
        pytest.param(
            "Ask: `python3 bootstrap.py appeal jane`",
            [("Ask: ", False), ("python3 bootstrap.py appeal jane", True)],
            id="one at the end",
        ),
        pytest.param(
            "Try `selfcheck run`. If it fails, correct `sign_in:`.",
            [("Try ", False), ("selfcheck run", True), (". If it fails, correct `sign_in:`.", False)],
            id="one within, and words of a file",
        ),
        pytest.param(
            "Sign in as `rm -rf x`: `selfcheck login x`.",
            [("Sign in as `rm -rf x`: ", False), ("selfcheck login x", True)],
            id="what somebody else wrote is no command",
        ),
    ],
)
def test_a_message_is_told_apart_from_its_commands(text: str, parts: list[tuple[str, bool]]) -> None:
    assert list(command_parts(text)) == parts
