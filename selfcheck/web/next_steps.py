"""What is still to be set up: signing in, alerts that arrive, a schedule. Start and Home show the same."""

from dataclasses import dataclass

from selfcheck.alerts.configured_channels import Environment, configured_channels
from selfcheck.history.service import open_history
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_urls import is_own_demo
from selfcheck.schedule.state import ScheduleRegistry
from selfcheck.settings import Configuration
from selfcheck.storage.data_folder import DataFolder
from selfcheck.web.page import AppContext, Workspace


@dataclass(frozen=True, kw_only=True)
class NextStep:
    """One step; each can be left out, and stays here until it is done."""

    page: str  # where it is done
    words: str
    why: str


def next_steps(
    context: AppContext, workspace: Workspace, configuration: Configuration | None
) -> tuple[NextStep, ...]:
    """Return what is still to be done, in order; nothing for the demo, and before there is a profile."""
    if configuration is None or workspace.is_demo:
        return ()
    steps = [*_to_sign_in(context, configuration), *_alerts(context, workspace.data, configuration)]
    here, schedules = workspace.data.path.resolve(), ScheduleRegistry(context.machine.register).all()
    if all(schedule.data.path.resolve() != here for schedule in schedules):
        steps.append(
            NextStep(
                page="schedule",
                words="Choose how often it is checked by itself",
                why="Until then it is checked only when you do it.",
            )
        )
    return tuple(steps)


def _to_sign_in(context: AppContext, configuration: Configuration) -> list[NextStep]:
    names = [
        profile.name
        for profile in configuration.profiles
        for platform in [load_platform(profile.platform)]
        if platform.sign_in is not None
        and not is_own_demo(profile, platform)
        and not context.has_session(profile.session)
    ]
    why = "Without that, only what the public sees is checked, and nothing to compare it with."
    return [NextStep(page="sessions", words=f"Sign in for {', '.join(names)}", why=why)] if names else []


def _alerts(context: AppContext, data: DataFolder, configuration: Configuration) -> list[NextStep]:
    environment = Environment(environ=context.environ, sleep=context.sleep, say=lambda _text: None)
    names = {channel.name for channel in configured_channels(configuration.preferences, environment)}
    if not names:
        why = "Otherwise you learn of a suspension only when you look here."
        return [NextStep(page="alerts", words="Choose how you are told, and send a test", why=why)]
    arrived: set[str] = set()
    if data.has_history():
        with open_history(data) as history:
            arrived = {delivery.channel for delivery in history.deliveries() if delivery.ok}
    if names & arrived:
        return []
    why = "Nothing has arrived on any channel so far."
    return [NextStep(page="alerts", words="Send a test message", why=why)]
