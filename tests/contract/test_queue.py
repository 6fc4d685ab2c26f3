"""The contract of `TaskQueue`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.simulation.aws.queue import Queue
from infra.simulation.aws.sqs import SimulatedSqs
from infra.simulation.scheduler import Scheduler
from tasks.aws.client import create_client
from tasks.aws.sqs import SqsTaskQueue
from tasks.messages import TaskMessage
from tests.contract.conftest import simulated_client
from tests.fakes import NOW, FakeClock, InMemoryTaskQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.storage.database import Database
    from tasks.ports import TaskQueue
    from tests.conftest import Emulator

MESSAGES = [TaskMessage(f"t{number}", "me", {"n": number}, NOW) for number in range(23)]


class SqsHarness:
    """A queue in the emulator, with a way to receive its messages."""

    def __init__(self, emulator: Emulator) -> None:
        self._client: Any = emulator.client("sqs")
        self._url = self._client.create_queue(QueueName="contract")["QueueUrl"]
        self.queue: TaskQueue = SqsTaskQueue(create_client("sqs"), self._url)

    def close(self) -> None:
        self._client.delete_queue(QueueUrl=self._url)

    def groups(self) -> list[str]:
        """Receive all messages and return their groups."""
        names = ["MessageGroupId"]
        received = []
        while batch := self._client.receive_message(
            QueueUrl=self._url,
            MaxNumberOfMessages=10,
            VisibilityTimeout=60,
            MessageSystemAttributeNames=names,
        ).get("Messages"):
            received += [message["Attributes"]["MessageGroupId"] for message in batch]
        return received

    def receive(self) -> list[tuple[str, TaskMessage]]:
        received = []
        while batch := self._client.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=60
        ).get("Messages"):
            received += [(m["ReceiptHandle"], TaskMessage.decode(m["Body"])) for m in batch]
        return received


class FakeHarness:
    """The fake, with a way to receive its messages."""

    def __init__(self) -> None:
        self._fake = InMemoryTaskQueue()
        self._hidden: set[str] = set()
        self.queue: TaskQueue = self._fake

    def receive(self) -> list[tuple[str, TaskMessage]]:
        for handle, seconds in self._fake.visibility_changes:
            if seconds == 0:
                self._hidden.discard(handle)
        self._fake.visibility_changes.clear()
        visible = [m for m in self._fake.messages if m.task_id not in self._hidden]
        self._hidden |= {message.task_id for message in visible}
        self._fake.in_flight = len(self._hidden)
        return [(message.task_id, message) for message in visible]


class SqliteHarness:
    """A queue in SQLite, with a way to receive its messages."""

    def __init__(self, database: Database) -> None:
        settings = QueueSettings(visibility_timeout=60)
        self._queue = SqliteTaskQueue(database, "contract", FakeClock(), settings=settings)
        self.queue: TaskQueue = self._queue

    def receive(self) -> list[tuple[str, TaskMessage]]:
        received = self._queue.receive(100)
        return [(m.receipt_handle, TaskMessage.decode(m.body)) for m in received]


class SimulatedHarness:
    """A simulated queue, with a way to receive its messages."""

    def __init__(self) -> None:
        scheduler = Scheduler(NOW)
        self._queue = Queue(scheduler, "contract", visibility=60)
        client = simulated_client(SimulatedSqs({"http://contract": self._queue}), scheduler)
        self.queue: TaskQueue = SqsTaskQueue(client, "http://contract", scheduler.sleep)

    def groups(self) -> list[str]:
        return [message.group for message in self._queue.messages.values()]

    def receive(self) -> list[tuple[str, TaskMessage]]:
        received = []
        while batch := self._queue.receive(10):
            received += [(m.receipt_handle, TaskMessage.decode(m.body)) for m in batch]
        return received


Harness = SqsHarness | FakeHarness | SqliteHarness | SimulatedHarness


@pytest.fixture(params=["fake", "real", "sqlite", "simulated"])
def harness(request: pytest.FixtureRequest) -> Iterator[Harness]:
    """Return a harness of an empty queue."""
    if request.param == "fake":
        yield FakeHarness()
        return
    if request.param == "sqlite":
        yield SqliteHarness(request.getfixturevalue("database"))
        return
    if request.param == "simulated":
        yield SimulatedHarness()
        return
    sqs = SqsHarness(request.getfixturevalue("emulator"))
    yield sqs
    sqs.close()


@pytest.mark.parametrize("count", [1, 2, 10, 11, 23])
def test_every_sent_message_is_received(harness: Harness, count: int) -> None:
    """A call may send any number of messages."""
    harness.queue.send(MESSAGES[:count])
    received = sorted((message for _, message in harness.receive()), key=lambda m: m.input["n"])
    assert received == MESSAGES[:count]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("harness", ["real", "simulated"], indirect=True)
def test_each_message_on_sqs_is_in_the_group_of_its_owner(harness: Harness, count: int) -> None:
    """Groups make the queue fair among owners, sent one by one or in a batch."""
    assert isinstance(harness, SqsHarness | SimulatedHarness)
    owners = [f"owner{number}" for number in range(count)]
    harness.queue.send([replace(MESSAGES[0], owner=owner) for owner in owners])
    assert sorted(harness.groups()) == owners


def test_a_visibility_change_sets_when_a_message_is_redelivered(
    harness: Harness,
) -> None:
    """A change to 0 seconds redelivers it at once, a change to 60 seconds does not."""
    harness.queue.send(MESSAGES[:2])
    (soon, first), (late, _) = harness.receive()
    assert harness.receive() == []
    harness.queue.change_visibility(soon, 0)
    harness.queue.change_visibility(late, 60)
    assert [message for _, message in harness.receive()] == [first]


def test_the_length_counts_waiting_messages_and_those_in_flight(harness: Harness) -> None:
    assert harness.queue.length() == (0, 0)
    harness.queue.send(MESSAGES[:3])
    assert harness.queue.length() == (3, 0)
    harness.receive()
    assert harness.queue.length() == (0, 3)
