"""A fake service with the API of this project's stack and of the predecessor."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import Message


@dataclass
class FakeService:
    """A service whose tasks are final on the second read, or when `is_final` says so.

    A submission that waits for its results gets them.
    """

    url: str = ""
    status: str = "SUCCESS"
    result: str = "sugar"
    code: int = 202  # of the answer to a submission
    hangs_up: bool = False
    is_final: Callable[[str], bool] | None = None  # by path of the result
    submissions: list[list[list[str]]] = field(default_factory=list)  # the drinks of each request
    keys: dict[str, str] = field(default_factory=dict)  # of the caller, by path of the result
    read: list[tuple[str, str]] = field(default_factory=list)  # paths and keys
    connections: set[Any] = field(default_factory=set)  # that carried a request

    def post(self, query: str, body: bytes, headers: Message) -> tuple[int, Any]:
        joined = parse_qs(query).get("ingredients_joined", [""])[0]
        entries = json.loads(body) if body else {"ingredients": joined.split(";")}
        entries = entries if isinstance(entries, list) else [entries]
        self.submissions.append([entry["ingredients"] for entry in entries])
        ids = [str(len(self.keys) + number) for number in range(len(entries))]
        key = headers.get("x-api-key", "")
        self.keys.update(dict.fromkeys((f"/api/result/{task_id}" for task_id in ids), key))
        if "Prefer" in headers:
            return 200, [self.task(task_id, self.status, self.result) for task_id in ids]
        return self.code, [self.task(task_id) for task_id in ids]

    def task(self, task_id: str, status: str = "PROCESSING", result: str = "") -> dict[str, str]:
        url = f"/api/result/{task_id}"
        return {"task_id": task_id, "status": status, "result": result, "url_result": url}

    def get(self, path: str, key: str) -> tuple[int, Any]:
        self.read.append((path, key))
        task_id = path.rpartition("/")[2]
        is_final = self.is_final or (lambda _: (path, key) in self.read[:-1])
        if is_final(path):
            return 200, self.task(task_id, self.status, self.result)
        return 202, self.task(task_id)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    service: FakeService

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.respond(*self.service.post(urlsplit(self.path).query, body, self.headers))

    def do_GET(self) -> None:
        key = self.headers.get("x-api-key", "")
        self.respond(*self.service.get(urlsplit(self.path).path, key))

    def respond(self, status: int, found: Any) -> None:
        self.service.connections.add(self.client_address)
        if self.service.hangs_up:
            self.close_connection = True
            return
        content = json.dumps(found).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 64  # the clients open many connections at once

    def handle_error(self, *_: object) -> None:
        """Print nothing: a client closes its connections after an error."""


@pytest.fixture
def service() -> Iterator[FakeService]:
    fake = FakeService()
    handler = type("BoundHandler", (Handler,), {"service": fake})
    server = Server(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    fake.url = f"http://127.0.0.1:{server.server_address[1]}"
    yield fake
    server.shutdown()
    thread.join()
    server.server_close()
