"""Each platform's export as a small table: what is taken, what is left closed, and what is refused."""

# ruff: noqa: E501 — a row of a table reads best as one line

import json
import re
import stat
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from selfcheck.backup.importers.archive import Archive, ArchiveLimits
from selfcheck.backup.importers.reader import read_export
from selfcheck.backup.importing import ImportOptions, import_export
from selfcheck.backup.model import Story
from selfcheck.backup.service import finish, open_library
from selfcheck.backup.verify import verify_library
from selfcheck.errors import UsageError

MEDIUM = """<html><head><title>{title}</title></head><body><article class="h-entry">
<header><h1 class="p-name">{title}</h1></header>
<section data-field="subtitle" class="p-summary">{subtitle}</section>
<section data-field="body" class="e-content"><section name="1"><div class="section-divider"><hr></div>
<h3 class="graf graf--title">{title}</h3><h4 class="graf graf--h4 graf--subtitle">{subtitle}</h4>
<p class="graf graf--p">Words &amp; <a href="https://medium.com/p/bbbbbbbb2222">a link</a>.</p>
<figure><img src="https://cdn-images-1.medium.com/max/800/a.png" alt="A cat">
<figcaption>Cat</figcaption></figure></section></section><footer>{footer}</footer></article></body></html>"""
MEDIUM_FOOTER = """<p class="p-tags">Tagged in <a class="p-tag">Cats</a>, <a class="p-tag">Work</a></p>
<p>By <a href="https://medium.com/@jane" class="p-author h-card">Jane</a> on <a href="https://medium.com/p/aaaaaaaa1111">
<time class="dt-published" datetime="2024-02-29T23:30:00.123Z">x</time></a>.</p>
<p><a href="{canonical}" class="p-canonical">Canonical link</a></p>"""
MEDIUM_STORY = MEDIUM.format(
    title="A title",
    subtitle="Under it",
    footer=MEDIUM_FOOTER.format(canonical="https://medium.com/@jane/a-title-aaaaaaaa1111"),
)
MEDIUM_ELSEWHERE = MEDIUM.format(
    title="A title",
    subtitle="Under it",
    footer=MEDIUM_FOOTER.format(canonical="https://jane.example/first/"),
)
MEDIUM_DRAFT = MEDIUM.format(
    title="A draft",
    subtitle="",
    footer='<p><a href="https://medium.com/p/cccccccc3333">View original.</a></p>',
)
MEDIUM_RESPONSE = """<article class="h-entry"><h1 class="p-name">I agree</h1><section class="e-content">
<p class="graf">I agree with you</p></section><footer><a href="https://medium.com/p/dddddddd4444">
<time class="dt-published" datetime="2024-06-03T09:41:57Z">x</time></a></footer></article>"""
SUBSTACK = """post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle,podcast_url
11.a-title,2024-02-29T23:30:00.123Z,TRUE,,newsletter,everyone,A &#x201C;title&#x201D;,"Under, it",
12.paid,2024-03-01T00:00:00Z,true,,podcast,only_paid,Paid,,https://cdn.example/a.mp3
13.draft,2024-03-01T00:00:00Z,FALSE,,newsletter,everyone,A draft,,
14.newest,2024-03-02T00:00:00Z,TRUE,,newsletter,everyone,Newest,,
"""
SUBSTACK_POST = """<p class="button-wrapper"><a href="https://jane.substack.com/subscribe?">Sign up</a></p>
<p>Words <a href="/p/paid">there</a>.</p>"""
WXR = """<?xml version="1.0" encoding="{encoding}"?><rss version="2.0"
 xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:excerpt="http://wordpress.org/export/{version}/excerpt/" xmlns:wp="http://wordpress.org/export/{version}/">
<channel><title>B</title><link>https://jane.example</link><language>en-GB</language>
<wp:wxr_version>{version}</wp:wxr_version>
<wp:author><wp:author_email>secret@jane.example</wp:author_email></wp:author>{items}</channel></rss>"""
WXR_POST = """<item><title>A title &mdash; &amp; more</title><link>/2024/a-title/</link>
<content:encoded><![CDATA[First & last

Second [caption id="a"]<img src="/a.png" /> A cat[/caption]]]></content:encoded>
<excerpt:encoded><![CDATA[<b>Under</b> it]]></excerpt:encoded><wp:post_id>7</wp:post_id>
<wp:post_date_gmt>2024-02-29 23:30:00</wp:post_date_gmt><wp:post_name>a-title</wp:post_name>
<wp:status>{status}</wp:status><wp:post_type>{kind}</wp:post_type>
<category domain="post_tag" nicename="cats"><![CDATA[Cats]]></category>
<category domain="category" nicename="uncategorized">Uncategorized</category>
<wp:postmeta><wp:meta_key>_thumbnail_id</wp:meta_key><wp:meta_value>9</wp:meta_value></wp:postmeta>
<wp:comment><wp:comment_content>Words of a reader</wp:comment_content></wp:comment></item>
<item><title>p</title><wp:post_id>9</wp:post_id><wp:post_type>attachment</wp:post_type><wp:status>inherit</wp:status>
<wp:attachment_url>https://jane.example/t.png?a=1&b=2</wp:attachment_url></item>"""
GHOST = {
    "db": [
        {
            "meta": {"version": "5.130.6"},
            "data": {
                "posts": [
                    {
                        "id": "1",
                        "title": "A title",
                        "slug": "a-title",
                        "html": '<p>Words</p><img src="__GHOST_URL__/content/images/2024/a.png" alt="A cat">',
                        "status": "published",
                        "visibility": "public",
                        "published_at": 1709249400000,
                        "updated_at": "2024-03-02 08:22:14",
                        "custom_excerpt": "Under it",
                        "canonical_url": "https://first.example/a",
                    },
                    {
                        "id": "2",
                        "title": "Paid",
                        "slug": "paid",
                        "status": "published",
                        "visibility": "paid",
                        "lexical": json.dumps(
                            {
                                "root": {
                                    "children": [
                                        {
                                            "type": "heading",
                                            "tag": "h2",
                                            "children": [{"type": "text", "text": "H"}],
                                        },
                                        {
                                            "type": "paragraph",
                                            "children": [
                                                {"type": "extended-text", "text": "a<b", "format": 3},
                                                {"type": "link", "url": "https://x.example/", "children": []},
                                            ],
                                        },
                                        {"type": "image", "src": "https://x.example/a.png", "alt": "A"},
                                    ]
                                }
                            }
                        ),
                    },
                    {"id": "3", "title": "Old", "slug": "old", "status": "draft", "mobiledoc": "{}"},
                ],
                "tags": [{"id": "4", "name": "Cats"}, {"id": "5", "name": "#inside"}],
                "posts_tags": [
                    {"post_id": "1", "tag_id": "5"},
                    {"post_id": "1", "tag_id": "4", "sort_order": 1},
                ],
                "members": [{"email": "reader@example.com"}],
            },
        }
    ]
}
BLOGGER_OLD = """<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom" xmlns:app="http://purl.org/atom/app#">
<entry><id>tag:blogger.com,1999:blog-1.post-21</id><published>2024-03-01T00:30:00.000+01:00</published>
<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#post"/>
<category scheme="http://www.blogger.com/atom/ns#" term="Cats"/><title type="text">A title</title>
<content type="html">&lt;p&gt;Words&lt;/p&gt;</content>
<link rel="alternate" href="https://jane.blogspot.com/2024/03/a-title.html"/></entry>
<entry><id>tag:blogger.com,1999:blog-1.post-22</id><app:control><app:draft>yes</app:draft></app:control>
<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#post"/>
<published>2024-03-02T00:00:00Z</published><title>A draft</title><content type="html">d</content></entry>
<entry><id>tag:blogger.com,1999:blog-1.post-23</id><title>c</title>
<content type="html">Words of a reader</content>
<category scheme="http://schemas.google.com/g/2005#kind" term="http://schemas.google.com/blogger/2008/kind#comment"/>
</entry></feed>"""
BLOGGER_NEW = """<?xml version='1.0' encoding='utf-8'?><feed xmlns='http://www.w3.org/2005/Atom'
 xmlns:blogger='http://schemas.google.com/blogger/2018'>{entries}</feed>"""
BLOGGER_ENTRY = """<entry><id>tag:blogger.com,1999:blog-1.post-{id}</id><blogger:type>{kind}</blogger:type>
<blogger:status>{status}</blogger:status><title>A title</title>
<content type='html'>&lt;p&gt;Words&lt;/p&gt;</content>
<published>2024-02-29T23:30:00Z</published><category scheme='tag:blogger.com,1999:blog-1' term='Cats'/>
<blogger:filename>/2024/02/a-title.html</blogger:filename></entry>"""
TWEETS = [
    {"tweet": {"id_str": "31", "created_at": "Thu Feb 29 23:30:00 +0000 2024", "lang": "en",
               "full_text": "Short &amp; good https://t.co/a https://t.co/p",
               "entities": {"urls": [{"url": "https://t.co/a", "expanded_url": "https://x.example/?a=1&b=2"}],
                            "hashtags": [{"text": "Cats"}]},
               "extended_entities": {"media": [{"url": "https://t.co/p",
                                                "media_url_https": "https://pbs.twimg.com/media/a.png"}]}}},
    {"tweet": {"id_str": "32", "created_at": "Fri Mar 01 00:00:00 +0000 2024", "full_text": "And so on",
               "in_reply_to_status_id_str": "31", "in_reply_to_user_id_str": "1"}},
    {"tweet": {"id_str": "33", "created_at": "Sat Mar 02 00:00:00 +0000 2024",
               "full_text": "RT @other: theirs"}},
    {"tweet": {"id_str": "34", "created_at": "Sun Mar 03 00:00:00 +0000 2024", "full_text": "@other yes",
               "in_reply_to_status_id_str": "99", "in_reply_to_user_id_str": "2"}},
    {"tweet": {"id_str": "35", "created_at": "Mon Mar 04 00:00:00 +0000 2024",
               "full_text": "The beginning of a long post, cut by the…"}},
]  # fmt: skip
LONG_POST = "The beginning of a long post, cut by the archive but whole here."
NOTES = [{"noteTweet": {"createdAt": "2024-03-04T00:00:00.500Z",
                        "core": {"text": LONG_POST}}}]  # fmt: skip
PNG = b"\x89PNG\r\n\x1a\n" + bytes(40)

Files = dict[str, str | bytes]


def wxr(*items: str, version: str = "1.2", encoding: str = "UTF-8") -> str:
    return WXR.format(items="".join(items), version=version, encoding=encoding)


def zipped(path: Path, files: Files) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def imported(path: Path, said: list[str] | None = None) -> list[Story]:
    return list(read_export(path, (said if said is not None else []).append))


def row(story: Story) -> tuple[object, ...]:
    date = story.published.isoformat()[:19] if story.published else None
    return story.id, story.title, story.subtitle, story.slug, story.url, story.state.value, date, story.tags


DATE = "2024-02-29T23:30:00"
EXPORTS: dict[str, tuple[Files, list[tuple[object, ...]]]] = {
    "Medium: a story, a draft, one first published elsewhere, a response": (
        {
            "posts/2024-02-29_A-title-aaaaaaaa1111.html": MEDIUM_STORY,
            "posts/b.html": MEDIUM_ELSEWHERE.replace("aaaaaaaa1111", "eeeeeeee5555"),
            "posts/draft_A-draft-cccccccc3333.html": MEDIUM_DRAFT,
            "posts/e.html": MEDIUM_RESPONSE,
            "profile/profile.html": "<p>jane@secret.example</p>",
        },
        [
            ("aaaaaaaa1111", "A title", "Under it", "a-title", "https://medium.com/@jane/a-title-aaaaaaaa1111",
             "published", DATE, ("Cats", "Work")),
            ("eeeeeeee5555", "A title", "Under it", "a-title", "https://medium.com/p/eeeeeeee5555",
             "published", DATE, ("Cats", "Work")),
            ("cccccccc3333", "A draft", None, "a-draft", "https://medium.com/p/cccccccc3333",
             "draft", None, ()),
            ("dddddddd4444", "I agree", None, "i-agree", "https://medium.com/p/dddddddd4444",
             "unlisted", "2024-06-03T09:41:57", ()),
        ],
    ),
    "Substack: public, paid, draft; the newest has no text": (
        {
            "export/posts.csv": SUBSTACK,
            "export/posts/11.a-title.html": SUBSTACK_POST,
            "export/posts/12.paid.html": "<p>Paid words</p>",
            "export/posts/13.draft.html": "<p>Draft words</p>",
            "export/email_list.jane.csv": "email\nreader@example.com\n",
        },
        [
            ("11", "A “title”", "Under, it", "a-title", "https://jane.substack.com/p/a-title",
             "published", DATE, ()),
            ("12", "Paid", None, "paid", "", "members", "2024-03-01T00:00:00", ()),
            ("13", "A draft", None, "draft", "", "draft", None, ()),
        ],
    ),
    "WordPress: a post with its title picture; comments, the bin and other kinds are not taken": (
        {
            "jane.xml": wxr(
                WXR_POST.format(status="publish", kind="post"),
                WXR_POST.format(status="trash", kind="post"),
                WXR_POST.format(status="publish", kind="nav_menu_item"),
            )
        },
        [("7", "A title — & more", "Under it", "a-title", "https://jane.example/2024/a-title/",
          "published", DATE, ("Cats",))],
    ),
    "WordPress 1.0: a page that only its author sees": (
        {"jane.xml": wxr(WXR_POST.format(status="private", kind="page"), version="1.0")},
        [("7", "A title — & more", "Under it", "a-title", "https://jane.example/2024/a-title/",
          "unlisted", DATE, ("Cats",))],
    ),
    "Ghost: html, lexical, and one whose editor is too old": (
        {"ghost.json": json.dumps(GHOST), "content/images/2024/a.png": PNG},
        [
            ("1", "A title", "Under it", "a-title", "", "published", DATE, ("Cats",)),
            ("2", "Paid", None, "paid", "", "members", None, ()),
        ],
    ),
    "Blogger: Atom with readers' comments": (
        {"blog.xml": BLOGGER_OLD},
        [
            ("21", "A title", None, "a-title", "https://jane.blogspot.com/2024/03/a-title.html",
             "published", DATE, ("Cats",)),
            ("22", "A draft", None, "a-draft", "", "draft", None, ()),
        ],
    ),
    "Blogger: Takeout": (
        {
            "Takeout/Blogger/Blogs/B/feed.atom": BLOGGER_NEW.format(
                entries="".join(
                    BLOGGER_ENTRY.format(id=number, kind=kind, status=status)
                    for number, (kind, status) in enumerate(
                        [("POST", "LIVE"), ("PAGE", "DRAFT"), ("COMMENT", "LIVE"), ("POST", "SOFT_TRASHED")]
                    )
                )
            )
        },
        [
            ("0", "A title", None, "a-title", "", "published", DATE, ("Cats",)),
            ("1", "A title", None, "a-title", "", "draft", None, ("Cats",)),
        ],
    ),
    "X: a thread is one story, a repost none, an answer unlisted, a long post whole": (
        {
            "data/tweets.js": f"window.YTD.tweets.part0 = {json.dumps(TWEETS)}",
            "data/note-tweet.js": f"window.YTD.note_tweet.part0 = {json.dumps(NOTES)}",
            "data/manifest.js": 'window.__THAR_CONFIG = {"userInfo": {"userName": "jane"}}',
            "data/direct-messages.js": 'window.YTD = [{"tweet": "a secret"}]',
            "data/tweets_media/31-a.png": PNG,
        },
        [
            ("31", "Short & good https://x.example/?a=1&b=2", None, "31", "https://x.com/jane/status/31",
             "published", DATE, ("Cats",)),
            ("34", "@other yes", None, "34", "https://x.com/jane/status/34",
             "unlisted", "2024-03-03T00:00:00", ()),
            ("35", LONG_POST, None, "35",
             "https://x.com/jane/status/35", "published", "2024-03-04T00:00:00", ()),
        ],
    ),
}  # fmt: skip


@pytest.mark.parametrize("packed", [True, False], ids=["zip", "folder"])
@pytest.mark.parametrize("name", EXPORTS)
def test_an_export_gives_its_stories(tmp_path: Path, name: str, packed: bool) -> None:
    files, rows = EXPORTS[name]
    path = zipped(tmp_path / "export.zip", files)
    if not packed:
        zipfile.ZipFile(path).extractall(path := tmp_path / "folder")
    stories = imported(path)
    assert [row(story) for story in stories] == rows
    texts = " ".join(f"{story}" for story in stories)
    for closed in ("secret", "reader", "theirs", "Sign up"):
        assert closed not in texts


@pytest.mark.parametrize(
    ("name", "html", "picture"),
    [
        ("Medium: a st", "<p>Words &amp; <a href",
         ("https://cdn-images-1.medium.com/max/800/a.png", None, "A cat")),
        ("WordPress: a", "<p>First &amp; last</p>", ("https://jane.example/t.png?a=1&b=2", None, "")),
        ("Ghost: html,", "<p>Words</p>", ("/content/images/2024/a.png", PNG, "A cat")),
        ("X: a thread ", '<p>Short &amp; good <a href="https://x.example/?a=1&amp;b=2">',
         ("https://pbs.twimg.com/media/a.png", PNG, "")),
        ("X: a thread ", "<hr>\n<p>And so on</p>", ("https://pbs.twimg.com/media/a.png", PNG, "")),
    ],
)  # fmt: skip
def test_a_story_has_its_text_and_its_pictures(
    tmp_path: Path, name: str, html: str, picture: tuple[str, bytes | None, str]
) -> None:
    files = next(files for title, (files, _) in EXPORTS.items() if title.startswith(name))
    story = imported(zipped(tmp_path / "export.zip", files))[0]
    assert html in story.html
    assert (story.pictures[0].url, story.pictures[0].data, story.pictures[0].alt) == picture


def test_a_text_in_ghosts_editor_is_written_as_html(tmp_path: Path) -> None:
    said: list[str] = []
    path = zipped(
        tmp_path / "export.zip", EXPORTS["Ghost: html, lexical, and one whose editor is too old"][0]
    )
    story = imported(path, said)[1]
    assert story.html.startswith("<h2>H</h2><p><em><strong>a&lt;b</strong></em>")
    assert said == ["Left out Old: ghost.json has no text of it that can be read."]


def bad_checksum(path: Path) -> None:
    data = path.read_bytes()
    place = data.index(b"PK\x01\x02")
    path.write_bytes(data[: place + 16] + struct.pack("<I", 7) + data[place + 20 :])


def encrypted(path: Path) -> None:
    data = path.read_bytes()
    place = data.index(b"PK\x01\x02")
    path.write_bytes(data[: place + 8] + b"\x01\x00" + data[place + 10 :])


POST = WXR_POST.format(status="publish", kind="post")
GOOD: dict[str, tuple[Files, str, str]] = {  # what is good of each kind, and two files that it would read
    "Medium": ({"posts/good.html": MEDIUM_STORY}, "posts/bad.html", "posts/bad2.html"),
    "Substack": (
        {"posts.csv": SUBSTACK, "posts/11.a-title.html": SUBSTACK_POST},
        "posts/12.paid.html",
        "posts/13.draft.html",
    ),
    "WordPress": ({"good.xml": wxr(POST)}, "bad.xml", "bad2.xml"),
    "Ghost": ({"good.json": json.dumps(GHOST)}, "bad.json", "bad2.json"),
    "Blogger": ({"good.xml": BLOGGER_OLD}, "bad.xml", "bad.atom"),
    "X": ({"data/tweets.js": f"x = {json.dumps(TWEETS)}"}, "data/tweets-part1.js", "data/note-tweet.js"),
}


def member(name: str, kind: int = 0) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = (kind | 0o777) << 16
    info.compress_type = zipfile.ZIP_DEFLATED
    return info


HOSTILE: dict[str, tuple[Callable[[str], zipfile.ZipInfo], bytes, str]] = {
    "a bomb": (member, bytes(3_000_000), "zip bomb"),
    "a path upwards": (lambda name: member(f"../../{name}"), b"x", "leads out"),
    "a path upwards inside": (lambda name: member(f"a/../../{name}"), b"x", "leads out"),
    "an absolute path": (lambda name: member(f"/tmp/{name}"), b"x", "leads out"),
    "a path of Windows": (lambda name: member(f"C:/{name}"), b"x", "leads out"),
    "a path with backslashes": (lambda name: member(f"..\\..\\{name}"), b"x", "leads out"),
    "a symbolic link": (lambda name: member(name, stat.S_IFLNK), b"/etc/passwd", "it is a link"),
    "a pipe": (lambda name: member(name, stat.S_IFIFO), b"", "it is a link or a special file"),
    "another encoding": (member, "<rss>Straße".encode("latin-1"), "UTF-8|not a file of this export"),
    "half a UTF-16": (member, b"\xff\xfe<\0r\0s\0s\0>\0\x00\xd8", "UTF-8|not a file of this export"),
}


@pytest.mark.parametrize("kind", HOSTILE)
@pytest.mark.parametrize("platform", GOOD)
def test_a_hostile_file_is_refused_and_the_rest_is_taken(tmp_path: Path, platform: str, kind: str) -> None:
    path, said = tmp_path / "in" / "export.zip", list[str]()
    path.parent.mkdir()
    files, *names = GOOD[platform]
    place, data, reason = HOSTILE[kind]
    good = [row(story) for story in imported(zipped(path, files))]
    with zipfile.ZipFile(path, "a") as archive:
        for name in names:
            archive.writestr(place(name), data)
    assert [row(story) for story in imported(path, said)] == good
    refused = [line for line in said if "Left out" in line and re.search(reason, line)]
    assert len(refused) == 2, said
    assert sorted(tmp_path.rglob("*")) == [path.parent, path]


BOMB = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY s SYSTEM "file:///etc/passwd">]>'
)
HARMFUL: dict[str, tuple[str, Files, str]] = {
    "Medium: nested deeply": ("Medium", {"posts/bad.html": "<div>" * 50_000}, "not a story as"),
    "Substack: a field without an end": ("Substack", {"posts.csv": SUBSTACK + '15,"' + "x" * 200_000}, "cannot be read"),
    "WordPress: entities that grow, and a file": ("WordPress", {"bad.xml": wxr(POST + "&b;&s;").replace("<rss", f"{BOMB}<rss")}, "document type"),
    "WordPress: nested deeply": ("WordPress", {"bad.xml": wxr("<item>" + "<a>" * 300)}, "nested too deeply"),
    "WordPress: cut": ("WordPress", {"bad.xml": wxr(POST)[:300]}, "cannot be read|not a file"),
    "Ghost: nested deeply": ("Ghost", {"bad.json": '{"db": ' + "[" * 100_000}, "not JSON"),
    "Ghost: a text nested deeply": ("Ghost", {"bad.json": json.dumps({"db": [{"data": {"posts": [{"id": "9", "title": "Deep", "lexical": '{"root": {"children": ' + '[{"children": ' * 5_000}]}}]})}, "no text of it"),
    "Blogger: entities that grow, and a file": ("Blogger", {"bad.xml": BLOGGER_OLD.replace("<feed", f"{BOMB}<feed").replace("</feed>", "&b;&s;</feed>")}, "document type"),
    "Blogger: nested deeply": ("Blogger", {"bad.xml": BLOGGER_OLD.replace("</feed>", "<entry>" + "<a>" * 300)}, "nested too deeply"),
    "X: nested deeply": ("X", {"data/tweets-part1.js": "x = " + "[" * 100_000}, "not a file of X"),
    "X: values of other kinds": ("X", {"data/note-tweet.js": 'x = [{"noteTweet": [1]}, {"noteTweet": {"core": 1, "createdAt": 2}}]'}, "^$"),
    "Ghost: values of other kinds": ("Ghost", {"bad.json": '{"db": [{"data": {"posts": [1, {"visibility": [], "html": 3}]}}]}'}, "^$"),
}  # fmt: skip


@pytest.mark.parametrize("name", HARMFUL)
def test_a_harmful_text_is_read_no_further_and_the_rest_is_taken(tmp_path: Path, name: str) -> None:
    platform, bad, reason = HARMFUL[name]
    files, said = GOOD[platform][0], list[str]()
    good = {row(story) for story in imported(zipped(tmp_path / "good.zip", files))}
    stories = imported(zipped(tmp_path / "export.zip", {**files, **bad}), said)
    assert good <= {row(story) for story in stories}
    assert "root:" not in str(stories)
    assert re.search(reason, " ".join(line for line in said if "Left out" in line)) or reason == "^$", said


EVIL = "../../../../evil"


@pytest.mark.parametrize(
    "files",
    [
        {"posts/a.html": MEDIUM_STORY.replace("a-title-aaaaaaaa1111", EVIL).replace("aaaaaaaa1111", EVIL)},
        {"posts.csv": SUBSTACK.replace("11.a-title", f"11.{EVIL}"), "posts/11.html": SUBSTACK_POST},
        {"a.xml": wxr(POST.replace(">7<", f">{EVIL}<").replace("a-title", EVIL).replace("cats", EVIL))},
        {"a.json": json.dumps(GHOST).replace('"1"', f'"{EVIL}"').replace("a-title", EVIL)},
        {"a.xml": BLOGGER_OLD.replace("post-21", f"post-{EVIL}").replace("a-title", EVIL)},
        {"data/tweets.js": f"x = {json.dumps(TWEETS)}".replace('"31"', f'"{EVIL}"')},
    ],
    ids=[*GOOD],
)
def test_names_that_lead_elsewhere_stay_in_the_backup(tmp_path: Path, files: Files) -> None:
    path = zipped(tmp_path / "in.zip", files)
    with open_library(tmp_path / "a" / "b" / "backup") as library:
        result = import_export(path, library, ImportOptions(say=lambda _: None))
        finish(library, title="Stories", author="jane")
    assert result.merges.total()
    outside = {file.relative_to(tmp_path).as_posix() for file in tmp_path.rglob("*")}
    assert {name for name in outside if not name.startswith("a/b/backup/")} == {
        "in.zip",
        "a",
        "a/b",
        "a/b/backup",
    }
    assert verify_library(tmp_path / "a" / "b" / "backup").is_whole


@pytest.mark.parametrize(
    ("harm", "reason"), [(bad_checksum, "it is damaged"), (encrypted, "it is encrypted")]
)
def test_a_damaged_or_encrypted_file_is_refused(
    tmp_path: Path, harm: Callable[[Path], None], reason: str
) -> None:
    path, said = (
        zipped(tmp_path / "export.zip", {"posts/a.html": MEDIUM_DRAFT, "posts/b.html": MEDIUM_STORY}),
        [],
    )
    harm(path)
    assert [story.title for story in imported(path, said)] == ["A title"]
    assert reason in " ".join(said)


def test_files_of_one_name_and_files_of_the_same_bytes_are_refused(tmp_path: Path) -> None:
    path, said = tmp_path / "export.zip", list[str]()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("posts/a.html", MEDIUM_STORY)
        with pytest.warns(UserWarning, match="Duplicate name"):
            archive.writestr("posts/a.html", MEDIUM_DRAFT)
    assert len(imported(path, said)) == 1
    assert "another file of this name" in said[0]
    data = path.read_bytes()
    place = data.index(b"PK\x01\x02")
    size = struct.unpack("<I", data[place + 20 : place + 24])[0]
    path.write_bytes(data[: place + 20] + struct.pack("<I", size + len(data)) + data[place + 24 :])
    with pytest.raises(UsageError, match="zip bomb"):
        imported(path)


def test_links_and_pipes_in_a_folder_are_not_followed(tmp_path: Path) -> None:
    folder, said = tmp_path / "export", list[str]()
    (folder / "posts").mkdir(parents=True)
    (folder / "posts" / "a.html").write_text(MEDIUM_STORY, "utf-8")
    (tmp_path / "outside.html").write_text(MEDIUM_DRAFT, "utf-8")
    (folder / "posts" / "link.html").symlink_to(tmp_path / "outside.html")
    (folder / "more").symlink_to(tmp_path)
    assert len(imported(folder, said)) == 1
    assert len(said) == 2


@pytest.mark.parametrize(
    ("limits", "reason"),
    [
        (ArchiveLimits(text_bytes=100), "larger than"),
        (ArchiveLimits(all_bytes=100), "too large"),
    ],
)
def test_a_huge_file_is_refused_while_it_is_read(tmp_path: Path, limits: ArchiveLimits, reason: str) -> None:
    said: list[str] = []
    archive = Archive.open(zipped(tmp_path / "a.zip", {"posts/a.html": "x" * 1000}), said.append, limits)
    assert archive.text("posts/a.html") is None
    assert reason in said[0]
    archive.close()


def test_of_a_file_that_was_cut_short_the_stories_before_are_taken(tmp_path: Path) -> None:
    said: list[str] = []
    (tmp_path / "a.xml").write_text(wxr(POST)[:-40], "utf-8")
    assert len(imported(tmp_path / "a.xml", said)) == 1
    assert "cannot be read" in said[0]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_control_characters_and_other_encodings_that_say_so_are_read(tmp_path: Path, encoding: str) -> None:
    text = wxr(WXR_POST.format(status="publish", kind="post"), encoding="ISO-8859-1").replace(
        "First", "\x0bFürst"
    )
    (tmp_path / "a.xml").write_bytes(text.encode(encoding))
    assert "<p>Fürst &amp; last</p>" in imported(tmp_path / "a.xml")[0].html


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.zip", b"PK\x03\x04" + bytes(100)),
        ("a.zip", b""),
        ("a.json", b"[" * 100_000),
        ("a.json", b'{"posts": []}'),
        ("posts.csv", b"id,title\n1,2\n"),
        ("a.xml", b"<rss/>"),
    ],
)
def test_what_is_not_an_export_is_said(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)
    with pytest.raises(UsageError):
        imported(tmp_path / name)
    with pytest.raises(UsageError):
        imported(tmp_path / "missing")
