"""Wake-ups between processes: a sender tells the receivers that a queue has new messages.

Each receiving process binds a Unix datagram socket in a folder; a sender sends the name of the
queue to every socket in it. A wake-up may be lost, so receivers also poll once a second.
"""

from __future__ import annotations

import socket
import threading
from contextlib import suppress
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import Path

MAX_NAME: Final = 256  # bytes of a queue's name
STOP: Final = b""


class Sender:
    """Wakes the receivers of a folder. Threads may share it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)  # noqa: FBT003 - the standard library's signature

    def wake(self, queue: str) -> None:
        """Wake every receiver of a queue; a receiver that is busy or gone is left out."""
        with suppress(OSError):  # the folder may be gone, and receivers also poll
            for path in self._folder.iterdir():
                with suppress(OSError):
                    self._socket.sendto(queue.encode(), str(path))

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


class Listener:
    """Receives wake-ups in a thread, and passes them on as events, one for each queue."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(mode=0o700, exist_ok=True)  # it may have been deleted meanwhile
        path.unlink(missing_ok=True)
        self._path = path
        self._events: dict[str, threading.Event] = {}
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(path))
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def event(self, queue: str) -> threading.Event:
        """Return the event that is set when a queue has new messages."""
        return self._events.setdefault(queue, threading.Event())

    def close(self) -> None:
        """Stop listening, and set all events."""
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as own:
            own.sendto(STOP, str(self._path))
        self._thread.join()
        self._socket.close()
        self._path.unlink(missing_ok=True)
        for event in list(self._events.values()):
            event.set()

    def _listen(self) -> None:
        while (name := self._socket.recv(MAX_NAME)) != STOP:
            if event := self._events.get(name.decode()):
                event.set()
