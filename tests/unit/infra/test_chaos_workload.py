"""The callers try again where a caller should, and stop where they must."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from infra.chaos.generator import Question, Submission
from infra.chaos.workload import Callers
from suggester.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable

QUESTION = Question(Request(("milk",)))


class Api:
    """An API that gives the answers that it is told to, and then those of one finished task."""

    def __init__(self, *first: httpx2.Response | Exception) -> None:
        self.first = list(first)
        self.calls: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request)
        if self.first:
            answer = self.first.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        if request.method == "POST":
            return httpx2.Response(202, json=[{"task_id": "t"}])
        if request.method == "DELETE":
            return httpx2.Response(409, json={})
        task_id = request.url.path.rpartition("/")[2]
        return httpx2.Response(200, json={"task_id": task_id, "status": "SUCCESS"})


def callers_of(api: Callable[[httpx2.Request], httpx2.Response], most: int = 50) -> Callers:
    http = httpx2.Client(base_url="http://api", transport=httpx2.MockTransport(api))

    def write(_question: Question) -> dict[str, Any]:
        return {"ingredients": ["milk", "mint"]}

    return Callers(http, write, time.monotonic() + 20, most)


def test_a_submission_is_sent_again_with_its_key() -> None:
    """A lost connection and a 503 are tried again, as the same request; then it is answered."""
    api = Api(
        httpx2.ConnectError("gone"),
        httpx2.ReadError("gone"),
        httpx2.Response(503, headers={"Retry-After": "0"}),
    )
    callers = callers_of(api)
    callers.run([Submission(7, (QUESTION,))])
    callers.read_again(time.monotonic() + 20)
    posts = [call for call in api.calls if call.method == "POST"]
    assert {(call.headers["Idempotency-Key"], str(call.url)) for call in posts} == {
        ("chaos-7", "http://api/api/process?ingredients_joined=milk%3Bmint")
    }
    assert len(posts) == 4
    assert callers.records.answered == {"t": QUESTION}
    assert callers.records.first == callers.records.last
    assert callers.records.first["t"]["status"] == "SUCCESS"


def test_a_replay_and_a_cancel_are_recorded() -> None:
    """A key that gave another task is remembered, and what a caller tried to cancel."""
    api = Api(
        httpx2.Response(202, json=[{"task_id": "t"}]), httpx2.Response(202, json=[{"task_id": "u"}])
    )
    callers = callers_of(api)
    callers.run([Submission(1, (QUESTION,), replayed=True, cancelled=True)])
    assert callers.records.twice == {"u"}
    assert callers.records.cancelled == {"t"}
    assert callers.records.confirmed == set()


def test_an_array_is_one_request() -> None:
    """Several drinks go as an array, and each task is paired with its question."""
    other = Question(Request(("tea",)))
    api = Api(httpx2.Response(202, json=[{"task_id": "t"}, {"task_id": "u"}]))
    callers = callers_of(api)
    callers.run([Submission(1, (QUESTION, other))])
    assert len(json.loads(api.calls[0].content)) == 2
    assert callers.records.answered == {"t": QUESTION, "u": other}
    assert callers.records.first.keys() == {"t", "u"}


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_an_answer_that_must_not_be_is_kept(status: int) -> None:
    """What no caller should see ends the submission and is reported."""
    callers = callers_of(Api(httpx2.Response(status, text="oh")))
    callers.run([Submission(1, (QUESTION,))])
    assert callers.records.refused == 1
    assert callers.records.surprises == [
        f"POST /api/process: {status} oh",
    ]


def test_requests_are_bounded() -> None:
    """Callers give up after so many requests, and count what was not taken on."""
    api = Api(*[httpx2.Response(503)] * 50)
    callers = callers_of(api, most=5)
    callers.run([Submission(1, (QUESTION, QUESTION))])
    assert len(api.calls) == 5
    assert callers.records.refused == 2


def test_what_ended_late_is_read_at_the_end() -> None:
    """A task that was not final when the time for polling was over is read once more."""
    api = Api()
    callers = callers_of(api)
    callers.records.answered["t"] = QUESTION
    callers.read_again(time.monotonic() + 20)
    assert callers.records.first == callers.records.last
    assert callers.records.last.keys() == {"t"}
