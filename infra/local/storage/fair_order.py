"""The fair order of a queue's ready messages: the owners take turns.

The table `turns` lists the owners of ready messages in the order in which they are served. An owner
who sends a first message joins at the end. An owner whose messages were taken moves to the end, or
leaves the list if no message is left. Every step uses an index, so its cost depends on the number
of messages that are taken, and hardly on the number that wait.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Collection, Iterable

_LAST_TURN: Final = "SELECT coalesce(max(turn), 0) FROM turns WHERE queue = ?"
_JOIN: Final = "INSERT OR IGNORE INTO turns (queue, owner, turn) VALUES (?, ?, ?)"
_LEAVE: Final = "DELETE FROM turns WHERE queue = ? AND owner = ?"
_MOVE: Final = "UPDATE turns SET turn = ? WHERE queue = ? AND owner = ?"
_OTHERS: Final = "SELECT owner FROM turns WHERE queue = ? AND owner NOT IN ({})"
_IS_READY: Final = """
    EXISTS (
        SELECT 1 FROM messages
        WHERE queue = turns.queue AND owner = turns.owner AND hidden_until IS NULL
    )
"""
_NEXT_MESSAGES: Final = """
    SELECT id, body, receive_count, sent_at, owner FROM messages
    WHERE queue = ? AND owner = ? AND hidden_until IS NULL AND id > ?
    ORDER BY id LIMIT ?
"""

Row = tuple[Any, ...]


def join(connection: sqlite3.Connection, queue: str, owners: Iterable[str]) -> None:
    """Put the owners at the end of the order; those who are in it keep their places."""
    last = connection.execute(_LAST_TURN, (queue,)).fetchone()[0]
    turns = enumerate(dict.fromkeys(owners), last + 1)
    connection.executemany(_JOIN, [(queue, owner, turn) for turn, owner in turns])


def take(
    connection: sqlite3.Connection, queue: str, maximum: int, without: Collection[str] = ()
) -> list[Row]:
    """Return the next messages as (id, body, receive_count, sent_at, owner), and update the order.

    The messages are shared equally between the next owners. The oldest messages of each are taken.
    The caller must hide the messages in the same transaction.
    """
    taken: list[Row] = []
    next_owners = f"{_others(without)} ORDER BY turn LIMIT ?"
    while len(taken) < maximum:
        values = (queue, *without, maximum - len(taken))
        owners = connection.execute(next_owners, values).fetchall()
        if not owners:
            break
        taken += _serve(connection, queue, [owner for (owner,) in owners], maximum - len(taken))
    return taken


def others_ready(without: Collection[str]) -> str:
    """Return the query, given a queue and owners, whether others have a ready message."""
    return f"{_others(without)} AND {_IS_READY} LIMIT 1"


def _others(without: Collection[str]) -> str:
    return _OTHERS.format(", ".join("?" * len(without)))


def _serve(
    connection: sqlite3.Connection, queue: str, owners: list[str], maximum: int
) -> list[Row]:
    """Take messages of these owners until there are enough or no owner has any left."""
    taken: list[Row] = []
    last_ids = dict.fromkeys(owners, 0)  # the owner who was served last is at the end
    while last_ids and len(taken) < maximum:
        missing = maximum - len(taken)
        share = max(1, missing // len(last_ids))
        for owner in list(last_ids)[:missing]:
            last_id = last_ids.pop(owner)
            rows = connection.execute(_NEXT_MESSAGES, (queue, owner, last_id, share)).fetchall()
            taken += rows
            if len(rows) == share:
                last_ids[owner] = rows[-1][0]
            else:
                connection.execute(_LEAVE, (queue, owner))
    _move_to_end(connection, queue, [owner for owner in last_ids if last_ids[owner]])
    return taken


def _move_to_end(connection: sqlite3.Connection, queue: str, owners: list[str]) -> None:
    last = connection.execute(_LAST_TURN, (queue,)).fetchone()[0]
    moves = [(turn, queue, owner) for turn, owner in enumerate(owners, last + 1)]
    connection.executemany(_MOVE, moves)
