"""Deliveries start in the transactions in which their tasks end."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.storage.database import Database, open_database
from infra.local.storage.delivery_trigger import DeliveryTrigger
from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.local.storage.task_store import SqliteTaskStore
from infra.local.storage.webhook_store import (
    SqliteDeliveryQueue,
    SqliteWebhookStore,
)
from tasks.task import Outcome, Status, Task
from tasks.webhooks.delivery import WebhookDelivery
from tasks.webhooks.messages import DeliveryMessage
from tests.fakes import NOW, FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

URL = "https://bar.example/hook"
TASK = Task("t1", "me", {}, NOW, NOW + 900, NOW + 86_400, webhook=URL, traceparent="00-1-2-01")
BATCH = [replace(TASK, task_id=f"b{n}", batch_id="b0-3") for n in range(3)]
CANCELLED = Outcome(Status.CANCELLED, NOW + 1)


class Harness:
    """The tables and the queue in one file."""

    def __init__(self, database: Database) -> None:
        self.clock = FakeClock()
        self.woken = 0
        self.queue = SqliteTaskQueue(
            database, "q", self.clock, settings=QueueSettings(), notify=self.wake
        )
        self.rows = SqliteWebhookStore(database)
        self.tasks = SqliteTaskStore(database, DeliveryTrigger(self.queue, self.clock))
        self.tasks.create([TASK, replace(TASK, task_id="silent", webhook=None), *BATCH])

    def wake(self) -> None:
        self.woken += 1

    def received(self) -> list[DeliveryMessage]:
        return [DeliveryMessage.decode(message.body) for message in self.queue.receive(10)]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = open_database(tmp_path)
    yield database
    database.close()


@pytest.fixture
def harness(database: Database) -> Harness:
    return Harness(database)


def test_the_end_of_a_task_writes_its_delivery_and_the_message(harness: Harness) -> None:
    assert harness.tasks.finish("t1", CANCELLED) is True
    expected = WebhookDelivery("t1", "me", URL, NOW, NOW + 86_400, NOW, traceparent="00-1-2-01")
    assert harness.rows.get_delivery("t1") == expected
    assert harness.received() == [DeliveryMessage("t1", 1, NOW, "bar.example")]
    assert harness.woken == 1


def test_a_second_end_starts_nothing(harness: Harness) -> None:
    harness.tasks.finish("t1", CANCELLED)
    assert harness.tasks.finish("t1", CANCELLED) is False
    assert len(harness.received()) == 1


def test_a_task_without_a_webhook_starts_nothing(harness: Harness) -> None:
    assert harness.tasks.finish("silent", CANCELLED) is True
    assert harness.received() == []
    assert harness.rows.get_delivery("silent") is None


def test_a_batch_starts_one_delivery_when_its_last_task_ends(harness: Harness) -> None:
    for task in BATCH[1:]:
        harness.tasks.finish(task.task_id, CANCELLED)
    assert harness.received() == []
    harness.tasks.finish("b0", CANCELLED)
    assert [message.delivery_id for message in harness.received()] == ["b0-3_1790000000"]
    delivery = harness.rows.get_delivery("b0-3_1790000000")
    assert delivery is not None
    assert delivery.batch_id == "b0-3"


def test_a_batch_does_not_wait_for_an_earlier_one_with_its_key(harness: Harness) -> None:
    """The rows of the earlier one have expired, but may not be deleted yet."""
    later = replace(BATCH[0], task_id="later", created_at=NOW + 86_400)
    harness.tasks.create([later])
    harness.tasks.finish("later", CANCELLED)
    assert [message.delivery_id for message in harness.received()] == ["b0-3_1790086400"]


def test_a_delivery_that_cannot_be_written_does_not_end_its_task(
    harness: Harness, database: Database
) -> None:
    """Both are one transaction, so a crash leaves both or none."""

    class Fails(DeliveryTrigger):
        def start(self, *given: Any) -> bool:
            super().start(*given)
            raise OSError("a crash")

    tasks = SqliteTaskStore(database, Fails(harness.queue, harness.clock))
    with pytest.raises(OSError, match="a crash"):
        tasks.finish("t1", CANCELLED)
    task = harness.tasks.get("t1")
    assert task is not None
    assert not task.is_final
    assert harness.rows.get_delivery("t1") is None
    assert harness.received() == []


def test_a_delayed_message_takes_its_turn_when_it_is_due(harness: Harness) -> None:
    later = DeliveryMessage("t2", 2, NOW + 5, "bar.example")
    SqliteDeliveryQueue(harness.queue).send([later], NOW)
    assert harness.received() == []
    harness.clock.now += 5
    assert harness.received() == [later]


def test_expired_deliveries_are_deleted(harness: Harness) -> None:
    harness.tasks.finish("t1", CANCELLED)
    assert harness.rows.delete_expired(NOW + 86_399) == 0
    assert harness.rows.delete_expired(NOW + 86_400) == 1
    assert harness.rows.get_delivery("t1") is None
