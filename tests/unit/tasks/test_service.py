from dataclasses import replace

import pytest

from tasks.errors import KeyReused, TaskExpired, TaskFinished, TaskNotFound, Unavailable
from tasks.messages import TaskMessage
from tasks.service import Submission, TaskService
from tasks.task import ErrorType, Lane, Outcome, Status
from tests.fakes import FakeClock, InMemoryTaskQueue, InMemoryTaskStore, sequential_ids

DAY = 86_400
DRINK = Submission({"ingredients": ["milk"]})


class Bench:
    """A service with fakes on every side."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryTaskStore()
        self.interactive = InMemoryTaskQueue()
        self.bulk = InMemoryTaskQueue()
        self.service = TaskService(
            store=self.store,
            queues={Lane.INTERACTIVE: self.interactive, Lane.BULK: self.bulk},
            retention=DAY,
            deadline=900,
            clock=self.clock,
            new_id=sequential_ids(),
        )


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_submission_is_a_row_and_a_message(bench: Bench) -> None:
    """A submitted drink stands in the table and waits in the queue under one id."""
    [task] = bench.service.submit("me", [DRINK])
    assert bench.store.rows[task.task_id] == task
    assert bench.interactive.messages == [TaskMessage.of(task)]
    assert task.status is Status.PROCESSING
    assert task.deadline == bench.clock.now + 900
    assert task.expires_at == bench.clock.now + DAY


def test_tasks_come_in_the_order_of_their_submissions(bench: Bench) -> None:
    """The n-th task is of the n-th submission, whichever queue it went to."""
    asked = [
        Submission({"n": 0}, Lane.BULK),
        Submission({"n": 1}),
        Submission({"n": 2}, Lane.BULK, deadline=60),
    ]
    tasks = bench.service.submit("me", asked)
    assert [task.input["n"] for task in tasks] == [0, 1, 2]
    assert [message.input["n"] for message in bench.bulk.messages] == [0, 2]
    assert [message.input["n"] for message in bench.interactive.messages] == [1]
    assert tasks[2].deadline == bench.clock.now + 60


def test_a_replayed_key_gives_the_same_tasks(bench: Bench) -> None:
    """Submitted twice under one key, drinks become tasks once."""
    first = bench.service.submit("me", [DRINK, DRINK], "k")
    again = bench.service.submit("me", [DRINK, DRINK], "k")
    assert [task.task_id for task in again] == [task.task_id for task in first]
    assert len(bench.store.rows) == 2


def test_a_replay_heals_a_crash_between_row_and_message(bench: Bench) -> None:
    """A task whose message was never sent is sent by the replay; a final one is not."""
    bench.interactive.unavailable = True
    with pytest.raises(Unavailable):
        bench.service.submit("me", [DRINK, DRINK], "k")
    bench.interactive.unavailable = False
    done, waiting = bench.store.rows
    bench.store.finish(done, Outcome(Status.SUCCESS, bench.clock.now, result={}))
    tasks = bench.service.submit("me", [DRINK, DRINK], "k")
    assert [task.status for task in tasks] == [Status.SUCCESS, Status.PROCESSING]
    assert [message.task_id for message in bench.interactive.messages] == [waiting]


def test_a_key_stands_for_one_body(bench: Bench) -> None:
    """The same key with another body, priority or deadline is refused, and makes nothing."""
    bench.service.submit("me", [DRINK], "k")
    for other in (
        [Submission({"ingredients": ["tea"]})],
        [replace(DRINK, lane=Lane.BULK)],
        [replace(DRINK, deadline=60)],
        [DRINK, DRINK],
    ):
        with pytest.raises(KeyReused):
            bench.service.submit("me", other, "k")
    assert len(bench.store.rows) == 1


def test_a_key_is_its_owner_s(bench: Bench) -> None:
    """Another owner's key of the same name is another key."""
    [mine] = bench.service.submit("me", [DRINK], "k")
    [yours] = bench.service.submit("you", [DRINK], "k")
    assert mine.task_id != yours.task_id


def test_no_message_without_a_row(bench: Bench) -> None:
    """When the table refuses, nothing is sent."""
    bench.store.unavailable = True
    with pytest.raises(Unavailable):
        bench.service.submit("me", [DRINK])
    assert bench.interactive.messages == []


def test_a_queue_that_refuses_is_reported(bench: Bench) -> None:
    """A caller is never told of a task that no worker will hear of."""
    bench.interactive.unavailable = True
    with pytest.raises(Unavailable):
        bench.service.submit("me", [DRINK])


def test_nobody_sees_another_owners_task(bench: Bench) -> None:
    """Fetching and cancelling somebody else's task fail like those of an unknown one."""
    [task] = bench.service.submit("me", [DRINK])
    for call in (bench.service.fetch, bench.service.cancel):
        with pytest.raises(TaskNotFound):
            call("you", task.task_id)
        with pytest.raises(TaskNotFound):
            call("me", "00000000-0000-0000-0000-000000000000")
    assert bench.service.fetch("me", task.task_id).status is Status.PROCESSING


def test_an_id_past_its_retention_is_told_apart_from_an_unknown_one(bench: Bench) -> None:
    """The id's own time says that the task is gone, whether its row stands still or not."""
    [task] = bench.service.submit("me", [DRINK])
    bench.clock.now += DAY
    with pytest.raises(TaskExpired):
        bench.service.fetch("me", task.task_id)
    bench.store.rows.clear()
    with pytest.raises(TaskExpired):
        bench.service.fetch("me", task.task_id)


def test_a_task_that_never_came_back_ends_at_its_deadline(bench: Bench) -> None:
    """The first read past the deadline makes the task fail, for every later read too."""
    [task] = bench.service.submit("me", [DRINK])
    bench.clock.now += 899
    assert bench.service.fetch("me", task.task_id).status is Status.PROCESSING
    bench.clock.now += 1
    for _ in range(2):
        late = bench.service.fetch("me", task.task_id)
        assert late.status is Status.FAIL
        assert late.error is not None
        assert late.error.type is ErrorType.DEADLINE_EXCEEDED
        assert late.finished_at == bench.clock.now


def test_a_result_outlives_the_deadline(bench: Bench) -> None:
    """A task that ended in time keeps its outcome when the deadline passes."""
    [task] = bench.service.submit("me", [DRINK])
    bench.store.finish(task.task_id, Outcome(Status.SUCCESS, bench.clock.now, result={}))
    bench.clock.now += 1000
    assert bench.service.fetch("me", task.task_id).status is Status.SUCCESS


def test_cancelling_ends_a_task_once(bench: Bench) -> None:
    """A cancelled task is final: a second cancel and a worker's result come too late."""
    [task] = bench.service.submit("me", [DRINK])
    assert bench.service.cancel("me", task.task_id).status is Status.CANCELLED
    with pytest.raises(TaskFinished):
        bench.service.cancel("me", task.task_id)
    assert not bench.store.finish(task.task_id, Outcome(Status.SUCCESS, bench.clock.now))
    assert bench.service.fetch("me", task.task_id).status is Status.CANCELLED


def test_a_cancel_that_loses_the_race_says_so(bench: Bench) -> None:
    """When a worker finishes between the read and the write, the cancel reports its outcome."""
    [task] = bench.service.submit("me", [DRINK])
    finish = bench.store.finish

    def finish_after_the_worker(task_id: str, outcome: Outcome) -> bool:
        finish(task_id, Outcome(Status.SUCCESS, bench.clock.now, result={}))
        return finish(task_id, outcome)

    bench.store.finish = finish_after_the_worker  # type: ignore[method-assign]
    with pytest.raises(TaskFinished, match="SUCCESS"):
        bench.service.cancel("me", task.task_id)
