"""Schedule: what this machine starts by itself and when next; installed after it was shown, and removed."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.core.labels import Tone
from selfcheck.core.schedule import Schedule, parse_schedule, parse_time
from selfcheck.core.times import parse_duration
from selfcheck.errors import SchedulerError, UsageError
from selfcheck.runs.limits import too_often
from selfcheck.schedule.host import job_context
from selfcheck.schedule.jobs import Job, ScheduleSpec, job_of, left_out, parse_jitter
from selfcheck.schedule.render_text import install_notes, status_sentences
from selfcheck.schedule.service import InstalledStatus, ScheduleService
from selfcheck.schedule.state import USUAL_NAME, InstalledSchedule, Manager, is_schedule_name
from selfcheck.settings import Configuration
from selfcheck.web.access import form_of
from selfcheck.web.page import AppContext, Workspace, context_of, own_workspace, rendered, to

_BETWEEN = re.compile(r"[\s,;]+")
_USUAL: Mapping[str, str] = {
    "name": USUAL_NAME,
    "every": "12h",
    "at": "",
    "jitter": "10m",
    "anonymous_only": "",
    "backup_on_incident": "",
}

_FLAGS = {"anonymous_only": "--anonymous-only", "backup_on_incident": "--backup-on-incident"}


@dataclass(frozen=True, kw_only=True)
class ShownSchedule:
    """An installed schedule as the page shows it."""

    name: str
    when: str
    word: str
    tone: Tone
    sentences: tuple[str, ...]
    warnings: tuple[str, ...]  # that a platform wants more time between two runs


def schedule(request: WebRequest) -> Response:
    """Show what is installed, and the form that installs or replaces a schedule."""
    return _shown(request, _installed_values(request), {})


def preview(request: WebRequest) -> Response:
    """Show what would be installed, in words and as it would be written; install nothing."""
    context, workspace, form = context_of(request), own_workspace(request), form_of(request)
    values = {name: form.get(name, "").strip() for name in _USUAL}
    configuration = _configuration(workspace)
    spec, mistakes = _spec(values, workspace, configuration)
    if spec is None:
        return _shown(request, values, mistakes)
    service, manager, job = _job(spec, context)
    return rendered(
        request,
        "schedule_preview.html.j2",
        title="Is this what you mean?",
        spec=spec,
        values=values,
        manager=manager,
        replaced=[
            (status.installed, _lost(status.installed, job))
            for status in service.statuses(context.now(), spec.name)
        ],
        warnings=too_often(spec.schedule.gap, configuration.profiles),
        notes=tuple(install_notes(manager, left_out(context.environ), str(context.secrets))),
        files=service.preview(job, manager),
    )


def install(request: WebRequest) -> Response:
    """Hand the schedule to the machine, as `selfcheck schedule install` does."""
    context, workspace, form = context_of(request), own_workspace(request), form_of(request)
    values = {name: form.get(name, "").strip() for name in _USUAL}
    spec, mistakes = _spec(values, workspace, _configuration(workspace))
    if spec is None:
        return _shown(request, values, mistakes)
    service, manager, job = _job(spec, context)
    service.install(job, manager, data=spec.absolute_data, now=context.now())
    return to(workspace, "schedule")


def remove(request: WebRequest) -> Response:
    """Remove a schedule from this machine; its runs stay."""
    workspace, context = own_workspace(request), context_of(request)
    _service(context).remove(form_of(request).get("name", ""))
    return to(workspace, "schedule")


def _shown(request: WebRequest, values: Mapping[str, str], mistakes: Mapping[str, str]) -> Response:
    context, workspace = context_of(request), own_workspace(request)
    configuration, service = workspace.configuration(), _service(context)
    nothing_starts: tuple[str, ...] = ()
    try:
        manager = str(service.usual_manager())
    except SchedulerError as error:
        manager, nothing_starts = "", error.lines(context.hints)
    return rendered(
        request,
        "schedule.html.j2",
        title="Schedule",
        schedules=[_schedule(one, configuration) for one in service.statuses(context.now())],
        values=values,
        mistakes=mistakes,
        manager=manager,
        nothing_starts=nothing_starts,
        zone=configuration.preferences.time_zone if configuration else "UTC",
        has_profiles=configuration is not None,
    )


def _schedule(status: InstalledStatus, configuration: Configuration | None) -> ShownSchedule:
    installed = status.installed
    profiles = configuration.profiles if configuration else ()
    return ShownSchedule(
        name=installed.name,
        when=f"{installed.schedule}, with {installed.manager}",
        word="Will not run" if status.trouble else "Installed",
        tone=Tone.BAD if status.trouble else Tone.GOOD,
        sentences=tuple(status_sentences(status, "")),
        warnings=too_often(installed.schedule.gap, profiles),
    )


def _installed_values(request: WebRequest) -> Mapping[str, str]:
    """Return what the form is filled with: the schedule of the usual name where there is one."""
    context = context_of(request)
    for status in _service(context).statuses(context.now(), USUAL_NAME):
        words = status.installed.schedule.options
        at = ", ".join(word for option, word in zip(words[::2], words[1::2], strict=True) if option == "--at")
        every = "" if at else words[1]
        flags = {name: "yes" if flag in status.installed.words else "" for name, flag in _FLAGS.items()}
        return {**_USUAL, "every": every, "at": at, **flags}
    return _USUAL


def _configuration(workspace: Workspace) -> Configuration:
    configuration = workspace.configuration()
    if configuration is None:
        raise UsageError("There is no profile to check yet.", next_step="Add one under Start.")
    return configuration


def _spec(
    values: Mapping[str, str], workspace: Workspace, configuration: Configuration
) -> tuple[ScheduleSpec | None, Mapping[str, str]]:
    """Return what the form asks for, or None, and the mistake of each field."""
    mistakes = {}
    if not is_schedule_name(values["name"]):
        mistakes["name"] = "Use a-z, 0-9 and - between them, at most 40 letters."
    jitter, when = 0, None
    try:
        jitter = parse_jitter(values["jitter"] or "0")
    except ValueError as error:
        mistakes["jitter"] = f"{error}."
    try:
        when = _when(values["every"], values["at"], configuration.preferences.time_zone)
    except _FieldError as error:
        mistakes[error.field] = f"{error}"
    if mistakes or when is None:
        return None, mistakes
    spec = ScheduleSpec(
        name=values["name"],
        schedule=when,
        jitter=jitter,
        profiles_file=workspace.profiles_file.resolve(),
        data=workspace.data,
        anonymous_only=values["anonymous_only"] == "yes",
        backup_on_incident=values["backup_on_incident"] == "yes",
        folder=Path.cwd(),
    )
    return spec, {}


class _FieldError(Exception):
    """A field that cannot be followed."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def _when(every: str, at: str, zone: str) -> Schedule:
    """Return the schedule. Raises _FieldError with the field that is wrong."""
    times = [word for word in _BETWEEN.split(at) if word]
    if bool(every) == bool(times):
        said = "Leave one of the two empty." if every else "Fill in one of the two."
        raise _FieldError("at" if every else "every", said)
    try:
        if every:
            parse_duration(every)
        for word in times:
            parse_time(word)
    except ValueError as error:
        raise _FieldError("every" if every else "at", f"{error}.") from None
    return parse_schedule(every=every or None, at=times, zone=zone)


def _lost(installed: InstalledSchedule, job: Job) -> tuple[str, ...]:
    """Return the words of an installed schedule that the new one does not have, but for those of the form.

    The command line can name profiles, a browser and a file of secrets, which the form does not.
    """
    chosen = {*installed.schedule.options, *_FLAGS.values()}
    own = installed.words[installed.words.index("watch") :]
    return tuple(word for word in own if word not in chosen and word not in job.words)


def _service(context: AppContext) -> ScheduleService:
    return ScheduleService(context.machine, context.run_scheduler)


def _job(spec: ScheduleSpec, context: AppContext) -> tuple[ScheduleService, Manager, Job]:
    service = _service(context)
    manager = service.usual_manager()
    of_machine = job_context(manager, context.hints.program, context.now(), context.environ, context.machine)
    return service, manager, job_of(spec, manager, of_machine)
