"""What readers are told of where the author is now, and of what happened to an account. Pure.

It says what was seen and claims nothing of the platform's reasons.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from selfcheck.core.enums import Verdict
from selfcheck.core.incident import Incident, IncidentState
from selfcheck.core.times import long_date

_AFTERWARDS = timedelta(days=30)
"""So long after its end readers are told that an account is back."""

_SEEN = {
    Verdict.SUSPENDED: "my account {account} has been suspended",
    Verdict.LIMITED: "the public has not been shown all of my account {account}",
}
_HIDDEN = "the public has not been able to see my account {account}"


@dataclass(frozen=True, kw_only=True)
class NewPlace:
    """One place where readers find the author."""

    label: str
    address: str


@dataclass(frozen=True, kw_only=True)
class AccountNotice:
    """What readers are told of an account in one sentence."""

    text: str
    over: bool


def account_notices(
    incidents: Iterable[Incident], now: datetime, labels: dict[str, str]
) -> tuple[AccountNotice, ...]:
    """Return what is said of the accounts with an open incident, or one that ended a short while ago.

    `labels` are the platforms' names for people. What its author dismissed as a mistake is never told.
    """
    notices, accounts = [], set()
    for incident in sorted(incidents, key=lambda incident: incident.first_bad_at, reverse=True):
        if incident.account in accounts or incident.state is IncidentState.DISMISSED:
            continue
        accounts.add(incident.account)
        account = f"{incident.handle} on {labels.get(incident.platform, incident.platform)}"
        if not incident.over:
            seen = _SEEN.get(incident.verdict, _HIDDEN).format(account=account)
            text = f"Since {long_date(incident.first_bad_at.date())} {seen}. You can read my stories here."
            notices.append(AccountNotice(text=text, over=False))
        elif incident.over_at is not None and now - incident.over_at <= _AFTERWARDS:
            since = long_date(incident.over_at.date())
            text = f"My account {account} is visible to the public again since {since}."
            notices.append(AccountNotice(text=text, over=True))
    return tuple(notices)
