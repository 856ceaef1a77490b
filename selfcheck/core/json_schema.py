"""JSON Schemas (draft 2020-12) of our typed documents, for editors and other programs. Pure.

Laws:
1. A schema is made from the model that reads the document; no key or value is listed a second time.
2. A schema may take what the model refuses (a handle that does not fit its platform, keys that exclude each
   other), and never refuses what the model takes: an editor must not call a good file wrong.
"""

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Any

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from selfcheck.core.times import compact_duration

DURATION: JsonSchemaValue = {
    "type": "string",
    "pattern": r"^( *[0-9][0-9 ]*[wdhmsWDHMS])+ *$",
    "description": "a length of time such as 12h, 90m or 1d12h",
}


class UntitledSchema(GenerateJsonSchema):
    """A schema without titles of fields, which would only repeat their names."""

    def field_title_should_be_set(self, schema: Any) -> bool:  # noqa: ARG002 - pydantic's signature
        """Return False: the name is enough."""
        return False


class DescribedSchema(UntitledSchema):
    """A schema whose fields are described by the docstrings beneath them.

    They are read from the source only when a schema is made: pydantic's own `use_attribute_docstrings` reads
    it in every process that imports the model, which took a tenth of the start of a command.
    """

    def model_schema(self, schema: core_schema.ModelSchema) -> JsonSchemaValue:
        """Return the model's schema with the descriptions that its fields lack."""
        made = super().model_schema(schema)
        model: type[BaseModel] = schema["cls"]
        properties = made.get("properties", {})
        for name, text in (each for base in reversed(model.__mro__) for each in _below_fields(base)):
            if name in properties and model.model_fields[name].description is None:
                properties[name]["description"] = text
        return made


def _below_fields(model: type) -> Iterator[tuple[str, str]]:
    """Yield each field of a model's own that has a docstring beneath it, with that."""
    if not issubclass(model, BaseModel) or model is BaseModel:
        return
    (class_,) = ast.parse(inspect.getsource(model)).body
    assert isinstance(class_, ast.ClassDef)
    for field, below in pairwise(class_.body):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(below, ast.Expr) and isinstance(below.value, ast.Constant):
            yield field.target.id, inspect.cleandoc(str(below.value.value))


class FileSchema(UntitledSchema):
    """The schema of a file that people write: lengths of time in their words, no default of many lines."""

    def timedelta_schema(self, schema: core_schema.TimedeltaSchema) -> JsonSchemaValue:  # noqa: ARG002
        """Return a length of time in our words instead of ISO 8601."""
        return dict(DURATION)

    def default_schema(self, schema: core_schema.WithDefaultSchema) -> JsonSchemaValue:
        """Return the schema of a key that may be left out, with its default where that is one plain value."""
        made = super().default_schema(schema)
        default = schema.get("default")
        if isinstance(default, timedelta):
            made["default"] = compact_duration(default)
        elif not isinstance(default, str | int | float) or default == "":
            made.pop("default", None)
        return made


def schema_text(schema: Mapping[str, Any], *, of: str, title: str) -> str:
    """Return a schema with its head as indented JSON; `of` names it for ever, such as `run:1`."""
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:selfcheck:{of}"}
    return json.dumps({**head, **schema, "title": title}, ensure_ascii=False, indent=2) + "\n"


def file_schema(model: type[BaseModel]) -> JsonSchemaValue:
    """Return the JSON Schema of a file that is read as this model."""
    return model.model_json_schema(schema_generator=FileSchema)
