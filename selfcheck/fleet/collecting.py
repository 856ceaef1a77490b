"""Brings a fleet's findings to one place: the runs' folders, one history, and a page over all profiles.

The page's rows are data, of which it shows a hundred at a time: ten thousand profiles open at once.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from selfcheck.core.enums import BAD
from selfcheck.fleet.database import Connection, home_of_fleet
from selfcheck.history.service import rebuild_history
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import write_whole

_BROUGHT = "fleet-runs.json"
_COLUMNS = ("name", "platform", "verdict", "strength", "before", "how", "due")


@dataclass(frozen=True, kw_only=True)
class Collected:
    """What was brought together."""

    profiles: int
    runs: int  # folders that are in the target now
    elsewhere: int  # results whose folders are on other machines
    index: Path


def collect(connection: Connection, data: DataFolder, target: Path) -> Collected:
    """Copy the evidence of this machine to a data folder of its own, and write its history and the site.

    Runs that it brought there earlier, of profiles that are forgotten by now, are deleted.
    """
    target.mkdir(parents=True, exist_ok=True)
    collected, home = DataFolder(target), home_of_fleet(data)
    collected.runs.mkdir(exist_ok=True)
    named = {
        Path(row["evidence"]).name: home / row["evidence"]
        for row in connection.execute("SELECT evidence FROM fleet.results WHERE evidence IS NOT NULL")
    }
    brought = _brought(target)
    forgotten = [run_id for run_id in brought if run_id not in named]
    missing = [run_id for run_id in named if not collected.run(run_id).exists()]
    here = [run_id for run_id in missing if named[run_id].is_dir()]
    # Written first: what is brought and not written down would stay.
    write_whole(target / _BROUGHT, json.dumps(sorted({*brought, *here} - {*forgotten})).encode())
    for run_id in forgotten:
        shutil.rmtree(collected.run(run_id), ignore_errors=True)
        collected.history.unlink(missing_ok=True)  # it would keep what was found; the journal has the rest
    for run_id in here:
        beside = collected.runs / f".{run_id}"
        shutil.rmtree(beside, ignore_errors=True)
        shutil.copytree(named[run_id], beside)
        beside.rename(collected.run(run_id))
    if here or forgotten:
        rebuild_history(collected)
    rows = connection.execute(
        """SELECT DISTINCT ON (name) name, platform, basis, verdict, strength, outcome, stage, how, signed_in,
            before, to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') AS due
        FROM fleet.profiles LEFT JOIN fleet.results ON profile = name ORDER BY name, results.due DESC"""
    ).fetchall()
    index = target / "fleet.html"
    write_whole(target / "fleet.json", json.dumps(rows).encode())
    template = resources.files("selfcheck.fleet") / "templates" / "site.html"
    write_whole(index, site_html(rows, template.read_text(encoding="utf-8")).encode())
    runs = len(collected.run_ids())
    return Collected(profiles=len(rows), runs=runs, elsewhere=len(missing) - len(here), index=index)


def _brought(target: Path) -> list[str]:
    """Return the runs that were brought here earlier; other runs in the folder are the user's own."""
    try:
        run_ids = json.loads((target / _BROUGHT).read_bytes())
    except (OSError, ValueError):
        return []
    return [run_id for run_id in run_ids if isinstance(run_id, str)] if isinstance(run_ids, list) else []


def site_html(rows: Sequence[Mapping[str, Any]], template: str) -> str:
    """Return the page over these rows, what is not well first; it loads nothing from elsewhere."""
    ordered = sorted(rows, key=lambda row: row["verdict"] not in BAD)
    table = [[row[column] or "" for column in _COLUMNS] for row in ordered]
    # What would end the script, or begin another, cannot stand in it.
    data = json.dumps(table, ensure_ascii=True).replace("<", "\\u003c")
    return template.replace("/*ROWS*/[]", data)
