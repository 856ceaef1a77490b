"""What an alert shows of a run that is kept: its picture, and the platform by its name."""

import json
from pathlib import Path, PurePosixPath
from typing import Any

from selfcheck.core.safe_filename import is_safe_name
from selfcheck.errors import SelfcheckError
from selfcheck.platforms.catalogue import load_platform


def side_by_side(data_dir: Path, run_id: str, profile: str) -> Path | None:
    """Return the picture of both views that shows most of the profile's verdict; None where there is none."""
    folder = data_dir / "runs" / run_id
    try:
        document = json.loads((folder / "run.json").read_bytes())
        found = _picture(document, profile)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    if found is None or not all(is_safe_name(part) for part in PurePosixPath(found).parts):
        return None
    path = folder.joinpath(*PurePosixPath(found).parts)
    return path if path.is_file() else None


def _picture(document: dict[str, Any], profile: str) -> str | None:
    """Return the path of the picture of the first page that bears the verdict, else of the first page."""
    (found,) = [one for one in document["profiles"] if one["name"] == profile]
    pages = [page for page in found["pages"] if page.get("side_by_side")]
    same = [page for page in pages if page["verdict"] == found["verdict"]]
    return next((str(page["side_by_side"]) for page in (*same, *pages)), None)


def platform_title(platform: str) -> str:
    """Return a platform's name as people write it; of a platform file that is gone, the file's name."""
    if not platform:
        return ""
    try:
        return load_platform(platform).title
    except SelfcheckError:
        return Path(platform).stem
