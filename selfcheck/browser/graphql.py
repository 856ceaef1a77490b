"""Whether a GraphQL request only reads, by its body. Pure.

Laws:
1. Only what can be seen to be a query goes: a mutation, a subscription, an operation that is named but not
   written out (a persisted one), and anything that cannot be read are refused.
2. In a batch every operation must be a query.
3. Where two readers might take a body differently (a key twice), it is refused.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

from selfcheck.core.hosts import split_address

_KEYS = frozenset({"query", "variables", "operationName", "extensions"})
_READS = frozenset({"query", "fragment"})
_TOKEN = re.compile(
    r'"""(?:\\"""|[^"]|"(?!""))*"""|"(?:\\.|[^"\\\n\r])*"|#[^\n\r]*|[_A-Za-z][_0-9A-Za-z]*|[{}()\[\]]|[^\s,]'
)
_OPENS, _CLOSES = {"{": "}", "(": ")", "[": "]"}, frozenset("})]")


def only_queries(body: str | None) -> bool:
    """Return whether a body in JSON holds GraphQL queries and nothing else."""
    if not body:
        return False
    try:
        document = json.loads(body, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError):
        return False
    operations = document if isinstance(document, list) else [document]
    return bool(operations) and all(_is_query(operation) for operation in operations)


def address_only_queries(url: str) -> bool:
    """Return whether what an address asks of a GraphQL endpoint is a query that is written out."""
    values = parse_qs(split_address(url).query, keep_blank_values=True)
    once = all(len(texts) == 1 for texts in values.values())
    return once and _is_query({name: texts[0] for name, texts in values.items()})


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        message = "a key twice"
        raise ValueError(message)
    return document


def _is_query(operation: object) -> bool:
    """Return whether each definition of an operation's document is a query or a fragment of one."""
    if not isinstance(operation, dict) or not set(operation) <= _KEYS or operation.get("extensions"):
        return False
    document = operation.get("query")
    kinds = set(_definitions(document)) if isinstance(document, str) else set()
    return bool(kinds) and kinds <= _READS


def _definitions(document: str) -> Iterator[str]:
    """Yield the first word of each definition, `query` for the short form, and "" for what is broken."""
    kind, closing = "", list[str]()
    for word in (match.group() for match in _TOKEN.finditer(document.removeprefix("\ufeff"))):
        if word.startswith("#"):
            continue
        if not kind:
            kind = "query" if word == "{" else word
            yield kind
        if word in _OPENS:
            closing.append(_OPENS[word])
        elif word in _CLOSES:
            if not closing or closing.pop() != word:
                yield ""
                return
            if not closing and word == "}":
                kind = ""
    if closing or kind:
        yield ""
