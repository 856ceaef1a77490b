"""Exports the stories of the export's own tests and has other programs judge them; see README.md beside this.

    python tests/engines/judge.py [epubcheck] [hugo] [wxr] [wordpress] [ghost=FOLDER]

FOLDER is Ghost's npm package with its dependencies: `npm pack ghost@5.130.6`, unpack it, then in it
`npm pkg delete devDependencies` (one of them is no package) and `npm install --omit=dev --legacy-peer-deps`.
"""

import hashlib
import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import feedparser
from selectolax.lexbor import LexborHTMLParser

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "support"), str(HERE.parent / "backup")]

from real_engine import free_port  # noqa: E402
from test_exporters import FAR, STORIES, exported  # noqa: E402
from wordpress import database, installed_themes, php, site_files  # noqa: E402

from selfcheck.backup.exporters.moving import Places  # noqa: E402
from selfcheck.backup.library import Library  # noqa: E402
from selfcheck.backup.model import Story, StoryState  # noqa: E402

WORDPRESS_STATUS = {StoryState.PUBLISHED: "publish", StoryState.DRAFT: "draft"}


@dataclass(frozen=True)
class Copy:
    """What must be equal."""

    title: str
    slug: str
    date: str
    status: str
    tags: tuple[str, ...]
    words: str
    links: tuple[str, ...]
    pictures: tuple[str, ...]  # checksums; an address where the library lacks the picture


def words(text: str) -> str:
    """Return a text with its white space made the same; elements that end a word are none in every judge."""
    plain = " ".join(LexborHTMLParser(text).body.text(separator=" ").split())
    return re.sub(r" ?([.,]) ?", r"\1 ", plain).strip()


def targets(text: str) -> tuple[str, ...]:
    nodes = LexborHTMLParser(text).css("a[href]")
    return tuple((node.attributes["href"] or "").replace("%5B", "[").replace("%5D", "]") for node in nodes)


def sources(text: str, checksum: Callable[[str], str]) -> tuple[str, ...]:
    return tuple(checksum(node.attributes["src"] or "") for node in LexborHTMLParser(text).css("img[src]"))


def wanted(library: Library, address: Callable[[str], str], status: Callable[[Story], str]) -> set[Copy]:
    """Return what each story of the library must be at the other side."""
    places = Places.of(library.stories(), with_private=True)
    copies = set()
    for story in library.stories():
        place = places.by_story[story.platform, story.id]
        links = []
        for link in targets(story.html):
            own, fragment = places.own(link), link.partition("#")[2]
            links.append(address(own.slug) + (f"#{fragment}" if fragment else "") if own else link)
        pictures = {picture.url: picture.sha256 or picture.url for picture in story.pictures}
        copies.add(
            Copy(
                title=story.title,
                slug=place.slug,
                date=f"{place.date:%Y-%m-%d %H:%M:%S}",
                status=status(story),
                tags=story.tags,
                words=words(story.html),
                links=tuple(links),
                pictures=sources(story.html, lambda url, known=pictures: known[url]),
            )
        )
    return copies


def judged_by_epubcheck(_: Library, out: Path) -> Iterator[str]:
    done = subprocess.run(
        ["java", "-jar", "/usr/bin/epubcheck", str(out / "epub" / "stories.epub")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if "No errors or warnings detected" not in done.stdout + done.stderr:
        yield done.stdout + done.stderr


def judged_by_hugo(library: Library, out: Path) -> Iterator[str]:
    site = out / "hugo"
    shutil.copytree(out / "markdown" / "posts", site / "content" / "posts")
    shutil.copytree(out / "markdown" / "pictures", site / "static" / "pictures")
    (site / "layouts" / "_default").mkdir(parents=True)
    (site / "config.toml").write_text(
        'baseURL = "https://x.example/"\ndisableKinds = ["home","section","taxonomy","term"]\n'
    )
    (site / "layouts" / "_default" / "single.html").write_text(
        '{{ dict "title" .Title "slug" .Slug "date" (.Date.UTC.Format "2006-01-02 15:04:05") "draft" .Draft'
        ' "tags" .Params.tags "html" (string .Content) | jsonify }}'
    )
    subprocess.run(["hugo", "-D", "-s", str(site), "--quiet"], check=True, capture_output=True)

    def checksum(address: str) -> str:
        path = site / "public" / address.lstrip("/")
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else address

    copies = set()
    for path in (site / "public" / "posts").rglob("index.html"):
        page = json.loads(path.read_text("utf-8"))
        copies.add(
            Copy(
                title=page["title"], slug=page["slug"], date=page["date"],
                status="draft" if page["draft"] else "published", tags=tuple(page["tags"] or ()),
                words=words(page["html"]).replace("{ {", "{{"),
                links=targets(page["html"]),  # the brace: see README.md
                pictures=sources(page["html"], checksum),
            )
        )  # fmt: skip
    yield from differences(
        wanted(library, "/posts/{}/".format, lambda s: "draft" if s.state.is_private else "published"), copies
    )


def judged_by_a_second_reader(library: Library, out: Path) -> Iterator[str]:
    feed = feedparser.parse((out / "wxr" / "wordpress-1.xml").read_bytes(), sanitize_html=False)
    if feed.bozo:
        yield str(feed.bozo_exception)
    copies = set()

    def of_address(url: str) -> str:
        return url.rpartition("/")[2][:64] if url.startswith("https://jane.example/pictures/") else url

    for entry in feed.entries:
        if entry.wp_post_type == "post":
            text = entry.content[0].value
            copies.add(
                Copy(
                    title=html.unescape(entry.title), slug=entry.wp_post_name, date=entry.wp_post_date_gmt,
                    status=entry.wp_status, tags=tuple(tag.term for tag in entry.get("tags", ())),
                    words=words(text), links=targets(text),
                    pictures=sources(text, of_address),
                )
            )  # fmt: skip
    yield from differences(
        wanted(library, "/?name={}".format, lambda story: WORDPRESS_STATUS.get(story.state, "private")),
        copies,
    )


def judged_by_wordpress(library: Library, out: Path) -> Iterator[str]:
    """Have WordPress itself fetch the pictures from the `html` export, and say what each post is there."""
    with served(out / "html") as pictures, database(out) as socket_path:
        exported(library, "html", out / "html", site=pictures)
        exported(library, "wxr", out / "for-wordpress", site=pictures)
        url = f"http://127.0.0.1:{free_port()}"
        site = site_files(out, socket_path, url, network=False)
        php(site, url, "install", installed_themes()[0])
        files = [str(path) for path in sorted((out / "for-wordpress").glob("*.xml"))]
        port = pictures.rpartition(":")[2]
        result = json.loads(php(site, url, port, *files, script="wordpress_import.php").splitlines()[-1])

    def checksum(address: str) -> str:
        path = site / "wp-content" / "uploads" / address.removeprefix(f"{result['uploads']}/")
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else address

    copies = {
        Copy(
            title=row["title"], slug=row["slug"], date=row["date"], status=row["status"],
            tags=tuple(sorted(map(html.unescape, row["tags"]))), words=words(row["html"]),
            links=targets(row["html"]), pictures=sources(row["html"], checksum),
        )
        for row in result["rows"]
    }  # fmt: skip
    wished = wanted(library, "/?name={}".format, lambda story: WORDPRESS_STATUS.get(story.state, "private"))
    yield from differences({replace(copy, tags=tuple(sorted(copy.tags))) for copy in wished}, copies)
    yield from (line for line in result["said"] if FAR not in line)  # that one is nowhere


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder on loopback; yield its address."""
    folder.mkdir()
    handler = partial(QuietHandler, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


class QuietHandler(SimpleHTTPRequestHandler):
    """Serves files and logs nothing."""

    def log_message(self, *_: object) -> None:
        """Log nothing."""


def judged_by_ghost(library: Library, out: Path, ghost: str) -> Iterator[str]:
    place = out / "imported"
    place.mkdir()
    script = [str(HERE / "ghost_import.js"), str(Path(ghost).resolve()), str(out / "ghost" / "ghost.zip")]
    subprocess.run(["node", *script], cwd=place, check=True, capture_output=True)
    result = json.loads((place / "content" / "result.json").read_text("utf-8"))
    yield from result["errors"]
    site = "http://127.0.0.1:2368"

    def checksum(address: str) -> str:
        path = place / address.removeprefix(site).lstrip("/")
        return hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else address

    ours = {row.slug for row in Places.of(library.stories(), with_private=True).by_story.values()}
    copies = set()
    for row in result["rows"]:
        if row["slug"] in ours:
            date = datetime.fromisoformat(row["published_at"] or row["created_at"]).astimezone(UTC)
            copies.add(
                Copy(
                    title=row["title"], slug=row["slug"], date=f"{date:%Y-%m-%d %H:%M:%S}",
                    status=f"{row['status']} {row['visibility']}", tags=tuple(t["name"] for t in row["tags"]),
                    words=words(row["html"]), links=targets(row["html"].replace(f'href="{site}/', 'href="/')),
                    pictures=sources(row["html"], checksum),
                )
            )  # fmt: skip
    status = {StoryState.PUBLISHED: "published public", StoryState.MEMBERS: "published members"}
    yield from differences(
        wanted(library, "/{}/".format, lambda story: status.get(story.state, "draft public")), copies
    )


def differences(wished: set[Copy], copies: set[Copy]) -> Iterator[str]:
    yield from (f"missing: {copy}" for copy in wished - copies)
    yield from (f"instead: {copy}" for copy in copies - wished)


def main(names: list[str]) -> int:
    judges = {
        "epubcheck": judged_by_epubcheck,
        "hugo": judged_by_hugo,
        "wxr": judged_by_a_second_reader,
        "wordpress": judged_by_wordpress,
    }
    failed = 0
    for name in names or list(judges):
        with tempfile.TemporaryDirectory() as folder:
            library = Library.open(Path(folder, "library"))
            for story in STORIES:
                library.merge(story)
            for form in ("epub", "markdown", "wxr", "ghost"):
                exported(library, form, Path(folder, form))
            kind, _, where = name.partition("=")
            said = (
                judged_by_ghost(library, Path(folder), where)
                if where
                else judges[kind](library, Path(folder))
            )
            troubles = list(said)
        print(f"{kind}: {'equal' if not troubles else 'NOT EQUAL'}", *troubles, sep="\n  ")
        failed += bool(troubles)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
