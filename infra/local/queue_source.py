"""A queue in SQLite as the source of an event source."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from infra.local.event_source import Message

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Collection, Sequence

    from infra.local.storage.task_queue import SqliteTaskQueue


@dataclass(frozen=True, slots=True)
class QueueSource:
    """A queue in SQLite as the source of an event source.

    Attributes:
        queue: the queue.
        woken: is set by senders.
        busy: returns the owners whose messages are not received at the moment; `woken` is set when
            there are fewer.
        clock: the clock of the queue, which may be set back.
        timer: measures the wait.
    """

    queue: SqliteTaskQueue
    woken: threading.Event
    busy: Callable[[], Collection[str]] = tuple
    clock: Callable[[], float] = time.time
    timer: Callable[[], float] = time.monotonic

    def receive(self, maximum: int, wait: float) -> Sequence[Message]:
        """Receive messages, or wait until a sender wakes this source or a message is visible."""
        ends_at = self.timer() + wait
        while True:
            self.woken.clear()
            busy = self.busy()
            found = [
                Message(
                    item.message_id,
                    item.receipt_handle,
                    item.body,
                    item.receive_count,
                    item.sent_at,
                    item.owner,
                )
                for item in self.queue.receive(maximum, busy)
            ]
            left = ends_at - self.timer()
            if found or left <= 0:
                return found
            visible_at = self.queue.next_visible_at(busy)
            if visible_at is not None:
                left = min(left, visible_at - self.clock())
            self.woken.wait(max(0.001, left))

    def delete(self, messages: Sequence[Message]) -> None:
        """Delete messages."""
        if messages:
            self.queue.delete([message.receipt_handle for message in messages])
