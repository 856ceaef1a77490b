"""When a condition of a platform file holds, and by which words of the page."""

from typing import Any

import pytest
from small_platform import BASE, HOME, URL, opened, platform

from selfcheck.core.capture import JsonResponse, Redirect
from selfcheck.observe.conditions import holds
from selfcheck.platforms.page_reading import Condition

PAGE = (
    '<html><body class="a"><p id="who" data-n="7">Jane\u2019s page</p>'
    '<noscript><p id="no">no</p></noscript></body></html>'
)


@pytest.mark.parametrize(
    ("condition", "page", "quote"),
    [
        pytest.param({"status": [404, 410]}, {"status": 410}, "status 410", id="a status is one of the list"),
        pytest.param({"status": [404]}, {"status": 410}, None, id="another status does not hold"),
        pytest.param({"status": [404]}, {"status": None}, None, id="no status does not hold"),
        pytest.param(
            {"title": ["Gone \u2013 X"]},
            {"title": "Gone \u2014 X"},
            "Gone \u2014 X",
            id="dashes in titles are alike",
        ),
        pytest.param({"title": ["Gone"]}, {"title": "Gone fishing"}, None, id="a title is the whole title"),
        pytest.param({"title_starts": ["410 "]}, {"title": "410 gone"}, "410 gone", id="a title starts so"),
        pytest.param({"title_ends": ["on X"]}, {"title": "Me on X"}, "Me on X", id="a title ends so"),
        pytest.param(
            {"text": ["it's gone."]},
            {"text": "Sorry,\n it\u2019s\u00a0gone. Bye"},
            "it's gone.",
            id="quotes and white space are folded",
        ),
        pytest.param(
            {"text": ["Page Not Found"]},
            {"text": "PAGE NOT FOUND"},
            "Page Not Found",
            id="case is folded: style sheets change it",
        ),
        pytest.param({"text": ["gone"]}, {"text": "here"}, None, id="a text that is not there does not hold"),
        pytest.param({"html": ["_chl_"]}, {"html": "a_chl_b"}, "_chl_", id="characters of the document"),
        pytest.param(
            {"html": ["_CHL_"]}, {"html": "a_chl_b"}, None, id="characters of the document are exact"
        ),
        pytest.param(
            {"url": ["^/m/in"]},
            {"final_url": f"{HOME}/m/in?x=1"},
            f"{HOME}/m/in?x=1",
            id="an address by its path",
        ),
        pytest.param(
            {"url": ["@{handle}$"]},
            {"final_url": f"{HOME}/@jane"},
            f"{HOME}/@jane",
            id="an address with a value",
        ),
        pytest.param(
            {"url": ["[?]x=1$"]},
            {"final_url": f"{HOME}/m?x=1"},
            f"{HOME}/m?x=1",
            id="an address by its query",
        ),
        pytest.param(
            {"content_type": ["text/xml"]}, {"content_type": "text/xml"}, "text/xml", id="a media type"
        ),
        pytest.param(
            {"header": {"name": "CF-Mitigated", "equals": "challenge"}},
            {"headers": {"cf-mitigated": "Challenge"}},
            "CF-Mitigated: Challenge",
            id="a header, whatever its case",
        ),
        pytest.param({"header": {"name": "x"}}, {"headers": {}}, None, id="a header that is not there"),
        pytest.param(
            {"header": {"name": "x", "contains": "B"}},
            {"headers": {"x": "abc"}},
            "x: abc",
            id="a part of a header",
        ),
        pytest.param(
            {"header": {"name": "x", "equals": "b"}},
            {"headers": {"x": "abc"}},
            None,
            id="another header value",
        ),
        pytest.param({"max_text": 4}, {"text": " four "}, "", id="a text that is short enough"),
        pytest.param({"max_text": 3}, {"text": "four"}, None, id="a text that is too long"),
        pytest.param({"redirected": False}, {}, "", id="no redirect was followed"),
        pytest.param({"redirected": True}, {}, None, id="no redirect though one is wanted"),
        pytest.param(
            {"redirected": True},
            {"redirects": (Redirect(url=URL, status=301, location="/"),)},
            "",
            id="a redirect was followed",
        ),
        pytest.param({"selector": {"css": "#who"}}, {"html": PAGE}, "", id="an element is there"),
        pytest.param(
            {"selector": {"css": "#who", "text": "jane's"}},
            {"html": PAGE},
            "Jane\u2019s page",
            id="an element has a text",
        ),
        pytest.param(
            {"selector": {"css": "#who", "text": "joe's"}}, {"html": PAGE}, None, id="an element lacks a text"
        ),
        pytest.param(
            {"selector": {"css": "#who", "attribute": "data-n"}},
            {"html": PAGE},
            "7",
            id="an attribute is there",
        ),
        pytest.param(
            {"selector": {"css": "#who", "attribute": "data-n", "equals": "7"}},
            {"html": PAGE},
            "7",
            id="an attribute has a value",
        ),
        pytest.param(
            {"selector": {"css": "#who", "attribute": "data-n", "contains": "8"}},
            {"html": PAGE},
            None,
            id="an attribute lacks a part",
        ),
        pytest.param(
            {"selector": {"css": "#nobody", "exists": False}},
            {"html": PAGE},
            "",
            id="an element is not there, as wanted",
        ),
        pytest.param(
            {"selector": {"css": "#who", "exists": False}},
            {"html": PAGE},
            None,
            id="an element is there though it should not",
        ),
        pytest.param(
            {"selector": {"css": "#no"}}, {"html": PAGE}, None, id="what is in noscript is not visible"
        ),
        pytest.param(
            {"any": [{"status": [1]}, {"text": ["yes"]}]}, {"text": "yes"}, "yes", id="any: one holds"
        ),
        pytest.param({"any": [{"status": [1]}, {"status": [2]}]}, {}, None, id="any: none holds"),
        pytest.param({"all": [{"text": ["a"]}, {"text": ["b"]}]}, {"text": "a b"}, "a", id="all: both hold"),
        pytest.param({"all": [{"text": ["a"]}, {"text": ["c"]}]}, {"text": "a b"}, None, id="all: one fails"),
        pytest.param({"none": [{"status": [404]}]}, {"status": 200}, "", id="none: none holds"),
        pytest.param({"none": [{"status": [200]}]}, {"status": 200}, None, id="none: one holds"),
        pytest.param(
            {"status": [200], "title": ["A"], "text": ["b"]},
            {"title": "A", "text": "b"},
            "b",
            id="the most telling quote is the sentence",
        ),
    ],
)
def test_a_condition(condition: dict[str, Any], page: dict[str, Any], quote: str | None) -> None:
    assert holds(Condition.model_validate(condition), opened(**page)) == quote


STATE = (
    '<script>window.STATE = {"viewer": null, "User:1": {"type": "User", "name": "Jane", "on": true, "n": 1},'
    ' "Q": {"user({\\"name\\":\\"jane\\"})": {"__ref": "User:1", "__typename": "Ref"}}}</script>'
)


@pytest.mark.parametrize(
    ("state", "quote"),
    [
        pytest.param({"path": "$['User:1'].name"}, "Jane", id="a path that finds a value"),
        pytest.param({"path": "$.viewer"}, None, id="null is nothing"),
        pytest.param(
            {"path": "$[?@.viewer == null]"},
            None,
            id="a document's own null is asked for by a filter on its parent",
        ),
        pytest.param({"path": "$['User:1'].name", "equals": "Jane"}, "Jane", id="a value equals"),
        pytest.param({"path": "$['User:1'].name", "equals": "jane"}, None, id="values are exact"),
        pytest.param({"path": "$['User:1'].on", "equals": True}, "True", id="a truth value equals"),
        pytest.param({"path": "$['User:1'].n", "equals": True}, None, id="one is not true"),
        pytest.param({"path": "$['User:1'].n", "equals": 1}, "1", id="a number equals"),
        pytest.param({"path": "$['User:1'].on", "equals": 1}, None, id="true is not one"),
        pytest.param({"path": "$['User:1'].name", "contains": "an"}, "Jane", id="a part of a value"),
        pytest.param({"path": "$['User:1'].n", "contains": "1"}, None, id="a number has no parts"),
        pytest.param({"path": "$.nobody", "exists": False}, "", id="nothing is found, as wanted"),
        pytest.param(
            {"path": "$['User:1']", "exists": False}, None, id="something is found though it should not"
        ),
        pytest.param(
            {"path": "$[?same_handle(@.name, '@{handle}')].type"},
            "User",
            id="handles are the same in another case",
        ),
        pytest.param(
            {"path": "$[?among(#, $.Q[?startswith(#, 'user(')].__ref)].name"},
            "Jane",
            id="a reference is followed",
        ),
        pytest.param({"path": "$.Q[?startswith(#, 'user(')]"}, "Ref", id="an object is quoted by its type"),
        pytest.param(
            {"path": "$['{publication}']", "exists": True}, None, id="a value that is not known finds nothing"
        ),
        pytest.param({"of": "element", "path": "$.a"}, None, id="a state that the page does not have"),
    ],
)
def test_a_condition_on_the_page_state(state: dict[str, Any], quote: str | None) -> None:
    condition = Condition.model_validate({"state": {"of": "state", **state}})
    assert holds(condition, opened(STATE)) == quote


def test_handles_that_differ_in_case_are_others_where_the_platform_says_so() -> None:
    strict = platform(handle={**BASE["handle"], "fold_case": False})
    condition = Condition.model_validate(
        {"state": {"of": "state", "path": "$[?same_handle(@.name, '{handle}')]"}}
    )
    assert holds(condition, opened(STATE, on=strict)) is None
    assert holds(condition, opened(STATE, on=strict, values={"handle": "Jane"})) is not None


@pytest.mark.parametrize("handle", ["x'] || $..*", 'a" || true', "back\\slash", "new\nline", "']"])
def test_no_handle_changes_what_a_path_or_a_selector_asks(handle: str) -> None:
    page = opened(STATE + PAGE, values={"handle": handle})
    path = Condition.model_validate({"state": {"of": "state", "path": "$[?@.name == '{handle}']"}})
    css = Condition.model_validate({"selector": {"css": "p[id='{handle}']"}})
    url = Condition.model_validate({"url": ["^/{handle}$"]})
    assert [holds(one, page) for one in (path, css, url)] == [None, None, None]


@pytest.mark.parametrize(
    ("of", "html", "found"),
    [
        pytest.param("state", 'x window.STATE = {"a": 1}; more', [1], id="a value after some characters"),
        pytest.param(
            "state", 'window.STATE = f(); window.STATE = {"a": 2}', [2], id="a name that is used before"
        ),
        pytest.param(
            "state", 'window.STATE = {"a": "\\x3cb\\x3e"}', ["<b>"], id="escapes that only scripts know"
        ),
        pytest.param(
            "state", 'window.STATE = {"a": "\\\\x3c"}', ["\\x3c"], id="a backslash that is escaped itself"
        ),
        pytest.param("state", 'window.STATE = {"a": ', [], id="JSON that ends too early"),
        pytest.param("state", "window.STATE = " + "[" * 100_000, [], id="JSON that is too deep"),
        pytest.param(
            "element", '<script type="application/json">{"a": 3}</script>', [3], id="the text of an element"
        ),
        pytest.param("body", '])}while(1);</x>{"a": 4}', [4], id="a whole document behind its guard"),
        pytest.param("body", '{"a": 5}', [5], id="a whole document without its guard"),
        pytest.param(
            "body",
            '<html><body><pre>])}while(1);&lt;/x&gt;{"a": 6}</pre></body></html>',
            [6],
            id="a document that a browser wrapped",
        ),
        pytest.param("body", "<html><body>{}</body></html>", [], id="a page is no JSON document"),
        pytest.param("answer", "", [7, 8], id="answers that the page fetched"),
    ],
)
def test_the_page_state_is_read_from(of: str, html: str, found: list[Any]) -> None:
    bodies = [("/api/me", '{"a": 7}'), ("/api/me?x", '{"a": 8}'), ("/api/you", '{"a": 9}'), ("/api/me", "<")]
    answers = tuple(JsonResponse(url=HOME + path, status=200, body=body) for path, body in bodies)
    assert opened(html, json_responses=answers).find(of, "$.a") == found


def test_a_document_too_deep_to_be_searched_has_nothing_that_is_found() -> None:
    assert opened("window.STATE = " + '{"a": ' * 900 + "1" + "}" * 900).find("state", "$..b") == []
