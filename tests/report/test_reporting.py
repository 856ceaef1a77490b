"""The report over time on disk: what is written, what a public one leaves out, and what may be missing."""

import io
import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from histories import FIRST, as_read, document, judged, keep_folders, record_runs
from PIL import Image, PngImagePlugin
from sample_runs import NASTY, run
from site_history import LIMITED_SINCE, NOW, SECRETS, SUSPENDED, at, checked, documents, fill, screenshot

from selfcheck.core.enums import PageKind, Verdict
from selfcheck.core.run_document import RunDocument
from selfcheck.core.verdict import UnopenedPage
from selfcheck.errors import StorageError, UsageError
from selfcheck.evidence.incident_screenshots import IncidentScreenshots, small_picture
from selfcheck.history.store import History
from selfcheck.report.report_folder import LIST, write_report
from selfcheck.report.service import ReportRequest, WrittenReport, build_report
from selfcheck.settings import Preferences
from selfcheck.settings.preferences import ReportSettings
from selfcheck.storage.data_folder import DataFolder


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("data"))


def build(data: Path, target: Path, **more: object) -> WrittenReport:
    preferences = Preferences(time_zone="Europe/Berlin")
    return build_report(DataFolder(data), request(preferences=preferences, target=target, **more))


def request(**more: Any) -> ReportRequest:
    return ReportRequest(**{"preferences": Preferences(), "now": NOW, **more})


def index(folder: Path) -> str:
    return (folder / "index.html").read_text("utf-8")


def files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file())


class TestWhatIsWritten:
    def test_a_page_badges_and_the_pictures_that_it_names(self, filled: Path, tmp_path: Path) -> None:
        build(filled, tmp_path)
        named = set(re.findall(r'(?:src|href)="\./([^"]+)"', index(tmp_path)))
        assert named == {str(path.relative_to(tmp_path)) for path in files(tmp_path)} - {"index.html", LIST}
        badges = {"badge.svg", "badges/jane.svg", "badges/tom.svg", "badges/old-mary.svg"}
        assert badges < named
        for badge in badges:
            ET.fromstring((tmp_path / badge).read_text("utf-8"))

    def test_it_asks_no_other_place(self, filled: Path, tmp_path: Path) -> None:
        build(filled, tmp_path)
        assert re.findall(r'<(?!a )[^>]*"(?:[a-z]+:)?//[^"]*"', index(tmp_path)) == []
        links = re.findall(r'<a [^>]*"https?:[^>]*>', index(tmp_path))
        assert links  # a link asks nothing until it is followed
        assert [one for one in links if 'rel="noreferrer noopener"' not in one] == []
        assert "default-src &#39;none&#39;" in index(tmp_path)

    def test_it_lies_in_the_data_folder_unless_told_otherwise(self, tmp_path: Path) -> None:
        data = fill(tmp_path / "data", only=("tom",))
        built = build_report(DataFolder(data), request())
        assert built.index == data / "site" / "index.html"
        assert [one.name for one in built.report.profiles] == ["tom"]

    def test_the_pages_of_the_last_check_and_the_link_to_its_own_report(self, tmp_path: Path) -> None:
        data = fill(tmp_path / "data", only=("jane",))
        (jane,) = build_report(DataFolder(data), request()).report.profiles
        assert [(one.kind.value, one.verdict.value) for one in jane.pages] == [
            ("profile", "visible"),
            ("stats", "visible"),
        ]
        assert jane.run_report == ""  # the sample keeps no report there
        (data / "runs" / jane.last.run_id / "report.html").write_text("<p>it</p>", encoding="utf-8")
        build_report(DataFolder(data), request())
        assert f'href="./../runs/{jane.last.run_id}/report.html"' in index(data / "site")
        (public,) = build(data, tmp_path / "public", public=True).report.profiles
        assert [one.kind.value for one in public.pages] == ["profile"]
        assert "runs/" not in index(tmp_path / "public")

    def test_a_page_that_the_last_check_left_out_is_no_verdict(self, tmp_path: Path) -> None:
        left = UnopenedPage(
            kind=PageKind.STORY, url="https://blog.example/p/one", last_looked=FIRST, last_run="x"
        )
        run = document(FIRST + timedelta(days=1), judged("V", not_opened=(left,)))
        keep_folders(tmp_path, run)
        record_runs(tmp_path, run)
        for public in (False, True):
            build(tmp_path, tmp_path / "site", now=FIRST + timedelta(days=1, hours=1), public=public)
            rows = re.findall(r"<li>.*p/one.*</li>", index(tmp_path / "site"))
            assert len(rows) == 1
            assert "Not opened; fine on 1 Nov 2026" in rows[0].replace("November", "Nov")
            assert 'class="pill unclear"' in rows[0]

    def test_the_same_history_gives_the_same_bytes(self, filled: Path, tmp_path: Path) -> None:
        for name in ("one", "two"):
            build(filled, tmp_path / name)
        one, two = (
            {path.relative_to(tmp_path / name): path.read_bytes() for path in files(tmp_path / name)}
            for name in ("one", "two")
        )
        assert one == two

    def test_only_the_named_profiles(self, filled: Path, tmp_path: Path) -> None:
        built = build(filled, tmp_path, names=("tom",))
        assert [one.name for one in built.report.profiles] == ["tom"]
        assert "jane" not in index(tmp_path)

    def test_days_and_staleness_are_settings(self, filled: Path, tmp_path: Path) -> None:
        settings = Preferences(report=ReportSettings(days=14, stale_hours=1))
        built = build_report(DataFolder(filled), request(preferences=settings, target=tmp_path))
        assert {len(one.days) for one in built.report.profiles} == {14}
        assert "Not checked for" in index(tmp_path)
        assert "are visible" not in index(tmp_path)

    def test_another_account_under_the_same_name_is_not_mixed_in(self, tmp_path: Path) -> None:
        data = fill(tmp_path / "data", only=("tom",))
        *_, (_, last) = documents(only=("tom",))
        renamed = json.loads(json.dumps(last))
        renamed |= {"run_id": "later", "started_at": "2024-11-20T09:00:00.000Z"}
        renamed["profiles"][0]["handle"] = "@thomas"
        with History.open(DataFolder(data)) as history:
            history.record(as_read(renamed))
        (tom,) = build(data, tmp_path / "site").report.profiles
        assert tom.handle == "@thomas"
        assert [day.followers for day in tom.days if day.followers is not None] == [tom.last.followers]


class TestIncidents:
    def test_each_has_the_last_good_the_first_and_the_last_bad_check(
        self, filled: Path, tmp_path: Path
    ) -> None:
        jane, tom, _ = build(filled, tmp_path).report.profiles
        days = [one.taken_at for one in jane.incidents[0].pictures]
        assert days == [at(SUSPENDED[0] - 1), at(SUSPENDED[0]), at(SUSPENDED[-1])]
        assert [one.taken_at for one in tom.incidents[0].pictures][1] == at(LIMITED_SINCE)

    def test_a_second_incident_is_numbered_on_and_listed_first(self, tmp_path: Path) -> None:
        data = fill(tmp_path / "data", only=("jane",))
        suspended = next(one for day, one in documents(only=("jane",)) if day == SUSPENDED[0])
        again = suspended | {"run_id": "again", "started_at": "2024-11-20T09:00:00.000Z"}
        with History.open(DataFolder(data)) as history:
            history.record(as_read(again))
        (jane,) = build(data, tmp_path / "site").report.profiles
        assert [(one.number, one.incident.state.value) for one in jane.incidents] == [
            (2, "open"),
            (1, "restored"),
        ]
        text = index(tmp_path / "site")
        assert text.index("Incident 2: </span>") < text.index("Incident 1: </span>")
        assert "Suspended, and you were not told</h2>" in text
        assert text.count('class="band-number"') == 3 * 2  # both, in each of the three charts

    def test_a_run_whose_folder_is_gone_costs_its_pictures_and_says_so(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir()
        with History.open(DataFolder(data)) as history:
            for _, document in documents(only=("tom",)):
                history.record(as_read(document))
        (tom,) = build(data, tmp_path / "site").report.profiles
        assert tom.incidents[0].pictures == ()
        assert "is not here any more" in index(tmp_path / "site")

    @pytest.mark.parametrize(
        "named",
        [
            "../secret.png",
            "/etc/passwd",
            "tom/../../secret.png",
            "tom/profile/link.png",
            "tom/profile/broken.png",
            None,
            7,
        ],
    )
    def test_only_pictures_of_the_run_s_own_folder_are_read(
        self, named: object, filled: Path, tmp_path: Path
    ) -> None:
        (incident,) = build(filled, tmp_path / "site", names=("tom",)).report.profiles[0].incidents
        *_, (_, document) = documents(only=("tom",))
        page = document["profiles"][0]["pages"][0]  # type: ignore[index]
        page["side_by_side"] = named
        folder = tmp_path / "runs" / incident.incident.last_bad_run
        (folder / "tom" / "profile").mkdir(parents=True)
        (folder / "run.json").write_text(json.dumps(document), encoding="utf-8")
        (folder.parent / "secret.png").write_bytes(screenshot("secret"))
        (folder / "tom" / "profile" / "link.png").symlink_to(folder.parent / "secret.png")
        (folder / "tom" / "profile" / "broken.png").write_bytes(screenshot("x")[:60])
        pictures, why = IncidentScreenshots(DataFolder(tmp_path), public=False).of(incident.incident)
        assert pictures == ()
        assert "kept no picture" in why

    @pytest.mark.parametrize("text", ["", "{", "[]", '{"profiles": 7}', '{"profiles": [{"name": "tom"}]}'])
    def test_a_damaged_result_costs_its_pictures(self, text: str, filled: Path, tmp_path: Path) -> None:
        (incident,) = build(filled, tmp_path / "site", names=("tom",)).report.profiles[0].incidents
        folder = tmp_path / "runs" / incident.incident.last_bad_run
        folder.mkdir(parents=True)
        (folder / "run.json").write_text(text, encoding="utf-8")
        assert IncidentScreenshots(DataFolder(tmp_path), public=False).of(incident.incident)[0] == ()


class TestPublic:
    def test_nothing_of_the_author_s_view_numbers_and_notes_is_in_any_byte(
        self, filled: Path, tmp_path: Path
    ) -> None:
        build(filled, tmp_path / "own")
        build(filled, tmp_path / "public", public=True)
        private = {name: index(tmp_path / "own").count(text) for name, text in SECRETS.items()}
        assert min(private.values()) > 0  # what is looked for below stands in the author's own report
        for path in files(tmp_path / "public"):
            data = path.read_bytes()
            assert [name for name, text in SECRETS.items() if text.encode() in data] == [], path
        text = index(tmp_path / "public")
        for word in ("Followers", "Views", "followers", "you were not told", "silent", "Purge", "Trend"):
            assert word not in _content(text), word

    def test_its_pictures_are_those_of_the_public_view(self, filled: Path, tmp_path: Path) -> None:
        build(filled, tmp_path, public=True)
        expected = small_picture(screenshot("public"))
        assert expected is not None
        pictures = [path.read_bytes() for path in (tmp_path / "evidence").iterdir()]
        assert pictures
        assert set(pictures) == {expected.jpeg}

    def test_it_leaves_no_picture_of_a_private_one_behind(self, filled: Path, tmp_path: Path) -> None:
        build(filled, tmp_path)
        (tmp_path / "CNAME").write_text("blog.example", encoding="utf-8")
        build(filled, tmp_path, public=True)
        named = set(re.findall(r'(?:src|href)="\./([^"]+)"', index(tmp_path)))
        assert {str(path.relative_to(tmp_path)) for path in files(tmp_path)} == {
            *named,
            "index.html",
            "CNAME",
            LIST,
        }


def _content(text: str) -> str:
    return re.sub(r"<(script|style)>.*?</\1>", "", text, flags=re.DOTALL)


class TestTheFolder:
    def test_files_of_somebody_else_are_neither_replaced_nor_removed(
        self, filled: Path, tmp_path: Path
    ) -> None:
        own = {"badges/build.svg": "mine", "evidence/holiday.jpg": "mine"}
        for relative, text in own.items():
            (tmp_path / relative).parent.mkdir()
            (tmp_path / relative).write_text(text, encoding="utf-8")
        build(filled, tmp_path)
        build(filled, tmp_path, names=("tom",))
        assert {relative: (tmp_path / relative).read_text("utf-8") for relative in own} == own
        assert not (tmp_path / "badges" / "jane.svg").exists()

    @pytest.mark.parametrize("relative", ["index.html", "badge.svg", "badges/jane.svg"])
    def test_a_file_of_somebody_else_in_the_way_is_reported_before_anything_is_written(
        self, relative: str, filled: Path, tmp_path: Path
    ) -> None:
        (tmp_path / relative).parent.mkdir(exist_ok=True)
        (tmp_path / relative).write_text("mine", encoding="utf-8")
        with pytest.raises(UsageError, match="selfcheck did not write it"):
            build(filled, tmp_path)
        assert [path.read_text("utf-8") for path in files(tmp_path)] == ["mine"]

    def test_what_a_killed_build_left_is_removed_by_the_next(self, filled: Path, tmp_path: Path) -> None:
        with pytest.raises(StorageError):
            write_report(tmp_path, "private", {"evidence/half.jpg": b"private", "evidence/half.jpg/x": b""})
        assert (tmp_path / "evidence" / "half.jpg").exists()
        build(filled, tmp_path, public=True)
        assert not (tmp_path / "evidence" / "half.jpg").exists()

    def test_a_list_that_names_files_elsewhere_removes_none_of_them(
        self, filled: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "precious.txt").write_text("mine", encoding="utf-8")
        target = tmp_path / "site"
        target.mkdir()
        (target / LIST).write_text(f"../precious.txt\n{tmp_path}/precious.txt\n\n", encoding="utf-8")
        build(filled, target)
        assert (tmp_path / "precious.txt").read_text("utf-8") == "mine"


class TestHostile:
    def test_what_a_page_said_is_text(self, tmp_path: Path) -> None:
        data = tmp_path / "data"
        data.mkdir()
        with History.open(DataFolder(data)) as history:
            for _, document in documents(only=("tom",)):
                document["profiles"][0] |= {"handle": NASTY, "summary": NASTY}  # type: ignore[index]
                history.record(as_read(document))
        build(data, tmp_path / "site")
        text = index(tmp_path / "site")
        assert text.count("<script>") == 1
        assert '<script>document.title="owned"' not in text
        assert "\x1b" not in text
        assert "\u202e" not in text

    def test_a_small_picture_keeps_nothing_but_its_pixels(self) -> None:
        told = PngImagePlugin.PngInfo()
        told.add_text("Comment", "SECRET-IN-A-CHUNK")
        with io.BytesIO() as buffer:
            Image.new("RGB", (1200, 4000), "#fff").save(buffer, "PNG", pnginfo=told)
            small = small_picture(buffer.getvalue())
        assert small is not None
        assert (small.width, small.height) == (1100, 1760)
        assert b"SECRET" not in small.jpeg
        with Image.open(io.BytesIO(small.jpeg)) as image:
            assert image.size == (1100, 1760)


class TestTrouble:
    def test_no_run_is_reported(self, tmp_path: Path) -> None:
        with pytest.raises(UsageError, match="There is no run"):
            build(tmp_path / "nowhere", tmp_path / "site")
        assert list(tmp_path.iterdir()) == []

    def test_an_unknown_profile_is_reported_with_the_near_ones(self, filled: Path, tmp_path: Path) -> None:
        with pytest.raises(UsageError) as told:
            build(filled, tmp_path / "site", names=("jnae",))
        assert "`jane`" in told.value.cause
        assert not (tmp_path / "site").exists()

    def test_a_page_that_cannot_be_written_leaves_the_old_one(self, filled: Path, tmp_path: Path) -> None:
        build(filled, tmp_path)
        before = index(tmp_path)
        with pytest.raises(StorageError):
            write_report(tmp_path, "new", {"a.svg": b"x", "a.svg/inner": b"x"})
        assert index(tmp_path) == before

    def test_nothing_is_written_outside(self, tmp_path: Path) -> None:
        with pytest.raises(StorageError):
            write_report(tmp_path / "site", "page", {"../out.svg": b"x"})
        assert list(files(tmp_path)) == []

    def test_a_run_that_is_dated_in_the_future_is_not_the_last_one(self, tmp_path: Path) -> None:
        data = fill(tmp_path / "data", only=("tom",))
        future = NOW + timedelta(days=4000)
        result = run(
            checked("tom", 59, Verdict.VISIBLE, None, []),
            run_id="future",
            started_at=future,
            finished_at=future,
        )
        with History.open(DataFolder(data)) as history:
            history.record(RunDocument.of(result))
        (tom,) = build_report(DataFolder(data), request()).report.profiles
        assert (tom.last.at, tom.last.verdict, tom.days[-1].day) == (at(59), Verdict.LIMITED, at(59).date())

    @pytest.mark.parametrize(
        ("now", "last"),
        [
            pytest.param(NOW.replace(day=18), at(57), id="before the last runs"),
            pytest.param(NOW.replace(year=2020), at(59), id="before all runs, so that it must be wrong"),
        ],
    )
    def test_a_clock_that_went_back_makes_no_negative_age(
        self, filled: Path, tmp_path: Path, now: datetime, last: datetime
    ) -> None:
        early = build_report(DataFolder(filled), request(now=now, target=tmp_path, names=("tom",)))
        assert early.report.profiles[0].days[-1].day == last.date()
