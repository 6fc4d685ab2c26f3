from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from functions.api.long_polling import preferred_wait, wait_until_final
from tasks.service import Submission, TaskService
from tasks.task import Lane, Outcome, Status
from tests.fakes import FakeClock, InMemoryTaskQueue, InMemoryTaskStore

if TYPE_CHECKING:
    from tasks.task import Task


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("wait=10", 10),
        ("Wait=0", 0),
        (' respond-async , wait="7"; foo=bar', 7),
        ("wait=3, wait=9", 3),
        ("", None),
        ("respond-async", None),
        ("wait", None),
        ("wait=", None),
        ("wait=soon", None),
        ("wait=-1", None),
        ("wait=1.5", None),
        ("wait=٣", None),
        ("wait=" + "9" * 5000, None),
        ("waiting=5", None),
    ],
)
def test_the_first_wait_that_can_be_read_counts(header: str, seconds: int | None) -> None:
    """What is no preference `wait` in whole seconds is ignored."""
    assert preferred_wait(header) == seconds


class Bench:
    """Two tasks, and a clock that goes on while somebody sleeps."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryTaskStore()
        self.service = TaskService(
            self.store,
            {Lane.INTERACTIVE: InMemoryTaskQueue()},
            retention=86_400,
            deadline=900,
            clock=self.clock,
        )
        self.tasks = self.service.submit("me", [Submission({}), Submission({})])
        self.began = self.clock.now
        self.pauses: list[float] = []
        self.ends: dict[str, float] = {}  # task id -> seconds after the submission

    async def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self.clock.now += seconds
        for task_id, after in self.ends.items():
            if self.clock.now - self.began >= after:
                self.store.finish(task_id, Outcome(Status.SUCCESS, self.clock.now))

    def wait(self, seconds: float) -> list[Task]:
        return asyncio.run(
            wait_until_final(self.service, self.tasks, seconds, self.clock, self.sleep)
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_it_ends_when_the_last_task_does(bench: Bench) -> None:
    """All are final, in their order, not long after the last of them."""
    first, second = (task.task_id for task in bench.tasks)
    bench.ends = {first: 1.0, second: 0.1}
    ended = bench.wait(10)
    assert [task.task_id for task in ended] == [first, second]
    assert {task.status for task in ended} == {Status.SUCCESS}
    assert 1.0 <= bench.clock.now - bench.began < 1.5


def test_it_ends_after_so_many_seconds(bench: Bench) -> None:
    """What is not final then is handed back as it is."""
    bench.ends = {bench.tasks[0].task_id: 1.0}
    statuses = [task.status for task in bench.wait(3)]
    assert statuses == [Status.SUCCESS, Status.PROCESSING]
    assert bench.clock.now - bench.began == pytest.approx(3)


def test_it_looks_ever_less_often(bench: Bench) -> None:
    """The first look is after 20 ms, and no two lie further apart than half a second."""
    bench.wait(10)
    assert bench.pauses[:3] == pytest.approx([0.02, 0.03, 0.045])
    assert max(bench.pauses) == 0.5
    assert len(bench.pauses) < 30


def test_a_table_that_does_not_answer_ends_the_wait(bench: Bench) -> None:
    """The tasks stand, and their caller is told of them rather than of the table."""
    bench.store.unavailable = True
    assert bench.wait(10) == bench.tasks
    assert len(bench.pauses) == 1


def test_no_time_is_no_look(bench: Bench) -> None:
    """To wait for nothing costs no call."""
    bench.store.unavailable = True
    assert bench.wait(0) == bench.tasks
