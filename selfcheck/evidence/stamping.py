"""Asks authorities to stamp a run's seal (RFC 3161), and keeps their answers beside it.

Laws:
1. Only the SHA-256 of the seal and a random number leave this computer.
2. An authority that cannot be reached, refuses, or answers something else is told; it never raises. What it
   sent is kept only if it is a stamp of this seal.
3. No answer is waited for longer than SECONDS, however slowly it drips, nor read beyond a stamp's size.
"""

import time
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError

from selfcheck.artifacts.manifests import SEAL
from selfcheck.errors import SelfcheckError, StorageError
from selfcheck.evidence import stamps
from selfcheck.settings.preferences import TimeStampAuthority
from selfcheck.storage.files import write_whole

if TYPE_CHECKING:
    from rfc3161_client import TimeStampRequest

SECONDS = 15.0
_QUERY, _REPLY = "application/timestamp-query", "application/timestamp-reply"


@dataclass(frozen=True, kw_only=True)
class Stamped:
    """What came of asking one authority."""

    url: str
    path: str = ""  # the stamp's file in the run's folder; "": there is none
    trouble: str = ""  # why there is none


class _RefusedError(Exception):
    """The authority's answer is none; the text says why."""


def stamp_run(
    folder: Path, authorities: Sequence[TimeStampAuthority], *, seconds: float = SECONDS
) -> tuple[Stamped, ...]:
    """Ask every authority at once for a stamp of the run's seal and keep what they answer; never raises."""
    if not authorities:
        return ()
    try:
        stamps.require()
        sealed = (folder / SEAL).read_bytes()
    except (SelfcheckError, OSError) as error:
        why = " ".join(error.lines()) if isinstance(error, SelfcheckError) else "the run has no seal"
        return tuple(Stamped(url=one.url, trouble=why) for one in authorities)
    questions = [_Question(one, sealed, seconds) for one in authorities]
    for question in questions:
        question.start()
    until = time.monotonic() + seconds
    for question in questions:
        question.join(max(0.0, until - time.monotonic()))
    return tuple(_kept(folder / f"seal.{number}.tsr", one) for number, one in enumerate(questions, 1))


class _Question(Thread):
    """Asks one authority; whoever does not wait for its end leaves it to the end of the program."""

    def __init__(self, authority: TimeStampAuthority, sealed: bytes, seconds: float) -> None:
        super().__init__(daemon=True)
        self.authority = authority
        self.answer: bytes | str = "its answer took too long"  # a stamp, or why there is none
        self._sealed = sealed
        self._seconds = seconds

    def run(self) -> None:
        """Ask, and hold the answer against the seal."""
        try:
            token = _asked(self.authority, self._sealed, self._seconds)
            _check(token, self.authority, self._sealed)
        except (_RefusedError, SelfcheckError) as error:
            self.answer = str(error)
        else:
            self.answer = token


def _kept(path: Path, question: _Question) -> Stamped:
    answer, url = question.answer, question.authority.url
    if isinstance(answer, str):
        return Stamped(url=url, trouble=answer)
    try:
        write_whole(path, answer)
    except StorageError as error:
        return Stamped(url=url, trouble=" ".join(error.lines()))
    return Stamped(url=url, path=path.name)


def _asked(authority: TimeStampAuthority, sealed: bytes, seconds: float) -> bytes:
    """Return the authority's answer to this seal, with its nonce checked. Raises _RefusedError."""
    from rfc3161_client import (  # noqa: PLC0415 - an extra
        HashAlgorithm,
        TimestampRequestBuilder,
        decode_timestamp_response,
    )

    asked = TimestampRequestBuilder().data(sealed).hash_algorithm(HashAlgorithm.SHA256).build()
    token = _posted(authority.url, asked, seconds)
    try:
        answer = decode_timestamp_response(token)
        if answer.status > 1:  # neither granted nor granted with changes
            raise _RefusedError(f"it refused: {' '.join(answer.status_string) or answer.status}")
        nonce = answer.tst_info.nonce
    except ValueError:
        raise _RefusedError("its answer is no time stamp") from None
    if nonce != asked.nonce:
        raise _RefusedError("its answer belongs to another question")
    return token


def _posted(url: str, asked: "TimeStampRequest", seconds: float) -> bytes:
    """Return what the authority answers. Raises _RefusedError."""
    headers = {"Content-Type": _QUERY, "Accept": _REPLY, "User-Agent": "selfcheck"}
    request = urllib.request.Request(url, asked.as_bytes(), headers, method="POST")  # noqa: S310 - http or https
    try:
        with urllib.request.urlopen(request, timeout=seconds) as answer:  # noqa: S310
            data: bytes = answer.read(stamps.LARGEST + 1)
    except HTTPError as error:
        error.close()
        raise _RefusedError(f"it answered HTTP {error.code}") from None
    except URLError as error:
        raise _RefusedError(f"it could not be reached: {error.reason}") from None
    except (OSError, HTTPException, ValueError) as error:
        raise _RefusedError(f"it could not be reached: {error or type(error).__name__}") from None
    if len(data) > stamps.LARGEST:
        raise _RefusedError("its answer is larger than any time stamp")
    return data


def _check(token: bytes, authority: TimeStampAuthority, sealed: bytes) -> None:
    """Raise _RefusedError where the stamp is not of this seal, or not by whom the roots say."""
    roots = stamps.read_roots(authority.roots) if authority.roots else ()
    found = stamps.check_stamp("", token, sealed, roots)
    if found.holds is False or (roots and not found.holds):
        raise _RefusedError(f"its answer is not kept: {found.text}")
