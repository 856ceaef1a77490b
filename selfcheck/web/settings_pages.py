"""Settings: the profiles file as it is, changed by its author after they saw the change and every mistake."""

import hashlib
from difflib import unified_diff
from pathlib import Path

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.core.text_safety import one_line
from selfcheck.errors import ConfigurationError, UsageError
from selfcheck.settings.profiles_edit import check_text, write_checked
from selfcheck.storage.files import read_whole
from selfcheck.web.access import form_of
from selfcheck.web.page import context_of, error_lines, rendered, to, workspace_of

_PAGES = ("settings", "alerts")  # from which the file is changed


def settings(request: WebRequest) -> Response:
    """Show the profiles file in a field."""
    return _shown(request, current_text(workspace_of(request).profiles_file), ())


def preview(request: WebRequest) -> Response:
    """Show the mistakes of a changed text, or where there are none, the change line by line."""
    path, text = workspace_of(request).profiles_file, _text(request)
    current = current_text(path)
    try:
        check_text(path, text)
    except ConfigurationError as error:
        return _shown(request, text, error_lines(error, context_of(request).hints))
    return shown_change(request, before=current, text=text, back="settings")


def shown_change(request: WebRequest, *, before: str, text: str, back: str) -> Response:
    """Show a checked change of the profiles file line by line, to be saved; `back` is the page after that."""
    lines = unified_diff(before.splitlines(), text.splitlines(), lineterm="", n=2)
    return rendered(
        request,
        "settings_preview.html.j2",
        title="Is this what you mean?",
        lines=[one_line(line) if line.strip() else line for line in lines][2:],
        text=text,
        digest=_digest(before),
        back=back,
    )


def save(request: WebRequest) -> Response:
    """Replace the file by the text that was shown, if the file is still the one that it was shown beside."""
    path, form = workspace_of(request).profiles_file, form_of(request)
    before = read_whole(path) if path.exists() else None
    if form.get("digest") != _digest(current_text(path)):
        raise UsageError(f"{path} was changed meanwhile; it was left as it is.", next_step="Change it again.")
    write_checked(path, before, _text(request))
    return to(workspace_of(request), form["back"] if form.get("back") in _PAGES else "settings")


def _shown(request: WebRequest, text: str, mistakes: tuple[str, ...]) -> Response:
    path = workspace_of(request).profiles_file
    return rendered(
        request, "settings.html.j2", title="Settings", text=text, mistakes=mistakes, file=str(path)
    )


def _text(request: WebRequest) -> str:
    text = form_of(request).get("text", "").replace("\r\n", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def current_text(path: Path) -> str:
    """Return the profiles file; "" where there is none."""
    return read_whole(path).decode("utf-8-sig", "replace") if path.exists() else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
