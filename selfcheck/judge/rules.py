"""The table of rules, in the order of judgement. Each family of rows stands beside its checks.

Laws:
1. Rows are frozen and ids permanent; a changed meaning gets a new id.
2. Within a layer the first row that holds decides; the others that hold are reported beside it.
3. The last row catches everything that no other row knows: it is inconclusive.
4. A row's `check` returns the reason in words that a writer understands, or None where it does not hold.
5. A row owns everything that follows from it. An id that the table does not hold (of an older or newer
   version) has no consequences, except that it is not shown to others.
"""

from selfcheck.core.enums import Verdict
from selfcheck.judge.gone_rules import GONE_RULES
from selfcheck.judge.list_omissions import LIST_RULES
from selfcheck.judge.lists_unexplained import LISTS_UNEXPLAINED
from selfcheck.judge.page_rules import KEPT_BACK_RULES, LAST, SESSION_UNPROVEN, SHOWN_RULES
from selfcheck.judge.preconditions import PRECONDITIONS
from selfcheck.judge.reduced_visibility import (
    NOINDEX_UNEXPLAINED,
    REDUCED_RULES,
    TEXT_NOT_COMPARED,
)
from selfcheck.judge.rule import PAGES, Layer, Rule
from selfcheck.judge.support import SUPPORT

__all__ = ["PAGES", "RULES", "Layer", "Rule", "rule_of"]

RULES: tuple[Rule, ...] = (
    *PRECONDITIONS,
    *GONE_RULES,
    *KEPT_BACK_RULES,
    *REDUCED_RULES,
    *LIST_RULES,
    SESSION_UNPROVEN,  # after all that the two views show to differ, before all that rests on their agreeing
    *LISTS_UNEXPLAINED,
    NOINDEX_UNEXPLAINED,  # claims nothing, so it must not stand before a row of its layer that does
    TEXT_NOT_COMPARED,
    *SHOWN_RULES,
    *SUPPORT,
    LAST,
)

_BY_ID = {rule.id: rule for rule in RULES}
_UNKNOWN = Rule(
    id="unknown",
    layer=Layer.REST,
    claims=Verdict.INCONCLUSIVE,
    check=lambda _: None,
    evidence="A rule of another version.",
    private=True,
)


def rule_of(rule_id: str) -> Rule:
    """Return the row with this id, as a run reports it; for an id that is not known a row without effects."""
    return _BY_ID.get(rule_id, _UNKNOWN)
