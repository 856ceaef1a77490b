"""A session full of secrets, and a site that shows its author each of them in another writing."""

import base64
import gzip
import hashlib
import html
import json
import quopri
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from selfcheck.demo.loopback import Reply, SiteRequest
from selfcheck.demo.site import DemoSite

AUTHOR = "elena-marsh"
WRITINGS: Mapping[str, Callable[[str], str]] = {
    "as it stands": lambda text: text,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "with percent signs": lambda text: quote(text, safe=""),
    "with percent signs twice": lambda text: quote(quote(text, safe=""), safe=""),
    "with percent signs three times": lambda text: quote(quote(quote(text, safe=""), safe=""), safe=""),
    "with percent signs all over": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "as a form sends it": lambda text: quote(text, safe="").replace("%20", "+"),
    "as HTML": html.escape,
    "in HTML's decimal numbers": lambda text: "".join(f"&#{ord(letter)};" for letter in text),
    "in HTML's hexadecimal numbers": lambda text: "".join(f"&#x{ord(letter):x};" for letter in text),
    "in JSON": lambda text: json.dumps(text)[1:-1],
    "in JSON in JSON": lambda text: json.dumps(json.dumps(text))[1:-1],
    "in JSON in HTML": lambda text: html.escape(json.dumps(text)),
    "in JSON with escaped slashes": lambda text: json.dumps(text)[1:-1].replace("/", "\\/"),
    "in JSON, all by numbers": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "in JavaScript, all by bytes": lambda text: "".join(f"\\x{byte:02x}" for byte in text.encode()),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 of a longer text": lambda text: base64.b64encode(f"a{text} and more".encode()).decode(),
    "in base64url of a longer text": lambda text: base64.urlsafe_b64encode(f"ab{text}??>>".encode()).decode(),
    "in base64 with percent signs": lambda text: quote(base64.b64encode(f"{text}~~??".encode()), safe=""),
    "in base64 of UTF-16": lambda text: base64.b64encode(text.encode("utf-16-le")).decode(),
    "in hexadecimal digits": lambda text: text.encode().hex(),
    "in hexadecimal capitals": lambda text: text.encode().hex().upper(),
    "in quoted printable": lambda text: quopri.encodestring(text.encode(), quotetabs=True).decode().strip(),
    "in quoted printable all over": lambda text: "".join(f"={byte:02X}" for byte in text.encode()),
    "in gzip in base64": lambda text: base64.b64encode(
        gzip.compress(f"a {text} b".encode(), mtime=0)
    ).decode(),
    "only a part of it": lambda text: text[9:23],
}

_SPECIAL = ("Bearer {}", 'a"b&c/{}', "{}<é=;'+", "x {} y")


def _token(name: str, length: int = 24) -> str:
    digest = hashlib.sha512(name.encode()).digest()
    return base64.b64encode(digest).decode().replace("+", "q").replace("/", "Z")[:length]


COOKIES = {f"cookie {name}": _token(f"cookie {name}") for name in WRITINGS} | {
    "cookie of six characters": "x7Kp2q",
    "cookie with spaces": "two words k7 and 9",
    "cookie of a number": "4830119",
}
STORED = {
    f"storage {name}": _SPECIAL[number % len(_SPECIAL)].format(_token(f"storage {name}", 20))
    for number, name in enumerate(WRITINGS)
    if name != "only a part of it"
} | {
    "storage of a word": "vermilion",
    "storage of JSON": _token("leaf"),
    "storage of a JWT": ".".join(
        base64.urlsafe_b64encode(part).decode().rstrip("=")
        for part in (b'{"alg": "HS256"}', json.dumps({"sub": _token("payload")}).encode(), b"signed" * 5)
    ),
}
PARAMETERS = {
    f"parameter {name}": _token(f"parameter {name}", 12)
    for name in ("sessionid", "PHPSESSID", "pwd", "u", "ref_id", "magic", "cid")
}
FRAGMENT = {"fragment sess": _token("fragment sess", 12)}
STORY = {"parameter of a listed story": _token("friend", 12)}
HEADERS = {f"header {name}": _token(f"header {name}", 16) for name in ("x-csrf", "x-user-id", "etag")}
MAILS = {f"mail {number}": f"{_token(str(number), 9).lower()}@private{number}.example" for number in range(5)}
_MAIL_WRITINGS = (
    "as it stands",
    "with percent signs",
    "in HTML's decimal numbers",
    "in JSON, all by numbers",
    "as HTML",
)
PLANTED: Mapping[str, str] = {
    **COOKIES, **STORED, **PARAMETERS, **FRAGMENT, **STORY, **HEADERS, **MAILS
}  # fmt: skip
SEARCHED = {
    name: WRITINGS["only a part of it"](value) if name.endswith("only a part of it") else value
    for name, value in PLANTED.items()
}
"""What is searched for: of the one that is shown in part, that part."""


def shown() -> list[str]:
    """Every value of the session as the site writes it, and the mail addresses."""
    texts = [
        WRITINGS.get(name.partition(" ")[2], WRITINGS["as it stands"])(value)
        for name, value in {**COOKIES, **STORED}.items()
    ]
    mails = [WRITINGS[name](mail) for name, mail in zip(_MAIL_WRITINGS, MAILS.values(), strict=True)]
    return texts + mails


def add_to(state: Mapping[str, Any], site: str) -> dict[str, Any]:
    """The session with all that is planted in cookies and storage."""
    first = state["cookies"][0]
    cookies = [
        {**first, "name": f"c{number}", "value": f'"{value}"' if " " in value else value, "httpOnly": False}
        for number, value in enumerate(COOKIES.values())
    ]
    items = [
        {"name": f"s{number}", "value": json.dumps({"in": value}) if name == "storage of JSON" else value}
        for number, (name, value) in enumerate(STORED.items())
    ]
    origins = [*state["origins"], {"origin": site, "localStorage": items}]
    return {"cookies": [*state["cookies"], *cookies], "origins": origins}


class RevealingSite(DemoSite):
    """The demo site, which shows its author, and no one else, all that is planted."""

    def answer(self, asked: SiteRequest) -> Reply:
        reply = super().answer(asked)
        is_page = reply.content_type.startswith("text/html")
        if not is_page or self.visitor(asked) != AUTHOR:
            return reply
        headers = tuple((name.removeprefix("header "), value) for name, value in HEADERS.items())
        return replace(
            reply, body=revealing(reply.body.decode()).encode(), headers=(*reply.headers, *headers)
        )


def revealing(page: str) -> str:
    """The author's page with all that is planted: in its title, its stories' titles, its text and address."""
    texts = " ".join(shown())
    safe = json.dumps(texts)[1:-1].replace("<", "\\u003c").replace("&", "\\u0026")
    page = re.sub(r"</title>", lambda match: f" {texts.replace('<', '')}{match[0]}", page, count=1)
    page = re.sub(r'("title": ")', lambda match: f"{match[0]}{safe} ", page)
    friend = next(iter(STORY.values()))
    page = re.sub(r'("url": "[^"?]*)"', lambda match: f'{match[1]}?friend={friend}"', page)
    names = "&".join(f"{name.removeprefix('parameter ')}={value}" for name, value in PARAMETERS.items())
    address = f"?{names}#sess={next(iter(FRAGMENT.values()))}"
    script = f"<script>history.replaceState(0, '', location.pathname + {json.dumps(address)})</script>"
    return page.replace("</body>", f"<pre>{texts}</pre><!-- {texts} -->{script}</body>")
