"""Documents: many drinks in one task, in a program and on the command line."""

from __future__ import annotations

import asyncio
import csv
import hashlib
import io
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from barback import ApiError, Barback, Drink, Retries, UnexpectedResponse
from barback._endpoint import Endpoint
from barback._requests import SubmitOptions
from barback._service import Service
from barback._session import Session
from clients.python.tests.fakes import (
    FakeService,
    FakeTransport,
    problem,
    respond,
    success,
    task_json,
)

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from barback import Result
    from clients.python.tests.conftest import Command


def service_over(transport: FakeTransport) -> Service:
    return Service(Session(transport, Endpoint("http://bar", "secret", "en", 10.0), Retries()))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_a_document_is_uploaded_without_the_api_key_and_submitted() -> None:
    """The presigned URL belongs to another server, and its query is kept."""
    url = "http://store/doc.jsonl?signature=a%2Fb"
    headers = {"x-amz-checksum-sha256": "digest"}
    upload_link = {"method": "PUT", "url": url, "headers": headers}
    created = {"document": "s3://bucket/doc.jsonl", "upload": upload_link}
    transport = FakeTransport(
        respond(201, created), httpx2.Response(200), respond(202, [task_json(1)])
    )
    defaults = Drink(exclude=["nuts"], top_k=3, novelty=0.5)
    task = run(
        service_over(transport).submit_document(
            b'["milk"]\n', "jsonl", defaults, SubmitOptions("mine")
        )
    )
    assert task.task_id == "task-1"
    new, upload, process = transport.requests
    digest = hashlib.sha256(b'["milk"]\n').hexdigest()
    assert json.loads(new.content) == {"bytes": 9, "format": "jsonl", "sha256": digest}
    assert (upload.method, str(upload.url), upload.content) == ("PUT", url, b'["milk"]\n')
    assert upload.headers["Content-Length"] == "9"
    assert upload.headers["x-amz-checksum-sha256"] == "digest"
    assert "x-api-key" not in upload.headers
    assert json.loads(process.content) == {
        "document": "s3://bucket/doc.jsonl",
        "exclude": ["nuts"],
        "top_k": 3,
        "novelty": 0.5,
    }
    assert process.headers["Idempotency-Key"] == "mine"


def test_an_older_service_names_no_headers_for_the_upload() -> None:
    created = {"document": "s3://b/doc", "upload": {"method": "PUT", "url": "http://store/doc"}}
    transport = FakeTransport(respond(201, created), httpx2.Response(200))
    assert run(service_over(transport).upload(b"[]", "jsonl")) == "s3://b/doc"


@pytest.mark.parametrize(
    "upload",
    [None, "http://store/doc", {}, {"method": "PUT"}, {"method": "PUT", "url": 5}]
    + [{"method": "PUT", "url": url} for url in ("http://[::1", "http://store:port/")],
    ids=str,
)
def test_an_upload_link_that_is_not_valid_is_an_error(upload: Any) -> None:
    transport = FakeTransport(respond(201, {"document": "s3://b/doc", "upload": upload}))
    with pytest.raises(UnexpectedResponse, match="http://bar did not respond like a Barback"):
        run(service_over(transport).upload(b"[]", "jsonl"))


@pytest.mark.parametrize("url", [5, None, "http://[::1", "http://store:port/"])
def test_a_download_link_that_is_not_valid_is_an_error(url: Any) -> None:
    document = {"url": url, "expires_in": 900, "lines": 2, "answered": 1, "failed": 1}
    transport = FakeTransport(respond(200, task_json(1, "SUCCESS", document=document)))
    with pytest.raises(UnexpectedResponse, match="http://bar did not respond like a Barback"):
        run(service_over(transport).result("task-1", 0))


def test_a_link_that_has_expired_is_not_blamed_on_the_api_key() -> None:
    document = {"url": "http://store/a", "expires_in": 9, "lines": 1, "answered": 1, "failed": 0}
    transport = FakeTransport(
        respond(200, task_json(1, "SUCCESS", document=document)),
        httpx2.Response(403, text="<Error>"),
    )
    bar = service_over(transport)
    result = run(bar.result("task-1", 0))
    with pytest.raises(ApiError, match="The link has expired"):
        run(bar.lines(result))


def test_the_defaults_of_a_document_have_no_ingredients() -> None:
    """The service cannot use them, so nothing is uploaded."""
    transport = FakeTransport()
    with pytest.raises(ValueError, match="Leave ingredients out of the defaults"):
        run(
            service_over(transport).submit_document(
                b"[]", "jsonl", Drink(["milk"]), SubmitOptions()
            )
        )
    assert transport.requests == []


def test_a_document_s_results_are_read_line_by_line() -> None:
    """A line has a suggestion or an error."""
    url = "http://store/results.jsonl?signature=x"
    document = {"url": url, "expires_in": 900, "lines": 2, "answered": 1, "failed": 1}
    content = (
        '{"line": 1, "result": "мед", "suggestions": [{"ingredient": "мед", "probability": 0.5}]}\n'
        '{"line": 2, "error": {"type": "unknown-ingredient", "detail": "Not known."}}\n'
    )
    transport = FakeTransport(
        respond(200, task_json(1, "SUCCESS", document=document)), httpx2.Response(200, text=content)
    )
    bar = service_over(transport)
    first, second = run(bar.lines(run(bar.result("task-1", 0))))
    assert (first.line, first.result, first.suggestions[0].probability) == (1, "мед", 0.5)
    assert second.error.detail == "Not known."
    assert str(transport.requests[1].url) == url


def test_a_result_without_a_document_has_no_lines() -> None:
    """The error comes before any download."""
    bar = service_over(FakeTransport(respond(200, success(1))))
    with pytest.raises(ValueError, match="This result has no lines"):
        run(bar.lines(run(bar.result("task-1", 0))))


def test_a_document_is_one_task_with_a_row_for_each_line(
    barback: Command, service: FakeService
) -> None:
    """The rows have the same columns as those of separate tasks."""
    lines = "milk;tea\n\nunknown\n"
    done = barback("submit", "-", "--document", "--wait", "--top-k", "2", stdin=lines)
    assert done.exit_code == 1
    first, second = csv.DictReader(io.StringIO(done.stdout))
    assert (first["line"], first["result"], first["task_id"]) == ("1", "milkmilk", "task-0")
    assert (second["line"], second["status"], second["error"]) == ("3", "FAIL", "Not known.")
    assert service.lines[0] == {"ingredients": ["milk", "tea"], "top_k": 2}
    assert len(service.tasks) == 1


def test_a_document_s_results_can_be_fetched_later(barback: Command) -> None:
    """`submit` prints one id, and `lines` prints the results of that task."""
    assert barback("submit", "-", "--document", stdin="milk\ntea\n").stdout == "task-0\n"
    done = barback("lines", "task-0")
    assert done.exit_code == 0
    assert [json.loads(line)["result"] for line in done.stdout.splitlines()] == [
        "milkmilk",
        "teatea",
    ]


def test_lines_needs_a_finished_document(barback: Command) -> None:
    """A single drink, a failed task and an unfinished task have different exit codes."""
    barback("submit", "-", stdin="milk\nfails\nhangs\n")
    assert [barback("lines", f"task-{number}").exit_code for number in range(3)] == [2, 1, 4]


def test_a_document_has_no_priority(barback: Command, service: FakeService) -> None:
    """The error comes before any upload."""
    done = barback("submit", "-", "--document", "--priority", "bulk", stdin="milk\n")
    assert done.exit_code == 2
    assert service.requests == []


def paths(service: FakeService) -> list[str]:
    return [request.url.path for request in service.requests]


def answer_all(service: FakeService, drinks: list[Drink]) -> list[Result]:
    with Barback("http://bar", transport=service.transport) as bar:
        return bar.answer(drinks)


def test_a_small_run_is_submitted_in_one_request() -> None:
    service = FakeService()
    results = answer_all(service, [Drink(["milk"]), Drink(["tea"], exclude=["sugar"])])
    assert [result.result for result in results] == ["milkmilk", "teatea"]
    first, *_ = service.requests
    lines = [{"ingredients": ["milk"]}, {"ingredients": ["tea"], "exclude": ["sugar"]}]
    assert json.loads(first.content) == {"lines": lines}
    assert paths(service) == ["/api/process", "/api/result/task-0", "/results"]


def test_a_run_that_does_not_fit_into_a_request_is_uploaded() -> None:
    service = FakeService()
    results = answer_all(service, [Drink([f"milk{number}" * 10]) for number in range(2000)])
    assert len(results) == 2000
    assert paths(service)[:3] == ["/api/documents", "/document", "/api/process"]


@pytest.mark.parametrize(
    "refusal",
    [
        problem(422, "invalid", "body.lines: there is no such field here."),
        problem(422, "key-reused"),
        problem(400, "malformed"),
        problem(413, "too-large"),
    ],
    ids=lambda response: str(response.status_code),
)
def test_a_run_whose_lines_are_refused_is_uploaded(refusal: httpx2.Response) -> None:
    """An earlier service or client, or a line that fails alone in a file, may be the reason."""
    service = FakeService()
    service.refusals = [refusal]
    [result] = answer_all(service, [Drink(["milk"])])
    assert result.result == "milkmilk"
    expected = ["/api/process", "/api/documents", "/document", "/api/process"]
    assert paths(service)[:4] == expected


def test_an_error_of_the_service_is_not_a_reason_to_upload() -> None:
    service = FakeService()
    service.refusals = [problem(500, "internal")]
    with pytest.raises(ApiError):
        answer_all(service, [Drink(["milk"])])
    assert paths(service) == ["/api/process"]
