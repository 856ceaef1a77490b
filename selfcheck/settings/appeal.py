"""The `appeal:` of the settings: who writes, in which language, and through which mail server.

No password stands here: it comes from the environment, from the keyring of this machine, or is asked for.
"""

import re
from email.utils import getaddresses, parseaddr
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StrictInt

from selfcheck.platforms.config_issues import refuse
from selfcheck.settings.section import Section

_WHOLE = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_HOST = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]")
_PORTS = {"starttls": 587, "tls": 465}


def _mail_address(text: str) -> str:
    """Return an address, with a name before it or not, as it is. Raise where it is none."""
    given = getaddresses([text])
    address = given[0][1] if len(given) == 1 else ""
    if not _WHOLE.fullmatch(address) or re.search(r"[\r\n\0]", text):
        raise refuse('a mail address, such as jane@example.org or "Jane Doe <jane@example.org>"')
    return text


def _host(text: str) -> str:
    if not _HOST.fullmatch(text):
        raise refuse(
            "a mail server by its name, such as smtp.example.org", hint="the port is a key of its own"
        )
    return text


def _language(text: str) -> str:
    if not re.fullmatch(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?", text):
        raise refuse("a language by its code, such as en or de")
    return text


MailAddress = Annotated[str, AfterValidator(_mail_address)]


class Smtp(Section):
    """The mail server that sends the author's mail; nothing is sent without `--send` and a yes."""

    host: Annotated[str, AfterValidator(_host), Field(description="a mail server by its name")]
    security: Literal["starttls", "tls"] = "starttls"
    port: Annotated[StrictInt, Field(ge=1, le=65535, description="a port")] | None = None
    user: str | None = None  # None: the server asks for no password

    @property
    def own_port(self) -> int:
        """Return the port that is given, or the usual one."""
        return self.port or _PORTS[self.security]


class AppealSettings(Section):
    """How an appeal is written and sent."""

    sender: MailAddress | None = Field(
        default=None, alias="from", description="a mail address, such as jane@example.org"
    )
    reply_to: MailAddress | None = None
    name: str = ""  # below the letter; default: the name in `from`, else the handle
    account_mail: MailAddress | None = None  # that the account was made with, where the platform asks for it
    language: Annotated[str, AfterValidator(_language)] = "en"
    template: str | None = None  # the path of an own letter, from the folder of the profiles file
    follow_up_days: Annotated[StrictInt, Field(ge=1, le=365, description="days")] | None = None
    smtp: Smtp | None = None

    @property
    def signature(self) -> str:
        """Return the author's own name; "": not given."""
        return self.name or (parseaddr(self.sender)[0] if self.sender else "")
