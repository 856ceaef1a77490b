"""A plain static site: no script, no foreign file, a page that says where the author is now.

All links between its pages are relative, so it works on any host, in any folder and from a disk. Its policy
allows only its own pictures and its own style.
"""

from datetime import datetime
from itertools import groupby

from selfcheck.backup.exporters.job import ExportJob
from selfcheck.backup.exporters.moving import Links, MovedStory, Place
from selfcheck.backup.exporters.xml_writer import XmlFile
from selfcheck.backup.importers.archive import without_controls
from selfcheck.backup.model import Picture
from selfcheck.core.templating import html_page
from selfcheck.core.times import utc

_IN_FEED = 20
_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
_HEADERS = f"""/*
  Content-Security-Policy: {_POLICY}; frame-ancestors 'none'
  X-Content-Type-Options: nosniff
  Referrer-Policy: no-referrer
"""


def write_site(job: ExportJob) -> None:
    """Write the pages, the pictures, and a feed where the site's address is known."""
    newest = {place.slug for place in job.places.newest_first[:_IN_FEED]}
    links = Links(job.places, lambda place: f"{place.slug}.html")
    feed: dict[str, tuple[MovedStory, str]] = {}
    for moved in job.moved():
        text = moved.html(links, lambda picture: _picture(job, picture))
        if moved.place.slug in newest:
            feed[moved.place.slug] = moved, text
        page = _page(job, "site_story.html", story=moved.story, place=moved.place, text=text, root="../",
                     canonical=moved.canonical)  # fmt: skip
        job.folder.write(f"stories/{moved.place.slug}.html", page)
    years = [(year, list(places)) for year, places in groupby(job.places.newest_first, key=_year)]
    job.folder.write("index.html", _page(job, "site_index.html", years=years, root=""))
    job.folder.write("find-me.html", _page(job, "site_find_me.html", root=""))
    job.folder.write("_headers", _HEADERS.encode())
    job.folder.write(".nojekyll", b"")
    if job.options.site:
        _write_feed(job, [feed[place.slug] for place in job.places.newest_first if place.slug in feed])
    job.result.notes.append(
        f"Put the content of {job.folder.folder} on any host: GitHub Pages, Netlify, Codeberg, your own. "
        "Give readers the address of find-me.html."
    )


def _year(place: Place) -> str:
    return str(place.date.year) if place.date else ""


def _picture(job: ExportJob, picture: Picture) -> str | None:
    path = job.folder.picture(picture)
    return f"../{path}" if path else None


def _page(job: ExportJob, template: str, **values: object) -> bytes:
    values.setdefault("canonical", None)
    page = html_page(
        "selfcheck.backup", template, styles=("site.css",), script=None, options=job.options, **values
    )
    return without_controls(page).encode("utf-8", "replace")


def _write_feed(job: ExportJob, stories: list[tuple[MovedStory, str]]) -> None:
    site = (job.options.site or "").rstrip("/")
    dates = [moved.place.date for moved, _ in stories if moved.place.date]
    with job.folder.stream("feed.xml") as file:
        xml = XmlFile(file)
        with xml.element("feed", {"xmlns": "http://www.w3.org/2005/Atom"}):
            xml.leaf("id", f"{site}/")
            xml.leaf("title", job.options.title)
            xml.leaf("updated", _date(max(dates, default=job.options.now)))
            xml.leaf("link", "", {"rel": "self", "href": f"{site}/feed.xml"})
            xml.leaf("link", "", {"href": f"{site}/"})
            with xml.element("author"):
                xml.leaf("name", job.options.author or job.options.title)
            for moved, text in stories:
                address = f"{site}/stories/{moved.place.slug}.html"
                with xml.element("entry"):
                    xml.leaf("id", moved.story.url or address)
                    xml.leaf("title", moved.story.title)
                    xml.leaf("link", "", {"href": address})
                    xml.leaf("updated", _date(moved.story.updated or moved.place.date or job.options.now))
                    if moved.place.date:
                        xml.leaf("published", _date(moved.place.date))
                    for tag in moved.story.tags:
                        xml.leaf("category", "", {"term": tag})
                    xml.leaf("content", text.replace('src="../', f'src="{site}/'), {"type": "html"})
        xml.end()


def _date(moment: datetime) -> str:
    return utc(moment)
