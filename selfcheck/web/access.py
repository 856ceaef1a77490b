"""Who is answered, and what every answer forbids the browser to do.

Laws:
1. The host must be this server by its own address and port, so that a name that somebody else's DNS leads
   here (rebinding) is refused.
2. The address that is opened holds a token that is valid once and for `TOKEN_SECONDS`. It is exchanged for a
   cookie that no script and no other site gets.
3. A cookie is sent to every port of this machine and from every page of it, so it proves little: a POST also
   needs the exact origin, port included, and the form token that only our own pages hold.
4. All of it is decided here, before any handler is reached. Every comparison takes the same time.
"""

from collections.abc import Callable, Mapping, MutableMapping
from contextlib import ExitStack
from hmac import compare_digest
from http.cookies import CookieError, SimpleCookie
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import parse_qs

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import Request as WebRequest
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from selfcheck.web.uploads import Upload, UploadError, read_upload

TOKEN_SECONDS = 60.0
LARGEST_FORM = 200_000  # bytes; the longest letter is far shorter
_MOST_FIELDS = 200
_FORM_TYPE = "application/x-www-form-urlencoded"
_UPLOAD_TYPE = "multipart/form-data"
_UPLOADS = frozenset({"/mine/backup/import"})  # the only page that takes a file

OPEN = "/open"
"""The path of the address that is opened first."""

_UNKNOWN_BROWSER = (
    "This browser is not signed in to the app.\n"
    "The address that the app prints when it starts works once, within a minute.\n"
    "Stop the app with Ctrl-C, start it again, and open the new address."
)
_USED_ADDRESS = (
    "This address has been used, or is older than a minute.\n"
    "If the app is not open in another tab: stop it with Ctrl-C and start it again."
)

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    # With `no-referrer` a browser would send the origin of a form as `null`.
    "Referrer-Policy": "same-origin",
}


class Keys:
    """The secrets of one start of the app, and the hosts that it is."""

    def __init__(self, port: int, *, secret: Callable[[], str], seconds: Callable[[], float]) -> None:
        self.hosts = (f"127.0.0.1:{port}", f"localhost:{port}")
        self.cookie_name = f"selfcheck-{port}"  # two apps at once do not sign each other out
        self.form_token = secret()
        self._cookie = secret()
        self._token: str | None = secret()
        self._seconds = seconds
        self._valid_until = seconds() + TOKEN_SECONDS

    @property
    def address(self) -> str:
        """The address to open. Raises ValueError after it was used."""
        if self._token is None:
            raise ValueError("the token was used")
        return f"http://{self.hosts[0]}{OPEN}?token={self._token}"

    def use(self, token: str) -> bool:
        """Return whether this is the token, in time and for the first time; then it is used up."""
        if self._token is None or not compare_digest(token.encode(), self._token.encode()):
            return False
        self._token = None
        return self._seconds() <= self._valid_until

    def set_cookie(self, response: Response) -> None:
        """Give the browser its cookie, which ends with the browser or with this start of the app."""
        response.set_cookie(self.cookie_name, self._cookie, path="/", httponly=True, samesite="strict")

    def knows(self, cookies: str) -> bool:
        """Return whether a request's cookies hold ours."""
        try:
            jar = SimpleCookie(cookies)
        except CookieError:
            return False
        value = jar[self.cookie_name].value if self.cookie_name in jar else ""
        return compare_digest(value.encode(), self._cookie.encode())


class AccessGuard:
    """Stands before the app: refuses what is not from its own pages, and reads the forms of what is."""

    def __init__(self, app: ASGIApp, keys: Keys) -> None:
        self._app = app
        self._keys = keys

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, or refuse it."""
        if scope["type"] != "http":
            return  # there is no lifespan to speak of, and no WebSocket
        with ExitStack() as stack:  # an uploaded file is gone when the request was answered
            try:
                answer = await self._answer(scope, receive, stack)
            except (_RefusedError, UploadError) as refused:
                answer = PlainTextResponse(f"{refused}\n", refused.status)
            await answer(scope, receive, _with_headers(send))

    async def _answer(self, scope: Scope, receive: Receive, stack: ExitStack) -> ASGIApp:
        """Return what answers the request. Raises _RefusedError."""
        headers = Headers(scope=scope)
        if headers.getlist("host") not in [[host] for host in self._keys.hosts]:
            raise _RefusedError(421, "This address is not the app's own.")
        if scope["method"] not in {"GET", "HEAD", "POST"}:
            raise _RefusedError(405, "Only GET and POST are answered.")
        if headers.get("sec-fetch-site", "none") not in {"none", "same-origin"}:
            raise _RefusedError(403, "The app answers only its own pages.")
        if scope["path"] == OPEN:
            return self._opened(scope)
        if not self._keys.knows("; ".join(headers.getlist("cookie"))):
            raise _RefusedError(403, _UNKNOWN_BROWSER)
        scope.setdefault("state", {})["form_token"] = self._keys.form_token
        if scope["method"] == "POST":
            self._check_origin(headers)
            if scope["path"] in _UPLOADS and _media_type(headers) == _UPLOAD_TYPE:
                folder = stack.enter_context(TemporaryDirectory(prefix="selfcheck-"))
                upload = await self._upload(scope, receive, headers, Path(folder))
                scope["state"] |= {"form": upload.fields, "upload": upload.file}
            else:
                scope["state"]["form"] = await self._form(scope, receive, headers)
        return self._app

    def _opened(self, scope: Scope) -> Response:
        name, _, token = scope["query_string"].decode("latin-1").partition("=")
        if scope["method"] != "GET" or name != "token" or not self._keys.use(token):
            raise _RefusedError(403, _USED_ADDRESS)
        answer = RedirectResponse("/", 303)
        answer.headers["Referrer-Policy"] = "no-referrer"
        self._keys.set_cookie(answer)
        return answer

    def _check_origin(self, headers: Headers) -> None:
        if headers.getlist("origin") != [f"http://{headers['host']}"]:
            raise _RefusedError(403, "A change may only come from the app's own pages.")

    def _is_token(self, value: bytes) -> bool:
        return compare_digest(value, self._keys.form_token.encode())

    async def _upload(self, scope: Scope, receive: Receive, headers: Headers, folder: Path) -> Upload:
        """Return what the form with a file of our own page brought. Raises UploadError for any other."""
        return await read_upload(
            WebRequest(scope, receive).stream(),
            headers["content-type"],
            folder,
            lambda name, value: name == "form_token" and self._is_token(value),
        )

    async def _form(self, scope: Scope, receive: Receive, headers: Headers) -> Mapping[str, str]:
        """Return the fields of a form of our own pages. Raises _RefusedError for any other."""
        if _media_type(headers) != _FORM_TYPE:
            raise _RefusedError(415, "Only a form is read.")
        body = b""
        async for part in WebRequest(scope, receive).stream():
            body += part
            if len(body) > LARGEST_FORM:
                raise _RefusedError(413, "The form is too long.")
        try:
            fields = parse_qs(
                body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MOST_FIELDS
            )
        except ValueError:
            raise _RefusedError(400, "The form cannot be read.") from None
        form = {name: values[-1] for name, values in fields.items()}
        if not self._is_token(form.pop("form_token", "").encode()):
            raise _RefusedError(403, "The form is of an earlier start of the app. Load its page again.")
        return form


def _media_type(headers: Headers) -> str:
    return headers.get("content-type", "").partition(";")[0].strip().lower()


class _RefusedError(Exception):
    """A request that no handler is to see."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


def form_of(request: WebRequest) -> Mapping[str, str]:
    """Return the fields of a checked form; none for what is not a POST."""
    form: Mapping[str, str] = request.scope.get("state", {}).get("form", {})
    return form


def upload_of(request: WebRequest) -> Path | None:
    """Return the file that a checked form brought, which is there until the request is answered."""
    path: Path | None = request.scope.get("state", {}).get("upload")
    return path


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any] | Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
        await send(message)

    return sending
