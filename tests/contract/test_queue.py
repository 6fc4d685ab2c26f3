"""What every queue of tasks does."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tasks.aws.client import create_client
from tasks.aws.sqs import SqsTaskQueue
from tasks.messages import TaskMessage
from tests.fakes import NOW, InMemoryTaskQueue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tasks.ports import TaskQueue
    from tests.conftest import Emulator

MESSAGES = [TaskMessage(f"t{number}", "me", {"n": number}, NOW) for number in range(23)]


class Sqs:
    """A queue in the emulator, and what is seen from its other end."""

    def __init__(self, emulator: Emulator) -> None:
        self._client: Any = emulator.client("sqs")
        self._url = self._client.create_queue(QueueName="contract")["QueueUrl"]
        self.queue: TaskQueue = SqsTaskQueue(create_client("sqs"), self._url)

    def close(self) -> None:
        self._client.delete_queue(QueueUrl=self._url)

    def receive(self) -> list[tuple[str, TaskMessage]]:
        received = []
        while batch := self._client.receive_message(
            QueueUrl=self._url, MaxNumberOfMessages=10, VisibilityTimeout=60
        ).get("Messages"):
            received += [(m["ReceiptHandle"], TaskMessage.decode(m["Body"])) for m in batch]
        return received


class InMemory:
    """The fake, seen from its other end."""

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
        return [(message.task_id, message) for message in visible]


@pytest.fixture(params=["fake", "real"])
def line(request: pytest.FixtureRequest) -> Iterator[Sqs | InMemory]:
    """Return an empty queue and its other end."""
    if request.param == "fake":
        yield InMemory()
        return
    real = Sqs(request.getfixturevalue("emulator"))
    yield real
    real.close()


@pytest.mark.parametrize("count", [1, 2, 10, 11, 23])
def test_what_is_sent_arrives(line: Sqs | InMemory, count: int) -> None:
    """Every message arrives whole, whatever the size of a call."""
    line.queue.send(MESSAGES[:count])
    arrived = sorted((message for _, message in line.receive()), key=lambda m: m.input["n"])
    assert arrived == MESSAGES[:count]


def test_a_postponed_message_comes_again(line: Sqs | InMemory) -> None:
    """Postponed by nothing, it is there at once; postponed by a minute, it is not."""
    line.queue.send(MESSAGES[:2])
    (soon, first), (late, _) = line.receive()
    assert line.receive() == []
    line.queue.change_visibility(soon, 0)
    line.queue.change_visibility(late, 60)
    assert [message for _, message in line.receive()] == [first]
