"""Inputs near to real ones: texts, JSON, bytes and ZIPs of ours, changed where a parser may not expect it."""

import json
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

ODD_TEXTS = (
    "",
    " ",
    "\0",
    "\ud800",
    "\udcff",
    "\ufeff",
    "\u202e",
    "\u2028",
    "\U0001f600",
    "é",
    "ß",
    "İ",
    "٣",
    "²",
    "\r\n",
    "\t",
    "\x1b[2J",
    "-1",
    "1e999",
    "NaN",
    "9" * 30,
    "9" * 5000,
    "0x10",
    "true",
    "null",
    "http://[x/",
    "http://[::1",
    "http://a:99999999/",
    "//",
    "https://\u2100.example/",
    "https://xn--a/",
    "javascript:alert(1)",
    "data:,x",
    "../../etc/passwd",
    "C:\\x",
    "CON",
    "=cmd()",
    "{{7*7}}",
    "{handle}",
    "{",
    "%",
    "%s",
    "%zz",
    "%00",
    "&#xD800;",
    "&#99999999;",
    "<![CDATA[",
    "]]>",
    "<!--",
    "<script>",
    "</title>",
    "<!ENTITY a 'b'>",
    "\\",
    "\\ud800",
    '"',
    "'",
    "`",
    "::",
    "&a",
    "*a",
    "- ",
    "? ",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59-23:59",
    "2026-02-30",
    "Mon, 99 Feb 99999 99:99:99 +9999",
    "Sat, 28 Nov 2026 19:00:00 -9999",
    "[" * 200,
    '{"a":' * 200,
    "a" * 5000,
    "(" * 50,
)
ODD_VALUES: tuple[Any, ...] = (
    None,
    True,
    False,
    0,
    -1,
    2**31,
    2**63,
    10**40,
    1e308,
    -0.0,
    float("inf"),
    float("nan"),
    [],
    {},
    [[]],
    [None],
    {"": None},
    {"__proto__": []},
    *ODD_TEXTS,
)

Make = Callable[[Random], Any]


def changed_text(rng: Random, text: str, words: Sequence[str] = ODD_TEXTS) -> str:
    """Return the text after one to four changes: a piece put in, taken out, doubled, moved or replaced."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(text))
        end = min(len(text), start + rng.choice((0, 1, 2, 8, 40, 400)))
        piece = text[start:end]
        match rng.randrange(6):
            case 0:
                piece += rng.choice(words)
            case 1:
                piece = ""
            case 2:
                piece *= rng.choice((2, 3, 30))
            case 3:
                piece = rng.choice(words)
            case 4:
                piece = piece[::-1]
            case _:
                piece = chr(rng.choice((rng.randrange(128), rng.randrange(0x3000), rng.randrange(0x110000))))
        text = text[:start] + piece + text[end:]
    return text


def changed_bytes(rng: Random, data: bytes) -> bytes:
    """Return the bytes after one to four changes."""
    for _ in range(rng.randint(1, 4)):
        start = rng.randint(0, len(data))
        end = min(len(data), start + rng.choice((0, 1, 1, 2, 4, 64)))
        new = rng.choice((b"", b"\0", b"\xff\xff\xff\xff", rng.randbytes(rng.randint(1, 8)), data[:40]))
        data = data[:start] + new + data[end:]
    return data


def as_bytes(text: str) -> bytes:
    """Return the text in UTF-8, half characters as a hostile sender would write them."""
    return text.encode("utf-8", "surrogatepass")


def changed_json(rng: Random, value: Any) -> Any:
    """Return a copy of a JSON value in which one to three places hold something else."""
    copy = json.loads(json.dumps(value))
    for _ in range(rng.randint(1, 3)):
        copy = _changed_place(rng, copy)
    return copy


def _changed_place(rng: Random, value: Any) -> Any:
    go_in = rng.random() < 0.85
    if isinstance(value, dict) and value and go_in:
        return _changed_object(rng, value)
    if isinstance(value, list) and value and go_in:
        return _changed_list(rng, value)
    return _changed_value(rng, value)


def _changed_object(rng: Random, value: dict[str, Any]) -> dict[str, Any]:
    key = rng.choice(list(value))
    match rng.randrange(12):
        case 0:
            return {name: content for name, content in value.items() if name != key}
        case 1:
            return {**value, rng.choice(ODD_TEXTS): value[key]}
    return {**value, key: _changed_place(rng, value[key])}


def _changed_list(rng: Random, value: list[Any]) -> list[Any]:
    place = rng.randrange(len(value))
    match rng.randrange(12):
        case 0:
            return value[:place] + value[place + 1 :]
        case 1:
            return [*value, value[place]]
    return [*value[:place], _changed_place(rng, value[place]), *value[place + 1 :]]


def _changed_value(rng: Random, value: Any) -> Any:
    match rng.randrange(6):
        case 0:
            return [value]
        case 1:
            return {"a": value}
        case 2 if isinstance(value, str):
            return changed_text(rng, value)
        case 3:
            return nested(rng, value)
    return rng.choice(ODD_VALUES)


def nested(rng: Random, value: Any) -> Any:
    """Return the value within many lists or objects."""
    for _ in range(rng.choice((3, 60, 150))):
        value = [value] if rng.random() < 0.5 else {"a": value}
    return value


def json_text(rng: Random, value: Any) -> str:
    """Return a changed JSON value as text, now and then with the text changed too."""
    try:
        text = json.dumps(changed_json(rng, value), ensure_ascii=rng.random() < 0.5)
    except RecursionError:
        text = "[" * 100_000
    return changed_text(rng, text) if rng.random() < 0.2 else text
