"""Reports to the table how much of a document has been processed, without delaying the work."""

from __future__ import annotations

import logging
from concurrent.futures import wait
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Executor, Future

    from tasks.messages import TaskMessage
    from tasks.ports import TaskStore
    from tasks.task import Progress

INTERVAL: Final = 2.0  # seconds between two writes
CALL_SECONDS: Final = 4.0  # a call of the table takes at most this long

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class ProgressReport:
    """The report of one invocation about one document.

    A write runs in another thread, so a table that does not answer delays nothing.

    Attributes:
        reporter: where the progress is written.
        message: the message of the document.
        due_at: when the next write is due.
        latest: the last progress that is known.
        written: the last progress that was handed to a thread.
        pending: the write that may still be running.
    """

    reporter: ProgressReporter
    message: TaskMessage
    due_at: float
    latest: Progress | None = None
    written: Progress | None = None
    pending: Future[None] | None = None

    def update(self, progress: Progress) -> None:
        """Note the progress, and write it if a write is due and none is running."""
        self.latest = progress
        now = self.reporter.clock()
        # The next write is further away only if the clock was set back.
        is_due = not now < self.due_at <= now + INTERVAL
        if is_due and self._has_written():
            self.due_at = now + INTERVAL
            self._write()

    def hand_over(self, remaining: Callable[[], float]) -> None:
        """Write the last progress, because another invocation continues; only if there is time."""
        self._wait(remaining() - CALL_SECONDS)
        if self.latest != self.written and self._has_written() and remaining() > CALL_SECONDS:
            self._write()

    def finish(self, remaining: Callable[[], float]) -> None:
        """Wait for the write that is running, so that Lambda does not freeze it."""
        self._wait(remaining() - 1)

    def _has_written(self) -> bool:
        return self.pending is None or self.pending.done()

    def _wait(self, seconds: float) -> None:
        if self.pending is not None:
            wait([self.pending], timeout=max(0.0, seconds))

    def _write(self) -> None:
        if self.latest is not None:
            self.written = self.latest
            self.pending = self.reporter.pool.submit(self._try_to_write, self.latest)

    def _try_to_write(self, progress: Progress) -> None:
        """Write the progress; an error is logged, because the document does not depend on it."""
        fields = self.message.trace_fields
        try:
            self.reporter.store.report_progress(self.message.task_id, progress)
        except Unavailable:
            logger.warning("The progress could not be written", extra=fields)
        except Exception:
            logger.exception("The progress could not be written", extra=fields)


@dataclass(frozen=True, slots=True)
class ProgressReporter:
    """Makes reports.

    Attributes:
        store: the table.
        clock: returns the time in seconds since the epoch.
        pool: the threads that write.
    """

    store: TaskStore
    clock: Callable[[], float]
    pool: Executor

    @contextmanager
    def report(
        self, message: TaskMessage, remaining: Callable[[], float]
    ) -> Iterator[ProgressReport]:
        """Yield the report of an invocation, whose first write is due after `INTERVAL`."""
        report = ProgressReport(self, message, self.clock() + INTERVAL)
        try:
            yield report
        finally:
            report.finish(remaining)
