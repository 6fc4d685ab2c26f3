"""The header `traceparent` of W3C Trace Context."""

from __future__ import annotations

import re
from typing import Final

# version, trace id, parent id, flags. Zeros stand for "none", and version ff is forbidden.
_TRACEPARENT: Final = re.compile(
    r"(?!ff)[0-9a-f]{2}-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}"
)


def valid_traceparent(header: str) -> str | None:
    """Return the header, or None if it has another form, in which case W3C says to ignore it."""
    return header if _TRACEPARENT.fullmatch(header) else None
