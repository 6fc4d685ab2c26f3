"""The deliveries and secrets of webhooks in SQLite."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from tasks.webhooks.delivery import Attempt, DeliveryState, WebhookDelivery
from tasks.webhooks.secrets import OwnerSecrets, Secret

if TYPE_CHECKING:
    from collections.abc import Sequence

    from infra.local.storage.database import Database
    from infra.local.storage.task_queue import SqliteTaskQueue
    from tasks.webhooks.messages import DeliveryMessage

_COLUMNS: Final = (
    "delivery_id, owner, url, created_at, expires_at, started_at, state, attempts, number, first,"
    " version, batch_id, traceparent"
)
CREATE_DELIVERY: Final = f"""
    INSERT INTO deliveries ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    ON CONFLICT DO NOTHING
"""  # noqa: S608 - the columns are constants
_GET_DELIVERY: Final = f"SELECT {_COLUMNS} FROM deliveries WHERE delivery_id = ?"  # noqa: S608
_REPLACE_DELIVERY: Final = f"""
    UPDATE deliveries SET ({_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
    WHERE delivery_id = ? AND version = ?
"""  # noqa: S608
_DELETE_DELIVERIES: Final = """
    DELETE FROM deliveries
    WHERE rowid IN (SELECT rowid FROM deliveries WHERE expires_at <= ? LIMIT 1000)
"""
_GET_SECRETS: Final = "SELECT secrets, version FROM secrets WHERE owner = ?"
_CREATE_SECRETS: Final = """
    INSERT INTO secrets (secrets, version, owner) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
"""
_REPLACE_SECRETS: Final = """
    UPDATE secrets SET secrets = ?, version = ? WHERE owner = ? AND version = ?
"""


class SqliteWebhookStore:
    """The rows of deliveries and secrets in a SQLite file."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def create_delivery(self, delivery: WebhookDelivery) -> None:
        """Put the row, unless one exists."""
        self._database.execute(CREATE_DELIVERY, delivery_to_row(delivery))

    def get_delivery(self, delivery_id: str) -> WebhookDelivery | None:
        """Read the row."""
        rows = self._database.query(_GET_DELIVERY, (delivery_id,))
        return _to_delivery(rows[0]) if rows else None

    def replace_delivery(self, delivery: WebhookDelivery, read: WebhookDelivery) -> bool:
        """Update the row on condition that its version is the one that was read."""
        values = (*delivery_to_row(delivery), read.delivery_id, read.version)
        return self._database.execute(_REPLACE_DELIVERY, values) == 1

    def get_secrets(self, owner: str) -> OwnerSecrets | None:
        """Read the row."""
        rows = self._database.query(_GET_SECRETS, (owner,))
        if not rows:
            return None
        secrets, version = rows[0]
        return OwnerSecrets(owner, tuple(Secret(*pair) for pair in json.loads(secrets)), version)

    def put_secrets(self, secrets: OwnerSecrets) -> bool:
        """Insert the first version, or update the row on condition of the version before."""
        pairs = json.dumps([[secret.value, secret.expires_at] for secret in secrets.secrets])
        values = (pairs, secrets.version, secrets.owner)
        before = secrets.version - 1
        if not before:
            return self._database.execute(_CREATE_SECRETS, values) == 1
        return self._database.execute(_REPLACE_SECRETS, (*values, before)) == 1

    def delete_expired(self, now: float) -> int:
        """Delete the deliveries that have expired and return how many there were."""
        deleted = 0
        while count := self._database.execute(_DELETE_DELIVERIES, (now,)):
            deleted += count
        return deleted


class SqliteDeliveryQueue:
    """The queue of deliveries; the groups of its fair order are hosts."""

    def __init__(self, queue: SqliteTaskQueue) -> None:
        self._queue = queue

    def send(self, messages: Sequence[DeliveryMessage], now: float) -> None:
        """Put all messages in the queue in one transaction, each with its delay."""
        self._queue.send_delayed([message_to_row(message, now) for message in messages])


def message_to_row(message: DeliveryMessage, now: float) -> tuple[str, str, int]:
    """Return the group, the body and the delay of a message."""
    return message.host, message.encode(), message.delay(now)


def delivery_to_row(delivery: WebhookDelivery) -> tuple[Any, ...]:
    """Return the values of `CREATE_DELIVERY`."""
    return (
        delivery.delivery_id,
        delivery.owner,
        delivery.url,
        delivery.created_at,
        delivery.expires_at,
        delivery.started_at,
        delivery.state,
        json.dumps([attempt.to_json() for attempt in delivery.attempts]),
        delivery.number,
        delivery.first,
        delivery.version,
        delivery.batch_id,
        delivery.traceparent,
    )


def _to_delivery(row: Sequence[Any]) -> WebhookDelivery:
    return WebhookDelivery(
        delivery_id=row[0],
        owner=row[1],
        url=row[2],
        created_at=row[3],
        expires_at=row[4],
        started_at=row[5],
        state=DeliveryState(row[6]),
        attempts=tuple(Attempt.from_json(attempt) for attempt in json.loads(row[7])),
        number=row[8],
        first=row[9],
        version=row[10],
        batch_id=row[11],
        traceparent=row[12],
    )
