"""A site of realistic weight on loopback, for the benchmark: `python benchmarks/speed_site.py`.

A page has about 200 KB of HTML, most of it page state as large platforms send it, 30 pictures, 5 scripts and
two trackers that answer after 3 s; it is some 5,000 px high at 1,100 px width. Every answer comes after the
latency. Pictures belong to one page only; scripts are shared by all, and all may be cached, as on the web.
Pictures come from five host names, so that a page's 30 pictures load at the same time: platforms serve them
over one HTTP/2 connection, which has no limit of six per host as the HTTP/1.1 of this server has.
It prints its address and ends when its standard input closes.
"""

import argparse
import io
import json
import random
import sys
import threading
import time
from functools import cache, cached_property
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from zlib import crc32

from PIL import Image, ImageFilter

HANDLE = "speedy"
OTHER_HANDLE = "steady"
COOKIE = ("bench_session", "a-session-that-opens-nothing")
PICTURE_HOSTS = tuple(f"pictures{number}.localhost" for number in range(5))
TRACKERS = ("tracker.localhost", "pixel.localhost")

_TRACKER_SECONDS = 3.0
_HTML_BYTES = 200_000
_SCRIPT_BYTES = 60_000
_LARGE, _SMALL = (720, 405), (96, 96)
_LARGE_COUNT, _SMALL_COUNT, _SCRIPT_COUNT = 6, 24, 5
_PARAGRAPHS = 24
_PHOTOS = 12  # different ones, of each size
_WORDS = (
    *("the", "a", "of", "in", "over", "under", "morning", "river", "letter", "garden", "stone", "paper"),
    *("window", "quiet", "market", "harbour", "winter", "light", "people", "story", "answer", "street"),
)


def paths(pages: int) -> tuple[str, ...]:
    """Return the paths of so many pages: the author's profile, then stories."""
    return (f"/@{HANDLE}", *(f"/p/{number:012x}" for number in range(1, pages)))


def page(path: str, *, signed_in: bool, port: int) -> bytes:
    """Return the HTML of a page."""
    chance = random.Random(path)  # noqa: S311 - the same page each time, nothing secret
    title = f"{'Profile of' if '@' in path else 'A story by'} {HANDLE}: {path.rsplit('/', 1)[-1]}"
    key = path.strip("/@").replace("/", "-")
    body = "".join(_section(_picture(key, number, port, "l"), chance) for number in range(_LARGE_COUNT))
    small = "".join(
        f'<img class="s" src="{_picture(key, number, port, "s")}" width=96 height=96 alt="">'
        for number in range(_SMALL_COUNT)
    )
    who = '<a id="account" href="/me">Your account</a>' if signed_in else '<a href="/in">Sign in</a>'
    scripts = "".join(f'<script defer src="/js/{number}.js"></script>' for number in range(_SCRIPT_COUNT))
    trackers = (
        f'<script async src="http://{TRACKERS[0]}:{port}/t.js?page={key}"></script>'
        f'<img src="http://{TRACKERS[1]}:{port}/p.gif?page={key}" width=1 height=1 alt="">'
    )
    head = f"<!doctype html><html lang=en><head><meta charset=utf-8><title>{title}</title>{_STYLE}{scripts}"
    main = (
        f"<nav>{who}</nav><article data-page={key}><h1>{title}</h1>{body}<section>{small}</section></article>"
    )
    plain = f"{head}</head><body>{main}{trackers}<script>window.__STATE__ = STATE</script></body></html>"
    return plain.replace("STATE</", _state(chance, _HTML_BYTES - len(plain)) + "</", 1).encode()


_STYLE = """<style>body{font:20px/1.6 serif;margin:0 auto;width:760px;color:#222}nav{font:15px sans-serif}
img{display:block;margin:20px 0}img.s{display:inline-block;margin:8px;border-radius:50%}</style>"""


def _picture(key: str, number: int, port: int, size: str) -> str:
    return f"http://{PICTURE_HOSTS[number % len(PICTURE_HOSTS)]}:{port}/img/{key}-{number}-{size}.jpg"


def _section(picture: str, chance: random.Random) -> str:
    text = "".join(f"<p>{_sentence(chance, 45)}</p>" for _ in range(_PARAGRAPHS // _LARGE_COUNT))
    width, height = _LARGE
    image = f'<img src="{picture}" width={width} height={height} alt="">'
    return f"<h2>{_sentence(chance, 5)}</h2>{image}{text}"


def _sentence(chance: random.Random, words: int) -> str:
    return " ".join(chance.choices(_WORDS, k=words)).capitalize() + "."


def _state(chance: random.Random, size: int) -> str:
    items: list[dict[str, str]] = []
    length = 2
    while length < size:
        items.append({"id": f"{chance.getrandbits(48):012x}", "text": _sentence(chance, 30)})
        length += len(json.dumps(items[-1])) + 2
    return json.dumps(items)


@cache
def _photo(large: bool, variant: int) -> bytes:  # noqa: FBT001 - a key of the cache
    """Return a picture that compresses about as well as a photograph does."""
    width, height = _LARGE if large else _SMALL
    chance = random.Random(variant)  # noqa: S311 - a picture, nothing secret
    coarse = Image.frombytes("RGB", (24, 14), chance.randbytes(24 * 14 * 3)).resize((width, height))
    grain = Image.frombytes("RGB", (width, height), chance.randbytes(width * height * 3))
    mixed = Image.blend(coarse, grain.filter(ImageFilter.GaussianBlur(1.5)), 0.25)
    buffer = io.BytesIO()
    mixed.save(buffer, "JPEG", quality=80)
    return buffer.getvalue()


@cache
def _script(number: int) -> bytes:
    filler = f"/* {'library ' * (_SCRIPT_BYTES // 8)} */"
    return (
        f"{filler}\n(() => {{ let sum = {number}; for (let i = 0; i < 2e6; i++) sum = (sum * 31 + i) | 0;"
        f" document.documentElement.dataset.script{number} = sum; }})();"
    ).encode()


class Handler(BaseHTTPRequestHandler):
    """Answers after the latency, over connections that stay open."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: "Site"

    def do_GET(self) -> None:
        """Answer a request."""
        host = self.headers.get("Host", "").split(":")[0]
        if host in TRACKERS:
            time.sleep(_TRACKER_SECONDS)
            self._send(HTTPStatus.NO_CONTENT, "text/plain", b"", cached=False)
            return
        time.sleep(self.server.latency)
        name = self.path.rsplit("/", 1)[-1].split(".")[0]
        if self.path.startswith("/img/"):
            self._send(
                HTTPStatus.OK,
                "image/jpeg",
                _photo(name.endswith("l"), crc32(name.encode()) % _PHOTOS),
                cached=True,
            )
        elif self.path.startswith("/js/"):
            self._send(HTTPStatus.OK, "text/javascript", _script(int(name)), cached=True)
        elif self.path in self.server.pages:
            signed_in = COOKIE[1] in self.headers.get("Cookie", "")
            self._send(HTTPStatus.OK, "text/html", self.server.pages[self.path][signed_in], cached=False)
        else:
            body = b"<!doctype html><title>Not found</title><h1 id=gone>There is no such page</h1>"
            self._send(HTTPStatus.NOT_FOUND, "text/html", body, cached=False)

    def _send(self, status: HTTPStatus, kind: str, body: bytes, *, cached: bool) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "public, max-age=3600" if cached else "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class calls it so
        """Say nothing."""


class Site(ThreadingHTTPServer):
    """The server; pages are made before it starts, so that it costs the contestants little."""

    daemon_threads = True
    request_queue_size = 512

    def __init__(self, *, latency: float, count: int) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.latency = latency
        wanted = (*paths(count), f"/@{OTHER_HANDLE}")
        self.pages = {
            path: {who: page(path, signed_in=who, port=self.server_port) for who in (False, True)}
            for path in wanted
        }

    @cached_property
    def url(self) -> str:
        """Return the address without a trailing slash."""
        return f"http://127.0.0.1:{self.server_port}"

    def handle_error(self, request: object, client_address: object) -> None:
        """Leave out connections that a browser has dropped; tell of all else."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


def main() -> None:
    """Serve until standard input closes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--latency", type=float, default=0.15, help="seconds before every answer")
    parser.add_argument("--pages", type=int, default=40)
    options = parser.parse_args()
    for variant in range(_PHOTOS):
        _photo(True, variant)  # noqa: FBT003 - a key of the cache
        _photo(False, variant)  # noqa: FBT003
    with Site(latency=options.latency, count=options.pages) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        print(site.url, flush=True)
        sys.stdin.read()
        site.shutdown()


if __name__ == "__main__":
    main()
