"""Virtual time: processes that run one at a time in one thread, ordered by an event heap.

A process is a greenlet, because the code under test is synchronous: it runs until it sleeps or
waits, and others run meanwhile. A killed process ends with `Crash`, which no code catches.
"""

from __future__ import annotations

import heapq
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from greenlet import getcurrent, greenlet

if TYPE_CHECKING:
    from collections.abc import Callable

# When, a number that keeps equal times in order, and what to do: an action, or a process with the
# number of the pause that it ends.
Event = tuple[float, int, "Process | Callable[[], object]", int]


class Crash(BaseException):
    """The end of a killed process. No code under test catches it."""


class Process:
    """A process, or a thread of one.

    Attributes:
        name: for the history.
        span: the request or invocation that it works on, for the history.
        killed: whether it was killed.
        done: whether it has ended.
        result: what its function returned.
        error: the exception that ended it.
    """

    __slots__ = ("_greenlet", "_waiter", "done", "error", "killed", "name", "owner", "pauses",
                 "result", "scheduler", "span", "threads")  # fmt: skip

    def __init__(
        self,
        scheduler: Scheduler,
        name: str,
        function: Callable[[], Any],
        span: Any = None,
        owner: Process | None = None,
    ) -> None:
        self.scheduler = scheduler
        self.name = name
        self.span = span
        self.owner = owner
        self.threads: list[Process] = []
        self.killed: bool = owner is not None and owner.killed
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None
        self.pauses = 0
        self._waiter: tuple[Process, int] | None = None
        self._greenlet = greenlet(lambda: self._run(function), scheduler.loop)

    def _run(self, function: Callable[[], Any]) -> None:
        try:
            if not self.killed:
                self.result = function()
        except Crash as error:
            self.error = error
            if self.owner is not None:
                self.owner.kill()
        except Exception as error:  # noqa: BLE001 - `Scheduler.join` raises it again
            self.error = error
        self.done = True
        self.scheduler.current = None
        if self._waiter is not None:
            self.scheduler.resume(*self._waiter)
        elif isinstance(self.error, Exception) and self.owner is None:
            self.scheduler.failure = self.error

    def switch(self) -> None:
        """Run this process until it pauses or ends; only the event loop may call this."""
        self.scheduler.current = self
        self._greenlet.switch()

    def pause(self) -> None:
        """Let others run until this pause is ended."""
        self.scheduler.current = None
        self.scheduler.loop.switch()
        self.scheduler.current = self
        if self.killed:
            raise Crash

    def kill(self) -> None:
        """End this process and its threads as SIGKILL would."""
        if self.done or self.killed:
            return
        self.killed = True
        for thread in self.threads:
            thread.kill()
        if self.scheduler.current is not self:
            self.scheduler.resume(self, self.pauses)

    def wait_for(self, other: Process) -> None:
        """Pause until another process has ended."""
        if not other.done:
            self.pauses += 1
            other._waiter = (self, self.pauses)
            self.pause()


@dataclass(slots=True)
class Signal:
    """Something that processes wait for; each notification resumes the first of them."""

    waiting: list[tuple[Process, int]] = field(default_factory=list)

    def notify(self) -> None:
        """Resume the first process that waits and is alive."""
        while self.waiting:
            process, pause = self.waiting.pop(0)
            if not process.killed:
                process.scheduler.resume(process, pause)
                return


class Scheduler:
    """The event loop.

    Attributes:
        now: the virtual time, in seconds since the epoch.
        current: the process that is running.
        loop: the greenlet that runs the events.
        events: how many events have been run.
        failure: an exception that ended a process for which no other process waits.
    """

    def __init__(self, now: float) -> None:
        self.now = now
        self.current: Process | None = None
        self.loop = getcurrent()
        self.events = 0
        self.failure: Exception | None = None
        self._heap: list[Event] = []
        self._sequence = 0
        self._until = -math.inf

    def at(self, when: float, action: Callable[[], object]) -> None:
        """Run an action at a time."""
        self._sequence += 1
        heapq.heappush(self._heap, (when, self._sequence, action, 0))

    def resume(self, process: Process, pause: int, when: float = -math.inf) -> None:
        """End a pause of a process at a time, or now."""
        self._sequence += 1
        heapq.heappush(self._heap, (max(when, self.now), self._sequence, process, pause))

    def spawn(self, name: str, function: Callable[[], Any], span: Any = None) -> Process:
        """Start a process."""
        process = Process(self, name, function, span)
        self.resume(process, 0)
        return process

    def spawn_thread(self, function: Callable[[], Any]) -> Process:
        """Start a thread of the current process: both are killed together."""
        owner = self.current
        if owner is None:
            raise RuntimeError("Only a process has threads.")
        thread = Process(self, owner.name, function, owner.span, owner)
        owner.threads.append(thread)
        self.resume(thread, 0)
        return thread

    def join(self, process: Process) -> Any:
        """Wait until a process has ended, and return its result.

        Raises:
            Exception: the one that ended it.
            ProcessDied: it was killed.
        """
        if self.current is None:
            raise RuntimeError("Only a process waits.")
        self.current.wait_for(process)
        if isinstance(process.error, Crash) or process.killed:
            raise ProcessDied
        if process.error is not None:
            raise process.error
        return process.result

    def sleep(self, seconds: float) -> None:
        """Let virtual time pass for the current process; without one, run the events meanwhile."""
        wake = self.now + seconds
        process = self.current
        if process is None:
            self.run(wake)
            return
        if process.killed:
            raise Crash
        if wake <= self._until and (not self._heap or self._heap[0][0] > wake):
            self.now = wake  # nothing else happens meanwhile
            self.events += 1
            return
        process.pauses += 1
        self.resume(process, process.pauses, wake)
        process.pause()

    def wait(self, signal: Signal) -> None:
        """Pause the current process until the signal resumes it."""
        process = self.current
        if process is None:
            raise RuntimeError("Only a process waits.")
        process.pauses += 1
        signal.waiting.append((process, process.pauses))
        process.pause()

    def check_alive(self) -> None:
        """Raise `Crash` if the current process was killed."""
        if self.current is not None and self.current.killed:
            raise Crash

    def run(self, until: float = math.inf) -> None:
        """Run all events up to a time.

        Raises:
            Exception: one that ended a process for which no other process waits.
        """
        before, self._until = self._until, until
        heap = self._heap
        while heap and heap[0][0] <= until:
            when, _, target, pause = heapq.heappop(heap)
            self.now = max(self.now, when)
            self.events += 1
            if not isinstance(target, Process):
                target()
            elif target.pauses == pause and not target.done:
                target.pauses += 1
                target.switch()
                if self.failure is not None:
                    raise self.failure
        if until < math.inf:
            self.now = max(self.now, until)
        self._until = before


class ProcessDied(Exception):
    """The process was killed before it returned a result."""
