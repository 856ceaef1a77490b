"""The error pages of the demo site: their status and their words."""

from dataclasses import dataclass, replace

from selfcheck.demo.accounts import DemoAnswer


@dataclass(frozen=True, kw_only=True)
class ErrorPage:
    """An error page: its status, its words and the mark it bears."""

    status: int
    title: str
    heading: str
    sentence: str
    reason: str  # as the page's state and the JSON answer name it
    headers: tuple[tuple[str, str], ...] = ()


NOT_FOUND = ErrorPage(
    status=404,
    title="Page not found — Inkwell",
    heading="Page not found",
    sentence="We looked in every drawer. There is nothing written here.",
    reason="NotFound",
)
MESSAGES = {
    DemoAnswer.SUSPENDED: ErrorPage(
        status=410,
        title="410 {noun} suspended — Inkwell",
        heading="This {noun} is not available",
        sentence="This {noun} is under investigation or was found in violation of the Inkwell Rules.",
        reason="{Noun}Suspended",
    ),
    DemoAnswer.NOT_FOUND: NOT_FOUND,
    DemoAnswer.NOT_FOUND_200: replace(NOT_FOUND, status=200),
    DemoAnswer.NOT_FOUND_ONCE: NOT_FOUND,
    DemoAnswer.REMOVED: ErrorPage(
        status=410,
        title="410 Deleted by author — Inkwell",
        heading="Gone, by choice",
        sentence="The author deleted this Inkwell {noun}.",
        reason="RemovedByAuthor",
    ),
    DemoAnswer.RATE_LIMIT: ErrorPage(
        status=429,
        title="Too many requests — Inkwell",
        heading="A little slower, please",
        sentence="You have opened many pages in a short time. Try again in ten minutes.",
        reason="RateLimited",
        headers=(("Retry-After", "600"),),
    ),
    DemoAnswer.SERVER_ERROR: ErrorPage(
        status=503,
        title="Something went wrong — Inkwell",
        heading="Something went wrong on our side",
        sentence="The page could not be made just now. It is not you, it is us.",
        reason="ServerError",
    ),
}


def worded(message: ErrorPage, noun: str) -> ErrorPage:
    """Return the message with its noun (account, story, publication, feed, page) filled in."""
    fill = {"noun": noun, "Noun": noun.capitalize()}
    return replace(
        message,
        title=message.title.format(**fill),
        heading=message.heading.format(**fill),
        sentence=message.sentence.format(**fill),
        reason=message.reason.format(**fill),
    )
