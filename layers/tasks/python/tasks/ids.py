"""Task ids: UUIDv7 (RFC 9562, section 5.7), whose first 48 bits are the time in milliseconds."""

from __future__ import annotations

import os
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION: Final = 7


def new_task_id(now: float, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """Return an id for a task submitted at `now` (seconds since the epoch).

    The random bits come from the operating system and not from a generator in this process: two
    copies of one snapshot would share the generator's state and produce the same ids. Simulations
    replace them.
    """
    milliseconds = int(now * 1000)
    random = int.from_bytes(entropy(10))
    value = milliseconds << 80 | VERSION << 76 | (random >> 68) << 64 | 0b10 << 62
    return str(uuid.UUID(int=value | random & ((1 << 62) - 1)))


def submitted_at(task_id: str) -> float | None:
    """Return when the id was made, in seconds since the epoch, or None if it is not a UUIDv7."""
    try:
        parsed = uuid.UUID(task_id)
    except ValueError:
        return None
    if parsed.version != VERSION or str(parsed) != task_id:
        return None
    return (parsed.int >> 80) / 1000
