"""GET and DELETE /api/batches/{batch_id}, and the Location of an array."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import pytest

from tasks.task import Outcome, Status
from tests.fakes import NOW
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api

DRINKS = [{"ingredients": [name]} for name in ("milk", "water", "sugar")]
RESULT = {"added": ["ginger"], "suggestions": [], "model": "test"}


def submit(api: Api, drinks: Any = DRINKS, **headers: str) -> tuple[str, list[str]]:
    """Submit an array and return the path of its batch and the ids of its tasks."""
    response = api.http.post("/api/process", json=drinks, headers=headers)
    assert response.status_code == 202, response.text
    url = urljoin(str(response.url), response.headers["location"])
    return url, [task["task_id"] for task in response.json()]


def succeed(api: Api, task_id: str) -> None:
    assert api.store.finish(task_id, Outcome(Status.SUCCESS, NOW, NOW, RESULT, attempts=1))


KEYS = pytest.mark.parametrize("headers", [{}, {"Idempotency-Key": "k"}], ids=["no key", "key"])


@KEYS
def test_a_batch_has_counts_and_results_in_order(api: Api, headers: dict[str, str]) -> None:
    url, ids = submit(api, **headers)
    succeed(api, ids[1])
    response = api.http.get(url, headers={"Accept-Language": "ru"})
    assert response.status_code == 202
    assert response.headers["retry-after"] == "1"
    assert response.headers["content-language"] == "ru"
    body = response.json()
    assert url.endswith(f"/api/batches/{body['batch_id']}")
    assert body["counts"] == {"PROCESSING": 2, "SUCCESS": 1, "FAIL": 0, "CANCELLED": 0}
    assert body["expected_wait"] == 1
    assert [result["task_id"] for result in body["results"]] == ids
    assert body["results"][0] == {"task_id": ids[0], "status": "PROCESSING", "result": ""}
    russian = {"Accept-Language": "ru"}
    assert body["results"][1] == api.http.get(f"/api/result/{ids[1]}", headers=russian).json()


def test_a_batch_whose_tasks_are_all_final_is_200(api: Api) -> None:
    url, ids = submit(api)
    for task_id in ids:
        succeed(api, task_id)
    response = api.http.get(url)
    assert response.status_code == 200
    assert "retry-after" not in response.headers
    assert response.json()["expected_wait"] == 0


def test_a_request_may_wait_for_a_batch(api: Api) -> None:
    """It reads one task until that is final, and then the others."""
    url, ids = submit(api)
    succeed(api, ids[0])
    reads = iter(ids[1:])
    get = api.store.get

    def get_and_end(task_id: str) -> Any:
        for left in reads:
            succeed(api, left)
        return get(task_id)

    api.store.get = get_and_end  # type: ignore[method-assign]
    response = api.http.get(url, params={"wait": "2"})
    assert response.status_code == 200
    assert response.json()["counts"]["SUCCESS"] == 3


def test_a_wait_that_is_not_a_number_is_refused(api: Api) -> None:
    url, _ = submit(api)
    assert api.http.get(url, params={"wait": "soon"}).status_code == 422
    response = api.http.get(url, params={"wait": "1", "page": "2"})
    assert "remove 'page'" in response.json()["detail"]


@KEYS
def test_cancelling_a_batch_reports_what_is_cancelled(api: Api, headers: dict[str, str]) -> None:
    """A repetition is answered in the same way."""
    url, ids = submit(api, **headers)
    succeed(api, ids[1])
    for _ in range(2):
        response = api.http.delete(url)
        assert response.status_code == 200
        assert response.json() == {
            "batch_id": url.rpartition("/")[2],
            "counts": {"PROCESSING": 0, "SUCCESS": 1, "FAIL": 0, "CANCELLED": 2},
            "cancelled": [ids[0], ids[2]],
        }


@KEYS
def test_the_batch_of_another_owner_is_404(api: Api, headers: dict[str, str]) -> None:
    url, ids = submit(api, **headers)
    for method in ("GET", "DELETE"):
        response = api.http.request(method, url, headers={"x-api-key": "another"})
        assert response.status_code == 404
        assert problem_of(response) == "batch-not-found"
    assert all(api.store.rows[task_id].status is Status.PROCESSING for task_id in ids)


@pytest.mark.parametrize("batch_id", ["milk", "%00", "a" * 64, "1-2", "a" * 500])
def test_an_unknown_batch_is_404(api: Api, batch_id: str) -> None:
    response = api.http.get(f"/api/batches/{batch_id}")
    assert response.status_code == 404
    assert problem_of(response) == "batch-not-found"


def test_a_batch_past_its_retention_is_410(api: Api) -> None:
    url, _ = submit(api)
    api.clock.now += 86_401
    response = api.http.get(url)
    assert response.status_code == 410
    assert problem_of(response) == "batch-expired"


def test_the_id_of_a_batch_may_be_in_capital_letters(api: Api) -> None:
    url, ids = submit(api)
    base, _, batch_id = url.rpartition("/")
    response = api.http.get(f"{base}/{batch_id.upper()}")
    assert [result["task_id"] for result in response.json()["results"]] == ids


@pytest.mark.parametrize("drinks", [{}, [{}]], ids=["a drink", "an array of one"])
def test_the_location_of_a_single_task_is_its_result(api: Api, drinks: Any) -> None:
    """One task is not a batch, however it was sent."""
    url, [task_id] = submit(api, drinks)
    assert url.endswith(f"/api/result/{task_id}")


def test_an_array_that_waits_has_the_location_of_its_batch(api: Api) -> None:
    response = api.http.post("/api/process", json=DRINKS, headers={"Prefer": "wait=0"})
    assert response.headers["location"].startswith("../api/batches/")
