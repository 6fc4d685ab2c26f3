from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tasks.task import Outcome, Status, Usage
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tasks.messages import TaskMessage
    from tests.unit.functions.conftest import Api

RESULT = {"added": ["ginger"], "suggestions": [], "model": "test"}


@pytest.fixture
def quick(api: Api, monkeypatch: pytest.MonkeyPatch) -> Api:
    """Return an API whose worker has finished a task as soon as it is sent."""

    def send(messages: Sequence[TaskMessage]) -> None:
        now = api.clock.now
        work = Usage(10, "litert", 0.01)
        for message in messages:
            ended = Outcome(Status.SUCCESS, now, now, RESULT, attempts=1, usage=work)
            assert api.store.finish(message.task_id, ended)

    monkeypatch.setattr(api.queue, "send", send)
    return api


def test_a_submission_may_wait_for_its_result(quick: Api) -> None:
    """With `Prefer: wait` the answer to a submission is what its result would be."""
    answer = quick.http.post("/api/process", headers={"Prefer": "wait=1", "Accept-Language": "ru"})
    assert answer.status_code == 200
    assert answer.headers["preference-applied"] == "wait=1"
    assert answer.headers["content-language"] == "ru"
    assert "retry-after" not in answer.headers
    [result] = answer.json()
    assert result["result"] == "имбирь"
    url = result.pop("url_result")
    assert quick.http.get(url, headers={"Accept-Language": "ru"}).json() == result


def test_an_array_is_answered_when_all_are_finished(quick: Api) -> None:
    """One result for each drink, in their order."""
    drinks = [{"ingredients": [name]} for name in ("milk", "water", "sugar")]
    answer = quick.http.post("/api/process", json=drinks, headers={"Prefer": "wait=2"})
    assert answer.status_code == 200
    ids = [result["task_id"] for result in answer.json()]
    assert [quick.store.rows[i].input["ingredients"] for i in ids] == [
        ("milk",),
        ("water",),
        ("sugar",),
    ]


def test_what_takes_longer_is_202_all_the_same(api: Api) -> None:
    """The wait was applied, cut to the limit, and the task is where it always is."""
    answer = api.http.post("/api/process", headers={"Prefer": "wait=0"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (202, "wait=0")
    assert set(answer.json()[0]) == {"task_id", "status", "url_result"}
    assert answer.headers["retry-after"] == "1"


def test_a_wait_is_cut_to_the_deployment_s(quick: Api) -> None:
    """Who would wait for an hour is told for how long it was."""
    answer = quick.http.post("/api/process", headers={"Prefer": "wait=3600"})
    assert answer.headers["preference-applied"] == "wait=2"


def test_a_preference_that_is_not_known_is_ignored(api: Api) -> None:
    """RFC 7240 has a server ignore what it cannot honour."""
    answer = api.http.post("/api/process", headers={"Prefer": "respond-async, wait=soon"})
    assert answer.status_code == 202
    assert "preference-applied" not in answer.headers


def test_a_result_may_be_waited_for(quick: Api) -> None:
    """`wait` is no more than patience: the answer is the same."""
    [task] = quick.http.post("/api/process").json()
    answer = quick.http.get(task["url_result"], params={"wait": 1})
    assert answer.status_code == 200
    assert answer.json() == quick.http.get(task["url_result"]).json()


@pytest.mark.parametrize("wait", ["-1", "soon", "1.5", ""])
def test_a_wait_that_is_no_number_is_refused(api: Api, wait: str) -> None:
    """A query is the caller's own, and its mistakes are not ignored."""
    task_id = api.submit()
    answer = api.http.get(f"/api/result/{task_id}", params={"wait": wait})
    assert (answer.status_code, problem_of(answer)) == (422, "invalid")


def test_a_result_has_a_receipt(quick: Api) -> None:
    """What the worker put in, and what it cost."""
    [task] = quick.http.post("/api/process").json()
    receipt = quick.http.get(task["url_result"]).json()["receipt"]
    assert receipt.pop("usd") > 0
    assert receipt == {
        "batch_size": 10,
        "engine": "litert",
        "gb_seconds": 0.01,
        "aws_calls": 4.2,
        "prices": "2026-11",
    }


def test_retry_after_is_the_queue_s(api: Api) -> None:
    """A hundred and sixty tasks at twenty in a second are eight seconds."""
    for _ in range(2):
        api.http.post("/api/process", json=[{"priority": "bulk"}] * 100)
    api.clock.now += 2
    assert api.http.get("/api/queue").json()["bulk"]["depth"] == 200
    del api.bulk.messages[:80]
    api.clock.now += 2
    answer = api.http.post("/api/process", json=[{"priority": "bulk"}] * 40)
    assert answer.headers["retry-after"] == "8"
    url = answer.json()[0]["url_result"]
    assert api.http.get(url).headers["retry-after"] == "8"
    assert api.http.get("/api/queue").json() == {
        "interactive": {"depth": 0, "in_flight": 0, "rate": None, "expected_wait": 0.0},
        "bulk": {"depth": 160, "in_flight": 0, "rate": 20.0, "expected_wait": 8.0},
        "document": {"depth": 0, "in_flight": 0, "rate": None, "expected_wait": 0.0},
    }


def test_a_queue_that_does_not_answer_spoils_no_submission(api: Api) -> None:
    """The tasks are taken; only when to come again is a guess."""
    task_id = api.submit()
    api.queue.unavailable = True
    api.clock.now += 5
    answer = api.http.get(f"/api/result/{task_id}")
    assert (answer.status_code, answer.headers["retry-after"]) == (202, "1")
