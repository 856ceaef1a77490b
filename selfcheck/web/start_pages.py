"""Start: from the address of your page to a profile that is checked, step by step; each can be skipped."""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.core.hosts import host_of
from selfcheck.core.request import ProfileRequest, RunOptions
from selfcheck.core.safe_filename import safe_name
from selfcheck.core.text_safety import one_line
from selfcheck.errors import UsageError
from selfcheck.platforms.catalogue import known_names, load_platform
from selfcheck.platforms.page_urls import is_own_demo, parse_handle
from selfcheck.platforms.recognition import NamedAccount, whole_address
from selfcheck.runs import first_look
from selfcheck.runs.new_profile import (
    NewProfile,
    account_of_address,
    account_on_known_site,
    demo_file,
    own_file,
    what_can_be_known,
)
from selfcheck.settings.profiles_edit import add_profile, check_text, write_checked
from selfcheck.storage.files import read_plain
from selfcheck.web.access import form_of
from selfcheck.web.next_steps import next_steps
from selfcheck.web.page import context_of, png, preferences_of, rendered, to, workspace_of


@dataclass(frozen=True, kw_only=True)
class ProfileSteps:
    """How far a profile is on its way."""

    name: str
    can_sign_in: bool
    signed_in: bool


def start(request: WebRequest) -> Response:
    """Ask for the address of a page, and show what is left to do for the profiles that there are."""
    context, workspace = context_of(request), workspace_of(request)
    configuration = workspace.configuration()
    profiles = configuration.profiles if configuration else ()
    steps = [
        ProfileSteps(
            name=profile.name,
            can_sign_in=platform.sign_in is not None and not is_own_demo(profile, platform),
            signed_in=context.has_session(profile.session),
        )
        for profile in profiles
        for platform in [load_platform(profile.platform)]
    ]
    later = next_steps(context, workspace, configuration)
    return rendered(request, "start.html.j2", title="Start", steps=steps, next_steps=later)


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
        name=_usual_name(account.handle),
        groups=groups,
        notes=notes,
    )


def _usual_name(handle: str) -> str:
    return safe_name(handle).lstrip("_@") or "me"


def look(request: WebRequest) -> Response:
    """Open the page of the account once, logged out, and lead to what is there."""
    context, workspace, new = context_of(request), workspace_of(request), _account_of(form_of(request))
    check_text(workspace.profiles_file, own_file(new))
    profile = ProfileRequest(
        name=new.name,
        platform=new.platform,
        handle=parse_handle(new.handle, load_platform(new.platform)),
        base_url=new.base_url.rstrip("/") if new.base_url else None,
    )
    options = preferences_of(workspace).applied_to(RunOptions(data_dir=workspace.data.path))
    with context.looking:  # a second click finds what the first one saw
        folder = first_look.look_once(profile, options, now=context.now)
    return _looked(request, new, folder.name)


def _looked(request: WebRequest, new: NewProfile, name: str) -> Response:
    kept = first_look.kept_look(workspace_of(request).data, name)
    if kept is None:
        raise HTTPException(404)
    platform = load_platform(new.platform)
    return rendered(
        request,
        "look.html.j2",
        title="Is this you?" if kept[0].is_shown else "This does not show an author's page",
        account=new,
        whose=f"{new.handle} on {platform.title}",
        name=new.name,
        look=kept[0],
        folder=name,
    )


def look_picture(request: WebRequest) -> Response:
    """Return the picture of the page that a look saw."""
    kept = first_look.kept_look(workspace_of(request).data, request.path_params["look"])
    if kept is None:
        raise HTTPException(404)
    return png(lambda: read_plain(kept[1], first_look.PICTURE))


def _account_of(form: Mapping[str, str]) -> NewProfile:
    """Return the account that a form of ours names. Raises UsageError where it names none."""
    platform = load_platform(form["platform"]) if form.get("platform") in known_names() else None
    if platform is None:
        raise UsageError("No platform was chosen.", next_step="Begin again under Start.")
    try:
        handle = platform.shown_handle(parse_handle(form.get("handle", ""), platform))
    except ValueError as error:
        raise UsageError(f"This is not {error}.", next_step="Begin again under Start.") from None
    name = form.get("name", "").strip() or _usual_name(handle)
    return NewProfile(
        name=name, platform=form["platform"], handle=handle, base_url=form.get("base_url") or None
    )


def add(request: WebRequest) -> Response:
    """Add the profile that was recognised to the profiles file."""
    workspace, new = workspace_of(request), _account_of(form_of(request))
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
