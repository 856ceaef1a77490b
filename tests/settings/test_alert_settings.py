"""`settings.alerts` and `settings.watch`: what passes can be used as it stands, and no secret is repeated."""

# ruff: noqa: E501 — a row of a table reads best as one line

from datetime import time, timedelta
from pathlib import Path

import pytest

from selfcheck.core.enums import Language, Verdict
from selfcheck.core.schedule import QuietHours
from selfcheck.errors import ConfigurationError
from selfcheck.settings import Preferences, read_preferences

GOOD = "profiles:\n  - {name: jane, platform: demo, handle: jane}\nsettings:\n"
SECRET = "tk-9f8e7d6c5b4a"


def preferences(folder: Path, text: str) -> Preferences:
    path = folder / "profiles.yaml"
    path.write_text(GOOD + "".join(f"  {line}\n" for line in text.splitlines()), encoding="utf-8")
    return read_preferences(path)


def test_without_a_word_the_usual_is_set(tmp_path: Path) -> None:
    wishes = preferences(tmp_path, "time_zone: UTC")
    assert wishes.alerts.channels == ()
    assert (wishes.alerts.remind_after, wishes.alerts.blind_after_runs) == (timedelta(days=3), 3)
    assert (wishes.watch.every, wishes.watch.grace) == (None, timedelta(hours=6))


def test_all_that_can_be_set_is_read(tmp_path: Path) -> None:
    text = """\
watch: {every: 12h, grace: 90m}
alerts:
  language: de
  remind_after: 1d12h
  reminders: 0
  channels:
    - name: phone
      url_env: SELFCHECK_ALERT_PHONE
      profiles: [jane]
      verdicts: [suspended]
      language: en
      quiet: "22:00-07:30"
      urgent_passes: true
      picture: false
    - {name: own, kind: command, command: [./tell.sh, --loud], timeout: 5s}
    - {name: repo, kind: github-issue, repository: jane/watch}"""
    wishes = preferences(tmp_path, text)
    phone, own, repo = wishes.alerts.channels
    assert (wishes.watch.every, wishes.alerts.remind_after) == (timedelta(hours=12), timedelta(hours=36))
    assert (phone.quiet, phone.language, phone.urgent_passes) == (
        QuietHours(start=time(22), end=time(7, 30)),
        Language.ENGLISH,
        True,
    )
    assert [one for one in Verdict if phone.reports(one)] == [Verdict.SUSPENDED]
    assert (own.command, own.timeout) == (("./tell.sh", "--loud"), timedelta(seconds=5))
    assert own.reports(Verdict.INCONCLUSIVE)
    assert not repo.reports(Verdict.INCONCLUSIVE)


@pytest.mark.parametrize(
    ("channel", "says"),
    [
        pytest.param(f"{{name: a, url: 'json://{SECRET}'}}", "the unknown key `url`", id="an address"),
        pytest.param(f"{{name: a, url_env: 'json://{SECRET}'}}", "the name of an environment variable", id="in its place"),
        pytest.param(
            f"{{name: a, kind: github-issue, repository: 'https://x:{SECRET}@github.com/a/b'}}",
            "a repository as GitHub calls it",
            id="a token in a repository's address",
        ),
        pytest.param("{name: a}", "found none, expected `url_env`", id="leads nowhere"),
        pytest.param("{name: a, kind: command}", "expected `command`", id="no program"),
        pytest.param("{name: a, kind: command, command: []}", "a program and its words", id="an empty program"),
        pytest.param("{name: a, kind: terminal, url_env: X}", "a channel of kind terminal without it", id="too much"),
        pytest.param("{name: a b, kind: terminal}", "a name of letters", id="a name with a space"),
        pytest.param("{name: a, kind: terminal, quiet: 22-7}", "two times of the day", id="no quiet hours"),
        pytest.param("{name: a, kind: terminal, quiet: '7:00-07:00'}", "two times of the day", id="none at all"),
        pytest.param("{name: a, kind: terminal, profiles: [jnae]}", "did you mean `jane`?", id="a profile that is not there"),
        pytest.param("{name: a, kind: terminal, verdicts: [visible]}", "verdicts other than visible", id="good news"),
        pytest.param("{name: a, kind: github-issue, verdicts: [inconclusive]}", "other than inconclusive", id="no incident"),
        pytest.param("{name: a, kind: terminal, timeout: 5}", "a length of time such as 12h", id="no unit"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_without_a_secret(tmp_path: Path, channel: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        preferences(tmp_path, f"alerts:\n  channels:\n    - {channel}")
    told = "\n".join(caught.value.lines())
    assert says in told
    assert "profiles.yaml:6: settings.alerts.channels[0]" in told
    assert SECRET not in told


def test_two_channels_of_one_name_are_refused(tmp_path: Path) -> None:
    text = "alerts:\n  channels:\n    - {name: a, kind: terminal}\n    - {name: A, kind: terminal}"
    with pytest.raises(ConfigurationError, match="1 mistake"):
        preferences(tmp_path, text)
