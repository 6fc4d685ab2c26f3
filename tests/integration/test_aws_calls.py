"""What a task costs in calls of AWS, from its submission to its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import Deployment


@pytest.fixture
def calls(deployment: Deployment) -> Iterator[list[str]]:  # noqa: ARG001 - hooks in after it
    """Return the names of the calls that the functions make; the event source's are its own.

    Looks at the length of a queue go by time, not by task, and are left out.
    """
    made: list[str] = []

    def record(model: Any, **_: Any) -> None:
        if model.name != "GetQueueAttributes":
            made.append(model.name)

    boto3.setup_default_session()
    assert boto3.DEFAULT_SESSION is not None
    boto3.DEFAULT_SESSION.events.register("before-call", record)
    yield made
    boto3.DEFAULT_SESSION = None


def test_a_task_costs_three_calls_and_one_for_each_look(
    deployment: Deployment, calls: list[str]
) -> None:
    """PutItem and SendMessage to submit, UpdateItem to finish, GetItem to look; nothing else."""
    source = deployment.source("WorkerFunction")
    [task] = deployment.http("POST", "/api/process").body
    assert calls == ["PutItem", "SendMessage"]
    deployment.result(task)
    assert calls[2:] == ["GetItem"]
    source.poll()
    assert calls[3:] == ["UpdateItem"]
    deployment.result(task)
    assert calls[-1] == "GetItem"


def test_a_key_costs_a_transaction_in_place_of_the_put(
    deployment: Deployment, calls: list[str]
) -> None:
    """The rows and the key are one call."""
    deployment.http("POST", "/api/process", headers={"Idempotency-Key": "k"})
    assert calls == ["TransactWriteItems", "SendMessage"]


def test_a_hundred_tasks_cost_fourteen_calls_to_submit(
    deployment: Deployment, calls: list[str]
) -> None:
    """Rows go by 25, messages by ten."""
    deployment.http("POST", "/api/process", [{}] * 100)
    assert calls == ["BatchWriteItem"] * 4 + ["SendMessageBatch"] * 10
