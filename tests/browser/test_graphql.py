"""Which GraphQL bodies are seen to be queries."""

import json
import re
from typing import Any

import pytest

from selfcheck.browser.graphql import only_queries
from selfcheck.platforms.catalogue import load_platform


def body(document: Any, **more: Any) -> str:
    return json.dumps({"query": document, **more})


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(body("{ me { id } }"), id="the short form"),
        pytest.param(body("query Me($id: ID = 1) { me(id: $id) { id } }"), id="with a variable"),
        pytest.param(
            body('query A($in: In = {tags: ["a"]}) @live(ttl: {s: 1}) { list(in: $in) { id } }'),
            id="braces in what is given",
        ),
        pytest.param(body("query A { ...F } fragment F on User { id }"), id="with a fragment"),
        pytest.param(body("fragment F on User { id } query A { ...F }"), id="the fragment first"),
        pytest.param(body("# mutation\nquery mutation { mutation: me }"), id="the word in other places"),
        pytest.param(body('query { search(q: "mutation { clap }") }'), id="the word in a text"),
        pytest.param(body('query { a(q: """} mutation { b }""") }'), id="a block text"),
        pytest.param(body("\ufeff,, query A { a }"), id="what GraphQL passes over"),
        pytest.param(
            body("query A { a }", operationName="A", variables={"x": "mutation"}), id="with its name"
        ),
        pytest.param(body("query A { a }", extensions={}), id="empty extensions"),
        pytest.param(json.dumps([json.loads(body("{ a }")), json.loads(body("{ b }"))]), id="a batch"),
    ],
)
def test_a_query_is_one(sent: str) -> None:
    assert only_queries(sent)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(body("mutation { clap(id: 1) { id } }"), id="a mutation"),
        pytest.param(body("mutation Clap @x { clap }"), id="one with a name"),
        pytest.param(body("subscription { views }"), id="a subscription"),
        pytest.param(
            body("query A { a } mutation B { b }", operationName="B"), id="a mutation after a query"
        ),
        pytest.param(body("#\nmutation { a }"), id="a mutation after a comment"),
        pytest.param(body('"""doc""" mutation { a }'), id="a mutation after a text"),
        pytest.param('{"query": "\\u006dutation { clap }"}', id="a mutation with an escape"),
        pytest.param(
            json.dumps([json.loads(body("{ a }")), json.loads(body("mutation { b }"))]),
            id="a mutation in a batch",
        ),
        pytest.param(
            json.dumps([json.loads(body("{ a }")), [json.loads(body("{ a }"))]]), id="a batch in a batch"
        ),
        pytest.param('{"query": "{a}", "query": "mutation {b}"}', id="a key twice"),
        pytest.param(
            json.dumps({"operationName": "Clap", "extensions": {"persistedQuery": {"sha256Hash": "ab"}}}),
            id="a persisted query",
        ),
        pytest.param(
            body("{ a }", extensions={"persistedQuery": {"sha256Hash": "ab"}}), id="one that is also written"
        ),
        pytest.param(json.dumps({"id": "42", "variables": {}}), id="a number that stands for it"),
        pytest.param(body("{ a }", doc_id="42"), id="a key that is not known"),
        pytest.param(body("{ a"), id="not closed"),
        pytest.param(body("query A"), id="nothing asked"),
        pytest.param(body("{ a } }"), id="closed twice"),
        pytest.param(body("type A { a: Int }"), id="no operation"),
        pytest.param(body(""), id="an empty document"),
        pytest.param(body(None), id="no document"),
        pytest.param(body(["{ a }"]), id="a list for a document"),
        pytest.param("query { a }", id="no JSON"),
        pytest.param("query=%7Ba%7D", id="a form"),
        pytest.param("[]", id="an empty batch"),
        pytest.param("[" * 100_000, id="depth without end"),
        pytest.param("", id="nothing"),
        pytest.param(None, id="not readable"),
    ],
)
def test_all_else_does_not_count_as_a_query(sent: str | None) -> None:
    assert not only_queries(sent)


@pytest.mark.parametrize(
    ("url", "found"),
    [
        ("https://medium.com/_/graphql", True),
        ("https://jane.medium.com/_/graphql", True),
        ("https://notmedium.com/_/graphql", False),
        ("https://medium.com.evil.example/_/graphql", False),
        ("https://evil.example/x.medium.com/_/graphql", False),
    ],
)
def test_mediums_own_api_is_meant_and_no_other(url: str, found: bool) -> None:

    (harmless,) = load_platform("medium").limits.harmless
    assert (harmless.graphql, bool(re.search(harmless.url, url))) == (True, found)
