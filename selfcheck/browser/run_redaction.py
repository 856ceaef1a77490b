"""Redacts what the viewpoints of a run received of a page, the public's first: what it shows is not secret.

It remembers what the public was shown, since some pages are opened by the author alone.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence

from selfcheck.browser.context import ViewContext
from selfcheck.browser.redaction import public_texts, redact, redact_refused
from selfcheck.browser.secret_finder import Public, SecretFinder
from selfcheck.core.capture import Capture, PageRequest
from selfcheck.core.enums import ANONYMOUS
from selfcheck.core.run import RefusedRequest
from selfcheck.platforms.page_urls import story_id
from selfcheck.platforms.schema import Platform

_LARGE = 50_000  # characters; from there on the other pages do not wait for it
_MOST_FINDERS = 8  # a platform may give other cookies with each page
_ADDRESS = re.compile(r"(?:https?://|(?<=[\"'])/)[^\s\"'<>\\]+")


class RunRedaction:
    """The secrets of one run, and what of them is public."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._finders: dict[frozenset[str], SecretFinder] = {}
        self._public = Public()

    def refused(self, requests: Sequence[RefusedRequest]) -> tuple[RefusedRequest, ...]:
        """Return the requests without the secrets of any viewpoint so far."""
        return redact_refused(requests, self._secrets)

    async def of(
        self, request: PageRequest, views: Mapping[str, ViewContext], captures: Sequence[Capture]
    ) -> dict[str, Capture]:
        """Return the captures of one page by viewpoint, without secrets."""
        secrets = {name: await view.secrets() for name, view in views.items()}
        self._secrets.update(*secrets.values())
        cookies: tuple[str, ...] = ()
        if ANONYMOUS in views:
            values = [str(cookie["value"]) for cookie in await views[ANONYMOUS].cookies()]
            cookies = tuple(value for value in values if value not in secrets[ANONYMOUS])
        platform = next(iter(views.values())).platform

        def work() -> dict[str, Capture]:
            redacted: dict[str, Capture] = {}
            for capture in sorted(captures, key=lambda each: each.viewpoint != ANONYMOUS):
                finder = self._finder(secrets[capture.viewpoint], platform)
                if capture.viewpoint == ANONYMOUS:
                    redacted[ANONYMOUS] = redact(capture, finder, keep=_kept(request, platform))
                    continue
                if ANONYMOUS in redacted:
                    self._public |= finder.public((*public_texts(redacted[ANONYMOUS]), *cookies))
                keep = (*_kept(request, platform), *_story_ids(capture, platform))
                redacted[capture.viewpoint] = redact(
                    capture, finder, public=self._public, keep=keep, mails=True
                )
            return redacted

        size = sum(len(capture.html) + len(capture.text) for capture in captures)
        return await asyncio.to_thread(work) if size > _LARGE else work()

    def _finder(self, secrets: frozenset[str], platform: Platform) -> SecretFinder:
        if secrets not in self._finders:
            while len(self._finders) >= _MOST_FINDERS:
                self._finders.pop(next(iter(self._finders)), None)
            finder = SecretFinder(secrets)
            # What a platform file names is public: the words and places by which its pages are known.
            self._public |= finder.public([platform.model_dump_json()])
            self._finders[secrets] = finder
        return self._finders[secrets]


def _kept(request: PageRequest, platform: Platform) -> tuple[str, ...]:
    return request.handle, request.profile, request.subject, *platform.hosts


def _story_ids(capture: Capture, platform: Platform) -> set[str]:
    """Return the ids of the stories that the page links to; a reader's storage often has them, too."""
    if platform.story_id is None:
        return set()
    ids = (story_id(match[0], platform) for match in _ADDRESS.finditer(capture.html))
    return {text for text in ids if text}
