"""The AWS calls of a task, from its submission to its result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import boto3
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import Deployment


@pytest.fixture
def calls(deployment: Deployment) -> Iterator[list[str]]:  # noqa: ARG001 - deployed before recording
    """Return the names of the AWS calls that the functions make.

    The event source has its own session, so its calls are not included. Reads of a queue's length
    are left out, because their number depends on time and not on tasks.
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


def test_a_task_takes_three_calls_and_one_per_read(
    deployment: Deployment, calls: list[str]
) -> None:
    """PutItem and SendMessage submit it, UpdateItem finishes it, and GetItem reads it."""
    source = deployment.source("WorkerFunction")
    [task] = deployment.http("POST", "/api/process").body
    assert calls == ["PutItem", "SendMessage"]
    deployment.result(task)
    assert calls[2:] == ["GetItem"]
    source.poll()
    assert calls[3:] == ["UpdateItem"]
    deployment.result(task)
    assert calls[-1] == "GetItem"


def test_a_submission_with_a_key_uses_a_transaction_instead_of_a_put(
    deployment: Deployment, calls: list[str]
) -> None:
    deployment.http("POST", "/api/process", headers={"Idempotency-Key": "k"})
    assert calls == ["TransactWriteItems", "SendMessage"]


def test_submitting_a_hundred_tasks_takes_fourteen_calls(
    deployment: Deployment, calls: list[str]
) -> None:
    """A call writes up to 25 rows or sends up to ten messages."""
    deployment.http("POST", "/api/process", [{}] * 100)
    assert calls == ["BatchWriteItem"] * 4 + ["SendMessageBatch"] * 10
