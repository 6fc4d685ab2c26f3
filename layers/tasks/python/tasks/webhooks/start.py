"""Starts the delivery of a task's or batch's end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tasks.batch_ids import task_ids_of
from tasks.errors import BatchNotFound
from tasks.webhooks.delivery import WebhookDelivery, delivery_id_of
from tasks.webhooks.messages import DeliveryMessage

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.ports import TaskStore
    from tasks.webhooks.ports import DeliveryQueue, DeliveryStore


@dataclass(frozen=True, slots=True)
class Ending:
    """The end of a task with a webhook, as far as its delivery needs to know it.

    `created_at` is when it was submitted. `batch_id` is None if that was not in an array.
    """

    task_id: str
    owner: str
    url: str
    created_at: float
    expires_at: float
    batch_id: str | None = None
    traceparent: str | None = None

    @property
    def delivery_id(self) -> str:
        """The id of the delivery of the task, or of its batch."""
        return delivery_id_of(self.task_id, self.batch_id, self.created_at)

    def delivery(self, now: float) -> WebhookDelivery:
        """Return the delivery that starts now."""
        return WebhookDelivery(
            delivery_id=self.delivery_id,
            owner=self.owner,
            url=self.url,
            created_at=now,
            expires_at=self.expires_at,
            started_at=now,
            batch_id=self.batch_id,
            traceparent=self.traceparent,
        )


@dataclass(frozen=True, slots=True)
class DeliveryStarter:
    """Writes the rows of deliveries and sends their first messages.

    Attributes:
        tasks: the tasks, of which a batch is read.
        deliveries: the rows.
        queue: the messages.
        clock: returns the time in seconds since the epoch.
    """

    tasks: TaskStore
    deliveries: DeliveryStore
    queue: DeliveryQueue
    clock: Callable[[], float]

    def start(self, ending: Ending) -> bool:
        """Start the delivery of a task, or that of its batch if all its tasks have ended.

        Repeating this changes nothing: the row exists, and the message of an attempt that was made
        is ignored. So it also repairs a crash between the row and the message.

        Returns False if tasks of the batch have not ended.

        Raises:
            Unavailable: the table or the queue did not answer.
        """
        if ending.batch_id is not None and not self._has_ended(ending.batch_id):
            return False
        now = self.clock()
        delivery = ending.delivery(now)
        self.deliveries.create_delivery(delivery)
        self.queue.send([DeliveryMessage.of(delivery, now)], now)
        return True

    def _has_ended(self, batch_id: str) -> bool:
        """Whether all tasks of a batch have ended, or are deleted."""
        try:
            ids = task_ids_of(batch_id, self.tasks, self.clock())
        except BatchNotFound:  # it has expired
            return True
        return all(task.is_final for task in self.tasks.get_many(ids).values())
