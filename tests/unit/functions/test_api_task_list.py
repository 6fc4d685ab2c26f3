"""GET /api/tasks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tasks.task import ErrorType, Outcome, Status, TaskError
from tests.fakes import NOW
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api


def submit(api: Api, **drink: Any) -> str:
    """Submit a drink, a second after the one before, and return the id of its task."""
    api.clock.now += 1
    [task] = api.http.post("/api/process", json=drink).json()
    task_id: str = task["task_id"]
    return task_id


def ids(api: Api, **query: Any) -> list[str]:
    response = api.http.get("/api/tasks", params=query)
    assert response.status_code == 200, response.text
    return [task["task_id"] for task in response.json()["tasks"]]


def test_a_listed_task_has_what_a_caller_needs_to_recognise_it(api: Api) -> None:
    task_id = submit(api, ingredients=["milk"], metadata={"table": "7"})
    error = TaskError(ErrorType.WORKER_LOST, "Lost.", retryable=True)
    api.store.finish(task_id, Outcome(Status.FAIL, NOW, error=error))
    assert api.http.get("/api/tasks").json() == {
        "tasks": [
            {
                "task_id": task_id,
                "status": "FAIL",
                "kind": "next",
                "submitted_at": "2026-09-21T14:13:21Z",
                "error": {"type": "worker-lost", "detail": "Lost.", "retryable": True},
                "metadata": {"table": "7"},
                "url_result": f"/api/result/{task_id}",
            }
        ],
        "cursor": None,
    }


def test_tasks_are_listed_in_pages_from_the_newest(api: Api) -> None:
    submitted = [submit(api) for _ in range(5)][::-1]
    first = api.http.get("/api/tasks", params={"limit": 3}).json()
    second = api.http.get("/api/tasks", params={"limit": 3, "cursor": first["cursor"]}).json()
    found = [task["task_id"] for task in (*first["tasks"], *second["tasks"])]
    assert (found, second["cursor"]) == (submitted, None)


def test_tasks_are_listed_by_status(api: Api) -> None:
    cancelled, _ = submit(api), submit(api)
    api.http.delete(f"/api/task/{cancelled}")
    assert ids(api, status="CANCELLED") == [cancelled]


def test_tasks_are_listed_by_kind(api: Api) -> None:
    """A task of several kinds is listed with each of them, and a document with none."""
    following = submit(api)
    complete = submit(api, kind="complete")
    both = submit(api, kind=["next", "complete"])
    document = api.http.post("/api/documents", json={"bytes": 1}).json()["document"]
    submit(api, document=document)
    assert ids(api, kind="next") == [both, following]
    assert ids(api, kind="complete") == [both, complete]
    assert [task["kind"] for task in api.http.get("/api/tasks").json()["tasks"]] == [
        None,
        ["next", "complete"],
        "complete",
        "next",
    ]


@pytest.mark.parametrize("since", ["2026-09-21T14:13:22Z", "2026-09-21T16:13:22+02:00"])
def test_tasks_are_listed_since_a_time(api: Api, since: str) -> None:
    submitted = [submit(api) for _ in range(3)]
    assert ids(api, since=since) == [submitted[2], submitted[1]]


@pytest.mark.parametrize(
    ("query", "word"),
    [
        ({"status": "DONE"}, "PROCESSING"),
        *[
            ({"since": text}, "query.since: must be a date and a time with its zone, such as")
            for text in ["yesterday", "0.5", "-1", "2026-09-21", "2026-09-21T14:13:22", "12:61"]
        ],
        ({"kind": "cook"}, "next, complete"),
        ({"limit": "0"}, "query.limit"),
        ({"limit": "201"}, "query.limit"),
        ({"page": "2"}, "remove 'page'"),
    ],
)
def test_a_filter_that_is_not_allowed_is_refused(
    api: Api, query: dict[str, str], word: str
) -> None:
    response = api.http.get("/api/tasks", params=query)
    assert response.status_code == 422
    assert problem_of(response) == "invalid"
    assert word in response.json()["detail"]


def test_a_cursor_of_someone_else_is_refused_with_advice(api: Api) -> None:
    for _ in range(2):
        submit(api)
    cursor = api.http.get("/api/tasks", params={"limit": 1}).json()["cursor"]
    response = api.http.get(
        "/api/tasks", params={"cursor": cursor}, headers={"x-api-key": "another"}
    )
    assert response.status_code == 422
    assert problem_of(response) == "cursor-invalid"
    assert "leave it out" in response.json()["detail"]


def test_a_caller_sees_no_task_of_another_owner(api: Api) -> None:
    submit(api)
    assert api.http.get("/api/tasks", headers={"x-api-key": "another"}).json()["tasks"] == []


def test_a_deployment_without_a_list_says_who_can_change_that(api: Api) -> None:
    api.store.has_list = False
    response = api.http.get("/api/tasks")
    assert response.status_code == 404
    assert problem_of(response) == "task-list-off"
    assert "TaskList=true" in response.json()["detail"]
