"""How far a document has been processed, for the invocation that continues it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.task import Progress

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The state of a document between two batches. The continuing message contains it.

    Attributes:
        started_at: when the first invocation began, in seconds since the epoch.
        seconds: the time that all earlier invocations took.
        offset: the number of bytes read.
        line: the number of the last line read.
        answered: the number of lines with an answer.
        failed: the number of lines with an error.
        ends: the offsets at which earlier invocations stopped; each wrote a part up to its offset.
        is_read: whether the whole document has been read.
    """

    started_at: float
    seconds: float = 0.0
    offset: int = 0
    line: int = 0
    answered: int = 0
    failed: int = 0
    ends: Sequence[int] = ()
    is_read: bool = False

    def progress(self, size: int) -> Progress:
        """Return the progress that the owner sees, given the size of the file in bytes."""
        return Progress(
            fraction=min(1.0, self.offset / size) if size else 1.0,
            lines=self.answered + self.failed,
            answered=self.answered,
            failed=self.failed,
        )
