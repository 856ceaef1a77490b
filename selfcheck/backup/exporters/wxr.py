"""For WordPress: WXR 1.2, as its importer reads it.

WordPress fetches pictures by their address, so a host must have them while it imports: the `html` export can
be that host. Text in brackets that WordPress takes for commands of its own is written so that it stays text,
and lines are joined, since WordPress makes a new line of each.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from pathlib import PurePosixPath

from selfcheck.backup.exporters.job import ExportJob
from selfcheck.backup.exporters.moving import Links, MovedStory, Place, TagSlugs
from selfcheck.backup.exporters.xml_writer import XmlFile
from selfcheck.backup.importers.story_parts import slugify
from selfcheck.backup.importers.wordpress import KEPT_STATE
from selfcheck.backup.model import Picture, StoryState
from selfcheck.backup.records import picture_file
from selfcheck.core.hosts import split_address

_NAMESPACES = {
    "version": "2.0",
    "xmlns:excerpt": "http://wordpress.org/export/1.2/excerpt/",
    "xmlns:content": "http://purl.org/rss/1.0/modules/content/",
    "xmlns:dc": "http://purl.org/dc/elements/1.1/",
    "xmlns:wp": "http://wordpress.org/export/1.2/",
}
_STATUS = {
    StoryState.PUBLISHED: "publish",
    StoryState.DRAFT: "draft",
    StoryState.SCHEDULED: "draft",  # a date that has passed would publish it at once
    StoryState.MEMBERS: "private",
    StoryState.UNLISTED: "private",
}
_MOST_BYTES = 8_000_000  # of one file: many hosts take no larger ones
_COMMAND = re.compile(r"\[(?=/?(?:caption|wp_caption|gallery|audio|video|playlist|embed)\b)")
_PRE = re.compile(r"(<pre\b.*?</pre>)", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class _Attachment:
    number: int
    address: str
    title: str
    alt: str
    file: str


class _Attachments:
    """The pictures of an export: each once, under a title of its own, for the importer skips a second one."""

    def __init__(self, posts: int) -> None:
        self._number = posts  # pictures are numbered after the posts
        self._addresses: set[str] = set()
        self._titles: set[str] = set()

    def new(self, address: str, alt: str) -> _Attachment | None:
        """Return how a picture is attached; None where it is already."""
        if address in self._addresses:
            return None
        self._addresses.add(address)
        self._number += 1
        file = PurePosixPath(split_address(address).path).name or "picture"
        title = alt or file
        if title in self._titles:
            title = f"{title} ({self._number})"
        self._titles.add(title)
        return _Attachment(number=self._number, address=address, title=title, alt=alt, file=file)

    @property
    def hosts(self) -> list[str]:
        """The hosts that have the pictures."""
        return sorted(filter(None, {split_address(address).netloc for address in self._addresses}))


def write_wxr(job: ExportJob) -> None:
    """Write `wordpress-1.xml` and so on."""
    stories = job.moved()
    links = Links(job.places, lambda place: f"/?name={place.slug}")
    slugs, attachments = TagSlugs(ascii_only=False), _Attachments(len(job.places.by_story))
    moved = next(stories, None)
    count = 0
    while moved is not None or count == 0:
        count += 1
        with job.folder.stream(f"wordpress-{count}.xml") as file:
            xml = XmlFile(file)
            with xml.element("rss", _NAMESPACES), xml.element("channel"):
                _write_head(xml, job)
                while moved is not None and xml.size < _MOST_BYTES:
                    _write_story(xml, job, moved, links, slugs)
                    for picture in moved.story.pictures:
                        address = _picture_address(job, picture)
                        if (attachment := attachments.new(address, picture.alt)) is not None:
                            _write_attachment(xml, job, attachment, moved.place)
                    moved = next(stories, None)
            xml.end()
    job.result.notes += _notes(job, count, attachments.hosts)


def _write_head(xml: XmlFile, job: ExportJob) -> None:
    options = job.options
    xml.leaf("title", options.title)
    xml.leaf("link", options.site or "https://example.invalid")
    xml.leaf("description")
    xml.leaf("pubDate", format_datetime(options.now))
    xml.leaf("language", options.language)
    xml.leaf("wp:wxr_version", "1.2")
    xml.leaf("wp:base_site_url", options.site or "https://example.invalid")
    xml.leaf("wp:base_blog_url", options.site or "https://example.invalid")
    with xml.element("wp:author"):
        xml.leaf("wp:author_id", 1)
        xml.leaf("wp:author_login", _login(job))
        xml.leaf("wp:author_email")
        xml.leaf("wp:author_display_name", options.author or "Author")


def _login(job: ExportJob) -> str:
    return slugify(job.options.author) or "author"


def _write_story(xml: XmlFile, job: ExportJob, moved: MovedStory, links: Links, slugs: TagSlugs) -> None:
    story, place = moved.story, moved.place
    html = moved.html(links, lambda picture: _picture_address(job, picture))
    with xml.element("item"):
        xml.leaf("title", story.title)
        xml.leaf("link", story.url)
        _write_dates(xml, place.date or job.options.now)
        xml.leaf("dc:creator", _login(job))
        xml.leaf("guid", story.url or f"selfcheck:{story.platform}:{story.id}", {"isPermaLink": "false"})
        xml.leaf("content:encoded", _for_wordpress(html))
        xml.leaf("excerpt:encoded", story.subtitle or "")
        xml.leaf("wp:post_id", place.number)
        for name, text in (
            ("comment_status", "closed"),
            ("ping_status", "closed"),
            ("post_name", place.slug),
        ):
            xml.leaf(f"wp:{name}", text)
        xml.leaf("wp:status", _STATUS[story.state])
        for name, text in (
            ("post_parent", "0"),
            ("menu_order", "0"),
            ("post_type", "post"),
            ("is_sticky", "0"),
        ):
            xml.leaf(f"wp:{name}", text)
        xml.leaf("wp:post_password")
        for tag in story.tags:
            xml.leaf("category", tag, {"domain": "post_tag", "nicename": slugs.of(tag)})
        if moved.canonical:
            _write_meta(xml, "_yoast_wpseo_canonical", moved.canonical)
        if story.state is not StoryState.PUBLISHED:
            _write_meta(xml, KEPT_STATE, story.state.value)


def _write_attachment(xml: XmlFile, job: ExportJob, attachment: _Attachment, place: Place) -> None:
    date = place.date or job.options.now
    with xml.element("item"):
        xml.leaf("title", attachment.title)
        xml.leaf("link", attachment.address)
        _write_dates(xml, date)
        xml.leaf("dc:creator", _login(job))
        xml.leaf("guid", attachment.address, {"isPermaLink": "false"})
        xml.leaf("wp:post_id", attachment.number)
        xml.leaf("wp:post_name", slugify(attachment.file) or f"picture-{attachment.number}")
        xml.leaf("wp:status", "inherit")
        xml.leaf("wp:post_parent", place.number)
        xml.leaf("wp:post_type", "attachment")
        xml.leaf("wp:attachment_url", attachment.address)
        _write_meta(xml, "_wp_attached_file", f"{date:%Y/%m}/{attachment.file}")
        if attachment.alt:
            _write_meta(xml, "_wp_attachment_image_alt", attachment.alt)


def _write_dates(xml: XmlFile, date: datetime) -> None:
    xml.leaf("pubDate", format_datetime(date))
    for name in ("post_date", "post_date_gmt", "post_modified", "post_modified_gmt"):
        xml.leaf(f"wp:{name}", f"{date:%Y-%m-%d %H:%M:%S}")


def _write_meta(xml: XmlFile, key: str, value: str) -> None:
    with xml.element("wp:postmeta"):
        xml.leaf("wp:meta_key", key)
        xml.leaf("wp:meta_value", value)


def _picture_address(job: ExportJob, picture: Picture) -> str:
    if job.options.site is None or picture.sha256 is None:
        return picture.url
    return f"{job.options.site.rstrip('/')}/pictures/{picture_file(picture.sha256, picture.media_type)}"


def _for_wordpress(html: str) -> str:
    parts = _PRE.split(_COMMAND.sub("&#91;", html))
    return "".join(part if part.startswith("<pre") else re.sub(r"\s*\n\s*", " ", part) for part in parts)


def _notes(job: ExportJob, count: int, hosts: list[str]) -> list[str]:
    files = (
        "wordpress-1.xml" if count == 1 else f"wordpress-1.xml to wordpress-{count}.xml, one after the other"
    )
    notes = [
        f"In WordPress: Tools, Import, WordPress, then {files}; tick “Download and import file attachments”."
    ]
    if hosts and job.options.site:
        notes.append(
            f"WordPress fetches the pictures while it imports: {', '.join(hosts)} must be up, with the "
            "export `--as html` on it."
        )
    elif hosts:
        notes.append(
            f"WordPress fetches the pictures from their old addresses ({', '.join(hosts)}). Where those are "
            "dead: put the export `--as html` on a host, and export again with `--site` and its address."
        )
    return notes
