"""Send the appeal through the author's own mail server, from a page that shows exactly what goes where.

Laws:
1. What is sent are the drafts that the page showed: their hash comes back with the click.
2. One click sends once: a second one waits, and is refused as every letter that was sent.
3. The password is used, or kept in the file of secrets where its author says so, and shown nowhere.
"""

import hashlib
from zoneinfo import ZoneInfo

from starlette.exceptions import HTTPException
from starlette.requests import Request as WebRequest
from starlette.responses import Response

from selfcheck.appeal.author_input import plain_body, refuse_after_sending, written_drafts
from selfcheck.appeal.model import Choice, Draft
from selfcheck.appeal.render_mail import draft_bytes
from selfcheck.appeal.render_text import file_size
from selfcheck.appeal.send import PASSWORD, SendContext, check_sendable, saved_password, send_appeal
from selfcheck.errors import UsageError
from selfcheck.settings.preferences import MailServer
from selfcheck.settings.secrets import put_secret
from selfcheck.web.access import form_of
from selfcheck.web.page import Workspace, chosen_incident, context_of, preferences_of, rendered, to


def _to_send(request: WebRequest) -> tuple[Workspace, Choice, tuple[Draft, ...], MailServer]:
    """Return what can be sent, and through which server. Raises UsageError where something is missing."""
    workspace, choice = chosen_incident(request)
    refuse_after_sending(choice.incident)
    try:
        drafts = written_drafts(workspace.data, choice.incident)
    except OSError as error:
        raise HTTPException(404) from error
    if not drafts:
        raise UsageError("There is no draft yet.", next_step="Write the letter first.")
    return workspace, choice, drafts, check_sendable(preferences_of(workspace).appeal, drafts[0])


def show(request: WebRequest) -> Response:
    """Show every mail as it would go out: from whom, to whom, its words and its files. Nothing is sent."""
    _, choice, drafts, server = _to_send(request)
    return rendered(
        request,
        "send.html.j2",
        title="Send this?",
        incident=choice.incident,
        mails=[
            (
                draft.envelope,
                plain_body(draft),
                [(file.name, file_size(len(file.data))) for file in draft.attachments],
            )
            for draft in drafts
        ],
        server=server,
        has_password=saved_password(server, context_of(request).environ) is not None,
        digest=_digest(drafts),
    )


def send(request: WebRequest) -> Response:
    """Send what was shown, once."""
    context, form = context_of(request), form_of(request)
    with context.sending:
        workspace, choice, drafts, server = _to_send(request)
        if form.get("digest") != _digest(drafts):
            raise UsageError(
                "The letter was changed meanwhile. Nothing was sent.", next_step="Look at it again."
            )
        typed = form.get("password", "")
        about = SendContext(
            server=server,
            password=typed or saved_password(server, context.environ),
            now=context.now,
            zone=ZoneInfo(preferences_of(workspace).time_zone),
            random_bits=context.random.getrandbits,
        )
        send_appeal(workspace.data, choice, drafts, about)
    if typed and form.get("keep") == "yes":
        put_secret(context.secrets, PASSWORD, typed)
        context.environ[PASSWORD] = typed
    return to(workspace, "incidents", choice.incident.id)


def _digest(drafts: tuple[Draft, ...]) -> str:
    return hashlib.sha256(b"".join(draft_bytes(draft.message) for draft in drafts)).hexdigest()
