"""Serves an application with uvicorn in a thread of this process."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from starlette.types import ASGIApp


@contextmanager
def serving(app: ASGIApp, bound: socket.socket) -> Iterator[None]:
    """Serve the application on a bound socket; it answers once this is entered."""
    from infra.local.http_server import Server  # noqa: PLC0415 - workers start before

    server = Server(app, log_level="warning")
    thread = threading.Thread(target=server.run, kwargs={"sockets": [bound]})
    thread.start()
    try:
        while not server.started:
            thread.join(0.01)
            if not thread.is_alive():
                raise RuntimeError("The API did not start.")
        yield
    finally:
        server.should_exit = True
        thread.join()
