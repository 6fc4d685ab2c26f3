"""Ends the tasks of dead letters, and continues their deliveries."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.aws.events import read_messages
from tasks.failure_log import log_failures
from tasks.messages import TaskMessage, parse
from tasks.ports import SAFETY_MARGIN
from tasks.task import ErrorType, Outcome, Status, TaskError
from tasks.webhooks.delivery import Reason
from tasks.webhooks.messages import DeliveryMessage, is_delivery
from tasks.webhooks.sender import abandon

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.failure_log import Failure
    from tasks.ports import TaskStore, Telemetry
    from tasks.webhooks.ports import DeliveryQueue, DeliveryStore

WORKER_LOST: Final = TaskError(
    ErrorType.WORKER_LOST,
    "Every worker that received this task stopped before finishing it; submit it again.",
    retryable=True,
)

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Reaper:
    """Ends tasks as `worker-lost`, and attempts of deliveries as `sender-lost`.

    The clock returns seconds since the epoch.
    """

    store: TaskStore
    webhooks: DeliveryStore
    webhook_queue: DeliveryQueue
    clock: Callable[[], float]
    telemetry: Telemetry

    def run(self, event: object, remaining: Callable[[], float]) -> list[str]:
        """End the tasks and attempts of an SQS event.

        Returns the ids of the messages that must be kept.

        Args:
            event: the event, as Lambda passes it.
            remaining: returns the seconds until Lambda ends this invocation.
        """
        deliveries, kept = read_messages(event, _decode)
        failures: list[Failure] = []
        for delivery in deliveries:
            if remaining() < SAFETY_MARGIN:
                kept.append(delivery.message_id)
                continue
            try:
                self._end(delivery.message)
            except Exception as error:  # noqa: BLE001 - any error affects only one letter
                failures.append((delivery.message.trace_fields, error))
                kept.append(delivery.message_id)
        log_failures(logger, "Outcomes could not be written", failures)
        self.telemetry.flush()
        return kept

    def _end(self, message: TaskMessage | DeliveryMessage) -> None:
        if isinstance(message, DeliveryMessage):
            if abandon(self.webhooks, self.webhook_queue, message, self.clock()):
                logger.warning("No function finished the attempt", extra=message.trace_fields)
                self.telemetry.observe(f"Failure-{Reason.SENDER_LOST}", 1)
            return
        outcome = Outcome(Status.FAIL, self.clock(), error=WORKER_LOST)
        if self.store.finish(message.task_id, outcome):
            logger.warning("No worker finished the task", extra=message.trace_fields)
            self.telemetry.observe(f"Failure-{WORKER_LOST.type}", 1)


def _decode(text: str) -> TaskMessage | DeliveryMessage:
    """Read a message of either kind.

    Raises:
        MessageUnreadable: the text is no message of a known version.
    """
    if is_delivery(parse(text)):
        return DeliveryMessage.decode(text)
    return TaskMessage.decode(text)
