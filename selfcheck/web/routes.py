"""The table of pages: which address leads to which handler, and the app that answers them."""

from collections.abc import Callable, Sequence

from starlette.applications import Starlette
from starlette.requests import Request as WebRequest
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from selfcheck.web import (
    alert_pages,
    backup_pages,
    home,
    impostor_pages,
    incident_pages,
    mail_pages,
    rights_pages,
    run_pages,
    schedule_pages,
    session_pages,
    settings_pages,
    start_pages,
)
from selfcheck.web.access import AccessGuard, Keys
from selfcheck.web.page import MINE, AppContext, failed, static_file

_Handler = Callable[[WebRequest], Response]


def _first(_request: WebRequest) -> Response:
    return RedirectResponse(f"/{MINE}/", 303)


def _page(path: str, handler: _Handler) -> Route:
    return Route(f"/{{space}}{path}", _in_words(handler), methods=["GET"])


def _change(path: str, handler: _Handler) -> Route:
    return Route(f"/{{space}}{path}", _in_words(handler), methods=["POST"])


def _in_words(handler: _Handler) -> _Handler:
    """Return the handler with every failure as a page of words; it runs in a thread of its own."""

    def answer(request: WebRequest) -> Response:
        try:
            return handler(request)
        except Exception as error:  # noqa: BLE001 - the top: the user always gets words
            return failed(request, error)

    return answer


def all_routes() -> Sequence[Route]:
    """Return every page and every change."""
    return (*_setting_up(), *_runs_and_incidents())


def _setting_up() -> Sequence[Route]:
    """Return the pages of what is checked, when, and who is told."""
    return (
        Route("/", _first, methods=["GET"]),
        Route("/static/{name}", static_file, methods=["GET"]),
        _page("/", home.home),
        _page("/start", start_pages.start),
        _change("/start/recognise", start_pages.recognise),
        _change("/start/look", start_pages.look),
        _page("/start/looks/{look}/page.png", start_pages.look_picture),
        _change("/start/add", start_pages.add),
        _change("/try", start_pages.add_demo),
        _page("/sessions", session_pages.sessions),
        _change("/sign-in", session_pages.sign_in),
        _change("/sessions/check", session_pages.check),
        _change("/sessions/forget", session_pages.forget),
        _page("/schedule", schedule_pages.schedule),
        _change("/schedule/preview", schedule_pages.preview),
        _change("/schedule/install", schedule_pages.install),
        _change("/schedule/remove", schedule_pages.remove),
        _page("/alerts", alert_pages.alerts),
        _change("/alerts/add", alert_pages.add),
        _change("/alerts/remove", alert_pages.remove),
        _change("/alerts/test", alert_pages.test),
        _change("/alerts/address", alert_pages.keep_address),
        _change("/alerts/forget", alert_pages.forget_secret),
        _page("/backup", backup_pages.backup),
        _change("/backup/make", backup_pages.make),
        _change("/backup/open", backup_pages.open_copy),
        _change("/backup/verify", backup_pages.verify),
        _change("/backup/import", backup_pages.take_in),
        _change("/backup/export", backup_pages.export),
        _page("/impostors", impostor_pages.impostors),
        _change("/impostors/compare", impostor_pages.compare),
        _change("/impostors/open", impostor_pages.open_kept),
        _page("/settings", settings_pages.settings),
        _change("/settings/preview", settings_pages.preview),
        _change("/settings/fields", settings_pages.preview_fields),
        _change("/settings/save", settings_pages.save),
    )


def _runs_and_incidents() -> Sequence[Route]:
    """Return the pages of what was found, and what comes of it."""
    return (
        _change("/run", run_pages.start_run),
        _page("/progress/{job}", run_pages.progress),
        Route("/{space}/progress/{job}/events", run_pages.progress_events, methods=["GET"]),
        _change("/progress/{job}/cancel", run_pages.cancel_run),
        _page("/incidents/{incident}", incident_pages.incident),
        _change("/incidents/{incident}/letter", incident_pages.write_letter),
        _change("/incidents/{incident}/mark", incident_pages.mark),
        _page("/incidents/{incident}/send", mail_pages.show),
        _change("/incidents/{incident}/send", mail_pages.send),
        _change("/incidents/{incident}/open-mail", incident_pages.open_in_mail),
        _page("/incidents/{incident}/files/{name}", incident_pages.download),
        _change("/incidents/{incident}/rights/letter", rights_pages.write_letter),
        _change("/incidents/{incident}/rights/record", rights_pages.record),
        _change("/incidents/{incident}/rights/checklist", rights_pages.tick),
        _page("/incidents/{incident}/rights/{step}.txt", rights_pages.step_text),
        _page("/incidents/{incident}/rights.ics", rights_pages.calendar),
        _change("/incidents/{incident}/restored", rights_pages.call_done),
        _page("/runs/{run}", run_pages.result),
        _page("/runs/{run}/pages/{page:int}/{view}.png", run_pages.picture),
        _page("/runs/{run}/pages/{page:int}/received.txt", run_pages.received_text),
    )


def app(context: AppContext, keys: Keys) -> AccessGuard:
    """Return the whole app behind its guard."""
    inner = Starlette(routes=all_routes(), exception_handlers={404: failed, 405: failed})
    inner.state.context = context
    return AccessGuard(inner, keys)
