"""Ends the tasks of dead letters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.aws.events import read_event
from tasks.errors import Unavailable
from tasks.task import ErrorType, Outcome, Status, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.aws.events import Delivery
    from tasks.ports import TaskStore, Telemetry

WORKER_LOST: Final = TaskError(
    ErrorType.WORKER_LOST,
    "Every worker that received this task stopped before finishing it; submit it again.",
    retryable=True,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reaper:
    """Ends tasks as `worker-lost`. The clock returns seconds since the epoch."""

    store: TaskStore
    clock: Callable[[], float]
    telemetry: Telemetry

    def run(self, event: object) -> list[str]:
        """End the tasks of an SQS event; return the ids of the messages that must be kept."""
        deliveries, unreadable = read_event(event)
        failures = unreadable + [d.message_id for d in deliveries if not self._end(d)]
        self.telemetry.flush()
        return failures

    def _end(self, delivery: Delivery) -> bool:
        fields = {"task_id": delivery.message.task_id}
        try:
            outcome = Outcome(Status.FAIL, self.clock(), error=WORKER_LOST)
            if self.store.finish(delivery.message.task_id, outcome):
                logger.warning("No worker finished the task", extra=fields)
                self.telemetry.observe(f"Failure-{WORKER_LOST.type}", 1)
        except Unavailable:
            logger.warning("The outcome could not be written", extra=fields)
            return False
        return True
