"""JSON files with a version, as every part of a run's folder is one: read, or refused with a reason.

Laws:
1. A file of a later version is refused, never half understood.
2. A damaged file is an error that names the file and the first damaged place in it.
"""

import json
from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from selfcheck.core.run import SCHEMA
from selfcheck.core.run_document import RunDocument
from selfcheck.errors import RunUnreadableError

_ANOTHER_COPY = "Take the run's folder from a copy, or use another run."
_T = TypeVar("_T")


def read_run(data: bytes, *, name: str) -> RunDocument:
    """Return the document of a `run.json`; `name` is how messages call the file.

    Raises RunUnreadableError that says where it is damaged, or that a later version wrote it.
    """
    return read_stored(RunDocument, data, SCHEMA, name=name)


def read_stored(form: type[_T], data: bytes, schema: str, *, name: str, assumed: str | None = None) -> _T:
    """Return a stored JSON object of this form, whose `schema` is the one given.

    `assumed` stands for the schema of a file that names none, as early versions wrote it.
    Raises RunUnreadableError.
    """
    try:
        document = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RunUnreadableError(f"{name} is damaged: {error}.", next_step=_ANOTHER_COPY) from None
    if not isinstance(document, dict):
        raise RunUnreadableError(f"{name} is damaged: it is not a JSON object.", next_step=_ANOTHER_COPY)
    if (version := document.get("schema", assumed)) != schema:
        raise _unknown_version(name, version, readable=schema)
    hashable: Any = form  # as every class is, which mypy does not see in a type variable
    try:
        content: _T = stored_form(hashable).validate_python(document)
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        text = f"{name} is damaged at {where}: {first['msg']}."
        raise RunUnreadableError(text, next_step=_ANOTHER_COPY) from None
    return content


@cache
def stored_form(form: Any) -> TypeAdapter[Any]:
    """Return what reads and writes a form; it is built once, since that takes long."""
    return TypeAdapter(form)


def _unknown_version(name: str, version: object, *, readable: str) -> RunUnreadableError:
    family, _, newest = readable.rpartition("/")
    own_family, _, number = str(version).rpartition("/")
    if own_family == family and number.isdecimal() and number[:9] == number and int(number) > int(newest):
        return RunUnreadableError(
            f"{name} has the form {version}; this version reads {readable}.",
            cause="A later version of selfcheck wrote it.",
            next_step="Update selfcheck and run the command again.",
        )
    return RunUnreadableError(
        f"{name} has the form {version!r}, expected {readable}.",
        cause="The file is damaged, or not a run's file.",
    )
