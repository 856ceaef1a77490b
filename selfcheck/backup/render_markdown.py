"""A story as Markdown with front matter, and as a page that reads offline."""

from collections.abc import Mapping
from typing import Any

import yaml

from selfcheck.backup.cleaning import replace_addresses
from selfcheck.backup.model import Story
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
