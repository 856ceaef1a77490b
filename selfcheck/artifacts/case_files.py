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
from selfcheck.errors import RunUnreadableError

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
    document = checked_document(data, SCHEMA, name=name)
    try:
        return StoredCase(case=_adapter().validate_python(document), home=str(document.get("home", "")))
    except ValidationError as error:
        raise damaged(name, error) from None


def checked_document(data: bytes, schema: str, *, name: str, assumed: str | None = None) -> dict[str, object]:
    """Return a stored JSON object whose `schema` is the one given; `assumed` stands for one that has none.

    Raises RunUnreadableError.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RunUnreadableError(f"{name} is damaged: {error}.", next_step=_ANOTHER) from None
    if not isinstance(document, dict):
        raise RunUnreadableError(f"{name} is damaged: it is no JSON object.", next_step=_ANOTHER)
    found = document.get("schema", assumed)
    if found != schema:
        raise _another_form(name, found=found, known=schema)
    return document


def damaged(name: str, error: ValidationError) -> RunUnreadableError:
    """Return what is wrong with the form of a stored file as an error that names the first place."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return RunUnreadableError(f"{name} is damaged at {where}: {first['msg']}.", next_step=_ANOTHER)


_ANOTHER = "Take the run's folder from a copy, or replay another run."


def _another_form(name: str, *, found: object, known: str) -> RunUnreadableError:
    family, _, number = known.partition("/")
    later = isinstance(found, str) and found.startswith(f"{family}/") and found[len(family) + 1 :].isdigit()
    if later and int(str(found).rpartition("/")[2]) > int(number):
        return RunUnreadableError(
            f"{name} has the form {found}; this version reads {known}.",
            cause="A later version of selfcheck wrote it.",
            next_step="Update selfcheck and run the command again.",
        )
    return RunUnreadableError(
        f"{name} has the form {found!r}, expected {known}.", cause="The file is damaged, or not a run's file."
    )


@cache
def _adapter() -> TypeAdapter[ProfileCase]:
    return TypeAdapter(ProfileCase)
