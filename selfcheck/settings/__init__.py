"""What the user asks for, read from `profiles.yaml`, the command line and the environment.

Laws:
1. Every mistake of a file is collected before one error is raised; nothing has been opened by then.
2. No secret stands in `profiles.yaml`: what needs one names the environment variable or the keyring.
"""

from selfcheck.settings.preferences import Preferences, web_address
from selfcheck.settings.profiles import Configuration, default_jobs, read_configuration, read_preferences

__all__ = [
    "Configuration",
    "Preferences",
    "default_jobs",
    "read_configuration",
    "read_preferences",
    "web_address",
]
