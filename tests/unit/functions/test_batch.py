from __future__ import annotations

import dataclasses
import random
from typing import TYPE_CHECKING

import pytest

from functions.worker.batch import BatchWorker
from functions.worker.dispositions import RetryPolicy
from functions.worker.document_processor import DocumentProcessor
from functions.worker.document_reader import FinishedDocument
from functions.worker.failures import CANNOT_ANSWER, Permanent, Transient, Unreadable
from functions.worker.metrics import UsageMeter
from functions.worker.settings import DEFAULT_RETRIES
from functions.worker.task_processor import TaskProcessor
from tasks.errors import Unavailable
from tasks.messages import TaskMessage
from tasks.ports import SAFETY_MARGIN
from tasks.service import TaskService
from tasks.submission import Submission
from tasks.task import DEADLINE_EXCEEDED, ErrorType, Lane, Outcome, Status, Task, TaskError, Usage
from tests.fakes import (
    NOW,
    REGISTRY,
    FakeClock,
    FakeModel,
    InlineExecutor,
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
    """Finishes a document, leaves it to another message (None), or raises an error."""

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
    """A worker with fakes for all ports, and a service to submit tasks."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = InMemoryTaskStore()
        self.queue = InMemoryTaskQueue()
        self.model = FakeModel()
        self.telemetry = RecordingTelemetry()
        self.pool = InlineExecutor()
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
        retries = RetryPolicy(DEFAULT_RETRIES, random.Random(1))
        meter = UsageMeter(engine="test", gigabytes=2.0)
        drinks = TaskProcessor(answer, REGISTRY.split, retries, self.clock)
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
            self.pool,
            lambda message: REGISTRY.kinds_of(message.input),
        )

    def submit(self, *names: str) -> list[Task]:
        return self.service.submit("me", [Submission({"name": name}) for name in names])

    def run(self, tasks: list[Task], receive_count: int = 1) -> list[str]:
        event = sqs_event(*map(TaskMessage.of, tasks), receive_count=receive_count)
        return self.worker.run(event, lambda: self.remaining)

    def statuses(self, tasks: list[Task]) -> list[Status]:
        return [self.store.rows[task.task_id].status for task in tasks]

    def advance(self, seconds: float) -> None:
        self.clock.now += seconds

    def usage(self, task: Task) -> Usage:
        usage = self.store.rows[task.task_id].usage
        assert usage is not None
        return usage

    def error_type(self, task: Task) -> str:
        error = self.store.rows[task.task_id].error
        assert error is not None
        return error.type


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_a_batch_is_one_call_of_the_model(harness: Harness) -> None:
    """Every task has its own result, and all messages are acknowledged."""
    tasks = harness.submit("a", "b", "c")
    assert harness.run(tasks, receive_count=2) == []
    assert harness.model.batches == [3]
    for task in tasks:
        row = harness.store.rows[task.task_id]
        assert (row.status, row.result) == (Status.SUCCESS, {"echo": task.input})
        assert row.attempts == 2


@pytest.mark.parametrize("error", [None, ZeroDivisionError()])
def test_the_row_of_a_drink_has_the_times_of_its_call(
    harness: Harness, error: Exception | None
) -> None:
    def answer(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        harness.advance(1)
        if error is not None:
            raise error
        return [{} for _ in inputs]

    [task] = harness.submit("a")
    harness.advance(2)
    harness.worker = harness.worker_with(answer)
    harness.run([task])
    row = harness.store.rows[task.task_id]
    assert (row.started_at, row.finished_at) == (NOW + 2, NOW + 3)


@pytest.mark.parametrize(("count", "submitted"), [(1, 0), (2, 2)])
def test_only_the_outcomes_of_several_tasks_are_written_in_threads(
    harness: Harness, count: int, submitted: int
) -> None:
    """A thread for a single write would cost time and gain none."""
    tasks = harness.submit(*["a"] * count)
    assert harness.run(tasks) == []
    assert harness.pool.submitted == submitted
    assert harness.statuses(tasks) == [Status.SUCCESS] * count


def test_the_gb_seconds_of_a_batch_are_shared_equally(harness: Harness) -> None:
    """A worker with 2 GB works for a second on four tasks: 0.5 GB-seconds each."""

    def slow(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        harness.clock.now += 1
        return [{} for _ in inputs]

    tasks = harness.submit("a", "b", "c", "d")
    harness.worker = harness.worker_with(slow)
    harness.run(tasks)
    assert {harness.store.rows[task.task_id].usage for task in tasks} == {Usage(4, "test", 0.5)}


def test_the_shares_of_a_batch_add_up_although_its_writes_take_time(harness: Harness) -> None:
    """The writes are not part of the shares, because they have not ended when the first begins."""

    def slow(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        harness.clock.now += 1
        return [{} for _ in inputs]

    harness.worker = harness.worker_with(slow)
    harness.store.on_finish = lambda: harness.advance(1)
    tasks = harness.submit(*"abcd")
    harness.run(tasks)
    shares = [harness.usage(task).gb_seconds for task in tasks]
    assert shares == [0.5] * 4


def test_a_clock_that_steps_back_makes_nothing_negative(harness: Harness) -> None:
    """An operator or NTP may set the clock at any time."""

    def set_clock_back(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        harness.advance(-60)
        return [{} for _ in inputs]

    harness.worker = harness.worker_with(set_clock_back)
    [task] = harness.submit("a")
    harness.run([task])
    assert harness.usage(task).gb_seconds == 0
    assert min(value for _, value in harness.telemetry.flushed) >= 0


@pytest.mark.parametrize("fault", ["unavailable", "final"])
def test_only_an_outcome_that_was_written_is_counted(harness: Harness, fault: str) -> None:
    """A task is counted once, although it may be delivered and computed several times."""
    tasks = harness.submit("a", "b")
    if fault == "unavailable":
        harness.store.unavailable_for.add(tasks[0].task_id)
    else:
        harness.service.cancel("me", tasks[0].task_id)
    harness.run(tasks)
    assert dict(harness.telemetry.flushed)["Success"] == 1


def test_nothing_is_counted_if_no_outcome_was_written(harness: Harness) -> None:
    tasks = harness.submit("a", "b")
    harness.store.unavailable = True
    harness.run(tasks)
    assert "Success" not in dict(harness.telemetry.flushed)


def test_a_duplicate_delivery_leaves_the_first_result(harness: Harness) -> None:
    """The duplicate is acknowledged, whether it is in the same batch or in a later one."""
    [task] = harness.submit("a")
    assert harness.run([task, task]) == []
    first = harness.store.rows[task.task_id]
    harness.clock.now += 60
    assert harness.run([task], receive_count=2) == []
    assert harness.store.rows[task.task_id] == first


def test_a_cancelled_task_stays_cancelled(harness: Harness) -> None:
    """The message of the task is acknowledged."""
    [task] = harness.submit("a")
    harness.service.cancel("me", task.task_id)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.CANCELLED]


@pytest.mark.parametrize("poisoned", [0, 3, 6])
def test_a_poisoned_task_fails_alone(harness: Harness, poisoned: int) -> None:
    """The position of the task in the batch does not matter."""
    names = [f"t{number}" for number in range(7)]
    tasks = harness.submit(*names)
    harness.model.errors[names[poisoned]] = ZeroDivisionError("boom")
    assert harness.run(tasks) == []
    statuses = harness.statuses(tasks)
    assert statuses.pop(poisoned) is Status.FAIL
    assert set(statuses) == {Status.SUCCESS}
    assert harness.store.rows[tasks[poisoned].task_id].error == TaskError(
        ErrorType.PREDICTION_FAILED, CANNOT_ANSWER, retryable=False
    )
    assert len(harness.model.batches) <= 1 + 2 * 3


def test_a_permanent_failure_is_not_retried(harness: Harness) -> None:
    """The task fails at once with the error of the model."""
    [task] = harness.submit("dry")
    harness.model.errors["dry"] = Permanent(ErrorType.EMPTY_MASK, "Nothing is left.")
    assert harness.run([task]) == []
    error = harness.store.rows[task.task_id].error
    assert error is not None
    assert (error.type, error.detail, error.retryable) == ("empty-mask", "Nothing is left.", False)


@pytest.mark.parametrize(("attempt", "shortest", "longest"), [(1, 2, 3), (2, 4, 6), (3, 8, 12)])
def test_a_transient_failure_is_retried_with_exponential_backoff(
    harness: Harness, attempt: int, shortest: int, longest: int
) -> None:
    """The backoff starts at 2 s and doubles with each attempt, plus a jitter of up to half."""
    [task] = harness.submit("a")
    harness.model.errors["a"] = Transient()
    backoffs = set()
    for _ in range(50):
        assert harness.run([task], receive_count=attempt) == ["m0"]
        backoffs.add(harness.queue.visibility_changes.pop()[1])
    assert (min(backoffs), max(backoffs)) == (shortest, longest)
    assert harness.statuses([task]) == [Status.PROCESSING]


def test_the_last_attempt_of_a_task_is_not_used_up_by_another_task(harness: Harness) -> None:
    """On a last attempt the batch is bisected, so that only the failing task fails."""
    tasks = harness.submit("good", "flaky", "fine")
    harness.model.errors["flaky"] = Transient()
    assert harness.run(tasks, receive_count=4) == []
    assert harness.statuses(tasks) == [Status.SUCCESS, Status.FAIL, Status.SUCCESS]
    assert harness.error_type(tasks[1]) is ErrorType.MAX_RETRIES_EXCEEDED


def test_a_task_fails_after_three_retries(harness: Harness) -> None:
    [task] = harness.submit("a")
    harness.model.errors["a"] = Transient()
    assert harness.run([task], receive_count=4) == []
    assert harness.store.rows[task.task_id].error == TaskError(
        ErrorType.MAX_RETRIES_EXCEEDED,
        "The task failed 4 times for a transient reason; submit it again later.",
        retryable=True,
    )


def test_a_message_is_redelivered_if_its_outcome_cannot_be_written(harness: Harness) -> None:
    """The other outcomes of its batch are written."""
    tasks = harness.submit("a", "b")
    harness.store.unavailable_for.add(tasks[0].task_id)
    assert harness.run(tasks, receive_count=5) == ["m0"]
    assert harness.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS]
    assert harness.queue.visibility_changes == []  # redelivered after the visibility timeout
    harness.store.unavailable_for.clear()
    assert harness.run(tasks[:1], receive_count=6) == []
    assert harness.statuses(tasks) == [Status.SUCCESS, Status.SUCCESS]


def test_a_message_is_kept_if_its_visibility_cannot_be_changed(harness: Harness) -> None:
    """The message is redelivered after its visibility timeout."""
    [task] = harness.submit("a")
    harness.model.errors["a"] = Transient()
    harness.queue.unavailable = True
    assert harness.run([task]) == ["m0"]


def test_an_unexpected_error_of_the_table_affects_one_task(harness: Harness) -> None:
    """The other tasks of its batch are finished."""
    tasks = harness.submit("a", "b")
    finish = harness.store.finish

    def finish_or_deny(task_id: str, outcome: Outcome) -> bool:
        if task_id == tasks[0].task_id:
            raise PermissionError("denied")
        return finish(task_id, outcome)

    harness.store.finish = finish_or_deny  # type: ignore[method-assign]
    assert harness.run(tasks) == ["m0"]
    assert harness.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS]


def test_a_batch_is_not_started_when_time_is_nearly_up(harness: Harness) -> None:
    """All messages are redelivered at once."""
    tasks = harness.submit("a", "b")
    harness.remaining = 4.9
    assert harness.run(tasks) == ["m0", "m1"]
    assert harness.model.batches == []
    assert sorted(harness.queue.visibility_changes) == [("r0", 0), ("r1", 0)]


def test_the_safety_margin_is_enough_to_start_a_batch_and_to_write_its_outcomes(
    harness: Harness,
) -> None:
    tasks = [submit_document(harness), *harness.submit("a")]
    harness.remaining = SAFETY_MARGIN
    assert harness.run(tasks) == []
    assert harness.statuses(tasks) == [Status.SUCCESS, Status.SUCCESS]


def test_no_outcome_is_written_when_time_is_nearly_up(harness: Harness) -> None:
    """The task is processed again at the next delivery."""
    [task] = harness.submit("a")
    remaining = iter([15.0, 4.9])
    event = sqs_event(TaskMessage.of(task))
    assert harness.worker.run(event, lambda: next(remaining)) == ["m0"]
    assert harness.statuses([task]) == [Status.PROCESSING]


def test_the_remaining_time_is_checked_before_each_half_of_a_batch(harness: Harness) -> None:
    """The tasks that are left when time is nearly up are redelivered."""
    tasks = harness.submit("poison", "a", "b", "c")
    harness.model.errors["poison"] = ZeroDivisionError()
    # Time for all four, the first two and the first alone, but not for the rest; then one write.
    remaining = iter([15.0, 15.0, 15.0, 4.9, 4.9, 15.0])
    event = sqs_event(*map(TaskMessage.of, tasks))
    assert harness.worker.run(event, lambda: next(remaining)) == ["m1", "m2", "m3"]
    assert harness.model.batches == [4, 2, 1]
    assert harness.statuses(tasks) == [Status.FAIL, *[Status.PROCESSING] * 3]


def test_a_task_of_a_newer_version_waits_for_a_newer_worker(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """Its receives last longer than a deployment, and those of its batch are answered."""
    harness.model.errors["new"] = Unreadable()
    harness.reader.error = Unreadable()
    tasks = [*harness.submit("new", "a"), submit_document(harness)]
    assert harness.run(tasks, receive_count=DEFAULT_RETRIES + 1) == ["m0", "m2"]
    assert harness.statuses(tasks) == [Status.PROCESSING, Status.SUCCESS, Status.PROCESSING]
    waits = {seconds for _, seconds in harness.queue.visibility_changes if seconds > 45}
    assert waits == {90}
    assert caplog.text.count("Another version accepted the task") == 2


def test_tasks_fail_if_the_model_returns_too_few_answers(harness: Harness) -> None:
    """The worker cannot know which answer belongs to which task."""
    tasks = harness.submit("a", "b")
    worker = harness.worker_with(lambda _: [])
    assert worker.run(sqs_event(*map(TaskMessage.of, tasks)), lambda: 15.0) == []
    assert {harness.error_type(task) for task in tasks} == {ErrorType.PREDICTION_FAILED}


def test_a_task_past_its_deadline_fails_without_calling_the_model(harness: Harness) -> None:
    """The rest of its batch is answered."""
    [late] = harness.submit("late")
    harness.clock.now += 900
    [fresh] = harness.submit("fresh")
    assert harness.run([late, fresh]) == []
    assert harness.statuses([late, fresh]) == [Status.FAIL, Status.SUCCESS]
    row = harness.store.rows[late.task_id]
    assert (row.error, row.attempts) == (DEADLINE_EXCEEDED, 1)
    assert (row.started_at, row.finished_at) == (NOW + 900, NOW + 900)
    assert harness.model.batches == [1]


def test_an_unreadable_message_is_kept_and_the_others_are_processed(harness: Harness) -> None:
    [task] = harness.submit("a")
    event = sqs_event("unreadable", TaskMessage.of(task))
    assert harness.worker.run(event, lambda: 15.0) == ["m0"]
    assert harness.statuses([task]) == [Status.SUCCESS]


def test_the_metrics_of_a_batch_are_recorded(harness: Harness) -> None:
    """The metrics include failures by type, the longest queue time and the compute time."""
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


def test_a_task_that_is_processed_at_once_has_spent_no_time_in_the_queue(harness: Harness) -> None:
    harness.run(harness.submit("a"))
    assert dict(harness.telemetry.flushed)["QueueTime"] == pytest.approx(0, abs=0.001)


def test_gb_seconds_are_rounded_to_six_digits(harness: Harness) -> None:
    def answer(inputs: Sequence[JsonObject]) -> list[JsonObject]:
        harness.advance(1)
        return [{} for _ in inputs]

    harness.worker = harness.worker_with(answer)
    tasks = harness.submit("a", "b", "c")
    harness.run(tasks)
    assert harness.usage(tasks[0]).gb_seconds == 0.666667


def test_every_log_line_has_the_id_of_its_task_but_not_its_input(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
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


def test_each_log_line_says_what_happened(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    tasks = harness.submit("good", "poison", "unwritten")
    harness.model.errors["poison"] = ZeroDivisionError()
    harness.store.unavailable_for.add(tasks[2].task_id)
    harness.run(tasks)
    harness.run(tasks[:1])
    assert [line.message for line in caplog.records] == [
        *["Submitted"] * 3,
        "A pipeline failed (1 of this batch)",
        "Outcomes or retries could not be written (1 of this batch)",
        "The task was already final",
    ]


def test_a_hundred_drinks_on_which_the_model_fails_are_one_log_line(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """It has their number and one of the errors, with its traceback."""
    tasks = harness.submit(*["poison"] * 100)
    harness.model.errors["poison"] = ZeroDivisionError()
    assert harness.run(tasks) == []
    [line] = caplog.records
    assert (vars(line)["task_id"], vars(line)["count"]) == (tasks[0].task_id, 100)
    assert line.exc_info is not None


def test_a_hundred_outcomes_that_cannot_be_written_are_one_log_line(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """It has their number and one of the errors, with its traceback."""

    def deny() -> None:
        raise PermissionError("denied")

    tasks = harness.submit(*["a"] * 100)
    harness.store.on_finish = deny
    assert len(harness.run(tasks)) == 100
    [line] = caplog.records
    assert (vars(line)["task_id"], vars(line)["count"]) == (tasks[0].task_id, 100)
    assert line.exc_info is not None


def test_a_hundred_retries_that_cannot_be_scheduled_are_one_log_line(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    tasks = harness.submit(*["a"] * 100)
    harness.model.errors["a"] = Transient()
    harness.queue.unavailable = True
    assert len(harness.run(tasks)) == 100
    [line] = caplog.records
    assert vars(line)["count"] == 100
    assert line.exc_info is None


def test_a_message_without_a_row_is_acknowledged(harness: Harness) -> None:
    """A task without a row can never be finished."""
    [task] = harness.submit("a")
    harness.store.rows.clear()
    assert harness.run([task]) == []


def submit_document(harness: Harness) -> Task:
    [task] = harness.service.submit(
        "me", [Submission({"document": "k", "name": "d"}, Lane.DOCUMENT)]
    )
    return task


def test_a_finished_document_is_written_to_its_row(harness: Harness) -> None:
    """The usage includes all its invocations."""
    task = submit_document(harness)
    assert harness.run([task]) == []
    row = harness.store.rows[task.task_id]
    assert (row.status, row.result) == (Status.SUCCESS, {"read": True})
    assert (row.started_at, row.usage) == (NOW - 1, Usage(1, "test", 8.0))
    assert (row.finished_at, row.attempts) == (NOW, 1)
    assert harness.model.batches == []


def test_a_document_is_redelivered_30_s_after_its_worker_is_killed(harness: Harness) -> None:
    """The visibility timeout of the queue would be much longer."""
    harness.remaining = 59.9
    harness.run([submit_document(harness)])
    assert harness.queue.visibility_changes == [("r0", 89)]


@pytest.mark.parametrize("error", [Unavailable(), PermissionError("denied")], ids=repr)
def test_a_document_is_processed_even_if_its_visibility_cannot_be_changed(
    harness: Harness, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    """The log line names the task."""

    def fail(receipt_handle: str, seconds: int) -> None:  # noqa: ARG001 - a part of the port
        raise error

    harness.queue.change_visibility = fail  # type: ignore[method-assign]
    task = submit_document(harness)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.SUCCESS]
    [line] = caplog.records
    assert line.message == "The visibility could not be shortened"
    assert vars(line)["task_id"] == task.task_id


def test_a_message_of_a_lane_without_a_processor_is_kept(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """The message moves to the dead-letter queue, and the log names its task."""
    worker = dataclasses.replace(
        harness.worker, processors={Lane.BULK: harness.worker.processors[Lane.BULK]}
    )
    tasks = harness.submit("a")
    assert worker.run(sqs_event(*map(TaskMessage.of, tasks)), lambda: 15.0) == ["m0"]
    assert harness.statuses(tasks) == [Status.PROCESSING]
    [line] = caplog.records
    assert line.message == "The message is in the wrong queue"
    assert vars(line)["task_id"] == tasks[0].task_id


def test_a_document_continued_in_another_message_is_not_final_yet(harness: Harness) -> None:
    """The delivered message is acknowledged."""
    harness.reader.finished = None
    task = submit_document(harness)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.PROCESSING]


def test_a_document_is_not_started_when_time_is_nearly_up(harness: Harness) -> None:
    """The message is redelivered at once."""
    task = submit_document(harness)
    harness.remaining = 4.9
    assert harness.run([task]) == ["m0"]
    assert harness.queue.visibility_changes == [("r0", 0)]


def test_a_final_document_is_not_read(harness: Harness) -> None:
    """In this test, the owner has cancelled the document."""
    task = submit_document(harness)
    harness.service.cancel("me", task.task_id)
    harness.reader.error = AssertionError("The document was read.")
    assert harness.run([task]) == []
    assert harness.queue.visibility_changes == []


def test_an_unexpected_error_never_fails_a_document(harness: Harness) -> None:
    """The fault may be in the deployment, so the document is retried until SQS gives up."""
    harness.reader.error = ConnectionRefusedError()
    task = submit_document(harness)
    for receive_count in range(1, 7):
        assert harness.run([task], receive_count) == ["m0"]
    assert harness.statuses([task]) == [Status.PROCESSING]
    assert all(seconds <= 12 for _, seconds in harness.queue.visibility_changes[1::2])


def test_the_outcome_of_a_document_is_written_even_when_time_is_nearly_up(harness: Harness) -> None:
    """Otherwise all the work would be lost."""

    def take_long() -> None:
        harness.remaining = 1.0

    harness.reader.on_run = take_long
    task = submit_document(harness)
    assert harness.run([task]) == []
    assert harness.statuses([task]) == [Status.SUCCESS]


@pytest.mark.parametrize(
    "error", [Permanent(ErrorType.DOCUMENT_MISSING, "There is no such document."), Transient()]
)
def test_a_failed_document_has_its_times_and_attempts(harness: Harness, error: Exception) -> None:
    harness.reader.error = error
    harness.reader.on_run = lambda: harness.advance(2)
    task = submit_document(harness)
    assert harness.run([task], receive_count=4) == []
    row = harness.store.rows[task.task_id]
    assert (row.status, row.attempts) == (Status.FAIL, 4)
    assert (row.started_at, row.finished_at) == (NOW, NOW + 2)


def test_a_document_that_is_retried_is_logged(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    """The line has the id of the task, the number of receives and the traceback."""
    harness.reader.error = ConnectionRefusedError()
    task = submit_document(harness)
    harness.run([task], receive_count=2)
    [line] = caplog.records
    assert line.message == "The document is retried"
    assert (vars(line)["task_id"], vars(line)["receive_count"]) == (task.task_id, 2)
    assert line.exc_info is not None


def test_a_document_fails_like_a_drink(harness: Harness) -> None:
    """A permanent failure fails it at once, a transient one after three retries."""
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
