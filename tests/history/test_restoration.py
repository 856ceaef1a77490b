"""What is back after an incident: each kind of item in a table, and the list through commands and report."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from app_client import AppClient
from channels import Inbox, channel_to
from histories import FIRST, as_read, document, judged, keep_folders, record_runs
from kept_runs import incident
from pagechecks import faults, poor_contrast, sticks_out
from playwright.sync_api import Page, expect

from selfcheck.__main__ import main
from selfcheck.alerts.dispatch import DispatchContext, render
from selfcheck.alerts.notice import Notice, NoticeKind
from selfcheck.core.enums import ANONYMOUS, AUTHOR
from selfcheck.core.incident import EventKind, IncidentEvent, IncidentState
from selfcheck.core.observation import StoryRef
from selfcheck.core.run_document import ProfileRecord
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.history.restoration import ItemState, lost_from_list, restoration
from selfcheck.history.service import open_history
from selfcheck.report.service import ReportRequest, build_report, report_over_time
from selfcheck.settings import Preferences
from selfcheck.storage.data_folder import DataFolder

DAY = timedelta(days=1)
Change = Callable[[dict[str, Any]], None]
Invoke = Callable[..., str]


def stories(names: str) -> list[dict[str, str]]:
    return [
        {"id": f"s{name}", "url": f"https://a.example/s{name}", "title": f"Title {name}"} for name in names
    ]


def good() -> dict[str, Any]:
    """A good run's profile: its page with a list of three, a story for members only, a publication, a feed."""
    plain = document(FIRST, judged("V", followers=1000))["profiles"][0]
    (page,) = plain["pages"]
    page["views"][ANONYMOUS].update(stories=stories("cba"), final_url="https://jane.example/")
    story = deepcopy(page) | {"kind": "story", "url": "https://a.example/sa", "subject": "sa"}
    members = {"id": "m", "means": "members_only", "quote": ""}
    story["views"][ANONYMOUS].update(title="Title a", stories=None, signs=[members])
    publication = deepcopy(page) | {"kind": "publication", "url": "https://a.example/pub", "subject": "pub"}
    feed = deepcopy(page) | {"kind": "feed", "url": "https://a.example/feed"}
    plain["pages"] += [story, publication, feed]
    return dict(plain)


def public(number: int, **fields: object) -> Change:
    return lambda plain: plain["pages"][number]["views"][ANONYMOUS].update(fields)


def of_page(number: int, **fields: object) -> Change:
    return lambda plain: plain["pages"][number].update(fields)


def followers(count: int | None) -> Change:
    return lambda plain: plain["facts"]["followers"].update({AUTHOR: count})


def left_out(*, days: int) -> Change:
    def change(plain: dict[str, Any]) -> None:
        page = plain["pages"].pop(1)
        looked = f"{FIRST + days * DAY:%Y-%m-%dT%H:%M:%SZ}"
        plain["not_opened"] = [{"kind": "story", "url": page["url"], "last_looked": looked, "last_run": "x"}]

    return change


def record(plain: Mapping[str, Any]) -> ProfileRecord:
    return as_read(document(FIRST) | {"profiles": [plain]}).profiles[0]


def changed(*changes: Change) -> ProfileRecord:
    plain = good()
    for change in changes:
        change(plain)
    return record(plain)


def over(**more: object) -> Any:
    days = {"first_bad_at": FIRST + DAY, "last_bad_at": FIRST + 2 * DAY, "over_at": FIRST + 3 * DAY}
    return incident(state=IncidentState.RESTORED, **days, **more)


SIGN = {"id": "x", "quote": ""}
B, M, U = ItemState.BACK, ItemState.MISSING, ItemState.UNCHECKED


@pytest.mark.parametrize(
    ("change", "item", "state", "words"),
    [
        pytest.param(lambda _plain: None, "story", B, "as before", id="all is as it was"),
        pytest.param(of_page(1, verdict="hidden"), "story", M, "Story “Title a”: was visible, is hidden (confirmed)", id="a story is hidden"),
        pytest.param(of_page(1, verdict="inconclusive"), "story", U, "not checked", id="of a story nothing is known"),
        pytest.param(lambda plain: plain["pages"].pop(1), "story", U, "not checked", id="a story was not opened"),
        pytest.param(left_out(days=3), "story", B, "as before", id="left out, fine since the incident"),
        pytest.param(left_out(days=0), "story", U, "not checked", id="left out, fine before the incident"),
        pytest.param(public(0, stories=stories("ca")), "list-profile", M, "lacks 1 of 3: “Title b”", id="a list lacks one"),
        pytest.param(public(0, stories=stories("edc")), "list-profile", B, "as before", id="two newer ones pushed two off the end"),
        pytest.param(public(0, stories=[]), "list-profile", M, "lacks 3 of 3", id="an empty list lacks all"),
        pytest.param(public(0, stories=None), "list-profile", U, "not checked", id="a list that cannot be read"),
        pytest.param(of_page(2, verdict="missing"), "publication", M, "Publication “pub”: was visible, is missing", id="a publication is gone"),
        pytest.param(public(2, stories=stories("cb")), "list-publication", M, "lacks 1 of 3: “Title a”", id="the end of a publication's list"),
        pytest.param(of_page(3, verdict="hidden"), "feed", M, "Feed: was visible, is hidden", id="the feed is gone"),
        pytest.param(public(3, stories=stories("ba")), "list-feed", M, "lacks 1 of 3: “Title c”", id="the feed lacks its newest"),
        pytest.param(public(3, outcome="not_found", stories=None), "list-feed", U, "not checked", id="a feed without an answer"),
        pytest.param(followers(899), "followers", M, "were 1000, are 899", id="more than a tenth of the followers is gone"),
        pytest.param(followers(900), "followers", B, "as before", id="a tenth is not"),
        pytest.param(followers(None), "followers", U, "not checked", id="unknown followers are not 0"),
        pytest.param(public(1, signs=[]), "members-story", M, "is shown to everybody", id="the paywall is off"),
        pytest.param(public(1, outcome="restricted", signs=[]), "members-story", B, "as before", id="a wall is a paywall"),
        pytest.param(public(1, outcome="challenge", signs=[]), "members-story", U, "not checked", id="a bot wall is not"),
        pytest.param(public(0, noindex="noindex"), "search-profile", M, "(“noindex”)", id="search engines are kept out"),
        pytest.param(public(0, noindex="noindex", signs=[{**SIGN, "means": "unlisted"}]), "search-profile", B, "", id="by the author's own choice"),
        pytest.param(public(0, final_url="https://blog.example/@jane"), "address-profile", M, "was at jane.example, is at blog.example", id="the custom domain is off"),
        pytest.param(public(0, final_url="https://www.jane.example/x"), "address-profile", B, "", id="www is the same host"),
    ],
)  # fmt: skip
def test_an_item_is_back_missing_or_not_checked(
    change: Change, item: str, state: ItemState, words: str
) -> None:
    restored = restoration(over(), record(good()), [changed(change)])
    found = {each.id: each for each in restored.items}[item]
    assert (found.state, words in found.words) == (state, True), found.words


NOT_OPENED: Change = lambda plain: plain["pages"].clear()  # noqa: E731 - a row of the table below


@pytest.mark.parametrize(
    ("runs", "missing"),
    [
        pytest.param([[]], [], id="back"),
        pytest.param([[], [followers(5)]], [], id="missing at first and back since"),
        pytest.param([[followers(5)], []], ["followers"], id="back at first and missing now"),
        pytest.param(
            [[followers(None)], [followers(5)]], ["followers"], id="the newest that can tell counts"
        ),
        pytest.param([[NOT_OPENED, followers(None)]], [], id="nothing is missing that no run could check"),
        pytest.param([], [], id="no run since"),
    ],
)
def test_the_newest_run_that_can_tell_counts(runs: Sequence[Sequence[Change]], missing: list[str]) -> None:
    restored = restoration(over(), record(good()), (changed(*changes) for changes in runs))
    assert [item.id for item in restored.missing] == missing


def test_what_its_author_calls_done_is_off_the_list() -> None:
    done = IncidentEvent(at=FIRST, kind=EventKind.ITEM_DONE, text="followers")
    restored = restoration(over(events=(done,)), record(good()), [changed(followers(5))])
    assert (restored.missing, [item.id for item in restored.items if item.done]) == ((), ["followers"])


def test_pages_whose_addresses_end_alike_have_names_of_their_own() -> None:
    def twice(plain: dict[str, Any]) -> None:
        plain["pages"] += [
            deepcopy(plain["pages"][1]) | {"url": f"https://{host}.example/sa"} for host in "bc"
        ]

    before = changed(twice)
    ids = [item.id for item in restoration(over(), before, []).items]
    assert len(ids) == len(set(ids))
    assert {"story-sa", "story-sa~2", "story-sa~3"} <= set(ids)


@pytest.mark.parametrize(
    ("old", "new", "lost"),
    [("cba", "cba", ""), ("cba", "dcb", ""), ("cba", "dcba", ""), ("cba", "da", "cb"), ("cba", "xyz", ""), ("cba", "x", "cba"), ("", "a", "")],
)  # fmt: skip
def test_a_story_that_newer_ones_pushed_off_the_list_is_not_lost(old: str, new: str, lost: str) -> None:
    def refs(names: str) -> list[StoryRef]:
        return [StoryRef(id=f"s{name}", url="") for name in names]

    assert [story.id for story in lost_from_list(refs(old), refs(new))] == [f"s{name}" for name in lost]


# -- the list, where its author sees it ---------------------------------------------------------------------


def keep(data: Path, *days: tuple[str, Sequence[Change]]) -> None:
    """Keep and record a run a day: its verdict in a letter, and what differs from the good run."""
    documents = []
    for number, (letter, changes) in enumerate(days):
        run = document(FIRST + number * DAY, judged(letter))
        if letter == "V":
            plain = good()
            for change in changes:
                change(plain)
            run["profiles"] = [plain]
        documents.append(run)
    keep_folders(data, *documents)
    record_runs(data, *documents)


@pytest.fixture
def invoke(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Invoke:
    """Types `selfcheck appeal …` for the folder, and returns all that it printed."""

    def type_(*words: str) -> str:
        main(["appeal", *words, "--data", str(tmp_path)])
        printed = capsys.readouterr()
        return printed.out + printed.err

    return type_


def status(data: Path, capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """Types `selfcheck status`, and returns its standard output."""
    profiles = data / "profiles.yaml"
    profiles.write_text("profiles: [{name: jane, platform: medium, handle: jane}]")
    main(["status", "--profiles", str(profiles), "--data", str(data), *words])
    return capsys.readouterr().out


def test_what_is_missing_is_listed_until_it_is_back_or_done(
    tmp_path: Path, invoke: Invoke, capsys: pytest.CaptureFixture[str]
) -> None:
    keep(tmp_path, ("V", ()), ("S", ()), ("V", (followers(5), public(0, stories=stories("ca")))))
    data, now = DataFolder(tmp_path), FIRST + 3 * DAY
    listed = invoke("restored")
    assert "were 1000, are 5" in listed
    assert "list-profile" in listed
    assert "not all is back" in invoke("status")
    assert "not all is back" in status(tmp_path, capsys)
    expected = [{"incident": "jane-20261102-1", "items": ["list-profile", "followers"]}]
    assert json.loads(status(tmp_path, capsys, "--format", "json"))["missing"] == expected
    request = ReportRequest(preferences=Preferences(), now=now)
    report = report_over_time(data, request)
    (shown,) = report.profiles[0].incidents
    assert len(shown.missing) == 2
    (hidden,) = Disclosure(audience=Audience.PUBLIC).report(report).profiles[0].incidents
    assert hidden.missing == ()
    assert "Not back yet" in build_report(data, request).index.read_text("utf-8")
    assert "were 1000, are 5" in recovered(data, now=now)

    assert "Called done: followers." in invoke("restored", "jane", "--done", "followers")
    assert "were 1000, are 5" not in recovered(data, now=now)
    later = document(FIRST + 3 * DAY, judged("V")) | {"profiles": [good()]}
    keep_folders(tmp_path, later)
    record_runs(tmp_path, later)
    listed = invoke("restored")
    assert "Not back:" not in listed
    assert "You called done: followers" in listed
    assert "not all is back" not in invoke("status")


def recovered(data: DataFolder, *, now: Any) -> str:
    """The alert of the recovery."""
    with open_history(data) as history:
        (last,) = history.incidents()
    notice = Notice(kind=NoticeKind.RECOVERED, profile="jane", incident=last)
    context = DispatchContext(data=data, preferences=Preferences(time_zone="UTC"), now=now)
    return render(notice, channel_to(Inbox(), "phone"), context).body


@pytest.mark.parametrize(
    ("days", "arguments", "words"),
    [
        pytest.param("VS", (), "No incident is over", id="it goes on"),
        pytest.param("VS", ("jane",), "is not the last restored incident", id="the one that is named goes on"),
        pytest.param("VSV", ("jane", "--done", "folowers"), "no item called `folowers`", id="an item that is not there"),
        pytest.param("VSV", ("--done", "all"), "Called done: nothing new", id="all is back"),
        pytest.param("VS", ("--done", "all"), "None is over", id="done, and none is over"),
        pytest.param("SV", (), "selfcheck never saw it good before", id="there is no earlier good run"),
    ],
)  # fmt: skip
def test_the_command_says_what_it_cannot_compare(
    tmp_path: Path, invoke: Invoke, days: str, arguments: tuple[str, ...], words: str
) -> None:
    keep(tmp_path, *((letter, ()) for letter in days))
    assert words in invoke("restored", *arguments)


def test_a_last_good_run_that_is_gone_is_named(tmp_path: Path, invoke: Invoke) -> None:
    keep(tmp_path, ("V", ()), ("S", ()), ("V", ()))
    (tmp_path / "runs" / f"{FIRST:%Y%m%dT%H%M%SZ}-aaaaaa" / "run.json").unlink()
    assert "cannot be read" in invoke("restored")


def test_the_report_and_the_app_show_it(tmp_path: Path, page: Page) -> None:
    keep(tmp_path / "data", ("V", ()), ("S", ()), ("V", (followers(5), public(0, stories=stories("ca")))))
    now = FIRST + 3 * DAY
    request = ReportRequest(preferences=Preferences(), now=now)
    page.set_viewport_size({"width": 320, "height": 800})
    page.goto(build_report(DataFolder(tmp_path / "data"), request).index.as_uri())
    note = page.get_by_role("note").filter(has_text="Not back yet")
    expect(note.get_by_role("listitem")).to_have_count(2)
    expect(note.get_by_role("code")).to_contain_text("appeal restored jane-20261102-1 --done ITEM")
    assert (faults(page), sticks_out(page), poor_contrast(page)) == ([], [], [])

    app = AppClient(tmp_path, now)
    assert "not all of it is back" in app.get("/mine/").text
    assert "were 1000, are 5" in app.get("/mine/incidents/jane-20261102-1").text
