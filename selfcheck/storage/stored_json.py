"""JSON files with a version, as every part of a run's folder is one: read, or refused with a reason.

Laws:
1. A file of a later version is refused plainly, never half understood.
2. A damaged file is an error that names the file and the first damaged place in it.
"""

import json

from pydantic import ValidationError

from selfcheck.core.run import SCHEMA
from selfcheck.core.run_document import RunDocument
from selfcheck.errors import RunUnreadableError

_ANOTHER_COPY = "Take the run's folder from a copy, or use another run."


def read_run(data: bytes, *, name: str) -> RunDocument:
    """Return the document of a `run.json`; `name` is how messages call the file.

    Raises RunUnreadableError that says where it is damaged, or that a later version wrote it.
    """
    document = stored_object(data, SCHEMA, name=name)
    try:
        return RunDocument.model_validate(document)
    except ValidationError as error:
        raise damaged(name, error) from None


def stored_object(data: bytes, schema: str, *, name: str, assumed: str | None = None) -> dict[str, object]:
    """Return a stored JSON object whose `schema` is the one given; `assumed` stands for one that has none.

    Raises RunUnreadableError.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RunUnreadableError(f"{name} is damaged: {error}.", next_step=_ANOTHER_COPY) from None
    if not isinstance(document, dict):
        raise RunUnreadableError(f"{name} is damaged: it is not a JSON object.", next_step=_ANOTHER_COPY)
    found = document.get("schema", assumed)
    if found != schema:
        raise _unknown_version(name, found=found, known=schema)
    return document


def damaged(name: str, error: ValidationError) -> RunUnreadableError:
    """Return the error that names the first damaged place of a stored file."""
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return RunUnreadableError(f"{name} is damaged at {where}: {first['msg']}.", next_step=_ANOTHER_COPY)


def _unknown_version(name: str, *, found: object, known: str) -> RunUnreadableError:
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
