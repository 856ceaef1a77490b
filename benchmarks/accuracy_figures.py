"""Counts calls against labels: the figures of `accuracy.py` and the table that shows them. Pure.

A label is one of three classes, and so is a method's call: `fine` (the public sees it), `bad` (it does not,
or less than it should) and `unknown` (the evidence does not allow to tell).
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from selfcheck.core.enums import Verdict

FINE, BAD, UNKNOWN = "fine", "bad", "unknown"
Z = 1.959964  # of a 95 % interval
MOST_NEEDLESS = 0.02


def class_of(verdict: Verdict) -> str:
    if verdict is Verdict.INCONCLUSIVE:
        return UNKNOWN
    return FINE if verdict is Verdict.VISIBLE else BAD


def wilson(hits: int, of: int) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share; the whole range where there is nothing to count."""
    if of == 0:
        return 0.0, 1.0
    share, spread = hits / of, Z * Z / of
    middle = (share + spread / 2) / (1 + spread)
    half = Z * math.sqrt(share * (1 - share) / of + spread / of / 4) / (1 + spread)
    return max(0.0, middle - half), min(1.0, middle + half)


@dataclass(frozen=True, kw_only=True)
class Share:
    """How often something happened among the cases in which it could."""

    hits: int
    of: int

    def __str__(self) -> str:
        if self.of == 0:
            return "-"
        low, high = wilson(self.hits, self.of)
        return f"{self.hits} of {self.of} = {self.hits / self.of:.1%} ({low:.1%} to {high:.1%})"


@dataclass(frozen=True, kw_only=True)
class Figures:
    """What one method made of its cases: pairs of label and call."""

    name: str
    pairs: tuple[tuple[str, str], ...]

    def _share(self, call: str, labels: Iterable[str]) -> Share:
        concerned = [called for label, called in self.pairs if label in set(labels)]
        return Share(hits=concerned.count(call), of=len(concerned))

    @property
    def false_alarms(self) -> Share:
        """Return how often something bad was said where it is not, or cannot be told."""
        return self._share(BAD, (FINE, UNKNOWN))

    @property
    def misses(self) -> Share:
        """Return how often `fine` was said of something bad."""
        return self._share(FINE, (BAD,))

    @property
    def unfounded(self) -> Share:
        """Return how often `fine` was said where nothing can be told."""
        return self._share(FINE, (UNKNOWN,))

    @property
    def needless(self) -> Share:
        """Return how often `unknown` was said where it can be told."""
        return self._share(UNKNOWN, (FINE, BAD))

    @property
    def inconclusive(self) -> Share:
        """Return how often `unknown` was said at all."""
        return self._share(UNKNOWN, (FINE, BAD, UNKNOWN))

    @property
    def goal_met(self) -> bool:
        """Return whether there is no error, and little said to be unknown that is not."""
        none = self.false_alarms.hits == self.misses.hits == self.unfounded.hits == 0
        return none and self.needless.hits <= MOST_NEEDLESS * self.needless.of


def methods_table(rows: Sequence[Figures]) -> str:
    """Return a Markdown table, a method a row."""
    head = ("method", "false alarms", "misses", "“fine” without evidence", "needlessly inconclusive")
    cells = [(*head, "all inconclusive"), ("---",) * 6]
    cells += [
        (one.name, *map(str, (one.false_alarms, one.misses, one.unfounded, one.needless, one.inconclusive)))
        for one in rows
    ]
    return "\n".join(f"| {' | '.join(row)} |" for row in cells)


def confusion(pairs: Sequence[tuple[Verdict, Verdict]]) -> str:
    """Return the confusion matrix in Markdown: a row for each label, a column for each verdict."""
    counted = Counter(pairs)
    lines = ["| label ↓ verdict → | " + " | ".join(Verdict) + " |", "|---" * (len(Verdict) + 1) + "|"]
    lines += [
        f"| {label} | " + " | ".join(str(counted[label, said] or "·") for said in Verdict) + " |"
        for label in Verdict
    ]
    return "\n".join(lines)
