"""A comparison as text for the terminal and as JSON. Pure."""

import json
from collections.abc import Iterator
from dataclasses import asdict

from selfcheck.core.text_safety import one_line
from selfcheck.core.times import utc
from selfcheck.impostors.model import AccountComparison, Comparison, SeenAccount
from selfcheck.impostors.names import SIMILAR_FROM
from selfcheck.impostors.pictures import ALIKE_TO
from selfcheck.impostors.text import (
    NO_JUDGEMENT,
    account_line,
    headline,
    likeness_lines,
    not_proven,
    report_lines,
    tally,
)

SCHEMA = "selfcheck.impostors/1"


def comparison_text(comparison: Comparison) -> str:
    """Return the comparison for the terminal."""
    if not comparison.is_proven or comparison.own is None:
        return not_proven(comparison)
    return "\n".join(_lines(comparison, comparison.own))


def _lines(comparison: Comparison, own: SeenAccount) -> Iterator[str]:
    yield f"{one_line(comparison.profile)}: {one_line(comparison.proof)}. Yours: {account_line(own)}."
    if own.picture.why_not:
        yield f"Your picture was not read: {one_line(own.picture.why_not)}."
    for number, compared in enumerate(comparison.accounts, 1):
        yield ""
        yield f"{number}. {one_line(compared.written)}"
        yield from (f"   {line}" for line in _of_account(compared))
    yield ""
    yield tally(comparison)
    yield NO_JUDGEMENT


def _of_account(compared: AccountComparison) -> Iterator[str]:
    yield f"{headline(compared)}."
    if compared.account is not None:
        yield f"{account_line(compared.account)}, {one_line(compared.account.url)}"
    yield from likeness_lines(compared)
    yield from report_lines(compared)


def comparison_json(comparison: Comparison) -> str:
    """Return the comparison for programs; pictures are not in it."""
    document = {
        "schema": SCHEMA,
        "profile": comparison.profile,
        "at": utc(comparison.at),
        "proven": comparison.is_proven,
        "proof": comparison.proof,
        "browser": comparison.browser,
        "measures": {
            "name": "normalised Indel similarity of the skeletons, percent",
            "similar_from": SIMILAR_FROM,
            "picture": "bits of 256 of the perceptual hash that differ",
            "alike_to": ALIKE_TO,
        },
        "you": _account(comparison.own),
        "accounts": [_compared(compared) for compared in comparison.accounts],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _account(account: SeenAccount | None) -> dict[str, str] | None:
    if account is None:
        return None
    return {
        "platform": account.platform,
        "handle": account.handle,
        "name": account.name,
        "url": account.url,
        "picture": account.picture.why_not or "read",
    }


def _compared(compared: AccountComparison) -> dict[str, object]:
    report = compared.report
    return {
        "written": compared.written,
        "finding": compared.finding.value,
        "says": headline(compared),
        "why": compared.why,
        "account": _account(compared.account),
        "name": compared.name and asdict(compared.name),
        "handle": compared.handle and asdict(compared.handle),
        "picture": compared.picture and asdict(compared.picture),
        "report": report
        and {
            "platform": report.platform,
            "place": report.place,
            "says": report.facts.says,
            "source": report.facts.source,
            "tag": report.facts.tag,
            "seen": report.facts.seen,
        },
    }
