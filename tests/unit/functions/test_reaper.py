from functions.reaper.reaper import Reaper
from tasks.aws.telemetry import NullTelemetry
from tasks.messages import TaskMessage
from tasks.task import ErrorType, Outcome, Status, Task
from tests.fakes import NOW, FakeClock, InMemoryTaskStore, sqs_event

TASK = Task("id", "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)


def test_a_dead_letter_ends_its_task() -> None:
    """The task of a dead letter fails as `worker-lost`, and the letter is done with."""
    store = InMemoryTaskStore()
    store.create([TASK])
    assert Reaper(store, FakeClock(), NullTelemetry()).run(sqs_event(TaskMessage.of(TASK))) == []
    row = store.rows["id"]
    assert row.status is Status.FAIL
    assert row.error is not None
    assert row.error.type is ErrorType.WORKER_LOST
    assert row.error.retryable


def test_a_task_that_ended_after_all_keeps_its_outcome() -> None:
    """A straggler's result stands, and the letter is done with."""
    store = InMemoryTaskStore()
    store.create([TASK])
    store.finish("id", Outcome(Status.SUCCESS, NOW, result={}))
    assert Reaper(store, FakeClock(), NullTelemetry()).run(sqs_event(TaskMessage.of(TASK))) == []
    assert store.rows["id"].status is Status.SUCCESS


def test_what_cannot_be_read_stays() -> None:
    """A letter that this version cannot read is kept for one that can."""
    assert Reaper(InMemoryTaskStore(), FakeClock(), NullTelemetry()).run(
        sqs_event('{"version": 99}')
    ) == ["m0"]


def test_a_table_that_does_not_answer_keeps_the_letter() -> None:
    """The letter is tried again when the table answers."""
    store = InMemoryTaskStore()
    store.create([TASK])
    store.unavailable = True
    assert Reaper(store, FakeClock(), NullTelemetry()).run(sqs_event(TaskMessage.of(TASK))) == [
        "m0"
    ]
