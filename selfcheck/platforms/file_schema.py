"""The JSON Schema of a platform file, for editors: made from the model that reads it. Pure.

Laws:
1. A file that stands alone needs every key that the model needs. One with `extends` needs none of them: what
   it leaves out is inherited, of a mapping at its top also single members.
2. With `extends`, a key without a value is allowed at these two levels: it leaves out what is inherited.
"""

from typing import Any

from selfcheck.core.json_schema import file_schema, schema_text
from selfcheck.platforms.schema import Platform

_WHOLE, _VARIANT = "PlatformAlone", "PlatformThatExtends"


def platform_schema() -> str:
    """Return the JSON Schema of a platform file as text."""
    made = file_schema(Platform)
    kinds = made.pop("$defs")
    properties = {name: _inheriting(value, kinds) for name, value in made["properties"].items()}
    variant = {**made, "properties": properties, "required": ["platform", "extends"]}
    schema = {
        "if": {"required": ["extends"]},
        "then": {"$ref": f"#/$defs/{_VARIANT}"},
        "else": {"$ref": f"#/$defs/{_WHOLE}"},
        "$defs": {**kinds, _WHOLE: made, _VARIANT: variant},
    }
    return schema_text(schema, of="platform:1", title="A platform file of selfcheck")


def _inheriting(value: dict[str, Any], kinds: dict[str, Any]) -> dict[str, Any]:
    """Return what a key at the top may hold in a file that extends another one."""
    named = [part["$ref"] for part in (value, *value.get("anyOf", ())) if "$ref" in part]
    kind = kinds[named[0].rpartition("/")[2]] if named else value
    if kind.get("type") != "object":
        return _or_nothing(value)
    part = {key: below for key, below in kind.items() if key not in {"required", "description"}}
    if "properties" in kind:
        part["properties"] = {name: _or_nothing(below) for name, below in kind["properties"].items()}
    if isinstance(members := kind.get("additionalProperties"), dict):
        part["additionalProperties"] = _or_nothing(members)
    return _or_nothing(part)


def _or_nothing(schema: dict[str, Any]) -> dict[str, Any]:
    return {"anyOf": [schema, {"type": "null"}]}
