"""A channel that is set up in a form: what Apprise makes of its address, and every mistake at its field."""

# ruff: noqa: E501 — a row of a table reads best as one line

from collections.abc import Mapping

import apprise
import pytest

from selfcheck.alerts.new_channel import FormMistakesError, new_channel

MAIL = {"kind": "mail", "from": "jane@example.org", "host": "smtp.example.org", "password": "p@ss/?#: w"}


@pytest.mark.parametrize(
    ("form", "service", "has"),
    [
        pytest.param({"kind": "ntfy", "topic": "jane-7h3"}, "NotifyNtfy", {"mode": "cloud", "topics": ["jane-7h3"]}, id="ntfy"),
        pytest.param({"kind": "ntfy", "topic": "t", "server": "https://n.example:8443"}, "NotifyNtfy", {"mode": "private", "host": "n.example", "port": 8443, "secure": True}, id="an own ntfy"),
        pytest.param({"kind": "ntfy", "topic": "t", "server": "http://127.0.0.1:81/"}, "NotifyNtfy", {"host": "127.0.0.1", "port": 81, "secure": False}, id="ntfy without TLS"),
        pytest.param(MAIL, "NotifyEmail", {"smtp_host": "smtp.example.org", "port": 587, "secure_mode": "starttls", "user": "jane@example.org", "password": "p@ss/?#: w", "targets": [(False, "jane@example.org")]}, id="mail"),
        pytest.param({**MAIL, "security": "tls", "user": "j", "to": "b@example.org"}, "NotifyEmail", {"port": 465, "secure_mode": "ssl", "user": "j", "targets": [(False, "b@example.org")]}, id="mail by TLS to another"),
        pytest.param({**MAIL, "host": "smtp.gmail.com", "from": "j@gmail.com", "port": "2525"}, "NotifyEmail", {"smtp_host": "smtp.gmail.com", "port": 2525}, id="mail of a service that Apprise knows"),
        pytest.param({"kind": "webhook", "address": "https://e.example/hook/x?a=1&b=%2Bc%20d"}, "NotifyJSON", {"host": "e.example", "fullpath": "/hook/x", "secure": True, "params": {"a": "1", "b": "+c d"}}, id="a webhook with a query"),
        pytest.param({"kind": "apprise", "address": "tgram://123456789:abcdefg_hijklmnop/12315544/"}, "NotifyTelegram", {}, id="another"),
    ],
)  # fmt: skip
def test_apprise_reads_the_address_as_it_was_meant(
    form: Mapping[str, str], service: str, has: Mapping[str, object]
) -> None:
    channel = new_channel({"name": "my-phone", **form}, taken={"SELFCHECK_ALERT_MY_PHONE"})
    assert channel.entry == {"name": "my-phone", "url_env": "SELFCHECK_ALERT_MY_PHONE_2"}
    assert channel.variable == "SELFCHECK_ALERT_MY_PHONE_2"
    found = apprise.Apprise()
    found.add(channel.address)
    (made,) = found
    assert (type(made).__name__, {name: getattr(made, name) for name in has}) == (service, has)


@pytest.mark.parametrize(
    ("form", "entry"),
    [
        pytest.param({"kind": "command", "command": "./tell.sh --to 'two words'", "quiet": "22:00-07:00"}, {"kind": "command", "command": ["./tell.sh", "--to", "two words"], "quiet": "22:00-07:00"}, id="a program"),
        pytest.param({"kind": "github-issue", "repository": "jane/watch"}, {"kind": "github-issue", "repository": "jane/watch"}, id="issues"),
        pytest.param({"kind": "github-issue"}, {"kind": "github-issue"}, id="issues of the repository here"),
    ],
)  # fmt: skip
def test_what_has_no_address_keeps_no_secret(form: Mapping[str, str], entry: Mapping[str, object]) -> None:
    channel = new_channel({"name": "own", **form}, taken=())
    assert (channel.entry, channel.variable, channel.address) == ({"name": "own", **entry}, "", "")


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        pytest.param({}, {"kind"}, id="no kind"),
        pytest.param({"kind": "fax"}, {"kind"}, id="an unknown kind"),
        pytest.param({"kind": "ntfy", "name": ""}, {"name", "topic"}, id="nothing"),
        pytest.param({"kind": "ntfy", "topic": "a/b", "server": "https://x/y?z"}, {"topic", "server"}, id="not a topic, not a server"),
        pytest.param({**MAIL, "from": "jane", "host": "a b", "port": "0", "security": "none"}, {"from", "host", "port", "security"}, id="mail"),
        pytest.param({**MAIL, "port": "9" * 5000}, {"port"}, id="a port without end"),
        pytest.param({"kind": "mail"}, {"from", "host", "password"}, id="an empty mail"),
        pytest.param({"kind": "webhook", "address": "https://u:s3cret@e.example"}, {"address"}, id="a password in an address"),
        pytest.param({"kind": "webhook", "address": ""}, {"address"}, id="no address"),
        pytest.param({"kind": "apprise"}, {"address"}, id="no address of a service"),
        pytest.param({"kind": "command", "command": "./tell.sh 'x"}, {"command"}, id="a quote that is not closed"),
    ],
)  # fmt: skip
def test_every_mistake_has_its_field_and_repeats_no_secret(form: Mapping[str, str], fields: set[str]) -> None:
    with pytest.raises(FormMistakesError) as refused:
        new_channel({"name": "x", **form}, taken=())
    assert set(refused.value.mistakes) == fields
    assert "s3cret" not in str(refused.value.mistakes)
