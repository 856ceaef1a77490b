"""Writes a run's evidence: the files of each page load, the side-by-side pictures, the report, the result.

If the disk refuses, that is reported once and costs the evidence, never the verdict.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from loguru import logger

from selfcheck.artifacts.case_files import (
    CASE_FILE,
    PLATFORM_FILE,
    StoredCase,
    StoredPlatform,
    case_json,
    look_json,
    platform_json,
)
from selfcheck.artifacts.learned_file import LEARNED_FILE, learned_json
from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.core.capture import Capture
from selfcheck.core.case import ProfileCase
from selfcheck.core.enums import ANONYMOUS, AUTHOR, BAD, Verdict
from selfcheck.core.page_shape import PageShape
from selfcheck.core.run import RunResult
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import PageVerdict, ProfileVerdict
from selfcheck.errors import StorageError
from selfcheck.evidence import png
from selfcheck.evidence.disclosure import Audience, Disclosure
from selfcheck.evidence.picture_words import PictureFacts
from selfcheck.evidence.side_by_side import SideBySide
from selfcheck.evidence.stored_pictures import PICTURES_FILE, composed, pictures_json
from selfcheck.runs.screenshot_pairs import picture_facts, worth_a_picture
from selfcheck.storage.data_folder import RESULT

_SUFFIXES = {"application/json": "json", "text/plain": "txt"}


def bug(what: str, error: Exception) -> str:
    """Return in words that a bug of selfcheck prevented something."""
    return f"{what} ({type(error).__name__}: {error}); SELFCHECK_DEBUG=1 shows the details."


class RunRecorder:
    """Writes the evidence of one run into its folder."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder
        self.trouble: str | None = None  # the first reason why something could not be kept
        self.previews: dict[str, bytes] = {}  # reduced pictures for the report, by the original's path
        self._notes: dict[str, str] = {}

    def write(
        self, relative: str, data: bytes, *, how: str, at: datetime, viewpoint: str | None = None
    ) -> bool:
        """Write one file; return False, and remember why, when the disk refuses."""
        try:
            self.folder.write(relative, data, how=how, at=at, viewpoint=viewpoint)
        except StorageError as error:
            self.refused(error)
            logger.debug("not kept: {} ({})", relative, " ".join(error.lines()))
            return False
        return True

    def refused(self, error: StorageError) -> None:
        """Remember the first reason why something could not be kept; the others would say the same again."""
        self.trouble = self.trouble or _in_one_sentence(error, self.folder.path)

    def keep(self, capture: Capture) -> str | None:
        """Write what this page load received; return the screenshot's path, or None where there is none.

        The author's HTML is never written: it may hold what only the author should see.
        """
        base, at, who = capture.visit.folder, capture.finished_at, capture.viewpoint
        self.write(
            f"{base}/{who}.look.json", look_json(capture), how="what the look received", at=at, viewpoint=who
        )
        if who == ANONYMOUS and capture.html:
            name = f"{base}/{who}.{_suffix(capture)}"
            body = capture.html.encode("utf-8", "replace")
            self.write(name, body, how="document after scripts ran", at=at, viewpoint=who)
        if capture.screenshot is None:
            return None
        name = f"{base}/{who}.png"
        if not self.write(name, capture.screenshot, how="screenshot", at=at, viewpoint=who):
            return None
        if capture.picture_note:
            self._notes[name] = capture.picture_note
        return name

    def keep_case(self, case: ProfileCase, at: datetime, *, home: str) -> None:
        """Write the evidence as the judge got it, so that the run can be judged again."""
        document = case_json(StoredCase(case=case, home=home))
        self.write(f"{_profile_folder(case)}/{CASE_FILE}", document, how="evidence for the judge", at=at)

    def keep_platform(self, case: ProfileCase, stored: StoredPlatform, at: datetime) -> None:
        """Write the platform data that the case was judged by: later commands need no platform file."""
        name = f"{_profile_folder(case)}/{PLATFORM_FILE}"
        self.write(name, platform_json(stored), how="platform data that it was judged by", at=at)

    def keep_learned(self, shapes: Mapping[str, PageShape], case: ProfileCase, at: datetime) -> None:
        """Write how the pages are built that the public was shown, for later runs to learn from."""
        if shapes:
            name = f"{_profile_folder(case)}/{LEARNED_FILE}"
            self.write(name, learned_json(shapes), how="how the public's pages are built, in hashes", at=at)

    def keep_extracts(self, result: RunResult, at: datetime) -> None:
        """Write of each profile what may be shown to others; now, so that the run's list has it."""
        document, platform = RunDocument.of(result), Disclosure(audience=Audience.PLATFORM)
        for profile in result.profiles:
            excerpt = platform.excerpt(document, profile.name)
            if excerpt is not None and profile.pages:
                name = f"{profile.pages[0].folder.split('/')[0]}/{RESULT}"
                self.write(name, excerpt.to_json().encode(), how="result of this profile, to be shown", at=at)

    async def keep_pictures(self, verdict: ProfileVerdict, at: datetime) -> ProfileVerdict:
        """Make the pictures that somebody is likely to look at; keep what the others are made of.

        Return the profile with the paths of the pictures that were made.
        """
        bad = verdict.verdict is not Verdict.VISIBLE
        wanted = [bad or worth_a_picture(page) for page in verdict.pages]
        later = {
            page.folder: facts
            for page, now in zip(verdict.pages, wanted, strict=True)
            if not now and (facts := self._facts(page)).screenshots
        }
        if later:
            name = f"{verdict.pages[0].folder.split('/')[0]}/{PICTURES_FILE}"
            self.write(name, pictures_json(later), how="what pictures of both views are made of", at=at)
        pages = await asyncio.gather(
            *(
                self.side_by_side(page, at) if now else _unchanged(page)
                for page, now in zip(verdict.pages, wanted, strict=True)
            )
        )
        return replace(verdict, pages=tuple(pages))

    def pack_pictures(self, result: RunResult) -> None:
        """Write the pictures of good profiles again in fewer bytes; all others stay as they were taken."""
        good = {
            profile.pages[0].folder.split("/")[0]
            for profile in result.profiles
            if profile.pages
            and not {profile.verdict, *(page.verdict for page in profile.pages)}.intersection(BAD)
        }
        for name in sorted(self.folder.names):
            if name.endswith(".png") and name.partition("/")[0] in good:
                try:
                    before = (self.folder.path / name).read_bytes()
                    smaller = png.packed(before)
                    if len(smaller) < len(before):
                        self.folder.repack(name, smaller)
                except (OSError, StorageError) as error:  # it stays as large as it was
                    logger.debug("not packed: {} ({})", name, error)

    async def side_by_side(self, page: PageVerdict, at: datetime) -> PageVerdict:
        """Make and write the picture that shows both views; return the page with its path."""
        facts = self._facts(page)
        if not facts.screenshots:
            return page
        try:
            picture = await asyncio.to_thread(self._picture, facts)
        except Exception as error:  # noqa: BLE001 — a picture that cannot be made must not lose the verdict
            logger.opt(exception=error).debug("no picture of {}", page.folder)
            self.trouble = self.trouble or bug(
                f"the side-by-side picture of {page.folder} could not be made", error
            )
            return page
        for viewpoint, preview in zip((ANONYMOUS, AUTHOR), picture.previews, strict=True):
            if preview and viewpoint in facts.screenshots:
                self.previews[facts.screenshots[viewpoint]] = preview
        name = f"{page.folder}/side-by-side.png"
        written = await asyncio.to_thread(
            self.write, name, picture.png, how="both views, side by side", at=at
        )
        return replace(page, side_by_side=name if written else None)

    def _facts(self, page: PageVerdict) -> PictureFacts:
        paths = [look.screenshot for look in page.views.values() if look.screenshot]
        return picture_facts(page, {path: self._notes[path] for path in paths if path in self._notes})

    def _picture(self, facts: PictureFacts) -> SideBySide:
        """Make a picture from the files: to keep every screenshot in memory until the end takes far more."""
        screenshots = {}
        for viewpoint, path in facts.screenshots.items():
            try:
                screenshots[viewpoint] = (self.folder.path / path).read_bytes()
            except OSError:
                screenshots[viewpoint] = b""  # its half says that it could not be read
        return composed(facts, screenshots)


async def _unchanged(page: PageVerdict) -> PageVerdict:
    return page


def _in_one_sentence(error: StorageError, folder: Path) -> str:
    """Return why files are lacking and what to do, of the folder as a whole rather than of one file."""
    if not error.cause:
        return " ".join(error.lines())
    parts = [text.removesuffix(".") for text in (error.cause, error.next_step_text()) if text]
    why = "; ".join(f"{part[:1].lower()}{part[1:]}" for part in parts)
    return f"Not everything could be written to {folder}: {why}."


def _profile_folder(case: ProfileCase) -> str:
    return case.pages[0].visit.folder.split("/")[0]


def _suffix(capture: Capture) -> str:
    kind = capture.content_type
    return "xml" if kind.endswith("xml") and "html" not in kind else _SUFFIXES.get(kind, "html")
