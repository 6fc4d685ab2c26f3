"""The length and speed of a queue, as one process observes them."""

from __future__ import annotations

import logging
import math
import threading
import time
from bisect import bisect_right
from collections import deque
from dataclasses import dataclass, field
from operator import itemgetter
from typing import TYPE_CHECKING, Final

from tasks.errors import Unavailable
from tasks.ids import submitted_at

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.messages import TaskMessage
    from tasks.ports import TaskQueue

REFRESH_INTERVAL: Final = 2.0  # seconds
# Readings further apart say little: Lambda may have frozen this instance for minutes.
LONGEST_INTERVAL: Final = 10.0
INTERVALS: Final = 15  # how many the rate is the mean of
STALLED_WAIT: Final = 10  # seconds, if tasks are waiting and none was completed recently

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Backlog:
    """The state of a queue at one moment.

    Attributes:
        depth: the number of waiting messages.
        in_flight: the number of messages that workers are processing.
        rate: tasks completed per second while others waited; None if unknown. Submissions of
            other processes hide completions, so the rate is rather too low than too high.
        expected_wait: seconds until a task submitted now is done; None if unknown.
    """

    depth: int
    in_flight: int
    rate: float | None
    expected_wait: float | None


@dataclass(slots=True)
class MonitoredQueue:
    """A queue whose length is read when someone asks for it, at most every 2 s."""

    queue: TaskQueue
    clock: Callable[[], float] = time.time
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _next_refresh: float = -math.inf
    _read_at: float = -math.inf
    _depth: int = 0
    _in_flight: int = 0
    _sent: int = 0  # since the last reading
    # Those in which messages waited all the time: how long, and the tasks that were completed.
    _intervals: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=INTERVALS))
    _is_stalled: bool = False  # nothing was completed between the last two readings
    _sent_in_total: int = 0
    # The times of the last sends in order, and the number of messages that were sent before each.
    _sends: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=1000))

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Put messages in the queue."""
        self.queue.send(messages)
        now = self.clock()
        submitted = [submitted_at(message.task_id) for message in messages]
        latest = max((time for time in submitted if time is not None), default=now)
        with self._lock:
            if self._sends and latest < self._sends[-1][0]:
                latest = now  # these tasks were sent before
            self._sends.append((latest, self._sent_in_total))
            self._sent_in_total += len(messages)
            self._sent += len(messages)

    def length(self) -> tuple[int, int]:
        """Return the last reading of the number of waiting messages, and of those in flight."""
        with self._lock:
            now = self.clock()
            # The next refresh is further away only if the clock was set back.
            if is_due := not now < self._next_refresh <= now + REFRESH_INTERVAL:
                self._next_refresh = now + REFRESH_INTERVAL
        if is_due:
            self._refresh(now)
        return self._depth, self._in_flight

    def backlog(self) -> Backlog:
        """Return the last reading, with the rate and the expected wait that follow from it."""
        depth, in_flight = self.length()
        with self._lock:
            seconds = sum(interval for interval, _ in self._intervals)
            completed = sum(count for _, count in self._intervals)
        rate = completed / seconds if completed > 0 else None
        remaining = depth + in_flight
        wait = 0.0 if not remaining else remaining / rate if rate else None
        return Backlog(depth, in_flight, rate, wait)

    def retry_after(self, created_at: float) -> int:
        """Return the seconds (at least 1) until a task created at that time may be done.

        Messages that this process sent after the task are not ahead of it in the queue.
        """
        backlog = self.backlog()
        with self._lock:
            is_stalled = self._is_stalled
            unread = self._sent_until(created_at) - self._sent_until(self._read_at)
        ahead = backlog.depth + backlog.in_flight + unread
        if ahead <= 0 or not backlog.rate:
            return STALLED_WAIT if ahead > 0 and is_stalled else 1
        return math.ceil(ahead / backlog.rate)

    def _sent_until(self, moment: float) -> int:
        """Return the number of messages sent until then; it is computed for every 202 answer."""
        later = bisect_right(self._sends, moment, key=itemgetter(0))
        return self._sends[later][1] if later < len(self._sends) else self._sent_in_total

    def _refresh(self, now: float) -> None:
        with self._lock:
            sent = self._sent
        try:
            depth, in_flight = self.queue.length()
        except Unavailable:
            logger.warning("The length of a queue could not be read")
            return
        with self._lock:
            interval = now - self._read_at
            before = self._depth + self._in_flight
            # Negative if SQS counts late; the next interval makes up for it.
            completed = before + sent - depth - in_flight
            is_recent = 0 < interval <= LONGEST_INTERVAL
            self._is_stalled = is_recent and before > 0 and completed <= 0
            if not is_recent:
                self._intervals.clear()
            elif self._depth and depth:  # workers that wait for messages could complete more
                self._intervals.append((interval, completed))
            self._read_at = now
            self._depth, self._in_flight = depth, in_flight
            self._sent -= sent
