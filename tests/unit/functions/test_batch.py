from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from functions.worker.batch import BatchWorker
from functions.worker.dispositions import RetryPolicy
from functions.worker.document_processor import DocumentProcessor
from functions.worker.document_reader import FinishedDocument
from functions.worker.drink_processor import DrinkProcessor
from functions.worker.failures import Permanent, Transient
from functions.worker.metrics import UsageMeter
from tasks.messages import TaskMessage
from tasks.service import Submission, TaskService
from tasks.task import ErrorType, Lane, Outcome, Status, Task, Usage
from tests.fakes import (
    NOW,
    FakeClock,
    FakeModel,
    InMemoryTaskQueue,
    InMemoryTaskStore,
    RecordingTelemetry,
    sequential_ids,
    sqs_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from tasks.task import JsonObject


@dataclasses.dataclass
class FakeReader:
    """Finishes a document, leaves it to another message, or raises an error."""

    finished: FinishedDocument | None
    error: Exception | None = None
    on_run: Callable[[], None] = lambda: None

    def run(self, message: TaskMessage, remaining: Callable[[], float]) -> FinishedDocument | None:
        assert message.input["document"]
        assert remaining() > 0
        self.on_run()
        if self.error is not None:
            raise self.error
        return self.finished


class Harness:
    """A worker over fakes, and a service to submit tasks."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryTaskStore()
        self.queue = InMemoryTaskQueue()
        self.model = FakeModel()
        self.telemetry = RecordingTelemetry()
        self.remaining = 15.0
        self.reader = FakeReader(FinishedDocument({"read": True}, NOW - 1, 4.0))
        self.service = TaskService(
            self.store,
            {lane: InMemoryTaskQueue() for lane in Lane},
            retention=86_400,
            deadline=900,
            clock=self.clock,
            new_id=sequential_ids(),
        )
        self.worker = self.worker_with(self.model)

    def worker_with(
        self, answer: Callable[[Sequence[JsonObject]], list[JsonObject]]
    ) -> BatchWorker:
        retries = RetryPolicy(random.Random(1))
        meter = UsageMeter(engine="test", gigabytes=2.0)
        drinks = DrinkProcessor(answer, retries, self.clock)
        documents = DocumentProcessor(
            self.reader.run,
            self.store,
            self.queue,
            retries,
            self.clock,
            meter,
        )
        return BatchWorker(
            {Lane.INTERACTIVE: drinks, Lane.BULK: drinks, Lane.DOCUMENT: documents},
            self.store,
            {"tasks": self.queue},
            self.clock,
            self.telemetry,
            meter,
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
def harness() -> Harness:
    return Harness()


def test_a_batch_is_one_call_of_the_model(harness: Harness) -> None:
    """All tasks are answered together, each with its own result, and nothing comes again."""
    tasks = harness.submit("a", "b", "c")
    assert harness.run(tasks, receive_count=2) == []
    assert harness.model.batches == [3]
    for task in tasks:
        row = harness.store.rows[task.task_id]
        assert (row.status, row.result) == (Status.SUCCESS, {"echo": task.input})
        assert row.attempts == 2


def test_a_task_bears_an_equal_share_of_its_batch(harness: Harness) -> None:
    """Two gigabytes for a second, shared by four tasks, are half a gigabyte-second each."""

    def slow(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        harness.clock.now += 1
        return [{} for _ in inputs]

    tasks = harness.submit("a", "b", "c", "d")
    harness.worker = harness.worker_with(slow)
    harness.run(tasks)
    assert {harness.store.rows[task.task_id].usage for task in tasks} == {Usage(4, "test", 0.5)}


def test_two_deliveries_give_one_result(harness: Harness) -> None:
    """A duplicate, in the same batch or later, changes nothing and is acknowledged."""
    [task] = harness.submit("a")
    assert harness.run([task, task]) == []
    first = harness.store.rows[task.task_id]
    harness.clock.now += 60
    assert harness.run([task], receive_count=2) == []
    assert harness.store.rows[task.task_id] == first


def test_a_cancelled_task_stays_cancelled(harness: Harness) -> None:
    """A worker that comes after the cancel acknowledges its message and writes nothing."""
    [task] = harness.submit("a")
    harness.service.cancel("me", task.task_id)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.CANCELLED]


@pytest.mark.parametrize("poisoned", [0, 3, 6])
def test_a_poisoned_task_fails_alone(harness: Harness, poisoned: int) -> None:
    """Wherever it stands in the batch, only the task that crashes the model fails."""
    names = [f"t{number}" for number in range(7)]
    tasks = harness.submit(*names)
    harness.model.errors[names[poisoned]] = ZeroDivisionError("boom")
    assert harness.run(tasks) == []
    statuses = harness.statuses(tasks)
    assert statuses.pop(poisoned) is Status.FAIL
    assert set(statuses) == {Status.SUCCESS}
    assert harness.error_type(tasks[poisoned]) is ErrorType.PREDICTION_FAILED
    assert len(harness.model.batches) <= 1 + 2 * 3


def test_a_permanent_fault_is_not_retried(harness: Harness) -> None:
    """What the model will never answer fails at once, with the model's own reason."""
    [task] = harness.submit("dry")
    harness.model.errors["dry"] = Permanent(ErrorType.EMPTY_MASK, "Nothing is left.")
    assert harness.run([task]) == []
    error = harness.store.rows[task.task_id].error
    assert error is not None
    assert (error.type, error.detail, error.retryable) == ("empty-mask", "Nothing is left.", False)


@pytest.mark.parametrize(("attempt", "shortest", "longest"), [(1, 2, 3), (2, 4, 6), (3, 8, 12)])
def test_a_transient_fault_is_retried_later_and_later(
    harness: Harness, attempt: int, shortest: int, longest: int
) -> None:
    """The message comes again after a back-off that starts at 2 s and doubles, with jitter."""
    [task] = harness.submit("a")
    harness.model.errors["a"] = Transient()
    waits = set()
    for _ in range(50):
        assert harness.run([task], receive_count=attempt) == ["m0"]
        waits.add(harness.queue.visibility_changes.pop()[1])
    assert (min(waits), max(waits)) == (shortest, longest)
    assert harness.statuses([task]) == [Status.PROCESSING]


def test_nobody_s_last_attempt_is_spent_on_another_s_fault(harness: Harness) -> None:
    """At the last attempt a batch is halved, so that only what the model cannot answer fails."""
    tasks = harness.submit("good", "moody", "fine")
    harness.model.errors["moody"] = Transient()
    assert harness.run(tasks, receive_count=4) == []
    assert harness.statuses(tasks) == [Status.SUCCESS, Status.FAIL, Status.SUCCESS]
    assert harness.error_type(tasks[1]) is ErrorType.MAX_RETRIES_EXCEEDED


def test_after_three_retries_a_task_fails(harness: Harness) -> None:
    """The fourth attempt is the last one."""
    [task] = harness.submit("a")
    harness.model.errors["a"] = Transient()
    assert harness.run([task], receive_count=4) == []
    assert harness.error_type(task) is ErrorType.MAX_RETRIES_EXCEEDED


def test_a_table_that_does_not_answer_costs_no_task(harness: Harness) -> None:
    """The outcome that could not be written comes again; the others of its batch stand."""
    tasks = harness.submit("a", "b")
    harness.store.unavailable_for.add(tasks[0].task_id)
    assert harness.run(tasks, receive_count=5) == ["m0"]
    assert harness.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS]
    assert harness.queue.visibility_changes == []  # it waits for its visibility timeout
    harness.store.unavailable_for.clear()
    assert harness.run(tasks[:1], receive_count=6) == []
    assert harness.statuses(tasks) == [Status.SUCCESS, Status.SUCCESS]


def test_a_queue_that_cannot_postpone_leaves_it_to_the_visibility_timeout(harness: Harness) -> None:
    """The message comes again all the same."""
    [task] = harness.submit("a")
    harness.model.errors["a"] = Transient()
    harness.queue.unavailable = True
    assert harness.run([task]) == ["m0"]


def test_an_unforeseen_fault_of_the_table_harms_one_task(harness: Harness) -> None:
    """An error that nobody translated fails its own message and no other."""
    tasks = harness.submit("a", "b")
    finish = harness.store.finish

    def broken(task_id: str, outcome: Outcome) -> bool:
        if task_id == tasks[0].task_id:
            raise PermissionError("denied")
        return finish(task_id, outcome)

    harness.store.finish = broken  # type: ignore[method-assign]
    assert harness.run(tasks) == ["m0"]
    assert harness.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS]


def test_no_work_is_begun_when_time_is_nearly_up(harness: Harness) -> None:
    """Below the guard the batch is handed back at once, unworked."""
    tasks = harness.submit("a", "b")
    harness.remaining = 4.9
    assert harness.run(tasks) == ["m0", "m1"]
    assert harness.model.batches == []
    assert sorted(harness.queue.visibility_changes) == [("r0", 0), ("r1", 0)]


def test_no_outcome_is_written_when_time_is_nearly_up(harness: Harness) -> None:
    """A model that used the time up leaves its answers to the next delivery."""
    [task] = harness.submit("a")
    remaining = iter([15.0, 4.9])
    event = sqs_event(TaskMessage.of(task))
    assert harness.worker.run(event, lambda: next(remaining)) == ["m0"]
    assert harness.statuses([task]) == [Status.PROCESSING]


def test_the_time_is_looked_at_between_the_halves_of_a_batch(harness: Harness) -> None:
    """A poisoned batch that takes too long is handed back where it stands."""
    tasks = harness.submit("poison", "a", "b", "c")
    harness.model.errors["poison"] = ZeroDivisionError()
    # All four, the first two and the first alone; no time for the second; then one write.
    remaining = iter([15.0, 15.0, 15.0, 4.9, 4.9, 15.0])
    event = sqs_event(*map(TaskMessage.of, tasks))
    assert harness.worker.run(event, lambda: next(remaining)) == ["m1", "m2", "m3"]
    assert harness.model.batches == [4, 2, 1]
    assert harness.statuses(tasks) == [Status.FAIL, *[Status.PROCESSING] * 3]


def test_a_model_that_answers_too_few_fails_its_tasks(harness: Harness) -> None:
    """Answers that cannot be told apart are none, and the tasks end all the same."""
    tasks = harness.submit("a", "b")
    worker = harness.worker_with(lambda _: [])
    assert worker.run(sqs_event(*map(TaskMessage.of, tasks)), lambda: 15.0) == []
    assert {harness.error_type(task) for task in tasks} == {ErrorType.PREDICTION_FAILED}


def test_a_task_past_its_deadline_is_not_worked_on(harness: Harness) -> None:
    """It fails with its own error, while the rest of its batch is answered."""
    [late] = harness.submit("late")
    harness.clock.now += 900
    [fresh] = harness.submit("fresh")
    assert harness.run([late, fresh]) == []
    assert harness.statuses([late, fresh]) == [Status.FAIL, Status.SUCCESS]
    assert harness.error_type(late) is ErrorType.DEADLINE_EXCEEDED
    assert harness.model.batches == [1]


def test_unreadable_messages_come_again_and_the_rest_is_done(harness: Harness) -> None:
    """A foreign message in a batch is reported, and costs its neighbour nothing."""
    [task] = harness.submit("a")
    event = sqs_event("foreign", TaskMessage.of(task))
    assert harness.worker.run(event, lambda: 15.0) == ["m0"]
    assert harness.statuses([task]) == [Status.SUCCESS]


def test_a_batch_is_measured(harness: Harness) -> None:
    """Size, successes, failures by type, retries, the longest wait and the model's time."""
    tasks = harness.submit("good", "poison", "later")
    harness.model.errors["poison"] = ZeroDivisionError()
    harness.clock.now += 2
    harness.run(tasks[:2])
    harness.model.errors["later"] = Transient()
    harness.run(tasks[2:])
    measured = [(name, round(value, 3)) for name, value in harness.telemetry.flushed]
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
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """Whatever becomes of tasks, the log names them and keeps to itself what they asked."""
    caplog.set_level("INFO")
    tasks = harness.submit("negroni", "poison", "unwritten")
    harness.model.errors["poison"] = ZeroDivisionError()
    harness.store.unavailable_for.add(tasks[2].task_id)
    harness.run(tasks)
    harness.run(tasks[:1])
    lines = [vars(record) for record in caplog.records]
    assert {line["task_id"] for line in lines} == {task.task_id for task in tasks}
    assert len(lines) == len(tasks) + 3  # submitted; failed, unwritten, final already
    assert "negroni" not in repr(lines)


def test_a_task_without_a_row_is_acknowledged(harness: Harness) -> None:
    """A message whose row is gone cannot be finished, and must not come for ever."""
    [task] = harness.submit("a")
    harness.store.rows.clear()
    assert harness.run([task]) == []


def submit_document(harness: Harness) -> Task:
    [task] = harness.service.submit(
        "me", [Submission({"document": "k", "name": "d"}, Lane.DOCUMENT)]
    )
    return task


def test_a_document_is_a_task_like_any_other(harness: Harness) -> None:
    """Its result is in its row, with what all its invocations took."""
    task = submit_document(harness)
    assert harness.run([task]) == []
    row = harness.store.rows[task.task_id]
    assert (row.status, row.result) == (Status.SUCCESS, {"read": True})
    assert (row.started_at, row.usage) == (NOW - 1, Usage(1, "test", 8.0))
    assert harness.model.batches == []


def test_a_killed_document_worker_costs_its_remaining_time_and_30_s(harness: Harness) -> None:
    """The message becomes visible again soon, and not only after the queue's own timeout."""
    harness.remaining = 59.9
    harness.run([submit_document(harness)])
    assert harness.queue.visibility_changes == [("r0", 89)]


def test_a_document_of_a_queue_that_does_not_answer_is_processed(harness: Harness) -> None:
    """A message whose visibility cannot be shortened just stays invisible for longer."""
    harness.queue.unavailable = True
    task = submit_document(harness)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.SUCCESS]


def test_a_message_of_a_lane_that_the_worker_does_not_serve_is_kept(harness: Harness) -> None:
    """It is not acknowledged, so that it moves to the dead-letter queue."""
    worker = dataclasses.replace(
        harness.worker, processors={Lane.BULK: harness.worker.processors[Lane.BULK]}
    )
    tasks = harness.submit("a")
    assert worker.run(sqs_event(*map(TaskMessage.of, tasks)), lambda: 15.0) == ["m0"]
    assert harness.statuses(tasks) == [Status.PROCESSING]


def test_a_document_that_was_handed_over_is_done_with(harness: Harness) -> None:
    """Its message is deleted, and its row is as it was: another message stands for it."""
    harness.reader.finished = None
    task = submit_document(harness)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.PROCESSING]


def test_a_document_without_time_comes_again_at_once(harness: Harness) -> None:
    """No document is begun that could not go on."""
    task = submit_document(harness)
    harness.remaining = 4.9
    assert harness.run([task]) == ["m0"]
    assert harness.queue.visibility_changes == [("r0", 0)]


def test_a_document_that_is_final_is_not_read(harness: Harness) -> None:
    """Cancelled, or done by another message: ten seconds of work are worth a look."""
    task = submit_document(harness)
    harness.service.cancel("me", task.task_id)
    harness.reader.error = AssertionError("It was read.")
    assert harness.run([task]) == []
    assert harness.queue.visibility_changes == []


def test_a_document_outlasts_a_fault_of_the_deployment(harness: Harness) -> None:
    """A missing permission is no fault of the document: it comes again until it is lost."""
    harness.reader.error = ConnectionRefusedError()
    task = submit_document(harness)
    for receive_count in range(1, 7):
        assert harness.run([task], receive_count) == ["m0"]
    assert harness.statuses([task]) == [Status.PROCESSING]
    assert all(seconds <= 12 for _, seconds in harness.queue.visibility_changes[1::2])


def test_a_document_that_is_done_late_is_done(harness: Harness) -> None:
    """What was read and written in ten seconds is not thrown away for the want of five."""

    def take_long() -> None:
        harness.remaining = 1.0

    harness.reader.on_run = take_long
    task = submit_document(harness)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.SUCCESS]


def test_a_document_fails_as_a_drink_does(harness: Harness) -> None:
    """For good at once; for now after three retries; and never with its batch."""
    harness.reader.error = Permanent(ErrorType.DOCUMENT_MISSING, "There is no such document.")
    missing, drink = submit_document(harness), *harness.submit("a")
    assert harness.run([missing, drink]) == []
    assert harness.error_type(missing) is ErrorType.DOCUMENT_MISSING
    assert harness.statuses([drink]) == [Status.SUCCESS]

    harness.reader.error = Transient()
    task = submit_document(harness)
    assert harness.run([task], receive_count=3) == ["m0"]
    assert harness.run([task], receive_count=4) == []
    assert harness.error_type(task) is ErrorType.MAX_RETRIES_EXCEEDED
