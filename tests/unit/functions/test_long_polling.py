from __future__ import annotations

import asyncio
import math
import random
from typing import TYPE_CHECKING, ParamSpec, TypeVar, cast

import pytest

from functions.api.blocking import run_inline
from functions.api.long_polling import interruptible_pause, preferred_wait, wait_until_final
from tasks.service import TaskService
from tasks.submission import Submission
from tasks.task import Lane, Outcome, Status
from tests.fakes import FakeClock, InMemoryTaskQueue, InMemoryTaskStore

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.task import Task

P = ParamSpec("P")
T = TypeVar("T")


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
def test_the_first_wait_preference_counts(header: str, seconds: int | None) -> None:
    """A value that is not in whole seconds is ignored, and so are other preferences."""
    assert preferred_wait(header) == seconds


class Harness:
    """Two tasks that finish at set times, and a clock that `sleep` advances."""

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
        self.started_at = self.clock.now
        self.pauses: list[float] = []
        self.reads: list[int] = []  # the number of tasks in each
        self.finish_after: dict[str, float] = {}  # task id -> seconds after the submission
        self.stops_after = math.inf  # seconds after the submission

    async def pause(self, seconds: float) -> bool:
        self.pauses.append(seconds)
        self.clock.now += seconds
        for task_id, after in self.finish_after.items():
            if self.clock.now - self.started_at >= after:
                self.store.finish(task_id, Outcome(Status.SUCCESS, self.clock.now))
        return self.clock.now - self.started_at >= self.stops_after

    async def run(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        _, task_ids = cast("tuple[str, list[str]]", args)
        self.reads.append(len(task_ids))
        return await run_inline(function, *args, **kwargs)

    def wait(self, seconds: float) -> list[Task]:
        return asyncio.run(
            wait_until_final(self.service, self.tasks, seconds, self.run, self.pause, self.clock)
        )


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_a_wait_ends_shortly_after_the_last_task(harness: Harness) -> None:
    """The tasks are returned in their order."""
    first, second = (task.task_id for task in harness.tasks)
    harness.finish_after = {first: 1.0, second: 0.1}
    ended = harness.wait(10)
    assert [task.task_id for task in ended] == [first, second]
    assert {task.status for task in ended} == {Status.SUCCESS}
    assert 1.0 <= harness.clock.now - harness.started_at < 1.5


def test_a_wait_ends_when_its_time_is_up(harness: Harness) -> None:
    """Tasks that are not final are returned as they are."""
    harness.finish_after = {harness.tasks[0].task_id: 1.0}
    statuses = [task.status for task in harness.wait(3)]
    assert statuses == [Status.SUCCESS, Status.PROCESSING]
    assert harness.clock.now - harness.started_at == pytest.approx(3)


def test_a_wait_ends_when_the_server_stops(harness: Harness) -> None:
    """A last read finds tasks that have just finished."""
    first, _ = (task.task_id for task in harness.tasks)
    harness.finish_after = {first: 1.0}
    harness.stops_after = 1.0
    statuses = [task.status for task in harness.wait(20)]
    assert statuses == [Status.SUCCESS, Status.PROCESSING]
    assert harness.clock.now - harness.started_at < 1.5


def test_most_reads_are_of_one_task(harness: Harness) -> None:
    """All of an array are rarely final before the last one, so the others are read after it."""
    first, second = (task.task_id for task in harness.tasks)
    harness.finish_after = {first: 0.5, second: 1.0}
    assert {task.status for task in harness.wait(10)} == {Status.SUCCESS}
    assert set(harness.reads) == {1}
    assert len(harness.reads) == len(harness.pauses) + 1


@pytest.mark.parametrize("seed", range(5))
def test_the_other_tasks_of_an_array_are_read_twice_at_most(harness: Harness, seed: int) -> None:
    """Five pollers take a bulk array of a hundred and end their batches within half a second."""
    chance = random.Random(seed)
    harness.tasks = harness.service.submit("me", [Submission({})] * 100)
    ids = [task.task_id for task in harness.tasks]
    chance.shuffle(ids)
    for first in range(0, 100, 20):
        end = 1 + chance.random() / 2
        harness.finish_after |= dict.fromkeys(ids[first : first + 20], end)
    assert {task.status for task in harness.wait(10)} == {Status.SUCCESS}
    assert sum(harness.reads) <= 2 * 100 + len(harness.pauses)


def test_every_task_is_read_at_the_end_of_a_wait(harness: Harness) -> None:
    """The first one is final, although the last one is not."""
    harness.tasks = harness.service.submit("me", [Submission({})] * 5)
    harness.finish_after = {harness.tasks[0].task_id: 0.5}
    assert harness.wait(1)[0].status is Status.SUCCESS
    assert harness.reads[-2:] == [1, 4]
    assert set(harness.reads[:-1]) == {1}


def test_a_pause_ends_when_the_server_stops() -> None:
    async def stop() -> bool:
        stopping = asyncio.Event()
        asyncio.get_running_loop().call_soon(stopping.set)
        return await asyncio.wait_for(interruptible_pause(3600, stopping), 10)

    assert asyncio.run(stop())


def test_a_pause_ends_after_its_time() -> None:
    async def sleep() -> bool:
        return await interruptible_pause(0.001, asyncio.Event())

    assert not asyncio.run(sleep())


def test_the_pause_between_reads_grows_to_half_a_second(harness: Harness) -> None:
    """The first pause is 20 ms."""
    harness.wait(10)
    assert harness.pauses[:3] == pytest.approx([0.02, 0.03, 0.045])
    assert max(harness.pauses) == 0.5
    assert len(harness.pauses) < 30


def test_an_unavailable_table_ends_the_wait(harness: Harness) -> None:
    """The submitted tasks are returned without an error."""
    harness.store.unavailable = True
    assert harness.wait(10) == harness.tasks
    assert len(harness.pauses) == 1


def test_a_wait_of_zero_seconds_reads_nothing(harness: Harness) -> None:
    harness.store.unavailable = True
    assert harness.wait(0) == harness.tasks
