"""Evidence made by hand, for the tests of the judge."""

from selfcheck.core.capture import Failure, PageRequest
from selfcheck.core.case import PageCase, PlatformFacts, ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, ControlKind, FailureKind, Outcome, PageKind, SignKind
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.verdict import ControlReading

HOME = "https://blog.example"
STATUS = {
    Outcome.SHOWN: 200,
    Outcome.SUSPENDED: 410,
    Outcome.NOT_FOUND: 404,
    Outcome.REMOVED: 410,
    Outcome.RESTRICTED: 200,
    Outcome.LOGIN_WALL: 200,
    Outcome.CHALLENGE: 403,
    Outcome.RATE_LIMITED: 429,
    Outcome.SERVER_ERROR: 503,
    Outcome.UNREACHABLE: None,
    Outcome.UNRECOGNISED: 200,
}
CONTROLS_PASS = (
    ControlReading(kind=ControlKind.LIVE, handle="@alive", outcome=Outcome.SHOWN),
    ControlReading(kind=ControlKind.ABSENT, handle="@x7f3", outcome=Outcome.NOT_FOUND),
)


def seen(
    outcome: Outcome,
    *meanings: SignKind,
    by: str = ANONYMOUS,
    kind: PageKind = PageKind.PROFILE,
    **more: object,
) -> Observation:
    """One look; an author's is signed in unless said otherwise."""
    failure = None
    if outcome is Outcome.UNREACHABLE:
        failure = Failure(kind=FailureKind.TIMEOUT, detail="timed out")
    fields: dict[str, object] = {
        "signed_in": True if by == AUTHOR and outcome is Outcome.SHOWN else None,
        "status": STATUS[outcome],
        "signs": tuple(Sign(id=f"sign.{one}", meaning=one) for one in meanings),
        "failure": failure,
        "identified": outcome is Outcome.SHOWN,
        **more,
    }
    return Observation(viewpoint=by, kind=kind, url=f"{HOME}/@jane", outcome=outcome, **fields)  # type: ignore[arg-type]


def by_author(
    outcome: Outcome, *meanings: SignKind, kind: PageKind = PageKind.PROFILE, **more: object
) -> Observation:
    return seen(outcome, *meanings, by=AUTHOR, kind=kind, **more)


def page(
    *looks: Observation,
    kind: PageKind = PageKind.PROFILE,
    subject: str = "",
    fallbacks: tuple[Observation, ...] = (),
) -> PageCase:
    """A page with these looks, each viewpoint's in order."""
    viewpoints = tuple(dict.fromkeys(look.viewpoint for look in looks))
    folder = f"jane/{kind}-{subject}" if subject else f"jane/{kind}"
    visit = PageRequest(
        profile="jane",
        kind=kind,
        url=f"{HOME}/@jane",
        viewpoints=viewpoints,
        folder=folder,
        handle="jane",
        subject=subject,
    )
    by = {who: tuple(look for look in looks if look.viewpoint == who) for who in viewpoints}
    return PageCase(visit=visit, looks=by, fallbacks=fallbacks)


def case(
    *pages: PageCase,
    controls: tuple[ControlReading, ...] = CONTROLS_PASS,
    rounds_left: int = 0,
    author_expected: bool | None = None,
    **sureness: object,
) -> ProfileCase:
    """A profile's case; whether an author was expected follows from the looks unless said."""
    seen_by_author = any(AUTHOR in one.looks for one in pages)
    return ProfileCase(
        name="jane",
        platform="example",
        handle="@jane",
        sureness=PlatformFacts(title="Example", **sureness),  # type: ignore[arg-type]
        author_expected=seen_by_author if author_expected is None else author_expected,
        pages=pages,
        controls=controls,
        rounds_left=rounds_left,
    )


def stories(*ids: str) -> tuple[StoryRef, ...]:
    return tuple(StoryRef(id=one, url=f"{HOME}/p/{one}", title=f"Story {one}") for one in ids)
