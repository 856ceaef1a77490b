"""What every section of the `settings:` shares; apart, so that no section needs the others."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen section of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
