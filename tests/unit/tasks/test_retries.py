"""Tasks that failed or were cancelled, and the new tasks that retry them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tasks.errors import RetryRefused, TaskExpired, TaskNotFound, Unavailable
from tasks.messages import TaskMessage
from tasks.submission import Submission
from tasks.task import ErrorType, Lane, Outcome, Status, TaskError
from tests.fakes import NOW
from tests.unit.tasks.test_service import DAY, Harness

if TYPE_CHECKING:
    from tasks.task import Task

DRINK = Submission(
    {"ingredients": ["milk"], "exclude": ["group:nuts"]},
    Lane.BULK,
    deadline=60,
    webhook="https://bar.example/hook",
    metadata={"table": "7"},
    traceparent="00-1-1-00",
)
LOST = TaskError(ErrorType.WORKER_LOST, "Lost.", retryable=True)
FAIL = Outcome(Status.FAIL, NOW, error=LOST, attempts=6)
SUCCESS = Outcome(Status.SUCCESS, NOW, result={})


@pytest.fixture
def harness() -> Harness:
    return Harness()


def ended(harness: Harness, outcome: Outcome = FAIL) -> Task:
    """Return a task with this outcome, whose message is gone."""
    [task] = harness.service.submit("me", [DRINK])
    harness.store.finish(task.task_id, outcome)
    harness.bulk.messages.clear()
    return task


@pytest.mark.parametrize("outcome", [FAIL, Outcome(Status.CANCELLED, NOW)])
def test_a_retry_is_a_new_task_with_the_same_input(harness: Harness, outcome: Outcome) -> None:
    """It has the lane, the webhook and the metadata of the first one, and as much time."""
    first = ended(harness, outcome)
    harness.clock.now += 1000
    new = harness.service.retry("me", first.task_id, "00-2-2-00")
    now = harness.clock.now
    assert new == replace(
        first,
        task_id=new.task_id,
        created_at=now,
        deadline=now + 60,
        expires_at=now + DAY,
        traceparent="00-2-2-00",
    )
    assert harness.store.rows[new.task_id] == new
    assert harness.bulk.messages == [TaskMessage.of(new)]


def test_a_retry_leaves_the_row_of_the_first_task_as_it_is(harness: Harness) -> None:
    first = ended(harness)
    before = harness.store.rows[first.task_id]
    harness.service.retry("me", first.task_id)
    assert harness.store.rows[first.task_id] is before


def test_two_retries_are_one_task(harness: Harness) -> None:
    first = ended(harness)
    assert harness.service.retry("me", first.task_id) == harness.service.retry("me", first.task_id)
    assert len(harness.store.rows) == 2


def test_a_repeated_retry_sends_the_message_that_a_crash_prevented(harness: Harness) -> None:
    first = ended(harness)
    harness.bulk.unavailable = True
    with pytest.raises(Unavailable):
        harness.service.retry("me", first.task_id)
    harness.bulk.unavailable = False
    new = harness.service.retry("me", first.task_id)
    assert harness.bulk.messages == [TaskMessage.of(new)]
    assert len(harness.store.rows) == 2


def test_a_repeated_retry_of_a_final_task_sends_nothing(harness: Harness) -> None:
    """It returns the new task, even if that failed, too."""
    first = ended(harness)
    new = harness.service.retry("me", first.task_id)
    harness.store.finish(new.task_id, FAIL)
    harness.bulk.messages.clear()
    assert harness.service.retry("me", first.task_id) == new.end(FAIL)
    assert harness.bulk.messages == []


def test_the_retry_of_a_retry_is_a_third_task(harness: Harness) -> None:
    first = ended(harness)
    second = harness.service.retry("me", first.task_id)
    harness.store.finish(second.task_id, FAIL)
    third = harness.service.retry("me", second.task_id)
    assert len({first.task_id, second.task_id, third.task_id}) == 3
    assert third.input == first.input


def test_a_task_that_runs_or_succeeded_is_not_retried(harness: Harness) -> None:
    [running] = harness.service.submit("me", [DRINK])
    with pytest.raises(RetryRefused, match="PROCESSING"):
        harness.service.retry("me", running.task_id)
    harness.store.finish(running.task_id, SUCCESS)
    with pytest.raises(RetryRefused, match="SUCCESS"):
        harness.service.retry("me", running.task_id)
    assert len(harness.store.rows) == 1


def test_a_task_past_its_deadline_is_retried(harness: Harness) -> None:
    """The first task ends on the read."""
    [first] = harness.service.submit("me", [DRINK])
    harness.clock.now += 60
    new = harness.service.retry("me", first.task_id)
    assert harness.store.rows[first.task_id].status is Status.FAIL
    assert new.deadline == harness.clock.now + 60


def test_a_retry_has_at_most_the_deadline_of_the_deployment(harness: Harness) -> None:
    """The deployment's deadline may have become shorter since the first task."""
    first = ended(harness)
    service = replace(harness.service, deadline=30)
    assert service.retry("me", first.task_id).deadline == NOW + 30


def test_the_retry_of_a_task_of_an_array_belongs_to_no_batch(harness: Harness) -> None:
    """The batch has ended, or ends without it; the webhook is called for the new task alone."""
    first = ended(harness)
    harness.store.rows[first.task_id] = replace(
        harness.store.rows[first.task_id], batch_id="01a0c3a5-4400-7000-8000-000000000001-2"
    )
    new = harness.service.retry("me", first.task_id)
    assert (new.batch_id, new.webhook) == (None, first.webhook)


def test_nobody_retries_the_task_of_another_owner(harness: Harness) -> None:
    first = ended(harness)
    with pytest.raises(TaskNotFound):
        harness.service.retry("you", first.task_id)


def test_an_expired_task_is_not_retried(harness: Harness) -> None:
    first = ended(harness)
    harness.clock.now += DAY
    with pytest.raises(TaskExpired):
        harness.service.retry("me", first.task_id)
