"""What `selfcheck verify` found, for people and as JSON.

Laws:
1. The first line says whether all is as it was; then every problem, with the file or the link.
2. What was not checked is said as not checked. Nothing claims more than hashes and stamps can show.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from datetime import UTC

from selfcheck.artifacts.verification import StampCheck, Verification
from selfcheck.core.text_safety import one_line
from selfcheck.core.times import plural

SCHEMA = "selfcheck.verify/1"
_LONGEST = 300


def verify_text(checks: Sequence[Verification]) -> str:
    """Return what was found as text; the first is of what was asked for, the others of earlier runs."""
    blocks = ["\n".join(_block(check, with_chain=place == 0)) for place, check in enumerate(checks)]
    return "\n\n".join(blocks) + "\n"


def verify_json(checks: Sequence[Verification]) -> str:
    """Return what was found as indented JSON."""
    document = {
        "schema": SCHEMA,
        "sound": all(check.sound for check in checks),
        "checked": [
            {
                **asdict(check),
                "sound": check.sound,
                "stamps": [
                    {**asdict(stamp), "at": stamp.at.isoformat() if stamp.at else None}
                    for stamp in check.stamps
                ],
            }
            for check in checks
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _block(check: Verification, *, with_chain: bool) -> Iterator[str]:
    yield _headline(check)
    yield from (f"  WRONG: {one_line(problem.text, _LONGEST)}" for problem in check.problems)
    yield from (f"  Stamp: {_stamp_line(stamp)}" for stamp in check.stamps if stamp.holds is not False)
    if check.links:
        yield f"  Chain: {_chain(check)}"
    elif with_chain and check.kind == "run" and check.runs:
        yield "  Chain: it names no run before it."
    yield from (f"  Note: {one_line(note, _LONGEST)}" for note in check.notes)
    if check.sound and check.runs and not any(stamp.holds for stamp in check.stamps):
        yield "  Without a confirmed stamp, hashes show that nothing was changed by accident or in part,"
        yield "  and not when the files were made: anyone with all of them could make new hashes."


def _headline(check: Verification) -> str:
    what = "The run" if check.kind == "run" else "The evidence"
    count = plural(check.files, "file")
    target = one_line(check.target)
    compared = f"{count} compared" + (f", {len(check.pruned)} removed by rule" if check.pruned else "")
    if check.sound:
        return f"{what} {target} is as it was written: {compared}."
    problems = plural(len(check.problems), "problem")
    return f"{what} {target} is NOT as it was written: {problems}, {compared}."


def _stamp_line(stamp: StampCheck) -> str:
    at = f"{stamp.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if stamp.at else "time unknown"
    by = f" by {one_line(stamp.authority, 80)}" if stamp.authority else ""
    return f"{stamp.path}, {at}{by}: {one_line(stamp.text, _LONGEST)}."


def _chain(check: Verification) -> str:
    held = sum(link.holds is True for link in check.links)
    last = check.links[-1]
    links = f"{held} of {plural(len(check.links), 'link')} compared and right"
    end = f"back to {last.previous}" if last.holds else f"as far back as {last.run_id}"
    return f"{links}, {end}."
