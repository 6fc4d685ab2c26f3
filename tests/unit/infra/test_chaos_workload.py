"""Tests of the clients: they retry as clients should, and they stop at their limits."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from infra.chaos.generator import Document, Drink, Operation
from infra.chaos.workload import Clients
from suggester.requests import Request

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MILK = Drink(Request(("milk",)))
TEA = Drink(Request(("tea",)))


class FakeApi:
    """An API that first gives the responses it was made with, then those for a finished task."""

    def __init__(self, *first: httpx2.Response | Exception) -> None:
        self.first = list(first)
        self.calls: list[httpx2.Request] = []

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.calls.append(request)
        if self.first:
            response = self.first.pop(0)
            if isinstance(response, Exception):
                raise response
            return response
        if request.method == "POST":
            return httpx2.Response(202, json=[{"task_id": "t"}])
        if request.method == "DELETE":
            return httpx2.Response(409, json={})
        task_id = request.url.path.rpartition("/")[2]
        return httpx2.Response(200, json={"task_id": task_id, "status": "SUCCESS"})


def accepted(*ids: str) -> httpx2.Response:
    return httpx2.Response(202, json=[{"task_id": task_id} for task_id in ids])


def clients_of(
    api: Callable[[httpx2.Request], httpx2.Response],
    clock: Callable[[], float] = time.monotonic,
) -> Clients:
    http = httpx2.Client(base_url="http://api", transport=httpx2.MockTransport(api))

    def to_json(_drink: Drink) -> dict[str, Any]:
        return {"ingredients": ["milk", "mint"]}

    return Clients(http, to_json, 20, clock)


def test_a_submission_is_retried_with_the_same_key() -> None:
    """A lost connection and a 503 lead to the same request again."""
    api = FakeApi(
        httpx2.ConnectError("gone"),
        httpx2.ReadError("gone"),
        httpx2.Response(503, headers={"Retry-After": "0"}),
    )
    clients = clients_of(api)
    clients.run([Operation(7, (MILK,))])
    posts = [call for call in api.calls if call.method == "POST"]
    assert {(call.headers["Idempotency-Key"], str(call.url)) for call in posts} == {
        ("chaos-7", "http://api/api/process?ingredients_joined=milk%3Bmint")
    }
    assert len(posts) == 4
    assert clients.history.accepted == {"t": MILK}


def test_a_result_is_read_when_the_task_is_final_and_again_at_the_end() -> None:
    """Both reads are recorded."""
    clients = clients_of(FakeApi())
    clients.run([Operation(1, (MILK,))])
    assert clients.history.first_results["t"]["status"] == "SUCCESS"
    assert clients.history.last_results == {}
    clients.read_again()
    assert clients.history.last_results == clients.history.first_results


def test_another_task_from_a_replay_is_recorded() -> None:
    """The replay returned an id that the original request did not return."""
    clients = clients_of(FakeApi(accepted("t"), accepted("u")))
    clients.run([Operation(1, (MILK,), replay=True)])
    assert clients.history.replay_ids == {"u"}


@pytest.mark.parametrize(("status", "confirmed"), [(200, {"t"}), (409, set())])
def test_a_cancel_is_recorded(status: int, confirmed: set[str]) -> None:
    """A 200 confirms it; a 409 does not."""
    final = {"task_id": "t", "status": "CANCELLED"}

    def api(request: httpx2.Request) -> httpx2.Response:
        if request.method == "POST":
            return accepted("t")
        return httpx2.Response(status if request.method == "DELETE" else 200, json=final)

    clients = clients_of(api)
    clients.run([Operation(1, (MILK,), cancel=True)])
    assert clients.history.cancel_requested == {"t"}
    assert clients.history.cancel_confirmed == confirmed


def test_several_drinks_are_one_array() -> None:
    """Each task id is recorded with its drink."""
    api = FakeApi(accepted("t", "u"))
    clients = clients_of(api)
    clients.run([Operation(1, (MILK, TEA))])
    assert len(json.loads(api.calls[0].content)) == 2
    assert clients.history.accepted == {"t": MILK, "u": TEA}
    assert clients.history.first_results.keys() == {"t", "u"}


@pytest.mark.parametrize("status", [400, 404, 422, 500])
def test_an_unexpected_response_is_recorded(status: int) -> None:
    """The submission ends and its drink counts as not accepted."""
    clients = clients_of(FakeApi(httpx2.Response(status, text="oh")))
    clients.run([Operation(1, (MILK,))])
    assert clients.history.unaccepted == 1
    assert clients.history.unexpected_responses == [f"POST /api/process: {status} oh"]


def test_clients_give_up_when_nothing_progresses() -> None:
    """Every drink of the unfinished submission counts as not accepted."""
    api = FakeApi(*[httpx2.Response(503)] * 50)
    clients = clients_of(api, clock=lambda: 5.0 * len(api.calls))
    clients.run([Operation(1, (MILK, MILK))])
    assert len(api.calls) == 4
    assert clients.history.unaccepted == 2


def test_clients_wait_for_a_slow_api_as_long_as_it_progresses() -> None:
    """All requests together take longer than the clients wait for progress."""
    api = FakeApi()
    clients = clients_of(api, clock=lambda: 2.0 * len(api.calls))
    clients.history.accepted = {str(number): MILK for number in range(30)}
    clients.read_again()
    assert len(clients.history.last_results) == 30


@pytest.mark.parametrize(("reports", "finished"), [(range(8), ["t"]), ([0] * 8, [])])
def test_clients_wait_for_a_document_as_long_as_its_progress_changes(
    reports: Sequence[int], finished: list[str]
) -> None:
    """All reports together take longer than the clients wait for progress."""
    progress = [{"fraction": 0, "lines": lines, "answered": 0, "failed": 0} for lines in reports]
    made = {"document": "s3://b/d", "upload": {"method": "PUT", "url": "http://api/up"}}
    api = FakeApi(
        httpx2.Response(201, json=made),
        httpx2.Response(200),
        accepted("t"),
        *(httpx2.Response(202, json={"task_id": "t", "progress": each}) for each in progress),
    )
    clients = clients_of(api, clock=lambda: 5.0 * len(api.calls))
    clients.run([Operation(1, (Document((MILK,), "en"),))])
    assert list(clients.history.first_results) == finished


def test_a_task_that_became_final_late_is_read_at_the_end() -> None:
    """A result that polling missed counts as its first result too."""
    clients = clients_of(FakeApi())
    clients.history.accepted["t"] = MILK
    clients.read_again()
    assert clients.history.first_results == clients.history.last_results
    assert clients.history.last_results.keys() == {"t"}


DOCUMENT = Document((MILK, TEA), language="ru")
DONE = {
    "task_id": "t",
    "status": "SUCCESS",
    "document": {"lines": 2, "url": "http://files/answers"},
}


def test_a_document_is_uploaded_submitted_and_downloaded() -> None:
    """The answers are part of the result; their URL is not, because it changes."""
    upload = {"method": "PUT", "url": "http://files/upload"}
    api = FakeApi(
        httpx2.Response(201, json={"document": "s3://file", "upload": upload}),
        httpx2.Response(200),
        accepted("t"),
        httpx2.Response(200, json=DONE),
        httpx2.Response(200, text='{"line":1}\n{"line":2}\n'),
    )
    clients = clients_of(api)
    clients.run([Operation(1, (DOCUMENT,))])
    assert [(call.method, str(call.url)) for call in api.calls] == [
        ("POST", "http://api/api/documents"),
        ("PUT", "http://files/upload"),
        ("POST", "http://api/api/process"),
        ("GET", "http://api/api/result/t"),
        ("GET", "http://files/answers"),
    ]
    assert len(api.calls[1].content.splitlines()) == 2
    assert json.loads(api.calls[2].content) == {"document": "s3://file"}
    assert {call.headers.get("Accept-Language") for call in api.calls[2:4]} == {"ru"}
    assert clients.history.accepted == {"t": DOCUMENT}
    assert clients.history.first_results["t"] == {
        **DONE,
        "document": {"lines": 2},
        "answers": [{"line": 1}, {"line": 2}],
    }
