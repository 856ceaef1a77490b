"""Pictures for a mail: small enough to arrive, large enough to be read, and never one dropped."""

import base64
import io
from email.message import EmailMessage
from pathlib import Path

import pytest
from kept_runs import FIRST, LATEST, bad_run, good_run, incident, keep_run
from PIL import Image
from planted_runs import with_text

from selfcheck.errors import UsageError
from selfcheck.evidence.mail_pictures import LEAST_WIDTH, MailPicture, PagePicture, fitted, size_in_mail
from selfcheck.evidence.package import mail_pictures
from selfcheck.storage.data_folder import DataFolder


def noisy(width: int = 1200, height: int = 150) -> bytes:
    with io.BytesIO() as buffer:
        Image.effect_noise((width, height), 90).convert("RGB").save(buffer, "PNG", compress_level=1)
        return buffer.getvalue()


@pytest.fixture(scope="module")
def pictures() -> tuple[PagePicture, ...]:
    data = noisy()
    return tuple(
        PagePicture(path=f"r/jane/{page}/side-by-side.png", address=f"https://x/{page}", data=data)
        for page in ("profile", "story", "story-2", "feed")
    )


def whole(pictures: tuple[PagePicture, ...]) -> int:
    return sum(size_in_mail(one.data) for one in pictures)


def per_mail(made: tuple[MailPicture, ...]) -> dict[int, int]:
    return {
        mail: sum(size_in_mail(one.data) for one in made if one.mail == mail)
        for mail in {one.mail for one in made}
    }


def width(picture: MailPicture) -> int:
    with Image.open(io.BytesIO(picture.data)) as image:
        assert image.format == {"image/png": "PNG", "image/jpeg": "JPEG"}[picture.media_type]
        return image.width


@pytest.mark.parametrize("length", [0, 1, 56, 57, 58, 10_000])
def test_the_size_is_that_of_the_attachment_in_a_mail(length: int) -> None:
    lines = base64.encodebytes(b"x" * length).replace(b"\n", b"\r\n")
    assert 0 <= size_in_mail(b"x" * length) - len(lines) < 78


def test_what_fits_stays_as_it_was_kept(pictures: tuple[PagePicture, ...]) -> None:
    made = fitted(pictures, most_bytes=whole(pictures))
    assert [one.data for one in made] == [one.data for one in pictures]
    assert {(one.media_type, one.note, one.mail) for one in made} == {("image/png", "", 1)}
    assert [one.name for one in made] == ["01-profile.png", "02-story.png", "03-story-2.png", "04-feed.png"]
    assert [one.address for one in made] == [one.address for one in pictures]


@pytest.mark.parametrize(
    ("part", "widths", "mails", "says"),
    [
        pytest.param(0.6, {1200}, 1, "was saved as JPEG", id="a little too large: saved as JPEG"),
        pytest.param(0.25, {1000}, 1, "made smaller for the mail, 1000 px", id="too large: made smaller"),
        pytest.param(
            0.14, {LEAST_WIDTH}, 1, "made smaller for the mail, 800 px", id="far too large: the least"
        ),
        pytest.param(0.1, {LEAST_WIDTH}, 2, "mail 1 of 2", id="too large even so: shared out"),
    ],
)
def test_what_does_not_fit_is_made_to_fit_and_it_is_reported(
    part: float, widths: set[int], mails: int, says: str, pictures: tuple[PagePicture, ...]
) -> None:
    most = int(part * whole(pictures))
    made = fitted(pictures, most_bytes=most)
    assert [one.address for one in made] == [one.address for one in pictures]
    assert all(size <= most for size in per_mail(made).values())
    assert {width(one) for one in made} <= widths
    assert max(one.mail for one in made) == mails
    assert says in made[0].note
    assert all(f"the original is {one.original} in evidence.zip" in one.note for one in made)


@pytest.mark.parametrize("part", [0.04, 0.08, 0.11, 0.3, 0.8, 1.5])
def test_none_is_dropped_no_mail_is_too_large_and_all_can_be_read(
    part: float, pictures: tuple[PagePicture, ...]
) -> None:
    most = int(part * whole(pictures))
    made = fitted(pictures, most_bytes=most)
    assert [one.original for one in made] == [one.path for one in pictures]
    assert all(size <= most for size in per_mail(made).values())
    assert all(width(one) >= LEAST_WIDTH for one in made)
    assert [one.mail for one in made] == sorted(one.mail for one in made)
    changed = [one for one, original in zip(made, pictures, strict=True) if one.data != original.data]
    assert all(one.note for one in changed)


def test_a_picture_that_would_become_unreadable_is_an_error(
    pictures: tuple[PagePicture, ...],
) -> None:
    with pytest.raises(UsageError) as caught:
        fitted(pictures, most_bytes=10_000)
    assert "At 800 px, the least that can be read" in caught.value.cause
    assert "mail_megabytes" in caught.value.next_step_text()


def test_no_pictures_are_no_pictures() -> None:
    assert fitted((), most_bytes=1) == ()


def test_a_small_picture_is_not_made_larger() -> None:
    small = PagePicture(path="r/jane/profile/side-by-side.png", address="https://x", data=noisy(900, 200))
    made = fitted((small,), most_bytes=size_in_mail(small.data) // 2)
    assert width(made[0]) == 900


def test_nothing_but_the_picture_leaves() -> None:
    data = with_text(noisy(100, 100), "jane.private@mail.example")
    (made,) = fitted((PagePicture(path="a/b/c.png", address="https://x", data=data),), most_bytes=10**7)
    assert made.data == noisy(100, 100) or b"private" not in made.data
    assert width(made) == 100


# -- of an incident --------------------------------------------------------------------------------------


def pixels(png: bytes) -> list[bytes]:
    """Return a picture's rows."""
    with Image.open(io.BytesIO(png)) as image:
        raw = image.convert("RGB").tobytes()
        row = image.width * 3
    return [raw[start : start + row] for start in range(0, len(raw), row)]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("data")
    keep_run(folder, bad_run(FIRST))
    keep_run(folder, bad_run(LATEST))
    keep_run(folder, good_run("20260205T040506Z-gggggg"))
    return folder


def test_they_are_of_the_pages_that_are_not_as_they_should_be_the_profile_first(data: Path) -> None:
    made = mail_pictures(DataFolder(data), incident(), most_bytes=10_000_000)
    assert [one.original for one in made] == [
        f"{LATEST}/jane/profile/side-by-side.png",
        f"{LATEST}/jane/story/side-by-side.png",
    ]
    assert made[0].data == (data / "runs" / made[0].original).read_bytes()


def test_a_german_letters_pictures_are_the_same_two_screenshots_under_german_words(data: Path) -> None:
    english = mail_pictures(DataFolder(data), incident(), most_bytes=10_000_000)
    german = mail_pictures(DataFolder(data), incident(), most_bytes=10_000_000, language="de")
    assert [one.original for one in german] == [one.original for one in english]
    below = [pixels(one.data)[-300:-90] for one in (english[0], german[0])]
    assert below[0] == below[1], "the screenshots are the same"
    heads = [pixels(one.data)[:60] for one in (english[0], german[0])]
    assert heads[0] != heads[1]


@pytest.mark.parametrize("language", ["en", "de"])
def test_what_was_done_to_a_picture_is_said_in_the_letters_language(data: Path, language: str) -> None:
    made = mail_pictures(DataFolder(data), incident(), most_bytes=50_000, language=language)
    says = {"en": "This picture was", "de": "Dieses Bild wurde"}
    assert {one.note.startswith(says[language]) for one in made} == {True}


def test_the_first_run_stands_in_where_the_latest_is_gone(data: Path) -> None:
    made = mail_pictures(
        DataFolder(data), incident(last_bad_run="20260209T040506Z-xxxxxx"), most_bytes=10_000_000
    )
    assert {one.original.split("/")[0] for one in made} == {FIRST}


def test_where_all_is_as_it_should_be_there_is_nothing_to_show(data: Path) -> None:
    run_id = "20260205T040506Z-gggggg"
    assert (
        mail_pictures(DataFolder(data), incident(first_bad_run=run_id, last_bad_run=run_id), most_bytes=10**7)
        == ()
    )


def test_a_mail_with_them_stays_below_the_limit(data: Path) -> None:
    most = 80_000
    made = mail_pictures(DataFolder(data), incident(), most_bytes=most)
    assert {one.mail for one in made} == {1}
    mail = EmailMessage()
    mail.set_content("See the pictures.")
    for one in made:
        maintype, subtype = one.media_type.split("/")
        mail.add_attachment(one.data, maintype=maintype, subtype=subtype, filename=one.name)
    assert len(mail.as_bytes()) < most + 1500  # the mail's own headers and those of its parts
