"""What detect-secrets takes for a secret: a second opinion, which knows nothing of what was planted.

Its detectors of known kinds of token, and its two measures of entropy with their usual limits, read every
line of text. Left out is what is no text: base64 of pictures and attachments, where chance finds anything.
"""

import re
from collections.abc import Iterator

from detect_secrets.core.plugins.util import get_mapping_from_secret_type_to_class

_NO_TEXT = re.compile(r"[A-Za-z0-9+/=]{200,}|^(?:[A-Za-z0-9+/=]{60,}\r?\n)+[A-Za-z0-9+/=]*\r?$", re.MULTILINE)
_DIGEST = re.compile(r"[0-9a-f]{64}|[0-9a-f]{12}")
"""What a run is full of: SHA-256 of its files, and the ids of stories."""
_LIMITS = {"Base64HighEntropyString": {"limit": 4.5}, "HexHighEntropyString": {"limit": 3.0}}


class SecondOpinion:
    """The detectors, made once."""

    def __init__(self) -> None:
        kinds = {kind.__name__: kind for kind in get_mapping_from_secret_type_to_class().values()}
        del kinds["IPPublicDetector"]  # an address of a server is no secret
        self._detectors = [kind(**_LIMITS.get(name, {})) for name, kind in sorted(kinds.items())]

    def suspicions(self, data: bytes) -> Iterator[str]:
        """What looks like a secret in a text; nothing is looked for in other files."""
        try:
            text = _NO_TEXT.sub("", data.decode())
        except UnicodeDecodeError:
            return
        for number, line in enumerate(text.splitlines(), 1):
            for detector in self._detectors:
                for found in detector.analyze_line(filename="it", line=line, line_number=number):
                    if not _DIGEST.fullmatch(found.secret_value or ""):
                        yield f"line {number}: {found.type} {found.secret_value}"
