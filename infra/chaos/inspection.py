"""Inspects the queues after the workload has ended."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

TASK_QUEUES: Final = ("TaskQueue", "BulkQueue")
DEAD_QUEUES: Final = ("DeadLetterQueue", "UnreadableQueue")
QUEUES: Final = (*TASK_QUEUES, "DocumentQueue", *DEAD_QUEUES)
POLL_INTERVAL: Final = 0.2  # seconds
FOUND_VISIBILITY: Final = 10  # seconds until a message reappears if its deletion failed


@dataclass(frozen=True, slots=True)
class Change:
    """One write to a task's row: the status before it (None for a new row) and after it."""

    task_id: str
    before: str | None
    after: str | None


@dataclass(frozen=True, slots=True)
class Found:
    """A received message."""

    body: str
    receipt_handle: str


class Queues(Protocol):
    """The queues of a stack, by name."""

    def send(self, queue: str, body: str) -> None:
        """Send a message."""

    def receive(self, queue: str, visibility: int) -> Sequence[Found]:
        """Receive up to ten messages, and hide them for that many seconds."""

    def delete(self, queue: str, found: Found) -> None:
        """Delete a received message."""

    def size(self, queue: str) -> int:
        """Return the number of messages, including those in flight."""

    def max_receives(self, queue: str) -> int:
        """Return how often a message is received before it moves to the dead-letter queue."""


class UnreadableMessages:
    """Messages that no function can read, and that must not be lost on their way.

    Args:
        queues: the queues of the stack.
        count: how many messages to make; at most ten for each task queue.
        patience: the seconds without a change of any queue after which to stop waiting.
        clock: returns the time in seconds.
        pause: waits for a number of seconds.
    """

    def __init__(
        self,
        queues: Queues,
        count: int,
        patience: float,
        clock: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        formats = ("chaos {}, not JSON", '["chaos", {}]', '{{"chaos": {}, "version": 2}}')
        self.bodies = [formats[number % len(formats)].format(number) for number in range(count)]
        self._queues = queues
        self._patience = patience
        self._clock = clock
        self._pause = pause

    def send(self) -> None:
        """Send the messages to the task queues and use up all their receives but one."""
        for number, body in enumerate(self.bodies):
            self._queues.send(TASK_QUEUES[number % len(TASK_QUEUES)], body)
        for queue in TASK_QUEUES:
            for _ in range(self._queues.max_receives(queue) - 1):
                self._queues.receive(queue, 0)

    def wait(self) -> int:
        """Wait until only these messages are left, all in dead-letter queues.

        Returns:
            The number of messages in the wrong place when the queues had stopped changing.
        """
        for sizes in self._changing_sizes():
            if not (misplaced := self._misplaced(sizes)):
                break
        return misplaced

    def _misplaced(self, sizes: Mapping[str, int]) -> int:
        waiting = sum(sizes[queue] for queue in QUEUES if queue not in DEAD_QUEUES)
        return waiting + abs(sum(sizes[queue] for queue in DEAD_QUEUES) - len(self.bodies))

    def take(self) -> tuple[set[str], int]:
        """Take the unreadable messages out of the queues; no function may be polling them.

        A receive whose response was lost only hides its messages for a while, so the search goes
        on until all were found, the queues are empty, or they have stopped changing.

        Returns:
            The messages that were found, and the number of messages left in the queues.
        """
        found: set[str] = set()
        left = 0
        for sizes in self._changing_sizes():
            left = sum(sizes.values())
            if not left or found.issuperset(self.bodies):
                break
            for queue in QUEUES:
                found.update(self._take(queue))
        return found, left

    def _take(self, queue: str) -> Iterator[str]:
        for found in self._queues.receive(queue, FOUND_VISIBILITY):
            if found.body in self.bodies:
                self._queues.delete(queue, found)
                yield found.body

    def _changing_sizes(self) -> Iterator[dict[str, int]]:
        """Yield the sizes of all queues again and again, until they have stopped changing."""
        sizes: dict[str, int] = {}
        changed_at = self._clock()
        while self._clock() - changed_at < self._patience:
            before, sizes = sizes, {queue: self._queues.size(queue) for queue in QUEUES}
            if sizes != before:
                changed_at = self._clock()
            yield sizes
            self._pause(POLL_INTERVAL)
