"""What an owner can do with deliveries: look at them, and start them again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.errors import NothingToDeliver, RedeliveryRefused, Unavailable
from tasks.webhooks.delivery import MAX_ATTEMPTS, delivery_id_of
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.start import Ending

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.task import Task
    from tasks.webhooks.delivery import WebhookDelivery
    from tasks.webhooks.ports import DeliveryQueue, DeliveryStore
    from tasks.webhooks.start import DeliveryStarter


@dataclass(frozen=True, slots=True)
class DeliveryService:
    """The deliveries of an owner's tasks. The clock returns seconds since the epoch."""

    deliveries: DeliveryStore
    queue: DeliveryQueue
    starter: DeliveryStarter
    clock: Callable[[], float]

    def find(self, task: Task) -> WebhookDelivery | None:
        """Return the delivery of a task or of its batch, or None if there is none yet.

        Raises:
            Unavailable: the table did not answer.
        """
        delivery_id = delivery_id_of(task.task_id, task.batch_id, task.created_at)
        return self.deliveries.get_delivery(delivery_id)

    def restart(self, task: Task) -> WebhookDelivery:
        """Start the delivery of a task or of its batch again, with all its attempts.

        Raises:
            NothingToDeliver: the task has no webhook, or its batch has not ended.
            RedeliveryRefused: the delivery has had too many attempts.
            Unavailable: the table or the queue did not answer; repeating the call is safe.
        """
        if task.webhook is None:
            raise NothingToDeliver("The task has no webhook; submit it with ?webhook=https://….")
        if not task.is_final:
            raise NothingToDeliver("The task has not ended; its delivery starts when it ends.")
        found = self.find(task)
        if found is None:
            return self._start(task, task.webhook)
        if found.version > MAX_ATTEMPTS:
            raise RedeliveryRefused
        now = self.clock()
        restarted = found.restarted(now)
        if not self.deliveries.replace_delivery(restarted, found):
            raise Unavailable("The delivery changed at the same time.")
        self.queue.send([DeliveryMessage.of(restarted, now)], now)
        return restarted

    def _start(self, task: Task, url: str) -> WebhookDelivery:
        """Start a delivery that has no row: its record of the stream waits, or was lost."""
        ending = Ending(
            task.task_id,
            task.owner,
            url,
            task.created_at,
            task.expires_at,
            task.batch_id,
            task.traceparent,
        )
        if not self.starter.start(ending):
            raise NothingToDeliver("A task of the array has not ended; the delivery waits for it.")
        found = self.find(task)
        if found is None:
            raise Unavailable("The delivery expired a moment ago.")
        return found
