"""How long a queue is and how fast it shrinks, as one process sees it."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from tasks.errors import Unavailable
from tasks.ids import submitted_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.model import TaskMessage
    from tasks.queue import TaskQueue

LOOK_EVERY: Final = 2.0  # seconds
# Two looks that lie further apart say little: an instance that Lambda froze sleeps for minutes.
LONGEST_GAP: Final = 10.0
GAPS: Final = 15  # of which the rate is the mean
STALLED_WAIT: Final = 10  # seconds, where tasks wait and none was completed between two looks

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backlog:
    """A queue at a moment.

    Attributes:
        depth: messages that wait.
        in_flight: messages that workers have.
        rate: tasks completed in a second while there was work; None if none was seen. What other
            processes submit hides completions: it is rather too low than too high.
        expected_wait: seconds until a task that is submitted now is done; None if unknown.
    """

    depth: int
    in_flight: int
    rate: float | None
    expected_wait: float | None


@dataclass(slots=True)
class WatchedQueue:
    """A queue that is looked at when somebody asks how long it is, and only every 2 s."""

    queue: TaskQueue
    clock: Callable[[], float] = time.time
    _turn: threading.Lock = field(default_factory=threading.Lock)
    _next_look: float = -math.inf
    _read_at: float = -math.inf
    _depth: int = 0
    _in_flight: int = 0
    _sent: int = 0  # since it was read
    _gaps: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=GAPS))
    _sends: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=1000))

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Put messages in the queue."""
        self.queue.send(messages)
        submitted = [submitted_at(message.task_id) for message in messages]
        latest = max((time for time in submitted if time is not None), default=self.clock())
        with self._turn:
            self._sent += len(messages)
            self._sends.append((latest, len(messages)))

    def postpone(self, receipt_handle: str, seconds: int) -> None:
        """Let a message that was received come again in that many seconds."""
        self.queue.postpone(receipt_handle, seconds)

    def length(self) -> tuple[int, int]:
        """Return how many messages wait, and how many are in flight, as they were last read."""
        with self._turn:
            now = self.clock()
            if is_due := now >= self._next_look:
                self._next_look = now + LOOK_EVERY
        if is_due:
            self._look(now)
        return self._depth, self._in_flight

    def backlog(self) -> Backlog:
        """Return the queue as it was last read, with what can be told from that."""
        depth, in_flight = self.length()
        with self._turn:
            seconds = sum(gap for gap, _ in self._gaps)
            completed = sum(count for _, count in self._gaps)
        rate = completed / seconds if completed > 0 else None
        remaining = depth + in_flight
        wait = 0.0 if not remaining else remaining / rate if rate else None
        return Backlog(depth, in_flight, rate, wait)

    def retry_after(self, created_at: float) -> int:
        """Return in how many seconds, 1 at least, a task of that time may be done.

        What this process sent after it does not stand before it.
        """
        backlog = self.backlog()
        with self._turn:
            is_stalled = bool(self._gaps) and not backlog.rate
            behind = sum(count for at, count in self._sends if created_at < at <= self._read_at)
            unread = sum(count for at, count in self._sends if self._read_at < at <= created_at)
        ahead = backlog.depth + backlog.in_flight - behind + unread
        if ahead <= 0 or not backlog.rate:
            return STALLED_WAIT if ahead > 0 and is_stalled else 1
        return math.ceil(ahead / backlog.rate)

    def _look(self, now: float) -> None:
        with self._turn:
            sent = self._sent
        try:
            depth, in_flight = self.queue.length()
        except Unavailable:
            logger.warning("A queue did not tell its length")
            return
        with self._turn:
            gap = now - self._read_at
            before = self._depth + self._in_flight
            if gap > LONGEST_GAP:
                self._gaps.clear()
            elif before:
                # Below zero where SQS is late to count: the next gap makes up for it.
                self._gaps.append((gap, before + sent - depth - in_flight))
            self._read_at = now
            self._depth, self._in_flight = depth, in_flight
            self._sent -= sent
