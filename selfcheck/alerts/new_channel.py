"""A channel that its user sets up in a form: what stands in the profiles file, and its address. Pure.

Laws:
1. The address is a secret. It goes into a variable of the file of secrets, and nothing of it is in the entry,
   in a mistake or anywhere else.
2. Every mistake is told with the field that it is in, all of them at once.
"""

import re
import shlex
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode

from selfcheck.core.hosts import split_address
from selfcheck.settings.preferences import web_address

_PREFIX = "SELFCHECK_ALERT_"
_TOPIC = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?", re.ASCII)
_MOST_PORT = 65535
_MODES = {"starttls": 587, "tls": 465}
_EMPTY = "Fill this in."


@dataclass(frozen=True, kw_only=True)
class NewChannel:
    """A channel as it is written down."""

    entry: Mapping[str, object]  # for `settings: alerts: channels:`
    variable: str = ""  # which holds the address; "": the kind has none
    address: str = ""


class FormMistakesError(ValueError):
    """What is wrong with a form, by its fields."""

    def __init__(self, mistakes: Mapping[str, str]) -> None:
        super().__init__(", ".join(mistakes))
        self.mistakes = mistakes


class _Form:
    """A form while it is read; what is wrong with a field is kept, and the reading goes on."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        self._fields = fields
        self.mistakes: dict[str, str] = {}

    def text(self, name: str, usual: str = "") -> str:
        """Return a field that may be empty."""
        return self._fields.get(name, "").strip() or usual

    def needed(self, name: str) -> str:
        """Return a field that must not be empty."""
        if not (text := self.text(name)):
            self.mistakes[name] = _EMPTY
        return text

    def matching(self, name: str, pattern: re.Pattern[str], otherwise: str) -> str:
        """Return a field of this form."""
        text = self.needed(name)
        if text and not pattern.fullmatch(text):
            self.mistakes[name] = otherwise
        return text


def new_channel(fields: Mapping[str, str], *, taken: Collection[str]) -> NewChannel:
    """Return the channel that a form describes; `taken` are variables that have another meaning already.

    Raises FormMistakesError. What the profiles file itself checks (name, quiet hours, repository) is left to
    it.
    """
    form = _Form(fields)
    kind = form.text("kind")
    entry: dict[str, object] = {"name": form.needed("name")}
    address, variable = "", ""
    if kind == "github-issue":
        entry |= {"kind": kind, **({"repository": one} if (one := form.text("repository")) else {})}
    elif kind == "command":
        entry |= {"kind": kind, "command": _command(form)}
    elif kind in _ADDRESSES:
        address = _ADDRESSES[kind](form)
        variable = variable_for(form.text("name"), taken)
        entry["url_env"] = variable
    else:
        form.mistakes["kind"] = "There is no such kind of channel."
    if quiet := form.text("quiet"):
        entry["quiet"] = quiet
    if form.mistakes:
        raise FormMistakesError(form.mistakes)
    return NewChannel(entry=entry, variable=variable, address=address)


def variable_for(name: str, taken: Collection[str]) -> str:
    """Return the variable that holds a channel's address, such as SELFCHECK_ALERT_PHONE."""
    stem = variable = _PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())[:60]
    number = 2
    while variable in taken:
        variable, number = f"{stem}_{number}", number + 1
    return variable


def _command(form: _Form) -> list[str]:
    try:
        return shlex.split(form.needed("command"))
    except ValueError:
        form.mistakes["command"] = "A quote in it is not closed."
        return []


def _ntfy(form: _Form) -> str:
    topic = form.matching("topic", _TOPIC, "A topic has letters, digits, - and _ only.")
    server = form.text("server")
    if not server:
        return f"ntfy://{topic}"
    scheme = "ntfy" if server.startswith("http://") else "ntfys"
    host = server.partition("://")[2] or server
    if not re.fullmatch(rf"{_HOST.pattern}(?::\d{{1,5}})?/?", host, re.ASCII):
        form.mistakes["server"] = "This is not the address of a server, such as https://ntfy.example.org."
    return f"{scheme}://{host.rstrip('/')}/{topic}"


def _mail(form: _Form) -> str:
    sender, host = form.needed("from"), form.matching("host", _HOST, "This is not a server's name.")
    if sender and "@" not in sender:
        form.mistakes["from"] = "This is not a mail address."
    security = form.text("security", "starttls")
    if security not in _MODES:
        form.mistakes["security"] = "Choose one of the two."
    port = form.text("port", str(_MODES.get(security, 0)))
    if not re.fullmatch(r"[0-9]{1,5}", port) or not 0 < int(port) <= _MOST_PORT:
        form.mistakes["port"] = "A port is a number from 1 to 65535."
    user, password = quote(form.text("user", sender), safe=""), quote(form.needed("password"), safe="")
    options = {
        "smtp": host,
        "from": sender,
        "to": form.text("to", sender),
        "mode": "ssl" if security == "tls" else security,
    }
    return f"mailtos://{user}:{password}@{host}:{port}?{urlencode(options)}"


def _webhook(form: _Form) -> str:
    """Return the address of a page that takes JSON, as Apprise writes it: its own query is marked by `-`."""
    text = form.needed("address")
    try:
        parts = split_address(web_address(text) if text else "")
    except ValueError:
        form.mistakes["address"] = (
            "Expected is an address that begins with https://, without a password in it."
        )
        return ""
    own = parse_qsl(parts.query, keep_blank_values=True)
    query = urlencode([(f"-{name}", value) for name, value in own], quote_via=quote)
    scheme = "jsons" if parts.scheme == "https" else "json"
    return f"{scheme}://{parts.netloc}{parts.path}{f'?{query}' if query else ''}"


def _any(form: _Form) -> str:
    return form.needed("address")


_ADDRESSES: Mapping[str, Callable[[_Form], str]] = {
    "ntfy": _ntfy,
    "mail": _mail,
    "webhook": _webhook,
    "apprise": _any,
}
"""The kinds of a form that have an address, which Apprise understands."""
