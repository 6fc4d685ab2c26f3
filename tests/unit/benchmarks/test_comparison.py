"""The scenario's client and its table; the designs themselves run in `make bench`."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

import pytest
from rich.console import Console

from benchmarks.scenario import comparison
from benchmarks.scenario.client import Client, as_array, one_by_one, seconds
from suggester.artifacts import Artifacts
from suggester.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Iterator

DRINKS = [["milk", "black tea"], []]


class Service:
    """Answers as both designs do; a task is final when it is asked for the second time."""

    def __init__(self, status: str = "SUCCESS") -> None:
        self.status = status
        self.submitted: list[list[str]] = []
        self.asked: list[str] = []

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
        self.asked.append(path)
        if self.asked.count(path) == 1:
            return 202, {"status": "PROCESSING", "result": ""}
        return 200, {"status": self.status, "result": "sugar"}


@contextmanager
def serving(service: Service) -> Iterator[Client]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.answer(*service.post(urlsplit(self.path).query, body))

        def do_GET(self) -> None:
            self.answer(*service.get(self.path))

        def answer(self, status: int, found: Any) -> None:
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


@pytest.mark.parametrize("submit", [one_by_one, as_array])
def test_every_task_is_submitted_and_waited_for(submit: Any) -> None:
    """Each drink arrives as it is, and each result is asked for until it is final."""
    service = Service()
    with serving(service) as client:
        assert seconds(client, DRINKS, submit) > 0
    assert [[name for name in drink if name] for drink in service.submitted] == DRINKS
    assert service.asked == [f"/api/result/{task}" for task in (0, 0, 1, 1)]


def test_a_task_that_fails_counts_for_nothing() -> None:
    """A design that answers quickly and wrongly has no time in the table."""
    with serving(Service("FAIL")) as client, pytest.raises(RuntimeError, match="ended as"):
        seconds(client, DRINKS, one_by_one)


def test_the_ratio_is_that_of_each_round() -> None:
    """A round that was slow for both sides changes the seconds and not the ratio."""
    rounds = [{comparison.THIS: at, "predecessor": 5 * at} for at in (1.0, 1.5, 9.0)]
    console = Console(record=True, width=120)
    console.print(comparison.tabulate(rounds))
    [row] = [line for line in console.export_text().splitlines() if "predecessor" in line]
    assert "7.50" in row
    assert "5.00 x" in row


def test_the_drinks_are_ones_that_both_designs_know() -> None:
    """Names of the vocabulary, none twice in a drink, and the same at every run."""
    vocabulary = Vocabulary.load(Artifacts.open())
    made = comparison.drinks(vocabulary)
    assert made == comparison.drinks(vocabulary)
    assert len(made) == comparison.TASKS
    for drink in made:
        assert 1 <= len(set(drink)) == len(drink) <= 4
        assert {entry.en for entry in map(vocabulary.find, drink) if entry} == set(drink)
