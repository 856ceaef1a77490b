"""X's archive: `data/tweets.js`, long posts in `data/note-tweet.js`, pictures in `data/tweets_media/`.

Reposts are others' words and left out. A thread of the author's own replies is one story; what answers others
is taken as unlisted. Messages and the account's own data lie beside and stay closed.
"""

import html
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from selfcheck.backup.importers.archive import Archive
from selfcheck.backup.importers.story_parts import imported_story, moment, title_from
from selfcheck.backup.model import Story, StoryState

POSTS = r"(?:^|/)data/tweets?(?:-part\d+)?\.js$"
_NOTES = r"(?:^|/)data/note-tweets?(?:-part\d+)?\.js$"
_MANIFEST = r"(?:^|/)data/manifest\.js$"
_CUT = "…"
_CODE = 2  # letters of a language; longer ones are X's own, such as `und` and `qme`
_NOTE_BEGINS = 40  # letters of a long post that its cut form begins with


@dataclass(kw_only=True)
class _Post:
    id: str
    at: datetime
    text: str
    raw: dict[str, Any]
    thread: list["_Post"] = field(default_factory=list)


def read_x(archive: Archive, names: tuple[str, ...], _site: str | None = None) -> Iterator[Story]:
    """Yield the posts of X's archive, threads as one story."""
    rows = (row.get("userInfo") for name in archive.names(_MANIFEST) for row in _rows(archive, name))
    owner: dict[str, Any] = next((row for row in rows if isinstance(row, dict)), {})
    handle = str(owner.get("userName") or "i")
    notes = dict(_notes(archive))
    posts: dict[str, _Post] = {}
    for name in names:
        for row in _rows(archive, name):
            post = _post(row.get("tweet", row), notes)
            if post is not None:
                posts[post.id] = post
    media = {member.rpartition("/")[2]: member for member in archive.names(r"/tweets?_media/")}
    for post in _threads(posts):
        yield _story(archive, post, handle, media)


def _rows(archive: Archive, name: str) -> list[dict[str, Any]]:
    """Return the rows of one of the archive's scripts, which is JSON behind `window.YTD.… =`."""
    text = archive.text(name)
    if text is None:
        return []
    try:
        rows = json.loads(text.partition("=")[2])
    except (ValueError, RecursionError) as error:
        archive.leave_out(name, f"it is not a file of X's archive ({error})")
        return []
    rows = rows if isinstance(rows, list) else [rows]
    return [row for row in rows if isinstance(row, dict)]


def _notes(archive: Archive) -> Iterator[tuple[datetime, str]]:
    """Yield the moments and the texts of the long posts."""
    for name in archive.names(_NOTES):
        for row in _rows(archive, name):
            note = row.get("noteTweet")
            if isinstance(note, dict) and (at := moment(str(note.get("createdAt")))):
                for core in map(note.get, ("noteTweetResults", "core")):  # the newer one counts
                    if isinstance(core, dict) and isinstance(core.get("text"), str) and core["text"]:
                        yield at.replace(microsecond=0), core["text"]


def _post(raw: Any, notes: dict[datetime, str]) -> _Post | None:
    try:
        at = moment(str(raw["created_at"]))
        text = str(raw.get("full_text") or raw.get("text") or "")
        if at is None or text.startswith("RT @") or raw.get("retweeted_status"):
            return None
        begins = text.split("https://t.co", 1)[0].removesuffix(_CUT).strip()
        whole = notes.get(at)  # a long post is only known by its time
        if whole and html.unescape(begins)[:_NOTE_BEGINS] in whole:
            text = html.escape(whole, quote=False)
        return _Post(id=str(raw.get("id_str") or raw["id"]), at=at, text=text, raw=raw)
    except (KeyError, TypeError, AttributeError):
        return None


def _threads(posts: dict[str, _Post]) -> Iterator[_Post]:
    """Yield the posts that begin something, each with those that continue it, oldest first."""
    ordered = sorted(posts.values(), key=lambda post: (post.at, post.id))
    first: dict[str, _Post] = {}
    for post in ordered:
        before = first.get(str(post.raw.get("in_reply_to_status_id_str") or ""))
        first[post.id] = before or post
        if before is not None:
            before.thread.append(post)
    yield from (post for post in ordered if first[post.id] is post)


def _story(archive: Archive, post: _Post, handle: str, media: dict[str, str]) -> Story:
    files: dict[str, str] = {}
    text = "\n<hr>\n".join(_html(part, files, media) for part in (post, *post.thread))
    answers = post.raw.get("in_reply_to_status_id_str") or post.raw.get("in_reply_to_user_id_str")
    tags = (
        str(tag.get("text"))
        for part in (post, *post.thread)
        for tag in _entities(part, "hashtags")
        if tag.get("text")
    )
    return imported_story(
        html=text,
        picture_bytes=lambda url: archive.picture(files.get(url, "")),
        id=post.id,
        platform="x",
        title=title_from(text.split("<hr>", 1)[0]),
        slug=post.id,
        url=f"https://x.com/{handle}/status/{post.id}",
        published=post.at,
        state=StoryState.UNLISTED if answers else StoryState.PUBLISHED,
        language=lang
        if isinstance(lang := post.raw.get("lang"), str) and lang not in {"und", "zxx"}
        else None,
        tags=tuple(dict.fromkeys(tags)),
    )


def _html(post: _Post, files: dict[str, str], media: dict[str, str]) -> str:
    """Return a post's text with its links and pictures; `files` gets the pictures' names in the archive."""
    text = post.text
    pictures = []
    for picture in _entities(post, "media"):
        address = str(picture.get("media_url_https") or picture.get("media_url") or "")
        text = text.replace(str(picture.get("url") or "\0"), "")
        name = media.get(f"{post.id}-{address.rpartition('/')[2]}")
        if name:
            files[address] = name
        alt = html.escape(str(picture.get("ext_alt_text") or ""))
        pictures.append(f'<figure><img src="{html.escape(address)}" alt="{alt}"></figure>')
    for link in _entities(post, "urls"):
        short, whole = str(link.get("url") or ""), html.escape(str(link.get("expanded_url") or ""))
        if short and whole:
            anchor = f'<a href="{whole}">{whole}</a>'.replace("\\", "%5C")
            text = re.sub(re.escape(short) + r"(?!\w)", anchor, text)
    paragraphs = (part.strip().replace("\n", "<br>\n") for part in re.split(r"\n\s*\n", text))
    return "\n".join([*(f"<p>{part}</p>" for part in paragraphs if part), *pictures])


def _entities(post: _Post, name: str) -> list[dict[str, Any]]:
    for key in ("extended_entities", "entities") if name == "media" else ("entities",):
        entities = post.raw.get(key)
        rows = entities.get(name) if isinstance(entities, dict) else None
        if isinstance(rows, list) and rows:
            return [row for row in rows if isinstance(row, dict)]
    return []
