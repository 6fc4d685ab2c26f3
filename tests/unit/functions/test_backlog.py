from __future__ import annotations

from dataclasses import replace

import pytest

from functions.api.backlog import STALLED_WAIT, Backlog, MonitoredQueue
from tasks.ids import new_task_id
from tasks.messages import TaskMessage
from tests.fakes import NOW, FakeClock, InMemoryTaskQueue

MESSAGE = TaskMessage("t1", "me", {}, NOW)


class Watch:
    """A watched queue, a clock, and a worker that takes what the test says."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.inner = InMemoryTaskQueue()
        self.queue = MonitoredQueue(self.inner, self.clock)

    def send(self, count: int) -> float:
        """Send messages as a service does: made first, sent a little later."""
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
def watch() -> Watch:
    return Watch()


def test_an_empty_queue_has_no_wait(watch: Watch) -> None:
    """Nothing waits, nothing was seen, and a second is the least that anybody waits."""
    assert watch.queue.backlog() == Backlog(0, 0, None, 0.0)
    assert watch.queue.retry_after(NOW) == 1


def test_the_queue_is_asked_once_in_two_seconds(watch: Watch) -> None:
    """However often somebody asks, SQS is asked every two seconds at most."""
    for _ in range(10):
        watch.queue.backlog()
        watch.queue.retry_after(NOW)
    assert watch.inner.readings == 1
    watch.after(1.9)
    assert watch.inner.readings == 1
    watch.after(0.1)
    assert watch.inner.readings == 2


def test_the_rate_is_what_was_completed_whatever_came_meanwhile(watch: Watch) -> None:
    """A hundred wait, fifty come, thirty are left after two seconds: sixty in a second."""
    watch.send(100)
    watch.queue.backlog()
    watch.send(50)
    watch.complete(120)
    watch.inner.in_flight = 10
    seen = watch.after(2 - 0.001)
    assert (seen.depth, seen.in_flight) == (20, 10)
    assert seen.rate == pytest.approx(60, rel=0.01)
    assert seen.expected_wait == pytest.approx(0.5, rel=0.01)


def test_who_asks_is_told_when_its_turn_comes(watch: Watch) -> None:
    """A task has those before it to wait for, and not those that were sent after it."""
    first = watch.send(390)
    watch.queue.backlog()
    watch.complete(100)
    watch.after(2)
    second = watch.send(600)
    watch.complete(100)
    watch.after(2)  # 790 remain, at 50 in a second
    assert watch.queue.retry_after(first) == 4
    assert watch.queue.retry_after(second) == 16
    watch.clock.now += 0.5
    third = watch.send(200)  # of which the last look did not know
    assert watch.queue.retry_after(third) == 20
    assert watch.queue.retry_after(first) == 4


def test_a_queue_that_stands_still_says_so(watch: Watch) -> None:
    """Nobody knows how long it takes: the wait is unknown, and polling it often is in vain."""
    created_at = watch.send(5)
    watch.queue.backlog()
    assert watch.queue.retry_after(created_at) == 1
    assert watch.after(2) == Backlog(5, 0, None, None)
    assert watch.queue.retry_after(created_at) == STALLED_WAIT


def test_a_count_that_is_late_makes_no_rate(watch: Watch) -> None:
    """SQS may count what was sent a while later: that is no work that was done."""
    watch.send(100)
    watch.queue.backlog()
    watch.send(1000)
    watch.inner.uncounted = 1000
    watch.after(2)
    watch.inner.uncounted = 0
    assert watch.after(2) == Backlog(1100, 0, None, None)


def test_a_process_that_slept_forgets_what_it_saw(watch: Watch) -> None:
    """What was completed in a minute of which nothing is known makes no rate."""
    watch.send(100)
    watch.queue.backlog()
    watch.complete(50)
    assert watch.after(60) == Backlog(50, 0, None, None)
    assert watch.queue.retry_after(NOW) == 1


def test_a_queue_that_does_not_answer_is_as_it_was(watch: Watch) -> None:
    """No request fails because the length of a queue is not to be had."""
    watch.send(10)
    watch.queue.backlog()
    watch.inner.unavailable = True
    assert watch.after(2) == Backlog(10, 0, None, None)
    watch.inner.unavailable = False
    watch.complete(8)
    assert watch.after(2) == Backlog(2, 0, 2.0, 1.0)
