"""What of a run's result may be shown to others: one profile, and of it what strangers and the author saw.

Laws:
1. Nothing of another profile, and nothing of the run as a whole that another profile has a share in.
2. Nothing that only the author should know: no statistics, no account's name, no notes to the author, no path
   of this computer, no mail address.
3. What is left out is said in the document itself; the rest is as in the run's own result, in the same form.
"""

import json
import re
from collections.abc import Mapping
from typing import Any

from selfcheck.core.enums import ANONYMOUS, AUTHOR, PageKind, Verdict
from selfcheck.core.run import ExitCode

LEFT_OUT = (
    "other profiles",
    "the statistics page and all numbers that only the author is shown",
    "notes and next steps, which are for the author",
)
_OF_THE_RUN = ("schema", "run_id", "started_at", "finished_at", "tool")
_OF_THE_PROFILE = (
    "name",
    "platform",
    "handle",
    "verdict",
    "silent",
    "strength",
    "summary",
    "rules",
    "reasons",
    "would_change",
    "controls",
)
_OF_THE_AUTHORS_VIEW = (
    "outcome",
    "status",
    "final_url",
    "title",
    "mark",
    "quote",
    "signed_in",
    "screenshot",
    "taken_at",
    "milliseconds",
    "failure",
    "noindex",
)
_PRIVATE_RULES = ("stats.", "session.other-account")
_MAIL = re.compile(r"[\w.+-]+(?:@|%40|&#64;|\\u0040)[\w-]+(?:\.[\w-]+)+")
_MAIL_GONE = "(mail address left out)"


def profile_extract(document: Mapping[str, Any], name: str) -> dict[str, Any] | None:
    """Return a run's document with this profile alone, as it may be shown; None where it has none such."""
    found = (one for one in _objects(document.get("profiles")) if one.get("name") == name)
    profile = next(found, None)
    if profile is None:
        return None
    pages = _objects(profile.get("pages"))
    private = [one.get("folder") for one in pages if one.get("kind") == PageKind.STATS.value]
    return {
        **{key: document[key] for key in _OF_THE_RUN if key in document},
        "exit_code": int(_code(profile.get("verdict"))),
        "extract": {"profile": name, "left_out": list(LEFT_OUT), "private_pages": private},
        "profiles": [_profile(profile)],
    }


def extract_json(extract: Mapping[str, Any]) -> bytes:
    """Return the extract as indented JSON in UTF-8."""
    return (json.dumps(extract, ensure_ascii=False, indent=2) + "\n").encode()


def without_mail(value: Any) -> Any:
    """Return the value with every mail address in its texts left out."""
    if isinstance(value, str):
        return _MAIL.sub(_MAIL_GONE, value)
    if isinstance(value, Mapping):
        return {key: without_mail(one) for key, one in value.items()}
    return [without_mail(one) for one in value] if isinstance(value, list) else value


def _code(verdict: object) -> ExitCode:
    known = {Verdict.VISIBLE: ExitCode.ALL_VISIBLE, Verdict.INCONCLUSIVE: ExitCode.INCONCLUSIVE}
    return (
        known.get(Verdict(str(verdict)), ExitCode.FOUND) if verdict in set(Verdict) else ExitCode.TOOL_FAILED
    )


def _profile(profile: Mapping[str, Any]) -> dict[str, Any]:
    kept = {key: profile[key] for key in _OF_THE_PROFILE if key in profile}
    pages = [one for one in _objects(profile.get("pages")) if one.get("kind") != PageKind.STATS.value]
    facts = profile.get("facts")
    return {
        **kept,
        "platform": platform_name(str(profile.get("platform", ""))),
        "summary": without_mail(profile.get("summary", "")),
        "reasons": _reasons(profile),
        "facts": _public_facts(facts if isinstance(facts, Mapping) else {}),
        "pages": [_page(page) for page in pages],
    }


def platform_name(platform: str) -> str:
    """Return a platform's name: its own, or that of the user's file without the folders that it lies in."""
    return platform.replace("\\", "/").rpartition("/")[2].removesuffix(".yaml").removesuffix(".yml")


def _reasons(judged: Mapping[str, Any]) -> list[Any]:
    """Return the reasons but those that tell private numbers or another account of the author's."""
    told = (
        one for one in _objects(judged.get("reasons")) if not str(one.get("rule")).startswith(_PRIVATE_RULES)
    )
    return [without_mail(one) for one in told]


def _public_facts(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Return what strangers are told; what only the author is told goes with its name."""
    told = {name: values.get(ANONYMOUS) for name, values in facts.items() if isinstance(values, Mapping)}
    return {name: {ANONYMOUS: value, AUTHOR: None} for name, value in told.items() if value is not None}


def _page(page: Mapping[str, Any]) -> dict[str, Any]:
    views = page.get("views")
    seen = views if isinstance(views, Mapping) else {}
    shown = {
        who: view for who, view in seen.items() if who in {ANONYMOUS, AUTHOR} and isinstance(view, Mapping)
    }
    further = _objects(page.get("further"))
    return {
        **page,
        "reasons": _reasons(page),
        "views": {who: _authors(view) if who == AUTHOR else view for who, view in shown.items()},
        "further": [one for one in further if one.get("viewpoint") == ANONYMOUS],
    }


def _authors(view: Mapping[str, Any]) -> dict[str, Any]:
    return {key: without_mail(view[key]) for key in _OF_THE_AUTHORS_VIEW if key in view}


def _objects(found: object) -> list[Mapping[str, Any]]:
    return [one for one in found if isinstance(one, Mapping)] if isinstance(found, list) else []
