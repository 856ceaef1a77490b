"""The `settings:` of `profiles.yaml`: how the user wants things done, all of it optional.

Each part of the tool that can be set has a section here (alerts: `settings.alerts`); its values are the ones
that the part itself uses.
"""

import re
from dataclasses import replace
from datetime import timedelta
from email.utils import getaddresses, parseaddr
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    StrictBool,
    StrictInt,
    ValidationInfo,
    WithJsonSchema,
)

from selfcheck.core.json_schema import DURATION
from selfcheck.core.request import RunOptions
from selfcheck.core.times import exact_duration, parse_duration
from selfcheck.platforms.config_issues import matching, refuse
from selfcheck.settings.alerts import Alerts, Duration, Section
from selfcheck.settings.browser import BrowserSettings

_MEGABYTE = 1_000_000
_LONGEST_KEPT = timedelta(days=3660)
_MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*")
_PORTS = {"starttls": 587, "tls": 465}


def web_address(text: str) -> str:
    """Return an http or https address as it is. Raise ValueError that says what was expected."""
    try:
        parts = urlsplit(text)
        port_is_number = parts.port is None or parts.port > 0
    except ValueError:
        port_is_number = False
    if not port_is_number or parts.scheme not in {"http", "https"} or not parts.hostname:
        bare = re.match(r"[\w-]+(\.[\w-]+)+([:/].*)?$", text)
        raise refuse(
            "an address that begins with https:// or http://", hint=f"https://{text}?" if bare else ""
        )
    if parts.username or parts.password:
        raise refuse("an address without a user's name or password", actual="an address with them in it")
    if re.search(r"\s", text):
        raise refuse("an address without spaces")
    return text


def _time_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError, RecursionError):
        raise refuse("a time zone by its name, such as Europe/Berlin or UTC") from None
    return name


def _roots(path: Path | None, info: ValidationInfo) -> Path | None:
    """Return the file's whole path; the settings name it from the folder that they are in."""
    if path is None:
        return None
    world = (info.context or {}).get("world")
    whole = (world.folder / path.expanduser()).resolve() if world is not None else path
    if not whole.is_file():
        raise refuse(f"a file of the authority's root certificates (there is none at {whole})")
    return whole


def _mail_address(text: str) -> str:
    """Return an address, with or without a name before it, as it is."""
    pairs = getaddresses([text])
    address = pairs[0][1] if len(pairs) == 1 else ""
    if not _MAIL_ADDRESS.fullmatch(address) or re.search(r"[\r\n\0]", text):
        raise refuse('a mail address, such as jane@example.org or "Jane Doe <jane@example.org>"')
    return text


_host = matching(
    re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?|\[[0-9A-Fa-f:.]+\]"),
    "a mail server by its name, such as smtp.example.org",
    hint="the port is a key of its own",
)
_language = matching(re.compile(r"[a-z]{2,3}(?:-[A-Za-z]{2,4})?"), "a language by its code, such as en or de")
MailAddress = Annotated[str, AfterValidator(_mail_address)]


class WatchSettings(Section):
    """`watch`: how often a check is due; a schedule, a workflow or a person may make it."""

    every: Duration | None = None  # None: as the installed schedule says, else once a day
    grace: Duration = timedelta(hours=6)  # how late a check may be before it is overdue


class ReportSettings(Section):
    """`report`: the report over time."""

    days: Annotated[StrictInt, Field(ge=7, le=366, description="how many days the report goes back")] = 90
    stale_hours: Annotated[
        StrictInt, Field(ge=1, le=8784, description="after how many hours a check says nothing about today")
    ] = 36

    @property
    def stale_after(self) -> timedelta:
        """Return the age from which a check no longer says anything about today."""
        return timedelta(hours=self.stale_hours)


class TimeStampAuthority(Section):
    """An authority that stamps times by RFC 3161."""

    url: Annotated[
        str, AfterValidator(web_address), Field(description="the address of a time stamp authority")
    ]
    roots: Annotated[
        Path | None, AfterValidator(_roots), Field(description="a file of root certificates, PEM or DER")
    ] = None  # its root certificates; None: its stamps are kept unchecked


class EvidenceSettings(Section):
    """`evidence`: who stamps the time, what else goes into evidence.zip, and how large a mail may be."""

    timestamps: Annotated[
        tuple[TimeStampAuthority, ...],
        Field(description="a list of authorities, each with `url` and perhaps `roots`"),
    ] = ()
    mail_megabytes: Annotated[
        float,
        Field(ge=1, le=100, description="how many megabytes the pictures of one mail may take, 1 to 100"),
    ] = 10
    wacz: StrictBool = False  # evidence.zip has the public's pages as an archive for a replay tool, too
    stats_pictures: StrictBool = False  # and the pictures of the author's statistics

    @property
    def mail_bytes(self) -> int:
        """Return how many bytes the pictures of one mail may take in it."""
        return int(self.mail_megabytes * _MEGABYTE)


def _keep_for(value: object) -> object:
    if value is None or isinstance(value, timedelta) or value == "forever":
        return None if value == "forever" else value
    try:
        length = parse_duration(value if isinstance(value, str) else "", _LONGEST_KEPT)
    except ValueError:
        length = timedelta(0)
    if length < timedelta(days=1):
        raise refuse("a length of time such as 30d or 26w, from 1 day to 10 years, or forever")
    return length


class KeepSettings(Section):
    """`keep`: how long the files of good runs are kept. All of every incident is kept for ever."""

    good_runs: Annotated[
        timedelta | None,
        BeforeValidator(_keep_for),
        WithJsonSchema({"anyOf": [{"enum": ["forever", None]}, DURATION], "default": "30d"}),
    ] = timedelta(days=30)  # None: for ever
    small_picture: Annotated[
        Literal["week", "month", "never"],
        Field(description="how often one small picture is kept after that: week, month or never"),
    ] = "week"

    @property
    def rule(self) -> str:
        """Return the rule in words, as the record of what was removed has it."""
        return (
            f"good runs: everything for {exact_duration(self.good_runs)}" if self.good_runs else "everything"
        )


class MailServer(Section):
    """The author's mail server. No password is here: it comes from the environment or the keyring."""

    host: Annotated[str, AfterValidator(_host), Field(description="a mail server by its name")]
    security: Literal["starttls", "tls"] = "starttls"  # encrypted after a greeting, or from the first byte
    port: Annotated[StrictInt, Field(ge=1, le=65535, description="a port")] | None = None
    user: str | None = None  # None: the server asks for no password

    @property
    def port_number(self) -> int:
        """Return the port that is given, or the usual one."""
        return self.port or _PORTS[self.security]

    @property
    def label(self) -> str:
        """Return the server as a message names it."""
        return f"{self.host}:{self.port_number} ({self.security.upper()})"


class AppealSettings(Section):
    """`appeal`: who writes, in which language, and through which mail server."""

    sender: MailAddress | None = Field(
        default=None, alias="from", description="a mail address, such as jane@example.org"
    )
    reply_to: MailAddress | None = None
    name: str = ""  # below the letter; default: the name in `from`, else the handle
    account_mail: MailAddress | None = None  # of the account, where the platform asks for it
    language: Annotated[str, AfterValidator(_language)] = "en"
    template: str | None = None  # the path of an own letter, from the folder of the profiles file
    follow_up_days: Annotated[StrictInt, Field(ge=1, le=365, description="days")] | None = None
    smtp: MailServer | None = None

    @property
    def signature(self) -> str:
        """Return the author's own name; "": not given."""
        return self.name or (parseaddr(self.sender)[0] if self.sender else "")


def country_code(code: str) -> str:
    """Return a country's two letters in capitals. Raise ValueError that says what was expected."""
    if not re.fullmatch(r"[A-Za-z]{2}", code):
        raise refuse("a country by its two letters, such as DE or IN")
    if code.upper() == "UK":
        raise refuse("a country by its two letters, such as DE or IN", hint="GB")
    return code.upper()


CountryCode = Annotated[str, AfterValidator(country_code)]


class AuthorSettings(Section):
    """`author`: where the author is and as what they write, since laws depend on both."""

    country: CountryCode | None = Field(default=None, description="a country by its two letters, such as DE")
    acts_as: Literal["consumer", "business"] | None = None  # None: not said, so what is for either is shown


class Preferences(Section):
    """All settings; each has a default that does what most users want."""

    time_zone: Annotated[
        str, AfterValidator(_time_zone), Field(description="a time zone by its name, such as Europe/Berlin")
    ] = "UTC"
    keep_author_pages: Duration | None = (
        None  # how long, encrypted beside the sessions, for `replay`; None: not
    )
    watch: WatchSettings = WatchSettings()
    alerts: Alerts = Alerts()
    browser: Annotated[BrowserSettings, Field(description="a window, or a browser on another machine")] = (
        BrowserSettings()
    )
    report: Annotated[ReportSettings, Field(description="the report over time")] = ReportSettings()
    evidence: Annotated[
        EvidenceSettings, Field(description="time stamps, and how large a mail's pictures may be")
    ] = EvidenceSettings()
    keep: Annotated[
        KeepSettings, Field(description="how long the pictures and pages of good runs are kept")
    ] = KeepSettings()
    appeal: Annotated[
        AppealSettings, Field(description="who writes an appeal, in which language, and through which server")
    ] = AppealSettings()
    author: Annotated[
        AuthorSettings, Field(description="your country and whether you act as a consumer or a business")
    ] = AuthorSettings()

    def applied_to(self, options: RunOptions) -> RunOptions:
        """Return the options of a run with these settings."""
        options = self.browser.applied_to(options)
        return replace(options, keep_author_pages=self.keep_author_pages)
