"""Sessions: whose each saved one is, how old, whether a check saw it work; sign in, try it, remove it."""

from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.artifacts.run_reader import StoredRun
from selfcheck.core.enums import AUTHOR
from selfcheck.core.labels import Tone
from selfcheck.core.request import ProfileRequest
from selfcheck.core.times import days_ago
from selfcheck.errors import RunUnreadableError, SelfcheckError, UsageError
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import is_own_demo
from selfcheck.platforms.schema import Platform
from selfcheck.sessions import saved_sessions
from selfcheck.sessions.saved_sessions import SavedSession, saved_session
from selfcheck.sessions.store import variable_of
from selfcheck.web.access import form_of
from selfcheck.web.page import AppContext, Workspace, context_of, named_profile, own_workspace, rendered, to

_LATEST = 10  # runs in which a proof is looked for


@dataclass(frozen=True, kw_only=True)
class ShownSession:
    """A session as the page shows it."""

    name: str
    whose: str  # profile, account and platform; "": no profile uses it
    profile: str  # "": as above
    word: str
    tone: Tone
    lines: tuple[str, ...]
    saved: bool  # there is one, which can be tried
    removable: bool  # it is in the folder, not only in the environment


def sessions(request: WebRequest) -> Response:
    """Show the session of each profile, and what else is saved."""
    context, workspace = context_of(request), own_workspace(request)
    now = context.now()
    configuration = workspace.configuration()
    profiles = [
        (profile, platform)
        for profile in (configuration.profiles if configuration else ())
        for platform in [load_platform(profile.platform)]
        if platform.sign_in is not None and not is_own_demo(profile, platform)
    ]
    used = {profile.session for profile, _ in profiles}
    others = [
        _shown(session, None, "", context)
        for session in saved_sessions.saved_sessions(context.sessions, {}, now)
        if session.name not in used
    ]
    return rendered(
        request,
        "sessions.html.j2",
        title="Sessions",
        sessions=[_of_profile(profile, platform, workspace, context) for profile, platform in profiles],
        others=others,
        also_kept=saved_sessions.also_kept(context.sessions, now),
        folder=str(context.sessions.folder),
        no_display=_no_display(profiles[0][0], workspace, context) if profiles else (),
    )


def _of_profile(
    profile: ProfileRequest, platform: Platform, workspace: Workspace, context: AppContext
) -> ShownSession:
    whose = f"{profile.name}: {platform.shown_handle(profile.handle)} on {platform.title}"
    session = saved_session(context.sessions, profile.session, profile, context.now())
    if session is None:
        return ShownSession(
            name=profile.session,
            whose=whose,
            profile=profile.name,
            word="Not signed in",
            tone=Tone.UNCLEAR,
            lines=("Without a session the profile is checked only as the public sees it.",),
            saved=False,
            removable=False,
        )
    return _shown(session, _proof(profile, platform, session, workspace), whose, context)


def _shown(
    session: SavedSession, proof: tuple[str, Tone, str] | None, whose: str, context: AppContext
) -> ShownSession:
    word, tone, said = proof or ("Saved", Tone.UNCLEAR, "No profile uses it.")
    lines = [said]
    if session.saved_at is not None:
        lines.append(
            f"Saved {session.saved_at:%Y-%m-%d %H:%M} UTC ({days_ago(session.saved_at, context.now())})."
        )
    else:
        lines.append(f"It is given in the environment, as {variable_of(session.name)}.")
    if session.error is not None:
        word, tone = "Cannot be read", Tone.BAD
        lines = [*session.error.lines(context.hints), *lines[1:]]
    elif session.trouble:
        word, tone = "Does not work any more", Tone.BAD
        lines[0] = f"{session.trouble[0].upper()}{session.trouble[1:]}."
    elif session.end is not None:
        soon = ", which is soon: sign in again" if session.ends_soon else ""
        lines.append(f"It is expected to end on {session.end:%Y-%m-%d}{soon}.")
    if session.plain:
        lines.append(
            "It is not encrypted. To encrypt it, type: "
            + context.hints.command("session", "encrypt", session.name)
        )
    return ShownSession(
        name=session.name,
        whose=whose,
        profile=session.profile.name if session.profile else "",
        word=word,
        tone=tone,
        lines=tuple(lines),
        saved=session.profile is not None,
        removable=session.saved_at is not None,
    )


def _proof(
    profile: ProfileRequest, platform: Platform, session: SavedSession, workspace: Workspace
) -> tuple[str, Tone, str]:
    """Return in words whether the latest check that used this session saw it work, and as whom."""
    for run_id in workspace.data.finished_runs()[:_LATEST]:
        try:
            document = StoredRun(workspace.data.run(run_id)).result
        except RunUnreadableError:
            continue
        record = document.profile(profile.name)
        looks = [look for page in (record.pages if record else ()) if (look := page.view(AUTHOR))]
        if session.saved_at is not None and document.started_at < session.saved_at:
            break
        day = f"{document.started_at:%Y-%m-%d %H:%M} UTC"
        names = {look.signed_in_as for look in looks if look.signed_in_as}
        if names:
            shown = ", ".join(sorted(platform.shown_handle(name) for name in names))
            own = platform.handle_of(profile.handle)
            if all(platform.handle_of(name) == own for name in names):
                return "Works", Tone.GOOD, f"The check of {day} saw you signed in as {shown}."
            return (
                "Another account's",
                Tone.BAD,
                f"The check of {day} saw it signed in as {shown}. Sign in again.",
            )
        if any(look.signed_in for look in looks):
            return "Works", Tone.GOOD, f"The check of {day} saw you signed in; the page did not say as whom."
        if looks and all(look.signed_in is False for look in looks):
            return "Signed out", Tone.BAD, f"The check of {day} saw it signed out. Sign in again."
    return "Not tried yet", Tone.WARN, "No check has used it since it was saved."


def _no_display(profile: ProfileRequest, workspace: Workspace, context: AppContext) -> tuple[str, ...]:
    """Return why no window can be opened here, and what to type elsewhere; nothing where one can."""
    from selfcheck.sessions.login import refuse_without_display  # noqa: PLC0415 - Playwright, only here

    try:
        refuse_without_display(profile, workspace.profiles_file, environ=context.environ)
    except SelfcheckError as error:
        return error.lines(context.hints)
    return ()


def sign_in(request: WebRequest) -> Response:
    """Open a window in which the author signs in by hand, and lead to what it waits for."""
    (workspace, profile), context = named_profile(request), context_of(request)
    if lines := _no_display(profile, workspace, context):
        raise UsageError(lines[0], cause=" ".join(lines[1:-1]), next_step=lines[-1])
    return to(
        workspace, "progress", context.jobs.sign_in(workspace.data, workspace.profiles_file, profile.name)
    )


def check(request: WebRequest) -> Response:
    """Open one page with a session, and lead to what it says."""
    (workspace, profile), jobs = named_profile(request), context_of(request).jobs
    return to(
        workspace, "progress", jobs.check_session(workspace.data, workspace.profiles_file, profile.name)
    )


def forget(request: WebRequest) -> Response:
    """Remove a session, or what else is kept beside them, from this machine."""
    workspace, store, name = (
        own_workspace(request),
        context_of(request).sessions,
        form_of(request).get("name", ""),
    )
    known = {*store.names(), *saved_sessions.also_kept(store, context_of(request).now())} - {""}
    if name not in known or not saved_sessions.forget(store, name):
        raise UsageError("There is no such session.", next_step="Load the page of the sessions again.")
    return to(workspace, "sessions")


def was_saved(context: AppContext, workspace: Workspace, name: str, since: datetime) -> bool:
    """Return whether a session of this profile was saved since then: signing in has worked."""
    configuration = workspace.configuration()
    sessions = [one.session for one in configuration.profiles if one.name == name] if configuration else []
    saved_at = context.sessions.saved_at(sessions[0]) if sessions else None
    return saved_at is not None and saved_at >= since
