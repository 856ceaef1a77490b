"""What logged-out visitors received, as a WACZ 1.1.1 that a replay tool opens. Needs the extra `wacz`.

Laws:
1. Anonymous looks only. What a page has besides its document (styles, pictures) was not kept, so a replay
   shows its words and not its looks; the screenshot beside it shows those.
2. The archive says of itself that its documents are as they were after the page's scripts ran, not as they
   were sent. Headers that spoke of the sent bytes (length, packing) are left out, all others are as received.
"""

import io
import json
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path

from selfcheck.artifacts.case_files import LookRecord
from selfcheck.errors import ExtraMissingError

NAME = "anonymous.wacz"
_OF_THE_SENT_BYTES = frozenset({"content-length", "content-encoding", "transfer-encoding", "content-md5"})
_NOTE = (
    "Pages as a browser that was not signed in received them, with the answers' headers; the documents are "
    "as they were after the page's scripts ran, in UTF-8, not the bytes as they were sent. Made by selfcheck."
)


@dataclass(frozen=True, kw_only=True)
class ArchivedPage:
    """One document that a logged-out visitor received."""

    url: str
    at: datetime
    status: int
    headers: Mapping[str, str]
    body: bytes
    title: str = ""


def archived_page(look: LookRecord, body: bytes) -> ArchivedPage | None:
    """Return a page from what its look received and its document; None where no answer came in time."""
    if not look.final_url or look.status is None:
        return None
    try:
        at = look.finished_at.astimezone(UTC)
    except OverflowError:  # a day before the first, or after the last
        return None
    return ArchivedPage(
        url=look.final_url,
        at=at,
        status=look.status,
        headers={name: value for name, value in look.headers.items() if name not in _OF_THE_SENT_BYTES},
        body=body,
        title=look.title,
    )


def wacz(pages: Sequence[ArchivedPage], *, title: str) -> bytes:
    """Return the pages as a WACZ, the first one as its main page. Raises ExtraMissingError."""
    try:
        from wacz.main import main  # noqa: PLC0415 - an extra, and heavy
    except ImportError as error:
        raise ExtraMissingError.of("wacz", "An archive of the pages") from error
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        (folder / "data.warc.gz").write_bytes(_warc(pages))
        (folder / "pages.jsonl").write_bytes(_page_list(pages))
        words = ["create", "--output", str(folder / NAME), "--pages", str(folder / "pages.jsonl")]
        first = ["--url", pages[0].url, "--ts", f"{pages[0].at:%Y%m%d%H%M%S}"]
        about = ["--title", title, "--desc", _NOTE, *first]
        with redirect_stdout(io.StringIO()):  # it tells its steps there
            main([*words, *about, str(folder / "data.warc.gz")])
        return (folder / NAME).read_bytes()


def _warc(pages: Sequence[ArchivedPage]) -> bytes:
    from warcio.statusandheaders import StatusAndHeaders  # noqa: PLC0415 - an extra
    from warcio.warcwriter import WARCWriter  # noqa: PLC0415

    with io.BytesIO() as buffer:
        writer = WARCWriter(buffer, gzip=True, warc_version="WARC/1.1")
        about = {"software": "selfcheck", "format": "WARC File Format 1.1", "description": _NOTE}
        writer.write_record(writer.create_warcinfo_record("data.warc.gz", about))
        for page in pages:
            answer = StatusAndHeaders(_status(page.status), list(_headers(page)), protocol="HTTP/1.1")
            record = writer.create_warc_record(
                page.url,
                "response",
                payload=io.BytesIO(page.body),
                http_headers=answer,
                warc_headers_dict={"WARC-Date": f"{page.at:%Y-%m-%dT%H:%M:%SZ}"},
            )
            writer.write_record(record)
        return buffer.getvalue()


def _status(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return f"{status} Unknown"


def _headers(page: ArchivedPage) -> Iterator[tuple[str, str]]:
    """Yield the headers; the document's letters are in UTF-8 now, whatever they were."""
    for name, value in page.headers.items():
        if name == "content-type":
            yield name, f"{value.partition(';')[0].strip()}; charset=utf-8"
        else:
            yield from ((name, line) for line in value.splitlines())


def _page_list(pages: Sequence[ArchivedPage]) -> bytes:
    rows: list[dict[str, str]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Pages"}]
    rows += [
        {"id": f"page-{number}", "url": page.url, "ts": f"{page.at:%Y-%m-%dT%H:%M:%SZ}", "title": page.title}
        for number, page in enumerate(pages, 1)
    ]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
