"""Documents: many drinks in one task, in a program and in a shell."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from barback import Drink, Retries
from barback._endpoint import Endpoint
from barback._service import Service
from barback._session import Exchange
from clients.python.tests.fakes import FakeIo, answer, success, task_json

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from clients.python.tests.conftest import Command
    from clients.python.tests.fakes import FakeService


def service_over(network: FakeIo) -> Service:
    return Service(Exchange(network, Endpoint("http://bar", "secret", "en", 10.0), Retries()))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_a_document_is_uploaded_without_the_key_and_submitted() -> None:
    """The presigned URL is somebody else's server, and its query is kept."""
    url = "http://store/doc.jsonl?signature=a%2Fb"
    slot = {"document": "s3://bucket/doc.jsonl", "upload": {"method": "PUT", "url": url}}
    network = FakeIo(answer(201, slot), httpx2.Response(200), answer(202, [task_json(1)]))
    task = run(
        service_over(network).submit_document(b'["milk"]\n', "jsonl", Drink(top_k=3), "mine")
    )
    assert task.task_id == "task-1"
    room, upload, process = network.requests
    assert json.loads(room.content) == {"bytes": 9, "format": "jsonl"}
    assert (upload.method, str(upload.url), upload.content) == ("PUT", url, b'["milk"]\n')
    assert upload.headers["Content-Length"] == "9"
    assert "x-api-key" not in upload.headers
    assert json.loads(process.content) == {"document": "s3://bucket/doc.jsonl", "top_k": 3}
    assert process.headers["Idempotency-Key"] == "mine"


def test_the_defaults_of_a_document_have_no_ingredients() -> None:
    """They would not be sent, so the mistake is named before anything is uploaded."""
    network = FakeIo()
    with pytest.raises(ValueError, match="Leave ingredients out of the defaults"):
        run(service_over(network).submit_document(b"[]", "jsonl", Drink(["milk"]), ""))
    assert network.requests == []


def test_a_document_s_answers_are_read_line_by_line() -> None:
    """A line is answered or says why not."""
    url = "http://store/answers.jsonl?signature=x"
    document = {"url": url, "expires_in": 900, "lines": 2, "answered": 1, "failed": 1}
    content = (
        '{"line": 1, "result": "мед", "suggestions": [{"ingredient": "мед", "probability": 0.5}]}\n'
        '{"line": 2, "error": {"type": "unknown-ingredient", "detail": "Not known."}}\n'
    )
    network = FakeIo(
        answer(200, task_json(1, "SUCCESS", document=document)), httpx2.Response(200, text=content)
    )
    bar = service_over(network)
    first, second = run(bar.lines(run(bar.result("task-1", 0))))
    assert (first.line, first.result, first.suggestions[0].probability) == (1, "мед", 0.5)
    assert second.error.detail == "Not known."
    assert str(network.requests[1].url) == url


def test_only_a_document_has_lines() -> None:
    """The mistake is named before anything is downloaded."""
    network = FakeIo(answer(200, success(1)))
    bar = service_over(network)
    with pytest.raises(ValueError, match="Only the result of a document"):
        run(bar.lines(run(bar.result("task-1", 0))))


def test_a_document_is_one_task_and_a_row_for_each_line(
    barback: Command, service: FakeService
) -> None:
    """The answers look as those of single tasks do."""
    lines = "milk;tea\n\nunknown\n"
    done = barback("submit", "-", "--document", "--wait", "--top-k", "2", typed=lines)
    assert done.exit_code == 1
    first, second = csv.DictReader(io.StringIO(done.stdout))
    assert (first["line"], first["result"], first["task_id"]) == ("1", "milkmilk", "task-0")
    assert (second["line"], second["status"], second["error"]) == ("3", "FAIL", "Not known.")
    assert service.lines[0] == {"ingredients": ["milk", "tea"], "top_k": 2}
    assert len(service.tasks) == 1


def test_a_document_that_was_not_waited_for_is_read_later(barback: Command) -> None:
    """`submit` prints its one id, `lines` its answers."""
    assert barback("submit", "-", "--document", typed="milk\ntea\n").stdout == "task-0\n"
    done = barback("lines", "task-0")
    assert done.exit_code == 0
    assert [json.loads(line)["result"] for line in done.stdout.splitlines()] == [
        "milkmilk",
        "teatea",
    ]


def test_only_a_finished_document_has_lines(barback: Command) -> None:
    """The exit code tells a drink, a failure and a task at work apart."""
    barback("submit", "-", typed="milk\nfails\nhangs\n")
    assert [barback("lines", f"task-{number}").exit_code for number in range(3)] == [2, 1, 4]


def test_a_document_has_no_priority(barback: Command, service: FakeService) -> None:
    """The mistake is named before anything is uploaded."""
    done = barback("submit", "-", "--document", "--priority", "bulk", typed="milk\n")
    assert done.exit_code == 2
    assert service.requests == []
