"""`selfcheck prune`: remove pictures and pages of good runs that are older than the settings say.

Laws:
1. Of an incident nothing is removed: no run from its first to its last, nor the good ones around it.
2. The latest good run of each profile stays whole, whatever its age: the next incident begins after it.
3. A run that the history does not know, or that is not as it was written, is left alone; the latter is told.
4. After a run it costs little: a few runs are pruned, and of those that lose nothing only the lists are read.
   Such runs never keep the others from being pruned.
5. Pictures that were made later of what goes here, go with it.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from selfcheck.artifacts.manifests import MANIFEST, PRUNED
from selfcheck.artifacts.pruning import (
    RunToPrune,
    checked_run,
    freed,
    is_good,
    main_screenshot,
    remove,
    remove_empty_folders,
)
from selfcheck.core.cli_hints import CommandHints
from selfcheck.core.enums import ANONYMOUS, Strength, Verdict
from selfcheck.core.history import RunRow
from selfcheck.core.incident import Incident
from selfcheck.core.safe_filename import is_safe_name
from selfcheck.core.times import plural, utc
from selfcheck.errors import RunUnreadableError, SelfcheckError
from selfcheck.evidence.disclosure import SIDE_BY_SIDE
from selfcheck.evidence.incident_screenshots import small_picture
from selfcheck.history.service import open_history
from selfcheck.settings.preferences import KeepSettings
from selfcheck.storage.data_folder import DataFolder
from selfcheck.storage.files import is_within, storage_error, write_whole
from selfcheck.storage.lock import best_effort_lock

_WIDTH = 480  # px of the small picture: the page can be recognised, at some 20 KB
_AFTER_A_RUN = 20
"""How many runs are pruned after a run: ten days' worth, in a second or two."""


@dataclass(frozen=True, kw_only=True)
class PrunePlan:
    """Which runs are to be pruned, oldest first, and what stays of them."""

    runs: tuple[str, ...] = ()
    protected: Mapping[str, Collection[str]] = field(default_factory=dict)  # profiles that stay, by run
    pictures: frozenset[tuple[str, str]] = frozenset()  # run and profile of which a small picture stays
    of_incidents: int = 0  # old runs that stay whole, since every profile in them is of an incident


@dataclass(frozen=True, kw_only=True)
class PrunedRun:
    """What was, or would be, removed of one run."""

    run_id: str
    files: int
    size: int  # bytes


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What a pruning did, or would do."""

    rule: str
    dry: bool
    runs: tuple[PrunedRun, ...] = ()
    of_incidents: int = 0
    waiting: int = 0  # runs that are left for the next time
    troubles: tuple[str, ...] = ()


def prune(
    data: DataFolder,
    keep: KeepSettings,
    *,
    now: datetime,
    dry: bool = False,
    most: int | None = None,
    hints: CommandHints | None = None,
) -> Pruning:
    """Remove what the settings do not keep, of at most so many runs; `dry` only says what would go.

    Raise StorageError where the history or the folder cannot be used.
    """
    done: list[PrunedRun] = []
    troubles: list[str] = []
    opened = 0
    if not data.has_history():
        return Pruning(rule=keep.rule, dry=dry)
    with best_effort_lock(data.pruning_lock):
        begun = tuple(_interrupted(data))
        plan = prune_plan(data, keep, now=now, begun=begun)
        names_gone: Counter[tuple[int, int]] = Counter()
        for run_id in plan.runs:
            if len(done) == most:
                break
            opened += 1
            try:
                run = checked_run(data.run(run_id), protected=plan.protected.get(run_id, ()))
            except RunUnreadableError as error:
                troubles.append(" ".join(error.lines(hints) if hints else error.lines()))
                continue
            going = (*run.left, *_later_pictures(data, run))
            if going:
                done.append(PrunedRun(run_id=run_id, files=len(going), size=freed(going, names_gone)))
            if run.removed and not dry:
                names_gone.clear()  # the files themselves count their names
                _remove(data, run, plan, at=utc(now), rule=keep.rule)
        if begun and not dry:
            data.pruning.unlink(missing_ok=True)
    return Pruning(
        rule=keep.rule,
        dry=dry,
        runs=tuple(done),
        of_incidents=plan.of_incidents,
        waiting=len(plan.runs) - opened,
        troubles=tuple(troubles),
    )


def prune_after_run(
    data: DataFolder, keep: KeepSettings, *, now: datetime, hints: CommandHints
) -> str | None:
    """Prune some runs, as a watch does after each run; return what there is to say. It never fails."""
    try:
        pruning = prune(data, keep, now=now, most=_AFTER_A_RUN, hints=hints)
    except (SelfcheckError, OSError) as error:
        reason = " ".join(error.lines(hints)) if isinstance(error, SelfcheckError) else str(error)
        return f"Pruning stopped: {reason}"
    if len(pruning.troubles) > 1:
        more = plural(len(pruning.troubles) - 1, "other run")
        return f"{pruning.troubles[0]} So it is with {more}: see `{hints.command('prune', '--dry-run')}`."
    return " ".join(pruning.troubles) or None


def prune_plan(
    data: DataFolder, keep: KeepSettings, *, now: datetime, begun: Sequence[str] = ()
) -> PrunePlan:
    """Return which runs are to be pruned; those whose pruning was cut short come first."""
    if keep.good_runs is None:
        return PrunePlan()
    with open_history(data) as history:
        rows, incidents = history.runs(now=now), history.incidents()
    run_ids = set(data.run_ids())
    rows = tuple(row for row in rows if row.run_id in run_ids)
    by_run: dict[str, list[RunRow]] = defaultdict(list)
    for row in rows:
        by_run[row.run_id].append(row)
    protected = _protected(rows, incidents)
    latest = _latest_good(rows)
    due, of_incidents = list(begun), 0
    for run_id, checks in by_run.items():
        is_old = checks[0].at <= now - keep.good_runs and run_id not in latest
        if not is_old or run_id in begun or not _is_whole(data, run_id):
            continue
        if {row.profile for row in checks} <= protected[run_id]:
            of_incidents += 1
        else:
            due.append(run_id)
    return PrunePlan(
        runs=tuple(run_id for run_id in due if run_id in by_run),
        protected=protected,
        pictures=frozenset(_with_picture(rows, keep)),
        of_incidents=of_incidents,
    )


def _protected(rows: Iterable[RunRow], incidents: Iterable[Incident]) -> dict[str, set[str]]:
    """Return of which profiles nothing may go, by run: bad ones, and all of an incident."""
    protected: dict[str, set[str]] = defaultdict(set)
    by_profile: dict[str, list[Incident]] = defaultdict(list)
    for incident in incidents:
        by_profile[incident.profile].append(incident)
        events = (event.run_id for event in incident.events)
        named = (incident.first_bad_run, incident.last_bad_run, incident.last_good_run, incident.over_run)
        for run_id in (*named, *events):
            if run_id:
                protected[run_id].add(incident.profile)
    for row in rows:
        during = any(
            incident.first_bad_at <= row.at and (incident.over_at is None or row.at <= incident.over_at)
            for incident in by_profile[row.profile]
        )
        if during or row.verdict not in {Verdict.VISIBLE, Verdict.INCONCLUSIVE}:
            protected[row.run_id].add(row.profile)
    return protected


def _latest_good(rows: Iterable[RunRow]) -> set[str]:
    """Return the latest run of each profile that found it visible, and the latest that was sure of it."""
    latest: dict[tuple[str, bool], str] = {}
    for row in rows:  # oldest first
        if row.verdict is Verdict.VISIBLE:
            latest[row.profile, row.strength is Strength.CONFIRMED] = row.run_id
    return set(latest.values())


def _with_picture(rows: Iterable[RunRow], keep: KeepSettings) -> Iterator[tuple[str, str]]:
    """Yield the first good run of each week or month, with the profile."""
    if keep.small_picture == "never":
        return
    taken: set[tuple[object, ...]] = set()
    for row in rows:
        period = row.at.isocalendar()[:2] if keep.small_picture == "week" else (row.at.year, row.at.month)
        if row.verdict is Verdict.VISIBLE and (row.profile, *period) not in taken:
            taken.add((row.profile, *period))
            yield row.run_id, row.profile


def _is_whole(data: DataFolder, run_id: str) -> bool:
    folder = data.run(run_id)
    return (folder / MANIFEST).is_file() and not (folder / PRUNED).exists()


def _interrupted(data: DataFolder) -> Iterator[str]:
    """Yield the run whose pruning was killed."""
    with suppress(OSError, ValueError):
        run_id = data.pruning.read_text(encoding="utf-8").strip()
        if is_safe_name(run_id) and (data.run(run_id) / MANIFEST).is_file():
            yield run_id


def _later_pictures(data: DataFolder, run: RunToPrune) -> tuple[Path, ...]:
    """Return the pictures that `picture` or an alert made of the profiles of which files go."""
    folders = {entry.path.partition("/")[0] for entry in run.removed if "/" in entry.path}
    pictures = data.pictures(run.folder.name)
    later = (path for folder in sorted(folders) for path in (pictures / folder).rglob(SIDE_BY_SIDE))
    return tuple(path for path in later if is_within(pictures, path))


def _remove(data: DataFolder, run: RunToPrune, plan: PrunePlan, *, at: str, rule: str) -> None:
    run_id = run.folder.name
    write_whole(data.pruning, run_id.encode())
    remove(run, dict(_small_pictures(run, plan)), at=at, rule=rule)
    later, root = _later_pictures(data, run), data.pictures(run_id).parent
    try:
        for path in later:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise storage_error(root, error) from error
    remove_empty_folders(root, (path.relative_to(root).as_posix() for path in later))
    data.pruning.unlink(missing_ok=True)


def _small_pictures(run: RunToPrune, plan: PrunePlan) -> Iterator[tuple[str, bytes]]:
    protected = plan.protected.get(run.folder.name, ())
    for profile in run.document.profiles:
        wanted = (run.folder.name, profile.name) in plan.pictures and profile.name not in protected
        screenshot = main_screenshot(run, profile, ANONYMOUS) if wanted and is_good(profile) else None
        small = small_picture(screenshot[1], _WIDTH) if screenshot else None
        if screenshot and small:
            yield screenshot[0], small.jpeg
