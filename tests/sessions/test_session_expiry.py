"""What is told of a session's cookies, without a value of any."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from selfcheck.platforms.catalogue import load_platform
from selfcheck.sessions.session_expiry import expected_end, expiry_foreseen, sign_in_trouble

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
            id="a counter's cookie is not a sign-in",
        ),
        pytest.param(
            [cookie("_ga", FUTURE)], "it contains no sign-in of Medium", id="none of the cookies of a sign-in"
        ),
        pytest.param(
            [cookie("c_user", FUTURE, ".facebook.com")],
            "it contains nothing of medium.com",
            id="cookies of another site only",
        ),
        pytest.param(
            [cookie("sid", FUTURE, ".notmedium.com")],
            "it contains nothing of medium.com",
            id="a host that only ends alike",
        ),
        pytest.param([cookie("sid", FUTURE, "jane.medium.com")], "", id="a subdomain's cookie"),
        pytest.param(
            [{"name": "sid", "value": "x", "url": "https://medium.com/"}], "", id="an address as place"
        ),
        pytest.param(
            [cookie("sid", -1, "[")], "it contains nothing of medium.com", id="an address that is not one"
        ),
    ],
)
def test_the_cookies_of_a_platform(cookies: list[dict[str, Any]], said: str) -> None:
    assert sign_in_trouble(state(*cookies), NOW, platform=MEDIUM) == said


@pytest.mark.parametrize(
    ("domain", "said"),
    [
        pytest.param("127.0.0.1", "", id="the host of the base_url"),
        pytest.param("medium.com", "it contains nothing of 127.0.0.1", id="not the platform's own then"),
    ],
)
def test_a_base_url_has_cookies_of_its_own(domain: str, said: str) -> None:
    found = sign_in_trouble(
        state(cookie("sid", -1, domain)), NOW, platform=MEDIUM, base_url="http://127.0.0.1:8000"
    )
    assert found == said


def test_a_cookie_of_the_domain_above_reaches_a_base_url() -> None:
    above, aside = cookie("sid", -1, ".example.org"), cookie("sid", -1, "example.org")
    base = "https://blog.example.org"
    assert sign_in_trouble(state(above), NOW, platform=MEDIUM, base_url=base) == ""
    assert sign_in_trouble(state(aside), NOW, platform=MEDIUM, base_url=base) != ""


def test_where_no_cookie_is_named_all_of_the_hosts_count() -> None:
    assert sign_in_trouble(state(cookie("any", FUTURE)), NOW, platform=NO_NAMES) == ""
    assert sign_in_trouble(state(cookie("any", PAST)), NOW, platform=NO_NAMES) == "it expired on 2026-11-20"


def test_where_no_cookie_is_named_stored_data_may_be_the_sign_in() -> None:
    assert sign_in_trouble(state(origin="https://medium.com"), NOW, platform=NO_NAMES) == ""
    assert sign_in_trouble(state(origin="https://x.org"), NOW, platform=NO_NAMES) != ""
    assert sign_in_trouble(state(origin="http://["), NOW, platform=NO_NAMES) != ""


@pytest.mark.parametrize(
    ("cookies", "said"),
    [
        pytest.param([cookie("a", PAST), cookie("b", FUTURE)], "", id="one of them lasts"),
        pytest.param([cookie("a", PAST)], "it expired on 2026-11-20", id="all are over"),
        pytest.param([], "", id="there is none"),
    ],
)
def test_where_the_platform_is_not_known_all_cookies_count(cookies: list[dict[str, Any]], said: str) -> None:
    assert sign_in_trouble(state(*cookies, origin="https://x.org"), NOW) == said


def ending(*ends: float, name: str = "sid") -> dict[str, Any]:
    cookies = [{"name": name, "domain": ".medium.com", "path": "/", "expires": end} for end in ends]
    return {"cookies": cookies, "origins": []}


SOON, LATER = (NOW.timestamp() + days * 86_400 for days in (3, 90))


@pytest.mark.parametrize(
    ("state", "named", "end"),
    [
        pytest.param(ending(LATER, SOON), True, SOON, id="of those that the sign-in needs, the first"),
        pytest.param(ending(LATER, -1), True, LATER, id="one without an end says nothing"),
        pytest.param(ending(LATER, SOON, name="_ga"), True, None, id="others do not count"),
        pytest.param(ending(LATER, SOON), False, LATER, id="where it is not known which, the last"),
        pytest.param(ending(LATER, -1), False, None, id="and only if all have one"),
        pytest.param(ending(1e15), True, None, id="an end beyond the calendar"),
        pytest.param({"cookies": [], "origins": []}, True, None, id="no cookie"),
    ],
)
def test_the_end_of_a_session_is_foreseen_where_its_cookies_say_when(
    state: dict[str, Any], named: bool, end: float | None
) -> None:
    found = expected_end(state, platform=load_platform("medium") if named else None)
    assert (found.timestamp() if found else None) == end


@pytest.mark.parametrize(
    ("hours", "says"),
    [
        pytest.param(None, "", id="not known"),
        pytest.param(-1, "", id="past: that is told as trouble"),
        pytest.param(1, "today", id="today"),
        pytest.param(24, "tomorrow", id="tomorrow"),
        pytest.param(24 * 6, "in 6 days", id="within the week"),
        pytest.param(24 * 8, "", id="far off"),
    ],
)
def test_it_is_announced_a_week_before(hours: float | None, says: str) -> None:
    end = NOW + timedelta(hours=hours) if hours is not None else None
    told = expiry_foreseen(end, NOW)
    assert says in told
    assert bool(told) is bool(says)
