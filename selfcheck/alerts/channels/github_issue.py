"""GitHub issues as a channel: one issue for each incident, brought up to date by the client in `github`.

Laws:
1. GitHub is asked what is there before anything is done, so doing it twice changes nothing more. That holds
   where the history was lost, and beside the Action, too.
2. A notice that is not about an incident opens nothing.
"""

from collections.abc import Mapping

from selfcheck.alerts.github import INSTALL, NO_GH, Close, Gh, IssueTracker, Open
from selfcheck.alerts.notice import AlertMessage, IncidentIssue, SentNotice
from selfcheck.errors import HostingError

MISSING = f"{NO_GH} {INSTALL}"


class GithubIssueChannel:
    """The issues of one repository; that of the folder, or of `GH_REPO`, where none is named."""

    def __init__(self, repository: str | None, *, environ: Mapping[str, str]) -> None:
        self._gh = Gh(environ)
        self._repository = repository

    def trouble(self) -> str | None:
        """Return whether `gh` is missing."""
        return None if self._gh.program() else MISSING

    def send(self, message: AlertMessage) -> SentNotice:
        """Open, comment on or close the incident's issue, as far as that is not done yet."""
        if self._gh.program() is None:
            return SentNotice(ok=False, detail=MISSING, again=False)
        tracker = IssueTracker(self._repository, self._gh)
        try:
            if message.issue is None:
                tracker.reach()
                return SentNotice(ok=True, detail="the repository can be reached; no issue was opened")
            return SentNotice(ok=True, detail=_update(tracker, message.issue))
        except HostingError as error:
            return SentNotice(ok=False, detail=f"{error.what} {error.cause or ''}".strip())


def _update(tracker: IssueTracker, wanted: IncidentIssue) -> str:
    """Bring the issue up to date, and return in words what was done. Raise HostingError."""
    issue, calls = tracker.bring_up_to_date(wanted)
    if issue is None:
        return "it was over before there was an issue"
    if any(isinstance(call, Open) for call in calls):
        return f"opened {issue.url}"
    if any(isinstance(call, Close) for call in calls):
        return f"issue {issue.number} was closed"
    return f"issue {issue.number} was commented on" if calls else f"issue {issue.number} was up to date"
