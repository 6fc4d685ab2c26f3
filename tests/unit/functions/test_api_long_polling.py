from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tasks.aws import prices
from tasks.task import Outcome, Status, Usage
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.messages import TaskMessage
    from tests.unit.functions.conftest import Api

RESULT = {"added": ["ginger"], "suggestions": [], "model": "test"}


@pytest.fixture
def fast(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Return an API whose worker finishes a task as soon as it is sent."""

    def send(messages: Sequence[TaskMessage]) -> None:
        now = api.clock.now
        usage = Usage(10, "litert", 0.01)
        for message in messages:
            ended = Outcome(Status.SUCCESS, now, now, RESULT, attempts=1, usage=usage)
            assert api.store.finish(message.task_id, ended)

    monkeypatch.setattr(api.queue, "send", send)
    return api


def test_a_submission_may_wait_for_its_result(fast: Api) -> None:
    """With `Prefer: wait` the response has the same fields as the result."""
    response = fast.http.post("/api/process", headers={"Prefer": "wait=1", "Accept-Language": "ru"})
    assert response.status_code == 200
    assert response.headers["preference-applied"] == "wait=1"
    assert response.headers["content-language"] == "ru"
    assert "retry-after" not in response.headers
    [result] = response.json()
    assert result["result"] == "имбирь"
    url = result.pop("url_result")
    assert fast.http.get(url, headers={"Accept-Language": "ru"}).json() == result


def test_a_waiting_array_returns_the_results_in_order(fast: Api) -> None:
    drinks = [{"ingredients": [name]} for name in ("milk", "water", "sugar")]
    response = fast.http.post("/api/process", json=drinks, headers={"Prefer": "wait=2"})
    assert response.status_code == 200
    ids = [result["task_id"] for result in response.json()]
    assert [fast.store.rows[i].input["ingredients"] for i in ids] == [
        ("milk",),
        ("water",),
        ("sugar",),
    ]


def test_a_task_that_is_not_final_in_time_is_202(api: Api) -> None:
    """The response is the same as without a wait, except for `Preference-Applied`."""
    response = api.http.post("/api/process", headers={"Prefer": "wait=0"})
    assert (response.status_code, response.headers["preference-applied"]) == (202, "wait=0")
    assert set(response.json()[0]) == {"task_id", "status", "url_result"}
    assert response.headers["retry-after"] == "1"


def test_a_wait_is_reduced_to_the_limit_of_the_deployment(fast: Api) -> None:
    """`Preference-Applied` shows the reduced wait."""
    response = fast.http.post("/api/process", headers={"Prefer": "wait=3600"})
    assert response.headers["preference-applied"] == "wait=2"


def test_an_unknown_preference_is_ignored(api: Api) -> None:
    """RFC 7240 requires this."""
    response = api.http.post("/api/process", headers={"Prefer": "respond-async, wait=soon"})
    assert response.status_code == 202
    assert "preference-applied" not in response.headers


def test_a_result_may_be_requested_with_a_wait(fast: Api) -> None:
    """The response is the same as without a wait."""
    [task] = fast.http.post("/api/process").json()
    response = fast.http.get(task["url_result"], params={"wait": 1})
    assert response.status_code == 200
    assert response.json() == fast.http.get(task["url_result"]).json()


@pytest.mark.parametrize("wait", ["-1", "soon", "1.5", ""])
def test_a_wait_that_is_not_a_whole_number_is_rejected(api: Api, wait: str) -> None:
    task_id = api.submit()
    response = api.http.get(f"/api/result/{task_id}", params={"wait": wait})
    assert (response.status_code, problem_of(response)) == (422, "invalid")


def test_a_result_has_a_receipt(fast: Api) -> None:
    """The receipt shows the usage of the worker and the cost."""
    [task] = fast.http.post("/api/process").json()
    receipt = fast.http.get(task["url_result"]).json()["receipt"]
    assert receipt.pop("usd") > 0
    assert receipt == {
        "kinds": ["next"],
        "batch_size": 10,
        "engine": "litert",
        "gb_seconds": 0.01,
        "aws_calls": 4.2,
        "prices": prices.MONTH,
    }


def test_retry_after_is_the_expected_wait_of_the_queue(api: Api) -> None:
    """160 tasks at 20 per second take 8 seconds."""
    for _ in range(2):
        api.http.post("/api/process", json=[{"priority": "bulk"}] * 100)
    api.clock.now += 2
    assert api.http.get("/api/queue").json()["bulk"]["depth"] == 200
    del api.bulk.messages[:80]
    api.clock.now += 2
    response = api.http.post("/api/process", json=[{"priority": "bulk"}] * 40)
    assert response.headers["retry-after"] == "8"
    url = response.json()[0]["url_result"]
    assert api.http.get(url).headers["retry-after"] == "8"
    assert api.http.get("/api/queue").json() == {
        "interactive": {"depth": 0, "in_flight": 0, "rate": None, "expected_wait": 0.0},
        "bulk": {"depth": 160, "in_flight": 0, "rate": 20.0, "expected_wait": 8.0},
        "document": {"depth": 0, "in_flight": 0, "rate": None, "expected_wait": 0.0},
    }


def test_a_result_is_available_even_if_the_queue_is_not(api: Api) -> None:
    """`Retry-After` then has its minimum of one second."""
    task_id = api.submit()
    api.queue.unavailable = True
    api.clock.now += 5
    response = api.http.get(f"/api/result/{task_id}")
    assert (response.status_code, response.headers["retry-after"]) == (202, "1")
