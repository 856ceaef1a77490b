"""The JSON Schema of profiles.yaml, and how an editor finds it.

Editors with yaml-language-server (VS Code with the YAML extension, Neovim, Helix and others) complete keys
and underline mistakes where the file's first line says which schema it has. It names a file beside it, so it
works offline, on every machine, and in a repository.
"""

from pathlib import Path

from selfcheck.core.json_schema import file_schema, schema_text
from selfcheck.errors import StorageError
from selfcheck.platforms.catalogue import known_names
from selfcheck.platforms.learn import LEARN
from selfcheck.settings.profiles import ProfilesFile
from selfcheck.storage.files import write_whole

SCHEMA_FILE = "profiles.schema.json"
_POINTER = f"# yaml-language-server: $schema={SCHEMA_FILE}\n"
_OF = "profiles:1"


def profiles_schema() -> str:
    """Return the JSON Schema of a profiles file as text; it proposes the platforms that are known here."""
    schema = file_schema(ProfilesFile)
    entry = schema["$defs"]["_ProfileEntry"]
    entry |= {"title": "profile", "description": "One account on one platform."}
    entry["properties"]["platform"]["examples"] = [*known_names(), LEARN]
    return schema_text(schema, of=_OF, title="profiles.yaml of selfcheck")


def with_editor_schema(profiles_file: Path, text: str) -> str:
    """Put the schema beside a new profiles file, and return its text with the line that names it.

    Where another file has that name, or none can be written, the text is returned as it is: without help in
    editors it is as good.
    """
    path = profiles_file.parent / SCHEMA_FILE
    try:
        if path.exists() and f"urn:selfcheck:{_OF}" not in path.read_text(encoding="utf-8"):
            return text
        write_whole(path, profiles_schema().encode())
    except (OSError, ValueError, StorageError):
        return text
    return _POINTER + text
