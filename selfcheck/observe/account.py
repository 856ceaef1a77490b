"""What the page of a profile says of its account: the name that readers see, and where its picture is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from selfcheck.core.capture import Capture
from selfcheck.core.hosts import is_opened, join_address
from selfcheck.core.text_safety import one_line
from selfcheck.observe.page import OpenedPage
from selfcheck.observe.readings import first_text
from selfcheck.platforms.page_reading import Reading
from selfcheck.platforms.schema import Platform

_LONGEST = 120  # characters of a name that are read

_NAME = (
    Reading(selector="meta[property='og:title'], meta[name='og:title']", attribute="content"),
    Reading(selector="meta[name='author']", attribute="content"),
    Reading(selector="h1"),
)
_PICTURE = (
    Reading(selector="meta[property='og:image'], meta[name='og:image']", attribute="content"),
    Reading(selector="meta[name='twitter:image'], meta[name='twitter:image:src']", attribute="content"),
)
"""Where almost every site says it, for platforms whose file does not."""

_AFTER_NAME = re.compile(r"\s+(?:[-\u2013\u2014|\u2022\u00b7/]\s.*|\(@.*)$", re.DOTALL)
"""What titles have after a name: the site's own name, or the handle in brackets."""


@dataclass(frozen=True, kw_only=True)
class AccountDetails:
    """What a page says of its account; "" where it does not."""

    name: str = ""
    picture_url: str = ""


def read_account(capture: Capture, platform: Platform, values: Mapping[str, str]) -> AccountDetails:
    """Return the account's name and its picture's address, by the platform's file or by the page's head.

    `values` fill the templates of the platform file; see `observe`. Raises PatternTooSlowError.
    """
    page = OpenedPage(capture, platform, values)
    name = first_text(page, platform.account.name)
    if name is None:
        name = _AFTER_NAME.sub("", first_text(page, _NAME) or "")
    picture = first_text(page, platform.account.picture or _PICTURE) or ""
    url = join_address(capture.final_url or capture.visit.url, picture) if picture else ""
    return AccountDetails(name=one_line(name, _LONGEST), picture_url=url if is_opened(url) else "")
