"""What every table of tasks does."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tasks.task import ErrorType, IdempotencyRecord, Lane, Outcome, Status, Task, TaskError, Usage
from tests.fakes import NOW

if TYPE_CHECKING:
    from tasks.ports import TaskStore

TASK = Task("t1", "me", {"ingredients": ["молоко"], "top_k": 3}, NOW, NOW + 900, NOW + 86_400)
KEY = IdempotencyRecord("key#k", "f1", ("t1",), NOW + 86_400)
ERROR = TaskError(ErrorType.WORKER_LOST, "Потеряно.", retryable=True)
SUCCESS = Outcome(
    Status.SUCCESS,
    NOW + 2.25,
    NOW + 2,
    {"added": ["sugar"], "p": 0.1},
    attempts=2,
    usage=Usage(10, "litert", 0.0125),
)
OUTCOMES = [
    SUCCESS,
    Outcome(Status.FAIL, NOW + 3, error=ERROR, attempts=4),
    Outcome(Status.CANCELLED, NOW + 1),
]


def test_a_row_comes_back_as_it_was_put(store: TaskStore) -> None:
    """Every field survives the table, to the millisecond and the last letter."""
    task = replace(TASK, created_at=NOW + 0.125, lane=Lane.BULK)
    store.create([task])
    assert store.get("t1") == task


def test_there_is_no_row_that_was_not_put(store: TaskStore) -> None:
    """An unknown id has no row and cannot be finished."""
    assert store.get("t1") is None
    assert store.get_many(["t1", "t2"]) == {}
    assert store.finish("t1", SUCCESS) is False
    assert store.get("t1") is None


@pytest.mark.parametrize("count", [2, 25, 26, 100])
def test_many_rows_are_put_at_once(store: TaskStore, count: int) -> None:
    """All rows of an array stand, whatever the size of a write."""
    tasks = [replace(TASK, task_id=f"t{number}", input={"n": number}) for number in range(count)]
    store.create(tasks)
    assert store.get_many([task.task_id for task in tasks]) == {t.task_id: t for t in tasks}


def test_a_key_makes_its_tasks_once(store: TaskStore) -> None:
    """The rows stand with the key; later rows for the same key are not put."""
    assert store.create_once(KEY, [TASK], NOW) is None
    other = replace(KEY, fingerprint="f2", task_ids=("t2",))
    assert store.create_once(other, [replace(TASK, task_id="t2")], NOW) == KEY
    assert store.get("t1") == TASK
    assert store.get("t2") is None


def test_a_key_may_stand_for_many_tasks(store: TaskStore, largest_transaction: int) -> None:
    """As many as one transaction writes beside the key."""
    count = largest_transaction - 1
    tasks = [replace(TASK, task_id=f"t{number}") for number in range(count)]
    key = replace(KEY, task_ids=tuple(task.task_id for task in tasks))
    assert store.create_once(key, tasks, NOW) is None
    assert store.create_once(key, tasks, NOW) == key
    assert [store.get(task.task_id) for task in tasks] == tasks


def test_an_expired_key_is_as_good_as_none(store: TaskStore) -> None:
    """A key that the table has not removed yet does not stand in the way."""
    store.create_once(KEY, [TASK], NOW)
    later = replace(KEY, task_ids=("t2",), expires_at=NOW + 200_000)
    assert store.create_once(later, [replace(TASK, task_id="t2")], NOW + 86_400) is None
    assert store.get("t2") is not None


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.status)
def test_an_outcome_is_written_whole(store: TaskStore, outcome: Outcome) -> None:
    """The finished row is the task with just that outcome."""
    store.create([TASK])
    assert store.finish("t1", outcome) is True
    assert store.get("t1") == TASK.end(outcome)


@pytest.mark.parametrize("first", OUTCOMES, ids=lambda outcome: outcome.status)
@pytest.mark.parametrize("second", OUTCOMES, ids=lambda outcome: outcome.status)
def test_a_final_status_never_changes(store: TaskStore, first: Outcome, second: Outcome) -> None:
    """The first outcome stands; the second is refused and leaves no trace."""
    store.create([TASK])
    store.finish("t1", first)
    assert store.finish("t1", second) is False
    assert store.get("t1") == TASK.end(first)
