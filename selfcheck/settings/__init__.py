"""What the user asks for, read from `profiles.yaml`, the command line and the environment.

Laws:
1. Every mistake of a file is collected before one error is raised; nothing has been opened by then.
2. No secret stands in `profiles.yaml`: what needs one names the environment variable or the keyring.
"""

from selfcheck.settings.preferences import Preferences
from selfcheck.settings.profiles import (
    chosen_profiles,
    default_jobs,
    read_preferences,
    read_profiles,
    read_request,
    web_address,
)

__all__ = [
    "Preferences",
    "chosen_profiles",
    "default_jobs",
    "read_preferences",
    "read_profiles",
    "read_request",
    "web_address",
]
