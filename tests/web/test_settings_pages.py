"""The settings in fields: each shows what the file says, each mistake stands at its field, comments stay."""

import re
from collections.abc import Iterator, Mapping
from html import unescape
from pathlib import Path

import pytest
import yaml
from app_client import AppClient, words
from pydantic import BaseModel

from selfcheck.settings import Preferences, read_configuration
from selfcheck.web.settings_fields import groups

FILE = """\
# mine
profiles:
  - name: jane  # the first
    platform: medium
    handle: "@jane"
settings:
  # when I sleep
  time_zone: 'Europe/Berlin'
  evidence: {wacz: true, mail_megabytes: 2.5}
  appeal:
    from: jane@example.org  # at home
    smtp:
      host: smtp.example.org
  # the end
"""
ONLY_IN_TEXT = {"alerts.channels", "evidence.timestamps"}


@pytest.fixture
def client(tmp_path: Path) -> AppClient:
    (tmp_path / "profiles.yaml").write_text(FILE, "utf-8")
    return AppClient(tmp_path)


def form_of(page: str) -> dict[str, str]:
    """Return what the form of the fields holds, as a browser would send it."""
    part = page.partition('action="/mine/settings/fields"')[2].partition("</form>")[0]
    inputs = re.findall(r'<input type="text" value="([^"]*)"[^>]*? name="([^"]+)"', part)
    areas = re.findall(r'<textarea class="lines-few" id="([^"]+)"[^>]*>\n?([^<]*)</textarea>', part)
    selects = re.findall(r'<select id="([^"]+)".*?</select>', part)
    chosen = re.findall(r'<select id="([^"]+)"(?:(?!</select>).)*?<option value="([^"]*)" selected', part)
    return {
        **{unescape(name): unescape(value) for value, name in inputs},
        **{name: unescape(value) for name, value in areas},
        **dict.fromkeys(selects, ""),
        **dict(chosen),
    }


def leaves(model: type[BaseModel], before: str = "") -> Iterator[str]:
    """Yield the keys of every single value of a section."""
    for name, info in model.model_fields.items():
        key = f"{before}{info.alias or name}"
        kinds = [info.annotation, *getattr(info.annotation, "__args__", ())]
        inner = next((one for one in kinds if isinstance(one, type) and issubclass(one, BaseModel)), None)
        if inner is not None and key not in ONLY_IN_TEXT:
            yield from leaves(inner, f"{key}.")
        else:
            yield key


def test_every_setting_has_a_field_but_for_lists_of_sections() -> None:
    fields = {field.name for group in groups(None) for field in group.fields}
    assert {f"settings.{key}" for key in set(leaves(Preferences)) - ONLY_IN_TEXT} == fields


def test_fields_show_what_the_file_says_and_change_only_what_was_changed(client: AppClient) -> None:
    form = form_of(client.get("/mine/settings").text)
    shown = {name: value for name, value in form.items() if value}
    assert shown == {
        "profiles[0].handle": "@jane",
        "settings.time_zone": "Europe/Berlin",
        "settings.evidence.wacz": "true",
        "settings.evidence.mail_megabytes": "2.5",
        "settings.appeal.from": "jane@example.org",
        "settings.appeal.smtp.host": "smtp.example.org",
    }
    assert "Nothing changes." in client.post("/mine/settings/fields", form).text
    changed = {
        "profiles[0].publications": "one\r\ntwo\r\n",
        "settings.time_zone": "",
        "settings.evidence.wacz": "false",
        "settings.appeal.smtp.host": "",
        "settings.appeal.name": "on",
        "settings.keep.good_runs": "forever",
        "settings.report.days": "30",
        "settings.browser.window": "true",
    }
    page = client.post("/mine/settings/fields", {**form, **changed}).text
    found = re.search(r'<textarea name="text"[^>]*>\n(.*)</textarea>', page, re.DOTALL)
    assert found is not None
    text = unescape(found[1])
    assert "- smtp:" in words(page)
    assert yaml.safe_load(text) == {
        "profiles": [
            {"name": "jane", "platform": "medium", "handle": "@jane", "publications": ["one", "two"]}
        ],
        "settings": {
            "evidence": {"wacz": False, "mail_megabytes": 2.5},
            "appeal": {"from": "jane@example.org", "name": "on"},
            "keep": {"good_runs": "forever"},
            "report": {"days": 30},
            "browser": {"window": True},
        },
    }
    for comment in ("# mine", "# the first", "# when I sleep", "# at home", "# the end"):
        assert comment in text
    digest = re.findall(r'name="digest" value="(\w+)"', page)[0]
    assert client.post("/mine/settings/save", {"text": text, "digest": digest}).status == 303
    preferences = read_configuration(client.folder / "profiles.yaml").preferences
    assert (preferences.report.days, preferences.appeal.name) == (30, "on")


@pytest.mark.parametrize(
    "mistaken",
    [
        pytest.param({"profiles[0].handle": "no handle"}, id="an account"),
        pytest.param({"profiles[0].handle": ""}, id="no account"),
        pytest.param({"profiles[0].publications": "a b\none"}, id="one of a list"),
        pytest.param({"settings.time_zone": "Berlin"}, id="no time zone"),
        pytest.param({"settings.report.days": "many"}, id="no number"),
        pytest.param({"settings.report.days": "3"}, id="too small a number"),
        pytest.param({"settings.appeal.smtp.port": "99999", "settings.watch.every": "soon"}, id="two"),
        pytest.param({"settings.appeal.from": "jane", "settings.author.country": "Germany"}, id="others"),
        pytest.param({"settings.browser.display": "x11"}, id="none of the choices"),
    ],
)
def test_every_mistake_stands_at_its_field(client: AppClient, mistaken: Mapping[str, str]) -> None:
    form = form_of(client.get("/mine/settings").text)
    page = client.post("/mine/settings/fields", {**form, **mistaken}).text
    assert set(re.findall(r'id="([^"]+)-mistake"', page)) == set(mistaken)
    assert page.count('aria-invalid="true"') == len(mistaken)
    again = form_of(page)
    assert {name: again[name] for name in mistaken} == dict(mistaken)
    assert (client.folder / "profiles.yaml").read_text("utf-8") == FILE


def test_a_file_with_mistakes_shows_them_at_once_and_one_that_cannot_be_read_as_text(
    client: AppClient,
) -> None:
    path = client.folder / "profiles.yaml"
    path.write_text(FILE.replace("Europe/Berlin", "Berlin").replace("medium", "medum"), "utf-8")
    page = client.get("/mine/settings").text
    assert set(re.findall(r'id="([^"]+)-mistake"', page)) == {"settings.time_zone"}
    assert "profiles.yaml:4: profiles[0].platform" in words(page)
    path.write_text("profiles: [", "utf-8")
    page = client.get("/mine/settings").text
    assert "/settings/fields" not in page
    assert "1 mistake. Nothing was saved." in words(page)
    assert re.search(r"profiles\.yaml:\d: found ", words(page))


TREE = "x: &x {a: 1}\nprofiles:\n  - &y\n    name: a\n    session: s\n  - <<: *y\n    name: b\n"


@pytest.mark.parametrize(
    ("text", "status", "says"),
    [
        pytest.param("profiles: []\nsettings: hello\n", 400, "`settings` is not a section", id="a word"),
        pytest.param("profiles: []\nsettings: {report: [1]}\n", 400, "`settings.report` is not", id="a list"),
        pytest.param("[a]\n", 400, "`profiles.yaml` is not a section", id="no mapping at all"),
        pytest.param(TREE, 400, "without changing more", id="a mapping that is merged in"),
        pytest.param("profiles: !!python/name:os.system x\n", 200, "mistake", id="a tag of Python"),
        pytest.param("profiles: []\nsettings: {}\nsettings: {}\n", 200, "mistake", id="a key twice"),
        pytest.param("? [a]\n: b\n", 200, "mistake", id="a key that is a list"),
        pytest.param(f"profiles: {'9' * 5000}\n", 400, "without changing more", id="a number without end"),
        pytest.param('settings: {watch: {every: "\\ud800"}}\n', 200, "mistake", id="half a letter"),
    ],
)
def test_an_odd_file_is_shown_and_never_takes_the_page_down(
    client: AppClient, text: str, status: int, says: str
) -> None:
    (client.folder / "profiles.yaml").write_text(text, "utf-8")
    assert client.get("/mine/settings").status == 200
    form = {"settings.report.days": "33", "profiles[0].session": ""}
    answer = client.post("/mine/settings/fields", form)
    assert (answer.status, says in words(answer.text)) == (status, True)
    assert (client.folder / "profiles.yaml").read_text("utf-8") == text
