"""An event source of a function that waits for others: many invocations with one message each.

Messages of one group, such as those for one receiver of webhooks, use a share of the invocations
only. So a group whose messages take long delays no other.
"""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from threading import Condition
from typing import TYPE_CHECKING, Any, Final

from infra.local.event_source import WAIT, EventSource

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Sequence

    from infra.local.event_source import Message

CONCURRENCY: Final = 50  # invocations at a time
SHARE: Final = 10  # of the messages of one group; a few more for a moment


class Load:
    """Counts the messages that are being processed.

    Args:
        changed: is called when there are fewer.
    """

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._condition = Condition()
        self._groups: Counter[str] = Counter()

    def busy(self) -> Sequence[str]:
        """Return the groups that have their share of the invocations."""
        with self._condition:
            return [group for group, count in self._groups.items() if count >= SHARE]

    def free(self, wait: float) -> int:
        """Return how many more messages can be processed; wait that many seconds for one."""
        with self._condition:
            self._condition.wait_for(lambda: self._groups.total() < CONCURRENCY, wait)
            return CONCURRENCY - self._groups.total()

    def begin(self, group: str) -> None:
        """Count a message."""
        with self._condition:
            self._groups[group] += 1

    def end(self, group: str) -> None:
        """Count a message no more."""
        with self._condition:
            self._groups[group] -= 1
            if not self._groups[group]:
                del self._groups[group]
            self._condition.notify()
        self._changed()


class ConcurrentEventSource(EventSource):
    """Feeds one function from one queue, with one message in each invocation."""

    def __init__(self, *given: Any, load: Load, **named: Any) -> None:
        """Args: those of an event source; `load` counts the messages."""
        super().__init__(*given, **named)
        self._load = load
        self._pool = ThreadPoolExecutor(CONCURRENCY, "invocation")

    def run(self, stop: threading.Event) -> None:
        """Poll until `stop` is set; the messages that have been received are processed."""
        super().run(stop)
        self._pool.shutdown()

    def poll(self) -> int:
        """Start to process some messages, and return how many, or 0 if there were none."""
        if not (free := self._load.free(WAIT)):
            return 0
        messages = self._queue.receive(min(free, self._mapping.batch_size), WAIT)
        for message in messages:
            self._load.begin(message.group)
            self._pool.submit(self._process_one, message)
        return len(messages)

    def _process_one(self, message: Message) -> None:
        try:
            self._process([message])
        except Exception as error:  # noqa: BLE001 - the message will be received again
            self._log_failure(error)
        finally:
            self._load.end(message.group)
