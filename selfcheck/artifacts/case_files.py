"""The evidence of one profile as a file, `<profile>/case.json`, written so that later versions can judge it.

Laws:
1. The form has a version. Within it fields are added with a default and never renamed, so an older file is
   read by a later version; what this version does not know of a file is passed over.
2. A file of a later form is refused plainly, never half understood.
3. It holds observations, not pages: nothing of the author's view but what was read from it.
"""

import json
from dataclasses import dataclass
from functools import cache

from pydantic import TypeAdapter, ValidationError

from selfcheck.core.case import ProfileCase
from selfcheck.storage.stored_json import damaged, stored_object

SCHEMA = "selfcheck.case/1"
LOOK_SCHEMA = "selfcheck.look/1"
CASE_FILE = "case.json"


@dataclass(frozen=True, kw_only=True)
class StoredCase:
    """The evidence as the judge got it, and where the platform's pages were taken from."""

    case: ProfileCase
    home: str = ""  # the platform's address, or the profile's `base_url`; "" where the file does not say


def case_json(stored: StoredCase) -> bytes:
    """Return the evidence as JSON in UTF-8."""
    fields = _adapter().dump_python(stored.case, mode="json")
    return json.dumps({"schema": SCHEMA, "home": stored.home, **fields}, ensure_ascii=False).encode()


def read_case(data: bytes, *, name: str) -> StoredCase:
    """Return the evidence of a file; `name` is how messages call it.

    Raises RunUnreadableError where it is damaged or of a form that this version does not know.
    """
    document = stored_object(data, SCHEMA, name=name)
    try:
        return StoredCase(case=_adapter().validate_python(document), home=str(document.get("home", "")))
    except ValidationError as error:
        raise damaged(name, error) from None


@cache
def _adapter() -> TypeAdapter[ProfileCase]:
    return TypeAdapter(ProfileCase)
