"""The contract of `TaskStore`."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from tasks.task import (
    ErrorType,
    IdempotencyRecord,
    Lane,
    Outcome,
    Progress,
    Status,
    Task,
    TaskError,
    Usage,
)
from tests.fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from tasks.ports import TaskStore

TASK = Task("t1", "me", {"ingredients": ["молоко"], "top_k": 3}, NOW, NOW + 900, NOW + 86_400)
RECORD = IdempotencyRecord("key#k", "f1", ("t1",), NOW + 86_400)
ERROR = TaskError(ErrorType.WORKER_LOST, "Потеряно.", retryable=True)
SUCCESS = Outcome(
    Status.SUCCESS,
    NOW + 2.25,
    NOW + 2,
    {"added": ["sugar"], "p": 0.1},
    attempts=2,
    usage=Usage(10, "litert", 0.0125),
)
PROGRESS = Progress(fraction=1 / 3, lines=2_000, answered=1_999, failed=1)
OUTCOMES = [
    SUCCESS,
    Outcome(Status.FAIL, NOW + 3, error=ERROR, attempts=4),
    Outcome(Status.CANCELLED, NOW + 1),
]


def test_the_table_returns_every_field_of_a_task_unchanged(store: TaskStore) -> None:
    """Times keep their fractions of a second."""
    task = replace(
        TASK,
        created_at=NOW + 0.125,
        lane=Lane.BULK,
        webhook="https://example.com/hook?a=1",
        batch_id="b",
        metadata={"стол": "7", "empty": ""},
        traceparent="00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    )
    store.create([task])
    assert store.get("t1") == task
    assert store.get_many(["t1"]) == {"t1": task}


def test_an_unknown_task_has_no_row_and_cannot_be_finished(store: TaskStore) -> None:
    assert store.get("t1") is None
    assert store.get_many(["t1", "t2"]) == {}
    assert store.finish("t1", SUCCESS) is False
    assert store.get("t1") is None


def test_up_to_a_hundred_tasks_are_created_at_once(
    store: TaskStore, largest_transaction: int
) -> None:
    """They are written in one transaction."""
    tasks = [
        replace(TASK, task_id=f"t{number}", input={"n": number})
        for number in range(largest_transaction)
    ]
    store.create(tasks)
    assert store.get_many([task.task_id for task in tasks]) == {t.task_id: t for t in tasks}


@pytest.mark.parametrize("count", [1, 3])
def test_a_late_duplicate_of_a_creation_changes_no_row(store: TaskStore, count: int) -> None:
    """A client repeats a call without an answer, and the first request may arrive last."""
    tasks = [replace(TASK, task_id=f"t{number}") for number in range(count)]
    store.create(tasks)
    store.finish("t0", SUCCESS)
    store.create(tasks)
    assert [store.get(task.task_id) for task in tasks] == [tasks[0].end(SUCCESS), *tasks[1:]]


def test_a_late_duplicate_of_a_creation_with_a_record_changes_no_row(store: TaskStore) -> None:
    store.create_once(RECORD, [TASK], NOW)
    store.finish("t1", SUCCESS)
    store.create_once(RECORD, [TASK], NOW)
    assert store.get("t1") == TASK.end(SUCCESS)


def test_an_idempotency_record_creates_its_tasks_once(store: TaskStore) -> None:
    """A second call with the same record creates nothing and returns the first record."""
    assert store.create_once(RECORD, [TASK], NOW) is None
    other = replace(RECORD, fingerprint="f2", task_ids=("t2",))
    assert store.create_once(other, [replace(TASK, task_id="t2")], NOW) == RECORD
    assert store.get("t1") == TASK
    assert store.get("t2") is None


def test_an_idempotency_record_may_have_99_tasks(
    store: TaskStore, largest_transaction: int
) -> None:
    """The record and its tasks are written in one transaction of at most 100 items."""
    count = largest_transaction - 1
    tasks = [replace(TASK, task_id=f"t{number}") for number in range(count)]
    record = replace(RECORD, task_ids=tuple(task.task_id for task in tasks))
    assert store.create_once(record, tasks, NOW) is None
    others = [replace(TASK, task_id=f"u{number}") for number in range(count)]
    later = replace(record, task_ids=tuple(task.task_id for task in others))
    assert store.create_once(later, others, NOW) == record
    assert [store.get(task.task_id) for task in tasks] == tasks


def test_an_idempotency_record_is_read_until_it_expires(store: TaskStore) -> None:
    store.create_once(RECORD, [TASK], NOW)
    assert store.get_record("key#k", NOW + 86_399) == RECORD
    assert store.get_record("key#k", NOW + 86_400) is None
    assert store.get_record("key#l", NOW) is None


def test_an_expired_idempotency_record_can_be_replaced(store: TaskStore) -> None:
    """The table may not have deleted the record yet."""
    store.create_once(RECORD, [TASK], NOW)
    later = replace(RECORD, task_ids=("t2",), expires_at=NOW + 200_000)
    assert store.create_once(later, [replace(TASK, task_id="t2")], NOW + 86_400) is None
    assert store.get("t2") is not None


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.status)
def test_a_finished_row_is_the_task_with_its_outcome(store: TaskStore, outcome: Outcome) -> None:
    store.create([TASK])
    assert store.finish("t1", outcome) is True
    assert store.get("t1") == TASK.end(outcome)


@pytest.mark.parametrize("first", OUTCOMES, ids=lambda outcome: outcome.status)
@pytest.mark.parametrize("second", OUTCOMES, ids=lambda outcome: outcome.status)
def test_a_final_status_never_changes(store: TaskStore, first: Outcome, second: Outcome) -> None:
    """A second outcome is rejected and the row stays as it was."""
    store.create([TASK])
    store.finish("t1", first)
    assert store.finish("t1", second) is False
    assert store.get("t1") == TASK.end(first)


def test_the_last_report_of_progress_is_in_the_row(store: TaskStore) -> None:
    """Nothing else in the row changes."""
    store.create([TASK])
    store.report_progress("t1", Progress(0.1, 500, 500, 0))
    store.report_progress("t1", PROGRESS)
    assert store.get("t1") == replace(TASK, progress=PROGRESS)


def test_a_task_with_progress_can_be_finished(store: TaskStore) -> None:
    store.create([TASK])
    store.report_progress("t1", PROGRESS)
    assert store.finish("t1", SUCCESS) is True
    assert store.get("t1") == replace(TASK, progress=PROGRESS).end(SUCCESS)


@pytest.mark.parametrize("outcome", OUTCOMES, ids=lambda outcome: outcome.status)
def test_a_report_of_progress_never_changes_a_final_row(store: TaskStore, outcome: Outcome) -> None:
    store.create([TASK])
    store.finish("t1", outcome)
    store.report_progress("t1", PROGRESS)
    assert store.get("t1") == TASK.end(outcome)


def test_a_report_of_progress_creates_no_row(store: TaskStore) -> None:
    store.report_progress("t1", PROGRESS)
    assert store.get("t1") is None


def listed(number: int, owner: str = "me") -> Task:
    """Return a task whose id is that of a later one if its number is greater."""
    return replace(TASK, task_id=f"01a0c450-c452-7000-8000-{number:012x}", owner=owner)


def test_the_tasks_of_an_owner_are_listed_from_the_newest(
    store: TaskStore, settle: Callable[[], None]
) -> None:
    """Whichever shard of the index they are in, and in whichever order they were created."""
    tasks = [listed(number) for number in range(20)]
    others = [listed(number, owner="you") for number in range(20, 25)]
    for start in (10, 0):
        store.create(tasks[start : start + 10])
    store.create(others)
    settle()
    ids = [task.task_id for task in reversed(tasks)]
    assert store.newest("me", tasks[0].task_id, others[-1].task_id, 200) == ids
    assert store.newest("me", tasks[0].task_id, others[-1].task_id, 7) == ids[:7]
    assert store.newest("nobody", tasks[0].task_id, others[-1].task_id, 200) == []


def test_a_list_of_tasks_has_both_of_its_bounds(
    store: TaskStore, settle: Callable[[], None]
) -> None:
    tasks = [listed(number) for number in range(10)]
    store.create(tasks)
    settle()
    found = store.newest("me", tasks[3].task_id, tasks[6].task_id, 200)
    assert found == [tasks[number].task_id for number in (6, 5, 4, 3)]


def test_tasks_with_a_key_and_final_ones_are_listed_and_records_are_not(
    store: TaskStore, settle: Callable[[], None]
) -> None:
    """The index has keys of rows, which never change."""
    first, second = listed(1), listed(2)
    store.create_once(replace(RECORD, task_ids=(first.task_id,)), [first], NOW)
    store.create([second])
    store.finish(second.task_id, SUCCESS)
    settle()
    ids = [second.task_id, first.task_id]
    assert store.newest("me", listed(0).task_id, listed(9).task_id, 9) == ids


def test_a_listed_row_is_read_like_any_other(store: TaskStore) -> None:
    store.create([listed(1)])
    assert store.get(listed(1).task_id) == listed(1)
