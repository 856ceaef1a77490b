"""A short pass of the fuzz targets, the same inputs each time; `benchmarks/fuzz.py` is the long one."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from selectolax.lexbor import LexborHTMLParser
from targets import FEED, TARGETS, Target

from selfcheck.alerts.github import IssueTracker
from selfcheck.appeal.model import Envelope
from selfcheck.appeal.render_mail import MailBody, draft_bytes, mail
from selfcheck.artifacts.case_files import LookRecord
from selfcheck.artifacts.wacz import archived_page
from selfcheck.browser.backoff import retry_after
from selfcheck.browser.redaction import clean_url
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.core.hosts import address_key
from selfcheck.core.page_shape import FEATURES, read_shape
from selfcheck.errors import HostingError
from selfcheck.history.journal import _entry
from selfcheck.observe import observe
from selfcheck.observe.readings import _moment, served_at
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.jsonpaths import find, mistake_in
from selfcheck.platforms.page_urls import own_address
from selfcheck.platforms.templates import for_selector
from selfcheck.schedule.state import _moment as moment_of_schedule
from selfcheck.storage.stored_json import _unknown_version

_SLOW = {"page", "saved page", "platform file", "feed", "evidence zip", "mail", "run formats", "graphql"}
_SLOW |= {"export", "redaction"}


@pytest.mark.parametrize("target", TARGETS, ids=lambda target: target.slug)
def test_no_input_is_answered_with_a_traceback(target: Target, tmp_path: Path) -> None:
    """A failure names its input: `python benchmarks/fuzz.py --target NAME --seed N` repeats it alone."""
    for seed in range(5 if target.name in _SLOW else 20):
        try:
            target.check(seed, tmp_path)
        except Exception as error:
            error.add_note(f"--target {target.slug} --seed {seed}")
            raise


# -- what fuzzing found ------------------------------------------------------------------------------------

_DAMAGED = "The file is damaged, or not a run's file."
_HALF = "\ud800"
_BEFORE_TIME = "0001-01-01T00:00:00+23:59"


@pytest.mark.parametrize(
    ("read", "expected"),
    [
        pytest.param(lambda: find("$.a", "not JSON", fold_case=True), [], id="page state that is a text"),
        pytest.param(lambda: find("$.a", 1, fold_case=True), [], id="page state that is a number"),
        pytest.param(lambda: mistake_in("$[?@.a == 1e999]"), "it cannot be read", id="an endless number"),
        pytest.param(lambda: served_at({"date": f"Sat, {'9' * 30} Nov 2026 12:00:00 GMT"}), None, id="Date"),
        pytest.param(
            lambda: retry_after(f"Sat, 1 Nov {'9' * 30} 12:00:00 GMT", _NOW), None, id="Retry-After"
        ),
        pytest.param(lambda: _moment(_BEFORE_TIME), None, id="a day before time"),
        pytest.param(lambda: moment_of_schedule(_BEFORE_TIME), None, id="a schedule before time"),
        pytest.param(
            lambda: _entry(f'{{"at": "{_BEFORE_TIME}"}}'.encode()), None, id="a journal before time"
        ),
        pytest.param(
            lambda: _unknown_version("x", f"a/{'9' * 5000}", readable="a/1").cause, _DAMAGED, id="form"
        ),
        pytest.param(lambda: address_key(f"https://a.example/{_HALF}"), "https://a.example/%3F", id="a key"),
        pytest.param(
            lambda: own_address(f"https://a.example/?b={_HALF}"), "https://a.example/?b=%3F", id="own"
        ),
        pytest.param(
            lambda: clean_url(f"https://a.example/?token=b&c={_HALF}")[:18], "https://a.example/", id="url"
        ),
    ],
)
def test_what_once_ended_in_a_traceback_is_read_as_nothing(
    read: Callable[[], object], expected: object
) -> None:
    assert read() == expected


_NOW = datetime(2026, 11, 28, tzinfo=UTC)


def test_a_learned_shape_of_endless_numbers_teaches_nothing() -> None:
    shape = {"status": 200, "features": {}, "sentences": [float("inf")], "denials": []}
    features = {name: [] for name in FEATURES}
    assert read_shape({**shape, "features": features}) is None


def test_a_look_before_time_is_left_out_of_an_archive_of_pages() -> None:
    before = datetime.fromisoformat(_BEFORE_TIME)
    look = LookRecord(
        url="https://a.example/",
        kind=PageKind.PROFILE,
        viewpoint=ANONYMOUS,
        started_at=before,
        finished_at=before,
        status=200,
        final_url="https://a.example/",
    )
    assert archived_page(look, b"") is None


def test_a_mail_leaves_out_half_characters_that_a_page_wrote() -> None:
    body = MailBody(text=f"It says {_HALF}.", language="en")
    envelope = Envelope(sender="a@b.example", reply_to=None, to=("c@d.example",), subject=f"x{_HALF}")
    assert b"It says ?." in draft_bytes(mail(envelope, body))


@pytest.mark.parametrize(
    "answer",
    [
        "<html>",
        "[1]",
        '[{"number": "x"}]',
        "[{}]",
        '[{"number": 1e999}]',
        '[{"number": 1}, null]',
        "[" * 100_000,
    ],
)
def test_an_odd_answer_of_github_is_reported_as_one(answer: str) -> None:
    with pytest.raises(HostingError, match="something else"):
        IssueTracker("o/r", lambda *_: answer).find("jane-20261121-1")


@pytest.mark.parametrize("value", ["²", "é", "-1", "-", "1", "\0", _HALF, "a b", '"]'])
def test_whatever_a_name_holds_it_stands_in_a_selector(value: str) -> None:
    page = LexborHTMLParser("<p class='x'>")
    assert page.css(f'.{for_selector(value)}, [id="{for_selector(value)}"]') == []


def test_a_feed_with_half_a_character_is_read() -> None:
    body, url = FEED.replace("One", f"One{_HALF}"), "https://medium.com/feed/@jane"
    visit = PageRequest(
        profile="p", kind=PageKind.FEED, url=url, viewpoints=(ANONYMOUS,), folder="f", handle="jane"
    )
    capture = Capture(
        visit=visit,
        viewpoint=ANONYMOUS,
        started_at=_NOW,
        finished_at=_NOW,
        status=200,
        content_type="application/rss+xml",
        final_url=url,
        html=body,
        text=body,
    )
    platform = load_platform("medium")
    assert observe(capture, platform, {"home": platform.home, "handle": "jane"}).kind is PageKind.FEED


def test_an_issue_of_odd_fields_is_nobodys_mark() -> None:
    issue = '[{"number": 1, "user": [], "author_association": {}, "body": "<!-- selfcheck-incident: a -->"}]'
    assert IssueTracker("o/r", lambda *_: issue).find("a") is None


def test_a_pattern_that_never_ends_makes_a_page_unrecognised_and_holds_nothing_up() -> None:
    platform = load_platform("medium")
    endless = platform.model_copy(update={"story_id": "^https://medium.com/(?:(?:a|aa)+b?)+(!)$"})
    url = f"https://medium.com/{'a' * 80}"
    visit = PageRequest(
        profile="p", kind=PageKind.STORY, url=url, viewpoints=(ANONYMOUS,), folder="f", handle="jane"
    )
    capture = Capture(visit=visit, viewpoint=ANONYMOUS, started_at=_NOW, finished_at=_NOW, status=200)
    seen = observe(capture, endless, {"home": platform.home, "handle": "jane"})
    assert (seen.outcome, "takes too long" in seen.quote) == (Outcome.UNRECOGNISED, True)
