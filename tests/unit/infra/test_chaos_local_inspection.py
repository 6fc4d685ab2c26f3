"""On SQLite, every write to a task's row is recorded, also one that the code must never make."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING

import pytest

from infra.chaos.inspection import Change
from infra.chaos.local.inspection import SqliteQueues, record_changes, recorded_changes
from infra.chaos.template import chaos_template
from infra.local.ports import Location, open_ports
from infra.local.storage.database import Database, open_database
from infra.local.storage.task_store import SqliteTaskStore
from tasks.task import Outcome, Progress, Status, Task
from tests.fakes import NOW

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

TASK = Task("t", "me", {}, NOW, NOW + 900, NOW + 86_400)
CREATED, FINISHED = Change("t", None, "PROCESSING"), Change("t", "PROCESSING", "SUCCESS")


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """A database with one task that has succeeded."""
    with closing(open_database(tmp_path)) as database:
        record_changes(database)
        store = SqliteTaskStore(database)
        store.create([TASK])
        store.finish("t", Outcome(Status.SUCCESS, NOW + 1, result={}))
        yield database


def test_the_writes_of_a_task_are_recorded_in_order(database: Database) -> None:
    assert list(recorded_changes(database)) == [CREATED, FINISHED]


def test_a_repeated_write_that_changes_nothing_is_not_recorded(database: Database) -> None:
    store = SqliteTaskStore(database)
    store.create([TASK])
    assert not store.finish("t", Outcome(Status.FAIL, NOW + 2))
    store.report_progress("t", Progress(0.5, 1, 1, 0))
    assert list(recorded_changes(database)) == [CREATED, FINISHED]


@pytest.mark.parametrize(
    ("statement", "recorded"),
    [
        ("UPDATE tasks SET status = 'FAIL'", Change("t", "SUCCESS", "FAIL")),
        ("UPDATE tasks SET result = 'x'", Change("t", "SUCCESS", "SUCCESS")),
        ("REPLACE INTO tasks SELECT * FROM tasks", Change("t", None, "SUCCESS")),
    ],
)
def test_a_write_to_a_final_row_is_recorded(
    database: Database, statement: str, recorded: Change
) -> None:
    database.execute(statement)
    assert list(recorded_changes(database)) == [CREATED, FINISHED, recorded]


def test_messages_can_be_followed_through_the_queues(tmp_path: Path) -> None:
    """A received message stays in its queue, is hidden for a while, and can be deleted."""
    ports = open_ports(Location(tmp_path, ""), lambda _: None)
    queues = SqliteQueues(ports.queues, chaos_template())
    queues.send("BulkQueue", "body")
    assert queues.size("TaskQueue") == 0
    [found] = queues.receive("BulkQueue", 0)
    assert found.body == "body"
    [found] = queues.receive("BulkQueue", 60)
    assert queues.receive("BulkQueue", 60) == []
    assert queues.size("BulkQueue") == 1
    queues.delete("BulkQueue", found)
    assert queues.size("BulkQueue") == 0


def test_the_number_of_receives_is_that_of_the_template(tmp_path: Path) -> None:
    queues = SqliteQueues(
        open_ports(Location(tmp_path, ""), lambda _: None).queues, chaos_template()
    )
    assert queues.max_receives("TaskQueue") == 6
