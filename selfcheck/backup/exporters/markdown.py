"""For site generators: Markdown with front matter that Hugo, Jekyll and Eleventy read, and the pictures.

The generators run commands in Markdown. The front matter tells Jekyll and Eleventy not to, and what Hugo
takes for a command is written so that it is text. One that is not closed, in a block of code, gets a space
between its braces: Hugo would refuse the whole site for it, and has no way to write it.
"""

import json
import re
from datetime import datetime

from selfcheck.backup.exporters.job import ExportJob
from selfcheck.backup.exporters.moving import Links, MovedStory
from selfcheck.backup.importers.archive import without_controls
from selfcheck.backup.model import Picture
from selfcheck.backup.render_markdown import markdown_of
from selfcheck.core.times import utc

_COMMAND = re.compile(r"\{\{|\{%")
_OF_HUGO = re.compile(r"\{\{([<%])(.*?)([>%])\}\}", re.DOTALL)
_LINE_ENDS = re.compile("[\x85\u2028\u2029]")
_BEGINS_OF_HUGO = re.compile(r"\{\{(?=[<%](?!/\*))")


def write_markdown(job: ExportJob) -> None:
    """Write `posts/DATE-SLUG.md` and `pictures/`."""
    links = Links(job.places, lambda place: f"/posts/{place.slug}/")
    for moved in job.moved():
        day = f"{moved.place.date or job.options.now:%Y-%m-%d}"
        text = _file(job, moved, links)
        job.folder.write(f"posts/{day}-{moved.place.slug}.md", text.encode("utf-8", "replace"))
    job.result.notes += [
        "Hugo: posts/ into content/posts/, pictures/ into static/pictures/.",
        "Jekyll: posts/ as _posts/, pictures/ beside it.",
        "Eleventy: posts/ and pictures/ into the input folder; addPassthroughCopy for pictures/.",
    ]


def _file(job: ExportJob, moved: MovedStory, links: Links) -> str:
    story, place = moved.story, moved.place

    def address_of(picture: Picture) -> str | None:
        path = job.folder.picture(picture)
        return f"/{path}" if path else None

    text = markdown_of(moved.html(links, address_of))
    fields: dict[str, object] = {
        "title": story.title,
        "date": place.date,
        "lastmod": story.updated,
        "slug": place.slug,
        "url": f"/posts/{place.slug}/",  # Hugo's word for it, and that of the others
        "permalink": f"/posts/{place.slug}/",
        "tags": list(story.tags),
        "description": story.subtitle,
        "canonical_url": moved.canonical,
        "lang": story.language,
        **({"draft": True, "published": False} if place.is_private else {}),
        **({"render_with_liquid": False, "templateEngineOverride": "md"} if _COMMAND.search(text) else {}),
    }
    head = "".join(f"{name}: {_yaml(value)}\n" for name, value in fields.items() if value or value is False)
    text = _BEGINS_OF_HUGO.sub("{ {", _OF_HUGO.sub(r"{{\1/*\2*/\3}}", text))
    return f"---\n{head}---\n\n{text}"


def _yaml(value: object) -> str:
    """Return a value as YAML of one line; texts are quoted, so that no reader takes one for a date."""
    if isinstance(value, datetime):
        return utc(value)
    if isinstance(value, list):
        return f"[{', '.join(map(_yaml, value))}]"
    text = json.dumps(without_controls(value) if isinstance(value, str) else value, ensure_ascii=False)
    return _LINE_ENDS.sub(lambda match: f"\\u{ord(match[0]):04x}", text)
