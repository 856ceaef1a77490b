"""The web app under attack: who is answered, and what no request gets."""

import re
from pathlib import Path

import pytest
from app_client import HOST, PORT, AppClient
from kept_runs import FIRST, bad_run, keep_run
from starlette.routing import Route

from selfcheck.web import routes
from selfcheck.web.access import LARGEST_FORM, TOKEN_SECONDS


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    return AppClient(tmp_path)


def test_the_address_works_once_and_becomes_a_cookie_that_no_script_and_no_other_site_gets(
    client: AppClient,
) -> None:
    path = client.keys.address.partition(HOST)[2]
    answer = client.get(path, cookie=None)
    assert (answer.status, answer.headers["location"]) == (303, "/")
    assert answer.headers["referrer-policy"] == "no-referrer"
    cookie = answer.headers["set-cookie"].lower()
    assert all(word in cookie for word in ("httponly", "samesite=strict", f"selfcheck-{PORT}=", "path=/"))
    assert "domain" not in cookie
    assert client.get(path, cookie=None).status == 403
    assert client.get("/mine/").status == 200


@pytest.mark.parametrize(
    ("path", "after"),
    [
        pytest.param("/open?token=secret-3", TOKEN_SECONDS + 1, id="too late"),
        pytest.param("/open?token=secret-", 0, id="a part of it"),
        pytest.param("/open?token=", 0, id="none"),
        pytest.param("/open", 0, id="nothing"),
        pytest.param("/open?token=wrong&token=secret-3", 0, id="two"),
        pytest.param("/open?token=secret-2", 0, id="another secret"),
    ],
)
def test_no_other_token_opens_it(client: AppClient, path: str, after: float) -> None:
    assert client.keys.address.endswith("secret-3")
    client.clock.seconds = after
    answer = client.get(path, cookie=None)
    assert (answer.status, "set-cookie" in answer.headers) == (403, False)


GET_ATTACKS = (
    pytest.param({"cookie": None}, 403, id="no cookie"),
    pytest.param({"cookie": f"selfcheck-{PORT}=secret-1"}, 403, id="a wrong cookie"),
    pytest.param({"cookie": f"selfcheck-{PORT + 1}=secret-2"}, 403, id="the cookie of another port"),
    pytest.param({"cookie": '=;\x00="x'}, 403, id="a cookie that cannot be read"),
    pytest.param({"host": f"evil.example:{PORT}"}, 421, id="another name for this machine (rebinding)"),
    pytest.param({"host": "127.0.0.1:1"}, 421, id="another port"),
    pytest.param({"host": "127.0.0.1"}, 421, id="no port"),
    pytest.param({"host": None}, 421, id="no host"),
    pytest.param({"host": f"{HOST}.evil.example"}, 421, id="a name that begins like it"),
    pytest.param({"sec_fetch_site": "cross-site"}, 403, id="a picture on another site"),
    pytest.param({"sec_fetch_site": "same-site"}, 403, id="a page on another port of this machine"),
)


@pytest.mark.parametrize("path", ["/mine/", "/static/app.js"])
@pytest.mark.parametrize(("headers", "status"), GET_ATTACKS)
def test_nothing_is_shown_to_others(
    client: AppClient, path: str, headers: dict[str, str | None], status: int
) -> None:
    assert client.get(path).status == 200
    answer = client.get(path, **headers)
    assert answer.status == status
    assert client.keys.form_token not in answer.text


POST_ATTACKS = (
    *GET_ATTACKS,
    pytest.param({"origin": None}, 403, id="no origin"),
    pytest.param({"origin": "null"}, 403, id="a sandboxed frame"),
    pytest.param({"origin": "http://127.0.0.1"}, 403, id="the origin without the port"),
    pytest.param({"origin": f"https://{HOST}"}, 403, id="another scheme"),
    pytest.param({"origin": f"http://127.0.0.1:{PORT}0"}, 403, id="an origin that begins like it"),
    pytest.param({"origin": f"http://localhost:{PORT}"}, 403, id="our other name"),
    pytest.param({"content_type": "text/plain"}, 415, id="what any site may send without asking"),
    pytest.param({"content_type": "application/json"}, 415, id="JSON"),
)


@pytest.mark.parametrize(("headers", "status"), POST_ATTACKS)
def test_nothing_is_changed_by_others(client: AppClient, headers: dict[str, str | None], status: int) -> None:
    assert client.post("/mine/run").status == 400  # it reaches the handler: there is no profile
    assert client.post("/mine/run", **headers).status == status


@pytest.mark.parametrize(
    ("body", "status"),
    [
        pytest.param(b"", 403, id="no form token"),
        pytest.param(b"form_token=secret-2", 403, id="a wrong form token"),
        pytest.param(b"form_token=secret-1&form_token=x", 403, id="two form tokens"),
        pytest.param(b"form_token=%ff", 400, id="not UTF-8"),
        pytest.param(b"\xff", 400, id="not ASCII"),
        pytest.param(b"&".join([b"a=1"] * 300), 400, id="too many fields"),
        pytest.param(b"a" * (LARGEST_FORM + 1), 413, id="too long"),
    ],
)
def test_a_form_needs_its_token(client: AppClient, body: bytes, status: int) -> None:
    headers = {"origin": f"http://{HOST}", "content_type": "application/x-www-form-urlencoded"}
    assert client.ask("POST", "/mine/run", headers=headers, body=body).status == status


CHANGES = sorted(
    route.path
    for route in routes.all_routes()
    if isinstance(route, Route) and route.methods is not None and "POST" in route.methods
)


@pytest.mark.parametrize("path", CHANGES)
def test_every_change_needs_the_origin_and_the_token_and_no_get_makes_it(
    client: AppClient, path: str
) -> None:
    path = re.sub(r"\{\w+\}", "x", path.replace("{space}", "mine"))
    assert client.post(path, origin="null").status == 403
    assert client.post(path, {"form_token": "secret-2"}).status == 403
    assert client.post(path, cookie=None).status == 403
    if not path.endswith("/send"):  # whose GET shows what would be sent
        assert client.get(path).status in {404, 405}
    assert [one.name for one in client.folder.rglob("*")] == []


def test_every_answer_also_a_refusal_forbids_what_no_page_needs(client: AppClient) -> None:
    for answer in (client.get("/mine/"), client.get("/nowhere/"), client.get("/", cookie=None)):
        policy = answer.headers["content-security-policy"]
        assert policy.startswith("default-src 'none'")
        assert "unsafe" not in policy
        assert "frame-ancestors 'none'" in policy
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "set-cookie" not in answer.headers
    assert client.ask("PUT", "/mine/", headers={}).status == 405
    for path in ("/mine/run", "/mine/progress/x/cancel"):
        assert client.get(path).status in {404, 405}  # GET changes nothing


@pytest.fixture(scope="module")
def with_run(tmp_path_factory: pytest.TempPathFactory) -> AppClient:
    client = AppClient(tmp_path_factory.mktemp("app"))
    data = client.context.workspaces["mine"].data.path
    keep_run(data, bad_run(FIRST))
    (data / "outside.txt").write_text("outside", "utf-8")
    (data / "runs" / FIRST / "outside.png").symlink_to(data / "outside.txt")
    return client


@pytest.mark.parametrize(
    "path",
    [
        "/static/../__init__.py",
        "/static/..%2f__init__.py",
        "/static/layout.html.j2",
        "/elsewhere/",
        "/mine/runs/..",
        "/mine/runs/../../outside.txt",
        "/mine/runs/%2e%2e",
        f"/mine/runs/{FIRST}/../{FIRST}",
        f"/mine/runs/{FIRST[:-1]}",
        f"/demo/runs/{FIRST}",
        f"/mine/runs/{FIRST}/pages/0/outside.png",
        f"/mine/runs/{FIRST}/pages/0/../../outside.png",
        f"/mine/runs/{FIRST}/pages/99/both.png",
        f"/mine/runs/{FIRST}/pages/-1/both.png",
        f"/mine/runs/{FIRST}/pages/99/received.txt",
        "/mine/start/looks/../page.png",
        "/mine/start/looks/%2e%2e/page.png",
        f"/mine/start/looks/{FIRST}/page.png",
        "/mine/progress/..",
        "/mine/progress/../runs",
    ],
)
def test_no_path_from_a_request_reaches_the_files(with_run: AppClient, path: str) -> None:
    answer = with_run.get(path)
    assert answer.status == 404
    assert "outside" not in answer.text


def test_what_a_platform_sent_is_text_or_a_picture(with_run: AppClient) -> None:
    page = with_run.get(f"/mine/runs/{FIRST}")
    assert page.status == 200
    assert f"/mine/runs/{FIRST}/pages/0/anonymous.png" in page.text
    picture = with_run.get(f"/mine/runs/{FIRST}/pages/0/anonymous.png")
    assert (picture.headers["content-type"], picture.body[:4]) == ("image/png", b"\x89PNG")
    text = with_run.get(f"/mine/runs/{FIRST}/pages/0/received.txt")
    assert text.headers["content-type"] == "text/plain; charset=utf-8"
    assert "<" in text.text
