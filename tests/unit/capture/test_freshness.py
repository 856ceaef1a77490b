"""What is told of a session's cookies, without a value of any."""

from datetime import UTC, datetime
from typing import Any

import pytest

from selfcheck.capture.freshness import session_trouble
from selfcheck.platforms.catalogue import load_platform

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
PAST = datetime(2026, 11, 20, 12, 0, tzinfo=UTC).timestamp()
EARLIER = datetime(2026, 10, 1, 12, 0, tzinfo=UTC).timestamp()
FUTURE = NOW.timestamp() + 86_400
MEDIUM = load_platform("medium")
NO_NAMES = MEDIUM.model_copy(update={"sign_in": MEDIUM.sign_in.model_copy(update={"cookies": ()})})  # type: ignore[union-attr]


def cookie(name: str, expires: float | None, domain: str = ".medium.com") -> dict[str, Any]:
    made: dict[str, Any] = {"name": name, "value": "s3cret", "domain": domain, "path": "/"}
    return made if expires is None else {**made, "expires": expires}


def state(*cookies: dict[str, Any], origin: str | None = None) -> dict[str, Any]:
    stored = [{"name": "token", "value": "s3cret"}]
    return {
        "cookies": list(cookies),
        "origins": [{"origin": origin, "localStorage": stored}] if origin else [],
    }


@pytest.mark.parametrize(
    ("cookies", "said"),
    [
        pytest.param([cookie("sid", FUTURE)], "", id="a cookie that lasts is fine"),
        pytest.param([cookie("sid", -1)], "", id="a session cookie has no end"),
        pytest.param([cookie("sid", None)], "", id="a cookie without an end has none"),
        pytest.param([cookie("sid", 0)], "", id="some exports write 0 for a session cookie"),
        pytest.param([cookie("sid", float("nan"))], "", id="no number at all is no end"),
        pytest.param([cookie("sid", FUTURE * 1000)], "", id="an end in milliseconds lies ahead"),
        pytest.param([cookie("sid", PAST)], "it expired on 2026-11-20", id="one that is over has its day"),
        pytest.param(
            [cookie("sid", PAST), cookie("uid", EARLIER)], "it expired on 2026-11-20", id="the last counts"
        ),
        pytest.param([cookie("sid", FUTURE), cookie("uid", PAST)], "", id="one of two lasts"),
        pytest.param(
            [cookie("sid", PAST), cookie("_ga", FUTURE)],
            "it expired on 2026-11-20",
            id="a counter's cookie keeps nobody signed in",
        ),
        pytest.param(
            [cookie("_ga", FUTURE)], "it holds no sign-in of Medium", id="none of the cookies of a sign-in"
        ),
        pytest.param(
            [cookie("c_user", FUTURE, ".facebook.com")],
            "it holds nothing of medium.com",
            id="cookies of another site only",
        ),
        pytest.param(
            [cookie("sid", FUTURE, ".notmedium.com")],
            "it holds nothing of medium.com",
            id="a host that only ends alike",
        ),
        pytest.param([cookie("sid", FUTURE, "jane.medium.com")], "", id="a subdomain's cookie"),
        pytest.param(
            [{"name": "sid", "value": "x", "url": "https://medium.com/"}], "", id="an address as place"
        ),
        pytest.param([cookie("sid", -1, "[")], "it holds nothing of medium.com", id="a place that is none"),
    ],
)
def test_the_cookies_of_a_platform(cookies: list[dict[str, Any]], said: str) -> None:
    assert session_trouble(state(*cookies), NOW, platform=MEDIUM) == said


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        pytest.param("127.0.0.1", "", id="the host of the base_url"),
        pytest.param("medium.com", "it holds nothing of 127.0.0.1", id="not the platform's own then"),
    ],
)
def test_a_base_url_has_cookies_of_its_own(domain: str, said: str) -> None:
    found = session_trouble(
        state(cookie("sid", -1, domain)), NOW, platform=MEDIUM, base_url="http://127.0.0.1:8000"
    )
    assert found == said


def test_a_cookie_of_the_domain_above_reaches_a_base_url() -> None:
    above, aside = cookie("sid", -1, ".example.org"), cookie("sid", -1, "example.org")
    base = "https://blog.example.org"
    assert session_trouble(state(above), NOW, platform=MEDIUM, base_url=base) == ""
    assert session_trouble(state(aside), NOW, platform=MEDIUM, base_url=base) != ""


def test_where_no_cookie_is_named_all_of_the_hosts_count() -> None:
    assert session_trouble(state(cookie("any", FUTURE)), NOW, platform=NO_NAMES) == ""
    assert session_trouble(state(cookie("any", PAST)), NOW, platform=NO_NAMES) == "it expired on 2026-11-20"


def test_where_no_cookie_is_named_stored_data_may_be_the_sign_in() -> None:
    assert session_trouble(state(origin="https://medium.com"), NOW, platform=NO_NAMES) == ""
    assert session_trouble(state(origin="https://x.org"), NOW, platform=NO_NAMES) != ""
    assert session_trouble(state(origin="http://["), NOW, platform=NO_NAMES) != ""


@pytest.mark.parametrize(
    ("cookies", "said"),
    [
        pytest.param([cookie("a", PAST), cookie("b", FUTURE)], "", id="one of them lasts"),
        pytest.param([cookie("a", PAST)], "it expired on 2026-11-20", id="all are over"),
        pytest.param([], "", id="there is none"),
    ],
)
def test_where_the_platform_is_not_known_all_cookies_count(cookies: list[dict[str, Any]], said: str) -> None:
    assert session_trouble(state(*cookies, origin="https://x.org"), NOW) == said
