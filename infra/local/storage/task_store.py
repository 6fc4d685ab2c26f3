"""The table of tasks in SQLite."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from tasks.task import (
    IdempotencyRecord,
    Lane,
    Progress,
    Status,
    Task,
    TaskError,
    Usage,
)
from tasks.webhooks.start import Ending

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.local.storage.database import Database
    from infra.local.storage.delivery_trigger import DeliveryTrigger
    from tasks.task import Outcome

# A repeated write of a row changes nothing, so that it can never undo a final status.
_PUT: Final = """
    INSERT OR IGNORE INTO tasks
        (task_id, owner, lane, status, input, created_at, deadline, expires_at, attempts,
         webhook, batch_id, metadata, traceparent)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
"""
_COLUMNS: Final = (
    "task_id, owner, lane, status, input, created_at, deadline, expires_at, attempts, started_at, "
    "finished_at, result, error, usage, progress, webhook, batch_id, metadata, traceparent"
)
_GET: Final = f"SELECT {_COLUMNS} FROM tasks WHERE task_id = ?"  # noqa: S608 - constants only
_GET_MANY: Final = (
    f"SELECT {_COLUMNS} FROM tasks "  # noqa: S608 - constants only
    "WHERE task_id IN (SELECT value FROM json_each(?))"
)
_NEWEST: Final = """
    SELECT task_id FROM tasks WHERE owner = ? AND task_id BETWEEN ? AND ?
    ORDER BY task_id DESC LIMIT ?
"""
_FINISH: Final = """
    UPDATE tasks
    SET status = ?, attempts = ?, started_at = ?, finished_at = ?, result = ?, error = ?, usage = ?
    WHERE task_id = ? AND status = 'PROCESSING'
    RETURNING task_id, owner, webhook, created_at, expires_at, batch_id, traceparent
"""
_REPORT_PROGRESS: Final = """
    UPDATE tasks SET progress = ? WHERE task_id = ? AND status = 'PROCESSING'
"""
_GET_RECORD: Final = """
    SELECT record_id, fingerprint, task_ids, expires_at FROM records
    WHERE record_id = ? AND expires_at > ?
"""
_PUT_RECORD: Final = "INSERT OR REPLACE INTO records VALUES (?, ?, ?, ?)"
# Small steps, so that other writers never wait for long.
_DELETE_TASKS: Final = """
    DELETE FROM tasks
    WHERE rowid IN (SELECT rowid FROM tasks WHERE expires_at <= ? LIMIT 1000)
"""
_DELETE_RECORDS: Final = """
    DELETE FROM records
    WHERE rowid IN (SELECT rowid FROM records WHERE expires_at <= ? LIMIT 1000)
"""


class SqliteTaskStore:
    """The table of tasks in a SQLite file."""

    def __init__(self, database: Database, trigger: DeliveryTrigger | None = None) -> None:
        """Args: `trigger` starts the deliveries of tasks with a webhook."""
        self._database = database
        self._trigger = trigger

    def create(self, tasks: Sequence[Task]) -> None:
        """Put all rows in one transaction."""
        with self._database.transaction() as connection:
            connection.executemany(_PUT, map(_to_row, tasks))

    def create_once(
        self, record: IdempotencyRecord, tasks: Sequence[Task], now: float
    ) -> IdempotencyRecord | None:
        """Put all rows in one transaction, unless the record exists."""
        with self._database.transaction() as connection:
            row = connection.execute(_GET_RECORD, (record.record_id, now)).fetchone()
            if row is not None:
                return _to_record(row)
            connection.execute(_PUT_RECORD, _record_to_row(record))
            connection.executemany(_PUT, map(_to_row, tasks))
        return None

    def get_record(self, record_id: str, now: float) -> IdempotencyRecord | None:
        """Read the row."""
        rows = self._database.query(_GET_RECORD, (record_id, now))
        return _to_record(rows[0]) if rows else None

    def get(self, task_id: str) -> Task | None:
        """Read the row."""
        rows = self._database.query(_GET, (task_id,))
        return _to_task(rows[0]) if rows else None

    def get_many(self, task_ids: Sequence[str]) -> dict[str, Task]:
        """Read all rows with one statement."""
        rows = self._database.query(_GET_MANY, (json.dumps(list(task_ids)),))
        return {row[0]: _to_task(row) for row in rows}

    def newest(self, owner: str, first: str, last: str, limit: int) -> list[str]:
        """Read the index of owners, which every row is in at once."""
        return [row[0] for row in self._database.query(_NEWEST, (owner, first, last, limit))]

    def finish(self, task_id: str, outcome: Outcome) -> bool:
        """Update the row on condition that its status is PROCESSING, and start its delivery."""
        trigger, started = self._trigger, False
        with self._database.transaction() as connection:
            values = (*_outcome_values(outcome), task_id)
            rows = connection.execute(_FINISH, values).fetchall()
            if trigger is not None and rows and rows[0][2] is not None:
                started = trigger.start(connection, Ending(*rows[0]))
        if trigger is not None and started:
            trigger.notify()
        return bool(rows)

    def report_progress(self, task_id: str, progress: Progress) -> None:
        """Update the row on condition that its status is PROCESSING."""
        self._database.execute(_REPORT_PROGRESS, (_to_json(asdict(progress)), task_id))

    def delete_expired(self, now: float) -> int:
        """Delete the rows that have expired and return how many there were."""
        deleted = 0
        for statement in (_DELETE_TASKS, _DELETE_RECORDS):
            while count := self._database.execute(statement, (now,)):
                deleted += count
        return deleted


def _outcome_values(outcome: Outcome) -> tuple[Any, ...]:
    return (
        outcome.status,
        outcome.attempts,
        outcome.started_at,
        outcome.finished_at,
        None if outcome.result is None else _to_json(outcome.result),
        None if outcome.error is None else _to_json(asdict(outcome.error)),
        None if outcome.usage is None else _to_json(asdict(outcome.usage)),
    )


def _to_row(task: Task) -> tuple[Any, ...]:
    return (
        task.task_id,
        task.owner,
        task.lane,
        task.status,
        _to_json(task.input),
        task.created_at,
        task.deadline,
        task.expires_at,
        task.attempts,
        task.webhook,
        task.batch_id,
        None if task.metadata is None else _to_json(task.metadata),
        task.traceparent,
    )


def _to_task(row: Sequence[Any]) -> Task:
    return Task(
        task_id=row[0],
        owner=row[1],
        lane=Lane(row[2]),
        status=Status(row[3]),
        input=json.loads(row[4]),
        created_at=row[5],
        deadline=row[6],
        expires_at=row[7],
        attempts=row[8],
        started_at=row[9],
        finished_at=row[10],
        result=None if row[11] is None else json.loads(row[11]),
        error=None if row[12] is None else TaskError.from_json(json.loads(row[12])),
        usage=None if row[13] is None else Usage.from_json(json.loads(row[13])),
        progress=None if row[14] is None else Progress.from_json(json.loads(row[14])),
        webhook=row[15],
        batch_id=row[16],
        metadata=None if row[17] is None else json.loads(row[17]),
        traceparent=row[18],
    )


def _record_to_row(record: IdempotencyRecord) -> tuple[Any, ...]:
    return (
        record.record_id,
        record.fingerprint,
        json.dumps(record.task_ids),
        record.expires_at,
    )


def _to_record(row: Sequence[Any]) -> IdempotencyRecord:
    return IdempotencyRecord(row[0], row[1], tuple(json.loads(row[2])), row[3])


def _to_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
