"""A platform's own export, as an author downloads it."""

import io
import zipfile

CSV = "post_id,post_date,is_published,type,audience,title,subtitle\n"
CSV += "1.a,2024-02-29T23:30:00Z,TRUE,newsletter,everyone,A,\n"
CSV += "2.b,2024-02-29T23:30:00Z,FALSE,newsletter,everyone,B,\n"


def substack_export() -> bytes:
    """An export with a story, a draft, and a path that leads out of it."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("posts.csv", CSV)
        archive.writestr("posts/1.a.html", "<p>Words</p>")
        archive.writestr("posts/2.b.html", "<p>Draft words</p>")
        archive.writestr("posts/../../2.c.html", "<p>Out</p>")
    return data.getvalue()
