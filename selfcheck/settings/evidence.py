"""The settings' section `evidence`: who stamps the time, and how large a mail's pictures may be."""

from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, ValidationInfo

from selfcheck.platforms.config_issues import refuse
from selfcheck.settings.section import Section

_MEGABYTE = 1_000_000


def _address(text: str) -> str:
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        sound = False
    if sound and parts.username:
        raise refuse("an address without a user's name or password", found="an address with them in it")
    if not sound:
        raise refuse("the address of a time stamp authority, with https:// or http://")
    return text


def _roots(path: Path | None, info: ValidationInfo) -> Path | None:
    """Return the file's whole path; it is meant from the folder that the settings lie in."""
    if path is None:
        return None
    world = (info.context or {}).get("world")
    found = (world.folder / path.expanduser()).resolve() if world is not None else path
    if not found.is_file():
        raise refuse(f"a file of the authority's root certificates (there is none at {found})")
    return found


class Authority(Section):
    """An authority that stamps times by RFC 3161."""

    url: Annotated[str, AfterValidator(_address), Field(description="the address of a time stamp authority")]
    roots: Annotated[
        Path | None, AfterValidator(_roots), Field(description="a file of root certificates, PEM or DER")
    ] = None


class EvidenceSettings(Section):
    """How evidence is kept and handed on."""

    timestamps: Annotated[
        tuple[Authority, ...], Field(description="a list of authorities, each with `url` and perhaps `roots`")
    ] = ()
    mail_megabytes: Annotated[
        float,
        Field(ge=1, le=100, description="how many megabytes the pictures of one mail may take, 1 to 100"),
    ] = 10

    @property
    def mail_bytes(self) -> int:
        """Return how many bytes the pictures of one mail may take in it."""
        return int(self.mail_megabytes * _MEGABYTE)
