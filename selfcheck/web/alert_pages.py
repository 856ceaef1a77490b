"""Alerts: whom selfcheck tells, whether that arrives, a test; channels added and removed, addresses kept.

An address is written into the file of secrets as soon as it is sent, and shown nowhere from then on. What
changes in the profiles file is shown before it is saved, like every change of that file.
"""

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.alerts.channels.apprise_url import AppriseChannel
from selfcheck.alerts.configured_channels import ConfiguredChannel, Environment, configured_channels
from selfcheck.alerts.dispatch import DispatchContext, try_channels
from selfcheck.alerts.heartbeat import VARIABLE as HEARTBEAT
from selfcheck.alerts.heartbeat import Heartbeat
from selfcheck.alerts.new_channel import FormMistakesError, NewChannel, new_channel
from selfcheck.appeal.rights.service import date_lines
from selfcheck.appeal.send import PASSWORD as MAIL_PASSWORD
from selfcheck.core.history import Delivery
from selfcheck.core.labels import Tone
from selfcheck.core.times import listed
from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.evidence.stored_pictures import written_picture
from selfcheck.history.service import open_history
from selfcheck.settings import Configuration
from selfcheck.settings.alerts import SIMPLE
from selfcheck.settings.profiles_edit import check_text, edited, removed
from selfcheck.settings.secrets import put_secret, read_secrets, remove_secret
from selfcheck.storage.data_folder import DataFolder
from selfcheck.web.access import form_of
from selfcheck.web.page import AppContext, Workspace, context_of, own_workspace, rendered, to
from selfcheck.web.settings_pages import current_text, shown_change

_KINDS: Mapping[str, str] = {
    "apprise": "a chat, a phone or mail",
    "terminal": "the terminal of the program that checks",
    "github-issue": "issues on GitHub",
    "command": "a program of your own",
}
_ADDRESS = "SELFCHECK_ALERT_"


@dataclass(frozen=True, kw_only=True)
class ShownChannel:
    """A channel as the page shows it."""

    name: str
    word: str
    tone: Tone
    lines: tuple[str, ...]
    variable: str  # which holds its address; "": it has none
    removable: bool  # it stands in the profiles file


def alerts(request: WebRequest) -> Response:
    """Show the channels, and the forms that add one."""
    return _shown(request, {}, {})


def _shown(request: WebRequest, values: Mapping[str, str], mistakes: Mapping[str, str]) -> Response:
    context, workspace = context_of(request), own_workspace(request)
    configuration = workspace.configuration()
    channels = _channels(configuration, context)
    last = _last_deliveries(workspace.data)
    beat = context.environ.get(HEARTBEAT, "")
    return rendered(
        request,
        "alerts.html.j2",
        title="Alerts",
        has_profiles=configuration is not None,
        channels=[_channel(channel, configuration, last.get(channel.name)) for channel in channels],
        heartbeat=bool(beat),
        heartbeat_trouble=Heartbeat(beat).trouble() if beat else None,
        heartbeat_variable=HEARTBEAT,
        secrets=_kept_secrets(context, configuration),
        secrets_file=str(context.secrets),
        values=values,
        mistakes=mistakes,
    )


def _channels(configuration: Configuration | None, context: AppContext) -> tuple[ConfiguredChannel, ...]:
    return configured_channels(configuration.preferences, _environment(context)) if configuration else ()


def _environment(context: AppContext) -> Environment:
    def say(text: str) -> None:
        sys.stderr.write(f"{text}\n")

    return Environment(environ=context.environ, sleep=context.sleep, say=say)


def _last_deliveries(data: DataFolder) -> Mapping[str, Delivery]:
    """Return what came of the latest message on each channel; asking creates nothing."""
    if not data.has_history():
        return {}
    with open_history(data) as history:
        return {delivery.channel: delivery for delivery in history.deliveries()}


def _channel(
    channel: ConfiguredChannel, configuration: Configuration | None, last: Delivery | None
) -> ShownChannel:
    settings, trouble = channel.settings, channel.channel.trouble()
    about = listed(settings.profiles) if settings.profiles else "all profiles"
    quiet = f", held back {settings.quiet}" if settings.quiet else ""
    lines = [f"It is {_KINDS[settings.kind]}, for {about}{quiet}."]
    if settings.url_env:
        lines.append(f"Its address is in {settings.url_env}, and is shown nowhere.")
    word, tone = "Not tried yet", Tone.WARN
    if last is not None:
        word, tone = ("Arrived", Tone.GOOD) if last.ok else ("Did not arrive", Tone.BAD)
        detail = f": {last.detail}" if last.detail else ""
        lines.append(f"The latest message was sent {last.at:%Y-%m-%d %H:%M} UTC: {word.lower()}{detail}.")
    if trouble:
        word, tone = "Cannot be used", Tone.BAD
        lines.append(f"{trouble[0].upper()}{trouble[1:]}.")
    written = configuration.preferences.alerts.channels if configuration else ()
    return ShownChannel(
        name=channel.name,
        word=word,
        tone=tone,
        lines=tuple(lines),
        variable=(settings.url_env or "") if settings in written else "",
        removable=settings in written,
    )


def _kept_secrets(context: AppContext, configuration: Configuration | None) -> dict[str, str]:
    """Return the names of the addresses and passwords in the file of secrets, and what each is for."""
    channels = configuration.preferences.alerts.channels if configuration else ()
    used = {channel.url_env: f"the channel {channel.name}" for channel in channels}
    used |= {SIMPLE: "channels", HEARTBEAT: "the sign of life", MAIL_PASSWORD: "your mail server"}
    names = read_secrets(context.secrets) if context.secrets.exists() else {}
    return {
        name: used.get(name, "nothing any more")
        for name in names
        if name.startswith(_ADDRESS) or name in {HEARTBEAT, MAIL_PASSWORD}
    }


# -- add and remove ----------------------------------------------------------------------------------------


def add(request: WebRequest) -> Response:
    """Keep the address of a new channel, and show what changes in the profiles file."""
    context, workspace, form = context_of(request), own_workspace(request), form_of(request)
    configuration = workspace.configuration()
    if configuration is None:
        raise UsageError("There is no profile yet.", next_step="Add one under Start.")
    before = current_text(workspace.profiles_file)
    try:
        channel = _new(form, context, configuration)
        place = len(configuration.preferences.alerts.channels)
        text = edited(before, lambda document: _channel_list(document).append(dict(channel.entry)))
        _refuse_mistakes(workspace, text, f"settings.alerts.channels[{place}]")
    except FormMistakesError as error:
        return _shown(request, {**form, "password": "", "address": ""}, error.mistakes)
    if channel.variable:
        _keep(context, channel.variable, channel.address)
    return shown_change(request, before=before, text=text, back="alerts")


def _new(form: Mapping[str, str], context: AppContext, configuration: Configuration) -> NewChannel:
    """Return the channel of the form. Raises FormMistakesError, also where its address means nothing."""
    in_file = read_secrets(context.secrets) if context.secrets.exists() else {}
    channels = configuration.preferences.alerts.channels
    taken = {SIMPLE, *(channel.url_env or "" for channel in channels), *context.environ} - {
        name for name in in_file if name not in {channel.url_env for channel in channels}
    }
    channel = new_channel(form, taken=taken)
    if channel.variable and (trouble := AppriseChannel(channel.address).trouble()):
        field = {"ntfy": "topic", "mail": "host"}.get(form["kind"], "address")
        raise FormMistakesError({field: f"{trouble[0].upper()}{trouble[1:]}."})
    return channel


def _channel_list(document: Any) -> Any:
    """Return the list of channels in what the profiles file holds, made where it is missing."""
    for key, empty in (("settings", {}), ("alerts", {}), ("channels", [])):
        if document.get(key) is None:
            document[key] = empty
        document = document[key]
    return document


def _refuse_mistakes(workspace: Workspace, text: str, entry: str) -> None:
    """Raise FormMistakesError with what is wrong with the new entry, ConfigurationError for anything else."""
    try:
        check_text(workspace.profiles_file, text)
    except ConfigurationError as error:
        mistakes = {}
        for issue in error.mistakes:
            of_list = entry.startswith(issue.where)
            if not of_list and not issue.where.startswith(entry):
                raise
            field = "name" if of_list else issue.where.removeprefix(entry).strip(".").partition("[")[0]
            mistakes[field or "name"] = f"Found {issue.actual}, expected {issue.expected}."
        raise FormMistakesError(mistakes) from error


def remove(request: WebRequest) -> Response:
    """Show the profiles file without a channel. Its address stays until it is removed, too."""
    workspace, name = own_workspace(request), form_of(request).get("channel", "")
    configuration = workspace.configuration()
    names = [one.name for one in configuration.preferences.alerts.channels] if configuration else []
    if name not in names:
        raise UsageError("There is no such channel.", next_step="Load the page of the alerts again.")
    before = current_text(workspace.profiles_file)
    text = removed(before, ("settings", "alerts", "channels", names.index(name)))
    return shown_change(request, before=before, text=text, back="alerts")


def keep_address(request: WebRequest) -> Response:
    """Keep another address of a channel, or that of the sign of life."""
    context, workspace, form = context_of(request), own_workspace(request), form_of(request)
    name, address = form.get("name", ""), form.get("address", "").strip()
    configuration = workspace.configuration()
    channels = configuration.preferences.alerts.channels if configuration else ()
    if name not in {HEARTBEAT, *(channel.url_env for channel in channels)}:
        raise UsageError("There is no such address.", next_step="Load the page of the alerts again.")
    target = Heartbeat(address) if name == HEARTBEAT else AppriseChannel(address)
    trouble = target.trouble() if address else "fill this in"
    if trouble:
        return _shown(request, {}, {name: f"{trouble[0].upper()}{trouble[1:]}."})
    _keep(context, name, address)
    return to(workspace, "alerts")


def forget_secret(request: WebRequest) -> Response:
    """Remove an address from the file of secrets."""
    context, workspace, name = context_of(request), own_workspace(request), form_of(request).get("name", "")
    known = _kept_secrets(context, workspace.configuration())
    if name not in known or not remove_secret(context.secrets, name):
        raise UsageError("There is no such address.", next_step="Load the page of the alerts again.")
    context.environ.pop(name, None)
    return to(workspace, "alerts")


def _keep(context: AppContext, name: str, value: str) -> None:
    """Write a secret into the file, and use it from now on."""
    put_secret(context.secrets, name, value)
    context.environ[name] = value


# -- test --------------------------------------------------------------------------------------------------


def test(request: WebRequest) -> Response:
    """Send a test message on one channel, or on all; what came of it stands with each channel then."""
    context, workspace = context_of(request), own_workspace(request)
    configuration, name = workspace.configuration(), form_of(request).get("channel", "")
    chosen = [one for one in _channels(configuration, context) if name in {"", one.name}]
    if configuration is None or not chosen:
        raise UsageError("There is no such channel.", next_step="Load the page of the alerts again.")
    about = DispatchContext(
        data=workspace.data,
        preferences=configuration.preferences,
        now=context.now(),
        profiles=tuple(profile.name for profile in configuration.profiles),
        source=workspace.profiles_file,
        make_picture=written_picture,
        date_lines=date_lines,
        hints=context.hints,
    )
    with open_history(workspace.data) as history:
        for _ in try_channels(history, chosen, about, _environment(context)):
            pass  # each is recorded as it is sent
    return to(workspace, "alerts")
