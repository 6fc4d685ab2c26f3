"""The local stack with its event sources running, as in `make run`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx2
import pytest

from infra.local.stack import running_stack

if TYPE_CHECKING:
    from collections.abc import Iterator

WAIT = {"Prefer": "wait=20"}


@pytest.fixture(scope="module")
def http() -> Iterator[httpx2.Client]:
    """Return a client of a running stack."""
    with running_stack() as url, httpx2.Client(base_url=url, timeout=30) as client:
        yield client


def statuses(http: httpx2.Client, tasks: list[dict[str, Any]]) -> set[str]:
    return {http.get(f"/api/status/{task['task_id']}").json()["status"] for task in tasks}


def test_a_submission_with_a_wait_returns_the_result(http: httpx2.Client) -> None:
    """The worker processes the task in the meantime."""
    response = http.post("/api/process", json={"ingredients": ["milk"]}, headers=WAIT)
    assert response.status_code == 200
    [result] = response.json()
    assert result["status"] == "SUCCESS"
    assert result["receipt"]["usd"] > 0


def test_large_responses_are_compressed_as_the_gateway_does(http: httpx2.Client) -> None:
    """Small ones are not, nor is one for a caller that does not accept it."""
    large, small = "/api/ingredients", "/api/health"
    encodings = [
        http.get(path, headers={"Accept-Encoding": accepted}).headers.get("content-encoding")
        for path, accepted in [(large, "gzip"), (small, "gzip"), (large, "identity")]
    ]
    assert encodings == ["gzip", None, None]


def test_bulk_tasks_do_not_delay_an_interactive_task(http: httpx2.Client) -> None:
    """The interactive task is final while bulk tasks submitted before it are still waiting."""
    bulk = [{"ingredients": ["milk"], "priority": "bulk"}] * 100
    batches = [http.post("/api/process", json=bulk).raise_for_status().json() for _ in range(20)]
    response = http.post("/api/process", json={"ingredients": ["milk"]}, headers=WAIT)
    assert response.status_code == 200
    assert statuses(http, batches[-1][-5:]) == {"PROCESSING"}
