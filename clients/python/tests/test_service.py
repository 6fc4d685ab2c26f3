"""What both clients do: submitting, waiting, documents."""

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
    TimedOut,
    UnexpectedAnswer,
)
from barback._endpoint import Endpoint
from barback._service import Service
from barback._session import Exchange
from clients.python.tests.fakes import FakeIo, answer, failure, problem, success, task_json

if TYPE_CHECKING:
    from collections.abc import Coroutine

MILK = Drink(["milk"])


def service(io: FakeIo) -> Service:
    endpoint = Endpoint("http://bar/dev/", "secret", "ru", 10.0)
    return Service(Exchange(io, endpoint, Retries(random=lambda: 1.0)))


def run(coroutine: Coroutine[Any, Any, Any]) -> Any:
    return asyncio.run(coroutine)


def test_one_request_is_enough_where_the_service_waits() -> None:
    """The request says how long to wait, as whom and in which language."""
    io = FakeIo(answer(200, [success(1)]))
    result = run(service(io).answer(MILK, 12.5))
    assert (result.result, result.names) == ("sugar", ("sugar",))
    [request] = io.requests
    assert str(request.url) == "http://bar/dev/api/process"
    assert request.headers["Prefer"] == "wait=13"
    assert request.headers["x-api-key"] == "secret"
    assert request.headers["Accept-Language"] == "ru"
    assert request.extensions["timeout"]["read"] == 23.0
    assert json.loads(request.content) == [{"ingredients": ["milk"]}]


def test_a_task_that_takes_longer_is_asked_for_when_the_service_says() -> None:
    """After 202 comes the pause of Retry-After, then the result is waited for."""
    io = FakeIo(
        answer(202, [task_json(1)], Retry_After="4"),
        answer(202, task_json(1), Retry_After="2"),
        answer(200, success(1)),
    )
    assert run(service(io).answer(MILK, 30)).result == "sugar"
    assert io.sleeps == [4.0, 2.0]
    assert [request.url.params.get("wait") for request in io.requests] == [None, "20", "20"]


def test_the_caller_s_time_bounds_the_wait() -> None:
    """The last look is when the time is up, and the error has the task."""
    io = FakeIo(answer(202, [task_json(1)], Retry_After="60"), answer(202, task_json(1)))
    with pytest.raises(TimedOut, match="task-1 is not finished yet") as raised:
        run(service(io).answer(MILK, 5))
    assert io.sleeps == [5.0]
    assert [task.task_id for task in raised.value.tasks] == ["task-1"]


def test_a_task_without_an_answer_is_an_error_that_has_its_result() -> None:
    """FAIL and CANCELLED are told apart."""
    with pytest.raises(TaskFailed, match="No worker was left") as failed:
        run(service(FakeIo(answer(200, [failure(1)]))).answer(MILK, 5))
    assert failed.value.result.names == ()
    with pytest.raises(TaskCancelled):
        run(service(FakeIo(answer(200, [task_json(1, "CANCELLED")]))).answer(MILK, 5))


def test_a_submission_whose_answer_was_lost_is_repeated_under_its_key() -> None:
    """The service can tell the retry from a second submission."""
    io = FakeIo(httpx2.ReadTimeout("lost"), answer(202, [task_json(1)]))
    [task] = run(service(io).submit(MILK, ""))
    assert (task.task_id, task.status) == ("task-1", Status.PROCESSING)
    first, second = (request.headers["Idempotency-Key"] for request in io.requests)
    assert first == second


def test_each_submission_has_a_key_of_its_own() -> None:
    """Two equal drinks that are submitted twice are two tasks."""
    io = FakeIo(answer(202, [task_json(1)]), answer(202, [task_json(2)]))
    for _ in range(2):
        run(service(io).submit(MILK, ""))
    first, second = (request.headers["Idempotency-Key"] for request in io.requests)
    assert first != second


def test_many_drinks_are_submitted_in_parts_of_99_each_with_its_key() -> None:
    """The order is kept across the parts."""
    parts = [range(99), range(99, 198), range(198, 200)]
    io = FakeIo(*(answer(202, [task_json(n) for n in part]) for part in parts))
    tasks = run(service(io).submit([MILK] * 200, "mine"))
    assert [task.task_id for task in tasks] == [f"task-{n}" for n in range(200)]
    keys = [request.headers["Idempotency-Key"] for request in io.requests]
    assert keys == ["mine", "mine.1", "mine.2"]


def test_a_part_is_no_larger_than_the_service_reads() -> None:
    """Drinks with long lists of exclusions make smaller parts."""
    heavy = Drink(["milk"], exclude=["м" * 60] * 500)
    io = FakeIo(*(answer(202, [task_json(n)] * 2) for n in range(5)))
    run(service(io).submit([heavy] * 10, ""))
    assert all(len(request.content) < 192 * 1024 for request in io.requests)


def test_an_error_in_a_later_part_says_which_drink_and_what_was_submitted() -> None:
    """The index counts from the first drink of all."""
    tasks = [task_json(n) for n in range(99)]
    io = FakeIo(answer(202, tasks), problem(422, "unknown-ingredient", index=3))
    with pytest.raises(ApiError) as raised:
        run(service(io).submit([MILK] * 110, ""))
    assert raised.value.index == 102
    assert len(raised.value.tasks) == 99


def test_a_result_without_waiting_is_one_look() -> None:
    """A task that is not finished is returned as it stands, and no wait is asked for."""
    io = FakeIo(answer(202, task_json(1), Retry_After="3"))
    result = run(service(io).result("task-1", 0))
    assert (result.status, result.is_final, result.names) == (Status.PROCESSING, False, ())
    assert "wait" not in io.requests[0].url.params
    assert io.sleeps == []


def test_a_look_without_waiting_is_retried_too() -> None:
    """Not to wait for the task does not mean to give up at a lost connection."""
    io = FakeIo(httpx2.ConnectError("refused"), answer(200, success(1)))
    assert run(service(io).result("task-1", 0)).result == "sugar"


def test_a_cancel_whose_answer_was_lost_succeeds() -> None:
    """The second DELETE finds the task cancelled, which is what was wanted."""
    gone = problem(409, "already-finished", task_status="CANCELLED")
    io = FakeIo(httpx2.ReadTimeout("lost"), gone)
    assert run(service(io).cancel("task-1")).status is Status.CANCELLED
    ended = problem(409, "already-finished", task_status="SUCCESS")
    with pytest.raises(ApiError):
        run(service(FakeIo(ended)).cancel("task-1"))


def test_members_of_a_later_version_are_left_out() -> None:
    """A newer service does not break an older client."""
    newer = success(1) | {"colour": "red", "timings": {"total": 0.5, "brewed": 1}}
    result = run(service(FakeIo(answer(200, newer))).result("task-1", 0))
    assert result.timings.total == 0.5


@pytest.mark.parametrize(
    "response",
    [
        httpx2.Response(200, text="<html>Sign in to the Wi-Fi</html>"),
        answer(200, ["no", "task"]),
        answer(200, {"task_id": "task-1"}),
        answer(200, task_json(1, "BREWING")),
    ],
    ids=["html", "list", "no status", "new status"],
)
def test_an_answer_that_is_not_barback_s_is_an_error(response: httpx2.Response) -> None:
    """What a proxy or another service says is not taken for a result."""
    with pytest.raises(UnexpectedAnswer, match="http://bar does not answer as Barback does"):
        run(service(FakeIo(response)).result("task-1", 0))


@pytest.mark.parametrize(
    ("response", "text"),
    [
        (httpx2.Response(403, json={"message": "Forbidden"}), "API key is not accepted"),
        (httpx2.Response(500, text="oops"), "http://bar answered 500 Internal Server Error."),
        (httpx2.Response(301, headers={"Location": "https://bar/"}), "points to https://bar/"),
    ],
)
def test_an_error_of_a_gateway_is_a_sentence_too(response: httpx2.Response, text: str) -> None:
    """Nothing before the service speaks RFC 9457."""
    with pytest.raises(ApiError, match=text):
        run(service(FakeIo(response)).status("task-1"))
