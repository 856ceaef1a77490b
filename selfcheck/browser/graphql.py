"""Whether a GraphQL request only reads, by its body. Pure.

Laws:
1. Only what is seen to be a query goes: a mutation, a subscription, an operation that is named but not
   written out (a persisted one), and whatever cannot be read are refused.
2. In a batch every operation must be a query.
3. Where two readers might take a body differently (a key twice), it is refused.
"""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

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
        told = json.loads(body, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError):
        return False
    operations = told if isinstance(told, list) else [told]
    return bool(operations) and all(_is_query(one) for one in operations)


def address_only_queries(url: str) -> bool:
    """Return whether what an address asks of a GraphQL endpoint is a query that is written out."""
    asked = parse_qs(urlsplit(url).query, keep_blank_values=True)
    once = all(len(values) == 1 for values in asked.values())
    return once and _is_query({name: values[0] for name, values in asked.items()})


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) < len(pairs):
        message = "a key twice"
        raise ValueError(message)
    return told


def _is_query(operation: object) -> bool:
    if not isinstance(operation, dict) or not set(operation) <= _KEYS or operation.get("extensions"):
        return False
    document = operation.get("query")
    return isinstance(document, str) and _defines_only_reads(document)


def _defines_only_reads(document: str) -> bool:
    """Return whether each definition of a GraphQL document is a query or a fragment of one."""
    kinds = list(_definitions(document))
    return bool(kinds) and set(kinds) <= _READS


def _definitions(document: str) -> Iterator[str]:
    """Yield the first word of each definition, `query` for the short form, and "" for what is broken."""
    kind, open_ones = "", list[str]()
    for word in (found.group() for found in _TOKEN.finditer(document.removeprefix("\ufeff"))):
        if word.startswith("#"):
            continue
        if not kind:
            kind = "query" if word == "{" else word
            yield kind
        if word in _OPENS:
            open_ones.append(_OPENS[word])
        elif word in _CLOSES:
            if not open_ones or open_ones.pop() != word:
                yield ""
                return
            if not open_ones and word == "}":
                kind = ""
    if open_ones or kind:
        yield ""
