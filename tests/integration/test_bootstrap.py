"""Importing a handler builds everything that its first request needs, without network calls."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import textwrap
import threading
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "LANES": "interactive,bulk,document",
    "TABLE_NAME": "tasks",
    "DOCUMENT_BUCKET": "documents",
    "RETENTION_SECONDS": "86400",
    "DEADLINE_SECONDS": "900",
    "LONGEST_WAIT_SECONDS": "20",
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": "us-east-1",
    "no_proxy": "127.0.0.1",  # macOS refuses to look for proxies in a forked process
    "PYTHONPATH": os.pathsep.join(
        map(str, (ROOT, ROOT / "layers/tasks/python", ROOT / "layers/model/python"))
    ),
}
# Records every file that is opened, every module that is imported and every connection that is
# made, first during the import of the handler and then during an invocation. Each event is the
# first one of a process of its own, which has a copy of the imported handler, as from a snapshot.
PROGRAM = """
import json, os, sys

class Context:
    def get_remaining_time_in_millis(self):
        return 30_000

events = {"open": [], "import": [], "socket.connect": []}

def record(event, arguments):
    if event in events:
        events[event].append(str(arguments[1 if event == "socket.connect" else 0]))

module = sys.argv[1]
sys.addaudithook(record)
handler = getattr(__import__(module, fromlist=["handler"]), "handler")
imported = {name: list(found) for name, found in events.items()}
for event in json.loads(sys.argv[2]):
    if process := os.fork():
        if os.waitpid(process, 0)[1]:
            sys.exit("The invocation failed.")
        continue
    for found in events.values():
        found.clear()
    response = handler(event, Context())
    recorded = {"imported": imported, "invoked": events, "response": response}
    print(sys.argv[3] + json.dumps(recorded), flush=True)
    os._exit(0)
"""
MARK = "recorded: "  # at the start of a line, among the lines that a handler prints
QUEUES = ("TASK", "BULK", "DOCUMENT", "WEBHOOK")
TASK = {
    "version": 1,
    "task_id": "01900000-0000-7000-8000-000000000000",
    "owner": "me",
    "input": {"ingredients": ["milk"]},
    "deadline": 9_999_999_999,
    "lane": "interactive",
}


ATTEMPT = {"version": 1, "delivery": "t1", "attempt": 1, "due": 0, "host": "bar.example"}

EMPTY_QUEUE = {
    "Attributes": {
        f"ApproximateNumberOfMessages{name}": "0" for name in ("", "NotVisible", "Delayed")
    }
}


class Aws(BaseHTTPRequestHandler):
    """A server for the calls of DynamoDB, SQS and S3."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        is_queue = self.headers["X-Amz-Target"].startswith("AmazonSQS")
        content = json.dumps(EMPTY_QUEUE if is_queue else {}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Aws) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}"
        server.shutdown()
        thread.join()


@cache
def invoke(name: str, endpoint: str) -> dict[str, dict[str, Any]]:
    """Import a handler, invoke it with each of its events, and return what was recorded."""
    events = EVENTS[name]
    arguments = (f"functions.{name}.handler", json.dumps(list(events.values())), MARK)
    queues = {f"{name}_QUEUE_URL": f"{endpoint}/1/q" for name in QUEUES}
    found = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(PROGRAM), *arguments],
        env=SETTINGS | queues | {"AWS_ENDPOINT_URL": endpoint},
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stderr
    lines = [line for line in found.stdout.splitlines() if line.startswith(MARK)]
    recorded = [json.loads(line.removeprefix(MARK)) for line in lines]
    return dict(zip(events, recorded, strict=True))


def gateway_event(method: str, path: str, body: Any = None) -> dict[str, Any]:
    return {
        "resource": "/api/{proxy+}",
        "path": path,
        "httpMethod": method,
        "headers": {"Host": "gateway", "Content-Type": "application/json"},
        "requestContext": {"stage": "dev", "identity": {"sourceIp": "127.0.0.1"}},
        "body": body and json.dumps(body),
    }


REQUESTS = {
    "health": gateway_event("GET", "/api/health"),
    "ingredients": gateway_event("GET", "/api/ingredients"),
    "page": gateway_event("GET", "/"),
    "docs": gateway_event("GET", "/docs"),
    "submission": gateway_event("POST", "/api/process", {"ingredients": ["milk"]}),
    "unknown name": gateway_event("POST", "/api/process", {"ingredients": ["milkk"]}),
    "document": gateway_event("POST", "/api/documents", {"bytes": 10}),
    "lines": gateway_event("POST", "/api/process", {"lines": ["milk"]}),
}
RECORD = {
    "messageId": "m",
    "receiptHandle": "r",
    "body": json.dumps(TASK),
    "attributes": {"ApproximateReceiveCount": "1"},
    "eventSourceARN": "arn:aws:sqs:us-east-1:123456789012:q",
}
EVENTS = {
    "api": REQUESTS,
    "worker": {"batch": {"Records": [RECORD]}},
    "webhooks": {"attempt": {"Records": [RECORD | {"body": json.dumps(ATTEMPT)}]}},
    "reaper": {"empty batch": {"Records": []}},
}


@pytest.mark.parametrize("request_name", REQUESTS)
def test_the_first_request_builds_nothing(request_name: str, endpoint: str) -> None:
    """It imports no module and opens no file: clients, vocabulary and page are ready."""
    recorded = invoke("api", endpoint)[request_name]
    assert recorded["response"]["statusCode"] in (200, 201, 202, 422)
    assert recorded["invoked"]["import"] == []
    # FastAPI reads the source of an endpoint before its first call.
    assert [name for name in recorded["invoked"]["open"] if not name.endswith(".py")] == []


def test_the_first_batch_builds_nothing(endpoint: str) -> None:
    """The model, its engine and the clients are ready."""
    recorded = invoke("worker", endpoint)["batch"]
    assert recorded["response"] == {"batchItemFailures": []}
    assert recorded["invoked"]["import"] == []
    assert recorded["invoked"]["open"] == []


def test_the_first_attempt_builds_nothing(endpoint: str) -> None:
    """The clients and the vocabulary are ready; here, the delivery has expired."""
    recorded = invoke("webhooks", endpoint)["attempt"]
    assert recorded["response"] == {"batchItemFailures": []}
    assert recorded["invoked"]["import"] == []
    assert recorded["invoked"]["open"] == []


@pytest.mark.parametrize("name", EVENTS)
def test_importing_a_handler_makes_no_network_call(name: str, endpoint: str) -> None:
    """A snapshot of the imported handler therefore contains no connection."""
    for recorded in invoke(name, endpoint).values():
        assert recorded["imported"]["socket.connect"] == []
