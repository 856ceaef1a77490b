"""Keeps a comparison as evidence, once the user said so: the pages, the pictures, the page side by side.

It is sealed as a run is, so `selfcheck verify` checks it. Only what the public was shown is in it; of the
author there is the picture, the name and the handle, which are public too.
"""

from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

from selfcheck.artifacts.run_folder import RunFolder
from selfcheck.backup.records import media_type_of
from selfcheck.errors import StorageError
from selfcheck.impostors.model import Comparison, SeenAccount
from selfcheck.impostors.render_page import page_html
from selfcheck.impostors.render_text import comparison_json
from selfcheck.runs.run import new_run_id, tool_info
from selfcheck.runs.run_recorder import RunRecorder
from selfcheck.storage.data_folder import COMPARISON_PAGE, DataFolder

RESULT_FILE = "impostors.json"


def keep_comparison(comparison: Comparison, data: DataFolder, now: datetime, random: Random) -> Path:
    """Write a comparison into a folder of its own, and return that. Raises StorageError."""
    folder = RunFolder.create_at(data.comparison(new_run_id(now, random)))
    with folder:
        recorder = RunRecorder(folder)
        assert comparison.own is not None
        _keep_picture(folder, "yours", comparison.own, comparison.at)
        for number, compared in enumerate(comparison.accounts, 1):
            if compared.capture is not None:
                visit = replace(compared.capture.visit, folder=f"account-{number}")
                recorder.keep(replace(compared.capture, visit=visit))
            if compared.account is not None:
                _keep_picture(folder, f"account-{number}", compared.account, comparison.at)
        folder.write(
            COMPARISON_PAGE, page_html(comparison).encode(), how="both accounts, side by side", at=now
        )
        result = comparison_json(comparison).encode()
        folder.finish(tool_info(comparison.browser), result=result, at=now, name=RESULT_FILE)
        if recorder.trouble:
            raise StorageError(recorder.trouble)
    return folder.path


def _keep_picture(folder: RunFolder, base: str, account: SeenAccount, at: datetime) -> None:
    kind = media_type_of(account.picture.data)
    if kind is not None:
        ending = kind.rpartition("/")[2].partition("+")[0]
        folder.write(f"{base}/picture.{ending}", account.picture.data, how="the account's picture", at=at)
