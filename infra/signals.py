"""Waiting for the signal that ends a process."""

from __future__ import annotations

import select
import signal
import socket
from typing import Final

STOP_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class SignalReceiver:
    """Handles signals from its creation on; a process has one at a time.

    The C code of each handler writes to a socket. Unlike a handler in Python, it runs at once, in
    any thread, and takes no lock, which the handler of another signal might hold.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._reader, self._writer = socket.socketpair()
        self._writer.setblocking(False)  # noqa: FBT003 - the standard library's signature
        signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        for number in numbers or STOP_SIGNALS:
            signal.signal(number, lambda *_: None)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for a signal, at most `timeout` seconds; return whether one arrived."""
        readable, _, _ = select.select([self._reader], [], [], timeout)
        return bool(readable)

    def close(self) -> None:
        """Stop receiving. The handlers remain."""
        signal.set_wakeup_fd(-1)
        self._reader.close()
        self._writer.close()
