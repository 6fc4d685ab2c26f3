"""Owners of tasks: hashes of API keys, or of the part that the keys of one owner share.

A key of `make add-key` or `make rotate-key` is the part of its owner, a mark and a random part. The
gateway verifies the whole key, so nothing has to be looked up to find its owner. The owner's id
alone gives no access, because a hash does not reveal the part.
"""

from __future__ import annotations

import hashlib
import re
from typing import Final

KEY_MARK: Final = "Barback"
RANDOM_LENGTH: Final = 40  # letters and digits after the mark
_TWO_PARTS: Final = re.compile(rf"(.+){KEY_MARK}[0-9A-Za-z]{{{RANDOM_LENGTH}}}")


def owner_part(key: str) -> str:
    """Return the part that all keys of an owner share; of any other key, the whole key."""
    parts = _TWO_PARTS.fullmatch(key)
    return parts[1] if parts else key


def owner_of(key: str) -> str:
    """Return the owner of the tasks of a key: 32 hexadecimal digits."""
    return hashlib.sha256(owner_part(key).encode()).hexdigest()[:32]
