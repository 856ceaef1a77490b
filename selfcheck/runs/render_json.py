"""A run as JSON: `--format json`, and `run.json` in the run's folder.

Laws:
1. The names are the Contract's (`run.schema.json` holds them): fields are added, never renamed.
2. An unknown number is null, never 0; a page that was not looked at has no view, not an empty one.
3. Paths are relative to the run's folder, times are UTC and end in `Z`.
4. It holds all that the judge saw of a page, so that an old run can be judged anew.
"""

import json
from collections.abc import Mapping
from typing import Any

from selfcheck.core.enums import ANONYMOUS, AUTHOR
from selfcheck.core.footprint import HostFootprint
from selfcheck.core.observation import Observation, StoryRef
from selfcheck.core.run import SCHEMA, RunResult, ToolInfo
from selfcheck.core.times import utc
from selfcheck.core.verdict import ControlReading, PageVerdict, ProfileVerdict, RuleHit


def run_document(result: RunResult) -> dict[str, Any]:
    """Return the run as plain JSON values, in the Contract's order."""
    return {
        "schema": SCHEMA,
        "run_id": result.run_id,
        "started_at": utc(result.started_at),
        "finished_at": utc(result.finished_at),
        "exit_code": int(result.exit_code),
        "tool": tool_document(result.tool),
        "page_views": dict(result.page_views),
        "footprint": [_footprint(one) for one in result.footprint],
        "failures": list(result.failures),
        "seed": result.seed,
        "profiles": [_profile(profile) for profile in result.profiles],
    }


def _footprint(one: HostFootprint) -> dict[str, Any]:
    return {
        "host": one.host,
        "viewpoint": one.viewpoint,
        "page_views": one.page_views,
        "requests": dict(one.requests),
        "refused": dict(one.refused),
        "least_gap_seconds": one.least_gap_seconds,
    }


def run_json(result: RunResult, *, alerts: Mapping[str, Any] | None = None) -> str:
    """Return the run as indented JSON text that ends in a line break.

    `alerts` is what came of the alerts: known only after the run's own file is written and sealed.
    """
    told = {} if alerts is None else {"alerts": alerts}
    return json.dumps({**run_document(result), **told}, ensure_ascii=False, indent=2) + "\n"


def tool_document(tool: ToolInfo) -> dict[str, str]:
    """Return what made the run as plain JSON values."""
    return {
        "version": tool.version,
        "rules_version": tool.rules_version,
        "browser": tool.browser,
        "platform": tool.platform,
    }


def _profile(profile: ProfileVerdict) -> dict[str, Any]:
    return {
        "name": profile.name,
        "platform": profile.platform,
        "handle": profile.handle if profile.handle.startswith("@") else f"@{profile.handle}",
        "verdict": profile.verdict.value,
        "silent": profile.silent,
        "strength": profile.strength.value,
        "summary": profile.summary,
        "rules": list(profile.rules),
        "reasons": _reasons(profile.firings),
        "would_change": profile.would_change,
        "next_steps": list(profile.next_steps),
        "notes": list(profile.notes),
        "controls": [_control(control) for control in profile.controls],
        "facts": {name: _by_viewpoint(values) for name, values in profile.facts.items()},
        "pages": [_page(page) for page in profile.pages],
    }


def _by_viewpoint(values: Mapping[str, int | None]) -> dict[str, int | None]:
    """Return a fact's values with both of the Contract's viewpoints, null where one did not tell."""
    return {ANONYMOUS: None, AUTHOR: None, **values}


def _reasons(firings: tuple[RuleHit, ...]) -> list[dict[str, str]]:
    return [{"rule": firing.rule, "reason": firing.reason} for firing in firings]


def _control(control: ControlReading) -> dict[str, Any]:
    return {
        "kind": control.kind.value,
        "handle": control.handle,
        "outcome": control.outcome.value,
        "ok": control.ok,
        "url": control.url,
        "detail": control.detail,
        "followers": control.followers,
        "noindex": control.noindex,
        "signs": list(control.signs),
        "facts": dict(control.facts),
    }


def _page(page: PageVerdict) -> dict[str, Any]:
    return {
        "kind": page.kind.value,
        "url": page.url,
        "subject": page.subject,
        "folder": page.folder,
        "verdict": page.verdict.value,
        "silent": page.silent,
        "strength": page.strength.value,
        "rules": list(page.rules),
        "reasons": _reasons(page.firings),
        "would_change": page.would_change,
        "views": {viewpoint: _view(look) for viewpoint, look in page.views.items()},
        "side_by_side": page.side_by_side,
        "further": [_further(look) for look in page.further],
    }


def _further(look: Observation) -> dict[str, Any]:
    return {
        "viewpoint": look.viewpoint,
        "purpose": look.purpose.value,
        "kind": look.kind.value,
        "url": look.url,
        **_view(look),
    }


def _view(look: Observation) -> dict[str, Any]:
    return {
        "outcome": look.outcome.value,
        "status": look.status,
        "final_url": look.final_url,
        "title": look.title,
        "mark": look.mark,
        "quote": look.quote,
        "signed_in": look.signed_in,
        "signed_in_as": look.signed_in_as,
        "screenshot": look.screenshot,
        "taken_at": utc(look.taken_at) if look.taken_at else None,
        "milliseconds": look.milliseconds,
        "failure": {"kind": look.failure.kind.value, "detail": look.failure.detail} if look.failure else None,
        "noindex": look.noindex,
        "signs": [{"id": one.id, "means": one.meaning.value, "quote": one.quote} for one in look.signs],
        "facts": dict(look.facts),
        "series": {name: list(values) for name, values in look.series.items()},
        "stories": None if look.stories is None else [_story(one) for one in look.stories],
        "text_length": look.text_length,
    }


def _story(story: StoryRef) -> dict[str, str | bool]:
    return {
        "id": story.id,
        "url": story.url,
        "title": story.title,
        "published_at": story.published_at,
        "kept_back": story.kept_back,
    }
