"""The AWS calls of a task, from its submission to its result."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urljoin

import boto3
import pytest

from functions.worker import progress_report
from infra.capacity.deliveries import READS, WRITES
from tests.integration.receiver import receiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.integration.conftest import Deployment


@pytest.fixture
def calls(deployment: Deployment) -> Iterator[list[str]]:  # noqa: ARG001 - deployed before recording
    """Return the names of the AWS calls that the functions make.

    The client of the event source is older, so its calls are not included. Reads of a queue's
    length are left out, because their number depends on time and not on tasks.
    """
    made: list[str] = []

    def record(model: Any, **_: Any) -> None:
        if model.name != "GetQueueAttributes":
            made.append(model.name)

    assert boto3.DEFAULT_SESSION is not None
    events = boto3.DEFAULT_SESSION.events
    events.register("before-call", record)
    yield made
    events.unregister("before-call", record)


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


def test_a_retry_takes_a_read_a_transaction_and_a_message(
    deployment: Deployment, calls: list[str]
) -> None:
    """A repetition also reads the record and the new task."""
    [task] = deployment.http("POST", "/api/process").body
    assert deployment.http("DELETE", f"/api/task/{task['task_id']}").status == 200
    del calls[:]
    first = deployment.http("POST", f"/api/task/{task['task_id']}/retry")
    assert calls == ["GetItem", "TransactWriteItems", "SendMessage"]
    del calls[:]
    again = deployment.http("POST", f"/api/task/{task['task_id']}/retry")
    assert calls == ["GetItem", "TransactWriteItems", "GetItem", "GetItem", "SendMessage"]
    assert (first.status, first.body) == (again.status, again.body) == (202, first.body)


def test_submitting_a_hundred_tasks_takes_eleven_calls(
    deployment: Deployment, calls: list[str]
) -> None:
    """A call writes up to 100 rows or sends up to ten messages."""
    deployment.http("POST", "/api/process", [{}] * 100)
    assert calls == ["TransactWriteItems"] + ["SendMessageBatch"] * 10


def test_a_batch_takes_one_read_and_an_update_for_each_cancelled_task(
    deployment: Deployment, calls: list[str]
) -> None:
    """Its id is known without a row."""
    submitted = deployment.http("POST", "/api/process", [{}] * 3)
    batch = urljoin("/api/process", submitted.headers["location"])
    del calls[:]
    assert deployment.http("GET", batch).status == 202
    assert calls == ["BatchGetItem"]
    del calls[:]
    assert deployment.http("DELETE", batch).body["counts"]["CANCELLED"] == 3
    assert calls == ["BatchGetItem"] + ["UpdateItem"] * 3
    del calls[:]
    assert deployment.http("GET", batch).status == 200
    assert calls == ["BatchGetItem"]


def test_a_batch_with_a_key_takes_two_reads(deployment: Deployment, calls: list[str]) -> None:
    """The row of the key is the row of the batch."""
    headers = {"Idempotency-Key": "batch"}
    submitted = deployment.http("POST", "/api/process", [{}] * 3, headers)
    assert calls == ["TransactWriteItems", "SendMessageBatch"]
    del calls[:]
    batch = urljoin("/api/process", submitted.headers["location"])
    assert deployment.http("GET", batch).status == 202
    assert calls == ["GetItem", "BatchGetItem"]


def test_a_page_of_tasks_takes_eight_queries_and_a_read_for_each_hundred_rows(
    deployment: Deployment, calls: list[str]
) -> None:
    """Each query asks for a shard of the owner's tasks."""
    deployment.http("POST", "/api/process", [{}] * 100)
    deployment.http("POST", "/api/process", [{}] * 20)
    del calls[:]
    first = deployment.http("GET", "/api/tasks?limit=30").body
    assert (len(first["tasks"]), calls) == (30, ["Query"] * 8 + ["BatchGetItem"])
    del calls[:]
    deployment.http("GET", "/api/tasks?status=SUCCESS")
    assert calls == ["Query"] * 8 + ["BatchGetItem"] * 2


def test_a_delivery_takes_two_calls_to_start_and_four_to_make(
    deployment: Deployment, calls: list[str]
) -> None:
    """The capacity model knows the rows that it reads and writes."""
    for name in ("ApiFunction", "WebhookFunction"):
        environment = {**deployment.functions[name].environment, "LOCAL_WEBHOOKS": "true"}
        changed = replace(deployment.functions[name], environment=environment)
        deployment.functions[name] = changed
    deployment.http("GET", "/api/webhooks/secret")  # creates it
    with receiver() as found:
        [task] = deployment.http("POST", f"/api/process?webhook={found.url}", {}).body
        deployment.source("WorkerFunction").poll()
        source = deployment.source("WebhookFunction")
        del calls[:]
        deployment.stream(task["task_id"])
        assert calls == ["PutItem", "SendMessage"]
        source.poll()
        assert calls[2:] == ["GetItem", "GetItem", "GetItem", "PutItem"]
    assert (calls.count("PutItem"), calls.count("GetItem")) == (WRITES, READS)


def submit_document(deployment: Deployment) -> dict[str, str]:
    """Upload a document of 2,001 drinks and submit it."""
    body = b"milk\n" * 2001
    created = deployment.http("POST", "/api/documents", {"bytes": len(body), "format": "text"}).body
    bucket, _, key = created["document"].removeprefix("s3://").partition("/")
    deployment.s3.put_object(Bucket=bucket, Key=key, Body=body)
    [task] = deployment.http("POST", "/api/process", {"document": created["document"]}).body
    submitted: dict[str, str] = task
    return submitted


def test_lines_in_a_request_take_one_more_call(deployment: Deployment, calls: list[str]) -> None:
    """The API puts the file that callers upload otherwise; the worker makes the same calls."""
    source = deployment.source("DocumentFunction")
    deployment.http("POST", "/api/process", {"lines": ["milk"] * 2001})
    assert calls == ["PutObject", "PutItem", "SendMessage"]
    source.poll()
    assert calls[3:] == [*DOCUMENT_CALLS, "PutObject", "UpdateItem"]


DOCUMENT_CALLS = ["GetItem", "ChangeMessageVisibility", "GetObject"]


def test_a_document_takes_five_calls_of_its_worker(
    deployment: Deployment, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The progress of a document that is done before the first report is not written."""
    monkeypatch.setattr(progress_report, "INTERVAL", 3600.0)
    source = deployment.source("DocumentFunction")
    submit_document(deployment)
    assert calls == ["PutItem", "SendMessage"]
    source.poll()
    assert calls[2:] == [*DOCUMENT_CALLS, "PutObject", "UpdateItem"]


def test_a_report_of_progress_takes_one_call(
    deployment: Deployment, calls: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A report after each of three batches, unless the last one is still being written."""
    monkeypatch.setattr(progress_report, "INTERVAL", 0.0)
    source = deployment.source("DocumentFunction")
    submit_document(deployment)
    source.poll()
    others = [name for name in calls[2:] if name != "UpdateItem"]
    assert others == [*DOCUMENT_CALLS, "PutObject"]
    assert 2 <= calls.count("UpdateItem") <= 4
