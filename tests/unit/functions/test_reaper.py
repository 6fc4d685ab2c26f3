from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from functions.reaper.reaper import Reaper
from tasks.messages import TaskMessage
from tasks.task import ErrorType, Outcome, Status, Task
from tasks.webhooks.delivery import DeliveryState, Reason, WebhookDelivery
from tasks.webhooks.messages import DeliveryMessage
from tests.fakes import (
    NOW,
    FakeClock,
    InMemoryDeliveryQueue,
    InMemoryTaskStore,
    InMemoryWebhookStore,
    RecordingTelemetry,
    sqs_event,
)

if TYPE_CHECKING:
    from collections.abc import Callable

TASKS = [
    Task(name, "me", {"ingredients": ["milk"]}, NOW, NOW + 900, NOW + 86_400) for name in "abc"
]


class DenyingStore(InMemoryTaskStore):
    """A table that denies the update of one task: an error that nobody translates."""

    denied = "a"

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        if task_id == self.denied:
            raise PermissionError("denied")
        return super().finish(task_id, outcome)


class Harness:
    """A reaper with a table of three tasks and plenty of time."""

    def __init__(self, store: InMemoryTaskStore | None = None) -> None:
        self.store = store or InMemoryTaskStore()
        self.store.create(TASKS)
        self.telemetry = RecordingTelemetry()
        self.webhooks = InMemoryWebhookStore()
        self.queue = InMemoryDeliveryQueue()
        self.reaper = Reaper(self.store, self.webhooks, self.queue, FakeClock(), self.telemetry)

    def run(self, *letters: Task | str, remaining: Callable[[], float] = lambda: 15.0) -> list[str]:
        bodies = [
            TaskMessage.of(letter) if isinstance(letter, Task) else letter for letter in letters
        ]
        return self.reaper.run(sqs_event(*bodies), remaining)

    def statuses(self) -> list[Status]:
        return [row.status for row in self.store.rows.values()]


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_a_dead_letter_fails_its_task_as_worker_lost(harness: Harness) -> None:
    """The message is then deleted."""
    assert harness.run(TASKS[0]) == []
    row = harness.store.rows["a"]
    assert row.status is Status.FAIL
    assert row.error is not None
    assert row.error.type is ErrorType.WORKER_LOST
    assert row.error.retryable
    assert harness.telemetry.flushed == [("Failure-worker-lost", 1)]


def test_a_task_that_is_already_final_keeps_its_outcome(harness: Harness) -> None:
    """The dead letter is deleted."""
    harness.store.finish("a", Outcome(Status.SUCCESS, NOW, result={}))
    assert harness.run(TASKS[0]) == []
    assert harness.store.rows["a"].status is Status.SUCCESS
    assert harness.telemetry.flushed == []


def test_a_dead_letter_of_a_delivery_is_a_lost_attempt(harness: Harness) -> None:
    """The next attempt follows, operators see the loss, and the task keeps its status."""
    delivery = WebhookDelivery("a", "me", "https://bar.example", NOW, NOW + 86_400, NOW)
    harness.webhooks.create_delivery(delivery)
    assert harness.run(DeliveryMessage.of(delivery, NOW).encode()) == []
    row = harness.webhooks.deliveries["a"]
    assert row.state is DeliveryState.PENDING
    assert [attempt.reply.reason for attempt in row.attempts] == [Reason.SENDER_LOST]
    assert [message.attempt for message, _ in harness.queue.sent] == [2]
    assert harness.telemetry.flushed == [("Failure-sender-lost", 1)]
    assert set(harness.statuses()) == {Status.PROCESSING}


def test_a_dead_letter_of_an_attempt_that_was_made_is_no_loss(harness: Harness) -> None:
    assert harness.run(DeliveryMessage("a", 1, NOW, "bar.example").encode()) == []
    assert harness.telemetry.flushed == []


def test_a_dead_letter_of_a_delivery_is_kept_if_the_table_is_unavailable(harness: Harness) -> None:
    harness.webhooks.unavailable = True
    message = DeliveryMessage("a", 1, NOW, "bar.example")
    assert harness.run(message.encode(), TASKS[1]) == ["m0"]


def test_an_unreadable_dead_letter_of_a_delivery_is_kept(harness: Harness) -> None:
    assert harness.run('{"version": 99, "delivery": "a"}') == ["m0"]


def test_an_unreadable_dead_letter_is_kept(harness: Harness) -> None:
    """A newer version of the code may be able to read it."""
    assert harness.run('{"version": 99}') == ["m0"]


def test_a_dead_letter_is_kept_if_the_table_is_unavailable(harness: Harness) -> None:
    """The other tasks of its batch are ended."""
    harness.store.unavailable_for.add("a")
    assert harness.run(*TASKS) == ["m0"]
    assert harness.statuses() == [Status.PROCESSING, Status.FAIL, Status.FAIL]


def test_an_unexpected_error_of_the_table_affects_one_dead_letter() -> None:
    """The other tasks of its batch are ended."""
    harness = Harness(DenyingStore())
    assert harness.run(*TASKS) == ["m0"]
    assert harness.statuses() == [Status.PROCESSING, Status.FAIL, Status.FAIL]


def test_no_task_is_ended_when_time_is_nearly_up(harness: Harness) -> None:
    """The dead letters that are left are received again."""
    remaining = iter([15.0, 4.9, 4.8])
    assert harness.run(*TASKS, remaining=lambda: next(remaining)) == ["m1", "m2"]
    assert harness.statuses() == [Status.FAIL, Status.PROCESSING, Status.PROCESSING]


def test_a_batch_of_unexpected_errors_is_one_log_line(caplog: pytest.LogCaptureFixture) -> None:
    """It has the number of errors and one of them."""
    store = DenyingStore()
    copies = [replace(TASKS[0]) for _ in range(10)]
    assert len(Harness(store).run(*copies)) == 10
    [line] = caplog.records
    assert line.exc_info is not None
    assert (vars(line)["task_id"], vars(line)["count"]) == ("a", 10)
