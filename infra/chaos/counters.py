"""Counters that a child process writes and its parent reads, even after the child was killed."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import MutableSequence

INSIDE: Final = "inside"  # batches that a worker has in hand at this moment
NAMES: Final = (
    "calls throttled",
    "calls answered with 500",
    "calls timed out",
    "answers lost after the write",
    "batches handled twice at once",
    "messages sent twice",
    "model crashed on poison",
    "model failed for a moment",
    INSIDE,
)


class Tally:
    """Counts by name over shared memory that one process alone writes.

    No lock is shared: a child that is killed would take it along.
    """

    def __init__(self, cells: MutableSequence[int]) -> None:
        self._cells = cells
        self._lock = threading.Lock()

    def add(self, name: str, by: int = 1) -> None:
        """Count, from any thread of the process that writes."""
        with self._lock:
            self._cells[NAMES.index(name)] += by

    def __getitem__(self, name: str) -> int:
        return self._cells[NAMES.index(name)]
