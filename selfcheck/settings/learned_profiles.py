"""What a profile with `platform: learn` says of its pages, taken out of its entry of the profiles file."""

from typing import Any

from pydantic import WithJsonSchema
from pydantic.config import JsonDict

from selfcheck.platforms.learn import LEARN, learn_key

_LIVE_TO_LEARN = 2
"""Pages of others that the public is shown: one alone teaches nothing."""


CONTROLS_FORM = WithJsonSchema(
    {
        "type": "object",
        "properties": {
            "live": {"type": "array", "items": {"type": "string"}},
            "absent": {"type": "string"},
            "publications": {"type": "array", "items": {"type": "string"}},
        },
        "additionalProperties": False,
    }
)
"""What `controls` may hold in the file; the last two are taken out of it, with `platform: learn` alone."""
LEARNED_FORM: JsonDict = {
    "if": {"required": ["platform"], "properties": {"platform": {"const": LEARN}}},
    "then": {"required": ["pages", "controls"]},
    "else": {"properties": {"controls": {"properties": {"absent": False, "publications": False}}}},
}
"""Which keys a profile needs to be learned, and which only such a one has."""


def take_learned(entry: dict[str, Any]) -> str:
    """Return the key of the platform that the entry describes; pages of one subject join those it names.

    Raise ValueError, whose text says what was expected, where it does not describe one.
    """
    pages, controls, handle = entry.get("pages"), entry.get("controls"), entry.get("handle")
    if not isinstance(pages, dict) or not all(isinstance(url, str) for url in pages.values()):
        raise ValueError("`pages: {profile: ADDRESS}` beside it")
    absent = controls.pop("absent", None) if isinstance(controls, dict) else None
    live = controls.get("live") if isinstance(controls, dict) else None
    others = {str(text).rstrip("/") for text in live} if isinstance(live, list) else set()
    if len(others - {str(handle), str(pages.get("profile")).rstrip("/")}) < _LIVE_TO_LEARN:
        raise ValueError(
            "`controls: {live: [ADDRESS, ADDRESS]}` beside it, two accounts of others: one alone teaches "
            "nothing"
        )
    _take_story(entry, pages)
    publications = _take_publications(entry, pages)
    pages = {kind: url for kind, url in pages.items() if kind not in {"story", "publication"}}
    absent = absent if isinstance(absent, str) else None
    return learn_key(pages, str(handle or ""), absent, publications)


def _take_story(entry: dict[str, Any], pages: dict[str, str]) -> None:
    """Add the story among the pages to the profile's stories."""
    stories = entry.get("stories", [])
    if "story" in pages and not isinstance(stories, list):
        raise ValueError("a `story` in `pages`, or `stories: {latest: …}`, not both")
    if "story" in pages:
        entry["stories"] = [pages["story"], *stories]


def _take_publications(entry: dict[str, Any], pages: dict[str, str]) -> tuple[str, ...]:
    """Add the publication among the pages to the profile's; return addresses: the own first, then others'."""
    controls, written = entry.get("controls"), entry.get("publications") or []
    others = controls.pop("publications", []) if isinstance(controls, dict) else []
    if not isinstance(written, list):
        raise ValueError("a list of addresses in `publications`")  # noqa: TRY004 — told to the user
    own = [*([pages["publication"]] if "publication" in pages else []), *written]
    if not own:
        return ()
    entry["publications"] = own
    named = next((text for text in own if "://" not in str(text)), None)
    if named is not None:
        raise ValueError(
            f"whole addresses of publications: without a platform file nothing says where `{named}` is"
        )
    live = [str(url) for url in others if str(url) not in own] if isinstance(others, list) else []
    if len(live) < _LIVE_TO_LEARN:
        raise ValueError(
            "`publications: [ADDRESS, ADDRESS]` in `controls`, two publications of others to compare with"
        )
    return (str(own[0]), *live)
