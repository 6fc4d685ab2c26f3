"""Every response has the same headers, and an unexpected error is logged once."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, cast

import pytest

from functions.api.adapter import Adapter
from tests.fakes import InMemoryTaskStore
from tests.unit.functions.conftest import Api, problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapi import FastAPI

    from tasks.task import Task

ORIGIN = "https://bar.example"


class BrokenStore(InMemoryTaskStore):
    """A store with a fault that nobody expected."""

    def create(self, tasks: Sequence[Task]) -> None:  # noqa: ARG002 - a part of the port
        raise ZeroDivisionError("The secret is milk.")


def broken_api() -> Api:
    """Return an API whose store is broken, and that a web page may call."""
    return Api(store=BrokenStore(), origins=ORIGIN)


def invoke(api: Api, host: str) -> dict[str, Any]:
    """Submit an empty drink through the adapter."""
    event = {
        "resource": "/api/{proxy+}",
        "path": "/api/process",
        "httpMethod": "POST",
        "headers": {"Host": host, "Origin": ORIGIN},
        "requestContext": {},
        "body": None,
    }
    return Adapter(cast("FastAPI", api.http.app))(event, cast("Any", None))


def test_an_unexpected_error_is_a_problem() -> None:
    """The answer does not contain the cause."""
    answer = broken_api().http.post("/api/process")
    assert (answer.status_code, problem_of(answer)) == (500, "internal")
    assert "secret" not in answer.text


@pytest.mark.parametrize(
    ("api", "method", "path", "body", "status"),
    [
        (Api(origins=ORIGIN), "GET", "/api/health", None, 200),
        (Api(origins=ORIGIN), "POST", "/api/process", {}, 202),
        (Api(origins=ORIGIN), "GET", "/api/nothing", None, 404),
        (Api(origins=ORIGIN), "POST", "/api/process", {"top_k": 0}, 422),
        (broken_api(), "POST", "/api/process", {}, 500),
    ],
    ids=["200", "202", "404", "422", "500"],
)
def test_every_response_has_the_same_headers(
    api: Api, method: str, path: str, body: Any, status: int
) -> None:
    """Whatever the status, it is not cached, not sniffed, and readable by an allowed origin."""
    answer = api.http.request(method, path, json=body, headers={"Origin": ORIGIN})
    assert answer.status_code == status
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == ORIGIN


def test_an_unexpected_error_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """One record has the traceback; neither the framework nor the adapter adds another."""
    assert invoke(broken_api(), "gateway")["statusCode"] == 500
    [error] = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert error.getMessage() == "A request failed"
    assert error.exc_info is not None


def test_an_unreadable_event_is_answered_with_the_same_headers() -> None:
    """The adapter answers it without the application, because it cannot become a request."""
    answer = invoke(Api(origins=ORIGIN), "gateway:eighty")
    assert answer["statusCode"] == 400
    assert json.loads(answer["body"])["type"] == "urn:barback:problem:malformed"
    assert answer["headers"]["cache-control"] == "no-store"
    assert answer["headers"]["x-content-type-options"] == "nosniff"
    assert answer["headers"]["access-control-allow-origin"] == ORIGIN
