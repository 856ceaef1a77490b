"""`selfcheck replay --export`: one stored page as a page case, without names and secrets."""

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel
from selectolax.lexbor import LexborHTMLParser

from selfcheck.artifacts.case_files import StoredCase
from selfcheck.artifacts.pruning import in_words, read_pruned
from selfcheck.artifacts.run_reader import StoredRun
from selfcheck.core.capture import Capture, Redirect
from selfcheck.core.enums import ANONYMOUS, Outcome, PageKind
from selfcheck.core.hosts import split_address
from selfcheck.core.observation import Observation
from selfcheck.core.run_document import ProfileRecord
from selfcheck.errors import StorageError, UsageError
from selfcheck.observe import observe
from selfcheck.platforms.catalogue import load_platform
from selfcheck.platforms.page_reading import HeaderCondition
from selfcheck.platforms.page_urls import is_own
from selfcheck.platforms.saved_pages import title_of, visible_text
from selfcheck.platforms.schema import Platform
from selfcheck.replay.anonymise import HANDLE, People, people_of
from selfcheck.replay.sanitise import ELSEWHERE, Sanitiser
from selfcheck.replay.service import home_of, platform_for
from selfcheck.storage.files import write_whole

_ROBOTS = "x-robots-tag"


@dataclass(frozen=True, kw_only=True)
class Exported:
    """A page case that was written."""

    folder: Path
    page: str  # the folder of the page within the run
    said: Observation  # what the page says as it was stored
    says: Observation  # what it says without names and secrets

    @property
    def same(self) -> bool:
        """Return whether it still says the same."""
        return (self.said.outcome, self.said.mark) == (self.says.outcome, self.says.mark)


def export(
    run_folder: Path, case_dir: Path, *, profile: str | None, page: str | None, platform_file: Path | None
) -> Exported:
    """Write the page case and return what became of it.

    Without `profile` the run must have one profile; without `page` the page that decided its verdict is
    taken. Raises UsageError where there is no such page, RunUnreadableError, or StorageError.
    """
    run = StoredRun(run_folder)
    then = _profile(run, profile)
    stored = run.case(then)
    own = load_platform(str(platform_file)) if platform_file else None
    platform = platform_for(run, then, stored.case.platform, own)
    if platform is None:
        raise UsageError(
            f"No platform file of {stored.case.platform} is known.", next_step="Give --platform FILE."
        )
    capture = _capture(run, then, stored, page)
    home = home_of(stored, platform)
    said = observe(capture, platform, {"home": home, "handle": capture.visit.handle})
    clean = sanitised_capture(capture, platform, home, _people(capture, stored, said))
    says = observe(clean, platform, {"home": platform.home, "handle": HANDLE})
    _write(case_dir, clean, says, platform)
    return Exported(folder=case_dir, page=capture.visit.folder, said=said, says=says)


def _profile(run: StoredRun, name: str | None) -> ProfileRecord:
    profiles = run.result.profiles
    if name is None and len(profiles) == 1:
        return profiles[0]
    chosen = next((profile for profile in profiles if profile.name == name), None)
    if chosen is None:
        names = ", ".join(profile.name for profile in profiles) or "none"
        what = f"The run has no profile {name}." if name else "The run has several profiles."
        raise UsageError(what, cause=f"There are: {names}.", next_step="Name one with --profile.")
    return chosen


def _capture(run: StoredRun, then: ProfileRecord, stored: StoredCase, page: str | None) -> Capture:
    """Return the logged-out page load that is to be exported, with the handle and subject of its page."""
    own = stored.case.pages[0].visit.folder.split("/")[0]
    looks = {look.visit.folder: look for look in run.looks if look.visit.folder.startswith(f"{own}/")}
    wanted = page.strip("/") if page else _deciding(then)
    folder = wanted if wanted in looks else f"{own}/{wanted}"
    if folder not in looks:
        names = ", ".join(sorted(looks)) or "none"
        record = read_pruned(run.path)
        of_page = (f"{wanted}/", f"{own}/{wanted}/")
        by_rule = record is not None and any(path.startswith(of_page) for path in record.removed)
        cause = in_words(record) if record and by_rule else f"There are: {names}."
        raise UsageError(f"The run has no logged-out page load in {wanted}.", cause=cause)
    capture = looks[folder]
    if not capture.html:
        raise UsageError(f"Nothing was received in {folder}, so there is no page to write.")
    visit = next(page.visit for page in stored.case.pages if f"{folder}/".startswith(f"{page.visit.folder}/"))
    return replace(capture, visit=replace(capture.visit, handle=visit.handle, subject=visit.subject))


def _deciding(then: ProfileRecord) -> str:
    """Return the folder of the page whose rule decided the profile's verdict."""
    decided = [page for page in then.pages if page.rules[:1] == then.rules[:1]] or list(then.pages)
    if not decided:
        raise UsageError(f"No page of {then.name} was opened.")
    return decided[0].folder


# -- without names and secrets -----------------------------------------------------------------------------


def _people(capture: Capture, stored: StoredCase, said: Observation) -> People:
    """Return who is named on the page, and by what the author's own view says of the author."""
    own_page = capture.visit.kind is PageKind.PROFILE and said.outcome is Outcome.SHOWN
    people = people_of(capture.html, capture.visit.handle, title_is_name=own_page)
    for page in stored.case.pages:
        if page.visit.kind is PageKind.PROFILE:
            shown = (look for look in (page.author, page.anonymous) if look and look.outcome is Outcome.SHOWN)
            for look in shown:
                people.add_title(look.title)
        if page.visit.kind is PageKind.PUBLICATION:
            people.add_handle(page.visit.subject)
    return people


def sanitised_capture(capture: Capture, platform: Platform, home: str, people: People) -> Capture:
    """Return the look as a page case has it: what the tests make of the files that are written."""
    visit = capture.visit
    clean = Sanitiser(
        people,
        homes=_homes(capture, platform, home),
        ids=(visit.subject,) if visit.kind is PageKind.STORY else (),
        keep=(platform.title, platform.platform),
        mail_hosts=platform.hosts,
    ).text
    body, final_url = clean(capture.html), clean(capture.final_url)
    is_html = capture.content_type == "text/html"
    wanted = {*_headers_read(platform), _ROBOTS}
    own = replace(visit, url=clean(visit.url), handle=HANDLE, subject=clean(visit.subject), folder="")
    return replace(
        capture,
        visit=own,
        headers={name: clean(value) for name, value in capture.headers.items() if name in wanted},
        final_url=final_url,
        redirects=() if final_url == own.url else (Redirect(url=own.url, status=302, location=final_url),),
        title=title_of(LexborHTMLParser(body)) if is_html else "",
        text=visible_text(body) if is_html else body,
        html=body,
        json_responses=(),
        robots_meta=None,
        canonical=None,
    )


def _homes(capture: Capture, platform: Platform, home: str) -> dict[str, str]:
    """Return what stands for which address: the platform's for the run's, an example for the author's own."""
    homes = {home: platform.home} if home != platform.home else {}
    addresses = [capture.visit.url, capture.final_url, capture.canonical or ""]
    addresses += [step.location for step in capture.redirects]
    for address in addresses:
        parts = split_address(address)
        if parts.netloc and not is_own(address, platform) and not address.startswith(home):
            homes[f"{parts.scheme}://{parts.netloc}"] = f"https://{ELSEWHERE}"
    return homes


def _headers_read(platform: Platform) -> Iterator[str]:
    """Yield the names of the headers that the platform file's conditions look at."""
    pending: list[Any] = [*platform.marks, *platform.signs]
    while pending:
        part = pending.pop()
        if isinstance(part, HeaderCondition):
            yield part.name.casefold()
        elif isinstance(part, BaseModel):
            pending += [getattr(part, name) for name in type(part).model_fields]
        elif isinstance(part, list | tuple):
            pending += part


# -- the files ---------------------------------------------------------------------------------------------


def _write(case_dir: Path, clean: Capture, says: Observation, platform: Platform) -> None:
    if case_dir.exists() and (not case_dir.is_dir() or any(case_dir.iterdir())):
        raise StorageError(
            f"{case_dir} already exists and is not empty.", next_step="Name a folder that does not exist yet."
        )
    files = {
        f"{ANONYMOUS}.html": clean.html,
        "case.yaml": yaml.safe_dump(
            _case(clean, says, platform), sort_keys=False, allow_unicode=True, width=100
        ),
        "expected.json": json.dumps({ANONYMOUS: _expected(says)}, ensure_ascii=False, indent=2) + "\n",
    }
    for name, text in files.items():
        write_whole(case_dir / name, text.encode("utf-8", "replace"))


def _case(clean: Capture, says: Observation, platform: Platform) -> dict[str, Any]:
    view: dict[str, Any] = {"status": clean.status}
    if clean.content_type != "text/html":
        view["content_type"] = clean.content_type
    if clean.headers:
        view["headers"] = dict(clean.headers)
    if clean.final_url != clean.visit.url:
        view["final_url"] = clean.final_url
    when = clean.finished_at.date().isoformat()
    return {
        "says": f"From a run of {when}, without names; {platform.title} read as {says.outcome.value}.",
        "kind": clean.visit.kind.value,
        "url": clean.visit.url,
        **({"subject": clean.visit.subject} if clean.visit.subject else {}),
        "views": {ANONYMOUS: view},
    }


def _expected(says: Observation) -> dict[str, Any]:
    """Return what the page says, in the form of a page case, to be corrected by hand."""
    expected: dict[str, Any] = {
        "outcome": says.outcome.value,
        "mark": says.mark,
        "signed_in": says.signed_in,
        "signs": [sign.meaning.value for sign in says.signs],
        "noindex": says.noindex,
        "quote": says.quote,
    }
    if says.outcome is Outcome.SHOWN:
        expected["facts"] = dict(says.facts)
        expected["stories"] = None if says.stories is None else [story.id for story in says.stories]
    return expected
