from __future__ import annotations

from dataclasses import replace

import pytest

from functions.api.backlog import STALLED_WAIT, Backlog, MonitoredQueue
from tasks.ids import new_task_id
from tasks.messages import TaskMessage
from tests.fakes import NOW, FakeClock, InMemoryTaskQueue

MESSAGE = TaskMessage("t1", "me", {}, NOW)


class Harness:
    """A monitored queue, a clock, and a worker that completes as many tasks as a test says."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.inner = InMemoryTaskQueue()
        self.queue = MonitoredQueue(self.inner, self.clock)

    def send(self, count: int) -> float:
        """Send messages as the service does, shortly after their ids are created."""
        created_at = self.clock.now
        message = replace(MESSAGE, task_id=new_task_id(created_at))
        self.clock.now += 0.001
        self.queue.send([message] * count)
        return created_at

    def complete(self, count: int) -> None:
        del self.inner.messages[:count]

    def after(self, seconds: float) -> Backlog:
        self.clock.now += seconds
        return self.queue.backlog()


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_an_empty_queue_has_no_wait(harness: Harness) -> None:
    """The retry-after is the minimum of one second."""
    assert harness.queue.backlog() == Backlog(0, 0, None, 0.0)
    assert harness.queue.retry_after(NOW) == 1


def test_the_length_is_read_at_most_every_two_seconds(harness: Harness) -> None:
    for _ in range(10):
        harness.queue.backlog()
        harness.queue.retry_after(NOW)
    assert harness.inner.readings == 1
    harness.after(1.9)
    assert harness.inner.readings == 1
    harness.after(0.1)
    assert harness.inner.readings == 2


def test_a_clock_that_steps_back_neither_stops_the_readings_nor_makes_a_number_negative(
    harness: Harness,
) -> None:
    harness.send(100)
    harness.queue.backlog()
    harness.complete(50)
    assert harness.after(-3600) == Backlog(50, 0, None, None)
    harness.complete(20)
    assert harness.after(2).rate == 10


def test_the_rate_counts_completed_tasks_even_while_tasks_arrive(harness: Harness) -> None:
    """100 tasks wait, 50 arrive and 30 are left after two seconds: 60 completed per second."""
    harness.send(100)
    harness.queue.backlog()
    harness.send(50)
    harness.complete(120)
    harness.inner.in_flight = 10
    backlog = harness.after(2 - 0.001)
    assert (backlog.depth, backlog.in_flight) == (20, 10)
    assert backlog.rate == pytest.approx(60, rel=0.01)
    assert backlog.expected_wait == pytest.approx(0.5, rel=0.01)


@pytest.mark.parametrize("in_flight", [0, 1])
def test_workers_that_waited_for_tasks_do_not_affect_the_rate(
    harness: Harness, in_flight: int
) -> None:
    """They completed what there was, and can be far quicker than that."""
    harness.send(10)
    harness.queue.backlog()
    harness.send(2 + in_flight)
    harness.complete(12)
    harness.inner.in_flight = in_flight
    assert harness.after(2).rate is None
    assert harness.queue.retry_after(harness.send(1000)) == 1


def test_a_task_that_only_takes_long_is_a_stalled_queue(harness: Harness) -> None:
    created_at = harness.send(1)
    harness.inner.in_flight = 1
    harness.queue.backlog()
    harness.after(2)
    assert harness.queue.retry_after(created_at) == STALLED_WAIT


def test_a_queue_is_no_longer_stalled_once_a_task_is_completed(harness: Harness) -> None:
    harness.send(1)
    harness.inner.in_flight = 1
    harness.queue.backlog()
    harness.after(2)
    harness.send(1)
    harness.complete(1)
    harness.after(2)
    assert harness.queue.retry_after(harness.send(1)) == 1


def test_the_retry_after_of_a_task_depends_only_on_tasks_ahead_of_it(harness: Harness) -> None:
    """Tasks that this process sent later are not counted."""
    first = harness.send(390)
    harness.queue.backlog()
    harness.complete(100)
    harness.after(2)
    second = harness.send(600)
    harness.complete(100)
    harness.after(2)  # 790 remain, at 50 per second
    assert harness.queue.retry_after(first) == 4
    assert harness.queue.retry_after(second) == 16
    harness.clock.now += 0.5
    third = harness.send(200)  # sent after the last reading
    assert harness.queue.retry_after(third) == 20
    assert harness.queue.retry_after(first) == 4


def test_tasks_that_are_sent_again_are_not_ahead_of_older_tasks(harness: Harness) -> None:
    """A replay of an idempotency key sends tasks again whose ids are old."""
    old = harness.send(100)
    harness.queue.backlog()
    harness.complete(50)
    harness.after(2)
    harness.clock.now += 0.5
    created_at = harness.send(25)
    harness.queue.send([replace(MESSAGE, task_id=new_task_id(old))] * 1000)
    assert harness.queue.retry_after(created_at) == 3  # 75 tasks at 25 per second


def test_a_stalled_queue_has_an_unknown_wait(harness: Harness) -> None:
    """The retry-after is long, because frequent polls would be useless."""
    created_at = harness.send(5)
    harness.queue.backlog()
    assert harness.queue.retry_after(created_at) == 1
    assert harness.after(2) == Backlog(5, 0, None, None)
    assert harness.queue.retry_after(created_at) == STALLED_WAIT


def test_messages_that_sqs_counts_late_do_not_affect_the_rate(harness: Harness) -> None:
    harness.send(100)
    harness.queue.backlog()
    harness.send(1000)
    harness.inner.uncounted = 1000
    harness.after(2)
    harness.inner.uncounted = 0
    assert harness.after(2) == Backlog(1100, 0, None, None)


def test_a_process_that_was_frozen_forgets_the_rate(harness: Harness) -> None:
    """The last reading is too old to compute a rate from."""
    harness.send(100)
    harness.queue.backlog()
    harness.complete(50)
    assert harness.after(60) == Backlog(50, 0, None, None)
    assert harness.queue.retry_after(NOW) == 1


def test_an_unavailable_queue_keeps_its_last_reading(harness: Harness) -> None:
    harness.send(10)
    harness.queue.backlog()
    harness.inner.unavailable = True
    assert harness.after(2) == Backlog(10, 0, None, None)
    harness.inner.unavailable = False
    harness.complete(8)
    assert harness.after(2) == Backlog(2, 0, 2.0, 1.0)
