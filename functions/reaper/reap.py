"""Ends the tasks whose messages came to the dead-letter queue."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.delivery import read_event
from tasks.errors import Unavailable
from tasks.model import ErrorType, Outcome, Status, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.delivery import Delivery
    from tasks.store import TaskStore
    from tasks.telemetry import Telemetry

WORKER_LOST: Final = TaskError(
    ErrorType.WORKER_LOST,
    "Every worker that took this task was lost before it could finish; submit it again.",
    retryable=True,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reaper:
    """What the reaper works with: the table, the time in seconds since the epoch, metrics."""

    store: TaskStore
    clock: Callable[[], float]
    telemetry: Telemetry

    def run(self, event: object) -> list[str]:
        """End the tasks of an SQS event; return the ids of the messages that must stay."""
        deliveries, unreadable = read_event(event)
        failures = unreadable + [d.message_id for d in deliveries if not self._reap(d)]
        self.telemetry.flush()
        return failures

    def _reap(self, delivery: Delivery) -> bool:
        fields = {"task_id": delivery.message.task_id}
        try:
            outcome = Outcome(Status.FAIL, self.clock(), error=WORKER_LOST)
            if self.store.finish(delivery.message.task_id, outcome):
                logger.warning("No worker finished it", extra=fields)
                self.telemetry.observe(f"Failure-{WORKER_LOST.type}", 1)
        except Unavailable:
            logger.warning("No outcome could be written", extra=fields)
            return False
        return True
