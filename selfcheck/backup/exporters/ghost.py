"""For Ghost: a zip of its import file and the pictures, which Ghost stores by itself.

Ghost drops a second post of the same slug, takes at most 300 letters for an excerpt and 191 for a slug, and
reads `html` only where no other form of the text is there.
"""

import json
import shutil
import tempfile
import zipfile
from datetime import datetime
from typing import Any

from selfcheck.backup.exporters.folder import intact
from selfcheck.backup.exporters.job import ExportJob
from selfcheck.backup.exporters.moving import Links, MovedStory, TagSlugs
from selfcheck.backup.importers.archive import without_controls
from selfcheck.backup.importers.story_parts import slugify
from selfcheck.backup.model import Picture, StoryState
from selfcheck.backup.records import picture_file

_VERSION = "5.130.6"
_LONGEST_EXCERPT = 300
_LONGEST_SLUG = 185
_LONGEST_TITLE = 255
_AUTHOR = "1"
_STATUS = {StoryState.PUBLISHED: ("published", "public"), StoryState.MEMBERS: ("published", "members")}
_LONGEST_SPOOL = 8_000_000  # bytes of the import file that are held in memory


def write_ghost(job: ExportJob) -> None:
    """Write `ghost.zip`."""
    links = Links(job.places, lambda place: f"__GHOST_URL__/{place.slug}/")
    tags: dict[str, str] = {}
    post_tags: list[dict[str, object]] = []
    pictures: set[str] = set()
    with (
        job.folder.stream("ghost.zip") as file,
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        tempfile.SpooledTemporaryFile(_LONGEST_SPOOL) as posts,
    ):
        head = {"exported_on": round(job.options.now.timestamp() * 1000), "version": _VERSION}
        posts.write(f'{{"db":[{{"meta":{json.dumps(head)},"data":{{"posts":['.encode())
        for count, moved in enumerate(job.moved()):
            posts.write((b",\n" if count else b"") + _json(_post(moved, links)))
            for place, tag in enumerate(moved.story.tags):
                tag_id = tags.setdefault(tag, f"t{len(tags) + 1}")
                post_tags.append({"post_id": f"{moved.place.number}", "tag_id": tag_id, "sort_order": place})
            for picture in moved.story.pictures:
                name = _file(picture)
                if name and name not in pictures:
                    pictures.add(name)
                    archive.writestr(zipfile.ZipInfo(name), intact(picture))
        posts.write(b"]," + _tables(job, tags, post_tags)[1:] + b"}]}")
        posts.seek(0)
        with archive.open("data.json", "w", force_zip64=True) as entry:
            shutil.copyfileobj(posts, entry)
    job.result.notes.append("In Ghost: Settings, Migration tools, Import, then Universal import: ghost.zip.")


def _post(moved: MovedStory, links: Links) -> dict[str, object]:
    story, place = moved.story, moved.place
    status, visibility = _STATUS.get(story.state, ("draft", "public"))
    date = _moment(place.date)
    post: dict[str, object] = {
        "id": str(place.number),
        "title": story.title[:_LONGEST_TITLE] or "(Untitled)",
        "slug": place.slug[:_LONGEST_SLUG],
        "html": moved.html(links, _address),
        "type": "post",
        "status": status,
        "visibility": visibility,
        "created_at": date,
        "updated_at": _moment(story.updated) or date,
        "published_at": date if status == "published" else None,
        "custom_excerpt": (story.subtitle or "")[:_LONGEST_EXCERPT] or None,
        "canonical_url": moved.canonical,
    }
    return {
        name: without_controls(value) if isinstance(value, str) else value for name, value in post.items()
    }


def _tables(job: ExportJob, tags: dict[str, str], post_tags: list[dict[str, object]]) -> bytes:
    author = {
        "id": _AUTHOR,
        "name": job.options.author or "Author",
        "slug": slugify(job.options.author) or "author",
    }
    author["email"] = f"{author['slug']}@example.invalid"  # Ghost needs one; the real one is not passed on
    slugs = TagSlugs(ascii_only=True)
    return _json(
        {
            "tags": [{"id": tag_id, "name": tag, "slug": slugs.of(tag)} for tag, tag_id in tags.items()],
            "posts_tags": post_tags,
            "users": [author] if job.options.author else [],
            "posts_authors": [
                {"post_id": str(place.number), "author_id": _AUTHOR}
                for place in (job.places.by_story.values() if job.options.author else ())
            ],
        }
    )


def _file(picture: Picture) -> str | None:
    if picture.sha256 is None or picture.path is None:
        return None
    return f"content/images/selfcheck/{picture_file(picture.sha256, picture.media_type)}"


def _address(picture: Picture) -> str | None:
    name = _file(picture)
    return f"__GHOST_URL__/{name}" if name else None


def _moment(date: datetime | None) -> str | None:
    return f"{date:%Y-%m-%d %H:%M:%S}" if date else None


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace")
