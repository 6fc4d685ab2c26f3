"""The worker as it is built from its environment."""

from __future__ import annotations

import importlib
import json
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from functions.worker.bootstrap import bootstrap
from tasks.aws.ports import create_store
from tasks.messages import TaskMessage
from tasks.task import Lane, Progress, Status, Task, Usage
from tests.fakes import (
    NOW,
    FakeClock,
    FakeEngine,
    InMemoryDocumentStore,
    InMemoryTaskQueue,
    InMemoryTaskStore,
    RecordingTelemetry,
    small_suggester,
    sqs_event,
)

if TYPE_CHECKING:
    import numpy as np
    import pytest
    from numpy.typing import NDArray

    from tests.conftest import Emulator

ENVIRONMENT: Final = {
    "LANES": "interactive,bulk,document",
    "TABLE_NAME": "tasks",
    "TASK_QUEUE_URL": "http://sqs/1/tasks",
    "BULK_QUEUE_URL": "http://sqs/1/bulk",
    "DOCUMENT_QUEUE_URL": "http://sqs/1/documents",
    "DOCUMENT_BUCKET": "documents",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "2048",
}
KEY: Final = "uploads/me/d.txt"
DRINK: Final = Task("t1", "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)
DOCUMENT: Final = Task(
    "t2",
    "me",
    {"document": KEY, "language": "en", "defaults": {}},
    NOW,
    NOW + 900,
    NOW + 86_400,
    Lane.DOCUMENT,
)


class Engine(FakeEngine):
    """An engine that takes two seconds, or raises an error."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock
        self.error: Exception | None = None

    def logits(self, drinks: NDArray[np.float32]) -> NDArray[np.float32]:
        self._clock.now += 2
        if self.error is not None:
            raise self.error
        return super().logits(drinks)


class Harness:
    """A worker with fakes for all ports."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.engine = Engine(self.clock)
        self.store = InMemoryTaskStore()
        self.store.create([DRINK, DOCUMENT])
        self.queues = {lane: InMemoryTaskQueue() for lane in Lane}
        self.documents = InMemoryDocumentStore({KEY: b"milk\n" * 1001})
        self.telemetry = RecordingTelemetry()
        self.worker = bootstrap(
            ENVIRONMENT,
            suggester=small_suggester(self.engine),
            store=self.store,
            queues=self.queues,
            documents=self.documents,
            telemetry=self.telemetry,
            clock=self.clock,
        )

    def run(self, message: TaskMessage, seconds: float = 60.0) -> list[str]:
        ends_at = self.clock.now + seconds
        return self.worker.run(sqs_event(message), lambda: ends_at - self.clock.now)


def test_a_drink_is_answered_with_the_memory_and_the_engine_of_the_settings() -> None:
    harness = Harness()
    assert harness.run(TaskMessage.of(DRINK)) == []
    row = harness.store.rows["t1"]
    assert (row.status, row.finished_at) == (Status.SUCCESS, NOW + 2)
    assert row.usage == Usage(1, "litert", 4.0)


def test_a_retry_changes_the_visibility_in_the_queue_of_the_message() -> None:
    """The last part of a queue's URL is its name, which is in the event."""
    harness = Harness()
    harness.engine.error = OSError()
    assert harness.run(TaskMessage.of(DRINK)) == ["m0"]
    [(handle, seconds)] = harness.queues[Lane.INTERACTIVE].visibility_changes
    assert (handle, seconds in (2, 3)) == ("r0", True)


def test_a_document_is_read_reported_continued_and_finished() -> None:
    """Its usage has the same memory and engine."""
    harness = Harness()
    assert harness.run(TaskMessage.of(DOCUMENT), seconds=12.0) == []
    [continued] = harness.queues[Lane.DOCUMENT].messages
    assert harness.queues[Lane.DOCUMENT].visibility_changes == [("r0", 42)]
    assert harness.store.rows["t2"].progress == Progress(1000 / 1001, 1000, 1000, 0)
    assert harness.run(continued) == []
    row = harness.store.rows["t2"]
    assert row.result is not None
    assert (row.result["document"]["lines"], row.result["model"]) == (1001, "test")
    assert (row.started_at, row.finished_at) == (NOW, harness.clock.now)
    assert row.usage == Usage(1, "litert", 2.0 * (harness.clock.now - NOW))


def test_a_document_is_retried_after_a_transient_failure() -> None:
    harness = Harness()
    harness.documents.unavailable = True
    assert harness.run(TaskMessage.of(DOCUMENT)) == ["m0"]
    assert harness.store.rows["t2"].status is Status.PROCESSING


def test_the_first_batch_reports_the_cold_start() -> None:
    harness = Harness()
    harness.run(TaskMessage.of(DRINK))
    assert harness.telemetry.flushed[0] == ("ColdStart", 1)


class Context:
    """The part of Lambda's context that the worker uses."""

    def get_remaining_time_in_millis(self) -> int:
        return 60_000


def test_the_handler_uses_aws_and_the_trained_model(
    emulator: Emulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """It answers a drink and a document, and Lambda keeps the message that it cannot read."""
    emulator.client("dynamodb").create_table(
        TableName="tasks",
        KeySchema=[{"AttributeName": "task_id", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "task_id", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    s3, sqs = emulator.client("s3"), emulator.client("sqs")
    s3.create_bucket(Bucket="documents")
    s3.put_object(Bucket="documents", Key=KEY, Body=b"milk")
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    for lane in ("TASK", "BULK", "DOCUMENT"):
        url = sqs.create_queue(QueueName=lane.lower())["QueueUrl"]
        monkeypatch.setenv(f"{lane}_QUEUE_URL", url)
    monkeypatch.setenv("AWS_LAMBDA_FUNCTION_NAME", "worker")
    monkeypatch.delitem(sys.modules, "functions.worker.handler", raising=False)
    handler = importlib.import_module("functions.worker.handler").handler
    store = create_store("tasks")
    tasks = [replace(task, deadline=9_999_999_999) for task in (DRINK, DOCUMENT)]
    store.create(tasks)
    event = sqs_event("unreadable", *map(TaskMessage.of, tasks))
    assert handler(event, Context()) == {"batchItemFailures": [{"itemIdentifier": "m0"}]}
    rows = store.get_many(["t1", "t2"]).values()
    assert [row.status for row in rows] == [Status.SUCCESS] * 2
    results = [row.result for row in rows if row.result is not None]
    [key] = [result["document"]["key"] for result in results if "document" in result]
    assert json.loads(s3.get_object(Bucket="documents", Key=key)["Body"].read())["result"]
    metrics, of_kind = map(json.loads, capsys.readouterr().out.splitlines())
    assert (metrics["service"], metrics["ColdStart"]) == ("worker", [1.0])
    assert (of_kind["kind"], of_kind["Success"]) == ("next", [2.0])
