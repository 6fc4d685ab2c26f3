from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from infra.local.queue_source import QueueSource
from infra.local.storage.database import Database, open_database
from infra.local.storage.queue_settings import QueueSettings
from infra.local.storage.task_queue import SqliteTaskQueue
from tests.fakes import FakeClock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FakeEvent(threading.Event):
    """An event that nobody sets; waiting for it moves both clocks."""

    def __init__(self, clocks: list[FakeClock]) -> None:
        super().__init__()
        self.clocks = clocks
        self.waits: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        assert timeout is not None
        self.waits.append(timeout)
        assert len(self.waits) < 10, "The wait does not end."
        for clock in self.clocks:
            clock.now += timeout
        return False


class Harness:
    """A source with a clock that can be set, and a timer that cannot."""

    def __init__(self, database: Database) -> None:
        self.clock, self.timer = FakeClock(), FakeClock(0.0)
        self.queue = SqliteTaskQueue(database, "q", self.clock, settings=QueueSettings())
        self.busy: list[str] = []
        self.event = FakeEvent([self.clock, self.timer])
        self.source = QueueSource(self.queue, self.event, lambda: self.busy, self.clock, self.timer)


@pytest.fixture
def harness(tmp_path: Path) -> Iterator[Harness]:
    database = open_database(tmp_path)
    yield Harness(database)
    database.close()


def test_an_empty_queue_is_polled_again_after_the_wait(harness: Harness) -> None:
    assert harness.source.receive(10, 1.0) == []
    assert harness.event.waits == [1.0]


def test_a_message_that_becomes_visible_ends_the_wait(harness: Harness) -> None:
    harness.queue.send_bodies(["a"])
    [message] = harness.queue.receive(10)
    harness.queue.change_visibility(message.receipt_handle, 2)
    assert [found.body for found in harness.source.receive(10, 5.0)] == ["a"]
    assert sum(harness.event.waits) == pytest.approx(2.0)


def test_a_clock_that_is_set_back_does_not_prolong_the_wait(harness: Harness) -> None:
    """A worker could otherwise neither receive nor stop for hours."""

    def set_back(timeout: float | None = None) -> bool:
        harness.clock.now -= 3600
        return FakeEvent.wait(harness.event, timeout)

    harness.event.wait = set_back  # type: ignore[method-assign]
    assert harness.source.receive(10, 1.0) == []
    assert sum(harness.event.waits) == pytest.approx(1.0)


def test_messages_of_busy_owners_are_left_in_the_queue(harness: Harness) -> None:
    harness.queue.send_bodies(["a"], "slow")
    harness.queue.send_bodies(["b"], "quick")
    harness.busy = ["slow"]
    assert [(found.body, found.group) for found in harness.source.receive(10, 0)] == [
        ("b", "quick")
    ]


def test_a_source_waits_while_only_busy_owners_have_messages(harness: Harness) -> None:
    """It must not poll again and again."""
    harness.queue.send_bodies(["a"], "slow")
    harness.busy = ["slow"]
    assert harness.source.receive(10, 1.0) == []
    assert harness.event.waits == [1.0]
    harness.busy = []
    assert [found.body for found in harness.source.receive(10, 0)] == ["a"]
