from __future__ import annotations

import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

from infra.local.concurrent_source import CONCURRENCY, SHARE, ConcurrentEventSource, Load
from infra.local.definitions import EventSourceMapping
from infra.local.event_source import Message

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

WITHIN = 30.0  # seconds
MAPPING = EventSourceMapping("arn:aws:sqs:us-east-1:000000000000:q", 10, 0, reports_failures=True)


@dataclass
class FakeQueue:
    """A queue whose messages are numbered; those of busy groups stay in it."""

    load: Load
    messages: list[tuple[str, str]]
    deleted: list[str] = field(default_factory=list)

    def receive(self, maximum: int, _wait: float) -> Sequence[Message]:
        busy = self.load.busy()
        found = [pair for pair in self.messages if pair[1] not in busy][:maximum]
        self.messages = [pair for pair in self.messages if pair not in found]
        return [Message(name, name, name, 1, 0.0, group) for name, group in found]

    def delete(self, messages: Sequence[Message]) -> None:
        self.deleted += [message.message_id for message in messages]


class Harness:
    """A source whose function waits for the messages of one group until it is released."""

    def __init__(self) -> None:
        self.released = threading.Event()
        self.finished = threading.Semaphore(0)
        self.load = Load(self.finished.release)
        self.queue = FakeQueue(self.load, [])
        self.failing: set[str] = set()
        self.source = ConcurrentEventSource(
            self.queue, MAPPING, self.handle, function_name="F", timeout=WITHIN, load=self.load
        )

    def handle(self, event: Any, _context: Any) -> dict[str, Any]:
        [record] = event["Records"]
        if record["body"].startswith("slow"):
            assert self.released.wait(WITHIN)
        if record["body"] in self.failing:
            return {"batchItemFailures": [{"itemIdentifier": record["messageId"]}]}
        return {"batchItemFailures": []}

    def add(self, group: str, count: int) -> None:
        self.queue.messages += [(f"{group}-{number}", group) for number in range(count)]

    def wait_for(self, count: int) -> None:
        for _ in range(count):
            assert self.finished.acquire(timeout=WITHIN)


@pytest.fixture
def harness() -> Iterator[Harness]:
    harness = Harness()
    yield harness
    harness.released.set()
    stop = threading.Event()
    stop.set()
    harness.source.run(stop)


def test_messages_are_processed_while_another_takes_long(harness: Harness) -> None:
    harness.add("slow", 1)
    harness.add("quick", 9)
    assert harness.source.poll() == 10
    harness.wait_for(9)
    assert len(harness.queue.deleted) == 9
    harness.released.set()
    harness.wait_for(1)
    assert "slow-0" in harness.queue.deleted


def test_a_group_that_takes_long_uses_no_more_than_its_share(harness: Harness) -> None:
    """Messages of other groups pass those that wait in the queue."""
    harness.add("slow", 100)
    harness.add("quick", 5)
    polled = [harness.source.poll() for _ in range(3)]
    assert polled[0] == SHARE
    harness.wait_for(5)
    assert {name.split("-")[0] for name in harness.queue.deleted} == {"quick"}
    harness.released.set()


def test_no_message_is_received_while_all_invocations_are_in_use() -> None:
    load = Load(lambda: None)
    for number in range(CONCURRENCY):
        load.begin(str(number))
    queue = FakeQueue(load, [("a", "a")])
    source = ConcurrentEventSource(
        queue, MAPPING, lambda *_: None, function_name="F", timeout=1, load=load
    )
    assert source.poll() == 0
    load.end("0")
    assert source.poll() == 1


def test_a_message_that_the_function_reports_is_kept(harness: Harness) -> None:
    harness.add("quick", 2)
    harness.failing.add("quick-0")
    harness.source.poll()
    harness.wait_for(2)
    assert harness.queue.deleted == ["quick-1"]


def test_messages_that_were_received_are_processed_before_the_source_ends(
    harness: Harness,
) -> None:
    harness.add("slow", 1)
    harness.source.poll()
    stop = threading.Event()
    stop.set()
    ending = threading.Thread(target=harness.source.run, args=(stop,))
    ending.start()
    ending.join(0.05)
    assert ending.is_alive()
    harness.released.set()
    ending.join(WITHIN)
    assert harness.queue.deleted == ["slow-0"]
