"""Start: from the address of your page to a profile that is checked, step by step; each can be skipped."""

from dataclasses import dataclass

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.core.hosts import host_of
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.text_safety import one_line
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import known_names, load_platform
from selfcheck.platforms.page_urls import is_own_demo, parse_handle
from selfcheck.platforms.recognition import NamedAccount, whole_address
from selfcheck.runs.new_profile import (
    NewProfile,
    account_of_address,
    account_on_known_site,
    demo_file,
    own_file,
    what_can_be_known,
)
from selfcheck.sessions.store import SessionStore
from selfcheck.settings.profiles_edit import add_profile, write_checked
from selfcheck.web.access import form_of
from selfcheck.web.page import context_of, rendered, to, workspace_of


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """How far a profile is on its way."""

    name: str
    checked: bool
    can_sign_in: bool
    signed_in: bool


def start(request: WebRequest) -> Response:
    """Ask for the address of a page, and show what is left to do for the profiles that there are."""
    workspace = workspace_of(request)
    configuration = workspace.configuration()
    profiles = configuration.profiles if configuration else ()
    sessions = context_of(request).sessions
    run = workspace.data.has_history() and bool(workspace.data.finished_runs())
    steps = [
        NextStep(
            name=profile.name,
            checked=run,
            can_sign_in=platform.sign_in is not None and not is_own_demo(profile, platform),
            signed_in=_is_kept(sessions, profile.session),
        )
        for profile in profiles
        for platform in [load_platform(profile.platform)]
    ]
    return rendered(request, "start.html.j2", title="Start", steps=steps, address="", problem=())


def _is_kept(sessions: SessionStore, name: str) -> bool:
    return sessions.in_environment(name) or sessions.path_of(name) is not None


def recognise(request: WebRequest) -> Response:
    """Say whose page an address is and what can be known there; open nothing unless the form says so."""
    form = form_of(request)
    address = form.get("address", "").strip()
    if not address:
        raise UsageError("There is no address.", next_step="Copy it from your browser's address bar.")
    account = account_on_known_site(address) if "/" in address or "." in address else None
    if account is None and ("/" in address or "." in address) and form.get("ask") != "yes":
        host = host_of(whole_address(address))
        return rendered(
            request, "ask_site.html.j2", title=f"Ask {one_line(host)}?", address=address, host=host
        )
    account = account or account_of_address(address, ask=lambda _text: None)
    return _recognised(request, account)


def _recognised(request: WebRequest, account: NamedAccount) -> Response:
    platform = load_platform(account.platform)
    groups: list[tuple[str, list[str]]] = []
    notes = []
    for line in what_can_be_known(platform, account.base_url):
        if line.startswith(" "):
            groups[-1][1].append(line.strip())
        elif line.endswith(":"):
            groups.append((line.removesuffix(":"), []))
        else:
            notes.append(line)
    return rendered(
        request,
        "recognised.html.j2",
        title=f"{platform.shown_handle(account.handle)} on {platform.title}",
        account=account,
        platform=platform,
        name=safe_name(account.handle).lstrip("_@") or "me",
        groups=groups,
        notes=notes,
    )


def add(request: WebRequest) -> Response:
    """Add the profile that was recognised to the profiles file."""
    workspace, form = workspace_of(request), form_of(request)
    platform = load_platform(form["platform"]) if form.get("platform") in known_names() else None
    if platform is None:
        raise UsageError("No platform was chosen.", next_step="Begin again under Start.")
    try:
        handle = platform.shown_handle(parse_handle(form.get("handle", ""), platform))
    except ValueError as error:
        raise UsageError(f"This is not {error}.", next_step="Begin again under Start.") from None
    name, base_url = form.get("name", "").strip(), form.get("base_url") or None
    new = NewProfile(name=name, platform=form["platform"], handle=handle, base_url=base_url)
    add_profile(workspace.profiles_file, new.entry, new_file=own_file(new))
    return to(workspace, "start")


def add_demo(request: WebRequest) -> Response:
    """Write the demo's profiles into the demo's own folder, and begin to check them."""
    context = context_of(request)
    workspace = context.workspaces["demo"]
    if not workspace.profiles_file.exists():
        write_checked(workspace.profiles_file, None, demo_file())
    job = context.jobs.start(workspace.data, workspace.profiles_file, (), alerts=False)
    return to(workspace, "progress", job)
