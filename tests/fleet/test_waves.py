"""One message about a slot, and what it calls a wave."""

from datetime import UTC, datetime

from selfcheck.core.enums import Verdict
from selfcheck.fleet.waves import PlatformSlot, SlotChange, slot_message

DUE = datetime(2026, 11, 28, tzinfo=UTC)


def turned(number: int, platform: str = "medium") -> list[SlotChange]:
    return [
        SlotChange(
            profile=f"{platform}-{each}", platform=platform, before=Verdict.VISIBLE, verdict=Verdict.SUSPENDED
        )
        for each in range(number)
    ]


def place(results: int, controls_ok: int = 40) -> PlatformSlot:
    return PlatformSlot(platform="medium", results=results, controls=40, controls_ok=controls_ok)


def test_a_wave_is_one_message_with_the_controls() -> None:
    message = slot_message(DUE, [place(812)], turned(37))
    assert message is not None
    assert message.title == "Fleet: 37 profiles turned bad"
    assert (
        "medium: 37 of 812 since the last slot: a wave, or the marks are old (all 40 controls were as they"
        " must be)." in message.body
    )
    assert "and 27 more" in message.body


def test_controls_that_fail_point_at_the_marks() -> None:
    message = slot_message(DUE, [place(812, controls_ok=3)], turned(37))
    assert message is not None
    assert "37 of 40 controls were not as they must be, so suspect the marks" in message.body


def test_a_few_are_named_and_no_wave() -> None:
    back = SlotChange(profile="ann", platform="medium", before=Verdict.HIDDEN, verdict=Verdict.VISIBLE)
    message = slot_message(DUE, [place(812)], [*turned(4), back])
    assert message is not None
    assert "wave" not in message.body
    assert "medium-3 (medium): suspended" in message.body
    assert "Visible again: ann" in message.body


def test_five_of_very_many_are_no_wave() -> None:
    message = slot_message(DUE, [place(10_000)], turned(5))
    assert message is not None
    assert "wave" not in message.body


def test_nothing_is_said_where_nothing_changed() -> None:
    assert slot_message(DUE, [place(812)], []) is None
