"""Whether a GraphQL request only reads, by its body or its address. Pure.

Laws:
1. Only what can be seen to be a query goes: a mutation, a subscription, an operation that is named but not
   written out (a persisted one), and anything that cannot be read are refused.
2. In a batch every operation must be a query.
3. Where two readers might take a request differently (a key twice, a body that may also be a form), it is
   refused.
4. Documents are parsed by graphql-core, in linear time; what is larger than any page needs is refused unread.
   It still takes milliseconds, and the first one the import: the interceptor asks in a thread.
"""

import json
import re
from urllib.parse import parse_qs

from selfcheck.browser.addresses import decoded
from selfcheck.core.hosts import split_address

MOST_CHARACTERS = 100_000
_MOST_TOKENS = 20_000
_KEYS = frozenset({"query", "variables", "operationName", "extensions"})
_JSON = re.compile(r'\s*(application/json|text/plain)?\s*(;\s*charset="?utf-8"?\s*)?', re.IGNORECASE)
_STORED = "persistedquery"
_ACTS = re.compile(r"\b(mutation|subscription)\b", re.IGNORECASE)
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


def only_queries(body: str | None, content_type: str = "") -> bool:
    """Return whether a body in JSON holds GraphQL queries and nothing else.

    A server that takes it for a form would read something else in it, so its type must not say so.
    """
    if not body or len(body) > MOST_CHARACTERS or _JSON.fullmatch(content_type) is None:
        return False
    try:
        document = json.loads(body, object_pairs_hook=_each_key_once)
    except (ValueError, RecursionError):
        return False
    operations = document if isinstance(document, list) else [document]
    return bool(operations) and all(_is_query(operation) for operation in operations)


def address_only_queries(url: str) -> bool:
    """Return whether what an address asks of a GraphQL endpoint is a query that is written out."""
    query = split_address(url).query
    if len(query) > MOST_CHARACTERS or ";" in query:
        return False
    values = parse_qs(query, keep_blank_values=True)
    once = all(len(texts) == 1 for texts in values.values())
    return once and _is_query({name: texts[0] for name, texts in values.items()})


def may_act(url: str) -> bool:
    """Return whether an address, whatever it belongs to, carries what a GraphQL server would act on."""
    text = _ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), decoded(url))
    # A document that acts names its kind before it opens a brace.
    return _STORED in text.lower() or _ACTS.search(text, 0, text.rfind("{") + 1) is not None


def _each_key_once(pairs: list[tuple[str, object]]) -> dict[str, object]:
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
    return isinstance(document, str) and _only_reads(document)


def _only_reads(document: str) -> bool:
    # Few pages ask by GraphQL, and the import takes a tenth of a second.
    from graphql import FragmentDefinitionNode, GraphQLError, OperationDefinitionNode, OperationType, parse  # noqa: PLC0415

    try:
        definitions = parse(document, no_location=True, max_tokens=_MOST_TOKENS).definitions
    except (GraphQLError, RecursionError):
        return False
    return all(
        isinstance(definition, FragmentDefinitionNode)
        or (isinstance(definition, OperationDefinitionNode) and definition.operation is OperationType.QUERY)
        for definition in definitions
    )
