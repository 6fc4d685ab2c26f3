"""A receiver of webhooks on this machine."""

from __future__ import annotations

import base64
import hashlib
import hmac
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@dataclass(frozen=True)
class Delivered:
    """A request that the receiver got. `at` is in seconds since the epoch."""

    headers: dict[str, str]
    body: bytes
    at: float

    @property
    def webhook_id(self) -> str:
        """The id of the delivery."""
        return self.headers["webhook-id"]

    def is_signed_with(self, secret: str) -> bool:
        """Verify the signature as the specification of Standard Webhooks says."""
        key = base64.b64decode(secret.removeprefix("whsec_"))
        signed = b".".join(
            [self.webhook_id.encode(), self.headers["webhook-timestamp"].encode(), self.body]
        )
        digest = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
        return f"v1,{digest}" in self.headers["webhook-signature"].split()


@dataclass
class Receiver:
    """The requests that arrived, and the status with which each is answered."""

    url: str = ""
    answer: Callable[[Delivered], int] = lambda _: 204
    delivered: list[Delivered] = field(default_factory=list)


@contextmanager
def receiver(answer: Callable[[Delivered], int] = lambda _: 204) -> Iterator[Receiver]:
    """Run a receiver on a free port."""
    found = Receiver(answer=answer)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers.get("content-length", -1))
            body = self.rfile.read(max(length, 0))
            if len(body) != length:  # the sender was killed before it had sent everything
                return
            headers = {name.lower(): value for name, value in self.headers.items()}
            delivered = Delivered(headers, body, time.time())
            found.delivered.append(delivered)
            self.send_response(found.answer(delivered))
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Print nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 128

    server = Server(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_address[1]}/hook"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
