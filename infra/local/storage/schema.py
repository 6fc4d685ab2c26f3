"""The tables of the SQLite file, as a list of migrations.

`PRAGMA user_version` holds the number of migrations that a file has had. A released migration never
changes; a change of the tables is a new migration at the end of the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Sequence

Migration = tuple[str, ...]

_FIRST: Final[Migration] = (
    """
    CREATE TABLE tasks (
        task_id TEXT NOT NULL PRIMARY KEY,
        owner TEXT NOT NULL,
        lane TEXT NOT NULL,
        status TEXT NOT NULL,
        input TEXT NOT NULL,
        created_at REAL NOT NULL,
        deadline REAL NOT NULL,
        expires_at REAL NOT NULL,
        attempts INTEGER NOT NULL,
        started_at REAL,
        finished_at REAL,
        result TEXT,
        error TEXT,
        usage TEXT,
        progress TEXT
    )
    """,
    "CREATE INDEX tasks_by_expiry ON tasks (expires_at)",
    """
    CREATE TABLE records (
        record_id TEXT NOT NULL PRIMARY KEY,
        fingerprint TEXT NOT NULL,
        task_ids TEXT NOT NULL,
        expires_at REAL NOT NULL
    )
    """,
    "CREATE INDEX records_by_expiry ON records (expires_at)",
    # An id is never used twice (AUTOINCREMENT), because receipt handles contain ids. A message is
    # ready if `hidden_until` is NULL; otherwise it is in flight or waits for a retry.
    """
    CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        queue TEXT NOT NULL,
        owner TEXT NOT NULL,
        body TEXT NOT NULL,
        sent_at REAL NOT NULL,
        receive_count INTEGER NOT NULL DEFAULT 0,
        hidden_until REAL
    )
    """,
    "CREATE INDEX ready_messages ON messages (queue, owner, id) WHERE hidden_until IS NULL",
    """
    CREATE INDEX hidden_messages ON messages (queue, hidden_until)
    WHERE hidden_until IS NOT NULL
    """,
    # The owners of ready messages, in the order in which they are served.
    """
    CREATE TABLE turns (
        queue TEXT NOT NULL,
        owner TEXT NOT NULL,
        turn INTEGER NOT NULL,
        PRIMARY KEY (queue, owner)
    ) WITHOUT ROWID
    """,
    "CREATE UNIQUE INDEX turns_in_order ON turns (queue, turn)",
)

_WEBHOOKS_AND_METADATA: Final[Migration] = (
    "ALTER TABLE tasks ADD COLUMN webhook TEXT",
    "ALTER TABLE tasks ADD COLUMN batch_id TEXT",
    "ALTER TABLE tasks ADD COLUMN metadata TEXT",
    "ALTER TABLE tasks ADD COLUMN traceparent TEXT",
)

_DELIVERIES: Final[Migration] = (
    """
    CREATE TABLE deliveries (
        subject_id TEXT NOT NULL PRIMARY KEY,
        owner TEXT NOT NULL,
        url TEXT NOT NULL,
        created_at REAL NOT NULL,
        expires_at REAL NOT NULL,
        started_at REAL NOT NULL,
        state TEXT NOT NULL,
        attempts TEXT NOT NULL,
        number INTEGER NOT NULL,
        first INTEGER NOT NULL,
        is_batch INTEGER NOT NULL,
        traceparent TEXT
    )
    """,
    "CREATE INDEX deliveries_by_expiry ON deliveries (expires_at)",
    """
    CREATE TABLE secrets (
        owner TEXT NOT NULL PRIMARY KEY,
        secrets TEXT NOT NULL,
        version INTEGER NOT NULL
    )
    """,
)

_BATCHES: Final[Migration] = (
    "CREATE INDEX tasks_by_batch ON tasks (batch_id, status) WHERE batch_id IS NOT NULL",
)

_TASK_LIST: Final[Migration] = ("CREATE INDEX tasks_by_owner ON tasks (owner, task_id)",)

_DELIVERY_IDS_AND_VERSIONS: Final[Migration] = (
    "ALTER TABLE deliveries RENAME COLUMN subject_id TO delivery_id",
    "ALTER TABLE deliveries ADD COLUMN version INTEGER NOT NULL DEFAULT 1",
    "ALTER TABLE deliveries ADD COLUMN batch_id TEXT",
    "UPDATE deliveries SET batch_id = delivery_id WHERE is_batch",
    "ALTER TABLE deliveries DROP COLUMN is_batch",
)

MIGRATIONS: Final[tuple[Migration, ...]] = (
    _FIRST,
    _WEBHOOKS_AND_METADATA,
    _DELIVERIES,
    _BATCHES,
    _TASK_LIST,
    _DELIVERY_IDS_AND_VERSIONS,
)


def version_of(connection: sqlite3.Connection) -> int:
    """Return the number of migrations that the file has had; 0 for a new file."""
    version: int = connection.execute("PRAGMA user_version").fetchone()[0]
    return version


def migrate(connection: sqlite3.Connection, migrations: Sequence[Migration] = MIGRATIONS) -> None:
    """Apply the missing migrations, all or none."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for migration in migrations[version_of(connection) :]:
            for statement in migration:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(migrations)}")
        connection.execute("COMMIT")
    except BaseException:
        connection.rollback()
        raise
