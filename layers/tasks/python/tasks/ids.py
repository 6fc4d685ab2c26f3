"""Task ids: UUIDv7 (RFC 9562, section 5.7), whose first 48 bits are the time in milliseconds."""

from __future__ import annotations

import hashlib
import os
import uuid
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable

VERSION: Final = 7
VARIANT: Final = 0b10
LATEST: Final = (1 << 48) - 1  # milliseconds since the epoch
MAX_COUNT: Final = 1 << 12  # the ids of an array differ in the 12 bits after the version


def new_task_id(now: float, entropy: Callable[[int], bytes] = os.urandom) -> str:
    """Return an id for a task submitted at `now` (seconds since the epoch).

    The random bits come from the operating system and not from a generator in this process: two
    copies of one snapshot would share the generator's state and produce the same ids. Simulations
    replace them.
    """
    random = int.from_bytes(entropy(10))
    return _uuid(int(now * 1000), random >> 68, random)


def ids_of_array(seed: str, count: int) -> list[str]:
    """Return the ids of the tasks of an array, in the order of the array.

    All follow from the first of them and from the count. They have the time of the seed, their
    place in the array, and 62 bits of the seed or of a hash. `seed` is a new id or the first one.
    """
    value = uuid.UUID(seed).int
    milliseconds = value >> 80
    first = _uuid(milliseconds, 0, value)
    hashes = (_hash(f"{first}-{count}/{place}") for place in range(1, count))
    others = (_uuid(milliseconds, place, found) for place, found in enumerate(hashes, 1))
    return [first, *others]


def first_id_of(now: float) -> str:
    """Return an id that no task submitted at `now` or later precedes."""
    return _uuid(min(max(int(now * 1000), 0), LATEST), 0, 0)


def submitted_at(task_id: str) -> float | None:
    """Return when the id was made, in seconds since the epoch, or None if it is not a UUIDv7."""
    try:
        parsed = uuid.UUID(task_id)
    except ValueError:
        return None
    if parsed.version != VERSION or str(parsed) != task_id:
        return None
    return (parsed.int >> 80) / 1000


def _uuid(milliseconds: int, high: int, low: int) -> str:
    """Return the UUID with a time and random bits: the last 12 bits of `high`, and 62 of `low`."""
    value = milliseconds << 80 | VERSION << 76 | (high % MAX_COUNT) << 64 | VARIANT << 62
    return str(uuid.UUID(int=value | low & ((1 << 62) - 1)))


def _hash(text: str) -> int:
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
