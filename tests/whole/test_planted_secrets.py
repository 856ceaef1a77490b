"""Nothing that is for the author alone, nor anything of another profile, is in what is handed on."""

import base64
import gzip
import io
import quopri
import zipfile
from email.message import EmailMessage
from pathlib import Path

import pytest
from kept_runs import FIRST, LATEST, incident, screenshot
from planted import SECRETS, leaks
from planted_runs import EVERY_SECRET, keep_planted, with_text

from selfcheck.evidence.package import EvidenceOptions, mail_pictures, write_evidence
from selfcheck.evidence.verify_command import verify
from selfcheck.storage.data_folder import DataFolder

MAIL = SECRETS["mail"]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    for run_id in (FIRST, LATEST):
        keep_planted(folder, run_id)
    return folder


def zipped(data: bytes) -> bytes:
    with io.BytesIO() as buffer:
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as file:
            file.writestr("member.txt", data)
        return buffer.getvalue()


def mailed(data: bytes) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = "Hello"
    mail.set_content("See below.")
    mail.add_attachment(data, maintype="application", subtype="zip", filename="evidence.zip")
    return mail.as_bytes()


def in_a_subject(text: str) -> bytes:
    mail = EmailMessage()
    mail["Subject"] = f"Fräulein {text}"
    mail.set_content("Nothing.")
    return mail.as_bytes()


PLAIN = b"a text around " + MAIL.encode() + b" the secret, and more of it"


@pytest.mark.parametrize(
    "hidden",
    [
        pytest.param(PLAIN, id="as it stands"),
        pytest.param(PLAIN.upper(), id="in capitals"),
        pytest.param(PLAIN.replace(b"@", b"%40"), id="with percent signs"),
        pytest.param(PLAIN.replace(b"@", b"&#64;"), id="with an HTML escape"),
        pytest.param(PLAIN.replace(b"@", b"\\u0040"), id="with a JSON escape"),
        pytest.param(PLAIN.decode().encode("utf-16"), id="in UTF-16"),
        pytest.param(PLAIN.hex().encode(), id="in hexadecimal digits"),
        pytest.param(quopri.encodestring(PLAIN).replace(b"@", b"=\n=40"), id="in quoted printable"),
        pytest.param(base64.b64encode(PLAIN), id="in base64"),
        pytest.param(b"x" + base64.b64encode(b"y" + PLAIN), id="in base64 at an odd place"),
        pytest.param(base64.encodebytes(PLAIN * 5), id="in base64 with lines"),
        pytest.param(base64.b64encode(base64.b64encode(PLAIN)), id="in base64 twice"),
        pytest.param(gzip.compress(PLAIN), id="in gzip"),
        pytest.param(zipped(PLAIN), id="in a ZIP"),
        pytest.param(zipped(zipped(gzip.compress(PLAIN))), id="in gzip in a ZIP in a ZIP"),
        pytest.param(mailed(zipped(PLAIN)), id="in a ZIP attached to a mail"),
        pytest.param(in_a_subject(MAIL), id="in a mail's subject"),
        *(
            pytest.param(
                with_text(screenshot("page"), PLAIN.decode(), kind=kind), id=f"in a PNG's {kind.decode()}"
            )
            for kind in (b"tEXt", b"zTXt", b"iTXt")
        ),
    ],
)
def test_the_search_finds_a_secret_in_every_wrapping(hidden: bytes) -> None:
    assert leaks(hidden, {"mail": MAIL})


def test_the_search_finds_nothing_where_nothing_is() -> None:
    assert leaks(mailed(zipped(with_text(screenshot("page"), "a comment")))) == []


def test_the_secrets_were_planted_and_are_in_the_run(data: Path) -> None:
    every = b"".join(
        path.read_bytes() for path in (data / "runs" / FIRST).rglob("*") if path.suffix == ".json"
    )
    found = leaks(every)
    assert {name.split(" in ")[0] for name in found} == set(SECRETS)


@pytest.mark.parametrize("with_stats", [False, True], ids=["as usual", "with the pictures of statistics"])
def test_no_secret_is_in_any_byte_of_the_evidence(data: Path, tmp_path: Path, *, with_stats: bool) -> None:
    options = EvidenceOptions(wacz=not with_stats, with_stats=with_stats)
    made = write_evidence(DataFolder(data), incident(), tmp_path / "evidence.zip", options)
    assert leaks(made.path.read_bytes()) == []
    assert leaks(repr(made).encode()) == []
    assert any(name.endswith("side-by-side.png") for name in made.names)
    assert any(name.endswith("anonymous.wacz") for name in made.names) == (not with_stats)


def test_no_secret_is_in_any_byte_of_the_pictures_for_a_mail(data: Path) -> None:
    pictures = mail_pictures(DataFolder(data), incident(), most_bytes=10_000_000)
    assert pictures
    assert [leaks(one.data) + leaks(repr(one).encode()) for one in pictures] == [[]] * len(pictures)


def test_a_word_that_the_caller_calls_private_is_left_out_wherever_others_would_see_it(
    data: Path, tmp_path: Path
) -> None:
    private = ("This account is SUSPENDED.",)
    made = write_evidence(
        DataFolder(data), incident(), tmp_path / "e.zip", EvidenceOptions(private=private, wacz=True)
    )
    assert leaks(made.path.read_bytes(), {"word": private[0]}) == []
    assert (
        f"{FIRST}/jane/profile/anonymous.html is left out: it holds something that is private." in made.notes
    )
    assert f"{FIRST}/jane/story/anonymous.html" in made.names
    assert verify(str(made.path), DataFolder(tmp_path))[0].sound


def test_a_picture_whose_file_contains_text_is_left_out_and_reported(data: Path, tmp_path: Path) -> None:
    made = write_evidence(DataFolder(data), incident(), tmp_path / "e.zip")
    assert not any(name.endswith("author.png") for name in made.names)
    assert (
        f"{FIRST}/jane/profile/author.png is left out: the picture's file contains text besides the image."
        in (made.notes)
    )
    assert EVERY_SECRET not in " ".join(made.notes)
