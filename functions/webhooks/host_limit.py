"""The limit of requests that wait for one host, so that a slow one does not delay the others.

It is counted for each owner, so that nobody can delay what others send to a host that they share.
"""

from __future__ import annotations

import time
from contextlib import contextmanager
from threading import Condition
from typing import TYPE_CHECKING, Final

from tasks.errors import ReceiverBusy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Key = tuple[str, str]  # an owner and a host

MOST: Final = 5  # requests of an owner to a host at a time, in one process: half of a batch
PATIENCE: Final = 1.0  # seconds that a request to a host may take before others do not wait for it
REST: Final = 30.0  # seconds without a request to a host after one that timed out


class HostLimit:
    """Admits requests by owner and host. All threads of a process share it."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._changed = Condition()
        self._running: dict[Key, list[float]] = {}  # when the requests began
        self._resting: dict[Key, float] = {}  # until when a host gets no request

    @contextmanager
    def admit(self, key: Key) -> Iterator[None]:
        """Admit a request to a host; it may wait for a moment until another one ends.

        Raises:
            ReceiverBusy: the host is resting, or too many requests to it take long.
        """
        began = self._enter(key)
        try:
            yield
        finally:
            self._leave(key, began)

    def rest(self, key: Key) -> None:
        """Admit no request to a host for a while, because one timed out."""
        with self._changed:
            self._resting[key] = self._clock() + REST

    def _enter(self, key: Key) -> float:
        with self._changed:
            while True:
                now = self._clock()
                self._resting = {k: until for k, until in self._resting.items() if until > now}
                if key in self._resting:
                    raise ReceiverBusy
                running = self._running.setdefault(key, [])
                if len(running) < MOST:
                    running.append(now)
                    return now
                if (left := min(running) + PATIENCE - now) <= 0:
                    raise ReceiverBusy
                self._changed.wait(left)

    def _leave(self, key: Key, began: float) -> None:
        with self._changed:
            running = self._running[key]
            running.remove(began)
            if not running:
                del self._running[key]
            self._changed.notify_all()
