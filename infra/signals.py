"""Waiting for the signal that ends a process."""

from __future__ import annotations

import signal
from queue import Empty, SimpleQueue
from typing import Final

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class SignalReceiver:
    """Handles signals from its creation on.

    A second signal can interrupt the handler of the first one, in the same thread. The handler
    must therefore not take a lock, as `threading.Event.set` does; `SimpleQueue.put` is reentrant.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._received: SimpleQueue[int] = SimpleQueue()
        for number in numbers or STOP_SIGNALS:
            signal.signal(number, lambda number, _: self._received.put(number))

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for a signal, at most `timeout` seconds; return whether one arrived."""
        try:
            self._received.get(timeout=timeout)
        except Empty:
            return False
        return True
