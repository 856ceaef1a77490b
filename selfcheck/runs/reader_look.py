"""What a further account of the user's is asked to open: pages behind a login wall, and controls. Pure.

Laws:
1. It opens only what the public was asked to sign in for, or was not told on a platform that asks everybody.
2. The public's controls met the same wall, so it opens a live and an absent account itself.
3. Its answers stand apart from those of the public and the author; its pages are never kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from random import Random

from selfcheck.core.case import PageCase, ReaderControls
from selfcheck.core.enums import ControlKind, Outcome, PageKind
from selfcheck.core.observation import Observation
from selfcheck.core.request import ProfileRequest
from selfcheck.core.safe_filename import safe_name
from selfcheck.judge.rule import PAGES
from selfcheck.platforms.schema import Platform
from selfcheck.runs.controls import Control, drawn_controls
from selfcheck.runs.plan import Answers, WantedPage, words_of

_KINDS = (ControlKind.LIVE, ControlKind.ABSENT)
_UNTOLD = (Outcome.NOT_FOUND, Outcome.UNRECOGNISED)
"""What proves nothing of a page where everybody is asked to sign in."""


@dataclass(frozen=True)
class ReaderLook:
    """The page loads of one further account in one investigation."""

    viewpoint: str
    profile: ProfileRequest
    platform: Platform
    seed: int | str

    def wanted(self, pages: Iterable[PageCase]) -> tuple[WantedPage, ...]:
        """Return the pages to open; none where the public was shown or told enough."""
        walled = [page for page in pages if self._is_walled(page)]
        if not walled:
            return ()
        opened = [
            WantedPage(
                request=replace(
                    page.visit,
                    viewpoints=(self.viewpoint,),
                    folder=f"{page.visit.folder}/{safe_name(self.viewpoint)}",
                    picture=False,
                ),
                label=f"{words_of(page.visit)}, as {self.viewpoint}",
            )
            for page in walled
        ]
        return (*opened, *self._controls.values())

    def pages(self, pages: Mapping[str, PageCase], answers: Answers) -> dict[str, PageCase]:
        """Return the pages that it opened, by folder, with what it was shown."""
        by_url = {request.url: looks for request, looks in answers.items() if not _is_control(request.folder)}
        return {
            folder: replace(
                page, readers={**page.readers, self.viewpoint: self._look(by_url[page.visit.url])}
            )
            for folder, page in pages.items()
            if page.visit.url in by_url
        }

    def controls(self, answers: Answers) -> dict[str, ReaderControls]:
        """Return what its controls showed, by its viewpoint; nothing where it opened none."""
        found = {kind: answers.get(page.request) for kind, page in self._controls.items()} if answers else {}
        looks = {kind.value: self._look(shown) for kind, shown in found.items() if shown}
        return {self.viewpoint: ReaderControls(**looks)} if looks else {}

    def _look(self, looks: Mapping[str, Observation]) -> Observation:
        return replace(looks[self.viewpoint], shape=None)

    def _is_walled(self, page: PageCase) -> bool:
        public = page.anonymous
        if public is None or page.visit.kind not in PAGES:
            return False
        untold = self.platform.login_wall and public.outcome in _UNTOLD
        return untold or public.outcome is Outcome.LOGIN_WALL

    @property
    def _controls(self) -> dict[ControlKind, WantedPage]:
        drawn = drawn_controls(self.profile, self.platform, Random(self.seed))  # noqa: S311
        first: dict[ControlKind, Control] = {}
        for control in drawn:
            if control.page is PageKind.PROFILE and control.kind in _KINDS:
                first.setdefault(control.kind, control)
        return {kind: self._as_reader(control) for kind, control in first.items()}

    def _as_reader(self, control: Control) -> WantedPage:
        folder = f"{control.request.folder}-{safe_name(self.viewpoint)}"
        request = replace(control.request, viewpoints=(self.viewpoint,), folder=folder)
        return WantedPage(request=request, label=f"control {control.handle}, as {self.viewpoint}")


def _is_control(folder: str) -> bool:
    return folder.startswith("controls/")
