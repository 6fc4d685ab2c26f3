from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from functions.worker.batch import Worker
from functions.worker.documents import Finished
from functions.worker.errors import Permanent, Transient
from tasks.model import ErrorType, Outcome, Priority, Status, Task, TaskMessage, Work
from tasks.service import Submission, TaskService
from tests.fakes import (
    NOW,
    FakeClock,
    FakeSuggest,
    InMemoryTaskQueue,
    InMemoryTaskStore,
    RecordedTelemetry,
    sequential_ids,
    sqs_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.model import JsonObject


@dataclasses.dataclass
class FakeRead:
    """Finishes a document, or hands it over, or raises what it is told to."""

    finished: Finished | None
    error: Exception | None = None

    takes: Callable[[], None] = lambda: None

    def __call__(self, message: TaskMessage, remaining: Callable[[], float]) -> Finished | None:
        assert message.input["document"]
        assert remaining() > 0
        self.takes()
        if self.error is not None:
            raise self.error
        return self.finished


class Bench:
    """A worker with fakes on every side, and a service to submit with."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryTaskStore()
        self.queue = InMemoryTaskQueue()
        self.suggest = FakeSuggest()
        self.telemetry = RecordedTelemetry()
        self.remaining = 15.0
        self.read = FakeRead(Finished({"read": True}, NOW - 1, 4.0))
        self.worker = Worker(
            self.suggest,
            self.read,
            self.store,
            {"tasks": self.queue},
            self.clock,
            random.Random(1),
            self.telemetry,
            engine="test",
            gigabytes=2.0,
        )
        self.service = TaskService(
            self.store,
            {Priority.INTERACTIVE: InMemoryTaskQueue()},
            retention=86_400,
            deadline=900,
            clock=self.clock,
            new_id=sequential_ids(),
        )

    def submit(self, *names: str) -> list[Task]:
        return self.service.submit("me", [Submission({"name": name}) for name in names])

    def run(self, tasks: list[Task], receive_count: int = 1) -> list[str]:
        event = sqs_event(*map(TaskMessage.of, tasks), receive_count=receive_count)
        return self.worker.run(event, lambda: self.remaining)

    def statuses(self, tasks: list[Task]) -> list[Status]:
        return [self.store.rows[task.task_id].status for task in tasks]

    def error_type(self, task: Task) -> ErrorType:
        error = self.store.rows[task.task_id].error
        assert error is not None
        return error.type


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_a_batch_is_one_call_of_the_model(bench: Bench) -> None:
    """All tasks are answered together, each with its own result, and nothing comes again."""
    tasks = bench.submit("a", "b", "c")
    assert bench.run(tasks, receive_count=2) == []
    assert bench.suggest.batches == [3]
    for task in tasks:
        row = bench.store.rows[task.task_id]
        assert (row.status, row.result) == (Status.SUCCESS, {"echo": task.input})
        assert row.attempts == 2


def test_a_task_bears_an_equal_share_of_its_batch(bench: Bench) -> None:
    """Two gigabytes for a second, shared by four tasks, are half a gigabyte-second each."""

    def slow(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        bench.clock.now += 1
        return [{} for _ in inputs]

    tasks = bench.submit("a", "b", "c", "d")
    bench.worker = dataclasses.replace(bench.worker, suggest=slow)
    bench.run(tasks)
    assert {bench.store.rows[task.task_id].work for task in tasks} == {Work(4, "test", 0.5)}


def test_two_deliveries_give_one_result(bench: Bench) -> None:
    """A duplicate, in the same batch or later, changes nothing and is acknowledged."""
    [task] = bench.submit("a")
    assert bench.run([task, task]) == []
    first = bench.store.rows[task.task_id]
    bench.clock.now += 60
    assert bench.run([task], receive_count=2) == []
    assert bench.store.rows[task.task_id] == first


def test_a_cancelled_task_stays_cancelled(bench: Bench) -> None:
    """A worker that comes after the cancel acknowledges its message and writes nothing."""
    [task] = bench.submit("a")
    bench.service.cancel("me", task.task_id)
    assert bench.run([task]) == []
    assert bench.statuses([task]) == [Status.CANCELLED]


@pytest.mark.parametrize("poisoned", [0, 3, 6])
def test_a_poisoned_task_fails_alone(bench: Bench, poisoned: int) -> None:
    """Wherever it stands in the batch, only the task that crashes the model fails."""
    names = [f"t{number}" for number in range(7)]
    tasks = bench.submit(*names)
    bench.suggest.errors[names[poisoned]] = ZeroDivisionError("boom")
    assert bench.run(tasks) == []
    statuses = bench.statuses(tasks)
    assert statuses.pop(poisoned) is Status.FAIL
    assert set(statuses) == {Status.SUCCESS}
    assert bench.error_type(tasks[poisoned]) is ErrorType.PREDICTION_FAILED
    assert len(bench.suggest.batches) <= 1 + 2 * 3


def test_a_permanent_fault_is_not_retried(bench: Bench) -> None:
    """What the model will never answer fails at once, with the model's own reason."""
    [task] = bench.submit("dry")
    bench.suggest.errors["dry"] = Permanent(ErrorType.EMPTY_MASK, "Nothing is left.")
    assert bench.run([task]) == []
    error = bench.store.rows[task.task_id].error
    assert error is not None
    assert (error.type, error.detail, error.retryable) == ("empty-mask", "Nothing is left.", False)


@pytest.mark.parametrize(("attempt", "shortest", "longest"), [(1, 2, 3), (2, 4, 6), (3, 8, 12)])
def test_a_transient_fault_is_retried_later_and_later(
    bench: Bench, attempt: int, shortest: int, longest: int
) -> None:
    """The message comes again after a back-off that starts at 2 s and doubles, with jitter."""
    [task] = bench.submit("a")
    bench.suggest.errors["a"] = Transient()
    waits = set()
    for _ in range(50):
        assert bench.run([task], receive_count=attempt) == ["m0"]
        waits.add(bench.queue.postponed.pop()[1])
    assert (min(waits), max(waits)) == (shortest, longest)
    assert bench.statuses([task]) == [Status.PROCESSING]


def test_nobody_s_last_attempt_is_spent_on_another_s_fault(bench: Bench) -> None:
    """At the last attempt a batch is halved, so that only what the model cannot answer fails."""
    tasks = bench.submit("good", "moody", "fine")
    bench.suggest.errors["moody"] = Transient()
    assert bench.run(tasks, receive_count=4) == []
    assert bench.statuses(tasks) == [Status.SUCCESS, Status.FAIL, Status.SUCCESS]
    assert bench.error_type(tasks[1]) is ErrorType.MAX_RETRIES_EXCEEDED


def test_after_three_retries_a_task_fails(bench: Bench) -> None:
    """The fourth attempt is the last one."""
    [task] = bench.submit("a")
    bench.suggest.errors["a"] = Transient()
    assert bench.run([task], receive_count=4) == []
    assert bench.error_type(task) is ErrorType.MAX_RETRIES_EXCEEDED


def test_a_table_that_does_not_answer_costs_no_task(bench: Bench) -> None:
    """The outcome that could not be written comes again; the others of its batch stand."""
    tasks = bench.submit("a", "b")
    bench.store.unavailable_for.add(tasks[0].task_id)
    assert bench.run(tasks, receive_count=5) == ["m0"]
    assert bench.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS]
    assert bench.queue.postponed == []  # it waits for its visibility timeout
    bench.store.unavailable_for.clear()
    assert bench.run(tasks[:1], receive_count=6) == []
    assert bench.statuses(tasks) == [Status.SUCCESS, Status.SUCCESS]


def test_a_queue_that_cannot_postpone_leaves_it_to_the_visibility_timeout(bench: Bench) -> None:
    """The message comes again all the same."""
    [task] = bench.submit("a")
    bench.suggest.errors["a"] = Transient()
    bench.queue.unavailable = True
    assert bench.run([task]) == ["m0"]


def test_an_unforeseen_fault_of_the_table_harms_one_task(bench: Bench) -> None:
    """An error that nobody translated fails its own message and no other."""
    tasks = bench.submit("a", "b")
    finish = bench.store.finish

    def broken(task_id: str, outcome: Outcome) -> bool:
        if task_id == tasks[0].task_id:
            raise PermissionError("denied")
        return finish(task_id, outcome)

    bench.store.finish = broken  # type: ignore[method-assign]
    assert bench.run(tasks) == ["m0"]
    assert bench.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS]


def test_no_work_is_begun_when_time_is_nearly_up(bench: Bench) -> None:
    """Below the guard the batch is handed back at once, unworked."""
    tasks = bench.submit("a", "b")
    bench.remaining = 4.9
    assert bench.run(tasks) == ["m0", "m1"]
    assert bench.suggest.batches == []
    assert sorted(bench.queue.postponed) == [("r0", 0), ("r1", 0)]


def test_no_outcome_is_written_when_time_is_nearly_up(bench: Bench) -> None:
    """A model that used the time up leaves its answers to the next delivery."""
    [task] = bench.submit("a")
    remaining = iter([15.0, 4.9])
    event = sqs_event(TaskMessage.of(task))
    assert bench.worker.run(event, lambda: next(remaining)) == ["m0"]
    assert bench.statuses([task]) == [Status.PROCESSING]


def test_the_time_is_looked_at_between_the_halves_of_a_batch(bench: Bench) -> None:
    """A poisoned batch that takes too long is handed back where it stands."""
    tasks = bench.submit("poison", "a", "b", "c")
    bench.suggest.errors["poison"] = ZeroDivisionError()
    # All four, the first two and the first alone; no time for the second; then one write.
    remaining = iter([15.0, 15.0, 15.0, 4.9, 4.9, 15.0])
    event = sqs_event(*map(TaskMessage.of, tasks))
    assert bench.worker.run(event, lambda: next(remaining)) == ["m1", "m2", "m3"]
    assert bench.suggest.batches == [4, 2, 1]
    assert bench.statuses(tasks) == [Status.FAIL, *[Status.PROCESSING] * 3]


def test_a_model_that_answers_too_few_fails_its_tasks(bench: Bench) -> None:
    """Answers that cannot be told apart are none, and the tasks end all the same."""
    tasks = bench.submit("a", "b")
    worker = dataclasses.replace(bench.worker, suggest=lambda _: [])
    assert worker.run(sqs_event(*map(TaskMessage.of, tasks)), lambda: 15.0) == []
    assert {bench.error_type(task) for task in tasks} == {ErrorType.PREDICTION_FAILED}


def test_a_task_past_its_deadline_is_not_worked_on(bench: Bench) -> None:
    """It fails with its own error, while the rest of its batch is answered."""
    [late] = bench.submit("late")
    bench.clock.now += 900
    [fresh] = bench.submit("fresh")
    assert bench.run([late, fresh]) == []
    assert bench.statuses([late, fresh]) == [Status.FAIL, Status.SUCCESS]
    assert bench.error_type(late) is ErrorType.DEADLINE_EXCEEDED
    assert bench.suggest.batches == [1]


def test_unreadable_messages_come_again_and_the_rest_is_done(bench: Bench) -> None:
    """A foreign message in a batch is reported, and costs its neighbour nothing."""
    [task] = bench.submit("a")
    event = sqs_event("foreign", TaskMessage.of(task))
    assert bench.worker.run(event, lambda: 15.0) == ["m0"]
    assert bench.statuses([task]) == [Status.SUCCESS]


def test_a_batch_is_measured(bench: Bench) -> None:
    """Size, successes, failures by type, retries, the longest wait and the model's time."""
    tasks = bench.submit("good", "poison", "later")
    bench.suggest.errors["poison"] = ZeroDivisionError()
    bench.clock.now += 2
    bench.run(tasks[:2])
    bench.suggest.errors["later"] = Transient()
    bench.run(tasks[2:])
    measured = [(name, round(value, 3)) for name, value in bench.telemetry.flushed]
    assert measured == [
        ("BatchSize", 2),
        ("Success", 1),
        ("Failure", 1),
        ("Failure-prediction-failed", 1),
        ("QueueTime", 2),
        ("ComputeTime", 0),
        ("BatchSize", 1),
        ("Retry", 1),
    ]


def test_every_line_about_a_task_has_its_id_and_nothing_of_its_drink(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever becomes of tasks, the log names them and keeps to itself what they asked."""
    caplog.set_level("INFO")
    tasks = bench.submit("negroni", "poison", "unwritten")
    bench.suggest.errors["poison"] = ZeroDivisionError()
    bench.store.unavailable_for.add(tasks[2].task_id)
    bench.run(tasks)
    bench.run(tasks[:1])
    lines = [vars(record) for record in caplog.records]
    assert {line["task_id"] for line in lines} == {task.task_id for task in tasks}
    assert len(lines) == len(tasks) + 3  # submitted; failed, unwritten, final already
    assert "negroni" not in repr(lines)


def test_a_task_without_a_row_is_acknowledged(bench: Bench) -> None:
    """A message whose row is gone cannot be finished, and must not come for ever."""
    [task] = bench.submit("a")
    bench.store.rows.clear()
    assert bench.run([task]) == []


def submit_document(bench: Bench) -> Task:
    [task] = bench.service.submit("me", [Submission({"document": "k", "name": "d"})])
    return task


def test_a_document_is_a_task_like_any_other(bench: Bench) -> None:
    """Its result is in its row, with what all its invocations took."""
    task = submit_document(bench)
    assert bench.run([task]) == []
    row = bench.store.rows[task.task_id]
    assert (row.status, row.result) == (Status.SUCCESS, {"read": True})
    assert (row.started_at, row.work) == (NOW - 1, Work(1, "test", 8.0))
    assert bench.suggest.batches == []


def test_a_document_that_was_handed_over_is_done_with(bench: Bench) -> None:
    """Its message is deleted, and its row is as it was: another message stands for it."""
    bench.read.finished = None
    task = submit_document(bench)
    assert bench.run([task]) == []
    assert bench.statuses([task]) == [Status.PROCESSING]


def test_a_document_without_time_comes_again_at_once(bench: Bench) -> None:
    """No document is begun that could not go on."""
    task = submit_document(bench)
    bench.remaining = 4.9
    assert bench.run([task]) == ["m0"]
    assert bench.queue.postponed == [("r0", 0)]


def test_a_document_that_is_final_is_not_read(bench: Bench) -> None:
    """Cancelled, or done by another message: ten seconds of work are worth a look."""
    task = submit_document(bench)
    bench.service.cancel("me", task.task_id)
    bench.read.error = AssertionError("It was read.")
    assert bench.run([task]) == []
    assert bench.queue.postponed == []


def test_a_document_outlasts_a_fault_of_the_deployment(bench: Bench) -> None:
    """A missing permission is no fault of the document: it comes again until it is lost."""
    bench.read.error = ConnectionRefusedError()
    task = submit_document(bench)
    for receive_count in range(1, 7):
        assert bench.run([task], receive_count) == ["m0"]
    assert bench.statuses([task]) == [Status.PROCESSING]
    assert all(seconds <= 12 for _, seconds in bench.queue.postponed)


def test_a_document_that_is_done_late_is_done(bench: Bench) -> None:
    """What was read and written in ten seconds is not thrown away for the want of five."""

    def take_long() -> None:
        bench.remaining = 1.0

    bench.read.takes = take_long
    task = submit_document(bench)
    assert bench.run([task]) == []
    assert bench.statuses([task]) == [Status.SUCCESS]


def test_a_document_fails_as_a_drink_does(bench: Bench) -> None:
    """For good at once; for now after three retries; and never with its batch."""
    bench.read.error = Permanent(ErrorType.DOCUMENT_MISSING, "There is no such document.")
    missing, drink = submit_document(bench), *bench.submit("a")
    assert bench.run([missing, drink]) == []
    assert bench.error_type(missing) is ErrorType.DOCUMENT_MISSING
    assert bench.statuses([drink]) == [Status.SUCCESS]

    bench.read.error = Transient()
    task = submit_document(bench)
    assert bench.run([task], receive_count=3) == ["m0"]
    assert bench.run([task], receive_count=4) == []
    assert bench.error_type(task) is ErrorType.MAX_RETRIES_EXCEEDED
