"""The semantics of the queues behind the event sources: SQS (emulated, simulated) and SQLite.

An emulator has a clock of its own, so the tests wait for short timeouts there. It may also show a
message a little late, so a test that expects a message polls for it.
"""

from __future__ import annotations

import json
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

import pytest

from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.task_queue import SqliteTaskQueue
from infra.simulation.aws.queue import Queue
from infra.simulation.aws.sqs import SimulatedSqs
from infra.simulation.scheduler import Scheduler
from tests.contract.conftest import simulated_client
from tests.fakes import NOW, FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator

    from infra.local.storage.database import Database
    from tests.conftest import Emulator

VISIBILITY_TIMEOUT = 1
MAX_RECEIVES = 3
PAST_TIMEOUT = 1.2  # seconds
POLLS = 10  # long polls of one second each, until an expected message arrives

Received = tuple[str, str, int]  # receipt handle, body, receive count


class Queues(Protocol):
    """A queue with a dead-letter queue."""

    accepts_stale_receipts: bool

    def send(self, body: str) -> None: ...
    def receive(self) -> list[Received]: ...
    def receive_expected(self) -> list[Received]: ...
    def receive_dead(self) -> list[str]: ...
    def receive_dead_expected(self) -> list[str]: ...
    def change_visibility(self, receipt: str, seconds: int) -> None: ...
    def delete(self, receipt: str) -> None: ...
    def wait(self, seconds: float) -> None: ...


def _received(message: Any) -> Received:
    count = int(message["Attributes"]["ApproximateReceiveCount"])
    return message["ReceiptHandle"], message["Body"], count


class SqsQueues:
    """Two queues in the emulator."""

    accepts_stale_receipts = True

    def __init__(self, emulator: Emulator) -> None:
        self._client: Any = emulator.client("sqs")
        self._dead = self._create("semantics-dead", {})
        arn = self._client.get_queue_attributes(QueueUrl=self._dead, AttributeNames=["QueueArn"])
        redrive = {
            "deadLetterTargetArn": arn["Attributes"]["QueueArn"],
            "maxReceiveCount": MAX_RECEIVES,
        }
        attributes = {
            "VisibilityTimeout": str(VISIBILITY_TIMEOUT),
            "RedrivePolicy": json.dumps(redrive),
        }
        self._url = self._create("semantics", attributes)

    def _create(self, name: str, attributes: dict[str, str]) -> str:
        url: str = self._client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]
        return url

    def close(self) -> None:
        for url in (self._url, self._dead):
            self._client.delete_queue(QueueUrl=url)

    def send(self, body: str) -> None:
        self._client.send_message(QueueUrl=self._url, MessageBody=body)

    def _receive(self, url: str, *, wait: int = 0) -> list[Any]:
        answer = self._client.receive_message(
            QueueUrl=url,
            MaxNumberOfMessages=10,
            WaitTimeSeconds=wait,
            AttributeNames=["ApproximateReceiveCount"],
        )
        found: list[Any] = answer.get("Messages", [])
        return found

    def receive(self) -> list[Received]:
        return [_received(message) for message in self._receive(self._url)]

    def receive_expected(self) -> list[Received]:
        for _ in range(POLLS):
            if found := self._receive(self._url, wait=1):
                return [_received(message) for message in found]
        return []

    def receive_dead(self) -> list[str]:
        return [message["Body"] for message in self._receive(self._dead)]

    def receive_dead_expected(self) -> list[str]:
        """Poll both queues: a receive from the first one moves the message to the second."""
        for _ in range(POLLS):
            assert self.receive() == []
            if found := self._receive(self._dead, wait=1):
                return [message["Body"] for message in found]
        return []

    def change_visibility(self, receipt: str, seconds: int) -> None:
        self._client.change_message_visibility(
            QueueUrl=self._url, ReceiptHandle=receipt, VisibilityTimeout=seconds
        )

    def delete(self, receipt: str) -> None:
        self._client.delete_message(QueueUrl=self._url, ReceiptHandle=receipt)

    def wait(self, seconds: float) -> None:
        time.sleep(seconds)


Q = TypeVar("Q", Queue, SqliteTaskQueue)


class QueuesInProcess(Generic[Q]):
    """Two queues of this process, whose messages are there at once."""

    _queue: Q
    _dead: Q

    def receive(self) -> list[Received]:
        return [(m.receipt_handle, m.body, m.receive_count) for m in self._queue.receive(10)]

    def receive_expected(self) -> list[Received]:
        return self.receive()

    def receive_dead(self) -> list[str]:
        return [message.body for message in self._dead.receive(10)]

    def receive_dead_expected(self) -> list[str]:
        assert self.receive() == []
        return self.receive_dead()


class SqliteQueues(QueuesInProcess[SqliteTaskQueue]):
    """Two queues in SQLite."""

    accepts_stale_receipts = False

    def __init__(self, database: Database) -> None:
        self._clock = FakeClock()
        settings = QueueSettings(VISIBILITY_TIMEOUT, MAX_RECEIVES, "dead")
        self._queue = SqliteTaskQueue(database, "semantics", self._clock, settings=settings)
        self._dead = SqliteTaskQueue(database, "dead", self._clock, settings=QueueSettings())

    def send(self, body: str) -> None:
        self._queue.send_bodies([body])

    def change_visibility(self, receipt: str, seconds: int) -> None:
        self._queue.change_visibility(receipt, seconds)

    def delete(self, receipt: str) -> None:
        self._queue.delete([receipt])

    def wait(self, seconds: float) -> None:
        self._clock.now += seconds


class SimulatedQueues(QueuesInProcess[Queue]):
    """Two simulated queues, whose messages are received as Lambda's poller does."""

    accepts_stale_receipts = False

    def __init__(self) -> None:
        self._scheduler = Scheduler(NOW)
        self._dead = Queue(self._scheduler, "dead")
        self._queue = Queue(
            self._scheduler,
            "semantics",
            visibility=VISIBILITY_TIMEOUT,
            max_receives=MAX_RECEIVES,
            dead=self._dead,
        )
        self._client = simulated_client(SimulatedSqs({"url": self._queue}), self._scheduler)

    def send(self, body: str) -> None:
        self._client.send_message(QueueUrl="url", MessageBody=body)

    def change_visibility(self, receipt: str, seconds: int) -> None:
        """Change it; SQS refuses an old receipt handle, and SQLite ignores it."""
        with suppress(self._client.exceptions.ClientError):
            self._client.change_message_visibility(
                QueueUrl="url", ReceiptHandle=receipt, VisibilityTimeout=seconds
            )

    def delete(self, receipt: str) -> None:
        self._queue.delete(receipt)

    def wait(self, seconds: float) -> None:
        self._scheduler.sleep(seconds)


@pytest.fixture(params=["sqs", "sqlite", "simulated"])
def queues(request: pytest.FixtureRequest) -> Iterator[Queues]:
    """Return an empty queue with an empty dead-letter queue."""
    if request.param == "sqlite":
        yield SqliteQueues(request.getfixturevalue("database"))
        return
    if request.param == "simulated":
        yield SimulatedQueues()
        return
    sqs = SqsQueues(request.getfixturevalue("emulator"))
    yield sqs
    sqs.close()


def test_a_received_message_is_hidden_until_its_visibility_timeout_has_passed(
    queues: Queues,
) -> None:
    queues.send("a")
    assert [body for _, body, _ in queues.receive_expected()] == ["a"]
    assert queues.receive() == []
    queues.wait(PAST_TIMEOUT)
    assert [body for _, body, _ in queues.receive_expected()] == ["a"]


def test_each_receive_is_counted(queues: Queues) -> None:
    queues.send("a")
    [(receipt, _, first)] = queues.receive_expected()
    queues.change_visibility(receipt, 0)
    [(_, _, second)] = queues.receive_expected()
    assert (first, second) == (1, 2)


def test_a_deleted_message_is_never_redelivered(queues: Queues) -> None:
    queues.send("a")
    [(receipt, _, _)] = queues.receive_expected()
    queues.delete(receipt)
    queues.wait(PAST_TIMEOUT)
    assert queues.receive() == []


def test_a_deletion_can_be_repeated(queues: Queues) -> None:
    queues.send("a")
    queues.send("b")
    receipts = {body: receipt for receipt, body, _ in queues.receive_expected()}
    queues.delete(receipts["a"])
    queues.delete(receipts["a"])
    queues.change_visibility(receipts["b"], 0)
    assert [body for _, body, _ in queues.receive_expected()] == ["b"]


def test_a_message_can_be_delayed_beyond_its_visibility_timeout(queues: Queues) -> None:
    """This is how a worker schedules a retry."""
    queues.send("a")
    [(receipt, _, _)] = queues.receive_expected()
    queues.change_visibility(receipt, 2)
    queues.wait(PAST_TIMEOUT)
    assert queues.receive() == []
    queues.wait(PAST_TIMEOUT)
    assert [body for _, body, _ in queues.receive_expected()] == ["a"]


def test_a_message_that_was_received_too_often_moves_to_the_dead_letter_queue(
    queues: Queues,
) -> None:
    queues.send("a")
    for _ in range(MAX_RECEIVES):
        [(receipt, _, _)] = queues.receive_expected()
        assert queues.receive_dead() == []
        queues.change_visibility(receipt, 0)
    assert queues.receive_dead_expected() == ["a"]


def test_a_message_can_be_deleted_after_its_timeout_if_it_was_not_received_again(
    queues: Queues,
) -> None:
    """A worker that was only a little late still acknowledges its message."""
    queues.send("a")
    [(receipt, _, _)] = queues.receive_expected()
    queues.wait(PAST_TIMEOUT)
    queues.delete(receipt)
    assert queues.receive() == []


def test_a_stale_receipt_handle_has_no_effect(queues: Queues) -> None:
    """A receipt handle is stale after the message has been received again."""
    if queues.accepts_stale_receipts:
        pytest.skip("Emulators accept all receipt handles that a message ever had; SQS does not.")
    queues.send("a")
    [(stale, _, _)] = queues.receive_expected()
    queues.wait(PAST_TIMEOUT)
    [(current, _, _)] = queues.receive_expected()
    queues.change_visibility(stale, 0)
    assert queues.receive() == []
    queues.delete(stale)
    queues.change_visibility(current, 0)
    assert [body for _, body, _ in queues.receive_expected()] == ["a"]
