"""Tests of the comparison's client and table; only `make bench` runs the real services."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rich.console import Console

from benchmarks import comparison
from benchmarks.comparison import Client, seconds, submit_array, submit_each
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

DRINKS = [["milk", "black tea"], []]


class FakeService:
    """A service with the API of both designs; each task is final on the second read."""

    def __init__(self, status: str = "SUCCESS") -> None:
        self.status = status
        self.submitted: list[list[str]] = []
        self.read: list[str] = []

    def post(self, query: str, body: bytes) -> tuple[int, Any]:
        joined = parse_qs(query).get("ingredients_joined", [""])[0]
        drinks = (
            [drink["ingredients"] for drink in json.loads(body)] if body else [joined.split(";")]
        )
        first = len(self.submitted)
        self.submitted += drinks
        urls = [f"/api/result/{first + n}" for n in range(len(drinks))]
        return 202, [{"url_result": url} for url in urls]

    def get(self, path: str) -> tuple[int, Any]:
        self.read.append(path)
        if self.read.count(path) == 1:
            return 202, {"status": "PROCESSING", "result": ""}
        return 200, {"status": self.status, "result": "sugar"}


@contextmanager
def serving(service: FakeService) -> Iterator[Client]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.respond(*service.post(urlsplit(self.path).query, body))

        def do_GET(self) -> None:
            self.respond(*service.get(self.path))

        def respond(self, status: int, found: Any) -> None:
            content = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    client = Client(f"http://127.0.0.1:{server.server_address[1]}")
    try:
        yield client
    finally:
        client.close()
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.mark.parametrize("submit", [submit_each, submit_array])
def test_every_drink_is_submitted_and_its_result_is_read_until_final(submit: Any) -> None:
    """This holds for single requests and for an array."""
    service = FakeService()
    with serving(service) as client:
        assert seconds(client, DRINKS, submit) > 0
    assert [[name for name in drink if name] for drink in service.submitted] == DRINKS
    assert service.read == [f"/api/result/{task}" for task in (0, 0, 1, 1)]


def test_a_failed_task_is_an_error() -> None:
    """A service that fails quickly must not appear to be fast."""
    with serving(FakeService("FAIL")) as client, pytest.raises(RuntimeError, match="ended as"):
        seconds(client, DRINKS, submit_each)


def test_the_ratio_is_the_median_of_the_ratios_by_round() -> None:
    """A round that is slow for both services changes the seconds but not the ratio."""
    rounds = [{comparison.THIS_PROJECT: at, "predecessor": 5 * at} for at in (1.0, 1.5, 9.0)]
    console = Console(record=True, width=120)
    console.print(comparison.tabulate(rounds))
    [row] = [line for line in console.export_text().splitlines() if "predecessor" in line]
    assert "7.50" in row
    assert "5.00" in row


def test_the_drinks_use_names_of_the_vocabulary() -> None:
    """Every call returns the same drinks, and no drink has a name twice."""
    vocabulary = Vocabulary.load(Artifacts.open())
    drinks = comparison.make_drinks(vocabulary)
    assert drinks == comparison.make_drinks(vocabulary)
    assert len(drinks) == comparison.TASKS
    for drink in drinks:
        assert 1 <= len(set(drink)) == len(drink) <= 4
        assert {entry.en for entry in map(vocabulary.find, drink) if entry} == set(drink)
