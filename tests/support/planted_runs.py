"""A run in which secrets are planted wherever a run has room for words that only its author may read."""

import struct
import zlib
from dataclasses import replace
from pathlib import Path

from kept_runs import bad_run, capture, keep_run, page_body, renamed, with_stats
from planted import SECRETS
from sample_runs import healthy, suspended

from selfcheck.core.capture import Capture, JsonResponse
from selfcheck.core.enums import AUTHOR, SignKind
from selfcheck.core.observation import Observation, Sign, StoryRef
from selfcheck.core.run import RunResult
from selfcheck.core.verdict import PageVerdict, ProfileVerdict, RuleHit

EVERY_SECRET = " ".join(SECRETS.values())
OTHER = SECRETS["other profile"]
OTHERS_PAGE = SECRETS["other profile's page"]


def with_text(png: bytes, text: str, *, kind: bytes = b"tEXt") -> bytes:
    """The picture with a text chunk, packed where the chunk's kind says so."""
    body = text.encode()
    if kind == b"zTXt":
        body = b"Comment\0\0" + zlib.compress(body)
    elif kind == b"iTXt":
        body = b"Comment\0\1\0\0\0" + zlib.compress(body)
    else:
        body = b"Comment\0" + body
    chunk = struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return png[:-12] + chunk + png[-12:]


def planted_result(run_id: str) -> RunResult:
    """Jane, suspended, with secrets in all that is hers alone; and another profile."""
    jane = with_stats(renamed(suspended(), "jane"), views=int(SECRETS["private number"]))
    pages = tuple(_with_secrets(page) for page in jane.pages)
    stats_rule = RuleHit(rule="stats.zero-day", reason=f"No views; {SECRETS['private number']} were usual.")
    jane = replace(
        jane,
        pages=pages,
        notes=(f"The saved session could not be used ({EVERY_SECRET}).",),
        next_steps=(f"selfcheck login jane --profiles /home/{SECRETS['mail']}/{OTHER}.yaml",),
        firings=(*jane.firings, stats_rule),
        facts={"views_today": {AUTHOR: int(SECRETS["private number"])}},
        platform=f"/home/{SECRETS['mail']}/demo.yaml",
    )
    result = bad_run(run_id)
    return replace(
        result,
        profiles=(jane, _other()),
        failures=(f"{OTHER}: {EVERY_SECRET}",),
        page_views={},
    )


def _with_secrets(page: PageVerdict) -> PageVerdict:
    author = page.views[AUTHOR]
    told = replace(
        author,
        title=f"Jane <{SECRETS['mail']}>",
        signed_in_as=SECRETS["author's page"],
        quote=f"Signed in as {SECRETS['mail']}",
        signs=(Sign(id="demo.signed-in", meaning=SignKind.SIGNED_IN, quote=EVERY_SECRET),),
        stories=(StoryRef(id="d1", url=f"https://blog.example/{OTHER}", title=SECRETS["author's page"]),),
        facts={**author.facts, "drafts": int(SECRETS["private number"])},
    )
    return replace(page, views={**page.views, AUTHOR: told}, further=(*page.further, told))


def _other() -> ProfileVerdict:
    other = renamed(healthy(), OTHER)
    pages = tuple(
        replace(page, views={who: replace(look, title=OTHERS_PAGE) for who, look in page.views.items()})
        for page in other.pages
    )
    return replace(other, pages=pages, summary=OTHERS_PAGE)


def planted_look(page: PageVerdict, look: Observation) -> Capture:
    """What a look received; the author's holds every secret, the public one none of this profile's."""
    received = capture(page, look, body=page_body(look))
    if look.viewpoint != AUTHOR:
        return received
    assert received.screenshot is not None
    kinds = {"profile": b"tEXt", "story": b"iTXt"}
    return replace(
        received,
        html=f"<p>{EVERY_SECRET}</p>",
        text=EVERY_SECRET,
        title=EVERY_SECRET,
        headers={**received.headers, "x-session": EVERY_SECRET},
        final_url=f"{received.final_url}?token={SECRETS['token']}",
        json_responses=(JsonResponse(url="https://blog.example/me", status=200, body=EVERY_SECRET),),
        screenshot=with_text(received.screenshot, EVERY_SECRET, kind=kinds.get(page.kind.value, b"zTXt")),
    )


def keep_planted(data: Path, run_id: str) -> Path:
    """Keep the run; return its folder."""
    return keep_run(data, planted_result(run_id), received=planted_look)
