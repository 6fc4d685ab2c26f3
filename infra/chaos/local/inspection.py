"""Records every write to the rows of tasks, and reads the queues, in the SQLite file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from infra.chaos.inspection import Change, Found
from infra.local.storage.queue_settings import queue_settings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from infra.local.storage.database import Database
    from infra.local.storage.task_queue import SqliteTaskQueue
    from infra.local.template import JsonObject

# The triggers see every write, whatever statement makes it.
_RECORD: Final = (
    "CREATE TABLE changes (id INTEGER PRIMARY KEY, task_id TEXT, before TEXT, after TEXT)",
    """
    CREATE TRIGGER record_insert AFTER INSERT ON tasks BEGIN
        INSERT INTO changes (task_id, after) VALUES (new.task_id, new.status);
    END
    """,
    """
    CREATE TRIGGER record_update AFTER UPDATE ON tasks BEGIN
        INSERT INTO changes (task_id, before, after)
        VALUES (new.task_id, old.status, new.status);
    END
    """,
)
_READ: Final = "SELECT task_id, before, after FROM changes ORDER BY id"


def record_changes(database: Database) -> None:
    """Record every later write to the rows of tasks."""
    for statement in _RECORD:
        database.execute(statement)


def recorded_changes(database: Database) -> Iterator[Change]:
    """Yield the recorded writes in order."""
    return (Change(*row) for row in database.query(_READ))


class SqliteQueues:
    """The queues of the SQLite file by name, with the settings of a template."""

    def __init__(self, queues: Mapping[str, SqliteTaskQueue], template: JsonObject) -> None:
        self._queues = queues
        self._settings = queue_settings(template)

    def send(self, queue: str, body: str) -> None:
        """Send a message."""
        self._queues[queue].send_bodies([body])

    def receive(self, queue: str, visibility: int) -> Sequence[Found]:
        """Receive up to ten messages, and hide them for that many seconds."""
        received = self._queues[queue].receive(10)
        for message in received:
            self._queues[queue].change_visibility(message.receipt_handle, visibility)
        return [Found(message.body, message.receipt_handle) for message in received]

    def delete(self, queue: str, found: Found) -> None:
        """Delete a received message."""
        self._queues[queue].delete([found.receipt_handle])

    def size(self, queue: str) -> int:
        """Return the number of messages, including those in flight."""
        return sum(self._queues[queue].length())

    def max_receives(self, queue: str) -> int:
        """Return how often a message is received before it moves to the dead-letter queue."""
        return self._settings[queue].max_receives or 1
