"""Accounts that look like the author's: name them, compare them, and look at what was kept.

A comparison is made by a process of its own. Nothing is kept of it but its words, unless that is asked for.
"""

from dataclasses import dataclass

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import fill, values_of
from selfcheck.storage.child_process import open_file
from selfcheck.storage.data_folder import COMPARISON_PAGE
from selfcheck.web.access import form_of
from selfcheck.web.page import context_of, named_profile, own_workspace, rendered, to

_MOST = 20
"""Accounts in one comparison; ours: each is a page view at the platform's pace."""


@dataclass(frozen=True, kw_only=True)
class ComparedProfile:
    """A profile that accounts can be compared with, as the page shows it."""

    name: str
    whose: str
    can_compare: bool  # a session is there, which has to prove whose it is
    form: str  # where the platform takes reports; "": it is not known


def impostors(request: WebRequest) -> Response:
    """Show what can be compared, and the comparisons that were kept."""
    context, workspace = context_of(request), own_workspace(request)
    configuration = workspace.configuration()
    shown = []
    for profile in configuration.profiles if configuration else ():
        platform = load_platform(profile.platform)
        form = platform.impersonation if not platform.built_in_demo else None
        shown.append(
            ComparedProfile(
                name=profile.name,
                whose=f"{platform.shown_handle(profile.handle)} on {platform.title}",
                can_compare=platform.built_in_demo or context.has_session(profile.session),
                form=fill(form.url, values_of(profile, platform)) if form and form.url else "",
            )
        )
    folder = workspace.data.comparisons
    kept = sorted((path.parent.name for path in folder.glob(f"*/{COMPARISON_PAGE}")), reverse=True)
    return rendered(
        request,
        "impostors.html.j2",
        title="Accounts that look like yours",
        profiles=shown,
        kept=[name for name in kept if is_safe_name(name)],
        folder=str(folder),
    )


def compare(request: WebRequest) -> Response:
    """Compare the accounts that were named, in a process of its own, and lead to what it says."""
    workspace, profile = named_profile(request)
    form = form_of(request)
    accounts = tuple(dict.fromkeys(form.get("accounts", "").split()))
    if not accounts:
        raise UsageError(
            "No account was named.", next_step="Write each address or handle on a line of its own."
        )
    if len(accounts) > _MOST:
        raise UsageError(
            f"{len(accounts)} accounts were named.", next_step=f"Compare at most {_MOST} at a time."
        )
    job = context_of(request).jobs.compare(
        workspace.data, workspace.profiles_file, profile.name, accounts, keep=form.get("keep") == "yes"
    )
    return to(workspace, "progress", job)


def open_kept(request: WebRequest) -> Response:
    """Open a kept comparison in this machine's own browser: it is a page of its own, not the app's."""
    workspace, name = own_workspace(request), form_of(request).get("comparison", "")
    if not is_safe_name(name) or not (page := workspace.data.comparison(name) / COMPARISON_PAGE).is_file():
        raise UsageError("There is no such comparison.", next_step="Choose one of the list.")
    if not open_file(page.resolve()):
        raise UsageError("The page could not be opened here.", next_step=f"Open this file yourself: {page}")
    return to(workspace, "impostors")
