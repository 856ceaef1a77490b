"""Runs `platform: learn` on the small sites of `engine_sites`: the tool's investigation, without a browser.

Each case has its label: what is true of the account as far as it can be told from outside (`fine`, `bad`,
`unknown`), and the verdict expected of learned marks, which never name a suspension.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache

from engine_sites import ENGINES, MORE, OTHERS, TITLES, Account, Engine
from engines import LEARNED
from scenario_runner import Stage, run_scenario
from scenarios import Scenario, scenarios
from selectolax.lexbor import LexborHTMLParser

from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import Verdict
from selfcheck.core.request import ProfileRequest
from selfcheck.core.verdict import ProfileVerdict
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.learn import learn_key
from selfcheck.platforms.saved_pages import title_of, visible_text
from selfcheck.runs.investigation import Investigation, Question
from selfcheck.runs.plan import template_values

AT = datetime(2026, 1, 2, tzinfo=UTC)
ALL_GONE = dict.fromkeys(range(len(TITLES)), "gone")
FINE, BAD, UNKNOWN = "fine", "bad", "unknown"


@dataclass(frozen=True, kw_only=True, eq=False)
class LearnedCase:
    """The state of an account, what is true of it, and what should be said."""

    name: str
    truth: str
    expected: Verdict
    jane: Account = field(default_factory=lambda: Account(name="jane"))
    controls: str = "shown"  # what the live controls' profiles show
    session: bool = True
    before: bool = False  # an earlier run found the stories listed for the public
    stories: tuple[int, ...] = ()  # stories that the profile names
    publication: str = ""  # what its publication shows to the public and ("/") to its author; "": it has none


def _jane(**state: object) -> Account:
    return replace(Account(name="jane"), **state)


def _rows() -> Iterator[tuple[str, str, str, dict[str, object], dict[str, object]]]:
    """Yield name, truth, expected verdict, state of the account and the rest."""
    alone: dict[str, object] = {"session": False}
    yield "healthy", FINE, "visible", {}, {}
    yield "healthy, no session", FINE, "visible", {}, alone
    yield "healthy without stories", FINE, "visible", {"titles": ()}, {}
    yield "no story and no session to tell why", UNKNOWN, "inconclusive", {"titles": ()}, alone
    yield "gone for the public, its author sees it", BAD, "hidden", {"profile": "gone"}, {}
    yield "gone for both", BAD, "missing", {"profile": "gone", "author_gets": "gone"}, {}
    yield "gone, no session", BAD, "missing", {"profile": "gone"}, alone
    yield "suspended in words, its author sees it", BAD, "inconclusive", {"profile": "suspended"}, {}
    both = {"profile": "suspended", "author_gets": "suspended"}
    yield "suspended in words for both", BAD, "inconclusive", both, {}
    yield "suspended in words, no session", BAD, "inconclusive", {"profile": "suspended"}, alone
    line = {"extra": "<p>This account has been suspended.</p>"}
    yield "suspended by a line above the profile", BAD, "inconclusive", line, {}
    emptied = {"listed": ()}
    yield "list emptied, stories gone", UNKNOWN, "inconclusive", emptied | {"stories": ALL_GONE}, {}
    before = {"before": True}
    yield (
        "list emptied, stories gone that were public",
        BAD,
        "hidden",
        emptied | {"stories": ALL_GONE},
        before,
    )
    yield "list emptied, stories stay", BAD, "limited", emptied, {}
    yield "list emptied, no session", UNKNOWN, "inconclusive", emptied, alone
    yield "list emptied, no session, listed before", UNKNOWN, "inconclusive", emptied, alone | before
    middle = {"listed": (0, 2, 3)}
    # The page is shown; its owner may have shortened the list, and there is nothing to compare it with.
    yield "a story in the middle not listed, no session", FINE, "visible", middle, alone
    yield "a list that got shorter, no session", FINE, "visible", middle, alone | before
    yield "a story in the middle not listed", BAD, "limited", middle, {}
    lost = middle | {"stories": {1: "gone"}}
    yield "a story in the middle gone", UNKNOWN, "inconclusive", lost, {}
    yield "a story in the middle gone that was public", BAD, "limited", lost, before
    yield "a draft", UNKNOWN, "inconclusive", {"drafts": (0,)}, {}
    yield "the last stories not listed", UNKNOWN, "inconclusive", {"listed": (0, 1)}, {}
    for state in ("wall", "error", "login"):
        yield f"the public meets: {state}", UNKNOWN, "inconclusive", {"profile": state}, {}
    yield "led to the home page", UNKNOWN, "inconclusive", {"profile": "home"}, {}
    yield "somebody else's page", UNKNOWN, "inconclusive", {"profile": "other"}, {}
    out = {"author_gets": "signed out"}
    yield "session ended, healthy", UNKNOWN, "inconclusive", out, {}
    yield "session ended, gone", UNKNOWN, "inconclusive", out | {"profile": "gone"}, {}
    yield "session ended, list emptied", UNKNOWN, "inconclusive", out | emptied, {}
    for state in ("gone", "wall", "error", "home"):
        yield f"healthy, live controls: {state}", UNKNOWN, "inconclusive", {}, {"controls": state}
    yield "gone, live controls gone", UNKNOWN, "inconclusive", {"profile": "gone"}, {"controls": "gone"}
    yield "a named story, healthy", FINE, "visible", {}, {"stories": (1,)}
    yield "a named story, healthy, no session", FINE, "visible", {}, {"stories": (1,)} | alone
    gone = {"stories": {1: "gone"}}
    yield "a named story gone and listed", BAD, "limited", gone, {"stories": (1,)}
    kept = {"drafts": (1,)}
    yield "a named story that is a draft", UNKNOWN, "inconclusive", kept, {"stories": (1,)}
    yield (
        "a named story suspended in words",
        BAD,
        "inconclusive",
        {"stories": {1: "suspended"}},
        {"stories": (1,)},
    )
    yield "a named story behind a wall", UNKNOWN, "inconclusive", {"stories": {1: "wall"}}, {"stories": (1,)}

    for state, truth, expected in (
        ("shown/shown", FINE, "visible"),
        ("gone/shown", UNKNOWN, "inconclusive"),  # its owner may keep it private
        ("gone/gone", BAD, "limited"),
        ("suspended/shown", BAD, "inconclusive"),
        ("wall/shown", UNKNOWN, "inconclusive"),
    ):
        yield f"a publication, {state}", truth, expected, {}, {"publication": state}


CASES = tuple(
    LearnedCase(name=name, truth=truth, expected=Verdict(expected), jane=_jane(**state), **rest)
    for name, truth, expected, state, rest in _rows()
)


@cache
def learned_verdict(engine: str, case: LearnedCase) -> ProfileVerdict:
    """Return what is said of the account on this engine's site."""
    site = ENGINES[engine]
    live = (Account(name="zoe", titles=OTHERS), Account(name="max", titles=MORE))
    accounts = {one.name: replace(one, profile=case.controls) for one in live} | {"jane": case.jane}
    names = ("field", "tide", "mill") if case.publication else ()
    public, _, author = case.publication.partition("/")
    accounts |= {
        "field": Account(name="field", titles=TITLES, profile=public, author_gets=author, owner="jane"),
        "tide": Account(name="tide", titles=OTHERS),
        "mill": Account(name="mill", titles=MORE),
    }
    publications = [site.profile_url(name) for name in names]
    key = learn_key({"profile": site.profile_url("jane")}, "jane", None, publications)
    platform = load_platform(key)
    own = site.urls(case.jane)
    profile = ProfileRequest(
        name="jane",
        platform=key,
        handle="jane",
        stories=tuple(own[place] for place in case.stories),
        publications=tuple(publications[:1]),
        session="jane",
        live_controls=("zoe", "max"),
    )
    settled = {"https://earlier.example/feed": tuple(own)} if case.before else {}
    question = Question(profile=profile, platform=platform, signed_in=case.session, seed=7, settled=settled)
    investigation = Investigation(question)
    while batch := investigation.wanted():
        for page in batch.pages:
            values = template_values(profile, platform, page.request)
            captures = {who: capture_at(site, page.request, who, accounts) for who in page.request.viewpoints}
            looks = {who: observe(capture, platform, values) for who, capture in captures.items()}
            investigation.take(page, looks)
    assert investigation.verdict is not None
    return investigation.verdict


def capture_at(site: Engine, request: PageRequest, who: str, accounts: dict[str, Account]) -> Capture:
    """Return what a viewpoint gets of the page that is asked for."""
    page = site.answer(request.url, who, accounts)
    return Capture(
        visit=request,
        viewpoint=who,
        started_at=AT,
        finished_at=AT + timedelta(seconds=1),
        status=page.status,
        content_type="text/html",
        final_url=page.led_to or request.url,
        title=title_of(LexborHTMLParser(page.body)),
        text=visible_text(page.body),
        html=page.body,
    )


@cache
def verdicts_without_file() -> tuple[tuple[Scenario, ProfileVerdict], ...]:
    """Judge the states of the engines that can be told without a platform file.

    These engines were built for platform files, and learned marks were finished before they met them.
    """
    states = [
        replace(scenario, platform=f"{scenario.platform}{LEARNED}")
        for scenario in scenarios()
        if scenario.without_file is not None and not scenario.by_lean_file
    ]
    return tuple((scenario, run_scenario(scenario, on=Stage(scenario)).verdict) for scenario in states)
