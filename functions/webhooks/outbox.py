"""Sends the deliveries in an SQS event, all at the same time."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tasks.aws.events import read_messages
from tasks.failure_log import log_failures
from tasks.webhooks.messages import DeliveryMessage

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Executor

    from tasks.aws.events import Received
    from tasks.failure_log import Failure
    from tasks.webhooks.sender import DeliverySender

MAX_THREADS: Final = 10  # the batch size in template.yaml
NEEDED: Final = 20.0  # seconds for a request of ten, and the calls of the table and the queue

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Outbox:
    """Sends deliveries, in threads, so that one slow receiver does not delay the batch's others."""

    sender: DeliverySender
    pool: Executor

    def run(self, event: object, remaining: Callable[[], float]) -> list[str]:
        """Make the attempts of an event, and return the ids of the messages to deliver again.

        Args:
            event: the event, as Lambda passes it.
            remaining: returns the seconds until Lambda ends this invocation.
        """
        received, kept = read_messages(event, DeliveryMessage.decode)
        if received and remaining() < NEEDED:
            return kept + [each.message_id for each in received]
        failures: list[Failure] = []
        results = self.pool.map(lambda each: self._send(each, failures), received)
        pairs = zip(received, results, strict=True)
        kept += [each.message_id for each, is_done in pairs if not is_done]
        log_failures(logger, "Attempts could not be made or recorded", failures)
        return kept

    def _send(self, received: Received[DeliveryMessage], failures: list[Failure]) -> bool:
        """Make an attempt; return whether its message can be deleted."""
        try:
            self.sender.deliver(received.message)
        except Exception as error:  # noqa: BLE001 - any error affects only one delivery
            failures.append((received.message.trace_fields, error))
            return False
        return True
