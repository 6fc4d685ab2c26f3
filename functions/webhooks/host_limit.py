"""The limit of requests that wait for one host, so that a slow one does not delay the others."""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING, Final

from tasks.errors import ReceiverBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MOST: Final = 5  # requests to one host at a time, in one process: half of a batch
PATIENCE: Final = 1.0  # seconds that a request to a host may take before others do not wait for it
REST: Final = 30.0  # seconds without a request to a host after one that timed out


class HostLimit:
    """Admits requests by host. All threads of a process share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._running: dict[str, list[float]] = {}  # when the requests of a host began
        self._resting: dict[str, float] = {}  # until when a host gets no request

    @contextmanager
    def admit(self, host: str) -> Iterator[None]:
        """Admit a request to a host; it may wait for a moment until another one ends.

        A `TimeoutError` in this context lets the host rest.

        Raises:
            ReceiverBusy: the host is resting, or too many requests to it take long.
        """
        began = self._enter(host)
        try:
            yield
        except TimeoutError:
            with self._changed:
                self._resting[host] = self._clock() + REST
            raise
        finally:
            self._leave(host, began)

    def _enter(self, host: str) -> float:
        with self._changed:
            while True:
                now = self._clock()
                self._resting = {h: until for h, until in self._resting.items() if until > now}
                if host in self._resting:
                    raise ReceiverBusy
                running = self._running.setdefault(host, [])
                if len(running) < MOST:
                    running.append(now)
                    return now
                if (left := min(running) + PATIENCE - now) <= 0:
                    raise ReceiverBusy
                self._changed.wait(left)

    def _leave(self, host: str, began: float) -> None:
        with self._changed:
            running = self._running[host]
            running.remove(began)
            if not running:
                del self._running[host]
            self._changed.notify_all()
