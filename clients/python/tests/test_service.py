"""The part that both clients share: submitting, waiting and errors."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from barback import (
    ApiError,
    Drink,
    Retries,
    Status,
    TaskCancelled,
    TaskFailed,
    TaskTimeout,
    UnexpectedResponse,
)
from barback._endpoint import Endpoint
from barback._requests import SubmitOptions
from barback._service import Service
from barback._session import Session
from clients.python.tests.fakes import FakeTransport, failure, problem, respond, success, task_json

if TYPE_CHECKING:
    from collections.abc import Coroutine

MILK = Drink(["milk"])


class WaitingTransport(FakeTransport):
    """A service that waits for as long as it is asked to, and a network that takes a moment."""

    async def send(self, request: httpx2.Request, limit: float, /) -> httpx2.Response:
        waited = request.url.params.get("wait") or request.headers.get("Prefer", "=0")[-1]
        self.time += int(waited) + 0.0001
        return await super().send(request, limit)


def service(transport: FakeTransport) -> Service:
    endpoint = Endpoint("http://bar/dev/", "secret", "ru", 10.0)
    return Service(Session(transport, endpoint, Retries(random=lambda: 1.0)))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_one_request_is_enough_when_the_service_waits() -> None:
    """The request carries the wait, the API key and the language."""
    transport = FakeTransport(respond(200, [success(1)]))
    result = run(service(transport).ask(MILK, 12.5, SubmitOptions()))
    assert (result.result, result.names) == ("sugar", ("sugar",))
    [request] = transport.requests
    assert str(request.url) == "http://bar/dev/api/process"
    assert request.headers["Prefer"] == "wait=12"
    assert request.headers["x-api-key"] == "secret"
    assert request.headers["Accept-Language"] == "ru"
    assert request.extensions["timeout"]["read"] == 22.0
    assert json.loads(request.content) == [{"ingredients": ["milk"]}]


def test_an_unfinished_task_is_polled_after_retry_after() -> None:
    transport = FakeTransport(
        respond(202, [task_json(1)], Retry_After="4"),
        respond(202, task_json(1), Retry_After="2"),
        respond(200, success(1)),
    )
    assert run(service(transport).ask(MILK, 30, SubmitOptions())).result == "sugar"
    assert transport.sleeps == [4.0, 2.0]
    assert [request.url.params.get("wait") for request in transport.requests] == [None, "20", "20"]


def test_the_wait_ends_with_the_caller_s_time() -> None:
    """The last poll is at the end of that time, and the error has the task."""
    transport = FakeTransport(
        respond(202, [task_json(1)], Retry_After="60"), respond(202, task_json(1))
    )
    with pytest.raises(TaskTimeout, match="task-1 is not finished yet") as raised:
        run(service(transport).ask(MILK, 5, SubmitOptions()))
    assert transport.sleeps == [5.0]
    assert [task.task_id for task in raised.value.tasks] == ["task-1"]


@pytest.mark.parametrize(
    ("wait", "server_waits", "sleeps"),
    [
        (0.4, [None, None], [0.4]),
        (0.99, ["1"], []),
        (1.0, ["1"], []),
        (2.5, ["2", None], [0.5]),
        (21.7, ["20", "1", None], [0.7]),
    ],
)
def test_a_wait_is_as_long_as_the_caller_asked(
    wait: float, server_waits: list[str | None], sleeps: list[float]
) -> None:
    """The service waits whole seconds; the client waits for the rest."""
    transport = WaitingTransport(*(respond(202, task_json(1), Retry_After="0") for _ in range(9)))
    start = transport.now()
    run(service(transport).result("task-1", wait))
    assert [request.url.params.get("wait") for request in transport.requests] == server_waits
    assert list(filter(None, transport.sleeps)) == pytest.approx(sleeps, abs=0.01)
    assert transport.now() - start == pytest.approx(wait, abs=0.05)


def test_a_suggestion_is_waited_for_as_long_as_the_caller_asked() -> None:
    transport = WaitingTransport(
        respond(202, [task_json(1)], Retry_After="1"), respond(202, task_json(1), Retry_After="1")
    )
    start = transport.now()
    with pytest.raises(TaskTimeout):
        run(service(transport).ask(MILK, 0.4, SubmitOptions()))
    assert "Prefer" not in transport.requests[0].headers
    assert transport.now() - start == pytest.approx(0.4, abs=0.05)


def test_an_unsuccessful_task_is_an_error_with_its_result() -> None:
    """FAIL and CANCELLED have different errors."""
    with pytest.raises(TaskFailed, match="Every worker was lost") as failed:
        run(service(FakeTransport(respond(200, [failure(1)]))).ask(MILK, 5, SubmitOptions()))
    assert failed.value.result.names == ()
    with pytest.raises(TaskCancelled):
        run(
            service(FakeTransport(respond(200, [task_json(1, "CANCELLED")]))).ask(
                MILK, 5, SubmitOptions()
            )
        )


def test_a_submission_whose_response_was_lost_is_retried_with_the_same_key() -> None:
    """The service recognizes the retry and creates no second task."""
    transport = FakeTransport(httpx2.ReadTimeout("lost"), respond(202, [task_json(1)]))
    [task] = run(service(transport).submit(MILK, SubmitOptions()))
    assert (task.task_id, task.status) == ("task-1", Status.PROCESSING)
    first, second = (request.headers["Idempotency-Key"] for request in transport.requests)
    assert first == second


@pytest.mark.parametrize(
    ("wait", "prefer"), [(-1, None), (0.4, None), (7.9, "wait=7"), (90, "wait=20")]
)
def test_each_request_of_a_submission_waits_for_whole_seconds(
    wait: float, prefer: str | None
) -> None:
    transport = FakeTransport(respond(200, [success(1)]))
    [result] = run(service(transport).submit(MILK, SubmitOptions(), wait))
    assert (result.result, transport.requests[0].headers.get("Prefer")) == ("sugar", prefer)


@pytest.mark.parametrize("ask", ["ask", "submit"])
def test_the_options_of_a_submission_are_sent(ask: str) -> None:
    transport = FakeTransport(respond(200, [success(1)]))
    options = SubmitOptions("mine", ignore_unknown=True, webhook="https://bar.example/")
    bar = service(transport)
    run(bar.ask(MILK, 0, options) if ask == "ask" else bar.submit(MILK, options))
    [request] = transport.requests
    assert request.headers["Idempotency-Key"] == "mine"
    assert dict(request.url.params) == {
        "ignore_unknown": "true",
        "webhook": "https://bar.example/",
    }


def test_two_submissions_have_different_keys() -> None:
    """The same drink, submitted twice, becomes two tasks."""
    transport = FakeTransport(respond(202, [task_json(1)]), respond(202, [task_json(2)]))
    for _ in range(2):
        run(service(transport).submit(MILK, SubmitOptions()))
    first, second = (request.headers["Idempotency-Key"] for request in transport.requests)
    assert first != second


def test_drinks_are_submitted_in_batches_of_99_with_their_own_keys() -> None:
    """The tasks are in the order of the drinks."""
    numbers = [range(99), range(99, 198), range(198, 200)]
    transport = FakeTransport(*(respond(202, [task_json(n) for n in batch]) for batch in numbers))
    tasks = run(service(transport).submit([MILK] * 200, SubmitOptions("mine")))
    assert [task.task_id for task in tasks] == [f"task-{n}" for n in range(200)]
    keys = [request.headers["Idempotency-Key"] for request in transport.requests]
    assert keys == ["mine", "mine.1", "mine.2"]


def test_no_batch_exceeds_the_size_limit_of_the_service() -> None:
    """Long lists of exclusions make the batches smaller."""
    large = Drink(["milk"], exclude=["м" * 60] * 500)
    transport = FakeTransport(*(respond(202, [task_json(n)] * 2) for n in range(5)))
    run(service(transport).submit([large] * 10, SubmitOptions()))
    assert all(len(request.content) < 192 * 1024 for request in transport.requests)


def test_an_error_in_a_later_batch_has_the_position_of_the_drink_and_earlier_tasks() -> None:
    """The position counts from the first drink of the first batch."""
    tasks = [task_json(n) for n in range(99)]
    transport = FakeTransport(respond(202, tasks), problem(422, "unknown-ingredient", index=3))
    with pytest.raises(ApiError) as raised:
        run(service(transport).submit([MILK] * 110, SubmitOptions()))
    assert raised.value.index == 102
    assert len(raised.value.tasks) == 99


def test_a_result_without_a_wait_is_one_request() -> None:
    """An unfinished task is returned with its status."""
    transport = FakeTransport(respond(202, task_json(1), Retry_After="3"))
    result = run(service(transport).result("task-1", 0))
    assert (result.status, result.is_final, result.names) == (Status.PROCESSING, False, ())
    assert "wait" not in transport.requests[0].url.params
    assert transport.sleeps == []


def test_a_request_without_a_wait_is_retried_too() -> None:
    """`wait=0` means not to wait for the task; it does not turn off retries."""
    transport = FakeTransport(httpx2.ConnectError("refused"), respond(200, success(1)))
    assert run(service(transport).result("task-1", 0)).result == "sugar"


def test_a_cancel_whose_response_was_lost_succeeds() -> None:
    """The retry finds the task cancelled, as the caller wanted."""
    cancelled = problem(409, "already-finished", task_status="CANCELLED")
    transport = FakeTransport(httpx2.ReadTimeout("lost"), cancelled)
    assert run(service(transport).cancel("task-1")).status is Status.CANCELLED


def test_a_finished_task_cannot_be_cancelled() -> None:
    finished = problem(409, "already-finished", task_status="SUCCESS")
    with pytest.raises(ApiError):
        run(service(FakeTransport(finished)).cancel("task-1"))


def test_unknown_fields_of_a_response_are_ignored() -> None:
    """A newer service does not break an older client."""
    newer = success(1) | {"colour": "red", "timings": {"total": 0.5, "brewed": 1}}
    result = run(service(FakeTransport(respond(200, newer))).result("task-1", 0))
    assert result.timings.total == 0.5


@pytest.mark.parametrize(
    "response",
    [
        httpx2.Response(200, text="<html>Sign in to the Wi-Fi</html>"),
        respond(200, ["no", "task"]),
        respond(200, {"task_id": "task-1"}),
        respond(200, task_json(1, "BREWING")),
    ],
    ids=["html", "list", "no status", "new status"],
)
def test_a_response_of_another_server_is_an_error(response: httpx2.Response) -> None:
    """The content of a proxy's page is not taken for a result."""
    with pytest.raises(UnexpectedResponse, match="http://bar did not respond like a Barback"):
        run(service(FakeTransport(response)).result("task-1", 0))


@pytest.mark.parametrize(
    "body",
    [
        {"detail": [{"loc": ["query"], "msg": "Field required"}]},
        {"detail": {"reason": "down"}},
        {"detail": None},
        ["detail"],
    ],
)
def test_an_error_of_another_service_is_an_api_error(body: Any) -> None:
    """Its fields may have other types than those of a problem."""
    with pytest.raises(ApiError, match="http://bar returned 422") as raised:
        run(service(FakeTransport(respond(422, body))).status("task-1"))
    assert (raised.value.type, raised.value.index) == ("about:blank", None)


def test_a_problem_with_odd_fields_is_an_api_error() -> None:
    response = respond(422, {"detail": "Refused", "type": ["x"], "index": "first"})
    with pytest.raises(ApiError, match="Refused") as raised:
        run(service(FakeTransport(response)).submit([MILK] * 2, SubmitOptions()))
    assert (raised.value.type, raised.value.index) == ("about:blank", None)


@pytest.mark.parametrize("status", [200, 500])
def test_json_that_is_nested_too_deeply_is_an_error(status: int) -> None:
    response = httpx2.Response(status, content=b"[" * 100_000)
    with pytest.raises(UnexpectedResponse if status == 200 else ApiError, match="http://bar"):
        run(service(FakeTransport(response)).status("task-1"))


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (httpx2.Response(403, json={"message": "Forbidden"}), "did not accept the API key"),
        (httpx2.Response(500, text="oops"), "http://bar returned 500 Internal Server Error."),
        (httpx2.Response(301, headers={"Location": "https://bar/"}), "redirects to https://bar/"),
    ],
)
def test_an_error_of_a_gateway_has_a_readable_message(response: httpx2.Response, text: str) -> None:
    """Gateways and proxies do not send RFC 9457 problems."""
    with pytest.raises(ApiError, match=text):
        run(service(FakeTransport(response)).status("task-1"))
