"""Each form as a table, and read back: what was exported is what the other side gets."""

import hashlib
import io
import json
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import yaml
from backup_stories import PNG, story, tree
from PIL import Image
from selectolax.lexbor import LexborHTMLParser

from selfcheck.backup.cleaning import clean_html, plain_text
from selfcheck.backup.exporters.job import ExportForm, ExportOptions, ExportResult
from selfcheck.backup.exporters.writer import write_export
from selfcheck.backup.exporters.xhtml import as_xhtml
from selfcheck.backup.importers.reader import read_export
from selfcheck.backup.library import Library
from selfcheck.backup.model import Picture, Story, StoryState
from selfcheck.errors import StorageError, UsageError

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
NIGHT = datetime(2024, 2, 29, 23, 30, 0, tzinfo=UTC)
CAT = "https://cdn-images-1.medium.com/max/800/cat.png"
FAR = "https://cdn-images-1.medium.com/max/800/gone.png"
DOGS = ("https://cdn-images-1.medium.com/dog/1.png", "https://cdn-images-1.medium.com/dog/2.png")
HTML = f"""<h2 id="a">Über &amp; &lt;b&gt; ]]&gt; {{{{ x }}}} {{{{&lt; y &gt;}}}} {{% z %}} [gallery]</h2>
<p>Words — <a href="https://medium.com/@jane/other-bbbbbbbb2222?source=x#part">mine</a>,
<a href="https://medium.com/p/bbbbbbbb2222">mine too</a>,
<a href="https://other.example/?a=1&amp;b=[2]">theirs</a>.</p>
<figure><img src="{CAT}" alt="A &quot;cat&quot;"><figcaption>A cat</figcaption></figure>
<p><img src="{FAR}" alt="Far"></p>
<pre><code>a &lt;
  b {{{{&lt; code &gt;}}}} {{{{% cut</code></pre><ul><li>one</li><li>two</li></ul>"""
STORIES = (
    story(
        id="aaaaaaaa1111",
        platform="medium",
        title="A title: “no” & <more>",
        subtitle="Under: it",
        slug="a-title",
        url="https://medium.com/@jane/a-title-aaaaaaaa1111",
        published=NIGHT,
        tags=("Cats", "Café & Co"),
        language="en-GB",
        html=HTML,
        pictures=[Picture(url=CAT, data=PNG, alt='A "cat"'), Picture(url=FAR, alt="Far")],
    ),
    story(
        id="bbbbbbbb2222",
        platform="medium",
        title="Other",
        slug="other",
        url="https://medium.com/@jane/other-bbbbbbbb2222",
        canonical="https://jane.example/first",
        published=NIGHT + timedelta(days=1),
        tags=("C++", "C#"),  # of one slug
        html='<p>Back <a href="https://medium.com/@jane/a-title-aaaaaaaa1111">there</a></p>'
        + "".join(f'<p><img src="{url}" alt="A dog"></p>' for url in DOGS),
        pictures=[Picture(url=url, data=PNG + url.encode(), alt="A dog") for url in DOGS],
    ),
    story(
        id="3",
        title="Other",
        slug="a-title",
        url="",
        published=NIGHT + timedelta(days=1),
        html="<p>日本</p>",
    ),
    story(
        id="4",
        title="A draft",
        slug="übung-日本",
        url="",
        updated=NIGHT,
        state=StoryState.DRAFT,
        html="<p>d</p>",
    ),
    story(
        id="5", title="Paid", slug="paid", url="", published=NIGHT, state=StoryState.MEMBERS, html="<p>m</p>"
    ),
)
WP = "{http://wordpress.org/export/1.2/}"
OPTIONS = ExportOptions(
    now=NOW, title="Jane's", author="Jane Doe", site="https://jane.example/", language="en"
)


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Library:
    made = Library.open(tmp_path_factory.mktemp("library"))
    for one in STORIES:
        made.merge(one)
    return made


def exported(
    library: Library, form: str, folder: Path, *, with_private: bool = True, **changes: object
) -> ExportResult:
    options = replace(OPTIONS, with_private=with_private, **changes)  # type: ignore[arg-type]
    return write_export(library.stories, ExportForm(form), folder, options)


def targets(html: str) -> list[str]:
    return [node.attributes["href"] or "" for node in LexborHTMLParser(html).css("a[href]")]


def bare(text: str) -> str:
    return " ".join(text.split())


def as_equal(item: Story, *, slug: str | None = None) -> tuple[object, ...]:
    """Return what two copies of a story share when they are equal."""
    date = item.published or item.updated
    at = date.replace(microsecond=0) if date else None
    return (
        item.title,
        item.subtitle,
        slug or item.slug,
        at,
        item.state,
        item.tags,
        bare(plain_text(item.html)),
    )


OWN = {  # how each form leads to the second story, and from there to the first
    "wxr": ("/?name=other", "/?name=a-title"),
    "ghost": ("/other/", "/a-title/"),
}


@pytest.mark.parametrize("form", ["wxr", "ghost"])
def test_what_another_platform_takes_is_what_the_library_has(
    library: Library, tmp_path: Path, form: str
) -> None:
    result = exported(library, form, tmp_path / "out")
    said: list[str] = []
    path = tmp_path / "out" / {"wxr": "wordpress-1.xml", "ghost": "ghost.zip"}[form]
    stories = {item.title + item.slug: item for item in read_export(path, said.append, site=None)}
    slugs = {"3": "a-title-2", "4": "ubung"}
    for given in STORIES:
        slug = slugs.get(given.id, given.slug)
        got = stories[given.title + slug]
        wanted = as_equal(given, slug=slug)
        if given.id == "bbbbbbbb2222":  # it shares title and second with another
            wanted = (*wanted[:3], NIGHT + timedelta(days=1, seconds=1), *wanted[4:])
        assert as_equal(got) == wanted
        assert (got.canonical or "") == (given.canonical or given.url)
    first, second = stories["A title: “no” & <more>a-title"], stories["Otherother"]
    there, back = OWN[form]
    prefix = "https://jane.example" if form == "wxr" else ""
    assert targets(first.html) == [
        f"{prefix}{there}#part",
        f"{prefix}{there}",
        "https://other.example/?a=1&b=[2]",
    ]
    assert targets(second.html) == [f"{prefix}{back}"]
    assert not said
    assert (result.stories, len(result.pictures), result.missing_pictures) == (5, 3, {FAR})
    assert [picture.alt for picture in first.pictures] == ['A "cat"', "Far"]
    if form == "ghost":
        assert first.pictures[0].data == PNG
    else:
        sha256 = hashlib.sha256(PNG).hexdigest()
        assert first.pictures[0].url == f"https://jane.example/pictures/{sha256[:2]}/{sha256}.png"


def test_wordpress_is_given_no_two_tags_of_one_slug_and_no_two_pictures_of_one_title(
    library: Library, tmp_path: Path
) -> None:
    exported(library, "wxr", tmp_path / "out")
    items = ET.parse(tmp_path / "out" / "wordpress-1.xml").getroot().findall("channel/item")
    tags = {(tag.get("nicename"), tag.text) for item in items for tag in item.findall("category")}
    titles = [item.findtext("title") for item in items if item.findtext(f"{WP}post_type") == "attachment"]
    assert {("c", "C++"), ("c-2", "C#")} < tags
    assert titles == ['A "cat"', "Far", "A dog", "A dog (9)"]


def test_what_is_moved_and_moved_again_stays_the_same(library: Library, tmp_path: Path) -> None:
    exported(library, "wxr", tmp_path / "1")
    again = Library.open(tmp_path / "library")
    for item in read_export(tmp_path / "1" / "wordpress-1.xml", print):
        again.merge(item)
    exported(again, "wxr", tmp_path / "2")
    one, two = (
        sorted(map(as_equal, read_export(tmp_path / name / "wordpress-1.xml", print)), key=str)
        for name in "12"
    )
    assert one == two


@pytest.mark.parametrize("form", list(ExportForm))
def test_private_stories_are_left_out_unless_asked_for(
    library: Library, tmp_path: Path, form: ExportForm
) -> None:
    result = exported(library, form, tmp_path / "out", with_private=False)
    assert (result.stories, result.left_out) == (3, 2)
    for path in (tmp_path / "out").rglob("*"):
        data = path.read_bytes() if path.is_file() else b""
        members = zipfile.ZipFile(path) if zipfile.is_zipfile(path) else None
        texts = [members.read(name) for name in members.namelist()] if members else [data]
        assert not any(b"A draft" in text or b"Paid" in text for text in texts)


def test_markdown_has_front_matter_and_text_in_which_nothing_runs(library: Library, tmp_path: Path) -> None:
    exported(library, "markdown", tmp_path / "out")
    text = (tmp_path / "out" / "posts" / "2024-02-29-a-title.md").read_text("utf-8")
    _, head, body = text.split("---\n", 2)
    fields = yaml.safe_load(head)
    assert fields["title"] == "A title: “no” & <more>"
    assert fields["date"] == NIGHT
    assert fields["tags"] == ["Cats", "Café & Co"]
    assert fields["canonical_url"] == "https://medium.com/@jane/a-title-aaaaaaaa1111"
    assert (fields["url"], fields["permalink"]) == ("/posts/a-title/", "/posts/a-title/")
    assert fields["render_with_liquid"] is False
    assert fields["templateEngineOverride"] == "md"
    assert "{{\\< y \\>}}" in body
    assert "{{</* code */>}} { {% cut" in body
    assert "[mine](/posts/other/#part)" in body
    assert re.search(r"!\[A \"cat\"\]\(/pictures/\w\w/\w{64}\.png\)", body)
    draft = (tmp_path / "out" / "posts" / "2024-02-29-ubung.md").read_text("utf-8")
    assert "draft: true\npublished: false" in draft
    assert len([name for name in tree(tmp_path / "out") if name.startswith("pictures/")]) == 3


def test_a_book_is_whole(library: Library, tmp_path: Path) -> None:
    exported(library, "epub", tmp_path / "out")
    exported(library, "epub", tmp_path / "again")
    data = (tmp_path / "out" / "stories.epub").read_bytes()
    assert data == (tmp_path / "again" / "stories.epub").read_bytes()
    book = zipfile.ZipFile(io.BytesIO(data))
    assert book.namelist()[0] == "mimetype"
    assert book.infolist()[0].compress_type == zipfile.ZIP_STORED
    for name in book.namelist():
        if name.endswith((".xhtml", ".opf", ".xml")):
            ET.fromstring(book.read(name))
    package = book.read("OEBPS/book.opf").decode()
    listed = set(re.findall(r'href="([^"]+)"', package))
    assert listed == {
        name.removeprefix("OEBPS/") for name in book.namelist() if name.startswith("OEBPS/")
    } - {"book.opf"}
    story_text = book.read("OEBPS/text/a-title.xhtml").decode()
    assert targets(story_text)[:3] == [
        "other.xhtml",
        "other.xhtml",
        "https://other.example/?a=1&b=%5B2%5D",
    ]
    assert PNG in [book.read(name) for name in book.namelist() if name.endswith(".png")]


@pytest.mark.parametrize(
    ("html", "xhtml"),
    [
        ("<p>a<br>b &amp; c</p>", "<p>a<br/>b &amp; c</p>"),
        ("<em><p>a</p><p>b</p></em>", "<em> a  b </em>"),
        ("<h2><ul><li>a</li></ul></h2>", "<h2>  a  </h2>"),
        ("<ul><p>a</p><li>b</li></ul>", "<ul><li><p>a</p></li><li>b</li></ul>"),
        ("<li>a</li><dt>b</dt>", "<div>a</div><p>b</p>"),
        ("<figure><figcaption>c</figcaption><img src='p'></figure>",
         '<figure><img src="x.png" alt=""/><figcaption>c</figcaption></figure>'),
        ("<figcaption>c</figcaption><img src='q' alt='far'>", "<p>c</p><span>far</span>"),
        ("<table><tr><td colspan='2'>a</td></tr><thead><tr><th colspan='x'>b</th></tr></thead></table>",
         '<table><tbody><tr><td colspan="2">a</td></tr><tr><th>b</th></tr></tbody></table>'),
        ("<table></table>", "<div></div>"),
        ("<table><tr><td><table><tr><td>in</td></tr></table></td></tr></table>",
         "<table><tbody><tr><td><table><tbody><tr><td>in</td></tr></tbody></table></td></tr></tbody></table>"),
        ("<dl><dd>a</dd></dl><dl><dt>b</dt><dd>c</dd></dl>",
         "<div><div>a</div></div><dl><dt>b</dt><dd>c</dd></dl>"),
        ("<a href='#x'>a</a><a href='#y'>b</a><p id='x'>c</p><p id='1'>d</p>",
         '<a href="#x">a</a><a>b</a><p id="x">c</p><p>d</p>'),
        ("<a href='javascript:a'>a</a><a href='page.xhtml#b'>b</a>", '<a>a</a><a href="page.xhtml">b</a>'),
        ("<a href='https://x.example/%zz?a=|b#c#d e'>a</a>",
         '<a href="https://x.example/%25zz?a=%7Cb#c%23d%20e">a</a>'),
        ("<ol start='3'><li>a</ol><time datetime='x'>now</time>\x01", '<ol start="3"><li>a</li></ol>now'),
    ],
)  # fmt: skip
def test_a_text_follows_the_rules_of_books(html: str, xhtml: str) -> None:
    assert as_xhtml(html, pictures={"p": "x.png"}, pages=frozenset(["page.xhtml"])) == xhtml


def test_a_picture_that_books_do_not_know_becomes_one_that_they_do(tmp_path: Path) -> None:
    webp = io.BytesIO()
    Image.new("RGB", (2, 2), "red").save(webp, "WEBP")
    library = Library.open(tmp_path / "library")
    html = '<p><img src="https://x.example/a.webp" alt="red"></p>'
    library.merge(story(html=html, pictures=[Picture(url="https://x.example/a.webp", data=webp.getvalue())]))
    exported(library, "epub", tmp_path / "out")
    book = zipfile.ZipFile(tmp_path / "out" / "stories.epub")
    (name,) = (name for name in book.namelist() if "/pictures/" in name)
    assert Image.open(io.BytesIO(book.read(name))).format == "PNG"


def test_a_site_is_whole_runs_nothing_and_leads_nowhere_by_itself(library: Library, tmp_path: Path) -> None:
    exported(library, "html", tmp_path / "out", with_private=False)
    names = set(tree(tmp_path / "out"))
    assert {"index.html", "find-me.html", "feed.xml", "_headers", "stories/a-title.html"} <= names
    for name in names:
        if not name.endswith(".html"):
            continue
        page = LexborHTMLParser((tmp_path / "out" / name).read_text("utf-8"))
        policy = page.css_first("meta[http-equiv]").attributes["content"] or ""
        assert "default-src 'none'" in policy
        assert "script-src 'none'" in policy
        assert not page.css("script, iframe, [onclick]")
        for node in page.css("a[href], img[src], link[href]"):
            address = node.attributes.get("href") or node.attributes.get("src") or ""
            if "://" not in address:
                path = (tmp_path / "out" / name).parent / address.partition("#")[0]
                assert path.resolve().relative_to((tmp_path / "out").resolve()).as_posix() in names
    first = (tmp_path / "out" / "stories" / "a-title.html").read_text("utf-8")
    assert '<link rel="canonical" href="https://medium.com/@jane/a-title-aaaaaaaa1111">' in first
    assert targets(first)[2] == "other.html#part"
    feed = (tmp_path / "out" / "feed.xml").read_text("utf-8")
    assert "<published>2024-02-29T23:30:00.000Z</published>" in feed
    assert "https://jane.example/pictures/" in feed


def test_without_an_old_address_there_is_no_canonical_one(library: Library, tmp_path: Path) -> None:
    exported(library, "html", tmp_path / "out", keep_canonical=False)
    assert "canonical" not in (tmp_path / "out" / "stories" / "a-title.html").read_text("utf-8")


@pytest.mark.parametrize("form", ["html", "ghost"])
def test_an_export_replaces_only_what_an_export_wrote(library: Library, tmp_path: Path, form: str) -> None:
    exported(library, form, tmp_path / "out", with_private=True)
    (tmp_path / "out" / "CNAME").write_text("jane.example")
    before = set(tree(tmp_path / "out"))
    exported(library, form, tmp_path / "out", with_private=False)
    gone = before.difference(tree(tmp_path / "out"))
    assert gone == ({"stories/ubung.html", "stories/paid.html"} if form == "html" else set())
    with pytest.raises(UsageError, match="has other files"):
        exported(library, "epub", tmp_path / "out")
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "novel.txt").write_text("mine")
    with pytest.raises(UsageError, match="has other files"):
        exported(library, form, tmp_path / "own")
    assert tree(tmp_path / "own") == ["novel.txt"]


def test_a_list_of_files_that_leads_elsewhere_removes_nothing_there(library: Library, tmp_path: Path) -> None:
    exported(library, "epub", tmp_path / "out")
    (tmp_path / "precious.txt").write_text("mine")
    mark = tmp_path / "out" / ".selfcheck-export.json"
    mark.write_text(
        json.dumps({"form": "epub", "files": ["../precious.txt", str(tmp_path / "precious.txt")]})
    )
    with pytest.raises(StorageError):
        exported(library, "epub", tmp_path / "out")
    assert (tmp_path / "precious.txt").read_text() == "mine"


def test_a_damaged_picture_ends_the_export(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    library.merge(STORIES[0])
    (path,) = (tmp_path / "library" / "pictures").rglob("*.png")
    path.write_bytes(PNG[:-1] + b"!")
    with pytest.raises(StorageError, match="is damaged"):
        exported(library, "html", tmp_path / "out")


def test_a_library_without_stories_is_exported_too(tmp_path: Path) -> None:
    library = Library.open(tmp_path / "library")
    for form in ExportForm:
        assert exported(library, form, tmp_path / form).stories == 0


def test_texts_that_are_exported_are_clean_already() -> None:
    assert plain_text(clean_html(HTML)) == plain_text(HTML)
