"""A socket for one short exchange, which ends at a deadline whatever the other side does."""

from __future__ import annotations

import io
import threading
import time
from concurrent.futures import Future
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable

T = TypeVar("T")


class Deadline:
    """A number of seconds from now."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._ends_at = clock() + seconds

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            TimeoutError: none are left.
        """
        if (left := self._ends_at - self._clock()) <= 0:
            raise TimeoutError
        return left

    def within(self, function: Callable[[], T]) -> T:
        """Call a function that has no timeout of its own, such as `getaddrinfo`, in a thread.

        The thread may outlive the deadline.

        Raises:
            TimeoutError: the function did not return in time.
        """
        future: Future[T] = Future()

        def call() -> None:
            try:
                future.set_result(function())
            except Exception as error:  # noqa: BLE001 - the caller gets it
                future.set_exception(error)

        threading.Thread(target=call, daemon=True).start()
        return future.result(self.left())


class BoundedSocket:
    """The part of a socket that `http.client` uses.

    Timeouts of sockets begin again with each byte; here, all operations share one deadline.
    Reading ends after some bytes as if the other side had ended its answer there.
    """

    def __init__(self, sock: socket.socket, deadline: Deadline, most_read: int) -> None:
        self._sock = sock
        self._deadline = deadline
        self._most_read = most_read

    def sendall(self, content: bytes) -> None:
        """Send all bytes."""
        view = memoryview(content)
        while view:
            self._sock.settimeout(self._deadline.left())
            view = view[self._sock.send(view) :]

    def makefile(self, _mode: str) -> io.BufferedReader:
        """Return the bytes that the other side sends."""
        return io.BufferedReader(_Bytes(self._sock, self._deadline, self._most_read))

    def close(self) -> None:
        """Do nothing: the owner of the socket closes it."""


class _Bytes(io.RawIOBase):
    def __init__(self, sock: socket.socket, deadline: Deadline, most: int) -> None:
        super().__init__()
        self._sock = sock
        self._deadline = deadline
        self._left = most

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._left:
            return 0
        self._sock.settimeout(self._deadline.left())
        count = self._sock.recv_into(memoryview(buffer)[: self._left])
        self._left -= count
        return count
