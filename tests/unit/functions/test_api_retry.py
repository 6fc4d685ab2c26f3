"""POST /api/task/{task_id}/retry."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urljoin

import pytest

from tasks.task import Outcome, Status
from tests.fakes import NOW
from tests.unit.functions.conftest import problem_of

if TYPE_CHECKING:
    from tests.unit.functions.conftest import Api


def test_a_cancelled_task_is_retried_as_a_new_task(api: Api) -> None:
    first = api.submit(ingredients_joined="milk")
    api.http.delete(f"/api/task/{first}")
    response = api.http.post(f"/api/task/{first}/retry")
    assert response.status_code == 202
    new = response.json()["task_id"]
    assert response.json() == {
        "task_id": new,
        "status": "PROCESSING",
        "url_result": f"/api/result/{new}",
    }
    assert new != first
    assert api.store.rows[new].input == api.store.rows[first].input


def test_the_location_of_a_retry_is_the_result_of_the_new_task(api: Api) -> None:
    first = api.submit()
    api.http.delete(f"/api/task/{first}")
    response = api.http.post(f"/api/task/{first}/retry")
    url = urljoin(str(response.url), response.headers["location"])
    assert api.http.get(url).json()["task_id"] == response.json()["task_id"]
    assert response.headers["retry-after"] == "1"


def test_a_repeated_retry_is_answered_like_the_first(api: Api) -> None:
    first = api.submit()
    api.http.delete(f"/api/task/{first}")
    answers = [api.http.post(f"/api/task/{first.upper()}/retry").json() for _ in range(2)]
    assert answers[0] == answers[1]


def test_a_retry_is_part_of_the_trace_of_its_request(api: Api) -> None:
    first = api.submit()
    api.http.delete(f"/api/task/{first}")
    trace = f"00-{'a' * 32}-{'b' * 16}-01"
    response = api.http.post(f"/api/task/{first}/retry", headers={"traceparent": trace})
    assert api.store.rows[response.json()["task_id"]].traceparent == trace


@pytest.mark.parametrize("status", [Status.PROCESSING, Status.SUCCESS])
def test_a_retry_of_a_task_that_did_not_fail_is_409(api: Api, status: Status) -> None:
    first = api.submit()
    if status is Status.SUCCESS:
        api.store.finish(first, Outcome(Status.SUCCESS, NOW, result={"suggestions": []}))
    response = api.http.post(f"/api/task/{first}/retry")
    assert response.status_code == 409
    assert problem_of(response) == "retry-refused"
    assert response.json()["task_status"] == status
    assert "only FAIL and CANCELLED can be retried" in response.json()["detail"]


def test_an_ingredient_that_the_model_lost_is_retried_for_the_worker_to_refuse(api: Api) -> None:
    """The input of a row is not read again; the worker fails what its model does not know."""
    first = api.submit(ingredients_joined="milk")
    api.http.delete(f"/api/task/{first}")
    row = api.store.rows[first]
    row.input["ingredients"] = ["unobtainium"]
    new = api.http.post(f"/api/task/{first}/retry").json()["task_id"]
    assert api.store.rows[new].input["ingredients"] == ["unobtainium"]
