"""The one form that brings a file: read part by part, and nothing is written before its token was seen.

Laws:
1. The form token is the first part, as our own page sends it. Any other first part is refused.
2. The file goes into a new folder that only this user can enter, under a name that is safe, and is gone when
   the request was answered.
3. Memory does not grow with the file; a file over `LARGEST_UPLOAD` is refused as soon as that is seen.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from multipart import (
    MultipartError,
    MultipartSegment,
    ParserLimitReached,
    PushMultipartParser,
    parse_options_header,
)

from selfcheck.core.safe_filename import safe_name

LARGEST_UPLOAD = 2_000_000_000  # bytes of the whole form; exports with pictures are large
_LARGEST_FIELD = 10_000  # bytes of a field that is not the file
_MOST_PARTS = 10
_FILE = "file"


class UploadError(Exception):
    """A form that is not read; the status says why."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status = status


@dataclass
class Upload:
    """What a form with a file brought."""

    fields: dict[str, str] = field(default_factory=dict)
    file: Path | None = None  # None: none was chosen


async def read_upload(
    stream: AsyncIterator[bytes], content_type: str, folder: Path, accepts: Callable[[str, bytes], bool]
) -> Upload:
    """Read a form with at most one file into the folder; `accepts` says whether its first part may begin it.

    Raises UploadError.
    """
    upload, received = Upload(), 0
    parts = _Parts(upload, folder, accepts)
    boundary = parse_options_header(content_type)[1].get("boundary", "")
    try:
        with (
            closing(parts),
            PushMultipartParser(
                boundary, max_segment_size=LARGEST_UPLOAD, max_segment_count=_MOST_PARTS, strict=True
            ) as parser,
        ):
            async for chunk in stream:
                received += len(chunk)
                if received > LARGEST_UPLOAD:
                    raise UploadError(413, "The file is too large.")
                for event in parser.parse(chunk) if chunk else ():
                    parts.take(event)
    except ParserLimitReached as error:
        raise UploadError(413, "The form is too long.") from error
    except MultipartError as error:
        raise UploadError(400, "The form cannot be read.") from error
    return upload


class _Parts:
    """Puts the parts of a form where they belong, as they come."""

    def __init__(self, upload: Upload, folder: Path, accepts: Callable[[str, bytes], bool]) -> None:
        self._upload, self._folder, self._accepts = upload, folder, accepts
        self._name, self._value = "", bytearray()
        self._file: BinaryIO | None = None
        self._is_accepted = False

    def take(self, event: MultipartSegment | bytearray | None) -> None:
        """Take the beginning of a part, some of its bytes, or None: its end. Raises UploadError."""
        if isinstance(event, MultipartSegment):
            self._begin(event)
        elif event is None:
            self._end()
        elif self._file is not None:
            self._file.write(event)
        else:
            self._value += event
            if len(self._value) > _LARGEST_FIELD:
                raise UploadError(413, "The form is too long.")

    def _begin(self, segment: MultipartSegment) -> None:
        self._name, self._value, self._file = segment.name, bytearray(), None
        if segment.filename is None:
            return
        if not self._is_accepted or self._name != _FILE or self._upload.file is not None:
            raise UploadError(403, "The form is of an earlier start of the app. Load its page again.")
        if segment.filename:
            self._upload.file = self._folder / safe_name(Path(segment.filename).name or "export")
            self._file = self._upload.file.open("xb")

    def _end(self) -> None:
        if self._file is not None:
            self.close()
        elif not self._is_accepted:
            self._is_accepted = self._accepts(self._name, bytes(self._value))
            if not self._is_accepted:
                raise UploadError(403, "The form is of an earlier start of the app. Load its page again.")
        else:
            self._upload.fields[self._name] = self._value.decode("utf-8", "replace")

    def close(self) -> None:
        """Close the file, whether or not all of it came."""
        if self._file is not None:
            self._file.close()
            self._file = None
