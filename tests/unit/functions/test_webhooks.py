from __future__ import annotations

import json
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from functions.webhooks.bodies import MAX_BODY, ResultBodies
from functions.webhooks.outbox import Outbox
from functions.webhooks.stream import StreamReader
from functions.webhooks.webhooks import Webhooks
from presentation.results import ResultPresenter
from tasks.aws.items import outcome_attributes, task_to_item
from tasks.batch_ids import batch_id_of
from tasks.ids import ids_of_array, new_task_id
from tasks.task import Outcome, Status, Task
from tasks.webhooks.delivery import DeliveryState, Reply, WebhookDelivery
from tasks.webhooks.messages import DeliveryMessage
from tasks.webhooks.secret_service import SecretService
from tasks.webhooks.sender import DeliverySender
from tasks.webhooks.start import DeliveryStarter
from tests.fakes import (
    NOW,
    REGISTRY,
    SMALL_VOCABULARY,
    FakeClock,
    InlineExecutor,
    InMemoryDeliveryQueue,
    InMemoryDocumentStore,
    InMemoryTaskStore,
    InMemoryWebhookStore,
    sqs_event,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from tasks.webhooks.ports import Post

URL = "https://bar.example/hook"
TASK = Task("t1", "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400, webhook=URL)
IDS = ids_of_array(new_task_id(NOW), 3)
BATCH_ID = batch_id_of("me", IDS)
BATCH = [replace(TASK, task_id=task_id, batch_id=BATCH_ID) for task_id in IDS]
CANCELLED = Outcome(Status.CANCELLED, NOW + 1)
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@dataclass
class RecordingReceiver:
    """A receiver that accepts everything, except by errors for some bodies."""

    bodies: list[bytes] = field(default_factory=list)
    error: Exception | None = None

    @contextmanager
    def admit(self, _owner: str, _url: str) -> Iterator[Post]:
        yield self._post

    def _post(self, _headers: Mapping[str, str], body: bytes) -> Reply:
        if self.error is not None:
            raise self.error
        self.bodies.append(body)
        return Reply(200)


def record(task: Task, outcome: Outcome = CANCELLED, sequence: str = "1") -> dict[str, Any]:
    """Return the record of the stream for the end of a task."""
    old = task_to_item(task)
    new = {**old, **dict(outcome_attributes(outcome))}
    return {
        "eventID": f"e{sequence}",
        "eventName": "MODIFY",
        "eventSource": "aws:dynamodb",
        "dynamodb": {
            "Keys": {"task_id": old["task_id"]},
            "OldImage": old,
            "NewImage": new,
            "SequenceNumber": sequence,
            "StreamViewType": "NEW_AND_OLD_IMAGES",
        },
    }


class Harness:
    """The webhooks with fakes, and rows of a task and of a batch."""

    def __init__(self) -> None:
        self.tasks = InMemoryTaskStore()
        self.tasks.create([TASK, *BATCH])
        self.rows = InMemoryWebhookStore()
        self.queue = InMemoryDeliveryQueue()
        self.clock = FakeClock()
        self.receiver = RecordingReceiver()
        presenter = ResultPresenter(REGISTRY, SMALL_VOCABULARY, InMemoryDocumentStore())
        self.bodies = ResultBodies(self.tasks, self.clock, presenter)
        starter = DeliveryStarter(self.tasks, self.rows, self.queue, self.clock)
        secrets = SecretService(self.rows, self.clock)
        self.sender = DeliverySender(
            self.rows, self.queue, secrets, self.bodies, self.receiver, self.clock
        )
        self.webhooks = Webhooks(StreamReader(starter), Outbox(self.sender, InlineExecutor()))

    def end(self, *tasks: Task, outcome: Outcome = CANCELLED) -> None:
        for task in tasks:
            self.tasks.finish(task.task_id, outcome)

    def stream(self, *records: Any) -> list[str]:
        return self.webhooks.run({"Records": list(records)}, lambda: 30.0)

    def send(self, remaining: float = 30.0) -> list[str]:
        """Send everything in the queue."""
        messages = [message.encode() for message, _ in self.queue.sent]
        self.queue.sent.clear()
        return self.webhooks.run(sqs_event(*messages), lambda: remaining)


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_the_end_of_a_task_starts_its_delivery(harness: Harness) -> None:
    harness.end(TASK)
    assert harness.stream(record(replace(TASK, traceparent=TRACE))) == []
    expected = WebhookDelivery("t1", "me", URL, NOW, NOW + 86_400, NOW, traceparent=TRACE)
    assert harness.rows.deliveries == {"t1": expected}
    assert harness.queue.sent == [(DeliveryMessage("t1", 1, NOW, "bar.example"), 0)]


def test_a_record_that_comes_again_sends_the_message_again(harness: Harness) -> None:
    """The function may have crashed between the row and the message."""
    harness.end(TASK)
    harness.queue.unavailable = True
    assert harness.stream(record(TASK)) == ["1"]
    harness.queue.unavailable = False
    assert harness.stream(record(TASK)) == []
    assert len(harness.queue.sent) == 1


def test_a_record_that_comes_again_later_delivers_nothing_twice(harness: Harness) -> None:
    harness.end(TASK)
    for _ in range(2):
        harness.stream(record(TASK))
        harness.send()
    assert len(harness.receiver.bodies) == 1


def test_a_batch_is_delivered_once_when_all_its_tasks_have_ended(harness: Harness) -> None:
    harness.end(*BATCH[:2])
    assert harness.stream(record(BATCH[0]), record(BATCH[1], sequence="2")) == []
    assert harness.queue.sent == []
    assert harness.rows.deliveries == {}
    harness.end(BATCH[2])
    assert harness.stream(record(BATCH[2], sequence="3")) == []
    harness.send()
    [body] = harness.receiver.bodies
    found = json.loads(body)
    assert found["batch_id"] == BATCH_ID
    assert [result["task_id"] for result in found["results"]] == IDS
    assert [row.batch_id for row in harness.rows.deliveries.values()] == [BATCH_ID]


def test_a_batch_whose_key_was_used_before_has_a_delivery_of_its_own(harness: Harness) -> None:
    """It has the same id, but receivers must not take its delivery for a repetition."""
    later = [replace(task, created_at=NOW + 86_400) for task in BATCH]
    for batch in (BATCH, later):
        harness.end(*batch)
        harness.stream(record(batch[0]))
        harness.stream(record(batch[1]))
    assert [*harness.rows.deliveries] == [f"{BATCH_ID}_1790000000", f"{BATCH_ID}_1790086400"]


def test_the_records_of_a_batch_start_one_delivery(harness: Harness) -> None:
    harness.end(*BATCH)
    harness.stream(*(record(task, sequence=str(n)) for n, task in enumerate(BATCH)))
    assert len(harness.queue.sent) == 1


def test_a_task_of_a_batch_that_has_expired_does_not_prevent_the_delivery(
    harness: Harness,
) -> None:
    """The table deletes rows at any time after their expiry."""
    harness.end(*BATCH)
    del harness.tasks.rows[IDS[1]]
    harness.stream(record(BATCH[0]))
    harness.send()
    [body] = harness.receiver.bodies
    assert [result["task_id"] for result in json.loads(body)["results"]] == [IDS[0], IDS[2]]


def test_a_failed_record_is_delivered_again_with_those_after_it(harness: Harness) -> None:
    """Lambda repeats a batch of the stream from one record on."""
    other = replace(TASK, task_id="t2")
    harness.tasks.create([other])
    harness.end(TASK, *BATCH, other)
    harness.tasks.unavailable = True  # a single task is not read
    records = [record(TASK, sequence="1"), record(BATCH[0], sequence="2")]
    assert harness.stream(*records, record(other, sequence="3")) == ["2"]
    assert [message.delivery_id for message, _ in harness.queue.sent] == ["t1", "t2"]


@pytest.mark.parametrize("image", [{}, {"task_id": {"S": "t9"}}, None, "?"])
def test_an_unreadable_record_is_reported_and_the_others_are_handled(
    harness: Harness, image: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Lambda tries it again, and sends its position to a queue in the end."""
    unreadable = record(TASK, sequence="2")
    unreadable["dynamodb"]["NewImage"] = image
    harness.end(*BATCH)
    records = [record(TASK, sequence="1"), unreadable, record(BATCH[0], sequence="3")]
    assert harness.stream(*records) == ["2"]
    assert len(harness.queue.sent) == 2
    [line] = [line for line in caplog.records if line.levelname == "ERROR"]
    assert vars(line)["task_id"] == "t1"


def test_a_delivery_has_the_result_as_the_api_returns_it(harness: Harness) -> None:
    harness.end(TASK)
    harness.stream(record(TASK))
    assert harness.send() == []
    [body] = harness.receiver.bodies
    expected = harness.bodies.presenter.result(harness.tasks.rows["t1"], "en")
    assert json.loads(body) == json.loads(json.dumps(expected))
    assert harness.rows.deliveries["t1"].state is DeliveryState.DELIVERED


def test_a_body_that_is_too_large_is_a_link(harness: Harness) -> None:
    """Receivers often limit the size of a request."""
    large = [replace(task, metadata={"x": "y" * (MAX_BODY // 3)}) for task in BATCH]
    harness.tasks.rows |= {task.task_id: task.end(CANCELLED) for task in large}
    harness.stream(record(BATCH[0]))
    harness.send()
    [body] = harness.receiver.bodies
    assert len(body) < MAX_BODY
    assert json.loads(body) == {
        "batch_id": BATCH_ID,
        "counts": {"PROCESSING": 0, "SUCCESS": 0, "FAIL": 0, "CANCELLED": 3},
        "url_result": f"/api/batches/{BATCH_ID}",
    }


def test_the_link_of_a_task_is_that_of_its_submission(harness: Harness) -> None:
    large = replace(TASK, metadata={"x": "y" * MAX_BODY})
    harness.tasks.rows["t1"] = large.end(CANCELLED)
    harness.stream(record(TASK))
    harness.send()
    [body] = harness.receiver.bodies
    expected = {"task_id": "t1", "status": "CANCELLED", "url_result": "/api/result/t1"}
    assert json.loads(body) == expected


@pytest.mark.parametrize("batch_id", [None, "b" * 64])
def test_an_expired_result_has_no_body(harness: Harness, batch_id: str | None) -> None:
    delivery = WebhookDelivery("t9", "me", URL, NOW, NOW + 1, NOW, batch_id=batch_id)
    assert harness.bodies.body_of(delivery) is None


def test_a_message_that_fails_is_kept_and_the_others_are_deleted(harness: Harness) -> None:
    harness.end(TASK)
    harness.stream(record(TASK))
    harness.receiver.error = PermissionError("a fault of the deployment")
    stale = DeliveryMessage("t9", 1, NOW, "bar.example")
    harness.queue.sent.append((stale, 0))
    assert harness.send() == ["m0"]


def test_an_unreadable_message_is_kept(harness: Harness) -> None:
    """A newer version of the code may be able to read it."""
    event = sqs_event('{"version": 99, "delivery": "t1"}')
    assert harness.webhooks.run(event, lambda: 30.0) == ["m0"]


def test_no_request_begins_when_time_is_nearly_up(harness: Harness) -> None:
    harness.end(TASK)
    harness.stream(record(TASK))
    assert harness.send(remaining=19.0) == ["m0"]
    assert harness.receiver.bodies == []


def test_a_batch_that_has_expired_is_a_recorded_failure(harness: Harness) -> None:
    """Its record with the ids of its tasks is deleted."""
    expired = replace(TASK, batch_id="b" * 64)
    harness.stream(record(expired))
    harness.send()
    [row] = harness.rows.deliveries.values()
    assert row.state is DeliveryState.FAILED


@pytest.mark.parametrize("event", [{}, None, {"Records": []}, {"source": "aws.events"}])
def test_an_event_of_neither_kind_does_nothing(harness: Harness, event: Any) -> None:
    """It may keep the function warm."""
    assert harness.webhooks.run(event, lambda: 30.0) == []
