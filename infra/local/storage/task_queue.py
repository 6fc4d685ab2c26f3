"""A queue of tasks in SQLite, with the semantics of an SQS standard queue and a fair order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from infra.local.storage.fair_order import join, others_ready, take

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    from infra.local.storage.database import Database
    from infra.local.storage.queue_settings import QueueSettings
    from tasks.messages import TaskMessage

_INSERT: Final = """
    INSERT INTO messages (queue, owner, body, sent_at, hidden_until) VALUES (?, ?, ?, ?, ?)
"""
_HAS_READY: Final = "SELECT 1 FROM messages WHERE queue = ? AND hidden_until IS NULL LIMIT 1"
_NEXT_HIDDEN: Final = """
    SELECT hidden_until FROM messages
    WHERE queue = ? AND hidden_until IS NOT NULL
    ORDER BY hidden_until LIMIT 1
"""
# Small steps, so that a receive never takes long.
_DUE: Final = """
    SELECT id, owner, receive_count FROM messages
    WHERE queue = ? AND hidden_until <= ?
    ORDER BY hidden_until LIMIT 1000
"""
_SHOW: Final = "UPDATE messages SET hidden_until = NULL WHERE id = ?"
_REDRIVE: Final = """
    UPDATE messages SET queue = ?, receive_count = 0, hidden_until = NULL WHERE id = ?
"""
_HIDE: Final = "UPDATE messages SET hidden_until = ?, receive_count = ? WHERE id = ?"
# A receipt handle is valid until the message is received again, or moves to another queue.
_CHANGE_VISIBILITY: Final = """
    UPDATE messages SET hidden_until = ?
    WHERE id = ? AND receive_count = ? AND queue = ? AND hidden_until > ?
"""
_DELETE: Final = "DELETE FROM messages WHERE id = ? AND receive_count = ? AND queue = ?"
_COUNT_READY: Final = "SELECT count(*) FROM messages WHERE queue = ? AND hidden_until IS NULL"
_COUNT_DUE: Final = "SELECT count(*) FROM messages WHERE queue = ? AND hidden_until <= ?"
_COUNT_IN_FLIGHT: Final = "SELECT count(*) FROM messages WHERE queue = ? AND hidden_until > ?"
_RELEASE: Final = """
    UPDATE messages SET hidden_until = ?
    WHERE queue = ? AND hidden_until IS NOT NULL AND hidden_until > ?
"""
_FIND_EXPIRED: Final = "SELECT id FROM messages WHERE queue = ? AND sent_at <= ?"
_DELETE_EXPIRED: Final = "DELETE FROM messages WHERE id = ? AND queue = ?"
_EXPIRED_CHUNK: Final = 1000


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """A delivery of a message. `sent_at` is in seconds since the epoch."""

    message_id: str
    receipt_handle: str
    body: str
    receive_count: int
    sent_at: float
    owner: str


class SqliteTaskQueue:
    """A queue in a SQLite file. Every method raises `Unavailable` if the file cannot be used."""

    def __init__(
        self,
        database: Database,
        name: str,
        clock: Callable[[], float],
        *,
        settings: QueueSettings,
        notify: Callable[[], None] = lambda: None,
    ) -> None:
        """Args: `notify` is called after messages may have become visible; it must not raise."""
        self._database = database
        self._name = name
        self._clock = clock
        self._settings = settings
        self._notify = notify

    def send(self, messages: Sequence[TaskMessage]) -> None:
        """Put all messages in the queue in one transaction."""
        self._insert([(message.owner, message.encode(), 0) for message in messages])

    def send_bodies(self, bodies: Sequence[str], owner: str = "") -> None:
        """Put messages with these bodies in the queue, which need not be messages of tasks."""
        self._insert([(owner, body, 0) for body in bodies])

    def send_delayed(self, messages: Sequence[tuple[str, str, int]]) -> None:
        """Put messages in the queue, given by owner, body and delay in seconds."""
        self._insert(messages)

    def _insert(self, messages: Sequence[tuple[str, str, int]]) -> None:
        if not messages:
            return
        with self._database.transaction() as connection:
            self.insert(connection, messages)
        self.notify()

    def insert(
        self, connection: sqlite3.Connection, messages: Sequence[tuple[str, str, int]]
    ) -> None:
        """Put messages in the queue in a transaction, after which the caller must notify."""
        now = self._clock()
        rows = [
            (self._name, owner, body, now, now + delay if delay else None)
            for owner, body, delay in messages
        ]
        connection.executemany(_INSERT, rows)
        join(connection, self._name, (owner for owner, _, delay in messages if not delay))

    def notify(self) -> None:
        """Wake the receivers."""
        self._notify()

    def receive(self, maximum: int, without: Collection[str] = ()) -> list[ReceivedMessage]:
        """Take visible messages, in a fair order among the other owners, and hide them.

        Messages that were received too often move to the dead-letter queue first.
        """
        now = self._clock()
        due = self._earliest(without)
        if due is None or due > now:  # an idle receiver needs no write lock
            return []
        with self._database.transaction() as connection:
            self._show_due(connection, now)
            rows = take(connection, self._name, maximum, without)
            hidden_until = now + self._settings.visibility_timeout
            connection.executemany(_HIDE, [(hidden_until, row[2] + 1, row[0]) for row in rows])
        return [
            ReceivedMessage(
                str(number), _receipt(number, count + 1), body, count + 1, sent_at, owner
            )
            for number, body, count, sent_at, owner in rows
        ]

    def _show_due(self, connection: sqlite3.Connection, now: float) -> None:
        """Make the messages ready whose visibility timeout or delay has passed, or redrive them."""
        due = connection.execute(_DUE, (self._name, now)).fetchall()
        if not due:
            return
        most, target = self._settings.max_receives, self._settings.dead_letter_queue
        dead = [row for row in due if most is not None and row[2] >= most]
        ready = [row for row in due if most is None or row[2] < most]
        connection.executemany(_SHOW, [(number,) for number, _, _ in ready])
        join(connection, self._name, (owner for _, owner, _ in ready))
        if target is not None:
            connection.executemany(_REDRIVE, [(target, number) for number, _, _ in dead])
            join(connection, target, (owner for _, owner, _ in dead))

    def change_visibility(self, receipt_handle: str, seconds: int) -> None:
        """Change when the message becomes visible, unless the receipt handle is stale."""
        now = self._clock()
        for number, count in _read_receipts([receipt_handle]):
            values = (now + seconds, number, count, self._name, now)
            self._database.execute(_CHANGE_VISIBILITY, values)
        self._notify()

    def delete(self, receipt_handles: Iterable[str]) -> None:
        """Delete received messages. A stale receipt handle deletes nothing."""
        keys = [(number, count, self._name) for number, count in _read_receipts(receipt_handles)]
        with self._database.transaction() as connection:
            connection.executemany(_DELETE, keys)

    def length(self) -> tuple[int, int]:
        """Count. A scheduled retry counts as in flight."""
        now = self._clock()
        ready, due, in_flight = (
            self._database.query(statement, parameters)[0][0]
            for statement, parameters in (
                (_COUNT_READY, (self._name,)),
                (_COUNT_DUE, (self._name, now)),
                (_COUNT_IN_FLIGHT, (self._name, now)),
            )
        )
        return ready + due, in_flight

    def next_visible_at(self, without: Collection[str] = ()) -> float | None:
        """Return when a message can be received (now, if one is visible), or None if empty."""
        due = self._earliest(without)
        return self._clock() if due == 0 else due

    def _earliest(self, without: Collection[str]) -> float | None:
        """Return 0 if a message is ready, or when the next one becomes visible."""
        ready = others_ready(without) if without else _HAS_READY
        if self._database.query(ready, (self._name, *without)):
            return 0
        rows = self._database.query(_NEXT_HIDDEN, (self._name,))
        return rows[0][0] if rows else None

    def release_in_flight(self) -> None:
        """Make all messages in flight visible. Their receive counts stay."""
        now = self._clock()
        self._database.execute(_RELEASE, (now, self._name, now))
        self._notify()

    def delete_expired(self, now: float) -> int:
        """Delete the messages that are past their retention and return how many there were."""
        oldest = now - self._settings.retention
        expired = self._database.query(_FIND_EXPIRED, (self._name, oldest))
        for start in range(0, len(expired), _EXPIRED_CHUNK):
            keys = [(number, self._name) for (number,) in expired[start : start + _EXPIRED_CHUNK]]
            with self._database.transaction() as connection:
                connection.executemany(_DELETE_EXPIRED, keys)
        return len(expired)


def _receipt(number: int, receive_count: int) -> str:
    return f"{number}.{receive_count}"


def _read_receipts(handles: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Split receipt handles into id and receive count; SQLite compares them as numbers."""
    for handle in handles:
        number, _, count = handle.partition(".")
        yield number, count
