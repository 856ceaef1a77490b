"""Side-by-side pictures that are made when one is asked for, from a run's stored screenshots.

Laws:
1. A run makes the picture of a page where its views differ or its profile is not visible. Of every other page
   it keeps what would stand in the picture, in `pictures.json`. A picture made from that later is the same
   as one made in the run, byte for byte.
2. A screenshot that is not as the run listed it goes into no picture.
3. Nothing outside the run's folder is read, and nothing is written into it: it is sealed.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path

from selfcheck.artifacts.manifests import MANIFEST, Manifest, is_safe_path, list_bytes, read_list, sha256
from selfcheck.artifacts.pruning import in_words, read_pruned
from selfcheck.core.enums import ANONYMOUS, AUTHOR, Language
from selfcheck.core.run_document import PageRecord
from selfcheck.errors import RunUnreadableError, SelfcheckError
from selfcheck.evidence.picture_words import ENGLISH, GERMAN, PictureFacts, german_facts
from selfcheck.evidence.side_by_side import DrawnWords, Panel, PanelWords, SideBySide, side_by_side
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import check_within, read_plain, write_whole
from selfcheck.storage.stored_json import read_stored, stored_form

PICTURES_FILE = "pictures.json"
PICTURE = "side-by-side.png"
_SCHEMA = "selfcheck.pictures/1"
_NEXT = "`selfcheck verify` says what else of the run was changed or lost."


@dataclass(frozen=True, kw_only=True)
class _Stored:
    pages: Mapping[str, PictureFacts]  # by the page's folder


def composed(
    facts: PictureFacts, screenshots: Mapping[str, bytes | None], drawn: DrawnWords = ENGLISH
) -> SideBySide:
    """Return the picture of a page; `screenshots` (PNG) go by viewpoint."""
    left, right = (
        Panel(
            **{each.name: getattr(words, each.name) for each in fields(PanelWords)},
            screenshot=screenshots.get(viewpoint),
            drawn=drawn,
        )
        for viewpoint in (ANONYMOUS, AUTHOR)
        for words in (facts.words[viewpoint],)
    )
    return side_by_side(left, right, headline=facts.headline, differ=facts.differ)


def pictures_json(pages: Mapping[str, PictureFacts]) -> bytes:
    """Return what pictures are made of, by their pages' folders, as JSON in UTF-8."""
    document = stored_form(_Stored).dump_python(_Stored(pages=pages), mode="json")
    return json.dumps({"schema": _SCHEMA, **document}, ensure_ascii=False).encode()


def stored_picture(run: Path, page: PageRecord) -> bytes:
    """Return the side-by-side picture of a page of a stored run: the run's own, or one made now.

    Raises RunUnreadableError where the run kept no picture, or it was changed or lost since.
    """
    listed = {entry.path: entry.sha256 for entry in _manifest(run).files}
    if page.side_by_side:
        return _file(run, page.side_by_side, listed)
    facts = _facts(run, page, listed)
    if facts is None or not facts.screenshots:
        raise RunUnreadableError(f"The run {run.name} took no picture of {page.folder}.")
    screenshots = {who: _file(run, path, listed) for who, path in facts.screenshots.items()}
    return composed(facts, screenshots).png


def written_picture(data: DataFolder, run_id: str, page: PageRecord, language: Language) -> Path | None:
    """Write a page's picture beside the runs, and return its path; None where there can be none.

    A message, for instance, needs a file, with words in its language; what the run itself wrote stays where
    it is.
    """
    german = language is Language.GERMAN
    run = data.run(run_id)
    try:
        if not is_safe_path(page.folder):
            return None
        target = picture_path(data.pictures(run_id), page, "side-by-side.de.png" if german else PICTURE)
        write_whole(target, _german_picture(run, page) if german else stored_picture(run, page))
    except SelfcheckError:
        return None
    return target


def _german_picture(run: Path, page: PageRecord) -> bytes:
    listed = {entry.path: entry.sha256 for entry in _manifest(run).files}
    facts = german_facts(page)
    if not facts.screenshots:
        raise RunUnreadableError(f"The run {run.name} took no picture of {page.folder}.")
    screenshots = {who: _file(run, path, listed) for who, path in facts.screenshots.items()}
    return composed(facts, screenshots, GERMAN).png


def picture_path(folder: Path, page: PageRecord, name: str = PICTURE) -> Path:
    """Return where a page's picture goes below a folder. Raises StorageError where a link leads out of it."""
    path = folder.joinpath(*page.folder.split("/"), name)
    check_within(folder, path)
    return path


def _facts(run: Path, page: PageRecord, listed: Mapping[str, str]) -> PictureFacts | None:
    name = f"{page.folder.split('/')[0]}/{PICTURES_FILE}"
    if name not in listed:
        return None
    return read_stored(_Stored, _file(run, name, listed), _SCHEMA, name=name).pages.get(page.folder)


def _manifest(run: Path) -> Manifest:
    try:
        return read_list(Manifest, list_bytes(run / MANIFEST), name=str(run / MANIFEST))
    except OSError as error:
        raise RunUnreadableError(
            f"{run / MANIFEST} cannot be read: {error.strerror}.",
            cause="The run was not finished, or a part of its folder was lost.",
        ) from None


def _file(run: Path, relative: str, listed: Mapping[str, str]) -> bytes:
    """Return a file of the run that is as the run listed it."""
    path = run / relative
    if not is_safe_path(relative) or relative not in listed:
        raise RunUnreadableError(f"{relative} is not one of the run's files.", next_step=_NEXT)
    try:
        data = read_plain(run, relative)
    except OSError as error:
        record = read_pruned(run)
        if record and relative in record.removed:
            raise RunUnreadableError(f"{relative} is gone. {in_words(record)}") from None
        raise RunUnreadableError(f"{path} cannot be read: {error.strerror}.", next_step=_NEXT) from None
    if sha256(data) != listed[relative]:
        raise RunUnreadableError(f"{path} was changed after the run.", next_step=_NEXT)
    return data
