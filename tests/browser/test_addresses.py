"""Whatever spelling a lenient server takes for an address, a rule about the address holds for it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from selfcheck.browser.addresses import addresses_within, decoded, plain_path, spellings


@pytest.mark.parametrize(
    "path",
    [
        "/_/graphql", "/_/graphql/", "//_//graphql", "/_/GraphQL", "/_/%67raphql", "/_/%2567raphql",
        "/%5f/graphql",
        "/_%2fgraphql", "/_%252Fgraphql", "\\_\\graphql", "/_/graphql;x", "/_/graphql;a=b/;c",
        "/_;v=1/graphql",
        "/_/./graphql", "/x/../_/graphql", "/x/%2e%2e/_/graphql", "/x/..;/_/graphql", "/_/graphql%3Bx",
        "/_/graphql.",
        "/_/graphql%20", "/_/graphql%00", "/_/graphql%3fa", "/_/graphql%23", "/%0a_/graphql",
        "/../../_/graphql",
    ],
)  # fmt: skip
def test_a_path_is_read_as_the_most_lenient_server_reads_it(path: str) -> None:
    assert plain_path(path) == ("_", "graphql")


def test_an_address_lies_below_others_with_any_scheme_and_port() -> None:
    around = addresses_within("http://me@Medium.com.:8080/_/GraphQL/abc?query=x")
    assert {"https://medium.com/_/graphql", "http://medium.com:8080/_/graphql/abc"} <= set(around)


def test_an_address_is_blocked_with_and_without_a_slash_at_its_end() -> None:
    url = "https://blog.example/%73ignout?a=B"
    assert spellings(url) == (url, "https://blog.example/signout?a=B", "https://blog.example/signout/?a=B")


@given(st.text(alphabet="/.%;\\25efEF0aA?#: \x00é\ud800[]@", max_size=60))
def test_no_address_is_too_odd(text: str) -> None:
    for url in (text, f"https://blog.example/{text}", f"https://{text}"):
        assert spellings(url)[0] == url
        addresses_within(url)
        decoded(url)
