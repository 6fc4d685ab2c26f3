"""Counters in shared memory: a child process writes them, and the run reads them."""

from __future__ import annotations

import mmap
import os
import threading
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import MutableSequence
    from pathlib import Path


class Metric(StrEnum):
    """What a child process counts."""

    CALLS_THROTTLED = "AWS calls throttled"
    CALLS_FAILED = "AWS calls answered with 500"
    CALLS_TIMED_OUT = "AWS calls timed out"
    RESPONSES_LOST = "AWS responses lost"
    BATCHES_DUPLICATED = "batches processed twice at once"
    MESSAGES_DUPLICATED = "messages sent twice"
    MODEL_CRASHES = "model crashes on poisoned drinks"
    MODEL_FAILURES = "temporary model failures"
    BATCHES_IN_PROGRESS = "batches in progress"


INDEX: Final = {metric: index for index, metric in enumerate(Metric)}
CELL: Final = 8  # bytes


class Counters:
    """Counters that exactly one process writes; any process may read them, even after its end.

    No lock is shared between processes: a killed child would never release it.
    """

    def __init__(self, cells: MutableSequence[int] | memoryview[int]) -> None:
        self._cells = cells
        self._lock = threading.Lock()

    @classmethod
    def in_file(cls, path: Path) -> Counters:
        """Return the counters in a file, which is created if necessary."""
        size = CELL * len(Metric)
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            os.ftruncate(descriptor, size)
            return cls(memoryview(mmap.mmap(descriptor, size)).cast("q"))
        finally:
            os.close(descriptor)

    def add(self, metric: Metric, by: int = 1) -> None:
        """Increase a counter. Any thread of the writing process may call this."""
        with self._lock:
            self._cells[INDEX[metric]] += by

    def __getitem__(self, metric: Metric) -> int:
        return self._cells[INDEX[metric]]
