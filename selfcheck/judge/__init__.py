"""Decides what the observations mean. Pure: values in, values out.

Laws:
1. Order of judgement: transport, wall, session, controls, content. A wall, an outage, an expired session
   or a failed control never becomes hidden, suspended, missing or limited.
2. Insufficient evidence never becomes visible: what is shown needs a positive mark, just as what is gone.
3. "Gone" is believed when a second page load in a fresh context says so too, and when the controls of the
   same run show that the marks can still tell a live account from one that cannot exist.
4. A rule has a permanent id. A new meaning gets a new id.
5. The judge asks for more page loads; it never makes them.
6. A rule's row owns everything that follows from the rule; no other module names a rule by its id.

Start reading at `rules.py`, the table; each family of rules stands beside its checks in a module of its own.
`engine.py` walks the table for each page, `aggregate.py` turns pages into the profile's verdict.
"""

from selfcheck.judge.aggregate import is_all_well
from selfcheck.judge.engine import RULES_VERSION, conclude, judge

__all__ = ["RULES_VERSION", "conclude", "is_all_well", "judge"]
