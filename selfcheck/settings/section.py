"""What all sections of `settings:` share; apart, so that a section and all of them can name each other."""

from pydantic import BaseModel, ConfigDict


class Section(BaseModel):
    """A frozen section of the settings that refuses unknown keys."""

    model_config = ConfigDict(frozen=True, extra="forbid")
