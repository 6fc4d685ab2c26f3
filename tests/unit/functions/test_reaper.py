from functions.reaper.reaper import Reaper
from tasks.aws.telemetry import NullTelemetry
from tasks.messages import TaskMessage
from tasks.task import ErrorType, Outcome, Status, Task
from tests.fakes import NOW, FakeClock, InMemoryTaskStore, sqs_event

TASK = Task("id", "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400)


def test_a_dead_letter_fails_its_task_as_worker_lost() -> None:
    """The message is then deleted."""
    store = InMemoryTaskStore()
    store.create([TASK])
    assert Reaper(store, FakeClock(), NullTelemetry()).run(sqs_event(TaskMessage.of(TASK))) == []
    row = store.rows["id"]
    assert row.status is Status.FAIL
    assert row.error is not None
    assert row.error.type is ErrorType.WORKER_LOST
    assert row.error.retryable


def test_a_task_that_is_already_final_keeps_its_outcome() -> None:
    """The dead letter is deleted."""
    store = InMemoryTaskStore()
    store.create([TASK])
    store.finish("id", Outcome(Status.SUCCESS, NOW, result={}))
    assert Reaper(store, FakeClock(), NullTelemetry()).run(sqs_event(TaskMessage.of(TASK))) == []
    assert store.rows["id"].status is Status.SUCCESS


def test_an_unreadable_dead_letter_is_kept() -> None:
    """A newer version of the code may be able to read it."""
    assert Reaper(InMemoryTaskStore(), FakeClock(), NullTelemetry()).run(
        sqs_event('{"version": 99}')
    ) == ["m0"]


def test_a_dead_letter_is_kept_if_the_table_is_unavailable() -> None:
    store = InMemoryTaskStore()
    store.create([TASK])
    store.unavailable = True
    assert Reaper(store, FakeClock(), NullTelemetry()).run(sqs_event(TaskMessage.of(TASK))) == [
        "m0"
    ]
