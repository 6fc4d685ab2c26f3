"""Ends the tasks of dead letters."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.aws.events import read_event
from tasks.failure_log import log_failures
from tasks.ports import SAFETY_MARGIN
from tasks.task import ErrorType, Outcome, Status, TaskError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.failure_log import Failure
    from tasks.messages import TaskMessage
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

    def run(self, event: object, remaining: Callable[[], float]) -> list[str]:
        """End the tasks of an SQS event and return the ids of the messages that must be kept.

        Args:
            event: the event, as Lambda passes it.
            remaining: returns the seconds until Lambda ends this invocation.
        """
        deliveries, kept = read_event(event)
        failures: list[Failure] = []
        for delivery in deliveries:
            if remaining() < SAFETY_MARGIN:
                kept.append(delivery.message_id)
                continue
            try:
                self._end(delivery.message)
            except Exception as error:  # noqa: BLE001 - any error ends only one task
                failures.append((delivery.message.trace_fields, error))
                kept.append(delivery.message_id)
        log_failures(logger, "Outcomes could not be written", failures)
        self.telemetry.flush()
        return kept

    def _end(self, message: TaskMessage) -> None:
        outcome = Outcome(Status.FAIL, self.clock(), error=WORKER_LOST)
        if self.store.finish(message.task_id, outcome):
            logger.warning("No worker finished the task", extra=message.trace_fields)
            self.telemetry.observe(f"Failure-{WORKER_LOST.type}", 1)
