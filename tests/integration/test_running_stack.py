"""The local stack with its event sources running, as `make run` runs it."""

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
    """Return a client of a stack of its own."""
    with running_stack(0) as url, httpx2.Client(base_url=url, timeout=30) as client:
        yield client


def statuses(http: httpx2.Client, tasks: list[dict[str, Any]]) -> set[str]:
    return {http.get(f"/api/status/{task['task_id']}").json()["status"] for task in tasks}


def test_a_submission_is_answered_in_one_request(http: httpx2.Client) -> None:
    """The worker runs elsewhere, and the request is answered when it is done."""
    answer = http.post("/api/process", json={"ingredients": ["milk"]}, headers=WAIT)
    assert answer.status_code == 200
    [result] = answer.json()
    assert result["status"] == "SUCCESS"
    assert result["receipt"]["usd"] > 0


def test_a_flood_of_bulk_work_lets_an_interactive_task_by(http: httpx2.Client) -> None:
    """Hundreds of bulk tasks are far from done when a later interactive one has its answer."""
    bulk = [{"ingredients": ["milk"], "priority": "bulk"}] * 100
    floods = [http.post("/api/process", json=bulk).raise_for_status().json() for _ in range(4)]
    answer = http.post("/api/process", json={"ingredients": ["milk"]}, headers=WAIT)
    assert answer.status_code == 200
    assert statuses(http, floods[-1][-5:]) == {"PROCESSING"}
    assert http.get("/api/queue").json()["bulk"]["depth"] > 0
