"""The table owns every consequence of a rule, so no other module lists ids of rules."""

import re
from pathlib import Path

import pytest

import selfcheck
from selfcheck.core.enums import MonitoringGap, Verdict
from selfcheck.judge import page_rules, rules
from selfcheck.judge.rules import RULES, Layer, rule_of

SOURCE = Path(selfcheck.__file__).parent
IDS = "|".join(re.escape(rule.id) for rule in RULES)


def test_no_module_but_the_families_of_rules_names_a_rule() -> None:
    families = {rule.check.__module__.replace(".", "/") for rule in RULES}
    naming = {
        str(path.relative_to(SOURCE.parent).with_suffix("").as_posix())
        for path in SOURCE.rglob("*.py")
        if re.search(rf"[\"'](?:{IDS}|(?:session|controls|stats)\.)[\"']", path.read_text("utf-8"))
    }
    assert naming <= families


def test_a_rule_of_another_version_has_no_effect_and_is_not_shown_to_others() -> None:
    rule = rule_of("page.of-another-version")
    assert (rule.gap, rule.next_step, rule.voids_author_view) == (MonitoringGap.OTHER, "", False)
    assert rule.private
    assert not rule.by_owner
    assert not rule.overturns


def test_ids_are_unique_and_the_last_row_catches_everything() -> None:
    assert len({rule.id for rule in RULES}) == len(RULES)
    assert RULES[-1] is page_rules.LAST
    assert [rule.layer for rule in RULES] == sorted(rule.layer for rule in RULES)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_next_step_has_only_fields_that_are_filled(rule: rules.Rule) -> None:
    commands = ("login", "assist", "session_check", "doctor", "export", "learn")
    rule.next_step.format(handle="", **dict.fromkeys(commands, ""))
    assert not rule.next_step or rule.claims is Verdict.INCONCLUSIVE
    assert rule.gap is not MonitoringGap.CONTROLS or rule.id.startswith("controls.")
    assert (rule.layer is Layer.CONTROLS) <= (rule.gap is MonitoringGap.CONTROLS)
