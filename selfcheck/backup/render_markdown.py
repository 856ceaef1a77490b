"""A story as Markdown with front matter, and as a page that reads offline."""

from collections.abc import Mapping
from typing import Any

import yaml

from selfcheck.backup.cleaning import replace_addresses
from selfcheck.backup.model import Story
from selfcheck.backup.records import StoryRecord, picture_file
from selfcheck.core.templating import environment
from selfcheck.core.times import utc
from selfcheck.errors import ExtraMissingError


def front_matter(story: Story) -> dict[str, str | list[str]]:
    """Return what is known of a story beside its text, without what is not known."""
    fields: dict[str, Any] = {
        "title": story.title,
        "subtitle": story.subtitle,
        "date": story.published and utc(story.published),
        "updated": story.updated and utc(story.updated),
        "tags": list(story.tags),
        "canonical": story.canonical,
        "address": story.url,
        "slug": story.slug,
        "state": story.state.value,
        "language": story.language,
        "platform": story.platform,
        "id": story.id,
        "origin": story.origin.value,
    }
    return {name: value for name, value in fields.items() if value}


def markdown_of(html: str) -> str:
    """Return a cleaned text as Markdown. Raises ExtraMissingError where the extra `backup` is missing."""
    try:
        from markdownify import ATX, markdownify  # noqa: PLC0415 - it takes 0.2 s, and only backups need it
    except ImportError:
        raise ExtraMissingError.of("backup", "A backup") from None
    text: str = markdownify(html, heading_style=ATX, bullets="-", wrap=False, escape_misc=True)
    return text.strip() + "\n"


def render_markdown(story: Story, addresses: Mapping[str, str]) -> str:
    """Return the story as a Markdown file; `addresses` are those of its pictures beside the file."""
    head = yaml.safe_dump(front_matter(story), allow_unicode=True, sort_keys=False, width=1000)
    return f"---\n{head}---\n\n{markdown_of(replace_addresses(story.html, addresses))}"


def render_page(story: Story, addresses: Mapping[str, str], index: str) -> str:
    """Return the story as a page; `index` is the way from there to the library's index."""
    template = environment("selfcheck.backup").get_template("story.html")
    return template.render(story=story, text=replace_addresses(story.html, addresses), index=index)


def rendered_files(record: StoryRecord) -> dict[str, bytes]:
    """Return the files that are made from a record, by their suffix."""
    story = record.story()
    addresses = {
        picture.url: f"../pictures/{picture_file(picture.sha256, picture.media_type)}"
        for picture in record.pictures
        if picture.sha256
    }
    page, markdown = render_page(story, addresses, "../index.html"), render_markdown(story, addresses)
    return {"html": page.encode("utf-8", "replace"), "md": markdown.encode("utf-8", "replace")}
