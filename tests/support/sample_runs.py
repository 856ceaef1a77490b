"""Runs made by hand, for the tests of all that shows or stores a run."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from selfcheck.core.capture import Failure
from selfcheck.core.enums import (
    ANONYMOUS,
    AUTHOR,
    ControlKind,
    FailureKind,
    Outcome,
    PageKind,
    Purpose,
    SignKind,
    Strength,
    Verdict,
)
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.run import RunResult, ToolInfo
from selfcheck.core.verdict import ControlReading, PageVerdict, ProfileVerdict, RuleHit

NOW = datetime(2026, 2, 3, 4, 5, 6, 789000, tzinfo=UTC)
HOME = "https://blog.example"
TOOL = ToolInfo(
    version="0.1.0", rules_version="2026.1", browser="Chromium 140.0", platform="Linux, Python 3.11"
)
NASTY = '<script>document.title="owned"</script> & "quotes" \x1b[31mred\x07\u202egnp.exe'
NON_LATIN = "Женщина пишет · 作家の頁 · صفحة الكاتبة · é"


def look(
    viewpoint: str, outcome: Outcome, *, kind: PageKind = PageKind.PROFILE, **more: object
) -> Observation:
    """An observation; the sensible rest follows from the outcome."""
    base = Observation(
        viewpoint=viewpoint,
        kind=kind,
        url=f"{HOME}/@jane",
        outcome=outcome,
        mark="blog.profile-shown" if outcome is Outcome.SHOWN else "blog.mark",
        status={Outcome.SHOWN: 200, Outcome.SUSPENDED: 410, Outcome.NOT_FOUND: 404}.get(outcome, 200),
        final_url=f"{HOME}/@jane",
        title="Jane, the blog",
        signed_in=viewpoint == AUTHOR,
        screenshot=f"jane/{kind.value}/{viewpoint}.png",
        taken_at=NOW,
        milliseconds=812,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def page(
    verdict: Verdict,
    anonymous: Observation | None,
    author: Observation | None,
    *,
    silent: bool | None = None,
    kind: PageKind = PageKind.PROFILE,
    **more: object,
) -> PageVerdict:
    """A page's verdict with the views that are given."""
    views = {one.viewpoint: one for one in (anonymous, author) if one}
    base = PageVerdict(
        kind=kind,
        url=f"{HOME}/@jane",
        folder=f"jane/{kind.value}",
        verdict=verdict,
        silent=silent,
        strength=Strength.CONFIRMED,
        firings=(
            RuleHit(rule=f"{kind.value}.{verdict.value}", reason=f"The {kind.value} is {verdict.value}."),
        ),
        views=views,
        side_by_side=f"jane/{kind.value}/side-by-side.png",
    )
    return replace(base, **more)  # type: ignore[arg-type]


def profile(name: str, *pages: PageVerdict, **more: object) -> ProfileVerdict:
    """A profile's verdict that follows its first page."""
    first = pages[0]
    base = ProfileVerdict(
        name=name,
        platform="demo",
        handle=f"@{name}",
        verdict=first.verdict,
        silent=first.silent,
        strength=first.strength,
        summary=f"The profile {name} is {first.verdict.value}.",
        next_steps=(
            f"Look at the side-by-side screenshot, and write an appeal: `selfcheck appeal {name}`",
            "See whether the session works: `selfcheck session check`. If it does, correct `sign_in:`.",
        ),
        firings=first.firings,
        controls=(
            ControlReading(
                kind=ControlKind.LIVE, handle="@someone", outcome=Outcome.SHOWN, url=f"{HOME}/@someone"
            ),
            ControlReading(kind=ControlKind.ABSENT, handle="@x7f3", outcome=Outcome.NOT_FOUND),
        ),
        pages=pages,
        facts={"followers": {ANONYMOUS: None, AUTHOR: 1234}},
    )
    return replace(base, **more)  # type: ignore[arg-type]


def run(*profiles: ProfileVerdict, exit_code: int = 1, **more: object) -> RunResult:
    """A run of these profiles."""
    base = RunResult(
        run_id="20260203T040506Z-a1b2",
        started_at=NOW,
        finished_at=NOW + timedelta(seconds=12),
        tool=TOOL,
        profiles=profiles,
        exit_code=exit_code,
        page_views={ANONYMOUS: 5, AUTHOR: 4},
    )
    return replace(base, **more)  # type: ignore[arg-type]


def suspended(*, silent: bool | None = True) -> ProfileVerdict:
    """The case that the tool was made for: the public is told, the author is not."""
    says = RuleHit(
        rule="profile.says-suspended",
        reason="The page tells logged-out visitors that the account is suspended, word for word.",
    )
    controls = RuleHit(rule="controls.pass", reason="Accounts that must be seen were seen in the same run.")
    anonymous = look(
        ANONYMOUS,
        Outcome.SUSPENDED,
        title="Account suspended",
        mark="blog.account-suspended",
        quote="This account is suspended.",
        text_length=90,
    )
    author = look(
        AUTHOR, Outcome.SHOWN, text_length=4120, stories=(StoryRef(id="a1", url=f"{HOME}/a1", title="One"),)
    )
    second = look(ANONYMOUS, Outcome.SUSPENDED, purpose=Purpose.SECOND_LOOK)
    main = page(
        Verdict.SUSPENDED, anonymous, author, silent=silent, firings=(says, controls), further=(second,)
    )
    story = page(
        Verdict.HIDDEN,
        look(ANONYMOUS, Outcome.NOT_FOUND, kind=PageKind.STORY, url=f"{HOME}/@jane/one-a1"),
        look(AUTHOR, Outcome.SHOWN, kind=PageKind.STORY, url=f"{HOME}/@jane/one-a1"),
        silent=True,
        kind=PageKind.STORY,
        subject="a1",
        url=f"{HOME}/@jane/one-a1",
    )
    return profile(
        "jane",
        main,
        story,
        summary="The public is told that this account is suspended, while your own view looks as usual.",
        firings=(says, controls),
    )


def healthy() -> ProfileVerdict:
    """A profile that everybody sees, with titles in other scripts."""
    anonymous = look(ANONYMOUS, Outcome.SHOWN, title=NON_LATIN, text_length=4100)
    author = look(AUTHOR, Outcome.SHOWN, title=NON_LATIN, text_length=4120)
    return profile("Жанна", page(Verdict.VISIBLE, anonymous, author, silent=None), next_steps=(), facts={})


def without_author() -> ProfileVerdict:
    """A profile that was only opened logged out."""
    return profile(
        "anon",
        page(Verdict.MISSING, look(ANONYMOUS, Outcome.NOT_FOUND, quote="Page not found"), None),
        notes=(
            "No session is saved for anon, so only the public view was taken. Sign in: selfcheck login anon",
        ),
        strength=Strength.LIKELY,
        facts={"followers": {ANONYMOUS: None}},
    )


def session_expired() -> ProfileVerdict:
    """A profile whose session is no longer signed in."""
    wall = look(AUTHOR, Outcome.LOGIN_WALL, signed_in=False)
    return profile("late", page(Verdict.INCONCLUSIVE, look(ANONYMOUS, Outcome.NOT_FOUND), wall))


def unreachable() -> ProfileVerdict:
    """A profile whose page never answered, for either viewpoint."""
    failure = Failure(kind=FailureKind.TIMEOUT, detail="30 s passed without an answer")
    gone = {
        "failure": failure,
        "status": None,
        "screenshot": None,
        "title": "",
        "mark": None,
        "signed_in": None,
    }
    views = (look(one, Outcome.UNREACHABLE, **gone) for one in (ANONYMOUS, AUTHOR))
    return profile("slow", page(Verdict.INCONCLUSIVE, *views, side_by_side=None), facts={})


def hostile() -> ProfileVerdict:
    """A profile whose page does its worst: script in titles, other schemes in addresses."""
    sign = Sign(id="blog.flagged", meaning=SignKind.FLAGGED, quote=NASTY)
    anonymous = look(
        ANONYMOUS,
        Outcome.SUSPENDED,
        title=NASTY,
        quote=NASTY,
        final_url="javascript:alert(1)",
        signs=(sign,),
        noindex="noindex, nofollow",
    )
    bad = page(
        Verdict.LIMITED,
        anonymous,
        look(AUTHOR, Outcome.SHOWN, title=NASTY),
        silent=False,
        url="javascript:alert(document.domain)",
        subject=NASTY,
        firings=(RuleHit(rule="profile.noindex", reason=NASTY),),
    )
    return profile("nasty", bad, summary=NASTY, notes=(NASTY,), next_steps=(NASTY,), handle=NASTY)


def everything() -> RunResult:
    """A run in which everything happens."""
    profiles = (
        suspended(),
        healthy(),
        without_author(),
        session_expired(),
        unreachable(),
        hostile(),
        profile(
            "half", page(Verdict.HIDDEN, look(ANONYMOUS, Outcome.NOT_FOUND), look(AUTHOR, Outcome.SHOWN))
        ),
    )
    return run(*profiles, failures=("The profile “gone” could not be finished: the browser broke twice.",))


def stats(*, opened: bool = True) -> PageVerdict:
    """The stats page, which only its author can open."""
    outcome = Outcome.SHOWN if opened else Outcome.LOGIN_WALL
    author = look(AUTHOR, outcome, kind=PageKind.STATS, screenshot="jane/stats/author.png")
    return page(
        Verdict.VISIBLE if opened else Verdict.INCONCLUSIVE,
        None,
        author,
        kind=PageKind.STATS,
        url=f"{HOME}/me/stats",
    )
