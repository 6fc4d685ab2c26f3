"""Unit tests of the table in SQLite, beyond the contract of its port."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from infra.local.storage.database import open_database
from infra.local.storage.task_store import SqliteTaskStore
from tasks.task import IdempotencyRecord, Outcome, Status, Task
from tests.fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASK = Task("t1", "me", {"n": 1}, NOW, NOW + 900, NOW + 100)
RECORD = IdempotencyRecord("key#k", "f", ("t1",), NOW + 100)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqliteTaskStore]:
    with closing(open_database(tmp_path)) as database:
        yield SqliteTaskStore(database)


def test_a_repeated_write_of_a_row_does_not_undo_its_final_status(store: SqliteTaskStore) -> None:
    outcome = Outcome(Status.CANCELLED, NOW + 1)
    store.create([TASK])
    store.finish("t1", outcome)
    store.create([TASK])
    assert store.get("t1") == TASK.end(outcome)


def test_expired_rows_and_records_are_deleted(store: SqliteTaskStore) -> None:
    kept = replace(TASK, task_id="kept", expires_at=NOW + 101)
    many = [replace(TASK, task_id=f"t{number}") for number in range(2_500)]
    store.create([kept, *many])
    assert store.create_once(RECORD, [], NOW) is None
    assert store.delete_expired(NOW + 99) == 0
    assert store.delete_expired(NOW + 100) == 2_501
    assert store.get_many(["kept", "t1", "t2499"]) == {"kept": kept}
    assert store.create_once(RECORD, [], NOW) is None


def test_thousands_of_rows_can_be_read_at_once(store: SqliteTaskStore) -> None:
    """SQLite limits the number of parameters of a statement."""
    tasks = [replace(TASK, task_id=f"t{number}") for number in range(40_000)]
    store.create(tasks)
    assert len(store.get_many([task.task_id for task in tasks])) == 40_000
