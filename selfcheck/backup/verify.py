"""Whether a backup is whole: every file as it was written, every story with its pages and pictures.

`checksums.txt` has the form that `sha256sum --check` reads, so it can be checked without selfcheck.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from selfcheck.backup.library import PRIVATE, Library, is_library
from selfcheck.errors import UsageError
from selfcheck.storage.files import unreadable, write_whole

CHECKSUMS = "checksums.txt"
_NOT_COUNTED = frozenset({CHECKSUMS, "journal.jsonl", ".gitignore"})
_BLOCK = 1_000_000


@dataclass(frozen=True, kw_only=True)
class BackupCheck:
    """What a look through a backup found."""

    stories: int
    pictures: int
    files: int
    wrong: tuple[str, ...] = ()  # what is damaged or missing, a sentence each
    unfetched: int = 0  # pictures that are known by their address only

    @property
    def is_whole(self) -> bool:
        """Return whether nothing is damaged or missing."""
        return not self.wrong


def write_checksums(folder: Path) -> None:
    """Write the checksums of all files of a library, the private ones apart. Raises StorageError."""
    for root in (folder, folder / PRIVATE):
        lines = [f"{_digest(path)}  {path.relative_to(root).as_posix()}\n" for path in _files(root)]
        private = root != folder
        text = "".join(lines).encode("utf-8", "surrogateescape")
        write_whole(root / CHECKSUMS, text, mode=0o600 if private else 0o644)


def verify_library(folder: Path) -> BackupCheck:
    """Read every file of a library and say what is damaged or missing.

    Raises UsageError where the folder is not a library.
    """
    if not is_library(folder):
        raise UsageError(f"{folder} is not a backup.", next_step="Name the folder that `backup` wrote to.")
    written = [
        (root / name, digest) for root in (folder, folder / PRIVATE) for name, digest in _written(root)
    ]
    wrong = [trouble for path, digest in written if (trouble := _changed(folder, path, digest))]
    if wrong:  # a damaged record cannot be opened, and is named already
        return BackupCheck(stories=0, pictures=0, files=len(written), wrong=tuple(wrong))
    library = Library.open(folder)
    pictures: Counter[bool] = Counter()
    checksums: set[str] = set()
    for name in library.names():
        for picture in library.read(name).pictures:
            pictures[picture.sha256 is None] += 1
            if picture.sha256 is not None and picture.path is None:
                wrong.append(f"The picture {picture.sha256} of {name} is missing.")
            checksums.add(picture.sha256 or "")
        wrong += [f"{path} is missing." for path in library.pages(name) if not path.is_file()]
    return BackupCheck(
        stories=len(library),
        pictures=len(checksums - {""}),
        files=len(written),
        wrong=tuple(wrong),
        unfetched=pictures[True],
    )


def _changed(folder: Path, path: Path, digest: str) -> str:
    """Return what is wrong with a file, or an empty text."""
    if not path.is_file():
        return f"{path.relative_to(folder)} is missing."
    return "" if _digest(path) == digest else f"{path.relative_to(folder)} has changed since the backup."


def _files(root: Path) -> Iterator[Path]:
    """Yield the files of one part of a library in a fixed order, not those of the other part."""
    try:
        for path in sorted(root.rglob("*")):
            below = path.relative_to(root).parts
            if (
                below[0] in {PRIVATE, ".git"}
                or path.name in _NOT_COUNTED
                or path.name.endswith((".part", ".lock"))
            ):
                continue
            if path.is_file() and not path.is_symlink():
                yield path
    except OSError as error:
        raise unreadable(root, error) from error


def _written(root: Path) -> Iterator[tuple[str, str]]:
    try:
        with (root / CHECKSUMS).open(encoding="utf-8", errors="surrogateescape") as file:
            for line in file:
                digest, _, name = line.rstrip("\n").partition("  ")
                if name and ".." not in Path(name).parts and not Path(name).is_absolute():
                    yield name, digest
    except FileNotFoundError:
        return
    except OSError as error:
        raise unreadable(root / CHECKSUMS, error) from error


def _digest(path: Path) -> str:
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            while block := file.read(_BLOCK):
                digest.update(block)
    except OSError as error:
        raise unreadable(path, error) from error
    return digest.hexdigest()
