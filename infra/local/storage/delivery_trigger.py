"""Starts deliveries in the transactions in which their tasks end."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.local.storage.webhook_store import CREATE_DELIVERY, delivery_to_row, message_to_row
from tasks.webhooks.messages import DeliveryMessage

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from infra.local.storage.task_queue import SqliteTaskQueue
    from tasks.webhooks.start import Ending

_UNFINISHED: Final = """
    SELECT 1 FROM tasks WHERE batch_id = ? AND status = 'PROCESSING' AND created_at = ? LIMIT 1
"""


@dataclass(frozen=True, slots=True)
class DeliveryTrigger:
    """Starts deliveries.

    Attributes:
        queue: the queue of deliveries.
        clock: returns the time in seconds since the epoch.
    """

    queue: SqliteTaskQueue
    clock: Callable[[], float]

    def start(self, connection: sqlite3.Connection, ending: Ending) -> bool:
        """Write the row and the first message of a delivery, unless tasks of its batch are left.

        Returns whether they were written. The caller must notify after the transaction.
        """
        if ending.batch_id is not None and self._has_unfinished(connection, ending):
            return False
        now = self.clock()
        delivery = ending.delivery(now)
        connection.execute(CREATE_DELIVERY, delivery_to_row(delivery))
        message = DeliveryMessage.of(delivery, now)
        self.queue.insert(connection, [message_to_row(message, now)])
        return True

    def notify(self) -> None:
        """Wake the senders."""
        self.queue.notify()

    @staticmethod
    def _has_unfinished(connection: sqlite3.Connection, ending: Ending) -> bool:
        """Whether a task of the batch is left; an expired one may have had the same id."""
        values = (ending.batch_id, ending.created_at)
        return connection.execute(_UNFINISHED, values).fetchone() is not None
