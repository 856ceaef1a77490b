"""Settings: the profiles file in fields and as text, changed after its author saw the change line by line."""

import hashlib
from collections.abc import Mapping
from difflib import unified_diff
from pathlib import Path

from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.core.text_safety import one_line
from selfcheck.core.times import plural
from selfcheck.errors import ConfigIssue, ConfigurationError, UsageError
from selfcheck.platforms.yamlfile import Document, parse_document
from selfcheck.settings.profiles_edit import check_text, write_checked
from selfcheck.storage.files import read_whole
from selfcheck.web.access import form_of
from selfcheck.web.page import rendered, to, workspace_of
from selfcheck.web.settings_fields import SettingField, by_field, changed_text, groups, shown_values

_PAGES = ("settings", "alerts")  # from which the file is changed


def settings(request: WebRequest) -> Response:
    """Show the settings in fields, and the whole file as text, with every mistake that is in it."""
    path = workspace_of(request).profiles_file
    return _shown(request, current_text(path), _mistakes(path, current_text(path)) if path.exists() else ())


def preview_fields(request: WebRequest) -> Response:
    """Show what the changed fields change in the file, or every mistake at its field."""
    path, form = workspace_of(request).profiles_file, form_of(request)
    before = current_text(path)
    document = parse_document(before, str(path))
    fields = _fields(document)
    text = changed_text(before, document.data, fields, form)
    mistakes = _mistakes(path, text)
    if mistakes:
        return _shown(request, before, mistakes, {field.name: form.get(field.name, "") for field in fields})
    return shown_change(request, before=before, text=text, back="settings")


def preview(request: WebRequest) -> Response:
    """Show the mistakes of a changed text, or where there are none, the change line by line."""
    path, text = workspace_of(request).profiles_file, _text(request)
    mistakes = _mistakes(path, text)
    if mistakes:
        return _shown(request, text, mistakes, in_text=True)
    return shown_change(request, before=current_text(path), text=text, back="settings")


def _mistakes(path: Path, text: str) -> tuple[ConfigIssue, ...]:
    try:
        check_text(path, text)
    except ConfigurationError as error:
        return error.mistakes
    return ()


def _fields(document: Document) -> tuple[SettingField, ...]:
    """Return the fields of a file; none where it is not proper YAML, so that only its text is shown."""
    return () if document.mistakes else tuple(one for group in groups(document.data) for one in group.fields)


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


def _shown(
    request: WebRequest,
    text: str,
    mistakes: tuple[ConfigIssue, ...],
    values: Mapping[str, str] | None = None,
    *,
    in_text: bool = False,
) -> Response:
    """Show the fields and the text; `values` are of a mistaken form, `in_text` of that of the text."""
    path = workspace_of(request).profiles_file
    document = parse_document(current_text(path), str(path))
    fields = _fields(document)
    at_field, others = ({}, tuple(map(str, mistakes))) if in_text else by_field(mistakes, fields)
    return rendered(
        request,
        "settings.html.j2",
        title="Settings",
        text=text,
        count=plural(len(mistakes), "mistake"),
        at_field=at_field,
        others=others,
        groups=groups(document.data) if fields else (),
        values={**shown_values(document.data, fields), **(values or {})},
        in_text=in_text or not fields,
        file=str(path),
    )


def _text(request: WebRequest) -> str:
    text = form_of(request).get("text", "").replace("\r\n", "\n")
    return text if text.endswith("\n") else f"{text}\n"


def current_text(path: Path) -> str:
    """Return the profiles file; "" where there is none."""
    return read_whole(path).decode("utf-8-sig", "replace") if path.exists() else ""


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
