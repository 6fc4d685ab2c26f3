"""A server for webhooks on this machine."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, Any, Final, Self

from barback._cli.console import print_message
from barback._errors import WebhookVerificationError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Verify = Callable[[bytes, dict[str, str]], dict[str, Any]]

HOST: Final = "127.0.0.1"
MAX_BYTES: Final = 1 << 20  # more than any delivery has
REQUEST_SECONDS: Final = 10.0  # the service does not wait longer for an answer
WAKE_UP_SECONDS: Final = 0.5  # Ctrl-C just before a wait does not end the wait
NO_CONTENT, BAD_REQUEST = 204, 400


@dataclass(frozen=True, slots=True)
class _Delivery:
    body: dict[str, Any]
    handled: threading.Event = field(default_factory=threading.Event)


class Receiver(ThreadingHTTPServer):
    """Receives webhooks on a port of the loopback interface; port 0 is a free one.

    Until `deliveries` runs, requests wait.

    Raises:
        OSError: the port cannot be used.
    """

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__((HOST, port), _Handler)
        self.url = f"http://{HOST}:{self.server_port}/"
        self._verify: Verify
        self._verified: SimpleQueue[_Delivery] = SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def deliveries(self, verify: Verify) -> Iterator[dict[str, Any]]:
        """Yield the bodies of verified deliveries; each is answered when the next is asked for.

        Args:
            verify: returns the JSON object of a body, or raises WebhookVerificationError. Names of
                headers are in lower case.
        """
        self._verify = verify
        threading.Thread(target=self.serve_forever, daemon=True).start()
        try:
            while True:
                try:
                    delivery = self._verified.get(timeout=WAKE_UP_SECONDS)
                except Empty:
                    continue
                yield delivery.body
                delivery.handled.set()
        finally:
            self.shutdown()

    def receive(self, body: bytes, headers: dict[str, str]) -> int:
        """Return the status of the answer to a request, after the caller has handled its body."""
        try:
            delivery = _Delivery(self._verify(body, headers))
        except WebhookVerificationError as error:
            print_message(f"Refused a request. {error}")
            return BAD_REQUEST
        self._verified.put(delivery)
        delivery.handled.wait()
        return NO_CONTENT


class _Handler(BaseHTTPRequestHandler):
    server: Receiver
    timeout = REQUEST_SECONDS

    def do_POST(self) -> None:
        length = self.headers.get("Content-Length", "0")
        status = BAD_REQUEST
        if length.isdecimal() and int(length) <= MAX_BYTES:
            body = self.rfile.read(int(length))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status = self.server.receive(body, headers)
        self.send_response(status)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Print nothing: a path may have a token."""
