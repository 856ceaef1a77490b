"""The order in which a capture is read; see the laws of the package."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from selfcheck.core.capture import Capture
from selfcheck.core.enums import Outcome, PageKind, SignKind
from selfcheck.core.handle import Handle
from selfcheck.core.observation import Observation, Sign
from selfcheck.errors import PatternTooSlowError
from selfcheck.observe.conditions import holds, words_of
from selfcheck.observe.identity import UNIDENTIFIED, Identified, identify
from selfcheck.observe.page import OpenedPage
from selfcheck.observe.page_data import answered_signs, is_unread
from selfcheck.observe.page_shapes import shape_of
from selfcheck.observe.readings import (
    cached_seconds,
    facts,
    first_text,
    noindex,
    published,
    series,
    served_at,
    text_length,
)
from selfcheck.observe.stories import goes_on, stories, story_facts
from selfcheck.observe.text_bodies import text_body
from selfcheck.platforms.page_urls import story_id
from selfcheck.platforms.schema import Mark, Platform, SignedInEvidence, SignMark

_TOO_MANY_REQUESTS = 429
_SERVER_ERRORS = range(500, 600)
_WITH_SUBJECT = (Outcome.SHOWN, Outcome.UNRECOGNISED, Outcome.LOGIN_WALL)
"""Outcomes of pages that may be another one than was asked for."""
_WITH_SHAPE = (Outcome.SHOWN, Outcome.NOT_FOUND, Outcome.UNRECOGNISED)
"""Outcomes of pages that learned marks are taken from, or asked about."""
_REFUSALS = (Outcome.RATE_LIMITED, Outcome.SERVER_ERROR)


@dataclass(frozen=True, kw_only=True)
class _Answer:
    """The outcome, the mark that decided, and the words that it matched."""

    outcome: Outcome
    mark: str | None = None
    quote: str = ""
    identity: Identified = UNIDENTIFIED


def observe(capture: Capture, platform: Platform, values: Mapping[str, str]) -> Observation:
    """Return what the capture says, read by the platform's marks.

    `values` fill the templates of the platform file (`platforms.page_urls.values_of`); the visit's own
    handle, publication and story take precedence, so that a control's page is read as the control's.
    """
    if capture.failure is not None:
        return _received(capture, _Answer(outcome=Outcome.UNREACHABLE))
    try:
        return _observed(capture, platform, values)
    except PatternTooSlowError as error:  # neither bad news nor good: the page was not read
        return _received(capture, _Answer(outcome=Outcome.UNRECOGNISED, quote=error.what))


def _observed(capture: Capture, platform: Platform, values: Mapping[str, str]) -> Observation:
    page = OpenedPage(capture, platform, _values(capture, platform, values))
    observation = _with_signs(_received(capture, _of_the_page_asked_for(_answer(page), page)), page)
    if observation.outcome in _WITH_SHAPE and observation.led_to is None:
        observation = replace(observation, shape=shape_of(capture))
    may_be_learned = observation.outcome is Outcome.UNRECOGNISED and observation.shape is not None
    if may_be_learned and observation.kind is PageKind.STORY:
        # It may be known by its likeness later, and its text cannot be read again then.
        return replace(observation, body=text_body(page), published_at=published(page))
    return _with_content(observation, page) if observation.outcome is Outcome.SHOWN else observation


def _values(capture: Capture, platform: Platform, values: Mapping[str, str]) -> dict[str, str]:
    visit = capture.visit
    own = {"handle": visit.handle}
    if visit.kind is PageKind.PUBLICATION:
        own["publication"] = visit.subject
    if visit.kind is PageKind.STORY:
        own["story_id"] = (
            story_id(visit.url, platform) or story_id(capture.final_url, platform) or visit.subject
        )
        own["story"] = visit.url
    return {**values, **{name: value for name, value in own.items() if value}}


# -- the outcome -------------------------------------------------------------------------------------------


def _answer(page: OpenedPage) -> _Answer:
    """Return the outcome: walls first, then 429 and 5xx, then the marks in their order."""
    wall = _first(page, {Outcome.CHALLENGE})
    if wall is not None:
        return wall
    status = page.capture.status
    if status == _TOO_MANY_REQUESTS or status in _SERVER_ERRORS:
        error = Outcome.RATE_LIMITED if status == _TOO_MANY_REQUESTS else Outcome.SERVER_ERROR
        return _first(page, _REFUSALS) or _Answer(outcome=error, quote=f"status {status}")
    return _first(page, set(Outcome)) or _Answer(outcome=Outcome.UNRECOGNISED)


def _of_the_page_asked_for(answer: _Answer, page: OpenedPage) -> _Answer:
    """Return the answer with the page's identity: one that is shown but is another page is unrecognised."""
    if answer.outcome not in _WITH_SUBJECT:
        return answer
    identity = identify(page)
    if identity.led_to is None or answer.outcome is not Outcome.SHOWN:
        return replace(answer, identity=identity)
    return _Answer(outcome=Outcome.UNRECOGNISED, quote=identity.words, identity=identity)


def _first(page: OpenedPage, says: Collection[Outcome]) -> _Answer | None:
    """Return the first mark that holds among those that say one of these."""
    for mark in page.platform.marks:
        if mark.says in says and _concerns(mark, page):
            quote = (holds if mark.says is Outcome.SHOWN else words_of)(mark.when, page)
            if quote is not None:
                return _Answer(outcome=mark.says, mark=mark.id, quote=quote)
    return None


def _concerns(mark: Mark | SignMark, page: OpenedPage) -> bool:
    kind, viewpoint = page.capture.visit.kind, page.capture.viewpoint
    return (not mark.on or kind in mark.on) and (not mark.viewpoints or viewpoint in mark.viewpoints)


# -- the observation -------------------------------------------------------------------------------------


def _received(capture: Capture, answer: _Answer) -> Observation:
    """Return what can be said of any capture, an answer or none."""
    visit = capture.visit
    took = capture.finished_at - capture.started_at
    return Observation(
        viewpoint=capture.viewpoint,
        kind=visit.kind,
        url=visit.url,
        outcome=answer.outcome,
        purpose=visit.purpose,
        handle=visit.handle,
        subject=visit.subject,
        mark=answer.mark,
        quote=answer.quote,
        identified=answer.identity.proven and answer.outcome is Outcome.SHOWN,
        led_to=answer.identity.led_to,
        failure=capture.failure,
        status=capture.status,
        final_url=capture.final_url,
        title=capture.title,
        taken_at=capture.finished_at,
        served_at=served_at(capture.headers),
        cached_seconds=cached_seconds(capture.headers),
        milliseconds=round(took.total_seconds() * 1000),
        clearance=capture.clearance,
    )


def _with_signs(observation: Observation, page: OpenedPage) -> Observation:
    """Add what any answered page may say beside its outcome."""
    signs = tuple(
        Sign(id=mark.id, meaning=mark.means, quote=quote)
        for mark in page.platform.signs
        if _concerns(mark, page) and (quote := words_of(mark.when, page)) is not None
    )
    sign_in = page.platform.sign_in
    marks = sign_in.known_on(observation.kind) if sign_in else None
    signed_in, signed_out = _signed_in_and_out(page, signs, marks)
    signed_out |= observation.outcome is Outcome.LOGIN_WALL
    handle = first_text(page, marks.whose) if signed_in and not signed_out and marks else None
    return replace(
        observation,
        signs=signs,
        signed_in=None if signed_in is signed_out else signed_in,
        says_signed_out=signed_out,
        signed_in_as=Handle(handle).name if handle else None,
        noindex=noindex(page),
    )


def _signed_in_and_out(
    page: OpenedPage, signs: Iterable[Sign], marks: SignedInEvidence | None
) -> tuple[bool, bool]:
    """Return whether the page shows a signed-in visitor, and whether it shows a logged-out one."""
    meanings = {sign.meaning for sign in signs}
    conditions = (marks.signed_in, marks.signed_out) if marks else (None, None)
    signed_in, signed_out = (
        condition is not None and holds(condition, page) is not None for condition in conditions
    )
    return signed_in or SignKind.SIGNED_IN in meanings, signed_out or SignKind.SIGNED_OUT in meanings


def _with_content(observation: Observation, page: OpenedPage) -> Observation:
    """Add what only a page that is shown can tell."""
    says_empty = observation.means(SignKind.EMPTY_LIST) is not None
    listed = stories(page, observation.kind, says_empty=says_empty)
    return replace(
        observation,
        facts=facts(page, observation.kind),
        series=series(page, observation.kind),
        story_facts=story_facts(page, observation.kind),
        stories=listed,
        list_goes_on=page.capture.truncated or goes_on(page, observation.kind, listed or ()),
        published_at=published(page) if observation.kind is PageKind.STORY else "",
        text_length=text_length(page.capture),
        body=text_body(page) if observation.kind is PageKind.STORY else None,
        unread=is_unread(page, observation.kind),
        answered=answered_signs(page, observation.kind),
    )
